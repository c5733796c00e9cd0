"""What goes out: in order per room, once per key, and known again when somebody points at it."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

import pytest

from flows.conversation.effects import Edit, Effect, Mark, Say
from flows.conversation.events import Own
from storage import meta, outbox, rooms
from storage.writer import Writer

ONE = Say(1, "question", "impact.doel", "Wat is het doel?", "$1", ("@anna",), ("✅", "❌"), "@anna")
ALL: list[Effect] = [ONE, Edit(1, "question", "impact.doel", "Wat was het doel?"), Mark("$1", "✍️", removed=True)]


def ids(rows: list[outbox.Row]) -> list[str]:
    return [row.key for row in rows]


async def test_rows_come_back_in_order_as_they_were(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> list[outbox.Row]:
        for number, effect in enumerate(ALL):
            outbox.add(conn, room, f"k{number}", effect, noon)
        return outbox.of_room(conn, room)

    rows = await writer.run(work)
    assert [row.effect for row in rows] == ALL
    assert (rows[0].room, rows[0].transport, rows[0].external_room) == (room, "console", "!kamer")
    assert (rows[0].key, rows[0].attempts, rows[0].at) == ("k0", 0, noon)


async def test_the_same_key_is_the_same_row(writer: Writer, room: int, noon: datetime, later: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        first = outbox.add(conn, room, "k", ONE, noon)
        outbox.add(conn, room, "k2", ALL[2], noon)
        assert outbox.add(conn, room, "k", ONE, later, external="m1") == first
        assert ids(outbox.of_room(conn, room)) == ["k", "k2"]
        outbox.sent(conn, first, "$out", room, 1)
        assert outbox.add(conn, room, "k", ONE, later) == first
        assert ids(outbox.of_room(conn, room)) == ["k2"]

    await writer.run(work)


async def test_a_number_is_one_message(writer: Writer, room: int, noon: datetime) -> None:
    await writer.run(lambda conn: outbox.add(conn, room, "k", ONE, noon))
    with pytest.raises(sqlite3.IntegrityError):
        await writer.run(lambda conn: outbox.add(conn, room, "other", ONE, noon))
    assert ids(await writer.run(lambda conn: outbox.of_room(conn, room))) == ["k"]


async def test_heads_are_the_first_of_each_room(writer: Writer, room: int, noon: datetime, later: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        second, third = rooms.ensure(conn, "matrix", "!b"), rooms.ensure(conn, "matrix", "!c")
        first = outbox.add(conn, room, "a1", ALL[2], noon)
        outbox.add(conn, room, "a2", ALL[2], noon)
        outbox.add(conn, third, "c1", ALL[2], noon)
        outbox.add(conn, second, "b1", ALL[2], noon)
        assert ids(outbox.heads(conn, noon, 10)) == ["a1", "c1", "b1"]
        assert ids(outbox.heads(conn, noon, 2)) == ["a1", "c1"]

        # A head that must wait keeps its room waiting: a2 doesn't overtake it.
        outbox.defer(conn, first, later, attempts=3)
        assert ids(outbox.heads(conn, later - timedelta(microseconds=1), 10)) == ["c1", "b1"]
        (head, *_) = outbox.heads(conn, later, 10)
        assert (head.key, head.attempts) == ("a1", 3)

        outbox.sent(conn, first, None, room, None)
        assert ids(outbox.heads(conn, noon, 10)) == ["a2", "c1", "b1"]

    await writer.run(work)


async def test_a_parked_room_stands_still_and_goes_on(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        second = rooms.ensure(conn, "matrix", "!b")
        outbox.add(conn, room, "a1", ALL[2], noon)
        outbox.add(conn, second, "b1", ALL[2], noon)
        outbox.park(conn, room)
        assert ids(outbox.heads(conn, noon, 10)) == ["b1"]
        assert ids(outbox.of_room(conn, room)) == ["a1"]
        outbox.resume(conn, room)
        assert ids(outbox.heads(conn, noon, 10)) == ["a1", "b1"]

    await writer.run(work)


async def test_poison_goes_aside_and_the_room_goes_on(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> list[tuple[str, int]]:
        poison = outbox.add(conn, room, "a1", ONE, noon)
        outbox.add(conn, room, "a2", ALL[2], noon)
        outbox.aside(conn, poison)
        assert ids(outbox.heads(conn, noon, 10)) == ["a2"]
        return conn.execute("SELECT key, state FROM outbox WHERE payload IS NULL").fetchall()

    assert await writer.run(work) == [("a1", 2)]


async def test_the_head_of_line_query_uses_its_index(writer: Writer) -> None:
    values = {"now": 0, "transport": "matrix", "busy": "[]", "limit": 1}
    plan = await writer.run(lambda conn: conn.execute(f"EXPLAIN QUERY PLAN {outbox._HEADS}", values).fetchall())
    assert any("outbox_head" in step[3] for step in plan), plan
    plan = await writer.run(lambda conn: conn.execute(f"EXPLAIN QUERY PLAN {outbox._OWN}", (1, "x")).fetchall())
    assert "message_external" in plan[0][3]


async def test_own_messages_are_known_again(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        second = rooms.ensure(conn, "matrix", "!b")
        row = outbox.add(conn, room, "k1", ONE, noon)
        outbox.add(conn, room, "k2", Say(2, "text", None, "Dag"), noon, external="m2")
        edit = outbox.add(conn, room, "k3", ALL[1], noon)
        expected = Own(1, "question", "impact.doel", "@anna")

        assert outbox.own_number(conn, room, 1) == expected
        assert outbox.external_of(conn, room, 1) is None
        assert outbox.own(conn, room, "m2") == Own(2, "text", None)
        assert outbox.external_of(conn, room, 2) == "m2"

        outbox.sent(conn, row, "$out", room, 1)
        assert outbox.own(conn, room, "$out") == expected
        assert outbox.own(conn, second, "$out") is None
        # An edit is an event of its own at some transports: people still point at the message.
        outbox.sent(conn, edit, "$edit", room, 1)
        assert outbox.external_of(conn, room, 1) == "$out"
        assert outbox.own(conn, room, "$edit") is None
        assert outbox.own_number(conn, room, 3) is None
        assert outbox.external_of(conn, room, 3) is None

    await writer.run(work)


async def test_nothing_that_was_said_stays(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> list[str]:
        outbox.sent(conn, outbox.add(conn, room, "k1", ONE, noon), "$out", room, 1)
        return list(conn.iterdump())

    assert not any("Wat is het doel" in line for line in await writer.run(work))


async def test_meta_keeps_the_latest_value(writer: Writer) -> None:
    def work(conn: sqlite3.Connection) -> list[str | None]:
        before = meta.get(conn, "since")
        meta.put(conn, "since", "a")
        meta.put(conn, "since", "b")
        return [before, meta.get(conn, "since")]

    assert await writer.run(work) == [None, "b"]
