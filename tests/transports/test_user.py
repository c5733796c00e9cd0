"""The people of the tests: they talk in an encrypted room, with each other and with the independent client, and get
through a homeserver that fails, is away, or restarts.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.homeserver.proxy import Proxy
from tests.homeserver.synapse import Synapse
from tests.transports.team import Team
from tests.transports.user import User, UserError


async def test_two_talk_in_an_encrypted_room(team: Team) -> None:
    anna, bas = await team.users("anna", "bas")
    room = await team.room(anna, bas)

    first = await anna.send(room, "Hallo Bas", mentions=(bas,))
    got = await bas.text("Hallo Bas")
    assert (got.id, got.sender, got.encrypted, got.readable) == (first, anna.id, True, True)
    assert got.content["m.mentions"] == {"user_ids": [bas.id]}

    answer = await bas.reply(room, first, "Dag Anna")
    assert (await anna.text("Dag Anna")).content["m.relates_to"] == {"m.in_reply_to": {"event_id": first}}
    await bas.send(room, "In de draad", thread=first)
    assert (await anna.text("In de draad")).content["m.relates_to"]["is_falling_back"] is True
    await bas.send(room, "Antwoord in de draad", thread=first, reply_to=first)
    assert (await anna.text("Antwoord in de draad")).content["m.relates_to"]["is_falling_back"] is False

    await bas.react(room, first, "✅")
    sign = await anna.wait_for(lambda one: one.reacts == (first, "✅"))
    assert (sign.sender, sign.encrypted) == (bas.id, False)
    await anna.edit(room, first, "Hallo allemaal")
    assert (await bas.wait_for(lambda one: one.replaces == first)).body == "Hallo allemaal"
    gone = await bas.redact(room, answer)
    assert (await anna.wait_for(lambda one: one.redacts == answer)).id == gone

    await anna.kick(room, bas)
    await bas.wait_for(lambda one: one.state_key == bas.id and one.content["membership"] == "leave")
    with pytest.raises(UserError, match="M_FORBIDDEN"):
        await bas.send(room, "Ik ben er nog")


@pytest.mark.usefixtures("node")
async def test_both_kinds_of_client_read_each_other(team: Team) -> None:
    anna, bas = await team.user("anna"), await team.js("bas")
    room = await anna.create_room("Pilot NS", bas.user)
    await bas.call("join", room=room)
    await anna.knows(room, bas.user)
    await anna.send(room, "Van nio")
    assert (await bas.text("Van nio"))["encrypted"]
    await bas.call("send", room=room, text="Van de andere")
    assert (await anna.text("Van de andere")).encrypted


async def test_who_comes_later_reads_what_is_said_from_then_on(team: Team) -> None:
    anna, bas, chris = await team.users("anna", "bas", "chris")
    room = await team.room(anna, bas)
    await anna.send(room, "Zonder Chris")
    await anna.invite(room, chris)
    await chris.join(room)
    await anna.knows(room, chris)
    await anna.send(room, "Met Chris")
    assert (await chris.text("Met Chris")).readable
    await bas.text("Met Chris")


async def test_what_a_person_says_arrives_once_whatever_happens(team: Team) -> None:
    proxy = await Proxy(team.synapse.url).start()
    team.homeserver = proxy.url
    anna, bas = await team.users("anna", "bas")
    room = await team.room(anna, bas)
    # aiohttp repeats a PUT once by itself, so two losses are one that nio sees
    faults = [
        proxy.fail_next("/send/", 429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 1}, times=2),
        proxy.lose_response("/send/", times=2, method="PUT"),
        proxy.fail_next("/sync", 502, {}, times=1),
    ]
    for text in ("een", "twee", "drie"):
        await anna.send(room, text)
    await proxy.down()
    await proxy.up()
    await anna.send(room, "vier")
    await bas.text("vier")
    assert [one.body for one in bas.received if one.sender == anna.id and one.body] == ["een", "twee", "drie", "vier"]
    assert [fault.times for fault in faults] == [0, 0, 0]
    tokens = [anna.account.token, bas.account.token]
    assert not any(token in repr(proxy.requests) for token in tokens)
    await team.close()
    await proxy.stop()


async def test_a_restart_of_the_homeserver_loses_nothing(synapse: Synapse, team: Team) -> None:
    anna, bas = await team.users("anna", "bas")
    room = await team.room(anna, bas)
    await anna.send(room, "voor")
    await synapse.kill()
    await synapse.start()
    await anna.send(room, "na")
    await bas.text("na")
    assert [one.body for one in bas.received if one.body] == ["voor", "na"]


async def test_a_person_who_was_away_reads_on_with_the_same_keys(team: Team, tmp_path: Path) -> None:
    (anna,) = await team.users("anna")
    account = await team.account("bas")
    bas = await User(team.homeserver, account, tmp_path / "bas").start()
    room = await anna.create_room("Pilot NS", bas)
    await bas.join(room)
    await anna.knows(room, bas)
    await bas.close()
    await anna.send(room, "Bas is er even niet")
    bas = await User(team.homeserver, account, tmp_path / "bas").start()
    try:
        assert (await bas.text("Bas is er even niet")).readable
    finally:
        await bas.close()
