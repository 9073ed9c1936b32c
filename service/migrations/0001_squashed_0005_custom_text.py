"""The tables of the app as they stood when the replaced migrations were squashed; made by makemigrations."""

import crm.models.record
import crm.squashing
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.db.models.manager
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('service', '0001_initial'), ('service', '0002_tags'), ('service', '0003_custom_values'), ('service', '0004_files'), ('service', '0005_custom_text')]

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
                    name='Case',
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
                        ('number', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Concat(models.Value('S-'), crm.models.record.PaddedNumber(models.F('id')), output_field=models.TextField()), output_field=models.CharField(max_length=24), verbose_name='number')),
                        ('search_text', models.GeneratedField(db_persist=True, expression=crm.models.record.DoubledHan(django.db.models.functions.text.Lower(django.db.models.functions.text.Concat(models.Value('S-'), crm.models.record.PaddedNumber(models.F('id')), models.Value(' '), django.db.models.functions.comparison.Coalesce(models.F('subject'), models.Value(''), output_field=models.TextField()), output_field=models.TextField()))), output_field=models.TextField(), verbose_name='search text')),
                        ('subject', models.CharField(max_length=200, verbose_name='subject')),
                        ('channel', models.CharField(choices=[('phone', 'Phone'), ('email', 'E-mail'), ('wechat', 'WeChat'), ('wecom', 'WeCom'), ('online', 'Online'), ('visit', 'On site'), ('other', 'Other')], default='phone', max_length=10, verbose_name='channel')),
                        ('type', models.CharField(choices=[('question', 'Question'), ('incident', 'Incident'), ('problem', 'Problem'), ('complaint', 'Complaint'), ('request', 'Service request'), ('return', 'Return')], default='question', max_length=10, verbose_name='type')),
                        ('priority', models.CharField(choices=[('P1', 'P1 Urgent'), ('P2', 'P2 High'), ('P3', 'P3 Normal'), ('P4', 'P4 Low')], default='P3', max_length=2, verbose_name='priority')),
                        ('status', models.CharField(choices=[('new', 'New'), ('assigned', 'Assigned'), ('in_progress', 'In progress'), ('waiting_customer', 'Waiting on customer'), ('waiting_others', 'Waiting on third party'), ('resolved', 'Resolved'), ('closed', 'Closed'), ('cancelled', 'Cancelled'), ('duplicate', 'Duplicate')], default='new', max_length=20, verbose_name='status')),
                        ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='due')),
                        ('due_order', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(models.F('due_at'), django.db.models.functions.comparison.Cast(models.Value('9999-01-01 00:00:00+00'), models.DateTimeField())), output_field=models.DateTimeField(), verbose_name='due, empty last')),
                        ('description', models.TextField(blank=True, max_length=20000, verbose_name='description')),
                        ('resolution', models.TextField(blank=True, max_length=20000, verbose_name='resolution')),
                        ('first_response_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='first response')),
                        ('resolved_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='resolved at')),
                        ('closed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='closed at')),
                        ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.contact', verbose_name='contact')),
                        ('created_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                        ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer', verbose_name='customer')),
                        ('deletion', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.deletion', verbose_name='deletion')),
                        ('modified_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='modified by')),
                        ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('team', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='crm.team', verbose_name='team')),
                    ],
                    options={
                        'verbose_name': 'case',
                        'verbose_name_plural': 'cases',
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
                    name='CaseEvent',
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
                        ('subject', models.CharField(max_length=200, verbose_name='subject')),
                        ('channel', models.CharField(choices=[('phone', 'Phone'), ('email', 'E-mail'), ('wechat', 'WeChat'), ('wecom', 'WeCom'), ('online', 'Online'), ('visit', 'On site'), ('other', 'Other')], default='phone', max_length=10, verbose_name='channel')),
                        ('type', models.CharField(choices=[('question', 'Question'), ('incident', 'Incident'), ('problem', 'Problem'), ('complaint', 'Complaint'), ('request', 'Service request'), ('return', 'Return')], default='question', max_length=10, verbose_name='type')),
                        ('priority', models.CharField(choices=[('P1', 'P1 Urgent'), ('P2', 'P2 High'), ('P3', 'P3 Normal'), ('P4', 'P4 Low')], default='P3', max_length=2, verbose_name='priority')),
                        ('status', models.CharField(choices=[('new', 'New'), ('assigned', 'Assigned'), ('in_progress', 'In progress'), ('waiting_customer', 'Waiting on customer'), ('waiting_others', 'Waiting on third party'), ('resolved', 'Resolved'), ('closed', 'Closed'), ('cancelled', 'Cancelled'), ('duplicate', 'Duplicate')], default='new', max_length=20, verbose_name='status')),
                        ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='due')),
                        ('description', models.TextField(blank=True, max_length=20000, verbose_name='description')),
                        ('resolution', models.TextField(blank=True, max_length=20000, verbose_name='resolution')),
                        ('resolved_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='resolved at')),
                        ('closed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='closed at')),
                        ('contact', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.contact', verbose_name='contact')),
                        ('created_by', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                        ('customer', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.customer', verbose_name='customer')),
                        ('deletion', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.deletion', verbose_name='deletion')),
                        ('owner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='service.case')),
                        ('team', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.team', verbose_name='team')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='CaseFile',
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
                        ('record', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='service.case', verbose_name='case')),
                    ],
                    options={
                        'verbose_name': 'file of a case',
                        'verbose_name_plural': 'files of cases',
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
                    name='CaseFileEvent',
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
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='service.casefile')),
                        ('preview', models.ForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.storedfile', verbose_name='preview')),
                        ('record', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='service.case', verbose_name='case')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='CaseMessage',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('modified_at', models.DateTimeField(auto_now=True, verbose_name='modified')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('direction', models.CharField(choices=[('out', 'Our reply'), ('in', 'From the customer'), ('internal', 'Internal note')], default='out', max_length=10, verbose_name='direction')),
                        ('channel', models.CharField(blank=True, choices=[('phone', 'Phone'), ('email', 'E-mail'), ('wechat', 'WeChat'), ('wecom', 'WeCom'), ('online', 'Online'), ('visit', 'On site'), ('other', 'Other')], max_length=10, verbose_name='channel')),
                        ('text', models.TextField(max_length=20000, verbose_name='text')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='time')),
                        ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='service.case', verbose_name='case')),
                        ('created_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                        ('deletion', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.deletion', verbose_name='deletion')),
                        ('modified_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='modified by')),
                    ],
                    options={
                        'verbose_name': 'message',
                        'verbose_name_plural': 'messages',
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
                    name='CaseMessageEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('direction', models.CharField(choices=[('out', 'Our reply'), ('in', 'From the customer'), ('internal', 'Internal note')], default='out', max_length=10, verbose_name='direction')),
                        ('channel', models.CharField(blank=True, choices=[('phone', 'Phone'), ('email', 'E-mail'), ('wechat', 'WeChat'), ('wecom', 'WeCom'), ('online', 'Online'), ('visit', 'On site'), ('other', 'Other')], max_length=10, verbose_name='channel')),
                        ('text', models.TextField(max_length=20000, verbose_name='text')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='time')),
                        ('case', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='service.case', verbose_name='case')),
                        ('created_by', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                        ('deletion', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.deletion', verbose_name='deletion')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='service.casemessage')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='CaseTeamShare',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                        ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='group_shares', to='service.case')),
                        ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='given by')),
                        ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.group')),
                        ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='CaseUserShare',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                        ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='user_shares', to='service.case')),
                        ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='given by')),
                        ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['subject', 'id'], name='case_subject'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['owner', 'subject', 'id'], name='case_owner_subject'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['team', 'subject', 'id'], name='case_team_subject'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['priority', 'id'], name='case_priority'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['owner', 'priority', 'id'], name='case_owner_priority'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['team', 'priority', 'id'], name='case_team_priority'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['due_order', 'id'], name='case_due_order'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['owner', 'due_order', 'id'], name='case_owner_due_order'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['team', 'due_order', 'id'], name='case_team_due_order'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['-created_at', '-id'], name='case_created_at'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['owner', '-created_at', '-id'], name='case_owner_created_at'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['team', '-created_at', '-id'], name='case_team_created_at'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('search_text'), name='gin_trgm_ops'), name='case_search'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=django.contrib.postgres.indexes.GinIndex(fields=['tags'], name='case_tags'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=django.contrib.postgres.indexes.GinIndex(fields=['custom'], name='case_custom', opclasses=['jsonb_path_ops']),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('custom_text'), name='gin_trgm_ops'), condition=models.Q(('custom_text__isnull', False)), name='case_custom_text'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_text_1__isnull', False)), fields=['slot_text_1', 'id'], name='case_slot_text_1'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_text_2__isnull', False)), fields=['slot_text_2', 'id'], name='case_slot_text_2'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_number_1__isnull', False)), fields=['slot_number_1', 'id'], name='case_slot_number_1'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_number_2__isnull', False)), fields=['slot_number_2', 'id'], name='case_slot_number_2'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_date_1__isnull', False)), fields=['slot_date_1', 'id'], name='case_slot_date_1'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_date_2__isnull', False)), fields=['slot_date_2', 'id'], name='case_slot_date_2'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_moment_1__isnull', False)), fields=['slot_moment_1', 'id'], name='case_slot_moment_1'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('slot_moment_2__isnull', False)), fields=['slot_moment_2', 'id'], name='case_slot_moment_2'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['status', 'due_order', 'id'], name='case_board'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['owner', 'status', 'due_order', 'id'], name='case_owner_board'),
                ),
                migrations.AddIndex(
                    model_name='case',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['team', 'status', 'due_order', 'id'], name='case_team_board'),
                ),
                migrations.AddConstraint(
                    model_name='case',
                    constraint=models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True), models.Q(('external_ref', ''), _negated=True)), fields=('source_system', 'external_ref'), name='case_external_ref_unique'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='case',
                    trigger=pgtrigger.compiler.Trigger(name='raise_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."closed_at" IS DISTINCT FROM (NEW."closed_at") OR OLD."contact_id" IS DISTINCT FROM (NEW."contact_id") OR OLD."custom" IS DISTINCT FROM (NEW."custom") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."deletion_id" IS DISTINCT FROM (NEW."deletion_id") OR OLD."description" IS DISTINCT FROM (NEW."description") OR OLD."due_at" IS DISTINCT FROM (NEW."due_at") OR OLD."external_ref" IS DISTINCT FROM (NEW."external_ref") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."priority" IS DISTINCT FROM (NEW."priority") OR OLD."resolution" IS DISTINCT FROM (NEW."resolution") OR OLD."resolved_at" IS DISTINCT FROM (NEW."resolved_at") OR OLD."source_system" IS DISTINCT FROM (NEW."source_system") OR OLD."status" IS DISTINCT FROM (NEW."status") OR OLD."subject" IS DISTINCT FROM (NEW."subject") OR OLD."tags" IS DISTINCT FROM (NEW."tags") OR OLD."team_id" IS DISTINCT FROM (NEW."team_id") OR OLD."type" IS DISTINCT FROM (NEW."type"))', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='711eccd83aa4e1007084b272e6433312cc498377', operation='UPDATE', pgid='pgtrigger_raise_version_a9c2f', table='service_case', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='case',
                    trigger=pgtrigger.compiler.Trigger(name='fill_slots', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE places jsonb;', func="IF TG_OP = 'UPDATE' AND NEW.custom = OLD.custom THEN RETURN NEW; END IF; SELECT jsonb_object_agg(slot, code) INTO places FROM crm_fielddefinition WHERE entity = 'service.case' AND slot <> '' AND removed_at IS NULL; IF places IS NULL THEN RETURN NEW; END IF; NEW.slot_text_1 = CASE WHEN places->>'text_1' IS NOT NULL THEN coalesce(lower(left(NEW.custom->>(places->>'text_1'), 200)), '') END; NEW.slot_text_2 = CASE WHEN places->>'text_2' IS NOT NULL THEN coalesce(lower(left(NEW.custom->>(places->>'text_2'), 200)), '') END; NEW.slot_number_1 = CASE WHEN places->>'number_1' IS NOT NULL THEN coalesce((NEW.custom->>(places->>'number_1'))::numeric, '-100000000000000000'::numeric) END; NEW.slot_number_2 = CASE WHEN places->>'number_2' IS NOT NULL THEN coalesce((NEW.custom->>(places->>'number_2'))::numeric, '-100000000000000000'::numeric) END; NEW.slot_date_1 = CASE WHEN places->>'date_1' IS NOT NULL THEN coalesce((NEW.custom->>(places->>'date_1'))::date, '1800-01-01'::date) END; NEW.slot_date_2 = CASE WHEN places->>'date_2' IS NOT NULL THEN coalesce((NEW.custom->>(places->>'date_2'))::date, '1800-01-01'::date) END; NEW.slot_moment_1 = CASE WHEN places->>'moment_1' IS NOT NULL THEN coalesce((NEW.custom->>(places->>'moment_1'))::timestamptz, '1800-01-01 00:00:00+00'::timestamptz) END; NEW.slot_moment_2 = CASE WHEN places->>'moment_2' IS NOT NULL THEN coalesce((NEW.custom->>(places->>'moment_2'))::timestamptz, '1800-01-01 00:00:00+00'::timestamptz) END; RETURN NEW;", hash='7d5ef925458669da6f3ebc64685eda58d3e0383f', operation='INSERT OR UPDATE OF "custom"', pgid='pgtrigger_fill_slots_b2825', table='service_case', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='case',
                    trigger=pgtrigger.compiler.Trigger(name='fill_custom_text', sql=pgtrigger.compiler.UpsertTriggerSql(func='IF TG_OP = \'UPDATE\' AND NEW.custom = OLD.custom THEN RETURN NEW; END IF; NEW.custom_text = NULL; IF NEW.custom = jsonb_build_object() THEN RETURN NEW; END IF; NEW.custom_text = (SELECT regexp_replace(lower(left(string_agg(CASE WHEN field.options = \'[]\' THEN NEW.custom->>field.code ELSE (SELECT string_agg(concat_ws(\' \', one->>\'zh\', one->>\'en\'), \' \') FROM jsonb_array_elements(field.options) AS one WHERE NEW.custom->field.code @> (one->\'code\')) END, \' \' ORDER BY field."order", field.id), 20000)), \'([\\u3400-\\u9fff\\uf900-\\ufaff])\', \'\\1\\1\', \'g\') FROM crm_fielddefinition AS field WHERE field.entity = \'service.case\' AND field.is_searchable AND field.removed_at IS NULL AND NEW.custom ? field.code); RETURN NEW;', hash='05b3c5e626b4a1447bae0a9eb7a0957f917c21cc', operation='INSERT OR UPDATE OF "custom"', pgid='pgtrigger_fill_custom_text_ddbae', table='service_case', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='case',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "service_caseevent" ("channel", "closed_at", "contact_id", "created_at", "created_by_id", "custom", "customer_id", "deleted_at", "deletion_id", "description", "due_at", "external_ref", "id", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "resolution", "resolved_at", "source_system", "status", "subject", "tags", "team_id", "type", "version") SELECT new_values."channel", new_values."closed_at", new_values."contact_id", new_values."created_at", new_values."created_by_id", new_values."custom", new_values."customer_id", new_values."deleted_at", new_values."deletion_id", new_values."description", new_values."due_at", new_values."external_ref", new_values."id", new_values."owner_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."priority", new_values."resolution", new_values."resolved_at", new_values."source_system", new_values."status", new_values."subject", new_values."tags", new_values."team_id", new_values."type", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='bc4c6cd0d412f45a81fe26052540ff8806080eef', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_82052', referencing='REFERENCING NEW TABLE AS new_values ', table='service_case', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='case',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "service_caseevent" ("channel", "closed_at", "contact_id", "created_at", "created_by_id", "custom", "customer_id", "deleted_at", "deletion_id", "description", "due_at", "external_ref", "id", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "resolution", "resolved_at", "source_system", "status", "subject", "tags", "team_id", "type", "version") SELECT new_values."channel", new_values."closed_at", new_values."contact_id", new_values."created_at", new_values."created_by_id", new_values."custom", new_values."customer_id", new_values."deleted_at", new_values."deletion_id", new_values."description", new_values."due_at", new_values."external_ref", new_values."id", new_values."owner_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."priority", new_values."resolution", new_values."resolved_at", new_values."source_system", new_values."status", new_values."subject", new_values."tags", new_values."team_id", new_values."type", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."channel" IS DISTINCT FROM (new_values."channel") OR old_values."closed_at" IS DISTINCT FROM (new_values."closed_at") OR old_values."contact_id" IS DISTINCT FROM (new_values."contact_id") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."created_by_id" IS DISTINCT FROM (new_values."created_by_id") OR old_values."custom" IS DISTINCT FROM (new_values."custom") OR old_values."customer_id" IS DISTINCT FROM (new_values."customer_id") OR old_values."deleted_at" IS DISTINCT FROM (new_values."deleted_at") OR old_values."deletion_id" IS DISTINCT FROM (new_values."deletion_id") OR old_values."description" IS DISTINCT FROM (new_values."description") OR old_values."due_at" IS DISTINCT FROM (new_values."due_at") OR old_values."external_ref" IS DISTINCT FROM (new_values."external_ref") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."owner_id" IS DISTINCT FROM (new_values."owner_id") OR old_values."priority" IS DISTINCT FROM (new_values."priority") OR old_values."resolution" IS DISTINCT FROM (new_values."resolution") OR old_values."resolved_at" IS DISTINCT FROM (new_values."resolved_at") OR old_values."source_system" IS DISTINCT FROM (new_values."source_system") OR old_values."status" IS DISTINCT FROM (new_values."status") OR old_values."subject" IS DISTINCT FROM (new_values."subject") OR old_values."tags" IS DISTINCT FROM (new_values."tags") OR old_values."team_id" IS DISTINCT FROM (new_values."team_id") OR old_values."type" IS DISTINCT FROM (new_values."type") OR old_values."version" IS DISTINCT FROM (new_values."version")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='6448f4dd2e97d942390865ca4413f52f9b6507ac', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_5bace', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='service_case', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='case',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "service_caseevent" ("channel", "closed_at", "contact_id", "created_at", "created_by_id", "custom", "customer_id", "deleted_at", "deletion_id", "description", "due_at", "external_ref", "id", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "resolution", "resolved_at", "source_system", "status", "subject", "tags", "team_id", "type", "version") SELECT old_values."channel", old_values."closed_at", old_values."contact_id", old_values."created_at", old_values."created_by_id", old_values."custom", old_values."customer_id", old_values."deleted_at", old_values."deletion_id", old_values."description", old_values."due_at", old_values."external_ref", old_values."id", old_values."owner_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."priority", old_values."resolution", old_values."resolved_at", old_values."source_system", old_values."status", old_values."subject", old_values."tags", old_values."team_id", old_values."type", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='954bdfadcaa4cffa17298b221e5fa921dde99769', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_c9c6a', referencing='REFERENCING OLD TABLE AS old_values ', table='service_case', when='AFTER')),
                ),
                migrations.AddIndex(
                    model_name='casefile',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['-created_at', '-id'], name='casefile_created_at'),
                ),
                migrations.AddConstraint(
                    model_name='casefile',
                    constraint=models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True)), fields=('record', 'name', 'edition'), name='casefile_edition_unique'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='casefile',
                    trigger=pgtrigger.compiler.Trigger(name='raise_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."content_type" IS DISTINCT FROM (NEW."content_type") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."deletion_id" IS DISTINCT FROM (NEW."deletion_id") OR OLD."edition" IS DISTINCT FROM (NEW."edition") OR OLD."file_id" IS DISTINCT FROM (NEW."file_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."preview_id" IS DISTINCT FROM (NEW."preview_id") OR OLD."record_id" IS DISTINCT FROM (NEW."record_id") OR OLD."size" IS DISTINCT FROM (NEW."size"))', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='28e6486e1835daf49936b9459814b7ca09d96ab6', operation='UPDATE', pgid='pgtrigger_raise_version_c2bc8', table='service_casefile', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='casefile',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "service_casefileevent" ("content_type", "created_at", "created_by_id", "deleted_at", "deletion_id", "edition", "file_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "preview_id", "record_id", "size", "version") SELECT new_values."content_type", new_values."created_at", new_values."created_by_id", new_values."deleted_at", new_values."deletion_id", new_values."edition", new_values."file_id", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."preview_id", new_values."record_id", new_values."size", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='2645ee277a3f1c91918b5376747ebeba86bea629', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_13f81', referencing='REFERENCING NEW TABLE AS new_values ', table='service_casefile', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='casefile',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "service_casefileevent" ("content_type", "created_at", "created_by_id", "deleted_at", "deletion_id", "edition", "file_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "preview_id", "record_id", "size", "version") SELECT new_values."content_type", new_values."created_at", new_values."created_by_id", new_values."deleted_at", new_values."deletion_id", new_values."edition", new_values."file_id", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."preview_id", new_values."record_id", new_values."size", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."content_type" IS DISTINCT FROM (new_values."content_type") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."created_by_id" IS DISTINCT FROM (new_values."created_by_id") OR old_values."deleted_at" IS DISTINCT FROM (new_values."deleted_at") OR old_values."deletion_id" IS DISTINCT FROM (new_values."deletion_id") OR old_values."edition" IS DISTINCT FROM (new_values."edition") OR old_values."file_id" IS DISTINCT FROM (new_values."file_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."preview_id" IS DISTINCT FROM (new_values."preview_id") OR old_values."record_id" IS DISTINCT FROM (new_values."record_id") OR old_values."size" IS DISTINCT FROM (new_values."size") OR old_values."version" IS DISTINCT FROM (new_values."version")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='56e8578578daaa87c9a1e2b961b0fe276af44733', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_a54f9', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='service_casefile', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='casefile',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "service_casefileevent" ("content_type", "created_at", "created_by_id", "deleted_at", "deletion_id", "edition", "file_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "preview_id", "record_id", "size", "version") SELECT old_values."content_type", old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deletion_id", old_values."edition", old_values."file_id", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."preview_id", old_values."record_id", old_values."size", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='010c3ca01ccb5c01ffc2c88b1f252cd1d3f0cdfe', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_f5958', referencing='REFERENCING OLD TABLE AS old_values ', table='service_casefile', when='AFTER')),
                ),
                migrations.AddIndex(
                    model_name='casemessage',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['case', '-at', '-id'], name='casemessage_of_case'),
                ),
                migrations.AddIndex(
                    model_name='casemessage',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['-at', '-id'], name='casemessage_at'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='casemessage',
                    trigger=pgtrigger.compiler.Trigger(name='raise_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."case_id" IS DISTINCT FROM (NEW."case_id") OR OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."deletion_id" IS DISTINCT FROM (NEW."deletion_id") OR OLD."direction" IS DISTINCT FROM (NEW."direction") OR OLD."text" IS DISTINCT FROM (NEW."text"))', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='25d69e358e5ec5dbbd302b474c7867e77ae1e342', operation='UPDATE', pgid='pgtrigger_raise_version_675d3', table='service_casemessage', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='casemessage',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "service_casemessageevent" ("at", "case_id", "channel", "created_at", "created_by_id", "deleted_at", "deletion_id", "direction", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text", "version") SELECT new_values."at", new_values."case_id", new_values."channel", new_values."created_at", new_values."created_by_id", new_values."deleted_at", new_values."deletion_id", new_values."direction", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."text", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='dd23da9d8cc9b15755ccdbfd3b841d39543c4fae', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_7165e', referencing='REFERENCING NEW TABLE AS new_values ', table='service_casemessage', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='casemessage',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "service_casemessageevent" ("at", "case_id", "channel", "created_at", "created_by_id", "deleted_at", "deletion_id", "direction", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text", "version") SELECT new_values."at", new_values."case_id", new_values."channel", new_values."created_at", new_values."created_by_id", new_values."deleted_at", new_values."deletion_id", new_values."direction", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."text", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."at" IS DISTINCT FROM (new_values."at") OR old_values."case_id" IS DISTINCT FROM (new_values."case_id") OR old_values."channel" IS DISTINCT FROM (new_values."channel") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."created_by_id" IS DISTINCT FROM (new_values."created_by_id") OR old_values."deleted_at" IS DISTINCT FROM (new_values."deleted_at") OR old_values."deletion_id" IS DISTINCT FROM (new_values."deletion_id") OR old_values."direction" IS DISTINCT FROM (new_values."direction") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."text" IS DISTINCT FROM (new_values."text") OR old_values."version" IS DISTINCT FROM (new_values."version")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e7df66383da4a85c4832cfd775da480286e802b2', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_43ce7', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='service_casemessage', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='casemessage',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "service_casemessageevent" ("at", "case_id", "channel", "created_at", "created_by_id", "deleted_at", "deletion_id", "direction", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text", "version") SELECT old_values."at", old_values."case_id", old_values."channel", old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deletion_id", old_values."direction", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."text", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='f1807370e6d7496c671b666d24afb1af6ab1e472', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_90dd9', referencing='REFERENCING OLD TABLE AS old_values ', table='service_casemessage', when='AFTER')),
                ),
                migrations.AlterUniqueTogether(
                    name='caseteamshare',
                    unique_together={('group', 'permission', 'content_object')},
                ),
                migrations.AlterUniqueTogether(
                    name='caseusershare',
                    unique_together={('user', 'permission', 'content_object')},
                ),
            ],
        ),
    ]
