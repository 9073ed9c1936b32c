"""The change log is asked by record and by context: no index on the keys that its rows copy."""

from django.db import migrations

from crm.squashing import DropIndexes


class Migration(migrations.Migration):
    dependencies = [("crm", "0021_made_records")]

    operations = [
        DropIndexes(
            {
                "fielddefinitionevent": ["replaces"],
                "fieldruleevent": ["role"],
                "tagevent": ["created_by", "deletion"],
            }
        ),
    ]
