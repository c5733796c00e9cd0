"""Who is who in Matrix rooms: names, and who may remove what others wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.transports.matrix_room import CoachedRoom, House, running
from tests.transports.user import User

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def moderators(room: CoachedRoom) -> set[str]:
    """Who moderates the room, as the coach keeps it."""
    await room.settled()
    return {row[1] for row in room.members() if row[3]}


async def names(room: CoachedRoom) -> dict[str, str]:
    """The names of who is in the room, as the coach keeps them."""
    await room.settled()
    return {row[1]: row[2] for row in room.members() if row[4]}


async def room_of(house: House, version: str, *people: User, **more: Any) -> CoachedRoom:
    """A room of a version with these people, with the coach in it."""
    anna, *others = people
    made = await anna.create_room("Pilot", *others, room_version=version, **more)
    for one in others:
        await one.join(made)
    room = CoachedRoom(house.coach, made, *people)
    await anna.invite(made, room.me)
    await room.message("welcome")
    await room.know_each_other()
    return room


@pytest.mark.parametrize("version", ["10", "11", "12"])
async def test_moderators_by_level_and_by_having_made_the_room(house: House, version: str) -> None:
    anna, bas, chris = house.people[:3]
    room = await room_of(house, version, anna, bas, chris)
    assert await moderators(room) == {anna.id}

    levels = (await anna.client.room_get_state_event(room.id, "m.room.power_levels")).content
    levels["users"] = levels.get("users", {}) | {bas.id: 50}
    await anna.client.room_put_state(room.id, "m.room.power_levels", levels)
    assert await moderators(room) == {anna.id, bas.id}
    levels["redact"] = 75
    await anna.client.room_put_state(room.id, "m.room.power_levels", levels)
    assert await moderators(room) == {anna.id}

    # Bas can't, Anna can
    await anna.send(room.id, "!start")
    question = await room.question("pilot.naam")
    said = await chris.reply(room.id, question.id, "NS-pilot")
    await room.marked(said)
    await anna.redact(room.id, said)
    await room.settled()
    assert await room.texts("pilot.naam") == []

    # also after the coach comes back, which then knows only its rows until the levels come by
    await house.coach.stop()
    await house.coach.start()
    assert await moderators(room) == {anna.id}
    levels["redact"] = 50
    await anna.client.room_put_state(room.id, "m.room.power_levels", levels)
    assert await moderators(room) == {anna.id, bas.id}


async def test_those_who_were_made_creators_too_moderate(house: House) -> None:
    anna, bas = house.people[:2]
    content = {"name": "Pilot", "room_version": "12", "preset": "private_chat", "invite": [bas.id],
               "creation_content": {"additional_creators": [bas.id]}}  # fmt: skip
    headers = {"Authorization": f"Bearer {anna.client.access_token}", "Content-Type": "application/json"}
    answer = await anna.client.send("POST", "/_matrix/client/v3/createRoom", json.dumps(content), headers)
    async with answer:
        made = str((await answer.json())["room_id"])
    await anna.until(lambda: made in anna.client.rooms)
    await bas.join(made)
    room = CoachedRoom(house.coach, made, anna, bas)
    await anna.invite(made, room.me)
    await room.message("welcome")
    assert await moderators(room) == {anna.id, bas.id}


async def test_names_follow_and_the_same_name_twice_is_told_apart(house: House) -> None:
    anna, bas = await house.team.users("anna", "bas")  # their names change
    room = await room_of(house, "12", anna, bas)
    await anna.client.set_displayname("Anna de Vries")
    await anna.wait_for(lambda one: one.state_key == anna.id and one.content.get("displayname") == "Anna de Vries")
    await anna.send(room.id, "!start")
    question = await room.question("pilot.naam")
    await room.marked(await anna.reply(room.id, question.id, "NS-pilot"))
    (item,) = (await room.step("pilot.naam"))["items"]
    assert (item["author"], item["author_id"]) == ("Anna de Vries", anna.id)
    before = len(await room.settled())

    await bas.client.set_displayname("Anna de Vries")
    await anna.wait_for(lambda one: one.state_key == bas.id and one.content.get("displayname") == "Anna de Vries")
    assert await names(room) == {anna.id: f"Anna de Vries ({anna.id})", bas.id: f"Anna de Vries ({bas.id})"}
    assert len(room.said()) == before + 1  # nothing is said of a name

    await house.coach.stop()
    await house.coach.start()
    await bas.client.set_displayname("Bas")
    await anna.wait_for(lambda one: one.state_key == bas.id and one.content.get("displayname") == "Bas")
    assert await names(room) == {anna.id: "Anna de Vries", bas.id: "Bas"}


async def test_an_action_finds_its_owner_by_a_pill(house: House) -> None:
    room = await house.room(3)
    anna, bas, _ = room.people
    name = anna.client.rooms[room.id].user_name(bas.id)
    said = await anna.put(
        room.id, "m.room.message",
        {
            "msgtype": "m.text", "body": f"!actie memo schrijven {name} 15 januari 2027",
            "format": "org.matrix.custom.html", "m.mentions": {"user_ids": [bas.id]},
            "formatted_body":
                f'!actie memo schrijven <a href="https://matrix.to/#/{bas.id}">{name}</a> 15 januari 2027',
        },
    )  # fmt: skip
    noted = await room.answer_to(said)
    (action,) = (await room.export())["actions"]
    assert (action["text"], action["due"]) == ("memo schrijven", "2027-01-15")
    assert action["owner"] == name
    assert noted.content["m.mentions"] == {}


async def test_other_bots_are_no_people(house: House, tmp_path: Path) -> None:
    anna, bas = house.people[:2]
    async with running(house.team, tmp_path, bots=[bas.id]) as coach:
        made = await house.team.room(anna, bas)
        room = CoachedRoom(coach, made, anna, bas)
        await anna.invite(made, room.me)
        welcome = await room.message("welcome")
        await room.know_each_other()
        assert "Typ je antwoord" in welcome.body
        await anna.send(made, "!start")
        question = await room.question("pilot.naam")
        await bas.reply(made, question.id, "geheim van een bot")
        await room.marked(await anna.send(made, "NS-pilot"))
        assert await room.texts("pilot.naam") == ["NS-pilot"]
        assert room.traces("geheim van een bot") == []
