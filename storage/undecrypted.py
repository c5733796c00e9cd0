"""Messages that could not be read yet, because their key did not come. Rule: only their ids are kept, and only while
the key may still come."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from storage.codec import micros, moment

_ADD = "INSERT OR IGNORE INTO undecrypted (transport, external, event, at) VALUES (?, ?, ?, ?)"
_ALL = "SELECT external, event, at FROM undecrypted WHERE transport = ? ORDER BY at, event"
_DROP = "DELETE FROM undecrypted WHERE transport = ? AND external = ? AND event = ?"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits for its key: room and message id with the transport, and when it was sent (UTC)."""

    room: str
    event: str
    at: datetime


def add(conn: sqlite3.Connection, transport: str, waiting: Waiting) -> None:
    """Keeps in mind that a message could not be read."""
    conn.execute(_ADD, (transport, waiting.room, waiting.event, micros(waiting.at)))


def pending(conn: sqlite3.Connection, transport: str) -> list[Waiting]:
    """The messages that wait, the oldest first."""
    return [Waiting(room, event, moment(at)) for room, event, at in conn.execute(_ALL, (transport,)).fetchall()]


def drop(conn: sqlite3.Connection, transport: str, waiting: Waiting) -> None:
    """It could be read, or its key will not come any more."""
    conn.execute(_DROP, (transport, waiting.room, waiting.event))
