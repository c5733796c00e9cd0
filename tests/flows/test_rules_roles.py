"""Who may do what: everybody answers and reads; a facilitator (who started, or a moderator) exports and changes how the
coach works.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.conversation.hearing import Capabilities
from tests.chat import Chat
from tests.flows.rules_rooms import alone, team

FILES = Capabilities(files=("pdf", "json", "png"))
CHANGING = [
    "!export json", "!ritme elke maand", "!instellingen duwtjes uit", "!tempo kort", "!wijze gespreid", "!taal en",
    "!settings nudges off", "!pace short", "!mode spread", "!language en", "!rhythm every month",
]  # fmt: skip
TELLING = ["!export", "!ritme", "!instellingen", "!tempo", "!wijze", "!taal", "!overzicht", "!acties", "!privacy"]


def group(folder: Path, *, moderators: tuple[str, ...] = ()) -> Chat:
    chat = Chat(folder, people=("Anna", "Bas", "Celik"), moderators=moderators, capabilities=FILES)
    chat.say("Anna", "!start")
    return chat


def refused(chat: Chat) -> bool:
    return "is voor wie de coach hier startte of deze chat beheert" in chat.text and "\n" not in chat.text


@pytest.mark.parametrize("command", CHANGING)
def test_only_a_facilitator_changes_and_exports(tmp_path: Path, command: str) -> None:
    chat = group(tmp_path)
    before = chat.snapshot.room
    chat.say("Bas", command)
    assert refused(chat)
    assert "Anna" in chat.text
    after = chat.snapshot.room
    assert (after.pace, after.mode, after.language, after.nudges) == (
        before.pace, before.mode, before.language, before.nudges,
    )  # fmt: skip
    assert not chat.files()
    chat.say("Anna", command)
    assert not any("is voor wie" in one.text for one in chat.says())


@pytest.mark.parametrize("command", TELLING)
def test_everybody_reads(tmp_path: Path, command: str) -> None:
    chat = group(tmp_path)
    chat.say("Bas", command)
    assert "is voor wie" not in chat.text


def test_a_moderator_who_did_not_start_is_a_facilitator_too(tmp_path: Path) -> None:
    chat = group(tmp_path, moderators=("Celik",))
    chat.say("Celik", "!instellingen duwtjes uit")
    assert not chat.snapshot.room.nudges
    chat.say("Bas", "!instellingen duwtjes aan")
    assert refused(chat)
    assert "Anna, Celik" in chat.text


def test_who_is_no_moderator_any_more_is_no_facilitator(tmp_path: Path) -> None:
    chat = group(tmp_path, moderators=("Celik",))
    chat.members("Anna", "Bas", "Celik", moderators=())
    chat.say("Celik", "!instellingen duwtjes uit")
    assert refused(chat)


def test_alone_one_may_do_all_whoever_started(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.members("Bas")
    chat.say("Bas", "!instellingen duwtjes uit")
    assert not chat.snapshot.room.nudges


def test_where_the_facilitator_left_everybody_may_but_erase(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.members("Bas", "Celik")
    chat.say("Bas", "!instellingen duwtjes uit")
    assert not chat.snapshot.room.nudges
    chat.members("Anna", "Bas", "Celik")
    chat.say("Bas", "!instellingen duwtjes aan")
    assert refused(chat)


@pytest.mark.parametrize("command", ["!tempo kort", "!wijze gespreid", "!taal en", "!instellingen duwtjes uit"])
def test_before_the_start_everybody_sets_it_up(tmp_path: Path, command: str) -> None:
    chat = Chat(tmp_path, people=("Anna", "Bas"), moderators=("Anna",))
    chat.say("Bas", command)
    assert not any("is voor wie" in one.text for one in chat.says())


def test_the_question_about_the_rhythm_is_everybodys(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.say("Anna", "!ga pilot.ritme")
    chat.say("Bas", "!ritme elke 6 weken")
    assert chat.export["pilot"]["rhythm"] == "elke 6 weken"
    chat.say("Bas", "!ritme elke week")
    assert refused(chat)


def test_what_is_typed_for_the_facilitator_is_done_by_who_typed_it(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.say("Anna", "!sessie 45")
    chat.say("Bas", "namens @Anna: !instellingen duwtjes uit")
    assert refused(chat)
    assert chat.snapshot.room.nudges


def test_a_near_miss_that_somebody_else_taps_is_theirs(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.say("Anna", "!tempp kort")
    offer = chat.says()[-1].number
    chat.sign("Bas", "✅", offer)
    assert refused(chat)
    assert chat.snapshot.room.pace == "volledig"


def test_a_room_of_one_exports(tmp_path: Path) -> None:
    chat = alone(tmp_path, capabilities=FILES)
    chat.say("Anna", "!export json")
    assert [one.form for one in chat.files()] == ["json"]


def test_more_names_than_fit_are_counted(tmp_path: Path) -> None:
    names = tuple(f"Persoon {letter}" for letter in "ABCDEF")
    chat = Chat(tmp_path, people=(*names, "Bas"), moderators=names)
    chat.say(names[0], "!start")
    chat.say("Bas", "!tempo kort")
    assert "en nog 2" in chat.text


def test_everybody_answers(tmp_path: Path) -> None:
    chat = team(tmp_path)
    chat.say("Bas", "Jeugdhulp dichtbij", to=chat.asked)
    assert chat.texts_of("pilot.naam") == ["Jeugdhulp dichtbij"]
