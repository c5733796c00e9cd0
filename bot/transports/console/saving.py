"""Files of the coach on this machine's disk. Rule: a folder a room, readable for its owner only; a name from outside
never becomes a path.

Pictures under overviews are for looking: the latest of a room are kept. What somebody exported stays.
"""

from __future__ import annotations

import hashlib
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
        digest = hashlib.sha256(row.external_room.encode("utf-8", "replace")).hexdigest()[:8]
        room = self._path / "-".join(one for one in (slug(row.external_room)[:40], digest) if one)
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

    def _tidy(self, room: Path) -> None:
        seen = sorted(room.glob(f"{_LOOKED_AT}-*"), key=lambda one: int(one.name.split("-")[1]))
        for old in seen[:-MOST_LOOKED_AT]:
            old.unlink(missing_ok=True)
