"""Actions: reading what, who and when from a line, and showing them.

Rule: what can't be read as a person or a date stays in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, time

from flows.calendar.dates import say_date, say_short
from flows.calendar.when import Found, Trouble, When
from flows.conversation import dating
from flows.conversation.draft import Draft
from flows.conversation.roomtime import day_of
from flows.conversation.snapshot import Action, Member
from flows.conversation.source import Source
from flows.conversation.text import bare_words, cut, fold, one_line, quote

_SEPARATORS = re.compile(r"^[\s,;·|–-]+|[\s,;·|–-]+$")
_EDGE = "·"
_MOST_NAME_WORDS = 4
_MOST_ANSWER_WORDS = 16
_LONGEST_PARTICLE = 3  # de, van, ten


@dataclass(frozen=True, slots=True)
class ReadAction:
    """What a line says: the text without person and date, the owner (a member's id where it is one) and the date.

    `trouble` is why there is no date though the line speaks of one. What is vague ("zsm") stays in the text.
    """

    text: str
    owner: str | None = None
    owner_name: str | None = None
    due: date | None = None
    trouble: Trouble | None = None

    @property
    def unsure(self) -> bool:
        """Whether the date has to be said again before the action can be kept."""
        return dating.is_unsure(self.trouble)


@dataclass(frozen=True, slots=True)
class ReadPerson:
    """A person that a text names: a member's id where it is one, and the name."""

    id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class ReadWhoWhen:
    """What an answer to "who, and when?" says; `trouble` is why there is no day though it speaks of one."""

    person: ReadPerson | None = None
    when: When | None = None
    trouble: Trouble | None = None


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
        for name in (member.name, member.id.removeprefix("@")):  # ids of some transports begin with it
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


def find_member(d: Draft, text: str, who: str) -> ReadPerson | None:
    """The person in the room that a whole text names, with or without @: by name, by the beginning of one name only,
    or "ik" for `who` says it. None where it is nobody's, or more than one's.
    """
    plain = bare_words(text).removeprefix("@")
    if not plain:
        return None
    if plain in d.texts.words("actions.words.me"):
        return ReadPerson(who, str(d.view.name(who)))
    people = d.snapshot.people()
    same = [one for one in people if plain in (fold(one.name), fold(one.id), fold(one.id).removeprefix("@"))]
    found = same or [one for one in people if len(plain) > 1 and fold(one.name).startswith(plain)]
    return ReadPerson(found[0].id, found[0].name) if len(found) == 1 else None


def _find_name(d: Draft, text: str, who: str) -> ReadPerson | None:
    """The person that a whole text names, in the room or not: somebody else's name begins with a capital."""
    member = find_member(d, text, who)
    if member is not None:
        return member
    words = _trim(d, text).split()
    if not words or len(words) > _MOST_NAME_WORDS or not all(re.fullmatch(r"[^\W\d][\w'’.-]*", word) for word in words):
        return None
    capitals = [word[0].isupper() for word in words]
    between = [capital or len(word) <= _LONGEST_PARTICLE for word, capital in zip(words, capitals, strict=True)]
    name = " ".join(words)
    ambiguous = [one for one in d.snapshot.people() if fold(one.name).startswith(fold(name))]
    return ReadPerson(None, name) if capitals[0] and capitals[-1] and all(between) and not ambiguous else None


def _trim(d: Draft, text: str) -> str:
    """A text without the signs and joining words at its ends."""
    words = _SEPARATORS.sub("", text).rstrip(" .!").split()
    joins = d.texts.words("answers.joins")
    while words and fold(words[0]) in joins:
        words.pop(0)
    while words and fold(words[-1]) in joins:
        words.pop()
    return _SEPARATORS.sub("", " ".join(words))


def read_who_when(d: Draft, text: str, who: str) -> ReadWhoWhen | None:
    """The person, the day, or both that an answer says, in any order; None where it says neither."""
    line = one_line(text)
    found = find_person(line, d.snapshot.people())
    if found is not None:
        owner, name, start, end = found
        return _with_day(d, ReadPerson(owner, name), _cut_out(line, start, end))
    line = _trim(d, line)
    reading = dating.read(d, line)
    if reading is None:
        for one, other in _halves(line):
            person, reading = _find_name(d, one, who), dating.read(d, _trim(d, other))
            if person is not None and reading is not None:
                return _settled(person, reading)
        person = _find_name(d, line, who)
        if person is not None:
            return ReadWhoWhen(person)
        inside = dating.find(d, line)
        reading = None if inside is None else inside.reading
    return None if reading is None else _settled(None, reading)


def _with_day(d: Draft, person: ReadPerson, rest: str) -> ReadWhoWhen:
    line = _trim(d, rest)
    reading = dating.read(d, line)
    if reading is None and (inside := dating.find(d, line)) is not None:
        reading = inside.reading
    return ReadWhoWhen(person) if reading is None else _settled(person, reading)


def _settled(person: ReadPerson | None, reading: When | Trouble) -> ReadWhoWhen:
    return ReadWhoWhen(person, reading) if isinstance(reading, When) else ReadWhoWhen(person, None, reading)


def _halves(line: str) -> Iterator[tuple[str, str]]:
    """Every way to cut a line in two, each half first; none of a line that is too long to be a name and a date."""
    words = line.split()
    if len(words) > _MOST_ANSWER_WORDS:
        return
    for place in range(1, len(words)):
        head, tail = " ".join(words[:place]), " ".join(words[place:])
        yield head, tail
        yield tail, head


def _cut_out(line: str, start: int, end: int, instead: str = "") -> str:
    return " ".join(filter(None, [line[:start].rstrip(), instead, line[end:].lstrip()]))


def read_action(d: Draft, text: str, known: Action | None = None) -> ReadAction:
    """Read one line. Person and date may stand anywhere in it; a time of day stays in the text, in full.

    `known` is the action that the line said before it was changed: its date holds where the line still says it, as on
    the day on which it was written.
    """
    line = one_line(text)
    person = find_person(line, d.snapshot.people())
    owner = name = None
    # Where the person stood an edge stays until the date is found: "overleg met @Bas 15 januari" is due then.
    edges: list[tuple[int, int, str]] = []
    if person is not None:
        owner, name, start, end = person
        line = line[:start] + _EDGE + line[end:]
        edges.append((start, start + len(_EDGE), ""))
    found = _find_day(d, line, known)
    due, trouble = None, None
    if found is not None:
        if isinstance(found.reading, When):
            due = found.reading.day
            edges.append((found.start, found.end, _time_text(d, found.reading.time)))
        else:
            trouble = found.reading
    for start, end, instead in sorted(edges, reverse=True):
        line = _cut_out(line, start, end, instead)
    return ReadAction(_SEPARATORS.sub("", line), owner, name, due, trouble)


def _find_day(d: Draft, line: str, known: Action | None) -> Found | None:
    if known is not None and known.due is not None:
        then = dating.find(d, line, on=day_of(d.room, known.at))
        if then is not None and isinstance(then.reading, When) and then.reading.day == known.due:
            return then
    return dating.find(d, line)


def _time_text(d: Draft, at: time | None) -> str:
    return "" if at is None else f"{d.texts.phrases.times['at'][0]} {at:%H:%M}"


def with_time(d: Draft, text: str, at: time | None) -> str:
    """An action's text with a time of day at its end, instead of the one that it had."""
    if at is None:
        return text
    word = re.escape(d.texts.phrases.times["at"][0])
    kept = re.sub(rf"(?<!\S){word} \d\d:\d\d(?!\S)", "", text)
    return f"{' '.join(kept.split())} {_time_text(d, at)}".strip()


def trouble_of(d: Draft, read: ReadAction) -> str | None:
    """The line of help for a line that can't be kept as an action, or None."""
    return dating.trouble(d, read.trouble) if read.unsure else None


def add_action(d: Draft, read: ReadAction, step: str | None, who: str, event: str | None) -> Action:
    """Keep a new action under the next number."""
    d.set(numbers=d.room.numbers + 1)
    action = Action(d.room.numbers, read.text, d.at, who, read.owner, read.owner_name, read.due, "open", step, event)
    d.put(action)
    return action


def ask_name(number: int) -> str:
    """The name under which it is asked once who does an action, and when."""
    return f"complete:{number}"


def follow(d: Draft, action: Action, read: ReadAction, source: Source) -> Action:
    """An action as its changed text says. What the coach asked for and was told stays where the text leaves it out."""
    asked = ask_name(action.number) in d.snapshot.once
    named = read.owner_name is not None or not asked
    dated = read.due is not None or not asked
    return replace(
        action,
        text=read.text,
        owner=read.owner if named else action.owner,
        owner_name=read.owner_name if named else action.owner_name,
        due=read.due if dated else action.due,
        edited_at=d.at,
        edited_by=source.who,
    )


def is_complete(action: Action) -> bool:
    """Whether it is known who does it and when."""
    return action.owner_name is not None and action.due is not None


def subject_of(d: Draft, action: Action) -> str | None:
    """The one status inside a part that an action is about: the one that its text begins with ("governance: memo
    schrijven"), else that of the steps it was noted under. None where it is about the whole part, or none.
    """
    subjects = [
        step.id
        for step in d.book.steps.values()
        if step.kind in ("status", "applies") and step.id != d.book.part_of(step.id).status
    ]
    place, part = None, None
    if action.step in d.book.steps:
        place, part = str(action.step).rpartition(".")[0], d.book.steps[str(action.step)].part
    word, colon, _ = action.text.partition(":")
    named = [step for step in subjects if colon and bare_words(word) in _names(d, step)]
    here = [step for step in named if d.book.steps[step].part == part]
    under = [step for step in subjects if step.rpartition(".")[0] == place]
    return next(iter([*here, *named, *under]), None)


def _names(d: Draft, step: str) -> list[str]:
    form = d.book.steps[step].form
    return [fold(name) for name in (form.row, name_of_subject(d, step), *form.aliases) if name]


def name_of_subject(d: Draft, step: str) -> str:
    """What a status inside a part is about: governance."""
    return d.book.steps[step].form.title.partition(":")[0]


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
