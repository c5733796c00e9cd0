"""Which timers are due, over all rooms. Rule: only reads; timers are written with their room, as changes of a turn."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from flows.conversation.snapshot import Timer
from storage import codec

_TIMER = codec.Mapped(Timer)
_DUE = (
    f"SELECT room, {codec.quoted(_TIMER.names)} FROM timer "  # noqa: S608
    "WHERE due <= ? AND room IN (SELECT id FROM room WHERE transport = ? AND parked = 0) "
    "ORDER BY due, room, name LIMIT ?"
)
_NEXT = "SELECT min(due) FROM timer WHERE room IN (SELECT id FROM room WHERE transport = ? AND parked = 0)"


def due(conn: sqlite3.Connection, transport: str, moment: datetime, limit: int = 100) -> list[tuple[int, Timer]]:
    """Room row id and timer of all that is due up to and including a moment, in the rooms of a transport that are not
    parked; the earliest first.
    """
    rows = conn.execute(_DUE, (codec.micros(moment), transport, limit)).fetchall()
    return [(room, _TIMER.decode(values)) for room, *values in rows]


def next_due(conn: sqlite3.Connection, transport: str) -> datetime | None:
    """When the earliest timer of a transport's rooms is due, past or future; None without timers."""
    (earliest,) = conn.execute(_NEXT, (transport,)).fetchone()
    return None if earliest is None else codec.moment(earliest)
