"""The sub-commands of dev.py: functions that take the rest of the command line and give an exit code."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

# Commands that only read sources: they need no servers.
WITHOUT_SERVERS = {"messages", "compilemessages", "collectstatic"}
NOWHERE = {"DATABASE_URL": "postgresql://127.0.0.1:9/none", "REDIS_URL": "redis://127.0.0.1:9/0"}


def build(arguments):
    """Make everything that is built from packages and sources: front-end files, fonts, translations."""
    from crm.devtools import frontend

    frontend.build()
    return 0


def up(arguments):
    from crm.devtools import supervisor
    from crm.devtools.folders import Folder

    if set(arguments) - {"--reload"}:
        sys.exit(f"unknown: {' '.join(arguments)}; see python3 dev.py --help")
    return supervisor.up(Folder(), reload="--reload" in arguments)


def check(arguments):
    """Start everything, open the first page as each demo user, stop, print the seconds."""
    from concurrent.futures import ThreadPoolExecutor

    from crm.devtools.folders import Folder
    from crm.devtools.processes import STARTED, say
    from crm.devtools.supervisor import Stack
    from crm.devtools.visits import visit

    failed = 0
    with Stack(Folder()) as stack:
        say(f"web is up at {stack.address}")
        with ThreadPoolExecutor(4) as browsers:
            problems = browsers.map(lambda login: visit(stack.address, login.username, login.password), stack.logins)
            for login, problem in zip(stack.logins, problems, strict=True):
                failed += bool(problem)
                say(f"{login.username} ({login.role}): {problem or 'logged in, first page opened'}")
        if not stack.is_ready():
            say(f"/health/ or the worker does not answer; see {stack.folder.path}/web.log and worker.log")
            failed += 1
        if ended := stack.ended():
            say(f"{ended} ended by itself")
            failed += 1
    print(f"{'FAILED' if failed else 'good'}: {time.time() - STARTED:.1f} seconds", flush=True)
    return 1 if failed else 0


def manage(arguments):
    """manage.py with a database: the running one, else one that is started and stopped for it."""
    from crm.devtools.folders import Folder, InUse
    from crm.devtools.servers import servers

    folder = Folder()
    if set(arguments[:1]) & WITHOUT_SERVERS:
        return run_manage(folder, NOWHERE, arguments)
    try:
        with folder.held("a manage command"), servers(folder) as urls:
            folder.publish(**urls)
            code = run_manage(folder, urls, arguments)
            folder.running.unlink(missing_ok=True)
            with folder.used(exclusive=True):
                return code
    except InUse as holder:
        with folder.used():
            urls = folder.published()
            if not urls:
                sys.exit(f"{holder} holds the data folder and does not say how to reach its database")
            return run_manage(folder, urls, arguments)


def run_manage(folder, urls, arguments):
    from crm.devtools import stamp
    from crm.devtools.folders import SHARED
    from crm.devtools.supervisor import MANAGE, environment

    if urls is not NOWHERE:
        stamp.write(urls["DATABASE_URL"])  # the command may change anything
    settings = environment(folder, {name: urls[name] for name in SHARED})
    process = subprocess.Popen([*MANAGE, *arguments], env=settings)
    with ignored(signal.SIGINT):  # Ctrl-C is for the command; we wait for it and then stop the database in order
        return process.wait()


@contextlib.contextmanager
def ignored(number):
    before = signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(number, before)


def test(arguments):
    """pytest; its plugin crm.devtools.pytest_services starts the servers. The whole suite runs on several cores."""
    from crm.devtools.processes import ROOT

    if not arguments:  # one process more than cores: some tests wait for processes, mails and time
        arguments = ["-n", str(min((os.cpu_count() or 1) + 1, 4)), "--dist", "loadfile"]
    os.chdir(ROOT)
    os.environ["BANYAN_ENV"] = "test"
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments])


def reset(arguments):
    """Remove the data folder, and what a closed checkout keeps of it under /var/tmp."""
    from crm.devtools.folders import Folder, InUse
    from crm.devtools.processes import end_leftover
    from crm.devtools.servers import Postgres

    folder = Folder()
    try:
        with folder.held("reset"):
            database = Postgres(folder)
            if "--yes" not in arguments:
                answer = input(f"Remove all data in {folder.path}? Type yes: ")
                if answer.strip().lower() != "yes":
                    print("nothing was removed")
                    return 1
            pid_file = database.cluster / "postmaster.pid"
            end_leftover(pid_file, "postgres", lambda process: str(database.cluster) in " ".join(process.cmdline()))
            for path in {database.home, Path(folder.path)}:
                shutil.rmtree(path)
    except InUse as holder:
        sys.exit(f"{holder} uses {folder.path}; stop it first")
    print(f"removed {folder.path}")
    return 0


COMMANDS = {"build": build, "up": up, "check": check, "manage": manage, "test": test, "reset": reset}


def main(arguments):
    command, *rest = arguments or ["up"]
    if command not in COMMANDS:
        sys.exit(f"unknown command {command}; see python3 dev.py --help")
    return COMMANDS[command](rest)
