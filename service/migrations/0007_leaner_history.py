"""The change log is asked by record and by context: no index on the keys that its rows copy."""

from django.db import migrations

from crm.squashing import DropIndexes


class Migration(migrations.Migration):
    dependencies = [("service", "0006_sealed_values")]

    operations = [
        DropIndexes(
            {
                "caseevent": ["contact", "created_by", "customer", "deletion", "owner", "team"],
                "casefileevent": ["created_by", "deletion", "file", "preview", "record"],
                "casemessageevent": ["case", "created_by", "deletion"],
            }
        ),
    ]
