"""What a month does to memory: the real command in a process of its own, on a clock that the lines set. Rule: as in
real teams most of what is said is for each other; some of it is an answer or a question to the coach, and what comes
due meanwhile is posted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import rooms, table
from bench.growth import Process
from bench.team import Team
from flows.book.load import books_folder, load_book
from flows.catalogue import load_catalogue
from flows.conversation.engine import Engine
from flows.conversation.hearing import Capabilities, Setting

ROOMS = 60
DAYS = 30
SHOWN = (1, 2, 5, 10, 15, 20, 25, 30)
HOURS = range(9, 17)
EVERY = 5  # of so many things that are said one is for the coach
_COMMANDS = ("!acties", "!vraag", "!uitleg", "!voorbeeld", "!hulp")
_BEGIN = datetime(2027, 1, 4, tzinfo=UTC)  # a Monday that is later than all that the rooms did, and than today


def measure(count: int) -> None:
    """Print what it holds at the end of a day, and how much more that is than on the second."""
    texts = load_catalogue("nl")
    book = load_book(books_folder().joinpath("opschalen", "nl"))
    engine = Engine(Setting(book, texts, Capabilities(), texts("welcome.self")))
    with tempfile.TemporaryDirectory(prefix="opschaalcoach-bench-") as name:
        folder = Path(name)
        path = folder / "month.db"
        rooms.fill(path, rooms.walk(folder, engine), count)
        teams = [
            Team(engine, rooms.load(path, number), _BEGIN, 1_000_000 * (number + 1)) for number in range(1, count + 1)
        ]
        _play(path, teams)


def _play(path: Path, teams: list[Team]) -> None:
    rows, held, said = [], {}, 0
    process = Process(path, _BEGIN)
    try:
        for day in range(1, DAYS + 1):
            for line in _day(teams, _BEGIN + timedelta(days=day - 1)):
                process.ask(line)
                said += 1
            held[day] = process.holds()
            if day in SHOWN:
                log = path.with_name(f"{path.name}-wal")
                sizes = [file.stat().st_size / 1e6 if file.exists() else 0.0 for file in (path, log)]
                rows.append([f"day {day}", f"{said:,}", f"{held[day] / 1e6:.1f}", *(f"{one:.1f}" for one in sizes)])
    finally:
        process.stop()
    head = ("", "lines so far", "memory, MB", "database, MB", "its log, MB")
    table.show(f"A month with {len(teams)} rooms; memory is what the process holds (RSS)", head, rows)
    print(f"On day {DAYS} it holds {held[DAYS] / max(held[2], 1):.2f} times what it held on day 2.")


def _day(teams: list[Team], day: datetime) -> Iterator[dict[str, Any]]:
    """What is said on a day, in the order of the clock."""
    number = 0
    for hour in HOURS:
        for place, team in enumerate(teams):
            number += 1
            at = day + timedelta(hours=hour, seconds=place)
            line = {"type": "message", "room": team.snapshot.id, "sender": "Bas", "at": at.isoformat()}
            what = (hour + place) % (2 * EVERY)
            if what == 0:
                team.at = at
                answer = team.add()
                yield {**line, "id": answer.id, "text": answer.text, "reply_to": answer.reply_to}
            elif what == EVERY:
                yield {**line, "id": f"c{at.timestamp()}", "text": _COMMANDS[number % len(_COMMANDS)]}
            else:
                yield {**line, "id": f"t{at.timestamp()}", "text": f"wij hebben het hier over punt {number}"}
    evening = (day + timedelta(hours=20)).isoformat()
    yield {"type": "clock", "at": evening, "id": evening}
