"""rules.md, "Steps and their conditions": each word of the column `when`, the pace, and what a message says of how far
it is.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.book.guards import parse
from tests.chat import BOOK, Chat
from tests.flows.rules_rooms import LEFT, alone, answer, asked_step, go, kern, team, walk

WORDS = {"always", "chosen", "count", "not", "answered", "some", "grid", "late", "recheck"}


def test_a_book_names_its_guards_by_these_words() -> None:
    """ "A book names its guards by these words." """
    assert {step.condition.name for step in BOOK.steps.values()} <= WORDS
    for word in ("sometimes", "else(a.b)", "Always", "chosen", "count(routes.keuze, veel)", "always(a.b)"):
        with pytest.raises(ValueError, match="condition"):
            parse(word)


# The words ----------------------------------------------------------------------------------------------------------


def test_chosen_asks_only_what_was_chosen(tmp_path: Path) -> None:
    """ "`chosen(step, word)`" """
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    chat.say("Anna", "in, op")
    seen = [chat.position, *walk(chat, "routes.status")]
    assert [step for step in seen if step.endswith(".invulling")] == ["routes.in.invulling", "routes.op.invulling"]


@pytest.mark.parametrize(("words", "asked"), [("in", False), ("in, op", True), ("in, op, diep", True)])
def test_count_asks_from_n_chosen_on(tmp_path: Path, words: str, asked: bool) -> None:
    """ "`count(step, n)`: n or more chosen" """
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    chat.say("Anna", words)
    assert ("routes.volgorde" in walk(chat, "routes.status")) is asked


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("voldoende", False),
        ("deels", True),
        ("onvoldoende", True),
        ("?", True),
        ("!verder", True),
        ("!overslaan", True),
        ("!weetniet", True),
    ],
)
def test_not_is_also_true_while_unanswered_skipped_or_unknown(tmp_path: Path, said: str, asked: bool) -> None:
    """ "`not(step, word)`: also true while unanswered, skipped or unknown" """
    chat = alone(tmp_path)
    go(chat, "impact.status")
    chat.say("Anna", said)
    assert ("impact.acties" in [chat.position, *walk(chat, "routes.aannemelijk")]) is asked


@pytest.mark.parametrize(("said", "asked"), [("nee", False), ("ja", True), ("deels", True), ("!weetniet", True)])
def test_not_holds_for_pitfalls_too(tmp_path: Path, said: str, asked: bool) -> None:
    """ "`not(step, word)`" with the words of `applies`"""
    chat = alone(tmp_path)
    go(chat, "valkuilen.samenhang.geldt")
    chat.say("Anna", said)
    seen = [chat.position, *walk(chat, "valkuilen.omstandigheden.welke")]
    assert ("valkuilen.samenhang.acties" in seen) is asked


@pytest.mark.parametrize("said", ["!verder", "!overslaan", "!weetniet", "bij nieuwe gezinnen"])
def test_answered_asks_only_where_something_is_noted(tmp_path: Path, said: str) -> None:
    """ "`answered(step)`: has an item" """
    chat = alone(tmp_path)
    go(chat, "valkuilen.scope.situaties")
    chat.say("Anna", said)
    seen = walk(chat, "valkuilen.scope.doelgroepen") if chat.position != "valkuilen.scope.doelgroepen" else []
    assert ("valkuilen.scope.situaties.gevolg" in seen) is (said == "bij nieuwe gezinnen")


def test_answered_ends_when_the_item_goes(tmp_path: Path) -> None:
    """ "evaluated anew whenever the next step is sought" """
    chat = alone(tmp_path)
    go(chat, "valkuilen.scope.situaties")
    chat.say("Anna", "bij nieuwe gezinnen")
    said = chat.event
    assert chat.export["steps"]["valkuilen.scope.situaties.gevolg"]["applicable"] is True
    chat.redact("Anna", said)
    assert chat.export["steps"]["valkuilen.scope.situaties.gevolg"]["applicable"] is False
    chat.say("Anna", "!verder")
    assert chat.position == "valkuilen.scope.doelgroepen"


@pytest.mark.parametrize(
    ("said", "asked"), [("geen", False), ("geld", True), ("anders: corona", True), ("!verder", False)]
)
def test_some_asks_where_something_other_than_geen_was_chosen(tmp_path: Path, said: str, asked: bool) -> None:
    """ "`some(step)`: something other than *geen* chosen" """
    chat = alone(tmp_path)
    go(chat, "valkuilen.omstandigheden.welke")
    chat.say("Anna", said)
    assert (chat.position == "valkuilen.omstandigheden.wegvallen") is asked


def test_some_looks_at_the_choice_of_the_team(tmp_path: Path) -> None:
    """*geen* of one member beside a condition of another: something else was chosen."""
    chat = team(tmp_path)
    go(chat, "valkuilen.omstandigheden.welke")
    answer(chat, "geen")
    answer(chat, "geld", "Bas")
    chat.sign("Bas", "✅", chat.asked)
    assert chat.position == "valkuilen.omstandigheden.wegvallen"


ROWS = BOOK.steps["ingredienten.oordeel"].form.rows


@pytest.mark.parametrize("said", ["v d o o ? d v v", "!verder", "!overslaan", "!weetniet", "governance deels"])
def test_a_row_of_a_grid_is_not_asked_on_its_own(tmp_path: Path, said: str) -> None:
    """ "`grid(step)`: set through that grid" """
    chat = alone(tmp_path, "!tempo kort")
    go(chat, "ingredienten.oordeel")
    chat.say("Anna", said)
    assert not set(ROWS) & set(walk(chat))


def test_a_row_on_which_members_disagree_is_asked_on_its_own(tmp_path: Path) -> None:
    """ "asked on its own only where members disagree" """
    chat = team(tmp_path, start="!tempo kort")
    go(chat, "ingredienten.oordeel")
    answer(chat, "v v v v v v v v")
    answer(chat, "v v o v v v v d", "Bas")
    chat.sign("Anna", "✅", chat.says()[0].number)
    seen = [chat.position, *walk(chat, "ingredienten.status")]
    assert [step for step in seen if step in ROWS] == ["ingredienten.governance.status"]


def test_a_row_of_a_grid_is_asked_on_its_own_on_wijzig(tmp_path: Path) -> None:
    """ "or on `!wijzig`" """
    chat = alone(tmp_path, "!tempo kort")
    go(chat, "ingredienten.oordeel")
    chat.say("Anna", "v v v v v v v v")
    chat.say("Anna", "!wijzig governance.status")
    assert asked_step(chat) == "ingredienten.governance.status"
    chat.say("Anna", "onvoldoende")
    assert chat.export["steps"]["ingredienten.governance.status"]["status"] == "onvoldoende"
    assert not set(ROWS) & {chat.position, *walk(chat)}


def _late(chat: Chat) -> bool:
    return bool(chat.export["steps"]["strategie.werkzaam"]["applicable"])


@pytest.mark.parametrize(
    ("period", "late"),
    [
        ("1 november 2026 - 1 december 2026", True),  # it is 23 november
        ("1 november 2026 - 31 december 2026", False),
        ("23 november 2026 - 23 november 2027", False),
        ("1 januari 2025 - 1 januari 2026", True),
        ("vanaf mei 2025", False),
        ("weten we niet", False),
        ("!verder", False),
    ],
)
def test_late_is_from_half_of_the_pilot(tmp_path: Path, period: str, late: bool) -> None:
    """ "`late`: from half of the pilot" """
    chat = alone(tmp_path)
    go(chat, "pilot.periode")
    chat.say("Anna", period)
    assert _late(chat) is late
    go(chat, "canvas.duiding")
    go(chat, "strategie")
    assert (chat.position == "strategie.werkzaam") is late


def test_late_comes_with_time(tmp_path: Path) -> None:
    """ "evaluated anew": nothing but time goes by."""
    chat = alone(tmp_path)
    go(chat, "pilot.periode")
    chat.say("Anna", "1 november 2026 - 31 december 2026")
    assert not _late(chat)
    chat.wait(days=8)
    assert _late(chat)


def test_half_of_the_pilot_is_a_day_of_the_room(tmp_path: Path) -> None:
    """ "from half of the pilot": the day begins at midnight where the room is, not in UTC."""
    chat = alone(tmp_path, now=datetime(2026, 11, 20, 20, tzinfo=UTC))
    go(chat, "pilot.periode")
    chat.say("Anna", "1 november 2026 - 11 december 2026")  # half: 21 november
    assert not _late(chat)
    chat.now = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # 00:30 on the 21st in Amsterdam
    assert _late(chat)


def test_a_step_for_rechecks_is_not_in_the_walk(tmp_path: Path) -> None:
    """ "`recheck`: in re-checks only" """
    chat = alone(tmp_path, "!tempo kort")
    chat.say("Anna", "!tempo volledig")
    go(chat, "canvas.duiding")
    assert "pilot.wijziging" not in walk(chat)
    assert chat.export["steps"]["pilot.wijziging"]["applicable"] is False


def test_a_condition_is_read_anew_whenever_the_next_step_is_sought(tmp_path: Path) -> None:
    """ "evaluated anew whenever the next step is sought": a choice changed halfway counts at once."""
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    chat.say("Anna", "in, op")
    assert chat.position == "routes.in.invulling"
    chat.say("Anna", "!wijzig routes.keuze")
    chat.say("Anna", "in, diep")
    assert chat.position == "routes.in.invulling"
    chat.say("Anna", "!verder")
    assert chat.position == "routes.diep.invulling"


# The pace -----------------------------------------------------------------------------------------------------------


def test_kort_asks_the_steps_of_depth_kern(tmp_path: Path) -> None:
    """ "*kort* asks the steps of depth kern" """
    chat = alone(tmp_path, "!tempo kort")
    seen = [chat.position, *walk(chat)]
    assert kern(seen)
    wanted = [step.id for step in BOOK.steps.values() if step.depth == "kern" and step.condition.name == "always"]
    assert set(wanted) <= set(seen)


def test_volledig_asks_both_depths_in_the_order_of_the_book(tmp_path: Path) -> None:
    """*volledig* filters nothing, and order is that of steps.tsv."""
    chat = alone(tmp_path)
    seen = [chat.position, *walk(chat)][:-1]
    assert not kern(seen)
    assert seen == sorted(seen, key=BOOK.index)
    assert set(seen) >= {step.id for step in BOOK.steps.values() if step.condition.name == "always"}


def test_changing_the_pace_later_loses_nothing(tmp_path: Path) -> None:
    """ "The pace is a filter, no state. Changing it later loses nothing." """
    chat = alone(tmp_path)
    go(chat, "pilot.betrokkenen")
    chat.say("Anna", "wijkteam en school")
    chat.say("Anna", "!verder")
    assert chat.position == "pilot.ontbreekt"
    chat.say("Anna", "!tempo kort")
    assert chat.texts_of("pilot.betrokkenen") == ["wijkteam en school"]
    assert chat.export["steps"]["pilot.betrokkenen"]["applicable"] is True
    chat.say("Anna", "!verder")
    assert chat.position == "impact.vraagstuk"
    chat.say("Anna", "!tempo volledig")
    chat.say("Anna", "!verder")
    assert chat.texts_of("pilot.betrokkenen") == ["wijkteam en school"]
    go(chat, "pilot")
    assert chat.position in {"pilot.naam", "pilot.ontbreekt"}
    assert "impact.noodzaak" in [chat.position, *walk(chat, "impact.impact")]


def test_kort_does_not_bar_a_deeper_step(tmp_path: Path) -> None:
    """The pace only filters what the walk asks: the step can be reached."""
    chat = alone(tmp_path, "!tempo kort")
    go(chat, "impact.noodzaak")
    assert asked_step(chat) == "impact.noodzaak"
    chat.say("Anna", "huisartsen zien het te laat")
    assert chat.texts_of("impact.noodzaak") == ["huisartsen zien het te laat"]


def test_an_answer_whose_step_stops_applying_is_kept_and_hidden(tmp_path: Path) -> None:
    """ "An answer whose step stops applying is kept and hidden." """
    chat = alone(tmp_path)
    go(chat, "routes.keuze")
    chat.say("Anna", "in")
    chat.say("Anna", "vaste plek bij het wijkteam")
    chat.say("Anna", "!verder")
    chat.say("Anna", "!overzicht routes")
    assert "vaste plek" in chat.text
    chat.say("Anna", "!wijzig routes.keuze")
    chat.say("Anna", "op")
    step = chat.export["steps"]["routes.in.invulling"]
    assert step["applicable"] is False
    assert [item["text"] for item in step["items"]] == ["vaste plek bij het wijkteam"]
    chat.say("Anna", "!overzicht routes")
    assert "vaste plek" not in chat.text
    chat.say("Anna", "!wijzig routes.keuze")
    chat.say("Anna", "in")
    chat.say("Anna", "!overzicht routes")
    assert "vaste plek" in chat.text


# How far it is ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pace", ["kort", "volledig"])
def test_a_question_says_how_many_are_left_and_never_of_how_many(tmp_path: Path, pace: str) -> None:
    """ "A message never says "5 van 13": it says "nog ongeveer 7 vragen in dit onderdeel"." """
    chat = alone(tmp_path, f"!tempo {pace}")
    walk(chat)
    questions = [said for said in chat.says(chat.seen) if said.kind == "question"]
    for said in questions:
        assert LEFT.search(said.text), said.step
    for said in chat.says(chat.seen):
        assert not re.search(r"\d+ (?:van|/) (?:de )?\d+|\b\d+/\d+\b|vraag \d+", said.text), said.text


def test_the_number_follows_the_answers(tmp_path: Path) -> None:
    """ "the number changes with the answers" """
    left = {}
    for words in ("in", "in, op, diep"):
        folder = tmp_path / words.replace(", ", "")
        folder.mkdir()
        chat = alone(folder)
        go(chat, "routes.keuze")
        chat.say("Anna", words)
        match = LEFT.search(chat.text)
        assert match is not None
        left[words] = int(match[1])
    assert left["in, op, diep"] == left["in"] + 3
