"""Which timers are due, over all rooms. Rule: only reads; timers are written with their room, as changes of a turn."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from flows.conversation.held import KIND as HELD
from flows.conversation.snapshot import Timer
from storage import codec

_TIMER = codec.Mapped(Timer)
# What is held back is to be gone in time, also where the coach was put out of the room.
_FIRES = (
    "room IN (SELECT id FROM room WHERE transport = :transport "  # noqa: S608
    f"AND (parked = 0 OR substr(timer.name, 1, {len(HELD) + 1}) = '{HELD}:'))"
)
_DUE = (
    f"SELECT room, {codec.quoted(_TIMER.names)} FROM timer "  # noqa: S608
    f"WHERE due <= :until AND {_FIRES} ORDER BY due, room, name LIMIT :most"
)
_NEXT = f"SELECT min(due) FROM timer WHERE {_FIRES}"  # noqa: S608


def due(conn: sqlite3.Connection, transport: str, moment: datetime, limit: int = 100) -> list[tuple[int, Timer]]:
    """Room row id and timer of all that is due up to and including a moment, in the rooms of a transport that are not
    parked (in those only of what is held back); the earliest first.
    """
    values = {"until": codec.micros(moment), "transport": transport, "most": limit}
    rows = conn.execute(_DUE, values).fetchall()
    return [(room, _TIMER.decode(values)) for room, *values in rows]


def next_due(conn: sqlite3.Connection, transport: str) -> datetime | None:
    """When the earliest timer of a transport's rooms is due, past or future; None without timers."""
    (earliest,) = conn.execute(_NEXT, {"transport": transport}).fetchone()
    return None if earliest is None else codec.moment(earliest)
