"""What brought a development database up to date, kept as the comment on the database: it goes where the data goes."""

import hashlib
import json
import sys

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from crm.devtools.processes import ROOT

READ = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"


def read(url) -> dict:
    """{"code": digest, "logins": […]} of the last start, empty when there was none or a command came between."""
    with psycopg.connect(url) as connection:
        return json.loads(connection.execute(READ).fetchone()[0] or "{}")


def write(url, **stamp):
    """Keep the stamp; without any, the next start looks at everything again."""
    with psycopg.connect(url) as connection:
        name, text = Identifier(connection.info.dbname), Literal(json.dumps(stamp))
        connection.execute(SQL("COMMENT ON DATABASE {} IS {}").format(name, text))


def code_digest() -> str:
    """Of all Python code and the packages: what schema, roles, checks and demo data are made by."""
    total = hashlib.sha256(sys.version.encode())
    sources = [path for app in ROOT.glob("*/apps.py") for path in app.parent.rglob("*.py")]
    for path in sorted([ROOT / "requirements-dev.txt", *sources]):
        total.update(path.read_bytes())
    return total.hexdigest()
