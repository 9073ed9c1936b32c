"""The data folder of a run (.dev/NAME): its lock, its secrets, and where a running stack says how to reach it."""

import contextlib
import fcntl
import json
import os
import secrets
import time
from pathlib import Path

from crm.devtools.processes import ROOT
from crm.keyring import INDEX, new_entry

# Environment variables that a running stack hands to `dev.py manage`.
SHARED = ("DATABASE_URL", "REDIS_URL")


class InUse(Exception):
    """Another process holds the folder; the text says which."""


class Folder:
    def __init__(self, path=None):
        self.path = Path(path or os.environ.get("BANYAN_DATA") or ROOT / ".dev/demo")
        self.path.mkdir(parents=True, exist_ok=True)
        self.running = self.path / "running.json"

    def __truediv__(self, name):
        return self.path / name

    @property
    def name(self):
        return self.path.name

    @contextlib.contextmanager
    def held(self, what):
        """Be the one process that runs servers in this folder; raises InUse otherwise."""
        with open(self / "owner.lock", "a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                raise InUse(file.read().strip() or "another process") from None
            file.seek(0)
            file.truncate()
            file.write(f"{what} (process {os.getpid()})")
            file.flush()
            try:
                yield
            finally:
                self.running.unlink(missing_ok=True)

    @contextlib.contextmanager
    def used(self, exclusive=False):
        """Shared while a command uses servers that another one started; their owner waits for it before it stops."""
        with open(self / "users.lock", "a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
            yield

    def publish(self, **facts):
        """Let other commands find the servers. The file holds passwords: nobody else may read it."""
        temporary = self / "running.new"
        temporary.unlink(missing_ok=True)
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps({"pid": os.getpid(), **facts}))
        temporary.rename(self.running)

    def published(self, seconds=30):
        """What the owner published, waiting while it still starts; {} when it does not come."""
        end = time.monotonic() + seconds
        while True:
            with contextlib.suppress(FileNotFoundError):
                return json.loads(self.running.read_text())
            if time.monotonic() > end:
                return {}
            time.sleep(0.1)

    def secret(self, name):
        """A random text that is made once and kept, readable by its owner alone."""
        file = self / name
        if not file.exists() or not file.read_text().strip():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(48))
        return file.read_text().strip()

    def data_keys(self):
        """The file with the keys of protected values: made once, readable by its owner alone."""
        file = self / "data_keys"
        if not file.exists() or not file.read_text().strip():
            file.touch(mode=0o600)
            file.write_text(f"{new_entry('1')}\n{new_entry(INDEX)}\n")
        return file
