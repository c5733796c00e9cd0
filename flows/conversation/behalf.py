"""In a meeting one person types for others: `namens @Bas: tekst`. Rule: what is said so is Bas's, the message is the
typist's, who may change and remove it.

It counts while a meeting goes on; elsewhere such a beginning is text like any other, unless it names somebody here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flows.conversation import capture, session
from flows.conversation.actions import find_member
from flows.conversation.draft import Draft
from flows.conversation.snapshot import Taken
from flows.conversation.source import Source
from flows.conversation.text import cut, quote


@dataclass(frozen=True, slots=True)
class Spoken:
    """Whose a text is, and the text itself; or the line of help where that can't be said."""

    text: str
    who: str | None = None
    trouble: str | None = None


def read(d: Draft, text: str, typist: str) -> Spoken | None:
    """Whose a text is that `typist` wrote for somebody else; None where it is the typist's own."""
    words = d.texts.words("words.behalf")
    found = capture.split_typed_for(text, words)
    if found is None:
        return None
    name, said = found
    person = find_member(d, name, typist)
    going_on = session.running(d.snapshot) is not None
    if person is None and not going_on:
        return None
    if not going_on:
        return Spoken(said, trouble=d.texts("behalf.later"))
    if person is None:
        names = ", ".join(
            quote(member.name) for member in sorted(d.snapshot.people(), key=lambda one: one.id) if member.name
        )
        return Spoken(said, trouble=d.texts("behalf.unknown", said=quote(cut(name, 40)), names=names))
    if any(capture.is_typed_for(line, words) for line in said.split("\n")):
        return Spoken(said, trouble=d.texts("behalf.several"))
    return Spoken(said, who=person.id)


def refuse(d: Draft, spoken: Spoken, source: Source) -> None:
    """Say why a text can't be taken for somebody else, and remember it, so that mending the message is followed."""
    focus = d.view.focus()
    if source.event is not None and source.event not in d.snapshot.taken and focus is not None:
        d.put(Taken(source.event, focus.id, source.writer, read=False))
    d.say("help", str(spoken.trouble), reply_to=source.event)


def reread(d: Draft, text: str, source: Source) -> Spoken | None:
    """Whose a changed message is; None where it is its writer's own. What was typed for somebody in a meeting may be
    mended after it too."""
    found = capture.split_typed_for(text, d.texts.words("words.behalf"))
    if found is None:
        return None
    spoken = read(d, text, source.who)
    if spoken is not None and spoken.who is None and _owner(d, source) not in (None, source.who):
        person = find_member(d, found[0], source.who)
        return spoken if person is None else Spoken(found[1], who=person.id)
    return spoken


def _owner(d: Draft, source: Source) -> str | None:
    """Whose it is what a message said."""
    room = d.snapshot
    owners = [one.author for one in room.item.values() if one.event == source.event]
    owners += [one.author for one in room.action.values() if one.event == source.event]
    owners += [one.author for one in room.answer.values() if one.event == source.event]
    owners += [one.member for one in room.vote.values() if one.event == source.event]
    owners += [one.member for one in room.choice.values() if one.event == source.event]
    return next(iter(owners), None)


def hand_to(d: Draft, event: str, who: str) -> None:
    """What a message said is somebody else's than was typed at first."""
    for item in [one for one in d.snapshot.item.values() if one.event == event and one.author != who]:
        d.put(replace(item, author=who))
    for answer in [one for one in d.snapshot.answer.values() if one.event == event and one.author != who]:
        d.put(replace(answer, author=who))
    for action in [one for one in d.snapshot.action.values() if one.event == event and one.author != who]:
        d.put(replace(action, author=who))
    for vote in [one for one in d.snapshot.vote.values() if one.event == event and one.member != who]:
        d.drop(vote)
        d.put(replace(vote, member=who))
    for choice in [one for one in d.snapshot.choice.values() if one.event == event and one.member != who]:
        d.drop(choice)
        d.put(replace(choice, member=who))
