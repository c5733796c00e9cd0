"""The machine that moves a room, and the conditions under which a step is asked. Rule: a move that the book does not
allow raises and changes nothing; a condition reads how the room stands now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from flows.book.guards import parse
from flows.book.machine import MoveError, Mover
from flows.book.model import BEGIN, END
from flows.conversation import walk
from flows.conversation.draft import Draft
from flows.conversation.hearing import Capabilities, Setting
from flows.conversation.snapshot import Answer, Item, Once, Put, Record, Room, Snapshot, Taken, apply
from flows.conversation.view import RoomView
from tests.chat import BOOK, TEXTS

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SETTING = Setting(BOOK, TEXTS, Capabilities(), "Gemeente Voorbeeld")


def room(*records: Record) -> Snapshot:
    return apply(Snapshot("r1"), [Put(record) for record in records])


# The machine ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("position", [BEGIN, END, "impact.outcome", "canvas.duiding"])
def test_every_step_can_be_reached_from_anywhere(position: str) -> None:
    mover = Mover(BOOK)
    assert [mover.move(position, step) for step in BOOK.order] == list(BOOK.order)
    assert mover.move(position, END) == END


@pytest.mark.parametrize("destination", ["impact.nergens", "", BEGIN, "einde ", "to einde", "impact"])
def test_a_destination_that_the_book_does_not_have_raises(destination: str) -> None:
    with pytest.raises(MoveError):
        Mover(BOOK).move("impact.outcome", destination)


@pytest.mark.parametrize("position", ["impact.nergens", "", "Begin"])
def test_a_position_that_the_book_does_not_have_raises(position: str) -> None:
    with pytest.raises(MoveError):
        Mover(BOOK).move(position, "impact.outcome")


def test_a_step_that_does_not_apply_raises_and_the_end_always_applies() -> None:
    mover = Mover(BOOK)
    with pytest.raises(MoveError):
        mover.move("impact.outcome", "impact.output", allowed=False)
    assert mover.move("impact.outcome", END, allowed=False) == END


def test_a_refused_move_leaves_nothing_behind_in_the_machine() -> None:
    mover = Mover(BOOK)
    for destination, allowed in (("impact.nergens", True), ("impact.output", False)):
        with pytest.raises(MoveError):
            mover.move("impact.outcome", destination, allowed=allowed)
        assert mover.move(BEGIN, "pilot.naam") == "pilot.naam"


@pytest.mark.parametrize(
    ("destination", "error"), [("routes.in.invulling", MoveError), ("impact.nergens", (MoveError, KeyError))]
)
def test_a_refused_move_leaves_the_room_where_it_was(destination: str, error: type[Exception]) -> None:
    before = room(Room(position="impact.outcome"))
    draft = Draft(SETTING, before, NOW)
    with pytest.raises(error):
        walk.go(draft, destination)
    assert draft.room.position == "impact.outcome"
    assert draft.changes == []
    assert before == room(Room(position="impact.outcome"))


# The conditions -------------------------------------------------------------------------------------------------------


def settled(step: str, status: str | None = None, *, state: str = "answered", value: str | None = None) -> Answer:
    return Answer(step, state, NOW, status, value=value)


def chose(step: str, *words: str) -> Answer:
    quoted = ", ".join(f'"{word}"' for word in words)
    return settled(step, value=f"[{quoted}]")


def item(step: str, event: str | None = None) -> Item:
    return Item(1, step, "iets", "Anna", NOW, event)


HIDDEN = Taken("e1", "impact.impact", "Anna", hidden_at=NOW, hidden_by=("Bas",))
SHOWN = Taken("e1", "impact.impact", "Anna")
ROUTES = "routes.keuze"
WHICH = "valkuilen.omstandigheden.welke"

CONDITIONS: list[tuple[str, Iterable[Record], bool]] = [
    ("always", [], True),
    ("chosen(routes.keuze, in)", [], False),
    ("chosen(routes.keuze, in)", [chose(ROUTES, "in")], True),
    ("chosen(routes.keuze, in)", [chose(ROUTES, "uit", "in")], True),
    ("chosen(routes.keuze, in)", [chose(ROUTES, "uit")], False),
    ("chosen(routes.keuze, in)", [settled(ROUTES, state="unknown")], False),
    ("count(routes.keuze, 2)", [], False),
    ("count(routes.keuze, 2)", [chose(ROUTES, "in")], False),
    ("count(routes.keuze, 2)", [chose(ROUTES, "in", "op")], True),
    ("count(routes.keuze, 2)", [chose(ROUTES, "in", "op", "uit")], True),
    ("not(impact.status, voldoende)", [], True),
    ("not(impact.status, voldoende)", [settled("impact.status", state="skipped")], True),
    ("not(impact.status, voldoende)", [settled("impact.status", "onbekend", state="unknown")], True),
    ("not(impact.status, voldoende)", [settled("impact.status", "deels")], True),
    ("not(impact.status, voldoende)", [settled("impact.status", "onvoldoende")], True),
    ("not(impact.status, voldoende)", [settled("impact.status", "voldoende")], False),
    ("not(valkuilen.scope.geldt, nee)", [settled("valkuilen.scope.geldt", "nee")], False),
    ("not(valkuilen.scope.geldt, nee)", [settled("valkuilen.scope.geldt", "ja")], True),
    ("answered(impact.impact)", [], False),
    ("answered(impact.impact)", [item("impact.impact")], True),
    ("answered(impact.impact)", [item("impact.outcome")], False),
    ("answered(impact.impact)", [settled("impact.impact", state="unknown")], False),
    ("answered(impact.impact)", [settled("impact.impact", state="skipped")], False),
    ("answered(impact.impact)", [item("impact.impact", "e1"), SHOWN], True),
    ("answered(impact.impact)", [item("impact.impact", "e1"), HIDDEN], False),
    (f"some({WHICH})", [], False),
    (f"some({WHICH})", [chose(WHICH, "geen")], False),
    (f"some({WHICH})", [chose(WHICH, "geld")], True),
    (f"some({WHICH})", [chose(WHICH, "geen", "geld")], True),
    (f"some({WHICH})", [settled(WHICH, state="unknown")], False),
    ("grid(ingredienten.oordeel)", [], False),
    ("grid(ingredienten.oordeel)", [settled("ingredienten.waarde.status", "deels")], False),
    ("grid(ingredienten.oordeel)", [Once("alone:ingredienten.waarde.status", "waiting")], True),
    ("grid(ingredienten.oordeel)", [Once("alone:ingredienten.kennis.status", "waiting")], False),
    ("recheck", [], False),
]


@pytest.mark.parametrize(("condition", "records", "holds"), CONDITIONS)
def test_a_condition_reads_how_the_room_stands(condition: str, records: Iterable[Record], holds: bool) -> None:
    guard = parse(condition).guard("ingredienten.waarde.status")
    assert guard(RoomView(BOOK, room(*records), NOW)) is holds


PERIOD = '{"start": "2026-09-01", "end": "2026-11-30"}'  # ninety days: the half is reached on 16 October


@pytest.mark.parametrize(
    ("value", "moment", "holds"),
    [
        (PERIOD, datetime(2026, 10, 15, 12, 0, tzinfo=UTC), False),
        (PERIOD, datetime(2026, 10, 16, 12, 0, tzinfo=UTC), True),
        (PERIOD, datetime(2027, 3, 1, 12, 0, tzinfo=UTC), True),
        (PERIOD, datetime(2026, 8, 1, 12, 0, tzinfo=UTC), False),
        ('{"start": "2026-09-01", "end": null}', datetime(2030, 1, 1, tzinfo=UTC), False),
        ('{"start": null, "end": "2026-11-30"}', datetime(2030, 1, 1, tzinfo=UTC), False),
        (None, datetime(2030, 1, 1, tzinfo=UTC), False),
    ],
)
def test_late_is_from_half_of_the_pilot(value: str | None, moment: datetime, holds: bool) -> None:
    records = [] if value is None else [settled("pilot.periode", value=value)]
    assert parse("late").guard("strategie.werkzaam")(RoomView(BOOK, room(*records), moment)) is holds


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("altijd", "altijd"),
        ("Always", "Always"),
        ("", "''"),
        ("chosen", "chosen"),
        ("chosen(routes.keuze)", "2"),
        ("always(impact.impact)", "0"),
        ("late(impact.impact, ja)", "0"),
        ("count(routes.keuze, twee)", "twee"),
        ("not(impact.status, voldoende", "not"),
        ("not(impact.status, voldoende) en always", "always"),
        ("not(impact.status, voldoende, deels)", "deels"),
    ],
)
def test_a_condition_that_cannot_be_read_says_what_is_wrong(text: str, word: str) -> None:
    with pytest.raises(ValueError, match=r"condition") as caught:
        parse(text)
    assert word in str(caught.value)


def test_every_condition_of_the_guide_is_used_by_its_book() -> None:
    """One that no step uses could be wrong without a team noticing: then this table is all that tests it."""
    used = {step.condition.name for step in BOOK.steps.values()}
    tested = {parse(condition).name for condition, _, _ in CONDITIONS} | {"late"}
    assert used == tested
