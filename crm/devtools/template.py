"""The migrated database that test databases are copied from: migrating takes seconds, copying less than one."""

import contextlib
import hashlib
import os
import re
import subprocess
import sys

import psycopg
from psycopg.sql import SQL, Identifier

from crm.devtools.processes import ROOT

PREFIX = "banyan_migrated_"
LOCK = 7_420_115  # of whoever makes one, so that a second worker of the run waits for it
# What the migrations read besides themselves: master data, roles, and the packages with migrations of their own.
SOURCES = (
    "*/migrations/*.py",
    "*/setup.py",
    "crm/squashing.py",
    "crm/roles.py",
    "customers/sealing.py",
    "requirements.txt",
)


def template(url: str) -> str:
    """The name of a migrated database in the cluster of this URL, made when there is none for the present code."""
    total = hashlib.sha256()
    for path in sorted(path for pattern in SOURCES for path in ROOT.glob(pattern)):
        total.update(path.read_bytes())
    name = f"{PREFIX}{total.hexdigest()[:16]}"
    with psycopg.connect(at(url, "postgres"), autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        known = {found for (found,) in admin.execute("SELECT datname FROM pg_database")}
        if name not in known:
            for old in known:
                if old.startswith(PREFIX):
                    with contextlib.suppress(psycopg.errors.ObjectInUse):  # a run with other code copies it just now
                        admin.execute(SQL("DROP DATABASE {}").format(Identifier(old)))
            make(url, admin, name)
    return name


def make(url, admin, name):
    unfinished = f"{PREFIX}unfinished"
    admin.execute(SQL("CREATE DATABASE {}").format(Identifier(unfinished)))
    environment = dict(os.environ, DATABASE_URL=at(url, unfinished))
    command = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the test database cannot be migrated:\n{done.stdout}{done.stderr}")
    admin.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(unfinished), Identifier(name)))


def at(url: str, database: str) -> str:
    """The same server, another database."""
    return re.sub(r"/[^/?]*(\?.*)?$", rf"/{database}\1", url)
