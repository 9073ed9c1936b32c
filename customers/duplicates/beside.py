"""Processes beside the one that searches, for the part that is Python's own: a second core takes names apart.

They are programs of their own, started by path as the readers of workbooks are: the worker's processes are daemons,
which may have no children of multiprocessing, and a forked one would hold the worker's connection to the database.
They read lines of JSON ([work, rows, *more]) and answer with a line that says how many bytes follow, and these. They
ask no database, and end when nobody speaks to them any more.
"""

import gc
import json
import os
import secrets
import subprocess
import sys
from contextlib import contextmanager

from django.conf import settings

NUMBER = 2  # as many as there are cores to fill; the search itself moves bytes, and PostgreSQL works in between
ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class EndedError(Exception):
    """A process ended before it had answered."""


@contextmanager
def processes():
    """`NUMBER` of them; a function work, chunks, *more -> the lines of each chunk, in order. Raises EndedError."""
    seed = {"PYTHONHASHSEED": str(secrets.randbelow(2**32))}  # equal keys have equal hashes in each of them
    program, pipe = [sys.executable, "-m", "customers.duplicates.beside"], subprocess.PIPE
    children = []
    try:
        for _ in range(NUMBER):
            children.append(
                subprocess.Popen(program, cwd=settings.BASE_DIR, env=os.environ | seed, stdin=pipe, stdout=pipe)
            )
        yield lambda work, chunks, *more: answers(children, work, chunks, more)
    finally:
        for child in children:
            child.kill()
            child.communicate()


def answers(children, work, chunks, more):
    """Each child has one chunk at a time; it gets the next one before its answer is handed out."""
    number = -1
    for number, chunk in enumerate(chunks):
        child = children[number % len(children)]
        answer = None if number < len(children) else received(child)
        send(child, [work, chunk, *more])
        if answer is not None:
            yield answer
    for late in range(max(0, number + 1 - len(children)), number + 1):
        yield received(children[late % len(children)])


def send(child, message):
    try:
        child.stdin.write(ENCODE(message).encode() + b"\n")
        child.stdin.flush()
    except BrokenPipeError:
        raise EndedError(f"The process beside the search ended with code {child.wait()}.") from None


def received(child) -> bytes:
    size = int(child.stdout.readline() or -1)
    answer = child.stdout.read(size) if size >= 0 else b""
    if len(answer) != size:
        raise EndedError(f"The process beside the search ended with code {child.wait()}.")
    return answer


def main():
    import django

    django.setup()
    from customers.duplicates.lines import WORK

    gc.disable()  # rows and names make no circles, and looking for some among them takes a fifth of the time
    for message in sys.stdin.buffer:
        work, rows, *more = json.loads(message)
        answer = WORK[work](rows, *more).encode()
        sys.stdout.buffer.write(b"%d\n" % len(answer) + answer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    main()
