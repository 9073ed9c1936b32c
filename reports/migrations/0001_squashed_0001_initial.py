"""The tables of the app as they stood when the replaced migrations were squashed; made by makemigrations."""

import crm.models.people
import crm.squashing
import datetime
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.manager
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('reports', '0001_initial')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('crm', '0001_squashed_0012_custom_text'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        crm.squashing.CreateSchema(
            operations=[
                migrations.CreateModel(
                    name='ReportSchedule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('modified_at', models.DateTimeField(auto_now=True, verbose_name='modified')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('name', models.CharField(max_length=120, verbose_name='name')),
                        ('report', models.CharField(max_length=40, verbose_name='report')),
                        ('parameters', models.JSONField(blank=True, default=dict, verbose_name='parameters')),
                        ('period', models.CharField(max_length=16, verbose_name='period')),
                        ('frequency', models.CharField(choices=[('daily', 'Every day'), ('weekly', 'Every week'), ('monthly', 'Every month')], default='weekly', max_length=8, verbose_name='frequency')),
                        ('weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')]), blank=True, default=list, size=7, verbose_name='days')),
                        ('month_day', models.PositiveSmallIntegerField(default=1, help_text='In a shorter month its last day.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(31)], verbose_name='day of the month')),
                        ('at', models.TimeField(default=datetime.time(8, 0), verbose_name='time')),
                        ('time_zone', models.CharField(default='Asia/Shanghai', max_length=50, validators=[crm.models.people.check_zone], verbose_name='time zone')),
                        ('formats', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('xlsx', 'Excel'), ('pdf', 'PDF')], max_length=4), blank=True, default=list, size=2, verbose_name='files')),
                        ('only_with_data', models.BooleanField(default=True, help_text='Who would get an empty report gets no mail.', verbose_name='only if there is data')),
                        ('is_active', models.BooleanField(default=True, verbose_name='active')),
                        ('next_at', models.DateTimeField(editable=False, null=True, verbose_name='next run')),
                        ('created_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                        ('deletion', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.deletion', verbose_name='deletion')),
                        ('left', models.ManyToManyField(blank=True, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='people who want no more mails')),
                        ('modified_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='modified by')),
                        ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='report_schedules', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('roles', models.ManyToManyField(blank=True, related_name='+', to='auth.group', verbose_name='roles')),
                        ('teams', models.ManyToManyField(blank=True, related_name='+', to='crm.team', verbose_name='teams')),
                        ('users', models.ManyToManyField(blank=True, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='people')),
                    ],
                    options={
                        'verbose_name': 'report schedule',
                        'verbose_name_plural': 'report schedules',
                        'ordering': ('name', 'pk'),
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
                    name='ReportRun',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('slot', models.CharField(max_length=60, verbose_name='slot')),
                        ('kind', models.CharField(choices=[('scheduled', 'scheduled'), ('manual', 'by hand'), ('test', 'test to oneself')], default='scheduled', max_length=10, verbose_name='kind')),
                        ('due_at', models.DateTimeField(verbose_name='due to run')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='started')),
                        ('finished_at', models.DateTimeField(editable=False, null=True, verbose_name='finished')),
                        ('starts_on', models.DateField(null=True, verbose_name='first day')),
                        ('ends_on', models.DateField(verbose_name='last day')),
                        ('told_at', models.DateTimeField(editable=False, null=True, verbose_name='owner told of failures')),
                        ('job', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.job', verbose_name='job')),
                        ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('schedule', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='reports.reportschedule', verbose_name='schedule')),
                    ],
                    options={
                        'verbose_name': 'report run',
                        'verbose_name_plural': 'report runs',
                        'ordering': ('-pk',),
                        'abstract': False,
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='ReportScheduleEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('name', models.CharField(max_length=120, verbose_name='name')),
                        ('report', models.CharField(max_length=40, verbose_name='report')),
                        ('parameters', models.JSONField(blank=True, default=dict, verbose_name='parameters')),
                        ('period', models.CharField(max_length=16, verbose_name='period')),
                        ('frequency', models.CharField(choices=[('daily', 'Every day'), ('weekly', 'Every week'), ('monthly', 'Every month')], default='weekly', max_length=8, verbose_name='frequency')),
                        ('weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')]), blank=True, default=list, size=7, verbose_name='days')),
                        ('month_day', models.PositiveSmallIntegerField(default=1, help_text='In a shorter month its last day.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(31)], verbose_name='day of the month')),
                        ('at', models.TimeField(default=datetime.time(8, 0), verbose_name='time')),
                        ('time_zone', models.CharField(default='Asia/Shanghai', max_length=50, validators=[crm.models.people.check_zone], verbose_name='time zone')),
                        ('formats', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('xlsx', 'Excel'), ('pdf', 'PDF')], max_length=4), blank=True, default=list, size=2, verbose_name='files')),
                        ('only_with_data', models.BooleanField(default=True, help_text='Who would get an empty report gets no mail.', verbose_name='only if there is data')),
                        ('is_active', models.BooleanField(default=True, verbose_name='active')),
                        ('created_by', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                        ('deletion', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.deletion', verbose_name='deletion')),
                        ('owner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='reports.reportschedule')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='RunArtefact',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('scope', models.CharField(max_length=64, verbose_name='scope')),
                        ('language', models.CharField(max_length=10, verbose_name='language')),
                        ('time_zone', models.CharField(max_length=50, verbose_name='time zone')),
                        ('format', models.CharField(choices=[('xlsx', 'Excel'), ('pdf', 'PDF')], max_length=4, verbose_name='format')),
                        ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='crm.storedfile', verbose_name='file')),
                        ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='artefacts', to='reports.reportrun', verbose_name='run')),
                    ],
                    options={
                        'verbose_name': 'report file',
                        'verbose_name_plural': 'report files',
                        'abstract': False,
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='RunCopy',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('state', models.CharField(choices=[('mailed', 'mail written'), ('empty', 'nothing to report'), ('forbidden', 'may not see this report')], max_length=10, verbose_name='state')),
                        ('scope', models.CharField(blank=True, max_length=64, verbose_name='scope')),
                        ('rows', models.PositiveIntegerField(default=0, verbose_name='rows')),
                        ('artefacts', models.ManyToManyField(blank=True, related_name='copies', to='reports.runartefact', verbose_name='files')),
                        ('message', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.outboxmessage', verbose_name='mail')),
                        ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='copies', to='reports.reportrun', verbose_name='run')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='report_copies', to=settings.AUTH_USER_MODEL, verbose_name='recipient')),
                    ],
                    options={
                        'verbose_name': 'copy of a report',
                        'verbose_name_plural': 'copies of reports',
                        'ordering': ('-pk',),
                        'abstract': False,
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.AddIndex(
                    model_name='reportschedule',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('is_active', True)), fields=['next_at'], name='schedule_due'),
                ),
                migrations.AddIndex(
                    model_name='reportschedule',
                    index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['owner'], name='schedule_of_owner'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='reportschedule',
                    trigger=pgtrigger.compiler.Trigger(name='raise_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."deletion_id" IS DISTINCT FROM (NEW."deletion_id") OR OLD."formats" IS DISTINCT FROM (NEW."formats") OR OLD."frequency" IS DISTINCT FROM (NEW."frequency") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."month_day" IS DISTINCT FROM (NEW."month_day") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."only_with_data" IS DISTINCT FROM (NEW."only_with_data") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."parameters" IS DISTINCT FROM (NEW."parameters") OR OLD."period" IS DISTINCT FROM (NEW."period") OR OLD."report" IS DISTINCT FROM (NEW."report") OR OLD."time_zone" IS DISTINCT FROM (NEW."time_zone") OR OLD."weekdays" IS DISTINCT FROM (NEW."weekdays"))', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='052c7a704f8128aff17f92b417a14fa96e872fb6', operation='UPDATE', pgid='pgtrigger_raise_version_6cc71', table='reports_reportschedule', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='reportschedule',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "reports_reportscheduleevent" ("at", "created_at", "created_by_id", "deleted_at", "deletion_id", "formats", "frequency", "id", "is_active", "month_day", "name", "only_with_data", "owner_id", "parameters", "period", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "report", "time_zone", "version", "weekdays") SELECT new_values."at", new_values."created_at", new_values."created_by_id", new_values."deleted_at", new_values."deletion_id", new_values."formats", new_values."frequency", new_values."id", new_values."is_active", new_values."month_day", new_values."name", new_values."only_with_data", new_values."owner_id", new_values."parameters", new_values."period", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."report", new_values."time_zone", new_values."version", new_values."weekdays" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e22d1592a83e21d3ee279c781c9a00794caea6f1', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_168a3', referencing='REFERENCING NEW TABLE AS new_values ', table='reports_reportschedule', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='reportschedule',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "reports_reportscheduleevent" ("at", "created_at", "created_by_id", "deleted_at", "deletion_id", "formats", "frequency", "id", "is_active", "month_day", "name", "only_with_data", "owner_id", "parameters", "period", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "report", "time_zone", "version", "weekdays") SELECT new_values."at", new_values."created_at", new_values."created_by_id", new_values."deleted_at", new_values."deletion_id", new_values."formats", new_values."frequency", new_values."id", new_values."is_active", new_values."month_day", new_values."name", new_values."only_with_data", new_values."owner_id", new_values."parameters", new_values."period", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."report", new_values."time_zone", new_values."version", new_values."weekdays" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."at" IS DISTINCT FROM (new_values."at") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."created_by_id" IS DISTINCT FROM (new_values."created_by_id") OR old_values."deleted_at" IS DISTINCT FROM (new_values."deleted_at") OR old_values."deletion_id" IS DISTINCT FROM (new_values."deletion_id") OR old_values."formats" IS DISTINCT FROM (new_values."formats") OR old_values."frequency" IS DISTINCT FROM (new_values."frequency") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."is_active" IS DISTINCT FROM (new_values."is_active") OR old_values."month_day" IS DISTINCT FROM (new_values."month_day") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."only_with_data" IS DISTINCT FROM (new_values."only_with_data") OR old_values."owner_id" IS DISTINCT FROM (new_values."owner_id") OR old_values."parameters" IS DISTINCT FROM (new_values."parameters") OR old_values."period" IS DISTINCT FROM (new_values."period") OR old_values."report" IS DISTINCT FROM (new_values."report") OR old_values."time_zone" IS DISTINCT FROM (new_values."time_zone") OR old_values."version" IS DISTINCT FROM (new_values."version") OR old_values."weekdays" IS DISTINCT FROM (new_values."weekdays")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='fdec77c6dd69a8e20bd685ced476a0e0b9fab339', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_45f5f', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='reports_reportschedule', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='reportschedule',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "reports_reportscheduleevent" ("at", "created_at", "created_by_id", "deleted_at", "deletion_id", "formats", "frequency", "id", "is_active", "month_day", "name", "only_with_data", "owner_id", "parameters", "period", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "report", "time_zone", "version", "weekdays") SELECT old_values."at", old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deletion_id", old_values."formats", old_values."frequency", old_values."id", old_values."is_active", old_values."month_day", old_values."name", old_values."only_with_data", old_values."owner_id", old_values."parameters", old_values."period", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."report", old_values."time_zone", old_values."version", old_values."weekdays" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='e51a4538f0a2854dc483f5b408faa2651f59864b', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_e1643', referencing='REFERENCING OLD TABLE AS old_values ', table='reports_reportschedule', when='AFTER')),
                ),
                migrations.AddIndex(
                    model_name='reportrun',
                    index=models.Index(fields=['told_at', 'finished_at'], name='run_to_tell'),
                ),
                migrations.AddConstraint(
                    model_name='reportrun',
                    constraint=models.UniqueConstraint(fields=('schedule', 'slot'), name='one_run_per_slot'),
                ),
                migrations.AddConstraint(
                    model_name='runartefact',
                    constraint=models.UniqueConstraint(fields=('run', 'scope', 'language', 'time_zone', 'format'), name='one_file_per_scope'),
                ),
                migrations.AddConstraint(
                    model_name='runcopy',
                    constraint=models.UniqueConstraint(fields=('run', 'user'), name='one_copy_per_recipient'),
                ),
            ],
        ),
    ]
