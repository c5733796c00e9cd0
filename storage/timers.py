"""Which timers are due, over all rooms. Rule: only reads; timers are written with their room, as changes of a turn."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from flows.conversation.held import KIND as HELD
from flows.conversation.snapshot import Timer
from storage import codec

_TIMER = codec.Mapped(Timer)
_COLUMNS = ", ".join(f'timer."{name}"' for name in _TIMER.names)
# What is held back is to be gone in time, also where the coach was put out of the room.
_FIRES = (
    "FROM timer INDEXED BY timer_due CROSS JOIN room ON room.id = timer.room AND room.transport = :transport "
    f"AND (room.parked = 0 OR substr(timer.name, 1, {len(HELD) + 1}) = '{HELD}:')"
)
# Timers first, in the order of the index, and the room of each: else all rooms are read again for every timer.
_DUE = (
    f"SELECT timer.room, {_COLUMNS} {_FIRES} "
    "WHERE timer.due <= :until ORDER BY timer.due, timer.room, timer.name LIMIT :most"
)
_NEXT = f"SELECT timer.due {_FIRES} ORDER BY timer.due LIMIT 1"


def due(conn: sqlite3.Connection, transport: str, moment: datetime, limit: int = 100) -> list[tuple[int, Timer]]:
    """Room row id and timer of all that is due up to and including a moment, in the rooms of a transport that are not
    parked (in those only of what is held back); the earliest first.
    """
    values = {"until": codec.micros(moment), "transport": transport, "most": limit}
    rows = conn.execute(_DUE, values).fetchall()
    return [(room, _TIMER.decode(values)) for room, *values in rows]


def next_due(conn: sqlite3.Connection, transport: str) -> datetime | None:
    """When the earliest timer of a transport's rooms is due, past or future; None without timers."""
    row = conn.execute(_NEXT, {"transport": transport}).fetchone()
    return None if row is None else codec.moment(row[0])
