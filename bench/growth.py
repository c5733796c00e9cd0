"""What more rooms cost: the real command on databases with ever more of them. Rule: every figure is of a process of its
own, `opschaalcoach console --jsonl`, from a line going in to a line coming out; only the databases are made beforehand.

The rooms are copies of rooms that were really walked, a year of a team's answers and votes in the fullest; the thin
ones have just begun. No timer is due: what a morning with many reminders costs is measured by itself.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from bench import rooms, table
from bench.team import Team
from bot.transports.base import Incoming, Message
from flows.conversation.engine import Engine

PLACES = 50  # rooms that are spoken in, spread over all
ROUNDS = 8  # answers in each of them, once it was spoken in
LOOKS = 50  # times that the overview is asked for
FIRST_EVENT = 1_000_000
OFF = {"OPSCHAALCOACH_COACH__MESSAGES_PER_MINUTE": "100000"}
HEAD = (
    "rooms", "rows", "MB", "start, s", "answer p50, ms", "p95", "room not in memory", "p95", "!overzicht", "p95",
    "backup, s", "answer meanwhile p95", "slowest", "memory, MB",
)  # fmt: skip


class Process:
    """A coach in a process of its own, on the clock of the lines from `at` on, or the real one; `took` is from its
    start to its first answer, in seconds."""

    def __init__(self, path: Path, at: datetime | None = None) -> None:
        command = [sys.executable, "-m", "bot", "console", "--jsonl", "--db", str(path)]
        start = perf_counter()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **OFF}, text=True
        )
        first = {"type": "message", "id": f"first {start}", "room": "room1", "sender": "Anna", "text": "goedemorgen"}
        self.ask(first if at is None else {**first, "at": at.isoformat()})
        self.took = perf_counter() - start

    def ask(self, line: dict[str, Any], until: str = "done") -> float:
        """Give it a line; the seconds till the first line of the kind `until` came. Reads on until the line is done."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        start = perf_counter()
        self._process.stdin.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._process.stdin.flush()
        took = 0.0
        while True:
            said = self._process.stdout.readline()
            if not said:
                raise SystemExit("the coach ended: nothing can be measured")
            found = json.loads(said)
            if not took and until in (found["type"], found.get("kind")):
                took = perf_counter() - start
            if found["type"] == "done" and found["id"] == line["id"]:
                if not took:
                    raise SystemExit(f"no {until} came: nothing can be measured")
                return took

    def memory(self) -> int:
        """The most that it held in memory so far, in bytes; 0 where the system does not say."""
        return self._status("VmHWM")

    def holds(self) -> int:
        """What it holds in memory now, likewise."""
        return self._status("VmRSS")

    def _status(self, name: str) -> int:
        try:
            lines = Path(f"/proc/{self._process.pid}/status").read_text("utf-8").splitlines()
        except OSError:
            return 0
        return next((int(one.split()[1]) * 1024 for one in lines if one.startswith(name)), 0)

    def stop(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@dataclass
class Measured:
    """What one database showed; seconds."""

    cold: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)
    meanwhile: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    backup: float = 0.0
    memory: int = 0


def measure(folder: Path, engine: Engine, walked: Path, counts: Sequence[int], thin: int, starts: int = 3) -> None:
    """Measure databases with so many rooms, and one with `thin` rooms that have just begun; print a table."""
    made = [(count, walked, f"{count:,}") for count in counts]
    if thin:
        made.append((thin, rooms.walk(folder, engine, "thin.db", rooms.THIN), f"{thin:,} thin"))
    rows = []
    for count, source, name in made:
        path = folder / "growth.db"
        rooms.fill(path, source, count)
        total = _ready(path)
        os.sync()
        size = path.stat().st_size
        rows.append([name, f"{total:,}", f"{size / 1e6:,.0f}", *_row(_measured(folder, path, engine, count, starts))])
        for file in folder.glob("growth*"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()
    table.show("What more rooms cost: the real command, JSON lines", HEAD, rows)
    first, last = (float(row[4]) for row in (rows[0], rows[-1]))
    print(f"An answer in {rows[-1][0]} rooms costs {last / first:.2f} times what it costs in {rows[0][0]}.")


def _ready(path: Path) -> int:
    """Put the timers off; how many rows there are."""
    later = datetime.now(UTC) + timedelta(days=60)
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("UPDATE timer SET due = ?", (int(later.timestamp() * 1e6),))
        names = [name for (name,) in conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return sum(conn.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names)  # noqa: S608


def _measured(folder: Path, path: Path, engine: Engine, count: int, starts: int) -> Measured:
    found = Measured()
    numbers = sorted({1 + place * max(count // PLACES, 1) % count for place in range(PLACES)})
    teams = []
    for number in numbers:
        snapshot = rooms.load(path, number)
        assert snapshot.room.last_at is not None
        teams.append(Team(engine, snapshot, snapshot.room.last_at, FIRST_EVENT))
    for _ in range(starts):
        process = Process(path)
        found.starts.append(process.took)
        process.stop()
    process = Process(path)
    try:
        for team in teams:
            found.cold.append(process.ask(_line(team.add()), "reaction"))
        for _ in range(-(-PLACES * ROUNDS // len(teams))):
            for team in teams:
                found.warm.append(process.ask(_line(team.add()), "reaction"))
        for place in range(LOOKS):
            snapshot = teams[place % len(teams)].snapshot
            asked = Message(snapshot.id, f"look{place}", datetime.now(UTC), "Anna", "!overzicht stand")
            found.looks.append(process.ask(_line(asked), "overview"))
        _back_up(folder, path, process, teams, found)
        found.memory = process.memory()
    finally:
        process.stop()
    return found


def _back_up(folder: Path, path: Path, process: Process, teams: Sequence[Team], found: Measured) -> None:
    """A backup by the command, and answers meanwhile."""
    out = folder / "growth.backup"
    command = [sys.executable, "-m", "bot", "backup", "--db", str(path), "--out", str(out)]
    start = perf_counter()
    copying = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    place = 0
    while copying.poll() is None:
        found.meanwhile.append(process.ask(_line(teams[place % len(teams)].add()), "reaction"))
        place += 1
    found.backup = perf_counter() - start
    if copying.returncode:
        raise SystemExit("the backup failed: nothing can be measured")


def _line(incoming: Incoming) -> dict[str, Any]:
    assert isinstance(incoming, Message)
    line = {"type": "message", "id": incoming.id, "room": incoming.room, "sender": incoming.sender}
    return {**line, "text": incoming.text, **({"reply_to": incoming.reply_to} if incoming.reply_to else {})}


def _row(found: Measured) -> list[str]:
    pairs = [one for times in (found.warm, found.cold, found.looks) for one in (table.p50(times), table.p95(times))]
    return [
        f"{table.p50(found.starts):.2f}",
        *[table.ms(one) for one in pairs],
        f"{found.backup:.1f}",
        table.ms(table.p95(found.meanwhile)),
        table.ms(max(found.meanwhile)),
        f"{found.memory / 1e6:.0f}",
    ]
