"""The beginning of an app's migrations as one step: all its tables, indexes, constraints and triggers at once."""

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
