"""Messages that somebody marked and that nobody remembers: they are looked up beside the turns, and the room waits for
its text a minute at most.

Rule: whatever becomes of it, the room goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from bot.clock import Clock
from bot.transports.base import Deferred, Message, Transport
from bot.turns import Wanted
from storage.errors import StorageError

_log = logging.getLogger(__name__)

LONGEST_FETCH = 60.0  # seconds that a room waits for the text of a message that somebody marked
FETCH_AGAIN = 2.0


class Lookups:
    """Looks up messages at a transport. `remember` keeps one that was found, `found` is told of each that was looked
    up, with or without a text, and `go_on` does what that leads to."""

    def __init__(
        self,
        transport: Transport,
        clock: Clock,
        remember: Callable[[Message], Awaitable[None]],
        found: Callable[[Wanted], None],
        go_on: Callable[[], Awaitable[None]],
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._remember = remember
        self._found = found
        self._go_on = go_on
        self._under_way: dict[Wanted, asyncio.Task[None]] = {}

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """What is under way."""
        return [*self._under_way.values()]

    def begin(self, wanted: Iterable[Wanted]) -> None:
        """Look these up, but for those that are being looked up."""
        for one in wanted:
            if one not in self._under_way:
                self._under_way[one] = asyncio.create_task(self._look_up(one))

    def stop(self, room: int) -> None:
        """Look up nothing more of a room (row id)."""
        for wanted in [one for one in self._under_way if one.row == room]:
            self._under_way.pop(wanted).cancel()

    async def _look_up(self, wanted: Wanted) -> None:
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_FETCH):
                    message = await self._fetch(wanted)
                    if message is not None:
                        await self._keep(message)
        except Exception as error:
            _log.error("looking up a message failed: %s", type(error).__name__)
        finally:
            self._found(wanted)
            self._under_way.pop(wanted, None)
        await self._go_on()

    async def _fetch(self, wanted: Wanted) -> Message | None:
        while True:
            try:
                return await self._transport.fetch(wanted.room, wanted.message)
            except Deferred as error:
                await asyncio.sleep(error.seconds or FETCH_AGAIN)

    async def _keep(self, message: Message) -> None:
        """Remember what was looked up. It may be marked now, however long ago it was sent."""
        while True:
            try:
                return await self._remember(replace(message, at=self._clock.now()))
            except StorageError:
                await asyncio.sleep(FETCH_AGAIN)  # a full disk is no reason to ask somebody to say it again
