"""Into and out of Matrix rooms: who may invite the coach, and what happens to a room that it is put out of, that is
empty, or that goes on as another one.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.homeserver.synapse import Synapse
from tests.transports.coach_process import CoachProcess
from tests.transports.matrix_room import CoachedRoom, House, kind_of, running
from tests.transports.user import DEADLINE, Seen, User

pytestmark = pytest.mark.asyncio(loop_scope="session")

ELDERS = "elders.example"


def left(who: str) -> object:
    """Whether an event says that somebody is not in the room (any more)."""
    return lambda one: one.state_key == who and one.content.get("membership") == "leave"


async def membership(user: User, room: str, who: str) -> dict[str, object]:
    """Somebody's membership of a room as the homeserver says."""
    found: dict[str, object] = (await user.client.room_get_state_event(room, "m.room.member", who)).content
    return found


async def ends(user: User, room: str, who: str, *what: str) -> dict[str, object]:
    """Wait till somebody's membership is one of these."""
    async with asyncio.timeout(DEADLINE):
        while True:
            found = await membership(user, room, who)
            if found.get("membership") in what:
                return found
            await asyncio.sleep(0.05)


async def welcomed(user: User, room: str, coach: CoachProcess) -> Seen:
    """Wait for the coach's welcome in a room."""
    coached = CoachedRoom(coach, room, user)
    return await coached.message("welcome")


async def test_who_may_invite(house: House, tmp_path: Path) -> None:
    anna, bas = house.people[:2]
    async with running(house.team, tmp_path, allowed_servers=[ELDERS], allowed_users=[anna.id]) as coach:
        me = coach.account.user_id
        named = await anna.create_room("Op naam", me)
        await welcomed(anna, named, coach)
        other = await bas.create_room("Van elders", me)
        found = await ends(bas, other, me, "leave")
        assert "uitnodiging" in str(found["reason"])
        assert (await membership(anna, named, me))["membership"] == "join"
        # who is on it can do so again
        again = await anna.create_room("Nog een", me)
        await welcomed(anna, again, coach)


async def test_an_invitation_while_the_coach_is_down_is_answered_at_the_start(house: House, tmp_path: Path) -> None:
    anna = house.people[0]
    async with running(house.team, tmp_path, start=False) as coach:
        me = coach.account.user_id
        before = await anna.create_room("Voor de eerste start", me)
        await coach.start()
        await welcomed(anna, before, coach)
        await coach.stop()
        room = await anna.create_room("Terwijl hij weg is", me)
        gone = await anna.create_room("Weer ingetrokken", me)
        await anna.kick(gone, me)
        await coach.start()
        await welcomed(anna, room, coach)
        assert (await membership(anna, gone, me))["membership"] == "leave"
        coached = CoachedRoom(coach, room, anna)
        await coached.settled()
        assert [kind_of(one) for one in coached.messages()] == ["welcome", "help"]


async def test_a_room_that_it_was_put_out_of_waits_and_goes_on_where_it_was(house: House) -> None:
    room = await house.room(2)
    anna, bas = room.people
    question = await room.question("pilot.naam")
    await room.marked(await bas.reply(room.id, question.id, "NS-pilot"))
    await anna.kick(room.id, room.me)
    # it can't see this, and what is said to it meanwhile is lost to it as it is to people
    await bas.reply(room.id, question.id, "geheim terwijl hij weg is")
    await anna.invite(room.id, room.me)
    await ends(anna, room.id, room.me, "join")
    await room.know_each_other()
    said = await bas.reply(room.id, question.id, "en nog iets")
    await room.marked(said)
    assert await room.texts("pilot.naam") == ["NS-pilot", "en nog iets"]
    assert [kind_of(one) for one in room.messages()] == ["welcome", "question"]


async def test_what_waits_for_a_room_is_posted_once_it_is_back(house: House) -> None:
    room = await house.room(2)
    anna, bas = room.people
    question = await room.question("pilot.naam")
    # what is said before the coach sees that it is out still gets its answer, later
    await house.coach.stop()
    said = await bas.reply(room.id, question.id, "NS-pilot")
    await anna.react(room.id, question.id, "✅")
    await anna.kick(room.id, room.me)
    await house.coach.start()
    other = await house.room(1)  # the coach is at work, and no other room waits
    await other.settled()
    await anna.invite(room.id, room.me)
    await ends(anna, room.id, room.me, "join")
    await room.know_each_other()
    await room.marked(said)
    await room.question("pilot.periode")
    assert await room.texts("pilot.naam") == ["NS-pilot"]
    await room.settled()
    assert [kind_of(one) for one in room.messages()] == ["welcome", "question", "question", "help"]


async def test_a_ban_is_no_trouble_and_lifted_it_goes_on(house: House) -> None:
    room = await house.room(2)
    anna, bas = room.people
    question = await room.question("pilot.naam")
    await anna.client.room_ban(room.id, room.me)
    other = await house.room(1)
    await other.settled()
    await anna.client.room_unban(room.id, room.me)
    await anna.invite(room.id, room.me)
    await ends(anna, room.id, room.me, "join")
    await room.know_each_other()
    await room.marked(await bas.reply(room.id, question.id, "NS-pilot"))


async def test_it_leaves_when_everybody_left(house: House) -> None:
    room = await house.room(2)
    anna, bas = room.people
    await room.settled()
    await bas.leave(room.id)
    await room.message("info")
    await anna.leave(room.id)
    # a homeserver's administrator sees it
    found = await joined_members(house.team.synapse, room.id, room.me)
    assert found == set()


async def joined_members(synapse: Synapse, room: str, who: str) -> set[str]:
    """Wait till somebody is not in a room any more; who is, as the administrator sees it."""
    async with asyncio.timeout(DEADLINE):
        while True:
            path = f"/_synapse/admin/v1/rooms/{room}/members"
            _, answer = await synapse.request("GET", path, token=synapse.admin_token)
            if who not in answer.get("members", []):
                return set(answer.get("members", []))
            await asyncio.sleep(0.05)


async def upgrade(user: User, room: str, *others: User) -> str:
    """The room goes on as another one, whose id this is, with these people in it."""
    synapse = user.client
    answer = await synapse.send(
        "POST", f"/_matrix/client/v3/rooms/{room}/upgrade", '{"new_version": "11"}',
        headers={"Authorization": f"Bearer {synapse.access_token}", "Content-Type": "application/json"},
    )  # fmt: skip
    async with answer:
        assert answer.status == 200, await answer.text()
        new = str((await answer.json())["replacement_room"])
    await user.until(lambda: new in synapse.rooms)
    for other in others:
        await user.invite(new, other)
        await other.join(new)
    return new


@pytest.mark.parametrize("invited", [True, False], ids=["invited", "public"])
async def test_it_follows_a_room_that_goes_on_as_another(house: House, invited: bool) -> None:
    room = await house.room(2)
    anna, bas = room.people
    question = await room.question("pilot.naam")
    await room.marked(await bas.reply(room.id, question.id, "NS-pilot"))
    if not invited:
        await anna.client.room_put_state(room.id, "m.room.join_rules", {"join_rule": "public"})
    await room.settled()
    new = await upgrade(anna, room.id, bas)
    if invited:
        await anna.invite(new, room.me)
    await ends(anna, new, room.me, "join")
    await ends(anna, room.id, room.me, "leave")
    moved = CoachedRoom(room.coach, new, anna, bas)
    await moved.know_each_other()
    assert await moved.settled()
    await anna.send(new, "!verder")
    asked = await moved.question("pilot.periode")
    assert await moved.texts("pilot.naam") == ["NS-pilot"]
    assert "welcome" not in [kind_of(one) for one in moved.messages()]
    assert asked.encrypted


@pytest.mark.parametrize(
    "predecessor", [None, {"room_id": "!andere:localhost", "event_id": "$x"}], ids=["none", "other"]
)
async def test_a_tombstone_to_a_room_that_says_nothing_of_this_one_is_not_followed(
    house: House, predecessor: dict[str, str] | None
) -> None:
    room = await house.room(2)
    more = {} if predecessor is None else {"predecessor": predecessor}
    other = await house.people[2].create_room("Andermans", encrypted=False, **more)
    anna, bas = room.people
    chris = house.people[2]
    await chris.client.room_put_state(other, "m.room.join_rules", {"join_rule": "public"})
    await anna.client.room_put_state(room.id, "m.room.tombstone", {"body": "weg", "replacement_room": other})
    await chris.wait_for(lambda one: one.room == other and left(room.me)(one))  # type: ignore[operator]
    question = await room.question("pilot.naam")
    await room.marked(await bas.reply(room.id, question.id, "we zijn er nog"))
    assert await room.texts("pilot.naam") == ["we zijn er nog"]


async def test_a_tombstone_to_a_room_that_does_not_exist_holds_up_nobody(house: House) -> None:
    room = await house.room(2)
    anna, bas = room.people
    for target in ("!bestaat-niet:nergens.invalid", "!bestaatniet", "#geen:localhost", "geen kamer", 5):
        await anna.client.room_put_state(room.id, "m.room.tombstone", {"replacement_room": target})
    question = await room.question("pilot.naam")
    await room.marked(await bas.reply(room.id, question.id, "we zijn er nog"))
    other = await house.room(1)
    await other.settled()


async def test_a_space_is_left_again(house: House) -> None:
    anna = house.people[0]
    me = house.coach.account.user_id
    answer = await anna.client.room_create(name="Ruimte", space=True, invite=[me])
    await anna.wait_for(lambda one: one.room == answer.room_id and left(me)(one))  # type: ignore[operator]
    coached = CoachedRoom(house.coach, answer.room_id, anna)
    assert coached.messages() == []


async def test_a_check_while_it_runs_leaves_no_room_behind(house: House) -> None:
    """`check` tries in a room of its own how fast the coach may post; the coach that runs sees that room too."""
    room = await house.room(2)
    question = await room.question("pilot.naam")
    before = await house.coach.command("rooms", "--db", str(house.coach.db))
    assert await house.coach.check() == (0, "No faults found.\n")
    await room.marked(await room.people[1].reply(room.id, question.id, "NS-pilot"))
    after = await house.coach.command("rooms", "--db", str(house.coach.db))
    assert _ids(after) == _ids(before)
    assert room.id in _ids(after)


def _ids(said: tuple[int, str, str]) -> list[str]:
    assert said[0] == 0, said
    return [line.split("\t")[0] for line in said[1].splitlines()]


async def test_from_one_to_two_and_back_it_says_once_how_it_listens(house: House) -> None:
    room = await house.room(1)
    anna, bas = room.anna, house.people[1]
    question = await room.question("pilot.naam")
    # the coach learns of the newcomer and their first message at once: it is judged by the group's rules
    await house.coach.stop()
    await anna.invite(room.id, bas)
    await bas.join(room.id)
    await bas.knows(room.id, anna, room.me)
    await anna.knows(room.id, bas)
    await bas.send(room.id, "geheim-eerste bericht")
    await anna.send(room.id, "geheim-en van mij")
    await house.coach.start()
    await room.settled()
    said = [one for one in room.messages() if kind_of(one) == "info"]
    assert len(said) == 1
    assert "meer mensen" in said[0].body
    assert room.traces("geheim-") == []
    assert await room.texts("pilot.naam") == []
    await room.marked(await bas.reply(room.id, question.id, "NS-pilot"))
    await bas.leave(room.id)
    back = await room.message("info", after=1)
    assert "één persoon" in back.body
    await room.marked(await anna.send(room.id, "en alleen verder"))
    assert await room.texts("pilot.naam") == ["NS-pilot", "en alleen verder"]
