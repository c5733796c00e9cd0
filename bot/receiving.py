"""From what comes in to inbox rows. Rule: what is not for the coach is dropped here, unstored; the rest is in the
inbox before anything is done with it.

The inbox rows of one delivery and what the transport must remember with it (`also`: how far it read) are one
transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.memory import Memory, Remembered
from bot.transports.base import (
    Alone,
    Change,
    Incoming,
    Message,
    Moved,
    People,
    Posted,
    Press,
    PutOut,
    Removal,
    Sign,
    Undecrypted,
)
from flows.conversation import capture, session
from flows.conversation import events as happened
from flows.conversation.events import LONGEST_TEXT, Edited, Event, Joined, Own, Person, Pressed, Reacted, Redacted, Said
from flows.conversation.marks import TAKE, bare
from flows.conversation.snapshot import Snapshot
from flows.conversation.text import clean, size
from storage import inbox, outbox, rooms, signs

# Begins the ids that we make ourselves: no transport has it in an id.
APART = "\x1f"


_Single = Message | Change | Removal | Sign | Press | Undecrypted | Alone
_OfPeople = _Single | People


@dataclass(frozen=True, slots=True)
class Present:
    """Who is in a room: whether the transport lists them (else those who spoke are), their ids, the moderators among
    them, and whether it is a group's room however few they are; `meeting` while one goes on in it.
    """

    listed: bool = False
    here: frozenset[str] = frozenset()
    moderators: frozenset[str] = frozenset()
    shared: bool = False
    meeting: bool = False


class Receiver:
    """Takes deliveries of one transport in. Used inside the writer's thread. `typed_for` are the words that begin what
    one person types for another in a meeting."""

    def __init__(self, transport: str, memory: Memory, typed_for: tuple[str, ...] = ()) -> None:
        self._transport = transport
        self._memory = memory
        self._typed_for = typed_for
        self._marked: set[tuple[int, str]] = set()  # messages with a ✍️ since the start
        self.moved: list[int] = []  # row ids of rooms that have another id since the last `take`
        self._ahead: dict[str, Present] = {}  # who is in a room, as the latest delivery said: its turn may still wait
        self._before = self._ahead  # that, as it was before the last delivery

    def take(
        self,
        conn: sqlite3.Connection,
        incoming: Sequence[Incoming],
        people: dict[str, Present],
        also: Callable[[sqlite3.Connection], object] | None,
    ) -> None:
        """Put what is for the coach in the inbox, and do `also` in the same transaction. `people` says who is in each
        room; it is changed as the delivery goes on.
        """
        self._before = dict(self._ahead)
        for name, present in self._ahead.items():
            if name in people:
                people[name] = replace(present, meeting=people[name].meeting)
        for one in incoming:
            if isinstance(one, Posted | PutOut | Moved):
                self._own_affairs(conn, one)
                continue
            room = rooms.ensure(conn, self._transport, one.room)
            if isinstance(one, Removal) and (put := signs.take(conn, room, one.target)) is not None:
                one = Sign(one.room, one.id, one.at, put.sender, put.target, put.key, removed=True)
            elif isinstance(one, People):
                outbox.resume(conn, room)
            known = _Known(conn, room, self._marked)
            for event in self._events(known, one, people):
                inbox.add(conn, room, event, one.at)
                if isinstance(one, Sign) and not one.removed:
                    signs.add(conn, room, one.id, signs.Put(one.target, one.key, one.sender))
            if isinstance(one, Removal) and self._may_remove(conn, room, one, people.get(one.room, Present())):
                inbox.wipe(conn, room, one.target)
                self._memory.forget(one.room, one.target)
        if also is not None:
            also(conn)

    def _own_affairs(self, conn: sqlite3.Connection, one: Posted | PutOut | Moved) -> None:
        """What happened to the coach itself: no event of the conversation."""
        room = rooms.find(conn, self._transport, one.room)
        if room is None:
            return
        match one:
            case Posted():
                outbox.seen(conn, room, one.key, one.id)
            case PutOut():
                outbox.park(conn, room)
            case Moved() if rooms.find(conn, self._transport, one.to) is None:
                rooms.move(conn, room, one.to)
                self.moved.append(room)

    def lost(self) -> None:
        """The last `take` was rolled back, and with it what it said of who is in the rooms."""
        self._ahead = self._before

    def remember(self, conn: sqlite3.Connection, one: Incoming) -> None:
        """Bring the memory up to date with something that was taken in before: it may be from before a restart."""
        if isinstance(one, Message):
            room = rooms.ensure(conn, self._transport, one.room)
            text = clean(one.text)
            if size(text) <= LONGEST_TEXT and self._memory.find(one.room, one.id, one.at) is None:
                known = _Known(conn, room, self._marked)
                pointed = capture.points_at(self._heard(one, text), known)
                if pointed is not None and (own := known.own(pointed)) is not None and own.to is not None:
                    return
                self._memory.keep(one.room, one.id, Remembered(one.at, one.sender, text, pointed))
        elif isinstance(one, Change):
            self._memory.change(one.room, one.target, one.sender, clean(one.text))
        elif isinstance(one, Removal):
            # Whoever removed it: forgetting too much costs no more than sending it again.
            self._memory.forget(one.room, one.target)

    def _heard(self, one: Message, text: str) -> capture.Heard:
        return capture.Heard(text, one.reply_to, one.thread, one.mentioned)

    def _may_remove(self, conn: sqlite3.Connection, room: int, one: Removal, present: Present) -> bool:
        """Whether who removed a message is its author, or a moderator: else what waits of it stays."""
        remembered = self._memory.find(one.room, one.target, one.at)
        author = remembered.sender if remembered is not None else inbox.author(conn, room, one.target)
        return author is None or one.sender == author or one.sender in present.moderators

    def _events(self, known: _Known, one: _OfPeople, people: dict[str, Present]) -> list[Event]:
        present = people.get(one.room, Present())
        listed, here = present.listed, present.here
        events: list[Event] = []
        if isinstance(one, People):
            moderators = frozenset(person.id for person in one.people if person.moderator)
            here = frozenset(person.id for person in one.people)
            present = Present(True, here, moderators, one.shared, present.meeting)
            people[one.room] = self._ahead[one.room] = present
            return [Joined(one.id, one.at, one.people, shared=one.shared, welcome=one.welcome)]
        if isinstance(one, Message) and not listed and one.sender not in here:
            # Who speaks is there: known before the message is judged, so that a newcomer's is judged by the group's
            # rules.
            here = here | {one.sender}
            people[one.room] = Present(False, here, meeting=present.meeting)
            events.append(
                Joined(f"{APART}spoke:{one.sender}", one.at, (Person(one.sender, one.sender),), invited=False)
            )
        alone = len(here) <= 1 and not present.shared
        event = self._event(known, one, alone=alone, meeting=present.meeting)
        return events if event is None else [*events, event]

    def _event(self, known: _Known, one: _Single, *, alone: bool, meeting: bool) -> Event | None:
        match one:
            case Message():
                return self._message(known, one, alone=alone, meeting=meeting)
            case Change():
                text = clean(one.text)
                self._memory.change(one.room, one.target, one.sender, text)
                if not capture.change_is_for_coach(one.target, known):
                    return None
                large = size(text)
                if large > LONGEST_TEXT:
                    return Edited(one.id, one.at, one.sender, one.target, "", large)
                return Edited(one.id, one.at, one.sender, one.target, text)
            case Removal():
                if not capture.change_is_for_coach(one.target, known):
                    return None
                return Redacted(one.id, one.at, one.sender, one.target)
            case Press():
                own = known.own_key(one.key)
                if own is None:
                    return None
                text = clean(one.text)
                if size(text) > LONGEST_TEXT:
                    return Said(one.id, one.at, one.sender, "", own, oversize=size(text))
                return Pressed(one.id, one.at, one.sender, own, one.value, text, one.picked, one.person)
            case Undecrypted():
                return happened.Undecrypted(one.id, one.at, one.sender)
            case Alone():
                return happened.Unreachable(one.id, one.at, one.member)
            case Sign():
                if not capture.reaction_is_for_coach(one.key, one.target, known):
                    return None
                own = known.own(one.target)
                if bare(one.key) == TAKE and own is None:
                    known.mark(one.target)
                target = None if own is not None else one.target
                return Reacted(one.id, one.at, one.sender, one.key, own, target, None, one.removed)

    def _message(self, known: _Known, one: Message, *, alone: bool, meeting: bool) -> Event | None:
        text = clean(one.text)
        heard = self._heard(one, text)
        pointed = capture.points_at(heard, known)
        own = known.own(pointed) if pointed is not None else None
        if size(text) <= LONGEST_TEXT and (own is None or own.to is None):  # what nobody else saw, nobody marks
            self._memory.keep(one.room, one.id, Remembered(one.at, one.sender, text, pointed))
        typed_for = self._typed_for if meeting else ()
        if not capture.message_is_for_coach(heard, known, alone=alone, typed_for=typed_for):
            return None
        large = size(text)
        if large > LONGEST_TEXT:
            return Said(one.id, one.at, one.sender, "", own, one.mentioned, large)
        return Said(one.id, one.at, one.sender, text, own, one.mentioned)


class _Known:
    """What is known of a room's messages, asked of its rows."""

    def __init__(self, conn: sqlite3.Connection, room: int, marked: set[tuple[int, str]]) -> None:
        self._conn = conn
        self._room = room
        self._marked = marked

    def mark(self, message: str) -> None:
        """Somebody marked a message: its turn may still wait."""
        self._marked.add((self._room, message))

    def own(self, message: str) -> Own | None:
        """The coach's message with this id, or None."""
        return outbox.own(self._conn, self._room, message)

    def own_key(self, key: str) -> Own | None:
        """The coach's message that was posted or changed under this key, or None."""
        return outbox.own_key(self._conn, self._room, key)

    def is_own(self, message: str) -> bool:
        """Whether a message is the coach's."""
        return self.own(message) is not None

    def is_taken(self, message: str) -> bool:
        """Whether a person's message was taken: from its inbox row on, or that of the ✍️ that somebody put on it."""
        return (
            inbox.known(self._conn, self._room, message)
            or (self._room, message) in self._marked
            or rooms.was_taken(self._conn, self._room, message)
        )


def people_of(snapshot: Snapshot) -> Present:
    """Who is in a room, as its snapshot says."""
    people = snapshot.people()
    moderators = frozenset(member.id for member in people if member.moderator)
    here = frozenset(member.id for member in people)
    return Present(snapshot.room.listed, here, moderators, snapshot.room.shared, session.running(snapshot) is not None)
