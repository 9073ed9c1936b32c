"""Seal what is plain, in batches of their own transactions: killed, it goes on where it stopped."""

from django.db import migrations

from customers.sealing import seal_plain_points


class Migration(migrations.Migration):

    atomic = False
    dependencies = [
        ('customers', '0007_sealed_columns'),
    ]

    operations = [
        migrations.RunPython(seal_plain_points),
    ]
