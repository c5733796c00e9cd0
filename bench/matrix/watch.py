"""When a person saw what. Rule: the moment is that at which the person's client had read the event."""

from __future__ import annotations

import asyncio
import contextlib
from time import perf_counter

from bench.matrix.sides import Side
from tests.transports.user import User

DEADLINE = 90.0  # seconds; a bot that lost some is waited for no longer
_LONG = 86_400.0


class Watch:
    """Notes when each message got its first visible reaction."""

    def __init__(self, person: User, side: Side) -> None:
        self._person = person
        self._side = side
        self._read = len(person.received)
        self.reacted: dict[str, float] = {}
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        person = self._person
        while True:
            await person.until(self._look, timeout=_LONG)

    def _look(self) -> bool:
        now = perf_counter()
        fresh, self._read = self._person.received[self._read :], len(self._person.received)
        for one in fresh:
            target = self._side.reacts_to(one)
            if target is not None:
                self.reacted.setdefault(target, now)
                self._news.set()
        return False

    async def seen(self, *messages: str) -> None:
        """Wait until all of these have their reaction; where some never get it, it goes on without."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DEADLINE):
                while not self.reacted.keys() >= set(messages):
                    self._news.clear()
                    await self._news.wait()

    async def end(self) -> None:
        """Stop looking."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
