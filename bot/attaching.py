"""Makes the files that messages promise, beside the rooms' lines: no answer waits for a picture.

Rule: a file is made of the room as it stands, is kept in memory only until it is posted, and goes into its room's line
once it is made. The rooms take turns, so that one that asks for many holds up no other. What can't be made or posted
comes back into the room as an event, so that somebody is told.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

from bot.clock import Clock
from bot.files import Files
from bot.receiving import APART
from bot.transports.base import Doubtful, File, Refused, Transport, Unreachable
from flows.conversation.effects import Attach
from flows.conversation.events import NotAttached
from flows.conversation.snapshot import Snapshot
from storage import forgetting, inbox, outbox, rooms
from storage.errors import StorageError
from storage.outbox import Row
from storage.writer import Writer

_log = logging.getLogger(__name__)

MOST_BYTES = 64 * 1024 * 1024  # of files that wait to be posted; what is forgotten is made again when its turn comes


class Attaching:
    """Makes files for one transport. `failed` is called when a room is to be told that a file will not come."""

    def __init__(
        self,
        writer: Writer,
        files: Files,
        transport: Transport,
        clock: Clock,
        failed: Callable[[], None],
    ) -> None:
        self._writer = writer
        self._files = files
        self._transport = transport
        self._clock = clock
        self._failed = failed
        self._made: OrderedDict[int, File] = OrderedDict()
        self._bytes = 0
        self._turn = 0  # the room whose file was made last
        self._rows: dict[int, int] = {}  # whose room each is
        self._making = asyncio.Lock()
        self._woken = asyncio.Event()
        self._woken.set()  # what was left before the start

    def wake(self) -> None:
        """There may be something to make."""
        self._woken.set()

    @property
    def is_woken(self) -> bool:
        """Whether there may be something to make."""
        return self._woken.is_set()

    async def run(self, made: Callable[[], None]) -> None:
        """Make what comes, for as long as it is not cancelled; `made` is called for each. Raises what the disk
        raises."""
        while True:
            await self._woken.wait()
            if await self.make_one():
                made()

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[None]:
        """Make nothing for as long as this is held; what is being made is finished first."""
        async with self._making:
            yield

    def forget(self, room: int) -> None:
        """The files that were made for a room (row id) are gone."""
        for row_id in [row_id for row_id, one in self._rows.items() if one == room]:
            found = self._made.pop(row_id, None)
            self._bytes -= 0 if found is None else len(found.data)
            del self._rows[row_id]

    async def make_one(self) -> bool:
        """Make the next file that is to be made; whether there was one."""
        async with self._making:
            return await self._make_one()

    async def _make_one(self) -> bool:
        self._woken.clear()
        found = await self._writer.run(self._next)
        if found is None:
            return False
        self._woken.set()  # there may be more
        row, snapshot, more = found
        self._turn = row.room
        wanted = cast(Attach, row.effect)
        try:
            if wanted.about is not None:
                file = self._files.mine(snapshot, wanted.about, self._clock.now(), more)
            else:
                file = await self._files.make(snapshot, wanted, self._clock.now(), self._transport.widest)
        except StorageError:
            raise
        except Exception as error:
            # Whatever it was, the room goes on without.
            _log.error("no file for outbox row %s: %s", row.id, _told(error))
            await self.give_up(row, "made")
        else:
            self._keep(row, file)
            await self._writer.run(partial(outbox.made, row_id=row.id))
        return True

    def _next(self, conn: sqlite3.Connection) -> tuple[Row, Snapshot, dict[str, Any]] | None:
        row = outbox.to_make(conn, self._transport.name, self._turn)
        if row is None:
            return None
        about = cast(Attach, row.effect).about
        more = {} if about is None else forgetting.of_person(conn, row.transport, row.room, about)
        return row, rooms.load(conn, row.room), more

    def _keep(self, row: Row, file: File) -> None:
        self._made[row.id] = file
        self._rows[row.id] = row.room
        self._bytes += len(file.data)
        while self._bytes > MOST_BYTES and len(self._made) > 1:
            self._forget(*next(iter(self._made.items())))

    async def post(self, row: Row) -> bool:
        """Post a file that was made; False where it is not there any more, and then it will be made once more. Raises
        Deferred, Doubtful or Unreachable.
        """
        file = self._made.get(row.id)
        if file is None:
            await self._writer.run(partial(outbox.make_again, row_id=row.id))
            self.wake()
            return False
        try:
            external = await self._transport.attach(row, file)
        except Refused as error:
            _log.error("set aside: file of outbox row %s", row.id)
            await self.give_up(row, "large" if error.large else "posted")
        except (Doubtful, Unreachable):
            self._forget(row.id, file)
            raise
        else:
            number = cast(Attach, row.effect).number
            await self._writer.run(partial(outbox.sent, row_id=row.id, external=external, room=row.room, number=number))
        self._forget(row.id, file)
        return True

    def _forget(self, row_id: int, file: File) -> None:
        self._rows.pop(row_id, None)
        if self._made.pop(row_id, None) is not None:  # meanwhile it may have made room for others
            self._bytes -= len(file.data)

    async def give_up(self, row: Row, reason: str) -> None:
        """A file will not come: its row is set aside, and the room is told in a turn of its own."""
        wanted = cast(Attach, row.effect)
        now = self._clock.now()
        event = NotAttached(f"{APART}file:{row.key}", now, wanted.number, wanted.form, reason)

        def write(conn: sqlite3.Connection) -> None:
            outbox.aside(conn, row.id)
            inbox.add(conn, row.room, event, now)

        await self._writer.run(write)
        self._failed()


def _told(error: Exception) -> str:
    """What a log may say of an error: its text may quote an answer, but for those of ours."""
    from bot.render.worker import RenderError  # what draws is not loaded before something is drawn

    return str(error) if isinstance(error, RenderError) else type(error).__name__
