"""The tables of the app as they stood when the replaced migrations were squashed; made by makemigrations."""

import crm.models.record
import crm.squashing
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.db.models.manager
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from sales.setup import load_catalogues


def load(apps, schema_editor):
    load_catalogues(apps.get_model("sales", "Pipeline"), apps.get_model("sales", "Stage"))


class Migration(migrations.Migration):

    replaces = [('sales', '0001_initial'), ('sales', '0002_catalogues'), ('sales', '0003_tags'), ('sales', '0004_custom_values'), ('sales', '0005_files'), ('sales', '0006_custom_text')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('crm', '0001_squashed_0012_custom_text'),
        ('customers', '0001_squashed_0015_custom_text'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        crm.squashing.CreateSchema(
            operations=[
                migrations.CreateModel(
                    name='Opportunity',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('custom', models.JSONField(blank=True, default=dict, editable=False)),
                        ('custom_text', models.TextField(editable=False, null=True)),
                        ('slot_text_1', models.TextField(editable=False, null=True)),
                        ('slot_text_2', models.TextField(editable=False, null=True)),
                        ('slot_number_1', models.DecimalField(decimal_places=6, editable=False, max_digits=24, null=True)),
                        ('slot_number_2', models.DecimalField(decimal_places=6, editable=False, max_digits=24, null=True)),
                        ('slot_date_1', models.DateField(editable=False, null=True)),
                        ('slot_date_2', models.DateField(editable=False, null=True)),
                        ('slot_moment_1', models.DateTimeField(editable=False, null=True)),
                        ('slot_moment_2', models.DateTimeField(editable=False, null=True)),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('modified_at', models.DateTimeField(auto_now=True, verbose_name='modified')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('tags', crm.models.record.TagsField(base_field=models.BigIntegerField(), blank=True, default=list, size=None, verbose_name='tags')),
                        ('source_system', models.CharField(blank=True, editable=False, max_length=40, verbose_name='source system')),
                        ('external_ref', models.CharField(blank=True, editable=False, max_length=100, verbose_name='external reference')),
                        ('number', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Concat(models.Value('O-'), crm.models.record.PaddedNumber(models.F('id')), output_field=models.TextField()), output_field=models.CharField(max_length=24), verbose_name='number')),
                        ('search_text', models.GeneratedField(db_persist=True, expression=crm.models.record.DoubledHan(django.db.models.functions.text.Lower(django.db.models.functions.text.Concat(models.Value('O-'), crm.models.record.PaddedNumber(models.F('id')), models.Value(' '), django.db.models.functions.comparison.Coalesce(models.F('name'), models.Value(''), output_field=models.TextField()), output_field=models.TextField()))), output_field=models.TextField(), verbose_name='search text')),
                        ('name', models.CharField(max_length=200, verbose_name='opportunity name')),
                        ('stage_entered_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='in this stage since')),
                        ('amount', models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='amount')),
                        ('amount_order', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(models.F('amount'), django.db.models.functions.comparison.Cast(models.Value('-1'), models.DecimalField(decimal_places=2, max_digits=18))), output_field=models.DecimalField(decimal_places=2, max_digits=18), verbose_name='amount, empty last')),
                        ('currency', models.CharField(editable=False, max_length=3, verbose_name='currency')),
                        ('base_amount', models.DecimalField(blank=True, decimal_places=2, editable=False, max_digits=18, null=True, verbose_name="amount in the company's currency")),
                        ('probability', models.PositiveSmallIntegerField(blank=True, help_text='Empty: that of the stage.', null=True, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='win probability in %')),
                        ('expected_close_on', models.DateField(blank=True, null=True, verbose_name='expected to close')),
                        ('expected_close_order', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(models.F('expected_close_on'), django.db.models.functions.comparison.Cast(models.Value('9999-12-31'), models.DateField())), output_field=models.DateField(), verbose_name='expected to close, empty last')),
                        ('engaged_on', models.DateField(blank=True, help_text='When the customer first took part.', null=True, verbose_name='engaged')),
                        ('closed_on', models.DateField(blank=True, help_text='The day it was won or lost.', null=True, verbose_name='closed on')),
                        ('type', models.CharField(choices=[('new', 'New business'), ('upsell', 'Upsell'), ('cross_sell', 'Cross-sell'), ('renewal', 'Renewal')], default='new', max_length=12, verbose_name='type')),
                        ('source', models.CharField(blank=True, choices=[('website', 'Website'), ('referral', 'Referral'), ('cold_call', 'Cold call'), ('exhibition', 'Exhibition'), ('advertisement', 'Advertisement'), ('search', 'Search'), ('social', 'Social'), ('email', 'E-mail'), ('campaign', 'Campaign'), ('partner', 'Partner'), ('existing', 'Existing customer'), ('import', 'Import'), ('other', 'Other')], max_length=20, verbose_name='source')),
                        ('lost_reason', models.CharField(blank=True, choices=[('price', 'Price'), ('competitor', 'Competitor'), ('no_budget', 'No budget'), ('no_need', 'No need'), ('timing', 'Timing'), ('product_fit', 'Product fit'), ('no_response', 'No response'), ('other', 'Other reason')], max_length=12, verbose_name='reason for the loss')),
                        ('lost_note', models.TextField(blank=True, verbose_name='note on the loss')),
                        ('next_step', models.CharField(blank=True, max_length=200, verbose_name='next step')),
                        ('next_step_on', models.DateField(blank=True, null=True, verbose_name='next step on')),
                        ('description', models.TextField(blank=True, verbose_name='description')),
                        ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='opportunities', to='customers.contact', verbose_name='primary contact')),
                        ('created_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                        ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='customers.customer', verbose_name='customer')),
                        ('deletion', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.deletion', verbose_name='deletion')),
                        ('modified_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='modified by')),
                        ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('team', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='crm.team', verbose_name='team')),
                    ],
                    options={
                        'verbose_name': 'opportunity',
                        'verbose_name_plural': 'opportunities',
                        'abstract': False,
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                        'base_manager_name': 'everything',
                        'default_manager_name': 'objects',
                    },
                    managers=[
                        ('objects', django.db.models.manager.Manager()),
                        ('everything', django.db.models.manager.Manager()),
                    ],
                ),
                migrations.CreateModel(
                    name='OpportunityFile',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('modified_at', models.DateTimeField(auto_now=True, verbose_name='modified')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('name', models.CharField(max_length=200, verbose_name='file name')),
                        ('edition', models.PositiveSmallIntegerField(default=1, editable=False, verbose_name='version of the file')),
                        ('content_type', models.CharField(editable=False, max_length=100, verbose_name='type')),
                        ('size', models.PositiveBigIntegerField(editable=False, verbose_name='size in bytes')),
                        ('created_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                        ('deletion', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.deletion', verbose_name='deletion')),
                        ('file', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='crm.storedfile', verbose_name='file')),
                        ('modified_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='modified by')),
                        ('preview', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.storedfile', verbose_name='preview')),
                        ('record', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='sales.opportunity', verbose_name='opportunity')),
                    ],
                    options={
                        'verbose_name': 'file of an opportunity',
                        'verbose_name_plural': 'files of opportunities',
                        'abstract': False,
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                        'base_manager_name': 'everything',
                        'default_manager_name': 'objects',
                    },
                    managers=[
                        ('objects', django.db.models.manager.Manager()),
                        ('everything', django.db.models.manager.Manager()),
                    ],
                ),
                migrations.CreateModel(
                    name='OpportunityFileEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('name', models.CharField(max_length=200, verbose_name='file name')),
                        ('edition', models.PositiveSmallIntegerField(default=1, editable=False, verbose_name='version of the file')),
                        ('content_type', models.CharField(editable=False, max_length=100, verbose_name='type')),
                        ('size', models.PositiveBigIntegerField(editable=False, verbose_name='size in bytes')),
                        ('created_by', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                        ('deletion', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.deletion', verbose_name='deletion')),
                        ('file', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.storedfile', verbose_name='file')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='sales.opportunityfile')),
                        ('preview', models.ForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.storedfile', verbose_name='preview')),
                        ('record', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='sales.opportunity', verbose_name='opportunity')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='OpportunityTeamShare',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                        ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='group_shares', to='sales.opportunity')),
                        ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='given by')),
                        ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.group')),
                        ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='OpportunityUserShare',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                        ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='user_shares', to='sales.opportunity')),
                        ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='given by')),
                        ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Pipeline',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('modified_at', models.DateTimeField(auto_now=True, verbose_name='modified')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('code', models.SlugField(max_length=40, verbose_name='code')),
                        ('name_zh', models.CharField(max_length=80, verbose_name='Chinese name')),
                        ('name_en', models.CharField(max_length=80, verbose_name='English name')),
                        ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                        ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                        ('is_default', models.BooleanField(default=False, verbose_name='default pipeline')),
                        ('created_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                        ('deletion', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.deletion', verbose_name='deletion')),
                        ('modified_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='modified by')),
                    ],
                    options={
                        'verbose_name': 'pipeline',
                        'verbose_name_plural': 'pipelines',
                        'ordering': ('order', 'pk'),
                        'abstract': False,
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                        'base_manager_name': 'everything',
                        'default_manager_name': 'objects',
                    },
                    managers=[
                        ('objects', django.db.models.manager.Manager()),
                        ('everything', django.db.models.manager.Manager()),
                    ],
                ),
                migrations.AddField(
                    model_name='opportunity',
                    name='pipeline',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sales.pipeline', verbose_name='pipeline'),
                ),
                migrations.CreateModel(
                    name='PipelineEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('code', models.SlugField(db_index=False, max_length=40, verbose_name='code')),
                        ('name_zh', models.CharField(max_length=80, verbose_name='Chinese name')),
                        ('name_en', models.CharField(max_length=80, verbose_name='English name')),
                        ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                        ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                        ('is_default', models.BooleanField(default=False, verbose_name='default pipeline')),
                        ('created_by', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                        ('deletion', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.deletion', verbose_name='deletion')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='sales.pipeline')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Product',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('modified_at', models.DateTimeField(auto_now=True, verbose_name='modified')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('code', models.SlugField(max_length=40, verbose_name='code')),
                        ('name_zh', models.CharField(max_length=80, verbose_name='Chinese name')),
                        ('name_en', models.CharField(max_length=80, verbose_name='English name')),
                        ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                        ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                        ('series', models.CharField(blank=True, max_length=80, verbose_name='series')),
                        ('list_price', models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='list price')),
                        ('currency', models.CharField(blank=True, editable=False, max_length=3, verbose_name='currency')),
                        ('created_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                        ('deletion', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.deletion', verbose_name='deletion')),
                        ('modified_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='modified by')),
                    ],
                    options={
                        'verbose_name': 'product',
                        'verbose_name_plural': 'products',
                        'ordering': ('order', 'pk'),
                        'abstract': False,
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                        'base_manager_name': 'everything',
                        'default_manager_name': 'objects',
                    },
                    managers=[
                        ('objects', django.db.models.manager.Manager()),
                        ('everything', django.db.models.manager.Manager()),
                    ],
                ),
                migrations.AddField(
                    model_name='opportunity',
                    name='product',
                    field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sales.product', verbose_name='product'),
                ),
                migrations.CreateModel(
                    name='ProductEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('code', models.SlugField(db_index=False, max_length=40, verbose_name='code')),
                        ('name_zh', models.CharField(max_length=80, verbose_name='Chinese name')),
                        ('name_en', models.CharField(max_length=80, verbose_name='English name')),
                        ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                        ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                        ('series', models.CharField(blank=True, max_length=80, verbose_name='series')),
                        ('list_price', models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='list price')),
                        ('currency', models.CharField(blank=True, editable=False, max_length=3, verbose_name='currency')),
                        ('created_by', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                        ('deletion', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.deletion', verbose_name='deletion')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='sales.product')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Stage',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('modified_at', models.DateTimeField(auto_now=True, verbose_name='modified')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('code', models.SlugField(max_length=40, verbose_name='code')),
                        ('name_zh', models.CharField(max_length=80, verbose_name='Chinese name')),
                        ('name_en', models.CharField(max_length=80, verbose_name='English name')),
                        ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                        ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                        ('type', models.CharField(choices=[('open', 'Open'), ('won', 'Won'), ('lost', 'Lost'), ('void', 'Void')], default='open', max_length=8, verbose_name='type')),
                        ('probability', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='win probability in %')),
                        ('expected_days', models.PositiveSmallIntegerField(blank=True, help_text='Opportunities that stay longer are marked.', null=True, verbose_name='expected days')),
                        ('created_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                        ('deletion', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.deletion', verbose_name='deletion')),
                        ('modified_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='modified by')),
                        ('pipeline', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stages', to='sales.pipeline', verbose_name='pipeline')),
                    ],
                    options={
                        'verbose_name': 'stage',
                        'verbose_name_plural': 'stages',
                        'ordering': ('pipeline', 'order', 'pk'),
                        'abstract': False,
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                        'base_manager_name': 'everything',
                        'default_manager_name': 'objects',
                    },
                    managers=[
                        ('objects', django.db.models.manager.Manager()),
                        ('everything', django.db.models.manager.Manager()),
                    ],
                ),
                migrations.CreateModel(
                    name='OpportunityEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('custom', models.JSONField(blank=True, default=dict, editable=False)),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('tags', crm.models.record.TagsField(base_field=models.BigIntegerField(), blank=True, default=list, size=None, verbose_name='tags')),
                        ('source_system', models.CharField(blank=True, editable=False, max_length=40, verbose_name='source system')),
                        ('external_ref', models.CharField(blank=True, editable=False, max_length=100, verbose_name='external reference')),
                        ('name', models.CharField(max_length=200, verbose_name='opportunity name')),
                        ('stage_entered_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='in this stage since')),
                        ('amount', models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='amount')),
                        ('currency', models.CharField(editable=False, max_length=3, verbose_name='currency')),
                        ('probability', models.PositiveSmallIntegerField(blank=True, help_text='Empty: that of the stage.', null=True, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='win probability in %')),
                        ('expected_close_on', models.DateField(blank=True, null=True, verbose_name='expected to close')),
                        ('engaged_on', models.DateField(blank=True, help_text='When the customer first took part.', null=True, verbose_name='engaged')),
                        ('closed_on', models.DateField(blank=True, help_text='The day it was won or lost.', null=True, verbose_name='closed on')),
                        ('type', models.CharField(choices=[('new', 'New business'), ('upsell', 'Upsell'), ('cross_sell', 'Cross-sell'), ('renewal', 'Renewal')], default='new', max_length=12, verbose_name='type')),
                        ('source', models.CharField(blank=True, choices=[('website', 'Website'), ('referral', 'Referral'), ('cold_call', 'Cold call'), ('exhibition', 'Exhibition'), ('advertisement', 'Advertisement'), ('search', 'Search'), ('social', 'Social'), ('email', 'E-mail'), ('campaign', 'Campaign'), ('partner', 'Partner'), ('existing', 'Existing customer'), ('import', 'Import'), ('other', 'Other')], max_length=20, verbose_name='source')),
                        ('lost_reason', models.CharField(blank=True, choices=[('price', 'Price'), ('competitor', 'Competitor'), ('no_budget', 'No budget'), ('no_need', 'No need'), ('timing', 'Timing'), ('product_fit', 'Product fit'), ('no_response', 'No response'), ('other', 'Other reason')], max_length=12, verbose_name='reason for the loss')),
                        ('lost_note', models.TextField(blank=True, verbose_name='note on the loss')),
                        ('next_step', models.CharField(blank=True, max_length=200, verbose_name='next step')),
                        ('next_step_on', models.DateField(blank=True, null=True, verbose_name='next step on')),
                        ('description', models.TextField(blank=True, verbose_name='description')),
                        ('contact', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.contact', verbose_name='primary contact')),
                        ('created_by', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                        ('customer', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.customer', verbose_name='customer')),
                        ('deletion', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.deletion', verbose_name='deletion')),
                        ('owner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='sales.opportunity')),
                        ('team', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.team', verbose_name='team')),
                        ('pipeline', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='sales.pipeline', verbose_name='pipeline')),
                        ('product', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='sales.product', verbose_name='product')),
                        ('stage', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='sales.stage', verbose_name='stage')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.AddField(
                    model_name='opportunity',
                    name='stage',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sales.stage', verbose_name='stage'),
                ),
                migrations.CreateModel(
                    name='StageChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='time')),
                        ('amount', models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True, verbose_name='amount')),
                        ('before', models.JSONField(editable=False, null=True, verbose_name='values before')),
                        ('version', models.PositiveIntegerField(editable=False, null=True, verbose_name='version')),
                        ('actor', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='actor')),
                        ('from_stage', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sales.stage', verbose_name='from stage')),
                        ('opportunity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='stage_changes', to='sales.opportunity', verbose_name='opportunity')),
                        ('to_stage', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sales.stage', verbose_name='to stage')),
                        ('undoes', models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='undone_by', to='sales.stagechange', verbose_name='undoes')),
                    ],
                    options={
                        'verbose_name': 'stage change',
                        'verbose_name_plural': 'stage changes',
                        'ordering': ('-at', '-pk'),
                        'abstract': False,
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='StageEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('code', models.SlugField(db_index=False, max_length=40, verbose_name='code')),
                        ('name_zh', models.CharField(max_length=80, verbose_name='Chinese name')),
                        ('name_en', models.CharField(max_length=80, verbose_name='English name')),
                        ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                        ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                        ('type', models.CharField(choices=[('open', 'Open'), ('won', 'Won'), ('lost', 'Lost'), ('void', 'Void')], default='open', max_length=8, verbose_name='type')),
                        ('probability', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='win probability in %')),
                        ('expected_days', models.PositiveSmallIntegerField(blank=True, help_text='Opportunities that stay longer are marked.', null=True, verbose_name='expected days')),
                        ('created_by', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                        ('deletion', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.deletion', verbose_name='deletion')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='sales.stage')),
                        ('pipeline', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='sales.pipeline', verbose_name='pipeline')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.AddIndex(
                    model_name='opportunityfile',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['-created_at', '-id'], name='opportunityfile_created_at'),
                ),
                migrations.AddConstraint(
                    model_name='opportunityfile',
                    constraint=models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True)), fields=('record', 'name', 'edition'), name='opportunityfile_edition_unique'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunityfile',
                    trigger=pgtrigger.compiler.Trigger(name='raise_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."content_type" IS DISTINCT FROM (NEW."content_type") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."deletion_id" IS DISTINCT FROM (NEW."deletion_id") OR OLD."edition" IS DISTINCT FROM (NEW."edition") OR OLD."file_id" IS DISTINCT FROM (NEW."file_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."preview_id" IS DISTINCT FROM (NEW."preview_id") OR OLD."record_id" IS DISTINCT FROM (NEW."record_id") OR OLD."size" IS DISTINCT FROM (NEW."size"))', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='436cc7862a57498bb2ac7b1d458f581b505d18e5', operation='UPDATE', pgid='pgtrigger_raise_version_6084c', table='sales_opportunityfile', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunityfile',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "sales_opportunityfileevent" ("content_type", "created_at", "created_by_id", "deleted_at", "deletion_id", "edition", "file_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "preview_id", "record_id", "size", "version") SELECT new_values."content_type", new_values."created_at", new_values."created_by_id", new_values."deleted_at", new_values."deletion_id", new_values."edition", new_values."file_id", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."preview_id", new_values."record_id", new_values."size", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='3b0f00d9debe7e4b4111351287c3782c7a7b0dbf', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_b99a2', referencing='REFERENCING NEW TABLE AS new_values ', table='sales_opportunityfile', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunityfile',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "sales_opportunityfileevent" ("content_type", "created_at", "created_by_id", "deleted_at", "deletion_id", "edition", "file_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "preview_id", "record_id", "size", "version") SELECT new_values."content_type", new_values."created_at", new_values."created_by_id", new_values."deleted_at", new_values."deletion_id", new_values."edition", new_values."file_id", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."preview_id", new_values."record_id", new_values."size", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."content_type" IS DISTINCT FROM (new_values."content_type") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."created_by_id" IS DISTINCT FROM (new_values."created_by_id") OR old_values."deleted_at" IS DISTINCT FROM (new_values."deleted_at") OR old_values."deletion_id" IS DISTINCT FROM (new_values."deletion_id") OR old_values."edition" IS DISTINCT FROM (new_values."edition") OR old_values."file_id" IS DISTINCT FROM (new_values."file_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."preview_id" IS DISTINCT FROM (new_values."preview_id") OR old_values."record_id" IS DISTINCT FROM (new_values."record_id") OR old_values."size" IS DISTINCT FROM (new_values."size") OR old_values."version" IS DISTINCT FROM (new_values."version")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='c409f3c132824482a8883d4b136433de06242e85', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_f9157', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='sales_opportunityfile', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunityfile',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "sales_opportunityfileevent" ("content_type", "created_at", "created_by_id", "deleted_at", "deletion_id", "edition", "file_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "preview_id", "record_id", "size", "version") SELECT old_values."content_type", old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deletion_id", old_values."edition", old_values."file_id", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."preview_id", old_values."record_id", old_values."size", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='37abab48b05b3f4c454082e627ac6699949b5fe4', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_98edc', referencing='REFERENCING OLD TABLE AS old_values ', table='sales_opportunityfile', when='AFTER')),
                ),
                migrations.AlterUniqueTogether(
                    name='opportunityteamshare',
                    unique_together={('group', 'permission', 'content_object')},
                ),
                migrations.AlterUniqueTogether(
                    name='opportunityusershare',
                    unique_together={('user', 'permission', 'content_object')},
                ),
                migrations.AddConstraint(
                    model_name='pipeline',
                    constraint=models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True)), fields=('code',), name='pipeline_code_unique'),
                ),
                migrations.AddConstraint(
                    model_name='pipeline',
                    constraint=models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True), ('is_default', True)), fields=('is_default',), name='pipeline_one_default', violation_error_message='Another pipeline is the default already.'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='pipeline',
                    trigger=pgtrigger.compiler.Trigger(name='raise_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."deletion_id" IS DISTINCT FROM (NEW."deletion_id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."is_default" IS DISTINCT FROM (NEW."is_default") OR OLD."name_en" IS DISTINCT FROM (NEW."name_en") OR OLD."name_zh" IS DISTINCT FROM (NEW."name_zh") OR OLD."order" IS DISTINCT FROM (NEW."order"))', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='46d61cc466095d9437f56c45b262bc9a9a54f132', operation='UPDATE', pgid='pgtrigger_raise_version_1bd87', table='sales_pipeline', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='pipeline',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "sales_pipelineevent" ("code", "created_at", "created_by_id", "deleted_at", "deletion_id", "id", "is_active", "is_default", "name_en", "name_zh", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") SELECT new_values."code", new_values."created_at", new_values."created_by_id", new_values."deleted_at", new_values."deletion_id", new_values."id", new_values."is_active", new_values."is_default", new_values."name_en", new_values."name_zh", new_values."order", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f3d9dd0382ab26ac3d39b4210aad06b313810405', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_55de8', referencing='REFERENCING NEW TABLE AS new_values ', table='sales_pipeline', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='pipeline',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "sales_pipelineevent" ("code", "created_at", "created_by_id", "deleted_at", "deletion_id", "id", "is_active", "is_default", "name_en", "name_zh", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") SELECT new_values."code", new_values."created_at", new_values."created_by_id", new_values."deleted_at", new_values."deletion_id", new_values."id", new_values."is_active", new_values."is_default", new_values."name_en", new_values."name_zh", new_values."order", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."code" IS DISTINCT FROM (new_values."code") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."created_by_id" IS DISTINCT FROM (new_values."created_by_id") OR old_values."deleted_at" IS DISTINCT FROM (new_values."deleted_at") OR old_values."deletion_id" IS DISTINCT FROM (new_values."deletion_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."is_active" IS DISTINCT FROM (new_values."is_active") OR old_values."is_default" IS DISTINCT FROM (new_values."is_default") OR old_values."name_en" IS DISTINCT FROM (new_values."name_en") OR old_values."name_zh" IS DISTINCT FROM (new_values."name_zh") OR old_values."order" IS DISTINCT FROM (new_values."order") OR old_values."version" IS DISTINCT FROM (new_values."version")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f78dfdfa6f33c47c41baef47bfbed88524345c9b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_c1c49', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='sales_pipeline', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='pipeline',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "sales_pipelineevent" ("code", "created_at", "created_by_id", "deleted_at", "deletion_id", "id", "is_active", "is_default", "name_en", "name_zh", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") SELECT old_values."code", old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deletion_id", old_values."id", old_values."is_active", old_values."is_default", old_values."name_en", old_values."name_zh", old_values."order", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='d6cb496eb061ea04f1ae3134ea2541aaec3b4b80', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_8c14b', referencing='REFERENCING OLD TABLE AS old_values ', table='sales_pipeline', when='AFTER')),
                ),
                migrations.AddConstraint(
                    model_name='product',
                    constraint=models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True)), fields=('code',), name='product_code_unique', violation_error_message='Another product has this code already.'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='product',
                    trigger=pgtrigger.compiler.Trigger(name='raise_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."deletion_id" IS DISTINCT FROM (NEW."deletion_id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."list_price" IS DISTINCT FROM (NEW."list_price") OR OLD."name_en" IS DISTINCT FROM (NEW."name_en") OR OLD."name_zh" IS DISTINCT FROM (NEW."name_zh") OR OLD."order" IS DISTINCT FROM (NEW."order") OR OLD."series" IS DISTINCT FROM (NEW."series"))', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='ad60d2aa00178214a26895bfe69ae2f5732bcb9e', operation='UPDATE', pgid='pgtrigger_raise_version_6389d', table='sales_product', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='product',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "sales_productevent" ("code", "created_at", "created_by_id", "currency", "deleted_at", "deletion_id", "id", "is_active", "list_price", "name_en", "name_zh", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "series", "version") SELECT new_values."code", new_values."created_at", new_values."created_by_id", new_values."currency", new_values."deleted_at", new_values."deletion_id", new_values."id", new_values."is_active", new_values."list_price", new_values."name_en", new_values."name_zh", new_values."order", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."series", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='58f152d45e91623cde78be72df72a0ac50b86b33', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_2b90e', referencing='REFERENCING NEW TABLE AS new_values ', table='sales_product', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='product',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "sales_productevent" ("code", "created_at", "created_by_id", "currency", "deleted_at", "deletion_id", "id", "is_active", "list_price", "name_en", "name_zh", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "series", "version") SELECT new_values."code", new_values."created_at", new_values."created_by_id", new_values."currency", new_values."deleted_at", new_values."deletion_id", new_values."id", new_values."is_active", new_values."list_price", new_values."name_en", new_values."name_zh", new_values."order", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."series", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."code" IS DISTINCT FROM (new_values."code") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."created_by_id" IS DISTINCT FROM (new_values."created_by_id") OR old_values."currency" IS DISTINCT FROM (new_values."currency") OR old_values."deleted_at" IS DISTINCT FROM (new_values."deleted_at") OR old_values."deletion_id" IS DISTINCT FROM (new_values."deletion_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."is_active" IS DISTINCT FROM (new_values."is_active") OR old_values."list_price" IS DISTINCT FROM (new_values."list_price") OR old_values."name_en" IS DISTINCT FROM (new_values."name_en") OR old_values."name_zh" IS DISTINCT FROM (new_values."name_zh") OR old_values."order" IS DISTINCT FROM (new_values."order") OR old_values."series" IS DISTINCT FROM (new_values."series") OR old_values."version" IS DISTINCT FROM (new_values."version")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='8480eac06bff78b025b8f6f04634c4c9215a309d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_32fba', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='sales_product', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='product',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "sales_productevent" ("code", "created_at", "created_by_id", "currency", "deleted_at", "deletion_id", "id", "is_active", "list_price", "name_en", "name_zh", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "series", "version") SELECT old_values."code", old_values."created_at", old_values."created_by_id", old_values."currency", old_values."deleted_at", old_values."deletion_id", old_values."id", old_values."is_active", old_values."list_price", old_values."name_en", old_values."name_zh", old_values."order", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."series", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='adb8133375433894aa36f592e7a36d050bbb8790', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_c6f3a', referencing='REFERENCING OLD TABLE AS old_values ', table='sales_product', when='AFTER')),
                ),
                migrations.AddConstraint(
                    model_name='stage',
                    constraint=models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True)), fields=('pipeline', 'code'), name='stage_code_unique'),
                ),
                migrations.AddConstraint(
                    model_name='stage',
                    constraint=models.CheckConstraint(condition=models.Q(('probability__lte', 100)), name='stage_probability', violation_error_message='Type a win probability from 0 to 100.'),
                ),
                migrations.AddConstraint(
                    model_name='stage',
                    constraint=models.CheckConstraint(condition=models.Q(models.Q(('type', 'won'), _negated=True), ('probability', 100), _connector='OR'), name='stage_won_probability', violation_error_message='The win probability of a won stage is 100.'),
                ),
                migrations.AddConstraint(
                    model_name='stage',
                    constraint=models.CheckConstraint(condition=models.Q(models.Q(('type__in', ('lost', 'void')), _negated=True), ('probability', 0), _connector='OR'), name='stage_lost_probability', violation_error_message='The win probability of a lost or void stage is 0.'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='stage',
                    trigger=pgtrigger.compiler.Trigger(name='raise_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."deletion_id" IS DISTINCT FROM (NEW."deletion_id") OR OLD."expected_days" IS DISTINCT FROM (NEW."expected_days") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."name_en" IS DISTINCT FROM (NEW."name_en") OR OLD."name_zh" IS DISTINCT FROM (NEW."name_zh") OR OLD."order" IS DISTINCT FROM (NEW."order") OR OLD."pipeline_id" IS DISTINCT FROM (NEW."pipeline_id") OR OLD."probability" IS DISTINCT FROM (NEW."probability") OR OLD."type" IS DISTINCT FROM (NEW."type"))', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='98a64ac8020ea9288c95e804056198a3067a26bf', operation='UPDATE', pgid='pgtrigger_raise_version_b6495', table='sales_stage', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='stage',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "sales_stageevent" ("code", "created_at", "created_by_id", "deleted_at", "deletion_id", "expected_days", "id", "is_active", "name_en", "name_zh", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pipeline_id", "probability", "type", "version") SELECT new_values."code", new_values."created_at", new_values."created_by_id", new_values."deleted_at", new_values."deletion_id", new_values."expected_days", new_values."id", new_values."is_active", new_values."name_en", new_values."name_zh", new_values."order", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."pipeline_id", new_values."probability", new_values."type", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='bf156dcf2b2e8d8982ed420560cfac4ea7d91365', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_5fa08', referencing='REFERENCING NEW TABLE AS new_values ', table='sales_stage', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='stage',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "sales_stageevent" ("code", "created_at", "created_by_id", "deleted_at", "deletion_id", "expected_days", "id", "is_active", "name_en", "name_zh", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pipeline_id", "probability", "type", "version") SELECT new_values."code", new_values."created_at", new_values."created_by_id", new_values."deleted_at", new_values."deletion_id", new_values."expected_days", new_values."id", new_values."is_active", new_values."name_en", new_values."name_zh", new_values."order", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."pipeline_id", new_values."probability", new_values."type", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."code" IS DISTINCT FROM (new_values."code") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."created_by_id" IS DISTINCT FROM (new_values."created_by_id") OR old_values."deleted_at" IS DISTINCT FROM (new_values."deleted_at") OR old_values."deletion_id" IS DISTINCT FROM (new_values."deletion_id") OR old_values."expected_days" IS DISTINCT FROM (new_values."expected_days") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."is_active" IS DISTINCT FROM (new_values."is_active") OR old_values."name_en" IS DISTINCT FROM (new_values."name_en") OR old_values."name_zh" IS DISTINCT FROM (new_values."name_zh") OR old_values."order" IS DISTINCT FROM (new_values."order") OR old_values."pipeline_id" IS DISTINCT FROM (new_values."pipeline_id") OR old_values."probability" IS DISTINCT FROM (new_values."probability") OR old_values."type" IS DISTINCT FROM (new_values."type") OR old_values."version" IS DISTINCT FROM (new_values."version")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='ff1e8500defee8e9b61236de51d2e5a2784f4cfc', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_9b21b', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='sales_stage', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='stage',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "sales_stageevent" ("code", "created_at", "created_by_id", "deleted_at", "deletion_id", "expected_days", "id", "is_active", "name_en", "name_zh", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pipeline_id", "probability", "type", "version") SELECT old_values."code", old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deletion_id", old_values."expected_days", old_values."id", old_values."is_active", old_values."name_en", old_values."name_zh", old_values."order", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."pipeline_id", old_values."probability", old_values."type", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='b2a8efe5b5a745b0659ccc2440dbc1877c0377eb', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_d8955', referencing='REFERENCING OLD TABLE AS old_values ', table='sales_stage', when='AFTER')),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['name', 'id'], name='opportunity_name'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['owner', 'name', 'id'], name='opportunity_owner_name'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['team', 'name', 'id'], name='opportunity_team_name'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['-amount_order', '-id'], name='opportunity_amount_order'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['owner', '-amount_order', '-id'], name='opportunity_owner_amount_order'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['team', '-amount_order', '-id'], name='opportunity_team_amount_order'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['expected_close_order', 'id'], name='opportunity_expected_close_ord'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['owner', 'expected_close_order', 'id'], name='opportunity_owner_expected_clo'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['team', 'expected_close_order', 'id'], name='opportunity_team_expected_clos'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['-created_at', '-id'], name='opportunity_created_at'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['owner', '-created_at', '-id'], name='opportunity_owner_created_at'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['team', '-created_at', '-id'], name='opportunity_team_created_at'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('search_text'), name='gin_trgm_ops'), name='opportunity_search'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=django.contrib.postgres.indexes.GinIndex(fields=['tags'], name='opportunity_tags'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=django.contrib.postgres.indexes.GinIndex(fields=['custom'], name='opportunity_custom', opclasses=['jsonb_path_ops']),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('custom_text'), name='gin_trgm_ops'), condition=models.Q(('custom_text__isnull', False)), name='opportunity_custom_text'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_text_1__isnull', False)), fields=['slot_text_1', 'id'], name='opportunity_slot_text_1'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_text_2__isnull', False)), fields=['slot_text_2', 'id'], name='opportunity_slot_text_2'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_number_1__isnull', False)), fields=['slot_number_1', 'id'], name='opportunity_slot_number_1'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_number_2__isnull', False)), fields=['slot_number_2', 'id'], name='opportunity_slot_number_2'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_date_1__isnull', False)), fields=['slot_date_1', 'id'], name='opportunity_slot_date_1'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_date_2__isnull', False)), fields=['slot_date_2', 'id'], name='opportunity_slot_date_2'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_moment_1__isnull', False)), fields=['slot_moment_1', 'id'], name='opportunity_slot_moment_1'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_moment_2__isnull', False)), fields=['slot_moment_2', 'id'], name='opportunity_slot_moment_2'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['stage', '-stage_entered_at', '-id'], name='opportunity_board'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['owner', 'stage', '-stage_entered_at', '-id'], name='opportunity_owner_board'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['team', 'stage', '-stage_entered_at', '-id'], name='opportunity_team_board'),
                ),
                migrations.AddIndex(
                    model_name='opportunity',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('closed_on__isnull', False)), fields=['closed_on'], name='opportunity_closed_on'),
                ),
                migrations.AddConstraint(
                    model_name='opportunity',
                    constraint=models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True), models.Q(('external_ref', ''), _negated=True)), fields=('source_system', 'external_ref'), name='opportunity_external_ref_unique'),
                ),
                migrations.AddConstraint(
                    model_name='opportunity',
                    constraint=models.CheckConstraint(condition=models.Q(('amount__isnull', True), ('amount__gte', 0), _connector='OR'), name='opportunity_amount', violation_error_message='An amount cannot be less than 0.'),
                ),
                migrations.AddConstraint(
                    model_name='opportunity',
                    constraint=models.CheckConstraint(condition=models.Q(('probability__isnull', True), ('probability__lte', 100), _connector='OR'), name='opportunity_probability', violation_error_message='Type a win probability from 0 to 100.'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunity',
                    trigger=pgtrigger.compiler.Trigger(name='raise_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."closed_on" IS DISTINCT FROM (NEW."closed_on") OR OLD."contact_id" IS DISTINCT FROM (NEW."contact_id") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."custom" IS DISTINCT FROM (NEW."custom") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."deletion_id" IS DISTINCT FROM (NEW."deletion_id") OR OLD."description" IS DISTINCT FROM (NEW."description") OR OLD."engaged_on" IS DISTINCT FROM (NEW."engaged_on") OR OLD."expected_close_on" IS DISTINCT FROM (NEW."expected_close_on") OR OLD."external_ref" IS DISTINCT FROM (NEW."external_ref") OR OLD."lost_note" IS DISTINCT FROM (NEW."lost_note") OR OLD."lost_reason" IS DISTINCT FROM (NEW."lost_reason") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."next_step" IS DISTINCT FROM (NEW."next_step") OR OLD."next_step_on" IS DISTINCT FROM (NEW."next_step_on") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."pipeline_id" IS DISTINCT FROM (NEW."pipeline_id") OR OLD."probability" IS DISTINCT FROM (NEW."probability") OR OLD."product_id" IS DISTINCT FROM (NEW."product_id") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."source_system" IS DISTINCT FROM (NEW."source_system") OR OLD."stage_id" IS DISTINCT FROM (NEW."stage_id") OR OLD."stage_entered_at" IS DISTINCT FROM (NEW."stage_entered_at") OR OLD."tags" IS DISTINCT FROM (NEW."tags") OR OLD."team_id" IS DISTINCT FROM (NEW."team_id") OR OLD."type" IS DISTINCT FROM (NEW."type"))', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='38e695840a303286470e77afeaae6e6cf8ff7abb', operation='UPDATE', pgid='pgtrigger_raise_version_a60cd', table='sales_opportunity', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunity',
                    trigger=pgtrigger.compiler.Trigger(name='fill_slots', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE places jsonb;', func="IF TG_OP = 'UPDATE' AND NEW.custom = OLD.custom THEN RETURN NEW; END IF; SELECT jsonb_object_agg(slot, code) INTO places FROM crm_fielddefinition WHERE entity = 'sales.opportunity' AND slot <> '' AND removed_at IS NULL; IF places IS NULL THEN RETURN NEW; END IF; NEW.slot_text_1 = CASE WHEN places->>'text_1' IS NOT NULL THEN coalesce(lower(left(NEW.custom->>(places->>'text_1'), 200)), '') END; NEW.slot_text_2 = CASE WHEN places->>'text_2' IS NOT NULL THEN coalesce(lower(left(NEW.custom->>(places->>'text_2'), 200)), '') END; NEW.slot_number_1 = CASE WHEN places->>'number_1' IS NOT NULL THEN coalesce((NEW.custom->>(places->>'number_1'))::numeric, '-100000000000000000'::numeric) END; NEW.slot_number_2 = CASE WHEN places->>'number_2' IS NOT NULL THEN coalesce((NEW.custom->>(places->>'number_2'))::numeric, '-100000000000000000'::numeric) END; NEW.slot_date_1 = CASE WHEN places->>'date_1' IS NOT NULL THEN coalesce((NEW.custom->>(places->>'date_1'))::date, '1800-01-01'::date) END; NEW.slot_date_2 = CASE WHEN places->>'date_2' IS NOT NULL THEN coalesce((NEW.custom->>(places->>'date_2'))::date, '1800-01-01'::date) END; NEW.slot_moment_1 = CASE WHEN places->>'moment_1' IS NOT NULL THEN coalesce((NEW.custom->>(places->>'moment_1'))::timestamptz, '1800-01-01 00:00:00+00'::timestamptz) END; NEW.slot_moment_2 = CASE WHEN places->>'moment_2' IS NOT NULL THEN coalesce((NEW.custom->>(places->>'moment_2'))::timestamptz, '1800-01-01 00:00:00+00'::timestamptz) END; RETURN NEW;", hash='300191de786997e530ffe350677693870a5b1378', operation='INSERT OR UPDATE OF "custom"', pgid='pgtrigger_fill_slots_e27f6', table='sales_opportunity', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunity',
                    trigger=pgtrigger.compiler.Trigger(name='fill_custom_text', sql=pgtrigger.compiler.UpsertTriggerSql(func='IF TG_OP = \'UPDATE\' AND NEW.custom = OLD.custom THEN RETURN NEW; END IF; NEW.custom_text = NULL; IF NEW.custom = jsonb_build_object() THEN RETURN NEW; END IF; NEW.custom_text = (SELECT regexp_replace(lower(left(string_agg(CASE WHEN field.options = \'[]\' THEN NEW.custom->>field.code ELSE (SELECT string_agg(concat_ws(\' \', one->>\'zh\', one->>\'en\'), \' \') FROM jsonb_array_elements(field.options) AS one WHERE NEW.custom->field.code @> (one->\'code\')) END, \' \' ORDER BY field."order", field.id), 20000)), \'([\\u3400-\\u9fff\\uf900-\\ufaff])\', \'\\1\\1\', \'g\') FROM crm_fielddefinition AS field WHERE field.entity = \'sales.opportunity\' AND field.is_searchable AND field.removed_at IS NULL AND NEW.custom ? field.code); RETURN NEW;', hash='9fe98009e288ec9e93b5ae2f0a307078c011cffb', operation='INSERT OR UPDATE OF "custom"', pgid='pgtrigger_fill_custom_text_f96f7', table='sales_opportunity', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunity',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "sales_opportunityevent" ("amount", "closed_on", "contact_id", "created_at", "created_by_id", "currency", "custom", "customer_id", "deleted_at", "deletion_id", "description", "engaged_on", "expected_close_on", "external_ref", "id", "lost_note", "lost_reason", "name", "next_step", "next_step_on", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pipeline_id", "probability", "product_id", "source", "source_system", "stage_entered_at", "stage_id", "tags", "team_id", "type", "version") SELECT new_values."amount", new_values."closed_on", new_values."contact_id", new_values."created_at", new_values."created_by_id", new_values."currency", new_values."custom", new_values."customer_id", new_values."deleted_at", new_values."deletion_id", new_values."description", new_values."engaged_on", new_values."expected_close_on", new_values."external_ref", new_values."id", new_values."lost_note", new_values."lost_reason", new_values."name", new_values."next_step", new_values."next_step_on", new_values."owner_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."pipeline_id", new_values."probability", new_values."product_id", new_values."source", new_values."source_system", new_values."stage_entered_at", new_values."stage_id", new_values."tags", new_values."team_id", new_values."type", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='ce9da32a7d09ea0316e0b305b2e2a06907976f4f', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_41947', referencing='REFERENCING NEW TABLE AS new_values ', table='sales_opportunity', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunity',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "sales_opportunityevent" ("amount", "closed_on", "contact_id", "created_at", "created_by_id", "currency", "custom", "customer_id", "deleted_at", "deletion_id", "description", "engaged_on", "expected_close_on", "external_ref", "id", "lost_note", "lost_reason", "name", "next_step", "next_step_on", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pipeline_id", "probability", "product_id", "source", "source_system", "stage_entered_at", "stage_id", "tags", "team_id", "type", "version") SELECT new_values."amount", new_values."closed_on", new_values."contact_id", new_values."created_at", new_values."created_by_id", new_values."currency", new_values."custom", new_values."customer_id", new_values."deleted_at", new_values."deletion_id", new_values."description", new_values."engaged_on", new_values."expected_close_on", new_values."external_ref", new_values."id", new_values."lost_note", new_values."lost_reason", new_values."name", new_values."next_step", new_values."next_step_on", new_values."owner_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."pipeline_id", new_values."probability", new_values."product_id", new_values."source", new_values."source_system", new_values."stage_entered_at", new_values."stage_id", new_values."tags", new_values."team_id", new_values."type", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."amount" IS DISTINCT FROM (new_values."amount") OR old_values."closed_on" IS DISTINCT FROM (new_values."closed_on") OR old_values."contact_id" IS DISTINCT FROM (new_values."contact_id") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."created_by_id" IS DISTINCT FROM (new_values."created_by_id") OR old_values."currency" IS DISTINCT FROM (new_values."currency") OR old_values."custom" IS DISTINCT FROM (new_values."custom") OR old_values."customer_id" IS DISTINCT FROM (new_values."customer_id") OR old_values."deleted_at" IS DISTINCT FROM (new_values."deleted_at") OR old_values."deletion_id" IS DISTINCT FROM (new_values."deletion_id") OR old_values."description" IS DISTINCT FROM (new_values."description") OR old_values."engaged_on" IS DISTINCT FROM (new_values."engaged_on") OR old_values."expected_close_on" IS DISTINCT FROM (new_values."expected_close_on") OR old_values."external_ref" IS DISTINCT FROM (new_values."external_ref") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."lost_note" IS DISTINCT FROM (new_values."lost_note") OR old_values."lost_reason" IS DISTINCT FROM (new_values."lost_reason") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."next_step" IS DISTINCT FROM (new_values."next_step") OR old_values."next_step_on" IS DISTINCT FROM (new_values."next_step_on") OR old_values."owner_id" IS DISTINCT FROM (new_values."owner_id") OR old_values."pipeline_id" IS DISTINCT FROM (new_values."pipeline_id") OR old_values."probability" IS DISTINCT FROM (new_values."probability") OR old_values."product_id" IS DISTINCT FROM (new_values."product_id") OR old_values."source" IS DISTINCT FROM (new_values."source") OR old_values."source_system" IS DISTINCT FROM (new_values."source_system") OR old_values."stage_id" IS DISTINCT FROM (new_values."stage_id") OR old_values."stage_entered_at" IS DISTINCT FROM (new_values."stage_entered_at") OR old_values."tags" IS DISTINCT FROM (new_values."tags") OR old_values."team_id" IS DISTINCT FROM (new_values."team_id") OR old_values."type" IS DISTINCT FROM (new_values."type") OR old_values."version" IS DISTINCT FROM (new_values."version")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='42fe6d767807474b137669cba26b4c5152aaa565', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_fe013', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='sales_opportunity', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='opportunity',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "sales_opportunityevent" ("amount", "closed_on", "contact_id", "created_at", "created_by_id", "currency", "custom", "customer_id", "deleted_at", "deletion_id", "description", "engaged_on", "expected_close_on", "external_ref", "id", "lost_note", "lost_reason", "name", "next_step", "next_step_on", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pipeline_id", "probability", "product_id", "source", "source_system", "stage_entered_at", "stage_id", "tags", "team_id", "type", "version") SELECT old_values."amount", old_values."closed_on", old_values."contact_id", old_values."created_at", old_values."created_by_id", old_values."currency", old_values."custom", old_values."customer_id", old_values."deleted_at", old_values."deletion_id", old_values."description", old_values."engaged_on", old_values."expected_close_on", old_values."external_ref", old_values."id", old_values."lost_note", old_values."lost_reason", old_values."name", old_values."next_step", old_values."next_step_on", old_values."owner_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."pipeline_id", old_values."probability", old_values."product_id", old_values."source", old_values."source_system", old_values."stage_entered_at", old_values."stage_id", old_values."tags", old_values."team_id", old_values."type", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c4e9b6e1728d0a48815f67c61e57b2e7225c9dc6', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_e4131', referencing='REFERENCING OLD TABLE AS old_values ', table='sales_opportunity', when='AFTER')),
                ),
                migrations.AddIndex(
                    model_name='stagechange',
                    index=models.Index(fields=['opportunity', '-at', '-id'], name='stagechange_of_opportunity'),
                ),
                migrations.AddIndex(
                    model_name='stagechange',
                    index=models.Index(fields=['at', 'to_stage'], name='stagechange_at'),
                ),
                migrations.AddConstraint(
                    model_name='stagechange',
                    constraint=models.CheckConstraint(condition=models.Q(('from_stage__isnull', True), models.Q(('from_stage', models.F('to_stage')), _negated=True), _connector='OR'), name='stagechange_moves'),
                ),
            ],
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
