"""Erased is gone from every table, and from every byte of the database's files; other rooms stay as they were."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.conversation.effects import Attach, Edit, Mark, Say
from flows.conversation.events import Said
from flows.conversation.snapshot import TABLES as RECORDS
from flows.conversation.snapshot import Drop, Item, Put, Record, Room
from storage import conversations, copies, directs, erasing, gaps, inbox, invites, outbox, rooms, signs, undecrypted
from storage.codec import without_none
from storage.reader import open_reader
from storage.writer import Writer

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
MATRIX = "matrix"


def tables(conn: sqlite3.Connection) -> set[str]:
    return {name for (name,) in conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


async def test_every_table_of_the_schema_is_in_the_list(writer: Writer) -> None:
    """A table that is made and not named here would keep what was erased."""
    assert await writer.run(tables) == set(erasing.TABLES)


async def test_what_is_of_a_room_by_its_row_goes_by_its_row(writer: Writer) -> None:
    def referring(conn: sqlite3.Connection) -> set[str]:
        return {
            table
            for table in tables(conn)
            if any(found[2] == "room" for found in conn.execute(f"PRAGMA foreign_key_list('{table}')"))
        }

    found = await writer.run(referring)
    assert {table for table in found if erasing.TABLES[table] != "room = :row"} == set()


def record_of(kind: type[Record], secret: str) -> Record:
    """A record with a secret wherever it can have a text."""
    import typing

    values: dict[str, Any] = {}
    hints = typing.get_type_hints(kind)
    for one in fields(kind):
        hint = without_none(hints[one.name])
        base = typing.get_origin(hint) or hint
        values[one.name] = {
            str: f"{secret}-{one.name}", int: 7, bool: True, datetime: NOW, date: date(2027, 1, 1),
            tuple: (f"{secret}-{one.name}",) if "int" not in str(hint) else (7,),
            dict: {"text": f"{secret}-{one.name}"},
        }[base]  # fmt: skip
    return kind(**values)


def fill(conn: sqlite3.Connection, name: str, secret: str, transport: str = MATRIX) -> int:
    """A room with a secret in every column of every table that can hold one."""
    row = rooms.ensure(conn, transport, name)
    rooms.save(conn, row, [Put(record_of(kind, secret)) for kind in RECORDS])
    inbox.add(conn, row, Said(f"{secret}-event", NOW, f"{secret}-sender", f"{secret}-inbox"), NOW)
    failed = Said(f"{secret}-failed", NOW, f"{secret}-sender", f"{secret}-inbox-failed")
    inbox.add(conn, row, failed, NOW)
    inbox.fail(conn, conn.execute("SELECT max(id) FROM inbox").fetchone()[0], "old")
    for place, effect in enumerate(
        [
            Say(place_number, "noted", None, f"{secret}-say-{place_number}", to=f"{secret}-to")
            for place_number in range(1, 40)
        ]
        + [Edit(1, "noted", None, f"{secret}-edit"), Mark(f"{secret}-event", "x"), Attach(2, "info", None, "pdf")]
    ):
        outbox.add(conn, row, f"{secret}-key-{place}", effect, NOW)
    sent = conn.execute("SELECT id FROM outbox WHERE room = ? LIMIT 1", (row,)).fetchone()[0]
    outbox.sent(conn, sent, f"{secret}-external", row, 1)
    conn.execute("INSERT INTO part VALUES (?, ?, 1)", (row, f"{secret}-part"))
    signs.add(conn, row, f"{secret}-sign", signs.Put(f"{secret}-target", "x", f"{secret}-sender"))
    conversations.put(conn, transport, name, conversations.Reference(f"{secret}-service", f"{secret}-t", "b", "k"))
    invites.add(conn, transport, invites.Invite(name, f"{secret}-inviter", None, NOW))
    invites.add(conn, transport, invites.Invite(f"{secret}-new", f"{secret}-inviter", name, NOW))
    gaps.add(conn, transport, gaps.Gap(name, f"{secret}-since", f"{secret}-until"))
    undecrypted.add(conn, transport, undecrypted.Waiting(name, f"{secret}-sealed", NOW))
    directs.put(conn, transport, directs.Direct(f"{secret}-id", f"!{secret}-direct", directs.JOINED, NOW))
    return row


def dumped(conn: sqlite3.Connection, row: int, name: str) -> list[Any]:
    """All that the tables have of a room."""
    values = {"row": row, "transport": MATRIX, "external": name}
    return [
        conn.execute(f'SELECT * FROM "{table}" WHERE {which} ORDER BY 1, 2', values).fetchall()
        for table, which in erasing.TABLES.items()
        if which is not None
    ]


def bytes_with(folder: Path, text: str) -> list[str]:
    """The files under a folder that hold a text."""
    return [one.name for one in folder.rglob("*") if one.is_file() and text.encode() in one.read_bytes()]


async def test_nothing_of_a_room_stays_in_any_file_and_other_rooms_stay(writer: Writer, path: Path) -> None:
    row = await writer.run(lambda conn: fill(conn, "!gone:x", "GEHEIM"))
    other = await writer.run(lambda conn: fill(conn, "!kept:x", "ANDERS"))
    before = await writer.run(lambda conn: dumped(conn, other, "!kept:x"))
    for table, which in erasing.TABLES.items():
        if which is not None:
            values = {"row": row, "transport": MATRIX, "external": "!gone:x"}
            (count,) = await writer.run(
                lambda conn, table=table, which=which, values=values: conn.execute(
                    f'SELECT count(*) FROM "{table}" WHERE {which}', values
                ).fetchone()
            )
            assert count, table
    assert bytes_with(path.parent, "GEHEIM")
    alone = await writer.run(lambda conn: erasing.empty(conn, row, NOW))
    assert alone == ["!GEHEIM-direct"]
    (note,) = await writer.run(erasing.notes)
    await writer.run(lambda conn: erasing.finish(conn, note))
    assert await writer.scour(whole=True)
    assert bytes_with(path.parent, "GEHEIM") == []
    assert bytes_with(path.parent, "!gone:x") == []
    assert await writer.run(lambda conn: erasing.rows_of(conn, MATRIX, "!gone:x")) == {}
    assert await writer.run(lambda conn: dumped(conn, other, "!kept:x")) == before


async def test_a_room_with_one_person_stays_while_they_are_in_another_room(writer: Writer) -> None:
    row = await writer.run(lambda conn: fill(conn, "!a", "EEN"))
    await writer.run(lambda conn: fill(conn, "!b", "EEN2"))
    await writer.run(lambda conn: conn.execute("UPDATE member SET id = 'EEN-id' WHERE room <> ?", (row,)))
    assert await writer.run(lambda conn: erasing.empty(conn, row, NOW)) == []
    known = await writer.run(lambda conn: [one.member for one in directs.known(conn, MATRIX)])
    assert "EEN-id" in known


async def test_the_last_message_is_all_that_is_left_until_it_is_posted(writer: Writer, path: Path) -> None:
    row = await writer.run(lambda conn: fill(conn, "!gone:x", "GEHEIM"))
    await writer.run(lambda conn: outbox.add(conn, row, "last", Say(50, "info", None, "Gewist."), NOW))
    await writer.run(lambda conn: erasing.empty(conn, row, NOW, "last"))
    left = await writer.run(lambda conn: erasing.rows_of(conn, MATRIX, "!gone:x"))
    assert left == {"outbox": 1, "message": 1, "conversation": 1, "room": 1}
    assert (await writer.run(lambda conn: rooms.load(conn, row))).room == Room()
    (note,) = await writer.run(erasing.notes)
    assert await writer.run(lambda conn: erasing.speaks(conn, note))
    (waiting,) = await writer.run(lambda conn: outbox.of_room(conn, row))
    await writer.run(lambda conn: outbox.sent(conn, waiting.id, "$x", row, 50))
    assert not await writer.run(lambda conn: erasing.speaks(conn, note))
    await writer.run(lambda conn: erasing.finish(conn, note))
    await writer.scour(whole=True)
    assert await writer.run(lambda conn: erasing.rows_of(conn, MATRIX, "!gone:x")) == {}
    assert await writer.run(erasing.notes) == []
    assert bytes_with(path.parent, "GEHEIM") == []


async def test_who_reads_holds_up_the_log_and_it_is_seen(writer: Writer, path: Path) -> None:
    row = await writer.run(lambda conn: fill(conn, "!gone:x", "GEHEIM"))
    with closing(open_reader(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM room").fetchone()
        await writer.run(lambda conn: erasing.empty(conn, row, NOW))
        assert not await writer.scour(whole=True)
        assert bytes_with(path.parent, "GEHEIM")
        reader.execute("COMMIT")
    assert await writer.scour()
    assert bytes_with(path.parent, "GEHEIM") == []


async def test_a_room_that_began_anew_meanwhile_stays(writer: Writer) -> None:
    row = await writer.run(lambda conn: fill(conn, "!a", "OUD"))
    await writer.run(lambda conn: erasing.empty(conn, row, NOW))
    (note,) = await writer.run(erasing.notes)
    fresh = await writer.run(lambda conn: erasing.begin_anew(conn, MATRIX, "!a"))
    assert (await writer.run(lambda conn: rooms.load(conn, fresh))).room.messages == 7  # numbers go on
    await writer.run(lambda conn: erasing.finish(conn, note))
    assert await writer.run(lambda conn: rooms.find(conn, MATRIX, "!a")) == fresh
    assert await writer.run(erasing.notes) == []
    assert await writer.run(lambda conn: erasing.silence(conn, MATRIX, "!a")) is None


async def test_a_room_that_moved_is_silent_under_its_new_name(writer: Writer) -> None:
    row = await writer.run(lambda conn: rooms.ensure(conn, MATRIX, "!a"))
    await writer.run(lambda conn: erasing.empty(conn, row, NOW))
    await writer.run(lambda conn: erasing.move(conn, MATRIX, "!a", "!b"))
    assert await writer.run(lambda conn: erasing.silence(conn, MATRIX, "!a")) is None
    assert await writer.run(lambda conn: erasing.silence(conn, MATRIX, "!b")) == erasing.Silence(0, NOW)


async def test_a_copy_of_before_an_upgrade_loses_the_room_too(writer: Writer, path: Path) -> None:
    await writer.run(lambda conn: fill(conn, "!gone:x", "GEHEIM"))
    await writer.run(lambda conn: fill(conn, "!kept:x", "ANDERS"))
    copy = path.with_name("coach.db.before-6")
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("VACUUM INTO ?", (str(copy),))
    with closing(sqlite3.connect(copy)) as conn:  # an older schema, without some tables
        conn.execute("DROP TABLE silent")
        conn.execute("DROP TABLE direct")
    assert copies.beside(path) == [copy]
    assert copies.erase(copy, MATRIX, "!gone:x")
    assert not copies.erase(copy, MATRIX, "!gone:x")
    assert b"GEHEIM" not in copy.read_bytes()
    assert b"ANDERS" in copy.read_bytes()


async def test_words_are_what_people_wrote_and_no_more(writer: Writer) -> None:
    row = await writer.run(lambda conn: fill(conn, "!a", "GEHEIM"))
    await writer.run(lambda conn: conn.execute("UPDATE item SET text = 'eerste regel\nkort\ntweede regel'"))
    words = await writer.run(lambda conn: erasing.words_of(conn, row))
    assert {"eerste regel", "tweede regel", "GEHEIM-inbox", "GEHEIM-inbox-failed"} <= set(words)
    assert "kort" not in words
    assert not any("sender" in one or "event" in one for one in words)
    assert await writer.run(lambda conn: erasing.also_elsewhere(conn, "tweede regel"))
    assert not await writer.run(lambda conn: erasing.also_elsewhere(conn, "derde regel"))


@pytest.mark.parametrize("name", ["coach.db.before-6.part", "coach.db.before-x", "other.db.before-6"])
def test_other_files_beside_it_are_no_copies(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert copies.beside(tmp_path / "coach.db") == []


async def test_what_moved_about_in_the_file_is_gone_too(writer: Writer, path: Path) -> None:
    """Rows that grew and shrank leave pieces of themselves in pages: without writing the file anew one of these 300
    would still be in it."""
    chance = random.Random(1)
    rows = [await writer.run(lambda conn, name=name: rooms.ensure(conn, MATRIX, name)) for name in ("!a", "!b")]

    def more(conn: sqlite3.Connection, number: int) -> None:
        for row, word in zip(rows, ("GEHEIM", "ANDERS"), strict=True):
            text = f"{word}{number:03d}x " * chance.randint(1, 60)
            rooms.save(conn, row, [Put(Item(number, "s", text, "u", NOW, f"{word}{number:03d}e"))])
            inbox.add(conn, row, Said(f"{word}{number}ev", NOW, "u", text), NOW)
            outbox.add(conn, row, f"{word}{number}key", Say(number + 1, "noted", None, text), NOW)
            if number % 3 == 0 and number > 10:
                other = chance.randrange(number)
                longer = f"{word}{other:03d}x " * chance.randint(1, 200)
                rooms.save(conn, row, [Put(Item(other, "s", longer, "u", NOW, "e"))])
            if number % 4 == 0 and number > 10:
                rooms.save(conn, row, [Drop(Item(chance.randrange(number), "s", "", "u", NOW))])
                find = "SELECT min(id) FROM outbox WHERE room = ? AND state = 0"
                outbox.sent(conn, conn.execute(find, (row,)).fetchone()[0], None, row, None)

    for number in range(300):
        await writer.run(lambda conn, number=number: more(conn, number))
    await writer.run(lambda conn: erasing.empty(conn, rows[0], NOW))
    assert await writer.scour(whole=True)
    data = b"".join(one.read_bytes() for one in path.parent.iterdir())
    assert [number for number in range(300) if f"GEHEIM{number:03d}".encode() in data] == []
    assert sum(f"ANDERS{number:03d}".encode() in data for number in range(300)) > 200
