"""Pictures and documents in real rooms: encrypted where the room is, once whatever fails, and told where none comes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from nio.crypto.attachments import decrypt_attachment

from bot.render.picture import size_of
from bot.transports.matrix import OWN
from tests.homeserver.synapse import Synapse
from tests.transports.fault_room import FaultRoom
from tests.transports.matrix_room import CoachedRoom, House
from tests.transports.user import Seen, User

pytestmark = pytest.mark.asyncio(loop_scope="session")

PNG, PDF = b"\x89PNG", b"%PDF"


async def stored(synapse: Synapse, user: User, address: str) -> bytes:
    """What lies in the media store at an address."""
    url = f"{synapse.url}/_matrix/client/v1/media/download/{address.removeprefix('mxc://')}"
    headers = {"Authorization": f"Bearer {user.account.token}"}
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        assert answer.status == 200
        return await answer.read()


def opened(data: bytes, keys: dict[str, Any]) -> bytes:
    return decrypt_attachment(data, keys["key"]["k"], keys["hashes"]["sha256"], keys["iv"])


async def image(room: CoachedRoom, msgtype: str = "m.image") -> Seen:
    """The file that the coach posted."""
    return await room.until(lambda one: one.sender == room.me and one.content.get("msgtype") == msgtype)


@pytest.mark.parametrize("encrypted", [False, True])
async def test_the_overview_comes_with_a_picture(house: House, synapse: Synapse, encrypted: bool) -> None:
    room = await house.room(encrypted=encrypted)
    anna = room.anna
    await anna.send(room.id, "!overzicht")
    words = await room.message("overview")
    seen = await image(room)
    content, info = seen.content, seen.content["info"]
    assert (content["msgtype"], seen.encrypted) == ("m.image", encrypted)
    assert content[OWN]["kind"] == "overview"
    assert content[OWN]["key"] != words.content[OWN]["key"]
    assert content["m.mentions"] == {}
    assert content["filename"] == "canvas.png"
    assert content["body"].startswith("Opschaalcanvas: Jullie pilot, ")
    assert "Impact: nog open. Routes: nog open." in content["body"]
    assert (info["mimetype"], info["w"], info["h"]) == ("image/png", 1600, 1000)

    for place, keys, size in (("url", "file", info), ("thumbnail_url", "thumbnail_file", info["thumbnail_info"])):
        at = content if place == "url" else info
        assert (place in at, keys in at) == (not encrypted, encrypted)
        address = at[keys]["url"] if encrypted else at[place]
        data = await stored(synapse, anna, address)
        if encrypted:
            assert PNG not in data  # the homeserver can't look
            data = opened(data, at[keys])
        assert data.startswith(PNG)
        assert len(data) == size["size"]
        assert size_of(data) == (size["w"], size["h"])
    assert info["thumbnail_info"]["w"] == 800


async def test_an_export_is_a_file_with_its_name(house: House, synapse: Synapse) -> None:
    room = await house.room()
    await room.anna.send(room.id, "!export pdf")
    said = await room.message("info", text="Verslag (PDF)")
    assert "Met namen" in said.body
    seen = await image(room, "m.file")
    name = seen.content["filename"]
    assert seen.content["body"] == name
    assert name.startswith("canvas-20")
    assert name.endswith(".pdf")
    keys = seen.content["file"]
    assert opened(await stored(synapse, room.anna, keys["url"]), keys).startswith(PDF)


async def test_what_was_asked_in_a_thread_is_shown_there(house: House) -> None:
    room = await house.room()
    question = await room.question("pilot.naam")
    content = {
        "msgtype": "m.text", "body": "!overzicht", "m.mentions": {},
        "m.relates_to": {"rel_type": "m.thread", "event_id": question.id, "is_falling_back": True},
    }  # fmt: skip
    await room.anna.put(room.id, "m.room.message", content)
    relation = (await image(room)).content["m.relates_to"]
    assert (relation["rel_type"], relation["event_id"]) == ("m.thread", question.id)


async def test_who_replies_to_a_picture_speaks_to_the_coach(house: House) -> None:
    room = await house.room()
    await room.anna.send(room.id, "!overzicht")
    seen = await image(room)
    asked = await room.anna.reply(room.id, seen.id, "Wat zien we hier?")
    assert (await room.answer_to(asked)).content[OWN]["kind"] == "nudge"  # whether that is their answer


# Faults --------------------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="session")
async def fresh(synapse: Synapse, tmp_path: Path) -> AsyncIterator[FaultRoom]:
    hall = FaultRoom(synapse, tmp_path)
    try:
        yield await hall.open("anna", "bas")
    finally:
        await hall.close()


def pictures(hall: FaultRoom) -> list[Seen]:
    anna = hall.people[0]
    return [one for one in anna.received if one.room == hall.room and one.content.get("msgtype") == "m.image"]


async def test_lost_answers_make_no_second_picture(fresh: FaultRoom) -> None:
    anna = fresh.people[0]
    fresh.proxy.fail_next("/media/v3/upload", 502, {"errcode": "M_UNKNOWN"}, method="POST")
    fresh.proxy.lose_response("/media/v3/upload", 1, method="POST")
    await anna.send(fresh.room, "!overzicht")
    await anna.wait_for(lambda one: fresh.is_said(one, fresh.room, "overview"))
    fresh.proxy.lose_response(f"{fresh.room}/send/m.room.encrypted", 2, method="PUT")
    await anna.wait_for(lambda one: one.content.get("msgtype") == "m.image")
    await anna.send(fresh.room, "!hulp")
    await anna.wait_for(lambda one: fresh.is_said(one, fresh.room, "help"))
    assert len(pictures(fresh)) == 1


async def test_a_picture_that_is_too_large_leaves_the_words(fresh: FaultRoom) -> None:
    anna = fresh.people[0]
    fresh.proxy.fail_next("/media/v3/upload", 413, {"errcode": "M_TOO_LARGE"}, method="POST")
    await anna.send(fresh.room, "!overzicht")
    await anna.wait_for(lambda one: fresh.is_said(one, fresh.room, "overview"))
    told = await anna.wait_for(lambda one: fresh.is_said(one, fresh.room, "error"))
    assert "te groot voor deze chat" in told.body
    assert pictures(fresh) == []
    await anna.send(fresh.room, "!overzicht")
    await anna.wait_for(lambda one: one.content.get("msgtype") == "m.image")


async def test_a_kill_while_it_is_posted_makes_no_second_picture(fresh: FaultRoom) -> None:
    anna = fresh.people[0]
    fresh.proxy.hold("/media/v3/upload")
    await anna.send(fresh.room, "!overzicht")
    await fresh.proxy.arrived("/media/v3/upload")
    await fresh.coach.kill()
    fresh.proxy.let_go()
    await fresh.coach.start()
    await anna.wait_for(lambda one: one.content.get("msgtype") == "m.image")
    await anna.send(fresh.room, "!hulp")
    await anna.wait_for(lambda one: fresh.is_said(one, fresh.room, "help"))
    assert len(pictures(fresh)) == 1
