"""The turns: inbox rows become changes and outbox rows. Rule: a turn is whole or not at all, and a fault of ours
costs one turn, not the loop.

Up to 50 turns share one commit, each in its own savepoint. Nothing is posted, rendered or fetched inside a transaction.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.clock import Clock, SystemClock
from bot.memory import Memory
from bot.pace import Pace, Who
from flows.conversation.draft import Draft
from flows.conversation.effects import Attach, Erase, Recall, Say
from flows.conversation.engine import Engine, Turn
from flows.conversation.events import Edited, Event, Pressed, Reacted, Said, Seen, TimerDue
from flows.conversation.marks import TAKE
from flows.conversation.snapshot import Snapshot
from storage import erasing, forgetting, inbox, outbox, rooms, signs

_log = logging.getLogger(__name__)

MOST_TURNS = 50
MOST_ROOMS = 2_000

# What SQLite says of a fault of ours: it would say it again at every attempt, and must not hold up the other rooms.
_OURS = (sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError, sqlite3.DataError)


@dataclass(frozen=True, slots=True)
class Emptied:
    """A room that a turn erased: its row id, how it stood, what it had said, and the rooms with one person that are
    left (the transport's ids)."""

    row: int
    before: Snapshot
    words: list[str]
    alone: list[str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message that somebody marked and that is not remembered: its room (row id, and the transport's), its id."""

    row: int
    room: str
    message: str


class Turns:
    """Runs turns for one transport. `known_id` says which id a message will have, where that is known beforehand;
    `fetches` whether the transport can look up a message that is not remembered."""

    def __init__(
        self,
        engine: Engine,
        memory: Memory,
        transport: str,
        version: str,
        known_id: Callable[[int], str | None],
        *,
        fetches: bool = False,
        pace: Pace | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._engine = engine
        self._memory = memory
        self._transport = transport
        self._version = version
        self._known_id = known_id
        self._rooms: OrderedDict[int, Snapshot] = OrderedDict()
        self._staged: dict[int, Snapshot] = {}
        self._fetches = fetches
        self._pace = pace
        self._clock = clock or SystemClock()
        self._slowed: dict[int, datetime] = {}  # rooms that wait, as a whole
        self._slow: dict[Who, datetime] = {}  # people in rooms who wait
        self._counted = pace is None  # whether it was looked who waited when we began
        self._held: dict[int, Wanted] = {}
        self._given_up: set[tuple[int, str]] = set()
        self._emptied: list[Emptied] = []
        self._left: list[str] = []
        self._unnamed: list[tuple[str, str]] = []
        self.done = self.failed = 0  # since the start
        self.attached = False  # whether the last `run` led to files that are to be made
        self.erased = False  # whether something is gone since that must not stay in the database's files

    def run(self, conn: sqlite3.Connection, gives_way: Callable[[int], bool] | None = None) -> int:
        """Do the turns that wait, at most 50; how many events it looked at. Of timers that come last those are left
        that had no turn when `gives_way` (to how many were done, one at least) said so, as if they were not due yet.

        What it remembers of rooms is right only once `kept` was called.
        """
        self._staged = {}
        self._emptied, self._left, self._unnamed = [], [], []
        self.attached = False
        now = self._clock.now()
        self._look_who_waits(conn, now)
        self._slowed = {room: until for room, until in self._slowed.items() if until > now}
        self._slow = {who: until for who, until in self._slow.items() if until > now}
        arrivals = inbox.pending(conn, MOST_TURNS, self._transport, {*self._held, *self._slowed}, self._slow)
        self._load(conn, arrivals)
        timers = _timers_from(arrivals)
        for place, arrival in enumerate(arrivals):
            if place > timers and gives_way is not None and gives_way(place - timers):
                inbox.take_back(conn, [one.id for one in arrivals[place:]])
                return place
            if arrival.room in self._held or self._is_slow(conn, arrival, now):
                continue
            if any(one.row == arrival.room for one in self._emptied):
                continue  # it went with its room
            if self._must_wait(conn, arrival) or self._is_too_fast(conn, arrival, now):
                continue
            conn.execute("SAVEPOINT turn")
            try:
                self._turn(conn, arrival)
            except Exception as error:
                if isinstance(error, sqlite3.Error) and not isinstance(error, _OURS):
                    raise  # the disk, not the turn
                conn.execute("ROLLBACK TO turn")
                # Ids only: what people wrote does not go into a log, so neither does the error's own text.
                _log.error("turn failed: room row %s, event %s, %s", arrival.room, arrival.event.id, _where(error))
                inbox.fail(conn, arrival.id, self._version)
                self.failed += 1
                self._staged.pop(arrival.room, None)
                self._rooms.pop(arrival.room, None)
                self._try_to_say(conn, arrival)
            conn.execute("RELEASE turn")
        return len(arrivals)

    def slowed_until(self) -> datetime | None:
        """When the first of the rooms and people goes on that wait because it went too fast; None where none does."""
        return min([*self._slowed.values(), *self._slow.values()], default=None)

    def _look_who_waits(self, conn: sqlite3.Connection, now: datetime) -> None:
        """Who was too fast before a restart was told then."""
        if self._pace is not None and not self._counted:
            for room, sender in inbox.crowds(conn, self._transport, self._pace.most):
                self._pace.told(room, sender, now)
        self._counted = True

    def _is_slow(self, conn: sqlite3.Connection, arrival: inbox.Arrival, now: datetime) -> bool:
        """Whether a room, or somebody in it, waits because it went too fast; the others in it don't."""
        event, room = arrival.event, arrival.room
        if self._pace is None:
            return False
        if room not in self._slowed and (until := self._pace.room_until(room, now)) is not None:
            _log.warning("a room goes too fast, and rests till %s: room row %s", until.isoformat("T", "seconds"), room)
            self._slowed[room] = until
        if room in self._slowed:
            return True
        sender = str(getattr(event, "sender", ""))
        if isinstance(event, Reacted) and event.target is not None and (room, sender) not in self._slow:
            others = [until for (where, _), until in self._slow.items() if where == room]
            if others and inbox.waits(conn, room, event.target):
                self._slow[room, sender] = min(others)  # a sign comes after what it is on
        return (room, sender) in self._slow

    def _is_too_fast(self, conn: sqlite3.Connection, arrival: inbox.Arrival, now: datetime) -> bool:
        """Whether somebody waits because their next message came too fast behind others of theirs; they are told
        once.
        """
        event, room = arrival.event, arrival.room
        if self._pace is None or not isinstance(event, Said | Edited | Reacted | Pressed):
            return False
        until = self._pace.until(room, event.sender, event.at, now)
        if until is None or until <= now:
            self._pace.done(room, event.sender, max(event.at, until or event.at), now)
            return False
        self._slow[room, event.sender] = until
        if self._pace.tell(room, event.sender, event.at, now):
            self._say(conn, arrival, f"pace {event.id}", "trouble.pace")
        return True

    def wanted(self) -> list[Wanted]:
        """The messages that are to be looked up: their rooms wait till `found` is called."""
        return list(self._held.values())

    def forget(self, room: int) -> None:
        """A room is not what was remembered of it: it has another id now, or is gone."""
        self._rooms.pop(room, None)

    def forget_all(self, room: int) -> None:
        """A room is gone, with all that waited for it."""
        self.forget(room)
        self._slowed.pop(room, None)
        self._slow = {who: until for who, until in self._slow.items() if who[0] != room}
        self._held.pop(room, None)
        self._given_up = {one for one in self._given_up if one[0] != room}
        if self._pace is not None:
            self._pace.forget(room)

    def found(self, wanted: Wanted) -> None:
        """A message was looked up, and is in the memory now if there was any: its room goes on."""
        self._given_up.add((wanted.row, wanted.message))
        self._held.pop(wanted.row, None)

    def _must_wait(self, conn: sqlite3.Connection, arrival: inbox.Arrival) -> bool:
        """Whether a room waits for the text of a message that somebody marked, which is not remembered."""
        event = arrival.event
        if not self._fetches or not isinstance(event, Reacted) or event.target is None or event.sign != TAKE:
            return False
        if event.removed or (arrival.room, event.target) in self._given_up:
            return False
        room = self.snapshot(conn, arrival.room)
        if event.target in room.taken or self._memory.find(room.id, event.target, event.at) is not None:
            return False
        self._held[arrival.room] = Wanted(arrival.room, room.id, event.target)
        return True

    def kept(self) -> None:
        """The last `run` was committed."""
        for room, snapshot in self._staged.items():
            self._rooms[room] = snapshot
            self._rooms.move_to_end(room)
        while len(self._rooms) > MOST_ROOMS:
            self._rooms.popitem(last=False)
        self._staged = {}

    def left(self) -> list[str]:
        """The rooms with one person alone that the last `run`, which was committed, needs no more."""
        found, self._left = self._left, []
        return found

    def unnamed(self) -> list[tuple[str, str]]:
        """Room and person (the transport's ids) of those whom the last `run`, which was committed, forgot."""
        found, self._unnamed = self._unnamed, []
        return found

    def emptied(self) -> list[Emptied]:
        """The rooms that the last `run`, which was committed, erased."""
        found, self._emptied = self._emptied, []
        return found

    def lost(self) -> None:
        """The last `run` was rolled back, and with it what was read of rooms in the middle of it."""
        self._rooms.clear()
        self._staged = {}
        self._emptied, self._left, self._unnamed = [], [], []

    def snapshot(self, conn: sqlite3.Connection, room: int) -> Snapshot:
        """A room as it stands."""
        found = self._rooms.get(room)
        if found is None:
            found = self._rooms[room] = rooms.load(conn, room)
        return found

    def _load(self, conn: sqlite3.Connection, arrivals: Sequence[inbox.Arrival]) -> None:
        """Read the rooms that are not remembered, all at once: on a morning of reminders hardly any is."""
        missing = {one.room for one in arrivals} - self._rooms.keys()
        if len(missing) > 1:
            self._rooms.update(rooms.load_many(conn, missing))

    def _turn(self, conn: sqlite3.Connection, arrival: inbox.Arrival) -> None:
        snapshot = self._staged.get(arrival.room) or self.snapshot(conn, arrival.room)
        turn = self._engine.step(snapshot, self._with_text(conn, arrival, snapshot.id))
        self._keep(conn, arrival, turn, cause_of(arrival.event))
        inbox.finish(conn, arrival.id)
        self.done += 1
        _log.debug("turn done: room row %s, %s", arrival.room, type(arrival.event).__name__)

    def _keep(self, conn: sqlite3.Connection, arrival: inbox.Arrival, turn: Turn, cause: str) -> None:
        rooms.save(conn, arrival.room, turn.changes)
        self.erased |= turn.erases
        if turn.forgotten:
            inbox.rename(conn, arrival.room, turn.forgotten)
        if turn.unnamed is not None:
            self._left += forgetting.forget(conn, self._transport, arrival.room, turn.unnamed)
            self._unnamed.append((turn.snapshot.id, turn.unnamed.who))
        if turn.erases and isinstance(arrival.event, Reacted):
            signs.take(conn, arrival.room, arrival.event.id)  # a sign that is no vote is not kept as one
        last = ""
        for place, effect in enumerate(turn.effects):
            if isinstance(effect, Erase):
                self._empty(conn, arrival, turn, last)
                return
            if isinstance(effect, Recall):
                outbox.recall(conn, arrival.room, effect.numbers)
                continue
            key = effect_key(self._transport, turn.snapshot.id, cause, place)
            self.attached |= isinstance(effect, Attach)
            number = getattr(effect, "number", None)
            external = None if number is None else self._known_id(number)
            since = arrival.event.due if isinstance(arrival.event, TimerDue) else None
            outbox.add(conn, arrival.room, key, effect, arrival.event.at, external, since)
            last = key
        if self._pace is not None:
            said = [one for one in turn.effects if isinstance(one, Say)]
            self._pace.said(arrival.room, len(said), self._clock.now())
        self._staged[arrival.room] = turn.snapshot

    def _empty(self, conn: sqlite3.Connection, arrival: inbox.Arrival, turn: Turn, last: str) -> None:
        """Everything of a room goes in this very transaction; its last message, with the key `last`, is posted yet."""
        words = erasing.words_of(conn, arrival.room)
        alone = erasing.empty(conn, arrival.room, arrival.event.at, last)
        self._emptied.append(Emptied(arrival.room, turn.snapshot, words, alone))
        self._staged[arrival.room] = rooms.load(conn, arrival.room)

    def _with_text(self, conn: sqlite3.Connection, arrival: inbox.Arrival, room: str) -> Event:
        """The event, and where somebody marked a message, that message as it reads now: its row holds only the mark."""
        event = arrival.event
        if not isinstance(event, Reacted) or event.target is None:
            return event
        found = self._memory.find(room, event.target, event.at)
        if found is None:
            return event
        own = outbox.own(conn, arrival.room, found.points_at) if found.points_at is not None else None
        return replace(event, seen=Seen(event.target, found.sender, found.text, own))

    def _try_to_say(self, conn: sqlite3.Connection, arrival: inbox.Arrival) -> None:
        """Tell the person that a turn failed; where that fails too, the row still stands aside and the loop goes on."""
        conn.execute("SAVEPOINT sorry")
        try:
            self._say_fault(conn, arrival)
        except sqlite3.OperationalError:
            raise
        except Exception as error:
            conn.execute("ROLLBACK TO sorry")
            self._staged.pop(arrival.room, None)
            _log.error("telling of it failed: room row %s, %s", arrival.room, _where(error))
        conn.execute("RELEASE sorry")

    def _say_fault(self, conn: sqlite3.Connection, arrival: inbox.Arrival) -> None:
        """Tell the person, once, that a turn failed, where a message of theirs was the cause."""
        if isinstance(arrival.event, Said):
            self._say(conn, arrival, f"fault {arrival.event.id}", "trouble.fault")

    def _say(self, conn: sqlite3.Connection, arrival: inbox.Arrival, cause: str, text: str) -> None:
        """Answer a message with something that is no turn of the conversation, once."""
        snapshot = self._staged.get(arrival.room) or self.snapshot(conn, arrival.room)
        if outbox.has_key(conn, effect_key(self._transport, snapshot.id, cause, 0)):
            return
        d = Draft(self._engine.setting, snapshot, arrival.event.at)
        reply_to = arrival.event.id if isinstance(arrival.event, Said) else None
        d.say("error" if text == "trouble.fault" else "help", d.texts(text), reply_to=reply_to)
        self._keep(conn, arrival, Turn(d.snapshot, tuple(d.changes), tuple(d.effects)), cause)


def cause_of(event: Event) -> str:
    """What names the cause of a turn, the same at every attempt: the event, or the timer and its due moment."""
    if isinstance(event, TimerDue):
        return f"timer {event.timer} {(event.due or event.at).isoformat()}"
    return f"event {event.id}"


def effect_key(transport: str, room: str, cause: str, place: int) -> str:
    """The key under which an effect is posted, the same at every attempt."""
    return hashlib.sha256("\n".join([transport, room, cause, str(place)]).encode()).hexdigest()[:40]


def _timers_from(arrivals: Sequence[inbox.Arrival]) -> int:
    """From which place on there is nothing but timers."""
    others = [place for place, one in enumerate(arrivals) if not isinstance(one.event, TimerDue)]
    return others[-1] + 1 if others else 0


def _where(error: Exception) -> str:
    """The kind of an error and the line of ours that raised it."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    line = f"{place.tb_frame.f_code.co_qualname}:{place.tb_lineno}" if place is not None else "?"
    return f"{type(error).__name__} in {line}"
