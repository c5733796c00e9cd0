"""The copies of a database that lie beside it: those that an upgrade made before it changed anything.

Rule: a room that is erased goes out of them too, for they are there to go back to. Backups that somebody made lie
elsewhere, and expire.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from storage.erasing import TABLES
from storage.errors import explained


def beside(path: Path) -> list[Path]:
    """The copies beside a database."""
    real = path.resolve()
    found = real.parent.glob(f"{real.name}.before-*")
    return sorted(one for one in found if one.suffix.removeprefix(".before-").isdecimal() and one.is_file())


def erase(copy: Path, transport: str, external: str) -> bool:
    """A room is gone from a copy, and out of its file; whether it was there. StorageError where it can't be written."""
    with explained(copy), closing(sqlite3.connect(copy, isolation_level=None)) as conn:
        conn.execute("PRAGMA trusted_schema = OFF")
        row = conn.execute("SELECT id FROM room WHERE transport = ? AND external = ?", (transport, external)).fetchone()
        if row is None:
            return False
        conn.execute("PRAGMA journal_mode = DELETE")
        conn.execute("PRAGMA secure_delete = ON")
        known = {name for (name,) in conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        values = {"row": row[0], "transport": transport, "external": external}
        conn.execute("BEGIN IMMEDIATE")
        for table, which in TABLES.items():
            if which is not None and table in known:
                conn.execute(f'DELETE FROM "{table}" WHERE {which}', values)  # noqa: S608
        conn.execute("COMMIT")
        conn.execute("VACUUM")
    return True
