"""Who made and changed a record is known to exist, and stays: no constraint asks for each row."""

from django.db import migrations

from crm.squashing import DropConstraints


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0024_people_stay"),
        ("service", "0008_custom_triggers"),
    ]

    operations = [
        DropConstraints(
            {
                "case": ["created_by", "modified_by"],
                "casefile": ["created_by", "modified_by"],
                "casemessage": ["created_by", "modified_by"],
            }
        ),
    ]
