"""The tables of the app as they stood when the replaced migrations were squashed; made by makemigrations."""

import crm.models.people
import crm.protection.parts
import crm.squashing
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.manager
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('crm', '0001_initial'), ('crm', '0002_tags'), ('crm', '0003_recycling_and_ownership'), ('crm', '0004_view_as'), ('crm', '0005_fields'), ('crm', '0006_access_requests'), ('crm', '0007_action_reveal'), ('crm', '0008_reveals_and_keys'), ('crm', '0009_marks'), ('crm', '0010_job_undo'), ('crm', '0011_tag_change_parts'), ('crm', '0012_custom_text')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        TrigramExtension(),  # what the search box stands on
        crm.squashing.CreateSchema(
            operations=[
                migrations.CreateModel(
                    name='FormLayout',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('entity', models.CharField(max_length=80, unique=True, verbose_name='kind of record')),
                        ('data', models.JSONField(default=dict, verbose_name='layout')),
                    ],
                    options={
                        'verbose_name': 'form layout',
                        'verbose_name_plural': 'form layouts',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='FormLayoutEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('entity', models.CharField(max_length=80, verbose_name='kind of record')),
                        ('data', models.JSONField(default=dict, verbose_name='layout')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='FormToken',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('token', models.UUIDField(default=uuid.uuid4, unique=True, verbose_name='token')),
                        ('location', models.CharField(blank=True, max_length=300, verbose_name='page')),
                        ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name='time')),
                    ],
                    options={
                        'verbose_name': 'form token',
                        'verbose_name_plural': 'form tokens',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='HandOver',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('act', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='act')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='time')),
                        ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                        ('plan', models.JSONField(default=list, verbose_name='plan')),
                        ('counts', models.JSONField(default=dict, verbose_name='handed over')),
                        ('deactivates', models.BooleanField(default=False, verbose_name='switch the account off')),
                        ('done_at', models.DateTimeField(null=True, verbose_name='done')),
                        ('undone_at', models.DateTimeField(null=True, verbose_name='taken back')),
                    ],
                    options={
                        'verbose_name': 'hand-over',
                        'verbose_name_plural': 'hand-overs',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='ImportBatch',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('entity', models.CharField(max_length=80, verbose_name='kind of record')),
                        ('name', models.CharField(max_length=255, verbose_name='file')),
                        ('headings', models.JSONField(default=list, verbose_name='headings')),
                        ('columns', models.JSONField(default=dict, help_text='Which column each heading fills.', verbose_name='columns')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                    ],
                    options={
                        'verbose_name': 'import',
                        'verbose_name_plural': 'imports',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='Job',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=50, verbose_name='kind')),
                        ('title', models.CharField(blank=True, max_length=200, verbose_name='title')),
                        ('parameters', models.JSONField(default=dict, verbose_name='parameters')),
                        ('slot', models.CharField(help_text='Two jobs with the same slot cannot exist.', max_length=200, null=True, unique=True, verbose_name='slot')),
                        ('state', models.CharField(choices=[('queued', 'queued'), ('running', 'running'), ('done', 'done'), ('failed', 'failed'), ('cancelled', 'cancelled')], default='queued', max_length=10, verbose_name='state')),
                        ('attempt', models.PositiveIntegerField(default=0, verbose_name='attempt')),
                        ('last_attempt', models.PositiveIntegerField(default=3, editable=False, verbose_name='last attempt')),
                        ('lease_until', models.DateTimeField(editable=False, null=True, verbose_name='lease until')),
                        ('next_try_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='next try')),
                        ('woken_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='worker woken')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                        ('started_at', models.DateTimeField(editable=False, null=True, verbose_name='started')),
                        ('finished_at', models.DateTimeField(editable=False, null=True, verbose_name='finished')),
                        ('cancel_at', models.DateTimeField(editable=False, null=True, verbose_name='cancel asked')),
                        ('done', models.PositiveIntegerField(default=0, verbose_name='done')),
                        ('total', models.PositiveIntegerField(null=True, verbose_name='amount of work')),
                        ('counts', models.JSONField(default=dict, verbose_name='outcomes')),
                        ('log', models.JSONField(default=list, verbose_name='log')),
                        ('error', models.TextField(blank=True, verbose_name='error')),
                    ],
                    options={
                        'verbose_name': 'job',
                        'verbose_name_plural': 'jobs',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='KeyInUse',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveSmallIntegerField(unique=True, verbose_name='number')),
                        ('fingerprint', models.CharField(max_length=32, verbose_name='fingerprint')),
                        ('since', models.DateTimeField(default=django.utils.timezone.now, verbose_name='in use since')),
                    ],
                    options={
                        'verbose_name': 'key in use',
                        'verbose_name_plural': 'keys in use',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='OutboxMessage',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=50, verbose_name='kind')),
                        ('address', models.CharField(max_length=254, verbose_name='address')),
                        ('subject', models.CharField(max_length=300, verbose_name='subject')),
                        ('text', models.TextField(blank=True, verbose_name='text')),
                        ('html', models.TextField(blank=True, verbose_name='HTML')),
                        ('facts', models.JSONField(default=dict, help_text='What the check before sending needs, such as ids.', verbose_name='facts')),
                        ('message_id', models.CharField(editable=False, max_length=200, unique=True, verbose_name='Message-ID')),
                        ('dedupe_key', models.CharField(editable=False, max_length=200, null=True, unique=True, verbose_name='dedupe key')),
                        ('is_secret', models.BooleanField(default=False, verbose_name='secret')),
                        ('state', models.CharField(choices=[('queued', 'waiting'), ('sending', 'sending'), ('sent', 'sent'), ('refused', 'refused'), ('failed', 'failed'), ('held', 'held'), ('uncertain', 'uncertain')], default='queued', max_length=10, verbose_name='state')),
                        ('tries', models.PositiveIntegerField(default=0, verbose_name='tries')),
                        ('last_try', models.PositiveIntegerField(default=8, editable=False, verbose_name='last try')),
                        ('lease_until', models.DateTimeField(editable=False, null=True, verbose_name='lease until')),
                        ('next_try_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='next try')),
                        ('woken_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='worker woken')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                        ('ended_at', models.DateTimeField(editable=False, null=True, verbose_name='ended')),
                        ('log', models.JSONField(default=list, verbose_name='log')),
                        ('error', models.TextField(blank=True, verbose_name='error')),
                    ],
                    options={
                        'verbose_name': 'mail',
                        'verbose_name_plural': 'outbox',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='OwnershipChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('subject_id', models.BigIntegerField(null=True, verbose_name='record')),
                        ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='time')),
                        ('act', models.UUIDField(default=uuid.uuid4, editable=False, verbose_name='act')),
                        ('undoes', models.UUIDField(editable=False, null=True, verbose_name='takes back')),
                    ],
                    options={
                        'verbose_name': 'change of owner',
                        'verbose_name_plural': 'changes of owner',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='RecordMark',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('subject_id', models.BigIntegerField(null=True, verbose_name='record')),
                        ('kind', models.CharField(choices=[('star', 'star'), ('follow', 'follow')], max_length=10, verbose_name='kind')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='time')),
                    ],
                    options={
                        'verbose_name': 'mark',
                        'verbose_name_plural': 'marks',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='RoleRule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('model', models.CharField(help_text='For example customers.customer', max_length=80, verbose_name='model')),
                        ('action', models.CharField(choices=[('view', 'View'), ('add', 'Add'), ('change', 'Change'), ('delete', 'Delete'), ('export', 'Export'), ('assign', 'Assign'), ('reveal', 'See protected values')], max_length=10, verbose_name='action')),
                        ('reach', models.PositiveSmallIntegerField(choices=[(0, 'none'), (1, 'own records'), (2, 'records of my teams'), (3, 'records of my teams and the teams below'), (4, 'all records')], default=1, verbose_name='reach')),
                        ('daily_limit', models.PositiveIntegerField(blank=True, help_text='For “see protected values”: how many a person may reveal one by one. Empty: no limit.', null=True, verbose_name='at most a day')),
                    ],
                    options={
                        'verbose_name': 'rule of a role',
                        'verbose_name_plural': 'rules of roles',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='StagedRow',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('line', models.PositiveIntegerField(verbose_name='line')),
                        ('cells', crm.protection.parts.PartlySealedField(scope='crm.stagedrow.cells', verbose_name='cells')),
                        ('data', crm.protection.parts.PartlySealedField(null=True, scope='crm.stagedrow.data', verbose_name='data')),
                        ('errors', crm.protection.parts.PartlySealedField(default=dict, scope='crm.stagedrow.errors', verbose_name='errors')),
                        ('decision', models.CharField(choices=[('create', 'will be added'), ('reject', 'needs a change'), ('twin', 'exists already')], max_length=8, verbose_name='decision')),
                        ('record_id', models.BigIntegerField(null=True, verbose_name='record')),
                    ],
                    options={
                        'verbose_name': 'line of an import',
                        'verbose_name_plural': 'lines of imports',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='StoredFile',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=255, verbose_name='name')),
                        ('content_type', models.CharField(max_length=100, verbose_name='type')),
                        ('size', models.BigIntegerField(verbose_name='size in bytes')),
                        ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                        ('path', models.CharField(editable=False, max_length=100, unique=True, verbose_name='path')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                        ('expires_at', models.DateTimeField(blank=True, db_index=True, null=True, verbose_name='kept until')),
                    ],
                    options={
                        'verbose_name': 'file',
                        'verbose_name_plural': 'files',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='Tag',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('modified_at', models.DateTimeField(auto_now=True, verbose_name='modified')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('root', models.CharField(max_length=60, verbose_name='kind of record')),
                        ('name', models.CharField(max_length=40, verbose_name='name')),
                        ('colour', models.CharField(choices=[('gray', 'Gray'), ('blue', 'Blue'), ('green', 'Green'), ('amber', 'Amber'), ('red', 'Red'), ('violet', 'Violet'), ('teal', 'Teal')], default='gray', max_length=10, verbose_name='colour')),
                    ],
                    options={
                        'verbose_name': 'tag',
                        'verbose_name_plural': 'tags',
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
                    name='TagChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('merge', 'merged'), ('delete', 'deleted')], max_length=10, verbose_name='kind')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='time')),
                        ('records', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None, verbose_name='records')),
                        ('had_both', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None, verbose_name='records that had both')),
                        ('undone_at', models.DateTimeField(null=True, verbose_name='undone')),
                    ],
                    options={
                        'verbose_name': 'change of tags',
                        'verbose_name_plural': 'changes of tags',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='TagEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                        ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='deleted')),
                        ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                        ('root', models.CharField(max_length=60, verbose_name='kind of record')),
                        ('name', models.CharField(max_length=40, verbose_name='name')),
                        ('colour', models.CharField(choices=[('gray', 'Gray'), ('blue', 'Blue'), ('green', 'Green'), ('amber', 'Amber'), ('red', 'Red'), ('violet', 'Violet'), ('teal', 'Teal')], default='gray', max_length=10, verbose_name='colour')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Team',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=80, verbose_name='name')),
                        ('path', models.CharField(default='', editable=False, max_length=255, verbose_name='path')),
                    ],
                    options={
                        'verbose_name': 'team',
                        'verbose_name_plural': 'teams',
                        'ordering': ('path',),
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='TimelineEntry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('subject_id', models.BigIntegerField(null=True, verbose_name='record')),
                        ('event', models.CharField(max_length=80, verbose_name='event')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='time')),
                        ('facts', models.JSONField(default=dict, verbose_name='facts')),
                        ('handled_at', models.DateTimeField(editable=False, null=True, verbose_name='listeners done')),
                        ('tries', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='tries')),
                    ],
                    options={
                        'verbose_name': 'timeline entry',
                        'verbose_name_plural': 'timeline entries',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='Viewing',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reason', models.CharField(max_length=200, verbose_name='reason')),
                        ('began_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='began')),
                        ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                    ],
                    options={
                        'verbose_name': 'view as',
                        'verbose_name_plural': 'view as',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='User',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                        ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                        ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                        ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                        ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                        ('name', models.CharField(max_length=80, verbose_name='name')),
                        ('email', models.EmailField(blank=True, max_length=254, null=True, verbose_name='e-mail')),
                        ('language', models.CharField(choices=[('zh-hans', '中文'), ('en', 'English')], default='zh-hans', max_length=10, verbose_name='language')),
                        ('time_zone', models.CharField(default='Asia/Shanghai', max_length=50, validators=[crm.models.people.check_zone], verbose_name='time zone')),
                        ('theme', models.CharField(choices=[('system', 'As the device'), ('light', 'Light'), ('dark', 'Dark')], default='system', max_length=10, verbose_name='theme')),
                        ('density', models.CharField(choices=[('comfortable', 'Comfortable'), ('compact', 'Compact')], default='comfortable', max_length=12, verbose_name='row height')),
                        ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                        ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                    ],
                    options={
                        'verbose_name': 'user',
                        'verbose_name_plural': 'users',
                        'ordering': ('name', 'pk'),
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                    managers=[
                        ('objects', crm.models.people.People()),
                    ],
                ),
                migrations.CreateModel(
                    name='AccessLogEntry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('subject_id', models.BigIntegerField(null=True, verbose_name='record')),
                        ('kind', models.CharField(choices=[('read', 'read'), ('reveal', 'revealed'), ('export', 'exported'), ('download', 'downloaded'), ('login', 'signed in'), ('login_failed', 'sign-in refused'), ('logout', 'signed out'), ('view_as', 'looked as somebody else')], max_length=20, verbose_name='kind')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='time')),
                        ('address', models.GenericIPAddressField(null=True, verbose_name='address')),
                        ('facts', models.JSONField(default=dict, verbose_name='facts')),
                        ('subject_type', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contenttypes.contenttype', verbose_name='kind of record')),
                        ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                    ],
                    options={
                        'verbose_name': 'access log entry',
                        'verbose_name_plural': 'access log',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='AccessRequest',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('subject_id', models.BigIntegerField(null=True, verbose_name='record')),
                        ('name', models.CharField(max_length=300, verbose_name='name')),
                        ('level', models.CharField(choices=[('view', 'View'), ('change', 'View and change')], default='view', max_length=10, verbose_name='right')),
                        ('reason', models.CharField(max_length=200, verbose_name='reason')),
                        ('state', models.CharField(choices=[('open', 'waiting'), ('granted', 'granted'), ('refused', 'refused')], default='open', max_length=10, verbose_name='state')),
                        ('asked_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='asked')),
                        ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
                        ('answer', models.CharField(blank=True, max_length=200, verbose_name='answer')),
                        ('answered_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='answered by')),
                        ('asker', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
                        ('subject_type', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contenttypes.contenttype', verbose_name='kind of record')),
                    ],
                    options={
                        'verbose_name': 'access request',
                        'verbose_name_plural': 'access requests',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='Company',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name_zh', models.CharField(max_length=120, verbose_name='Chinese name')),
                        ('name_en', models.CharField(max_length=120, verbose_name='English name')),
                        ('currency', models.CharField(default='CNY', help_text='ISO code such as CNY or USD.', max_length=3, verbose_name='currency')),
                        ('time_zone', models.CharField(default='Asia/Shanghai', max_length=50, validators=[crm.models.people.check_zone], verbose_name='time zone')),
                        ('fiscal_year_start', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(12)], verbose_name='first month of the fiscal year')),
                        ('asks_reveal_reason', models.BooleanField(default=False, help_text='Whoever reveals a protected value must say why; the reason goes into the access log.', verbose_name='ask for a reason')),
                    ],
                    options={
                        'verbose_name': 'company',
                        'verbose_name_plural': 'company',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='only_one_company')],
                    },
                ),
                migrations.CreateModel(
                    name='Deletion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('subject_id', models.BigIntegerField(null=True, verbose_name='record')),
                        ('name', models.CharField(max_length=300, verbose_name='name')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='deleted')),
                        ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                        ('act', models.UUIDField(db_index=True, default=uuid.uuid4, editable=False, verbose_name='act')),
                        ('restored_at', models.DateTimeField(null=True, verbose_name='restored')),
                        ('purged_at', models.DateTimeField(null=True, verbose_name='deleted for good')),
                        ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='deleted by')),
                        ('purged_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='deleted for good by')),
                        ('subject_type', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contenttypes.contenttype', verbose_name='kind of record')),
                    ],
                    options={
                        'verbose_name': 'deletion',
                        'verbose_name_plural': 'recycle bin',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='FieldDefinition',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('entity', models.CharField(max_length=80, verbose_name='kind of record')),
                        ('code', models.CharField(max_length=40, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_]*$', 'Use small letters, digits and _, and begin with a letter.')], verbose_name='code')),
                        ('type', models.CharField(choices=[('text', 'Text'), ('long_text', 'Long text'), ('number', 'Number'), ('money', 'Amount of money'), ('date', 'Date'), ('datetime', 'Date and time'), ('choice', 'Choice'), ('choices', 'Several choices'), ('boolean', 'Yes or no'), ('user', 'Colleague'), ('link', 'Link to a customer')], max_length=10, verbose_name='type')),
                        ('name_zh', models.CharField(max_length=80, verbose_name='Chinese name')),
                        ('name_en', models.CharField(max_length=80, verbose_name='English name')),
                        ('help_zh', models.CharField(blank=True, max_length=300, verbose_name='help in Chinese')),
                        ('help_en', models.CharField(blank=True, max_length=300, verbose_name='help in English')),
                        ('required', models.BooleanField(default=False, verbose_name='required')),
                        ('default', models.JSONField(blank=True, null=True, verbose_name='default')),
                        ('options', models.JSONField(blank=True, default=list, verbose_name='choices')),
                        ('group', models.CharField(blank=True, max_length=20, verbose_name='group on the form')),
                        ('order', models.PositiveIntegerField(default=0, verbose_name='order')),
                        ('on_list', models.BooleanField(default=False, verbose_name='on the list')),
                        ('is_searchable', models.BooleanField(default=False, verbose_name='found by the search box')),
                        ('slot', models.CharField(blank=True, choices=[('text_1', 'text_1'), ('text_2', 'text_2'), ('number_1', 'number_1'), ('number_2', 'number_2'), ('date_1', 'date_1'), ('date_2', 'date_2'), ('moment_1', 'moment_1'), ('moment_2', 'moment_2')], editable=False, max_length=10, verbose_name='place for sorting')),
                        ('slot_ready', models.BooleanField(default=False, editable=False, verbose_name='sorts')),
                        ('removed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='removed')),
                        ('replaces', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.fielddefinition', verbose_name='replaces the field')),
                    ],
                    options={
                        'verbose_name': 'custom field',
                        'verbose_name_plural': 'custom fields',
                        'ordering': ('entity', 'order', 'pk'),
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='FieldDefinitionEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('entity', models.CharField(max_length=80, verbose_name='kind of record')),
                        ('code', models.CharField(max_length=40, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_]*$', 'Use small letters, digits and _, and begin with a letter.')], verbose_name='code')),
                        ('type', models.CharField(choices=[('text', 'Text'), ('long_text', 'Long text'), ('number', 'Number'), ('money', 'Amount of money'), ('date', 'Date'), ('datetime', 'Date and time'), ('choice', 'Choice'), ('choices', 'Several choices'), ('boolean', 'Yes or no'), ('user', 'Colleague'), ('link', 'Link to a customer')], max_length=10, verbose_name='type')),
                        ('name_zh', models.CharField(max_length=80, verbose_name='Chinese name')),
                        ('name_en', models.CharField(max_length=80, verbose_name='English name')),
                        ('help_zh', models.CharField(blank=True, max_length=300, verbose_name='help in Chinese')),
                        ('help_en', models.CharField(blank=True, max_length=300, verbose_name='help in English')),
                        ('required', models.BooleanField(default=False, verbose_name='required')),
                        ('default', models.JSONField(blank=True, null=True, verbose_name='default')),
                        ('options', models.JSONField(blank=True, default=list, verbose_name='choices')),
                        ('group', models.CharField(blank=True, max_length=20, verbose_name='group on the form')),
                        ('order', models.PositiveIntegerField(default=0, verbose_name='order')),
                        ('on_list', models.BooleanField(default=False, verbose_name='on the list')),
                        ('is_searchable', models.BooleanField(default=False, verbose_name='found by the search box')),
                        ('slot', models.CharField(blank=True, choices=[('text_1', 'text_1'), ('text_2', 'text_2'), ('number_1', 'number_1'), ('number_2', 'number_2'), ('date_1', 'date_1'), ('date_2', 'date_2'), ('moment_1', 'moment_1'), ('moment_2', 'moment_2')], editable=False, max_length=10, verbose_name='place for sorting')),
                        ('slot_ready', models.BooleanField(default=False, editable=False, verbose_name='sorts')),
                        ('removed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='removed')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='crm.fielddefinition')),
                        ('replaces', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.fielddefinition', verbose_name='replaces the field')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='FieldRule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('entity', models.CharField(max_length=80, verbose_name='kind of record')),
                        ('field', models.CharField(max_length=60, verbose_name='field')),
                        ('right', models.CharField(choices=[('hide', 'hidden'), ('lock', 'read only')], max_length=4, verbose_name='right')),
                        ('role', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='auth.group', verbose_name='role')),
                    ],
                    options={
                        'verbose_name': 'rule of a field',
                        'verbose_name_plural': 'rules of fields',
                        'default_permissions': ('add', 'change', 'delete', 'view', 'export', 'assign'),
                    },
                ),
                migrations.CreateModel(
                    name='FieldRuleEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('entity', models.CharField(max_length=80, verbose_name='kind of record')),
                        ('field', models.CharField(max_length=60, verbose_name='field')),
                        ('right', models.CharField(choices=[('hide', 'hidden'), ('lock', 'read only')], max_length=4, verbose_name='right')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='crm.fieldrule')),
                        ('role', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='auth.group', verbose_name='role')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='formlayout',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_formlayoutevent" ("data", "entity", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."data", new_values."entity", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='1ffcadfdedf6e9ef107a543d57c3b951696c7198', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_88118', referencing='REFERENCING NEW TABLE AS new_values ', table='crm_formlayout', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='formlayout',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_formlayoutevent" ("data", "entity", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."data", new_values."entity", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='bdf4666ed9e833a67e17996ab0e2af217669b82d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_4418f', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='crm_formlayout', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='formlayout',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_formlayoutevent" ("data", "entity", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."data", old_values."entity", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='409c0145dba90489e574c96521f75fb5f0f02007', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_1cdaa', referencing='REFERENCING OLD TABLE AS old_values ', table='crm_formlayout', when='AFTER')),
                ),
                migrations.AddField(
                    model_name='formlayoutevent',
                    name='pgh_context',
                    field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
                ),
                migrations.AddField(
                    model_name='formlayoutevent',
                    name='pgh_obj',
                    field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='crm.formlayout'),
                ),
                migrations.AddField(
                    model_name='formtoken',
                    name='user',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user'),
                ),
                migrations.AddField(
                    model_name='handover',
                    name='actor',
                    field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='actor'),
                ),
                migrations.AddField(
                    model_name='handover',
                    name='leaver',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='colleague'),
                ),
                migrations.AddField(
                    model_name='importbatch',
                    name='user',
                    field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user'),
                ),
                migrations.AddField(
                    model_name='job',
                    name='undone_by',
                    field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='undoes', to='crm.job', verbose_name='undo'),
                ),
                migrations.AddField(
                    model_name='job',
                    name='user',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='jobs', to=settings.AUTH_USER_MODEL, verbose_name='user'),
                ),
                migrations.AddField(
                    model_name='importbatch',
                    name='check_job',
                    field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.job', verbose_name='check'),
                ),
                migrations.AddField(
                    model_name='importbatch',
                    name='run_job',
                    field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.job', verbose_name='run'),
                ),
                migrations.AddField(
                    model_name='handover',
                    name='job',
                    field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.job', verbose_name='job'),
                ),
                migrations.AddField(
                    model_name='outboxmessage',
                    name='user',
                    field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recipient'),
                ),
                migrations.AddField(
                    model_name='ownershipchange',
                    name='actor',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='actor'),
                ),
                migrations.AddField(
                    model_name='ownershipchange',
                    name='from_owner',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner before'),
                ),
                migrations.AddField(
                    model_name='ownershipchange',
                    name='subject_type',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contenttypes.contenttype', verbose_name='kind of record'),
                ),
                migrations.AddField(
                    model_name='ownershipchange',
                    name='to_owner',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner after'),
                ),
                migrations.AddField(
                    model_name='recordmark',
                    name='subject_type',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contenttypes.contenttype', verbose_name='kind of record'),
                ),
                migrations.AddField(
                    model_name='recordmark',
                    name='user',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user'),
                ),
                migrations.AddField(
                    model_name='rolerule',
                    name='role',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='auth.group', verbose_name='role'),
                ),
                migrations.AddField(
                    model_name='stagedrow',
                    name='batch',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='crm.importbatch', verbose_name='import'),
                ),
                migrations.AddField(
                    model_name='storedfile',
                    name='user',
                    field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user'),
                ),
                migrations.AddField(
                    model_name='outboxmessage',
                    name='attachments',
                    field=models.ManyToManyField(blank=True, related_name='messages', to='crm.storedfile', verbose_name='attachments'),
                ),
                migrations.AddField(
                    model_name='job',
                    name='file',
                    field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='jobs', to='crm.storedfile', verbose_name='file'),
                ),
                migrations.AddField(
                    model_name='importbatch',
                    name='file',
                    field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.storedfile', verbose_name='file'),
                ),
                migrations.AddField(
                    model_name='tag',
                    name='created_by',
                    field=models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by'),
                ),
                migrations.AddField(
                    model_name='tag',
                    name='deletion',
                    field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.deletion', verbose_name='deletion'),
                ),
                migrations.AddField(
                    model_name='tag',
                    name='modified_by',
                    field=models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='modified by'),
                ),
                migrations.AddField(
                    model_name='tagchange',
                    name='actor',
                    field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
                ),
                migrations.AddField(
                    model_name='tagchange',
                    name='into',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='crm.tag', verbose_name='merged into'),
                ),
                migrations.AddField(
                    model_name='tagchange',
                    name='part_of',
                    field=models.ForeignKey(help_text='A job does a large change in parts; its own row holds no records.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='crm.tagchange', verbose_name='part of'),
                ),
                migrations.AddField(
                    model_name='tagchange',
                    name='tag',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='crm.tag', verbose_name='tag'),
                ),
                migrations.AddField(
                    model_name='tagevent',
                    name='created_by',
                    field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by'),
                ),
                migrations.AddField(
                    model_name='tagevent',
                    name='deletion',
                    field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='crm.deletion', verbose_name='deletion'),
                ),
                migrations.AddField(
                    model_name='tagevent',
                    name='pgh_context',
                    field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
                ),
                migrations.AddField(
                    model_name='tagevent',
                    name='pgh_obj',
                    field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='crm.tag'),
                ),
                migrations.AddField(
                    model_name='team',
                    name='group',
                    field=models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='team', to='auth.group', verbose_name='group'),
                ),
                migrations.AddField(
                    model_name='team',
                    name='manager',
                    field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='managed_teams', to=settings.AUTH_USER_MODEL, verbose_name='manager'),
                ),
                migrations.AddField(
                    model_name='team',
                    name='parent',
                    field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='crm.team', verbose_name='parent team'),
                ),
                migrations.AddField(
                    model_name='ownershipchange',
                    name='from_team',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.team', verbose_name='team before'),
                ),
                migrations.AddField(
                    model_name='ownershipchange',
                    name='to_team',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='crm.team', verbose_name='team after'),
                ),
                migrations.AddField(
                    model_name='user',
                    name='team',
                    field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='crm.team', verbose_name='home team'),
                ),
                migrations.AddField(
                    model_name='timelineentry',
                    name='actor',
                    field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='actor'),
                ),
                migrations.AddField(
                    model_name='timelineentry',
                    name='subject_type',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contenttypes.contenttype', verbose_name='kind of record'),
                ),
                migrations.AddField(
                    model_name='viewing',
                    name='actor',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='looked by'),
                ),
                migrations.AddField(
                    model_name='viewing',
                    name='person',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='looked as'),
                ),
                migrations.AddIndex(
                    model_name='accesslogentry',
                    index=models.Index(fields=['subject_type', 'subject_id', '-id'], name='access_of_record'),
                ),
                migrations.AddIndex(
                    model_name='accesslogentry',
                    index=models.Index(fields=['user', '-id'], name='access_of_user'),
                ),
                migrations.AddIndex(
                    model_name='accesslogentry',
                    index=models.Index(fields=['kind', '-id'], name='access_of_kind'),
                ),
                migrations.AddIndex(
                    model_name='accesslogentry',
                    index=models.Index(fields=['at'], name='access_at'),
                ),
                migrations.AddIndex(
                    model_name='accessrequest',
                    index=models.Index(fields=['asker', '-id'], name='access_request_of_asker'),
                ),
                migrations.AddConstraint(
                    model_name='accessrequest',
                    constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('subject_type', 'subject_id', 'asker'), name='one_open_request_per_record'),
                ),
                migrations.AddIndex(
                    model_name='deletion',
                    index=models.Index(fields=['subject_type', 'subject_id'], name='deletion_of_record'),
                ),
                migrations.AddIndex(
                    model_name='deletion',
                    index=models.Index(condition=models.Q(('purged_at__isnull', True), ('restored_at__isnull', True)), fields=['-id'], name='deletion_waiting'),
                ),
                migrations.AddConstraint(
                    model_name='fielddefinition',
                    constraint=models.UniqueConstraint(fields=('entity', 'code'), name='one_field_per_code', violation_error_message='There is already a field with this code, perhaps a removed one.'),
                ),
                migrations.AddConstraint(
                    model_name='fielddefinition',
                    constraint=models.UniqueConstraint(condition=models.Q(models.Q(('slot', ''), _negated=True), ('removed_at__isnull', True)), fields=('entity', 'slot'), name='one_field_per_slot'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='fielddefinition',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_fielddefinitionevent" ("code", "default", "entity", "group", "help_en", "help_zh", "id", "is_searchable", "name_en", "name_zh", "on_list", "options", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "removed_at", "replaces_id", "required", "slot", "slot_ready", "type") SELECT new_values."code", new_values."default", new_values."entity", new_values."group", new_values."help_en", new_values."help_zh", new_values."id", new_values."is_searchable", new_values."name_en", new_values."name_zh", new_values."on_list", new_values."options", new_values."order", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."removed_at", new_values."replaces_id", new_values."required", new_values."slot", new_values."slot_ready", new_values."type" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='dc70b3e0d2e5153112db9ecf8a949311001ccb33', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_42451', referencing='REFERENCING NEW TABLE AS new_values ', table='crm_fielddefinition', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='fielddefinition',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_fielddefinitionevent" ("code", "default", "entity", "group", "help_en", "help_zh", "id", "is_searchable", "name_en", "name_zh", "on_list", "options", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "removed_at", "replaces_id", "required", "slot", "slot_ready", "type") SELECT new_values."code", new_values."default", new_values."entity", new_values."group", new_values."help_en", new_values."help_zh", new_values."id", new_values."is_searchable", new_values."name_en", new_values."name_zh", new_values."on_list", new_values."options", new_values."order", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."removed_at", new_values."replaces_id", new_values."required", new_values."slot", new_values."slot_ready", new_values."type" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='3fbef7e2477f54a99ab8764ba6fa19525665be48', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_02ac3', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='crm_fielddefinition', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='fielddefinition',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_fielddefinitionevent" ("code", "default", "entity", "group", "help_en", "help_zh", "id", "is_searchable", "name_en", "name_zh", "on_list", "options", "order", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "removed_at", "replaces_id", "required", "slot", "slot_ready", "type") SELECT old_values."code", old_values."default", old_values."entity", old_values."group", old_values."help_en", old_values."help_zh", old_values."id", old_values."is_searchable", old_values."name_en", old_values."name_zh", old_values."on_list", old_values."options", old_values."order", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."removed_at", old_values."replaces_id", old_values."required", old_values."slot", old_values."slot_ready", old_values."type" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c10d496ca7149cb7e05b1bb1462e1c0a3f771960', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_f7ec8', referencing='REFERENCING OLD TABLE AS old_values ', table='crm_fielddefinition', when='AFTER')),
                ),
                migrations.AddConstraint(
                    model_name='fieldrule',
                    constraint=models.UniqueConstraint(fields=('role', 'entity', 'field'), name='one_rule_per_role_and_field'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='fieldrule',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_fieldruleevent" ("entity", "field", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "right", "role_id") SELECT new_values."entity", new_values."field", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."right", new_values."role_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='64a20be543ba9722f97509c8e0bb7f11427be2f7', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_93d2e', referencing='REFERENCING NEW TABLE AS new_values ', table='crm_fieldrule', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='fieldrule',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_fieldruleevent" ("entity", "field", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "right", "role_id") SELECT new_values."entity", new_values."field", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."right", new_values."role_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='fc9e7fc916892d69971bf541b90532a36a5d440d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_b9413', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='crm_fieldrule', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='fieldrule',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_fieldruleevent" ("entity", "field", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "right", "role_id") SELECT old_values."entity", old_values."field", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."right", old_values."role_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='b124e76ffaac3f4aa78a5488f2ce07d4bf3ecc7c', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_3ccae', referencing='REFERENCING OLD TABLE AS old_values ', table='crm_fieldrule', when='AFTER')),
                ),
                migrations.AddConstraint(
                    model_name='recordmark',
                    constraint=models.UniqueConstraint(fields=('user', 'kind', 'subject_type', 'subject_id'), name='one_mark_a_record'),
                ),
                migrations.AddConstraint(
                    model_name='rolerule',
                    constraint=models.UniqueConstraint(fields=('role', 'model', 'action'), name='one_rule_per_role_model_action'),
                ),
                migrations.AddIndex(
                    model_name='stagedrow',
                    index=models.Index(condition=models.Q(('record_id__isnull', True)), fields=['batch', 'decision', 'line'], name='staged_waiting'),
                ),
                migrations.AddConstraint(
                    model_name='stagedrow',
                    constraint=models.UniqueConstraint(fields=('batch', 'line'), name='staged_line_once'),
                ),
                migrations.AddIndex(
                    model_name='outboxmessage',
                    index=models.Index(fields=['state', '-id'], name='mail_by_state'),
                ),
                migrations.AddIndex(
                    model_name='outboxmessage',
                    index=models.Index(condition=models.Q(('state__in', ['queued', 'uncertain'])), fields=['next_try_at'], name='mail_waiting'),
                ),
                migrations.AddIndex(
                    model_name='outboxmessage',
                    index=models.Index(condition=models.Q(('state', 'sending')), fields=['lease_until'], name='mail_sending'),
                ),
                migrations.AddIndex(
                    model_name='job',
                    index=models.Index(fields=['user', '-id'], name='job_of_user'),
                ),
                migrations.AddIndex(
                    model_name='job',
                    index=models.Index(condition=models.Q(('state', 'queued')), fields=['next_try_at'], name='job_queued'),
                ),
                migrations.AddIndex(
                    model_name='job',
                    index=models.Index(condition=models.Q(('state', 'running')), fields=['lease_until'], name='job_running'),
                ),
                migrations.AddIndex(
                    model_name='importbatch',
                    index=models.Index(fields=['user', 'entity', '-id'], name='import_of_user'),
                ),
                migrations.AddConstraint(
                    model_name='tag',
                    constraint=models.UniqueConstraint(models.F('root'), django.db.models.functions.text.Lower('name'), condition=models.Q(('deleted_at__isnull', True)), name='tag_name_unique', violation_error_message='There is a tag of this name already.'),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='tag',
                    trigger=pgtrigger.compiler.Trigger(name='raise_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."colour" IS DISTINCT FROM (NEW."colour") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."deletion_id" IS DISTINCT FROM (NEW."deletion_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."root" IS DISTINCT FROM (NEW."root"))', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='888e82368a77e274b0bd1a3856b83e8db7c20419', operation='UPDATE', pgid='pgtrigger_raise_version_400f8', table='crm_tag', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='tag',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_tagevent" ("colour", "created_at", "created_by_id", "deleted_at", "deletion_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "root", "version") SELECT new_values."colour", new_values."created_at", new_values."created_by_id", new_values."deleted_at", new_values."deletion_id", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."root", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='8130bd25776cfccf98c4c3b81dccfb9427b5f99f', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_7ad15', referencing='REFERENCING NEW TABLE AS new_values ', table='crm_tag', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='tag',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_tagevent" ("colour", "created_at", "created_by_id", "deleted_at", "deletion_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "root", "version") SELECT new_values."colour", new_values."created_at", new_values."created_by_id", new_values."deleted_at", new_values."deletion_id", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."root", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."colour" IS DISTINCT FROM (new_values."colour") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."created_by_id" IS DISTINCT FROM (new_values."created_by_id") OR old_values."deleted_at" IS DISTINCT FROM (new_values."deleted_at") OR old_values."deletion_id" IS DISTINCT FROM (new_values."deletion_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."root" IS DISTINCT FROM (new_values."root") OR old_values."version" IS DISTINCT FROM (new_values."version")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='95831fc5c5c2dd0b22541bbf80a50b88328c6091', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_ba07a', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='crm_tag', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='tag',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_tagevent" ("colour", "created_at", "created_by_id", "deleted_at", "deletion_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "root", "version") SELECT old_values."colour", old_values."created_at", old_values."created_by_id", old_values."deleted_at", old_values."deletion_id", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."root", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='6e1889a0efd274967e9b8a1429dc6c771700e45d', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_440b5', referencing='REFERENCING OLD TABLE AS old_values ', table='crm_tag', when='AFTER')),
                ),
                migrations.AddIndex(
                    model_name='team',
                    index=models.Index(fields=['path'], name='team_path', opclasses=['text_pattern_ops']),
                ),
                migrations.AddIndex(
                    model_name='ownershipchange',
                    index=models.Index(fields=['subject_type', 'subject_id', '-at', '-id'], name='ownership_of_record'),
                ),
                migrations.AddIndex(
                    model_name='ownershipchange',
                    index=models.Index(fields=['act', 'subject_type', 'subject_id'], name='ownership_of_act'),
                ),
                migrations.AddConstraint(
                    model_name='user',
                    constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_unique', violation_error_message='Another user already has this e-mail address.'),
                ),
                migrations.AddIndex(
                    model_name='timelineentry',
                    index=models.Index(fields=['subject_type', 'subject_id', '-at', '-id'], name='timeline_of_record'),
                ),
                migrations.AddIndex(
                    model_name='timelineentry',
                    index=models.Index(condition=models.Q(('handled_at__isnull', True)), fields=['id'], name='timeline_unhandled'),
                ),
            ],
        ),
        migrations.RunSQL(
            "CREATE INDEX crm_context_of_user ON pghistory_context ((metadata -> 'user'))",
            "DROP INDEX crm_context_of_user",
        ),
    ]
