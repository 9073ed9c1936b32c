"""Asking a virus scanner about a file: a command, or a clamd at a socket; the setting ATTACHMENTS_SCANNER names it."""

import logging
import shlex
import socket
import struct
import subprocess

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crm.exchange.problems import UnreadableFile

logger = logging.getLogger(__name__)

SECONDS = 60
BLOCK = 64 * 1024
INFECTED = 1  # what clamscan, clamdscan and those like them answer
NOT_ASKED = _("The virus scanner cannot be asked at the moment. Try again later, or tell an administrator.")


class RefusedFile(UnreadableFile):
    """A file that may not hang on a record; the sentence says why and what to do."""


def scan(path):
    """Raises RefusedFile when the scanner finds something or cannot be asked. Without a scanner nothing happens.

    ATTACHMENTS_SCANNER: "clamd:/run/clamav/clamd.ctl", "clamd://host:3310", or a command to which the path is added
    and which ends with 0 for clean and 1 for infected.
    """
    scanner = settings.ATTACHMENTS_SCANNER
    if not scanner:
        return
    try:
        is_clean = by_clamd(scanner, path) if scanner.startswith("clamd:") else by_command(scanner, path)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        logger.error("The virus scanner cannot be asked: %s", error)
        raise RefusedFile(NOT_ASKED) from error
    if not is_clean:
        raise RefusedFile(_("The virus scanner found something in this file. It was not kept; have it looked at."))


def by_command(command: str, path) -> bool:
    done = subprocess.run(
        [*shlex.split(command), str(path)], stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
    )
    if done.returncode not in (0, INFECTED):
        raise ValueError(f"the command ended with {done.returncode}")
    return done.returncode == 0


def by_clamd(address: str, path) -> bool:
    """The INSTREAM talk of clamd: the file in blocks with their lengths, then one line of answer."""
    with connected(address) as talk, open(path, "rb") as file:
        talk.sendall(b"zINSTREAM\0")
        while block := file.read(BLOCK):
            talk.sendall(struct.pack("!L", len(block)) + block)
        talk.sendall(struct.pack("!L", 0))
        answer = b""
        while not answer.endswith(b"\0") and (piece := talk.recv(4096)):
            answer += piece
    if b"FOUND" in answer:
        return False
    if not answer.rstrip(b"\0").endswith(b"OK"):
        raise ValueError(f"clamd answered {answer[:100]!r}")
    return True


def connected(address: str) -> socket.socket:
    if address.startswith("clamd://"):
        host, _colon, port = address.removeprefix("clamd://").partition(":")
        return socket.create_connection((host, int(port or 3310)), timeout=SECONDS)
    talk = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    talk.settimeout(SECONDS)
    try:
        talk.connect(address.removeprefix("clamd:"))
    except OSError:
        talk.close()
        raise
    return talk
