"""What people see: names and no ids, one word for one thing, and how to go on where it changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flows.conversation.hearing import Capabilities
from tests.chat import BOOK, Chat
from tests.flows.answer_rooms import at, one, team


@pytest.mark.parametrize("part", BOOK.parts)
def test_a_part_in_full_names_titles_and_no_ids(tmp_path: Path, part: str) -> None:
    """An id is long, and breaks on a phone."""
    chat = one(tmp_path)
    for step in BOOK.parts[part].steps:
        if BOOK.steps[step].kind == "text" and chat.view.applicable(step):
            at(chat, step)
            chat.say("Anna", "iets")
    chat.say("Anna", f"!overzicht {part}")
    assert "iets" in chat.text or part in ("canvas",)
    assert not [step for step in BOOK.order if step in chat.text]


def test_a_title_can_be_typed(tmp_path: Path) -> None:
    """What the overview names, `!wijzig` knows."""
    chat = one(tmp_path)
    chat.say("Anna", "!wijzig impactstatement")
    assert chat.says()[0].step == "impact.statement"


def test_the_end_names_what_to_type_in_short(tmp_path: Path) -> None:
    chat = one(tmp_path)
    for _ in range(400):
        if chat.position == "einde":
            break
        chat.say("Anna", "!verder")
    assert "- Pilot · naam: `!ga naam`" in chat.text


def test_a_status_that_is_not_given_has_one_name(tmp_path: Path) -> None:
    """In the overview, in its table, in the chat."""
    chat = team(tmp_path, people=("Anna", "Bas"))
    at(chat, "impact.status")
    chat.say("Anna", "!verder")
    assert any(edit.text.endswith("· nog open") for edit in chat.edits())
    chat.say("Anna", "!overzicht")
    assert "⚪ Impact: nog open" in chat.text
    chat.say("Anna", "!overzicht impact")
    assert "⚪ Impact: nog open" in chat.text


def test_a_status_that_was_skipped_is_not_unknown(tmp_path: Path) -> None:
    chat = team(tmp_path, people=("Anna", "Bas"))
    at(chat, "impact.status")
    chat.say("Anna", "!overslaan")
    chat.say("Anna", "!overzicht")
    assert "⚪ Impact: overgeslagen" in chat.text


@pytest.mark.parametrize("ways", ["chat", "matrix", "teams", "terminal"])
def test_the_welcome_names_the_help(tmp_path: Path, ways: str) -> None:
    chat = Chat(tmp_path, capabilities=Capabilities(ways=ways))
    assert "Wat ik nog meer kan: `!hulp`." in chat.text


@pytest.mark.parametrize(("ways", "word"), [("chat", "!verder"), ("terminal", "!verder"), ("teams", "@coach verder")])
def test_who_learnt_to_type_verder_alone_is_told_what_goes_on_in_a_group(tmp_path: Path, ways: str, word: str) -> None:
    """A plain message is not for the coach in a group: what the welcome of a room of one said holds no more."""
    chat = one(tmp_path)
    chat.capabilities = Capabilities(ways=ways)
    chat.members("Anna", "Bas")
    assert f"Alleen `verder` typen lees ik nu niet. Zo wel: `{word}`." in chat.text
    before = chat.position
    assert chat.say("Anna", "verder") == []
    assert chat.position == before
    chat.say("Anna", word, mention=word.startswith("@"))
    assert chat.position != before


def test_where_people_leave_nothing_is_said_of_it(tmp_path: Path) -> None:
    chat = team(tmp_path, people=("Anna", "Bas"))
    chat.members("Anna")
    assert re.search("Alleen .verder. typen", chat.text) is None
