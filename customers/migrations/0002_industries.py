"""The short list of industries."""
from django.db import migrations

from customers.setup import load_catalogues


def load(apps, schema_editor):
    load_catalogues(apps.get_model("customers", "Industry"))


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop, elidable=False)]
