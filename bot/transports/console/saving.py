"""Files of the coach on this machine's disk. Rule: a folder a room, readable for its owner only; a name from outside
never becomes a path.

Pictures under overviews are for looking: the latest of a room are kept. What somebody exported stays.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from bot.transports.base import File, Refused
from flows.conversation.effects import Attach
from flows.export import slug
from storage.outbox import Row

MOST_LOOKED_AT = 10
_LOOKED_AT = "look"


def folder_beside(database: Path) -> Path:
    """Where the files of a database's rooms are put."""
    return database.with_name(f"{database.stem}.files")


class Folder:
    """Where files of all rooms are put."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def save(self, row: Row, wanted: Attach, file: File) -> Path:
        """Write a file; the same again on another attempt. Raises Refused where it can't be written."""
        room = self._of(row.external_room)
        looked_at = wanted.kind == "overview"
        target = room / (f"{_LOOKED_AT}-{wanted.number}-{file.name}" if looked_at else f"{wanted.number}-{file.name}")
        try:
            for one in (self._path, room):
                one.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = target.with_name(f".{target.name}")
            fresh.touch(mode=0o600)
            fresh.write_bytes(file.data)
            fresh.replace(target)
            if looked_at:
                self._tidy(room)
        except OSError as error:
            raise Refused(error.strerror) from None
        return target.absolute()

    def whereabouts(self, external_room: str) -> list[Path]:
        """The folder of a room's files, and every file that is in no room's folder."""
        beside = [one for one in self._path.iterdir() if one.is_file()] if self._path.is_dir() else []
        return [self._of(external_room), *beside]

    def forget(self, external_room: str) -> int:
        """The files of a room are gone; how many there were."""
        room = self._of(external_room)
        count = sum(1 for one in room.iterdir()) if room.is_dir() else 0
        shutil.rmtree(room, ignore_errors=True)
        return count

    def _of(self, external_room: str) -> Path:
        digest = hashlib.sha256(external_room.encode("utf-8", "replace")).hexdigest()[:8]
        return self._path / "-".join(one for one in (slug(external_room)[:40], digest) if one)

    def _tidy(self, room: Path) -> None:
        seen = sorted(room.glob(f"{_LOOKED_AT}-*"), key=lambda one: int(one.name.split("-")[1]))
        for old in seen[:-MOST_LOOKED_AT]:
            old.unlink(missing_ok=True)
