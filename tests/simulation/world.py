"""The world of one seed: its time, its chance, what is still to happen in it, and the trace of what did.

Rule: all that is outside of the coach happens on this agenda, one thing at a time, in an order that the seed alone
decides; so a coach that is dropped in the middle of anything leaves the world as it was.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

BEGIN = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)  # a Monday
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
SECOND, MINUTE, HOUR, DAY = 1.0, 60.0, 3_600.0, 86_400.0


class Violation(AssertionError):
    """Something that must always hold does not."""


class Crash(SystemExit):
    """The process is gone. A SystemExit, for that is what ends an event loop at once: nothing of the coach runs on."""


class Stuck(Exception):
    """The coach waits for something that will never come."""


class World:
    """Time in seconds since the beginning, and what is to happen when. Is a Clock for the coach."""

    def __init__(self, seed: int, *, traced: bool = True) -> None:
        self.seed = seed
        self.time = 0.0
        self.trace: list[tuple[float, str, tuple[Any, ...]]] = []
        self._traced = traced
        self._agenda: list[tuple[float, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self._chances: dict[str, random.Random] = {}

    def now(self) -> datetime:
        """The moment it is."""
        return BEGIN + timedelta(seconds=self.time)

    def chance(self, name: str) -> random.Random:
        """Chance for one subject; what it draws does not depend on what the others draw."""
        found = self._chances.get(name)
        if found is None:
            found = self._chances[name] = random.Random(f"{self.seed} {name}")
        return found

    def note(self, what: str, *about: Any) -> None:
        """Something happened."""
        if self._traced:
            self.trace.append((self.time, what, about))

    def told(self) -> str:
        """The trace, to read."""
        return "\n".join(f"{BEGIN + timedelta(seconds=at)!s:.23}  {what:10} {' '.join(map(str, about))}"
                         for at, what, about in self.trace)  # fmt: skip

    def fail(self, what: str) -> None:
        """Something does not hold. Raised outside of the coach, which lets no fault of ours end it."""

        def work() -> None:
            raise Violation(what)

        self.note("VIOLATION", what)
        self.at(self.time, work)

    # The agenda -------------------------------------------------------------------------------------------------------

    def at(self, moment: float, work: Callable[[], object]) -> None:
        """Let something happen at a moment."""
        heapq.heappush(self._agenda, (max(moment, self.time), next(self._order), work))

    def after(self, seconds: float, work: Callable[[], object]) -> None:
        """Let something happen in so many seconds."""
        self.at(self.time + seconds, work)

    def next_at(self) -> float | None:
        """When the next thing happens."""
        return self._agenda[0][0] if self._agenda else None

    def happen(self) -> bool:
        """Let what is due now happen, one thing; whether there was one."""
        if not self._agenda or self._agenda[0][0] > self.time:
            return False
        heapq.heappop(self._agenda)[2]()
        return True

    def pass_until(self, moment: float) -> None:
        """Time goes by while no coach runs."""
        while (due := self.next_at()) is not None and due <= moment:
            self.time = max(self.time, due)
            self.happen()
        self.time = max(self.time, moment)
