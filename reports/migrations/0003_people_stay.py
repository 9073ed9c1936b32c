"""Who made and changed a record is known to exist, and stays: no constraint asks for each row."""

from django.db import migrations

from crm.squashing import DropConstraints


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0024_people_stay"),
        ("reports", "0002_leaner_history"),
    ]

    operations = [
        DropConstraints(
            {
                "reportschedule": ["created_by", "modified_by"],
            }
        ),
    ]
