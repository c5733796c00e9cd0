"""Erasing a room: its rows, the files that the coach wrote of it, its keys, what this process remembers, and then a
look whether it is gone.

Rule: the rows go first, in one transaction with a note; what is left is done after it, by whoever finds the note: this
process, or the next. Nothing of the room is posted, made or looked up meanwhile, so that nothing brings it back.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

from bot.clock import Clock, LineClock, SystemClock
from bot.searching import Found, search_apart
from flows.conversation.snapshot import Snapshot
from storage import copies, erasing, meta, rooms
from storage.erasing import Note
from storage.writer import Writer

_log = logging.getLogger(__name__)

TRIES = 20  # at the database's log, while somebody reads
PAUSE = 0.5  # seconds between them
PATIENCE = timedelta(hours=1)  # for the last message of a room to be posted
CLOCK_KEY = "clock"  # where JSON lines say what time it is
_BESIDE = ("-wal", "-shm", "-journal")


class NoSuchRoom(Exception):
    """There is no such room."""


class LockedRoom(Exception):
    """The room has to be kept: somebody locked it."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked after a room was erased: rows that are left by table (none), copies of before an upgrade that
    had it, what the transport let go of (a line each), whether the database's log was emptied, and the search for what
    the room had said (None: nobody remembers what that was)."""

    room: str
    rows: dict[str, int] = field(default_factory=dict)
    copies: int = 0
    let_go: tuple[str, ...] = ()
    emptied: bool = True
    search: Found | None = None
    traces: tuple[str, ...] = ()  # files in which something of it still stands

    @property
    def is_clean(self) -> bool:
        """Whether nothing of it was found."""
        return not self.rows and self.emptied and not self.traces

    def lines(self) -> list[str]:
        """The report for an administrator."""
        left = ", ".join(f"{table} ({count})" for table, count in self.rows.items())
        lines = [f"erased: room {self.room}", f"tables: {left or f'no row left in {len(erasing.TABLES)} tables'}"]
        if self.emptied:
            lines.append("database: written anew, its log emptied")
        else:
            lines.append("database: somebody reads it, so its log could not be emptied yet; the coach tries again")
        lines += [f"copies of before an upgrade: erased from {self.copies}"] if self.copies else []
        lines += self.let_go
        if self.search is not None:
            size = f"{self.search.size:,} bytes in {self.search.files} files"
            found = f"FOUND in {', '.join(self.traces)}" if self.traces else "none found"
            lines.append(f"searched {size} for {self.search.texts} texts of this room: {found}")
        lines.append(
            "not reached: the coach's own messages in the chat, files that were exported, and backups until they expire"
        )
        return lines


class Outside(Protocol):
    """What of a room lies outside the database."""

    async def forget(self, room: str | None, alone: Sequence[str]) -> list[str]:
        """Everything of a room is gone from here, and rooms with one person alone are left; a line each on what."""

    def whereabouts(self, room: str) -> list[Path]:
        """The files and folders in which something of a room may lie: none that are another room's."""


class Erasing:
    """Erases rooms of one transport in a running coach. `apart` keeps turns from being done, and a room (row
    id) from being posted in, drawn or looked up, for as long as it is held; `forget` drops what the process remembers
    of it, `hush` is told how it stood."""

    def __init__(
        self,
        writer: Writer,
        transport: str,
        outside: Outside,
        clock: Clock,
        apart: Callable[[int], AbstractAsyncContextManager[None]],
        forget: Callable[[int], None],
        hush: Callable[[Snapshot], None],
    ) -> None:
        self._writer = writer
        self._transport = transport
        self._outside = outside
        self._clock = clock
        self._apart = apart
        self._forget = forget
        self._hush = hush
        self._words: dict[str, list[str]] = {}
        self._alone: dict[str, list[str]] = {}
        self._cleared: set[str] = set()

    async def room(self, external: str, *, locked: bool = False) -> Report:
        """Erase a room now; with `locked` also one that is locked. NoSuchRoom, LockedRoom or StorageError."""
        row = await self._writer.run(partial(rooms.find, transport=self._transport, external=external))
        if row is None:
            raise NoSuchRoom
        note = Note(self._transport, external, self._clock.now())

        def work(conn: sqlite3.Connection) -> tuple[Snapshot, list[str], list[str]]:
            if rooms.find(conn, self._transport, external) != row:
                raise NoSuchRoom
            before = rooms.load(conn, row)
            if before.room.locked and not locked:
                raise LockedRoom
            return before, erasing.words_of(conn, row), erasing.empty(conn, row, note.at)

        async with self._apart(row):
            self.emptied(row, *await self._writer.run(work))
            report = await self._finish(note)
        return await self._look(note, report)

    def emptied(self, row: int, before: Snapshot, words: list[str], alone: list[str]) -> None:
        """The rows of a room are gone; `before` is how it stood, `words` are what it said, `alone` the rooms with one
        person that are left."""
        self._words[before.id], self._alone[before.id] = words, alone
        self._forget(row)
        self._hush(before)

    async def finish(self) -> bool:
        """Finish what was begun, as far as that can be done now; whether all of it was. Raises StorageError."""
        done = True
        for note in await self._writer.run(lambda conn: erasing.notes(conn, self._transport)):
            waits = await self._writer.run(partial(erasing.speaks, note=note))
            if waits and self._clock.now() - note.at < PATIENCE:
                done = False
                if note.external not in self._cleared:
                    self._cleared.add(note.external)
                    await self._clear(note)
                    await scour(self._writer, tries=1)
                continue
            row = await self._writer.run(partial(rooms.find, transport=note.transport, external=note.external))
            async with self._apart(-1 if row is None else row):
                report = await self._finish(note)
            report = await self._look(note, report, tries=1)
            if not report.is_clean:
                _log.error("erasing a room is not finished: %s", "; ".join(report.lines()[1:-1]))
            done = done and report.emptied
        if done and await self._writer.run(erasing.must_scour):
            done = await scour(self._writer, tries=1)
        return done

    async def again(self, note: Note) -> Report:
        """Finish an erasing that was cut off."""
        return await self._look(note, await self._finish(note))

    async def _finish(self, note: Note) -> Report:
        """What lies outside the database goes, then the rest of the rows, with the note."""
        find = partial(rooms.find, transport=note.transport, external=note.external)
        row = await self._writer.run(find)
        report = await self._clear(note)
        await self._writer.run(partial(erasing.finish, note=note))
        if row is not None and await self._writer.run(find) is None:
            self._forget(row)
        self._alone.pop(note.external, None)
        self._cleared.discard(note.external)
        return report

    async def _look(self, note: Note, report: Report, tries: int = TRIES) -> Report:
        """Out of the database's files; then a look whether it is gone."""
        emptied = await scour(self._writer, tries=tries)
        find = partial(rooms.find, transport=note.transport, external=note.external)
        rows: dict[str, int] = {}
        if await self._writer.run(find) is None:  # else it began anew meanwhile
            count = partial(erasing.rows_of, transport=note.transport, external=note.external)
            rows = await self._writer.run(count)
        words = self._words.pop(note.external, None)
        return await checked(
            self._writer, replace(report, rows=rows, emptied=emptied), words, self._outside.whereabouts(note.external)
        )

    async def _clear(self, note: Note) -> Report:
        """What lies outside the database goes, and out of the copies beside it."""
        let_go = await self._outside.forget(note.external, self._alone.get(note.external, ()))
        count = await asyncio.to_thread(_from_copies, self._writer.path, note)
        return Report(note.external, copies=count, let_go=tuple(let_go))


async def scour(writer: Writer, *, tries: int = TRIES) -> bool:
    """Write the database anew without what went, and empty its log; while somebody reads, try again. Whether it could
    be done."""
    for attempt in range(tries):
        if await writer.scour(whole=attempt == 0):
            await writer.run(erasing.scoured)
            return True
        if attempt < tries - 1:
            await asyncio.sleep(PAUSE)
    return False


async def checked(writer: Writer, report: Report, words: list[str] | None, places: Sequence[Path]) -> Report:
    """A report with what a search for the words of the room came to."""
    if words is None:
        return report
    found = await search_apart([*database_files(writer.path), *places], words)
    traces = []
    for place, file in found.hits:
        if not await writer.run(partial(erasing.also_elsewhere, text=words[place])):
            traces.append(file)
    return replace(report, search=found, traces=tuple(dict.fromkeys(traces)))


def database_files(path: Path) -> list[Path]:
    """The files of a database, and the copies beside it."""
    real = path.resolve()
    return [real, *(real.with_name(real.name + end) for end in _BESIDE), *copies.beside(path)]


def _from_copies(path: Path, note: Note) -> int:
    return sum(copies.erase(copy, note.transport, note.external) for copy in copies.beside(path))


@asynccontextmanager
async def _nobody(room: int) -> AsyncIterator[None]:
    """No coach runs: nothing has to be held off."""
    yield


async def offline(
    path: Path, room: str, outside: Callable[[str], Outside], *, transport: str | None, locked: bool
) -> Report:
    """Erase a room while no coach runs on its database, and finish what an earlier erasing left. NoSuchRoom where there
    is none, or more than one that is called so; LockedRoom; StorageError, Locked where a coach runs."""
    writer = await Writer.open(path)
    try:
        said = await writer.run(lambda conn: meta.get(conn, CLOCK_KEY))
        clock = SystemClock() if said is None else LineClock(datetime.fromisoformat(said))
        lines = await writer.run(rooms.listing)
        found = [one for one in lines if one.external == room and transport in (None, one.transport)]
        unfinished = [
            one
            for one in await writer.run(erasing.notes)
            if one.external == room and transport in (None, one.transport)
        ]
        if len(found) > 1:
            raise NoSuchRoom(", ".join(one.transport for one in found))
        if not found and not unfinished:
            raise NoSuchRoom
        name = found[0].transport if found else unfinished[0].transport
        one = Erasing(writer, name, outside(name), clock, _nobody, lambda row: None, lambda room: None)
        if found:
            return await one.room(room, locked=locked)
        return await one.again(unfinished[0])
    finally:
        await writer.close()
