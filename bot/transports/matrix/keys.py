"""The keys of a room in the key store of the coach's device: forgetting them. Rule: what was said in a room that was
erased can't be read with what is left.

While the coach runs, a key that is still in use is moved on, past the latest message that was read with it: what is
said next can be read, what was said before can't. One of which that is not known goes altogether, and so do all of them
where no coach runs. That a room is encrypted stays known for as long as the coach may be in it: it never speaks there
in the clear.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.transports.matrix.account import keys_folder

# Tables of matrix-nio's store. What is forwarded of a session goes with it.
_DROP = (
    "DELETE FROM forwardedchains WHERE session_id IN (SELECT session_id FROM megolminboundsessions WHERE room_id = ?)",
    "DELETE FROM megolminboundsessions WHERE room_id = ?",
    "DELETE FROM outgoingkeyrequests WHERE room_id = ?",
)
_COUNT = "SELECT count(*) FROM megolminboundsessions WHERE room_id = ?"
_BUSY_MS = 5_000


@dataclass(frozen=True, slots=True)
class Dropped:
    """How many keys of a room went, and how many were moved on."""

    gone: int
    moved: int = 0


def drop_from_files(store: Path, room: str) -> Dropped | None:
    """The keys of a room are gone from a key store that no coach uses; None where there is no store. sqlite3.Error
    where it can't be written."""
    files = _databases(store)
    if not files:
        return None
    gone = 0
    for file in files:
        with closing(sqlite3.connect(file, isolation_level=None)) as conn:
            conn.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            conn.execute("PRAGMA secure_delete = ON")
            gone += int(conn.execute(_COUNT, (room,)).fetchone()[0])
            conn.execute("BEGIN IMMEDIATE")
            for statement in _DROP:
                conn.execute(statement, (room,))
            conn.execute("COMMIT")
            conn.execute("VACUUM")
    return Dropped(gone)


def _databases(store: Path) -> list[Path]:
    folder = keys_folder(store)
    return sorted(folder.glob("*.db")) if folder.is_dir() else []


def statements() -> Iterable[str]:
    """What takes the keys of a room (the one parameter) out of a store."""
    return _DROP


def known_in(store: Path, room: str) -> int:
    """How many keys of a room a store has."""
    count = 0
    for file in _databases(store):
        with suppress(sqlite3.Error), closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as conn:
            count += int(conn.execute(_COUNT, (room,)).fetchone()[0])
    return count
