"""Files under messages: made beside the line, of the room as it stands, posted once; and told where they don't come.

On JSON lines with the real worker where a file matters, with a maker that a test can stop where order matters.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from bot.coach import Coach
from bot.files import Files
from bot.render.picture import size_of
from bot.render.worker import RenderError
from bot.transports.base import Deferred, File, Message, People, PutOut, Refused, TooLarge
from flows.conversation.effects import FORMS, Attach, Say
from flows.conversation.engine import Engine
from flows.conversation.events import Person
from flows.conversation.hearing import Capabilities, Setting
from flows.conversation.snapshot import Snapshot
from storage.outbox import Row
from storage.writer import Writer
from tests.bot.process import AT, Line, Served, message
from tests.chat import BOOK, START, TEXTS

DEADLINE = 60
TO_MAKE = "SELECT 1 FROM outbox WHERE state = 3"
TRIED = "SELECT 1 FROM outbox WHERE op = 'attach' AND attempts > 0"


def of_type(lines: list[Line], kind: str) -> list[Line]:
    return [one for one in lines if one["type"] == kind]


def read(path: str | Path) -> bytes:
    return Path(path).read_bytes()


def real(path: str) -> Path:
    return Path(path).resolve()


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


# On JSON lines --------------------------------------------------------------------------------------------------------


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    served = await Served(tmp_path / "coach.db").start()
    await served.send(message("e1", "!start", at=AT), message("e2", "Jeugdhulp & co"))
    yield served
    await served.stop()


async def test_a_picture_comes_after_its_words_and_before_done(served: Served) -> None:
    said = await served.send(message("e3", "!overzicht"))
    assert [one["type"] for one in said] == ["message", "file", "done"]
    text, file, _ = said
    assert (file["id"], file["kind"], file["step"]) == (text["id"], "overview", None)
    assert (file["room"], file["name"], file["mime"]) == ("r1", "canvas.png", "image/png")
    assert file["alt"].startswith("Opschaalcanvas: Jeugdhulp & co, 23 november 2026. Impact: nog open.")
    path = Path(file["path"])
    assert size_of(read(path)) == (1600, 1000)
    assert file["size"] == len(read(path))
    assert path.is_relative_to(served.path.with_name("coach.files"))
    assert [mode(one) for one in (path, path.parent, path.parent.parent)] == [0o600, 0o700, 0o700]


async def test_an_export_is_named_after_the_pilot_and_the_day(served: Served) -> None:
    for number, form in enumerate(("pdf", "csv", "json", "ics"), 3):
        (file,) = of_type(await served.send(message(f"e{number}", f"!export {form}")), "file")
        assert file["name"] == f"canvas-jeugdhulp-co-2026-11-23.{form}"
        assert file["alt"] == ""
        assert read(file["path"])[:2] == {"pdf": b"%P", "csv": b"st", "json": b"{\n", "ics": b"BE"}[form]


async def test_names_stand_in_a_document_only_where_that_was_asked(served: Served) -> None:
    texts = []
    for number, command in enumerate(("!export pdf", "!export pdf namen"), 3):
        (file,) = of_type(await served.send(message(f"e{number}", command)), "file")
        pages = PdfReader(file["path"]).pages
        texts.append("".join(page.extract_text() for page in pages))
    assert ["Anna" in text for text in texts] == [False, True]
    assert all("Jeugdhulp & co" in text for text in texts)


async def test_a_name_of_a_room_is_no_path(tmp_path: Path) -> None:
    served = await Served(tmp_path / "a" / "coach.db").start()
    try:
        paths = set()
        for number, room in enumerate(("../../buiten", "..", "x" * 400, "/etc/passwd", "ééí 🎉")):
            (file,) = of_type(await served.send(message(f"e{number}", "!export csv", room=room)), "file")
            path = real(file["path"])
            assert path.is_relative_to(tmp_path / "a" / "coach.files")
            paths.add(path.parent)
        assert len(paths) == 5
    finally:
        await served.stop()


async def test_of_pictures_to_look_at_the_latest_ten_stay_and_of_exports_all(served: Served) -> None:
    await served.send(message("x", "!export csv"), message("y", "!export png"))
    for number in range(12):
        await served.send(message(f"o{number}", "!overzicht"))
    names = sorted(path.name for path in served.path.with_name("coach.files").rglob("*.*"))
    assert sum(name.startswith("look-") for name in names) == 10
    assert sum("2026-11-23" in name for name in names) == 2
    assert not [name for name in names if name.startswith(".")]


async def test_where_it_cannot_be_written_the_words_stay_and_it_is_told(served: Served) -> None:
    served.path.with_name("coach.files").write_text("in the way", "utf-8")
    said = await served.send(message("e3", "!export csv"))
    assert [one.get("kind") for one in said] == ["info", "error", None]
    assert "neemt het bestand (csv) niet aan" in said[1]["text"]
    again = await served.send(message("e4", "!overzicht"))
    assert [one.get("kind") for one in again] == ["overview", "error", None]


async def test_what_was_promised_before_a_stop_comes_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served = await Served(tmp_path / "coach.db").start()

    async def stopped(*_: Any) -> File:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(Files, "make", stopped)
        with pytest.raises(asyncio.CancelledError):
            await served.send(message("e1", "!export csv", at=AT))
    (file,) = of_type(await served.restart(), "file")
    assert (file["id"], file["name"]) == ("m2", "canvas-2026-11-23.csv")
    assert of_type(await served.restart(), "file") == []
    await served.stop()


# With a maker that a test can stop -----------------------------------------------------------------------------------


class Maker(Files):
    """Makes a file of a room's own words, when it is let."""

    def __init__(self) -> None:
        super().__init__(BOOK, TEXTS)
        self.may = asyncio.Event()
        self.may.set()
        self.faults: list[Exception] = []
        self.asked: list[str] = []

    async def make(self, snapshot: Snapshot, wanted: Attach, now: datetime, widest: tuple[int, int] = (0, 0)) -> File:
        self.asked.append(snapshot.id)
        await self.may.wait()
        if self.faults:
            raise self.faults.pop(0)
        said = [item.text for item in snapshot.item.values()]
        return File("x", "text/plain", json.dumps([snapshot.id, said]).encode())


class Room:
    """A chat that keeps what is posted."""

    name = "matrix"
    abreast = 2
    fetches = False
    widest = (1, 0)
    capabilities = Capabilities(files=FORMS)

    def __init__(self) -> None:
        self.posted: list[tuple[str, str]] = []
        self.files: list[bytes] = []
        self.faults: list[Exception] = []
        self.changed = asyncio.Event()
        self.may = asyncio.Event()
        self.may.set()

    def known_id(self, number: int) -> str | None:
        return None

    def _post(self, room: str, what: str) -> None:
        self.posted.append((room, what))
        self.changed.set()

    async def send(self, row: Row, target: str | None) -> str | None:
        if isinstance(row.effect, Say):
            self._post(row.external_room, row.effect.kind)
            return f"${row.external_room}{row.effect.number}"
        return None

    async def attach(self, row: Row, file: File) -> str | None:
        await self.may.wait()
        if self.faults:
            raise self.faults.pop(0)
        self._post(row.external_room, "file")
        self.files.append(file.data)
        return f"$file-{row.external_room}{row.effect.number}"

    def whereabouts(self, room: str) -> list[Path]:
        return []

    async def forget(self, room: str | None, alone: Sequence[str]) -> list[str]:
        return []

    async def scrub(self, row: Row, messages: list[str], gone: tuple[str, ...]) -> None:
        """There is nothing to take out."""

    async def fetch(self, room: str, message: str) -> Message | None:
        return None

    async def until(self, *posted: tuple[str, str]) -> None:
        """Wait till all these were posted."""
        async with asyncio.timeout(DEADLINE):
            while any(self.posted.count(one) < posted.count(one) for one in posted):
                self.changed.clear()
                await self.changed.wait()


class Moved:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at


class Serving:
    """A coach as `run` has it: who posts is not who takes in."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.chat = Room()
        self.maker = Maker()
        self.clock = Moved()
        engine = Engine(Setting(BOOK, TEXTS, self.chat.capabilities, "Gemeente Voorbeeld", "coach.db"))
        self.coach = Coach(writer, engine, self.chat, self.clock, "test", files=self.maker)
        self.count = 0

    async def start(self) -> None:
        self.delivering = asyncio.create_task(self.coach.deliver())
        await self.coach.start()

    async def stop(self) -> None:
        self.delivering.cancel()
        await asyncio.gather(self.delivering, return_exceptions=True)
        await self.coach.close()

    async def join(self, room: str) -> None:
        self.count += 1
        people = (Person("@anna", "Anna"), Person("@bas", "Bas"))
        await self.coach.receive([People(room, f"p{self.count}", START, people)])

    async def say(self, room: str, text: str, reply_to: str | None = None) -> None:
        self.count += 1
        await self.coach.receive([Message(room, f"e{self.count}", START, "@anna", text, reply_to)])


@pytest.fixture
async def serving(tmp_path: Path) -> AsyncIterator[Serving]:
    writer = await Writer.open(tmp_path / "coach.db")
    serving = Serving(writer)
    await serving.start()
    for room in ("a", "b"):
        await serving.join(room)
    await serving.chat.until(("a", "welcome"), ("b", "welcome"))
    yield serving
    serving.chat.may.set()
    await serving.stop()
    await writer.close()


async def test_no_answer_of_any_room_waits_for_a_file(serving: Serving) -> None:
    serving.maker.may.clear()
    for _ in range(3):  # more than there are rooms at a time
        await serving.say("a", "!export pdf")
    await serving.say("b", "!export pdf")
    await serving.say("a", "!hulp")
    await serving.say("b", "!hulp")
    await serving.chat.until(("a", "help"), ("b", "help"))
    assert ("a", "file") not in serving.chat.posted
    serving.maker.may.set()
    await serving.chat.until(*[("a", "file")] * 3, ("b", "file"))
    assert serving.maker.asked == ["a", "b", "a", "a"]


async def test_rooms_take_turns_however_many_files_one_asks_for(serving: Serving) -> None:
    await serving.join("c")
    serving.maker.may.clear()
    for room in "aaaaabbc":
        await serving.say(room, "!export pdf")
    serving.maker.may.set()
    await serving.chat.until(*[("a", "file")] * 5, *[("b", "file")] * 2, ("c", "file"))
    assert "".join(serving.maker.asked) == "abcabaaa"


async def test_a_file_is_of_its_own_room_as_it_stands_when_it_is_made(serving: Serving) -> None:
    serving.maker.may.clear()
    await serving.say("a", "!start")
    await serving.say("b", "!start")
    for room in ("a", "b"):
        await serving.say(room, "!export pdf")
        await serving.say(room, f"!antwoord Pilot {room}")
    serving.maker.may.set()
    await serving.chat.until(("a", "file"), ("b", "file"))
    made = [json.loads(one) for one in serving.chat.files]
    assert made[1] == ["b", ["Pilot b"]]
    assert made[0] in (["a", []], ["a", ["Pilot a"]])  # it was begun before or after that answer


async def test_a_reply_to_a_file_is_for_the_coach(serving: Serving) -> None:
    """A group: a reply to a message of the coach is for the coach; a picture is a part of its message."""
    await serving.say("a", "!export pdf")
    await serving.chat.until(("a", "file"))
    number = sum(one[0] == "a" for one in serving.chat.posted) - 1  # the file is no message
    await serving.say("a", "Wat nu?", reply_to="$somebody")
    await serving.say("a", "Wat nu?", reply_to=f"$file-a{number}")
    await serving.chat.until(("a", "help"))
    assert serving.chat.posted.count(("a", "help")) == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (RenderError("It took too long."), "It took too long."),
        (KeyError("geheim antwoord"), "KeyError"),
        (type("RenderError", (Exception,), {})("geheim antwoord"), "RenderError"),  # somebody else's
    ],
)
async def test_what_cannot_be_made_is_told_and_the_next_one_is_made(
    serving: Serving, caplog: pytest.LogCaptureFixture, fault: Exception, words: str
) -> None:
    serving.maker.faults = [fault]
    await serving.say("a", "!overzicht")
    await serving.chat.until(("a", "overview"), ("a", "error"))
    assert "geheim" not in caplog.text
    assert words in caplog.text
    assert ("a", "file") not in serving.chat.posted
    await serving.say("a", "!overzicht")
    await serving.chat.until(("a", "file"))
    assert serving.chat.posted.count(("a", "error")) == 1


@pytest.mark.parametrize("fault", [Refused("no"), TooLarge("413")])
async def test_what_the_chat_does_not_take_is_told_once(serving: Serving, fault: Exception) -> None:
    serving.chat.faults = [fault]
    await serving.say("a", "!export pdf")
    await serving.chat.until(("a", "info"), ("a", "error"))
    await serving.say("a", "!hulp")
    await serving.chat.until(("a", "help"))
    assert ("a", "file") not in serving.chat.posted


async def test_what_could_not_be_posted_is_posted_later_and_not_made_again(serving: Serving) -> None:
    serving.chat.faults = [Deferred]
    await serving.say("a", "!export pdf")
    async with asyncio.timeout(DEADLINE):
        while not await serving.writer.run(lambda conn: conn.execute(TRIED).fetchall()):
            pass
    assert ("a", "file") not in serving.chat.posted
    serving.clock.at += timedelta(hours=1)
    serving.coach._delivery.wake()
    await serving.chat.until(("a", "file"))
    assert serving.maker.asked == ["a"]


async def test_a_file_for_a_room_that_the_coach_was_put_out_of_comes_when_it_is_back(serving: Serving) -> None:
    serving.maker.may.clear()
    await serving.say("a", "!export pdf")
    await serving.say("b", "!export pdf")
    await serving.coach.receive([PutOut("b", "out", START)])
    serving.maker.may.set()
    await serving.chat.until(("a", "file"))
    assert ("b", "file") not in serving.chat.posted
    await serving.join("b")
    await serving.chat.until(("b", "file"))


async def test_what_was_made_and_forgotten_is_made_again(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.attaching.MOST_BYTES", 1)
    serving.chat.may.clear()
    for room in ("a", "b", "a", "b"):
        await serving.say(room, "!export pdf")
    async with asyncio.timeout(DEADLINE):
        while await serving.writer.run(lambda conn: conn.execute(TO_MAKE).fetchall()):
            pass
    serving.chat.may.set()
    await serving.chat.until(*[("a", "file")] * 2, *[("b", "file")] * 2)
    assert len(serving.chat.files) == 4
    assert len(serving.maker.asked) > 4


async def test_a_picture_of_a_picture_is_what_it_says(tmp_path: Path) -> None:
    """The whole way once, with what a chat asks for: a picture no larger than that, and a small one."""
    files = Files(BOOK, TEXTS)
    try:
        wanted = Attach(1, "overview", None, "png", "portrait")
        file = await files.make(Snapshot("r1"), wanted, START, (1024, 400))
    finally:
        await files.close()
    assert file.name == "canvas-staand.png"
    assert file.picture is not None
    assert file.thumbnail is not None
    assert size_of(file.data) == (file.picture.width, file.picture.height) == (576, 1024)
    assert size_of(file.thumbnail.data) == (225, 400)
    assert file.caption.startswith("Opschaalcanvas: Jullie pilot, 23 november 2026. Impact: nog open.")
