"""rules.md, "Where a room is": the welcome, the start, and going through the guide by `!ga`, `!wijzig`, `!vorige`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flows.book.model import BEGIN
from tests.chat import BOOK, Chat
from tests.flows.rules_rooms import alone, asked_step, go, rows, team

# The welcome ---------------------------------------------------------------------------------------------------------


def test_an_invitation_brings_the_welcome_once(tmp_path: Path) -> None:
    """ "An invitation, the first `members` line ... brings the welcome, once" """
    chat = Chat(tmp_path, people=("Anna", "Bas"))
    assert [said.kind for said in chat.says()] == ["welcome"]
    chat.members("Anna", "Bas", "Cem")
    chat.say("Anna", "!start")
    chat.members("Anna")
    chat.members("Anna", "Bas")
    chat.members()
    chat.members("Dan", "Eva")
    assert [said.kind for said in chat.says(chat.seen)].count("welcome") == 1


def test_any_first_line_in_a_room_of_one_brings_the_welcome_and_is_no_answer(tmp_path: Path) -> None:
    """ "or the first line for the coach (in a room of one: any) brings the welcome, once" """
    chat = Chat(tmp_path, people=())
    chat.say("Anna", "Wij helpen gezinnen")
    assert [said.kind for said in chat.says()] == ["welcome"]
    assert (chat.position, rows(chat, "item"), rows(chat, "taken")) == (BEGIN, [], [])
    chat.say("Anna", "Wij helpen gezinnen")
    assert [said.kind for said in chat.says()] == ["help"]


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        ("!start", ["welcome", "question"]),
        ("!tempo kort", ["welcome", "question"]),
        ("!overzicht", ["welcome", "overview"]),
        ("!hulp", ["welcome", "help"]),
        ("!pauze", ["welcome", "info"]),
        ("!overzigt", ["welcome", "help"]),
    ],
)
def test_a_command_in_the_first_line_is_done_after_the_welcome(tmp_path: Path, line: str, kinds: list[str]) -> None:
    """ "a command in it is done after it" """
    chat = Chat(tmp_path, people=())
    chat.say("Anna", line)
    assert [said.kind for said in chat.says()] == kinds
    assert [said.number for said in chat.says()] == [1, 2]


def test_a_member_of_a_group_that_speaks_first_brings_no_second_welcome(tmp_path: Path) -> None:
    """The welcome stands once, whoever comes in later and says `!start`."""
    chat = Chat(tmp_path, people=())
    chat.say("Anna", "!start")
    chat.say("Bas", "!start")
    assert [said.kind for said in chat.says(chat.seen)].count("welcome") == 1


# The start -----------------------------------------------------------------------------------------------------------


STARTS = ["!start", "! start", "!START", "!tempo kort", "!tempo volledig", "!pace kort", "ok", "ja", "start"]
SHOUTED = ["OK!", "Ja.", " start ", "Start!", "JA", "ok?"]


@pytest.mark.parametrize("said", [*STARTS, *SHOUTED])
def test_what_starts_in_a_room_of_one(tmp_path: Path, said: str) -> None:
    """ "`!start`, `!tempo`, ✅ on the welcome, or `ok`, `ja`, `start` start" """
    chat = alone(tmp_path, None)
    chat.say("Anna", said)
    assert asked_step(chat) == "pilot.naam"
    assert chat.position == "pilot.naam"


@pytest.mark.parametrize("key", ["✅", "👍", "👍🏽", "✅️"])
@pytest.mark.parametrize("people", [("Anna",), ("Anna", "Bas")])
def test_agreeing_with_the_welcome_starts_once(tmp_path: Path, key: str, people: tuple[str, ...]) -> None:
    """ "✅ on the welcome" starts; a second one does nothing."""
    chat = Chat(tmp_path, people=people)
    chat.sign(people[-1], key, 1)
    assert asked_step(chat) == "pilot.naam"
    chat.sign("Anna", "✅", 1)
    assert chat.last == []


def test_other_signs_on_the_welcome_start_nothing(tmp_path: Path) -> None:
    """Only ✅ starts."""
    chat = Chat(tmp_path, people=("Anna", "Bas"))
    for key in ("❤️", "❌", "✍️", "⏰", "🟢"):
        chat.sign("Anna", key, 1)
        assert (chat.says(), chat.position) == ([], BEGIN), key
    chat.sign("Anna", "✅", 1, removed=True)
    assert chat.position == BEGIN


@pytest.mark.parametrize("said", ["ok", "ja", "start", "!start"])
def test_what_starts_in_a_group(tmp_path: Path, said: str) -> None:
    """The same words, addressed to the coach: by a mention or a reply to the welcome."""
    for name, way in (("mention", {"mention": True}), ("reply", {"to": 1})):
        folder = tmp_path / name
        folder.mkdir()
        chat = team(folder, start=None)
        chat.say("Bas", f"@coach {said}" if name == "mention" else said, **way)  # type: ignore[arg-type]
        assert chat.position == "pilot.naam", name


def test_the_pace_that_starts_is_the_pace(tmp_path: Path) -> None:
    """ "`!tempo` ... start", at that pace."""
    assert alone(tmp_path, "!tempo kort").snapshot.room.pace == "kort"


@pytest.mark.parametrize("said", ["ok", "ja", "start"])
def test_a_plain_word_in_a_group_starts_nothing(tmp_path: Path, said: str) -> None:
    """In a group a plain "ok" is talk."""
    chat = team(tmp_path, start=None)
    chat.say("Bas", said)
    assert (chat.last, chat.position) == ([], BEGIN)


@pytest.mark.parametrize(
    "said",
    ["Wij helpen gezinnen", "!antwoord Wij helpen", "deels", "verder", "!verder", "weet niet", "!weetniet", "klaar",
     "!overslaan", "!vorige", "!ga impact", "!wijzig outcome", "!vraag", "nee", "- een\n- twee", "Hoe werkt dit?"],
)  # fmt: skip
def test_before_the_start_nothing_is_an_answer(tmp_path: Path, said: str) -> None:
    """ "before that nothing is an answer, and a plain message in a room of one repeats how to start" """
    chat = alone(tmp_path, None)
    chat.say("Anna", said)
    assert chat.position == BEGIN
    assert "!start" in chat.text
    assert [rows(chat, table) for table in ("item", "answer", "taken", "choice", "vote")] == [[], [], [], [], []]


def test_before_the_start_a_marked_message_is_no_answer(tmp_path: Path) -> None:
    """ "before that nothing is an answer": ✍️ neither."""
    chat = team(tmp_path, start=None)
    chat.say("Bas", "Wij helpen gezinnen")
    chat.sign("Anna", "✍️", chat.event)
    assert (chat.position, rows(chat, "item"), rows(chat, "taken")) == (BEGIN, [], [])
    chat.say("Anna", "!start")
    assert chat.texts_of("pilot.naam") == []


AGAIN = ["!start", "! Start", "!vraag", "!question", "de vraag nog eens", "De vraag nog eens."]


@pytest.mark.parametrize("again", AGAIN)
def test_the_open_question_is_repeated_and_nothing_reset(tmp_path: Path, again: str) -> None:
    """ "Later `!start` repeats the open question and never resets. "De vraag nog eens" and `!vraag` repeat it too." """
    chat = alone(tmp_path)
    chat.say("Anna", "Dichtbij")
    chat.say("Anna", "!verder")
    chat.say("Anna", "1 november 2026 - 1 december 2026")
    chat.say("Anna", "wijkteam")
    before = chat.export["steps"]
    chat.say("Anna", again)
    assert asked_step(chat) == "pilot.betrokkenen"
    assert (chat.position, chat.export["steps"]) == ("pilot.betrokkenen", before)


def test_a_repeated_question_is_one_question(tmp_path: Path) -> None:
    """After `!vraag` an answer to either copy is taken, and both can be tapped."""
    chat = team(tmp_path)
    first = chat.asked
    chat.say("Anna", "!vraag")
    second = chat.asked
    chat.say("Anna", "Dichtbij", to=first)
    chat.say("Bas", "Heel dichtbij", to=second)
    assert chat.texts_of("pilot.naam") == ["Dichtbij", "Heel dichtbij"]
    chat.sign("Bas", "✅", first)
    assert chat.position == "pilot.periode"
    assert [edit.number for edit in chat.edits()] == [second]
    chat.sign("Bas", "✅", second)
    assert chat.last == []


def test_the_question_is_repeated_of_a_detour_too(tmp_path: Path) -> None:
    """ "the open question" is that of the detour while there is one."""
    chat = alone(tmp_path)
    go(chat, "impact.outcome")
    chat.say("Anna", "!wijzig pilot.naam")
    chat.say("Anna", "!vraag")
    assert asked_step(chat) == "pilot.naam"
    chat.say("Anna", "Dichtbij")
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]
    chat.say("Anna", "!start")
    assert asked_step(chat) == "pilot.naam"


# Which step is meant --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("impact.outcome", "impact.outcome"),
        ("outcome", "impact.outcome"),
        ("OUTCOME", "impact.outcome"),
        ("governance.status", "ingredienten.governance.status"),
        ("scope.situaties", "valkuilen.scope.situaties"),
        ("situaties", "valkuilen.scope.situaties"),
        ("impact.impact", "impact.impact"),
        ("impact.status", "impact.status"),
        ("naam", "pilot.naam"),
        ("aannemelijk.nodig", "routes.aannemelijk.nodig"),
        ("ritme", "pilot.ritme"),
    ],
)
@pytest.mark.parametrize("command", ["ga", "wijzig"])
def test_a_step_is_named_by_its_id_or_its_shortest_tail(tmp_path: Path, command: str, name: str, step: str) -> None:
    """ "STAP is a full id or the shortest unambiguous tail (`outcome`, `governance.status`)" """
    chat = alone(tmp_path)
    chat.say("Anna", f"!{command} {name}")
    assert asked_step(chat) == step


@pytest.mark.parametrize("name", ["nodig", "status", "acties", "stand", "geldt", "keuze"])
@pytest.mark.parametrize("command", ["ga", "wijzig"])
def test_several_matches_give_a_numbered_list(tmp_path: Path, command: str, name: str) -> None:
    """ "several matches give a numbered list": all of them, and nothing moves."""
    chat = alone(tmp_path)
    found = [step for step in BOOK.order if step.endswith(f".{name}")]
    chat.say("Anna", f"!{command} {name}")
    assert chat.position == "pilot.naam"
    assert len(found) > 1
    assert re.findall(r"^\d+\. `([a-z.]+)`", chat.text, re.MULTILINE) == found
    assert re.findall(r"^(\d+)\. ", chat.text, re.MULTILINE) == [str(place) for place in range(1, len(found) + 1)]


def test_a_part_beats_a_step(tmp_path: Path) -> None:
    """ "a part beats a step (`impact` is the part, `impact.impact` the step)" """
    chat = alone(tmp_path)
    go(chat, "impact")
    assert chat.position == "impact.vraagstuk"
    go(chat, "impact.impact")
    assert chat.position == "impact.impact"


@pytest.mark.parametrize(
    ("part", "first"),
    [("pilot", "pilot.naam"), ("strategie", "strategie.keuze"), ("canvas", "canvas.duiding"),
     ("routes", "routes.aannemelijk"), ("ingredienten", "ingredienten.nodig"), ("ingrediënten", "ingredienten.nodig"),
     ("valkuilen", "valkuilen.scope.situaties"), ("Canvas", "canvas.duiding")],
)  # fmt: skip
def test_each_part_can_be_named(tmp_path: Path, part: str, first: str) -> None:
    """ "`pilot`, `strategie` and `canvas` are parts" """
    chat = alone(tmp_path)
    go(chat, part)
    assert asked_step(chat) == first


def test_three_parts_have_no_status(tmp_path: Path) -> None:
    """ "... are parts without a status." """
    assert set(alone(tmp_path).export["parts"]) == {"impact", "routes", "ingredienten", "valkuilen"}


NOWHERE = ["nergens", "", "pilot.nergens", "routes.in.invulling", "in.invulling", "werkzaam", "wijziging"]


@pytest.mark.parametrize("place", NOWHERE)
@pytest.mark.parametrize("command", ["ga", "wijzig"])
def test_what_is_not_there_or_does_not_apply_moves_nothing(tmp_path: Path, command: str, place: str) -> None:
    """A name that is nothing, or a step that doesn't apply, gets a line of help."""
    chat = alone(tmp_path)
    chat.say("Anna", f"!{command} {place}".strip())
    assert [said.kind for said in chat.says()] == ["help"]
    assert chat.position == "pilot.naam"
    chat.say("Anna", "Dichtbij")
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]
