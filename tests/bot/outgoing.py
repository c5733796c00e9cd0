"""A delivery to test with: the real outbox on disk, a chat that answers as it is told, and a clock that moves only when
a test moves it.

Rule: nothing here waits for real time; `settled` comes back when the delivery has nothing to do till the clock moves,
somebody calls it, or the chat answers.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

from bot.delivery import Delivery
from bot.transports.base import Message
from flows.conversation.effects import Effect, Say
from flows.conversation.hearing import Capabilities
from storage import outbox, rooms
from storage.outbox import Row
from storage.writer import Writer

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DEADLINE = 60


class StillClock:
    """A clock that a test moves, and the sleeping of those who go by it."""

    def __init__(self, changed: asyncio.Event) -> None:
        self._now = NOON
        self._naps: list[tuple[datetime, asyncio.Future[None]]] = []
        self._changed = changed

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Sleep till the clock was moved by so much."""
        nap = asyncio.get_running_loop().create_future()
        self._naps.append((self._now + timedelta(seconds=seconds), nap))
        self._changed.set()
        await nap

    def pass_(self, seconds: float) -> None:
        """Time goes by."""
        self._now += timedelta(seconds=seconds)
        for until, nap in self._naps:
            if until <= self._now and not nap.done():
                nap.set_result(None)

    @property
    def asleep(self) -> bool:
        return bool(self._naps) and not self._naps[-1][1].done()

    @property
    def nap(self) -> float:
        """How many seconds the latest sleep takes from now on."""
        return (self._naps[-1][0] - self._now).total_seconds()


class Sayer(random.Random):
    """Chance that is always the same."""

    def __init__(self, value: float = 0.0) -> None:
        super().__init__()
        self._value = value

    def random(self) -> float:
        return self._value


class Room:
    """A room of the chat: what it does with what is posted."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.here = 0
        self.waits = False
        self.posted: list[str] = []


class FakeChat:
    """A chat that posts what it gets, or does what a test says: `faults` are raised in order, by key."""

    name = "matrix"
    capabilities = Capabilities()
    fetches = False

    def __init__(self, clock: StillClock, changed: asyncio.Event, abreast: int) -> None:
        self.abreast = abreast
        self.faults: dict[str, list[BaseException]] = {}
        self.tried: list[tuple[datetime, str]] = []
        self.posted: list[str] = []
        self.targets: dict[str, str | None] = {}
        self.rooms: dict[str, Room] = {}
        self.most = 0
        self.before: Callable[[Row], None] = lambda row: None
        self._clock = clock
        self._changed = changed

    def room(self, name: str) -> Room:
        return self.rooms.setdefault(name, Room())

    def known_id(self, number: int) -> str | None:
        return None

    def whereabouts(self, room: str) -> list[Path]:
        return []

    async def forget(self, room: str | None, alone: Sequence[str]) -> list[str]:
        return []

    async def scrub(self, row: Row, messages: list[str], gone: tuple[str, ...]) -> None:
        """There is nothing to take out."""

    async def fetch(self, room: str, message: str) -> Message | None:
        raise AssertionError

    async def send(self, row: Row, target: str | None) -> str | None:
        room = self.room(row.external_room)
        room.here += 1
        assert room.here == 1, "two messages in flight in one room"
        self.most = max(self.most, sum(one.here for one in self.rooms.values()))
        self.tried.append((self._clock.now(), row.key))
        try:
            self.before(row)
            if not room.open.is_set():
                room.waits = True
                self._changed.set()
                await room.open.wait()
            if self.faults.get(row.key):
                raise self.faults[row.key].pop(0)
            self.posted.append(row.key)
            room.posted.append(row.key)
            self.targets[row.key] = target
            return f"${row.key}" if isinstance(row.effect, Say) else f"${row.key}-x"
        finally:
            room.here -= 1
            room.waits = False
            self._changed.set()

    @property
    def blocked(self) -> int:
        """In how many rooms a message waits for its answer."""
        return sum(room.waits and not room.open.is_set() for room in self.rooms.values())


@asynccontextmanager
async def nothing_noted(writer: Writer) -> AsyncIterator[None]:
    """The disk refuses to note what became of a message, for as long as this lasts."""
    refuse = "CREATE TEMP TRIGGER refuse BEFORE UPDATE OF state ON outbox BEGIN SELECT RAISE(ABORT, 'refused'); END"
    await writer.run(lambda conn: conn.execute(refuse))
    try:
        yield
    finally:
        await writer.run(lambda conn: conn.execute("DROP TRIGGER refuse"))


class Outgoing:
    """A delivery at work. `put` puts effects in line and calls it."""

    def __init__(self, writer: Writer, abreast: int = 10, chance: float = 0.0) -> None:
        self.writer = writer
        self._changed = asyncio.Event()
        self.clock = StillClock(self._changed)
        self.chat = FakeChat(self.clock, self._changed, abreast)
        self._chance = chance
        self._numbers: Iterator[int] = count(1)
        self.begin()

    def begin(self, *, careful: bool = False) -> None:
        """A new delivery on the same outbox, as after a restart; it does not run yet."""
        chance = Sayer(self._chance)
        self.delivery = Delivery(self.writer, self.chat, self.clock, chance, self.clock.sleep, careful=careful)
        self.task: asyncio.Task[None] | None = None

    def run(self) -> None:
        self.task = asyncio.create_task(self.delivery.run())
        self.task.add_done_callback(lambda _: self._changed.set())

    async def put(self, room: str, *keys: str, kind: str = "info", transport: str = "matrix") -> None:
        """Messages of the coach in a room, by their keys."""
        for key in keys:
            await self.effect(room, key, Say(next(self._numbers), kind, None, f"tekst van {key}"), transport)
        self.delivery.wake()

    async def effect(self, room: str, key: str, effect: Effect, transport: str = "matrix") -> None:
        def work(conn: sqlite3.Connection) -> None:
            outbox.add(conn, rooms.ensure(conn, transport, room), key, effect, self.clock.now())

        await self.writer.run(work)

    async def settled(self) -> None:
        """Wait till the delivery has nothing to do."""
        assert self.task is not None
        async with asyncio.timeout(DEADLINE):
            while not self._is_settled():
                assert not self.task.done(), self.task
                self._changed.clear()
                await self._changed.wait()

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait till something holds of the chat."""
        async with asyncio.timeout(DEADLINE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    def _is_settled(self) -> bool:
        under_way = len(self.delivery._under_way)
        return self.clock.asleep and under_way == self.chat.blocked and not self.delivery._woken.is_set()

    async def pass_(self, seconds: float) -> None:
        """Time goes by, and what comes due of it is done."""
        self.clock.pass_(seconds)
        self.delivery.wake()
        await self.settled()

    async def open(self, room: str) -> None:
        """A room that was held answers again."""
        self.chat.room(room).open.set()
        await self.settled()

    def hold(self, *names: str) -> None:
        """Rooms whose answers are a long time coming."""
        for name in names:
            self.chat.room(name).open.clear()

    async def states(self) -> dict[str, int]:
        """What became of each row: 0 waits, 1 sent, 2 set aside."""
        found = await self.writer.run(lambda conn: conn.execute('SELECT "key", state FROM outbox').fetchall())
        return dict(found)

    async def not_before(self, key: str) -> float:
        """In how many seconds a row may be tried again."""
        statement = 'SELECT not_before FROM outbox WHERE "key" = ?'
        (micros,) = await self.writer.run(lambda conn: conn.execute(statement, (key,)).fetchone())
        return (micros - self.clock.now().timestamp() * 1_000_000) / 1_000_000

    async def room_row(self, name: str) -> int:
        return await self.writer.run(partial(rooms.ensure, transport="matrix", external=name))

    async def stop(self) -> None:
        for room in self.chat.rooms.values():
            room.open.set()
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
