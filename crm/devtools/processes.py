"""What every child process here needs: a free port, waiting until it listens, and ending together with its parent."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
STARTED = float(os.environ.get("BANYAN_STARTED", time.time()))


def say(message):
    print(f"[{time.time() - STARTED:6.1f} s] {message}", flush=True)


def is_root():
    return os.geteuid() == 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def web_port():
    """The port that PORT asks for, else the first free one from 8000."""
    wanted = int(os.environ.get("PORT") or 0)
    for port in [wanted] if wanted else [*range(8000, 8020), 0]:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return probe.getsockname()[1]
    raise SystemExit(f"port {wanted} is taken; choose another one: PORT=8081 python3 dev.py")


def spawn(command, end_signal=signal.SIGTERM, **options):
    """Start a child in a session of its own, so that Ctrl-C reaches the supervisor only, which ends all in order.

    On Linux the kernel sends the child end_signal when this process dies, kill -9 included.
    """

    # Loaded before the fork: afterwards the child may be an account that cannot read this Python.
    library = ctypes.CDLL(None) if sys.platform == "linux" else None

    def prepare():
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell job started with & has it ignored
        if library:
            library.prctl(1, end_signal)

    return subprocess.Popen(command, start_new_session=True, preexec_fn=prepare, **options)


def listens(port, process, seconds):
    """Wait until the port answers; False when the process ended before."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            return False
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.3):
            return True
        time.sleep(0.03)
    raise SystemExit(f"{Path(process.args[0]).name} did not answer within {seconds} s")


def finish(process, end_signal=signal.SIGTERM, seconds=20):
    """End a child (end_signal None: it was asked already) and all that it started; by force when it takes too long."""
    if process is None:
        return
    if end_signal and process.poll() is None:
        process.send_signal(end_signal)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def end_leftover(pid_file, name, belongs):
    """End a server of an earlier run that is still up (its supervisor was killed where the kernel does not tell it)."""
    import psutil

    with contextlib.suppress(FileNotFoundError, ValueError, IndexError, psutil.Error):
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        if name in process.name() and belongs(process):
            say(f"ending the {name} server of an earlier run")
            process.send_signal(signal.SIGINT)
            process.wait(20)
            return
    pid_file.unlink(missing_ok=True)  # that process is gone, or its number is another program's by now
