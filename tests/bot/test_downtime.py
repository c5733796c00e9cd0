"""The process was not there: one digest follows, in working hours, that says it is late; and nothing comes twice."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import VERSION, coach
from bot.receiving import APART
from bot.transports.base import Message
from bot.transports.console import NAME
from flows.conversation.events import TimerDue
from storage import inbox, rooms, timers
from tests.bot.process import Line
from tests.simulation.pilot import Pilot, listed

LONG_AFTER = datetime(2027, 1, 1, tzinfo=UTC)
LATE = "_Later dan gepland: ik was er even niet._"


@pytest.fixture
async def pilot(tmp_path: Path) -> AsyncIterator[Pilot]:
    pilot = await Pilot(tmp_path / "coach.db").start()
    for text in ("memo @Anna 15 september 2026", "brief @Bas 1 oktober 2026", "zaal @Chris 1 december 2026"):
        (said,) = await pilot.say(f"!actie {text}")
        assert said["kind"] == "noted"
    yield pilot
    await pilot.stop()


def told(lines: list[Line]) -> list[tuple[str, list[int], bool]]:
    """When a digest came, of what, and whether it said that it is late."""
    assert {line["kind"] for line in lines} <= {"reminder"}
    return [(line["at"][:16], listed(line), LATE in line["text"]) for line in lines]


async def test_three_weeks_in_the_middle_bring_one_digest_that_says_it_is_late(pilot: Pilot) -> None:
    await pilot.to("2026-09-16 12:00")
    assert told(pilot.said) == [("2026-09-11T09:00", [1], False), ("2026-09-15T09:00", [1], False)]
    await pilot.stop()
    assert await pilot.again() == []
    pilot.said.clear()
    await pilot.to("2026-10-07 11:23")  # a Wednesday, in working hours
    await pilot.until("2026-10-20 12:00")
    assert told(pilot.said) == [
        ("2026-10-07T11:23", [1, 2], True),
        ("2026-10-12T09:00", [1, 2], False),
        ("2026-10-19T09:00", [1, 2], False),
    ]
    assert (
        "- Stond voor 15 september 2026: **1.** memo · @Anna\n- Stond voor 1 oktober 2026: **2.** brief · @Bas"
        in (pilot.said[0]["text"])
    )
    assert pilot.said[0]["mentions"] == ["Anna", "Bas"]


@pytest.mark.parametrize("jump", [True, False])
async def test_a_start_outside_working_hours_waits_and_still_says_that_it_is_late(pilot: Pilot, jump: bool) -> None:
    await pilot.to("2026-09-16 12:00")
    for back, said in (
        ("2026-10-07 03:12", "2026-10-07T09:00"),  # at night
        ("2026-10-14 08:59", "2026-10-14T09:00"),
        ("2026-10-21 16:59", "2026-10-21T16:59"),  # just within them
        ("2026-10-28 17:00", "2026-10-29T09:00"),  # after them
        ("2026-11-06 22:00", "2026-11-09T09:00"),  # Friday evening: Monday
        ("2026-11-21 12:00", "2026-11-23T09:00"),  # at the weekend
        ("2026-12-24 17:30", "2026-12-28T09:00"),  # Christmas, and a weekend
        ("2027-03-28 12:00", "2027-03-30T09:00"),  # Easter
    ):
        await pilot.stop()
        await pilot.again()
        pilot.said.clear()
        await pilot.to(back)
        await pilot.say("!acties")  # people may speak meanwhile
        day = said[:10]
        if not jump and back[:10] < day:
            await pilot.to(f"{day} 08:59")
            await pilot.to(f"{day} 09:00")
        await pilot.to(f"{day} 23:00")
        assert [(at, late) for at, _, late in told(pilot.said)] == [(said, True)]


async def test_what_came_back_at_night_and_was_settled_before_the_morning_is_not_said(pilot: Pilot) -> None:
    """And what comes next is in time, so it does not say that it is late."""
    await pilot.to("2026-09-16 12:00")
    await pilot.stop()
    await pilot.again()
    pilot.said.clear()
    await pilot.to("2026-10-07 03:12")
    await pilot.say("!gedaan 1")
    await pilot.say("!uitstel 2 23 oktober 2026", "Bas")
    await pilot.to("2026-10-24 12:00")
    assert told(pilot.said) == [("2026-10-20T09:00", [2], False), ("2026-10-23T09:00", [2], False)]


async def test_what_is_left_of_it_in_the_morning_is_late(pilot: Pilot) -> None:
    await pilot.to("2026-09-16 12:00")
    await pilot.stop()
    await pilot.again()
    pilot.said.clear()
    await pilot.to("2026-10-07 03:12")
    await pilot.say("!gedaan 1")
    await pilot.until("2026-10-07 12:00")
    assert told(pilot.said) == [("2026-10-07T09:00", [2], True)]


async def test_a_second_stop_before_the_morning(pilot: Pilot) -> None:
    await pilot.to("2026-09-16 12:00")
    for moment in ("2026-10-07 03:12", "2026-10-07 08:00", "2026-10-07 17:30"):
        await pilot.stop()
        await pilot.again()
        assert await pilot.to(moment) == []
    await pilot.until("2026-10-09 12:00")
    assert told(pilot.said[2:]) == [("2026-10-08T09:00", [1, 2], True)]


async def test_within_an_hour_is_in_time(pilot: Pilot) -> None:
    await pilot.to("2026-09-16 12:00")
    for day, back, late in ((21, "09:00", False), (22, "09:40", False), (23, "10:00", False), (24, "10:01", True)):
        await pilot.say(f"!uitstel 1 {day} september 2026")  # it is reminded of on that day
        await pilot.to(f"2026-09-{day} 08:50")
        await pilot.stop()
        await pilot.again()
        pilot.said.clear()
        await pilot.to(f"2026-09-{day} {back}")
        assert told(pilot.said) == [(f"2026-09-{day}T{back}", [1], late)]


async def test_an_hour_in_a_running_process_is_no_downtime(pilot: Pilot) -> None:
    await pilot.to("2026-09-16 12:00")
    pilot.said.clear()
    await pilot.to("2026-10-07 12:00")  # one line, three weeks further
    assert [late for _, _, late in told(pilot.said)] == [False] * len(pilot.said)
    assert len(pilot.said) == 4


async def test_a_stop_between_two_reminders_changes_nothing(pilot: Pilot) -> None:
    await pilot.until("2026-09-11 09:00")
    await pilot.stop()
    assert await pilot.again() == []
    await pilot.until("2026-09-15 08:59")
    await pilot.stop()
    assert await pilot.again() == []
    await pilot.until("2026-09-15 17:00")
    assert told(pilot.said) == [("2026-09-11T09:00", [1], False), ("2026-09-15T09:00", [1], False)]


async def test_a_reminder_that_was_said_is_not_said_again_by_the_next_process(pilot: Pilot) -> None:
    await pilot.until("2026-09-15 09:00")
    for _ in range(3):
        await pilot.stop()
        assert await pilot.again() == []
        assert await pilot.to("2026-09-15 09:00") == []
    assert len(pilot.said) == 2


async def test_what_was_done_before_it_fired_is_not_said(pilot: Pilot) -> None:
    """The first line after the start is a person's: the timers that are overdue fire before it, but not those of a
    line without a moment.
    """
    await pilot.to("2026-09-16 12:00")
    await pilot.stop()
    await pilot.again()
    pilot.said.clear()
    line = {"type": "message", "id": "x", "room": "r1", "sender": "Anna", "text": "!gedaan 1"}
    out = await pilot.served.send(line)
    assert [one["kind"] for one in out if one["type"] == "message"] == ["noted"]
    await pilot.to("2026-09-28 08:00")
    await pilot.until("2026-09-28 12:00")
    assert told(pilot.said) == [("2026-09-28T09:00", [2], False)]


async def test_timers_whose_turns_failed_hold_up_nobody(pilot: Pilot, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many rooms whose turn failed that a whole look at the timers finds nothing but them."""
    monkeypatch.setattr(coach, "MOST_TIMERS", 2)
    for room in ("f1", "f2", "f3", "f4", "f5"):
        await pilot.say("!actie memo @Anna 10 september 2026", room=room)

    def fail(conn: sqlite3.Connection) -> None:
        for room, timer in timers.due(conn, NAME, LONG_AFTER):
            event = TimerDue(f"{APART}timer:{timer.name}:{timer.due.isoformat()}", timer.due, timer.name, timer.due)
            if rooms.load(conn, room).id != "r1":
                inbox.add(conn, room, event, timer.due)
        for arrival in inbox.pending(conn):
            inbox.fail(conn, arrival.id, VERSION)

    await pilot.served.writer.run(fail)
    await pilot.to("2026-09-11 17:00")
    assert [(line["room"], line["at"][:16]) for line in pilot.said] == [("r1", "2026-09-11T09:00")]


async def test_who_says_something_goes_before_the_reminders_that_are_still_to_come(pilot: Pilot) -> None:
    """All of them would be one transaction."""
    names = [f"r{number}" for number in range(2, 14)]
    for room in names:
        await pilot.say("!actie memo @Anna 10 september 2026", room=room)
    await pilot.say("!acties", room="other")
    served = pilot.served
    served.clock.move(datetime(2026, 9, 11, 13, tzinfo=UTC))
    firing = asyncio.create_task(served.coach.fire(served.clock.now()))
    await served.writer.run(lambda conn: None)  # it began
    message = Message("other", "between", served.clock.now(), "Anna", "!acties")
    await asyncio.gather(served.coach.receive([message]), firing)
    said = await served.writer.run(_said_in)
    assert set(names) <= set(said)
    assert len(set(names) & set(said[said.index("other") :])) > len(names) / 2


async def test_who_goes_on_and_on_does_not_keep_the_reminders_waiting(pilot: Pilot) -> None:
    names = [f"r{number}" for number in range(2, 12)]
    for room in names:
        await pilot.say("!actie memo @Anna 10 september 2026", room=room)
    served, talkers = pilot.served, ["one", "two", "three"]
    for room in talkers:
        await pilot.say("!acties", room=room)
    served.clock.move(datetime(2026, 9, 11, 13, tzinfo=UTC))

    async def talk(room: str) -> None:
        for number in range(2 * len(names)):
            await served.coach.receive([Message(room, f"m{number}", served.clock.now(), "Anna", "!acties")])

    talking = [asyncio.create_task(talk(room)) for room in talkers]
    await asyncio.gather(served.coach.fire(served.clock.now()), *talking)
    said = await served.writer.run(_said_in)
    assert set(names) <= set(said[: -len(talkers)])


def _said_in(conn: sqlite3.Connection) -> list[str]:
    """The rooms of all messages since that morning, in the order in which they were written."""
    sql = """SELECT room.external FROM outbox JOIN room ON room.id = outbox.room
             WHERE outbox.op = 'say' AND outbox.at >= ? ORDER BY outbox.id"""
    morning = int(datetime(2026, 9, 11, 13, tzinfo=UTC).timestamp() * 1_000_000)
    return [room for (room,) in conn.execute(sql, (morning,)).fetchall()]
