"""The moment it is. Rule: the only place that asks the machine for the time; everything else is handed a clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the moment, aware and in UTC."""

    def now(self) -> datetime:
        """The moment it is."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The moment it is."""
        return datetime.now(UTC)


class LineClock:
    """The clock of JSON lines: the machine's, until a line says what time it is; from then on only lines move it,
    never back.
    """

    def __init__(self, at: datetime | None = None) -> None:
        self._at = at

    def now(self) -> datetime:
        """The moment it is."""
        return self._at if self._at is not None else datetime.now(UTC)

    def move(self, at: datetime) -> datetime:
        """It is `at` now, or later already; the moment that it is then."""
        self._at = at if self._at is None else max(at, self._at)
        return self._at

    @property
    def set(self) -> bool:
        """Whether lines move it."""
        return self._at is not None
