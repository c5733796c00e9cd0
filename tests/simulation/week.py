"""One week with two hundred rooms on virtual time: what the coach holds in memory and on disk stays as it is.

    python -m tests.simulation --week

Rule: most of what people write is for each other, as in every team; a day of it is remembered, and none is stored. What
is compared is the end of the second day with the end of the seventh: all that can be reached from the coach, the
database, and its log.
"""

from __future__ import annotations

import gc
import logging
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, ModuleType
from typing import Any

from bot import serving
from storage.writer import Writer
from tests.simulation.checks import must
from tests.simulation.coach import KNOWN, Coaches, settings_for, simulated
from tests.simulation.disk import Disk
from tests.simulation.homeserver import COACH, OWN, Homeserver
from tests.simulation.story import listening
from tests.simulation.wire import Weather, Wire, client_on
from tests.simulation.world import AMSTERDAM, DAY, HOUR, Violation, World

ROOMS = 200
DAYS = 7
HOURS = range(8, 18)
ADDRESSED = 0.1  # of what is said, for the coach
MORE_MEMORY, MORE_BYTES = 1.10, 1_000_000  # what it may grow to, and by
ROW = 1_500  # bytes that an event for the coach may leave behind, with what it was answered
MOST_LOG = 6_000_000
# Where counting what the coach holds ends: what is the interpreter's, or the simulated world's.
_ELSEWHERE = (type, ModuleType, FunctionType, BuiltinFunctionType, CodeType, FrameType, logging.Logger)


@dataclass(frozen=True)
class Measured:
    """What there is at the end of a day."""

    day: int
    memory: int
    database: int
    log: int
    events: int


class Week:
    """The rooms, and the coach in them."""

    def __init__(self, folder: Path, rooms: int = ROOMS) -> None:
        self.world = World(1, traced=False)
        self.disk = Disk(self.world, folder, goes_back=False)
        self.server = Homeserver(self.world)
        self.coaches = Coaches(self.world, self.disk, self._wake)
        self.wire = Wire(self.world, self.server, lambda: self.coaches.life, self.coaches.crash)
        self.wire.weather = Weather(lost=0.005, unanswered=0.005, bad=0.005)
        self.server.heard = self._heard
        self.settings, self.config = settings_for(folder)
        self.names = [f"!r{number}:example.nl" for number in range(rooms)]
        self.measured: list[Measured] = []
        self.addressed = 0
        self._chance = self.world.chance("week")
        self._news = False
        self._service: Any = None

    def _heard(self) -> None:
        if not self._news:
            self._news = True
            self.world.after(0.5, self._told)  # what is said in the same moment comes in one sync

    def _told(self) -> None:
        self._news = False
        self.wire.news()

    async def _wake(self, writer: Writer) -> Any:
        self._service = await serving.matrix(self.settings, self.config, writer, self.world)
        return self._service

    def restore(self, section: Any, known: Any, store: Path) -> Any:
        return client_on(self.wire, section, KNOWN.user_id, KNOWN.device_id, KNOWN.access_token)

    def play(self) -> None:
        """Play it."""
        world = self.world
        for place, room in enumerate(self.names):
            world.at(10 + place * 0.5, lambda room=room: self._open(room))
        for day in range(DAYS):
            for hour in HOURS:
                if day or hour > 9:
                    world.at(day * DAY + (hour - 8.5) * HOUR, self._talk)
            world.at((day + 1) * DAY - 1, lambda day=day: self._measure(day + 1))
        world.at(DAYS * DAY + 1, self.coaches.stop)
        with simulated(world, self.disk, self.restore), listening(world):
            how = self.coaches.live()
        must(how == "stopped", f"it ended by itself: {how}")

    def _open(self, room: str) -> None:
        self.server.room(room, "@anna:example.nl", "@bas:example.nl")
        self.server.member(room, COACH, "invite", by="@anna:example.nl")
        day = (self.world.now() + timedelta(days=self._chance.randint(1, 9))).astimezone(AMSTERDAM).date()
        self.world.after(HOUR, lambda: self._write(room, "!start"))
        self.world.after(HOUR + 60, lambda: self._write(room, f"!actie memo voor het MT @Anna {day}"))

    def _talk(self) -> None:
        """In every room something is said, now and then to the coach."""
        for room in self.names:
            if self._chance.random() < ADDRESSED:
                self._write(room, self._chance.choice(("!acties", "!vraag", "!uitleg", "!voorbeeld", "!hulp")))
            else:
                self._write(room, f"wij praten hier over {self._chance.random()}")

    def _write(self, room: str, text: str) -> None:
        self.addressed += text.startswith("!")
        who = self._chance.choice(("@anna:example.nl", "@bas:example.nl"))
        self.server.add(room, who, "m.room.message", {"msgtype": "m.text", "body": text, "m.mentions": {}})

    def _measure(self, day: int) -> None:
        gc.collect()
        memory = held(self._service)
        log = self.disk.path.with_name("coach.db-wal")
        sizes = [file.stat().st_size if file.exists() else 0 for file in (self.disk.path, log)]
        self.measured.append(Measured(day, memory, *sizes, self.addressed))

    def look(self) -> None:
        """What must hold of it. Raises Violation."""
        early, late = self.measured[1], self.measured[-1]
        most = early.memory * MORE_MEMORY + MORE_BYTES
        must(late.memory <= most, f"memory grew from {early.memory:,} to {late.memory:,} bytes")
        more = late.database - early.database
        must(more <= (late.events - early.events) * ROW + MORE_BYTES, f"the database grew by {more:,} bytes")
        must(max(one.log for one in self.measured) <= MOST_LOG, "the log of changes is not written over")
        with closing(sqlite3.connect(self.disk.path)) as conn:
            must(conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "the database is damaged")
            must(not conn.execute("SELECT 1 FROM inbox WHERE state <> 1").fetchall(), "events without an outcome")
            must(not conn.execute("SELECT 1 FROM outbox WHERE state IN (0, 2, 3)").fetchall(), "something waits")
        reminded = {
            room for _, room, event in self.server.posted if event["content"].get(OWN, {}).get("kind") == "reminder"
        }
        must(len(reminded) > len(self.names) / 2, f"only {len(reminded)} rooms were reminded of something")


def held(root: Any) -> int:
    """The bytes of all that can be reached from an object."""
    seen, waiting, size = {id(root)}, [root], 0
    while waiting:
        one = waiting.pop()
        size += sys.getsizeof(one)
        for other in gc.get_referents(one):
            if id(other) not in seen and not _is_elsewhere(other):
                seen.add(id(other))
                waiting.append(other)
    return size


def _is_elsewhere(one: Any) -> bool:
    return isinstance(one, _ELSEWHERE) or type(one).__module__.startswith(("tests.", "asyncio.", "_asyncio"))


def play(rooms: int = ROOMS) -> str | None:
    """Play the week; what does not hold, None where all does. Prints what was measured."""
    base = "/dev/shm" if Path("/dev/shm").is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="opschaalcoach-simulation-", dir=base))
    week = Week(folder, rooms)
    try:
        week.play()
        week.look()
    except Violation as error:
        return str(error)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        for one in week.measured:
            sizes = f"{one.memory:,} bytes of memory, {one.database:,} in the database, {one.log:,} in its log"
            print(f"day {one.day}: {sizes}, {one.events} events for the coach", flush=True)
    return None
