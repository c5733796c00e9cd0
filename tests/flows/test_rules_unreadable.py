"""rules.md: an unreadable answer: one line of help, nothing noted, the same question stays open; once a question and
person, after that a ❓ reaction.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.answer_rooms import at, is_open, one, team

# For each kind, its step and what can't be read there.
CASES = [
    ("routes.keuze", "fiets"),
    ("routes.keuze", "9"),
    ("impact.status", "best wel aardig"),
    ("impact.status", "5"),
    ("impact.status", "on"),
    ("valkuilen.scope.geldt", "voldoende"),
    ("ingredienten.oordeel", "v d o"),
    ("ingredienten.oordeel", "v d o o ? d v v v"),
    ("ingredienten.oordeel", "v d o o ? d v x"),
    ("ingredienten.oordeel", "fietsen deels"),
    ("pilot.periode", "binnenkort"),
    ("pilot.periode", "31-2-2027 - 1-5-2027"),
    ("pilot.ritme", "af en toe"),
    ("pilot.ritme", "elke 0 weken"),
    ("routes.acties", "memo 31 februari 2027"),
    ("routes.acties", "@Anna 15 januari 2027"),
    # A digit that is no decimal: read as a number it would be a fault of ours instead of a bad answer.
    ("routes.keuze", "፩"),
    ("impact.status", "፩"),
    ("ingredienten.oordeel", "፩ deels"),
    ("pilot.ritme", "elke ፩ weken"),
]


@pytest.mark.parametrize(("step", "text"), CASES)
def test_one_line_of_help_and_nothing_noted(tmp_path: Path, step: str, text: str) -> None:
    """An unreadable answer: one line of help, nothing noted, the same question stays open."""
    chat = one(tmp_path, step)
    before = chat.export["steps"]
    chat.say("Anna", text)
    (say,) = chat.says()
    assert say.kind == "help"
    assert "\n" not in say.text
    assert chat.marks() == []
    assert chat.export["steps"] == before
    assert chat.export["actions"] == []
    assert is_open(chat, step)


@pytest.mark.parametrize(("step", "text"), CASES)
def test_the_second_time_only_a_sign(tmp_path: Path, step: str, text: str) -> None:
    """At most once a question and person, after that a ❓ reaction."""
    chat = one(tmp_path, step)
    chat.say("Anna", text)
    for _ in range(2):
        chat.say("Anna", text)
        assert chat.says() == []
        assert [(mark.target, mark.key, mark.removed) for mark in chat.marks()] == [(chat.event, "❓", False)]
    assert is_open(chat, step)


def test_help_is_per_person(tmp_path: Path) -> None:
    """At most once a question and person: another person gets the line too."""
    chat = team(tmp_path, "routes.keuze")
    for who in ("Anna", "Bas"):
        chat.say(who, "fiets", to=chat.asked)
        assert [say.kind for say in chat.says()] == ["help"]
    chat.say("Anna", "auto", to=chat.asked)
    assert chat.says() == []


def test_help_is_per_question(tmp_path: Path) -> None:
    """At most once a question and person: at another question there is help again."""
    chat = one(tmp_path, "routes.keuze")
    chat.say("Anna", "fiets")
    at(chat, "impact.status")
    chat.say("Anna", "fiets")
    assert [say.kind for say in chat.says()] == ["help"]


def test_after_help_the_answer_is_taken(tmp_path: Path) -> None:
    """The same question stays open: what can be read is taken."""
    chat = one(tmp_path, "routes.keuze")
    chat.say("Anna", "fiets")
    chat.say("Anna", "in")
    assert chat.export["steps"]["routes.keuze"]["choices"] == ["in"]


def test_an_unreadable_reply_to_a_proposal(tmp_path: Path) -> None:
    """An unreadable answer to "Akkoord?": one line of help, and the proposal stands."""
    chat = team(tmp_path, "impact.status")
    number = chat.asked
    for who in ("Anna", "Bas", "Cem"):
        chat.say(who, "deels", to=number)
    chat.say("Bas", "misschien wel", to=chat.asked)
    assert [say.kind for say in chat.says()] == ["help"]
    assert chat.state("impact.status") == "open"
    chat.say("Bas", "misschien niet", to=chat.asked)
    assert [mark.key for mark in chat.marks()] == ["❓"]
    chat.sign("Anna", "✅", chat.asked)
    assert chat.export["steps"]["impact.status"]["status"] == "deels"
