"""Messages that can't be decrypted yet. Rule: each is tried again after every sync; when its key takes too long the
room is told, and after a day it is given up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from bot.clock import Clock
from bot.coach import Coach
from bot.receiving import APART
from bot.transports.base import Incoming, Refused, Undecrypted
from bot.transports.matrix import NAME
from bot.transports.matrix.client import MatrixClient
from storage import undecrypted
from storage.undecrypted import Waiting

KEY_PATIENCE = timedelta(minutes=1)  # then the room is told
KEY_HOPE = timedelta(days=1)  # then it is given up


class Sealed:
    """What waits for its key. `read` says what an event in a room comes to, once it can be read."""

    def __init__(
        self,
        client: MatrixClient,
        coach: Coach,
        clock: Clock,
        read: Callable[[str, Mapping[str, Any]], Incoming | None],
    ) -> None:
        self._client = client
        self._coach = coach
        self._clock = clock
        self._read = read
        self._waiting: dict[str, Waiting] = {}
        self._events: dict[str, Mapping[str, Any]] = {}  # those of them that were seen since the start
        self._told: set[str] = set()

    def kept(self, waiting: Iterable[Waiting]) -> None:
        """These are in the database."""
        self._waiting |= {one.event: one for one in waiting}

    def forget(self, room: str) -> None:
        """A room was erased."""
        for event in [event for event, waiting in self._waiting.items() if waiting.room == room]:
            self._drop(event)

    def add(self, room: str, source: Mapping[str, Any]) -> Waiting | None:
        """An event can't be read; what is to be kept of it, None where it is kept already."""
        waiting = Waiting(room, str(source.get("event_id")), self._clock.now())
        self._events[waiting.event] = source
        return None if waiting.event in self._waiting else waiting

    async def open(self) -> None:
        """Try all of them again. Raises Deferred, and StorageError where what was said can't be kept."""
        for waiting in list(self._waiting.values()):
            age = self._clock.now() - waiting.at
            source = self._client.opened(dict(await self._event(waiting)), waiting.room)
            drop = partial(undecrypted.drop, transport=NAME, waiting=waiting)
            if source.get("type") != "m.room.encrypted":
                found = self._read(waiting.room, source)
                await self._coach.receive([] if found is None else [found], drop)
            elif age > KEY_HOPE:
                await self._coach.receive([], drop)
            else:
                if age > KEY_PATIENCE and waiting.event not in self._told:
                    self._told.add(waiting.event)
                    event = f"{APART}undecrypted:{waiting.event}"
                    await self._coach.receive([Undecrypted(waiting.room, event, waiting.at, str(source.get("sender")))])
                continue
            self._drop(waiting.event)

    async def _event(self, waiting: Waiting) -> Mapping[str, Any]:
        """The event as it came; nothing where it is gone."""
        if waiting.event not in self._events:
            path = f"/v3/rooms/{quote(waiting.room, safe='')}/event/{quote(waiting.event, safe='')}"
            try:
                self._events[waiting.event] = await self._client.call("GET", path)
            except Refused:
                return {}
        return self._events[waiting.event]

    def _drop(self, event: str) -> None:
        self._waiting.pop(event, None)
        self._events.pop(event, None)
        self._told.discard(event)
