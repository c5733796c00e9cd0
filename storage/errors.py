"""What can be wrong with the database, as errors for people.

Rule: one line that says what is wrong and what to do, never what was being written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class StorageError(Exception):
    """The database can't be used as asked. The message is one English line for an administrator."""


class Locked(StorageError):
    """Another process writes to this database."""


class Newer(StorageError):
    """A newer version of the coach made this database."""


class Unwritable(StorageError):
    """The disk is full, or the file or folder can't be written."""


class NotADatabase(StorageError):
    """The file is something else, or damaged."""


def explain(error: sqlite3.Error, path: Path) -> StorageError | None:
    """The error for an administrator, or None where the fault is ours (a wrong statement, a broken constraint)."""
    # The code, not the text: texts differ between SQLite's versions. The low byte is the primary code.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    match code:
        case sqlite3.SQLITE_FULL:
            return Unwritable(f"No space left to write {path}: free some space on its disk and try again.")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return Unwritable(f"{path} can't be written: give this user write access to the file and its folder.")
        case sqlite3.SQLITE_CANTOPEN:
            return Unwritable(
                f"{path} can't be opened: give this user read and write access to the file and its folder."
            )
        case sqlite3.SQLITE_IOERR:
            return Unwritable(f"The disk refused to read or write {path}: check the disk and its free space.")
        case sqlite3.SQLITE_BUSY:
            return Locked(f"{path} is in use by another program (a database browser, a backup?): close that one first.")
        case sqlite3.SQLITE_NOTADB:
            return NotADatabase(f"{path} is not a database of the coach: give another path.")
        case sqlite3.SQLITE_CORRUPT:
            return NotADatabase(f"{path} is damaged: move it away with its -wal and -shm files and put back a backup.")
    return None


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns what SQLite or the file system says about `path` into a StorageError; other errors go on as they are."""
    try:
        yield
    except sqlite3.Error as error:
        known = explain(error, path)
        if known is None:
            raise
        raise known from error


def unwritable(path: Path, error: OSError) -> Unwritable:
    """The error for a file or folder that the file system refuses."""
    reason = error.strerror or type(error).__name__
    return Unwritable(f"{path} can't be written ({reason}): choose a path in a folder that this user may write in.")
