"""Documents that people fetch from the coach itself, for a bot can't put files in a group chat of Teams.

Rule: a link can't be guessed, is of one document, works for a quarter of an hour and so many times, and is gone with
the process.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.transports.base import File

LASTS = timedelta(minutes=15)
MOST_FETCHES = 50
MOST_BYTES = 64 * 1024 * 1024
PATH = "/files/"


@dataclass(slots=True)
class _Offer:
    file: File
    room: str
    until: datetime
    fetched: int = 0


class Links:
    """The documents that can be fetched now."""

    def __init__(self, public_address: str, clock: Clock) -> None:
        self._public = public_address
        self._clock = clock
        self._offers: OrderedDict[str, _Offer] = OrderedDict()

    def offer(self, file: File, room: str = "") -> str:
        """Let a document of a room be fetched for a while; its address."""
        name = secrets.token_urlsafe(32)
        self._offers[name] = _Offer(file, room, self._clock.now() + LASTS)
        self._clear()
        return f"{self._public}{PATH}{name}"

    def forget(self, room: str) -> int:
        """The documents of a room can't be fetched any more; how many there were."""
        found = [name for name, offer in self._offers.items() if offer.room == room]
        for name in found:
            del self._offers[name]
        return len(found)

    def fetch(self, name: str) -> File | None:
        """The document of a link, None where there is none any more."""
        self._clear()
        found = self._offers.get(name)
        if found is None or found.fetched >= MOST_FETCHES:
            return None
        found.fetched += 1
        return found.file

    def _clear(self) -> None:
        now = self._clock.now()
        for name in [name for name, offer in self._offers.items() if offer.until <= now]:
            del self._offers[name]
        while sum(len(offer.file.data) for offer in self._offers.values()) > MOST_BYTES and len(self._offers) > 1:
            self._offers.popitem(last=False)
