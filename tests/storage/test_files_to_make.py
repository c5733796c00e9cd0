"""Files in the outbox: beside the line until they are made, then in it; and known as a part of their message."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from flows.conversation.effects import Attach, Mark, Say
from flows.conversation.events import Own
from storage import outbox, rooms
from storage.writer import Writer

SAID = Say(1, "overview", None, "Zo staat het ervoor.")
FILE = Attach(1, "overview", None, "png", "routes", authors=True, reply_to="$1")


def keys(conn: sqlite3.Connection, room: int) -> list[str]:
    return [row.key for row in outbox.of_room(conn, room)]


async def test_nothing_waits_for_a_file_that_is_not_made(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        outbox.add(conn, room, "file", FILE, noon)
        outbox.add(conn, room, "after", Mark("$1", "✍️"), noon)
        assert keys(conn, room) == ["after"]
        assert [head.key for head in outbox.heads(conn, noon, 10)] == ["after"]
        row = outbox.to_make(conn, "console")
        assert row is not None
        assert (row.key, row.effect, row.room) == ("file", FILE, room)

        outbox.made(conn, row.id)
        assert outbox.to_make(conn, "console") is None
        assert keys(conn, room) == ["file", "after"]  # its own place in the line

        outbox.make_again(conn, row.id)
        assert keys(conn, room) == ["after"]
        again = outbox.to_make(conn, "console")
        assert again is not None
        assert again.id == row.id

    await writer.run(work)


async def test_files_are_made_in_order_and_not_for_other_transports(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        for number in range(3):
            outbox.add(conn, room, f"f{number}", FILE, noon)
        assert outbox.to_make(conn, "matrix") is None
        found = []
        while (row := outbox.to_make(conn, "console")) is not None:
            found.append(row.key)
            outbox.made(conn, row.id)
        assert found == ["f0", "f1", "f2"]

    await writer.run(work)


async def test_rooms_take_turns(writer: Writer, noon: datetime) -> None:
    """From the room whose turn was the latest on, and round again; of a room the oldest file first."""

    def work(conn: sqlite3.Connection) -> None:
        for name, count in (("one", 3), ("two", 1), ("three", 2)):
            number = rooms.ensure(conn, "console", name)
            for place in range(count):
                outbox.add(conn, number, f"{name}{place}", FILE, noon)
        found, after = [], 0
        while (row := outbox.to_make(conn, "console", after)) is not None:
            found.append(row.key)
            after = row.room
            outbox.made(conn, row.id)
        assert found == ["one0", "two0", "three0", "one1", "three1", "one2"]

    await writer.run(work)


async def test_a_parked_room_gets_its_file_when_it_is_back(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        outbox.add(conn, room, "file", FILE, noon)
        outbox.park(conn, room)
        assert outbox.to_make(conn, "console") is None
        outbox.resume(conn, room)
        assert outbox.to_make(conn, "console") is not None

    await writer.run(work)


async def test_what_is_set_aside_or_sent_is_never_made_again(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        first, second = (outbox.add(conn, room, key, FILE, noon) for key in ("a", "b"))
        outbox.aside(conn, first)
        outbox.sent(conn, second, None, room, 1)
        for row in (first, second):
            outbox.made(conn, row)
            outbox.make_again(conn, row)
        assert outbox.to_make(conn, "console") is None
        assert keys(conn, room) == []
        assert conn.execute("SELECT payload FROM outbox").fetchall() == [(None,), (None,)]

    await writer.run(work)


async def test_a_row_that_cannot_be_read_holds_up_no_other(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        bad = outbox.add(conn, room, "bad", FILE, noon)
        outbox.add(conn, room, "good", FILE, noon)
        conn.execute("UPDATE outbox SET payload = '{' WHERE id = ?", (bad,))
        row = outbox.to_make(conn, "console")
        assert row is not None
        assert row.key == "good"

    await writer.run(work)


async def test_who_points_at_a_file_points_at_its_message(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        outbox.add(conn, room, "said", SAID, noon, external="$said")
        for number, key in enumerate(("one", "two")):
            row = outbox.add(conn, room, key, FILE, noon)
            outbox.made(conn, row)
            outbox.sent(conn, row, f"$file{number}", room, 1)
        own = Own(1, "overview", None)
        assert outbox.own(conn, room, "$said") == outbox.own(conn, room, "$file0") == outbox.own(conn, room, "$file1")
        assert outbox.own(conn, room, "$file0") == own
        assert outbox.own(conn, room, "$other") is None
        assert outbox.external_of(conn, room, 1) == "$said"  # an edit changes the message, not its file

    await writer.run(work)


async def test_a_file_that_came_by_is_known_by_its_key(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        outbox.add(conn, room, "said", SAID, noon, external="$said")
        row = outbox.add(conn, room, "file", FILE, noon)
        for _ in range(2):
            outbox.seen(conn, room, "file", "$file")
        assert outbox.own(conn, room, "$file") == Own(1, "overview", None)
        outbox.sent(conn, row, "$file", room, 1)
        assert outbox.own(conn, room, "$file") == Own(1, "overview", None)

    await writer.run(work)
