"""The right to see protected values, which shipped roles get once, where they had the model; sealed staged lines."""

import json

from django.db import migrations, models

import crm.protection.parts
from crm.protection import sealed_part

STAGED = "crm_stagedrow"


def grant(apps, schema_editor):
    from crm.roles import rules

    Rule = apps.get_model("crm", "RoleRule")
    groups = dict(Rule.objects.values_list("role__name", "role_id"))
    known = set(Rule.objects.values_list("role__name", "model"))
    Rule.objects.bulk_create(
        [
            Rule(role_id=groups[role], model=model, action=action, reach=int(reach))
            for (role, model, action), reach in rules().items()
            if action == "reveal" and (role, model) in known
        ],
        ignore_conflicts=True,
    )


def seal_staged(apps, schema_editor):
    """Seal the lines of imports that wait or were refused."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"SELECT id, cells, data, errors FROM {STAGED} WHERE jsonb_typeof(cells) = 'array'")
        for pk, *columns in cursor.fetchall():
            cells, data, errors = (json.loads(value) if isinstance(value, str) else value for value in columns)
            if data and "import:beside" in data:
                data["import:beside"] = sealed_part(data["import:beside"], "crm.stagedrow.data")
            cursor.execute(
                f"UPDATE {STAGED} SET cells = %s, data = %s, errors = %s WHERE id = %s",
                [
                    json.dumps(sealed_part(cells, "crm.stagedrow.cells")),
                    None if data is None else json.dumps(data),
                    json.dumps({name: sealed_part(text, "crm.stagedrow.errors") for name, text in errors.items()}),
                    pk,
                ],
            )


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0006_access_requests"),
    ]

    operations = [
        migrations.AlterField(
            model_name="rolerule",
            name="action",
            field=models.CharField(
                choices=[
                    ("view", "View"),
                    ("add", "Add"),
                    ("change", "Change"),
                    ("delete", "Delete"),
                    ("export", "Export"),
                    ("assign", "Assign"),
                    ("reveal", "See protected values"),
                ],
                max_length=10,
                verbose_name="action",
            ),
        ),
        migrations.AlterField(
            model_name="stagedrow",
            name="cells",
            field=crm.protection.parts.PartlySealedField(scope="crm.stagedrow.cells", verbose_name="cells"),
        ),
        migrations.AlterField(
            model_name="stagedrow",
            name="data",
            field=crm.protection.parts.PartlySealedField(null=True, scope="crm.stagedrow.data", verbose_name="data"),
        ),
        migrations.AlterField(
            model_name="stagedrow",
            name="errors",
            field=crm.protection.parts.PartlySealedField(
                default=dict, scope="crm.stagedrow.errors", verbose_name="errors"
            ),
        ),
        migrations.RunPython(seal_staged, migrations.RunPython.noop),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
