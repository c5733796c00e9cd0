"""What comes in, its turn and the beginning of posting: one transaction where nothing else goes on, the parts one after
the other where something does, and nothing lost or twice whoever breaks off."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from bot import coach
from bot.transports.base import Deferred
from bot.turns import effect_key
from flows.conversation.effects import Say
from storage import inbox, outbox, rooms
from storage.errors import StorageError
from storage.writer import Writer
from tests.bot.outgoing import DEADLINE, NOON, Outgoing
from tests.bot.served_rooms import ANNA, BAS, Rooms

T = TypeVar("T")


@pytest.fixture
async def out(tmp_path: Path) -> AsyncIterator[Outgoing]:
    """A delivery at work where a second try would be a second message."""
    writer = await Writer.open(tmp_path / "coach.db")
    outgoing = Outgoing(writer)
    outgoing.begin(careful=True)
    outgoing.run()
    await outgoing.settled()
    yield outgoing
    await outgoing.stop()
    await writer.close()


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[Rooms]:
    """A room at its first question; posting goes on beside."""
    found = await Rooms(tmp_path / "coach.db").start()
    delivering = asyncio.create_task(found.coach.deliver())
    await asyncio.sleep(0)
    await found.group("!a", ANNA, BAS)
    yield found
    delivering.cancel()
    await asyncio.gather(delivering, return_exceptions=True)
    await found.stop()


def put(out: Outgoing, room: str, key: str) -> Callable[[sqlite3.Connection], int]:
    """A message of the coach in a room, as a turn puts it in line."""
    number = next(out._numbers)

    def work(conn: sqlite3.Connection) -> int:
        row = rooms.ensure(conn, "matrix", room)
        return outbox.add(conn, row, key, Say(number, "info", None, key), out.clock.now())

    return work


@asynccontextmanager
async def statements(writer: Writer) -> AsyncIterator[list[str]]:
    """What the database is told meanwhile."""
    found: list[str] = []
    await writer._connection.set_trace_callback(found.append)
    yield found
    await writer._connection.set_trace_callback(None)  # type: ignore[arg-type]


def are_one(found: list[str], first: str, last: str) -> bool:
    """Whether no transaction ended between two statements, by how they begin."""
    begin, end = (next(place for place, sql in enumerate(found) if sql.startswith(one)) for one in (first, last))
    return begin < end and "COMMIT" not in found[begin:end]


class Slow:
    """A writer whose next unit is committed, but nobody hears of it before `go` is set."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.go = asyncio.Event()
        self.go.set()
        self.done = asyncio.Event()

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        found = await self._writer.run(work)
        self.done.set()
        await self.go.wait()
        return found


async def slow_along(out: Outgoing, key: str) -> tuple[Slow, asyncio.Task[int]]:
    """A message that was put in line and is about to be posted."""
    slow = Slow(out.writer)
    out.delivery._writer = slow  # type: ignore[assignment]
    slow.go.clear()
    asking = asyncio.create_task(out.delivery.along(put(out, "!a", key)))
    async with asyncio.timeout(DEADLINE):
        await slow.done.wait()
    return slow, asking


async def doubted(writer: Writer) -> int:
    """How many messages nobody knows the fate of."""
    find = "SELECT count(*) FROM inbox WHERE instr(event, 'doubt:')"
    (count,) = await writer.run(lambda conn: conn.execute(find).fetchone())
    return int(count)


async def restarted(out: Outgoing) -> None:
    """The coach ends, and another takes up what it left."""
    await out.stop()
    out.begin(careful=True)
    out.run()
    await out.settled()


# Posting ------------------------------------------------------------------------------------------------------------


async def test_what_is_put_in_line_is_on_its_way_after_one_commit(out: Outgoing) -> None:
    async with statements(out.writer) as found:
        await out.delivery.along(put(out, "!a", "a1"))
        await out.until(lambda: out.chat.posted)
        await out.settled()
    assert are_one(found, "INSERT INTO outbox", "UPDATE outbox SET begun = 1")
    assert sum(sql.startswith("UPDATE outbox SET begun") for sql in found) == 1
    assert await out.states() == {"a1": 1}


async def test_where_somebody_looks_already_it_is_posted_once(out: Outgoing) -> None:
    works = [put(out, f"!{number % 3}", f"a{number}") for number in range(9)]
    await asyncio.gather(*(out.delivery.along(work) for work in works))
    await out.until(lambda: len(out.chat.posted) == len(works))
    await out.settled()
    assert sorted(out.chat.posted) == sorted(f"a{number}" for number in range(9))
    for room in range(3):
        assert out.chat.room(f"!{room}").posted == [f"a{room}", f"a{room + 3}", f"a{room + 6}"]


async def test_what_the_work_raises_undoes_it_and_ends_nothing(out: Outgoing) -> None:
    def fail(conn: sqlite3.Connection) -> None:
        put(out, "!a", "a1")(conn)
        raise LookupError

    with pytest.raises(LookupError):
        await out.delivery.along(fail)
    await out.delivery.along(put(out, "!a", "a2"))
    await out.until(lambda: out.chat.posted)
    await out.settled()
    assert await out.states() == {"a2": 1}


async def test_it_is_posted_also_where_who_asked_goes_away(out: Outgoing) -> None:
    slow, asking = await slow_along(out, "a1")
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    slow.go.set()
    await out.until(lambda: out.chat.posted)
    await out.settled()
    await restarted(out)
    assert out.chat.posted == ["a1"]
    assert await doubted(out.writer) == 0


async def test_it_is_posted_also_where_posting_is_told_to_end(out: Outgoing) -> None:
    slow, asking = await slow_along(out, "a1")
    assert out.task is not None
    out.task.cancel()
    for _ in range(10):
        await asyncio.sleep(0)
    assert not out.task.done()
    slow.go.set()
    await asyncio.gather(out.task, return_exceptions=True)
    assert out.chat.posted == ["a1"]
    await asking
    assert await out.states() == {"a1": 1}


async def test_what_is_about_to_be_posted_is_before_the_room_is_left_alone(out: Outgoing) -> None:
    slow, _ = await slow_along(out, "a1")

    async def alone() -> list[str]:
        async with out.delivery.apart(await out.room_row("!a")):
            found = list(out.chat.posted)
            await out.delivery.along(put(out, "!a", "a2"))
            await out.delivery.along(put(out, "!b", "b1"))
            await out.until(lambda: "b1" in out.chat.posted)
            assert "a2" not in out.chat.posted
            return found

    leaving = asyncio.create_task(alone())
    for _ in range(10):
        await asyncio.sleep(0)
    slow.go.set()
    async with asyncio.timeout(DEADLINE):
        assert await leaving == ["a1"]
    await out.until(lambda: "a2" in out.chat.posted)


async def test_nobody_doubts_what_was_not_even_begun_for_the_chat_wanted_quiet(out: Outgoing) -> None:
    out.chat.faults["a1"] = [Deferred(5, everywhere=True)]

    def both(conn: sqlite3.Connection) -> None:
        put(out, "!a", "a1")(conn)
        put(out, "!b", "b1")(conn)

    await out.delivery.along(both)
    await out.settled()
    assert [key for _, key in out.chat.tried] == ["a1"]
    await restarted(out)
    await out.pass_(60)
    assert sorted(out.chat.posted) == ["a1", "b1"]
    assert await doubted(out.writer) == 0


# Turns --------------------------------------------------------------------------------------------------------------


async def test_an_answer_and_its_turn_are_one_commit(team: Rooms) -> None:
    async with statements(team.writer) as found:
        assert await team.coach.take([team.message("!a", "!antwoord Jeugdhulp")])
    assert are_one(found, "INSERT INTO inbox", "INSERT INTO outbox")
    assert (await team.snapshot("!a")).item


@asynccontextmanager
async def refused(writer: Writer) -> AsyncIterator[None]:
    """No turn can be written down, and it is no fault of the turn."""
    refuse = "CREATE TEMP TRIGGER refuse BEFORE INSERT ON outbox BEGIN SELECT no_such_function(); END"
    await writer.run(lambda conn: conn.execute(refuse))
    yield
    await writer.run(lambda conn: conn.execute("DROP TRIGGER refuse"))


async def test_what_comes_in_is_kept_where_its_turn_can_not_be(team: Rooms) -> None:
    message = team.message("!a", "!antwoord Jeugdhulp")
    async with refused(team.writer):
        assert not await team.coach.take([message])
        assert await team.writer.run(lambda conn: [one.event.id for one in inbox.pending(conn)]) == [message.id]
        with pytest.raises((StorageError, sqlite3.OperationalError)):
            await team.coach.work()
    assert not (await team.snapshot("!a")).item
    await team.coach.work()
    assert [one.text for one in (await team.snapshot("!a")).item.values()] == ["Jeugdhulp"]


async def test_what_can_not_be_kept_leaves_no_trace_and_may_come_again(team: Rooms) -> None:
    def refuse(conn: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    message = team.message("!a", "!antwoord Jeugdhulp")
    with pytest.raises((StorageError, sqlite3.OperationalError)):
        await team.coach.take([message], refuse)
    assert not (await team.snapshot("!a")).item
    assert await team.writer.run(lambda conn: inbox.pending(conn)) == []
    assert await team.coach.take([message])
    assert [one.text for one in (await team.snapshot("!a")).item.values()] == ["Jeugdhulp"]


async def test_who_was_there_only_by_what_was_not_kept_is_not(team: Rooms) -> None:
    def refuse(conn: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with pytest.raises((StorageError, sqlite3.OperationalError)):
        await team.coach.take([team.people("!a", ANNA)], refuse)
    await team.receive(team.message("!a", "gewoon gepraat"))  # two are there: it is for the coach only if one was
    assert not (await team.snapshot("!a")).item


async def test_a_room_that_was_not_kept_is_not_taken_for_the_next(team: Rooms) -> None:
    full = iter([False, True])

    def also(conn: sqlite3.Connection) -> None:
        if next(full):  # first the turn can't be kept, then nothing can
            raise sqlite3.OperationalError("database or disk is full")

    async with refused(team.writer):
        with pytest.raises((StorageError, sqlite3.OperationalError)):
            await team.coach.take([team.people("!new", ANNA), team.message("!new", "!start")], also)
    assert next(full, None) is None
    await team.group("!next", ANNA, BAS)  # the database gives it the same row
    await team.receive(team.message("!next", "!antwoord Jeugdhulp"))
    assert [one.text for one in (await team.snapshot("!next")).item.values()] == ["Jeugdhulp"]
    key = effect_key("matrix", "!next", f"event {team.event}", 0)
    assert await team.writer.run(lambda conn: outbox.has_key(conn, key))
    assert "!new" not in {one.external_room for one in team.chat.posted}


async def test_while_others_turns_are_being_done_it_is_kept_and_waits(team: Rooms) -> None:
    message = team.message("!a", "!antwoord Jeugdhulp")
    row = await team.writer.run(partial(rooms.ensure, transport="matrix", external="!a"))
    async with team.coach._apart(row), asyncio.timeout(DEADLINE):
        assert not await team.coach.take([message])
        assert await team.writer.run(lambda conn: inbox.known(conn, row, message.id))
    await team.coach.work()
    assert (await team.snapshot("!a")).item


async def test_more_than_fits_in_one_transaction_is_all_done(team: Rooms) -> None:
    await team.receive(*(team.message("!a", f"!antwoord Antwoord {number}") for number in range(130)))
    assert len((await team.snapshot("!a")).item) == 130


async def test_between_a_message_and_its_turn_no_timer_has_one(team: Rooms) -> None:
    """Not even where its turn can't be done together with it."""
    for number in range(12):
        room = f"!r{number}"
        await team.receive(team.people(room, ANNA, BAS))
        await team.receive(team.message(room, "!actie memo @Anna 1 december 2026"))
    team.clock.at = NOON + timedelta(days=4)  # three days before it, and past nine
    async with statements(team.writer) as found:
        firing = asyncio.create_task(team.coach.fire(team.clock.now()))
        await team.writer.run(lambda conn: None)  # it began
        await asyncio.gather(team.receive(team.message("!a", "!acties")), firing)
    brought = [place for place, sql in enumerate(found) if sql.startswith("INSERT INTO inbox")]
    came = next(place for place in brought if f"'{team.event}'" in found[place])
    turn = next(place for place, sql in enumerate(found) if place > came and sql.startswith("UPDATE inbox"))
    assert sum("timer:digest" in found[place] for place in brought) > 12  # some were taken back
    assert not [place for place in brought if came < place < turn]


async def test_while_others_write_timers_and_they_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coach, "LEAST_TIMERS", 3)
    team = await Rooms(tmp_path / "coach.db").start()
    for number in range(8):
        room = f"!r{number}"
        await team.receive(team.people(room, ANNA, BAS))
        await team.receive(team.message(room, "!actie memo @Anna 1 december 2026"))
    team.clock.at = NOON + timedelta(days=4)
    gate = threading.Event()
    async with statements(team.writer) as found:
        held = asyncio.create_task(team.writer.run(lambda conn: gate.wait(DEADLINE)))
        await asyncio.sleep(0)
        firing = asyncio.create_task(team.coach.fire(team.clock.now()))
        await asyncio.sleep(0)
        behind = asyncio.create_task(team.writer.run(lambda conn: None))
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(held, firing, behind)
    units = "\n".join(found).split("BEGIN IMMEDIATE")
    counts = [sum(sql.startswith("RELEASE turn") for sql in unit.splitlines()) for unit in units]
    assert [count for count in counts if count] == [3, 5]  # nobody waits any more behind the second
    await team.stop()
