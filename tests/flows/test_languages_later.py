"""A language that is read when a room first speaks it: nothing is read before, and where it can't be read the coach
goes on in the language that it has.
"""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.files import Files
from flows.book import BookError
from flows.book.load import books_folder
from flows.conversation.effects import Attach, Say
from flows.conversation.engine import Engine
from flows.conversation.events import Joined, Person, Said
from flows.conversation.hearing import Capabilities, Setting
from flows.conversation.snapshot import Room, Snapshot
from flows.languages import Languages, load_languages
from tests.bot.process import ROOT
from tests.chat import LANGUAGES, START
from tests.flows.books import Break, apply_break

OTHER = {"nl": "en", "en": "nl"}
NO_TOML = Break("routes.toml", None, "[part]", "[part")
UNLIKE = Break("impact.toml", "impact.outcome", 'depth = "kern"', 'depth = "verdieping"')
FIELD = Break("impact.toml", "impact.outcome", 'depth = "kern"', 'depth = "diep"')


@pytest.fixture
def guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The guide's books as files, to change; the coach has no others."""
    folder = tmp_path / "books" / "opschalen"
    shutil.copytree(str(books_folder().joinpath("opschalen")), folder)
    monkeypatch.setattr("flows.languages.books_folder", lambda: folder.parent)
    return folder


def engine_of(languages: Languages) -> Engine:
    first = languages.first
    return Engine(Setting(first.book, first.texts, Capabilities(), None, "", languages.others))


def said(engine: Engine, snapshot: Snapshot, text: str) -> tuple[Snapshot, str]:
    """What is answered to a text, and the room after it."""
    turn = engine.step(snapshot, Said("e1", START, "Anna", text))
    return turn.snapshot, "\n".join(one.text for one in turn.effects if isinstance(one, Say))


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("default", ["nl", "en"])
def test_what_is_read_later_is_what_is_read_at_once(default: str) -> None:
    later, at_once = load_languages(default, later=True), load_languages(default)
    other = later.of(OTHER[default])
    assert other.code == OTHER[default]
    assert other.book.head == at_once.of(other.code).book.head
    assert other.texts == at_once.of(other.code).texts
    assert later.of(other.code) is other
    assert list(later.by_code) == list(at_once.by_code) == [default, OTHER[default]]
    assert later.of("") is later.of(default) is later.of("xx") is later.first


@pytest.mark.parametrize("default", ["nl", "en"])
def test_a_room_begins_in_the_first_before_another_is_read(
    guide: Path, caplog: pytest.LogCaptureFixture, default: str
) -> None:
    shutil.rmtree(guide / OTHER[default])
    (guide / OTHER[default]).mkdir()
    engine = engine_of(load_languages(default, later=True))
    turn = engine.step(Snapshot("r"), Joined("e0", START, (Person("Anna", "Anna"),)))
    assert [one.kind for one in turn.effects if isinstance(one, Say)] == ["welcome"]
    for text in ("!start", "Buurtbus 2", "!terug"):
        assert said(engine, turn.snapshot, text)[1]
    assert complaints(caplog) == []


def test_a_room_chooses_a_language_that_was_not_read_yet() -> None:
    engine = engine_of(load_languages(later=True))
    room, _ = said(engine, Snapshot("r"), "!start")
    room, text = said(engine, room, "!taal english")
    assert "What is your pilot called?" in text
    assert room.room.language == "en"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (NO_TOML, "opschalen/en/routes.toml: is not TOML"),
        (FIELD, "opschalen/en/impact.toml: impact.outcome, depth: "),
        (UNLIKE, "opschalen/en/impact.toml: impact.outcome: depth is 'verdieping', should be 'kern'"),
        (Break("book.toml", None, 'language = "en"', 'language = "fr"'), "opschalen/en/book.toml: says that its lang"),
    ],
    ids=["toml", "field", "unlike", "language"],
)
def test_where_it_cant_be_read_its_rooms_go_on_in_the_first(
    guide: Path, caplog: pytest.LogCaptureFixture, change: Break, fault: str
) -> None:
    apply_break(guide / "en", change)
    engine = engine_of(load_languages(later=True))
    assert complaints(caplog) == []
    room = Snapshot("r", Room(language="en", welcomed_at=START))
    for _ in range(2):
        assert "Hoe heet jullie pilot" in said(engine, room, "!start")[1]
    (line,) = complaints(caplog)
    assert line.startswith(f"the language 'en' can't be read, and its rooms go on in 'nl': {fault}")
    assert "\n" not in line
    assert caplog.records[-1].exc_info is None


def test_a_language_that_cant_be_read_is_not_offered(guide: Path) -> None:
    apply_break(guide / "en", UNLIKE)
    languages = load_languages(later=True)
    assert list(languages.by_code) == ["nl"]
    engine = engine_of(languages)
    room, _ = said(engine, Snapshot("r"), "!start")
    room, text = said(engine, room, "!taal en")
    assert "`!taal nl`" in text
    assert "`!taal en`" not in text
    assert room.room.language == "nl"
    assert engine.setting.typed_for() == languages.first.texts.words("words.behalf")


async def test_files_of_its_rooms_are_in_the_first_then(guide: Path) -> None:
    apply_break(guide / "en", NO_TOML)
    languages = load_languages(later=True)
    files = Files(languages.first.book, languages.first.texts, languages.others)
    room = Snapshot("r", Room(language="en", welcomed_at=START))
    made = await files.make(room, Attach(1, "info", None, "json"), START)
    assert b'"language": "nl"' in made.data


@pytest.mark.parametrize("change", [NO_TOML, FIELD, UNLIKE], ids=["toml", "field", "unlike"])
def test_who_reads_all_at_once_is_told_at_once(guide: Path, change: Break) -> None:
    apply_break(guide / "en", change)
    with pytest.raises(BookError, match="opschalen/en/"):
        load_languages()


def test_a_fault_of_the_first_is_told_at_once(guide: Path) -> None:
    apply_break(guide / "nl", NO_TOML)
    apply_break(guide / "nl", FIELD)
    with pytest.raises(BookError) as raised:
        load_languages(later=True)
    faults = "\n".join(raised.value.faults)
    assert "opschalen/nl/routes.toml: is not TOML" in faults
    assert "opschalen/nl/impact.toml: impact.outcome, depth: " in faults
    with pytest.raises(KeyError):
        load_languages("xx", later=True)


def test_the_words_of_a_meeting_are_those_of_all_languages() -> None:
    later = engine_of(load_languages(later=True)).setting
    words = later.typed_for()
    assert set(words) == {word for one in LANGUAGES.by_code.values() for word in one.texts.words("words.behalf")}
    assert len(words) == len(set(words))


CONSOLE = """
import sys
from pathlib import Path
import flows.languages
from bot.cli import main
flows.languages.books_folder = lambda: Path(sys.argv[1])
sys.exit(main(["console", "--jsonl", "--db", sys.argv[2]]))
"""


@pytest.mark.parametrize(
    ("texts", "told"), [(("!start", "Buurtbus"), 0), (("!start", "!taal en", "Buurtbus", "!language en"), 1)]
)
def test_the_console_reads_another_language_when_it_is_asked_for(
    guide: Path, tmp_path: Path, texts: tuple[str, ...], told: int
) -> None:
    apply_break(guide / "en", UNLIKE)
    row = {"type": "message", "room": "r1", "sender": "Anna"}
    lines = [json.dumps({**row, "id": f"e{number}", "text": text}) for number, text in enumerate(texts)]
    done = subprocess.run(
        [sys.executable, "-c", CONSOLE, str(guide.parent), str(tmp_path / "coach.db")],
        input="\n".join(lines), capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["id"] for one in said if one["type"] == "done"] == [f"e{number}" for number in range(len(texts))]
    assert any("Hoe heet jullie pilot" in one.get("text", "") for one in said)
    assert len(done.stderr.splitlines()) == told
    assert done.stderr.count("the language 'en' can't be read, and its rooms go on in 'nl'") == told
