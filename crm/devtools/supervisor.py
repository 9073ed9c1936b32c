"""Runs the whole stack: database, queue, schema, demo data, web, worker, beat; stops it in order."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass

from crm.devtools import stamp
from crm.devtools.folders import InUse
from crm.devtools.processes import ROOT, finish, listens, say, spawn, web_port
from crm.devtools.servers import servers

# What `manage.py seed_demo` prints for each role.
LOGIN = re.compile(r"(?P<role>.+?): (?P<username>\S+) / (?P<password>\S+)  \((?P<name>.+)\)")
MANAGE = [sys.executable, str(ROOT / "manage.py")]


@dataclass(frozen=True)
class Login:
    role: str
    username: str
    password: str
    name: str


def environment(folder, urls):
    """What every process of a development stack gets."""
    return {
        **os.environ,
        **urls,
        "BANYAN_ENV": "development",
        "BANYAN_DATA": str(folder.path),
        "SECRET_KEY": folder.secret("secret_key"),
        "DATA_KEYS_FILE": str(folder.data_keys()),
        "PYTHONUNBUFFERED": "1",
    }


class Stack:
    """The processes of one data folder. Use as a context; `logins` are those of the demo, one a role."""

    def __init__(self, folder, reload=False):
        self.folder = folder
        self.web = ["manage.py", "runserver", "--skip-checks", *([] if reload else ["--noreload"])]
        self.processes, self.logins, self.exits = {}, [], contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as exits:
            try:
                exits.enter_context(self.folder.held("the CRM"))
            except InUse as holder:
                raise SystemExit(self.taken(holder)) from None
            port = web_port()
            urls = exits.enter_context(servers(self.folder))
            say("database and queue are up")
            self.address = f"http://127.0.0.1:{port}/"
            self.environment = {**environment(self.folder, urls), "SITE_URL": self.address}
            self.folder.publish(**urls)
            exits.callback(self.stop)
            self.load_web(port)
            self.prepare()
            self.run()
            if not listens(port, self.processes["web"], 60):
                raise SystemExit(f"the web server ended at once; see {self.folder / 'web.log'}")
            self.folder.publish(**urls, address=self.address)
            self.exits = exits.pop_all()
        return self

    def __exit__(self, *problem):
        self.exits.close()

    def taken(self, holder):
        address = self.folder.published(seconds=0).get("address")
        where = f" at {address}" if address else ""
        return f"this data folder is in use{where} by {holder}; stop it first, or use another one: dev.py --data NAME"

    def prepare(self):
        """Bring schema, roles and demo data up to date, unless the same code did it and no command came between."""
        url, code = self.environment["DATABASE_URL"], stamp.code_digest()
        before = stamp.read(url)
        if before.get("code") != code:
            stamp.write(url)
            before = {"code": code, "logins": self.run_prepare()}
            stamp.write(url, **before)
        self.logins = [Login(**login) for login in before["logins"]]
        say("schema and data are ready")

    def run_prepare(self):
        """All of it in one process: starting Django costs a second each time. Gives the logins of the demo."""
        demo = ["--demo"] if self.folder.name == "demo" else []
        command = [sys.executable, "-m", "crm.devtools.prepare", *demo]
        done = subprocess.run(command, env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise SystemExit("the database could not be prepared; the reason is above")
        return [line.groupdict() for line in map(LOGIN.fullmatch, done.stdout.splitlines()) if line]

    def load_web(self, port):
        """Start the web server, which loads Django and then waits for the word (crm/devtools/launch.py)."""
        self.start("web", "-m", "crm.devtools.launch", *self.web, f"127.0.0.1:{port}", stdin=subprocess.PIPE)

    def run(self):
        """The schema is there: give the web server the word, and start worker and beat while it serves."""
        with contextlib.suppress(BrokenPipeError):  # it ended already; the caller notices
            self.processes["web"].stdin.write(b"go\n")
            self.processes["web"].stdin.close()
        beat_folder = self.folder / "beat"
        beat_folder.mkdir(exist_ok=True)
        for old in beat_folder.iterdir():  # beat only ticks; a file torn by a kill is of no use
            old.unlink()
        celery = ["-m", "celery", "-A", "crm"]
        self.start("worker", *celery, "worker", "-l", "info", "-c", "2", "--without-mingle", "--without-gossip")
        self.start("beat", *celery, "beat", "-l", "warning", "-s", str(beat_folder / "schedule"), "--pidfile=")

    def start(self, name, *arguments, stdin=subprocess.DEVNULL):
        with open(self.folder / f"{name}.log", "wb") as log:
            streams = {"stdin": stdin, "stdout": log, "stderr": log}
            self.processes[name] = spawn([sys.executable, *arguments], env=self.environment, cwd=ROOT, **streams)

    def stop(self):
        if not self.processes:
            return
        say("stopping")
        for name, process in self.processes.items():
            if process.poll() is None:  # Celery's soft shutdown waits for running jobs too, and ends a second sooner
                process.send_signal(signal.SIGQUIT if name == "worker" else signal.SIGTERM)
        for process in self.processes.values():
            finish(process, end_signal=None)

    def ended(self):
        """The name of a process that ended by itself, or None."""
        return next((name for name, process in self.processes.items() if process.poll() is not None), None)

    def is_ready(self, seconds=60):
        """Wait until /health/ answers and the worker says that it takes tasks."""
        return waits(seconds, self.web_answers) and waits(seconds, self.worker_is_ready)

    def web_answers(self):
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.address}health/", timeout=5):
            return True

    def worker_is_ready(self):
        return b" ready.\n" in (self.folder / "worker.log").read_bytes()


def waits(seconds, condition):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def up(folder, reload=False):
    """Run until Ctrl-C or until a process ends by itself."""
    asked = []
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: asked.append(True) or interrupt(asked))
    with contextlib.suppress(KeyboardInterrupt), Stack(folder, reload) as stack:
        say(f"ready: {stack.address}   (Ctrl-C stops everything; logs are in {folder.path})")
        show_logins(stack.logins)
        asked.clear()
        while not asked:
            if ended := stack.ended():
                say(f"{ended} ended by itself, so everything stops; see {folder / f'{ended}.log'}")
                return 1
            time.sleep(0.2)
    say("stopped")
    return 0


def interrupt(asked):
    """The first signal stops in order, also in the middle of a start; later ones are ignored, the way out is on."""
    if len(asked) == 1:
        raise KeyboardInterrupt


def show_logins(logins):
    if logins:
        print("\n  One login per role (all of them are made up):", flush=True)
        roles, names = (max(len(getattr(login, part)) for login in logins) for part in ("role", "username"))
        for login in logins:
            print(f"    {login.role:<{roles}}  {login.username:<{names}}  {login.password}   {login.name}", flush=True)
        print(flush=True)
