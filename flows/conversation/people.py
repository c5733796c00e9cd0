"""Who is in the room, and how the coach says that it listens.

Rule: how it listens is said once at every change, before anything is judged the new way.
"""

from __future__ import annotations

from dataclasses import replace

from flows.book.model import BEGIN
from flows.conversation import asking, forgetting, kinds, newcomers
from flows.conversation.draft import Draft
from flows.conversation.events import Joined, Person
from flows.conversation.marks import AGREE
from flows.conversation.snapshot import Member


def know(d: Draft, who: str) -> None:
    """Keep somebody who speaks and was not counted yet."""
    if who in d.snapshot.member:
        return
    nobody = d.snapshot.member.get(forgetting.stand_in(d, who))
    if nobody is not None:  # they take part again, as somebody new
        d.drop(nobody)
    d.put(Member(who, who, present=not d.room.listed or (nobody is not None and nobody.present)))


def joined(d: Draft, event: Joined) -> None:
    """These people are in the room from now on."""
    people = [_nameless(d, person) for person in event.people]
    fresh = [person.id for person in people if not _is_here(d, person.id)]
    here = {person.id: person for person in people}
    for person in people:
        known = d.snapshot.member.get(person.id)
        away = known.away_until if known is not None else None
        member = Member(person.id, person.name, person.moderator, present=True, away_until=away)
        if known != member:
            d.put(member)
    if event.invited:
        if not d.room.listed or d.room.shared != event.shared:
            d.set(listed=True, shared=event.shared)
        for member in d.snapshot.people():
            if member.id not in here:
                d.put(replace(member, present=False))
    if event.invited and event.welcome and welcome(d):
        return
    lines = _listening(d)
    is_offered = event.invited and newcomers.may_offer(d, fresh)
    if is_offered:
        lines.append(newcomers.offer(d, d.next_number()))
    if lines:
        d.say("info", "\n".join(lines), signs=(AGREE,) if is_offered and not d.alone else ())
    focus = d.view.focus()
    for name in dict.fromkeys([*([] if focus is None else [focus.id]), *d.view.together()]):
        step = d.book.steps[name]
        kind = kinds.of(step)
        if isinstance(kind, kinds.VoteKind | kinds.GridKind) and kinds.is_open(d, step):
            kind.people_changed(d, step)


def _nameless(d: Draft, person: Person) -> Person:
    """Somebody who is there; without a name where they asked to be forgotten, until they take part again."""
    nobody = forgetting.stand_in(d, person.id)
    return person if nobody not in d.snapshot.member or person.id in d.snapshot.member else Person(nobody, "")


def welcome(d: Draft) -> bool:
    """Welcome the room, once; whether that was now."""
    if d.room.welcomed_at is not None:
        return False
    d.set(welcomed_at=d.at, listening=d.who)
    say_welcome(d)
    return True


def say_welcome(d: Draft) -> None:
    """Say who the coach is, and how to begin."""
    texts = d.texts
    ways = d.setting.capabilities.ways
    lines = [
        texts("welcome.who", operator=d.operator),
        texts("welcome.what", listens=texts(f"ways.{ways}.{d.who}.listens")),
        texts("welcome.care"),
        texts("welcome.start", agree=asking.ways(d, "start", n=d.next_number())),
        "",
        texts("welcome.source", source=d.book.head.source),
    ]
    if d.setting.others:
        lines.insert(-2, texts("welcome.language"))
    d.say("welcome", "\n".join(lines), signs=(AGREE,) if d.room.position == BEGIN else ())


def _is_here(d: Draft, who: str) -> bool:
    member = d.snapshot.member.get(who)
    return member is not None and member.present


def _listening(d: Draft) -> list[str]:
    """How the coach listens, where that changed between one person and more."""
    if d.room.welcomed_at is None or not d.snapshot.people() or d.room.listening == d.who:
        return []
    d.set(listening=d.who)
    ways = d.setting.capabilities.ways
    listens = d.texts(f"ways.{ways}.{d.who}.listens")
    return [d.texts(f"listening.{d.who}", listens=listens, later=asking.ways(d, "later"))]
