"""What there is to count in a database. Rule: numbers and moments only, no room by name and nothing that was said."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from storage.codec import micros, moment

# As in outbox and inbox.
_OUTBOX = {0: "pending", 2: "aside", 3: "making", 4: "held"}
_INBOX = {0: "waiting", 2: "failed"}

_ROOMS = "SELECT transport, count(*), sum(parked) FROM room GROUP BY transport"
_LINES = "SELECT state, count(*) FROM outbox WHERE state <> 1 GROUP BY state"
_ARRIVALS = "SELECT state, count(*) FROM inbox WHERE state <> 1 GROUP BY state"
# A room that the coach was put out of waits for whoever lets it in again: nobody is to be woken for that.
_OLDEST = "SELECT min(outbox.at) FROM outbox JOIN room ON room.id = outbox.room WHERE state = 0 AND room.parked = 0"
_DUE = "SELECT count(*) FROM timer WHERE due <= ?"


@dataclass(frozen=True, slots=True)
class Figures:
    """Rooms by transport, and how many of them are parked; messages of the coach and events by what became of them
    (what is done is not counted); since when the oldest message waits that may be posted (UTC, None: none does); how
    many timers are due."""

    rooms: dict[str, int]
    parked: int
    outbox: dict[str, int]
    inbox: dict[str, int]
    oldest: datetime | None
    due: int


def read(conn: sqlite3.Connection, now: datetime) -> Figures:
    """All of them, at a moment (UTC)."""
    rooms = conn.execute(_ROOMS).fetchall()
    lines, arrivals = dict(conn.execute(_LINES).fetchall()), dict(conn.execute(_ARRIVALS).fetchall())
    oldest = conn.execute(_OLDEST).fetchone()[0]
    return Figures(
        {transport: count for transport, count, _ in rooms},
        sum(parked for _, _, parked in rooms),
        {name: lines.get(state, 0) for state, name in _OUTBOX.items()},
        {name: arrivals.get(state, 0) for state, name in _INBOX.items()},
        None if oldest is None else moment(oldest),
        conn.execute(_DUE, (micros(now),)).fetchone()[0],
    )
