"""`namens @Bas: tekst`: in a meeting one person types for others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chat import Chat
from tests.flows.rules_rooms import alone, answer, go, stored, team
from tests.flows.test_rules_session import meeting


def authors(chat: Chat, step: str) -> list[str]:
    return [item["author"] for item in chat.export["steps"][step]["items"]]


@pytest.mark.parametrize(
    "text", ["namens @Bas: Buurtbus", "Namens Bas : Buurtbus", "NAMENS @bas: Buurtbus", "namens ba: Buurtbus"]
)
def test_what_is_typed_for_somebody_is_theirs_and_the_message_the_typists(tmp_path: Path, text: str) -> None:
    chat = meeting(tmp_path)
    chat.say("Anna", text)  # no reply, no mention: it is for the coach by its form
    assert [mark.key for mark in chat.marks()] == ["✍️"]
    (item,) = chat.snapshot.item.values()
    assert (item.text, item.author, item.event) == ("Buurtbus", "Bas", chat.event)
    assert chat.snapshot.taken[chat.event].author == "Anna"


def test_the_typist_changes_and_removes_it_and_nobody_else(tmp_path: Path) -> None:
    chat = meeting(tmp_path)
    chat.say("Anna", "namens @Bas: Buurtbus")
    event = chat.event
    chat.edit("Bas", event, "iets anders")
    assert chat.texts_of("pilot.naam") == ["Buurtbus"]
    chat.edit("Anna", event, "namens @Bas: Buurtbus Noord")
    assert (chat.texts_of("pilot.naam"), authors(chat, "pilot.naam")) == (["Buurtbus Noord"], ["Bas"])
    chat.edit("Anna", event, "namens @Çelik: Buurtbus Noord")
    assert (chat.texts_of("pilot.naam"), authors(chat, "pilot.naam")) == (["Buurtbus Noord"], ["Çelik"])
    chat.edit("Anna", event, "Buurtbus Noord")
    assert authors(chat, "pilot.naam") == ["Anna"]
    chat.redact("Bas", event)
    assert chat.texts_of("pilot.naam")
    chat.redact("Anna", event)
    assert not chat.texts_of("pilot.naam")


def test_it_can_be_mended_after_the_meeting(tmp_path: Path) -> None:
    chat = meeting(tmp_path)
    chat.say("Anna", "namens @Bas: Buurtbus")
    event = chat.event
    chat.say("Anna", "!sessie stop")
    chat.edit("Anna", event, "namens @Çelik: Buurtbus Zuid")
    assert (chat.texts_of("pilot.naam"), authors(chat, "pilot.naam")) == (["Buurtbus Zuid"], ["Çelik"])


def test_votes_are_cast_for_who_is_named(tmp_path: Path) -> None:
    chat = meeting(tmp_path, "Anna", "Bas", "Çelik")
    go(chat, "impact.status")
    chat.say("Anna", "namens @Bas: onvoldoende")
    chat.say("Anna", "namens Çelik: deels")
    assert {vote.member: vote.word for vote in chat.view.votes("impact.status")} == {
        "Bas": "onvoldoende",
        "Çelik": "deels",
    }
    answer(chat, "deels", "Anna")  # now everybody voted
    assert chat.says()[0].text.startswith("**Impact · status**: ik noteer **deels**")


def test_a_vote_follows_the_name_and_the_word_of_a_changed_message(tmp_path: Path) -> None:
    chat = meeting(tmp_path, "Anna", "Bas", "Çelik", "Dewi")
    go(chat, "impact.status")
    chat.say("Anna", "namens @Bas: onvoldoende")
    chat.edit("Anna", chat.event, "namens @Çelik: voldoende")
    chat.edit("Anna", f"e{chat.count - 1}", "namens @Çelik: voldoende")
    assert {vote.member: vote.word for vote in chat.view.votes("impact.status")} == {"Çelik": "voldoende"}


def test_not_to_know_is_a_vote_of_who_is_named(tmp_path: Path) -> None:
    chat = meeting(tmp_path)
    go(chat, "impact.status")
    chat.say("Anna", "namens @Bas: weet niet")
    assert {vote.member: vote.word for vote in chat.view.votes("impact.status")} == {"Bas": "onbekend"}


def test_grid_letters_are_of_who_is_named(tmp_path: Path) -> None:
    chat = meeting(tmp_path)
    go(chat, "ingredienten.oordeel")
    chat.say("Anna", "namens @Bas: v d o o ? d v v")
    voters = {vote.member for row in chat.book.steps["ingredienten.oordeel"].form.rows for vote in chat.view.votes(row)}
    assert voters == {"Bas"}


def test_a_choice_is_of_who_is_named(tmp_path: Path) -> None:
    chat = meeting(tmp_path)
    go(chat, "routes.keuze")
    chat.say("Anna", "namens @Bas: in en op")
    chat.say("Anna", "namens @Çelik: uit")
    assert {one.member: set(one.words) for one in chat.view.choices("routes.keuze")} == {
        "Bas": {"in", "op"},
        "Çelik": {"uit"},
    }


def test_a_message_marked_later_is_of_who_is_named(tmp_path: Path) -> None:
    chat = team(tmp_path, "Anna", "Bas", "Çelik")
    chat.say("Anna", "namens @Bas: Buurtbus")
    assert not chat.last  # no meeting: it is discussion
    event = chat.event
    assert "Buurtbus" not in stored(chat)
    chat.say("Anna", "!sessie 45")
    chat.sign("Çelik", "✍️", event)
    assert authors(chat, "pilot.naam") == ["Bas"]


def test_a_name_that_is_not_known_gets_one_line_and_may_be_mended(tmp_path: Path) -> None:
    chat = meeting(tmp_path)
    chat.say("Anna", "namens @Karel: Buurtbus")
    assert (
        chat.text
        == '"Karel" ken ik niet in deze chat. Hier zijn: Anna, Bas, Çelik. Heet iemand anders? Laat `namens` dan weg.'
    )
    assert not chat.texts_of("pilot.naam")
    chat.edit("Anna", chat.event, "namens @Bas: Buurtbus")
    assert (chat.texts_of("pilot.naam"), authors(chat, "pilot.naam")) == (["Buurtbus"], ["Bas"])


def test_two_with_the_same_name_are_not_guessed_between(tmp_path: Path) -> None:
    chat = meeting(tmp_path, "Anna", "Bas Smit", "Bas Jansen")
    chat.say("Anna", "namens @Bas: Buurtbus")
    assert '"Bas" ken ik niet' in chat.text
    chat.say("Anna", "namens @Bas Smit: Buurtbus")
    assert authors(chat, "pilot.naam") == ["Bas Smit"]


def test_several_names_in_one_message_are_refused(tmp_path: Path) -> None:
    chat = meeting(tmp_path)
    chat.say("Anna", "namens @Bas: Buurtbus\nnamens @Çelik: Wijkbus")
    assert chat.text.startswith("Eén naam per bericht")
    assert not chat.texts_of("pilot.naam")


def test_without_a_meeting_it_is_text_unless_it_names_somebody_here(tmp_path: Path) -> None:
    chat = team(tmp_path)
    answer(chat, "namens de gemeente: Buurtbus")
    assert chat.texts_of("pilot.naam") == ["namens de gemeente: Buurtbus"]
    answer(chat, "namens @Bas: Wijkbus")
    assert chat.text.startswith("Typen voor een ander kan tijdens een sessie.")
    assert chat.texts_of("pilot.naam") == ["namens de gemeente: Buurtbus"]


def test_in_a_room_of_one_only_that_one_is_known(tmp_path: Path) -> None:
    chat = alone(tmp_path, "!sessie 45")
    chat.say("Anna", "namens @Bas: Buurtbus")
    assert '"Bas" ken ik niet' in chat.text


def test_a_command_is_done_for_who_is_named(tmp_path: Path) -> None:
    chat = meeting(tmp_path)
    chat.say("Anna", "namens @Bas: !actie folder maken @Çelik eind maart")
    (action,) = chat.snapshot.action.values()
    assert (action.author, action.owner) == ("Bas", "Çelik")


def test_discussion_in_a_meeting_leaves_no_trace(tmp_path: Path) -> None:
    chat = meeting(tmp_path)
    chat.say("Bas", "namens wie spreken we hier eigenlijk")
    chat.say("Bas", "ik vind het zwijnenstallig")
    assert not chat.last
    assert "zwijnenstallig" not in stored(chat)
    assert "eigenlijk" not in stored(chat)
