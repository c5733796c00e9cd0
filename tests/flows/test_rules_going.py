"""rules.md, "Where a room is": going through the guide by `!ga`, `!vorige` and `!wijzig`, which question is next, and
the end.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flows.book.model import END
from tests.chat import BOOK, Chat
from tests.flows.rules_rooms import alone, answer, asked_step, go, team, walk

# !ga -----------------------------------------------------------------------------------------------------------------


def test_ga_goes_to_the_first_unanswered_step_of_the_part(tmp_path: Path) -> None:
    """ "`!ga ONDERDEEL`: its first applicable unanswered step" """
    chat = alone(tmp_path)
    go(chat, "impact")
    chat.say("Anna", "kinderen groeien onveilig op")
    go(chat, "routes")
    go(chat, "impact")
    assert chat.position == "impact.noodzaak"


def test_ga_goes_to_the_first_step_where_all_are_answered(tmp_path: Path) -> None:
    """ "else its first" """
    chat = alone(tmp_path)
    go(chat, "canvas")
    for _ in range(2):
        chat.say("Anna", "!overslaan")
    go(chat, "canvas")
    assert asked_step(chat) == "canvas.duiding"


def test_ga_skips_what_does_not_apply(tmp_path: Path) -> None:
    """ "its first *applicable* unanswered step": strategie.werkzaam is for later."""
    chat = alone(tmp_path)
    go(chat, "strategie")
    assert chat.position == "strategie.keuze"


def test_in_kort_ga_goes_to_a_step_that_is_asked(tmp_path: Path) -> None:
    """The pace filters what the walk asks, also in a part."""
    chat = alone(tmp_path, "!tempo kort")
    go(chat, "routes")
    assert chat.position == "routes.keuze"


@pytest.mark.parametrize("place", ["canvas", "canvas.duiding"])
def test_it_goes_on_from_there(tmp_path: Path, place: str) -> None:
    """ "it goes on from there. `!ga STAP` likewise." """
    chat = alone(tmp_path)
    go(chat, place)
    chat.say("Anna", "!verder")
    assert chat.position == "canvas.eerst"


def test_ga_shows_what_was_noted_on_the_question_it_leaves(tmp_path: Path) -> None:
    """`!ga` leaves the open question: it is edited, an answer given there is kept, and it can't be tapped."""
    chat = team(tmp_path)
    answer(chat, "Dichtbij")
    left = chat.asked
    go(chat, "routes")
    assert [(edit.number, "Dichtbij" in edit.text) for edit in chat.edits()] == [(left, True)]
    chat.sign("Bas", "✅", left)
    assert (chat.last, chat.position) == ([], "routes.aannemelijk")


# Where next ----------------------------------------------------------------------------------------------------------


def test_next_is_the_first_open_step_after_the_position(tmp_path: Path) -> None:
    """ "Next is the first applicable *open* step after the position": answered, unknown and skipped ones are passed."""
    chat = alone(tmp_path)
    chat.say("Anna", "!verder")
    for step, said in (("betrokkenen", "wijkteam"), ("ontbreekt", "!weetniet"), ("vraagstuk", "!overslaan")):
        chat.say("Anna", f"!wijzig {step}")
        chat.say("Anna", said)
        if chat.snapshot.prompts():
            chat.say("Anna", "!verder")
    assert chat.position == "pilot.periode"
    states = [chat.state(step) for step in ("pilot.betrokkenen", "pilot.ontbreekt", "impact.vraagstuk")]
    assert states == ["answered", "unknown", "skipped"]
    assert set(walk(chat, "impact.noodzaak")) <= {"pilot.periode", "impact.noodzaak"}


def test_an_open_step_before_the_position_is_not_gone_back_to(tmp_path: Path) -> None:
    """ "after the position": what was left open lies behind."""
    chat = alone(tmp_path)
    seen = walk(chat, "impact.impact")
    assert seen == sorted(seen, key=BOOK.index)
    assert chat.state("pilot.naam") == "open"


def test_after_ga_back_also_answered_steps_come_until_where_it_was(tmp_path: Path) -> None:
    """ "after `!ga` and `!vorige` the next applicable one, until the step they left from" """
    chat = alone(tmp_path)
    chat.say("Anna", "Dichtbij")
    chat.say("Anna", "!verder")
    chat.say("Anna", "1 november 2026 - 1 december 2026")
    chat.say("Anna", "wijkteam")
    chat.say("Anna", "!verder")
    assert chat.position == "pilot.ontbreekt"
    go(chat, "pilot.naam")
    assert walk(chat, "pilot.ontbreekt") == ["pilot.periode", "pilot.betrokkenen", "pilot.ontbreekt"]
    chat.say("Anna", "!wijzig impact.vraagstuk")
    chat.say("Anna", "te laat hulp")
    chat.say("Anna", "!verder")
    chat.say("Anna", "!verder")
    assert chat.position == "impact.noodzaak"  # from where it was, only open ones again


def test_the_way_back_passes_what_does_not_apply(tmp_path: Path) -> None:
    """ "the next *applicable* one": in kort the deeper ones are not asked."""
    chat = alone(tmp_path, "!tempo kort")
    go(chat, "routes.keuze")
    chat.say("Anna", "!vorige")
    assert chat.position == "impact.acties"
    go(chat, "impact.vraagstuk")
    assert walk(chat, "routes.keuze")[-2:] == ["impact.acties", "routes.keuze"]


def test_a_second_ga_does_not_forget_where_the_first_left_from(tmp_path: Path) -> None:
    """ "until the step they left from": of several, the furthest."""
    chat = alone(tmp_path)
    for text in ("Dichtbij", "!verder", "vanaf mei 2026", "wijkteam", "!verder", "school", "!verder"):
        chat.say("Anna", text)
    assert chat.position == "impact.vraagstuk"
    go(chat, "pilot.betrokkenen")
    go(chat, "pilot.naam")
    assert walk(chat, "impact.vraagstuk") == [
        "pilot.periode", "pilot.betrokkenen", "pilot.ontbreekt", "impact.vraagstuk",
    ]  # fmt: skip


@pytest.mark.parametrize("place", ["canvas", "canvas.duiding"])
def test_from_the_end_ga_goes_on_from_there(tmp_path: Path, place: str) -> None:
    """ "it goes on from there", "the next applicable one, until the step they left from": from einde, until einde."""
    chat = alone(tmp_path)
    go(chat, "canvas")
    for said in ("!overslaan", "!overslaan", "geen"):
        chat.say("Anna", said)
    assert chat.position == END
    assert not set(chat.view.open_steps(["canvas.duiding", "canvas.eerst", "pilot.ritme"]))
    go(chat, place)
    assert chat.position == "canvas.duiding"
    assert walk(chat)[0] == "canvas.eerst"


# !vorige -------------------------------------------------------------------------------------------------------------


def test_vorige_is_the_previous_applicable_step(tmp_path: Path) -> None:
    """ "`!vorige`: the previous applicable step": routes that were not chosen are passed."""
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    chat.say("Anna", "in")
    go(chat, "routes.status")
    chat.say("Anna", "!vorige")
    assert asked_step(chat) == "routes.in.invulling"
    chat.say("Anna", "!vorige")
    assert asked_step(chat) == "routes.keuze"


def test_what_is_said_at_vorige_is_added(tmp_path: Path) -> None:
    """ "what is said there is added"; then the next one, until where it was."""
    chat = alone(tmp_path)
    go(chat, "impact.outcome")
    chat.say("Anna", "ouders vragen eerder hulp")
    chat.say("Anna", "!verder")
    chat.say("Anna", "!vorige")
    assert chat.position == "impact.outcome"
    assert "ouders vragen eerder hulp" in chat.text
    chat.say("Anna", "leerkrachten bellen eerder")
    assert chat.texts_of("impact.outcome") == ["ouders vragen eerder hulp", "leerkrachten bellen eerder"]
    chat.say("Anna", "!verder")
    assert chat.position == "impact.output"


def test_vorige_at_the_first_step_stays(tmp_path: Path) -> None:
    """There is no previous step: one line of help."""
    chat = alone(tmp_path)
    chat.say("Anna", "!vorige")
    assert [said.kind for said in chat.says()] == ["help"]
    assert chat.position == "pilot.naam"


def test_vorige_goes_back_from_the_end(tmp_path: Path) -> None:
    """From einde the previous one is the last."""
    chat = alone(tmp_path)
    go(chat, "pilot.ritme")
    chat.say("Anna", "verder")
    assert chat.position == END
    chat.say("Anna", "!vorige")
    assert asked_step(chat) == "pilot.ritme"
    chat.say("Anna", "verder")
    assert chat.position == END


# The end -------------------------------------------------------------------------------------------------------------


def test_the_end_says_what_is_open_and_when_it_comes_back(tmp_path: Path) -> None:
    """ "At the end (`einde`) the coach says what is still open and when it comes back" """
    chat = alone(tmp_path)
    go(chat, "canvas.duiding")
    chat.say("Anna", "!weetniet")
    walk(chat, "pilot.ritme")
    chat.say("Anna", "elke 6 weken")
    assert chat.position == END
    (said,) = chat.says()
    assert said.kind == "info"
    assert "`!ga naam`" in said.text
    assert "canvas.duiding" not in said.text
    assert "4 januari 2027" in said.text  # 23 november and six weeks


def test_the_end_without_a_rhythm_names_no_day(tmp_path: Path) -> None:
    """No rhythm, no day to come back."""
    chat = alone(tmp_path)
    go(chat, "pilot.ritme")
    chat.say("Anna", "geen")
    assert chat.position == END
    assert "2027" not in chat.text


def test_at_the_end_every_step_can_be_reached(tmp_path: Path) -> None:
    """ "every step can still be reached with `!ga` and `!wijzig`" """
    chat = alone(tmp_path)
    go(chat, "pilot.ritme")
    chat.say("Anna", "verder")
    steps = [step for step in BOOK.order if chat.export["steps"][step]["applicable"]]
    assert len(steps) > 80
    for step in steps:
        chat.say("Anna", f"!wijzig {step}")
        assert asked_step(chat) == step
        chat.say("Anna", "!overslaan")
        assert chat.position == END, step
    for step in steps:
        go(chat, step)
        assert (asked_step(chat), chat.position) == (step, step)


# !wijzig -------------------------------------------------------------------------------------------------------------


def _with_three(folder: Path) -> Chat:
    chat = alone(folder)
    go(chat, "impact.outcome")
    chat.say("Anna", "- een\n- twee\n- drie")
    chat.say("Anna", "!verder")
    return chat


def test_wijzig_numbers_the_items(tmp_path: Path) -> None:
    """ "`!wijzig STAP` is a detour: the items come numbered" """
    chat = _with_three(tmp_path)
    chat.say("Anna", "!wijzig outcome")
    assert re.findall(r"^(\d)\. (\w+)", chat.text, re.MULTILINE) == [("1", "een"), ("2", "twee"), ("3", "drie")]
    assert chat.position == "impact.output"


@pytest.mark.parametrize(
    ("said", "items"),
    [
        ("2: nieuwe tekst", ["een", "nieuwe tekst", "drie"]),
        ("2 weg", ["een", "drie"]),
        ("vier", ["een", "twee", "drie", "vier"]),
        ("120 gezinnen", ["een", "twee", "drie", "120 gezinnen"]),
        ("- vier\n- vijf", ["een", "twee", "drie", "vier", "vijf"]),
        ("9 weg", ["een", "twee", "drie"]),
        ("9: tekst", ["een", "twee", "drie"]),
        ("0 weg", ["een", "twee", "drie"]),
    ],
)
def test_wijzig_changes_removes_and_adds(tmp_path: Path, said: str, items: list[str]) -> None:
    """ "("2: nieuwe tekst", "2 weg", any other text is added)" """
    chat = _with_three(tmp_path)
    chat.say("Anna", "!wijzig outcome")
    chat.say("Anna", said)
    assert chat.texts_of("impact.outcome") == items
    assert chat.last
    chat.say("Anna", "!verder")
    assert chat.position == "impact.output"


def test_several_changes_count_by_the_numbers_as_they_stand(tmp_path: Path) -> None:
    """After "1 weg" what was 2 is what the coach shows as 1 when it is asked again."""
    chat = _with_three(tmp_path)
    chat.say("Anna", "!wijzig outcome")
    chat.say("Anna", "1 weg")
    chat.say("Anna", "!vraag")
    assert re.findall(r"^(\d)\. (\w+)", chat.text, re.MULTILINE) == [("1", "twee"), ("2", "drie")]
    chat.say("Anna", "1: TWEE")
    assert chat.texts_of("impact.outcome") == ["TWEE", "drie"]


@pytest.mark.parametrize("back", ["!verder", "verder", "klaar", "ok"])
def test_verder_returns_to_where_the_team_was(tmp_path: Path, back: str) -> None:
    """ "`!verder` returns to where the team was" """
    chat = _with_three(tmp_path)
    chat.say("Anna", "!wijzig pilot.naam")
    chat.say("Anna", "Dichtbij")
    chat.say("Anna", back)
    assert asked_step(chat) == "impact.output"
    chat.say("Anna", "tien gesprekken")
    assert chat.texts_of("impact.output") == ["tien gesprekken"]
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]


def test_a_detour_in_a_group_is_answered_by_a_reply(tmp_path: Path) -> None:
    """The same by a reply and ✅; a reply to the question that waits belongs to that one."""
    chat = team(tmp_path)
    go(chat, "impact.output")
    waiting = chat.asked
    chat.say("Anna", "!wijzig naam")
    detour = chat.asked
    answer(chat, "Dichtbij", "Bas")
    chat.say("Bas", "tien gesprekken", to=waiting)
    assert (chat.texts_of("pilot.naam"), chat.texts_of("impact.output")) == (["Dichtbij"], ["tien gesprekken"])
    chat.sign("Bas", "✅", waiting)
    assert chat.says() == []
    chat.sign("Bas", "✅", detour)
    assert asked_step(chat) == "impact.output"


@pytest.mark.parametrize("said", ["tien gesprekken", None])
def test_a_return_goes_to_the_question_that_stood_open_answered_or_not(tmp_path: Path, said: str | None) -> None:
    """ "returns to where the team was": nobody said that the team was done with that question."""
    chat = alone(tmp_path)
    go(chat, "impact.output")
    if said is not None:
        chat.say("Anna", said)
    chat.say("Anna", "!wijzig naam")
    chat.say("Anna", "!verder")
    assert (asked_step(chat), chat.position) == ("impact.output", "impact.output")


def test_a_detour_from_a_detour_returns_to_where_the_team_was(tmp_path: Path) -> None:
    """ "`!verder` returns to where the team was", also from the second."""
    chat = alone(tmp_path)
    go(chat, "impact.output")
    chat.say("Anna", "!wijzig pilot.naam")
    chat.say("Anna", "!wijzig impact.outcome")
    for _ in range(2):
        if chat.snapshot.prompts():
            chat.say("Anna", "!verder")
    assert (asked_step(chat), chat.snapshot.prompts()) == ("impact.output", [])


def test_a_detour_to_the_open_step_itself(tmp_path: Path) -> None:
    """`!wijzig` of the step where the team is: it comes back to that very question."""
    chat = alone(tmp_path)
    go(chat, "impact.output")
    chat.say("Anna", "tien gesprekken")
    chat.say("Anna", "!wijzig output")
    chat.say("Anna", "1: twintig gesprekken")
    chat.say("Anna", "!verder")
    assert chat.texts_of("impact.output") == ["twintig gesprekken"]
    assert chat.position == "impact.output"


def test_wijzig_of_actions_goes_by_their_numbers(tmp_path: Path) -> None:
    """The numbered items of an action step are its actions."""
    chat = alone(tmp_path)
    chat.say("Anna", "!actie iets anders")
    go(chat, "impact.acties")
    chat.say("Anna", "- nulmeting doen\n- ouders bellen")
    chat.say("Anna", "!wijzig impact.acties")
    assert re.findall(r"^- (\d)\W+(\w+)", chat.text, re.MULTILINE) == [("2", "nulmeting"), ("3", "ouders")]
    chat.say("Anna", "2: nulmeting herhalen")
    chat.say("Anna", "3 weg")
    assert [(one["number"], one["text"], one["state"]) for one in chat.export["actions"]] == [
        (1, "iets anders", "open"),
        (2, "nulmeting herhalen", "open"),
        (3, "ouders bellen", "dropped"),
    ]


@pytest.mark.parametrize("said", ["vaste plek", None])
def test_a_return_to_a_step_that_no_longer_applies_goes_to_the_next(tmp_path: Path, said: str | None) -> None:
    """ "A return to a step that no longer applies goes to the next.": also where an answer stands there."""
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    chat.say("Anna", "in, op")
    assert chat.position == "routes.in.invulling"
    if said is not None:
        chat.say("Anna", said)
    chat.say("Anna", "!wijzig routes.keuze")
    chat.say("Anna", "op")
    assert (chat.position, asked_step(chat)) == ("routes.op.invulling", "routes.op.invulling")


def test_ga_out_of_a_detour_closes_both_questions(tmp_path: Path) -> None:
    """ "`!ga` likewise": the question that was changed and the one that stood open beneath it are both left."""
    chat = alone(tmp_path)
    go(chat, "impact.output")
    chat.say("Anna", "!wijzig pilot.naam")
    chat.say("Anna", "!ga routes")
    assert not any(asked.open for step, asked in chat.snapshot.asked.items() if step != chat.position)
    assert {edit.step for edit in chat.edits()} == {"pilot.naam", "impact.output"}
