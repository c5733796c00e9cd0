"""A book in another language is the same guide, and the catalogues say the same things: every difference is named, with
its file and place.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bot import reading
from flows.book.load import books_folder, load_guide
from flows.catalogue import Catalogue, load_catalogue
from flows.catalogue.alike import catalogue_faults, differences
from flows.languages import known, load_languages
from tests.flows.books import Break, apply_break, rename_step, without_step


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    """The guide's books as files, to change."""
    folder = tmp_path / "books" / "opschalen"
    shutil.copytree(str(books_folder().joinpath("opschalen")), folder)
    return folder


def faults_after(guide: Path, *changes: Break) -> list[str]:
    for change in changes:
        apply_break(guide / "en", change)
    return load_guide(guide)[1]


def test_the_books_that_come_with_the_product_are_alike(guide: Path) -> None:
    assert load_guide(guide)[1] == []
    assert known() == ("nl", "en")
    assert set(load_languages().by_code) == {"nl", "en"}


BREAKS = [
    (Break("impact.toml", "impact.outcome", 'kind = "text"', 'kind = "actions"'),
     "impact.toml: impact.outcome: kind is"),
    (Break("impact.toml", "impact.outcome", 'depth = "kern"', 'depth = "verdieping"'),
     "impact.toml: impact.outcome: depth is 'verdieping', should be 'kern'"),
    (Break("impact.toml", "impact.acties", "not(impact.status, voldoende)", "always"),
     "impact.toml: impact.acties: when is 'always', should be 'not(impact.status, voldoende)'"),
    (Break("impact.toml", "impact.output", 'right = "impact.outcome"', 'right = "impact.impact"'),
     "impact.toml: impact.output: right is"),
    (Break("impact.toml", "impact.beoogd", 'word = "verzachten"', 'word = "verzwakken"'),
     "impact.toml: impact.beoogd: choices is"),
    (Break("impact.toml", "impact.statement", "With {impact.input} we", "We"),
     "impact.toml: impact.statement: frame is"),
    (Break("ingredienten.toml", "ingredienten.oordeel",
           '"ingredienten.wensen.status", "ingredienten.governance.status"',
           '"ingredienten.governance.status", "ingredienten.wensen.status"'),
     "ingredienten.toml: ingredienten.oordeel: rows is"),
    (Break("ingredienten.toml", "ingredienten.status", '"lowest", among = "ingredienten.nodig"', '"lowest"'),
     "ingredienten.toml: ingredienten.status: proposal is"),
    (Break("pilot.toml", "pilot.ritme", 'after = "canvas.eerst"\n', ""), "pilot.toml: pilot.ritme: after is missing"),
    (Break("strategie.toml", "strategie.keuze", '"groei", "franchise"', '"groei"'),
     "strategie.toml: strategie.keuze: exclusive is"),
    (Break("valkuilen.toml", "valkuilen.partners.wrijving", 'none = "geen"\n', ""),
     "valkuilen.toml: valkuilen.partners.wrijving: none is missing, should be 'geen'"),
    (Break("book.toml", None, 'version = "1"', 'version = "2"'), "book.toml: version: is '2', should be '1'"),
    (Break("book.toml", None, 'language = "en"', 'language = "fr"'), "book.toml: says that its language is 'fr'"),
    (Break("book.toml", None, 'after = "impact.input"', 'after = "impact.output"'), "book.toml: nudge keten: after is"),
    (Break("book.toml", None, 'first = ["pilot.wijziging", ', "first = ["), "book.toml: recheck: first is"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "fault"), BREAKS, ids=[fault for _, fault in BREAKS])
def test_what_is_no_text_must_be_the_same(guide: Path, change: Break, fault: str) -> None:
    found = faults_after(guide, change)
    assert [one for one in found if one.startswith(f"opschalen/en/{fault}")], found
    assert all(one.startswith("opschalen/en/") for one in found)


def test_a_nudge_too_many_is_named(guide: Path) -> None:
    path = guide / "en" / "book.toml"
    nudge = '\n[[nudge]]\nid = "meer"\nafter = "impact.input"\nkeeps = "impact.status"\ntext = "More?"\n'
    path.write_text(path.read_text("utf-8") + nudge, "utf-8")
    assert load_guide(guide)[1] == ["opschalen/en/book.toml: nudge: is keten, meer, should be keten"]


def test_texts_may_differ(guide: Path) -> None:
    changed = Break("impact.toml", "impact.outcome", 'title = "outcome"', 'title = "what people do"')
    assert faults_after(guide, changed) == []


def test_a_step_that_is_missing_or_too_many_is_named(guide: Path) -> None:
    without_step(guide / "en", "impact.noodzaak")
    assert load_guide(guide)[1] == ["opschalen/en/impact.toml: impact.noodzaak: this step is missing"]
    rename_step(guide / "en", "impact.verschil", "impact.anders")
    assert "opschalen/en/impact.toml: impact.anders: the other language has no such step" in load_guide(guide)[1]


def test_another_order_is_named(guide: Path) -> None:
    path = guide / "en" / "routes.toml"
    head, *steps = path.read_text("utf-8").split("[[step]]\n")
    place = next(at for at, step in enumerate(steps) if step.startswith('id = "routes.rol"'))
    steps[place], steps[place + 1] = steps[place + 1], steps[place]
    path.write_text("[[step]]\n".join([head, *steps]), "utf-8")
    fault = "opschalen/en/routes.toml: routes.toekomst: stands where 'routes.rol' is asked"
    assert load_guide(guide)[1] == [fault]


def test_two_steps_can_t_be_called_the_same(guide: Path) -> None:
    twice = Break("impact.toml", "impact.noodzaak", 'called = "impact.need"', 'called = "impact.issue"')
    found = faults_after(guide, twice)
    assert "opschalen/en/impact.toml: impact.noodzaak: another step is called 'impact.issue' too" in found


def test_check_names_the_differences(guide: Path) -> None:
    apply_break(guide / "en", BREAKS[1][0])
    assert reading.faults(None, guide.parent) == [
        "opschalen/en/impact.toml: impact.outcome: depth is 'verdieping', should be 'kern'"
    ]


# The catalogues -------------------------------------------------------------------------------------------------------


def test_every_catalogue_has_every_text_and_list_with_the_same_names() -> None:
    assert catalogue_faults() == []


def changed(**values: object) -> Catalogue:
    """The English catalogue with some texts otherwise (None: gone)."""
    texts = {**load_catalogue("en").texts, **{key.replace("__", "."): value for key, value in values.items()}}
    return replace(load_catalogue("en"), texts={key: value for key, value in texts.items() if value is not None})


@pytest.mark.parametrize(
    ("catalogue", "fault"),
    [
        (changed(begin__line=None), "en.toml: begin.line: this text is missing"),
        (changed(votes__one=None), "en.toml: votes.one: this text is missing"),
        (changed(votes__more="votes"), "en.toml: votes.more: does not say {n}"),
        (changed(ways__chat__one__answer=""), "en.toml: ways.chat.one.answer: is empty, unlike in nl.toml"),
        (replace(load_catalogue("en"), lists={}), "en.toml: words.next: these words are missing"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_a_catalogue_misses_is_named(catalogue: Catalogue, fault: str) -> None:
    assert fault in list(differences(catalogue, load_catalogue("nl")))


def test_a_name_that_only_the_other_fills_in_is_named() -> None:
    other = changed(begin__line="We have not begun yet, {name}.")
    assert list(differences(load_catalogue("nl"), other)) == ["nl.toml: begin.line: does not say {name}"]
