"""Tells systemd, where it started the coach, that it is ready, alive and stopping. Rule: the standard library and a
datagram; without NOTIFY_SOCKET nothing happens, and nothing that goes wrong here stops the coach.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping
from contextlib import suppress

_SLOWEST = 60.0  # seconds between two signs of life at most


def tell(what: str, environment: Mapping[str, str] = os.environ) -> None:
    """Tell systemd something, such as READY=1."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as made:
        made.setblocking(False)
        made.sendto(what.encode(), "\0" + address[1:] if address.startswith("@") else address)


async def live(environment: Mapping[str, str] = os.environ) -> None:
    """Give signs of life for as long as the event loop goes round, where systemd wants them; else come back at once."""
    wanted = environment.get("WATCHDOG_USEC", "")
    if not wanted.isdecimal() or environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return
    while True:
        tell("WATCHDOG=1", environment)
        await asyncio.sleep(min(int(wanted) / 2_000_000, _SLOWEST))
