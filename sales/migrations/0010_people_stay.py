"""Who made and changed a record is known to exist, and stays: no constraint asks for each row."""

from django.db import migrations

from crm.squashing import DropConstraints


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0024_people_stay"),
        ("sales", "0009_custom_triggers"),
    ]

    operations = [
        DropConstraints(
            {
                "opportunity": ["created_by", "modified_by"],
                "opportunityfile": ["created_by", "modified_by"],
                "pipeline": ["created_by", "modified_by"],
                "product": ["created_by", "modified_by"],
                "stage": ["created_by", "modified_by"],
            }
        ),
    ]
