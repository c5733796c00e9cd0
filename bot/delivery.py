"""From outbox rows to the chat. Rule: in order per room, one message in flight a room, and a row is done only once it
was posted.

A retry carries the same key. The wait before it grows, is kept in the row, and is never shorter than the other side
asks. Rooms go side by side, as many as the transport allows; answers before what is said unasked. One looks at a time:
what one look finds, no other has.
"""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from bot.clock import Clock
from bot.receiving import APART
from bot.transports.base import Deferred, Doubtful, Held, Refused, Transport, Unreachable
from flows.conversation import events
from flows.conversation.effects import Attach, Edit, Say, Scrub
from flows.conversation.events import Doubted
from storage import inbox, outbox
from storage.backup import restored_at
from storage.outbox import Row
from storage.shielded import shielded
from storage.writer import Writer

_log = logging.getLogger(__name__)

MOST_ROOMS = 100
LONGEST_WAIT = 3_600.0
LONGEST_SLEEP = 60.0
_DOUBLINGS = 12  # by then it is the longest wait
_LOOKING = "looking what is to be posted"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Line:
    """What a room (row id) has to post, in order, each with the id of the own message that it changes; and the row that
    is written down as being posted already."""

    room: int
    rows: list[tuple[Row, str | None]]
    begun: int | None


class Delivery:
    """Drains the outbox to a transport. `chance` gives the jitter, a number from 0 to 1; `sleep` waits, for seconds of
    the clock; `attach` posts a file that was made, and sees to its row; `doubted` is called when a room has a turn to
    do because of how posting a message of it went. `careful` where the other side would take a second try
    for a second message: each is written down before it is posted, and neither what was cut off nor what may have been
    posted before a backup was put back is tried again."""

    def __init__(
        self,
        writer: Writer,
        transport: Transport,
        clock: Clock,
        chance: random.Random,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        attach: Callable[[Row], Awaitable[object]] | None = None,
        doubted: Callable[[], None] | None = None,
        careful: bool = False,
    ) -> None:
        self._careful = careful
        self._attach = attach
        self._doubted = doubted
        self._sleep = sleep
        self._writer = writer
        self._transport = transport
        self._clock = clock
        self._chance = chance
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._apart: set[int] = set()
        self._woken = asyncio.Event()
        self._looking = asyncio.Lock()
        self._runs = False  # whether what is found may be posted beside what `run` finds
        self._quiet_until = _LONG_AGO  # the other side asked for quiet in all rooms
        self._restored_at = _LONG_AGO

    async def _recover(self) -> None:
        """See to what was being posted when the coach, or this, was ended. Only while nothing is under way."""
        if self._careful:
            self._restored_at = await self._writer.run(lambda conn: restored_at(conn) or _LONG_AGO)
            for row in await self._writer.run(lambda conn: outbox.begun(conn, self._transport.name)):
                await self._doubt(row)

    async def drain(self) -> None:
        """Post everything that may be posted now. What a room raises is raised once the others are done."""
        await self._recover()
        try:
            while await self._start_some() or self._under_way:
                await asyncio.wait(self._under_way.values(), return_when=asyncio.FIRST_COMPLETED)
                self._collect()
        finally:
            await self._finish()

    async def along(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` in one transaction, look in the same one what may be posted now, and begin to: for who waits, that
        is one way to the disk instead of three. Where somebody looks already, or nothing is to be posted now, that is
        left to `run`. Raises what `work` or the disk raises, and then nothing is done."""
        if self._looking.locked() or not self._runs:
            done = await self._writer.run(work)
            self.wake()
            return done
        done, _ = await shielded(self._look(work), _LOOKING)
        return done

    @asynccontextmanager
    async def apart(self, room: int) -> AsyncIterator[None]:
        """Post nothing in a room (row id) for as long as this is held; what is being posted there is finished first."""
        self._apart.add(room)
        try:
            async with self._looking:
                pass  # what is being looked for begins first
            while (task := self._under_way.get(room)) is not None and not task.done():
                await asyncio.wait({task})
            yield
        finally:
            self._apart.discard(room)
            self.wake()

    def wake(self) -> None:
        """There may be something to post."""
        self._woken.set()

    async def run(self) -> None:
        """Post what comes, for as long as it is not cancelled; then what is under way is finished."""
        await self._recover()
        self._runs = True
        try:
            while True:
                self._woken.clear()
                while await self._start_some():
                    pass
                await self._until_something()
                self._collect()
        finally:
            await self._finish()

    async def _until_something(self) -> None:
        """Wait for a room to be done, a call, or the moment that the next row may be posted."""
        busy = [*self._under_way, *self._apart]
        due = await self._writer.run(lambda conn: outbox.next_due(conn, self._transport.name, busy))
        wait = LONGEST_SLEEP
        if due is not None and not self._full():
            now = self._clock.now()
            wait = min(wait, max((max(due, self._quiet_until) - now).total_seconds(), 0.01))
        woken, slept = asyncio.ensure_future(self._woken.wait()), asyncio.ensure_future(self._sleep(wait))
        try:
            await asyncio.wait({woken, slept, *self._under_way.values()}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            slept.cancel()

    def _full(self) -> bool:
        return len(self._under_way) >= self._transport.abreast

    async def _start_some(self) -> int:
        """Start on rooms that have something to post; how many."""
        if self._full() or self._clock.now() < self._quiet_until:
            return 0
        _, count = await shielded(self._look(lambda conn: None), _LOOKING)
        return count

    async def _look(self, work: Callable[[sqlite3.Connection], T]) -> tuple[T, int]:
        """Do `work`, and start on rooms that have something to post after it; how many."""
        async with self._looking:
            now = self._clock.now()
            most = min(MOST_ROOMS, self._transport.abreast - len(self._under_way)) if now >= self._quiet_until else 0
            busy = [*self._under_way, *self._apart]

            def unit(conn: sqlite3.Connection) -> tuple[T, list[_Line]]:
                done = work(conn)
                return done, self._lines(conn, now, most, busy) if most > 0 else []

            done, lines = await self._writer.run(unit)
            for line in lines:
                task = self._under_way[line.room] = asyncio.create_task(self._room(line))
                task.add_done_callback(lambda _: self.wake())
        return done, len(lines)

    def _lines(self, conn: sqlite3.Connection, now: datetime, most: int, busy: list[int]) -> list[_Line]:
        """What there is to post in at most so many rooms; the first message of each is written down as begun."""
        found = []
        for head in outbox.heads(conn, now, most, self._transport.name, busy):
            # With their rows, at once: people wait for every way to the disk and back.
            rows = _with_targets(conn, head.room)
            begun = next((row.id for row, _ in rows[:1] if self._must_begin(row)), None)
            if begun is not None:
                outbox.begin(conn, begun)
            found.append(_Line(head.room, rows, begun))
        return found

    def _must_begin(self, row: Row) -> bool:
        """Whether it is to be known, should the coach end meanwhile, that a row was being posted."""
        return self._careful and isinstance(row.effect, Say | Attach) and row.since >= self._restored_at

    async def _finish(self) -> None:
        """Wait for the rooms that are under way; raises what one of them raised, which would else be lost."""
        self._runs = False
        async with self._looking:
            pass  # what is being looked for is under way then
        if self._under_way:
            await asyncio.wait(self._under_way.values())
            self._collect()

    def _collect(self) -> None:
        """Forget the rooms that are done; raises what one of them raised."""
        done = [room for room, task in self._under_way.items() if task.done()]
        tasks = [self._under_way.pop(room) for room in done]
        for error in [task.exception() for task in tasks if not task.cancelled()]:
            if error is not None:
                raise error

    async def _room(self, line: _Line) -> None:
        posted: list[tuple[Row, str | None]] = []
        try:
            for row, target in line.rows:
                if self._clock.now() < self._quiet_until:
                    if row.id == line.begun:
                        await self._writer.run(partial(outbox.leave, row_id=row.id))
                    return
                if target is None and isinstance(row.effect, Edit):
                    # The message it changes may have been posted just now.
                    await self._note(posted)
                    posted = []
                    target = await self._writer.run(partial(_target, row=row))
                if self._careful and isinstance(row.effect, Say | Attach):
                    if row.since < self._restored_at:
                        await self._note(posted)
                        posted = []
                        await self._doubt(row)
                        continue
                    if row.id != line.begun:
                        await self._begin(row, posted)
                        posted = []
                try:
                    if isinstance(row.effect, Scrub | Attach):
                        await self._note(posted)
                        posted = []
                    if isinstance(row.effect, Scrub):
                        await self._scrub(row, row.effect)
                        posted.append((row, None))
                    elif isinstance(row.effect, Attach):
                        await self._file(row)
                    else:
                        posted.append((row, await self._transport.send(row, target)))
                        _log.debug("posted: outbox row %s of room row %s", row.id, line.room)
                except Deferred as error:
                    await self._note(posted)
                    posted = []
                    await self._defer(row, error)
                    return
                except Doubtful:
                    await self._note(posted)
                    posted = []
                    await self._doubt(row)
                except Held:
                    await self._note(posted)
                    posted = []
                    await self._hold(row)
                except Unreachable:
                    await self._note(posted)
                    posted = []
                    await self._not_alone(row)
                except Refused:
                    _log.error("set aside: outbox row %s of room row %s", row.id, line.room)
                    await self._writer.run(partial(outbox.aside, row_id=row.id))
        finally:
            await self._note(posted)

    async def _hold(self, row: Row) -> None:
        """It waits beside the line of its room, for one person."""
        member = getattr(row.effect, "to", None)
        await self._writer.run(lambda conn: outbox.hold(conn, row.id, row.transport, str(member)))

    async def _not_alone(self, row: Row) -> None:
        """It can't be told to the one person that it is for."""
        member, now = str(getattr(row.effect, "to", None)), self._clock.now()
        kind = row.effect.kind if isinstance(row.effect, Say) else ""  # a file goes with its message
        event = events.Unreachable(f"{APART}alone:{row.key}", now, member, kind)

        def write(conn: sqlite3.Connection) -> None:
            outbox.aside(conn, row.id)
            inbox.add(conn, row.room, event, now)

        await self._writer.run(write)
        if self._doubted is not None:
            self._doubted()

    async def _begin(self, row: Row, posted: list[tuple[Row, str | None]]) -> None:
        """Write down that a message is being posted, together with what was posted before it."""

        def write(conn: sqlite3.Connection) -> None:
            _sent(conn, tuple(posted))
            outbox.begin(conn, row.id)

        await self._writer.run(write)

    async def _doubt(self, row: Row) -> None:
        """Nobody knows whether it was posted: it is not posted again, and the room's next message says so."""
        _log.error("not known whether it was posted: outbox row %s of room row %s", row.id, row.room)
        now = self._clock.now()
        number = row.effect.number if isinstance(row.effect, Say | Attach) else None

        def write(conn: sqlite3.Connection) -> None:
            outbox.aside(conn, row.id)
            if number is not None:
                inbox.add(conn, row.room, Doubted(f"{APART}doubt:{row.key}", now, number), now)

        await self._writer.run(write)
        if self._doubted is not None:
            self._doubted()

    async def _scrub(self, row: Row, scrub: Scrub) -> None:
        about = await self._writer.run(lambda conn: outbox.externals_of(conn, row.room, scrub.step))
        await self._transport.scrub(row, about, scrub.gone)

    async def _file(self, row: Row) -> None:
        if self._attach is None:
            raise Refused("nobody makes files here")
        await self._attach(row)

    async def _note(self, posted: list[tuple[Row, str | None]]) -> None:
        if posted:
            await self._writer.run(partial(_sent, posted=tuple(posted)))

    async def _defer(self, row: Row, error: Deferred) -> None:
        grown = min(2.0 ** min(row.attempts, _DOUBLINGS), LONGEST_WAIT) * (1 + self._chance.random() / 2)
        if not error.tried:
            grown = 0.0
        until = self._clock.now() + timedelta(seconds=max(grown, error.seconds or 0))
        if error.everywhere and error.seconds is not None:
            self._quiet_until = max(self._quiet_until, self._clock.now() + timedelta(seconds=error.seconds))
        await self._writer.run(lambda conn: outbox.defer(conn, row.id, until, row.attempts + error.tried))


def _with_targets(conn: sqlite3.Connection, room: int) -> list[tuple[Row, str | None]]:
    """The rows of a room in order, each with the id of the own message that it changes."""
    return [(row, _target(conn, row)) for row in outbox.of_room(conn, room)]


def _target(conn: sqlite3.Connection, row: Row) -> str | None:
    return outbox.external_of(conn, row.room, row.effect.number) if isinstance(row.effect, Edit) else None


def _sent(conn: sqlite3.Connection, posted: tuple[tuple[Row, str | None], ...]) -> None:
    for row, external in posted:
        number = row.effect.number if isinstance(row.effect, Say | Edit) else None
        outbox.sent(conn, row.id, external, row.room, number)
