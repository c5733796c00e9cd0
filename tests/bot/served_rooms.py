"""A coach at work on rooms of a chat that is played by a test: real capture, turns, delivery and SQLite.

Rule: nothing waits for real time; what the coach looks up is answered, or not, by the test.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.coach import Coach
from bot.pace import Pace
from bot.transports.base import Incoming, Message, Moved, People, Posted, PutOut, Removal, Sign
from flows.conversation.effects import Mark, Say
from flows.conversation.engine import Engine
from flows.conversation.events import Person
from flows.conversation.hearing import Capabilities, Setting
from flows.conversation.snapshot import Snapshot
from flows.export import as_json
from storage import rooms
from storage.outbox import Row
from storage.writer import Writer
from tests.bot.outgoing import DEADLINE, NOON
from tests.chat import BOOK, TEXTS

NAME = "matrix"
ANNA, BAS, COR = Person("@anna:x", "Anna", moderator=True), Person("@bas:x", "Bas"), Person("@cor:x", "Cor")


class Ticking:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at


class Played:
    """The chat: what was posted, and what is answered when the coach looks up a message."""

    name = NAME
    abreast = 10
    capabilities = Capabilities(ways="matrix")

    def __init__(self, *, fetches: bool) -> None:
        self.fetches = fetches
        self.posted: list[Row] = []
        self.faults: dict[str, list[BaseException]] = {}  # raised once it was posted: the answer got lost
        self.answers: dict[tuple[str, str], list[Message | BaseException | None]] = {}
        self.asked: list[tuple[str, str]] = []
        self.answering = asyncio.Event()
        self.answering.set()

    def known_id(self, number: int) -> str | None:
        return None

    async def send(self, row: Row, target: str | None) -> str | None:
        if row.key not in [one.key for one in self.posted]:
            self.posted.append(row)
        faults = self.faults.get(row.external_room)
        if faults:
            raise faults.pop(0)
        return f"${row.external_room}{row.effect.number}" if isinstance(row.effect, Say) else None

    def whereabouts(self, room: str) -> list[Path]:
        return []

    async def forget(self, room: str | None, alone: Sequence[str]) -> list[str]:
        return []

    async def scrub(self, row: Row, messages: list[str], gone: tuple[str, ...]) -> None:
        """There is nothing to take out."""

    async def fetch(self, room: str, message: str) -> Message | None:
        self.asked.append((room, message))
        await self.answering.wait()
        answer = self.answers[room, message].pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


class Rooms:
    """The rooms of one coach. Messages get ids `e1`, `e2`, ... over all rooms."""

    def __init__(self, path: Path, *, fetches: bool = True, pace: int | None = None) -> None:
        self.path = path
        self.pace = pace
        self.naps: list[tuple[float, asyncio.Future[None]]] = []  # what it waits for, in seconds
        self.chat = Played(fetches=fetches)
        self.clock = Ticking()
        self.count = 0

    async def start(self) -> Rooms:
        """Start a coach: the first, or a new one on what is left of the one before."""
        self.writer = await Writer.open(self.path)
        engine = Engine(Setting(BOOK, TEXTS, self.chat.capabilities, "Gemeente Voorbeeld", "coach.db"))
        pace = None if self.pace is None else Pace(self.pace)
        self.coach = Coach(self.writer, engine, self.chat, self.clock, "test", pace, sleep=self._sleep)
        await self.coach.start()
        return self

    async def _sleep(self, seconds: float) -> None:
        nap = asyncio.get_running_loop().create_future()
        self.naps.append((seconds, nap))
        await nap

    async def nap(self) -> float:
        """For how many seconds the coach waits now."""
        for _ in range(3):  # what was begun begins to wait
            await asyncio.sleep(0)
        return [seconds for seconds, nap in self.naps if not nap.done()][-1]

    async def wake(self) -> None:
        """The time that the coach waits for has come; what that leads to is done."""
        seconds = await self.nap()
        nap = [nap for _, nap in self.naps if not nap.done()][-1]
        self.clock.at += timedelta(seconds=seconds)
        nap.set_result(None)
        for _ in range(3):  # the one that waited goes on
            await asyncio.sleep(0)
        await self.coach.work()

    async def stop(self) -> None:
        """The coach ends, whatever it waits for."""
        looking = self.coach._lookups.tasks
        for task in looking:
            task.cancel()
        await asyncio.gather(*looking, return_exceptions=True)
        await self.coach.close()
        await self.writer.close()

    async def receive(self, *incoming: Incoming, also: Callable[[sqlite3.Connection], object] | None = None) -> None:
        await self.coach.receive(incoming, also)

    async def looked_up(self) -> None:
        """Wait till nothing is looked up any more, and what it led to is done."""
        async with asyncio.timeout(DEADLINE):
            while looking := self.coach._lookups.tasks:
                await asyncio.gather(*looking)

    # What happens in the chat -----------------------------------------------------------------------------------------

    def _next(self) -> tuple[str, datetime]:
        self.count += 1
        self.clock.at += timedelta(seconds=1)
        return f"e{self.count}", self.clock.at

    @property
    def event(self) -> str:
        """The id of the last event."""
        return f"e{self.count}"

    def people(self, room: str, *people: Person) -> People:
        return People(room, *self._next(), people)

    def message(self, room: str, text: str, by: Person = ANNA, **more: Any) -> Message:
        return Message(room, *self._next(), by.id, text, **more)

    def sign(self, room: str, target: str, key: str = "✍️", by: Person = ANNA, *, removed: bool = False) -> Sign:
        return Sign(room, *self._next(), by.id, target, key, removed)

    def removal(self, room: str, target: str, by: Person = ANNA) -> Removal:
        return Removal(room, *self._next(), by.id, target)

    def put_out(self, room: str) -> PutOut:
        return PutOut(room, *self._next())

    def moved(self, room: str, to: str) -> Moved:
        return Moved(room, *self._next(), to)

    def posted(self, room: str, event: str, key: str) -> Posted:
        _, at = self._next()
        return Posted(room, event, at, key)

    def earlier(self, room: str, event: str, text: str, by: Person = BAS, **ago: float) -> Message:
        """A message from before what the coach remembers."""
        return Message(room, event, self.clock.at - timedelta(**(ago or {"minutes": 5})), by.id, text)

    async def group(self, room: str = "!a", *people: Person) -> None:
        """A room of people that started, at its first question."""
        await self.receive(self.people(room, *(people or (ANNA, BAS))))
        await self.receive(self.message(room, "!start"))

    # What can be asked of it ------------------------------------------------------------------------------------------

    async def snapshot(self, room: str) -> Snapshot:
        def work(conn: sqlite3.Connection) -> Snapshot:
            found = rooms.find(conn, NAME, room)
            assert found is not None
            return rooms.load(conn, found)

        return await self.writer.run(work)

    async def texts(self, room: str, step: str = "pilot.naam") -> list[str]:
        """The items of a room at a step."""
        canvas = as_json(BOOK, await self.snapshot(room), self.clock.now(), TEXTS.rhythm)
        return [item["text"] for item in canvas["steps"][step]["items"]]

    async def votes(self, room: str) -> int:
        """How many votes a room has open."""
        return len((await self.snapshot(room)).vote)

    async def query(self, statement: str, *values: object) -> list[Any]:
        return await self.writer.run(lambda conn: conn.execute(statement, values).fetchall())

    async def inbox(self) -> list[tuple[str, int]]:
        """The events that were taken in, with what became of them (0: they wait)."""
        return await self.query("SELECT event, state FROM inbox ORDER BY id")

    def said(self, room: str) -> list[Say]:
        """What the coach said in a room."""
        return [row.effect for row in self._of(room) if isinstance(row.effect, Say)]

    def marks(self, room: str) -> list[Mark]:
        return [row.effect for row in self._of(room) if isinstance(row.effect, Mark)]

    def asked(self, room: str) -> str:
        """The id of the latest question in a room."""
        return [f"${room}{say.number}" for say in self.said(room) if say.kind == "question"][-1]

    def _of(self, room: str) -> Sequence[Row]:
        return [row for row in self.chat.posted if row.external_room == room]
