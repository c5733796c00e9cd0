"""The independent client (matrix-js-sdk) with the coach, in its strictest mode: it has nothing to do with a device that
its owner has not signed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.transports.matrix import OWN
from tests.homeserver.synapse import Account
from tests.transports import ns_case, ns_room
from tests.transports.js_client import Event, JsClient
from tests.transports.ns_room import JsPerson, Person, Playing, a_coach, call_oneself
from tests.transports.team import Team
from tests.transports.user import User

pytestmark = pytest.mark.usefixtures("node")

NO_SHIELD = {"colour": "NONE", "reason": None}
STRICT = "OnlySignedDevices"


async def strict_client(team: Team, account: Account) -> JsClient:
    """The client on a device that its owner signed, which excludes devices that nobody signed."""
    client = await team.js_login(account)
    await client.call("crossSign")
    await client.call("isolation", mode=STRICT)
    return client


def legible(found: Event) -> bool:
    """Whether the client could read an event, and has no doubt who sent it."""
    if not found["encrypted"]:
        return found["type"] in ("m.reaction", "m.room.member", "m.room.redaction")
    return "decryption_error" not in found and found["shield"] == NO_SHIELD


@pytest.mark.long
@pytest.mark.whole
async def test_the_case_with_the_independent_client(team: Team, tmp_path: Path) -> None:
    case = ns_case.record("ns_full_group.txt", tmp_path)
    users: dict[str, User] = {}
    for name in ("Bas", "Çelik", "Dina"):
        users[name] = await team.user(ns_room.NAMES[name])
        await call_oneself(team.synapse, users[name].account, name)
    account = await team.account("anna")
    await call_oneself(team.synapse, account, "Anna")
    anna = await strict_client(team, account)
    async with a_coach(team, tmp_path / "coach") as coach:
        me, bas = coach.account.user_id, users["Bas"]
        room = await bas.create_room("Pilot NS", users["Çelik"], users["Dina"], anna.user)
        for one in (users["Çelik"], users["Dina"]):
            await one.join(room)
        await anna.call("join", room=room)
        people: dict[str, Person] = {"Anna": JsPerson(anna), **users}
        await ns_room.invite(room, bas, me, people)
        playing = Playing(room, coach.account, people, bas)
        await playing.play(case.acts)
        export = await coach.export(room)
        last = playing.said[-1].id
        await anna.wait_for(lambda one: one["id"] == last and legible(one))
    assert ns_case.canvas(export) == ns_case.canvas(ns_case.lines_export(case.acts, tmp_path))
    read = JsPerson(anna).read(room, me)
    assert [one for one in read.values() if not legible(one)] == []
    assert {one.id: one.content for one in playing.said} == {
        name: one["content"] for name, one in read.items() if "state_key" not in one
    }


def kind(found: Any, wanted: str, step: str | None = None) -> bool:
    """Whether an event is a message of the coach of this kind (and step)."""
    own = found["content"].get(OWN) or {}
    return (own.get("kind"), step) in ((wanted, own.get("step")), (wanted, None))


async def test_the_strictest_client_and_the_coach_read_each_other_also_after_a_new_login(
    team: Team, tmp_path: Path
) -> None:
    anna = await strict_client(team, await team.account("anna"))
    unsigned = await team.user("bas")
    async with a_coach(team, tmp_path / "coach") as coach:
        me = coach.account.user_id
        room = (await anna.call("createRoom", name="Pilot NS", encrypted=True, invite=[unsigned.id, me]))["room"]
        await unsigned.join(room)
        await unsigned.knows(room, anna.user, me)
        welcome = await anna.wait_for(lambda one: one["sender"] == me and kind(one, "welcome"))
        assert legible(welcome)

        await anna.call("react", room=room, target=welcome["id"], key="✅")
        asked = await anna.wait_for(lambda one: one["sender"] == me and kind(one, "question", "pilot.naam"))
        assert legible(asked)
        first = (await anna.call("send", room=room, text="Buurtbus", reply_to=asked["id"]))["event_id"]
        await anna.wait_for(lambda one: one["sender"] == me and marks(one, first))

        # The same with a device that nobody signed: neither reads the other, while the coach reads both.
        riddle = await unsigned.wait_for(lambda one: one.id == first)
        assert not riddle.readable
        second = await unsigned.send(room, "Buurtbus Noord", reply_to=asked["id"])
        await anna.wait_for(lambda one: one["sender"] == me and marks(one, second))
        refused = await anna.wait_for(lambda one: one["id"] == second)
        assert "decryption_error" in refused
        assert not legible(refused)

        # A new device of the coach is signed too.
        assert await coach.stop() == 0
        old = devices_of(await anna.call("trust", user=me))
        await coach.login()
        await coach.start()
        new = devices_of(await anna.call("trust", user=me))
        assert (len(old), len(new), set(old) & set(new)) == (1, 1, set())
        assert new == dict.fromkeys(new, True)
        third = (await anna.call("send", room=room, text="Buurtbus Zuid", reply_to=asked["id"]))["event_id"]
        await anna.wait_for(lambda one: one["sender"] == me and marks(one, third))
        await anna.call("react", room=room, target=asked["id"], key="✅")
        later = await anna.wait_for(lambda one: one["sender"] == me and kind(one, "question", "pilot.periode"))
        assert legible(later)
        texts = [one["text"] for one in (await coach.export(room))["steps"]["pilot.naam"]["items"]]
    assert texts == ["Buurtbus", "Buurtbus Noord", "Buurtbus Zuid"]


def marks(found: Any, target: str) -> bool:
    """Whether an event says that a message was noted."""
    relation = found["content"].get("m.relates_to") or {}
    return (found["type"], relation.get("event_id"), relation.get("key")) == ("m.reaction", target, "✍️")


def devices_of(answer: Event) -> dict[str, bool]:
    """The devices of a user, and whether each is signed by its owner."""
    return {device: status["signed"] for device, status in answer["devices"].items()}
