"""A command that is nearly right: what was meant can always be done, and an answer stays that of who wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.conversation import commands
from tests.flows.rules_rooms import team


@pytest.mark.parametrize(
    "typed", ["!antwoort Dichtbij", "!antwwoord Dichtbij", "!answerr Dichtbij", "!antwoordt\nDichtbij"]
)
@pytest.mark.parametrize("pointed", [True, False])
def test_a_near_miss_of_the_answer_is_asked_about_and_stays_its_writers(
    tmp_path: Path, typed: str, pointed: bool
) -> None:
    """Where an answer was meant, ✅ by anybody keeps it as of who wrote it, and it follows its message."""
    chat = team(tmp_path)
    chat.say("Anna", typed, to=chat.asked if pointed else None)
    written = chat.event
    assert [said.kind for said in chat.says()] == ["nudge"]
    assert chat.texts_of("pilot.naam") == []
    chat.sign("Bas", "✅", chat.says()[0].number)
    assert [(one["author"], one["text"]) for one in chat.export["steps"]["pilot.naam"]["items"]] == [
        ("Anna", "Dichtbij")
    ]
    chat.redact("Anna", written)
    assert chat.texts_of("pilot.naam") == []


@pytest.mark.parametrize("typed", ["!antwoort", "!hulp antwoort", "!answerr"])
def test_a_near_miss_of_the_answer_without_one_says_how_to_answer(tmp_path: Path, typed: str) -> None:
    """Where there is nothing to keep, it says how."""
    chat = team(tmp_path)
    chat.say("Anna", typed)
    assert [said.kind for said in chat.says()] == ["help"]
    assert "!antwoord" in chat.text


def test_a_near_miss_of_the_answer_where_nothing_is_asked_says_how_to_answer(tmp_path: Path) -> None:
    """At the end there is no question that it could answer."""
    chat = team(tmp_path)
    while chat.position != "einde":
        chat.say("Anna", "!verder")
    chat.say("Anna", "!antwoort Dichtbij")
    assert [said.kind for said in chat.says()] == ["help"]


@pytest.mark.parametrize("name", [one.name for one in commands.TABLE])
def test_every_command_that_can_be_meant_can_be_done(tmp_path: Path, name: str) -> None:
    """✅ on "Bedoel je ...?" never leads to a fault of ours."""
    chat = team(tmp_path)
    wrong = next(one for one in (f"{name}q", f"q{name}", f"{name}{name[-1]}") if commands.near(one) == name)
    chat.say("Anna", f"!{wrong}")
    chat.say("Anna", "ja")
    assert [said for said in chat.says(chat.seen) if said.kind == "error"] == []
    chat.say("Anna", f"!{wrong} routes")
    chat.say("Anna", "ja")
    assert [said for said in chat.says(chat.seen) if said.kind == "error"] == []
