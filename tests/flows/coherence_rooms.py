"""Rooms in which the whole guide was walked, with just the answers that a test names. No tests of its own.

An answer is a line: `routes.keuze = op, in` (choices, a status, or whether a pitfall applies), `impact.output: tekst`
(an item), `ingredienten.acties! tekst` (an action), `routes.volgorde ?` (the team does not know).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from flows.book import Book
from flows.book.model import END
from flows.conversation import alarms
from flows.conversation.snapshot import Action, Answer, Item, Room, Snapshot
from flows.conversation.view import RoomView
from tests.chat import BOOK

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def room(lines: Iterable[str], *, position: str = END, pace: str = "volledig", dropped: bool = False) -> Snapshot:
    """A room with these answers; walked to the end unless it stands at a step. `dropped`: its actions fell away."""
    head = Room(book=BOOK.head.id, version=BOOK.head.version, language="nl", position=position, pace=pace)
    snapshot = Snapshot("r1", replace(head, welcomed_at=NOW, walked_at=NOW if position == END else None))
    for number, line in enumerate(lines, 1):
        if " = " in line:
            step, _, said = line.partition(" = ")
            words = said.split(", ")
            known = BOOK.steps[step].kind == "multi"
            status = None if known else words[0]
            state = "unknown" if status == "onbekend" else "answered"
            value = json.dumps(words) if known else None
            snapshot.answer[step] = Answer(step, state, NOW, status, value=value)
        elif line.endswith(" ?"):
            step = line.removesuffix(" ?")
            snapshot.answer[step] = Answer(step, "unknown", NOW)
        elif "! " in line:
            step, _, said = line.partition("! ")
            state = "dropped" if dropped else "open"
            snapshot.action[number] = Action(number, said, NOW, "anna", step=step, state=state)
        else:
            step, _, said = line.partition(": ")
            snapshot.item[number] = Item(number, step, said, "anna", NOW)
        assert step in BOOK.steps, step
    return snapshot


def view(snapshot: Snapshot, book: Book = BOOK) -> RoomView:
    """The room as conditions see it."""
    return RoomView(book, snapshot, NOW)


def fires(number: int, lines: Iterable[str], *, book: Book = BOOK, **where: object) -> bool:
    """Whether the nudge or alarm with this number would be asked."""
    (alarm,) = [one for one in book.alarms if one.form.number == number]
    return alarms.applies(view(room(lines, **where), book), alarm)  # type: ignore[arg-type]
