"""What is to be posted, and the register of the coach's own messages.

Rule: in order per room, once per key, and no text once it is out. A file waits beside the line until it is made.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flows.conversation.effects import UNASKED, Attach, Edit, Effect, Erase, Mark, Recall, Say, Scrub
from flows.conversation.events import Own
from storage import rooms
from storage.codec import micros, moment
from storage.payload import pack, unpack

_TYPES: dict[str, type[Effect]] = {"say": Say, "edit": Edit, "mark": Mark, "scrub": Scrub, "attach": Attach}
_OPS = {kind: op for op, kind in _TYPES.items()}

# States: 0 pending, 1 sent, 2 set aside, 3 a file to be made, 4 waits for one person. Written out in the statements:
# the partial indexes need their literals.
_ADD = (
    'INSERT INTO outbox (room, "key", number, op, payload, at, "rank", state, since) '
    'VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT ("key") DO NOTHING'
)
_BY_KEY = 'SELECT id FROM outbox WHERE "key" = ?'
_COLUMNS = (
    "outbox.id, outbox.room, room.transport, room.external, room.language, "
    'outbox."key", outbox.op, outbox.payload, outbox.attempts, outbox.at, coalesce(outbox.since, outbox.at)'
)
# First the head of every line, then what holds it back: a head that must wait keeps the rows behind it waiting too.
_HEADS = (
    f"SELECT {_COLUMNS} FROM (SELECT room, min(id) AS id FROM outbox WHERE state = 0 GROUP BY room) AS head "  # noqa: S608
    "JOIN outbox ON outbox.id = head.id JOIN room ON room.id = outbox.room "
    "WHERE room.parked = 0 AND outbox.not_before <= :now AND (:transport IS NULL OR room.transport = :transport) "
    "AND head.room NOT IN (SELECT value FROM json_each(:busy)) "
    'ORDER BY outbox."rank", outbox.id LIMIT :limit'
)
_NEXT = (
    "SELECT min(outbox.not_before) FROM "
    "(SELECT room, min(id) AS id FROM outbox WHERE state = 0 GROUP BY room) AS head "
    "JOIN outbox ON outbox.id = head.id JOIN room ON room.id = outbox.room "
    "WHERE room.parked = 0 AND room.transport = ? AND head.room NOT IN (SELECT value FROM json_each(?))"
)
_OF_ROOM = (
    f"SELECT {_COLUMNS} FROM outbox JOIN room ON room.id = outbox.room "  # noqa: S608
    "WHERE outbox.room = ? AND outbox.state = 0 ORDER BY outbox.id"
)
_SENT = "UPDATE outbox SET state = 1, payload = NULL WHERE id = ? RETURNING op"
_DEFER = "UPDATE outbox SET not_before = ?, attempts = ?, begun = 0 WHERE id = ?"
_BEGIN = "UPDATE outbox SET begun = 1 WHERE id = ?"
_LEAVE = "UPDATE outbox SET begun = 0 WHERE id = ?"
_BEGUN = (
    f"SELECT {_COLUMNS} FROM outbox JOIN room ON room.id = outbox.room "  # noqa: S608
    "WHERE outbox.state = 0 AND outbox.begun = 1 AND room.transport = ? ORDER BY outbox.id"
)
_ASIDE = "UPDATE outbox SET state = 2, payload = NULL WHERE id = ?"

# Unless they came in just now: then it is tried again.
_HOLD = (
    "UPDATE outbox SET state = 4, begun = 0 WHERE id = ? AND state = 0 AND NOT EXISTS "
    "(SELECT 1 FROM direct WHERE direct.transport = ? AND direct.member = ? AND direct.state = 1)"
)
_GIVE_UP = (
    "UPDATE outbox SET state = 2, payload = NULL WHERE state = 4 AND json_extract(payload, '$.to') = ? "
    "AND room IN (SELECT id FROM room WHERE transport = ?)"
)
_RELEASE = (
    "UPDATE outbox SET state = 0, not_before = 0 WHERE state = 4 AND json_extract(payload, '$.to') = ? "
    "AND room IN (SELECT id FROM room WHERE transport = ?)"
)
_RECALL = (
    "UPDATE outbox SET state = 2, payload = NULL WHERE room = ? AND op = 'say' AND state IN (0, 4) "
    "AND number IN (SELECT value FROM json_each(?))"
)
# The rooms take turns: the next one after that of the latest file, and round again.
_TO_MAKE = (
    f"SELECT {_COLUMNS} FROM outbox JOIN room ON room.id = outbox.room "  # noqa: S608
    "WHERE outbox.state = 3 AND room.parked = 0 AND room.transport = ? "
    "ORDER BY outbox.room <= ?, outbox.room, outbox.id LIMIT 1"
)
_MADE = "UPDATE outbox SET state = 0 WHERE id = ? AND state = 3"
_MAKE_AGAIN = "UPDATE outbox SET state = 3, begun = 0 WHERE id = ? AND state = 0"

_REGISTER = 'INSERT INTO message (room, number, "key", kind, step, external, recipient) VALUES (?, ?, ?, ?, ?, ?, ?)'
_NOTE_EXTERNAL = "UPDATE message SET external = ? WHERE room = ? AND number = ?"
_NOTE_BY_KEY = 'UPDATE message SET external = ? WHERE room = ? AND "key" = ? AND external IS NULL'
# Named, for without statistics SQLite takes a room to have ten messages, and reads them all.
_OWN = "SELECT number, kind, step, recipient FROM message INDEXED BY message_external WHERE room = ? AND external = ?"
_OWN_NUMBER = "SELECT number, kind, step, recipient FROM message WHERE room = ? AND number = ?"
_OWN_KEY = (
    "SELECT message.number, message.kind, message.step, message.recipient FROM outbox "
    "JOIN message ON message.room = outbox.room AND message.number = outbox.number "
    "WHERE outbox.room = ? AND outbox.\"key\" = ? AND outbox.op IN ('say', 'edit')"
)
_OF_STEP = "SELECT external FROM message WHERE room = ? AND step = ? AND external IS NOT NULL ORDER BY number"
# A file is part of the message that it belongs to.
_PART = "INSERT INTO part (room, external, number) VALUES (?, ?, ?) ON CONFLICT (room, external) DO NOTHING"
_PART_BY_KEY = (
    "INSERT INTO part (room, external, number) SELECT room, ?, number FROM outbox "
    "WHERE room = ? AND \"key\" = ? AND op = 'attach' ON CONFLICT (room, external) DO NOTHING"
)
_PART_OWN = (
    "SELECT message.number, message.kind, message.step, message.recipient FROM part "
    "JOIN message ON message.room = part.room AND message.number = part.number "
    "WHERE part.room = ? AND part.external = ?"
)
_EXTERNAL = "SELECT external FROM message WHERE room = ? AND number = ?"


@dataclass(frozen=True, slots=True)
class Row:
    """Something to post: its row id, the room (row id, transport, the transport's id), the key that stays the same on
    every attempt, what it is, how often it was tried, the moment it is of (UTC), since when it may have been posted,
    also by a coach that this database does not remember, and the language that its room speaks now ("": none yet)."""

    id: int
    room: int
    transport: str
    external_room: str
    key: str
    effect: Effect
    attempts: int
    at: datetime
    since: datetime
    language: str = ""


def add(
    conn: sqlite3.Connection,
    room: int,
    key: str,
    effect: Effect,
    at: datetime,
    external: str | None = None,
    since: datetime | None = None,
) -> int:
    """Puts an effect at the end of its room's line, and a Say in the register (`external`: its id, where that is known
    before). `since` is when it was due, where that is before the moment that it is of.

    The row id; that of the row that is there when the key is, and then nothing happens. sqlite3.IntegrityError where a
    Say has a number that another message of the room has.
    """
    if isinstance(effect, Recall | Erase):
        raise TypeError("nothing to post")
    number = effect.number if isinstance(effect, Say | Edit | Attach) else None
    state = 3 if isinstance(effect, Attach) else 0
    values = (room, key, number, _OPS[type(effect)], pack(effect), micros(at), _rank(effect), state)
    due = None if since is None else micros(since)
    added = conn.execute(_ADD, (*values, due))
    if added.rowcount == 0:
        row: int = conn.execute(_BY_KEY, (key,)).fetchone()[0]
        return row
    if isinstance(effect, Say):
        conn.execute(_REGISTER, (room, effect.number, key, effect.kind, effect.step, external, effect.to))
    assert added.lastrowid is not None  # noqa: S101 (an INSERT that did something has one)
    return added.lastrowid


def has_key(conn: sqlite3.Connection, key: str) -> bool:
    """Whether an effect was put in line under this key before, whatever became of it."""
    return conn.execute(_BY_KEY, (key,)).fetchone() is not None


def heads(
    conn: sqlite3.Connection, now: datetime, limit: int, transport: str | None = None, busy: Iterable[int] = ()
) -> list[Row]:
    """The first pending row of each room of a transport (without one: of all) that is not parked or `busy`, where it
    may be posted by now; answers before what is said unasked, then the oldest first.
    """
    values = {"now": micros(now), "limit": limit, "transport": transport, "busy": json.dumps(list(busy))}
    return _rows(conn, conn.execute(_HEADS, values).fetchall())


def next_due(conn: sqlite3.Connection, transport: str, busy: Iterable[int] = ()) -> datetime | None:
    """When the next message of a transport may be posted in a room that is not `busy`, past or future; None when
    nothing waits.
    """
    (earliest,) = conn.execute(_NEXT, (transport, json.dumps(list(busy)))).fetchone()
    return None if earliest is None else moment(earliest)


def of_room(conn: sqlite3.Connection, room: int) -> list[Row]:
    """All that is pending in one room, in order, parked or deferred or not."""
    return _rows(conn, conn.execute(_OF_ROOM, (room,)).fetchall())


def to_make(conn: sqlite3.Connection, transport: str, after: int = 0) -> Row | None:
    """The file that is to be made next, for a room of a transport that is not parked; None where there is none. The
    rooms take turns, in the order of their rows: `after` is the row of the room whose turn was the latest, and of a
    room the oldest goes first.
    """
    while (found := conn.execute(_TO_MAKE, (transport, after)).fetchall()) != []:
        if rows := _rows(conn, found):
            return rows[0]
    return None


def made(conn: sqlite3.Connection, row_id: int) -> None:
    """A file is made: it goes into its room's line, at the place of its row."""
    conn.execute(_MADE, (row_id,))


def make_again(conn: sqlite3.Connection, row_id: int) -> None:
    """A file that was made is not there any more: out of the line until it is made once more."""
    conn.execute(_MAKE_AGAIN, (row_id,))


def seen(conn: sqlite3.Connection, room: int, key: str, external: str) -> None:
    """A message of the coach came by in its room: its id is known from now on, also where the answer to our own
    sending did not come (yet)."""
    if conn.execute(_NOTE_BY_KEY, (external, room, key)).rowcount == 0:
        conn.execute(_PART_BY_KEY, (external, room, key))


def sent(conn: sqlite3.Connection, row_id: int, external: str | None, room: int, number: int | None) -> None:
    """It is out:

    what it said is gone from the row. A message's id is noted in the register, a file's under its message; an edit has
    none of its own.
    """
    ops = conn.execute(_SENT, (row_id,)).fetchall()
    if external is not None and number is not None and ops == [("say",)]:
        conn.execute(_NOTE_EXTERNAL, (external, room, number))
    elif external is not None and number is not None and ops == [("attach",)]:
        conn.execute(_PART, (room, external, number))


def defer(conn: sqlite3.Connection, row_id: int, until: datetime, attempts: int) -> None:
    """Not before a moment, after so many attempts; the rows behind it in its room wait too."""
    conn.execute(_DEFER, (micros(until), attempts, row_id))


def begin(conn: sqlite3.Connection, row_id: int) -> None:
    """Posting it begins: where nothing more is heard of it, nobody knows whether it was posted."""
    conn.execute(_BEGIN, (row_id,))


def leave(conn: sqlite3.Connection, row_id: int) -> None:
    """Posting it, which was to begin, did not."""
    conn.execute(_LEAVE, (row_id,))


def begun(conn: sqlite3.Connection, transport: str) -> list[Row]:
    """What was being posted when the coach was ended before it knew how that went."""
    return _rows(conn, conn.execute(_BEGUN, (transport,)).fetchall())


def aside(conn: sqlite3.Connection, row_id: int) -> None:
    """It can't be posted, ever: what it said is gone, and the room goes on without it."""
    conn.execute(_ASIDE, (row_id,))


def hold(conn: sqlite3.Connection, row_id: int, transport: str, member: str) -> None:
    """A message to one person waits until they can be told something alone; the room goes on meanwhile."""
    conn.execute(_HOLD, (row_id, transport, member))


def give_up(conn: sqlite3.Connection, transport: str, member: str) -> None:
    """Somebody can't be told anything alone: what waited for that will not be posted."""
    conn.execute(_GIVE_UP, (member, transport))


def release(conn: sqlite3.Connection, transport: str, member: str) -> None:
    """Somebody can be told something alone from now on: what waited for that goes out."""
    conn.execute(_RELEASE, (member, transport))


def recall(conn: sqlite3.Connection, room: int, numbers: Iterable[int]) -> None:
    """Messages that need not be posted any more, where they were not posted yet: what they said is gone."""
    conn.execute(_RECALL, (room, json.dumps(list(numbers))))


def park(conn: sqlite3.Connection, room: int) -> None:
    """The coach was put out of a room: nothing is posted there until `resume`."""
    rooms.set_parked(conn, room, True)


def resume(conn: sqlite3.Connection, room: int) -> None:
    """The coach is back in a room: its line goes on where it stopped."""
    rooms.set_parked(conn, room, False)


def own(conn: sqlite3.Connection, room: int, external: str) -> Own | None:
    """The coach's own message that has this id with the transport, or a file with it; None when it is none of ours."""
    found = conn.execute(_OWN, (room, external)).fetchone()
    return _own(found if found is not None else conn.execute(_PART_OWN, (room, external)).fetchone())


def own_number(conn: sqlite3.Connection, room: int, number: int) -> Own | None:
    """The coach's own message with this number in the room."""
    return _own(conn.execute(_OWN_NUMBER, (room, number)).fetchone())


def own_key(conn: sqlite3.Connection, room: int, key: str) -> Own | None:
    """The coach's own message that was posted, or changed, under this key."""
    return _own(conn.execute(_OWN_KEY, (room, key)).fetchone())


def external_of(conn: sqlite3.Connection, room: int, number: int) -> str | None:
    """The transport's id of the coach's message with this number; None when it is not known (yet)."""
    row = conn.execute(_EXTERNAL, (room, number)).fetchone()
    return row[0] if row else None


def _rank(effect: Effect) -> int:
    return int(isinstance(effect, Say) and effect.kind in UNASKED)


def externals_of(conn: sqlite3.Connection, room: int, step: str) -> list[str]:
    """The transport's ids of the coach's messages about a step, as far as they are known."""
    return [external for (external,) in conn.execute(_OF_STEP, (room, step)).fetchall()]


def _own(row: tuple[int, str, str | None, str | None] | None) -> Own | None:
    return Own(*row) if row else None


def _rows(conn: sqlite3.Connection, found: Iterable[tuple[Any, ...]]) -> list[Row]:
    """The rows as they are to be posted; one that can't be read (another version wrote it) is set aside."""
    rows = []
    for row, room, transport, external, language, key, op, payload, attempts, at, since in found:
        try:
            effect = unpack(_TYPES[op], json.loads(payload))
        except (KeyError, TypeError, ValueError):
            aside(conn, row)
            continue
        rows.append(Row(row, room, transport, external, key, effect, attempts, moment(at), moment(since), language))
    return rows
