"""`python -m bench`: what the coach costs. Rule: it prints, and keeps what it printed in RESULTS.md; nothing is
asserted, for another machine has other numbers.

Compare only inside one run, best the ratios: a disk that syncs slower is slower for both sides.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import growth, month, pictures, reminders, results, rooms, start, steps, turns
from flows.book.load import books_folder, load_book
from flows.catalogue import load_catalogue
from flows.conversation.engine import Engine
from flows.conversation.hearing import Capabilities, Setting

TITLES = {
    "turns": "A turn beside the bare transaction",
    "growth": "More rooms",
    "reminders": "Reminders that are all due at once",
    "pictures": "Looking",
    "start": "Start",
    "month": "Memory over a month",
}


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="What the coach costs.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(TITLES)}; all of them")
    parser.add_argument("--profile", action="store_true", help="where the time of engine.step goes, and nothing else")
    parser.add_argument("--rooms", type=int, nargs="+", default=[10, 1_000, 10_000], metavar="N", help="10 1000 10000")
    parser.add_argument("--thin", type=int, default=100_000, metavar="N", help="rooms that have just begun (100000)")
    parser.add_argument("--turns", type=int, default=200, metavar="N", help="turns a row of the table (200)")
    parser.add_argument("--reminders", type=int, nargs="+", default=[10_000, 100_000], metavar="N", help="10000 100000")
    parser.add_argument("--month-rooms", type=int, default=month.ROOMS, metavar="N", help=f"{month.ROOMS}")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where the databases are made (needs 6 GB)")
    parser.add_argument("--dry", action="store_true", help="leave RESULTS.md as it is")
    chosen = parser.parse_args()
    if wrong := set(chosen.parts) - set(TITLES):
        parser.error(f"no such part: {', '.join(sorted(wrong))}")
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR)

    texts = load_catalogue("nl")
    book = load_book(books_folder().joinpath("opschalen", "nl"))
    engine = Engine(Setting(book, texts, Capabilities(), texts("welcome.self")))
    if chosen.profile:
        steps.profile(engine)
        return 0
    with tempfile.TemporaryDirectory(prefix="opschaalcoach-bench-", dir=chosen.folder) as name:
        folder = Path(name)
        walked = rooms.walk(folder, engine)

        def measure_turns() -> None:
            steps.measure(engine)
            turns.measure(folder, engine, walked, [chosen.rooms[0], chosen.rooms[-1]], chosen.turns)

        def measure_reminders() -> None:
            for count in chosen.reminders:
                reminders.measure(folder, engine, count)

        doing: dict[str, Callable[[], None]] = {
            "turns": measure_turns,
            "growth": lambda: growth.measure(folder, engine, walked, chosen.rooms, chosen.thin),
            "reminders": measure_reminders,
            "pictures": lambda: pictures.measure(engine),
            "start": start.measure,
            "month": lambda: month.measure(chosen.month_rooms),
        }
        for part in chosen.parts or doing:
            print(f"\n# {TITLES[part]}", flush=True)
            kept = contextlib.nullcontext() if chosen.dry else results.section(part, TITLES[part], "make bench")
            with kept:
                doing[part]()
    return 0


sys.exit(main())
