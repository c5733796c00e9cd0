"""rules.md, "Taking an answer, by kind": going on, skipping, not knowing, ✅, and what a question shows that was
left.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chat import Chat
from tests.flows.answer_rooms import TEAM, at, is_open, one, status, team

TEXT, ACTIONS, MULTI, PERIOD = "impact.noodzaak", "strategie.acties", "routes.keuze", "pilot.periode"
STATUS, APPLIES, GRID, RHYTHM = "impact.status", "valkuilen.scope.geldt", "ingredienten.oordeel", "pilot.ritme"
STATEMENT = "impact.statement"
ALL = (TEXT, ACTIONS, MULTI, PERIOD, STATUS, APPLIES, GRID, STATEMENT, RHYTHM)


# !verder, !overslaan, !weetniet -------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [step for step in ALL if step != RHYTHM])
@pytest.mark.parametrize("people", [("Anna",), TEAM])
def test_verder_without_an_answer_leaves_the_step_open(tmp_path: Path, step: str, people: tuple[str, ...]) -> None:
    """`!verder` without an answer leaves the step open and goes on."""
    chat = team(tmp_path, step, people=people)
    chat.say("Anna", "!verder")
    assert chat.state(step) == "open"
    assert not is_open(chat, step)
    assert len(chat.says()) == 1


@pytest.mark.parametrize("step", ALL)
@pytest.mark.parametrize("people", [("Anna",), TEAM])
def test_overslaan_makes_it_skipped(tmp_path: Path, step: str, people: tuple[str, ...]) -> None:
    """`!overslaan` makes it skipped."""
    chat = team(tmp_path, step, people=people)
    chat.say("Anna", "!overslaan")
    assert chat.state(step) == "skipped"
    assert not is_open(chat, step)


@pytest.mark.parametrize("step", ALL)
@pytest.mark.parametrize("say", ["!weetniet", "weet ik niet", "geen idee."])
def test_weetniet_alone_makes_it_unknown_with_an_offer(tmp_path: Path, step: str, say: str) -> None:
    """`!weetniet` makes it unknown, with an offer of an action to find out."""
    chat = one(tmp_path, step)
    chat.say("Anna", say)
    assert chat.state(step) == "unknown"
    assert not is_open(chat, step)
    assert [(message.kind, message.step) for message in chat.says()] == [("nudge", step)]


@pytest.mark.parametrize("step", [TEXT, ACTIONS, MULTI, PERIOD, STATEMENT, RHYTHM])
def test_weetniet_in_a_group_makes_it_unknown_with_an_offer(tmp_path: Path, step: str) -> None:
    """`!weetniet` makes it unknown, with an offer of an action to find out."""
    chat = team(tmp_path, step)
    chat.say("Bas", "!weetniet")
    assert chat.state(step) == "unknown"
    assert [(message.kind, message.step) for message in chat.says()] == [("nudge", step)]


@pytest.mark.parametrize("step", [STATUS, APPLIES])
def test_weetniet_at_a_status_is_onbekend(tmp_path: Path, step: str) -> None:
    """`!weetniet` makes it unknown (status and applies: *onbekend*)."""
    chat = one(tmp_path, step)
    chat.say("Anna", "!weetniet")
    assert (chat.state(step), status(chat, step)) == ("unknown", "onbekend")


@pytest.mark.parametrize("step", [STATUS, APPLIES])
@pytest.mark.parametrize("people", [("Anna",), TEAM])
def test_a_vote_settled_on_onbekend_is_unknown(tmp_path: Path, step: str, people: tuple[str, ...]) -> None:
    """A vote settled on onbekend is unknown."""
    chat = team(tmp_path, step, people=people)
    number = chat.asked
    for who in people:
        chat.say(who, "?", to=number)
    if len(people) > 1:
        chat.sign("Anna", "✅", chat.asked)
    assert (chat.state(step), status(chat, step)) == ("unknown", "onbekend")


def test_the_offer_takes_an_action(tmp_path: Path) -> None:
    """`!weetniet`: an offer of an action to find out; the reply is that action, and the walk goes on."""
    chat = one(tmp_path, TEXT)
    chat.say("Anna", "!weetniet")
    chat.say("Anna", "nulmeting doen @Anna 15 januari 2027")
    (action,) = chat.export["actions"]
    assert (action["text"], action["owner"], action["due"]) == ("nulmeting doen", "Anna", "2027-01-15")
    assert action["step"] == "impact.acties"
    assert chat.state(TEXT) == "unknown"
    assert [message.kind for message in chat.says()] == ["question"]


@pytest.mark.parametrize("word", ["✅", "verder", "nee"])
def test_the_offer_can_be_passed(tmp_path: Path, word: str) -> None:
    """`!weetniet`: an offer; passing it makes no action."""
    chat = one(tmp_path, TEXT)
    chat.say("Anna", "!weetniet")
    if word == "✅":
        chat.sign("Anna", word, chat.says()[0].number)
    else:
        chat.say("Anna", word)
    assert chat.export["actions"] == []
    assert [message.kind for message in chat.says()] == ["question"]


@pytest.mark.parametrize("step", [STATUS, APPLIES])
def test_weetniet_in_a_group_is_that_members_vote(tmp_path: Path, step: str) -> None:
    """In a group `!weetniet` at a vote is that member's vote."""
    chat = team(tmp_path, step)
    chat.say("Bas", "!weetniet")
    assert is_open(chat, step)
    assert [(vote.member, vote.word) for vote in chat.view.votes(step)] == [("Bas", "onbekend")]
    number = chat.asked
    chat.say("Anna", "deels", to=number)
    chat.say("Cem", "?", to=number)
    chat.sign("Anna", "✅", chat.asked)
    assert status(chat, step) == "deels"


def test_an_answer_takes_the_place_of_not_knowing(tmp_path: Path) -> None:
    """A reply to a question that was left as unknown is added there: it is answered then."""
    chat = one(tmp_path, TEXT)
    number = chat.asked
    chat.say("Anna", "!weetniet")
    chat.say("Anna", "toch: wachttijden", to=number)
    assert (chat.state(TEXT), chat.texts_of(TEXT)) == ("answered", ["toch: wachttijden"])


def _give(chat: Chat, step: str) -> None:
    """Something that stands at the step: an item, an action, a choice, or a member's own words."""
    said = {TEXT: "wachttijden", ACTIONS: "memo schrijven", MULTI: "in", STATEMENT: "Wij helpen eerder."}[step]
    chat.say("Bas", said, to=chat.asked)


@pytest.mark.parametrize("step", [TEXT, ACTIONS, MULTI, STATEMENT])
@pytest.mark.parametrize("command", ["!weetniet", "!overslaan"])
def test_weetniet_and_overslaan_remove_nothing(tmp_path: Path, step: str, command: str) -> None:
    """On a step that has items or choices `!weetniet` and `!overslaan` remove nothing: it stays answered and they
    act as `!verder`.
    """
    chat = team(tmp_path, step)
    _give(chat, step)
    chat.say("Anna", command)
    found = chat.export["steps"][step]
    assert found["state"] == "answered"
    assert found["items"] or found["choices"] or chat.export["actions"]
    assert not is_open(chat, step)


@pytest.mark.parametrize("step", [TEXT, ACTIONS])
@pytest.mark.parametrize("command", ["!weetniet", "!overslaan"])
def test_weetniet_on_an_answered_step_offers_nothing(tmp_path: Path, step: str, command: str) -> None:
    """On a step that has items they act as `!verder`: no offer to find out."""
    chat = one(tmp_path, step)
    _give_alone = {TEXT: "wachttijden", ACTIONS: "memo schrijven"}[step]
    chat.say("Anna", _give_alone)
    chat.say("Anna", command)
    assert all("zoekt" not in message.text for message in chat.says())
    assert f"unknown:{step}" not in chat.snapshot.once


@pytest.mark.parametrize("command", ["!weetniet", "!overslaan"])
def test_a_closed_choice_asked_again_stays(tmp_path: Path, command: str) -> None:
    """On a step that has choices `!weetniet` and `!overslaan` remove nothing, also when it is asked again."""
    chat = one(tmp_path, MULTI)
    chat.say("Anna", "in, op")
    at(chat, MULTI)
    chat.say("Anna", command)
    assert chat.export["steps"][MULTI]["choices"] == ["in", "op"]
    assert chat.state(MULTI) == "answered"


# ✅ ------------------------------------------------------------------------------------------------------------------


def test_two_taps_make_one_step(tmp_path: Path) -> None:
    """✅ works only on the message whose question is still open; on an older one nothing happens, so two taps make
    one step.
    """
    chat = team(tmp_path, TEXT)
    number = chat.asked
    chat.sign("Anna", "✅", number)
    after = chat.position
    assert after != TEXT
    chat.sign("Bas", "✅", number)
    assert chat.last == []
    assert chat.position == after


@pytest.mark.parametrize("key", ["✅", "👍", "👍🏽", "✅️"])
def test_a_tap_in_any_form(tmp_path: Path, key: str) -> None:
    """👍 is ✅, in any skin tone."""
    chat = team(tmp_path, TEXT)
    chat.sign("Cem", key, chat.asked)
    assert chat.position != TEXT


def test_a_tap_on_an_older_question_does_nothing(tmp_path: Path) -> None:
    """✅ on an older one: nothing happens, also when that step was answered and is asked anew later."""
    chat = team(tmp_path, TEXT)
    old = chat.asked
    chat.sign("Anna", "✅", old)
    at(chat, "routes.rol")
    at(chat, TEXT)
    chat.sign("Anna", "✅", old)
    assert chat.last == []
    assert is_open(chat, TEXT)


@pytest.mark.parametrize("who", TEAM)
def test_anybody_may_tap(tmp_path: Path, who: str) -> None:
    """Not every member needs to tap: anybody may."""
    chat = team(tmp_path, TEXT)
    chat.sign(who, "✅", chat.asked)
    assert not is_open(chat, TEXT)


def test_a_tap_on_the_question_does_nothing_while_a_prompt_stands(tmp_path: Path) -> None:
    """✅ works only on the message whose question or prompt is still open."""
    chat = team(tmp_path, TEXT)
    number = chat.asked
    chat.say("Anna", "!weetniet")
    offer = chat.says()[0].number
    chat.sign("Bas", "✅", number)
    assert chat.last == []
    chat.sign("Bas", "✅", offer)
    assert [message.kind for message in chat.says()] == ["question"]
    chat.sign("Cem", "✅", offer)
    assert chat.last == []


def test_a_tap_on_what_asks_nothing_does_nothing(tmp_path: Path) -> None:
    """✅ works only on the message whose question or prompt is still open: not on help or an overview."""
    chat = team(tmp_path, TEXT)
    chat.say("Anna", "!uitleg")
    chat.sign("Anna", "✅", chat.says()[0].number)
    assert chat.last == []
    chat.say("Anna", "!overzicht")
    chat.sign("Anna", "✅", chat.says()[0].number)
    assert chat.last == []
    assert is_open(chat, TEXT)


def test_ok_as_a_reply_to_an_older_question_moves_nothing(tmp_path: Path) -> None:
    """`ok` = ✅, which works only on what is still open; and nothing addressed to the coach goes unanswered."""
    chat = team(tmp_path, TEXT)
    number = chat.asked
    chat.sign("Anna", "✅", number)
    after = chat.position
    chat.say("Bas", "ok", to=number)
    assert chat.position == after
    assert chat.texts_of(TEXT) == []
    assert len(chat.says()) == 1


# What a left question shows -----------------------------------------------------------------------------------------


def test_a_left_question_shows_what_was_noted(tmp_path: Path) -> None:
    """When a question is left, the coach edits that question's message: what was noted stands under it; the next
    question is a new message of its own.
    """
    chat = team(tmp_path, TEXT)
    number = chat.asked
    chat.say("Bas", "te veel meldingen", to=number)
    chat.sign("Anna", "✅", number)
    (edit,) = chat.edits()
    assert (edit.number, edit.kind, edit.step) == (number, "question", TEXT)
    assert "te veel meldingen" in edit.text
    (say,) = chat.says()
    assert (say.kind, say.step) == ("question", chat.position)
    assert say.number > number
    assert "te veel meldingen" not in say.text


def test_a_left_question_cuts_its_items(tmp_path: Path) -> None:
    """Each item cut at 80 characters."""
    chat = one(tmp_path, TEXT)
    number = chat.asked
    chat.say("Anna", "x" * 80)
    chat.say("Anna", "y" * 81)
    chat.say("Anna", "!verder")
    (edit,) = chat.edits()
    assert edit.number == number
    assert "x" * 80 in edit.text
    assert "y" * 79 in edit.text
    assert "y" * 80 not in edit.text
    assert chat.texts_of(TEXT)[1] == "y" * 81


@pytest.mark.parametrize(("count", "rest"), [(5, None), (6, 1), (8, 3)])
def test_a_left_question_shows_five_items_at_most(tmp_path: Path, count: int, rest: int | None) -> None:
    """Five at most, then "en nog 3"."""
    chat = one(tmp_path, TEXT)
    for place in range(1, count + 1):
        chat.say("Anna", f"punt{place}a")
    chat.say("Anna", "!verder")
    (edit,) = chat.edits()
    assert [place for place in range(1, count + 1) if f"punt{place}a" in edit.text] == [1, 2, 3, 4, 5]
    assert ("en nog" in edit.text) == (rest is not None)
    if rest is not None:
        assert f"en nog {rest}" in edit.text


@pytest.mark.parametrize("command", ["!verder", "!overslaan", "!weetniet"])
def test_a_question_left_empty_is_edited_too(tmp_path: Path, command: str) -> None:
    """When a question is left, the coach edits that question's message, whatever was noted."""
    chat = one(tmp_path, TEXT)
    number = chat.asked
    question = chat.says()[-1].text
    chat.say("Anna", command)
    (edit,) = chat.edits()
    assert edit.number == number
    assert edit.text != question


def test_a_question_left_by_ga_shows_what_was_noted(tmp_path: Path) -> None:
    """When a question is left, also by `!ga`, its message is edited."""
    chat = one(tmp_path, TEXT)
    number = chat.asked
    chat.say("Anna", "te veel meldingen")
    chat.say("Anna", "!ga routes")
    assert [(edit.number, "te veel meldingen" in edit.text) for edit in chat.edits()] == [(number, True)]


def test_a_late_reply_is_added_and_shown_in_the_same_turn(tmp_path: Path) -> None:
    """When an item of a left question changes, that question's message is edited again in the same turn; the
    position stays.
    """
    chat = team(tmp_path, TEXT)
    number = chat.asked
    chat.say("Anna", "te veel meldingen", to=number)
    chat.sign("Anna", "✅", number)
    after = chat.position
    chat.say("Cem", "en lange wachttijden", to=number)
    assert chat.texts_of(TEXT) == ["te veel meldingen", "en lange wachttijden"]
    assert [(edit.number, "lange wachttijden" in edit.text) for edit in chat.edits()] == [(number, True)]
    assert [mark.target for mark in chat.marks()] == [chat.event]
    assert chat.says() == []
    assert chat.position == after
