"""After an action is closed: whether what it was about is to be looked at again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chat import Chat
from tests.flows.rules_rooms import alone, go, team
from tests.flows.test_rules_acting import act, action
from tests.flows.test_rules_acting_asked import GRID, leave


def rated(chat: Chat, letters: str = "v d o o ? d v v") -> Chat:
    """A room in which the eight ingredients have a status: samenwerking voldoende, governance onvoldoende."""
    go(chat, GRID)
    for name in chat.people:
        chat.say(name, letters, to=chat.asked)
    if len(chat.people) > 1:
        chat.say("Anna", "akkoord", to=chat.says()[0].number)
    assert chat.view.status_of("ingredienten.governance.status") == "onvoldoende"
    return chat


@pytest.mark.parametrize("command", ["!gedaan 1", "!vervalt 1", "!gedaan 1 2"])
def test_closing_offers_to_look_at_that_one_again(tmp_path: Path, command: str) -> None:
    """ "where an action belongs to an ingredient or pitfall, closing it offers to look at just that one again" """
    chat = rated(team(tmp_path))
    act(chat, "governance: memo @Bas eind maart", "plan @Bas eind maart")
    position = chat.position
    chat.say("Anna", command)
    (said,) = chat.says()
    assert (said.kind, said.asks, said.signs) == ("noted", True, ("✅",))
    assert "governance" in said.text.lower()
    assert "onvoldoende" in said.text
    chat.sign("Bas", "✅", said.number)
    assert [(one.kind, one.step) for one in chat.says()] == [("question", "ingredienten.governance.status")]
    for name in chat.people:
        chat.say(name, "deels", to=chat.asked)
    chat.say("Anna", "akkoord", to=chat.says()[0].number)
    assert chat.view.status_of("ingredienten.governance.status") == "deels"
    assert chat.position == position


@pytest.mark.parametrize("step", ["ingredienten.governance.stand", "ingredienten.governance.acties"])
def test_an_action_under_an_ingredient(tmp_path: Path, step: str) -> None:
    chat = rated(team(tmp_path))
    go(chat, step)
    act(chat, "memo @Bas eind maart")
    chat.say("Anna", "!gedaan 1")
    assert "onvoldoende" in chat.text
    assert chat.says()[0].asks


def test_an_action_under_a_pitfall(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    go(chat, "valkuilen.scope.geldt")
    chat.say("Anna", "ja")
    act(chat, "scope: memo @Anna eind maart")
    chat.say("Anna", "!gedaan 1")
    assert chat.says()[0].asks
    chat.say("Anna", "ja")
    assert [(one.kind, one.step) for one in chat.says()] == [("question", "valkuilen.scope.geldt")]


@pytest.mark.parametrize(
    "line", ["samenwerking: memo @Bas eind maart", "memo @Bas eind maart", "impact: memo @Bas eind maart"]
)
def test_nothing_to_look_at(tmp_path: Path, line: str) -> None:
    """What is voldoende already, and what belongs to no ingredient or pitfall."""
    chat = rated(team(tmp_path))
    go(chat, "impact.input")
    act(chat, line)
    chat.say("Anna", "!gedaan 1")
    assert [(one.kind, one.asks, one.signs) for one in chat.says()] == [("noted", False, ())]


def test_what_was_never_judged_is_not_looked_at_again(tmp_path: Path) -> None:
    chat = team(tmp_path)
    act(chat, "governance: memo @Bas eind maart")
    chat.say("Anna", "!gedaan 1")
    assert not chat.says()[0].asks


@pytest.mark.parametrize("before", ["!pauze", "!instellingen duwtjes uit"])
def test_not_in_a_pause_nor_without_nudges(tmp_path: Path, before: str) -> None:
    chat = rated(team(tmp_path))
    act(chat, "governance: memo @Bas eind maart")
    chat.say("Anna", before)
    chat.say("Anna", "!gedaan 1")
    assert (chat.says()[0].asks, action(chat).state) == (False, "done")


@pytest.mark.parametrize("word", ["nee", "verder", "ok"])
def test_alone_a_word_answers_it(tmp_path: Path, word: str) -> None:
    chat = rated(alone(tmp_path))
    act(chat, "governance: memo @Anna eind maart")
    asked = chat.asked
    chat.say("Anna", "!gedaan 1")
    chat.say("Anna", word)
    (said,) = chat.says()
    again = word == "ok"
    assert said.kind == "question"
    assert (said.step == "ingredienten.governance.status") is again
    assert said.number > asked


def test_anything_else_passes_it(tmp_path: Path) -> None:
    """A plain message in a room of one is for the question then, and a command does what it does."""
    chat = rated(alone(tmp_path))
    act(chat, "governance: memo @Anna eind maart", "governance: plan @Anna eind maart")
    step = chat.position
    chat.say("Anna", "!gedaan 1")
    chat.say("Anna", "wijkteam en scholen")
    assert chat.texts_of(step) == ["wijkteam en scholen"]
    chat.say("Anna", "!gedaan 2")
    number = chat.says()[0].number
    chat.say("Anna", "!acties")
    chat.sign("Anna", "✅", number)
    assert chat.last == []


def test_a_group_goes_on_beside_it(tmp_path: Path) -> None:
    chat = rated(team(tmp_path))
    act(chat, "governance: memo @Bas eind maart")
    chat.say("Anna", "!gedaan 1")
    number = chat.says()[0].number
    step = chat.position
    leave(chat)
    assert chat.position != step
    chat.sign("Bas", "✅", number)
    assert chat.says()[0].step == "ingredienten.governance.status"


def test_a_look_does_not_break_into_a_detour(tmp_path: Path) -> None:
    chat = rated(team(tmp_path))
    act(chat, "governance: memo @Bas eind maart")
    chat.say("Anna", "!wijzig pilot.naam")
    chat.say("Anna", "!gedaan 1")
    assert not chat.says()[0].asks
