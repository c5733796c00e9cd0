"""Rooms that the coach was invited to and did not answer yet. Rule: a transport may show an invitation only once, so
it is kept until it is answered."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from storage.codec import micros, moment

_ADD = (
    "INSERT INTO invite (transport, external, inviter, follows, at) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (transport, external) DO UPDATE SET inviter = excluded.inviter, "
    "follows = coalesce(excluded.follows, follows)"
)
_ALL = "SELECT external, inviter, follows, at FROM invite WHERE transport = ? ORDER BY at, external"
_DROP = "DELETE FROM invite WHERE transport = ? AND external = ?"


@dataclass(frozen=True, slots=True)
class Invite:
    """An invitation: the room (the transport's id), who invited, the room that this one replaces, and when (UTC)."""

    room: str
    inviter: str
    follows: str | None
    at: datetime


def add(conn: sqlite3.Connection, transport: str, invite: Invite) -> None:
    """Keeps an invitation; a later one to the same room takes its place."""
    conn.execute(_ADD, (transport, invite.room, invite.inviter, invite.follows, micros(invite.at)))


def pending(conn: sqlite3.Connection, transport: str) -> list[Invite]:
    """The invitations that wait, the oldest first."""
    rows = conn.execute(_ALL, (transport,)).fetchall()
    return [Invite(room, inviter, follows, moment(at)) for room, inviter, follows, at in rows]


def drop(conn: sqlite3.Connection, transport: str, room: str) -> None:
    """It was answered, or taken back."""
    conn.execute(_DROP, (transport, room))
