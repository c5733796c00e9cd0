"""A snapshot survives its rows: whatever changes a turn makes, save and load agree with the pure apply."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.conversation.snapshot import (
    TABLES,
    Asked,
    Change,
    Drop,
    Helped,
    Item,
    Member,
    Prompt,
    Put,
    Record,
    Room,
    Snapshot,
    Timer,
    Vote,
    apply,
    changed_room,
)
from storage import rooms, timers
from storage.codec import Mapped, micros, moment, without_none
from storage.migrate import migrate, migrations
from storage.writer import Writer

# Few keys, so that changes meet; SQLite has no text for half a surrogate pair, and integers of 64 bits.
KEYS = st.sampled_from(["a", "b", "É 'x' \"y\"", "\x00"])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
BIG = st.integers(-(2**63), 2**63 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | BIG | TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner)
)
INSTANTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 (bounds are naive)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: BIG,
    bool: st.booleans(),
    datetime: INSTANTS,
    date: st.dates(),
    tuple[str, ...]: st.lists(TEXT, max_size=3).map(tuple),
    tuple[int, ...]: st.lists(BIG, max_size=3).map(tuple),
    dict[str, Any]: st.dictionaries(TEXT, JSON, max_size=3),
    dict[str, str | None]: st.dictionaries(TEXT, st.none() | TEXT, max_size=3),
}


def records(kind: type[Record]) -> st.SearchStrategy[Record]:
    values: dict[str, st.SearchStrategy[Any]] = {}
    for name, hint in get_type_hints(kind).items():
        if name in kind.key_fields:
            values[name] = KEYS if hint is str else st.integers(1, 4)
        elif name in {one.name for one in fields(kind)}:
            plain = without_none(hint)
            values[name] = VALUES[plain] if plain == hint else st.none() | VALUES[plain]
    return st.builds(kind, **values)


RECORDS = st.one_of([records(kind) for kind in TABLES])
CHANGES = st.lists(st.builds(Put, RECORDS) | st.builds(Drop, RECORDS), max_size=12)


@pytest.fixture(scope="module")
def conn() -> Iterator[sqlite3.Connection]:
    # One database for all examples: each takes a room of its own.
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(sqlite3.connect(Path(folder) / "coach.db", isolation_level=None)) as conn,
    ):
        migrate(conn, Path(folder) / "coach.db", migrations())
        conn.execute("PRAGMA foreign_keys = ON")
        conn.execute("PRAGMA synchronous = OFF")
        yield conn


@settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(turns=st.lists(CHANGES, max_size=4))
def test_save_and_load_agree_with_apply(conn: sqlite3.Connection, turns: list[list[Change]]) -> None:
    conn.execute("BEGIN")
    try:
        room, other = rooms.ensure(conn, "matrix", "!a"), rooms.ensure(conn, "matrix", "!b")
        snapshot = Snapshot(id="!a")
        for changes in turns:
            snapshot = apply(snapshot, changes)
            rooms.save(conn, room, changes)
            assert rooms.load(conn, room) == snapshot
        assert rooms.load(conn, other) == Snapshot(id="!b")
        rooms.save(conn, other, [change for changes in reversed(turns) for change in changes])
        both = {one: rooms.load(conn, one) for one in (room, other)}
        found = rooms.load_many(conn, [other, 99, room])
        assert found == both
        order = {one: [list(getattr(found[one], kind.table)) for kind in TABLES if kind is not Room] for one in both}
        assert order == {
            one: [list(getattr(both[one], kind.table)) for kind in TABLES if kind is not Room] for one in both
        }
    finally:
        conn.execute("ROLLBACK")


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.table)
@settings(max_examples=10, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_record_comes_back_as_it_was(conn: sqlite3.Connection, kind: type[Record], data: st.DataObject) -> None:
    record = data.draw(records(kind))
    conn.execute("BEGIN")
    try:
        room = rooms.ensure(conn, "matrix", "!a")
        rooms.save(conn, room, [Put(record)])
        assert rooms.load(conn, room) == apply(Snapshot(id="!a"), [Put(record)])
    finally:
        conn.execute("ROLLBACK")


@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(before=records(Room), after=records(Room))
def test_a_changed_room_is_what_replace_makes(before: Room, after: Room) -> None:
    for one in fields(Room):
        values = {one.name: getattr(after, one.name)}
        assert changed_room(before, values) == replace(before, **values)
    assert changed_room(before, {}) == before
    with pytest.raises(KeyError):
        changed_room(before, {"nothing": 1})


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.table)
def test_a_table_has_the_columns_of_its_record(conn: sqlite3.Connection, kind: type[Record]) -> None:
    table = {row[1]: row for row in conn.execute(f'PRAGMA table_info("{kind.table}")')}
    own = {"id", "transport", "external", "parked"} if kind is Room else {"room"}
    assert own.isdisjoint(Mapped(kind).names)
    assert set(table) == own | set(Mapped(kind).names)
    for name, hint in get_type_hints(kind).items():
        if name in Mapped(kind).names:
            column_type, not_null = table[name][2], bool(table[name][3])
            assert column_type == ("INTEGER" if without_none(hint) in (int, bool, datetime) else "TEXT"), name
            assert not_null == (without_none(hint) == hint), name
    keys = [name for name, row in sorted(table.items(), key=lambda one: one[1][5]) if row[5]]
    assert keys == (["id"] if kind is Room else ["room", *kind.key_fields])


def test_every_table_is_strict(conn: sqlite3.Connection) -> None:
    assert [row for row in conn.execute("PRAGMA table_list") if not row[1].startswith("sqlite_") and not row[5]] == []


def test_an_instant_is_exact_in_any_zone() -> None:
    summer = datetime(2026, 7, 1, 9, 0, 0, 123_457, tzinfo=timezone(timedelta(hours=2)))
    assert moment(micros(summer)) == summer
    assert moment(micros(summer)).tzinfo is UTC
    with pytest.raises(TypeError):
        micros(datetime(2026, 7, 1))  # noqa: DTZ001


async def test_a_new_room_is_made_once_with_defaults(writer: Writer) -> None:
    first = await writer.run(lambda conn: rooms.ensure(conn, "matrix", "!a"))
    assert await writer.run(lambda conn: rooms.ensure(conn, "matrix", "!a")) == first
    assert await writer.run(lambda conn: rooms.ensure(conn, "teams", "!a")) != first
    assert await writer.run(lambda conn: rooms.find(conn, "matrix", "!a")) == first
    assert await writer.run(lambda conn: rooms.find(conn, "matrix", "!b")) is None
    assert await writer.run(lambda conn: rooms.load(conn, first)) == Snapshot(id="!a")


async def test_the_list_shows_where_rooms_are(writer: Writer, room: int, noon: datetime) -> None:
    def work(conn: sqlite3.Connection) -> list[rooms.RoomLine]:
        rooms.save(conn, room, [Put(Room(position="impact.waarom", last_at=noon))])
        second = rooms.ensure(conn, "matrix", "!b")
        assert second > room
        return rooms.listing(conn)

    assert await writer.run(work) == [
        rooms.RoomLine(room, "console", "!kamer", "impact.waarom", noon),
        rooms.RoomLine(room + 1, "matrix", "!b", "begin", None),
    ]


async def test_of_changes_to_one_record_the_last_holds(writer: Writer, room: int, noon: datetime) -> None:
    item = Item(1, "impact.doel", "eerst", "@anna", noon)
    seen: list[str] = []

    def work(conn: sqlite3.Connection) -> Snapshot:
        conn.set_trace_callback(seen.append)
        rooms.save(
            conn,
            room,
            [
                Put(item),
                Put(Member("@anna", "Anna")),
                Put(Item(1, "impact.doel", "daarna", "@anna", noon)),
                Put(Helped("s", "@anna")),
                Put(Helped("s", "@anna")),
                Put(Vote("s", "@anna", "ja", noon)),
                Drop(Vote("s", "@anna", "ja", noon)),
                Drop(Asked("s", 1, 1, True)),
                Put(Asked("s", 2, 2, True)),
            ],
        )
        conn.set_trace_callback(None)
        return rooms.load(conn, room)

    snapshot = await writer.run(work)
    assert snapshot.item[1].text == "daarna"
    assert snapshot.vote == {}
    assert snapshot.asked["s"].first == 2
    assert set(snapshot.helped) == {("s", "@anna")}
    assert len(seen) == 5  # a statement for each record, not for each change


async def test_a_room_that_is_not_there(writer: Writer, noon: datetime) -> None:
    with pytest.raises(LookupError):
        await writer.run(lambda conn: rooms.load(conn, 99))
    with pytest.raises(LookupError):
        await writer.run(lambda conn: rooms.save(conn, 99, [Put(Room())]))
    with pytest.raises(sqlite3.IntegrityError):
        await writer.run(lambda conn: rooms.save(conn, 99, [Put(Timer("x", noon))]))


async def test_timers_of_all_rooms_by_due(writer: Writer, room: int, noon: datetime, later: datetime) -> None:
    elsewhere = room
    room = await writer.run(lambda conn: rooms.ensure(conn, "matrix", "!a"))
    second = await writer.run(lambda conn: rooms.ensure(conn, "matrix", "!b"))
    await writer.run(lambda conn: rooms.save(conn, elsewhere, [Put(Timer("digest", noon - timedelta(days=9)))]))
    assert await writer.run(lambda conn: timers.next_due(conn, "matrix")) is None
    at_noon, before, after = (
        Timer("nudge", noon, {"step": "x"}),
        Timer("recheck", noon - timedelta(days=1)),
        Timer("digest", later + timedelta(microseconds=1)),
    )

    def work(conn: sqlite3.Connection) -> list[list[tuple[int, Timer]]]:
        rooms.save(conn, room, [Put(at_noon), Put(after)])
        rooms.save(conn, second, [Put(before)])
        return [
            timers.due(conn, "matrix", later),
            timers.due(conn, "matrix", noon - timedelta(seconds=1)),
            timers.due(conn, "matrix", later, limit=1),
        ]

    assert await writer.run(work) == [[(second, before), (room, at_noon)], [(second, before)], [(second, before)]]
    assert await writer.run(lambda conn: timers.next_due(conn, "matrix")) == before.due


async def test_data_of_a_prompt_is_text_as_people_wrote_it(writer: Writer, room: int) -> None:
    prompt = Prompt(1, "vote", None, (4, 5), {"woorden": ["één", 2, None, True]})
    await writer.run(lambda conn: rooms.save(conn, room, [Put(prompt)]))
    stored = await writer.run(lambda conn: conn.execute("SELECT messages, data FROM prompt").fetchone())
    assert stored == ("[4,5]", '{"woorden":["één",2,null,true]}')


async def test_timers_are_found_by_their_index(writer: Writer) -> None:
    """Neither all rooms nor all timers are gone through for the first few: that would hold up everybody."""

    def work(conn: sqlite3.Connection) -> list[str]:
        seen: list[str] = []
        conn.set_trace_callback(seen.append)
        timers.due(conn, "matrix", datetime(2027, 1, 1, tzinfo=UTC), 5)
        timers.next_due(conn, "matrix")
        conn.set_trace_callback(None)
        return [row[3] for sql in seen for row in conn.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()]

    plan = await writer.run(work)
    assert len([step for step in plan if "timer_due" in step]) == 2
    assert not [step for step in plan if "B-TREE" in step or "SUBQUERY" in step or "SCAN room" in step]
