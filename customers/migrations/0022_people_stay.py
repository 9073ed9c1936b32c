"""Who made and changed a record is known to exist, and stays: no constraint asks for each row."""

from django.db import migrations

from crm.squashing import DropConstraints


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0024_people_stay"),
        ("customers", "0021_custom_triggers"),
    ]

    operations = [
        DropConstraints(
            {
                "address": ["created_by", "modified_by"],
                "billingprofile": ["created_by", "modified_by"],
                "contact": ["created_by", "modified_by"],
                "contactpoint": ["created_by", "modified_by"],
                "contactrole": ["created_by", "modified_by"],
                "customer": ["created_by", "modified_by"],
                "customerfile": ["created_by", "modified_by"],
                "customerrelation": ["created_by", "modified_by"],
                "followupplan": ["created_by", "modified_by"],
                "industry": ["created_by", "modified_by"],
                "interaction": ["created_by", "modified_by"],
                "interactionfile": ["created_by", "modified_by"],
            }
        ),
    ]
