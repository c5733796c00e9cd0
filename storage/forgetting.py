"""Forgetting one person in a room, in what the conversation does not hold: what came in, what waits to go out, signs,
messages that were theirs alone. Rule: in the transaction of the turn that forgot them.
"""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from typing import Any

from flows.conversation.draft import Unnamed
from flows.conversation.traces import GONE, trace
from storage import meta
from storage.erasing import SCOUR

_SECRET = "secret"  # noqa: S105 (the name of it)
_RENAME = "UPDATE inbox SET event = ?, hash = '' WHERE room = ? AND event = ?"
_NAMED = "SELECT id FROM inbox WHERE room = ? AND instr(event, ?) > 0"
_UNNAME = "UPDATE inbox SET event = ?, hash = '' WHERE id = ?"
_WIPE = (
    "UPDATE inbox SET state = 1, payload = NULL, version = NULL WHERE room = ? AND state = 2 "
    "AND json_valid(payload) AND json_extract(payload, '$.sender') = ?"
)
_SIGNS = "DELETE FROM sign WHERE room = ? AND sender = ?"
_ALONE = "UPDATE message SET recipient = ? WHERE room = ? AND recipient = ?"
_WAITING = "SELECT id, op, payload FROM outbox WHERE room = ? AND state IN (0, 3, 4) AND payload IS NOT NULL"
_ASIDE = "UPDATE outbox SET state = 2, payload = NULL WHERE id = ?"
_CHANGE = "UPDATE outbox SET payload = ? WHERE id = ?"
_ELSEWHERE = (
    "SELECT 1 FROM member JOIN room ON room.id = member.room WHERE member.id = ? AND room.transport = ? "
    "AND room.id <> ? LIMIT 1"
)
_DIRECT = "DELETE FROM direct WHERE transport = ? AND member = ? RETURNING external"
_SIGNS_OF = 'SELECT event, target, "key" FROM sign WHERE room = ? AND sender = ? ORDER BY event'
_TOLD = "SELECT number, kind, step FROM message WHERE room = ? AND recipient = ? ORDER BY number"
_DIRECT_OF = "SELECT external, state FROM direct WHERE transport = ? AND member = ?"


def secret(conn: sqlite3.Connection) -> str:
    """The secret of a database, with which marks are made."""
    found = meta.get(conn, _SECRET)
    if found is None:
        found = secrets.token_hex(32)
        meta.put(conn, _SECRET, found)
    return found


def mark_of(made_with: str, external_room: str, event: str) -> str:
    """The mark in place of the id of a message whose writer was forgotten, made with a secret."""
    return trace(made_with, external_room, "event", event)


def stand_in(made_with: str, external_room: str, person: str) -> str:
    """The mark in place of somebody who was forgotten, made with a secret."""
    return trace(made_with, external_room, "person", person)


def forget(conn: sqlite3.Connection, transport: str, room: int, one: Unnamed) -> list[str]:
    """Nothing in these rows tells any more who somebody was. The room with them alone that is not needed any more (the
    transport's id), where there is one: they are in no other room."""
    conn.executemany(_RENAME, [(mark, room, event) for event, mark in one.marks.items()])
    for (row,) in conn.execute(_NAMED, (room, one.who)).fetchall():
        conn.execute(_UNNAME, (f"{GONE}{secrets.token_hex(16)}", row))
    conn.execute(_WIPE, (room, one.who))
    conn.execute(_SIGNS, (room, one.who))
    conn.execute(_ALONE, (one.stand_in, room, one.who))
    meta.put(conn, SCOUR, "1")
    for row, op, payload in conn.execute(_WAITING, (room,)).fetchall():
        _rewrite(conn, row, op, payload, one)
    if conn.execute(_ELSEWHERE, (one.who, transport, room)).fetchone():
        return []
    return [external for (external,) in conn.execute(_DIRECT, (transport, one.who)).fetchall() if external]


def _rewrite(conn: sqlite3.Connection, row: int, op: str, payload: str, one: Unnamed) -> None:
    try:
        values: dict[str, Any] = json.loads(payload)
    except ValueError:
        return
    if one.who in (values.get("to"), values.get("about")) or (op == "mark" and values.get("target") in one.marks):
        conn.execute(_ASIDE, (row,))
        return
    changed = _without(values, one)
    if changed != values:
        conn.execute(_CHANGE, (json.dumps(changed, ensure_ascii=False, separators=(",", ":")), row))


def _without(value: Any, one: Unnamed) -> Any:
    if isinstance(value, dict):
        return {key: _without(part, one) for key, part in value.items()}
    if isinstance(value, list):
        kept = [part for part in value if part != one.who and not (isinstance(part, dict) and one.who in part.values())]
        return [_without(part, one) for part in kept]
    if not isinstance(value, str):
        return value
    if value == one.who or value in one.marks:
        return None
    for name in sorted({one.who, one.name} - {""}, key=len, reverse=True):
        value = re.sub(rf"(?<!\w)@?\u2060?{re.escape(name)}(?!\w)", lambda _: one.someone, value)
    return value


def of_person(conn: sqlite3.Connection, transport: str, room: int, who: str) -> dict[str, Any]:
    """What these rows have about a person, for that person."""
    signs = conn.execute(_SIGNS_OF, (room, who)).fetchall()
    told = conn.execute(_TOLD, (room, who)).fetchall()
    direct = conn.execute(_DIRECT_OF, (transport, who)).fetchall()
    states = ("invited", "joined", "declined or left")
    return {
        "signs": [{"event": event, "on": target, "sign": key} for event, target, key in signs],
        "messages_to_you_alone": [{"number": number, "kind": kind, "step": step} for number, kind, step in told],
        "chats_with_you_alone": [{"room": external, "state": states[state]} for external, state in direct],
    }
