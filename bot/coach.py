"""A coach at work on one transport: what comes in, its turns, what is due, what goes out.

Rule: the order of the promises: inbox, turn, commit, post; the first two in one commit where nothing stands between.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

from bot import batches, due
from bot.aside import routed
from bot.attaching import Attaching
from bot.batches import Also
from bot.clock import Clock
from bot.delivery import Delivery
from bot.erasing import Erasing, Report
from bot.files import Files
from bot.finishing import Finishing
from bot.lookups import Lookups
from bot.memory import Memory
from bot.pace import Pace
from bot.receiving import Present, Receiver, people_of
from bot.transports.base import Incoming, People, Transport
from bot.turns import MOST_TURNS, Turns
from flows.conversation.engine import Engine
from storage import inbox, rooms, timers
from storage.errors import StorageError
from storage.writer import Writer

_log = logging.getLogger(__name__)

MOST_TIMERS = 48  # in a transaction, where nobody waits
LEAST_TIMERS = 8  # while others write: they take turns
LONGEST_ERASING = 30.0  # seconds that who asked waits for it; it goes on beside
AGAIN = 2.0  # seconds till a turn is tried again that the disk refused


class Coach:
    """Wires a writer, an engine and a transport together; `careful` where a second try would post a second message;
    `sleep` waits, for seconds of the clock.

    Once `deliver` was begun, posting is its work alone, also where it has to be begun again, and nobody waits for it;
    else `receive`, `fire` and `work` come back when all was posted.
    """

    def __init__(
        self,
        writer: Writer,
        engine: Engine,
        transport: Transport,
        clock: Clock,
        version: str,
        pace: Pace | None = None,
        files: Files | None = None,
        *,
        careful: bool = False,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._sleep = sleep
        self._writer = writer
        self._transport = transport
        self._clock = clock
        self._memory = Memory()
        # Asked for in a meeting alone: it takes every language to be read.
        self._receiver = Receiver(transport.name, self._memory, engine.setting.typed_for)
        self._turns = Turns(
            engine,
            self._memory,
            transport.name,
            version,
            transport.known_id,
            fetches=transport.fetches,
            pace=pace,
            clock=clock,
        )
        self._files = files or Files(engine.setting.book, engine.setting.texts, engine.setting.others)
        self._more = False  # whether a turn waits that no delivery brought
        self._attaching = Attaching(
            writer,
            self._files,
            transport,
            clock,
            self._go_on,
        )
        chance = random.Random()  # noqa: S311 (jitter, no secret)
        self._delivery = Delivery(
            writer, transport, clock, chance, attach=self._attaching.post, doubted=self._go_on, careful=careful
        )
        self._erasing = Erasing(
            writer, transport.name, transport, clock, self._apart, self._forget, self._receiver.hush
        )
        self._finishing = Finishing(self._erasing.finish)
        self._lookups = Lookups(transport, clock, self.remember, self._turns.found, self._work_beside)
        self._delivers = False  # whether posting is the work of `deliver`; it stays that when a fault ends it
        self._caught_up = False
        self._version = version
        self._working = asyncio.Lock()
        self._waiting = 0  # deliveries that wait for turns that are being done
        self._served = asyncio.Event()  # one of them waits no longer
        self._resting: tuple[datetime, asyncio.Task[None]] | None = None
        self._going: asyncio.Task[None] | None = None

    @property
    def transport(self) -> str:
        """The name of its transport."""
        return self._transport.name

    @property
    def turns(self) -> Turns:
        """Its turns, for who counts them."""
        return self._turns

    async def start(self) -> None:
        """Take up what was left: turns that failed under another version, turns that wait, messages that were not
        posted.
        """
        await self._writer.run(lambda conn: inbox.revive(conn, self._version))
        await self.work()

    async def deliver(self) -> None:
        """Post what the turns lead to, for as long as it is not cancelled. Raises what the transport or the disk
        raises."""
        self._delivers = True
        made = self._delivery.wake
        parts = [asyncio.create_task(self._delivery.run()), asyncio.create_task(self._attaching.run(made))]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for part in parts:
                part.cancel()
            await asyncio.wait(parts)
            for part in parts:
                if not part.cancelled():
                    part.exception()  # what nobody asks for is printed at length
        for part in done:
            part.result()

    async def close(self) -> None:
        """End what was started for making files, and for erasing (the next start finishes that), and stop waiting for
        who was too fast."""
        if self._resting is not None:
            self._resting[1].cancel()
        await self._finishing.stop()
        await self._files.close()

    async def receive(self, incoming: Sequence[Incoming], also: Also | None = None) -> None:
        """Take a delivery in, do what it leads to, and post that. `also` is done in the transaction that takes in the
        last of it. Raises StorageError where it can't be kept.
        """
        rest = list(incoming)
        while (first := await self._first_unknown(rest)) > 0:
            await self.take_in(rest[:first])
            await self.work()
            if looking := self._lookups.tasks:  # a room that waits for a text has not done its turns
                await asyncio.wait(looking)
            rest = rest[first:]
        if not await self.take(rest, also):
            await self.work()

    async def _first_unknown(self, incoming: Sequence[Incoming]) -> int:
        own = batches.own(incoming)
        return await self._writer.run(partial(batches.first_unknown, found=own)) if own else 0

    async def take(self, incoming: Sequence[Incoming], also: Also | None = None) -> bool:
        """Take a delivery in, do what it leads to, and begin to post that, all in one transaction; False where that is
        left to `work`, for somebody else's turns are being done or more is to be done than that. Raises StorageError
        where it can't be kept.
        """
        *before, (batch, last) = batches.batches(incoming, also, self._clock.now())
        for one, with_it in before:
            await self._bring(one, with_it)
        if self._working.locked() or not self._delivers:
            await self._bring(batch, last)
            return False
        async with self._working:
            try:
                count = await self._delivery.along(partial(self._take_and_do, batch=batch, also=last))
            except BaseException as error:
                self._turns.lost()
                self._receiver.lost()
                if not isinstance(error, Exception):
                    raise
                # What waits may be to blame, and what comes in is kept all the same.
                await self._bring(batch, last)
                return False
            self._welcome_back(batch)
            await self._settle()
            if count == MOST_TURNS or self._turns.erased:
                return False
        self._go_on_beside()
        return True

    async def take_in(self, incoming: Sequence[Incoming], also: Also | None = None) -> None:
        """Take a delivery in, and nothing more yet: `work` does what it leads to. Raises StorageError where it can't be
        kept.
        """
        for batch, last in batches.batches(incoming, also, self._clock.now()):
            await self._bring(batch, last)

    async def _bring(self, batch: Sequence[Incoming], also: Also | None) -> None:
        with self._goes_first():
            try:
                await self._writer.run(partial(self._take, batch=batch, also=also))
            except BaseException:
                self._receiver.lost()
                raise
        self._welcome_back(batch)

    def _welcome_back(self, batch: Sequence[Incoming]) -> None:
        if any(isinstance(one, People) for one in batch):
            self._attaching.wake()  # it may be back in a room that waits for a file

    def _take_and_do(self, conn: sqlite3.Connection, batch: Sequence[Incoming], also: Also | None) -> int:
        self._take(conn, batch, also)
        return self._turns.run(conn)

    def _take(self, conn: sqlite3.Connection, batch: Sequence[Incoming], also: Also | None) -> None:
        batch = [found for one in batch if (found := routed(conn, self._transport.name, one)) is not None]
        people: dict[str, Present] = {}
        for name in {one.room for one in batch}:
            room = rooms.find(conn, self._transport.name, name)
            if room is not None:
                people[name] = people_of(self._turns.snapshot(conn, room))
        self._receiver.take(conn, batch, people, also)
        while self._receiver.moved:
            self._turns.forget(self._receiver.moved.pop())

    async def remember(self, one: Incoming) -> None:
        """Something came in again that was taken in before: nothing is done, but it may be marked ✍️ later."""
        await self._writer.run(partial(self._receiver.remember, one=one))

    async def work(self) -> None:
        """Do all turns that wait, and post what they lead to."""
        await self._work()

    async def _work(self, bring: Callable[[sqlite3.Connection], int] | None = None) -> bool:
        """The same, of what `bring` puts in the inbox first; False where that is nothing. Who waits for this meanwhile
        goes before what is brought next."""
        if bring is None:
            with self._goes_first():
                await self._working.acquire()
        else:
            await self._working.acquire()
        try:
            if not await self._do_turns(bring):
                return False
            if not self._delivers:
                await self._post_all()
        finally:
            self._working.release()
        self._delivery.wake()
        finishing = self._go_on_beside()
        if finishing is not None and not self._delivers:
            await asyncio.wait({finishing}, timeout=LONGEST_ERASING)
        return True

    def _go_on_beside(self) -> asyncio.Task[None] | None:
        """Begin what the latest turns leave to be done beside; the erasing among it, where there is any to finish."""
        finishing = self._finishing.begin()
        self._lookups.begin(self._turns.wanted())
        until = self._turns.slowed_until()
        if until is not None and (self._resting is None or until < self._resting[0]):
            if self._resting is not None:
                self._resting[1].cancel()  # somebody else may go on earlier
            self._resting = (until, asyncio.create_task(self._rest(until)))
        return finishing

    async def erase(self, room: str, *, locked: bool = False) -> Report:
        """Erase a room (the transport's id) for good, with `locked` also one that is locked, and look whether it is
        gone; the coach is silent there from now on. NoSuchRoom, LockedRoom or StorageError."""
        report = await self._erasing.room(room, locked=locked)
        if not report.emptied:
            self._finishing.left = True
            self._finishing.begin()
        return report

    @asynccontextmanager
    async def _apart(self, room: int) -> AsyncIterator[None]:
        """No turn is done, and in a room (row id) nothing posted, made or looked up, for as long as this is held."""
        self._lookups.stop(room)
        async with self._working, self._attaching.apart(), self._delivery.apart(room):
            yield

    def _forget(self, room: int) -> None:
        """Nothing of a room (row id) is remembered any more."""
        self._turns.forget_all(room)
        self._receiver.forget(room)
        self._attaching.forget(room)

    async def _post_all(self) -> None:
        """Post what there is; then make the files that belong to it, one after the other, and post those."""
        await self._delivery.drain()
        while self._attaching.is_woken or self._more:
            self._more = False
            await self._attaching.make_one()
            await self._do_turns()
            await self._delivery.drain()

    def _go_on(self) -> None:
        """A turn waits that no delivery brought."""
        self._more = True
        if self._delivers and self._going is None:
            self._going = asyncio.create_task(self._go())

    async def _go(self) -> None:
        told = False
        try:
            while self._more:
                self._more = False
                try:
                    await self.work()
                except StorageError as error:
                    if not told:
                        _log.error("a turn waits: %s", error)
                    told = self._more = True
                    await asyncio.sleep(AGAIN)
        finally:
            self._going = None

    async def _rest(self, until: datetime) -> None:
        """Go on when the first may that waits because it went too fast."""
        await self._sleep(max((until - self._clock.now()).total_seconds(), 0.05))
        self._resting = None
        await self._work_beside()

    async def _work_beside(self) -> None:
        """The same as `work`, where nobody waits for it: what the disk refuses now is done later."""
        try:
            await self.work()
        except StorageError:
            self._go_on()

    async def _do_turns(self, bring: Callable[[sqlite3.Connection], int] | None = None) -> bool:
        """Do all turns that wait, with what `bring` puts in the inbox in the transaction of the first; False where that
        is nothing."""

        def work(conn: sqlite3.Connection) -> int | None:
            if bring is None:
                return self._turns.run(conn)
            return self._turns.run(conn, self._gives_way) if bring(conn) else None

        count: int | None = MOST_TURNS
        while count == MOST_TURNS:  # fewer: nothing waits any more
            try:
                count = await self._writer.run(work)
            except BaseException:
                self._turns.lost()
                raise
            if count is None:
                return False
            bring = None
            await self._settle()
        if self._turns.erased and await self._writer.scour():
            self._turns.erased = False
        return True

    @contextlib.contextmanager
    def _goes_first(self) -> Iterator[None]:
        """Timers that are still to come wait for this, and for no more than this: who goes on and on does not keep
        them."""
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
            self._served.set()

    def _gives_way(self, done: int) -> bool:
        """Whether the timers that are left of some, of which so many were done, come after others: after somebody who
        said something at once."""
        return self._waiting > 0 or (done >= LEAST_TIMERS and self._writer.is_waited_for)

    async def _settle(self) -> None:
        """The latest turns were committed: the rest of the coach learns what they led to."""
        self._turns.kept()
        for one in self._turns.emptied():
            self._erasing.emptied(one.row, one.before, one.words, one.alone)
            self._finishing.left = True
        for room, person in self._turns.unnamed():
            self._memory.forget_person(room, person)
            self._finishing.left = True  # their name is to go out of the database's file
        if left := self._turns.left():
            await self._transport.forget(None, left)
        if self._turns.attached:
            self._attaching.wake()

    async def fire(self, until: datetime, *, stepwise: bool = False) -> None:
        """Let every timer up to and including a moment fire, in order. What is late is dealt with at that moment;
        `stepwise` each at the moment it was due, but for what a start finds overdue: and then only those of one moment
        at a time, for what they lead to may set a timer that is due before the next.
        """
        missed = not (stepwise and self._caught_up)

        def bring(conn: sqlite3.Connection) -> int:
            self._memory.forget_old(until)
            return due.bring(conn, self._transport.name, until, MOST_TIMERS, missed=missed)

        while await self._work(bring):
            if self._waiting:
                self._served.clear()
                await self._served.wait()
        self._caught_up = True

    async def next_due(self) -> datetime | None:
        """When the next timer comes due."""
        return await self._writer.run(lambda conn: timers.next_due(conn, self._transport.name))

    async def seen_before(self, room: str, event: str) -> bool:
        """Whether an event was taken in before."""

        def work(conn: sqlite3.Connection) -> bool:
            found = rooms.find(conn, self._transport.name, room)
            return found is not None and inbox.known(conn, found, event)

        return await self._writer.run(work)
