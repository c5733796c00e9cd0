"""Rooms for the tests of the rules: begun, with so many people, walked to where a test needs them.

Rule: everything is done by what people type or tap; nothing is put into the database.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from flows.conversation.effects import Effect
from tests.chat import BOOK, Chat

LEFT = re.compile(r"nog ongeveer (\d+) vragen in dit onderdeel|laatste vraag van dit onderdeel")


def alone(folder: Path, start: str | None = "!start", **values: Any) -> Chat:
    """A room of one, begun by `start`."""
    chat = Chat(folder, people=("Anna",), **values)
    if start is not None:
        chat.say("Anna", start)
    return chat


def team(folder: Path, *names: str, start: str | None = "!start", **values: Any) -> Chat:
    """A group, begun by `start`."""
    chat = Chat(folder, people=names or ("Anna", "Bas"), **values)
    if start is not None:
        chat.say(chat.people[0], start)
    return chat


def go(chat: Chat, place: str) -> list[Effect]:
    """`!ga`."""
    return chat.say("Anna", f"!ga {place}")


def walk(chat: Chat, until: str = "einde") -> list[str]:
    """Say `!verder` until the room is at a place; the steps that were gone through after this one, that one
    included.
    """
    seen: list[str] = []
    for _ in range(400):
        if chat.position == until:
            return seen
        chat.say("Anna", "!verder")
        if not seen or seen[-1] != chat.position:
            seen.append(chat.position)
    raise AssertionError(f"{until} was not reached")


def answer(chat: Chat, text: str, who: str = "Anna") -> list[Effect]:
    """Somebody answers the question that stands open, by a reply."""
    return chat.say(who, text, to=chat.asked)


def asked_step(chat: Chat) -> str | None:
    """The step of the one message that the last event led to, which must be a question."""
    (said,) = chat.says()
    assert said.kind == "question"
    return said.step


def rows(chat: Chat, table: str) -> list[tuple[Any, ...]]:
    """What stands in a table."""
    return chat.conn.execute(f'SELECT * FROM "{table}"').fetchall()


def stored(chat: Chat) -> str:
    """Everything that stands in the database, as one text."""
    tables = [name for (name,) in chat.conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return "\n".join(repr(row) for table in tables for row in rows(chat, table))


def kern(steps: list[str]) -> bool:
    """Whether all these steps are of depth kern."""
    return all(BOOK.steps[step].depth == "kern" for step in steps if step in BOOK.steps)
