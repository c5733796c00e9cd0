"""`!privacy` is complete, holds on the transport at hand, and names only what is there."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from flows.conversation import commands, privacy
from flows.conversation.draft import Draft
from flows.conversation.hearing import CARD, PRIVATE, Capabilities
from flows.personal import spot
from tests.chat import Chat

TRANSPORTS = {
    "chat": Capabilities(ways="chat", closed=PRIVATE, private=True),
    "terminal": Capabilities(ways="terminal", closed=PRIVATE, private=True),
    "matrix": Capabilities(ways="matrix", closed=PRIVATE, private=True),
    "teams": Capabilities(ways="teams", marks=False, cards=True, closed=CARD, private=True),
}
LONGEST = 2_600


def asked(folder: Path, way: str, people: tuple[str, ...] = ("Anna", "Bas"), language: str = "nl") -> str:
    chat = Chat(folder, people, capabilities=TRANSPORTS[way])
    if language == "en":
        chat.say("Anna", "!language en")
    chat.say("Bas" if "Bas" in people else "Anna", "!privacy")
    (said,) = chat.says()
    assert said.kind == "info"
    return said.text


# What must be said, everywhere: in each language a word of it.
SAID = {
    "who runs it": ("Gemeente Voorbeeld", "Gemeente Voorbeeld"),
    "what is kept": ("Wat ik bewaar", "What I keep"),
    "what is not": ("Andere berichten bewaar ik niet", "I do not keep other messages"),
    "what is in memory": ("200", "200"),
    "personal data": ("24 uur", "24 hours"),
    "names are not spotted": ("Namen herken ik niet", "I do not recognise names"),
    "who can see it": ("Wie het ziet", "Who can see it"),
    "closed rounds": ("Gesloten ronde", "Closed round"),
    "how long": ("Hoe lang", "How long"),
    "one answer": ("Eén antwoord wissen", "Erase one answer"),
    "out of reach": ("Buiten mijn bereik", "Beyond my reach"),
    "backups": ("Reservekopieën", "Backups"),
    "exports": ("Exports", "Exports"),
    "no clients": ("niets over cliënten", "nothing about clients"),
}


@pytest.mark.parametrize("way", TRANSPORTS)
@pytest.mark.parametrize(("place", "language"), [(0, "nl"), (1, "en")])
def test_it_is_complete_and_not_too_long(tmp_path: Path, way: str, place: int, language: str) -> None:
    text = asked(tmp_path, way, language=language)
    assert not [what for what, words in SAID.items() if words[place] not in text]
    assert len(text) < LONGEST
    assert not spot(text)


@pytest.mark.parametrize("way", TRANSPORTS)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_it_names_only_commands_that_are_there(tmp_path: Path, way: str, language: str) -> None:
    named = re.findall(r"!([a-z]+)", asked(tmp_path, way, language=language))
    assert not [name for name in named if commands.find(name) is None]


@pytest.mark.parametrize("name", ["mijngegevens", "vergeetmij", "wis"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_it_names_how_to_see_leave_and_erase(tmp_path: Path, name: str, language: str) -> None:
    command = commands.find(name)
    assert command is not None
    shown = command.name if language == "nl" else command.alias
    assert f"`!{shown}`" in asked(tmp_path, "matrix", language=language)


def test_where_nobody_can_be_told_something_alone_it_says_whom_to_ask(tmp_path: Path) -> None:
    chat = Chat(tmp_path, ("Anna", "Bas"), capabilities=Capabilities(ways="teams", marks=False, cards=True))
    chat.say("Bas", "!privacy")
    text = chat.text
    assert "!mijngegevens" not in text
    assert "Vraag het aan Gemeente Voorbeeld" in text


@pytest.mark.parametrize("people", [("Anna",), ("Anna", "Bas")])
def test_it_can_be_told_in_teams_too(tmp_path: Path, people: tuple[str, ...]) -> None:
    assert "!mijngegevens" in asked(tmp_path, "teams", people=people)


def test_how_long_is_as_the_room_chose(tmp_path: Path) -> None:
    chat = Chat(tmp_path, ("Anna", "Bas"), capabilities=TRANSPORTS["matrix"])
    chat.say("Anna", "!start")
    chat.say("Anna", "!instellingen bewaren 12")
    chat.say("Anna", "!privacy")
    assert "23 november 2027, 12 maanden" in chat.text
    assert "30 en 7 dagen" in chat.text
    chat.say("Anna", "!instellingen bewaren slot")
    chat.say("Anna", "!privacy")
    assert "op slot" in chat.text
    assert "30 en 7 dagen" not in chat.text


def test_signs_in_matrix_are_never_encrypted(tmp_path: Path) -> None:
    assert "nooit versleuteld" in asked(tmp_path, "matrix")


@pytest.mark.parametrize("way", ["chat", "terminal", "teams"])
def test_what_holds_in_matrix_is_not_said_elsewhere(tmp_path: Path, way: str) -> None:
    assert "versleuteld" not in asked(tmp_path, way)


def test_where_no_round_can_be_closed_nothing_is_said_of_it(tmp_path: Path) -> None:
    chat = Chat(tmp_path, ("Anna", "Bas"))
    chat.say("Anna", "!privacy")
    assert "Gesloten ronde" not in chat.text


@pytest.mark.parametrize("way", TRANSPORTS)
def test_one_person_reads_the_same(tmp_path: Path, way: str) -> None:
    assert "Wie het ziet" in asked(tmp_path, way, people=("Anna",))


def test_who_runs_it_at_their_own_computer_reads_where_it_is(tmp_path: Path) -> None:
    chat = Chat(tmp_path, ("Anna",), capabilities=TRANSPORTS["terminal"])
    draft = Draft(replace(chat.setting, operator=None), chat.snapshot, chat.now)
    text = privacy.text_of(draft)
    assert "Jullie zelf" in text
    assert "coach.db" in text
    assert "Gemeente" not in text
