"""The change log is asked by record and by context: no index on the keys that its rows copy."""

from django.db import migrations

from crm.squashing import DropIndexes


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_squashed_0001_initial")]

    operations = [
        DropIndexes(
            {
                "reportscheduleevent": ["created_by", "deletion", "owner"],
            }
        ),
    ]
