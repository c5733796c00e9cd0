"""`!mijngegevens`: everything that is kept about who asks. Rule: told to that person alone, or where nobody can be told
something alone not at all: then the coach says how to get it.

In words what people look for first; everything in a file where that is more than fits.
"""

from __future__ import annotations

from flows import mydata
from flows.calendar.dates import say_date
from flows.conversation import asking
from flows.conversation.draft import Draft
from flows.conversation.effects import MINE, Attach
from flows.conversation.source import Source
from flows.conversation.text import cut, quote

MOST_LINES = 5
LONG = 8  # things; with more of them all of it comes in a file too
_LENGTH = 100
_ELSEWHERE = ("matrix", "teams")  # where it comes in another chat than the one in which it was asked


def my_data(d: Draft, rest: str, source: Source) -> None:
    """Tell somebody what is kept about them."""
    who = source.writer
    if not d.alone and not d.setting.capabilities.private:
        d.say("help", d.texts("mine.elsewhere", operator=d.operator), reply_to=source.event)
        return
    to = None if d.alone else who
    found = mydata.as_json(d.snapshot, who, d.at)
    number = d.say("info", _text(d, found, who), reply_to=source.event if to is None else None, to=to)
    if "json" in d.setting.capabilities.files and mydata.count(found) > LONG:
        d.effects.append(Attach(number, "info", None, "json", MINE, about=who, to=to))
    if to is not None and source.event is not None and d.setting.capabilities.ways in _ELSEWHERE:
        d.say("info", d.texts(f"mine.sent.{d.setting.capabilities.ways}"), reply_to=source.event)


def unreachable(d: Draft, who: str) -> None:
    """What is kept about somebody can't be told to them alone: they hear in the room what they can do about it."""
    member = d.snapshot.member.get(who)
    if member is None or not member.present:
        return
    way = d.setting.capabilities.ways if d.setting.capabilities.ways in _ELSEWHERE else "chat"
    name = quote(cut(member.name, 60))
    d.say("help", d.texts(f"mine.unreachable.{way}", name=name, operator=d.operator), mentions=(who,))


def _text(d: Draft, found: dict[str, object], who: str) -> str:
    member = d.snapshot.member.get(who)
    lines = [d.texts("mine.head"), _person(d, who)]
    if member is not None and member.away_until is not None:
        lines.append(d.texts("mine.away", day=say_date(member.away_until, d.texts.calendar)))
    own = [one for one in d.snapshot.item.values() if one.author == who]
    lines += _some(d, "answers", [f"{_step(d, one.step)}: {quote(cut(one.text, _LENGTH))}" for one in own])
    for name, table in (("choices", d.snapshot.choice), ("votes", d.snapshot.vote)):
        steps = [one.step for one in table.values() if one.member == who]
        lines += _some(d, name, [_step(d, step) for step in steps])
    settled = [one.step for one in d.snapshot.answer.values() if one.author == who]
    lines += _some(d, "settled", [_step(d, step) for step in settled])
    todo = [one for one in d.view.actions() if one.owner == who]
    noted = [one for one in d.view.actions() if one.author == who and one.owner != who]
    for name, actions in (("todo", todo), ("noted", noted)):
        lines += _some(d, name, [f"{one.number}. {quote(cut(one.text, _LENGTH))}" for one in actions])
    messages = sum(one.author == who for one in d.snapshot.taken.values())
    lines.append(d.texts.count("mine.traces", messages))
    if mydata.count(found) > LONG:
        has_file = "json" in d.setting.capabilities.files
        lines.append(d.texts("mine.file") if has_file else d.texts("mine.rest", operator=d.operator))
    return "\n".join([*lines, f"_{d.texts('mine.how')}_"])


def _person(d: Draft, who: str) -> str:
    member = d.snapshot.member.get(who)
    name = quote(cut(member.name if member is not None else who, 60))
    roles = []
    if d.room.facilitator == who:
        roles.append(d.texts("mine.role.started"))
    if member is not None and member.moderator:
        roles.append(d.texts("mine.role.moderates"))
    role = d.texts("join.and").join(roles) if roles else d.texts("mine.role.member")
    return d.texts("mine.person", name=name, id=quote(cut(who, 80)), role=role)


def _step(d: Draft, step: str) -> str:
    found = d.book.steps.get(step)
    return step if found is None else asking.full_title(d, found)


def _some(d: Draft, name: str, rows: list[str]) -> list[str]:
    if not rows:
        return []
    shown = [f"- {row}" for row in rows[:MOST_LINES]]
    if len(rows) > MOST_LINES:
        shown.append(f"- {d.texts('noted.more', n=len(rows) - MOST_LINES)}")
    return [f"**{d.texts(f'mine.list.{name}')}** ({len(rows)})", *shown]
