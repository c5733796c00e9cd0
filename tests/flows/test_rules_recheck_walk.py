"""Rules "Re-check", the walk through what was named: nothing of it is lost, whatever happens in the middle; and what
comes of silence. A room of one and a group of four."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.conversation.marks import AGREE, BACK, STATUS_SIGNS, TAKE
from tests.chat import Chat
from tests.flows.recheck_rooms import (
    FOUR,
    ONE,
    agree,
    answer,
    asked_for,
    asking,
    ended,
    go_on,
    kinds_of,
    rounds,
    steps_of,
    until,
    vote,
)

LOOK = "2027-01-04"
BOTH = pytest.mark.parametrize("people", [ONE, FOUR], ids=["one", "four"])


@pytest.fixture(params=[ONE, FOUR], ids=["one", "four"])
def chat(request: pytest.FixtureRequest, tmp_path: Path) -> Chat:
    """A room whose re-check was just asked."""
    folder = tmp_path / "room"
    folder.mkdir()
    return asked_for(ended(folder, request.param), LOOK)


@pytest.fixture
def four(tmp_path: Path) -> Chat:
    """The group, its re-check just asked."""
    return asked_for(ended(tmp_path, FOUR), LOOK)


def to_step(chat: Chat, step: str) -> None:
    """Go on in the re-check until a step stands open."""
    for _ in range(20):
        focus = chat.view.focus()
        if focus is not None and focus.id == step:
            return
        go_on(chat)
    raise AssertionError(f"{step} does not come")


def walked_out(chat: Chat) -> None:
    for _ in range(20):
        if chat.view.focus() is None:
            return
        go_on(chat)
    raise AssertionError("it does not end")


# On, skipped, not known ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["!verder", "!overslaan", "!weetniet"])
def test_every_step_can_be_left_by_command_and_the_round_is_made(text: str, chat: Chat) -> None:
    answer(chat, "impact")
    for _ in range(3):
        chat.say("Anna", text)
    focus = chat.view.focus()
    assert focus is not None
    assert focus.id == "impact.status"
    assert chat.texts_of("impact.impact") == ["kinderen groeien veilig op", "ouders vragen hulp"]
    if text != "!weetniet":
        chat.say("Anna", text)
        assert rounds(chat) == 2
        assert chat.export["rounds"][1]["statuses"]["impact"] == "deels"


def test_not_knowing_a_status_is_kept_in_the_round(chat: Chat) -> None:
    answer(chat, "impact")
    to_step(chat, "impact.status")
    if len(chat.people) == 1:
        chat.say("Anna", "!weetniet")
    else:
        vote(chat, "onbekend")
    assert chat.export["rounds"][1]["statuses"]["impact"] == "onbekend"


def test_skipping_a_status_keeps_what_stood(chat: Chat) -> None:
    answer(chat, "impact")
    to_step(chat, "impact.status")
    chat.say("Anna", "!overslaan")
    assert chat.export["rounds"][1]["statuses"]["impact"] == "deels"


def test_the_question_once_more_and_its_explanation_leave_it_open(chat: Chat) -> None:
    answer(chat, "impact")
    to_step(chat, "impact.impact")
    for text in ("!vraag", "!uitleg", "!voorbeeld", "!overzicht"):
        chat.say("Anna", text)
    focus = chat.view.focus()
    assert focus is not None
    assert focus.id == "impact.impact"
    chat.say("Anna", "!vraag")
    assert "1. kinderen groeien veilig op" in chat.text
    walked_out(chat)
    assert rounds(chat) == 2


# A pause, a change, elsewhere ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["!verder", "!start"])
def test_a_pause_in_the_middle_goes_on_where_it_was(text: str, chat: Chat) -> None:
    answer(chat, "impact")
    to_step(chat, "impact.impact")
    chat.say("Anna", "!pauze")
    assert chat.wait(days=30) == []
    chat.say("Anna", text)
    assert steps_of(chat.last) == ["impact.impact"]
    assert "Welkom terug" in chat.text
    walked_out(chat)
    assert rounds(chat) == 2


@pytest.mark.parametrize("step", ["impact.impact", "impact.status", "pilot.wijziging"])
def test_a_change_elsewhere_comes_back_to_the_step_that_was_looked_at(step: str, chat: Chat) -> None:
    answer(chat, "impact")
    to_step(chat, step)
    chat.say("Anna", "!wijzig pilot.naam")
    assert steps_of(chat.last) == ["pilot.naam"]
    answer(chat, "1: Belbus")
    go_on(chat)
    assert steps_of(chat.last) == [step]
    assert chat.texts_of("pilot.naam") == ["Belbus"]
    walked_out(chat)
    assert rounds(chat) == 2


def test_two_changes_after_each_other_come_back_too(chat: Chat) -> None:
    answer(chat, "impact")
    to_step(chat, "impact.impact")
    chat.say("Anna", "!wijzig pilot.naam")
    chat.say("Anna", "!wijzig impact.outcome")
    go_on(chat)
    assert steps_of(chat.last) == ["impact.impact"]


def test_a_change_of_the_very_step_asks_it_once(chat: Chat) -> None:
    answer(chat, "impact")
    to_step(chat, "impact.impact")
    chat.say("Anna", "!wijzig impact.impact")
    go_on(chat)
    assert steps_of(chat.last) == ["impact.status"]


def test_a_change_before_it_was_begun_leaves_it_asked(chat: Chat) -> None:
    chat.say("Anna", "!wijzig pilot.naam")
    go_on(chat)
    chat.say("Anna", "!vraag")
    assert kinds_of(chat.last) == ["recheck"]
    agree(chat)
    assert rounds(chat) == 2


def test_a_change_that_stands_open_when_it_is_asked_loses_neither(tmp_path: Path) -> None:
    chat = ended(tmp_path, FOUR)
    chat.say("Anna", "!wijzig pilot.naam")
    asked_for(chat, LOOK)
    chat.say("Bas", "impact", to=asking(chat).number)
    assert steps_of(chat.last) == ["pilot.wijziging"]
    walked_out(chat)
    assert rounds(chat) == 2
    assert chat.view.detour() is None


def test_a_change_out_of_a_change_leaves_a_look_asked_that_came_between(tmp_path: Path) -> None:
    chat = ended(tmp_path, FOUR)
    chat.say("Anna", "!wijzig pilot.naam")
    asked_for(chat, LOOK)
    number = asking(chat).number
    chat.say("Anna", "!wijzig impact.outcome")
    chat.sign("Bas", AGREE, number)
    assert rounds(chat) == 2


@pytest.mark.parametrize("text", ["!ga routes", "!vorige", "!ga impact.outcome"])
def test_going_elsewhere_abandons_it_and_makes_no_round(text: str, chat: Chat) -> None:
    answer(chat, "impact")
    to_step(chat, "impact.impact")
    chat.say("Anna", text)
    assert len(steps_of(chat.last)) == 1
    assert not chat.view.is_recheck()
    assert rounds(chat) == 1
    assert until(chat, "2027-01-08") == []
    asked_for(chat, "2027-01-11")  # and not on the next morning
    agree(chat)
    assert rounds(chat) == 2


def test_one_by_hand_that_is_abandoned_leaves_the_rhythm_alone(tmp_path: Path) -> None:
    chat = ended(tmp_path)
    chat.say("Anna", "!hercheck impact")
    chat.say("Anna", "!ga routes")
    assert [prompt.kind for prompt in chat.snapshot.prompts()] == []
    assert until(chat, "2027-01-03") == []
    asked_for(chat, LOOK)


@BOTH
def test_a_question_beneath_it_stands_open_afterwards(people: tuple[str, ...], tmp_path: Path) -> None:
    chat = ended(tmp_path, people)
    chat.say("Anna", "!ga impact.outcome")
    answer(chat, "eerder hulp")
    asked_for(chat, LOOK)
    answer(chat, "routes")
    to_step(chat, "routes.status")
    go_on(chat)
    assert "Ronde 2" in chat.text
    assert steps_of(chat.last) == ["impact.outcome"]
    answer(chat, "minder verwijzen")
    assert chat.texts_of("impact.outcome") == ["eerder hulp", "minder verwijzen"]


def test_in_a_group_the_question_beneath_it_can_be_tapped_meanwhile(tmp_path: Path) -> None:
    chat = ended(tmp_path, FOUR)
    chat.say("Anna", "!ga impact.outcome")
    question = asking(chat).number
    asked_for(chat, LOOK)
    look = asking(chat).number
    chat.say("Bas", "eerder hulp", to=question)
    chat.sign("Anna", AGREE, question)
    assert chat.texts_of("impact.outcome") == ["eerder hulp"]
    assert chat.position != "impact.outcome"
    chat.sign("Anna", AGREE, look)
    assert rounds(chat) == 2


# Votes and the grid in a group --------------------------------------------------------------------------------------


def test_a_status_that_members_differ_on_goes_through_spread_and_settle(four: Chat) -> None:
    answer(four, "impact")
    to_step(four, "impact.status")
    number = asking(four).number
    for who, word in zip(FOUR, ("voldoende", "voldoende", "onvoldoende", "deels"), strict=True):
        four.sign(who, STATUS_SIGNS[word], number)
    assert "De meningen verschillen" in four.says()[0].text
    assert rounds(four) == 1
    four.say("Çelik", "we bereiken nog niemand", to=asking(four).number)
    four.sign("Anna", AGREE, asking(four).number)
    assert "ik noteer **voldoende**" in four.text
    four.say("Çelik", "niet eens", to=asking(four).number)
    assert rounds(four) == 2
    step = four.export["steps"]["impact.status"]
    assert (step["status"], step["disagreed"]) == ("voldoende", True)
    assert [item["text"] for item in step["items"]] == ["we bereiken nog niemand"]
    assert four.export["rounds"][1]["statuses"]["impact"] == "voldoende"


def test_a_grid_that_members_differ_on_asks_those_rows_before_the_round(four: Chat) -> None:
    answer(four, "ingrediënten")
    to_step(four, "ingredienten.oordeel")
    number = asking(four).number
    for who in FOUR:
        four.say(who, f"v v {'v' if who == 'Bas' else 'o'} v v v v v", to=number)
    assert "governance" in four.says()[-1].text
    agree(four)
    assert steps_of(four.last) == ["ingredienten.governance.status"]
    assert rounds(four) == 1
    vote(four, "deels")
    assert steps_of(four.last) == ["ingredienten.status"]
    vote(four, "deels")
    statuses = four.export["rounds"][1]["statuses"]
    assert statuses["ingredienten.governance.status"] == "deels"
    assert statuses["ingredienten.waarde.status"] == "voldoende"
    assert statuses["ingredienten"] == "deels"


def test_a_row_that_nobody_votes_on_does_not_come_back_for_ever(four: Chat) -> None:
    answer(four, "ingrediënten")
    to_step(four, "ingredienten.oordeel")
    for who in FOUR:
        four.say(who, f"v v {'v' if who == 'Bas' else 'o'} v v v v v", to=asking(four).number)
    agree(four)
    go_on(four)
    assert steps_of(four.last) == ["ingredienten.status"]
    go_on(four)
    assert rounds(four) == 2


def test_a_grid_in_a_room_of_one(tmp_path: Path) -> None:
    chat = asked_for(ended(tmp_path), LOOK)
    chat.say("Anna", "ingredienten")
    to_step(chat, "ingredienten.oordeel")
    chat.say("Anna", "v v d v v v v ?")
    assert steps_of(chat.last) == ["ingredienten.status"]
    chat.say("Anna", "ok")
    assert rounds(chat) == 2
    assert chat.export["rounds"][1]["statuses"]["ingredienten"] == "deels"


def test_old_votes_do_not_count(four: Chat) -> None:
    answer(four, "impact")
    to_step(four, "impact.status")
    assert "stem" not in asking(four).text.split("Tik")[0]
    four.sign("Bas", STATUS_SIGNS["voldoende"], asking(four).number)
    four.sign("Anna", AGREE, asking(four).number)
    assert "voldoende** (1 stem)" in four.text


# Edits, removals, marks ---------------------------------------------------------------------------------------------


def test_what_was_said_in_it_can_be_edited_and_removed_during_and_after(chat: Chat) -> None:
    answer(chat, "impact")
    answer(chat, "twee scholen erbij")
    first, who = chat.event, "Bas" if len(chat.people) > 1 else "Anna"
    chat.edit(who, first, "drie scholen erbij")
    assert chat.texts_of("pilot.wijziging") == ["drie scholen erbij"]
    walked_out(chat)
    assert rounds(chat) == 2
    chat.edit(who, first, "vier scholen erbij")
    assert chat.texts_of("pilot.wijziging") == ["vier scholen erbij"]
    chat.sign(who, BACK, first)
    assert chat.texts_of("pilot.wijziging") == []
    chat.sign(who, BACK, first, removed=True)
    assert chat.texts_of("pilot.wijziging") == ["vier scholen erbij"]
    chat.redact(who, first)
    assert chat.texts_of("pilot.wijziging") == []
    assert rounds(chat) == 2


def test_a_mark_in_a_group_takes_a_message_for_the_step_that_is_looked_at(four: Chat) -> None:
    answer(four, "impact")
    four.say("Dewi", "sinds maart rijdt de bus ook op zondag")
    four.sign("Bas", TAKE, four.event)
    assert four.texts_of("pilot.wijziging") == ["sinds maart rijdt de bus ook op zondag"]


def test_a_status_taken_back_after_the_round_leaves_the_round(tmp_path: Path) -> None:
    chat = asked_for(ended(tmp_path), LOOK)
    chat.say("Anna", "impact")
    to_step(chat, "impact.status")
    chat.say("Anna", "voldoende")
    chat.redact("Anna", chat.event)
    assert chat.state("impact.status") == "open"
    assert chat.export["rounds"][1]["statuses"]["impact"] == "voldoende"


# People -------------------------------------------------------------------------------------------------------------


def test_who_leaves_in_the_middle_of_a_vote_is_not_waited_for(four: Chat) -> None:
    answer(four, "impact")
    to_step(four, "impact.status")
    for who in ("Anna", "Bas"):
        four.sign(who, STATUS_SIGNS["voldoende"], asking(four).number)
    four.members("Anna", "Bas")
    assert "ik noteer **voldoende**" in four.says()[-1].text
    agree(four)
    assert rounds(four) == 2


def test_a_group_that_becomes_one_goes_on_by_plain_messages(four: Chat) -> None:
    answer(four, "impact")
    four.members("Dewi")
    four.say("Dewi", "een school erbij")
    assert four.texts_of("pilot.wijziging") == ["een school erbij"]
    for _ in range(3):
        four.say("Dewi", "verder")
    four.say("Dewi", "voldoende")
    assert rounds(four) == 2


def test_one_that_becomes_a_group_votes_on(tmp_path: Path) -> None:
    chat = asked_for(ended(tmp_path), LOOK)
    chat.say("Anna", "impact")
    to_step(chat, "impact.status")
    chat.members("Anna", "Bas")
    chat.sign("Bas", STATUS_SIGNS["voldoende"], asking(chat).number)
    assert rounds(chat) == 1
    chat.sign("Anna", STATUS_SIGNS["voldoende"], asking(chat).number)
    agree(chat)
    assert rounds(chat) == 2


def test_one_who_was_asked_and_becomes_a_group_can_tap(tmp_path: Path) -> None:
    chat = asked_for(ended(tmp_path), LOOK)
    number = asking(chat).number
    chat.members("Anna", "Bas")
    chat.sign("Bas", AGREE, number)
    assert rounds(chat) == 2
