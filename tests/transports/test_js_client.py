"""The independent client: two of it talk in an encrypted room, and its strictest mode excludes a device that its owner
has not signed. So a test of the coach that it plays proves something.
"""

from __future__ import annotations

import pytest

from tests.transports.js_client import Event, JsClient, JsError
from tests.transports.team import Team

pytestmark = pytest.mark.usefixtures("node")


async def talking(one: JsClient, other: JsClient, *more: str) -> str:
    """An encrypted room that both know they are in."""
    room: str = (await one.call("createRoom", name="Pilot NS", encrypted=True, invite=[other.user, *more]))["room"]
    await other.call("join", room=room)
    await one.wait_for(lambda it: it["sender"] == other.user and it["content"].get("membership") == "join")
    return room


async def test_two_talk_in_an_encrypted_room(team: Team) -> None:
    anna, bas = await team.js("anna"), await team.js("bas")
    room = await talking(anna, bas)

    first = (await anna.call("send", room=room, text="Hallo Bas", mentions=[bas.user]))["event_id"]
    got = await bas.text("Hallo Bas")
    assert (got["id"], got["sender"], got["type"]) == (first, anna.user, "m.room.message")
    assert (got["encrypted"], got["wire_type"]) == (True, "m.room.encrypted")
    assert got["content"]["m.mentions"] == {"user_ids": [bas.user]}
    assert got["shield"] == {"colour": "RED", "reason": "UNSIGNED_DEVICE"}  # the client tells signed from unsigned

    await bas.call("send", room=room, text="Dag Anna", reply_to=first)
    reply = await anna.text("Dag Anna")
    assert reply["outside"] == {"m.in_reply_to": {"event_id": first}}

    await bas.call("send", room=room, text="In de draad", thread=first)
    threaded = await anna.text("In de draad")
    relation = threaded["outside"]
    assert (relation["rel_type"], relation["event_id"], relation["is_falling_back"]) == ("m.thread", first, True)

    await bas.call("react", room=room, target=first, key="✅")
    sign = await anna.wait_for(lambda it: it["type"] == "m.reaction")
    assert sign["content"]["m.relates_to"]["key"] == "✅"
    assert not sign["encrypted"]

    await anna.call("edit", room=room, target=first, text="Hallo allemaal")
    edit = await bas.text("* Hallo allemaal")
    assert edit["encrypted"]
    assert edit["content"]["m.new_content"]["body"] == "Hallo allemaal"
    assert edit["outside"] == {"rel_type": "m.replace", "event_id": first}

    gone = (await anna.call("redact", room=room, target=first))["event_id"]
    redaction = await bas.wait_for(lambda it: it["type"] == "m.room.redaction")
    assert (redaction["id"], redaction["redacts"]) == (gone, first)

    await bas.call("leave", room=room)
    await anna.wait_for(lambda it: it["sender"] == bas.user and it["content"].get("membership") == "leave")
    assert (await anna.call("members", room=room))["members"] == [anna.user]
    bodies = [it["content"].get("body") for it in (await anna.call("messages", room=room))["messages"]]
    assert [it for it in bodies if it in ("Dag Anna", "In de draad")] == ["Dag Anna", "In de draad"]


async def test_the_strict_mode_excludes_a_device_that_nobody_signed(team: Team) -> None:
    strict, friend = await team.js("anna"), await team.js("bas")
    unsigned = await team.user("coach")
    for one in (strict, friend):
        await one.call("crossSign")
    await strict.call("isolation", mode="OnlySignedDevices")
    room = await talking(strict, friend, unsigned.id)
    await unsigned.join(room)
    await unsigned.knows(room, strict.user, friend.user)
    await strict.wait_for(lambda it: it["sender"] == unsigned.id and it["content"].get("membership") == "join")

    sent = (await strict.call("send", room=room, text="Alleen voor getekende apparaten"))["event_id"]
    got = await friend.text("Alleen voor getekende apparaten")
    assert got["shield"] == {"colour": "NONE", "reason": None}
    riddle = await unsigned.wait_for(lambda it: it.id == sent)
    assert not riddle.readable

    # Nor does it read what such a device says, while a client in its ordinary mode does.
    await unsigned.send(room, "Hoort iemand mij?")
    heard = await friend.text("Hoort iemand mij?")
    assert heard["sender"] == unsigned.id
    refused = await strict.wait_for(lambda it: "decryption_error" in it)
    assert refused["id"] == heard["id"]

    # It was the signature alone: without the strict mode the next message is for the unsigned device too.
    await strict.call("isolation", mode="AllDevices")
    later = (await strict.call("send", room=room, text="Nu voor iedereen"))["event_id"]
    assert (await unsigned.wait_for(lambda it: it.id == later and it.readable)).body == "Nu voor iedereen"
    assert (await friend.call("trust", user=unsigned.id))["devices"] == {unsigned.account.device_id: {"signed": False}}
    assert (await friend.call("trust", user=strict.user))["devices"] == {strict.device: {"signed": True}}


async def test_a_command_that_fails_says_why(team: Team) -> None:
    anna = await team.js("anna")
    with pytest.raises(JsError, match="no such command: dance"):
        await anna.call("dance")
    with pytest.raises(JsError) as caught:
        await anna.call("join", room="!nowhere:localhost")
    assert caught.value.errcode is not None
    with pytest.raises(JsError, match="waited in vain"):
        await anna.wait_for(_never, timeout=0)


def _never(_: Event) -> bool:
    return False
