"""A database with many rooms, quickly. Rule: a filled room has the very rows that the product wrote for one of a few
rooms that were really walked; only the room and the keys differ.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bench.team import Team
from bot.memory import Memory
from bot.receiving import Receiver, people_of
from bot.turns import Turns
from flows.conversation.engine import Engine
from flows.conversation.snapshot import Snapshot
from storage import outbox, rooms
from storage.migrate import migrate, migrations

TRANSPORT = "console"
# How many things were done in the rooms that are walked: a full walk takes some 330.
DEPTHS = (20, 60, 100, 140, 180, 220)
THIN = (4,)  # has answered the first question


def known_id(number: int) -> str:
    """The id of the coach's message with this number, as the terminal knows it beforehand."""
    return f"m{number}"


def make_turns(engine: Engine) -> Turns:
    """Turns that remember no room yet."""
    return Turns(engine, Memory(), TRANSPORT, "bench", known_id)


def open_plain(path: Path) -> sqlite3.Connection:
    """The standard library's connection, with the pragmas of the product's writer."""
    conn = sqlite3.connect(path, isolation_level=None)
    for pragma in (
        "busy_timeout = 5000",
        "trusted_schema = OFF",
        "secure_delete = ON",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        conn.execute(f"PRAGMA {pragma}").fetchall()
    return conn


def walk(folder: Path, engine: Engine, name: str = "walked.db", depths: Sequence[int] = DEPTHS) -> Path:
    """A database with one room for every depth, walked through capture, inbox, turns and outbox."""
    path = folder / name
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        migrate(conn, path, migrations())
        conn.execute("PRAGMA synchronous = OFF")
        conn.execute("BEGIN")
        receiver = Receiver(TRANSPORT, Memory())
        turns = make_turns(engine)
        for depth in depths:
            team = Team(engine, Snapshot(f"walked{depth}"))
            incoming = team.invite()[0]
            for _ in range(depth):
                room = rooms.find(conn, TRANSPORT, incoming.room)
                people = {} if room is None else {incoming.room: people_of(turns.snapshot(conn, room))}
                receiver.take(conn, [incoming], people, None)
                turns.run(conn)
                turns.kept()
                done = team.next()
                if done is None:
                    break
                incoming = done[1]
        for head in outbox.heads(conn, team.at, len(depths)):
            for row in outbox.of_room(conn, head.room):
                outbox.sent(conn, row.id, None, row.room, None)
        conn.execute("COMMIT")
    return path


def fill(path: Path, walked: Path, count: int) -> None:
    """A new database with `count` rooms, copies by turns of those that were walked."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        migrate(conn, path, migrations())
        for pragma in ("synchronous = OFF", "journal_mode = OFF", "cache_size = -1000000", "foreign_keys = OFF"):
            conn.execute(f"PRAGMA {pragma}").fetchall()
        conn.create_function("key_of", 2, _key_of, deterministic=True)
        conn.execute("ATTACH ? AS walked", (str(walked),))
        conn.execute("BEGIN")
        conn.execute("CREATE TEMP TABLE copy (id INTEGER PRIMARY KEY, source INTEGER)")
        sources = [source for (source,) in conn.execute("SELECT id FROM walked.room ORDER BY id")]
        conn.executemany(
            "INSERT INTO copy VALUES (?, ?)", [(room, sources[room % len(sources)]) for room in range(1, count + 1)]
        )
        for table, columns in _tables(conn):
            names, values = [], []
            for column in columns:
                if column == "id" and table in ("inbox", "outbox"):
                    continue
                names.append(f'"{column}"')
                values.append(_value(table, column))
            owner = "id" if table == "room" else "room"
            conn.execute(
                f'INSERT INTO main."{table}" ({", ".join(names)}) SELECT {", ".join(values)} '  # noqa: S608
                f'FROM copy CROSS JOIN walked."{table}" AS old ON old.{owner} = copy.source ORDER BY copy.id'
            )
        conn.execute("COMMIT")
        conn.execute("DETACH walked")
        conn.execute("PRAGMA journal_mode = WAL").fetchall()


def _tables(conn: sqlite3.Connection) -> list[tuple[str, list[str]]]:
    """Every table that has rows of rooms, with its columns; that of the rooms first."""
    names = [name for (name,) in conn.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY name")]
    found = [(name, [row[1] for row in conn.execute(f'PRAGMA main.table_info("{name}")')]) for name in names]
    return sorted(((name, columns) for name, columns in found if name == "room" or "room" in columns), key=_room_first)


def _room_first(table: tuple[str, list[str]]) -> bool:
    return table[0] != "room"


def _value(table: str, column: str) -> str:
    if column == "room" or (table == "room" and column == "id"):
        return "copy.id"
    if table == "room" and column == "external":
        return "'room' || copy.id"
    if column == "key":  # of the outbox and the register: unique, and spread as a hash is
        return 'key_of(copy.id, old."key")'
    return f'old."{column}"'


def _key_of(room: int, key: str) -> str:
    return hashlib.sha256(f"{room}\n{key}".encode()).hexdigest()[:40]


def load(path: Path, room: int) -> Snapshot:
    """A room as its rows say."""
    with closing(sqlite3.connect(path)) as conn:
        return rooms.load(conn, room)
