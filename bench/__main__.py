"""`python -m bench`: what a turn costs. Rule: it prints; nothing is asserted, for another machine has other numbers.

Compare only inside one run, best the ratios: a disk that syncs slower is slower for both sides.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from pathlib import Path

from bench import pictures, reminders, rooms, steps, table, turns
from flows.book.load import books_folder, load_book
from flows.catalogue import load_catalogue
from flows.conversation.engine import Engine
from flows.conversation.hearing import Capabilities, Setting


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="What a turn of the coach costs.")
    parser.add_argument("--profile", action="store_true", help="where the time of engine.step goes, and nothing else")
    parser.add_argument("--rooms", type=int, nargs="+", default=[10, 10_000], metavar="N", help="10 10000")
    parser.add_argument("--turns", type=int, default=200, metavar="N", help="turns a row of the table (200)")
    parser.add_argument("--reminders", type=int, default=10_000, metavar="N", help="rooms on a Monday morning (10000)")
    parser.add_argument("--morning", action="store_true", help="the Monday morning, and nothing else")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where the databases are made (needs 3 GB)")
    parser.add_argument("--pictures", action="store_true", help="what a picture and a report cost, and nothing else")
    chosen = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR)

    texts = load_catalogue("nl")
    book = load_book(books_folder().joinpath("opschalen", "nl"))
    engine = Engine(Setting(book, texts, Capabilities(), texts("welcome.self")))
    if chosen.profile:
        steps.profile(engine)
        return 0
    if chosen.pictures:
        pictures.measure(engine)
        return 0
    with tempfile.TemporaryDirectory(prefix="opschaalcoach-bench-", dir=chosen.folder) as name:
        folder = Path(name)
        print(table.facts(folder.parent))
        if chosen.morning:
            reminders.measure(folder, engine, chosen.reminders)
            return 0
        steps.measure(engine)
        pictures.measure(engine)
        walked = rooms.walk(folder, engine)
        turns.measure(folder, engine, walked, chosen.rooms, chosen.turns)
        reminders.measure(folder, engine, chosen.reminders)
    return 0


sys.exit(main())
