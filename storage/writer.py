"""The one writing connection.

Rule: a unit of work is one callable, run whole in the connection's thread between BEGIN and COMMIT.

So tasks can't get into each other's transactions, and a cancelled task leaves a unit that is wholly there or not at
all.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar, cast

import aiosqlite

from storage.errors import Locked, NotADatabase, StorageError, Unwritable, explained, unwritable
from storage.migrate import migrate, migrations, version
from storage.reader import refuse_foreign
from storage.shielded import shielded

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

# At DEBUG it prints the arguments of every statement: what people wrote.
logging.getLogger("aiosqlite").setLevel(logging.WARNING)

_OLDEST_SQLITE = (3, 37, 0)  # STRICT tables
_BUSY_MS = 5_000


class Writer:
    """The only connection that writes to a database. Made by `open`; `path` is as it was given."""

    def __init__(self, path: Path, connection: aiosqlite.Connection, lock: int) -> None:
        self.path = path
        self._connection = connection
        self._lock = lock
        self._units: set[asyncio.Task[object]] = set()
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, path: Path) -> Writer:
        """Makes or opens the database, for this process alone, and brings it up to date.

        Locked when another process has it, Newer, Unwritable, NotADatabase as their names say; StorageError when a
        migration fails.
        """
        lock = _claim(path)
        try:
            _ready_file(path)
            with explained(path):
                connection = await aiosqlite.connect(path, isolation_level=None)
            try:
                with explained(path):
                    await _in_thread(connection, lambda conn: _set_up(conn, path))
            except BaseException:
                await connection.close()
                raise
        except BaseException:
            os.close(lock)
            raise
        return cls(path, connection, lock)

    async def run(self, work: Work[T]) -> T:
        """Runs `work` in one transaction and gives what it returns, once it is on the disk. It must not begin, commit
        or await.

        Whatever it raises undoes all of it and goes on to the caller; a full or read-only disk is Unwritable. A caller
        that is cancelled doesn't stop it. RuntimeError after `close`.
        """
        if self._closing is not None:
            raise RuntimeError("the writer is closed")
        # A task of its own, so that the unit's outcome is kept when the caller goes away.
        unit = asyncio.ensure_future(_in_thread(self._connection, lambda conn: _transaction(conn, self.path, work)))
        self._units.add(unit)
        unit.add_done_callback(self._units.discard)
        return await shielded(unit, "a unit of work")

    @property
    def is_waited_for(self) -> bool:
        """Whether a unit waits for the one that is being done; also the one itself may ask."""
        return len(self._units) > 1

    async def scour(self, *, whole: bool = False) -> bool:
        """Takes what was deleted out of the database's files; False where somebody who reads holds that up: try again
        later. With `whole` the database is written anew first: else a part of what went may stay in a page. A full or
        read-only disk is Unwritable."""
        if self._closing is not None:
            raise RuntimeError("the writer is closed")
        work = _rewritten if whole else _emptied
        return await asyncio.shield(
            asyncio.ensure_future(_in_thread(self._connection, lambda conn: work(conn, self.path)))
        )

    async def close(self) -> None:
        """Waits for the units under way, closes, and lets go of the lock. More than once is harmless."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        try:
            if self._units:
                await asyncio.wait(self._units)
            await self._connection.close()
        finally:
            os.close(self._lock)


async def _in_thread(connection: aiosqlite.Connection, work: Work[T]) -> T:
    # aiosqlite's public calls are one statement each: a thread hop per statement, and gaps between them for other
    # tasks. Its private _execute queues any callable, so a unit is one hop (measured 0.47 against 0.68 ms). The only
    # place that uses it.
    raw = connection._conn
    return cast(T, await connection._execute(work, raw))  # type: ignore[no-untyped-call]


def _transaction(conn: sqlite3.Connection, path: Path, work: Work[T]) -> T:
    with explained(path):
        if conn.in_transaction:  # the disk refused an earlier ROLLBACK
            conn.execute("ROLLBACK")
        conn.execute("BEGIN IMMEDIATE")
        try:
            result = work(conn)
            conn.execute("COMMIT")
        except BaseException:
            # SQLite rolls back by itself on some errors (a full disk); a second ROLLBACK would hide the first error.
            if conn.in_transaction:
                with suppress(sqlite3.Error):
                    conn.execute("ROLLBACK")
            raise
    return result


def _rewritten(conn: sqlite3.Connection, path: Path) -> bool:
    """Whether the database was written anew without what was deleted, and the log of changes is empty."""
    with explained(path):
        conn.execute("VACUUM")
    return _emptied(conn, path)


def _emptied(conn: sqlite3.Connection, path: Path) -> bool:
    """Whether the log of changes, which holds what was there before, is written over and empty."""
    with explained(path):
        conn.execute("PRAGMA busy_timeout = 0")  # everybody who writes would wait with us for somebody who reads
        try:
            busy, _, _ = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            conn.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    return not busy


@contextmanager
def claimed(path: Path) -> Iterator[None]:
    """No coach runs on this database meanwhile. Raises Locked, Unwritable."""
    lock = _claim(path)
    try:
        yield
    finally:
        os.close(lock)


def _claim(path: Path) -> int:
    """The descriptor of the lock file, held;

    it is released by closing it (or by the process's end, however it ends).
    """
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        needed = ".".join(map(str, _OLDEST_SQLITE))
        raise StorageError(f"This Python has SQLite {sqlite3.sqlite_version}; use one with {needed} or newer.")
    # The real path, so that two names of one file are one lock. The lock file is never removed: a process that waits
    # to lock a removed file would hold nothing.
    real = path.resolve()
    try:
        _make_folder(real.parent)
        lock = os.open(real.with_name(f"{real.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise Locked(f"{path} is in use by another coach: stop that one first, or give another path.") from error
    except OSError as error:
        os.close(lock)
        raise unwritable(path, error) from error
    return lock


def _make_folder(folder: Path) -> None:
    """Makes what is missing of a folder, for this user alone.

    A folder that was there keeps its mode: it may be shared.
    """
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def _ready_file(path: Path) -> None:
    """A file for this user alone. Made before SQLite does: its -wal and -shm take the mode of the file."""
    try:
        if path.exists():
            if not path.is_file():
                raise NotADatabase(f"{path} is not a file: give the path of a file, new or of the coach.")
            refuse_foreign(path)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise unwritable(path, error) from error


def _set_up(conn: sqlite3.Connection, path: Path) -> None:
    conn.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    conn.execute("PRAGMA trusted_schema = OFF")
    conn.execute("PRAGMA secure_delete = ON")
    version(
        conn, path, migrations()[-1].number
    )  # before WAL, which writes to the file: `refuse_foreign` may have passed
    if conn.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        raise Unwritable(f"{path} is on a disk without shared memory (a network disk?): give a path on a local disk.")
    conn.execute("PRAGMA synchronous = FULL")
    migrate(conn, path, migrations())
    conn.execute("PRAGMA foreign_keys = ON")
    _emptied(conn, path)  # what was deleted just before an end that nobody wanted
