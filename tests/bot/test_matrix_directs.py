"""Rooms with one person alone: opened once and encrypted, known by what they were created with, and never a pilot's.

A homeserver's few answers that they need come from a small one in this process, over a real socket.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.settings import MatrixSection
from bot.transports.base import Alone, Held, Unreachable
from bot.transports.matrix import OWN
from bot.transports.matrix.client import make_client
from bot.transports.matrix.directs import PATIENCE, Comings, Directs, gone
from bot.transports.matrix.people import Hall
from storage.directs import GONE, INVITED, JOINED, Direct
from storage.writer import Writer
from tests.chat import TEXTS

COACH, ANNA, BAS = "@coach:x.nl", "@anna:x.nl", "@bas:x.nl"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Still:
    """A clock that a test moves."""

    moment = NOON

    def now(self) -> datetime:
        return self.moment


class Homeserver:
    """Keeps what it is asked, and answers."""

    def __init__(self) -> None:
        self.created: list[dict[str, Any]] = []
        self.listed: dict[str, Any] = {BAS: ["!old"]}
        self.joined: dict[str, list[str]] = {}
        self.refuses = False

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/_matrix/client/v3/createRoom", self.create)
        app.router.add_get("/_matrix/client/v3/user/{user}/account_data/m.direct", self.direct)
        app.router.add_put("/_matrix/client/v3/user/{user}/account_data/m.direct", self.put)
        app.router.add_get("/_matrix/client/v3/rooms/{room}/joined_members", self.members)
        return app

    async def create(self, request: web.Request) -> web.Response:
        if self.refuses:
            return web.json_response({"errcode": "M_FORBIDDEN"}, status=403)
        self.created.append(await request.json())
        return web.json_response({"room_id": f"!{len(self.created)}"})

    async def direct(self, request: web.Request) -> web.Response:
        return web.json_response(self.listed)

    async def put(self, request: web.Request) -> web.Response:
        self.listed = await request.json()
        return web.json_response({})

    async def members(self, request: web.Request) -> web.Response:
        joined = {one: {} for one in self.joined.get(request.match_info["room"], [])}
        return web.json_response({"joined": joined})


class Bench:
    """The rooms with one person, and the homeserver behind them."""

    def __init__(self, address: str, server: Homeserver, writer: Writer) -> None:
        self.server = server
        self.writer = writer
        self.clock = Still()
        section = MatrixSection(homeserver=address, user_id=COACH)
        self.client = make_client(section, COACH)
        self.client.access_token, self.client.user_id = "x", COACH
        self.begin()

    def begin(self) -> None:
        """As after a restart."""
        self.directs = Directs(self.client, self.writer, self.clock, TEXTS)

    async def comes(self, member: str, room: str, membership: str = "join") -> list[Direct]:
        """A sync says that somebody came or went; what was found."""
        into = Comings()
        self.directs.comings(room, [joining(member, membership)], into)
        await self.directs._note(into.found)
        return into.found


def joining(member: str, membership: str) -> dict[str, Any]:
    return {"type": "m.room.member", "state_key": member, "sender": member, "content": {"membership": membership}}


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    server = Homeserver()
    runner = web.AppRunner(server.app())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    writer = await Writer.open(tmp_path / "data" / "coach.db")
    bench = Bench(f"http://127.0.0.1:{port}", server, writer)
    yield bench
    await bench.client.close()
    await writer.close()
    await runner.cleanup()


async def test_a_room_is_opened_once_encrypted_and_says_what_it_is(bench: Bench) -> None:
    for _ in range(3):
        with pytest.raises(Held):
            await bench.directs.room_for(ANNA)
    (made,) = bench.server.created
    assert (made["is_direct"], made["invite"]) == (True, [ANNA])
    assert made["creation_content"] == {OWN: {"direct": ANNA}}
    assert [one["type"] for one in made["initial_state"]] == ["m.room.encryption"]
    assert bench.server.listed == {BAS: ["!old"], ANNA: ["!1"]}
    bench.begin()
    await bench.directs.recall()
    with pytest.raises(Held):
        await bench.directs.room_for(ANNA)
    assert len(bench.server.created) == 1


async def test_who_comes_in_can_be_told_something(bench: Bench) -> None:
    with pytest.raises(Held):
        await bench.directs.room_for(ANNA)
    assert [one.state for one in await bench.comes(ANNA, "!1")] == [JOINED]
    assert await bench.directs.room_for(ANNA) == "!1"
    assert bench.directs.room_of(ANNA) == "!1"
    assert bench.directs.room_of(BAS) is None
    assert await bench.comes(ANNA, "!1") == []  # nothing new


async def test_who_came_in_while_the_coach_was_away_is_known_at_its_start(bench: Bench) -> None:
    with pytest.raises(Held):
        await bench.directs.room_for(ANNA)
    bench.server.joined["!1"] = [COACH, ANNA]
    bench.begin()
    await bench.directs.recall()
    assert await bench.directs.room_for(ANNA) == "!1"


@pytest.mark.parametrize("membership", ["leave", "ban"])
async def test_who_declined_is_asked_in_again_a_day_later(bench: Bench, membership: str) -> None:
    with pytest.raises(Held):
        await bench.directs.room_for(ANNA)
    assert [one.state for one in await bench.comes(ANNA, "!1", membership)] == [GONE]
    with pytest.raises(Unreachable):
        await bench.directs.room_for(ANNA)
    assert len(bench.server.created) == 1
    bench.clock.moment = NOON + PATIENCE + timedelta(seconds=1)
    with pytest.raises(Held):
        await bench.directs.room_for(ANNA)
    assert len(bench.server.created) == 2
    # What happens in the first room says nothing of the second.
    assert await bench.comes(ANNA, "!1", "leave") == []
    assert [one.room for one in await bench.comes(ANNA, "!2")] == ["!2"]


async def test_who_can_t_be_invited_can_t_be_reached(bench: Bench) -> None:
    bench.server.refuses = True
    with pytest.raises(Unreachable):
        await bench.directs.room_for(ANNA)
    with pytest.raises(Unreachable):
        await bench.directs.room_for(ANNA)


def created(sender: str = COACH, own: Any = None) -> dict[str, Any]:
    return {"type": "m.room.create", "state_key": "", "sender": sender, "content": {OWN: own or {"direct": ANNA}}}


async def test_a_room_is_known_by_what_it_was_created_with(bench: Bench) -> None:
    assert bench.directs.whose("!x", [created()]) == ANNA  # also where the database knows nothing of it
    assert bench.directs.whose("!x") == ANNA
    for odd in (created(sender=ANNA), created(own={"direct": 5}), {"type": "m.room.create", "content": 5}, {}):
        assert bench.directs.whose("!y", [odd]) is None


async def test_somebody_who_speaks_is_there(bench: Bench) -> None:
    bench.directs.whose("!x", [created()])
    into = Comings()
    bench.directs.comings("!x", [{"type": "m.room.encrypted", "sender": ANNA, "content": {}}], into)
    assert [(one.member, one.room, one.state) for one in into.found] == [(ANNA, "!x", JOINED)]
    other = Comings()
    bench.directs.comings("!x", [{"type": "m.room.message", "sender": BAS, "content": {}}, joining(BAS, "join")], other)
    assert other.found == []


async def test_the_rooms_that_somebody_is_in_hear_that_they_are_gone(bench: Bench) -> None:
    halls = {"!team": Hall(members={ANNA: "Anna", BAS: "Bas"}), "!other": Hall(members={BAS: "Bas"})}
    found = [Direct(ANNA, "!1", GONE, NOON), Direct(BAS, "!2", INVITED, NOON)]
    (told,) = gone(found, halls, "s1")
    assert isinstance(told, Alone)
    assert (told.room, told.member) == ("!team", ANNA)
