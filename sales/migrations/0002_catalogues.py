"""The default pipeline and its stages."""
from django.db import migrations

from sales.setup import load_catalogues


def load(apps, schema_editor):
    load_catalogues(apps.get_model("sales", "Pipeline"), apps.get_model("sales", "Stage"))


class Migration(migrations.Migration):
    dependencies = [("sales", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
