"""Backups of a database, and putting one back.

Rule: a backup is made by a connection that can't write, while the coach goes on. One is put back only while no coach
runs, and never in silence: the database that was there stays beside it, and the one that is put back knows that it was,
for what it thinks is still to be posted may have been posted since.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage import meta, rooms
from storage.copying import copy_into, fault, sync
from storage.errors import NotADatabase, StorageError, explained, unwritable
from storage.held import leave_out_held
from storage.reader import open_reader, refuse_foreign
from storage.writer import claimed

_TAKEN, _MADE, _RESTORED = "backup taken", "backup made", "backup restored"
_BESIDE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup: how many rooms it has, its size in bytes, when it was taken (UTC; None where nothing says so)."""

    rooms: int
    size: int
    taken: datetime | None


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was put back, where the database lies that was there before (None: there was none), and the rooms
    that are back, which that one had no more (the transport's ids): most likely they were erased."""

    backup: Backup
    former: Path | None
    back: tuple[str, ...] = ()


def back_up(database: Path, target: Path, at: datetime, *, replace: bool = False) -> Backup:
    """Copies a database to `target`, at a moment (UTC). Also while a coach runs on it.

    StorageError for a database that can't be read, a target that is there (without `replace`) or that is part of the
    database; Unwritable where the disk refuses.
    """
    if target.resolve() in files_of(database):
        raise StorageError(f"{target} is the database itself: name another file for the backup.")
    if target.is_dir():
        raise StorageError(f"{target} is a folder: name a file for the backup.")
    if target.exists() and not replace:
        raise StorageError(f"{target} is there already: name another file, or say that it may be replaced (--replace).")

    with closing(open_reader(database, older=True)) as conn:
        conn.execute("PRAGMA query_only = OFF")  # VACUUM INTO counts as writing; mode=ro stays
        copy_into(conn, target, lambda copy: meta.put(copy, _TAKEN, at.isoformat()))
    with closing(open_reader(target, older=True)) as conn:
        return _about(conn, target)


def put_back(source: Path, database: Path, at: datetime) -> Restored:
    """Puts a backup in the place of a database, at a moment (UTC).

    Locked while a coach runs on it. Newer, NotADatabase and StorageError where the backup is not fit: then nothing is
    changed. Unwritable where the disk refuses.
    """
    if source.resolve() in files_of(database):
        raise StorageError(f"{source} is the database itself: name the backup with --from.")
    real = database.resolve()
    with claimed(database):
        if not source.is_file():
            raise StorageError(f"There is no backup at {source}: check the path.")
        with closing(open_reader(source, older=True)) as conn, explained(source):
            if (found := fault(conn)) is not None:
                raise NotADatabase(f"{source} is damaged ({found}): put back another backup.")
            backup = _about(conn, source)
            back = _gone(conn, real)
            fresh = real.with_name(f"{real.name}.restoring")
            conn.execute("PRAGMA query_only = OFF")
            copy_into(conn, fresh, lambda copy: meta.put(copy, _RESTORED, at.isoformat()))
        try:
            former = _set_aside(real, at)
            fresh.replace(real)
            sync(real.parent)
        except OSError as error:
            raise unwritable(database, error) from error
        finally:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
        if former is not None:
            _leave_out(former)
    return Restored(backup, former, tuple(sorted(external for _, external in back)))


def _leave_out(former: Path) -> None:
    """What is held back for its personal data does not stay in the database that was set aside; what is damaged is left
    as it is."""
    with suppress(sqlite3.Error, StorageError), closing(sqlite3.connect(former, isolation_level=None)) as conn:
        refuse_foreign(former)
        conn.execute("PRAGMA trusted_schema = OFF")
        conn.execute("PRAGMA journal_mode = DELETE")
        if leave_out_held(conn):
            conn.execute("VACUUM")


def note(conn: sqlite3.Connection, at: datetime) -> None:
    """Writes down, in the database itself, that a backup of it was made."""
    meta.put(conn, _MADE, at.isoformat())


def latest(conn: sqlite3.Connection) -> datetime | None:
    """When the latest backup was made that the coach knows of (UTC)."""
    return _moment(conn, _MADE)


def restored_at(conn: sqlite3.Connection) -> datetime | None:
    """When this database was put back from a backup, the last time (UTC); None where it never was. What was to be
    posted before that moment may have been posted already."""
    return _moment(conn, _RESTORED)


def files_of(database: Path) -> set[Path]:
    """The files that a database consists of, and what lies beside it for its sake."""
    real = database.resolve()
    return {real, *(real.with_name(real.name + end) for end in (*_BESIDE, ".lock", ".sock"))}


def _rooms(conn: sqlite3.Connection) -> set[tuple[str, str]]:
    return {(line.transport, line.external) for line in rooms.listing(conn)}


def _gone(conn: sqlite3.Connection, database: Path) -> set[tuple[str, str]]:
    """The rooms of a backup that a database has no more; none where that can't be read."""
    try:
        with closing(open_reader(database, older=True)) as now:
            return _rooms(conn) - _rooms(now)
    except (StorageError, sqlite3.Error):
        return set()


def _about(conn: sqlite3.Connection, path: Path) -> Backup:
    rooms: int = conn.execute("SELECT count(*) FROM room").fetchone()[0]
    return Backup(rooms, path.stat().st_size, _moment(conn, _TAKEN))


def _moment(conn: sqlite3.Connection, key: str) -> datetime | None:
    found = meta.get(conn, key)
    return None if found is None else datetime.fromisoformat(found)


def _set_aside(real: Path, at: datetime) -> Path | None:
    """Keeps the database that is there under another name, with what its log of changes holds. The file itself stays
    where it is too, so that there is one at every moment. It is named as the copies that an upgrade makes are: what is
    erased goes out of it too."""
    if not real.exists():
        return None
    with suppress(sqlite3.Error, StorageError):  # what is damaged is kept as it is, log and all
        refuse_foreign(real)
        with closing(sqlite3.connect(real, isolation_level=None)) as conn:
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # closing then removes the log
    former = real.with_name(f"{real.name}.before-{at:%Y%m%d%H%M%S}")
    for end in _BESIDE:  # it must not meet the database that comes in its place
        beside = real.with_name(real.name + end)
        if beside.exists():
            beside.replace(former.with_name(former.name + end))
    try:
        os.link(real, former)
    except OSError:  # a disk without links
        real.replace(former)
    former.chmod(0o600)
    return former
