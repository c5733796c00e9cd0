"""The latest messages of a room, so that somebody can mark one of them ✍️.

Rule: in memory only, at most 200 a room and a day old.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST = 200
OLDEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Remembered:
    """A person's message as it reads now; `points_at` is the coach's message it stands under, by the transport's id."""

    at: datetime
    sender: str
    text: str
    points_at: str | None


class Memory:
    """What people wrote lately, by room."""

    def __init__(self) -> None:
        self._rooms: dict[str, OrderedDict[str, Remembered]] = {}

    def _of(self, room: str) -> OrderedDict[str, Remembered]:
        return self._rooms.get(room, OrderedDict())

    def keep(self, room: str, message: str, remembered: Remembered) -> None:
        """Remember a message, and forget what is too much or too old."""
        messages = self._rooms.setdefault(room, OrderedDict())
        messages[message] = remembered
        while len(messages) > MOST or next(iter(messages.values())).at < remembered.at - OLDEST:
            messages.popitem(last=False)

    def change(self, room: str, message: str, sender: str, text: str) -> None:
        """A remembered message reads otherwise now; only its author changes it."""
        found = self._of(room).get(message)
        if found is not None and found.sender == sender:
            self._rooms[room][message] = Remembered(found.at, sender, text, found.points_at)

    def forget(self, room: str, message: str) -> None:
        """A message was removed."""
        self._of(room).pop(message, None)

    def forget_person(self, room: str, sender: str) -> None:
        """Nothing that somebody wrote in a room is remembered any more."""
        for message in [name for name, one in self._of(room).items() if one.sender == sender]:
            self.forget(room, message)

    def forget_room(self, room: str) -> None:
        """Nothing of a room is remembered any more."""
        self._rooms.pop(room, None)

    def forget_old(self, now: datetime) -> None:
        """Forget what is more than a day old, in every room."""
        for room in list(self._rooms):
            messages = self._rooms[room]
            while messages and next(iter(messages.values())).at < now - OLDEST:
                messages.popitem(last=False)
            if not messages:
                del self._rooms[room]

    def find(self, room: str, message: str, now: datetime) -> Remembered | None:
        """A message that is still remembered at `now`."""
        found = self._of(room).get(message)
        return found if found is not None and found.at >= now - OLDEST else None
