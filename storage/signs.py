"""The signs that people put on messages, by the id of the sign. Rule: kept only while it can still be taken off, for
whoever takes one off names only that id."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

_ADD = 'INSERT OR IGNORE INTO sign (room, event, target, "key", sender) VALUES (?, ?, ?, ?, ?)'
_TAKE = 'DELETE FROM sign WHERE room = ? AND event = ? RETURNING target, "key", sender'


@dataclass(frozen=True, slots=True)
class Put:
    """A sign on a message: the message's id with the transport, the sign, and whose it is."""

    target: str
    key: str
    sender: str


def add(conn: sqlite3.Connection, room: int, event: str, put: Put) -> None:
    """Somebody put a sign on a message. The same sign again changes nothing."""
    conn.execute(_ADD, (room, event, put.target, put.key, put.sender))


def take(conn: sqlite3.Connection, room: int, event: str) -> Put | None:
    """The sign with this id, which is not there any more from now on; None where it is none that is known."""
    row = conn.execute(_TAKE, (room, event)).fetchone()
    return None if row is None else Put(*row)
