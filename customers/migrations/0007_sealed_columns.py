"""Columns for sealed contact points beside the plain ones, which move aside; the triggers rest meanwhile."""

import pgtrigger.migrations
from django.db import migrations, models

import crm.protection.fields
import crm.protection.index


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0007_action_reveal'),
        ('customers', '0006_custom_values'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='contactpoint',
            name='raise_version',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='contactpoint',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='contactpoint',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='contactpoint',
            name='delete_delete',
        ),
        migrations.RemoveConstraint(
            model_name='contactpoint',
            name='customer_point_unique',
        ),
        migrations.RemoveConstraint(
            model_name='contactpoint',
            name='contact_point_unique',
        ),
        migrations.RenameField(
            model_name='contactpoint',
            old_name='value',
            new_name='plain',
        ),
        migrations.RenameField(
            model_name='contactpointevent',
            old_name='value',
            new_name='plain',
        ),
        migrations.AddField(
            model_name='contactpoint',
            name='key',
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='contactpointevent',
            name='key',
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='contactpoint',
            name='value',
            field=crm.protection.fields.ProtectedField(blank=False, kind='text', max_length=254, scope='customers.contactpoint.value', verbose_name='value'),
        ),
        migrations.AddField(
            model_name='contactpointevent',
            name='value',
            field=crm.protection.fields.ProtectedField(blank=False, kind='text', max_length=254, scope='customers.contactpoint.value', verbose_name='value'),
        ),
        migrations.AddField(
            model_name='contactpoint',
            name='digest',
            field=crm.protection.index.DigestField(default=bytes, max_length=16, verbose_name='fingerprint'),
        ),
        migrations.AddField(
            model_name='contactpoint',
            name='is_valid',
            field=models.BooleanField(default=True, help_text='Off for a number that rings nowhere or an address that bounces.', verbose_name='valid'),
        ),
        migrations.AddField(
            model_name='contactpoint',
            name='label',
            field=models.CharField(blank=True, choices=[('work', 'Work'), ('home', 'Home'), ('assistant', 'Assistant'), ('billing', 'Billing'), ('other', 'Other')], max_length=10, verbose_name='label'),
        ),
        migrations.AddField(
            model_name='contactpoint',
            name='opted_in',
            field=models.BooleanField(default=False, verbose_name='agreed to be contacted here'),
        ),
        migrations.AddField(
            model_name='contactpoint',
            name='tokens',
            field=crm.protection.index.TokensField(base_field=models.IntegerField(), default=list, editable=False, size=None, verbose_name='fingerprints of parts'),
        ),
        migrations.AddField(
            model_name='contactpointevent',
            name='is_valid',
            field=models.BooleanField(default=True, help_text='Off for a number that rings nowhere or an address that bounces.', verbose_name='valid'),
        ),
        migrations.AddField(
            model_name='contactpointevent',
            name='label',
            field=models.CharField(blank=True, choices=[('work', 'Work'), ('home', 'Home'), ('assistant', 'Assistant'), ('billing', 'Billing'), ('other', 'Other')], max_length=10, verbose_name='label'),
        ),
        migrations.AddField(
            model_name='contactpointevent',
            name='opted_in',
            field=models.BooleanField(default=False, verbose_name='agreed to be contacted here'),
        ),
        migrations.AlterField(
            model_name='contactpoint',
            name='kind',
            field=models.CharField(choices=[('mobile', 'Mobile'), ('phone', 'Phone'), ('email', 'E-mail'), ('wechat', 'WeChat'), ('qq', 'QQ'), ('wecom', 'WeCom'), ('other', 'Other')], max_length=10, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='contactpointevent',
            name='kind',
            field=models.CharField(choices=[('mobile', 'Mobile'), ('phone', 'Phone'), ('email', 'E-mail'), ('wechat', 'WeChat'), ('qq', 'QQ'), ('wecom', 'WeCom'), ('other', 'Other')], max_length=10, verbose_name='kind'),
        ),
    ]
