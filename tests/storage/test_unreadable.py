"""Rows that hold what this version can't read, or what must go: one room's trouble is no other room's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.conversation.effects import Say
from flows.conversation.events import Edited, Said
from storage import inbox, outbox, rooms
from storage.migrate import migrate, migrations

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = tmp_path / "coach.db"
    conn = sqlite3.connect(path, isolation_level=None)
    migrate(conn, path, migrations())
    yield conn
    conn.close()


def test_an_event_that_cannot_be_read_is_set_aside_and_tried_by_another_version(conn: sqlite3.Connection) -> None:
    one, two = rooms.ensure(conn, "console", "r1"), rooms.ensure(conn, "console", "r2")
    inbox.add(conn, one, Said("a", NOON, "Anna", "hoi"), NOON)
    inbox.add(conn, two, Said("b", NOON, "Bas", "hallo"), NOON)
    conn.execute("""UPDATE inbox SET payload = '{"type":"Said","gone":1}' WHERE room = ?""", (one,))
    assert [arrival.event.id for arrival in inbox.pending(conn)] == ["b"]
    assert inbox.revive(conn, "next") == 1


@pytest.mark.parametrize(
    "payload",
    [
        '{"type":"Nothing"}', "[]", "no JSON",
        *(f'{{"type":"Said","id":"a","at":"2026-11-23T12:00:00+00:00","sender":"Anna","text":"hoi",{wrong}}}'
          for wrong in ('"points_at":"m1"', '"at":null', '"sender":["Anna"]', '"text":5', '"mentioned":null')),
    ],
)  # fmt: skip
def test_whatever_stands_in_a_row_the_others_are_read(conn: sqlite3.Connection, payload: str) -> None:
    room = rooms.ensure(conn, "console", "r1")
    inbox.add(conn, room, Said("a", NOON, "Anna", "hoi"), NOON)
    conn.execute("UPDATE inbox SET payload = ?", (payload,))
    inbox.add(conn, room, Said("b", NOON, "Anna", "hallo"), NOON)
    assert [arrival.event.id for arrival in inbox.pending(conn)] == ["b"]


def test_behind_many_that_cannot_be_read_the_next_still_come(conn: sqlite3.Connection) -> None:
    room = rooms.ensure(conn, "console", "r1")
    for number in range(7):
        inbox.add(conn, room, Said(f"e{number}", NOON, "Anna", "hoi"), NOON)
    conn.execute("UPDATE inbox SET payload = '[]' WHERE id <= 5")
    assert [arrival.event.id for arrival in inbox.pending(conn, 2)] == ["e5", "e6"]


def test_a_message_that_cannot_be_read_is_set_aside_and_the_room_goes_on(conn: sqlite3.Connection) -> None:
    room = rooms.ensure(conn, "console", "r1")
    for number in (1, 2):
        outbox.add(conn, room, f"k{number}", Say(number, "info", None, f"bericht {number}"), NOON)
    conn.execute("""UPDATE outbox SET payload = '{"gone":1}' WHERE number = 1""")
    assert outbox.heads(conn, NOON, 10) == []
    assert [row.key for row in outbox.heads(conn, NOON, 10)] == ["k2"]
    assert [row.key for row in outbox.of_room(conn, room)] == ["k2"]


def test_a_removal_wipes_what_waits_of_the_message_its_edits_too(conn: sqlite3.Connection) -> None:
    room = rooms.ensure(conn, "console", "r1")
    inbox.add(conn, room, Said("a", NOON, "Anna", "GEHEIM"), NOON)
    inbox.add(conn, room, Edited("b", NOON, "Anna", "a", "nog GEHEIM"), NOON)
    inbox.add(conn, room, Edited("c", NOON, "Anna", "z", "blijft"), NOON)
    inbox.fail(conn, 2, "1")
    inbox.wipe(conn, room, "a")
    left = [payload for (payload,) in conn.execute("SELECT payload FROM inbox")]
    assert [payload is None for payload in left] == [True, True, False]
