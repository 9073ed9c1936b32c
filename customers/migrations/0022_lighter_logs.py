"""Who made and changed a contact point is known to exist: no constraint asks for each row."""

from django.db import migrations

from crm.squashing import DropConstraints


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0024_lighter_logs"),
        ("customers", "0021_custom_triggers"),
    ]

    operations = [
        DropConstraints({"contactpoint": ["created_by", "modified_by"]}),
    ]
