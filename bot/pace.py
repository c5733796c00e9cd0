"""How fast one person's messages are dealt with. Rule: what comes faster waits, in order, and nothing is lost.

Counted by the moments at which the messages were sent, so that a backlog of quiet hours is no flood.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
_MOST_PEOPLE = 10_000


class Pace:
    """At most `most` messages of a person in a room in a minute."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._latest: OrderedDict[tuple[int, str], deque[datetime]] = OrderedDict()
        self._told: set[tuple[int, str]] = set()

    def until(self, room: int, sender: str, at: datetime) -> datetime | None:
        """When a message that was sent at a moment may be dealt with, where that is later than its own moment."""
        sent = self._latest.get((room, sender))
        if sent is None or len(sent) < self._most or at - sent[0] >= MINUTE:
            self._told.discard((room, sender))
            return None
        return sent[0] + MINUTE

    def tell(self, room: int, sender: str) -> bool:
        """Whether to say something about it: once a flood."""
        if (room, sender) in self._told:
            return False
        self._told.add((room, sender))
        return True

    def done(self, room: int, sender: str, at: datetime) -> None:
        """A message was dealt with, which was sent at a moment (or, where it had to wait, counts from then)."""
        sent = self._latest.setdefault((room, sender), deque(maxlen=self._most))
        sent.append(at)
        self._latest.move_to_end((room, sender))
        while len(self._latest) > _MOST_PEOPLE:
            self._latest.popitem(last=False)
