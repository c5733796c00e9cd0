"""Rules of `!wijze gespreid`: two or three questions of one part, each a message of its own, on Tuesday and Thursday at
nine; every one of them can be answered, in any order."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.conversation.marks import AGREE, STATUS_SIGNS, TAKE
from tests.chat import BOOK, Chat
from tests.flows.recheck_rooms import FOUR, ONE, kinds_of, steps_of, until
from tests.flows.spaced_rooms import FIRST, SECOND, THURSDAY, TUESDAY, number_of, open_ones, reply, spread_out, tap, to

BOTH = pytest.mark.parametrize("people", [ONE, FOUR], ids=["one", "four"])


@pytest.fixture(params=[ONE, FOUR], ids=["one", "four"])
def chat(request: pytest.FixtureRequest, tmp_path: Path) -> Chat:
    """Both rooms."""
    return spread_out(tmp_path, request.param)


@pytest.fixture
def four(tmp_path: Path) -> Chat:
    """The group."""
    return spread_out(tmp_path)


# When they come -----------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("start", ["!start", "!tempo kort", "✅"])
def test_the_start_asks_the_first_together(start: str, people: tuple[str, ...], tmp_path: Path) -> None:
    chat = Chat(tmp_path, people=people)
    chat.say("Anna", "!wijze gespreid")
    assert "Na de start" in chat.text
    if start == "✅":
        chat.sign("Anna", AGREE, 1)
    else:
        chat.say("Anna", start)
    assert steps_of(chat.last)[:2] == FIRST
    assert open_ones(chat)[:2] == FIRST


def test_the_next_come_on_tuesday_and_thursday_at_nine(chat: Chat) -> None:
    assert chat.wait(hours=22) == []  # Tuesday, eight o'clock
    until(chat, TUESDAY)
    assert steps_of(chat.last) == SECOND
    assert kinds_of(chat.last) == ["question", "question"]
    assert until(chat, "2026-11-25") == []
    until(chat, THURSDAY)
    assert steps_of(chat.last) == ["impact.vraagstuk", "impact.noodzaak", "impact.beoogd"]
    assert until(chat, "2026-11-30") == []
    assert len(steps_of(until(chat, "2026-12-01"))) == 3


def test_on_a_free_day_they_come_on_the_working_day_after_it(chat: Chat) -> None:
    chat.say("Anna", "!instellingen vrij 24 november 2026")
    assert until(chat, TUESDAY) == []
    assert steps_of(until(chat, "2026-11-25")) == SECOND
    assert steps_of(until(chat, THURSDAY)) != []


def test_they_come_at_the_moment_of_a_digest_and_count_as_one_with_it(chat: Chat) -> None:
    chat.say("Anna", f"!actie memo schrijven @{chat.people[-1]} 24 november 2026")
    until(chat, TUESDAY)
    assert kinds_of(chat.last) == ["reminder", "question", "question"]
    assert steps_of(until(chat, THURSDAY)) != []


def test_all_of_a_part_are_asked_by_two_or_three_and_never_a_needless_one_alone(tmp_path: Path) -> None:
    chat = spread_out(tmp_path)
    for _ in range(100):
        steps = steps_of(chat.last)
        chat.wait(days=1)
        if steps:
            # One alone only where its answer decides what comes next.
            assert 2 <= len(steps) <= 3 or steps == ["valkuilen.omstandigheden.welke"]
            assert len({BOOK.steps[str(step)].part for step in steps}) == 1


def test_nothing_comes_in_a_pause_and_after_it_they_do(chat: Chat) -> None:
    chat.say("Anna", "!pauze")
    assert chat.wait(days=20) == []
    chat.say("Anna", "!verder")
    assert "Welkom terug" in chat.text
    assert steps_of(chat.last) == [FIRST[-1]]
    assert steps_of(chat.wait(days=7)) != []


def test_no_look_and_no_closing_round_before_the_walk_is_done(four: Chat) -> None:
    reply(four, "pilot.periode", "1 september 2026 - 1 december 2026")
    four.say("Anna", "!ritme elke week")
    for _ in range(30):
        assert "recheck" not in kinds_of(four.wait(days=1))


# Answers ------------------------------------------------------------------------------------------------------------


def test_each_of_them_can_be_answered_in_any_order(chat: Chat) -> None:
    reply(chat, "pilot.periode", "1 september 2026 - 31 augustus 2027")
    assert chat.state("pilot.periode") == "answered"
    assert open_ones(chat) == ["pilot.naam"]
    reply(chat, "pilot.naam", "Buurtbus")
    assert chat.texts_of("pilot.naam") == ["Buurtbus"]


def test_a_tap_closes_only_that_one(four: Chat) -> None:
    to(four, "impact.impact", "impact.outcome", "impact.output")
    reply(four, "impact.impact", "kinderen veilig thuis")
    tap(four, "impact.impact")
    assert kinds_of(four.last) == []
    assert [edit.number for edit in four.edits()] == [number_of(four, "impact.impact")]
    assert "genoteerd" in four.edits()[0].text
    assert {"impact.outcome", "impact.output"} <= set(open_ones(four))
    assert "impact.impact" not in open_ones(four)
    tap(four, "impact.impact")
    assert four.last == []


def test_all_closed_early_says_when_the_next_come(chat: Chat) -> None:
    reply(chat, "pilot.naam", "Buurtbus")
    reply(chat, "pilot.naam", "verder")
    assert kinds_of(chat.last) == []
    reply(chat, "pilot.periode", "vanaf mei 2027")
    assert kinds_of(chat.last) == ["info"]
    assert "dinsdag 24 november 2026" in chat.text
    assert chat.position == "pilot.periode"
    assert open_ones(chat) == []


def test_on_early_asks_the_next_now(chat: Chat) -> None:
    for _ in range(2):
        chat.say("Anna", "!verder")
    assert kinds_of(chat.last) == ["info"]
    chat.say("Anna", "verder" if len(chat.people) == 1 else "!verder")
    assert steps_of(chat.last) == SECOND
    assert steps_of(until(chat, TUESDAY)) != []  # asked on Monday, so the next come on Tuesday


@pytest.mark.parametrize("text", ["!vraag", "!start"])
def test_between_two_times_nothing_is_asked(text: str, chat: Chat) -> None:
    for _ in range(2):
        chat.say("Anna", "!verder")
    chat.say("Anna", text)
    assert kinds_of(chat.last) == ["info"]
    assert "dinsdag 24 november" in chat.text
    assert open_ones(chat) == []


@pytest.mark.parametrize("text", ["!overslaan", "!weetniet"])
def test_between_two_times_nothing_is_skipped_or_unknown(text: str, chat: Chat) -> None:
    for _ in range(2):
        chat.say("Anna", "!verder")
    chat.say("Anna", text)
    assert kinds_of(chat.last) == ["info"]
    assert {chat.state(step) for step in FIRST} == {"open"}


def test_a_pause_between_two_times_goes_on_to_wait(chat: Chat) -> None:
    for _ in range(2):
        chat.say("Anna", "!verder")
    chat.say("Anna", "!pauze")
    chat.wait(days=1)
    chat.say("Anna", "!verder")
    assert "Welkom terug" in chat.text
    assert "Hier is de vraag weer" not in chat.text
    assert open_ones(chat) == []


def test_the_next_time_what_came_in_closes_them(four: Chat) -> None:
    reply(four, "pilot.naam", "Buurtbus")
    until(four, TUESDAY)
    assert open_ones(four) == SECOND
    assert four.texts_of("pilot.naam") == ["Buurtbus"]
    assert four.state("pilot.periode") == "open"
    shown = {edit.number: edit.text for edit in four.edits()}
    assert "Buurtbus" in shown[number_of(four, "pilot.naam")]
    assert "nog open" in shown[number_of(four, "pilot.periode")]


def test_a_late_reply_still_counts_and_moves_nothing(chat: Chat) -> None:
    until(chat, TUESDAY)
    reply(chat, "pilot.naam", "Buurtbus")
    reply(chat, "pilot.periode", "vanaf mei 2027")
    assert chat.texts_of("pilot.naam") == ["Buurtbus"]
    assert chat.state("pilot.periode") == "answered"
    assert open_ones(chat) == SECOND
    assert kinds_of(chat.last) == []


def test_a_mark_belongs_to_the_question_it_replies_to_else_to_the_latest(four: Chat) -> None:
    to(four, "impact.impact", "impact.outcome")
    four.say("Bas", "kinderen veilig", to=number_of(four, "impact.impact"))
    four.say("Dewi", "ouders bellen eerder")
    four.sign("Çelik", TAKE, four.event)
    assert four.texts_of("impact.impact") == ["kinderen veilig"]
    assert four.texts_of("impact.outcome") == ["ouders bellen eerder"]


def test_plain_messages_of_one_go_to_the_latest_that_stands_open(tmp_path: Path) -> None:
    chat = spread_out(tmp_path, ONE)
    chat.say("Anna", "vanaf mei 2027")
    assert chat.state("pilot.periode") == "answered"
    chat.say("Anna", "Buurtbus")
    assert chat.texts_of("pilot.naam") == ["Buurtbus"]
    chat.say("Anna", "verder")
    assert "dinsdag 24 november" in chat.text
    chat.say("Anna", "en nog iets")
    assert "dinsdag 24 november" in chat.text
    assert chat.texts_of("pilot.naam") == ["Buurtbus"]


def test_one_is_told_to_reply_where_several_stand_open(tmp_path: Path) -> None:
    chat = spread_out(tmp_path, ONE)
    for one in chat.says():
        assert "Beantwoord dit bericht" in one.text
        assert "Typ je antwoord" not in one.text
    chat.say("Anna", "!wijzig impact.outcome")
    assert "Typ je antwoord" in chat.text


@pytest.mark.parametrize("text", ["weet niet", "!weetniet"])
def test_not_known_in_a_reply_is_about_that_question(text: str, chat: Chat) -> None:
    reply(chat, "pilot.naam", text)
    assert chat.state("pilot.naam") == "unknown"
    assert chat.state("pilot.periode") == "open"
    assert open_ones(chat) == ["pilot.periode"]


@pytest.mark.parametrize("text", ["weet niet", "!weetniet"])
def test_not_known_is_no_answer_to_a_proposal_at_another(text: str, four: Chat) -> None:
    to(four, "impact.outcome", "impact.status")
    for who in FOUR:
        tap(four, "impact.status", STATUS_SIGNS["deels"], who)
    reply(four, "impact.outcome", text)
    assert four.state("impact.outcome") == "unknown"
    assert four.state("impact.status") == "open"


@pytest.mark.parametrize(("text", "state"), [("!overslaan", "skipped"), ("!verder", "open"), ("verder", "open")])
def test_a_command_in_a_reply_is_about_that_question(text: str, state: str, chat: Chat) -> None:
    reply(chat, "pilot.naam", text)
    assert chat.state("pilot.naam") == state
    assert open_ones(chat) == ["pilot.periode"]


def test_an_unreadable_answer_helps_and_stays_open(chat: Chat) -> None:
    reply(chat, "pilot.periode", "een poosje")
    assert kinds_of(chat.last) == ["help"]
    assert open_ones(chat) == FIRST
