"""A closed round in a real encrypted room: everybody votes in a chat with the coach alone, which is no pilot's room."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from bot.transports.matrix import OWN
from tests.transports.matrix_room import CoachedRoom, House, replied_to, running
from tests.transports.user import Seen, User

pytestmark = pytest.mark.asyncio(loop_scope="session")

VOTE = "impact.status"


async def begun(house: House, size: int = 3, **more: Any) -> tuple[CoachedRoom, Seen]:
    """A room in which rounds are closed, at a vote; its question."""
    room = await house.room(size, **more)
    asked = await room.anna.send(room.id, "!instellingen gesloten aan")
    told = await room.answer_to(asked)
    assert "in een chat met mij alleen" in told.body
    return room, await room.goto(VOTE)


def invitation(user: User, coach: str, known: set[str] | None = None) -> str | None:
    """The room that the coach asked somebody into, where they are not in it yet."""
    found = [room for room, one in user.client.invited_rooms.items() if one.inviter == coach]
    return next((room for room in found if room not in (known or set())), None)


async def comes(user: User, coach: str) -> str:
    """Somebody accepts the coach's invitation; the room."""
    await user.until(lambda: invitation(user, coach) is not None)
    room = invitation(user, coach)
    assert room is not None
    await user.join(room)
    await user.knows(room, user, coach)
    return room


async def asked_alone(user: User, coach: str, room: str, text: str = "") -> Seen:
    """What the coach asks somebody alone."""
    return await user.wait_for(
        lambda one: one.room == room and one.sender == coach and one.type == "m.room.message" and text in one.body
    )


def rows(room: CoachedRoom, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(f"file:{room.coach.db}?mode=ro", uri=True)) as conn:
        return conn.execute(sql, values).fetchall()


async def test_everybody_votes_alone_and_then_all_see_the_counts(house: House) -> None:
    room, question = await begun(house)
    me, people = room.me, room.people
    alone = {user.id: await comes(user, me) for user in people}
    for user in people:
        asked = await asked_alone(user, me, alone[user.id])
        assert asked.encrypted
        assert asked.content[OWN]["step"] == VOTE
        assert "Liever niet? Stuur dan niets." in asked.body
    assert [sign for sign in room.signs(question.id) if sign != "✅"] == []
    anna, bas, chris = people
    # A reaction can be read by all, and by who runs the homeserver: it is no vote, in the room or alone.
    await bas.react(room.id, question.id, "🔴")
    await room.message("help", text="Dit telt niet als stem")
    await chris.react(alone[chris.id], (await asked_alone(chris, me, alone[chris.id])).id, "🔴")
    await asked_alone(chris, me, alone[chris.id], "Een teken telt hier niet als stem")
    # Just typed, or as a reply; and changed.
    typed = await anna.send(alone[anna.id], "deels")
    await anna.wait_for(lambda one: one.sender == me and one.reacts == (typed, "✍️"))
    await anna.edit(alone[anna.id], typed, "voldoende")
    answer = await bas.reply(alone[bas.id], (await asked_alone(bas, me, alone[bas.id])).id, "onvoldoende")
    await bas.wait_for(lambda one: one.sender == me and one.reacts == (answer, "✍️"))
    await room.settled()
    assert room.edits(question.id) == []
    assert sorted(rows(room, "SELECT member, word FROM vote")) == sorted(
        [(anna.id, "voldoende"), (bas.id, "onvoldoende")]
    )
    await chris.send(alone[chris.id], "!overzicht")
    await asked_alone(chris, me, alone[chris.id], "Hier stem je alleen.")
    await chris.send(alone[chris.id], "voldoende")
    spread = await room.message("question", VOTE, text="De meningen verschillen")
    assert "3 stemmen" in spread.body
    await room.edited(question.id, "De gesloten ronde is klaar")
    await room.settled()
    assert rows(room, "SELECT * FROM vote") == []
    assert rows(room, "SELECT * FROM sign WHERE \"key\" = '🔴'") == []
    for user in people:
        assert not [name for name in room.traces(f"{VOTE}{user.id}onvoldoende") if "crypto" not in name]
    # The chats alone are no rooms of a pilot.
    known = {external for (external,) in rows(room, "SELECT external FROM room")}
    assert known.isdisjoint(alone.values())
    late = await bas.send(alone[bas.id], "deels")
    await asked_alone(bas, me, alone[bas.id], "Deze ronde is al dicht")
    assert late
    # The next round is asked in the same chats, and nobody is asked in again.
    await anna.react(room.id, spread.id, "✅")
    await room.message("question", VOTE, text="Akkoord?")
    await room.goto("routes.status")
    for user in people:
        await user.wait_for(
            lambda one, user=user: (  # type: ignore[misc]
                one.room == alone[user.id]
                and one.sender == me
                and (one.content.get(OWN) or {}).get("step") == "routes.status"
            )
        )


async def test_who_did_not_come_in_yet_holds_up_nobody_and_who_declines_is_not_waited_for(
    house: House, tmp_path: Path
) -> None:
    async with running(house.team, tmp_path / "coach") as coach:
        people = await house.team.users("els", "fien", "gijs")
        alone_house = House(coach, house.team, people)
        room, question = await begun(alone_house)
        els, fien, gijs = people
        own = await comes(els, room.me)
        await asked_alone(els, room.me, own)
        told = await els.send(room.id, "!hulp verder")
        await room.until(lambda one: replied_to(one) == told)  # the room goes on
        assert len(rows(room, "SELECT 1 FROM outbox WHERE state = 4")) == 2
        await coach.stop()
        other = await comes(fien, room.me)  # while the coach is away
        await coach.start()
        asked = await asked_alone(fien, room.me, other)
        await fien.reply(other, asked.id, "deels")
        await els.send(own, "deels")
        await gijs.until(lambda: invitation(gijs, room.me) is not None)
        declined = invitation(gijs, room.me)
        assert declined is not None
        await gijs.leave(declined)
        proposal = await room.message("question", VOTE, text="Akkoord?")
        assert "Iemand van jullie kan ik niet apart bereiken." in proposal.body
        assert "ik noteer deels (2 stemmen)" in proposal.body.replace("*", "")
        assert gijs.id not in str(proposal.content)
        assert rows(room, "SELECT 1 FROM outbox WHERE state = 4") == []
        # Who left is not asked again the same day; the round goes on without.
        await els.leave(own)
        await room.goto("routes.status")
        await room.message("info", text="Iemand van jullie kan ik niet apart bereiken.")
        assert question.id
