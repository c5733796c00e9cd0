"""What goes wrong between the coach and its homeserver. Rule: nothing is lost, nothing comes twice, the order holds,
and everybody in the room can read it."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.homeserver.proxy import Fault
from tests.homeserver.synapse import Synapse
from tests.transports.fault_room import AGREED, OWN, FaultRoom, until
from tests.transports.user import User

pytestmark = pytest.mark.asyncio(loop_scope="module")

KILLS = 30 if os.environ.get("OPSCHAALCOACH_TESTS_WHOLE") else 6
LIMITED = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests"}

TEXT_STEPS = ("pilot.naam", "pilot.betrokkenen", "pilot.ontbreekt", "impact.vraagstuk", "impact.noodzaak")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(synapse: Synapse, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FaultRoom]:
    """Two people and the coach, for what leaves it running."""
    hall = FaultRoom(synapse, tmp_path_factory.mktemp("hall"))
    yield await hall.open("anna", "bas")
    await hall.close()


@pytest_asyncio.fixture(loop_scope="module")
async def fresh(synapse: Synapse, tmp_path: Path) -> AsyncIterator[FaultRoom]:
    """A coach of this test alone, to be opened."""
    fresh = FaultRoom(synapse, tmp_path)
    yield fresh
    await fresh.close()


def broken(hall: FaultRoom, method: str, path: str) -> list[Fault]:
    """The next such request is answered with 502, and the one after it is taken but its answer lost; twice, for aiohttp
    repeats a PUT or GET by itself."""
    return [
        hall.proxy.fail_next(path, 502, {"errcode": "M_UNKNOWN"}, method=method),
        hall.proxy.lose_response(path, 1 if method == "POST" else 2, method=method),
    ]


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/keys/query"), ("POST", "/keys/claim"), ("PUT", "/sendToDevice/"), ("GET", "/sync")],
)
async def test_a_request_of_all_rooms_that_fails_is_made_again(hall: FaultRoom, method: str, path: str) -> None:
    newcomer = await hall.team.user("chris")  # whose device the coach does not know yet
    hall.people.append(newcomer)
    faults = broken(hall, method, path)
    room = await hall.new_room(newcomer)
    await hall.marked(await hall.answer(newcomer, room), by=newcomer)
    await hall.assert_whole(room)
    assert [fault.times for fault in faults] == [0, 0]


async def test_a_request_in_a_room_that_fails_is_made_again(hall: FaultRoom) -> None:
    kinds = [("POST", "/join/{}"), ("GET", "/rooms/{}/joined_members"), ("GET", "/rooms/{}/messages"),
             ("PUT", "/rooms/{}/send/m.room.encrypted"), ("PUT", "/rooms/{}/send/m.reaction")]  # fmt: skip
    faults: list[Fault] = []
    rooms = []
    hall.proxy.hold("/join/")
    for method, path in kinds:
        room = await hall.invited(*hall.people[:2])
        faults += broken(hall, method, path.format(room))
        rooms.append(room)
    hall.proxy.let_go()
    await asyncio.gather(*(hall.begun(room, *hall.people[:2]) for room in rooms))
    await hall.marked(*[await hall.answer(hall.people[1], room) for room in rooms])
    await hall.assert_whole(*rooms)
    assert [fault.times for fault in faults] == [0, 0] * len(kinds)


async def test_keys_that_an_upload_left_with_the_homeserver_open_what_comes(fresh: FaultRoom) -> None:
    await fresh.open("anna")
    await fresh.coach.stop()
    await all_keys_claimed(fresh)
    lost = fresh.proxy.lose_response("/keys/upload", 100, method="POST")
    await fresh.coach.start()
    await until(lambda: lost.times < 100)
    await fresh.coach.kill()  # it never heard that the homeserver has its new keys
    lost.times = 0
    # A device that nobody shares anything with yet uses one of them.
    bas = await fresh.team.user("bas")
    anna = fresh.people[0]
    await anna.invite(fresh.room, bas)
    await bas.join(fresh.room)
    await bas.knows(fresh.room, anna, fresh.coach.account.user_id)
    question = fresh.questions(fresh.room, anna)[-1].id
    answer = await fresh.answer(bas, to=question)
    await fresh.coach.start()
    await fresh.marked(answer)
    await fresh.assert_whole()


async def test_a_restart_of_the_homeserver_in_mid_conversation(fresh: FaultRoom, synapse: Synapse) -> None:
    await fresh.open("anna", "bas", rooms=2)
    first = await asyncio.gather(*(fresh.answer(one, room) for one in fresh.people for room in fresh.rooms))
    restarting = asyncio.create_task(synapse.restart())
    more = await asyncio.gather(*(fresh.answer(one, room) for one in fresh.people for room in fresh.rooms))
    await restarting
    await fresh.marked(*first, *more)
    await go_on(fresh)
    await fresh.assert_whole()


@pytest.mark.whole
async def test_a_homeserver_that_is_away_for_12_seconds(fresh: FaultRoom) -> None:
    await fresh.open("anna", "bas", rooms=2)
    answers = await asyncio.gather(*(fresh.answer(one, room) for one in fresh.people for room in fresh.rooms))
    await fresh.proxy.down()
    ends = time.monotonic() + 12
    while time.monotonic() < ends:
        answers += await asyncio.gather(*(fresh.answer(one, room) for one in fresh.people for room in fresh.rooms))
        await asyncio.sleep(2)
    await fresh.proxy.up()
    await fresh.marked(*answers)
    await go_on(fresh)
    await fresh.assert_whole()
    assert len(list(fresh.logged())) <= 1


async def go_on(hall: FaultRoom) -> None:
    """Take every room to its next question."""
    for room in hall.rooms:
        asked = len(hall.questions(room, hall.people[0]))
        await hall.people[0].react(room, hall.questions(room, hall.people[0])[-1].id, AGREED)
        await hall.question(room, hall.people[0], asked)


async def test_no_room_is_written_to_before_the_homeserver_allows_it(fresh: FaultRoom) -> None:
    await fresh.open("anna", "bas", rooms=2)
    anna, bas = fresh.people
    limited, idle = fresh.rooms
    busy = await fresh.invited(anna, bas)
    welcome = await anna.wait_for(lambda one: fresh.is_said(one, busy, "welcome"))
    # One room gets its question, whose signs are still to come, when another is told to wait.
    fresh.proxy.hold(f"{busy}/send/m.room.encrypted")
    before = len(fresh.proxy.sent(f"{busy}/send/m.room.encrypted"))
    await anna.react(busy, welcome.id, AGREED)
    await fresh.proxy.arrived(f"{busy}/send/m.room.encrypted", before + 1)
    seconds = 4
    refused = fresh.proxy.fail_next(f"{limited}/send/", 429, LIMITED | {"retry_after_ms": seconds * 1000})
    answers = [await fresh.answer(bas, limited)]
    await until(lambda: refused.times == 0)
    told = time.monotonic()
    await asyncio.sleep(1)  # for what was on its way
    fresh.proxy.let_go()
    answers += [await fresh.answer(bas, idle), await fresh.answer(anna, limited)]
    await fresh.marked(*answers)
    await fresh.question(busy, anna)
    await fresh.assert_whole()
    early = [path for at, _, path in fresh.proxy.moments if "/send/" in path and told + 1 < at < told + seconds - 0.1]
    assert early == []


@pytest.mark.whole
async def test_a_homeserver_with_limits(tmp_path: Path) -> None:
    synapse = await Synapse(tmp_path / "synapse", limits=True).start()
    room = FaultRoom(synapse, tmp_path)
    try:
        synapse.set_config(
            **{name: {"per_second": 1000, "burst_count": 1000} for name in ("rc_registration",)},
            rc_login={kind: {"per_second": 1000, "burst_count": 1000} for kind in ("address", "account")},
        )
        await synapse.restart()
        await room.open("anna", "bas")
        for one in room.people:
            await synapse.override_ratelimit(one.id)
        await synapse.override_ratelimit(room.coach.account.user_id, messages_per_second=4, burst_count=2)
        # All at once: what comes one by one is answered no faster on a slow machine than is allowed.
        answers = await asyncio.gather(*(room.answer(one) for _ in range(8) for one in room.people))
        await room.marked(*answers)
        await room.assert_whole()
        assert 429 in {one.status for one in room.proxy.requests}
    finally:
        await room.close()
        await synapse.stop()


@pytest.mark.whole
async def test_more_messages_than_a_timeline_while_the_coach_is_down(fresh: FaultRoom) -> None:
    await fresh.open("anna", "bas")
    await fresh.coach.stop()
    fresh.age_device()
    said = await asyncio.gather(*(fresh.answer(person) for _ in range(150) for person in fresh.people))
    pages: list[str] = []

    def fail_half_way(method: str, path: str, query: dict[str, str]) -> tuple[int, dict[str, Any]] | None:
        if not path.endswith("/messages"):
            return None
        pages.append(query["from"])
        return (502, {"errcode": "M_UNKNOWN"}) if len(pages) > 1 else None

    fresh.proxy.hook = fail_half_way
    await fresh.coach.start()
    await until(lambda: len(pages) > 2)
    await fresh.coach.kill()
    fresh.proxy.hook = None
    (since,) = [since for (since,) in fresh.rows("SELECT since FROM gap")]
    assert since == pages[1] != pages[0]  # it goes on where it was
    await fresh.coach.start()
    await fresh.marked(*said)
    await fresh.assert_whole()


async def test_kills_while_four_people_talk(synapse: Synapse, tmp_path: Path) -> None:
    chance = random.Random(20261122)
    hall = FaultRoom(synapse, tmp_path)
    try:
        await hall.open("anna", "bas", "chris", "dina", rooms=3)
        talking = [asyncio.create_task(talk_on(hall, person, random.Random(place)))
                   for place, person in enumerate(hall.people)]  # fmt: skip
        for _ in range(KILLS):
            # Once something more was said, for a start takes no time in which people talk.
            said, ends = sum(map(len, hall.answers.values())), time.monotonic() + 5
            await until(
                lambda said=said, ends=ends: sum(map(len, hall.answers.values())) > said or time.monotonic() > ends
            )
            # At a request, so that a slow machine is killed as often in the middle of its work as a fast one.
            count = len(hall.proxy.moments) + chance.randrange(1, 15)
            ends = time.monotonic() + 1
            await until(lambda count=count, ends=ends: len(hall.proxy.moments) >= count or time.monotonic() > ends)
            await asyncio.sleep(chance.random() * 0.03)
            await hall.coach.kill()
            await hall.coach.start()
        await silence(talking)
        await hall.marked(*[event for answers in hall.answers.values() for event in answers])
        await hall.assert_whole()
        assert sum(map(len, hall.answers.values())) > KILLS
        assert list(hall.logged()) == []
    finally:
        await hall.close()


async def silence(talking: list[asyncio.Task[None]]) -> None:
    """Let people stop talking, each after what they are saying. Raises what went wrong with one of them."""
    for task in talking:
        task.cancel()
    for found in await asyncio.gather(*talking, return_exceptions=True):
        if not isinstance(found, asyncio.CancelledError):
            raise AssertionError(found)


async def talk_on(hall: FaultRoom, person: User, chance: random.Random) -> None:
    """Answer the newest question of one room after another, and now and then take a room further."""
    agreed = set()
    while True:
        room = chance.choice(hall.rooms)
        asked = hall.questions(room, person)
        newest = asked[-1].id
        texts = [one.id for one in asked if one.content[OWN]["step"] in TEXT_STEPS]
        if newest not in agreed and (newest != texts[-1] or chance.random() < 0.2):
            agreed.add(newest)
            await person.react(room, newest, AGREED)
        else:
            await hall.answer(person, room, texts[-1])
        await asyncio.sleep(0.2 + chance.random())


async def test_sigterm_in_the_middle_of_the_work(fresh: FaultRoom) -> None:
    await fresh.open("anna", "bas", rooms=2)
    answers: list[str] = []
    for _ in range(3):
        saying = [fresh.answer(one, room) for _ in range(5) for one in fresh.people for room in fresh.rooms]
        said = asyncio.gather(*saying)
        reactions = len(fresh.proxy.sent("/send/m.reaction"))
        await fresh.proxy.arrived("/send/m.reaction", reactions + 2)
        assert await fresh.coach.stop() == 0
        answers += await said
        await fresh.coach.start()
    await fresh.marked(*answers)
    await fresh.assert_whole()
    assert list(fresh.logged()) == []


@pytest.mark.parametrize("soft", [False, True])
async def test_a_token_that_is_not_accepted_any_more_ends_it_with_one_line(fresh: FaultRoom, soft: bool) -> None:
    await fresh.open("anna")
    if soft:
        fresh.proxy.fail_next("/", 401, {"errcode": "M_UNKNOWN_TOKEN", "error": "x", "soft_logout": True}, times=10_000)
    else:
        token = json.loads((fresh.coach.store / "account.json").read_text("utf-8"))["access_token"]
        assert (await fresh.synapse.request("POST", "/_matrix/client/v3/logout", {}, token=token))[0] == 200
    before = len(fresh.proxy.moments)
    await fresh.people[0].send(fresh.room, "wie leest dit?")  # ends the sync that waits
    assert await fresh.coach.ended() == 2
    lines = [*fresh.logged()]
    assert len(lines) == 1, lines
    (line,) = lines
    assert "does not accept the coach's token" in line
    assert "opschaalcoach login --config" in line
    assert len(fresh.proxy.moments) - before <= 5
    # And so it does at a start.
    before = len(fresh.proxy.moments)
    code, _, err = await fresh.coach.command("run", "--config", str(fresh.coach.config))
    assert code == 2
    assert "does not accept the coach's token" in err.splitlines()[-1]
    assert len(err.splitlines()) == 2
    assert len(fresh.proxy.moments) - before <= 5


async def test_a_second_coach_on_the_same_configuration_is_refused(hall: FaultRoom) -> None:
    code, out, err = await hall.coach.command("run", "--config", str(hall.coach.config))
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "in use by another coach" in err


@pytest.mark.parametrize("why", ["its row is old", "its device is new"])
async def test_what_may_have_been_posted_before_is_looked_for(fresh: FaultRoom, why: str) -> None:
    await fresh.open("anna")
    # Posted, but the coach does not hear of it; and then it is away for long.
    lost = fresh.proxy.lose_response("/send/", 2, method="PUT")
    answer = await fresh.answer(fresh.people[0])
    await until(lambda: lost.times == 0)
    await fresh.coach.kill()
    await fresh.people[0].react(fresh.room, fresh.questions(fresh.room, fresh.people[0])[-1].id, AGREED)
    lost = fresh.proxy.lose_response("/send/m.room.encrypted", 2, method="PUT")
    await fresh.coach.start()
    await until(lambda: lost.times == 0)
    await fresh.coach.kill()
    pending = fresh.rows("SELECT id FROM outbox WHERE state = 0")
    assert pending
    await fresh.coach.login()  # a new device: the homeserver takes no repeat of another device for one
    if why == "its row is old":
        fresh.age_device()
        long_ago = int((datetime.now(UTC) - timedelta(hours=23, minutes=5)).timestamp() * 1_000_000)
        with closing(sqlite3.connect(fresh.coach.db)) as conn, conn:
            conn.execute("UPDATE outbox SET at = ?, not_before = 0 WHERE state = 0", (long_ago,))
    await fresh.coach.start()
    await fresh.marked(answer)
    await fresh.question(fresh.room, fresh.people[0], 1)
    await fresh.assert_whole()


async def all_keys_claimed(room: FaultRoom) -> None:
    """Take every one-time key of the coach's device away, as many new devices would."""
    path, coach = "/_matrix/client/v3/keys/claim", room.coach.account.user_id
    device = json.loads((room.coach.store / "account.json").read_text("utf-8"))["device_id"]
    body = {"one_time_keys": {coach: {device: "signed_curve25519"}}}
    while True:
        status, answer = await room.synapse.request("POST", path, body, token=room.people[0].account.token)
        assert status == 200, answer
        if not answer["one_time_keys"]:
            return
