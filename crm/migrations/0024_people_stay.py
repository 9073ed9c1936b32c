"""Logs and ledgers of imports name people, kinds of records and imports that stay: no constraint asks for each row."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from crm.squashing import DropConstraints, DropIndexes


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0023_imported_people"),
    ]

    operations = [
        DropConstraints(
            {
                "accesslogentry": ["subject_type"],
                "accessrequest": ["subject_type"],
                "deletion": ["subject_type"],
                "importedrow": ["batch"],
                "ownershipchange": ["subject_type"],
                "recordmark": ["subject_type"],
                "recordmerge": ["subject_type"],
                "stagedrow": ["batch"],
                "tag": ["created_by", "modified_by"],
                "timelineentry": ["actor", "subject_type"],
            }
        ),
        DropIndexes({"timelineentry": ["actor"]}),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="people_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."last_login" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="4c4da5bec71c9d73514db9cd9d9bb237445e52d6",
                    operation="DELETE",
                    pgid="pgtrigger_people_stay_e8153",
                    table="crm_user",
                    when="BEFORE",
                ),
            ),
        ),
    ]
