"""A re-check in a real encrypted room: by the rhythm, one tap makes the round, a reply that names a part walks it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from bot.transports.matrix import OWN
from flows.calendar.hours import local_moment
from flows.calendar.workdays import workday_on_or_after
from tests.transports.matrix_room import CoachedRoom
from tests.transports.test_matrix_time import room

__all__ = ["room"]  # the fixture


async def test_one_tap_makes_the_round_and_a_reply_walks_a_part(room: CoachedRoom) -> None:
    anna, bas = room.people
    coach = room.coach
    await room.goto("pilot.ritme")
    await bas.send(room.id, "!ritme elke week")
    await room.message("info", text="door alle vragen heen")
    assert len((await room.export())["rounds"]) == 1

    day = workday_on_or_after(datetime.now(UTC).date() + timedelta(days=8))
    await coach.stop()
    await coach.start_at(local_moment(day, time(12), "Europe/Amsterdam"))
    asked = await room.message("recheck")
    assert asked.encrypted
    assert asked.content["msgtype"] == "m.text"  # it asks, so it notifies
    assert asked.content["m.mentions"] == {}
    assert asked.content[OWN]["step"] is None
    assert "klopt het nog" in asked.body
    for sign in ("✅", "⏰"):
        await room.marked(asked.id, sign)

    await bas.react(room.id, asked.id, "✅")
    await room.message("info", text="Ronde 2 staat")
    await anna.react(room.id, asked.id, "✅")  # the second tap
    await room.settled()
    assert len((await room.export())["rounds"]) == 2

    await anna.send(room.id, "!hercheck")
    again = await room.message("recheck", after=1)
    await bas.reply(room.id, again.id, "routes")
    for step in ("pilot.wijziging", "strategie.werkzaam"):
        question = await room.question(step)
        await anna.react(room.id, question.id, "✅")
    question = await room.question("routes.status")
    for one in (anna, bas):
        await one.react(room.id, question.id, "🟠")
    proposal = await room.question("routes.status", after=1)
    await bas.react(room.id, proposal.id, "✅")
    await room.message("info", text="Ronde 3 staat")
    rounds = (await room.export())["rounds"]
    assert [one["statuses"]["routes"] for one in rounds] == [None, None, "deels"]
