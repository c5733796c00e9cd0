"""The pure readers of `flows.conversation.answers`: votes, choices, grids and places, as tables and with any text."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.conversation.answers import (
    Ambiguous,
    Chosen,
    Named,
    find_place,
    read_choices,
    read_grid,
    read_vote,
    row_names,
)
from tests.chat import BOOK, TEXTS
from tests.flows.answer_rooms import ROWS

ROUTES, OTHER = BOOK.steps["routes.keuze"], BOOK.steps["valkuilen.omstandigheden.welke"]
GRID = BOOK.steps["ingredienten.oordeel"]

# Digits in any script are what trips a reader that counts on `isdigit`.
ANY = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(
            [
                "v",
                "d",
                "o",
                "?",
                "1",
                "5",
                "9",
                "፩",
                "²",
                "③",
                "en",
                ",",
                ";",
                ":",
                "\n",
                "-",
                "anders",
                "zonder",
                "weg",
                "in",
                "op",
            ]
        ),
        max_size=9,
    ).map(" ".join),
)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("voldoende", "voldoende"), ("Voldoende.", "voldoende"), ("  VOLDOENDE  ", "voldoende"), ("v", "voldoende"),
        ("vol", "voldoende"), ("V", "voldoende"), ("vóldoende", "voldoende"), ("d", "deels"), ("deel", "deels"),
        ("o", "onvoldoende"), ("O.", "onvoldoende"), ("onv", "onvoldoende"), ("onb", "onbekend"),
        ("?", "onbekend"), (" ? ", "onbekend"), ("onbekend", "onbekend"), ("weten we niet", "onbekend"),
        ("1", "voldoende"), ("2", "deels"), ("3", "onvoldoende"), ("4", "onbekend"),
        ("🟢", "voldoende"), ("🟠", "deels"), ("🔴", "onvoldoende"), ("⚪", "onbekend"), ("⚪️", "onbekend"),
        ("", None), ("on", None), ("0", None), ("5", None), ("-1", None), ("voldoende deels", None), ("ja", None),
        ("voldoendes", None), ("x", None), ("!", None), ("12", None), ("፩", None), ("🟣", None),
    ],
)  # fmt: skip
def test_read_a_status(text: str, word: str | None) -> None:
    """A word, an unambiguous prefix (v d o ?), a number or a sign; nothing else."""
    assert read_vote(text, "status", TEXTS) == word


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("ja", "ja"), ("Ja.", "ja"), ("j", "ja"), ("deels", "deels"), ("d", "deels"), ("nee", "nee"), ("n", "nee"),
        ("?", "onbekend"), ("o", "onbekend"), ("1", "ja"), ("2", "deels"), ("3", "nee"), ("4", "onbekend"),
        ("🔴", "ja"), ("🟠", "deels"), ("🟢", "nee"), ("⚪", "onbekend"),
        ("voldoende", None), ("ja hoor", None), ("", None), ("5", None),
    ],
)  # fmt: skip
def test_read_whether_it_applies(text: str, word: str | None) -> None:
    """A pitfall that applies has the red sign; its words are ja, deels, nee, onbekend."""
    assert read_vote(text, "applies", TEXTS) == word


@settings(deadline=None)
@given(ANY, st.sampled_from(["status", "applies"]))
def test_any_text_is_a_vote_or_none(text: str, kind: str) -> None:
    """A bad answer is a reply with help, never an exception."""
    word = read_vote(text, kind, TEXTS)
    assert word is None or read_vote(word, kind, TEXTS) == word


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("in", ("in",)), ("1", ("in",)), ("i", ("in",)), ("voor", ("voorbij",)), ("in en op", ("in", "op")),
        ("1, 3", ("in", "op")), ("1 3", ("in", "op")), ("1 en 3", ("in", "op")), ("1,3.", ("in", "op")),
        ("op;in", ("op", "in")), ("in + op", ("in", "op")), ("in\nop", ("in", "op")), ("- in\n- op", ("in", "op")),
        ("in, in", ("in",)), ("IN EN OP", ("in", "op")), ("in,", ("in",)), ("wet- en regelgeving", ("op",)),
        ("meer plekken", ("uit",)), ("inbedden, gedrag", ("in", "diep")), ("inb, ander domein", ("in", "voorbij")),
    ],
)  # fmt: skip
def test_choose(text: str, words: tuple[str, ...]) -> None:
    """By word, name, alias, unambiguous prefix or number; several with commas or `en`."""
    assert read_choices(text, ROUTES, TEXTS) == Chosen(words)


@pytest.mark.parametrize("text", ["fiets", "in, fiets", "0", "6", "1, 6", "", "...", "፩", "in op"])
def test_no_choice(text: str) -> None:
    """None where any of it can't be read."""
    assert read_choices(text, ROUTES, TEXTS) is None


@pytest.mark.parametrize("text", ["zonder op", "Zonder op", "op weg", "3 weg", "op weg.", "zonder 3"])
def test_take_a_choice_away(text: str) -> None:
    """`zonder op`, `3 weg`."""
    assert read_choices(text, ROUTES, TEXTS) == Chosen((), ("op",))


def test_take_more_choices_away() -> None:
    """Several at once."""
    assert read_choices("zonder op en in", ROUTES, TEXTS) == Chosen((), ("op", "in"))
    assert read_choices("1, 3 weg", ROUTES, TEXTS) == Chosen((), ("in", "op"))
    assert read_choices("zonder fiets", ROUTES, TEXTS) is None


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("anders: een busje", Chosen(("anders",), (), "een busje")),
        ("Anders : een busje", Chosen(("anders",), (), "een busje")),
        ("anders: geld, of tijd", Chosen(("anders",), (), "geld, of tijd")),
        ("geld, anders: een busje", Chosen(("geld", "anders"), (), "een busje")),
        ("geld en koplopers en anders: een busje", Chosen(("geld", "koplopers", "anders"), (), "een busje")),
        ("geen", Chosen(("geen",))),
        ("anders", Chosen(("anders",))),
        ("fiets, anders: een busje", None),
    ],
)
def test_choose_in_own_words(text: str, chosen: Chosen | None) -> None:
    """`anders: tekst` is the word and the text, kept as it was written."""
    assert read_choices(text, OTHER, TEXTS) == chosen


@pytest.mark.parametrize(
    ("step", "text", "words"),
    [
        ("ingredienten.nodig", "w", ("waarde", "wensen")),
        ("valkuilen.omstandigheden.welke", "ge", ("geen", "geld")),
    ],
)
def test_an_ambiguous_prefix(step: str, text: str, words: tuple[str, ...]) -> None:
    """A prefix of more than one word is none of them."""
    with pytest.raises(Ambiguous) as found:
        read_choices(text, BOOK.steps[step], TEXTS)
    assert sorted(found.value.words) == sorted(words)


@settings(deadline=None)
@given(ANY, st.sampled_from([step.id for step in BOOK.steps.values() if step.kind == "multi"]))
def test_any_text_chooses_known_words_or_nothing(text: str, step: str) -> None:
    """Whatever is said: words of the list, or none, or ambiguous; no other exception."""
    with contextlib.suppress(Ambiguous):
        chosen = read_choices(text, BOOK.steps[step], TEXTS)
        if chosen is not None:
            known = {choice.word for choice in BOOK.steps[step].form.choices}
            assert {*chosen.words, *chosen.removed} <= known
            assert chosen.words or chosen.removed


@pytest.mark.parametrize(
    "text",
    [
        "v d o o ? d v v", "vdoo?dvv", "v,d,o,o,?,d,v,v", "V D O O ? D V V", "v d o o\n? d v v", "v/d/o/o/?/d/v/v",
        "voldoende deels onvoldoende onvoldoende onbekend deels voldoende voldoende",
    ],
)  # fmt: skip
def test_read_a_whole_grid(text: str) -> None:
    """Eight letters or words in order."""
    words = ("voldoende", "deels", "onvoldoende", "onvoldoende", "onbekend", "deels", "voldoende", "voldoende")
    assert read_grid(text, BOOK, GRID, TEXTS) == dict(zip(ROWS, words, strict=True))


@pytest.mark.parametrize(
    ("text", "given_rows"),
    [
        ("financiering onvoldoende", {4: "onvoldoende"}),
        ("Financiering: o", {4: "onvoldoende"}),
        ("financiering=o", {4: "onvoldoende"}),
        ("geld o", {4: "onvoldoende"}),
        ("5 o", {4: "onvoldoende"}),
        ("wensen en behoeften deels", {1: "deels"}),
        ("- governance v\n- waarde ?", {2: "voldoende", 3: "onbekend"}),
        ("governance v, waarde d", {2: "voldoende", 3: "deels"}),
        ("financ. o", {4: "onvoldoende"}),
    ],
)
def test_read_some_rows(text: str, given_rows: dict[int, str]) -> None:
    """A line a row, by name, alias, prefix or number."""
    assert read_grid(text, BOOK, GRID, TEXTS) == {ROWS[place]: word for place, word in given_rows.items()}


@pytest.mark.parametrize(
    "text",
    ["", "v", "v d o", "v d o o ? d v v v", "vdoo?dv", "v d o o x d v v", "fietsen v", "financiering", "financiering x",
     "governance v, fietsen o", "9 v", "0 v", "፩ v", "w v", "voldoende"],
)  # fmt: skip
def test_no_grid(text: str) -> None:
    """None where any of it can't be read: seven or nine letters, an unknown or ambiguous name, no word."""
    assert read_grid(text, BOOK, GRID, TEXTS) is None


@settings(deadline=None)
@given(ANY)
def test_any_text_is_a_grid_or_none(text: str) -> None:
    """Whatever is said: rows of the grid with words of a status, or None; never an exception."""
    found = read_grid(text, BOOK, GRID, TEXTS)
    assert found is None or (found and set(found) <= set(ROWS))


def test_every_row_has_its_own_name() -> None:
    """The name of a row says which one it is."""
    names = row_names(BOOK, GRID)
    assert {names[str(BOOK.steps[row].form.row)] for row in ROWS} == set(ROWS)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("impact", Named(part="impact")),
        ("IMPACT", Named(part="impact")),
        ("ingrediënten", Named(part="ingredienten")),
        ("ingredienten", Named(part="ingredienten")),
        ("pilot", Named(part="pilot")),
        ("strategie", Named(part="strategie")),
        ("canvas", Named(part="canvas")),
        ("route", Named(part="routes")),
        ("impact.impact", Named(step="impact.impact")),
        ("outcome", Named(step="impact.outcome")),
        ("Outcome.", Named(step="impact.outcome")),
        ("governance.status", Named(step="ingredienten.governance.status")),
        ("ingredienten.governance.status", Named(step="ingredienten.governance.status")),
        ("op.invulling", Named(step="routes.op.invulling")),
        ("aannemelijk.nodig", Named(step="routes.aannemelijk.nodig")),
        ("ritme", Named(step="pilot.ritme")),
        ("keuze", Named(several=("routes.keuze", "strategie.keuze"))),
        ("come", None),
        ("fiets", None),
        ("", None),
        (".", None),
    ],
)
def test_find_a_place(text: str, named: Named | None) -> None:
    """A part, a full id or the shortest unambiguous tail; a part beats a step; several matches are all named."""
    assert find_place(text, BOOK) == named


def test_a_step_where_no_part_is_meant() -> None:
    """`!wijzig impact` is the step: `impact` is the part, `impact.impact` the step."""
    assert find_place("impact", BOOK, parts=False) == Named(step="impact.impact")


def test_many_tails_are_all_named() -> None:
    """Several matches give all of them."""
    found = find_place("status", BOOK)
    assert found is not None
    assert set(found.several) == {step for step in BOOK.order if step.endswith(".status")}


@pytest.mark.parametrize("step", BOOK.order)
def test_every_step_is_found_by_its_id(step: str) -> None:
    """A full id is that step, whatever else it is the tail of."""
    assert find_place(step, BOOK) == Named(step=step)


@settings(deadline=None)
@given(st.text(max_size=30), st.booleans())
def test_any_text_is_a_place_or_none(text: str, parts: bool) -> None:
    """Whatever is said: exactly one of part, step, several; or None."""
    named = find_place(text, BOOK, parts=parts)
    if named is not None:
        assert [bool(named.part), bool(named.step), bool(named.several)].count(True) == 1
        assert parts or named.part is None
