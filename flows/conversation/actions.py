"""Actions: reading what, who and when from a line, and showing them.

Rule: what can't be read as a person or a date stays in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from flows.calendar.dates import CalendarWords, NoSuchDate, find_date, say_date, say_short
from flows.conversation.draft import Draft
from flows.conversation.snapshot import Action, Member
from flows.conversation.source import Source
from flows.conversation.text import cut, fold, one_line, quote

_SEPARATORS = re.compile(r"^[\s,;·|–-]+|[\s,;·|–-]+$")


@dataclass(frozen=True, slots=True)
class ReadAction:
    """What a line says: the text without person and date, the owner (a member's id where it is one) and the date."""

    text: str
    owner: str | None = None
    owner_name: str | None = None
    due: date | None = None
    no_such_date: bool = False


def find_person(text: str, members: list[Member]) -> tuple[str | None, str, int, int] | None:
    """The person behind the only @ in a text: their id where it is a member, the name, and where it stands; None
    where there is none.
    """
    spots = [match.start() for match in re.finditer(r"(?<!\S)@(?=\w)", text)]
    if len(spots) != 1:
        return None
    start = spots[0]
    rest = text[start + 1 :]
    for member in sorted(members, key=lambda one: -len(one.name)):
        for name in (member.name, member.id):
            if fold(rest).startswith(fold(name)) and not rest[len(name) : len(name) + 1].isalnum():
                return member.id, member.name, start, start + 1 + len(name)
    match = re.match(r"[\w'’.-]*[\w]", rest)
    if match is None:
        return None
    name = match[0]
    alike = [one for one in members if fold(one.name).startswith(fold(name))]
    if len(alike) == 1:
        return alike[0].id, alike[0].name, start, start + 1 + match.end()
    return None, name, start, start + 1 + match.end()


def read_action(text: str, members: list[Member], words: CalendarWords) -> ReadAction:
    """Read one line. Person and date may stand anywhere in it."""
    line = one_line(text)
    person = find_person(line, members)
    owner = name = None
    if person is not None:
        owner, name, start, end = person
        line = f"{line[:start].rstrip()} {line[end:].lstrip()}".strip()
    due, wrong = None, False
    try:
        found = find_date(line, words)
    except NoSuchDate:
        found, wrong = None, True
    if found is not None:
        due, start, end = found
        line = f"{line[:start].rstrip()} {line[end:].lstrip()}".strip()
    return ReadAction(_SEPARATORS.sub("", line), owner, name, due, wrong)


def add_action(d: Draft, read: ReadAction, step: str | None, who: str, event: str | None) -> Action:
    """Keep a new action under the next number."""
    d.set(numbers=d.room.numbers + 1)
    action = Action(d.room.numbers, read.text, d.at, who, read.owner, read.owner_name, read.due, "open", step, event)
    d.put(action)
    return action


def follow(d: Draft, action: Action, read: ReadAction, source: Source) -> Action:
    """An action as its changed text says."""
    return replace(
        action,
        text=read.text,
        owner=read.owner,
        owner_name=read.owner_name,
        due=read.due,
        edited_at=d.at,
        edited_by=source.who,
    )


def show_action(d: Draft, action: Action, *, full: bool = True) -> str:
    """An action on one line: number, text, owner, date (in full, or short and the text cut)."""
    calendar = d.texts.calendar
    text = quote(one_line(action.text) if full else cut(action.text, 60))
    owner = [quote(action.owner_name)] if action.owner_name else []
    if full:
        due = [say_date(action.due, calendar)] if action.due else []
        return d.texts("actions.line", number=action.number, text=" · ".join([f"**{text}**", *owner, *due]))
    due = [say_short(action.due, calendar)] if action.due else []
    behind = f" ({', '.join(owner + due)})" if owner or due else ""
    return d.texts("actions.short", number=action.number, text=f"{text}{behind}")
