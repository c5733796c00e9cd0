"""A reminder in a real encrypted room: who is told, what a tap does, and that what was settled is not said.

The coach's process is started on a clock that is ahead: a reminder comes only in working hours, and a test at any time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta

import pytest_asyncio

from bot.transports.matrix import OWN
from flows.calendar.hours import local_moment
from flows.calendar.workdays import next_workday
from tests.transports.coach_process import CoachProcess
from tests.transports.matrix_room import CoachedRoom
from tests.transports.team import Team
from tests.transports.user import User


@pytest_asyncio.fixture
async def room(team: Team) -> AsyncIterator[CoachedRoom]:
    """A coach of its own, and an encrypted room with Anna and Bas that began."""
    account = await team.account("coach")
    coach = CoachProcess(team._folder / "coach", team.homeserver, account)
    try:
        await coach.login()
        await coach.start()
        anna, bas = await team.users("anna", "bas")
        coached = CoachedRoom(coach, await team.room(anna, bas), anna, bas)
        await anna.invite(coached.id, coached.me)
        welcome = await coached.message("welcome")
        await coached.know_each_other()
        await anna.react(coached.id, welcome.id, "✅")
        await coached.question("pilot.naam")
        yield coached
    finally:
        await coach.close()


def name(user: User) -> str:
    return user.id[1:].partition(":")[0]


def working_day() -> date:
    """The next day that is worked in Amsterdam."""
    return next_workday(datetime.now(UTC).date() + timedelta(days=1))


async def actions(room: CoachedRoom) -> dict[int, tuple[str, str | None, str | None]]:
    """What is kept of each action: state, date, owner."""
    kept = (await room.export())["actions"]
    return {one["number"]: (one["state"], one["due"], one["owner"]) for one in kept}


async def test_a_reminder_names_its_owners_and_can_be_tapped(room: CoachedRoom) -> None:
    anna, bas = room.people
    day = working_day()
    for text in (f"memo @{name(bas)}", f"brief @{name(anna)}", f"zaal @{name(bas)}", f"kaart @{name(anna)}"):
        await room.answer_to(await anna.send(room.id, f"!actie {text} {day}"))
    await room.answer_to(await bas.send(room.id, "!gedaan 3"))
    coach = room.coach
    await coach.stop()
    meanwhile = await anna.send(room.id, "!gedaan 4")  # what was said while it was stopped comes before what is due
    await coach.start_at(local_moment(day, time(12), "Europe/Amsterdam"))

    reminder = await room.message("reminder")
    assert reminder.encrypted
    assert reminder.content["msgtype"] == "m.text"  # it asks, so it notifies
    assert reminder.content["m.mentions"] == {"user_ids": [bas.id, anna.id]}
    assert set(reminder.content[OWN]) == {"kind", "step", "key"}
    assert "Later dan gepland" in reminder.body
    assert "memo" in reminder.body
    assert "zaal" not in reminder.body
    assert "kaart" not in reminder.body
    await room.answer_to(meanwhile)
    for sign in ("✅", "⏰"):
        await room.marked(reminder.id, sign)

    await bas.react(room.id, reminder.id, "✅")
    await room.message("noted", text="Klaar: actie 1")
    await anna.react(room.id, reminder.id, "⏰")
    week = day + timedelta(weeks=1)
    await room.message("noted", text=f" {week.day} ")  # of 27 too "7 " is a part
    found = await actions(room)
    assert [found[number][0] for number in (1, 2, 3, 4)] == ["done", "open", "done", "done"]
    assert found[2][:2] == ("open", str(week))

    handed = await anna.send(room.id, f"!overdragen 2 @{name(bas)}")
    await room.answer_to(handed)
    assert (await actions(room))[2] == ("open", str(week), name(bas))

    # Of all the rooms' events exactly one was said unasked.
    await room.settled()
    assert len([one for one in room.messages() if one.content[OWN]["kind"] == "reminder"]) == 1
