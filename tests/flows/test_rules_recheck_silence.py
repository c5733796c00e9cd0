"""Rules "Re-check": what comes of silence, and of a new version of the book in the middle. A room of one and a group of
four."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.conversation.marks import AGREE, TAKE
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
    kinds_of,
    put_off,
    rounds,
    steps_of,
    until,
    vote,
)
from tests.flows.test_versions import newer

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


# Silence ------------------------------------------------------------------------------------------------------------


def silent(chat: Chat) -> Chat:
    """Nobody says anything for so long that the coach pauses."""
    until(chat, "2027-01-11")
    until(chat, "2027-01-18")
    return chat


def test_one_reminder_then_an_offer_to_pause_then_silence(chat: Chat) -> None:
    (said,) = chat.says(until(chat, "2027-01-11"))
    assert said.kind == "recheck"
    assert "Vorige week" in said.text
    assert until(chat, "2027-01-17") == []
    (said,) = chat.says(until(chat, "2027-01-18"))
    assert "Zal ik pauzeren?" in said.text
    assert "tot iemand mij weer aanspreekt" in said.text
    assert said.signs == (AGREE,)
    assert chat.snapshot.room.paused_at is None
    assert chat.wait(days=600) == []
    assert chat.snapshot.room.paused_at is not None
    assert rounds(chat) == 1


@pytest.mark.parametrize("weeks", [0, 1, 2])
def test_it_can_be_answered_at_every_turn(weeks: int, chat: Chat) -> None:
    number = asking(chat).number
    chat.wait(weeks=weeks)
    if weeks == 2 and len(chat.people) == 1:
        chat.say("Anna", "impact")
        walked_out(chat)
    elif len(chat.people) == 1:
        chat.say("Anna", "ok")
    else:
        chat.sign("Dewi", AGREE, number)  # the first message can be tapped all the time
    assert rounds(chat) == 2


def test_the_reminder_can_be_put_off_too(chat: Chat) -> None:
    until(chat, "2027-01-11")
    put_off(chat)
    asked_for(chat, "2027-01-18")
    assert "klopt het nog" in chat.says()[0].text


def test_yes_pause_pauses_until_somebody_goes_on(chat: Chat) -> None:
    silent(chat)
    agree(chat)
    assert chat.snapshot.room.paused_at is not None
    assert "!verder" in chat.text
    assert rounds(chat) == 1
    assert chat.wait(days=100) == []


@pytest.mark.parametrize("text", ["verder", "!verder", "nee"])
def test_no_pause_shows_the_look_again(text: str, chat: Chat) -> None:
    silent(chat)
    answer(chat, text)
    assert kinds_of(chat.last) == ["recheck"]
    assert "(ronde 2)" in chat.text
    assert chat.snapshot.room.paused_at is None
    assert rounds(chat) == 1
    agree(chat)
    assert rounds(chat) == 2


def test_a_reply_to_the_offer_to_pause_can_name_a_part(chat: Chat) -> None:
    silent(chat)
    answer(chat, "impact")
    assert steps_of(chat.last) == ["pilot.wijziging"]


@pytest.mark.parametrize("way", ["command", "reply", "reaction", "mention", "mark", "edit"])
def test_any_word_to_the_coach_wakes_it_and_what_is_due_comes_the_next_morning(way: str, tmp_path: Path) -> None:
    chat = ended(tmp_path, FOUR)
    chat.say("Bas", "!antwoord nog iets")
    chat.say("Bas", "!actie memo schrijven @Bas 15 februari 2027")
    note = chat.event
    asked_for(chat, LOOK)
    number = asking(chat).number
    assert all_texts(silent(chat).last) != ""
    assert until(chat, "2027-02-20") == []  # not even the reminder
    if way == "command":
        chat.say("Anna", "!overzicht")
    elif way == "reply":
        chat.say("Anna", "zijn we er nog", to=number)
    elif way == "reaction":
        chat.sign("Anna", "🎉", number)
    elif way == "mention":
        chat.say("Anna", "hoe staat het ervoor", mention=True)
    elif way == "mark":
        chat.say("Anna", "zijn we er nog")
        chat.sign("Anna", TAKE, chat.event)
    else:
        chat.edit("Bas", note, "!actie memo schrijven @Bas 16 februari 2027")
    assert chat.snapshot.room.paused_at is None
    assert [one.kind for one in chat.says(until(chat, "2027-02-22"))] == ["reminder"]
    assert [one.kind for one in chat.says(until(chat, "2027-02-23"))] == ["recheck"]


def test_what_is_not_for_the_coach_wakes_nothing(four: Chat) -> None:
    silent(four)
    four.wait(days=20)
    four.say("Anna", "gezellig hier")
    four.members("Anna", "Bas", "Çelik")
    assert four.snapshot.room.paused_at is not None
    assert four.wait(days=100) == []


def test_one_who_speaks_plainly_wakes_it(tmp_path: Path) -> None:
    chat = silent(asked_for(ended(tmp_path), LOOK))
    chat.wait(days=20)
    chat.say("Anna", "hallo")
    assert chat.says() != []
    assert kinds_of(chat.wait(days=3)) == ["recheck"]


def asleep_at_a_question(folder: Path, people: tuple[str, ...]) -> Chat:
    """A room that fell asleep while a question stood open."""
    chat = ended(folder, people)
    chat.say("Anna", "!ga impact.outcome")
    silent(asked_for(chat, LOOK)).wait(days=20)
    assert chat.snapshot.room.paused_at is not None
    return chat


@BOTH
@pytest.mark.parametrize("text", ["!verder", "!start"])
def test_woken_by_going_on_the_open_question_comes_again(people: tuple[str, ...], text: str, tmp_path: Path) -> None:
    chat = asleep_at_a_question(tmp_path, people)
    chat.say("Anna", text)
    assert steps_of(chat.last) == ["impact.outcome"]
    assert "Welkom terug" in chat.text
    assert chat.snapshot.room.paused_at is None


def test_woken_by_a_plain_message_of_one_it_is_asked_whether_that_is_an_answer(tmp_path: Path) -> None:
    chat = asleep_at_a_question(tmp_path, ONE)
    chat.say("Anna", "hoi daar ben ik weer")
    assert "is dit jullie antwoord" in chat.text
    assert chat.texts_of("impact.outcome") == []
    assert chat.snapshot.room.paused_at is None


@BOTH
def test_woken_by_asking_for_a_pause_it_stays_paused(people: tuple[str, ...], tmp_path: Path) -> None:
    chat = asleep_at_a_question(tmp_path, people)
    chat.say("Anna", "!pauze")
    assert chat.snapshot.room.paused_at is not None
    chat.say("Anna", "!overzicht")
    assert chat.snapshot.room.paused_at is not None
    assert chat.wait(days=100) == []


def test_a_pause_that_was_asked_for_is_not_ended_by_a_word(chat: Chat) -> None:
    chat.say("Anna", "!pauze")
    chat.say("Anna", "!overzicht")
    assert chat.snapshot.room.paused_at is not None
    assert chat.wait(days=100) == []


def test_left_halfway_it_is_asked_once_more_and_then_offered_to_pause(chat: Chat) -> None:
    answer(chat, "impact")
    to_step(chat, "impact.impact")
    assert until(chat, "2027-01-10") == []
    until(chat, "2027-01-11")
    assert steps_of(chat.last) == ["impact.impact"]
    assert "Vorige week begonnen we" in chat.text
    (said,) = chat.says(until(chat, "2027-01-18"))
    assert "pauzeren" in said.text
    assert rounds(chat) == 1
    assert chat.wait(days=600) == []
    assert chat.snapshot.room.paused_at is not None


def test_left_halfway_and_gone_on_with_after_the_reminder(chat: Chat) -> None:
    answer(chat, "impact")
    to_step(chat, "impact.impact")
    until(chat, "2027-01-11")
    walked_out(chat)
    assert rounds(chat) == 2
    assert until(chat, "2027-02-10") == []


def test_the_week_counts_from_the_latest_step(chat: Chat) -> None:
    answer(chat, "impact")
    chat.wait(days=4)
    go_on(chat)  # Friday
    assert until(chat, "2027-01-14") == []
    until(chat, "2027-01-15")
    assert steps_of(chat.last) == ["strategie.werkzaam"]
    chat.wait(days=1)
    go_on(chat)
    assert until(chat, "2027-01-22") == []  # and it was answered, so it is asked once more, and not offered to pause
    assert steps_of(until(chat, "2027-01-25")) == ["impact.impact"]


def test_one_by_hand_left_halfway_is_reminded_of_without_a_rhythm_too(tmp_path: Path) -> None:
    chat = ended(tmp_path, rhythm="geen", end=None)
    chat.say("Anna", "!hercheck impact")
    assert steps_of(until(chat, "2026-11-30")) == ["pilot.wijziging"]


# A new version of the book in the middle ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("renamed", "gone", "at", "then"),
    [
        ({"impact.impact": "impact.doel"}, [], "impact.impact", "impact.doel"),
        ({"impact.verschil": "impact.meten"}, [], "impact.verschil", "impact.meten"),
        ({}, ["impact.verschil"], "impact.impact", "impact.impact"),
        ({}, ["impact.verschil"], "impact.verschil", "impact.status"),
    ],
)
def test_a_step_that_is_renamed_or_gone_ends_no_re_check(
    renamed: dict[str, str], gone: list[str], at: str, then: str, chat: Chat, tmp_path: Path
) -> None:
    chat.say("Anna", "!wijzig impact.verschil")
    answer(chat, "een nulmeting")
    chat.say("Anna", "!hercheck impact")
    to_step(chat, at)
    chat.book = newer(tmp_path / "newer", renamed, gone)
    chat.say("Anna", "!vraag")
    assert steps_of(chat.last) == [then]
    assert ("vernieuwd" in chat.text) == (gone == [at])
    walked_out(chat)
    assert rounds(chat) == 2
    assert [item.text for item in chat.snapshot.item.values()].count("een nulmeting") == 1


@pytest.mark.parametrize("text", ["verder", "een vergelijking met vorig jaar", "!verder", "!overslaan"])
def test_what_is_said_to_a_step_that_is_gone_is_no_answer_to_the_next(text: str, chat: Chat, tmp_path: Path) -> None:
    chat.say("Anna", "!wijzig impact.verschil")
    answer(chat, "een nulmeting")
    chat.say("Anna", "!hercheck impact")
    to_step(chat, "impact.verschil")
    chat.book = newer(tmp_path / "newer", {}, ["impact.verschil"])
    answer(chat, text) if " " in text else chat.say("Anna", text, to=asking(chat).number)
    assert steps_of(chat.last) == ["impact.status"]
    assert chat.state("impact.status") == "answered"
    walked_out(chat)
    assert rounds(chat) == 2


def test_at_the_last_step_a_new_version_ends_no_re_check(chat: Chat, tmp_path: Path) -> None:
    answer(chat, "impact")
    to_step(chat, "impact.status")
    chat.book = newer(tmp_path / "newer", {}, ["impact.verschil"])
    vote(chat, "voldoende")
    assert rounds(chat) == 2


@BOTH
def test_at_the_very_last_question_of_the_closing_round_a_new_version_ends_nothing(
    people: tuple[str, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "room"
    folder.mkdir()
    chat = asked_for(ended(folder, people, end="1 februari 2027", rhythm="geen"), "2027-02-01")
    agree(chat)
    to_step(chat, "strategie.keuze")
    chat.book = newer(tmp_path / "newer", {}, ["impact.verschil"])
    walked_out(chat)
    assert rounds(chat) == 2


def test_a_look_that_waits_for_an_answer_waits_on_under_a_new_version(chat: Chat, tmp_path: Path) -> None:
    chat.book = newer(tmp_path / "newer", {"impact.verschil": "impact.meten"}, [])
    agree(chat)
    assert rounds(chat) == 2
