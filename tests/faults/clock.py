"""What a tick of the clock notes for the fault tests, whichever process it goes on in."""

import json
import os
import time
from pathlib import Path


def note_tick(**facts):
    """One line in a file, in one write, so that ticks of several processes do not mix."""
    with open(os.environ["FAULT_TICKS"], "a") as file:
        file.write(json.dumps({"at": time.time()} | facts) + "\n")


def ticks_noted(path=None):
    """The notes of all ticks, in order. path: of the file; a process of a fault test has it in its environment."""
    path = Path(path or os.environ["FAULT_TICKS"])
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
