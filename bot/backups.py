"""Backups on a schedule. Rule: the coach goes on whatever happens to them; one that failed is logged, told in the
figures, and tried again.

A backup is made when the newest in the folder is old enough, so that a restart changes nothing. The oldest above the
number that is kept go away; only files that are named as ours are ever touched.
"""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.clock import Clock
from storage import backup
from storage.errors import StorageError
from storage.writer import Writer

_log = logging.getLogger(__name__)

AFTER_FAULT = timedelta(minutes=10)
LONGEST_SLEEP = timedelta(minutes=10)
_STAMP = "%Y%m%dT%H%M%SZ"


class Backups:
    """Makes backups of the database that a coach has open, and remembers how that went. With a `folder`, one is made
    there `every` so often, and so many are `kept`."""

    def __init__(
        self,
        writer: Writer,
        clock: Clock,
        folder: Path | None = None,
        every: timedelta = timedelta(days=1),
        kept: int = 14,
    ) -> None:
        self._folder = folder
        self._every = every
        self._kept = kept
        self._writer = writer
        self._clock = clock
        self.failed = 0  # since the start

    async def make(self, target: Path, *, replace: bool = False) -> backup.Backup:
        """Make one now, and write down that it was made. Raises StorageError where that can't be done."""
        at = self._clock.now()
        made = await asyncio.to_thread(backup.back_up, self._writer.path, target, at, replace=replace)
        await self._writer.run(lambda conn: backup.note(conn, at))
        _log.info("a backup was made: %s bytes", made.size)
        return made

    async def run(self) -> None:
        """Make backups when it is time, until it is cancelled. Comes back at once where none are asked for."""
        folder = self._folder
        if folder is None:
            return
        while True:
            wait = LONGEST_SLEEP
            try:
                wait = min(await self._in_time(folder), LONGEST_SLEEP)
            except (StorageError, OSError) as error:
                self.failed += 1
                said = str(error) if isinstance(error, StorageError) else error.strerror or type(error).__name__
                _log.error("no backup was made: %s", said)
                wait = AFTER_FAULT
            await asyncio.sleep(max(wait.total_seconds(), 1.0))

    async def _in_time(self, folder: Path) -> timedelta:
        """Make one if it is time; how long it is to the next."""
        now = self._clock.now()
        newest = max((at for at, _ in await asyncio.to_thread(self._there, folder)), default=None)
        # One from the future is of a clock that was wrong.
        if newest is None or newest > now or now - newest >= self._every:
            await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
            await self.make(folder / f"{self._writer.path.stem}-{now.strftime(_STAMP)}.db", replace=True)
            newest = now
            await asyncio.to_thread(self._expire, folder)
        return newest + self._every - now

    def _there(self, folder: Path) -> list[tuple[datetime, Path]]:
        """The backups of this database in the folder, the oldest first."""
        pattern = re.compile(re.escape(self._writer.path.stem) + r"-(\d{8}T\d{6}Z)\.db")
        found = []
        if folder.is_dir():
            for file in folder.iterdir():
                if match := pattern.fullmatch(file.name):
                    with suppress(ValueError):
                        found.append((datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC), file))
        return sorted(found)

    def _expire(self, folder: Path) -> None:
        for _, file in self._there(folder)[: -self._kept]:
            file.unlink(missing_ok=True)
