"""From outbox rows to the chat. Rule: in order per room, one message in flight a room, and a row is done only once it
was posted.

A retry carries the same key. The wait before it grows, is kept in the row, and is never shorter than the other side
asks.
"""

from __future__ import annotations

import logging
import random
import sqlite3
from datetime import timedelta
from functools import partial

from bot.clock import Clock
from bot.transports.base import Deferred, Refused, Transport
from flows.conversation.effects import Edit, Say
from storage import outbox
from storage.outbox import Row
from storage.writer import Writer

_log = logging.getLogger(__name__)

MOST_ROOMS = 100
LONGEST_WAIT = 3_600.0


class Delivery:
    """Drains the outbox to a transport. `chance` gives the jitter, a number from 0 to 1."""

    def __init__(self, writer: Writer, transport: Transport, clock: Clock, chance: random.Random) -> None:
        self._writer = writer
        self._transport = transport
        self._clock = clock
        self._chance = chance

    async def drain(self) -> None:
        """Post everything that may be posted now."""
        while True:
            now = self._clock.now()
            heads = await self._writer.run(partial(outbox.heads, now=now, limit=MOST_ROOMS))
            if not heads:
                return
            for head in heads:
                await self._room(head.room)

    async def _room(self, room: int) -> None:
        rows = await self._writer.run(lambda conn: _with_targets(conn, room))
        posted: list[tuple[Row, str | None]] = []
        try:
            for row, target in rows:
                try:
                    posted.append((row, await self._transport.send(row, target)))
                except Deferred as error:
                    await self._note(posted)
                    posted = []
                    await self._defer(row, error.seconds)
                    return
                except Refused:
                    _log.error("set aside: outbox row %s of room row %s", row.id, room)
                    await self._writer.run(partial(outbox.aside, row_id=row.id))
        finally:
            await self._note(posted)

    async def _note(self, posted: list[tuple[Row, str | None]]) -> None:
        if posted:
            await self._writer.run(lambda conn: _sent(conn, posted))

    async def _defer(self, row: Row, seconds: float | None) -> None:
        grown = min(2.0**row.attempts, LONGEST_WAIT) * (1 + self._chance.random() / 2)
        until = self._clock.now() + timedelta(seconds=max(grown, seconds or 0))
        await self._writer.run(lambda conn: outbox.defer(conn, row.id, until, row.attempts + 1))


def _with_targets(conn: sqlite3.Connection, room: int) -> list[tuple[Row, str | None]]:
    """The rows of a room in order, each with the id of the own message that it changes."""
    rows = outbox.of_room(conn, room)
    return [
        (row, outbox.external_of(conn, room, row.effect.number) if isinstance(row.effect, Edit) else None)
        for row in rows
    ]


def _sent(conn: sqlite3.Connection, posted: list[tuple[Row, str | None]]) -> None:
    for row, external in posted:
        number = row.effect.number if isinstance(row.effect, Say | Edit) else None
        outbox.sent(conn, row.id, external, row.room, number)
