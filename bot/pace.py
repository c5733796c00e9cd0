"""How fast a room's messages are dealt with. Rule: what comes faster waits, in the order of its sender, and nothing is
lost.

Three measures, each over a minute. A person: counted by the moments at which the messages were sent, so that a backlog
of quiet hours is no flood. A room: counted by the moments at which it is dealt with, which no sender can make up. And
what the coach itself says in a room: two bots that answer each other go round slower and slower.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

MINUTE = timedelta(minutes=1)
LONGEST_REST = timedelta(hours=1)
ROOM_TIMES = 10  # how many people at full speed a room may hold before all of it waits
_MOST = 10_000  # people and rooms that are remembered

Who = tuple[int, str]
Key = TypeVar("Key")


class _Counts(Generic[Key]):
    """The moments of the latest things that each did, in one minute at most."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._of: OrderedDict[Key, deque[datetime]] = OrderedDict()

    def until(self, key: Key, at: datetime) -> datetime | None:
        """When it may do one more thing, where that is after `at`."""
        done = self._of.get(key)
        if done is None or len(done) < self._most or at - done[0] >= MINUTE:
            return None
        return done[0] + MINUTE

    def add(self, key: Key, at: datetime) -> None:
        """It did something."""
        done = self._of.setdefault(key, deque(maxlen=self._most))
        done.append(at)
        while done[0] <= done[-1] - MINUTE:
            done.popleft()
        self._of.move_to_end(key)
        # Whose latest is long past need not be remembered; and never more than so many.
        while len(self._of) > _MOST or next(iter(self._of.values()))[-1] < at - MINUTE:
            self._of.popitem(last=False)

    def forget(self, gone: Callable[[Key], bool]) -> None:
        """Nothing is known any more of those that are gone."""
        for key in [key for key in self._of if gone(key)]:
            del self._of[key]

    def __len__(self) -> int:
        return sum(len(done) for done in self._of.values())


class Pace:
    """At most `most` messages of a person in a room in a minute, ten times as many of all in it, and as many of the
    coach itself. Moments are UTC; `now` is the moment of the work, `at` that of a message."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._people: _Counts[Who] = _Counts(most)
        self._rooms: _Counts[int] = _Counts(most * ROOM_TIMES)
        self._own: _Counts[int] = _Counts(most)
        self._rests: OrderedDict[int, tuple[datetime, timedelta]] = OrderedDict()  # until when, and how long it was
        self._told: OrderedDict[Who, datetime] = OrderedDict()  # the latest message of a flood they were told of

    def until(self, room: int, sender: str, at: datetime, now: datetime) -> datetime | None:
        """When a message may be dealt with that was sent at a moment, where that is later than that moment."""
        return self._people.until((room, sender), min(at, now))

    def room_until(self, room: int, now: datetime) -> datetime | None:
        """When a room may go on, where that is not now. Each time that it said too much shortly after it rested for
        that, it rests twice as long, up to an hour."""
        rest = self._rests.get(room)
        if rest is not None and now < rest[0]:
            return rest[0]
        until = self._own.until(room, now)
        if until is None:
            return self._rooms.until(room, now)
        again = rest is not None and now - rest[0] < 2 * MINUTE
        length = min(2 * rest[1], LONGEST_REST) if rest is not None and again else until - now
        self._rests[room] = (now + length, max(length, MINUTE))
        self._rests.move_to_end(room)
        while len(self._rests) > _MOST:
            self._rests.popitem(last=False)
        return now + length

    def tell(self, room: int, sender: str, at: datetime, now: datetime) -> bool:
        """Whether to say something about a message that has to wait: once a flood, which is over when a minute went by
        without one."""
        told = self._told.get((room, sender))
        self.told(room, sender, min(at, now))
        return told is None or min(at, now) - told >= MINUTE

    def told(self, room: int, sender: str, at: datetime) -> None:
        """Somebody was told of it, perhaps before a restart."""
        self._told[room, sender] = max(at, self._told.pop((room, sender), at))
        while len(self._told) > _MOST:
            self._told.popitem(last=False)

    def done(self, room: int, sender: str, at: datetime, now: datetime) -> None:
        """A message was dealt with, which was sent at a moment (or, where it had to wait, counts from then)."""
        self._people.add((room, sender), min(at, now))
        self._rooms.add(room, now)

    def said(self, room: int, count: int, now: datetime) -> None:
        """The coach said so many things in a room."""
        for _ in range(count):
            self._own.add(room, now)

    def forget(self, room: int) -> None:
        """Nothing is known any more of who was how fast in a room (row id)."""
        self._people.forget(lambda who: who[0] == room)
        for counts in (self._rooms, self._own):
            counts.forget(lambda one: one == room)
        self._rests.pop(room, None)
        for who in [who for who in self._told if who[0] == room]:
            del self._told[who]

    def __len__(self) -> int:
        """How many moments are remembered."""
        return len(self._people) + len(self._rooms) + len(self._own) + len(self._rests) + len(self._told)
