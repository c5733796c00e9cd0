"""How fast Teams lets the coach speak. Rule: no more than it takes in any stretch of time, in a conversation and in all
of them together; who must wait is told how long.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta

# (how many, in how many seconds)
CONVERSATION = ((7, 1), (60, 30), (1_800, 3_600))
ALL = ((50, 1),)
_MOST_ROOMS = 5_000


class Rates:
    """Counts what was posted, by the clock of who asks."""

    def __init__(self) -> None:
        self._rooms: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._all: deque[datetime] = deque(maxlen=ALL[-1][0])

    def take(self, room: str, now: datetime) -> float:
        """0 where something may be posted in a room now, and then it counts; else how many seconds to wait."""
        posted = self._rooms.setdefault(room, deque(maxlen=CONVERSATION[-1][0]))
        self._rooms.move_to_end(room)
        if len(self._rooms) > _MOST_ROOMS:
            self._rooms.popitem(last=False)
        wait = max(_wait(posted, CONVERSATION, now), _wait(self._all, ALL, now))
        if wait <= 0:
            posted.append(now)
            self._all.append(now)
        return max(wait, 0.0)


def _wait(posted: deque[datetime], limits: tuple[tuple[int, int], ...], now: datetime) -> float:
    found = 0.0
    for most, seconds in limits:
        if len(posted) >= most:
            free = posted[-most] + timedelta(seconds=seconds)
            found = max(found, (free - now).total_seconds())
    return found
