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


class DropIndexes(Operation):
    """fields: {model in lower case: names of foreign keys} whose columns need no index of their own any more.

    A hundred AlterField would render the related models anew a hundred times (see CreateSchema).
    """

    reversible = False

    def __init__(self, fields):
        self.fields = fields

    def state_forwards(self, app_label, state):
        rendered = vars(state).get("apps")
        for model, names in self.fields.items():
            held = state.models[app_label, model].fields
            for name in names:
                _name, _path, args, kwargs = held[name].deconstruct()
                held[name] = type(held[name])(*args, **kwargs | {"db_index": False})
                if rendered:
                    rendered.get_model(app_label, model)._meta.get_field(name).db_index = False

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for model, names in self.fields.items():
            for name in names:
                schema_editor.execute(
                    """DO $$ DECLARE name text; BEGIN
                         FOR name IN SELECT indexrelid::regclass::text FROM pg_index JOIN pg_attribute
                             ON attrelid = indrelid AND attnum = indkey[0]
                             WHERE indrelid = %s::regclass AND attname = %s AND indnatts = 1 AND NOT indisunique
                         LOOP EXECUTE 'DROP INDEX ' || name; END LOOP;
                       END $$""",
                    [f"{app_label}_{model}", f"{name}_id"],
                )

    def describe(self):
        return "Drop the indexes of foreign keys by which nobody asks"
