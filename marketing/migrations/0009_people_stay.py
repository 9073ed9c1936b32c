"""Who made and changed a record is known to exist, and stays: no constraint asks for each row."""

from django.db import migrations

from crm.squashing import DropConstraints


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0024_people_stay"),
        ("marketing", "0008_custom_triggers"),
    ]

    operations = [
        DropConstraints(
            {
                "campaign": ["created_by", "modified_by"],
                "campaigndeal": ["created_by", "modified_by"],
                "campaignfile": ["created_by", "modified_by"],
                "campaignmember": ["created_by", "modified_by"],
            }
        ),
    ]
