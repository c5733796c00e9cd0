"""What a worker is given to do in the tests. Rule: importable by name, for the worker's process is a fresh one."""

from __future__ import annotations

import os
import signal
import threading


def echo(what: str, how: str, canvas: str) -> bytes:
    """The process that did it, and what it was given."""
    return f"{os.getpid()} {what} {how} {canvas}".encode()


def moody(what: str, how: str, canvas: str) -> bytes:
    """Hangs, dies, or fails with an answer in the error, as `how` says."""
    if how == "hang":
        threading.Event().wait()
    if how == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "fail":
        raise ValueError("geheim antwoord")
    return f"{os.getpid():>10}".encode()
