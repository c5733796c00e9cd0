"""Rules of `!wijze gespreid`: two or three questions of one part, each a message of its own, on Tuesday and Thursday at
nine; every one of them can be answered, in any order, and what has come in is never lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.conversation.marks import AGREE, NOTED, STATUS_SIGNS, TAKE
from tests.chat import BOOK, Chat
from tests.flows.recheck_rooms import FOUR, ONE, all_texts, asking, kinds_of, rounds, steps_of, until

BOTH = pytest.mark.parametrize("people", [ONE, FOUR], ids=["one", "four"])
FIRST = ["pilot.naam", "pilot.periode"]
SECOND = ["pilot.betrokkenen", "pilot.ontbreekt"]
TUESDAY, THURSDAY = "2026-11-24", "2026-11-26"


def spread_out(folder: Path, people: tuple[str, ...] = FOUR, start: str = "!start") -> Chat:
    """A room that is asked its first questions together, on Monday 23 November 2026."""
    chat = Chat(folder, people=people)
    chat.say("Anna", "!wijze gespreid")
    chat.say("Anna", start)
    return chat


@pytest.fixture(params=[ONE, FOUR], ids=["one", "four"])
def chat(request: pytest.FixtureRequest, tmp_path: Path) -> Chat:
    """Both rooms."""
    return spread_out(tmp_path, request.param)


@pytest.fixture
def four(tmp_path: Path) -> Chat:
    """The group."""
    return spread_out(tmp_path)


def number_of(chat: Chat, step: str) -> int:
    """The coach's latest question of a step."""
    return chat.snapshot.asked[step].latest


def to(chat: Chat, *steps: str) -> Chat:
    """Bring the room to where these are asked together (whatever was asked is closed without an answer)."""
    chat.say("Anna", f"!ga {steps[0]}")
    for step in steps[1:]:
        chat.say("Anna", f"!ga {step}")
    for step in steps:
        assert chat.view.stands_open(step)
    return chat


def reply(chat: Chat, step: str, text: str, who: str = "Bas") -> None:
    """A reply to the question of a step."""
    chat.say(who if who in chat.people else "Anna", text, to=number_of(chat, step))


def tap(chat: Chat, step: str, sign: str = AGREE, who: str = "Bas") -> None:
    """A sign on the question of a step."""
    chat.sign(who if who in chat.people else "Anna", sign, number_of(chat, step))


def open_ones(chat: Chat) -> list[str]:
    """The questions that stand open."""
    return [step for step in BOOK.order if chat.view.stands_open(step)]


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


# Votes, choices, the grid, drafts -----------------------------------------------------------------------------------


def test_two_votes_at_once_are_told_apart(four: Chat) -> None:
    to(four, "valkuilen.scope.geldt", "valkuilen.samenhang.geldt")
    for who in FOUR:
        tap(four, "valkuilen.scope.geldt", "🔴", who)
        tap(four, "valkuilen.samenhang.geldt", "🟢", who)
    settles = {one.step: one.number for one in four.says(four.seen) if "Akkoord?" in one.text}
    assert set(settles) == {"valkuilen.scope.geldt", "valkuilen.samenhang.geldt"}
    four.sign("Dewi", AGREE, settles["valkuilen.scope.geldt"])
    assert four.export["steps"]["valkuilen.scope.geldt"]["status"] == "ja"
    assert four.state("valkuilen.samenhang.geldt") == "open"
    four.say("Bas", "deels", to=settles["valkuilen.samenhang.geldt"])
    assert four.export["steps"]["valkuilen.samenhang.geldt"]["status"] == "deels"


def test_a_proposal_at_one_does_not_keep_another_from_being_tapped(four: Chat) -> None:
    to(four, "impact.outcome", "impact.status")
    for who in FOUR:
        tap(four, "impact.status", STATUS_SIGNS["deels"], who)
    reply(four, "impact.outcome", "eerder hulp")
    tap(four, "impact.outcome")
    assert "impact.outcome" not in open_ones(four)
    assert "impact.status" in open_ones(four)


def test_a_tap_on_a_question_with_a_proposal_does_nothing(four: Chat) -> None:
    to(four, "impact.outcome", "impact.status")
    for who in FOUR:
        tap(four, "impact.status", STATUS_SIGNS["deels"], who)
    tap(four, "impact.status")
    assert four.last == []


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["voldoende", "voldoende", "onvoldoende"], "voldoende"),
        (["voldoende", "onvoldoende"], "onvoldoende"),
        (["onbekend", "deels"], "deels"),
        (["onbekend"], "onbekend"),
        ([], None),
    ],
)
def test_at_the_next_time_most_votes_count(words: list[str], status: str | None, four: Chat) -> None:
    to(four, "impact.outcome", "impact.status")
    for who, word in zip(FOUR, words, strict=False):
        tap(four, "impact.status", STATUS_SIGNS[word], who)
    until(four, TUESDAY)
    assert four.export["steps"]["impact.status"]["status"] == status
    assert not four.view.stands_open("impact.status")
    assert four.snapshot.vote == {}
    shown = [edit.text for edit in four.edits() if edit.number == number_of(four, "impact.status")]
    assert (status or "nog open") in shown[-1]


def test_a_second_round_or_proposal_that_waits_is_settled_by_most(four: Chat) -> None:
    to(four, "impact.outcome", "impact.status")
    for who, word in zip(FOUR, ("voldoende", "voldoende", "onvoldoende", "voldoende"), strict=True):
        tap(four, "impact.status", STATUS_SIGNS[word], who)
    assert "meningen verschillen" in four.says()[0].text
    spread = four.says()[0].number
    until(four, TUESDAY)
    assert four.export["steps"]["impact.status"]["status"] == "voldoende"
    assert four.sign("Bas", AGREE, spread) == []
    assert not [prompt for prompt in four.snapshot.prompts() if prompt.kind in ("spread", "settle")]


def test_choices_and_a_draft_are_kept(four: Chat) -> None:
    to(four, "impact.beoogd", "impact.statement", "routes.keuze")
    reply(four, "impact.beoogd", "1", "Bas")
    reply(four, "impact.beoogd", "2", "Dewi")
    reply(four, "impact.statement", "Wij zorgen dat kinderen veilig opgroeien.")
    reply(four, "routes.keuze", "in en op", "Çelik")
    until(four, TUESDAY)
    assert len(four.export["steps"]["impact.beoogd"]["choices"]) == 2
    assert four.texts_of("impact.statement") == ["Wij zorgen dat kinderen veilig opgroeien."]
    assert four.export["steps"]["routes.keuze"]["choices"] == ["in", "op"]
    assert [prompt.kind for prompt in four.snapshot.prompts() if prompt.kind == "draft"] == []


def test_a_grid_is_kept_and_rows_that_differ_are_asked_next(four: Chat) -> None:
    to(four, "ingredienten.nodig", "ingredienten.oordeel")
    reply(four, "ingredienten.oordeel", "v v v v v v v v", "Bas")
    reply(four, "ingredienten.oordeel", "v v o d v v v v", "Dewi")
    until(four, TUESDAY)
    statuses = {step: one["status"] for step, one in four.export["steps"].items() if step.startswith("ingredienten.")}
    assert statuses["ingredienten.samenwerking.status"] == "voldoende"
    assert statuses["ingredienten.waarde.status"] == "deels"
    assert statuses["ingredienten.governance.status"] is None
    assert "ingredienten.governance.status" in steps_of(four.last)
    assert four.snapshot.vote == {}


def test_a_grid_with_a_proposal_that_waits_is_kept_too(four: Chat) -> None:
    to(four, "ingredienten.nodig", "ingredienten.oordeel")
    for who in FOUR:
        reply(four, "ingredienten.oordeel", "d d d d d d d d", who)
    assert "Akkoord?" in four.text
    four.say("Bas", "governance onvoldoende", to=asking(four).number)
    until(four, TUESDAY)
    assert four.export["steps"]["ingredienten.governance.status"]["status"] == "onvoldoende"
    assert four.export["steps"]["ingredienten.waarde.status"]["status"] == "deels"


def test_a_grid_by_halves_of_one_is_kept(tmp_path: Path) -> None:
    chat = spread_out(tmp_path, ONE)
    to(chat, "ingredienten.nodig", "ingredienten.oordeel")
    chat.say("Anna", "governance onvoldoende")
    until(chat, TUESDAY)
    assert chat.export["steps"]["ingredienten.governance.status"]["status"] == "onvoldoende"
    assert chat.snapshot.vote == {}


def test_a_choice_that_excludes_itself_stays_open(four: Chat) -> None:
    to(four, "strategie.keuze")
    reply(four, "strategie.keuze", "1", "Bas")
    reply(four, "strategie.keuze", "2", "Dewi")
    until(four, TUESDAY)
    assert four.state("strategie.keuze") == "open"
    assert not four.view.stands_open("strategie.keuze")


def test_everybody_voted_and_one_left_closes_the_vote_that_is_not_the_latest(four: Chat) -> None:
    to(four, "impact.status", "impact.outcome")
    for who in ("Anna", "Bas"):
        tap(four, "impact.status", STATUS_SIGNS["deels"], who)
    assert four.position == "impact.outcome"
    four.members("Anna", "Bas")
    assert any("ik noteer **deels**" in one.text for one in four.says())


def test_an_answer_that_makes_another_question_needless_closes_it(four: Chat) -> None:
    to(four, "impact.status", "impact.acties")
    for who in FOUR:
        tap(four, "impact.status", STATUS_SIGNS["voldoende"], who)
    four.sign("Bas", AGREE, asking(four).number)
    assert not four.view.stands_open("impact.acties")
    assert any("niet meer nodig" in edit.text for edit in four.edits())


def test_what_a_choice_brings_up_comes_next(four: Chat) -> None:
    to(four, "routes.schaalniveau", "routes.keuze")
    reply(four, "routes.keuze", "in", "Bas")
    until(four, TUESDAY)
    assert steps_of(four.last) == ["routes.in.invulling", "routes.status", "routes.acties"]


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
        texts += [one.text for one in four.says() if "Wie zoekt het uit" in one.text]
        four.wait(days=1)
    assert len([text for text in texts if "Pilot · naam" in text]) == 1
    assert len([text for text in texts if "Pilot · periode" in text]) == 1


# The end, and the other way -----------------------------------------------------------------------------------------


def through(chat: Chat, most: int = 400) -> None:
    """Let day after day go by until the walk is done."""
    for _ in range(most):
        if chat.position == "einde":
            return
        chat.wait(days=1)
    raise AssertionError("the walk does not end")


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
