"""Who may do what in a room. Rule: everybody answers, votes and reads; who erases, exports, or changes how the coach
works is a facilitator: who started the room, or a moderator of it.

In a room of one that is who is there. Before the start everybody may set the room up, and start it. Where nobody who is
a facilitator is there any more, everybody may do what a facilitator does, but erase: then only who runs the coach can.
What one person typed for another (`behalf`) counts as done by who typed it.
"""

from __future__ import annotations

from flows.book.model import BEGIN
from flows.conversation import commands
from flows.conversation.draft import Draft
from flows.conversation.snapshot import Member
from flows.conversation.source import Source
from flows.conversation.text import cut, quote

ERASE, RHYTHM = "wis", "ritme"
# With something behind them these change the room or take what it has out of it; alone they only tell.
_CHANGING = frozenset({"export", RHYTHM, "instellingen", "tempo", "wijze", "taal"})
_MOST_NAMED = 4


def facilitators(d: Draft) -> list[Member]:
    """The facilitators who are in the room, who started it first."""
    found = [one for one in d.snapshot.people() if one.moderator or one.id == d.room.facilitator]
    return sorted(found, key=lambda one: (one.id != d.room.facilitator, one.id))


def may(d: Draft, command: str, rest: str, source: Source) -> bool:
    """Whether somebody may do a command with what stands behind it."""
    if command != ERASE and (command not in _CHANGING or not rest or d.room.position == BEGIN):
        return True
    if command == RHYTHM and any(one.kind == "rhythm" and d.view.stands_open(one.id) for one in d.book.steps.values()):
        return True  # it answers the question that stands open, and everybody answers
    return is_facilitator(d, source.writer, erases=command == ERASE)


def is_facilitator(d: Draft, who: str, *, erases: bool = False) -> bool:
    """Whether somebody may do what a facilitator does; `erases` where that is to erase the room."""
    known = d.snapshot.member.get(who)
    if d.alone or who == d.room.facilitator or (known is not None and known.moderator):
        return True
    return not facilitators(d) and (not erases or d.room.position == BEGIN)


def refuse(d: Draft, command: str, source: Source) -> None:
    """Say in one line who can."""
    d.say("help", refusal(d, command), reply_to=source.event)


def refusal(d: Draft, command: str) -> str:
    """The line that says who can do a command."""
    found = [quote(cut(one.name, 40)) for one in facilitators(d)]
    name = commands.shown(command, d.texts)
    if not found:
        return d.texts("roles.nobody", command=name, operator=d.operator)
    more = f" {d.texts('noted.more', n=len(found) - _MOST_NAMED)}" if len(found) > _MOST_NAMED else ""
    return d.texts("roles.who", command=name, names=", ".join(found[:_MOST_NAMED]) + more)
