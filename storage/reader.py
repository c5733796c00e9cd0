"""Reading a database while a coach may hold it.

Rule: this connection can't write, by SQLite's own word (mode=ro, query_only).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from storage.errors import NotADatabase, StorageError, Unwritable, explained
from storage.migrate import migrations, version


def open_reader(path: Path, *, older: bool = False) -> sqlite3.Connection:
    """A read-only connection, to be closed soon (an open read keeps a checkpoint of the coach waiting). `older` takes
    a schema of an earlier version too.

    isolation_level is None: for several reads of one and the same moment, begin with `BEGIN`.
    StorageError for a file that is missing, another program's, damaged, or of a newer or (else) an older schema.
    """
    if not path.is_file():
        raise StorageError(f"There is no database at {path}: check the path, or start the coach once to make one.")
    _refuse_other_file(path)
    latest = migrations()[-1].number
    with explained(path):
        conn = _connect(path)
        try:
            conn.execute("PRAGMA query_only = ON")
            conn.execute("PRAGMA trusted_schema = OFF")
            if (number := version(conn, path, latest)) == 0 and older:
                raise NotADatabase(f"{path} is empty: there is nothing in it yet.")
            if number < latest and not older:
                raise StorageError(
                    f"{path} has an older schema ({number}, this version reads {latest}): "
                    "start the coach once, that brings it up to date."
                )
        except BaseException:
            conn.close()
            raise
    return conn


def refuse_foreign(path: Path) -> None:
    """Raises Newer or NotADatabase for a file that this version must not write to;

    reads only, changes no byte of it.
    """
    _refuse_other_file(path)
    if path.with_name(f"{path.name}-journal").exists():
        # An unfinished switch to WAL (a crash): only a writing connection may roll it back, and migrate looks again.
        return
    with explained(path), closing(_connect(path)) as conn:
        version(conn, path, migrations()[-1].number)


def _refuse_other_file(path: Path) -> None:
    # SQLite takes a file shorter than its header for an empty database, and would write over it.
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except OSError as error:
        raise Unwritable(f"{path} can't be read ({error.strerror}): give this user access to it.") from error
    if head and not (len(head) == 100 and head.startswith(b"SQLite format 3\0")):
        raise NotADatabase(f"{path} is not a database of the coach: give another path.")


def _connect(path: Path) -> sqlite3.Connection:
    # as_uri quotes ? and # in a path. A read-only connection never checkpoints when it closes, so a WAL is left alone.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
