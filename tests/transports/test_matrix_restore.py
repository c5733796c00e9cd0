"""A backup that is put back, on a real homeserver: a new device, each answer that it can read once, nothing twice."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta

from bot.transports.matrix import OWN
from storage.copying import fault
from tests.transports.coach_process import CoachProcess
from tests.transports.matrix_room import CoachedRoom, House, running
from tests.transports.team import Team


async def put_back(coach: CoachProcess, at: datetime) -> None:
    """Put the backup back in place of the database."""
    what = ("restore", "--from", str(coach.folder / "backup.db"), "--db", str(coach.db))
    code, out, err = await coach.command_at(at, *what)
    assert (code, err) == (0, "")
    assert "opschaalcoach login" in out


async def log_in(coach: CoachProcess, at: datetime) -> None:
    password = coach.account.password
    code, _, err = await coach.command_at(
        at, "login", "--config", str(coach.config), OPSCHAALCOACH_MATRIX__PASSWORD=password
    )
    assert code == 0, err


async def backed_up(coach: CoachProcess) -> None:
    code, out, err = await coach.command("backup", "--db", str(coach.db), "--out", str(coach.folder / "backup.db"))
    assert (code, err) == (0, "")
    assert out.startswith("Backup with")


async def twice(room: CoachedRoom) -> dict[str, int]:
    """The keys under which something of the coach stands in a room more than once, read afresh."""
    keys = [one["content"].get(OWN, {}).get("key") for one in await room.history() if one["sender"] == room.me]
    return {key: count for key, count in Counter(keys).items() if key is not None and count > 1}


async def test_a_backup_taken_under_load_goes_on_as_a_new_device_and_says_nothing_twice(team: Team) -> None:
    async with running(team, team._folder / "coach") as coach:
        house = House(coach, team, await team.users("anna", "bas"))
        plain, hidden = await house.room(encrypted=False), await house.room()
        sent: dict[str, list[str]] = {plain.id: [], hidden.id: []}

        async def load(room: CoachedRoom, first: int) -> None:
            question = await room.question("pilot.naam")
            for number in range(first, first + 6):
                by = room.people[number % 2]
                text = f"antwoord {number}"
                await room.marked(await by.send(room.id, text, reply_to=question.id))
                sent[room.id].append(text)

        loading = [asyncio.create_task(load(room, 0)) for room in (plain, hidden)]
        await backed_up(coach)
        await asyncio.gather(*loading)
        await load(plain, 10)  # after the backup, with all that the coach says to it
        for room in (plain, hidden):
            await room.anna.send(room.id, "!ga pilot.betrokkenen")
            await room.question("pilot.betrokkenen")
        await coach.kill()
        said = {room.id: len(await room.history()) for room in (plain, hidden)}
        for file in coach.db.parent.glob("coach.db*"):
            file.unlink()

        await put_back(coach, datetime.now(UTC))
        with closing(sqlite3.connect(coach.db)) as conn:
            assert fault(conn) is None
        code, _, err = await coach.command("run", "--config", str(coach.config))
        assert (code, len(err.splitlines())) == (2, 1)
        assert "opschaalcoach login" in err
        device = (coach.store / "account.json").read_text("utf-8")
        await coach.login()
        assert (coach.store / "account.json").read_text("utf-8") != device
        await coach.start()

        for room in (plain, hidden):
            await room.know_each_other()
            await room.settled()
            assert await twice(room) == {}
        assert sorted(await plain.texts("pilot.naam")) == sorted(sent[plain.id])
        assert set(await hidden.texts("pilot.naam")) <= set(sent[hidden.id])
        # In the room that it can read it only answered what was asked now, and the sign that it did.
        assert len(await plain.history()) == said[plain.id] + 2
        assert await coach.stop() == 0


async def test_what_came_due_after_the_backup_is_not_posted_again(team: Team) -> None:
    async with running(team, team._folder / "coach") as coach:
        house = House(coach, team, await team.users("anna", "bas"))
        room = await house.room()
        await room.anna.send(room.id, "!sessie 10")
        await room.question("pilot.naam", after=1)
        due = datetime.now(UTC) + timedelta(minutes=10)
        await backed_up(coach)
        await coach.stop()
        before = len(room.messages())
        await coach.start_at(due + timedelta(minutes=1))
        await room.anna.until(lambda: len(room.messages()) > before)  # the meeting is over, it says
        await coach.stop()

        later = due + timedelta(minutes=20)
        await put_back(coach, later)
        await log_in(coach, later + timedelta(minutes=1))
        await coach.start_at(later + timedelta(minutes=30))
        await room.know_each_other()
        await room.settled()
        assert await twice(room) == {}
        assert len(room.messages()) == before + 2  # that, and the answer to what was asked last
