"""Backups by command and on a schedule, and what a chat that takes a second try for a second message is spared."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot import backups
from bot.backups import Backups
from bot.delivery import Delivery
from flows.conversation.effects import Say
from storage import backup, meta, outbox, rooms
from storage.reader import open_reader
from storage.writer import Writer
from tests.bot.outgoing import DEADLINE, NOON, Outgoing, Sayer
from tests.bot.process import Running, is_one_clear_line, message, run, run_lines
from tests.bot.served_rooms import Ticking


@pytest.fixture
async def writer(path: Path) -> AsyncIterator[Writer]:
    writer = await Writer.open(path)
    yield writer
    await writer.close()


# By command --------------------


def test_a_backup_of_a_running_coach_is_put_back_and_goes_on(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "backup.db"
    coach = Running(path)
    try:
        coach.send(message("e1", "!start"))
        coach.send(message("e2", "Jeugdhulp dichtbij"))
        done = run("backup", "--db", str(path), "--out", str(out))
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.decode() == f"Backup with 1 room, {out.stat().st_size} bytes: {out}\n"
        coach.send(message("e3", "Iets van later"))
        refused = run("restore", "--from", str(out), "--db", str(path))
        assert refused.returncode == 2
        assert is_one_clear_line(refused.stderr)
    finally:
        coach.stop()
    with closing(open_reader(path)) as conn:
        assert backup.latest(conn) is not None  # the coach made it, so it knows
    done = run("restore", "--from", str(out), "--db", str(path))
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"login" in done.stdout
    said = run_lines(path, message("e2", "Jeugdhulp dichtbij"), message("e4", "verder"))
    assert [one["type"] for one in said][:1] == ["done"]  # it knows what it had


def test_a_backup_of_a_coach_that_is_stopped_is_made_by_the_command(path: Path, tmp_path: Path) -> None:
    run_lines(path, message("e1", "!start"))
    out = tmp_path / "backup.db"
    assert run("backup", "--db", str(path), "--out", str(out)).returncode == 0
    again = run("backup", "--db", str(path), "--out", str(out))
    assert again.returncode == 2
    assert is_one_clear_line(again.stderr)
    assert b"--replace" in again.stderr
    assert run("backup", "--db", str(path), "--out", str(out), "--replace").returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [("backup", "--db", "none.db", "--out", "x"), ("restore", "--from", "none.db", "--db", "x.db"),
     ("restore", "--from", "pyproject.toml", "--db", "x.db"), ("backup", "--db", "pyproject.toml", "--out", "x")],
)  # fmt: skip
def test_what_can_not_be_done_is_one_clear_line(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    arguments = tuple(str(tmp_path / one) if one.startswith("x") else one for one in arguments)
    done = run(*arguments)
    assert done.returncode == 2
    assert is_one_clear_line(done.stderr)


# On a schedule --------------------


class Scheduled:
    """Backups on a clock that a test moves. `turn` is one look whether it is time."""

    def __init__(self, writer: Writer, folder: Path, kept: int = 2) -> None:
        self.clock = Ticking()
        self.folder = folder
        self.backups = Backups(writer, self.clock, folder, timedelta(hours=24), kept)

    async def turn(self, hours: float = 0) -> list[str]:
        self.clock.at += timedelta(hours=hours)
        await self.backups._in_time(self.folder)
        return sorted(file.name for file in await asyncio.to_thread(lambda: [*self.folder.iterdir()]))


async def test_a_backup_is_made_when_the_newest_is_old_enough_and_the_oldest_go(writer: Writer, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "backups"
    here = Scheduled(writer, folder)
    first, second, third = (f"coach-202611{day}T120000Z.db" for day in (23, 24, 25))
    assert await here.turn() == [first]
    assert stat.S_IMODE((folder / first).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert await here.turn(23) == [first]
    (folder / "coach-mine.db").write_text("mine")
    (folder / "other-20200101T000000Z.db").write_text("another coach's")
    others = {"coach-mine.db", "other-20200101T000000Z.db"}
    assert set(await here.turn(1)) == {first, second, *others}
    assert set(await here.turn(24)) == {second, third, *others}
    assert set(await Scheduled(writer, folder).turn(48.5)) == {second, third, *others}  # a restart changes nothing
    assert await writer.run(backup.latest) == here.clock.at


async def test_a_backup_from_the_future_holds_none_up(writer: Writer, tmp_path: Path) -> None:
    (tmp_path / "coach-20990101T000000Z.db").write_text("of a clock that was wrong")
    found = await Scheduled(writer, tmp_path).turn()
    assert "coach-20261123T120000Z.db" in found


async def test_a_backup_that_fails_is_logged_and_counted_and_tried_again(
    writer: Writer, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "backups").write_text("no folder")
    monkeypatch.setattr(backups, "AFTER_FAULT", timedelta(0))
    here = Backups(writer, Ticking(), tmp_path / "backups")
    running = asyncio.create_task(here.run())
    try:
        await until(lambda: here.failed)
        assert "no backup was made" in caplog.text
        (tmp_path / "backups").unlink()
        await until(lambda: [*tmp_path.glob("backups/*.db")])
    finally:
        running.cancel()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_without_a_folder_there_is_nothing_to_do(writer: Writer) -> None:
    await Backups(writer, Ticking()).run()


# After a backup was put back --------------------


@pytest.mark.parametrize("careful", [True, False])
async def test_what_may_have_been_posted_before_is_told_of_where_the_chat_can_not_tell(
    writer: Writer, *, careful: bool
) -> None:
    outgoing = Outgoing(writer)
    room = await outgoing.room_row("!a")

    def put(key: str, number: int, hours: float, since: float | None = None) -> Callable[[sqlite3.Connection], int]:
        at = NOON + timedelta(hours=hours)
        due = None if since is None else NOON + timedelta(hours=since)
        return lambda conn: outbox.add(conn, room, key, Say(number, "info", None, key), at, None, due)

    await writer.run(lambda conn: meta.put(conn, "backup restored", NOON.isoformat()))
    for work in (put("pending", 1, -1), put("late", 2, 1, -1), put("after", 3, 1), put("due after", 4, 2, 1)):
        await writer.run(work)
    outgoing.delivery = Delivery(writer, outgoing.chat, outgoing.clock, Sayer(), outgoing.clock.sleep, careful=careful)
    outgoing.run()
    await outgoing.settled()
    await outgoing.stop()
    doubtful = ["pending", "late"] if careful else []
    assert outgoing.chat.posted == [key for key in ("pending", "late", "after", "due after") if key not in doubtful]
    found = await writer.run(lambda conn: conn.execute("SELECT event FROM inbox ORDER BY id").fetchall())
    assert [event.split(":")[-1] for (event,) in found] == doubtful
    assert await writer.run(lambda conn: rooms.find(conn, "matrix", "!a")) == room
