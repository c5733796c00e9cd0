"""`coherence.toml`: every fault in it is named with file and place, and a book without it asks nothing further."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.book import load_book
from flows.book.coherence import parse
from tests.flows.books import Break, apply_break, copy_book, faults_of, rename_step

FILE = "coherence.toml"
# what is wrong: (what is changed, into what, the place, words that name it)
BREAKS = {
    "an unknown step": ("filled(impact.output)", "filled(impact.uitkomst)", "alarm 'tellen'", "impact.uitkomst"),
    "an unknown choice": ("chosen(routes.keuze, op)", "chosen(routes.keuze, omhoog)", "alarm 'steun'", "omhoog"),
    "an unknown status": (
        "status(ingredienten.samenwerking.status, voldoende)",
        "status(ingredienten.samenwerking.status, prima)",
        "alarm 'buiten'",
        "prima",
    ),
    "a word of another kind of status": (
        "status(valkuilen.scope.geldt, nee)",
        "status(valkuilen.scope.geldt, voldoende)",
        "alarm 'elders'",
        "voldoende",
    ),
    "a step of the wrong kind": ("number(impact.output)", "number(impact.beoogd)", "alarm 'tellen'", "multi"),
    "an unknown list": ("says(impact.output, tellen)", "says(impact.output, teller)", "alarm 'tellen'", "teller"),
    "an unknown term": ("filled(impact.input)", "empty(impact.input)", "alarm 'nodig'", "empty"),
    "no place for actions": ("not action(valkuilen)", "not action(pilot)", "alarm 'partners'", "pilot"),
    "too few arguments": ("count(routes.keuze, 2)", "count(routes.keuze)", "alarm 'volgorde'", "argument"),
    "no number": ("count(routes.keuze, 2)", "count(routes.keuze, twee)", "alarm 'volgorde'", "twee"),
    "no condition at all": ("filled(pilot.ontbreekt)", "pilot.ontbreekt", "alarm 'buiten'", "cannot be read"),
    "kept at an unknown step": (
        'keeps = "routes.volgorde"', 'keeps = "routes.orde"', "alarm 'volgorde'", "routes.orde",
    ),
    "kept at a vote on eight": (
        'keeps = "routes.volgorde"', 'keeps = "ingredienten.oordeel"', "alarm 'volgorde'", "grid",
    ),
    "a change of an unknown step": (
        '"impact.output", "impact.a', '"impact.uit", "impact.a', "alarm 'zin'", "impact.uit",
    ),
    "a name that is not filled in": ("maar niet route In of Op", "maar niet {rows}", "alarm 'borging'", "rows"),
    "asked when and without a condition": ('on = "change"', 'on = "leave"', "alarm 'zin'", "condition"),
    "two with one number": ("number = 2\n", "number = 1\n", "alarm '1'", "twice"),
    "two with one name": ('id = "geld"', 'id = "steun"', "alarm 'steun'", "twice"),
    "shown at an unknown step": ('"strategie.samenhang"]', '"strategie.fit"]', "shown", "strategie.fit"),
    "a list with a capital": ('"aantal*"', '"Aantal*"', "words, tellen", "pattern"),
    "weighed at an unknown step": ('at = "strategie.keuze"', 'at = "strategie.kies"', "weighing", "strategie.kies"),
    "a choice that there is not": ('choice = "groei"', 'choice = "krimp"', "weighing, reason 1", "krimp"),
    "ready by an unknown grid": (
        'grid = "ingredienten.oordeel"', 'grid = "ingredienten.o"', "readiness", "ingredienten.o",
    ),
    "ready by an unknown alarm": ('alarms = ["risico"]', 'alarms = ["gok"]', "readiness", "gok"),
    "a side that there is not": ('side = "for"', 'side = "with"', "weighing", "for"),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_a_fault_is_named_with_file_and_place(tmp_path: Path, name: str) -> None:
    old, new, place, word = BREAKS[name]
    folder = copy_book(tmp_path)
    apply_break(folder, Break(FILE, None, old, new))
    faults = faults_of(folder)
    assert faults, "no fault was found"
    assert all(fault.startswith(f"{FILE}: ") for fault in faults), faults
    assert any(fault.startswith(f"{FILE}: {place}") and word in fault for fault in faults), faults


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    folder = copy_book(tmp_path)
    for name in ("an unknown step", "an unknown choice", "ready by an unknown alarm"):
        old, new, _, _ = BREAKS[name]
        apply_break(folder, Break(FILE, None, old, new))
    assert len(faults_of(folder)) >= 3


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    folder = copy_book(tmp_path)
    (folder / FILE).write_text("[[alarm]\n", "utf-8")
    (fault,) = faults_of(folder)
    assert fault.startswith(f"{FILE}: is not TOML")


def test_a_book_without_it_asks_nothing_further(tmp_path: Path) -> None:
    folder = copy_book(tmp_path)
    (folder / FILE).unlink()
    book = load_book(folder)
    assert (book.alarms, book.reasons, book.coherence.shown) == ((), (), ())


def test_a_step_may_be_renamed_without_code(tmp_path: Path) -> None:
    folder = copy_book(tmp_path)
    rename_step(folder, "impact.output", "impact.oogst")
    assert faults_of(folder) == []


@pytest.mark.parametrize(
    ("clause", "terms"),
    [
        ("filled(a.b)", [("filled", ("a.b",), False)]),
        ("not status(a.b, ja, deels)", [("status", ("a.b", "ja", "deels"), True)]),
        ("chosen(a.b, op) or not filled(c.d)", [("chosen", ("a.b", "op"), False), ("filled", ("c.d",), True)]),
    ],
)
def test_a_clause_is_read(clause: str, terms: list[tuple[str, tuple[str, ...], bool]]) -> None:
    assert [(term.name, term.args, term.negated) for term in parse(clause)] == terms
