"""The change log is asked by record and by context: no index on the keys that its rows copy."""

from django.db import migrations

from crm.squashing import DropIndexes


class Migration(migrations.Migration):
    dependencies = [("marketing", "0006_sealed_values")]

    operations = [
        DropIndexes(
            {
                "campaigndealevent": ["campaign", "created_by", "deletion", "opportunity"],
                "campaignevent": ["created_by", "deletion", "owner", "team"],
                "campaignfileevent": ["created_by", "deletion", "file", "preview", "record"],
                "campaignmemberevent": ["campaign", "contact", "created_by", "customer", "deletion"],
            }
        ),
    ]
