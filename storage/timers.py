"""Which timers are due, over all rooms. Rule: only reads; timers are written with their room, as changes of a turn."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from flows.conversation.snapshot import Timer
from storage import codec

_TIMER = codec.Mapped(Timer)
_DUE = f"SELECT room, {codec.quoted(_TIMER.names)} FROM timer WHERE due <= ? ORDER BY due, room, name LIMIT ?"  # noqa: S608


def due(conn: sqlite3.Connection, moment: datetime, limit: int = 100) -> list[tuple[int, Timer]]:
    """Room row id and timer of everything due up to and including a moment, the earliest first."""
    rows = conn.execute(_DUE, (codec.micros(moment), limit)).fetchall()
    return [(room, _TIMER.decode(values)) for room, *values in rows]


def next_due(conn: sqlite3.Connection) -> datetime | None:
    """When the earliest timer of all is due, past or future; None without timers."""
    (earliest,) = conn.execute("SELECT min(due) FROM timer").fetchone()
    return None if earliest is None else codec.moment(earliest)
