"""Stretches of a room's history that the transport skipped and that are still to be fetched.

Rule: while a room has a gap, nothing that came later is taken in for it; filling it brings everything in order.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

# The start of an older gap holds; its end moves on with what came since.
_ADD = (
    "INSERT INTO gap (transport, external, since, until) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (transport, external) DO UPDATE SET until = excluded.until"
)
_ALL = "SELECT external, since, until FROM gap WHERE transport = ? ORDER BY external"
_DROP = "DELETE FROM gap WHERE transport = ? AND external = ?"


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch between two positions of the transport, in one room (the transport's id)."""

    room: str
    since: str
    until: str


def add(conn: sqlite3.Connection, transport: str, gap: Gap) -> None:
    """Notes a gap, or makes the one that the room has longer."""
    conn.execute(_ADD, (transport, gap.room, gap.since, gap.until))


def pending(conn: sqlite3.Connection, transport: str) -> list[Gap]:
    """The gaps that are to be filled."""
    return [Gap(*row) for row in conn.execute(_ALL, (transport,)).fetchall()]


def drop(conn: sqlite3.Connection, transport: str, room: str) -> None:
    """It was filled, or can't be filled any more."""
    conn.execute(_DROP, (transport, room))
