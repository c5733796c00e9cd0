"""Erasing a room: from every table, and out of the database's files.

Rule: the rows go in one transaction, with a note of what is still to be done; whoever finds the note finishes it. What
was said is not in the note.

`TABLES` says of every table of the schema what of it is a room's (a test compares them), so that a new table can't be
forgotten.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flows.conversation.snapshot import Room
from storage import meta, rooms
from storage.codec import Mapped, micros, moment

# Which rows of a table are a room's. None: there is nothing of a room in it.
_ROOM_ROW = "id = :row"
_ROW, _NAME = "room = :row", "transport = :transport AND external = :external"
# Rooms with one person alone are of no room; they go where that person is in no other room any more.
_ALONE = (
    "transport = :transport AND member IN (SELECT id FROM member WHERE room = :row) AND NOT EXISTS "
    "(SELECT 1 FROM member JOIN room ON room.id = member.room WHERE member.id = direct.member "
    "AND room.transport = :transport AND room.id <> :row)"
)
TABLES: dict[str, str | None] = {
    "direct": _ALONE,  # first: it is found by the members
    **dict.fromkeys(
        (
            "member", "answer", "item", "choice", "vote", "action", "prompt", "asked", "taken", "helped", "once",
            "timer", "round", "message", "part", "inbox", "outbox", "sign", "conversation",
        ),
        _ROW,
    ),
    "invite": f"({_NAME}) OR (transport = :transport AND follows = :external)",
    "gap": _NAME,
    "undecrypted": _NAME,
    "room": _ROOM_ROW,
    "erasure": None,  # the note itself
    "silent": None,  # a hash, and a number
    "meta": None,
}  # fmt: skip
# What is left of a room for as long as its last message is not posted.
_KEPT = {"outbox": '"key" = :key', "message": '"key" = :key', "conversation": "1"}

SCOUR = "scour"  # rows are gone, and the files were not rewritten since

_NOTE = (
    "INSERT INTO erasure (transport, external, at) VALUES (:transport, :external, :at) "
    "ON CONFLICT (transport, external) DO NOTHING"
)
_NOTES = "SELECT transport, external, at FROM erasure WHERE :transport IS NULL OR transport = :transport"
_DONE = "DELETE FROM erasure WHERE transport = ? AND external = ?"
_WHICH = "SELECT transport, external, messages FROM room WHERE id = ?"
_HUSH = (
    "INSERT INTO silent (mark, messages, at) VALUES (?, ?, ?) "
    "ON CONFLICT (mark) DO UPDATE SET messages = max(messages, excluded.messages), at = excluded.at"
)
_SILENT = "SELECT messages, at FROM silent WHERE mark = ?"
_MOVE = "UPDATE OR REPLACE silent SET mark = ? WHERE mark = ?"
_SPEAK = "DELETE FROM silent WHERE mark = ?"
_PENDING = "SELECT 1 FROM outbox WHERE room = ? AND state IN (0, 3) LIMIT 1"
_LEAVING = f"SELECT external FROM direct WHERE {_ALONE} AND external <> ''"  # noqa: S608
_ROOM = Mapped(Room)
_RESET = f"UPDATE room SET ({', '.join(_ROOM.names)}) = ({', '.join('?' * len(_ROOM.names))}) WHERE id = ?"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Note:
    """A room that is being erased: transport, the transport's id, and since when (UTC)."""

    transport: str
    external: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Silence:
    """A room that was erased and is silent: the number of the coach's latest message in it, and since when (UTC)."""

    messages: int
    at: datetime


def mark_of(transport: str, external: str) -> str:
    """A room by a hash of its id."""
    return hashlib.sha256(f"{transport}\n{external}".encode("utf-8", "replace")).hexdigest()


def empty(conn: sqlite3.Connection, room: int, at: datetime, last: str = "") -> list[str]:
    """Everything of a room is gone at a moment, and the coach is silent in it; what is left is the message with the key
    `last`, where it is still to be posted, and the bare row of its room. To be finished (`notes`). The rooms with one
    person alone that are no more needed (the transport's ids).
    """
    transport, external, messages = conn.execute(_WHICH, (room,)).fetchone()
    values = {"row": room, "transport": transport, "external": external, "key": last, "at": micros(at)}
    conn.execute(_NOTE, values)
    conn.execute(_HUSH, (mark_of(transport, external), messages, micros(at)))
    alone = [found for (found,) in conn.execute(_LEAVING, values).fetchall()]
    for table, which in TABLES.items():
        if which is None or (last and table == "room"):
            continue
        kept = f" AND NOT ({_KEPT[table]})" if last and table in _KEPT else ""
        conn.execute(f'DELETE FROM "{table}" WHERE ({which}){kept}', values)  # noqa: S608
    if last:
        conn.execute(_RESET, (*_ROOM.encode(Room()), room))
    meta.put(conn, SCOUR, "1")
    return alone


def notes(conn: sqlite3.Connection, transport: str | None = None) -> list[Note]:
    """The rooms whose erasing is not finished, of a transport or of all."""
    rows = conn.execute(_NOTES, {"transport": transport}).fetchall()
    return [Note(name, external, moment(at)) for name, external, at in rows]


def speaks(conn: sqlite3.Connection, note: Note) -> bool:
    """Whether the last message of a room that is being erased is still to be posted."""
    room = rooms.find(conn, note.transport, note.external)
    return room is not None and conn.execute(_PENDING, (room,)).fetchone() is not None


def finish(conn: sqlite3.Connection, note: Note) -> None:
    """The rest of a room goes, with the note; a room that began anew meanwhile stays."""
    room = rooms.find(conn, note.transport, note.external)
    if room is not None and silence(conn, note.transport, note.external) is not None:
        empty(conn, room, note.at)
    conn.execute(_DONE, (note.transport, note.external))
    meta.put(conn, SCOUR, "1")


def begin_anew(conn: sqlite3.Connection, transport: str, external: str) -> int:
    """The coach begins anew in a room in which it was silent; the room's row id. Its messages go on counting."""
    found = silence(conn, transport, external)
    room = rooms.ensure(conn, transport, external)
    conn.execute("UPDATE room SET messages = max(messages, ?) WHERE id = ?", (found.messages if found else 0, room))
    speak(conn, transport, external)
    return room


def silence(conn: sqlite3.Connection, transport: str, external: str) -> Silence | None:
    """How long a room was erased and is silent; None where it is not."""
    row = conn.execute(_SILENT, (mark_of(transport, external),)).fetchone()
    return None if row is None else Silence(row[0], moment(row[1]))


def move(conn: sqlite3.Connection, transport: str, external: str, to: str) -> None:
    """A room in which the coach is silent goes on under another id."""
    conn.execute(_MOVE, (mark_of(transport, to), mark_of(transport, external)))


def speak(conn: sqlite3.Connection, transport: str, external: str) -> None:
    """The coach is asked to begin anew, or is out of the room: it is silent there no more."""
    conn.execute(_SPEAK, (mark_of(transport, external),))


def must_scour(conn: sqlite3.Connection) -> bool:
    """Whether rows are gone that may still be found in the database's files."""
    return meta.get(conn, SCOUR) is not None


def scoured(conn: sqlite3.Connection) -> None:
    """The files were rewritten: nothing of what went can be found in them."""
    meta.drop(conn, SCOUR)


def rows_of(conn: sqlite3.Connection, transport: str, external: str) -> dict[str, int]:
    """How many rows each table still has of a room, for a check: those that have any."""
    room = rooms.find(conn, transport, external)
    values = {"row": -1 if room is None else room, "transport": transport, "external": external}
    counts = {
        table: conn.execute(f'SELECT count(*) FROM "{table}" WHERE {which}', values).fetchone()[0]  # noqa: S608
        for table, which in TABLES.items()
        if which is not None and table != "direct"
    }
    return {table: count for table, count in counts.items() if count}


# What a room said, for looking whether it is gone ------------------------------------------------------------------

LONGEST_LOOKED_FOR, SHORTEST_LOOKED_FOR = 80, 8
# Where people's own words are. A text that another room has too is found for that room's sake.
_WORDS = (("item", "text"), ("action", "text"), ("prompt", "data"), ("inbox", "payload"), ("timer", "data"))

# Every text that is a room's, those tables first in which people's words are: what somebody wrote may be a word of the
# coach itself ("voldoende"), a name, an id or a sign, and stand there too. What is in no room's row is a trace.
_TEXTS = (
    "SELECT it.name, col.name FROM sqlite_schema AS it, pragma_table_info(it.name) AS col "
    "WHERE it.type = 'table' AND col.type = 'TEXT' ORDER BY it.name NOT IN ('item', 'action', 'inbox', 'outbox')"
)


def words_of(conn: sqlite3.Connection, room: int) -> list[str]:
    """What people wrote in a room, in pieces of a line, as it stands in its rows; never what is shorter than a word or
    two. To be kept in memory only."""
    found: dict[str, None] = {}
    for table, column in _WORDS:
        for (value,) in conn.execute(f'SELECT "{column}" FROM "{table}" WHERE room = ?', (room,)).fetchall():  # noqa: S608
            for text in _written(value, plain=column == "text"):
                for line in text.split("\n"):
                    piece = line.strip()[:LONGEST_LOOKED_FOR].strip()
                    if len(piece) >= SHORTEST_LOOKED_FOR:
                        found[piece] = None
    return list(found)


def also_elsewhere(conn: sqlite3.Connection, text: str) -> bool:
    """Whether a text stands in the rows of any room: that of another one, where the room's own are gone."""
    texts = [(table, column) for table, column in conn.execute(_TEXTS) if TABLES.get(table) in (_ROW, _ROOM_ROW)]
    for table, column in (*texts, ("sqlite_schema", "sql")):
        where = f'instr("{column}", ?) > 0 OR instr("{column}", ?) > 0'
        escaped = json.dumps(text, ensure_ascii=False)[1:-1]
        if conn.execute(f'SELECT 1 FROM "{table}" WHERE {where} LIMIT 1', (text, escaped)).fetchone():  # noqa: S608
            return True
    return False


def _written(value: str | None, *, plain: bool) -> Iterator[str]:
    """The texts in a column: all of it, or in JSON what people wrote."""
    if value is None or plain:
        yield from () if value is None else (value,)
        return
    try:
        yield from _inside(json.loads(value), wanted=False)
    except ValueError:
        return


def _inside(value: object, *, wanted: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _inside(one, wanted=key in ("text", "views") or (wanted and key not in ("event", "author")))
    elif isinstance(value, list):
        for one in value:
            yield from _inside(one, wanted=wanted)
    elif isinstance(value, str) and wanted:
        yield value
