"""Erasing that was begun is finished beside the turns, again and again until it is done.

Rule: whatever goes wrong, it is tried again and not forgotten.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from storage.errors import StorageError

_log = logging.getLogger(__name__)

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 60.0


class Finishing:
    """Does `finish`, which says whether all was done, for as long as something is `left`; at first that is what an
    earlier process left."""

    def __init__(self, finish: Callable[[], Awaitable[bool]]) -> None:
        self.left = True
        self._finish = finish
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> asyncio.Task[None] | None:
        """Begin to finish what is left; None where nothing is, or where that goes on already."""
        if not self.left or (self._task is not None and not self._task.done()):
            return None
        self._task = asyncio.create_task(self._go())
        return self._task

    async def stop(self) -> None:
        """End; the next start finishes what is left."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _go(self) -> None:
        wait = _FIRST_WAIT
        while self.left:
            try:
                self.left = False
                self.left |= not await self._finish()
            except Exception as error:
                self.left = True
                told = str(error) if isinstance(error, StorageError) else type(error).__name__
                _log.error("erasing is not finished: %s", told)
            if self.left:
                await asyncio.sleep(wait)
                wait = min(wait * 2, _LONGEST_WAIT)
