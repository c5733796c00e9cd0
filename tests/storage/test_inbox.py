"""An event is taken once, waits in order, and leaves no text behind."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.conversation.events import (
    Edited,
    Event,
    Joined,
    Own,
    Person,
    Pressed,
    Reacted,
    Redacted,
    Said,
    Seen,
    TimerDue,
)
from storage import events, inbox, rooms
from storage.writer import Writer

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
OWN = Own(3, "question", "impact.doel")
SEEN = Seen("$s", "@bob", "GEHEIM van Bob", Own(2, "text", None))
ALL: list[Event] = [
    Said("$1", NOON, "@anna", "Hoi \x00 “é” ✍️", OWN, mentioned=True),
    Said("$2", NOON + timedelta(microseconds=1), "@anna", "", oversize=70_000),
    Edited("$3", NOON, "@anna", "$1", "beter"),
    Redacted("$4", NOON, "@anna", "$1"),
    Reacted("$5", NOON, "@anna", "✅", own=OWN, removed=True),
    Reacted("$6", NOON, "@anna", "✍️", target="$s", seen=SEEN),
    Pressed("$7", NOON, "@anna", OWN, "ja"),
    Joined("$8", NOON, (Person("@anna", "Anna", moderator=True), Person("@bob", "Bob")), invited=False),
    Joined("$9", NOON, ()),
    TimerDue("$10", NOON, "nudge"),
]


@pytest.mark.parametrize("event", ALL, ids=lambda event: f"{type(event).__name__}{event.id}")
def test_an_event_comes_back_as_it_was_but_for_what_others_said(event: Event) -> None:
    expected = replace(event, seen=None) if isinstance(event, Reacted) else event
    assert events.parse(events.dump(event)) == expected


def test_a_marked_message_is_not_written() -> None:
    assert "GEHEIM" not in events.dump(ALL[5])


def test_a_field_that_is_new_in_this_version_gets_its_default() -> None:
    old = '{"type":"Said","id":"$1","at":"2026-11-23T12:00:00+00:00","sender":"@anna","text":"Hoi"}'
    assert events.parse(old) == Said("$1", NOON, "@anna", "Hoi")


async def test_events_wait_in_order_and_once_per_room(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> list[inbox.Arrival]:
        second = rooms.ensure(conn, "matrix", "!b")
        assert [inbox.add(conn, room, event, noon) for event in ALL] == [True] * len(ALL)
        assert not inbox.add(conn, room, Said("$1", noon, "@anna", "iets anders"), noon)
        assert inbox.add(conn, second, ALL[0], noon)
        assert inbox.known(conn, room, "$1")
        assert not inbox.known(conn, second, "$2")
        assert inbox.pending(conn, limit=2) == inbox.pending(conn)[:2]
        return inbox.pending(conn)

    waiting = await writer.run(work)
    assert [(one.room, one.event.id) for one in waiting] == [(room, e.id) for e in ALL] + [(room + 1, "$1")]
    assert waiting[0].event == ALL[0]


async def test_the_waiting_are_found_by_index(writer: Writer) -> None:
    values = {"last": 0, "transport": "matrix", "held": "[]", "slow": "[]", "wanted": 1}
    plan = await writer.run(lambda conn: conn.execute(f"EXPLAIN QUERY PLAN {inbox._PENDING}", values).fetchall())
    assert "inbox_waiting" in plan[0][3]


async def test_a_finished_event_leaves_only_its_hash(writer: Writer, path: Path, room: int, noon: datetime) -> None:
    event = Said("$1", noon, "@anna", "GEHEIM-antwoord " * 200)
    await writer.run(lambda conn: inbox.add(conn, room, event, noon))
    assert any(b"GEHEIM" in file.read_bytes() for file in path.parent.iterdir())  # it was on the disk

    (arrival,) = await writer.run(inbox.pending)
    await writer.run(lambda conn: inbox.finish(conn, arrival.id))
    columns = "payload IS NULL, length(hash), state"
    row = await writer.run(lambda conn: conn.execute(f"SELECT {columns} FROM inbox").fetchone())
    assert row == (1, 64, 1)
    assert await writer.run(inbox.pending) == []
    assert not await writer.run(lambda conn: inbox.add(conn, room, event, noon))

    await writer.close()  # which checkpoints, and removes the -wal
    await (reopened := await Writer.open(path)).close()
    assert reopened.path == path
    assert [file.name for file in path.parent.iterdir() if b"GEHEIM" in file.read_bytes()] == []


async def test_a_failed_event_waits_for_another_version(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> None:
        for event in ALL[:3]:
            inbox.add(conn, room, event, noon)
        first, second, _ = inbox.pending(conn)
        inbox.fail(conn, first.id, "1.0")
        assert [one.event.id for one in inbox.pending(conn)] == ["$2", "$3"]
        assert inbox.revive(conn, "1.0") == 0
        inbox.finish(conn, second.id)
        assert inbox.revive(conn, "1.1") == 1
        assert inbox.pending(conn)[0] == first
        assert inbox.revive(conn, "1.2") == 0

    await writer.run(work)


async def test_a_removal_empties_what_waits_or_failed(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> list[tuple[str, int]]:
        for event in ALL[:3]:
            inbox.add(conn, room, event, noon)
        inbox.fail(conn, inbox.pending(conn)[0].id, "1.0")
        for event_id in ("$1", "$2", "$unknown"):
            inbox.wipe(conn, room, event_id)
        assert inbox.pending(conn) == []  # $3 was an edit of $1
        assert inbox.revive(conn, "2.0") == 0
        assert inbox.known(conn, room, "$1")
        return conn.execute("SELECT event, state FROM inbox WHERE payload IS NULL ORDER BY id").fetchall()

    assert await writer.run(work) == [("$1", 1), ("$2", 1), ("$3", 1)]


async def test_what_stays_of_an_event_tells_nothing_of_what_was_said(
    writer: Writer, path: Path, room: int, noon: datetime
) -> None:
    """A vote is one word of four: whoever has a hash of it can find which by trying them all."""

    def work(conn: sqlite3.Connection) -> list[tuple[str]]:
        other = rooms.ensure(conn, "console", "!andere")
        for where, who, text in ((room, "@anna", "deels"), (other, "@bas", "voldoende")):
            inbox.add(conn, where, Said("e1", noon, who, text), noon)
        return conn.execute("SELECT DISTINCT hash FROM inbox").fetchall()

    assert len(await writer.run(work)) == 1


async def test_a_name_that_tells_something_is_replaced(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> list[tuple[str, str]]:
        for name in ("card:1", "card:2", "other"):
            inbox.add(conn, room, Said(name, noon, "@anna", "deels"), noon)
        inbox.rename(conn, room, ["card:1", "card:2", "unknown"])
        return conn.execute("SELECT event, hash FROM inbox ORDER BY id").fetchall()

    (first, no_hash), (second, _), (kept, _) = await writer.run(work)
    assert first.startswith("gone:")
    assert second.startswith("gone:")
    assert first != second
    assert no_hash == ""
    assert kept == "other"
