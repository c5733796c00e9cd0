"""How long posting waits for a room that the client does not know (yet). Rule: right after the coach joined, the next
sync brings it; where the homeserver is away no sync comes, and nobody asks four times a second.
"""

from __future__ import annotations

from datetime import datetime

SOON = 0.25  # seconds
LATEST = 15.0
_PART = 4  # of the time that it waited already


class Unknown:
    """The rooms that are waited for, each since when."""

    def __init__(self) -> None:
        self._since: dict[str, datetime] = {}

    def wait(self, room: str, now: datetime) -> float:
        """For how many seconds, at that moment (UTC)."""
        waited = (now - self._since.setdefault(room, now)).total_seconds()
        return min(max(waited / _PART, SOON), LATEST)

    def found(self, room: str) -> None:
        """The client knows a room."""
        self._since.pop(room, None)
