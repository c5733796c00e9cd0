"""rules.md, "Taking an answer, by kind": steps with a list to choose from (multi)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.answer_rooms import TEAM, choices, is_open, one, team

MULTI, OTHER, LIMITED = "routes.keuze", "valkuilen.omstandigheden.welke", "strategie.keuze"


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("in", ["in"]),
        ("in en op", ["in", "op"]),
        ("op, in", ["in", "op"]),
        ("1, 3", ["in", "op"]),
        ("1 3", ["in", "op"]),
        ("5", ["voorbij"]),
        ("u, voor", ["uit", "voorbij"]),
        ("IN, Diep.", ["in", "diep"]),
        ("- in\n- uit", ["in", "uit"]),
        ("in, in, 1", ["in"]),
    ],
)
def test_multi_reads_words_prefixes_and_numbers(tmp_path: Path, message: str, words: list[str]) -> None:
    """multi: words, unambiguous prefixes, numbers; the stored value is the word."""
    chat = one(tmp_path, MULTI)
    chat.say("Anna", message)
    assert choices(chat, MULTI) == words


def test_multi_an_ambiguous_prefix_is_not_taken(tmp_path: Path) -> None:
    """multi: unambiguous prefixes."""
    chat = one(tmp_path, "ingredienten.nodig")
    chat.say("Anna", "w")
    assert [say.kind for say in chat.says()] == ["help"]
    assert "wensen" in chat.text
    assert "waarde" in chat.text
    assert chat.state("ingredienten.nodig") == "open"


@pytest.mark.parametrize("message", ["in, fiets", "6", "0", "1, 9", "fiets"])
def test_multi_with_anything_unreadable_notes_nothing(tmp_path: Path, message: str) -> None:
    """multi: words, unambiguous prefixes, numbers; an unreadable answer notes nothing."""
    chat = one(tmp_path, MULTI)
    chat.say("Anna", message)
    assert (chat.state(MULTI), choices(chat, MULTI)) == ("open", [])
    assert is_open(chat, MULTI)


def test_multi_alone_goes_on_at_once(tmp_path: Path) -> None:
    """multi: room of one: at once."""
    chat = one(tmp_path, MULTI)
    chat.say("Anna", "in")
    assert chat.position == "routes.in.invulling"
    assert chat.state(MULTI) == "answered"


def test_multi_in_a_group_waits_for_a_tap(tmp_path: Path) -> None:
    """multi: group: on ✅."""
    chat = team(tmp_path, MULTI)
    number = chat.asked
    for who in TEAM:
        chat.say(who, "in", to=number)
    assert is_open(chat, MULTI)
    assert not chat.says()
    chat.sign("Bas", "✅", number)
    assert (chat.state(MULTI), choices(chat, MULTI)) == ("answered", ["in"])


def test_multi_a_new_choice_replaces_the_members_own_and_the_team_is_the_union(tmp_path: Path) -> None:
    """multi: a member's new choice replaces their own, the team's is the union."""
    chat = team(tmp_path, MULTI)
    number = chat.asked
    chat.say("Anna", "in, diep", to=number)
    chat.say("Bas", "op", to=number)
    chat.say("Anna", "uit", to=number)
    chat.sign("Cem", "✅", number)
    assert choices(chat, MULTI) == ["uit", "op"]


@pytest.mark.parametrize("message", ["zonder op", "op weg", "3 weg", "zonder 3", "Op weg."])
def test_multi_removes_a_choice_whoever_made_it(tmp_path: Path, message: str) -> None:
    """multi: `zonder op` or `3 weg` removes a choice whoever made it."""
    chat = team(tmp_path, MULTI)
    number = chat.asked
    chat.say("Anna", "in, op", to=number)
    chat.say("Bas", "op", to=number)
    chat.say("Cem", message, to=number)
    chat.sign("Cem", "✅", number)
    assert choices(chat, MULTI) == ["in"]


def test_multi_removing_leaves_the_removers_own_choice(tmp_path: Path) -> None:
    """multi: `zonder op` removes a choice; the member's own other choices stay."""
    chat = team(tmp_path, MULTI)
    number = chat.asked
    chat.say("Cem", "in, op", to=number)
    chat.say("Cem", "zonder op", to=number)
    chat.sign("Cem", "✅", number)
    assert choices(chat, MULTI) == ["in"]


def test_multi_none_falls_away_beside_another(tmp_path: Path) -> None:
    """multi: *geen* falls away beside another."""
    chat = team(tmp_path, OTHER)
    number = chat.asked
    chat.say("Anna", "geen", to=number)
    chat.say("Bas", "geld", to=number)
    chat.sign("Cem", "✅", number)
    assert choices(chat, OTHER) == ["geld"]


def test_multi_none_alone_stays(tmp_path: Path) -> None:
    """multi: *geen* falls away beside another, and only then."""
    chat = one(tmp_path, OTHER)
    chat.say("Anna", "geen")
    assert choices(chat, OTHER) == ["geen"]


def test_multi_none_and_another_in_one_message(tmp_path: Path) -> None:
    """multi: *geen* falls away beside another, also in one message."""
    chat = one(tmp_path, OTHER)
    chat.say("Anna", "geen, koplopers")
    assert choices(chat, OTHER) == ["koplopers"]


def test_multi_over_a_limit_is_not_closed_alone(tmp_path: Path) -> None:
    """strategie.keuze: at most one of the first three; a union over a limit is not closed: the coach asks which."""
    chat = one(tmp_path, LIMITED)
    chat.say("Anna", "groei en franchise")
    assert is_open(chat, LIMITED)
    assert choices(chat, LIMITED) == []
    assert "groei" in chat.text.lower()
    assert "franchise" in chat.text.lower()
    chat.say("Anna", "franchise")
    assert choices(chat, LIMITED) == ["franchise"]


def test_multi_over_a_limit_is_not_closed_in_a_group(tmp_path: Path) -> None:
    """multi: a union over a limit is not closed: the coach asks which; `3 weg` mends it."""
    chat = team(tmp_path, LIMITED)
    number = chat.asked
    chat.say("Anna", "groei", to=number)
    chat.say("Bas", "configuratie", to=number)
    chat.sign("Cem", "✅", number)
    assert is_open(chat, LIMITED)
    assert choices(chat, LIMITED) == []
    assert len(chat.says()) == 1
    chat.say("Cem", "3 weg", to=number)
    chat.sign("Cem", "✅", number)
    assert choices(chat, LIMITED) == ["groei"]


@pytest.mark.parametrize("message", ["institutionaliseren", "groei, institutionaliseren", "4, 2", "3"])
def test_multi_within_the_limit_is_closed(tmp_path: Path, message: str) -> None:
    """strategie.keuze: at most one of the first three (institutionaliseren alone or with one of them)."""
    chat = one(tmp_path, "strategie.keuze")
    chat.say("Anna", message)
    assert chat.state("strategie.keuze") == "answered"


@pytest.mark.parametrize("message", ["anders: een busje", "Anders: een busje", "anders : een busje"])
def test_multi_other_stores_the_word_and_the_text(tmp_path: Path, message: str) -> None:
    """multi: `anders: tekst` stores `anders` and the text as an item."""
    chat = one(tmp_path, OTHER)
    chat.say("Anna", message)
    assert choices(chat, OTHER) == ["anders"]
    assert chat.texts_of(OTHER) == ["een busje"]


def test_multi_other_beside_words(tmp_path: Path) -> None:
    """multi: `anders: tekst` stores `anders` and the text as an item, beside other words."""
    chat = one(tmp_path, OTHER)
    chat.say("Anna", "geld, anders: een busje, elke dag")
    assert choices(chat, OTHER) == ["geld", "anders"]
    assert chat.texts_of(OTHER) == ["een busje, elke dag"]


def test_multi_other_of_two_people(tmp_path: Path) -> None:
    """multi: `anders: tekst` of each member is an item; a new one replaces the member's own."""
    chat = team(tmp_path, OTHER)
    number = chat.asked
    chat.say("Anna", "anders: een busje", to=number)
    chat.say("Bas", "anders: een gratis zaal", to=number)
    chat.say("Anna", "anders: een bestelbus", to=number)
    chat.sign("Cem", "✅", number)
    assert choices(chat, OTHER) == ["anders"]
    assert sorted(chat.texts_of(OTHER)) == ["een bestelbus", "een gratis zaal"]


def test_multi_a_new_choice_without_other_takes_its_text_away(tmp_path: Path) -> None:
    """multi: a member's new choice replaces their own, the text behind `anders` too."""
    chat = team(tmp_path, OTHER)
    number = chat.asked
    chat.say("Anna", "anders: een busje", to=number)
    chat.say("Anna", "geld", to=number)
    chat.sign("Cem", "✅", number)
    assert choices(chat, OTHER) == ["geld"]
    assert chat.texts_of(OTHER) == []


def test_somebody_elses_choice_stays_when_a_member_chooses_anew(tmp_path: Path) -> None:
    """multi: a member's new choice replaces their own, and nobody else's."""
    chat = team(tmp_path, MULTI)
    number = chat.asked
    chat.say("Anna", "in", to=number)
    chat.say("Bas", "in", to=number)
    chat.say("Anna", "uit", to=number)
    chat.sign("Cem", "✅", number)
    assert choices(chat, MULTI) == ["in", "uit"]


def test_other_without_text_asks_for_it(tmp_path: Path) -> None:
    """multi: `anders: tekst`: the bare word says nothing, so it is asked for, and nothing is noted."""
    chat = one(tmp_path, OTHER)
    chat.say("Anna", "anders")
    assert [say.kind for say in chat.says()] == ["help"]
    assert (chat.state(OTHER), choices(chat, OTHER)) == ("open", [])


def test_removing_other_takes_its_text_away(tmp_path: Path) -> None:
    """multi: `zonder anders` removes the choice whoever made it, and the text that hangs on it."""
    chat = team(tmp_path, OTHER)
    number = chat.asked
    chat.say("Anna", "geld, anders: een busje", to=number)
    chat.say("Bas", "zonder anders", to=number)
    chat.sign("Cem", "✅", number)
    assert choices(chat, OTHER) == ["geld"]
    assert chat.texts_of(OTHER) == []


@pytest.mark.parametrize("word", ["!verder", "✅"])
def test_a_group_that_chose_nothing_leaves_it_open(tmp_path: Path, word: str) -> None:
    """`!verder` without an answer leaves the step open and goes on."""
    chat = team(tmp_path, MULTI)
    if word == "✅":
        chat.sign("Anna", word, chat.asked)
    else:
        chat.say("Anna", word)
    assert chat.state(MULTI) == "open"
    assert not is_open(chat, MULTI)


def test_a_choice_removed_altogether_leaves_it_open(tmp_path: Path) -> None:
    """multi: what was chosen and removed again is no answer."""
    chat = team(tmp_path, MULTI)
    number = chat.asked
    chat.say("Anna", "op", to=number)
    chat.say("Bas", "zonder op", to=number)
    chat.sign("Cem", "✅", number)
    assert (chat.state(MULTI), choices(chat, MULTI)) == ("open", [])


def test_an_over_full_choice_is_not_lost_on_leaving(tmp_path: Path) -> None:
    """multi: a union over a limit is not closed, also when the team goes elsewhere: the members' choices stay."""
    chat = team(tmp_path, LIMITED)
    number = chat.asked
    chat.say("Anna", "groei", to=number)
    chat.say("Bas", "franchise", to=number)
    chat.say("Cem", "!ga routes")
    assert choices(chat, LIMITED) == []
    chat.say("Cem", f"!ga {LIMITED}")
    chat.say("Cem", "zonder groei", to=chat.asked)
    chat.sign("Cem", "✅", chat.asked)
    assert choices(chat, LIMITED) == ["franchise"]


@pytest.mark.parametrize("who", TEAM)
def test_anybody_may_close_it(tmp_path: Path, who: str) -> None:
    """Not every member needs to tap: anybody may."""
    chat = team(tmp_path, MULTI)
    chat.say("Anna", "in", to=chat.asked)
    chat.sign(who, "✅", chat.asked)
    assert choices(chat, MULTI) == ["in"]
