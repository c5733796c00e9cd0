"""A room's snapshot as rows.

Rule: `save` writes the very changes that `snapshot.apply` applies; afterwards `load` gives the same snapshot.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flows.conversation.snapshot import TABLES, Change, Put, Record, Room, Snapshot
from storage.codec import Mapped, moment, quoted

_ROOM = Mapped(Room)
_RECORDS: dict[type[Record], Mapped[Any]] = {one: Mapped(one) for one in TABLES if one is not Room}

_FIND = "SELECT id FROM room WHERE transport = ? AND external = ?"
_MARKS = ", ".join("?" * len(_ROOM.names))
_INSERT = f"INSERT INTO room (transport, external, {quoted(_ROOM.names)}) VALUES (?, ?, {_MARKS})"  # noqa: S608
_SELECT = f"SELECT external, {quoted(_ROOM.names)} FROM room WHERE id = ?"  # noqa: S608
_SELECT_MANY = f"SELECT id, external, {quoted(_ROOM.names)} FROM room WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608
_UPDATE = f"UPDATE room SET ({quoted(_ROOM.names)}) = ({_MARKS}) WHERE id = ?"  # noqa: S608
_LISTING = "SELECT id, transport, external, position, last_at FROM room ORDER BY id"
_PARKED = "UPDATE room SET parked = ? WHERE id = ?"
_PRESENT = (
    "SELECT room.external, member.id, member.name, member.moderator FROM room "
    "LEFT JOIN member ON member.room = room.id AND member.present = 1 WHERE room.transport = ?"
)
_LANGUAGES = "SELECT external, language FROM room WHERE transport = ?"
_IS_PARKED = "SELECT parked FROM room WHERE id = ?"
_MOVE = "UPDATE room SET external = ? WHERE id = ?"
_TAKEN = "SELECT 1 FROM taken WHERE room = ? AND event = ?"


@dataclass(frozen=True, slots=True)
class RoomLine:
    """A room in a list:

    row id, transport, the transport's id of it, the step it is at, when it last did something (UTC).
    """

    id: int
    transport: str
    external: str
    position: str
    last_at: datetime | None


def find(conn: sqlite3.Connection, transport: str, external: str) -> int | None:
    """The row id of a room of a transport, None when it is not known."""
    row = conn.execute(_FIND, (transport, external)).fetchone()
    return row[0] if row else None


def ensure(conn: sqlite3.Connection, transport: str, external: str) -> int:
    """The row id of a room of a transport; a new room is made with a Room's defaults."""
    known = find(conn, transport, external)
    if known is not None:
        return known
    row = conn.execute(_INSERT, (transport, external, *_ROOM.encode(Room()))).lastrowid
    assert row is not None  # noqa: S101 (an INSERT that did not raise has one)
    return row


def present(conn: sqlite3.Connection, transport: str) -> dict[str, dict[str, tuple[str, bool]]]:
    """Who is in each room of a transport (the transport's ids): name, and whether they moderate."""
    found: dict[str, dict[str, tuple[str, bool]]] = {}
    for room, member, name, moderator in conn.execute(_PRESENT, (transport,)).fetchall():
        people = found.setdefault(room, {})
        if member is not None:
            people[member] = (name, bool(moderator))
    return found


def languages(conn: sqlite3.Connection, transport: str) -> dict[str, str]:
    """The language of each room of a transport (the transport's ids); "" where it has none yet."""
    return dict(conn.execute(_LANGUAGES, (transport,)).fetchall())


def load(conn: sqlite3.Connection, room: int) -> Snapshot:
    """Everything of a room. LookupError when there is no such row."""
    row = conn.execute(_SELECT, (room,)).fetchone()
    if row is None:
        raise LookupError(f"no room {room}")
    external, *values = row
    snapshot = Snapshot(id=external, room=_ROOM.decode(values))
    for kind, mapped in _RECORDS.items():
        records = map(mapped.decode, conn.execute(mapped.select, (room,)).fetchall())
        setattr(snapshot, kind.table, {record.key: record for record in records})
    return snapshot


def load_many(conn: sqlite3.Connection, rooms: Iterable[int]) -> dict[int, Snapshot]:
    """Everything of several rooms, by row id, with a statement a table; those that are not there are left out."""
    wanted = json.dumps(list(rooms))
    found = {
        room: Snapshot(id=external, room=_ROOM.decode(values))
        for room, external, *values in conn.execute(_SELECT_MANY, (wanted,)).fetchall()
    }
    for kind, mapped in _RECORDS.items():
        records: dict[int, dict[tuple[Any, ...], Any]] = {room: {} for room in found}
        for room, *values in conn.execute(mapped.select_many, (wanted,)).fetchall():
            record = mapped.decode(values)
            records[room][record.key] = record
        for room, snapshot in found.items():
            setattr(snapshot, kind.table, records[room])
    return found


def save(conn: sqlite3.Connection, room: int, changes: Iterable[Change]) -> None:
    """Writes changes;

    of those that touch one record only the last, one batch a table. LookupError when there is no such room.
    """
    last = {(type(change.record), change.record.key): change for change in changes}
    batches: dict[str, list[list[Any]]] = {}
    for (kind, _), change in last.items():
        if isinstance(change.record, Room):
            # As in `apply`: a room's record can't be dropped, so either change puts it there.
            if conn.execute(_UPDATE, (*_ROOM.encode(change.record), room)).rowcount == 0:
                raise LookupError(f"no room {room}")
            continue
        mapped = _RECORDS[kind]
        if isinstance(change, Put):
            batches.setdefault(mapped.upsert, []).append([room, *mapped.encode(change.record)])
        else:
            batches.setdefault(mapped.delete, []).append([room, *mapped.encode_key(change.record)])
    for statement, rows in batches.items():
        conn.executemany(statement, rows)


def listing(conn: sqlite3.Connection) -> list[RoomLine]:
    """All rooms, in the order in which they came."""
    return [
        RoomLine(number, transport, external, position, None if last_at is None else moment(last_at))
        for number, transport, external, position, last_at in conn.execute(_LISTING).fetchall()
    ]


def move(conn: sqlite3.Connection, room: int, external: str) -> None:
    """A room goes on under another id of its transport. sqlite3.IntegrityError where that id is taken."""
    conn.execute(_MOVE, (external, room))


def is_parked(conn: sqlite3.Connection, room: int) -> bool:
    """Whether the outbox of a room stands still."""
    return bool(conn.execute(_IS_PARKED, (room,)).fetchone()[0])


def set_parked(conn: sqlite3.Connection, room: int, parked: bool) -> None:
    """Whether the outbox of a room stands still."""
    conn.execute(_PARKED, (parked, room))


def was_taken(conn: sqlite3.Connection, room: int, event: str) -> bool:
    """Whether a person's message stands in a room as taken."""
    return conn.execute(_TAKEN, (room, event)).fetchone() is not None
