"""rules.md, "Taking an answer, by kind": removal by the author or a moderator: the item goes; nothing of it stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.answer_rooms import ROWS, choices, discussed, is_open, one, settled, status, stored, team, vote

TEXT, ACTIONS, MULTI, PERIOD = "impact.noodzaak", "strategie.acties", "routes.keuze", "pilot.periode"
STATUS, APPLIES, GRID, RHYTHM = "impact.status", "valkuilen.scope.geldt", "ingredienten.oordeel", "pilot.ritme"
STATEMENT, OTHER = "impact.statement", "valkuilen.omstandigheden.welke"


@pytest.mark.parametrize("later", [False, True])
def test_the_item_goes(tmp_path: Path, later: bool) -> None:
    """Removal by the author: the item goes, also later; nothing of its text stays."""
    chat = one(tmp_path, TEXT)
    chat.say("Anna", "geheimzinnig woord")
    event = chat.event
    if later:
        chat.say("Anna", "!verder")
    chat.redact("Anna", event)
    assert (chat.state(TEXT), chat.texts_of(TEXT)) == ("open", [])
    assert "geheimzinnig" not in stored(chat)


def test_a_left_question_no_longer_shows_it(tmp_path: Path) -> None:
    """When an item of a left question goes, that question's message is edited again in the same turn."""
    chat = team(tmp_path, TEXT)
    number = chat.asked
    chat.say("Bas", "geheimzinnig woord", to=number)
    event = chat.event
    chat.say("Cem", "gewoon woord", to=number)
    chat.sign("Anna", "✅", number)
    after = chat.position
    chat.redact("Bas", event)
    (edit,) = chat.edits()
    assert edit.number == number
    assert "geheimzinnig" not in edit.text
    assert "gewoon" in edit.text
    assert chat.says() == []
    assert chat.position == after


@pytest.mark.parametrize(("who", "goes"), [("Anna", True), ("Bas", True), ("Cem", False)])
def test_the_author_or_a_moderator(tmp_path: Path, who: str, goes: bool) -> None:
    """Removal by the author or a moderator: the item goes (Anna wrote it, Bas is a moderator); nobody else's."""
    chat = team(tmp_path, TEXT, moderators=("Bas",))
    chat.say("Anna", "van Anna", to=chat.asked)
    chat.redact(who, chat.event)
    assert chat.texts_of(TEXT) == ([] if goes else ["van Anna"])


def test_all_items_of_a_message_go(tmp_path: Path) -> None:
    """Removal: the items of that message go, others stay."""
    chat = one(tmp_path, TEXT)
    chat.say("Anna", "eerder")
    chat.say("Anna", "- een\n- twee")
    chat.redact("Anna", chat.event)
    assert chat.texts_of(TEXT) == ["eerder"]


def test_actions_of_a_message_go(tmp_path: Path) -> None:
    """Removal: actions go too, and their numbers are not given again."""
    chat = one(tmp_path, ACTIONS)
    chat.say("Anna", "memo schrijven")
    chat.redact("Anna", chat.event)
    assert chat.export["actions"] == []
    assert chat.state(ACTIONS) == "open"
    chat.say("Anna", "zaal huren")
    assert [one["number"] for one in chat.export["actions"]] == [2]


@pytest.mark.parametrize("command", ["!actie geheimzinnig memo", "!antwoord geheimzinnig memo"])
def test_what_a_command_kept_goes(tmp_path: Path, command: str) -> None:
    """Removal by the author: what an `!actie` or `!antwoord` said goes."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", command)
    chat.redact("Bas", chat.event)
    assert chat.export["actions"] == []
    assert chat.texts_of(TEXT) == []
    assert "geheimzinnig" not in stored(chat)


def test_an_action_found_out_goes(tmp_path: Path) -> None:
    """Removal: an action that was the reply to an offer goes with its message."""
    chat = one(tmp_path, TEXT)
    chat.say("Anna", "!weetniet")
    chat.say("Anna", "nulmeting doen @Anna")
    chat.redact("Anna", chat.event)
    assert chat.export["actions"] == []
    assert chat.state(TEXT) == "unknown"


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (PERIOD, "vanaf mei 2027"),
        (RHYTHM, "elke maand"),
        (MULTI, "in, op"),
        (STATUS, "deels"),
        (APPLIES, "ja"),
        (STATEMENT, "Wij helpen."),
        (GRID, "v v v v v v v v"),
        (OTHER, "anders: een busje"),
    ],
)
def test_alone_every_kind_is_open_again(tmp_path: Path, step: str, text: str) -> None:
    """Removal by the author: the answer goes, of every kind, and its question's message shows it."""
    chat = one(tmp_path, step)
    number = chat.asked
    before = chat.export
    chat.say("Anna", text)
    event = chat.event
    assert chat.state(step) == "answered"
    chat.redact("Anna", event)
    after = chat.export
    assert after["steps"][step] == before["steps"][step]
    assert {row: after["steps"][row] for row in ROWS} == {row: before["steps"][row] for row in ROWS}
    assert after["pilot"] == before["pilot"]
    assert number in [edit.number for edit in chat.edits()]
    assert event not in [item.event for item in chat.snapshot.item.values()]


def test_a_choice_goes_from_the_union(tmp_path: Path) -> None:
    """Removal: a member's choice goes, before and after closing; the others' stay."""
    chat = team(tmp_path, MULTI)
    number = chat.asked
    chat.say("Anna", "in", to=number)
    first = chat.event
    chat.say("Bas", "op", to=number)
    second = chat.event
    chat.say("Cem", "diep", to=number)
    chat.redact("Anna", first)
    chat.sign("Cem", "✅", number)
    assert choices(chat, MULTI) == ["op", "diep"]
    chat.redact("Bas", second)
    assert choices(chat, MULTI) == ["diep"]


def test_the_last_choice_gone_opens_the_step(tmp_path: Path) -> None:
    """Removal: with no choice left the step is open again."""
    chat = team(tmp_path, MULTI)
    number = chat.asked
    chat.say("Anna", "in", to=number)
    event = chat.event
    chat.sign("Cem", "✅", number)
    chat.redact("Anna", event)
    assert (chat.state(MULTI), choices(chat, MULTI)) == ("open", [])


def test_a_vote_goes_while_it_is_open(tmp_path: Path) -> None:
    """Removal: a vote goes with its message, and the question shows it."""
    chat = team(tmp_path, STATUS)
    number = chat.asked
    vote(chat, Anna="deels", Bas="voldoende")
    chat.redact("Bas", chat.event)
    assert [one.member for one in chat.view.votes(STATUS)] == ["Anna"]
    assert [edit.number for edit in chat.edits()] == [number]
    assert "1 stem" in chat.edits()[0].text


def test_a_grid_goes_while_it_is_open(tmp_path: Path) -> None:
    """Removal: a member's grid goes with its message."""
    chat = team(tmp_path, GRID)
    vote(chat, Anna="v v v v v v v v", Bas="o o o o o o o o")
    chat.redact("Bas", chat.event)
    assert {one.member for row in ROWS for one in chat.view.votes(row)} == {"Anna"}


def test_a_settled_outcome_stays(tmp_path: Path) -> None:
    """Removal after settling: the vote is gone already; the outcome is the team's and stays."""
    chat = team(tmp_path, STATUS)
    chat.say("Bas", "deels", to=chat.asked)
    event = chat.event
    vote(chat, Anna="deels", Cem="deels")
    chat.sign("Anna", "✅", chat.asked)
    chat.redact("Bas", event)
    assert status(chat, STATUS) == "deels"


def test_a_view_goes_before_it_is_stored(tmp_path: Path) -> None:
    """Removal: a view goes, and is no item later."""
    chat = team(tmp_path, STATUS)
    vote(chat, Anna="v", Bas="v", Cem="o")
    chat.say("Cem", "geheimzinnig gemis", to=chat.asked)
    event = chat.event
    assert discussed(chat)
    chat.sign("Bas", "✅", chat.asked)
    chat.redact("Cem", event)
    assert settled(chat)
    chat.say("Cem", "niet eens", to=chat.asked)
    assert chat.texts_of(STATUS) == []
    assert "geheimzinnig" not in stored(chat)


def test_a_view_goes_after_it_was_stored(tmp_path: Path) -> None:
    """Removal: a view that became an item goes; the outcome stays."""
    chat = team(tmp_path, STATUS)
    vote(chat, Anna="v", Bas="v", Cem="o")
    chat.say("Cem", "geheimzinnig gemis", to=chat.asked)
    event = chat.event
    chat.sign("Bas", "✅", chat.asked)
    chat.say("Cem", "niet eens", to=chat.asked)
    chat.redact("Cem", event)
    assert chat.texts_of(STATUS) == []
    assert status(chat, STATUS) == "voldoende"
    assert "geheimzinnig" not in stored(chat)


def test_own_words_that_wait_go(tmp_path: Path) -> None:
    """Removal: own words that wait for ✅ go; nothing is noted then, and nothing stays."""
    chat = team(tmp_path, STATEMENT)
    chat.say("Bas", "geheimzinnig zinnetje", to=chat.asked)
    chat.redact("Bas", chat.event)
    chat.sign("Cem", "✅", chat.asked)
    assert (chat.state(STATEMENT), chat.texts_of(STATEMENT)) == ("open", [])
    assert "geheimzinnig" not in stored(chat)


def test_the_words_before_them_count_again(tmp_path: Path) -> None:
    """statement: the latest counts: of those that are still there."""
    chat = team(tmp_path, STATEMENT)
    number = chat.asked
    chat.say("Anna", "Wij helpen gezinnen.", to=number)
    chat.say("Bas", "Toch anders.", to=number)
    chat.redact("Bas", chat.event)
    chat.sign("Cem", "✅", number)
    assert "Toch anders." not in chat.texts_of(STATEMENT)


def test_what_was_taken_back_and_is_removed_is_gone(tmp_path: Path) -> None:
    """Removal of a message with ❌ on it: its item goes at once, and taking ❌ off restores nothing."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "geheimzinnig woord", to=chat.asked)
    event = chat.event
    chat.sign("Anna", "❌", event)
    chat.redact("Bas", event)
    assert "geheimzinnig" not in stored(chat)
    chat.sign("Anna", "❌", event, removed=True)
    assert chat.texts_of(TEXT) == []


def test_removing_what_was_never_taken_leads_to_nothing(tmp_path: Path) -> None:
    """A reaction, edit or removal that meets a message the coach doesn't know leads to nothing."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "zomaar wat")
    chat.redact("Bas", chat.event)
    assert chat.last == []


def test_a_removal_twice_is_one(tmp_path: Path) -> None:
    """Removal: the item goes once; a second removal of it leads to nothing."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "een woord", to=chat.asked)
    event = chat.event
    chat.redact("Bas", event)
    chat.redact("Bas", event)
    assert chat.last == []
    assert is_open(chat, TEXT)


def test_a_message_asked_about_goes(tmp_path: Path) -> None:
    """Removal: a message of which the coach asks "Is dit jullie antwoord?" is no answer any more, whatever is said."""
    chat = one(tmp_path, TEXT)
    chat.say("Anna", "!pauze")
    chat.say("Anna", "geheimzinnig woord")
    event = chat.event
    number = chat.says()[0].number
    chat.redact("Anna", event)
    assert "geheimzinnig" not in stored(chat)
    chat.sign("Anna", "✅", number)
    assert chat.texts_of(TEXT) == []


def test_an_action_that_was_handed_over_goes(tmp_path: Path) -> None:
    """Removal by the author: the action goes, whatever was done with it since."""
    chat = team(tmp_path, TEXT)
    chat.say("Bas", "!actie memo schrijven @Bas")
    event = chat.event
    chat.say("Anna", "!overdragen 1 @Cem")
    chat.say("Anna", "!gedaan 1")
    chat.redact("Bas", event)
    assert chat.export["actions"] == []
