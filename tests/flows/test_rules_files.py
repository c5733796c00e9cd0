"""`!overzicht` with its picture and `!export`: what is promised, and what is said where there can be no file.

contract.md: `!export FORMAT`; rules.md: documents leave authors out unless asked (`!export pdf namen`).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.canvas import alt_text, build, caption
from flows.conversation.effects import FORMS, WRITTEN, Attach
from flows.conversation.events import NotAttached
from flows.conversation.hearing import Capabilities
from flows.export import file_name
from flows.summary import summarise
from storage import inbox, rooms
from tests.chat import BOOK, ROOM, TEXTS, Chat
from tests.flows.recheck_rooms import agree, ended
from tests.flows.rules_rooms import alone, team

ALL = Capabilities(files=FORMS)


@pytest.fixture
def chat(tmp_path: Path) -> Chat:
    return alone(tmp_path, capabilities=ALL)


def made(chat: Chat, text: str) -> list[tuple[str, str, bool]]:
    """The files that a command promises: form, view, whether with names."""
    chat.say("Anna", text)
    return [(one.form, one.view, one.authors) for one in chat.files()]


# The overview -------------------------------------------------------------------------------------------------------


def test_the_overview_has_a_picture_under_its_own_words(chat: Chat) -> None:
    chat.say("Anna", "!overzicht")
    (said,) = chat.says()
    assert chat.files() == [Attach(said.number, "overview", None, "png", reply_to=chat.event)]
    assert said.kind == "overview"
    assert "`!export pdf`" in said.text


def test_one_part_has_its_own_sheet(chat: Chat) -> None:
    assert made(chat, "!overzicht routes") == [("png", "routes", False)]


@pytest.mark.parametrize("named", ["outcome", "strategie", "pilot"])
def test_a_step_or_a_part_without_a_status_has_no_picture(chat: Chat, named: str) -> None:
    assert made(chat, f"!overzicht {named}") == []
    assert chat.says()[-1].kind == "overview"


def test_where_no_file_can_be_posted_there_are_words_alone(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    assert made(chat, "!overzicht") == []
    assert "!export" not in chat.text


@pytest.mark.parametrize(
    ("value", "view"),
    [("staand", "portrait"), ("Liggend", ""), ("portrait", "portrait"), ("aan", "")],
)
def test_the_room_says_how_its_picture_stands(chat: Chat, value: str, view: str) -> None:
    chat.say("Anna", f"!instellingen plaatje {value}")
    assert "plaatje" in chat.text
    assert made(chat, "!overzicht") == [("png", view, False)]
    part = "routes-portrait" if view else "routes"
    assert made(chat, "!overzicht routes") == [("png", part, False)]
    canvas = build(summarise(BOOK, chat.snapshot, chat.now), BOOK, TEXTS)
    assert alt_text(canvas, part) == alt_text(canvas, "routes") != alt_text(canvas)
    assert caption(canvas, part) == caption(canvas, "routes") != caption(canvas)


@pytest.mark.parametrize("value", ["geen", "uit", "off"])
def test_a_room_may_want_no_pictures_and_can_still_export_one(chat: Chat, value: str) -> None:
    chat.say("Anna", f"!instellingen plaatje {value}")
    assert made(chat, "!overzicht") == made(chat, "!overzicht routes") == []
    assert made(chat, "!export png") == [("png", "", False)]


def test_a_value_that_is_none_changes_nothing(chat: Chat) -> None:
    chat.say("Anna", "!instellingen plaatje scheef")
    assert (
        chat.text
        == "Kies `!instellingen plaatje liggend`, `!instellingen plaatje staand` of `!instellingen plaatje geen`."
    )
    assert made(chat, "!overzicht") == [("png", "", False)]


def test_the_setting_is_not_shown_where_there_are_no_pictures(chat: Chat, tmp_path: Path) -> None:
    chat.say("Anna", "!instellingen")
    assert "- plaatje: **liggend**" in chat.text
    (tmp_path / "other").mkdir()
    other = alone(tmp_path / "other")
    other.say("Anna", "!instellingen")
    assert "- plaatje" not in other.text


# The course over the rounds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["!overzicht verloop", "!export verloop", "!export png rondes"])
def test_before_the_second_round_there_is_no_course(chat: Chat, command: str) -> None:
    assert made(chat, command) == []
    assert "na de tweede ronde" in chat.text


def test_from_the_second_round_on_there_is(tmp_path: Path) -> None:
    chat = ended(tmp_path, capabilities=ALL)
    chat.say("Anna", "!hercheck")
    agree(chat)
    assert len(chat.export["rounds"]) == 2
    assert made(chat, "!overzicht verloop") == [("png", "trend", False)]
    said = chat.text
    assert "R1 = " in said
    assert "- Impact: R1 " in said
    assert "· R2 " in said
    assert made(chat, "!export verloop") == [("png", "trend", False)]


# !export ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("pdf", ("pdf", "", False)),
        ("PDF.", ("pdf", "", False)),
        ("verslag", ("pdf", "", False)),
        ("pdf namen", ("pdf", "", True)),
        ("een verslag met namen", ("pdf", "", True)),
        ("namen pdf", ("pdf", "", True)),
        ("word met namen", ("docx", "", True)),
        ("powerpoint", ("pptx", "", False)),
        ("dia's", ("pptx", "", False)),
        ("a3", ("pdf", "a3", False)),
        ("pdf op a3", ("pdf", "a3", False)),
        ("a3 namen", ("pdf", "a3", False)),
        ("png", ("png", "", False)),
        ("plaatje liggend", ("png", "", False)),
        ("png staand", ("png", "portrait", False)),
        ("staand", ("png", "portrait", False)),
        ("png routes", ("png", "routes", False)),
        ("png routes staand", ("png", "routes-portrait", False)),
        ("staand routes", ("png", "routes-portrait", False)),
        ("routes", ("png", "routes", False)),
        ("csv", ("csv", "", False)),
        ("csv namen", ("csv", "", False)),
        ("excel", ("csv", "", False)),
        ("agenda", ("ics", "", False)),
        ("json", ("json", "", False)),
    ],
)
def test_what_people_call_it(chat: Chat, said: str, wanted: tuple[str, str, bool]) -> None:
    assert made(chat, f"!export {said}") == [wanted]
    (message,) = chat.says()
    assert (message.kind, message.number) == ("info", chat.files()[0].number)


def test_the_message_says_whether_names_are_in_it(chat: Chat) -> None:
    for said, words in (
        ("pdf", "Zonder de namen van wie wat zei. Met namen: `!export pdf namen`"),
        ("docx", "`!export docx namen`"),
        ("pptx namen", "Met de namen van wie wat zei."),
        ("csv", "Hierin staan de namen"),
        ("json", "Hierin staan de namen"),
    ):
        chat.say("Anna", f"!export {said}")
        assert words in chat.text
    for said in ("png", "a3", "ics"):
        chat.say("Anna", f"!export {said}")
        assert "namen" not in chat.text


def test_without_a_kind_it_lists_what_there_is(chat: Chat) -> None:
    assert made(chat, "!export") == []
    assert all(f"`!export {one}`" in chat.text for one in (*FORMS, "a3"))


@pytest.mark.parametrize("said", ["foo", "pdf foo", "**x**", "🎉 pdf"])
def test_what_is_not_known_is_said(chat: Chat, said: str) -> None:
    assert made(chat, f"!export {said}") == []
    assert "ken ik niet. Kies: `pdf`, `a3`, `docx`, `pptx`, `png`, `csv`, `ics`, `json`." in chat.text
    assert chat.says()[0].kind == "help"


@pytest.mark.parametrize("said", ["pdf routes", "docx a3", "csv verloop", "json staand", "png a3"])
def test_what_does_not_go_together_is_said(chat: Chat, said: str) -> None:
    assert made(chat, f"!export {said}") == []
    assert chat.text.startswith("Dat gaat niet samen.")


def test_only_what_can_be_made_here_is_named(tmp_path: Path) -> None:
    chat = alone(tmp_path, capabilities=Capabilities(files=WRITTEN))
    assert made(chat, "!export") == []
    assert "`!export csv`" in chat.text
    assert "pdf" not in chat.text
    assert made(chat, "!export pdf") == []
    assert chat.text == "Dat kan ik hier niet maken. Wel: `csv`, `ics`, `json`."
    assert made(chat, "!export ics") == [("ics", "", False)]


def test_it_works_before_the_start_in_a_pause_and_in_a_group(tmp_path: Path) -> None:
    chat = team(tmp_path, start=None, capabilities=ALL)
    assert made(chat, "!export pdf") == [("pdf", "", False)]
    chat.say("Anna", "!start")
    chat.say("Bas", "!pauze")
    assert made(chat, "!export pdf") == [("pdf", "", False)]
    assert chat.snapshot.room.paused_at is not None


# What does not come -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "reason", "words"),
    [
        ("png", "made", "Het plaatje is niet gelukt. De tekst klopt wel."),
        ("png", "large", "te groot voor deze chat"),
        ("png", "posted", "Deze chat neemt het plaatje niet aan."),
        ("pdf", "made", "Het bestand (pdf) is niet gelukt. Probeer het later nog eens: `!export pdf`"),
        ("pdf", "large", "Het bestand (pdf) is te groot"),
        ("csv", "posted", "Deze chat neemt het bestand (csv) niet aan."),
    ],
)
def test_a_file_that_does_not_come_is_told(chat: Chat, form: str, reason: str, words: str) -> None:
    chat.say("Anna", "!overzicht")
    before = chat.snapshot.room
    room = rooms.find(chat.conn, "console", ROOM)
    assert room is not None
    event = NotAttached("\x1ffile:k", chat.now.replace(hour=23), chat.says()[0].number, form, reason)
    inbox.add(chat.conn, room, event, chat.now)
    (said,) = chat.says(chat._turns())
    assert (said.kind, words in said.text) == ("error", True)
    assert not inbox.add(chat.conn, room, event, chat.now)  # told once
    assert (chat.position, chat.snapshot.room.last_at) == (before.position, before.last_at)


# What a file is called -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "form", "view", "called"),
    [
        ("Jeugdhulp dichtbij", "pdf", "", "canvas-jeugdhulp-dichtbij-2026-11-23.pdf"),
        ("Jeugdhulp dichtbij", "pdf", "a3", "canvas-jeugdhulp-dichtbij-2026-11-23-a3.pdf"),
        ("Çelik & co: «één»/../..\\x", "png", "trend", "canvas-celik-co-een-x-2026-11-23-verloop.png"),
        ("🎉", "csv", "", "canvas-2026-11-23.csv"),
        ("a" * 500, "png", "routes", f"canvas-{'a' * 60}-2026-11-23-routes.png"),
        ("Bus", "png", "routes-portrait", "canvas-bus-2026-11-23-routes-staand.png"),
        (None, "json", "", "canvas-2026-11-23.json"),
    ],
)
def test_a_file_is_called_after_the_pilot_and_the_day(
    chat: Chat, name: str | None, form: str, view: str, called: str
) -> None:
    if name is not None:
        chat.say("Anna", name)
    summary = summarise(BOOK, chat.snapshot, chat.now)
    assert file_name(summary, TEXTS, form, view) == called
    assert file_name(summary, TEXTS, form, dated=False) == f"canvas.{form}"
    assert file_name(summary, TEXTS, form, dated=False, names=True) == f"canvas-namen.{form}"


def test_the_line_under_a_picture_says_each_status_and_mentions_nobody(chat: Chat) -> None:
    chat.say("Anna", "@room @anna **vet**")
    canvas = build(summarise(BOOK, chat.snapshot, chat.now), BOOK, TEXTS)
    whole, part = caption(canvas), caption(canvas, "routes")
    assert "@room" not in whole
    assert "@anna" not in whole
    assert [f"{title}: nog open" in whole for title in ("Impact", "Routes", "Ingrediënten", "Valkuilen")] == [True] * 4
    assert part.endswith("23 november 2026. Routes: nog open.")
