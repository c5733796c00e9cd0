"""From what comes in to inbox rows. Rule: what is not for the coach is dropped here, unstored; the rest is in the
inbox before anything is done with it.

The inbox rows of one delivery and what the transport must remember with it (`also`: how far it read) are one
transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

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
from storage import erasing, forgetting, inbox, outbox, rooms, signs
from storage.erasing import Silence

# Begins the ids that we make ourselves: no transport has it in an id.
APART = "\x1f"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


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
    """Takes deliveries of one transport in. Used inside the writer's thread. `typed_for` gives the words that begin
    what one person types for another in a meeting."""

    def __init__(self, transport: str, memory: Memory, typed_for: Callable[[], tuple[str, ...]] = tuple) -> None:
        self._transport = transport
        self._memory = memory
        self._typed_for = typed_for
        self._marked: set[tuple[int, str]] = set()  # messages with a ✍️ since the start
        self.moved: list[int] = []  # row ids of rooms that have another id since the last `take`
        self._ahead: dict[str, Present] = {}  # who is in a room, as the latest delivery said: its turn may still wait
        self._before = self._ahead  # that, as it was before the last delivery
        self._still: dict[str, People] = {}  # who is in the rooms in which the coach is silent
        self._secret = ""  # of the database, once it was read
        self._woken: list[str] = []  # those in which it began anew by the last delivery

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
        while self._woken:
            self._still.pop(self._woken.pop(), None)
        for name, present in self._ahead.items():
            if name in people:
                people[name] = replace(present, meeting=people[name].meeting)
        for one in incoming:
            silence = erasing.silence(conn, self._transport, one.room)
            if silence is not None and not self._begins_anew(conn, one, silence, people):
                continue
            if isinstance(one, Posted | PutOut | Moved):
                self._own_affairs(conn, one)
                continue
            room = rooms.ensure(conn, self._transport, one.room)
            if isinstance(one, Removal) and (put := signs.take(conn, room, one.target)) is not None:
                one = Sign(one.room, one.id, one.at, put.sender, put.target, put.key, removed=True)
            elif isinstance(one, People):
                outbox.resume(conn, room)
            known = self._known(conn, room, one.room)
            for event in self._events(known, one, people):
                if inbox.known(conn, room, known.mark_in_place(event.id)):
                    continue  # it was taken in before, and who wrote it was forgotten
                inbox.add(conn, room, event, one.at)
                if isinstance(one, Sign) and not one.removed:
                    signs.add(conn, room, one.id, signs.Put(one.target, one.key, one.sender))
            if isinstance(one, Removal) and self._may_remove(conn, room, one, people.get(one.room, Present())):
                inbox.wipe(conn, room, one.target)
                self._memory.forget(one.room, one.target)
        if also is not None:
            also(conn)

    def _known(self, conn: sqlite3.Connection, room: int, external: str) -> _Known:
        """What is known of a room's messages."""
        self._secret = self._secret or forgetting.secret(conn)
        return _Known(conn, room, external, self._marked, self._secret)

    def hush(self, room: Snapshot) -> None:
        """A room was erased: what was remembered of it is gone, but for who is there now."""
        self._memory.forget_room(room.id)
        self._ahead.pop(room.id, None)
        self._before.pop(room.id, None)
        if room.room.listed and room.people():
            there = tuple(Person(one.id, one.name, one.moderator) for one in room.people())
            self._still[room.id] = People(room.id, "", _LONG_AGO, there, room.room.shared)

    def forget(self, row: int) -> None:
        """A room (row id) is gone."""
        self._marked = {one for one in self._marked if one[0] != row}

    def _begins_anew(
        self, conn: sqlite3.Connection, one: Incoming, silence: Silence, people: dict[str, Present]
    ) -> bool:
        """Whether something that came in asks the coach to begin anew in a room that was erased; else it is not for the
        coach, and leaves no trace."""
        if isinstance(one, People):
            self._still[one.room] = one
        elif isinstance(one, PutOut):
            erasing.speak(conn, self._transport, one.room)
            self._woken.append(one.room)
        elif isinstance(one, Moved):
            erasing.move(conn, self._transport, one.room, one.to)
        elif isinstance(one, Message) and one.at >= silence.at and capture.begins_anew(one.text):
            row = erasing.begin_anew(conn, self._transport, one.room)
            people.pop(one.room, None)
            self.moved.append(row)  # it is not what was remembered of it
            there = self._still.get(one.room)
            self._woken.append(one.room)
            if there is not None:
                there = replace(there, id=f"{APART}anew:{one.id}", at=one.at, welcome=False)
                for event in self._events(self._known(conn, row, one.room), there, people):
                    inbox.add(conn, row, event, one.at)
            return True
        return False

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
        self._woken = []

    def remember(self, conn: sqlite3.Connection, one: Incoming) -> None:
        """Bring the memory up to date with something that was taken in before: it may be from before a restart."""
        if isinstance(one, Message):
            room = rooms.find(conn, self._transport, one.room)
            if room is None:
                return  # it was erased
            text = clean(one.text)
            if size(text) <= LONGEST_TEXT and self._memory.find(one.room, one.id, one.at) is None:
                known = self._known(conn, room, one.room)
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
            # rules. Who was forgotten is there already, without a name.
            nameless = known.stand_in(one.sender)
            if nameless not in here:
                events.append(
                    Joined(f"{APART}spoke:{one.sender}", one.at, (Person(one.sender, one.sender),), invited=False)
                )
            here = (here - {nameless}) | {one.sender}
            people[one.room] = Present(False, here, meeting=present.meeting)
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
                target = known.now(one.target)
                if not capture.change_is_for_coach(target, known):
                    return None
                return Redacted(one.id, one.at, one.sender, target)
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
                on = None if own is not None else known.now(one.target)
                return Reacted(one.id, one.at, one.sender, one.key, own, on, None, one.removed)

    def _message(self, known: _Known, one: Message, *, alone: bool, meeting: bool) -> Event | None:
        text = clean(one.text)
        heard = self._heard(one, text)
        pointed = capture.points_at(heard, known)
        own = known.own(pointed) if pointed is not None else None
        if size(text) <= LONGEST_TEXT and (own is None or own.to is None):  # what nobody else saw, nobody marks
            self._memory.keep(one.room, one.id, Remembered(one.at, one.sender, text, pointed))
        typed_for = self._typed_for() if meeting else ()
        if not capture.message_is_for_coach(heard, known, alone=alone, typed_for=typed_for):
            return None
        large = size(text)
        if large > LONGEST_TEXT:
            return Said(one.id, one.at, one.sender, "", own, one.mentioned, large)
        return Said(one.id, one.at, one.sender, text, own, one.mentioned)


class _Known:
    """What is known of a room's messages, asked of its rows."""

    def __init__(
        self, conn: sqlite3.Connection, room: int, external: str, marked: set[tuple[int, str]], secret: str
    ) -> None:
        self._external = external
        self._secret = secret
        self._conn = conn
        self._room = room
        self._marked = marked

    def mark(self, message: str) -> None:
        """Somebody marked a message: its turn may still wait."""
        self._marked.add((self._room, message))

    def own(self, message: str) -> Own | None:
        """The coach's message with this id, or None."""
        return outbox.own(self._conn, self._room, message)

    def mark_in_place(self, message: str) -> str:
        """What stands in place of the id of a message whose writer was forgotten."""
        return forgetting.mark_of(self._secret, self._external, message)

    def stand_in(self, person: str) -> str:
        """What stands in place of somebody who was forgotten."""
        return forgetting.stand_in(self._secret, self._external, person)

    def now(self, message: str) -> str:
        """What a message is called here now: its id, or what stands in place of it."""
        mark = self.mark_in_place(message)
        return mark if rooms.was_taken(self._conn, self._room, mark) else message

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
