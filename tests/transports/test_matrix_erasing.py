"""Erasing in a real encrypted room: nothing of it is left on the coach's disk, what was said can't be read with the
keys that are left, and the coach hears it when it is asked to begin anew. What is kept about somebody comes in a chat
with the coach alone.
"""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import nio
import pytest

from bot.transports.matrix.account import keys_folder
from tests.transports.coach_process import CoachProcess
from tests.transports.matrix_room import CoachedRoom, House, kind_of, running
from tests.transports.test_matrix_closed import asked_alone, comes
from tests.transports.user import User

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRET = "Geheimzinnigheid van Wijk Oost"


def sessions(room: CoachedRoom) -> list[nio.crypto.InboundGroupSession]:
    """The keys of a room in the coach's store, as they lie on the disk."""
    (file,) = keys_folder(room.coach.store).glob("*.db")
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as conn:
        rows = conn.execute(
            "SELECT session, fp_key, sender_key, room_id FROM megolminboundsessions WHERE room_id = ?", (room.id,)
        ).fetchall()
    return [nio.crypto.InboundGroupSession.from_pickle(*row, "DEFAULT_KEY") for row in rows]


async def said(room: CoachedRoom, who: User) -> list[str]:
    """The ciphertexts that people sent in a room, as the homeserver has them."""
    path = f"/_matrix/client/v3/rooms/{quote(room.id)}/messages?dir=b&limit=200"
    answer = await who.client.send("GET", path, headers={"Authorization": f"Bearer {who.client.access_token}"})
    async with answer:
        found = json.loads(await answer.text())
    return [
        str(one["content"]["ciphertext"])
        for one in found["chunk"]
        if one["type"] == "m.room.encrypted" and one["sender"] != room.me
    ]


def readable(keys: list[nio.crypto.InboundGroupSession], text: str) -> bool:
    for key in keys:
        try:
            key.decrypt(text)
        except Exception:  # noqa: S112 (whatever vodozemac calls it)
            continue
        return True
    return False


async def filled(house: House, coach: CoachProcess) -> CoachedRoom:
    room = await house.room(2, coach=coach)
    bas = room.people[1]
    question = await room.question("pilot.naam")
    await room.marked(await bas.reply(room.id, question.id, SECRET))
    return room


async def test_a_room_is_erased_and_begins_anew_with_the_same_people(house: House, tmp_path: Path) -> None:
    async with running(house.team, tmp_path) as coach:
        room = await filled(house, coach)
        anna, bas = room.people
        other = await house.room(2, coach=coach)
        before = await said(room, anna)
        assert any(readable(sessions(room), one) for one in before)
        assert room.traces(SECRET)
        await anna.send(room.id, "!wis")
        await room.message("info", text="Alles van deze chat wissen")
        await anna.send(room.id, "!wis verder")
        asked = await room.message("info", text="Laatste stap")
        code = re.search(r"!wis (\d{4})", asked.body)
        assert code is not None
        await anna.send(room.id, f"!wis {code[1]}")
        last = await room.message("info", text="is gewist")
        assert last.encrypted
        await anna.until(lambda: not room.traces(SECRET) and not room.members())
        await anna.until(lambda: not any(readable(sessions(room), one) for one in before))
        known = len(room.messages())
        await bas.send(room.id, "!overzicht")
        await bas.send(room.id, "zomaar wat gepraat")
        await other.settled()
        assert len(room.messages()) == known
        assert room.members() == []
        # Its keys were moved on: it hears when it is asked to begin anew.
        await bas.send(room.id, "!start")
        await room.question("pilot.naam", after=1)
        assert len(room.members()) == 2
        assert await room.texts("pilot.naam") == []


async def test_the_command_asks_the_coach_that_runs(house: House, tmp_path: Path) -> None:
    async with running(house.team, tmp_path) as coach:
        room = await filled(house, coach)
        anna, bas = room.people
        before = await said(room, anna)
        code, out, err = await coach.command("erase", room.id, "--db", str(coach.db), "--yes")
        assert (code, err) == (0, ""), out
        assert "no row left" in out
        assert "keys:" in out
        assert "none found" in out
        assert room.traces(SECRET) == []
        assert not any(readable(sessions(room), one) for one in before)
        known = len(room.messages())
        await coach.stop()
        await bas.send(room.id, "zomaar wat gepraat")
        await bas.send(room.id, "!start")  # while nobody hears it
        await coach.start()  # it is silent there also after a restart, and knows who is there
        await room.question("pilot.naam", after=1)
        assert len(room.members()) == 2
        assert len(room.messages()) == known + 2


async def test_while_it_is_stopped_the_keys_go_altogether(house: House, tmp_path: Path) -> None:
    async with running(house.team, tmp_path) as coach:
        room = await filled(house, coach)
        await coach.stop()
        code, out, err = await coach.command("erase", room.id, "--db", str(coach.db), "--yes")
        assert (code, err) == (0, ""), out
        assert sessions(room) == []
        assert room.traces(SECRET) == []
        await coach.start()


async def test_what_is_kept_about_somebody_comes_alone_and_they_can_be_forgotten(house: House, tmp_path: Path) -> None:
    async with running(house.team, tmp_path) as coach:
        room = await filled(house, coach)
        bas = room.people[1]
        await bas.send(room.id, "!mijngegevens")
        await room.message("info", text="Ik stuur het je in een chat met mij alleen")
        alone = await comes(bas, room.me)
        told = await asked_alone(bas, room.me, alone, SECRET)
        assert told.encrypted
        assert bas.id.removeprefix("@") in told.body
        assert not [one for one in room.messages() if kind_of(one) == "info" and SECRET in one.body]
        # The same again where it was told.
        await bas.send(alone, "!mijngegevens")
        await bas.wait_for(
            lambda one: one.room == alone and one.sender == room.me and one.id != told.id and SECRET in one.body
        )
        await bas.send(room.id, "!vergeetmij")
        await room.message("info", text="Jou vergeten in deze chat")
        await bas.send(room.id, "!vergeetmij ja")
        await room.message("info", text="iemand is vergeten")
        local = bas.id
        await room.anna.until(lambda: not room.tables(local))
        await bas.until(lambda: room.me not in bas.client.rooms[alone].users)  # the coach left that chat
        assert await room.texts("pilot.naam") == [SECRET]
        assert len(room.members()) == 2
        await room.settled()
        assert not room.tables(local)
