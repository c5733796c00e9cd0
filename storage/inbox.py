"""What came in and still needs its turn.

Rule: an event is taken once per room, and what it said is gone as soon as its turn is done.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flows.conversation.events import Event
from storage import events
from storage.codec import micros

# States: 0 waiting, 1 finished, 2 failed. Written out in the statements: the index of waiting rows needs its literal.
_ADD = "INSERT INTO inbox (room, event, payload, hash, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (room, event) DO NOTHING"
_KNOWN = "SELECT 1 FROM inbox WHERE room = ? AND event = ?"
_PENDING = (
    "SELECT inbox.id, inbox.room, inbox.payload FROM inbox JOIN room ON room.id = inbox.room "
    "WHERE inbox.state = 0 AND inbox.id > :last AND (:transport IS NULL OR room.transport = :transport) "
    "AND inbox.room NOT IN (SELECT value FROM json_each(:held)) "
    "AND NOT EXISTS (SELECT 1 FROM json_each(:slow) AS slow WHERE json_extract(slow.value, '$[0]') = inbox.room "
    "AND json_extract(slow.value, '$[1]') = "
    "CASE WHEN json_valid(inbox.payload) THEN json_extract(inbox.payload, '$.sender') END) "
    "ORDER BY inbox.id LIMIT :wanted"
)
_WAITS = "SELECT 1 FROM inbox WHERE room = ? AND event = ? AND state = 0"
_CROWDS = (
    "SELECT inbox.room, CASE WHEN json_valid(payload) THEN json_extract(payload, '$.sender') END AS sender "
    "FROM inbox JOIN room ON room.id = inbox.room WHERE inbox.state = 0 AND room.transport = ? "
    "GROUP BY 1, 2 HAVING sender IS NOT NULL AND count(*) > ?"
)
_PAYLOAD = "SELECT payload FROM inbox WHERE room = ? AND event = ?"
_FINISH = "UPDATE inbox SET state = 1, payload = NULL, version = NULL WHERE id = ?"
_TAKE_BACK = "DELETE FROM inbox WHERE id = ?"
_RENAME = "UPDATE inbox SET event = ?, hash = ? WHERE room = ? AND event = ?"
_FAIL = "UPDATE inbox SET state = 2, version = ? WHERE id = ?"
_REVIVE = "UPDATE inbox SET state = 0, version = NULL WHERE state = 2 AND version IS NOT ?"
# Its own row, and those of edits of it: they hold its text too.
_WIPE = (
    "UPDATE inbox SET state = 1, payload = NULL, version = NULL WHERE room = ? AND state IN (0, 2) "
    "AND (event = ? OR (json_valid(payload) AND json_extract(payload, '$.type') = 'Edited' "
    "AND json_extract(payload, '$.target') = ?))"
)

UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event that waits: its row id, its room's row id, and what happened."""

    id: int
    room: int
    event: Event


def add(conn: sqlite3.Connection, room: int, event: Event, at: datetime) -> bool:
    """Takes an event in, at its moment of arrival.

    False when that id was seen before in that room, and then nothing happens.
    """
    payload = events.dump(event)
    # Of its name only: what somebody chose out of four words can be found by trying all of them.
    digest = hashlib.sha256(event.id.encode()).hexdigest()
    return conn.execute(_ADD, (room, event.id, payload, digest, micros(at))).rowcount == 1


def known(conn: sqlite3.Connection, room: int, event_id: str) -> bool:
    """Whether an event was seen before in a room, whatever became of it."""
    return conn.execute(_KNOWN, (room, event_id)).fetchone() is not None


def pending(
    conn: sqlite3.Connection,
    limit: int = 50,
    transport: str | None = None,
    held: Iterable[int] = (),
    slow: Iterable[tuple[int, str]] = (),
) -> list[Arrival]:
    """The events that wait in the rooms of a transport (without one: in all), in the order in which they came; not
    those of the rooms `held`, nor of the people `slow` (room row, sender).

    A row that can't be read (another version wrote it) is set aside as failed, so that it holds up nobody else's.
    """
    found: list[Arrival] = []
    values = {"last": 0, "transport": transport, "held": json.dumps(list(held)), "slow": json.dumps(list(slow))}
    while (wanted := limit - len(found)) > 0:
        rows = conn.execute(_PENDING, values | {"wanted": wanted}).fetchall()
        for row, room, payload in rows:
            try:
                found.append(Arrival(row, room, events.parse(payload)))
            except (KeyError, TypeError, ValueError):
                fail(conn, row, UNREADABLE)
            values["last"] = row
        if len(rows) < wanted:
            break
    return found


def waits(conn: sqlite3.Connection, room: int, event_id: str) -> bool:
    """Whether an event of a room still waits for its turn."""
    return conn.execute(_WAITS, (room, event_id)).fetchone() is not None


def crowds(conn: sqlite3.Connection, transport: str, most: int) -> list[tuple[int, str]]:
    """Who has more than `most` events waiting in a room: the room's row id and the sender."""
    return [(room, sender) for room, sender in conn.execute(_CROWDS, (transport, most))]


def finish(conn: sqlite3.Connection, row: int) -> None:
    """Its turn is done: only its name, and the hash of that, stay."""
    conn.execute(_FINISH, (row,))


def take_back(conn: sqlite3.Connection, rows: Iterable[int]) -> None:
    """As if these had not come in yet: they are not known, and can come in again."""
    conn.executemany(_TAKE_BACK, [(row,) for row in rows])


def rename(conn: sqlite3.Connection, room: int, event_ids: Iterable[str]) -> None:
    """What these events are called tells what they said: they get names that tell nothing. One that comes again is not
    known again."""
    conn.executemany(_RENAME, [(f"gone:{secrets.token_hex(16)}", "", room, one) for one in event_ids])


def fail(conn: sqlite3.Connection, row: int, version: str) -> None:
    """Its turn failed by a fault of this version of the coach: kept for another version."""
    conn.execute(_FAIL, (version, row))


def revive(conn: sqlite3.Connection, version: str) -> int:
    """What failed under another version waits again, in its old place. How many there were."""
    return conn.execute(_REVIVE, (version,)).rowcount


def wipe(conn: sqlite3.Connection, room: int, event_id: str) -> None:
    """The message was removed before its turn was done: what it said is gone, and it will have no turn."""
    conn.execute(_WIPE, (room, event_id, event_id))


def author(conn: sqlite3.Connection, room: int, event_id: str) -> str | None:
    """Who sent an event that waits or failed; None when it is done, or was never here."""
    found = conn.execute(_PAYLOAD, (room, event_id)).fetchone()
    sender = None if found is None or found[0] is None else getattr(events.parse(found[0]), "sender", None)
    return None if sender is None else str(sender)
