"""From outbox to chat: side by side over rooms, in order in each, once, and never before it may."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.transports.base import Deferred, Refused
from flows.conversation.effects import Edit, Mark, Say
from storage import outbox
from storage.writer import Writer
from tests.bot.outgoing import NOON, Outgoing, nothing_noted

Make = Callable[..., Outgoing]


@pytest.fixture
async def outgoing(path: Path) -> AsyncIterator[Make]:
    """Makes a delivery that runs, unless `run` says otherwise."""
    writer = await Writer.open(path)
    made: list[Outgoing] = []

    def make(*, run: bool = True, abreast: int = 10, chance: float = 0.0) -> Outgoing:
        made.append(Outgoing(writer, abreast, chance))
        if run:
            made[-1].run()
        return made[-1]

    yield make
    for one in made:
        await one.stop()
    await writer.close()


# Order ------------------------------------------------------------------------------------------------------------


async def test_a_room_gets_its_messages_in_order_each_once(outgoing: Make) -> None:
    out = outgoing()
    keys = [f"k{number}" for number in range(20)]
    await out.put("!a", *keys[:12])
    await out.settled()
    await out.put("!a", *keys[12:])
    await out.settled()
    assert out.chat.posted == keys
    assert set((await out.states()).values()) == {1}


async def test_as_many_rooms_go_side_by_side_as_the_chat_allows(outgoing: Make) -> None:
    out = outgoing(abreast=3, run=False)
    names = [f"!{number}" for number in range(5)]
    out.hold(*names)
    for name in names:
        await out.put(name, f"{name} 1", f"{name} 2")
    out.run()
    await out.settled()
    assert out.chat.blocked == 3
    await out.open("!1")
    assert out.chat.blocked == 3
    assert out.chat.posted == ["!1 1", "!1 2"]
    for name in names:
        await out.open(name)
    assert (out.chat.most, len(out.chat.posted)) == (3, 10)
    assert all(out.chat.room(name).posted == [f"{name} 1", f"{name} 2"] for name in names)


async def test_a_slow_room_holds_up_no_other(outgoing: Make) -> None:
    out = outgoing()
    out.hold("!slow")
    await out.put("!slow", "s1")
    await out.settled()
    await out.put("!a", "a1", "a2")
    await out.settled()
    assert out.chat.posted == ["a1", "a2"]
    assert await out.states() == {"s1": 0, "a1": 1, "a2": 1}


async def test_what_comes_while_its_room_is_at_work_follows(outgoing: Make) -> None:
    out = outgoing()
    out.hold("!a")
    await out.put("!a", "a1")
    await out.settled()
    await out.put("!a", "a2")
    await out.settled()
    assert out.chat.posted == []
    await out.open("!a")
    assert out.chat.posted == ["a1", "a2"]


async def test_answers_go_before_what_is_said_unasked(outgoing: Make) -> None:
    out = outgoing(abreast=1, run=False)
    await out.put("!a", "a1", kind="reminder")
    await out.put("!b", "b1", kind="recheck")
    await out.put("!c", "c1", kind="question")
    await out.put("!d", "d1", kind="nudge")
    await out.put("!d", "d2", kind="reminder")
    out.run()
    await out.settled()
    assert out.chat.posted == ["c1", "d1", "d2", "a1", "b1"]


async def test_in_a_room_a_reminder_is_not_overtaken(outgoing: Make) -> None:
    out = outgoing(run=False)
    await out.put("!a", "a1", kind="reminder")
    await out.put("!a", "a2", kind="question")
    out.run()
    await out.settled()
    assert out.chat.posted == ["a1", "a2"]


async def test_rows_of_another_chat_are_left_alone(outgoing: Make) -> None:
    out = outgoing()
    await out.put("!a", "other", transport="console")
    await out.put("!a", "ours")
    await out.settled()
    assert out.chat.posted == ["ours"]
    assert await out.states() == {"other": 0, "ours": 1}
    assert out.clock.nap == 60  # and nothing is waited for


async def test_a_parked_room_waits_till_it_is_resumed(outgoing: Make) -> None:
    out = outgoing()
    room = await out.room_row("!a")
    await out.writer.run(partial(outbox.park, room=room))
    await out.put("!a", "a1", "a2")
    await out.put("!b", "b1")
    await out.settled()
    assert out.chat.posted == ["b1"]
    assert out.clock.nap == 60
    await out.writer.run(partial(outbox.resume, room=room))
    out.delivery.wake()
    await out.settled()
    assert out.chat.posted == ["b1", "a1", "a2"]


# Edits ------------------------------------------------------------------------------------------------------------


async def test_an_edit_changes_the_message_that_was_posted_just_before(outgoing: Make) -> None:
    out = outgoing(run=False)
    await out.effect("!a", "said", Say(1, "question", None, "Wat?"))
    await out.effect("!a", "changed", Edit(1, "question", None, "Wat dan?"))
    await out.effect("!a", "marked", Mark("$e1", "✍️"))
    out.run()
    await out.settled()
    assert out.chat.posted == ["said", "changed", "marked"]
    assert out.chat.targets == {"said": None, "changed": "$said", "marked": None}
    await out.effect("!a", "again", Edit(1, "question", None, "Wat nu?"))
    out.delivery.wake()
    await out.settled()
    assert out.chat.targets["again"] == "$said"  # not the event of the edit


# Not now ----------------------------------------------------------------------------------------------------------


async def test_a_message_that_is_deferred_keeps_its_room_waiting_and_no_other(outgoing: Make) -> None:
    out = outgoing()
    out.chat.faults["a1"] = [Deferred(30)]
    await out.put("!a", "a1", "a2")
    await out.put("!b", "b1")
    await out.settled()
    assert out.chat.posted == ["b1"]
    await out.pass_(29.9)
    assert out.chat.posted == ["b1"]
    await out.pass_(0.1)
    assert out.chat.posted == ["b1", "a1", "a2"]


async def test_it_sleeps_no_longer_than_till_the_next_message_may_go(outgoing: Make) -> None:
    out = outgoing()
    out.chat.faults["a1"] = [Deferred(30)]
    await out.put("!a", "a1")
    await out.settled()
    assert 29.9 <= out.clock.nap <= 30.1
    out.clock.pass_(out.clock.nap)  # nobody calls it
    await out.settled()
    assert out.chat.posted == ["a1"]


async def test_a_wait_in_one_room_ends_in_time_while_another_is_slow(outgoing: Make) -> None:
    out = outgoing()
    out.chat.faults["a1"] = [Deferred(2)]
    await out.put("!a", "a1")
    await out.settled()
    out.hold("!slow")
    await out.put("!slow", "s1")
    await out.settled()
    assert out.clock.nap <= 2.1


@pytest.mark.parametrize(
    ("attempts", "chance", "asked", "wait"),
    [
        (0, 0.0, None, 1), (1, 0.0, None, 2), (5, 0.0, None, 32), (11, 0.0, None, 2048), (12, 0.0, None, 3600),
        (5_000, 0.0, None, 3600), (1, 1.0, None, 3), (5_000, 1.0, None, 5400),
        (0, 0.0, 30, 30), (6, 0.0, 30, 64), (0, 0.0, 90_000, 90_000), (0, 0.0, 0, 1),
    ],
)  # fmt: skip
async def test_the_wait_grows_with_every_attempt_and_is_never_shorter_than_asked(
    outgoing: Make, attempts: int, chance: float, asked: float | None, wait: float
) -> None:
    out = outgoing(run=False, chance=chance)
    await out.put("!a", "a1")
    (row,) = await out.writer.run(lambda conn: outbox.heads(conn, NOON, 9))
    await out.writer.run(partial(outbox.defer, row_id=row.id, until=NOON, attempts=attempts))
    out.chat.faults["a1"] = [Deferred(asked)]
    out.run()
    await out.settled()
    assert await out.not_before("a1") == pytest.approx(wait)
    (row,) = await out.writer.run(lambda conn: outbox.of_room(conn, row.room))
    assert (row.attempts, row.key) == (attempts + 1, "a1")


async def test_what_holds_everywhere_holds_for_every_room_till_then(outgoing: Make) -> None:
    out = outgoing(run=False, abreast=1)
    await out.put("!a", "a1", "a2")
    await out.put("!b", "b1")
    out.chat.faults["a1"] = [Deferred(7, everywhere=True)]
    out.run()
    await out.settled()
    await out.put("!c", "c1", kind="question")
    await out.settled()
    await out.pass_(6.9)
    assert [key for _, key in out.chat.tried] == ["a1"]
    assert out.clock.nap == pytest.approx(0.1)
    await out.pass_(0.1)
    assert {at for at, key in out.chat.tried[1:]} == {NOON + timedelta(seconds=7)}
    assert sorted(out.chat.posted) == ["a1", "a2", "b1", "c1"]
    assert out.chat.room("!a").posted == ["a1", "a2"]


async def test_a_room_at_work_stops_where_all_must_wait(outgoing: Make) -> None:
    out = outgoing(run=False)
    out.hold("!a", "!b")
    await out.put("!a", "a1")
    await out.put("!b", "b1", "b2")
    out.chat.faults["a1"] = [Deferred(7, everywhere=True)]
    out.run()
    await out.settled()
    await out.open("!a")
    await out.open("!b")
    assert out.chat.posted == ["b1"]  # it was out already
    await out.pass_(7)
    assert sorted(out.chat.posted) == ["a1", "b1", "b2"]


async def test_a_shorter_quiet_does_not_end_a_longer_one(outgoing: Make) -> None:
    out = outgoing(run=False)
    out.hold("!a", "!b")
    await out.put("!a", "a1")
    await out.put("!b", "b1")
    out.chat.faults |= {"a1": [Deferred(60, everywhere=True)], "b1": [Deferred(2, everywhere=True)]}
    out.run()
    await out.settled()
    await out.open("!a")
    await out.open("!b")
    await out.pass_(59)
    assert len(out.chat.tried) == 2
    await out.pass_(1)
    assert sorted(out.chat.posted) == ["a1", "b1"]


async def test_not_now_without_a_time_is_for_that_room_alone(outgoing: Make) -> None:
    out = outgoing(run=False, abreast=1)
    await out.put("!a", "a1")
    await out.put("!b", "b1")
    out.chat.faults["a1"] = [Deferred(everywhere=True)]
    out.run()
    await out.settled()
    assert out.chat.posted == ["b1"]


# Never ------------------------------------------------------------------------------------------------------------


async def test_what_is_refused_goes_aside_and_the_room_goes_on(
    outgoing: Make, caplog: pytest.LogCaptureFixture
) -> None:
    out = outgoing()
    out.chat.faults["a1"] = [Refused("M_TOO_LARGE")]
    await out.put("!a", "a1", "a2")
    await out.settled()
    assert out.chat.posted == ["a2"]
    assert await out.states() == {"a1": 2, "a2": 1}
    assert "tekst" not in caplog.text
    kept = await out.writer.run(
        lambda conn: conn.execute("SELECT count(*) FROM outbox WHERE payload LIKE '%tekst%'").fetchone()
    )
    assert kept == (0,)


class Broken(Exception):
    """What a transport raises that is neither now nor never."""


async def test_a_fault_ends_it_once_the_other_rooms_are_done_and_nothing_is_lost(outgoing: Make) -> None:
    out = outgoing(run=False)
    out.hold("!b")
    await out.put("!a", "a1", "a2")
    await out.put("!b", "b1")
    out.chat.faults["a2"] = [Broken()]
    out.run()
    task = out.task
    assert task is not None
    await out.until(lambda: out.chat.blocked == 1 and not out.chat.faults["a2"])
    out.chat.room("!b").open.set()
    with pytest.raises(Broken):
        await task
    assert await out.states() == {"a1": 1, "a2": 0, "b1": 1}
    out.run()
    await out.settled()
    assert out.chat.posted == ["a1", "b1", "a2"]


# The end, and a new start -----------------------------------------------------------------------------------------


async def test_who_is_told_to_stop_finishes_the_message_in_hand(outgoing: Make) -> None:
    out = outgoing()
    out.hold("!a")
    await out.put("!a", "a1", "a2")
    await out.settled()
    task = out.task
    assert task is not None
    task.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not task.done()
    out.chat.room("!a").open.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    posted = [*out.chat.posted]
    assert posted[:1] == ["a1"]
    assert [key for key, state in (await out.states()).items() if state == 1] == posted
    out.begin()
    out.run()
    await out.settled()
    assert out.chat.posted == ["a1", "a2"]


async def test_what_a_room_raises_while_it_is_told_to_stop_is_not_lost(outgoing: Make) -> None:
    out = outgoing()
    out.hold("!a")
    out.chat.faults["a1"] = [Broken()]
    await out.put("!a", "a1")
    await out.settled()
    task = out.task
    assert task is not None
    task.cancel()
    out.chat.room("!a").open.set()
    with pytest.raises(Broken):
        await task
    assert await out.states() == {"a1": 0}


async def test_a_retry_carries_the_same_key(outgoing: Make) -> None:
    out = outgoing()
    out.chat.faults["a1"] = [Deferred()]
    await out.put("!a", "a1")
    await out.settled()
    await out.pass_(2)
    assert [key for _, key in out.chat.tried] == ["a1", "a1"]
    assert out.chat.posted == ["a1"]


class Interleaved:
    """A writer by which a turn is committed just after somebody looked and found nothing to post."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.late: list[Callable[[], Awaitable[None]]] = []

    async def run(self, work: Callable[[sqlite3.Connection], object]) -> object:
        found = await self._writer.run(work)
        if found == (None, []) and self.late:
            await self.late.pop()()
        return found


async def test_a_call_is_not_missed_while_it_looks(outgoing: Make) -> None:
    out = outgoing(run=False)
    out.writer = writer = Interleaved(out.writer)  # type: ignore[assignment]
    out.begin()
    writer.late.append(partial(out.put, "!a", "a1"))
    out.run()
    await out.settled()
    assert writer.late == []
    assert out.chat.posted == ["a1"]


async def test_what_could_not_even_be_tried_is_no_attempt(outgoing: Make) -> None:
    out = outgoing()
    out.chat.faults["a1"] = [Deferred(0.25, tried=False)] * 5
    await out.put("!a", "a1")
    for _ in range(5):
        await out.settled()
        assert out.chat.posted == []
        assert await out.not_before("a1") == pytest.approx(0.25)
        await out.pass_(0.25)
    assert out.chat.posted == ["a1"]
    assert await out.writer.run(lambda conn: conn.execute("SELECT attempts FROM outbox").fetchone()) == (0,)


# Draining: for who waits till all is out ---------------------------------------------------------------------------


async def test_draining_comes_back_when_all_that_may_go_is_out(outgoing: Make) -> None:
    out = outgoing(run=False, abreast=2)
    for name in ("!a", "!b", "!c"):
        await out.put(name, f"{name} 1", f"{name} 2")
    out.chat.faults["!b 1"] = [Deferred(5)]
    await out.delivery.drain()
    assert sorted(out.chat.posted) == ["!a 1", "!a 2", "!c 1", "!c 2"]
    out.clock.pass_(5)
    await out.delivery.drain()
    assert out.chat.room("!b").posted == ["!b 1", "!b 2"]


async def test_draining_takes_what_came_meanwhile_too(outgoing: Make) -> None:
    out = outgoing(run=False)
    await out.put("!a", "a1")
    out.hold("!a")
    draining = asyncio.create_task(out.delivery.drain())
    await out.until(lambda: out.chat.blocked)
    await out.put("!a", "a2")
    await out.put("!b", "b1")
    out.chat.room("!a").open.set()
    await draining
    assert sorted(out.chat.posted) == ["a1", "a2", "b1"]


async def test_draining_raises_what_a_room_raised_after_the_others(outgoing: Make) -> None:
    out = outgoing(run=False)
    await out.put("!a", "a1")
    await out.put("!b", "b1")
    out.chat.faults["a1"] = [Broken()]
    with pytest.raises(Broken):
        await out.delivery.drain()
    assert await out.states() == {"a1": 0, "b1": 1}


@pytest.mark.parametrize("drains", [True, False])
async def test_what_could_not_be_noted_is_told_of_and_not_posted_again(outgoing: Make, *, drains: bool) -> None:
    out = outgoing(run=False)
    out.begin(careful=True)
    await out.put("!a", "a1", "a2")
    async with nothing_noted(out.writer):
        with pytest.raises(sqlite3.IntegrityError):
            await (out.delivery.drain() if drains else out.delivery.run())
    assert await out.states() == {"a1": 0, "a2": 0}
    if drains:
        await out.delivery.drain()
    else:
        out.run()
        await out.settled()
    assert out.chat.posted == ["a1", "a2"]
    assert await out.states() == {"a1": 2, "a2": 1}
    found = await out.writer.run(lambda conn: conn.execute("SELECT event FROM inbox").fetchall())
    assert [event.split(":")[-1] for (event,) in found] == ["a1"]


async def test_an_unreadable_row_holds_up_nothing(outgoing: Make) -> None:
    out = outgoing(run=False)
    await out.put("!a", "a1", "a2")

    def spoil(conn: sqlite3.Connection) -> None:
        conn.execute("UPDATE outbox SET payload = '{}' WHERE \"key\" = 'a1'")

    await out.writer.run(spoil)
    out.run()
    await out.settled()
    await out.pass_(1)
    assert out.chat.posted == ["a2"]
