"""rules.md: edits by the author in a group: votes, views, grids, choices and own words that wait for ✅."""

from __future__ import annotations

from pathlib import Path

from tests.flows.answer_rooms import ROWS, choices, discussed, settled, status, team, vote

TEXT, MULTI, STATUS = "impact.noodzaak", "routes.keuze", "impact.status"
GRID, STATEMENT = "ingredienten.oordeel", "impact.statement"


def test_a_vote_follows_while_it_is_open(tmp_path: Path) -> None:
    """Edit by the author: the vote follows, in the first and in the second round; the message shows it."""
    chat = team(tmp_path, STATUS)
    question = chat.asked
    chat.say("Bas", "deels", to=question)
    event = chat.event
    chat.edit("Bas", event, "voldoende")
    assert {one.member: one.word for one in chat.view.votes(STATUS)} == {"Bas": "voldoende"}
    chat.edit("Bas", event, "tja")
    assert {one.member: one.word for one in chat.view.votes(STATUS)} == {"Bas": "voldoende"}
    assert [say.kind for say in chat.says()] == ["help"]
    vote(chat, Anna="o", Cem="v")
    assert discussed(chat)
    chat.edit("Bas", event, "deels")
    assert {one.member: one.word for one in chat.view.votes(STATUS)}["Bas"] == "deels"


def test_a_vote_that_was_counted_is_settled(tmp_path: Path) -> None:
    """An edit after settling keeps the outcome and says so: the team agreed on it."""
    chat = team(tmp_path, STATUS)
    chat.say("Bas", "deels", to=chat.asked)
    event = chat.event
    vote(chat, Anna="deels", Cem="deels")
    chat.sign("Anna", "✅", chat.asked)
    chat.edit("Bas", event, "voldoende")
    assert status(chat, STATUS) == "deels"
    assert [say.kind for say in chat.says()] == ["help"]


def test_a_view_follows_before_and_after_it_is_stored(tmp_path: Path) -> None:
    """Edit by the author: a view follows; stored on *niet eens* it says what its message says, later too."""
    chat = team(tmp_path, STATUS)
    vote(chat, Anna="v", Bas="v", Cem="o")
    chat.say("Cem", "ik mis cijfers", to=chat.asked)
    event = chat.event
    chat.edit("Cem", event, "ik mis de cijfers")
    chat.sign("Bas", "✅", chat.asked)
    assert settled(chat)
    chat.edit("Cem", event, "ik mis alle cijfers")
    chat.say("Cem", "niet eens", to=chat.asked)
    assert chat.texts_of(STATUS) == ["ik mis alle cijfers"]
    chat.edit("Cem", event, "ik mis nog cijfers")
    assert chat.texts_of(STATUS) == ["ik mis nog cijfers"]
    assert status(chat, STATUS) == "voldoende"


def test_a_grid_of_a_member_follows(tmp_path: Path) -> None:
    """Edit by the author: a member's grid follows, row by row, while it is open."""
    chat = team(tmp_path, GRID)
    chat.say("Bas", "governance deels\nwaarde o", to=chat.asked)
    chat.edit("Bas", chat.event, "governance v")
    given = {row: [one.word for one in chat.view.votes(row)] for row in ROWS}
    assert given.pop("ingredienten.governance.status") == ["voldoende"]
    assert not any(given.values())


def test_a_choice_follows_before_and_after_closing(tmp_path: Path) -> None:
    """Edit by the author: a member's choice follows, also later; the union with it."""
    chat = team(tmp_path, MULTI)
    number = chat.asked
    chat.say("Anna", "in", to=number)
    chat.say("Bas", "op", to=number)
    event = chat.event
    chat.edit("Bas", event, "uit")
    chat.sign("Cem", "✅", number)
    assert choices(chat, MULTI) == ["in", "uit"]
    chat.edit("Bas", event, "diep")
    assert choices(chat, MULTI) == ["in", "diep"]
    assert number in [edit.number for edit in chat.edits()]


def test_own_words_that_wait_follow(tmp_path: Path) -> None:
    """statement: the latest counts; edited before ✅ it is the new text that counts."""
    chat = team(tmp_path, STATEMENT)
    chat.say("Bas", "Wij helpen.", to=chat.asked)
    event = chat.event
    chat.edit("Bas", event, "Wij helpen eerder.")
    chat.sign("Cem", "✅", chat.asked)
    assert chat.texts_of(STATEMENT) == ["Wij helpen eerder."]
    chat.edit("Bas", event, "Wij helpen veel eerder.")
    assert chat.texts_of(STATEMENT) == ["Wij helpen veel eerder."]


def test_an_edit_of_what_was_never_taken_leads_to_nothing(tmp_path: Path) -> None:
    """A reaction or edit that meets a message the coach doesn't know leads to nothing."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "zomaar wat")
    chat.edit("Bas", chat.event, "@coach zomaar iets")
    assert chat.last == []
    assert chat.texts_of(TEXT) == []
