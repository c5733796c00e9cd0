"""Rules "Re-check": which replies name a part, what is asked of it, the rounds, and the closing round at the end of the
pilot. A room of one and a group of four."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.conversation.marks import AGREE, NOTED
from tests.chat import Chat
from tests.flows.recheck_rooms import (
    FOUR,
    ONE,
    agree,
    all_texts,
    answer,
    asked_for,
    asking,
    ended,
    go_on,
    rounds,
    steps_of,
    vote,
)

LOOK = "2027-01-04"  # six weeks after the walk
BOTH = pytest.mark.parametrize("people", [ONE, FOUR], ids=["one", "four"])


@pytest.fixture(params=[ONE, FOUR], ids=["one", "four"])
def chat(request: pytest.FixtureRequest, tmp_path: Path) -> Chat:
    """A room whose re-check was just asked."""
    return asked_for(ended(tmp_path, request.param), LOOK)


def walk_out(chat: Chat) -> None:
    """Go on until nothing stands open any more."""
    for _ in range(40):
        if chat.view.focus() is None:
            return
        go_on(chat)
    raise AssertionError("the re-check does not end")


# What was named -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ingrediënten", ["ingredienten"]),
        ("Ingredienten.", ["ingredienten"]),
        ("impact en routes", ["impact", "routes"]),
        ("routes, valkuilen", ["routes", "valkuilen"]),
        ("valkuilen & impact", ["impact", "valkuilen"]),
        ("routes\nimpact", ["impact", "routes"]),
        ("impact, routes en valkuilen", ["impact", "routes", "valkuilen"]),
        ("impact; impact", ["impact"]),
        ("de impact", ["impact"]),
        ("valkuil", ["valkuilen"]),
    ],
)
def test_the_parts_that_a_reply_names_are_walked_in_the_order_of_the_book(
    text: str, parts: list[str], chat: Chat
) -> None:
    answer(chat, text)
    assert steps_of(chat.last) == ["pilot.wijziging"]
    (prompt,) = [one for one in chat.snapshot.prompts() if one.kind == "recheck"]
    assert prompt.data["parts"] == parts
    assert [(mark.target, mark.key) for mark in chat.marks()] == [(chat.event, NOTED)]


def test_the_walk_asks_what_changed_and_what_works_then_the_named_parts(chat: Chat) -> None:
    answer(chat, "impact en ingrediënten")
    seen: list[str | None] = []
    for _ in range(20):
        if chat.view.focus() is None:
            break
        seen += steps_of(chat.last)
        go_on(chat)
    assert seen == [
        "pilot.wijziging",
        "strategie.werkzaam",
        "impact.impact",
        "impact.status",
        "ingredienten.oordeel",
        "ingredienten.status",
    ]
    assert rounds(chat) == 2


def test_items_come_numbered_and_can_be_changed_and_taken_away(chat: Chat) -> None:
    answer(chat, "impact")
    answer(chat, "we werken nu met twee scholen")
    go_on(chat)
    assert chat.texts_of("pilot.wijziging") == ["we werken nu met twee scholen"]
    go_on(chat)
    assert "1. kinderen groeien veilig op" in chat.text
    assert "2. ouders vragen hulp" in chat.text
    answer(chat, "1 weg")
    answer(chat, "1: ouders vragen eerder hulp")
    answer(chat, "minder schooluitval")
    assert chat.texts_of("impact.impact") == ["ouders vragen eerder hulp", "minder schooluitval"]


def test_a_status_is_voted_anew_and_the_round_says_what_changed(chat: Chat) -> None:
    answer(chat, "impact")
    for _ in range(3):
        go_on(chat)
    assert "Dit staat er nu" in chat.text
    vote(chat, "voldoende")
    assert "Impact: nu voldoende, was deels" in all_texts(chat.last)
    assert "maandag 15 februari 2027" in all_texts(chat.last)
    (first, second) = chat.export["rounds"]
    assert (first["statuses"]["impact"], second["statuses"]["impact"]) == ("deels", "voldoende")
    chat.say("Anna", "!overzicht")
    assert "Impact: voldoende (was deels)" in chat.text
    assert "ronde 2" in chat.text


def test_a_status_that_nobody_votes_on_stays_as_it_was(chat: Chat) -> None:
    answer(chat, "impact")
    walk_out(chat)
    assert chat.export["rounds"][1]["statuses"]["impact"] == "deels"
    assert "nu " not in chat.text.replace("nu toe", "")


def test_parts_that_were_not_named_keep_their_status(chat: Chat) -> None:
    answer(chat, "routes")
    walk_out(chat)
    (_, second) = chat.export["rounds"]
    assert second["statuses"]["impact"] == "deels"
    assert second["statuses"]["routes"] is None


def test_the_trend_over_three_rounds(tmp_path: Path) -> None:
    chat = asked_for(ended(tmp_path, FOUR), LOOK)
    answer(chat, "impact")
    for _ in range(3):
        go_on(chat)
    vote(chat, "onvoldoende")
    asked_for(chat, "2027-02-15")
    agree(chat)
    chat.say("Anna", "!overzicht")
    assert "ronde 3" in chat.text
    assert "Impact: onvoldoende" in chat.text
    chat.say("Anna", "!wijzig impact.status")
    vote(chat, "voldoende")
    chat.say("Anna", "!overzicht")
    assert "Impact: voldoende (was onvoldoende)" in chat.text
    assert [one["statuses"]["impact"] for one in chat.export["rounds"]] == ["deels", "onvoldoende", "onvoldoende"]


def test_what_was_taken_is_marked(chat: Chat) -> None:
    assert NOTED in [mark.key for mark in chat.marks(answer(chat, "impact"))]
    named = chat.event
    assert NOTED in [mark.key for mark in chat.marks(answer(chat, "meer scholen"))]
    author = chat.snapshot.taken[named].author
    chat.edit(author, named, "routes")
    assert "Wat er stond, blijft staan." in chat.text
    assert chat.redact(author, named) == []


def test_a_word_that_names_no_part_is_not_marked(chat: Chat) -> None:
    assert chat.marks(answer(chat, "klopt")) == []


# The end of the pilot -----------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("way", ["tap", "part"])
def test_the_closing_round_asks_what_worked_and_the_strategy_and_says_what_becomes_of_the_data(
    way: str, people: tuple[str, ...], tmp_path: Path
) -> None:
    chat = asked_for(ended(tmp_path, people, end="1 februari 2027", rhythm="geen"), "2027-02-01")
    assert "De pilot loopt af" in chat.says()[0].text
    if way == "tap":
        agree(chat)
    else:
        answer(chat, "impact")
    seen: list[str | None] = []
    for _ in range(12):
        seen += steps_of(chat.last)
        if chat.view.focus() is None:
            break
        go_on(chat)
    closing = ["pilot.wijziging", "strategie.werkzaam", "strategie.keuze"]
    assert seen == (closing if way == "tap" else [*closing, "impact.impact", "impact.status"])
    text = all_texts(chat.last)
    assert "Gemeente Voorbeeld" in text
    assert "tot het daar gewist wordt" in text
    assert rounds(chat) == 2
    assert chat.wait(days=500) == []


def test_the_closing_round_comes_instead_of_a_look_after_the_end(tmp_path: Path) -> None:
    chat = ended(tmp_path, end="28 februari 2027")
    asked_for(chat, LOOK)
    agree(chat)
    asked_for(chat, "2027-02-15")
    agree(chat)
    assert "maandag 1 maart 2027" in chat.text  # 28 februari is a Sunday
    asked_for(chat, "2027-03-01")
    assert "De pilot loopt af" in chat.says()[0].text


def test_a_look_that_was_not_answered_gives_way_to_the_closing_round(tmp_path: Path) -> None:
    chat = asked_for(ended(tmp_path, end="6 januari 2027"), LOOK)
    asked_for(chat, "2027-01-06")
    assert "De pilot loopt af" in chat.says()[0].text
    assert len(chat.snapshot.prompts()) == 1


def test_a_tap_on_a_look_after_the_end_is_the_closing_round(tmp_path: Path) -> None:
    chat = asked_for(ended(tmp_path, FOUR, end="9 januari 2027"), LOOK)
    number = asking(chat).number
    chat.wait(days=6)
    chat.sign("Bas", AGREE, number)
    assert steps_of(chat.last) == ["pilot.wijziging"]
    for _ in range(3):
        go_on(chat)
    assert "De pilot is afgelopen" in all_texts(chat.last)


def test_a_pilot_that_goes_on_longer_is_looked_at_again(tmp_path: Path) -> None:
    chat = asked_for(ended(tmp_path, end="4 januari 2027"), LOOK)
    agree(chat)
    for _ in range(3):
        go_on(chat)
    assert rounds(chat) == 2
    chat.say("Anna", "!wijzig pilot.periode")
    chat.say("Anna", "1 september 2026 - 1 mei 2027")
    asked_for(chat, "2027-02-15")


def test_the_closing_round_is_reminded_of_like_any_other(tmp_path: Path) -> None:
    chat = asked_for(ended(tmp_path, end="1 februari 2027", rhythm="geen"), "2027-02-01")
    assert "Vorige week" in asked_for(chat, "2027-02-08").says()[0].text
    assert "pauzeren" in asked_for(chat, "2027-02-15").says()[0].text
    assert chat.wait(days=8) == []
    assert chat.snapshot.room.paused_at is not None
