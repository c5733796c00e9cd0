"""`opschaalcoach erase`: erases a room, and says what it checked. Rule: while no coach runs it holds the database as
one does, so that none starts meanwhile; while one runs it asks that.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot import control, erasing
from bot.cli import UsageError
from bot.coach import Coach
from bot.erasing import LockedRoom, NoSuchRoom, Outside
from bot.transports.console.saving import Folder, folder_beside
from storage import rooms
from storage.errors import Locked
from storage.writer import Writer


class Files:
    """The files of rooms of the console, beside the database."""

    def __init__(self, database: Path) -> None:
        self._folder = Folder(folder_beside(database))

    def whereabouts(self, room: str) -> list[Path]:
        """The folder of its files, and what lies beside those of all rooms."""
        return self._folder.whereabouts(room)

    async def forget(self, room: str | None, alone: Sequence[str]) -> list[str]:
        """Remove those of a room."""
        return [] if room is None else [f"files: {self._folder.forget(room)} removed"]


class Keys:
    """The keys of rooms in Matrix."""

    def __init__(self, store: Path) -> None:
        self._store = store

    def whereabouts(self, room: str) -> list[Path]:
        """The folder of the key store."""
        return [self._store]

    async def forget(self, room: str | None, alone: Sequence[str]) -> list[str]:
        """Remove those of a room."""
        from bot.transports.matrix import keys

        if room is None:
            return []
        found = keys.drop_from_files(self._store, room)
        if found is None:
            return [f"keys: none found in {self._store}; lie they elsewhere, give that folder with --store"]
        left = [f"rooms with one person: {len(alone)}, which the coach leaves at its next start"] if alone else []
        return [f"keys: {found.gone} removed", *left]


class Nothing:
    """Where nothing of a room lies outside the database."""

    def whereabouts(self, room: str) -> list[Path]:
        """No folder."""
        return []

    async def forget(self, room: str | None, alone: Sequence[str]) -> list[str]:
        """There is nothing to remove."""
        return []


async def remove(
    database: Path, room: str, transport: str | None, *, locked: bool, store: Path | None
) -> tuple[list[str], bool]:
    """Erase a room of a database that is there, or have the coach do so that runs on it; the lines that say what was
    checked, and whether nothing of it was found. Raises UsageError with what to do."""

    def outside(name: str) -> Outside:
        if name == "console":
            return Files(database)
        return Keys(store or database.absolute().parent / "matrix") if name == "matrix" else Nothing()

    try:
        with _said(room, f"`opschaalcoach rooms --db {database}` lists them"):
            report = await erasing.offline(database, room, outside, transport=transport, locked=locked)
    except Locked:
        return await asyncio.to_thread(_asked, database, room, transport, locked)
    return report.lines(), report.is_clean


def _asked(database: Path, room: str, transport: str | None, locked: bool) -> tuple[list[str], bool]:
    """Have the running coach do it."""
    try:
        said = control.ask(database, "erase", room=room, transport=transport, locked=locked)
    except control.NotRunning:
        raise UsageError(
            f"{database} is in use, by a coach that does not answer or another program: stop that, and try again."
        ) from None
    return [str(line) for line in said["lines"]], bool(said["clean"])


async def by_coach(
    coaches: Sequence[Coach], writer: Writer, room: str, transport: str | None, *, locked: bool
) -> tuple[list[str], bool]:
    """The same, by the running coach of the room's transport."""
    lines = await writer.run(rooms.listing)
    there = [one.transport for one in lines if one.external == room and transport in (None, one.transport)]
    with _said(room, "`opschaalcoach rooms` lists them"):
        if len(there) > 1:
            raise NoSuchRoom(", ".join(there))
        found = [one for one in coaches if one.transport in there]
        if there and not found:
            raise UsageError(f"this coach does not serve {there[0]} now: stop it, and erase the room then.")
        if not found:
            raise NoSuchRoom
        report = await found[0].erase(room, locked=locked)
    return report.lines(), report.is_clean


@contextlib.contextmanager
def _said(room: str, known: str) -> Iterator[None]:
    """Say what is wrong with what was asked; `known` is how to see which rooms there are."""
    try:
        yield
    except NoSuchRoom as error:
        if str(error):
            raise UsageError(f"room '{room}' is there in {error}: say which with --transport.") from None
        raise UsageError(f"there is no room '{room}'; {known}.") from None
    except LockedRoom:
        raise UsageError(
            f"room '{room}' is locked, because it must be kept: export it first, then give --locked to erase it."
        ) from None
