"""Rules of `!wijze gespreid`: going elsewhere and back, nudges, the end of the walk, and back together."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.conversation.marks import AGREE, NOTED, STATUS_SIGNS
from tests.chat import Chat
from tests.flows.recheck_rooms import FOUR, ONE, all_texts, asking, kinds_of, rounds, steps_of, until
from tests.flows.spaced_rooms import FIRST, SECOND, THURSDAY, TUESDAY, open_ones, reply, spread_out, tap, through, to

BOTH = pytest.mark.parametrize("people", [ONE, FOUR], ids=["one", "four"])


@pytest.fixture(params=[ONE, FOUR], ids=["one", "four"])
def chat(request: pytest.FixtureRequest, tmp_path: Path) -> Chat:
    """Both rooms."""
    return spread_out(tmp_path, request.param)


@pytest.fixture
def four(tmp_path: Path) -> Chat:
    """The group."""
    return spread_out(tmp_path)


# Elsewhere, and back ------------------------------------------------------------------------------------------------


def test_going_elsewhere_asks_that_too_and_the_next_come_after_it(chat: Chat) -> None:
    chat.say("Anna", "!ga routes")
    assert steps_of(chat.last) == ["routes.aannemelijk"]
    assert open_ones(chat) == [*FIRST, "routes.aannemelijk"]
    reply(chat, "pilot.naam", "Buurtbus")
    assert chat.texts_of("pilot.naam") == ["Buurtbus"]
    until(chat, TUESDAY)
    assert steps_of(chat.last)[0] == "routes.aannemelijk.nodig"


def test_going_elsewhere_keeps_the_votes_of_those_that_stand_open(four: Chat) -> None:
    to(four, "impact.statement", "impact.status")
    reply(four, "impact.statement", "Ouderen doen weer mee.")
    for who in FOUR:
        tap(four, "impact.status", STATUS_SIGNS["deels"], who)
    settle = asking(four).number
    four.say("Anna", "!ga routes")
    four.sign("Bas", AGREE, settle)
    assert four.export["steps"]["impact.status"]["status"] == "deels"
    tap(four, "impact.statement")
    assert four.texts_of("impact.statement") == ["Ouderen doen weer mee."]


def test_a_change_of_one_of_them_goes_on_when_the_next_come(four: Chat) -> None:
    reply(four, "pilot.naam", "Buurtbus")
    four.say("Anna", "!wijzig pilot.naam")
    until(four, TUESDAY)
    assert four.view.stands_open("pilot.naam")
    reply(four, "pilot.naam", "1: Belbus")
    tap(four, "pilot.naam")
    assert four.texts_of("pilot.naam") == ["Belbus"]
    assert four.view.detour() is None
    assert open_ones(four) == SECOND


def test_a_change_out_of_a_change_loses_none_that_were_asked_meanwhile(four: Chat) -> None:
    four.say("Anna", "!wijzig impact.outcome")
    until(four, TUESDAY)
    four.say("Anna", "!wijzig impact.input")
    tap(four, "impact.input")
    assert open_ones(four) == SECOND


def test_back_asks_the_question_before(chat: Chat) -> None:
    until(chat, TUESDAY)
    chat.say("Anna", "!vorige")
    assert steps_of(chat.last) == [SECOND[0]]
    chat.say("Anna", "!vorige")
    assert steps_of(chat.last) == [FIRST[1]]
    assert set(open_ones(chat)) == {FIRST[1], *SECOND}


def test_a_change_leaves_all_of_them_open(chat: Chat) -> None:
    reply(chat, "pilot.naam", "Buurtbus")
    chat.say("Anna", "!wijzig impact.outcome")
    assert steps_of(chat.last) == ["impact.outcome"]
    reply(chat, "impact.outcome", "eerder hulp")
    chat.say("Anna", "!verder")
    assert chat.texts_of("impact.outcome") == ["eerder hulp"]
    assert open_ones(chat) == FIRST


def test_an_answer_to_one_of_them_ends_no_change_that_stands_open(four: Chat) -> None:
    four.say("Anna", "!wijzig impact.outcome")
    reply(four, "pilot.periode", "vanaf mei 2027")
    assert four.state("pilot.periode") == "answered"
    detour = four.view.detour()
    assert detour is not None
    assert detour.step == "impact.outcome"
    reply(four, "impact.outcome", "eerder hulp")
    tap(four, "impact.outcome")
    assert four.texts_of("impact.outcome") == ["eerder hulp"]
    assert open_ones(four) == ["pilot.naam"]


def test_the_next_come_while_a_change_stands_open(four: Chat) -> None:
    four.say("Anna", "!wijzig impact.outcome")
    until(four, TUESDAY)
    assert steps_of(four.last) == SECOND
    reply(four, "impact.outcome", "eerder hulp")
    tap(four, "impact.outcome")
    assert four.texts_of("impact.outcome") == ["eerder hulp"]
    assert open_ones(four) == SECOND


def test_an_edit_and_a_removal_follow_during_and_after(four: Chat) -> None:
    reply(four, "pilot.naam", "Buurtbus")
    event = four.event
    assert [mark.key for mark in four.marks()] == [NOTED]
    four.edit("Bas", event, "Belbus")
    assert four.texts_of("pilot.naam") == ["Belbus"]
    until(four, TUESDAY)
    four.edit("Bas", event, "Wijkbus")
    assert four.texts_of("pilot.naam") == ["Wijkbus"]
    assert "Wijkbus" in four.edits()[0].text
    four.redact("Bas", event)
    assert four.texts_of("pilot.naam") == []


# Nudges and offers --------------------------------------------------------------------------------------------------


def test_who_finds_out_is_asked_when_all_are_closed(chat: Chat) -> None:
    reply(chat, "pilot.naam", "!weetniet")
    reply(chat, "pilot.periode", "vanaf mei 2027")
    assert kinds_of(chat.last) == ["nudge"]
    assert "Wie zoekt het uit" in chat.text
    chat.say("Anna", "naam bedenken @Anna eind maart", to=asking(chat).number)
    assert len(chat.export["actions"]) == 1
    assert "dinsdag 24 november" in all_texts(chat.last)
    assert steps_of(until(chat, TUESDAY)) == SECOND


def test_one_nudge_a_time(chat: Chat) -> None:
    for step in FIRST:
        reply(chat, step, "!weetniet")
    assert kinds_of(chat.last) == ["nudge"]
    chat.say("Anna", "!verder")
    assert kinds_of(chat.last) == ["info"]
    until(chat, TUESDAY)
    assert kinds_of(chat.last) == ["question", "question"]
    until(chat, THURSDAY)
    assert kinds_of(chat.last)[0] == "nudge"


def test_who_finds_out_comes_with_the_next_questions(four: Chat) -> None:
    reply(four, "pilot.naam", "!weetniet")
    until(four, TUESDAY)
    assert kinds_of(four.last) == ["nudge", "question", "question"]
    nudge = four.says()[0].number
    four.say("Bas", "naam bedenken @Bas eind maart", to=nudge)
    assert len(four.export["actions"]) == 1
    assert kinds_of(four.last) == ["info"]
    assert "naam bedenken** · Bas" in four.text
    assert open_ones(four) == SECOND


def test_a_tap_on_a_nudge_leaves_the_questions_alone(four: Chat) -> None:
    reply(four, "pilot.naam", "!weetniet")
    until(four, TUESDAY)
    four.sign("Bas", AGREE, four.says()[0].number)
    assert four.last == []
    tap(four, SECOND[0])
    assert open_ones(four) == [SECOND[1]]


def test_one_answers_the_latest_question_not_the_nudge_before_it(tmp_path: Path) -> None:
    chat = spread_out(tmp_path, ONE)
    reply(chat, "pilot.naam", "!weetniet")
    until(chat, TUESDAY)
    assert kinds_of(chat.last)[0] == "nudge"
    chat.say("Anna", "de wethouder")
    assert chat.texts_of(SECOND[1]) == ["de wethouder"]


def test_does_everybody_recognise_this_is_asked_at_the_end_of_a_part(four: Chat) -> None:
    to(four, "impact.impact", "impact.status", "impact.acties")
    reply(four, "impact.impact", "kinderen veilig")
    four.say("Anna", "!ga impact.acties")
    asked: list[str] = []
    for _ in range(20):
        four.wait(days=1)
        asked += [one.text for one in four.says() if one.kind == "nudge"]
    assert any("Herkent iedereen dit" in text for text in asked)


def test_nudges_that_nobody_answered_are_not_lost_but_asked_once(four: Chat) -> None:
    for step in FIRST:
        reply(four, step, "!weetniet")
    texts: list[str] = []
    for _ in range(15):
        texts += [one.text for one in four.says() if one.kind == "nudge"]
        four.wait(days=1)
    assert any("Pilot · naam" in text and "Wie zoekt het uit" in text for text in texts)
    assert len([text for text in texts if "naam" in text]) == 1
    assert len([text for text in texts if "- periode" in text]) == 1  # at the end of the part, with all of it


# The end, and the other way -----------------------------------------------------------------------------------------


@BOTH
def test_a_walk_that_nobody_answers_still_ends(people: tuple[str, ...], tmp_path: Path) -> None:
    chat = spread_out(tmp_path, people, "!tempo kort")
    seen: list[str | None] = []
    for _ in range(400):
        seen += steps_of(chat.last)
        if chat.position == "einde":
            break
        chat.wait(days=1)
    assert chat.position == "einde"
    assert len(seen) == len(set(seen))
    assert rounds(chat) == 1
    assert "door alle vragen heen" in all_texts(chat.last)
    assert open_ones(chat) == []
    chat.say("Anna", "!hercheck")
    assert kinds_of(chat.last) == ["recheck"]
    assert chat.wait(days=3) == []


def test_the_last_answer_ends_the_walk_at_once(tmp_path: Path) -> None:
    chat = spread_out(tmp_path, ONE, "!tempo kort")
    through(chat)
    chat.say("Anna", "!ga pilot.ritme")
    assert open_ones(chat) == ["pilot.ritme"]
    chat.say("Anna", "elke 6 weken")
    assert chat.position == "einde"
    assert "volgende komen" not in all_texts(chat.last)


def test_after_the_end_a_look_is_walked_one_by_one(tmp_path: Path) -> None:
    chat = spread_out(tmp_path, ONE, "!tempo kort")
    through(chat)
    chat.say("Anna", "!hercheck impact")
    for step in ("pilot.wijziging", "strategie.werkzaam", "impact.status"):
        assert open_ones(chat) == [step]
        chat.say("Anna", "verder")
    assert rounds(chat) == 2


@pytest.mark.parametrize("word", ["gespreid", "spread", "Gespreid.", "g", "gespr"])
def test_the_other_way_in_the_middle(word: str, tmp_path: Path) -> None:
    chat = Chat(tmp_path, people=FOUR)
    chat.say("Anna", "!start")
    chat.say("Anna", f"!wijze {word}")
    if "." in word:
        assert kinds_of(chat.last) in (["noted"], ["help"])
        return
    assert "dinsdag 24 november 2026" in chat.text
    assert chat.snapshot.room.mode == "gespreid"
    assert open_ones(chat) == ["pilot.naam"]
    assert steps_of(until(chat, TUESDAY)) == ["pilot.periode", "pilot.betrokkenen", "pilot.ontbreekt"]


def test_the_other_way_at_the_end_says_so(tmp_path: Path) -> None:
    chat = spread_out(tmp_path, ONE, "!tempo kort")
    through(chat)
    chat.say("Anna", "!wijze gespreid")
    assert "door alle vragen heen" in chat.text
    assert chat.wait(days=10) == []


@pytest.mark.parametrize("text", ["!wijze", "!wijze anders", "!mode x"])
def test_what_it_is_and_what_it_can_be(text: str, chat: Chat) -> None:
    chat.say("Anna", text)
    assert kinds_of(chat.last) == ["help"]
    assert "gespreid" in chat.text
    assert chat.snapshot.room.mode == "gespreid"


@pytest.mark.parametrize("word", ["samen", "together"])
def test_back_together_keeps_the_latest_open_and_what_came_in(word: str, four: Chat) -> None:
    to(four, "impact.status", "impact.beoogd", "impact.outcome")
    tap(four, "impact.status", STATUS_SIGNS["deels"])
    reply(four, "impact.beoogd", "1")
    four.say("Anna", f"!wijze {word}")
    assert kinds_of(four.last) == ["noted"]
    assert open_ones(four) == ["impact.outcome"]
    assert four.export["steps"]["impact.status"]["status"] == "deels"
    assert len(four.export["steps"]["impact.beoogd"]["choices"]) == 1
    reply(four, "impact.outcome", "eerder hulp")
    tap(four, "impact.outcome")
    assert len(steps_of(four.last)) == 1
    assert four.wait(days=14) == []


def test_back_together_between_two_times_asks_the_next(chat: Chat) -> None:
    for _ in range(2):
        chat.say("Anna", "!verder")
    chat.say("Anna", "!wijze samen")
    assert steps_of(chat.last) == ["pilot.betrokkenen"]
    assert "een vraag tegelijk" in chat.text
    assert len(chat.says()) == 1


def test_back_together_before_the_start(tmp_path: Path) -> None:
    chat = Chat(tmp_path, people=ONE)
    chat.say("Anna", "!wijze gespreid")
    chat.say("Anna", "!wijze samen")
    chat.say("Anna", "!start")
    assert steps_of(chat.last) == ["pilot.naam"]
    assert chat.wait(days=14) == []
