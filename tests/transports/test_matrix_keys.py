"""Keys in Matrix: lost ones, restored backups, and what can't be read.

Rule: the coach comes back as a new, cross-signed device, the room reads on, nothing is posted twice, and nothing is
ever said in the clear where it was encrypted once.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import nio
import pytest

from bot.transports.matrix import OWN
from tests.transports.coach_process import CoachProcess
from tests.transports.matrix_room import CoachedRoom, House, kind_of, running
from tests.transports.user import User

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def devices(house: House, coach: CoachProcess) -> list[str]:
    """The devices of the coach's account."""
    path = f"/_synapse/admin/v2/users/{coach.account.user_id}/devices"
    synapse = house.team.synapse
    _, found = await synapse.request("GET", path, token=synapse.admin_token)
    return sorted(str(one["device_id"]) for one in found["devices"])


def device_of(login: str) -> str:
    """The device that `login` says it made."""
    return login.partition("device ")[2].partition(",")[0]


async def one_line(coach: CoachProcess, *command: str, **environment: str) -> str:
    """The one clear line with which a command ends that can't do its work."""
    code, out, err = await coach.command(*command, "--config", str(coach.config), **environment)
    assert code == 2, err
    assert out == ""
    assert "Traceback" not in err
    assert err.count("\n") == 1, err
    return err


async def posted_keys(room: CoachedRoom) -> Counter[str]:
    """How often each thing that the coach said stands in the room, by its key, read afresh."""
    found = [one for one in await room.history() if one["sender"] == room.me and OWN in one["content"]]
    return Counter(one["content"][OWN]["key"] for one in found)


async def test_a_lost_key_store_makes_a_new_device_and_the_room_reads_on(house: House, tmp_path: Path) -> None:
    async with running(house.team, tmp_path) as coach:
        room = await house.room(2, coach=coach)
        anna, bas = room.people
        question = await room.question("pilot.naam")
        await room.marked(await bas.reply(room.id, question.id, "NS-pilot"))
        (*_, old) = [one for one in await devices(house, coach) if one != coach.account.device_id]
        await coach.stop()
        shutil.rmtree(coach.store / "keys")

        said = await one_line(coach, "run")
        assert "keys" in said
        assert "opschaalcoach login" in said
        new = device_of(await coach.login())
        assert new != old
        assert old not in await devices(house, coach)
        assert new in await devices(house, coach)
        assert (await coach.check())[0] == 0
        await coach.start()
        await anna.react(room.id, question.id, "✅")
        asked = await room.question("pilot.periode")
        assert (asked.encrypted, asked.readable) == (True, True)
        await room.marked(await bas.reply(room.id, question.id, "ook na het verlies"))
        assert await room.texts("pilot.naam") == ["NS-pilot", "ook na het verlies"]
        assert set((await posted_keys(room)).values()) == {1}


@pytest.mark.parametrize("encrypted", [True, False], ids=["encrypted", "plain"])
async def test_a_restored_backup_posts_nothing_twice(house: House, tmp_path: Path, encrypted: bool) -> None:
    async with running(house.team, tmp_path) as coach:
        room = await house.room(2, coach=coach, encrypted=encrypted)
        anna, bas = room.people
        question = await room.question("pilot.naam")
        await room.marked(await bas.reply(room.id, question.id, "voor de kopie"))
        await room.settled()
        await coach.stop()
        shutil.copy(coach.db, tmp_path / "copy.db")
        await coach.start()
        await room.marked(await bas.reply(room.id, question.id, "na de kopie"))
        await anna.react(room.id, question.id, "✅")
        await room.question("pilot.periode")
        await room.edited(question.id, "na de kopie")
        before = await room.export()
        await coach.stop()

        for file in coach.db.parent.glob("coach.db*"):
            if file.is_file() and not file.name.endswith("lock"):
                file.unlink()
        shutil.copy(tmp_path / "copy.db", coach.db)
        await coach.login()
        await coach.start()
        await room.settled()
        if not encrypted:  # in an encrypted room the new device can't read what was said since the copy
            assert (await room.export())["steps"] == before["steps"]
        period = await room.question("pilot.periode")
        await bas.reply(room.id, period.id, "vanaf mei 2027")
        await room.edited(period.id, "mei 2027")
        await room.question("pilot.betrokkenen")
        doubles = {key: count for key, count in (await posted_keys(room)).items() if count > 1}
        assert doubles == {}
        questions = [one.content[OWN]["step"] for one in room.messages() if kind_of(one) == "question"]
        assert questions == ["pilot.naam", "pilot.periode", "pilot.betrokkenen"]
        assert (await room.texts("pilot.naam"))[0] == "voor de kopie"


async def test_lost_signing_keys_are_said_and_can_be_replaced(house: House, tmp_path: Path) -> None:
    async with running(house.team, tmp_path, start=False) as coach:
        (coach.store / "signing.json").unlink()
        code, said = await coach.check()
        assert code == 1
        assert "not cross-signed" in said
        secret = {"OPSCHAALCOACH_MATRIX__PASSWORD": coach.account.password}
        line = await one_line(coach, "login", **secret)
        assert "signing.json" in line
        assert "--new-signing-keys" in line
        assert not (coach.store / "signing.json").exists()
        await coach.login("--new-signing-keys")
        assert (await coach.check())[0] == 0
        await coach.start()
        room = await house.room(1, coach=coach)
        await room.marked(await room.anna.send(room.id, "NS-pilot"))


async def test_a_failed_login_leaves_the_device_that_works(house: House, tmp_path: Path) -> None:
    async with running(house.team, tmp_path, start=False) as coach:
        before = await devices(house, coach)
        line = await one_line(coach, "login", OPSCHAALCOACH_MATRIX__PASSWORD="verkeerd")
        assert "password" in line
        assert await devices(house, coach) == before
        await coach.start()
        room = await house.room(1, coach=coach)
        await room.marked(await room.anna.send(room.id, "NS-pilot"))


async def test_a_room_that_becomes_encrypted_never_sees_plaintext_again(house: House) -> None:
    room = await house.room(2, encrypted=False)
    anna, bas = room.people
    question = await room.question("pilot.naam")
    assert not question.encrypted
    # switched on while the coach is away, so that it finds that and something to say at once
    await house.coach.stop()
    said = await bas.reply(room.id, question.id, "nog in het open")
    await anna.client.room_put_state(room.id, "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})
    await bas.until(lambda: bas.client.rooms[room.id].encrypted)
    await anna.until(lambda: anna.client.rooms[room.id].encrypted)
    hidden = await bas.reply(room.id, question.id, "en nu verborgen")
    await anna.react(room.id, question.id, "✅")
    await house.coach.start()
    await room.marked(said)
    await room.marked(hidden)
    await room.question("pilot.periode")
    await room.settled()
    assert await room.texts("pilot.naam") == ["nog in het open", "en nu verborgen"]

    # nor when somebody seems to switch it off again
    await anna.client.room_put_state(room.id, "m.room.encryption", {"algorithm": "niets"})
    await anna.send(room.id, "!vraag")
    await room.question("pilot.periode", after=1)
    history = await room.history()
    switched = next(n for n, one in enumerate(history) if one["type"] == "m.room.encryption")
    raw = [one for one in room.said() if one.type == "m.room.message"]
    later = {one["event_id"] for one in history[switched:]}
    assert [one.body for one in raw if one.id in later and not one.encrypted] == []
    assert len([one for one in raw if one.id in later]) >= 4


async def withheld(user: User, room: CoachedRoom, text: str) -> tuple[str, dict[str, str]]:
    """Somebody says something whose key does not get to the coach: the message, and that key."""
    client = user.client
    coachs = list(client.device_store.active_user_devices(room.me))
    for device in coachs:
        client.blacklist_device(device)
    client.invalidate_outbound_session(room.id)
    await client.share_group_session(room.id, ignore_unverified_devices=True)
    session = client.olm.outbound_group_sessions[room.id]
    key = {"algorithm": "m.megolm.v1.aes-sha2", "room_id": room.id, "session_id": session.id,
           "session_key": session.session_key}  # fmt: skip
    sent = await user.send(room.id, text)
    return sent, key


async def hand_over(user: User, room: CoachedRoom, key: dict[str, str]) -> None:
    """The key gets to the coach after all."""
    client = user.client
    for device in list(client.device_store.active_user_devices(room.me)):
        client.unblacklist_device(device)
        session = client.olm.session_store.get(device.curve25519)
        content = client.olm._olm_encrypt(session, device, "m.room_key", key)
        answer = await client.to_device(nio.ToDeviceMessage("m.room.encrypted", room.me, device.id, content))
        assert isinstance(answer, nio.ToDeviceResponse)
    client.invalidate_outbound_session(room.id)


def age_of_waiting(coach: CoachProcess, seconds: int) -> int:
    """Let what waits for its key wait so much longer already; how many there are."""
    with closing(sqlite3.connect(coach.db)) as conn, conn:
        return conn.execute("UPDATE undecrypted SET at = at - ?", (seconds * 1_000_000,)).rowcount


async def test_what_cannot_be_read_is_told_once_and_taken_when_its_key_comes(house: House, tmp_path: Path) -> None:
    (bas,) = await house.team.users("bas")
    async with running(house.team, tmp_path) as coach:
        room = await house.room(1, coach=coach)
        await room.come(bas)
        anna = room.anna
        question = await room.question("pilot.naam")
        await room.marked(await bas.reply(room.id, question.id, "leesbaar"))
        late, key = await withheld(bas, room, "!antwoord onleesbaar, voorlopig")
        more = await bas.send(room.id, "!antwoord nog een")
        await room.settled(anna)
        assert "error" not in [kind_of(one) for one in room.messages()]
        await coach.stop()
        assert age_of_waiting(coach, 61) == 2
        await coach.start()
        told = await room.until(lambda one: "sleutel" in one.body)
        assert told.content["msgtype"] == "m.notice"
        await room.settled(anna)
        # once a room, also after a restart
        await coach.stop()
        await coach.start()
        await room.settled(anna)
        assert len([one for one in room.messages() if "sleutel" in one.body]) == 1

        await hand_over(bas, room, key)
        await room.marked(late)
        await room.marked(more)
        assert await room.texts("pilot.naam") == ["leesbaar", "onleesbaar, voorlopig", "nog een"]
        await coach.stop()
        assert age_of_waiting(coach, 0) == 0
        # after a day it is given up
        await coach.start()
        await withheld(bas, room, "!antwoord nooit meer")
        await room.settled(anna)
        await coach.stop()
        assert age_of_waiting(coach, 25 * 3600) == 1
        await coach.start()
        await room.settled(anna)
        await room.settled(anna)
        await coach.stop()
        assert age_of_waiting(coach, 0) == 0
