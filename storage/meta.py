"""What there is once in a database, by name. Rule: a value is text; what it means is known where it is used."""

from __future__ import annotations

import sqlite3


def get(conn: sqlite3.Connection, key: str) -> str | None:
    """The value under a key, None when there is none."""
    row = conn.execute('SELECT value FROM meta WHERE "key" = ?', (key,)).fetchone()
    return row[0] if row else None


def put(conn: sqlite3.Connection, key: str, value: str) -> None:
    """Keeps a value under a key, instead of the one that was there."""
    conn.execute(
        'INSERT INTO meta ("key", value) VALUES (?, ?) ON CONFLICT ("key") DO UPDATE SET value = excluded.value',
        (key, value),
    )


def drop(conn: sqlite3.Connection, key: str) -> None:
    """Keeps nothing under a key any more."""
    conn.execute('DELETE FROM meta WHERE "key" = ?', (key,))
