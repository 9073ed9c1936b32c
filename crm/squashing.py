"""Operations of migrations on many models at once, which Django does one by one and slowly."""

from django.db.migrations.operations import AddConstraint, AddField, AddIndex, AlterUniqueTogether, CreateModel
from django.db.migrations.operations.base import Operation
from pgtrigger.migrations import AddTrigger

# What only completes a model of the same migration: the table is made from the finished model.
COMPLETING = (AddField, AddIndex, AddConstraint, AlterUniqueTogether)


class CreateSchema(Operation):
    """operations: CreateModel of new models, what completes these models, and their AddTrigger.

    Django renders every related model anew for each operation that finds rendered models, which took most of the
    minute that a new database needs. Here the models are rendered once, when all of them are known.
    """

    serialization_expand_args = ["operations"]

    def __init__(self, operations):
        self.operations = operations
        strange = [one for one in operations if not isinstance(one, (CreateModel, AddTrigger, *COMPLETING))]
        if strange:
            raise TypeError(f"CreateSchema makes new tables only, not: {strange[0].describe()}")

    def state_forwards(self, app_label, state):
        vars(state).pop("apps", None)  # rendered again when next asked for
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for kind in (CreateModel, AddTrigger):
            for operation in self.operations:
                if isinstance(operation, kind):
                    operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for operation in reversed(self.operations):
            if isinstance(operation, CreateModel):
                operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        return "Create the tables, indexes, constraints and triggers of the app"


class DropFromForeignKeys(Operation):
    """fields: {model in lower case: names of foreign keys} of which `option` becomes False: what the database then no
    longer has is named by `objects`, and removed.

    A hundred AlterField would render the related models anew a hundred times (see CreateSchema).
    """

    reversible = False
    option = objects = ""

    def __init__(self, fields):
        self.fields = fields

    def state_forwards(self, app_label, state):
        rendered = vars(state).get("apps")
        for model, names in self.fields.items():
            held = state.models[app_label, model].fields
            for name in names:
                _name, _path, args, kwargs = held[name].deconstruct()
                held[name] = type(held[name])(*args, **kwargs | {self.option: False})
                if rendered:
                    setattr(rendered.get_model(app_label, model)._meta.get_field(name), self.option, False)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for model, names in self.fields.items():
            for name in names:
                schema_editor.execute(
                    f"""DO $$ DECLARE drop_it text; BEGIN
                         FOR drop_it IN {self.objects} LOOP EXECUTE drop_it; END LOOP;
                       END $$""",
                    [f"{app_label}_{model}", f"{name}_id"],
                )


class DropIndexes(DropFromForeignKeys):
    """Of foreign keys by which nobody asks."""

    option = "db_index"
    objects = """SELECT 'DROP INDEX ' || indexrelid::regclass FROM pg_index
        JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
        WHERE indrelid = %s::regclass AND attname = %s AND indnatts = 1 AND NOT indisunique"""

    def describe(self):
        return "Drop the indexes of foreign keys by which nobody asks"


class DropConstraints(DropFromForeignKeys):
    """Of foreign keys whose rows are known to exist, and to stay."""

    option = "db_constraint"
    objects = """SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname) FROM pg_constraint
        JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
        WHERE contype = 'f' AND conrelid = %s::regclass AND attname = %s"""

    def describe(self):
        return "Drop the constraints of foreign keys whose rows stay"
