"""What a Monday morning costs: so many rooms that are all to be reminded of an action at nine.

Rule: the rooms are made by the product's own turns and copied; each is reminded by its own turn, as `run` does it.
"""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import table
from bench.rooms import fill, known_id
from bot.clock import LineClock
from bot.coach import Coach
from bot.memory import Memory
from bot.receiving import Receiver
from bot.transports.base import Incoming, Message, People
from bot.turns import Turns
from flows.conversation.engine import Engine
from flows.conversation.events import Person
from flows.conversation.hearing import Capabilities, Setting
from storage import outbox, rooms
from storage.migrate import migrate, migrations
from storage.outbox import Row
from storage.writer import Writer

TRANSPORT = "console"
WINDOW = 900  # seconds
BEGUN = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday
NINE = datetime(2026, 11, 30, 8, tzinfo=UTC)  # the next one, nine o'clock in Amsterdam
_BAR = 40
_ANSWERS, _PAUSE = 50, 0.1


class Posting:
    """A transport that is busy elsewhere: what is to be posted stays in the outbox."""

    name = TRANSPORT
    abreast = 1
    fetches = False
    capabilities = Capabilities(window=WINDOW)

    def known_id(self, number: int) -> str | None:
        """The id of the coach's message with this number."""
        return known_id(number)

    async def send(self, row: Row, target: str | None) -> str | None:
        """Nothing is ever posted: the bench lets nobody deliver."""
        raise AssertionError("nobody delivers here")

    def whereabouts(self, room: str) -> list[Path]:
        return []

    async def forget(self, room: str | None, alone: Sequence[str]) -> list[str]:
        return []

    async def scrub(self, row: Row, messages: list[str], gone: tuple[str, ...]) -> None:
        """Nothing is ever removed."""

    async def fetch(self, room: str, message: str) -> Message | None:
        """Nothing is looked up."""
        return None


class _Undelivered(Coach):
    """A coach whose outbox nobody empties."""

    def __init__(self, writer: Writer, engine: Engine, clock: LineClock) -> None:
        super().__init__(writer, engine, Posting(), clock, "bench")
        self._delivers = True


def measure(folder: Path, engine: Engine, count: int) -> None:
    """Print how long it takes until all are in the outbox, what somebody who answers meanwhile waits, and how they are
    spread, before and after a restart."""
    setting = engine.setting
    engine = Engine(Setting(setting.book, setting.texts, Posting.capabilities, setting.operator))
    path = folder / "monday.db"
    for file in folder.glob("monday.db*"):
        file.unlink()
    fill(path, _one_room(folder, engine), count)
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        _plan(conn, engine)
        before = _planned(conn)
    print(f"\n{count:,} reminders, due on Monday at nine, window {WINDOW} s")
    took, written, planned, waited, alone = asyncio.run(_morning(path, engine, count))
    with closing(sqlite3.connect(path)) as conn:
        (rows,) = conn.execute("SELECT count(*) FROM outbox WHERE state = 0 AND op = 'say'").fetchone()
    speed, each = rows / took, written // max(rows, 1)
    print(f"  {rows:,} messages in the outbox after {took:.1f} s: {speed:,.0f} a second, {each} rows written for each")
    times = [table.ms(one) for one in (table.p50(alone), table.p50(waited), table.p95(waited), max(waited))]
    print(
        f"  an answer meanwhile takes {times[1]} ms (p50; p95 {times[2]}, slowest {times[3]}), before it {times[0]} ms"
    )
    # The process that reminded planned the week after: each room at its own second again.
    same = "the same" if planned == {name: due + timedelta(weeks=1) for name, due in before.items()} else "NOT the same"
    print(f"  a minute (after a restart {same} for every room):")
    per_minute = Counter(int((due - NINE).total_seconds()) // 60 for due in before.values())
    for minute in range(WINDOW // 60):
        number = per_minute[minute]
        print(f"  {9}:{minute:02} {number:6} {'#' * round(_BAR * number / max(per_minute.values()))}")


def _one_room(folder: Path, engine: Engine) -> Path:
    """A database with one room, in which there is an action that is due on Monday."""
    path = folder / "one.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        migrate(conn, path, migrations())
        conn.execute("BEGIN")
        receiver, turns = Receiver(TRANSPORT, Memory()), Turns(engine, Memory(), TRANSPORT, "bench", known_id)
        said: list[Incoming] = [
            People("one", "p1", BEGUN, (Person("Anna", "Anna"), Person("Bas", "Bas"))),
            Message("one", "e1", BEGUN, "Anna", "!actie memo schrijven @Bas 30 november 2026"),
        ]
        for incoming in said:
            receiver.take(conn, [incoming], {}, None)
            turns.run(conn)
            turns.kept()
        # Three days before has been.
        conn.execute("UPDATE action SET reminded_on = '2026-11-27'")
        for row in [one for head in outbox.heads(conn, BEGUN, 10) for one in outbox.of_room(conn, head.room)]:
            outbox.sent(conn, row.id, None, row.room, None)
        conn.execute("COMMIT")
    return path


def _plan(conn: sqlite3.Connection, engine: Engine) -> None:
    """Have every room set its timers itself, as after any turn."""
    conn.execute("PRAGMA synchronous = OFF")
    conn.execute("BEGIN")
    turns = Turns(engine, Memory(), TRANSPORT, "bench", known_id)
    receiver = Receiver(TRANSPORT, Memory())
    names = [name for (name,) in conn.execute("SELECT external FROM room ORDER BY id")]
    for name in names:
        room = rooms.find(conn, TRANSPORT, name)
        assert room is not None
        receiver.take(conn, [Message(name, f"plan{room}", BEGUN, "Anna", "!afwezig @Anna voorbij")], {}, None)
        while turns.run(conn):
            turns.kept()
    for row in conn.execute("SELECT id FROM outbox WHERE state = 0").fetchall():
        conn.execute("UPDATE outbox SET state = 1, payload = NULL WHERE id = ?", row)
    conn.execute("COMMIT")


def _planned(conn: sqlite3.Connection) -> dict[str, datetime]:
    """When each room is to be spoken to."""
    rows = conn.execute("SELECT room.external, due FROM timer JOIN room ON room.id = timer.room WHERE name = 'digest'")
    return {name: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=due) for name, due in rows}


async def _morning(
    path: Path, engine: Engine, count: int
) -> tuple[float, int, dict[str, datetime], list[float], list[float]]:
    """A new process on that database, past the window: the seconds, the rows written, what it plans next, and the
    seconds that answers took meanwhile and before. Who answers is in a room that is not to be reminded."""
    writer = await Writer.open(path)
    try:
        late = NINE + timedelta(seconds=WINDOW)
        coach = _Undelivered(writer, engine, LineClock(late))
        await coach.start()
        people = People("other", "p1", late, (Person("Anna", "Anna"), Person("Bas", "Bas")))
        await coach.receive([people])
        await coach.receive([Message("other", "start", late, "Anna", "!start")])
        numbers = itertools.count()

        async def answer() -> float:
            begun = time.perf_counter()
            said = "!antwoord Ouders vragen eerder hulp"
            await coach.receive([Message("other", f"a{next(numbers)}", late, "Anna", said)])
            return time.perf_counter() - begun

        alone = [await answer() for _ in range(_ANSWERS)]
        waited: list[float] = []

        async def meanwhile() -> None:
            while True:
                await asyncio.sleep(_PAUSE)
                waited.append(await answer())

        before = await writer.run(lambda conn: conn.total_changes)
        answering = asyncio.create_task(meanwhile())
        begun = time.perf_counter()
        await coach.fire(late)
        took = time.perf_counter() - begun
        answering.cancel()
        written = await writer.run(lambda conn: conn.total_changes) - before
        return took, written, await writer.run(_planned), waited or [0.0], alone
    finally:
        await writer.close()
