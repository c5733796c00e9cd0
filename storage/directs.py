"""Rooms that the coach opened to speak with one person alone. Rule: they are no rooms of a pilot, unless that person
began one there; what is said there belongs to the room of the message that it answers.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from storage import erasing, rooms
from storage.codec import micros, moment

INVITED, JOINED, GONE = 0, 1, 2

_PUT = (
    "INSERT INTO direct (transport, member, external, state, at) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (transport, member) DO UPDATE SET external = excluded.external, state = excluded.state, "
    "at = excluded.at"
)
_ALL = "SELECT member, external, state, at FROM direct WHERE transport = ? ORDER BY member"
_MEMBER = "SELECT member FROM direct WHERE transport = ? AND external = ?"
# The message that somebody was told alone: the one they answer, else the latest that is about a step: it may ask.
_TOLD = (
    "SELECT room.external, message.external FROM message JOIN room ON room.id = message.room "
    'JOIN outbox ON outbox."key" = message."key" '
    "WHERE message.recipient = ? AND room.transport = ? AND message.external IS NOT NULL "
    "ORDER BY message.external IN (SELECT value FROM json_each(?)) DESC, message.step IS NOT NULL DESC, outbox.id DESC "
    "LIMIT 1"
)
_OF_OWN = (
    "SELECT room.external FROM message JOIN room ON room.id = message.room "
    "WHERE message.recipient = ? AND room.transport = ? AND message.external = ?"
)
_OF_EVENT = (
    "SELECT room.external FROM inbox JOIN room ON room.id = inbox.room WHERE inbox.event = ? AND room.transport = ? "
    "AND inbox.room IN (SELECT room FROM message WHERE recipient = ?)"
)
_OF_KEY = (
    'SELECT room.external FROM outbox JOIN room ON room.id = outbox.room WHERE outbox."key" = ? AND room.transport = ?'
)


@dataclass(frozen=True, slots=True)
class Direct:
    """A room with one person: who, the transport's id of it, whether they are INVITED, JOINED or GONE, and since when
    (UTC)."""

    member: str
    room: str
    state: int
    at: datetime


def put(conn: sqlite3.Connection, transport: str, direct: Direct) -> None:
    """Keeps how it stands with a person; what was known of them before is gone."""
    conn.execute(_PUT, (transport, direct.member, direct.room, direct.state, micros(direct.at)))


def known(conn: sqlite3.Connection, transport: str) -> list[Direct]:
    """All of a transport."""
    rows = conn.execute(_ALL, (transport,)).fetchall()
    return [Direct(member, room, state, moment(at)) for member, room, state, at in rows]


def member_of(conn: sqlite3.Connection, transport: str, external: str) -> str | None:
    """Whom a room was opened for; None where it is no such room."""
    row = conn.execute(_MEMBER, (transport, external)).fetchone()
    return None if row is None else row[0]


def told(
    conn: sqlite3.Connection, transport: str, member: str, answers: Iterable[str | None]
) -> tuple[str, str] | None:
    """The room and the message that somebody answers who was told something alone: one of `answers`, else the latest;
    None where they were told nothing."""
    row = conn.execute(_TOLD, (member, transport, json.dumps([one for one in answers if one is not None]))).fetchone()
    return None if row is None else (row[0], row[1])


def is_bare(conn: sqlite3.Connection, transport: str, external: str) -> bool:
    """Whether in the room with one person is only what they are told alone: no pilot, also none that was erased."""
    return member_of(conn, transport, external) is not None and not has_pilot(conn, transport, external)


def has_pilot(conn: sqlite3.Connection, transport: str, external: str) -> bool:
    """Whether the room with one person is also one of a pilot, or was until it was erased."""
    return rooms.find(conn, transport, external) is not None or erasing.silence(conn, transport, external) is not None


def room_of_own(conn: sqlite3.Connection, transport: str, member: str, message: str) -> str | None:
    """The room that a message of the coach to one person belongs to."""
    row = conn.execute(_OF_OWN, (member, transport, message)).fetchone()
    return None if row is None else row[0]


def room_of_event(conn: sqlite3.Connection, transport: str, member: str, event: str) -> str | None:
    """The room that something belongs to that a person wrote alone, and that was taken in."""
    row = conn.execute(_OF_EVENT, (event, transport, member)).fetchone()
    return None if row is None else row[0]


def room_of_key(conn: sqlite3.Connection, transport: str, key: str) -> str | None:
    """The room that something belongs to that the coach posted under a key."""
    row = conn.execute(_OF_KEY, (key, transport)).fetchone()
    return None if row is None else row[0]
