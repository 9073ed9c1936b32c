"""The tables of the app as they stood when the replaced migrations were squashed; made by makemigrations."""

import crm.models.record
import crm.squashing
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.db.models.manager
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('marketing', '0001_initial'), ('marketing', '0002_tags'), ('marketing', '0003_custom_values'), ('marketing', '0004_files'), ('marketing', '0005_custom_text')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('crm', '0001_squashed_0012_custom_text'),
        ('customers', '0001_squashed_0015_custom_text'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('sales', '0001_squashed_0006_custom_text'),
    ]

    operations = [
        crm.squashing.CreateSchema(
            operations=[
                migrations.CreateModel(
                    name='CampaignDealEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='CampaignEvent',
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
                        ('name', models.CharField(max_length=200, verbose_name='campaign name')),
                        ('type', models.CharField(choices=[('email', 'E-mail'), ('sms', 'SMS'), ('event', 'Event'), ('webinar', 'Webinar'), ('advertisement', 'Advertisement'), ('social', 'Social'), ('telemarketing', 'Telemarketing'), ('direct_mail', 'Direct mail'), ('content', 'Content'), ('other', 'Other')], default='email', max_length=15, verbose_name='type')),
                        ('status', models.CharField(choices=[('planning', 'Planning'), ('active', 'Active'), ('paused', 'Paused'), ('completed', 'Completed'), ('cancelled', 'Cancelled')], default='planning', max_length=10, verbose_name='status')),
                        ('goal', models.TextField(blank=True, max_length=10000, verbose_name='goal')),
                        ('target_members', models.PositiveIntegerField(blank=True, null=True, verbose_name='target: members')),
                        ('target_revenue', models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='target: revenue')),
                        ('budget', models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='budget')),
                        ('cost', models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='actual cost')),
                        ('currency', models.CharField(editable=False, max_length=3, verbose_name='currency')),
                        ('starts_on', models.DateField(blank=True, null=True, verbose_name='starts')),
                        ('ends_on', models.DateField(blank=True, null=True, verbose_name='ends')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='CampaignFile',
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
                    ],
                    options={
                        'verbose_name': 'file of a campaign',
                        'verbose_name_plural': 'files of campaigns',
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
                    name='CampaignFileEvent',
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
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='CampaignMember',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('modified_at', models.DateTimeField(auto_now=True, verbose_name='modified')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('status', models.CharField(choices=[('targeted', 'Targeted'), ('sent', 'Sent'), ('opened', 'Opened'), ('clicked', 'Clicked'), ('responded', 'Responded'), ('converted', 'Converted'), ('bounced', 'Bounced'), ('unsubscribed', 'Unsubscribed')], default='targeted', max_length=15, verbose_name='status')),
                        ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                    ],
                    options={
                        'verbose_name': 'campaign member',
                        'verbose_name_plural': 'campaign members',
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
                    name='CampaignMemberEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('status', models.CharField(choices=[('targeted', 'Targeted'), ('sent', 'Sent'), ('opened', 'Opened'), ('clicked', 'Clicked'), ('responded', 'Responded'), ('converted', 'Converted'), ('bounced', 'Bounced'), ('unsubscribed', 'Unsubscribed')], default='targeted', max_length=15, verbose_name='status')),
                        ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='CampaignTeamShare',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                        ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='CampaignUserShare',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                        ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Campaign',
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
                        ('number', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Concat(models.Value('M-'), crm.models.record.PaddedNumber(models.F('id')), output_field=models.TextField()), output_field=models.CharField(max_length=24), verbose_name='number')),
                        ('search_text', models.GeneratedField(db_persist=True, expression=crm.models.record.DoubledHan(django.db.models.functions.text.Lower(django.db.models.functions.text.Concat(models.Value('M-'), crm.models.record.PaddedNumber(models.F('id')), models.Value(' '), django.db.models.functions.comparison.Coalesce(models.F('name'), models.Value(''), output_field=models.TextField()), output_field=models.TextField()))), output_field=models.TextField(), verbose_name='search text')),
                        ('name', models.CharField(max_length=200, verbose_name='campaign name')),
                        ('type', models.CharField(choices=[('email', 'E-mail'), ('sms', 'SMS'), ('event', 'Event'), ('webinar', 'Webinar'), ('advertisement', 'Advertisement'), ('social', 'Social'), ('telemarketing', 'Telemarketing'), ('direct_mail', 'Direct mail'), ('content', 'Content'), ('other', 'Other')], default='email', max_length=15, verbose_name='type')),
                        ('status', models.CharField(choices=[('planning', 'Planning'), ('active', 'Active'), ('paused', 'Paused'), ('completed', 'Completed'), ('cancelled', 'Cancelled')], default='planning', max_length=10, verbose_name='status')),
                        ('goal', models.TextField(blank=True, max_length=10000, verbose_name='goal')),
                        ('target_members', models.PositiveIntegerField(blank=True, null=True, verbose_name='target: members')),
                        ('target_revenue', models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='target: revenue')),
                        ('budget', models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='budget')),
                        ('cost', models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='actual cost')),
                        ('currency', models.CharField(editable=False, max_length=3, verbose_name='currency')),
                        ('starts_on', models.DateField(blank=True, null=True, verbose_name='starts')),
                        ('ends_on', models.DateField(blank=True, null=True, verbose_name='ends')),
                        ('starts_order', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(models.F('starts_on'), django.db.models.functions.comparison.Cast(models.Value('1900-01-01'), models.DateField())), output_field=models.DateField(), verbose_name='starts, empty last')),
                        ('created_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                        ('deletion', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.deletion', verbose_name='deletion')),
                        ('modified_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='modified by')),
                        ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('team', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='crm.team', verbose_name='team')),
                    ],
                    options={
                        'verbose_name': 'campaign',
                        'verbose_name_plural': 'campaigns',
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
                    name='CampaignDeal',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('modified_at', models.DateTimeField(auto_now=True, verbose_name='modified')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                        ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deals', to='marketing.campaign', verbose_name='campaign')),
                        ('created_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                        ('deletion', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.deletion', verbose_name='deletion')),
                        ('modified_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='modified by')),
                    ],
                    options={
                        'verbose_name': 'campaign deal',
                        'verbose_name_plural': 'campaign deals',
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
                    model_name='campaigndeal',
                    name='opportunity',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sales.opportunity', verbose_name='opportunity'),
                ),
                migrations.AddField(
                    model_name='campaigndealevent',
                    name='campaign',
                    field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='marketing.campaign', verbose_name='campaign'),
                ),
                migrations.AddField(
                    model_name='campaigndealevent',
                    name='created_by',
                    field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by'),
                ),
                migrations.AddField(
                    model_name='campaigndealevent',
                    name='deletion',
                    field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.deletion', verbose_name='deletion'),
                ),
                migrations.AddField(
                    model_name='campaigndealevent',
                    name='opportunity',
                    field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='sales.opportunity', verbose_name='opportunity'),
                ),
                migrations.AddField(
                    model_name='campaigndealevent',
                    name='pgh_context',
                    field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
                ),
                migrations.AddField(
                    model_name='campaigndealevent',
                    name='pgh_obj',
                    field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='marketing.campaigndeal'),
                ),
                migrations.AddField(
                    model_name='campaignevent',
                    name='created_by',
                    field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by'),
                ),
                migrations.AddField(
                    model_name='campaignevent',
                    name='deletion',
                    field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.deletion', verbose_name='deletion'),
                ),
                migrations.AddField(
                    model_name='campaignevent',
                    name='owner',
                    field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner'),
                ),
                migrations.AddField(
                    model_name='campaignevent',
                    name='pgh_context',
                    field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
                ),
                migrations.AddField(
                    model_name='campaignevent',
                    name='pgh_obj',
                    field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='marketing.campaign'),
                ),
                migrations.AddField(
                    model_name='campaignevent',
                    name='team',
                    field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.team', verbose_name='team'),
                ),
                migrations.AddField(
                    model_name='campaignfile',
                    name='created_by',
                    field=models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by'),
                ),
                migrations.AddField(
                    model_name='campaignfile',
                    name='deletion',
                    field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.deletion', verbose_name='deletion'),
                ),
                migrations.AddField(
                    model_name='campaignfile',
                    name='file',
                    field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='crm.storedfile', verbose_name='file'),
                ),
                migrations.AddField(
                    model_name='campaignfile',
                    name='modified_by',
                    field=models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='modified by'),
                ),
                migrations.AddField(
                    model_name='campaignfile',
                    name='preview',
                    field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.storedfile', verbose_name='preview'),
                ),
                migrations.AddField(
                    model_name='campaignfile',
                    name='record',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='marketing.campaign', verbose_name='campaign'),
                ),
                migrations.AddField(
                    model_name='campaignfileevent',
                    name='created_by',
                    field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by'),
                ),
                migrations.AddField(
                    model_name='campaignfileevent',
                    name='deletion',
                    field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.deletion', verbose_name='deletion'),
                ),
                migrations.AddField(
                    model_name='campaignfileevent',
                    name='file',
                    field=models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.storedfile', verbose_name='file'),
                ),
                migrations.AddField(
                    model_name='campaignfileevent',
                    name='pgh_context',
                    field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
                ),
                migrations.AddField(
                    model_name='campaignfileevent',
                    name='pgh_obj',
                    field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='marketing.campaignfile'),
                ),
                migrations.AddField(
                    model_name='campaignfileevent',
                    name='preview',
                    field=models.ForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.storedfile', verbose_name='preview'),
                ),
                migrations.AddField(
                    model_name='campaignfileevent',
                    name='record',
                    field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='marketing.campaign', verbose_name='campaign'),
                ),
                migrations.AddField(
                    model_name='campaignmember',
                    name='campaign',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='members', to='marketing.campaign', verbose_name='campaign'),
                ),
                migrations.AddField(
                    model_name='campaignmember',
                    name='contact',
                    field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.contact', verbose_name='contact'),
                ),
                migrations.AddField(
                    model_name='campaignmember',
                    name='created_by',
                    field=models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by'),
                ),
                migrations.AddField(
                    model_name='campaignmember',
                    name='customer',
                    field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer', verbose_name='customer'),
                ),
                migrations.AddField(
                    model_name='campaignmember',
                    name='deletion',
                    field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.deletion', verbose_name='deletion'),
                ),
                migrations.AddField(
                    model_name='campaignmember',
                    name='modified_by',
                    field=models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='modified by'),
                ),
                migrations.AddField(
                    model_name='campaignmemberevent',
                    name='campaign',
                    field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='marketing.campaign', verbose_name='campaign'),
                ),
                migrations.AddField(
                    model_name='campaignmemberevent',
                    name='contact',
                    field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.contact', verbose_name='contact'),
                ),
                migrations.AddField(
                    model_name='campaignmemberevent',
                    name='created_by',
                    field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by'),
                ),
                migrations.AddField(
                    model_name='campaignmemberevent',
                    name='customer',
                    field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.customer', verbose_name='customer'),
                ),
                migrations.AddField(
                    model_name='campaignmemberevent',
                    name='deletion',
                    field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.deletion', verbose_name='deletion'),
                ),
                migrations.AddField(
                    model_name='campaignmemberevent',
                    name='pgh_context',
                    field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
                ),
                migrations.AddField(
                    model_name='campaignmemberevent',
                    name='pgh_obj',
                    field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='marketing.campaignmember'),
                ),
                migrations.AddField(
                    model_name='campaignteamshare',
                    name='content_object',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='group_shares', to='marketing.campaign'),
                ),
                migrations.AddField(
                    model_name='campaignteamshare',
                    name='created_by',
                    field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='given by'),
                ),
                migrations.AddField(
                    model_name='campaignteamshare',
                    name='group',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.group'),
                ),
                migrations.AddField(
                    model_name='campaignteamshare',
                    name='permission',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission'),
                ),
                migrations.AddField(
                    model_name='campaignusershare',
                    name='content_object',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='user_shares', to='marketing.campaign'),
                ),
                migrations.AddField(
                    model_name='campaignusershare',
                    name='created_by',
                    field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='given by'),
                ),
                migrations.AddField(
                    model_name='campaignusershare',
                    name='permission',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission'),
                ),
                migrations.AddField(
                    model_name='campaignusershare',
                    name='user',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['name', 'id'], name='campaign_name'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['owner', 'name', 'id'], name='campaign_owner_name'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['team', 'name', 'id'], name='campaign_team_name'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['-starts_order', '-id'], name='campaign_starts_order'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['owner', '-starts_order', '-id'], name='campaign_owner_starts_order'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['team', '-starts_order', '-id'], name='campaign_team_starts_order'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['-created_at', '-id'], name='campaign_created_at'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['owner', '-created_at', '-id'], name='campaign_owner_created_at'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['team', '-created_at', '-id'], name='campaign_team_created_at'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('search_text'), name='gin_trgm_ops'), name='campaign_search'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=django.contrib.postgres.indexes.GinIndex(fields=['tags'], name='campaign_tags'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=django.contrib.postgres.indexes.GinIndex(fields=['custom'], name='campaign_custom', opclasses=['jsonb_path_ops']),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('custom_text'), name='gin_trgm_ops'), condition=models.Q(('custom_text__isnull', False)), name='campaign_custom_text'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_text_1__isnull', False)), fields=['slot_text_1', 'id'], name='campaign_slot_text_1'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_text_2__isnull', False)), fields=['slot_text_2', 'id'], name='campaign_slot_text_2'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_number_1__isnull', False)), fields=['slot_number_1', 'id'], name='campaign_slot_number_1'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_number_2__isnull', False)), fields=['slot_number_2', 'id'], name='campaign_slot_number_2'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_date_1__isnull', False)), fields=['slot_date_1', 'id'], name='campaign_slot_date_1'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_date_2__isnull', False)), fields=['slot_date_2', 'id'], name='campaign_slot_date_2'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_moment_1__isnull', False)), fields=['slot_moment_1', 'id'], name='campaign_slot_moment_1'),
                ),
                migrations.AddIndex(
                    model_name='campaign',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_moment_2__isnull', False)), fields=['slot_moment_2', 'id'], name='campaign_slot_moment_2'),
                ),
                migrations.AddConstraint(
                    model_name='campaign',
                    constraint=models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True), models.Q(('external_ref', ''), _negated=True)), fields=('source_system', 'external_ref'), name='campaign_external_ref_unique'),
                ),
                migrations.AddConstraint(
                    model_name='campaign',
                    constraint=models.CheckConstraint(condition=models.Q(('budget__isnull', True), ('budget__gte', 0), _connector='OR'), name='campaign_budget', violation_error_message='An amount cannot be less than 0.'),
                ),
                migrations.AddConstraint(
                    model_name='campaign',
                    constraint=models.CheckConstraint(condition=models.Q(('cost__isnull', True), ('cost__gte', 0), _connector='OR'), name='campaign_cost', violation_error_message='An amount cannot be less than 0.'),
                ),
                migrations.AddConstraint(
                    model_name='campaign',
                    constraint=models.CheckConstraint(condition=models.Q(('target_revenue__isnull', True), ('target_revenue__gte', 0), _connector='OR'), name='campaign_target_revenue', violation_error_message='An amount cannot be less than 0.'),
                ),
                migrations.AddConstraint(
                    model_name='campaign',
                    constraint=models.CheckConstraint(condition=models.Q(('starts_on__isnull', True), ('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='campaign_days', violation_error_message='A campaign cannot end before it starts.'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='campaign',
                    trigger=pgtrigger.compiler.Trigger(name='raise_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."budget" IS DISTINCT FROM (NEW."budget") OR OLD."cost" IS DISTINCT FROM (NEW."cost") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."custom" IS DISTINCT FROM (NEW."custom") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."deletion_id" IS DISTINCT FROM (NEW."deletion_id") OR OLD."ends_on" IS DISTINCT FROM (NEW."ends_on") OR OLD."external_ref" IS DISTINCT FROM (NEW."external_ref") OR OLD."goal" IS DISTINCT FROM (NEW."goal") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."source_system" IS DISTINCT FROM (NEW."source_system") OR OLD."starts_on" IS DISTINCT FROM (NEW."starts_on") OR OLD."status" IS DISTINCT FROM (NEW."status") OR OLD."tags" IS DISTINCT FROM (NEW."tags") OR OLD."target_members" IS DISTINCT FROM (NEW."target_members") OR OLD."target_revenue" IS DISTINCT FROM (NEW."target_revenue") OR OLD."team_id" IS DISTINCT FROM (NEW."team_id") OR OLD."type" IS DISTINCT FROM (NEW."type"))', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='f4499b545393495d1a19d7679d7093285a0c8887', operation='UPDATE', pgid='pgtrigger_raise_version_0996d', table='marketing_campaign', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='campaign',
                    trigger=pgtrigger.compiler.Trigger(name='fill_slots', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE places jsonb;', func="IF TG_OP = 'UPDATE' AND NEW.custom = OLD.custom THEN RETURN NEW; END IF; SELECT jsonb_object_agg(slot, code) INTO places FROM crm_fielddefinition WHERE entity = 'marketing.campaign' AND slot <> '' AND removed_at IS NULL; IF places IS NULL THEN RETURN NEW; END IF; NEW.slot_text_1 = CASE WHEN places->>'text_1' IS NOT NULL THEN coalesce(lower(left(NEW.custom->>(places->>'text_1'), 200)), '') END; NEW.slot_text_2 = CASE WHEN places->>'text_2' IS NOT NULL THEN coalesce(lower(left(NEW.custom->>(places->>'text_2'), 200)), '') END; NEW.slot_number_1 = CASE WHEN places->>'number_1' IS NOT NULL THEN coalesce((NEW.custom->>(places->>'number_1'))::numeric, '-100000000000000000'::numeric) END; NEW.slot_number_2 = CASE WHEN places->>'number_2' IS NOT NULL THEN coalesce((NEW.custom->>(places->>'number_2'))::numeric, '-100000000000000000'::numeric) END; NEW.slot_date_1 = CASE WHEN places->>'date_1' IS NOT NULL THEN coalesce((NEW.custom->>(places->>'date_1'))::date, '1800-01-01'::date) END; NEW.slot_date_2 = CASE WHEN places->>'date_2' IS NOT NULL THEN coalesce((NEW.custom->>(places->>'date_2'))::date, '1800-01-01'::date) END; NEW.slot_moment_1 = CASE WHEN places->>'moment_1' IS NOT NULL THEN coalesce((NEW.custom->>(places->>'moment_1'))::timestamptz, '1800-01-01 00:00:00+00'::timestamptz) END; NEW.slot_moment_2 = CASE WHEN places->>'moment_2' IS NOT NULL THEN coalesce((NEW.custom->>(places->>'moment_2'))::timestamptz, '1800-01-01 00:00:00+00'::timestamptz) END; RETURN NEW;", hash='467132531845c51cf045eddb3b2dc11a9e350626', operation='INSERT OR UPDATE OF "custom"', pgid='pgtrigger_fill_slots_5ecaf', table='marketing_campaign', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='campaign',
                    trigger=pgtrigger.compiler.Trigger(name='fill_custom_text', sql=pgtrigger.compiler.UpsertTriggerSql(func='IF TG_OP = \'UPDATE\' AND NEW.custom = OLD.custom THEN RETURN NEW; END IF; NEW.custom_text = NULL; IF NEW.custom = jsonb_build_object() THEN RETURN NEW; END IF; NEW.custom_text = (SELECT regexp_replace(lower(left(string_agg(CASE WHEN field.options = \'[]\' THEN NEW.custom->>field.code ELSE (SELECT string_agg(concat_ws(\' \', one->>\'zh\', one->>\'en\'), \' \') FROM jsonb_array_elements(field.options) AS one WHERE NEW.custom->field.code @> (one->\'code\')) END, \' \' ORDER BY field."order", field.id), 20000)), \'([\\u3400-\\u9fff\\uf900-\\ufaff])\', \'\\1\\1\', \'g\') FROM crm_fielddefinition AS field WHERE field.entity = \'marketing.campaign\' AND field.is_searchable AND field.removed_at IS NULL AND NEW.custom ? field.code); RETURN NEW;', hash='b5b04cb4177927388584a636859516b5ae21d691', operation='INSERT OR UPDATE OF "custom"', pgid='pgtrigger_fill_custom_text_dcd09', table='marketing_campaign', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='campaign',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "marketing_campaignevent" ("budget", "cost", "created_at", "created_by_id", "currency", "custom", "deleted_at", "deletion_id", "ends_on", "external_ref", "goal", "id", "name", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_system", "starts_on", "status", "tags", "target_members", "target_revenue", "team_id", "type", "version") SELECT new_values."budget", new_values."cost", new_values."created_at", new_values."created_by_id", new_values."currency", new_values."custom", new_values."deleted_at", new_values."deletion_id", new_values."ends_on", new_values."external_ref", new_values."goal", new_values."id", new_values."name", new_values."owner_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."source_system", new_values."starts_on", new_values."status", new_values."tags", new_values."target_members", new_values."target_revenue", new_values."team_id", new_values."type", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='0f85d1bb2255ff167e9c2eb1f2660a6d684bb119', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_fc1ea', referencing='REFERENCING NEW TABLE AS new_values ', table='marketing_campaign', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='campaign',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "marketing_campaignevent" ("budget", "cost", "created_at", "created_by_id", "currency", "custom", "deleted_at", "deletion_id", "ends_on", "external_ref", "goal", "id", "name", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_system", "starts_on", "status", "tags", "target_members", "target_revenue", "team_id", "type", "version") SELECT new_values."budget", new_values."cost", new_values."created_at", new_values."created_by_id", new_values."currency", new_values."custom", new_values."deleted_at", new_values."deletion_id", new_values."ends_on", new_values."external_ref", new_values."goal", new_values."id", new_values."name", new_values."owner_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."source_system", new_values."starts_on", new_values."status", new_values."tags", new_values."target_members", new_values."target_revenue", new_values."team_id", new_values."type", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."budget" IS DISTINCT FROM (new_values."budget") OR old_values."cost" IS DISTINCT FROM (new_values."cost") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."created_by_id" IS DISTINCT FROM (new_values."created_by_id") OR old_values."currency" IS DISTINCT FROM (new_values."currency") OR old_values."custom" IS DISTINCT FROM (new_values."custom") OR old_values."deleted_at" IS DISTINCT FROM (new_values."deleted_at") OR old_values."deletion_id" IS DISTINCT FROM (new_values."deletion_id") OR old_values."ends_on" IS DISTINCT FROM (new_values."ends_on") OR old_values."external_ref" IS DISTINCT FROM (new_values."external_ref") OR old_values."goal" IS DISTINCT FROM (new_values."goal") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."owner_id" IS DISTINCT FROM (new_values."owner_id") OR old_values."source_system" IS DISTINCT FROM (new_values."source_system") OR old_values."starts_on" IS DISTINCT FROM (new_values."starts_on") OR old_values."status" IS DISTINCT FROM (new_values."status") OR old_values."tags" IS DISTINCT FROM (new_values."tags") OR old_values."target_members" IS DISTINCT FROM (new_values."target_members") OR old_values."target_revenue" IS DISTINCT FROM (new_values."target_revenue") OR old_values."team_id" IS DISTINCT FROM (new_values."team_id") OR old_values."type" IS DISTINCT FROM (new_values."type") OR old_values."version" IS DISTINCT FROM (new_values."version")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='499a9068655c8162c05a4f3b4f49c8c8e145b8d5', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_07635', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='marketing_campaign', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='campaign',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "marketing_campaignevent" ("budget", "cost", "created_at", "created_by_id", "currency", "custom", "deleted_at", "deletion_id", "ends_on", "external_ref", "goal", "id", "name", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_system", "starts_on", "status", "tags", "target_members", "target_revenue", "team_id", "type", "version") SELECT old_values."budget", old_values."cost", old_values."created_at", old_values."created_by_id", old_values."currency", old_values."custom", old_values."deleted_at", old_values."deletion_id", old_values."ends_on", old_values."external_ref", old_values."goal", old_values."id", old_values."name", old_values."owner_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."source_system", old_values."starts_on", old_values."status", old_values."tags", old_values."target_members", old_values."target_revenue", old_values."team_id", old_values."type", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c8b191d1cc8f7230c336986f0e2f51b107432b41', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_ba053', referencing='REFERENCING OLD TABLE AS old_values ', table='marketing_campaign', when='AFTER')),
                ),
                migrations.AddIndex(
                    model_name='campaigndeal',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['-created_at', '-id'], name='campaigndeal_created_at'),
                ),
                migrations.AddConstraint(
                    model_name='campaigndeal',
                    constraint=models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True)), fields=('campaign', 'opportunity'), name='one_deal_per_campaign_and_opportunity', violation_error_message='This opportunity is linked with the campaign already.'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='campaigndeal',
                    trigger=pgtrigger.compiler.Trigger(name='raise_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."campaign_id" IS DISTINCT FROM (NEW."campaign_id") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."deletion_id" IS DISTINCT FROM (NEW."deletion_id") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."opportunity_id" IS DISTINCT FROM (NEW."opportunity_id"))', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='0f16decf373ebe98c98ef5b3fd4417005f128aad', operation='UPDATE', pgid='pgtrigger_raise_version_1763e', table='marketing_campaigndeal', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='campaigndeal',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "marketing_campaigndealevent" ("campaign_id", "created_at", "created_by_id", "deleted_at", "deletion_id", "id", "note", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") SELECT new_values."campaign_id", new_values."created_at", new_values."created_by_id", new_values."deleted_at", new_values."deletion_id", new_values."id", new_values."note", new_values."opportunity_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f6ca4fc59d1d5971fc31393782f169361501882e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_123be', referencing='REFERENCING NEW TABLE AS new_values ', table='marketing_campaigndeal', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='campaigndeal',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "marketing_campaigndealevent" ("campaign_id", "created_at", "created_by_id", "deleted_at", "deletion_id", "id", "note", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") SELECT new_values."campaign_id", new_values."created_at", new_values."created_by_id", new_values."deleted_at", new_values."deletion_id", new_values."id", new_values."note", new_values."opportunity_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."campaign_id" IS DISTINCT FROM (new_values."campaign_id") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."created_by_id" IS DISTINCT FROM (new_values."created_by_id") OR old_values."deleted_at" IS DISTINCT FROM (new_values."deleted_at") OR old_values."deletion_id" IS DISTINCT FROM (new_values."deletion_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."note" IS DISTINCT FROM (new_values."note") OR old_values."opportunity_id" IS DISTINCT FROM (new_values."opportunity_id") OR old_values."version" IS DISTINCT FROM (new_values."version")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='61b214c0c72a2562e0074dd19491ab54e08a9403', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_a514e', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='marketing_campaigndeal', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='campaigndeal',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "marketing_campaigndealevent" ("campaign_id", "created_at", "created_by_id", "deleted_at", "deletion_id", "id", "note", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") SELECT old_values."campaign_id", old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deletion_id", old_values."id", old_values."note", old_values."opportunity_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='3be9977ab45c36f4f88c36fcba217e0de6a5465f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_65cb2', referencing='REFERENCING OLD TABLE AS old_values ', table='marketing_campaigndeal', when='AFTER')),
                ),
                migrations.AddIndex(
                    model_name='campaignfile',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['-created_at', '-id'], name='campaignfile_created_at'),
                ),
                migrations.AddConstraint(
                    model_name='campaignfile',
                    constraint=models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True)), fields=('record', 'name', 'edition'), name='campaignfile_edition_unique'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='campaignfile',
                    trigger=pgtrigger.compiler.Trigger(name='raise_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."content_type" IS DISTINCT FROM (NEW."content_type") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."deletion_id" IS DISTINCT FROM (NEW."deletion_id") OR OLD."edition" IS DISTINCT FROM (NEW."edition") OR OLD."file_id" IS DISTINCT FROM (NEW."file_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."preview_id" IS DISTINCT FROM (NEW."preview_id") OR OLD."record_id" IS DISTINCT FROM (NEW."record_id") OR OLD."size" IS DISTINCT FROM (NEW."size"))', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='f82835a3f762d74eac67c5ca4108f6a67efe8251', operation='UPDATE', pgid='pgtrigger_raise_version_d08a5', table='marketing_campaignfile', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='campaignfile',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "marketing_campaignfileevent" ("content_type", "created_at", "created_by_id", "deleted_at", "deletion_id", "edition", "file_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "preview_id", "record_id", "size", "version") SELECT new_values."content_type", new_values."created_at", new_values."created_by_id", new_values."deleted_at", new_values."deletion_id", new_values."edition", new_values."file_id", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."preview_id", new_values."record_id", new_values."size", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='7d18f398058979e64bc690fc97e8bdb49cd27489', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_7f847', referencing='REFERENCING NEW TABLE AS new_values ', table='marketing_campaignfile', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='campaignfile',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "marketing_campaignfileevent" ("content_type", "created_at", "created_by_id", "deleted_at", "deletion_id", "edition", "file_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "preview_id", "record_id", "size", "version") SELECT new_values."content_type", new_values."created_at", new_values."created_by_id", new_values."deleted_at", new_values."deletion_id", new_values."edition", new_values."file_id", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."preview_id", new_values."record_id", new_values."size", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."content_type" IS DISTINCT FROM (new_values."content_type") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."created_by_id" IS DISTINCT FROM (new_values."created_by_id") OR old_values."deleted_at" IS DISTINCT FROM (new_values."deleted_at") OR old_values."deletion_id" IS DISTINCT FROM (new_values."deletion_id") OR old_values."edition" IS DISTINCT FROM (new_values."edition") OR old_values."file_id" IS DISTINCT FROM (new_values."file_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."preview_id" IS DISTINCT FROM (new_values."preview_id") OR old_values."record_id" IS DISTINCT FROM (new_values."record_id") OR old_values."size" IS DISTINCT FROM (new_values."size") OR old_values."version" IS DISTINCT FROM (new_values."version")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='d820bb0fe6925642ee4a1d85f38c99066a07776f', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_68753', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='marketing_campaignfile', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='campaignfile',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "marketing_campaignfileevent" ("content_type", "created_at", "created_by_id", "deleted_at", "deletion_id", "edition", "file_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "preview_id", "record_id", "size", "version") SELECT old_values."content_type", old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deletion_id", old_values."edition", old_values."file_id", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."preview_id", old_values."record_id", old_values."size", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c075c453828ef99c5f2b4133a3f8daafb497d6e0', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_919d7', referencing='REFERENCING OLD TABLE AS old_values ', table='marketing_campaignfile', when='AFTER')),
                ),
                migrations.AddIndex(
                    model_name='campaignmember',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['campaign', '-created_at', '-id'], name='member_of_campaign'),
                ),
                migrations.AddIndex(
                    model_name='campaignmember',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['-created_at', '-id'], name='campaignmember_created_at'),
                ),
                migrations.AddConstraint(
                    model_name='campaignmember',
                    constraint=models.CheckConstraint(condition=models.Q(('customer__isnull', False), ('contact__isnull', False), _connector='OR'), name='member_is_somebody', violation_error_message='Choose a customer or a contact.'),
                ),
                migrations.AddConstraint(
                    model_name='campaignmember',
                    constraint=models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True), ('contact__isnull', False)), fields=('campaign', 'contact'), name='one_membership_per_contact', violation_error_message='This contact is a member of the campaign already.'),
                ),
                migrations.AddConstraint(
                    model_name='campaignmember',
                    constraint=models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True), ('contact__isnull', True)), fields=('campaign', 'customer'), name='one_membership_per_customer', violation_error_message='This customer is a member of the campaign already.'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='campaignmember',
                    trigger=pgtrigger.compiler.Trigger(name='raise_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."campaign_id" IS DISTINCT FROM (NEW."campaign_id") OR OLD."contact_id" IS DISTINCT FROM (NEW."contact_id") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."deletion_id" IS DISTINCT FROM (NEW."deletion_id") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."status" IS DISTINCT FROM (NEW."status"))', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='8248d7f4e9e6bf877b093b6e1f4a39b70cb2c8bc', operation='UPDATE', pgid='pgtrigger_raise_version_71214', table='marketing_campaignmember', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='campaignmember',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "marketing_campaignmemberevent" ("campaign_id", "contact_id", "created_at", "created_by_id", "customer_id", "deleted_at", "deletion_id", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "status", "version") SELECT new_values."campaign_id", new_values."contact_id", new_values."created_at", new_values."created_by_id", new_values."customer_id", new_values."deleted_at", new_values."deletion_id", new_values."id", new_values."note", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."status", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='75f3983f74f1404bbc7366964eba89733c1fb468', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_9030b', referencing='REFERENCING NEW TABLE AS new_values ', table='marketing_campaignmember', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='campaignmember',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "marketing_campaignmemberevent" ("campaign_id", "contact_id", "created_at", "created_by_id", "customer_id", "deleted_at", "deletion_id", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "status", "version") SELECT new_values."campaign_id", new_values."contact_id", new_values."created_at", new_values."created_by_id", new_values."customer_id", new_values."deleted_at", new_values."deletion_id", new_values."id", new_values."note", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."status", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."campaign_id" IS DISTINCT FROM (new_values."campaign_id") OR old_values."contact_id" IS DISTINCT FROM (new_values."contact_id") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."created_by_id" IS DISTINCT FROM (new_values."created_by_id") OR old_values."customer_id" IS DISTINCT FROM (new_values."customer_id") OR old_values."deleted_at" IS DISTINCT FROM (new_values."deleted_at") OR old_values."deletion_id" IS DISTINCT FROM (new_values."deletion_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."note" IS DISTINCT FROM (new_values."note") OR old_values."status" IS DISTINCT FROM (new_values."status") OR old_values."version" IS DISTINCT FROM (new_values."version")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='1f9ab91443375696a56c68d4680224bc9fb48c3f', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_f207c', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='marketing_campaignmember', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='campaignmember',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "marketing_campaignmemberevent" ("campaign_id", "contact_id", "created_at", "created_by_id", "customer_id", "deleted_at", "deletion_id", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "status", "version") SELECT old_values."campaign_id", old_values."contact_id", old_values."created_at", old_values."created_by_id", old_values."customer_id", old_values."deleted_at", old_values."deletion_id", old_values."id", old_values."note", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."status", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='76586d07ae3eaeff7a85c17a1145895664f28d60', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_3cb8c', referencing='REFERENCING OLD TABLE AS old_values ', table='marketing_campaignmember', when='AFTER')),
                ),
                migrations.AlterUniqueTogether(
                    name='campaignteamshare',
                    unique_together={('group', 'permission', 'content_object')},
                ),
                migrations.AlterUniqueTogether(
                    name='campaignusershare',
                    unique_together={('user', 'permission', 'content_object')},
                ),
            ],
        ),
    ]
