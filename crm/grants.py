"""The rights of the application's database role: it works with everything, and can only add to the logs."""

from django.apps import apps
from django.db import connection

# A context says who acted. It may grow while a request or job goes on, and never say something else.
GUARD = """CREATE OR REPLACE FUNCTION banyan_context_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id <> OLD.id OR NEW.created_at <> OLD.created_at OR NOT NEW.metadata @> OLD.metadata THEN
    RAISE EXCEPTION 'a context of the change log cannot be changed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$"""
CONTEXTS = "pghistory_context"


def log_tables() -> list[str]:
    """The tables to which the application only adds: events of every tracked model, access log, ledger of owners."""
    events = [model._meta.db_table for model in apps.get_models() if hasattr(model, "pgh_tracked_model")]
    own = [apps.get_model("crm", name)._meta.db_table for name in ("AccessLogEntry", "OwnershipChange", "RecordMerge")]
    return sorted({*events, *own})


def statements(role: str) -> list[str]:
    """The SQL that the owner of the tables runs after each migration; running it again changes nothing."""
    name = connection.ops.quote_name(role)
    quoted = [connection.ops.quote_name(table) for table in log_tables()]
    return [
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
        f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {name}",
        *(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {name}" for table in quoted),
        f"REVOKE DELETE, TRUNCATE ON {CONTEXTS} FROM {name}",
        GUARD,
        f"DROP TRIGGER IF EXISTS banyan_context_only_grows ON {CONTEXTS}",
        f"CREATE TRIGGER banyan_context_only_grows BEFORE UPDATE ON {CONTEXTS} "
        "FOR EACH ROW EXECUTE FUNCTION banyan_context_only_grows()",
    ]
