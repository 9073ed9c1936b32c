"""The change log is asked by record and by context: no index on the keys that its rows copy."""

from django.db import migrations

from crm.squashing import DropIndexes


class Migration(migrations.Migration):
    dependencies = [("sales", "0007_sealed_values")]

    operations = [
        DropIndexes(
            {
                "opportunityevent": [
                    "contact",
                    "created_by",
                    "customer",
                    "deletion",
                    "owner",
                    "pipeline",
                    "product",
                    "stage",
                    "team",
                ],
                "opportunityfileevent": ["created_by", "deletion", "file", "preview", "record"],
                "pipelineevent": ["created_by", "deletion"],
                "productevent": ["created_by", "deletion"],
                "stageevent": ["created_by", "deletion", "pipeline"],
            }
        ),
    ]
