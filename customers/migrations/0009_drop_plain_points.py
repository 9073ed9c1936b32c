"""No plain contact point is left: drop the columns, and put triggers and constraints on the sealed ones."""

import django.contrib.postgres.indexes
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import crm.protection.cipher


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0008_seal_contact_points'),
    ]

    operations = [
        migrations.AlterField(
            model_name='contactpoint',
            name='key',
            field=models.UUIDField(default=crm.protection.cipher.new_key, editable=False, unique=True, verbose_name='row key'),
        ),
        migrations.AlterField(
            model_name='contactpointevent',
            name='key',
            field=models.UUIDField(default=crm.protection.cipher.new_key, editable=False, verbose_name='row key'),
        ),
        migrations.RemoveField(
            model_name='contactpoint',
            name='plain',
        ),
        migrations.RemoveField(
            model_name='contactpointevent',
            name='plain',
        ),
        migrations.AddIndex(
            model_name='contactpoint',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['digest'], name='point_digest'),
        ),
        migrations.AddIndex(
            model_name='contactpoint',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('deleted_at__isnull', True)), fields=['tokens'], name='point_tokens'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contactpoint',
            trigger=pgtrigger.compiler.Trigger(name='raise_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."contact_id" IS DISTINCT FROM (NEW."contact_id") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."deleted_at" IS DISTINCT FROM (NEW."deleted_at") OR OLD."deletion_id" IS DISTINCT FROM (NEW."deletion_id") OR OLD."is_primary" IS DISTINCT FROM (NEW."is_primary") OR OLD."is_valid" IS DISTINCT FROM (NEW."is_valid") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."label" IS DISTINCT FROM (NEW."label") OR OLD."opted_in" IS DISTINCT FROM (NEW."opted_in") OR OLD."value" IS DISTINCT FROM (NEW."value"))', func='NEW.version = OLD.version + 1; RETURN NEW;', hash='2fb7742c5130483822912d42204b2c2dfd37ffaf', operation='UPDATE', pgid='pgtrigger_raise_version_351a4', table='customers_contactpoint', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contactpoint',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "customers_contactpointevent" ("contact_id", "created_at", "created_by_id", "customer_id", "deleted_at", "deletion_id", "id", "is_primary", "is_valid", "key", "kind", "label", "opted_in", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "value", "version") SELECT new_values."contact_id", new_values."created_at", new_values."created_by_id", new_values."customer_id", new_values."deleted_at", new_values."deletion_id", new_values."id", new_values."is_primary", new_values."is_valid", new_values."key", new_values."kind", new_values."label", new_values."opted_in", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."value", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='6b2f5863e49caeb2ab62ba109cf35dcaa86a208f', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_c947a', referencing='REFERENCING NEW TABLE AS new_values ', table='customers_contactpoint', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contactpoint',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "customers_contactpointevent" ("contact_id", "created_at", "created_by_id", "customer_id", "deleted_at", "deletion_id", "id", "is_primary", "is_valid", "key", "kind", "label", "opted_in", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "value", "version") SELECT new_values."contact_id", new_values."created_at", new_values."created_by_id", new_values."customer_id", new_values."deleted_at", new_values."deletion_id", new_values."id", new_values."is_primary", new_values."is_valid", new_values."key", new_values."kind", new_values."label", new_values."opted_in", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."value", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."contact_id" IS DISTINCT FROM (new_values."contact_id") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."created_by_id" IS DISTINCT FROM (new_values."created_by_id") OR old_values."customer_id" IS DISTINCT FROM (new_values."customer_id") OR old_values."deleted_at" IS DISTINCT FROM (new_values."deleted_at") OR old_values."deletion_id" IS DISTINCT FROM (new_values."deletion_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."is_primary" IS DISTINCT FROM (new_values."is_primary") OR old_values."is_valid" IS DISTINCT FROM (new_values."is_valid") OR old_values."key" IS DISTINCT FROM (new_values."key") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."label" IS DISTINCT FROM (new_values."label") OR old_values."opted_in" IS DISTINCT FROM (new_values."opted_in") OR old_values."value" IS DISTINCT FROM (new_values."value") OR old_values."version" IS DISTINCT FROM (new_values."version")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='c53816f188e17887bf2773daa9c2d450feeb37fe', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_90fab', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='customers_contactpoint', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contactpoint',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "customers_contactpointevent" ("contact_id", "created_at", "created_by_id", "customer_id", "deleted_at", "deletion_id", "id", "is_primary", "is_valid", "key", "kind", "label", "opted_in", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "value", "version") SELECT old_values."contact_id", old_values."created_at", old_values."created_by_id", old_values."customer_id", old_values."deleted_at", old_values."deletion_id", old_values."id", old_values."is_primary", old_values."is_valid", old_values."key", old_values."kind", old_values."label", old_values."opted_in", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."value", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='b3d568ae7e819d86ef7984b5119bd4dfa042ac99', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_f627e', referencing='REFERENCING OLD TABLE AS old_values ', table='customers_contactpoint', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='contactpoint',
            constraint=models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True)), fields=('customer', 'kind', 'digest'), name='customer_point_unique', violation_error_message='This contact point is listed already.'),
        ),
        migrations.AddConstraint(
            model_name='contactpoint',
            constraint=models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True)), fields=('contact', 'kind', 'digest'), name='contact_point_unique', violation_error_message='This contact point is listed already.'),
        ),
    ]
