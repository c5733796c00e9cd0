"""A whole copy of a database as a file of its own.

Rule: the copy is there whole, checked and on the disk, for this user alone, or it is not there at all. What is held
back for its personal data is in no copy.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from storage.errors import StorageError, explained, unwritable
from storage.held import leave_out_held

Change = Callable[[sqlite3.Connection], object]


def copy_into(conn: sqlite3.Connection, target: Path, change: Change | None = None) -> None:
    """Copies what `conn` has now to `target`, in place of what was there, but for what is held back; `change` is done
    in the copy first. `conn` has no open transaction; it may be one that only reads, without query_only.

    Unwritable where the disk refuses; StorageError where the copy is not sound.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        # Made by us first: SQLite would make it 0644, and takes an empty file.
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with explained(target):
            conn.execute("VACUUM INTO ?", (str(part),))
        with closing(sqlite3.connect(part, isolation_level=None)) as copy, explained(target):
            _changed(copy, change)
            if (found := fault(copy)) is not None:
                raise StorageError(f"The copy {target} is not sound ({found}): check the disk; nothing was changed.")
        sync(part)
        part.replace(target)
        sync(target.parent)
    except OSError as error:
        raise unwritable(target, error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _changed(copy: sqlite3.Connection, change: Change | None) -> None:
    # No journal beside it, which would hold what is deleted: a copy that breaks off is thrown away anyhow.
    copy.execute("PRAGMA journal_mode = OFF")
    copy.execute("PRAGMA secure_delete = ON")
    copy.execute("BEGIN")
    left_out = leave_out_held(copy)
    if change is not None:
        change(copy)
    copy.execute("COMMIT")
    if left_out:
        copy.execute("VACUUM")


def fault(conn: sqlite3.Connection) -> str | None:
    """What SQLite finds wrong with a database, in a word or two; None where it is sound."""
    found = str(conn.execute("PRAGMA quick_check(1)").fetchone()[0])
    if found == "ok" and conn.execute("PRAGMA foreign_key_check").fetchone():
        return "rows refer to what is not there"
    return None if found == "ok" else found


def sync(path: Path) -> None:
    """What was written to a file, or which files a folder has, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
