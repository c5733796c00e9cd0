"""Rules of `!wijze gespreid`: votes, choices, grids and drafts at several open questions at once, none of them lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.conversation.marks import AGREE, STATUS_SIGNS
from tests.chat import Chat
from tests.flows.recheck_rooms import FOUR, ONE, asking, steps_of, until
from tests.flows.spaced_rooms import TUESDAY, number_of, open_ones, reply, spread_out, tap, to


@pytest.fixture
def four(tmp_path: Path) -> Chat:
    """The group."""
    return spread_out(tmp_path)


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


def test_what_comes_after_a_choice_waits_for_it(four: Chat) -> None:
    windows = [steps_of(four.wait(days=1)) for _ in range(40)]
    (found,) = [steps for steps in windows if "routes.keuze" in steps]
    assert found[-1] == "routes.keuze"
    (found,) = [steps for steps in windows if "ingredienten.oordeel" in steps]
    assert found == ["ingredienten.nodig", "ingredienten.oordeel"]


def test_what_a_choice_brings_up_comes_next(four: Chat) -> None:
    to(four, "routes.schaalniveau", "routes.keuze")
    reply(four, "routes.keuze", "in", "Bas")
    until(four, TUESDAY)
    assert steps_of(four.last) == ["routes.in.invulling", "routes.status", "routes.acties"]
