"""The proof: 300 marked secrets in answers, edits, votes, actions, what waits to be posted, exports and files of one
room; after erasing none in any byte of the data folder, while other rooms go on and stay as they were.

A real engine, a real database on disk, and where it matters the real command as a process.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot import VERSION
from bot.erasing import LockedRoom, NoSuchRoom
from flows.conversation.events import Said
from storage import erasing, inbox, rooms
from storage.reader import open_reader
from storage.writer import Writer
from tests.bot.process import (
    Line,
    Running,
    Served,
    edit,
    exported,
    members,
    message,
    redact,
    run,
    run_lines,
    sign,
)

ROOMS = ("r1", "r2")
MOST = 300


class Secrets:
    """Marked secrets, each used once. They are letters only, so that nothing escapes or cuts them."""

    def __init__(self, room: str) -> None:
        self._room = room
        self.used: list[str] = []

    def __call__(self, sort: str) -> str:
        number = len(self.used)
        letters = "".join(chr(ord("a") + int(digit)) for digit in f"{number:03d}")
        self.used.append(f"zeker{sort}{self._room.replace('r1', 'een').replace('r2', 'twee')}{letters}")
        return self.used[-1]


def of(room: str, line: Line) -> Line:
    """A line, of a room, with an id of that room."""
    return {**line, "room": room, "id": f"{room}-{line['id']}", **_target(room, line)}


def _target(room: str, line: Line) -> dict[str, Any]:
    found = line.get("target")
    return {"target": f"{room}-{found}"} if isinstance(found, str) and not re.fullmatch(r"m\d+", found) else {}


def life(room: str, secret: Secrets) -> Iterable[Line]:
    """All that a team does, with secrets in it; as many as it takes."""
    yield members("p", "Anna", secret("naam"), "Celik")
    bas = secret.used[-1]
    yield message("s", "!start")
    yield message("n", f"!antwoord pilot {secret('pilotnaam')}")
    yield message("i", "!instellingen gesloten aan")
    for number, step in enumerate(("impact.impact", "impact.outcome", "impact.output", "impact.activiteiten")):
        yield message(f"g{number}", f"!ga {step}")
        for place in range(14):
            event = f"a{number}x{place}"
            yield message(event, f"!antwoord {secret('antwoord')} en meer", bas if place % 2 else "Celik")
            if place % 3 == 0:  # the text before an edit is not kept, nor is what was removed
                yield edit(f"{event}e", event, f"!antwoord {secret('bewerkt')} nu", bas if place % 2 else "Celik")
            if place % 5 == 4:
                yield redact(f"{event}r", event, bas if place % 2 else "Celik")
            if place % 7 == 6:
                yield sign(f"{event}c", event, "❌", "Anna")
    for number in range(60):
        yield message(f"d{number}", f"!actie {secret('actie')} doen @{bas} {1 + number % 27} mei 2027", "Anna")
    for number in range(20):
        yield message(f"w{number}", f"!actie {secret('ander')} door {secret('persoon')}", "Celik")
    yield message("k", "!ga routes.keuze")
    yield message("k1", "!antwoord in, op", bas)
    yield message("k2", "!verder")
    yield message("v", "!ga impact.status")
    yield message("v1", "voldoende", bas, reply_to="m1")
    yield message("v2", f"!antwoord onvoldoende want {secret('stem')}", "Celik")
    yield message("u", f"!{secret('commando')}", "Celik")
    yield message("u2", f"@coach {secret('vraag')}?", "Celik", mentions=["coach"])
    yield message("x1", "!export json")
    yield message("x2", "!export csv")
    yield message("o", "!overzicht")
    yield message("m", "!mijngegevens", bas)
    while len(secret.used) < MOST:
        yield message(f"z{len(secret.used)}", f"!actie {secret('rest')} ook nog @{secret('iemand')}", "Anna")


def lines_of(room: str, secret: Secrets) -> list[Line]:
    return [of(room, line) for line in life(room, secret)]


def found_in(folder: Path, secrets: Iterable[str]) -> dict[str, list[str]]:
    """Which secrets stand in which file's bytes."""
    contents = {one.name: one.read_bytes() for one in folder.rglob("*") if one.is_file()}
    hits = {
        secret: [name for name, data in contents.items() if secret.encode() in data or secret.encode() in name.encode()]
        for secret in secrets
    }
    return {secret: names for secret, names in hits.items() if names}


def same(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return {**before, "exported_at": None} == {**after, "exported_at": None}


@pytest.fixture(scope="module")
def told() -> dict[str, Secrets]:
    return {room: Secrets(room) for room in ROOMS}


@pytest.fixture(scope="module")
def before_all(tmp_path_factory: pytest.TempPathFactory, told: dict[str, Secrets]) -> Path:
    """A data folder of two rooms that did the same, in turns, with something that waits and something that failed."""
    path = tmp_path_factory.mktemp("lived") / "data" / "coach.db"
    asyncio.run(_live(path, told))
    return path.parent


async def _live(path: Path, told: dict[str, Secrets]) -> None:
    served = await Served(path).start()
    first, second = (lines_of(room, told[room]) for room in ROOMS)
    await served.send(*(one for pair in zip(first, second, strict=True) for one in pair))

    def fail(conn: Any) -> None:
        row = rooms.find(conn, "console", "r1")
        assert row is not None
        now = served.clock.now()
        inbox.add(conn, row, Said("failed", now, "Anna", told["r1"]("mislukt")), now)
        inbox.fail(conn, conn.execute("SELECT max(id) FROM inbox").fetchone()[0], VERSION)

    await served.writer.run(fail)
    await served.stop()


@pytest.fixture
def secrets(told: dict[str, Secrets]) -> dict[str, Secrets]:
    return told


@pytest.fixture
async def lived(path: Path, before_all: Path) -> AsyncIterator[Served]:
    """A coach at work on a copy of it."""
    shutil.copytree(before_all, path.parent)
    served = await Served(path).start()
    yield served
    await served.stop()


async def test_three_hundred_secrets_are_in_no_byte_while_the_coach_runs(
    lived: Served, path: Path, secrets: dict[str, Secrets]
) -> None:
    before = await asyncio.to_thread(exported, path, "r2")
    there = found_in(path.parent, secrets["r1"].used)
    assert len(secrets["r1"].used) >= MOST
    assert len(there) > 150  # the rest was not kept to begin with: edited away, removed, commands
    kept = found_in(path.parent, secrets["r2"].used).keys()
    going_on = asyncio.create_task(lived.send(*(message(f"b{n}", "!acties", room="r2") for n in range(10))))
    report = await lived.coach.erase("r1")
    answers = [one for one in await going_on if one["type"] == "message"]
    assert len(answers) == 10
    assert report.is_clean, report.lines()
    assert report.search is not None
    assert report.search.texts > 100
    assert found_in(path.parent, secrets["r1"].used) == {}
    assert found_in(path.parent, secrets["r2"].used).keys() == kept
    assert same(before, await asyncio.to_thread(exported, path, "r2"))
    out = await lived.send(message("after", "!overzicht", room="r2"), message("more", "hallo", room="r1"))
    assert [one["room"] for one in out if one["type"] == "message"] == ["r2"]
    assert found_in(path.parent, secrets["r1"].used) == {}


async def test_erased_in_the_chat_itself(lived: Served, path: Path, secrets: dict[str, Secrets]) -> None:
    before = await asyncio.to_thread(exported, path, "r2")
    await lived.send(message("w1", "!wis"))
    (again,) = [one for one in await lived.send(message("w2", "!wis verder")) if one["type"] == "message"]
    code = re.search(r"!wis (\d{4})", again["text"])
    assert code is not None
    out = await lived.send(message("w3", f"!wis {code[1]}"))
    assert [one["type"] for one in out] == ["message", "done"]
    assert "is gewist" in out[0]["text"]
    assert found_in(path.parent, secrets["r1"].used) == {}
    assert await lived.writer.run(lambda conn: erasing.rows_of(conn, "console", "r1")) == {}
    assert not await lived.writer.run(erasing.notes)
    assert same(before, await asyncio.to_thread(exported, path, "r2"))
    assert [one["type"] for one in await lived.restart()] == []
    out = await lived.send(message("w4", "!start"))
    first = next(one for one in out if one["type"] == "message")
    assert first["kind"] == "welcome"
    assert int(first["id"][1:]) > 50  # its messages go on counting


async def test_who_reads_holds_it_up_and_it_is_said_and_done_later(
    lived: Served, path: Path, secrets: dict[str, Secrets], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.erasing.TRIES", 2)
    monkeypatch.setattr("bot.erasing.PAUSE", 0.0)
    with closing(open_reader(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM room").fetchone()
        report = await lived.coach.erase("r1")
        assert not report.emptied
        assert not report.is_clean
        assert "somebody reads it" in "\n".join(report.lines())
        assert found_in(path.parent, secrets["r1"].used)  # in its log, for who reads
        out = await lived.send(message("after", "!overzicht", room="r2"))  # nobody else waits for it
        assert any(one["type"] == "message" for one in out)
        reader.execute("COMMIT")
    await lived.restart()
    assert found_in(path.parent, secrets["r1"].used) == {}
    assert not await lived.writer.run(erasing.must_scour)


@pytest.mark.parametrize("last", [True, False])
async def test_a_crash_half_way_is_completed_by_the_next_start(
    lived: Served, path: Path, secrets: dict[str, Secrets], last: bool
) -> None:
    """The rows went, and the process ended before anything else was done; in the second case all was done but the
    pages."""
    folder = path.with_name("coach.files")
    assert any(folder.rglob("*.json"))

    def begin(conn: Any) -> None:
        row = rooms.find(conn, "console", "r1")
        assert row is not None
        erasing.empty(conn, row, lived.clock.now())
        if last:
            for note in erasing.notes(conn):
                erasing.finish(conn, note)

    await lived.writer.run(begin)
    if last:
        lived.transport._folder.forget("r1")
    await lived.writer.close()
    again = await Writer.open(path)
    await again.close()
    await lived.start()
    assert found_in(path.parent, secrets["r1"].used) == {}
    assert not await lived.writer.run(erasing.notes)
    assert found_in(path.parent, secrets["r2"].used)


async def test_a_start_finishes_what_a_crash_left(lived: Served, path: Path, secrets: dict[str, Secrets]) -> None:
    await lived.writer.run(lambda conn: erasing.empty(conn, rooms.find(conn, "console", "r1") or 0, lived.clock.now()))
    await lived.restart()
    assert found_in(path.parent, secrets["r1"].used) == {}
    out = await lived.send(message("n", "hallo"))
    assert [one["type"] for one in out] == ["done"]


async def test_erasing_while_a_turn_of_the_room_goes_on(lived: Served, path: Path, secrets: dict[str, Secrets]) -> None:
    """Messages come in all the time: none of them brings the room back."""
    sending = asyncio.create_task(
        lived.send(*(message(f"t{place}", f"!actie {secrets['r1']('tijdens')} doen") for place in range(40)))
    )
    await asyncio.sleep(0)
    report = await lived.coach.erase("r1")
    await sending
    assert report.rows == {}
    assert await lived.writer.run(lambda conn: rooms.find(conn, "console", "r1")) is None
    await lived.coach.erase("r2")
    assert found_in(path.parent, secrets["r1"].used) == {}


async def test_what_is_not_there_or_locked_is_not_erased(lived: Served) -> None:
    with pytest.raises(NoSuchRoom):
        await lived.coach.erase("r9")
    await lived.send(message("l", "!instellingen bewaren slot"))
    with pytest.raises(LockedRoom):
        await lived.coach.erase("r1")
    assert (await lived.coach.erase("r1", locked=True)).is_clean
    with pytest.raises(NoSuchRoom):
        await lived.coach.erase("r1")


async def test_what_another_room_exported_is_that_rooms(lived: Served, path: Path) -> None:
    same = "precies hetzelfde in twee kamers"
    await lived.send(message("s1", f"!actie {same}", room="r1"), message("s2", f"!actie {same}", room="r2"))
    await lived.send(message("s3", "!export csv", room="r2"), redact("s4", "s2") | {"room": "r2"})
    assert found_in(path.parent, [same])
    assert (await lived.coach.erase("r1")).is_clean
    beside = path.parent / "coach.files" / "los.txt"  # of no room: nobody knows how it came there
    beside.write_text(f"ook {same}", encoding="utf-8")
    await lived.send(members("s5", "Wil", room="r3"), message("s6", "!start", "Wil", room="r3"))
    await lived.send(message("s7", f"!actie {same}", "Wil", room="r3"))
    assert (await lived.coach.erase("r3")).traces == (str(beside),)


async def test_the_row_of_a_new_room_has_nothing_of_the_old_one(lived: Served) -> None:
    """SQLite gives numbers again: what is remembered by a number must not reach another room."""
    old = await lived.writer.run(lambda conn: rooms.find(conn, "console", "r2"))
    await lived.coach.erase("r2")
    out = await lived.send(members("n0", "Wil", room="r3"), message("n1", "!start", "Wil", room="r3"))
    assert await lived.writer.run(lambda conn: rooms.find(conn, "console", "r3")) == old
    assert [one["kind"] for one in out if one["type"] == "message"] == ["welcome", "question"]
    assert {one.id for one in (await lived.writer.run(lambda conn: rooms.load(conn, old or 0))).people()} == {"Wil"}


async def test_forgetting_somebody_takes_every_byte_of_their_name(
    lived: Served, path: Path, secrets: dict[str, Secrets]
) -> None:
    name = secrets["r1"].used[0]
    await lived.send(message("f0", "!wis"))  # something open of somebody else
    lived.transport._folder.forget("r1")  # files that were taken are outside its reach
    assert found_in(path.parent, [name])
    await lived.send(message("f1", "!vergeetmij", name), message("f2", "!vergeetmij ja", name))
    assert found_in(path.parent, [name]) == {}
    canvas = await asyncio.to_thread(exported, path, "r1")
    assert all(one["owner"] != name for one in canvas["actions"])
    assert len(canvas["actions"]) > 60


def test_the_process_itself_leaves_none(path: Path) -> None:
    secret, other = Secrets("r1"), Secrets("r2")
    running = Running(path)
    try:
        for line in lines_of("r2", other)[:30]:
            running.send(line)
        for line in lines_of("r1", secret):
            running.send(line)
        assert len(found_in(path.parent, secret.used)) > 150
        done = run("erase", "r1", "--db", str(path), "--yes")
        assert (done.returncode, done.stderr) == (0, b""), done.stdout
        assert found_in(path.parent, secret.used) == {}
        running.send(message("go", "!antwoord gaat gewoon door", room="r2"))
    finally:
        running.stop()
    assert found_in(path.parent, secret.used) == {}
    run_lines(path)
    assert found_in(path.parent, secret.used) == {}
    assert found_in(path.parent, other.used)
