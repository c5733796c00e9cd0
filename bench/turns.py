"""A turn as the product does it, beside a bare transaction of the same statements, in one run.

Rule: first a turn is done on a database of its own, whose connection writes down every statement with its values, BEGIN
and COMMIT included. Then the product does it on a second copy and the standard library runs the written statements on a
third, taking turns, so that both meet the same disk.

Statements are kept with their values apart, as the product gives them: text with the values filled in would have to be
parsed anew each time, and that would make the bare side look dear.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import shutil
import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, cast

import aiosqlite

from bench import rooms, table
from bench.team import Team
from bot.clock import LineClock
from bot.coach import Coach
from bot.transports.base import Incoming, Message
from flows.conversation.engine import Engine
from flows.conversation.hearing import Capabilities
from flows.conversation.snapshot import Snapshot
from storage.outbox import Row
from storage.writer import Writer

HEAD = ("", "product p50", "p95", "bare p50", "p95", "ratio p50", "engine p50", "statements", "transactions")
GROUP = 50
GROUPS = 8
FIRST_EVENT = 1_000  # the ids of the rooms' own events are lower

Statement = tuple[str, str, Any]  # execute or executemany, the SQL, its values


class Recorder(sqlite3.Connection):
    """A connection that writes down what it is given."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.log: list[Statement] = []

    def execute(self, sql: str, values: Any = (), /) -> sqlite3.Cursor:
        self.log.append(("execute", sql, values))
        return super().execute(sql, values)

    def executemany(self, sql: str, values: Any, /) -> sqlite3.Cursor:
        rows = list(values)
        self.log.append(("executemany", sql, rows))
        return super().executemany(sql, rows)


class Nowhere:
    """A transport that posts to nobody, at once."""

    name = rooms.TRANSPORT
    abreast = 1
    fetches = False
    capabilities = Capabilities()

    def known_id(self, number: int) -> str | None:
        """The id of a message."""
        return rooms.known_id(number)

    async def send(self, row: Row, target: str | None) -> str | None:
        """Post nothing."""
        return None

    def whereabouts(self, room: str) -> list[Path]:
        return []

    async def forget(self, room: str | None, alone: Sequence[str]) -> list[str]:
        return []

    async def scrub(self, row: Row, messages: list[str], gone: tuple[str, ...]) -> None:
        """There is nothing to take out."""

    async def fetch(self, room: str, message: str) -> Message | None:
        """There is nothing to look up."""
        return None


@dataclass
class Job:
    """Something to measure: deliveries, one after the other. `cold`: by a coach that just started and knows no room;
    `post`: what the turn leads to is posted too, to nowhere.
    """

    name: str
    cold: bool = False
    post: bool = False
    deliveries: list[list[Incoming]] = field(default_factory=list)
    engine: list[float] = field(default_factory=list)  # engine.step alone, an event
    product: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    logs: list[list[Statement]] = field(default_factory=list)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No rubbish of the long preparation is gathered while there is a watch running."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class _Side:
    """The product on one database."""

    def __init__(self, writer: Writer, engine: Engine) -> None:
        self._writer = writer
        self._engine = engine
        self._clock = LineClock()
        self._coach = self._start()

    def _start(self) -> Coach:
        coach = Coach(self._writer, self._engine, Nowhere(), self._clock, "bench")
        coach._finishing.left = False  # what a start looks for beside its first turn
        return coach

    def ready(self, job: Job, delivery: Sequence[Incoming]) -> None:
        """Before the watch starts: what time it is, and where the job says so a coach that knows no room."""
        self._clock.move(max(one.at for one in delivery))
        if job.cold:
            self._coach = self._start()

    async def do(self, job: Job, delivery: Sequence[Incoming]) -> None:
        """One delivery: into the inbox, and its turns; and posted, where the job says so."""
        self._coach._delivers = not job.post  # so that nobody waits for posting, and nobody does it
        await self._coach.receive(delivery)


def _bare(conn: sqlite3.Connection, log: Sequence[Statement]) -> None:
    for call, sql, values in log:
        if call == "execute":
            conn.execute(sql, values).fetchall()
        else:
            conn.executemany(sql, values)


def _jobs(path: Path, engine: Engine, turns: int, count: int) -> list[Job]:
    """What to measure in a database with `count` rooms: the same things whatever the count, spread over its rooms."""
    numbers = sorted({1 + place * max(count // GROUP, 1) % count for place in range(GROUP)})
    teams = deque(_team(engine, rooms.load(path, number)) for number in numbers)

    def add_next(job: Job) -> None:
        while teams:
            done = teams[0].next()
            if done is not None:
                job.deliveries.append([done[1]])
                job.engine.append(teams[0].took)
                teams.rotate(-1)
                return
            teams.popleft()
        raise SystemExit(f"{count} rooms are done with the guide before so many turns: ask for fewer turns.")

    warm = Job("(every room once)")
    jobs = [
        Job("a turn"),
        Job("a turn in a room not in memory", cold=True),
        Job("a turn, and posting to nowhere", post=True),
    ]
    for job, times in ((warm, len(numbers)), *((job, turns) for job in jobs)):
        for _ in range(times):
            add_next(job)
    # What people do after a message of the coach can't be in one delivery with what that message answers: more answers.
    group = Job(f"{GROUP} answers in one delivery")
    for _ in range(GROUPS):
        delivery: list[Incoming] = []
        for _ in range(GROUP):
            delivery.append(teams[0].add())
            group.engine.append(teams[0].took)
            teams.rotate(-1)
        group.deliveries.append(delivery)
    return [warm, *jobs, group]


def _team(engine: Engine, snapshot: Snapshot) -> Team:
    assert snapshot.room.last_at is not None
    return Team(engine, snapshot, snapshot.room.last_at, FIRST_EVENT)


async def _record(path: Path, engine: Engine, jobs: Sequence[Job]) -> None:
    lock = os.open(path, os.O_RDONLY)
    connection = await aiosqlite.connect(path, isolation_level=None, factory=Recorder)
    writer = Writer(path, connection, lock)
    recorder = cast(Recorder, connection._conn)
    try:
        await connection.execute("PRAGMA synchronous = OFF")
        side = _Side(writer, engine)
        for job in jobs:
            for delivery in job.deliveries:
                side.ready(job, delivery)
                recorder.log = []
                await side.do(job, delivery)
                job.logs.append(recorder.log)
    finally:
        await writer.close()


async def _time(product: Path, bare: Path, engine: Engine, jobs: Sequence[Job]) -> None:
    writer = await Writer.open(product)
    try:
        with closing(rooms.open_plain(bare)) as conn, _quiet():
            side = _Side(writer, engine)
            for job in jobs:
                for place, (delivery, log) in enumerate(zip(job.deliveries, job.logs, strict=True)):
                    side.ready(job, delivery)
                    # First the one, then the other: what the disk does behind our back then falls on both.
                    for mine in (True, False) if place % 2 else (False, True):
                        start = perf_counter()
                        if mine:
                            await side.do(job, delivery)
                            job.product.append(perf_counter() - start)
                        else:
                            _bare(conn, log)
                            job.bare.append(perf_counter() - start)
            _compare(conn, await writer.run(_counts))
    finally:
        await writer.close()


def _counts(conn: sqlite3.Connection) -> list[tuple[int, ...]]:
    return [conn.execute(f"SELECT count(*), max(id) FROM {name}").fetchone() for name in ("inbox", "outbox")]  # noqa: S608


def _compare(conn: sqlite3.Connection, product: list[tuple[int, ...]]) -> None:
    """Say so where the two sides did not do the same, for then the numbers mean nothing."""
    if _counts(conn) != product:
        print("The bare side did not do what the product did: don't trust these numbers.")


def measure(folder: Path, engine: Engine, walked: Path, counts: Sequence[int], turns: int) -> None:
    """Measure turns in databases with so many rooms, and print a table for each."""
    for count in counts:
        began = perf_counter()
        record, product, bare = (folder / f"{name}{count}.db" for name in ("record", "product", "bare"))
        rooms.fill(record, walked, count)
        size = record.stat().st_size
        for copy in (product, bare):
            shutil.copyfile(record, copy)
        os.sync()  # what is still to be written would slow down the first turns
        jobs = _jobs(record, engine, turns, count)
        asyncio.run(_record(record, engine, jobs))
        record.unlink()
        prepared = perf_counter() - began
        asyncio.run(_time(product, bare, engine, jobs))
        for copy in (product, bare):
            copy.unlink()
        title = f"Turns in {count:,} rooms ({size / 1e6:,.0f} MB, prepared in {prepared:.0f} s); milliseconds an event"
        table.show(title, HEAD, [_row(job) for job in jobs[1:]])
        group = jobs[-1]
        rates = [GROUP / table.p50(times) for times in (group.product, group.bare)]
        print(f"Grouped: {rates[0]:,.0f} events a second, bare {rates[1]:,.0f}.")


def _row(job: Job) -> list[str]:
    size = len(job.deliveries[0])
    product, bare = ([one / size for one in times] for times in (job.product, job.bare))
    statements = table.p50([_statements(log) / size for log in job.logs])
    transactions = table.p50([sum(sql == "COMMIT" for _, sql, _ in log) for log in job.logs])
    ratio = table.p50(product) / table.p50(bare)
    times = [table.ms(one) for one in (table.p50(product), table.p95(product), table.p50(bare), table.p95(bare))]
    return [
        job.name,
        *times,
        f"{ratio:.2f}",
        table.ms(table.p50(job.engine)),
        f"{statements:.0f}",
        f"{transactions:.0f}",
    ]


def _statements(log: Sequence[Statement]) -> int:
    return sum(len(values) if call == "executemany" else 1 for call, _, values in log)
