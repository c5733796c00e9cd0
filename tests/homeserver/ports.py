"""A free port on loopback. Rule: never one that the system itself may hand to an outgoing connection.

A client that tries again and again to reach a server that is down can be given the server's own port as its source
port; on loopback it then connects to itself, and the server can't come back. So the ports below the system's own range
are used.
"""

from __future__ import annotations

import os
import socket

FIRST, PAST = 20_000, 30_000


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


_given: set[int] = set()


def free_port() -> int:
    """A port that nobody listens on, never the same one twice in a process; OSError when there is none.

    Where the search starts follows from the process's number, so that two test processes don't race for one port.
    """
    start = os.getpid() * 101 % (PAST - FIRST)
    for step in range(PAST - FIRST):
        port = FIRST + (start + step) % (PAST - FIRST)
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise OSError(f"no free port between {FIRST} and {PAST}")
