"""Loading a book: every fault is named, all at once, each with its file and place. Rule: a broken book is the real one
with one thing changed, so that what is named is what was broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.book import BookError, load_book
from tests.flows.books import Break, apply_break, copy_book, faults_of, without_line

INGREDIENTS = "ingredienten.toml"
PITFALLS = "valkuilen.toml"

NEW_STEP = """
[[step]]
id = "{id}"
kind = "text"
depth = "kern"
when = "always"
title = "nieuw"
question = "Wat is dit?"
why = "Daarom."
example = "NS: zo."
help = "Een zin."
guide = "Onderdeel 1"
"""

# What is broken, and the words that the fault must hold besides file and step.
BREAKS = {
    "after: unknown step": (
        Break("pilot.toml", "pilot.ritme", '"canvas.eerst"', '"canvas.laatst"'),
        ["canvas.laatst"],
    ),
    "right: unknown step": (
        Break("impact.toml", "impact.outcome", '"impact.impact"', '"impact.doel"'),
        ["right", "impact.doel"],
    ),
    "rows: unknown step": (
        Break(INGREDIENTS, "ingredienten.oordeel", '"ingredienten.waarde.status"', '"ingredienten.geld.status"'),
        ["rows", "ingredienten.geld.status"],
    ),
    "frame: unknown step": (
        Break("impact.toml", "impact.statement", "{impact.input}", "{impact.invoer}"),
        ["frame", "impact.invoer"],
    ),
    "proposal among: unknown step": (
        Break(INGREDIENTS, "ingredienten.status", '"ingredienten.nodig"', '"ingredienten.node"'),
        ["proposal", "ingredienten.node"],
    ),
    "proposal grid: unknown step": (
        Break(INGREDIENTS, "ingredienten.status", 'grid = "ingredienten.oordeel"', 'grid = "ingredienten.rooster"'),
        ["proposal", "ingredienten.rooster"],
    ),
    "proposal steps: unknown step": (
        Break(PITFALLS, "valkuilen.status", '"valkuilen.scope.geldt"', '"valkuilen.scope.speelt"'),
        ["proposal", "valkuilen.scope.speelt"],
    ),
    "condition: unknown step": (
        Break("impact.toml", "impact.acties", "not(impact.status,", "not(impact.stand,"),
        ["impact.stand"],
    ),
    "condition: a later step": (
        Break("impact.toml", "impact.acties", "not(impact.status,", "not(routes.status,"),
        ["routes.status", "unreachable"],
    ),
    "condition: the step itself": (
        Break("impact.toml", "impact.status", '"always"', '"not(impact.status, voldoende)"'),
        ["unreachable"],
    ),
    "condition: a choice that is not there": (
        Break("routes.toml", "routes.in.invulling", "routes.keuze, in", "routes.keuze, omhoog"),
        ["omhoog", "unreachable"],
    ),
    "condition: a status that is not there": (
        Break("impact.toml", "impact.acties", "voldoende", "goed"),
        ["goed", "unreachable"],
    ),
    "condition: more choices than there are": (
        Break("routes.toml", "routes.volgorde", "routes.keuze, 2", "routes.keuze, 6"),
        ["5", "unreachable"],
    ),
    "condition: chosen of a text step": (
        Break("routes.toml", "routes.in.invulling", "chosen(routes.keuze, in)", "chosen(routes.rol, in)"),
        ["multi", "routes.rol"],
    ),
    "condition: not of a text step": (
        Break("impact.toml", "impact.acties", "not(impact.status, voldoende)", "not(impact.input, voldoende)"),
        ["status", "impact.input"],
    ),
    "condition: some of a status step": (
        Break(
            PITFALLS,
            "valkuilen.omstandigheden.wegvallen",
            "some(valkuilen.omstandigheden.welke)",
            "some(routes.status)",
        ),
        ["multi", "routes.status"],
    ),
    "condition: a row of no grid": (
        Break("routes.toml", "routes.status", '"always"', '"grid(impact.beoogd)"'),
        ["grid", "impact.beoogd"],
    ),
    "condition: unknown": (
        Break("impact.toml", "impact.noodzaak", '"always"', '"altijd"'),
        ["altijd", "always"],  # what is known is named too
    ),
    "condition: unreadable": (
        Break("impact.toml", "impact.noodzaak", '"always"', '"not impact.status"'),
        ["not impact.status"],
    ),
    "condition: an argument too few": (
        Break("routes.toml", "routes.in.invulling", "routes.keuze, in", "routes.keuze"),
        ["chosen", "2", "1"],
    ),
    "condition: an argument too many": (
        Break("impact.toml", "impact.noodzaak", '"always"', '"always(impact.vraagstuk)"'),
        ["always", "0", "1"],
    ),
    "condition: no number": (
        Break("routes.toml", "routes.volgorde", "routes.keuze, 2", "routes.keuze, twee"),
        ["number", "twee"],
    ),
    "an id of another part": (
        Break("impact.toml", "impact.noodzaak", '"impact.noodzaak"', '"routes.noodzaak"'),
        ["impact."],
    ),
    "choices at a text step": (
        Break("impact.toml", "impact.beoogd", '"multi"', '"text"'),
        ["choices"],
    ),
    "the same choice twice": (
        Break("impact.toml", "impact.beoogd", 'word = "verzachten"', 'word = "voorkomen"'),
        ["twice"],
    ),
    "none that is no choice": (
        Break(PITFALLS, "valkuilen.partners.wrijving", 'none = "geen"', 'none = "niets"'),
        ["niets"],
    ),
    "other that is no choice": (
        Break(PITFALLS, "valkuilen.partners.wrijving", 'other = "anders"', 'other = "overig"'),
        ["overig"],
    ),
    "exclusive that is no choice": (
        Break("strategie.toml", "strategie.keuze", '["groei"', '["krimp"'),
        ["krimp"],
    ),
    "a row without a name": (
        Break(INGREDIENTS, "ingredienten.waarde.status", 'row = "waarde"\n', ""),
        ["row", "ingredienten.waarde.status"],
    ),
    "a rhythm without a proposal": (
        Break("pilot.toml", "pilot.ritme", 'proposal = "elke 6 weken"\n', ""),
        ["rhythm", "proposal"],
    ),
    "a proposal in words elsewhere": (
        Break("impact.toml", "impact.status", 'title = "status"', 'title = "status"\nproposal = "voldoende"'),
        ["proposal"],
    ),
}
# Where the place of the fault is another step than the one changed.
PLACE = {
    "an id of another part": "routes.noodzaak",
    "a row without a name": "ingredienten.oordeel",
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_step_is_named_with_file_and_place(tmp_path: Path, name: str) -> None:
    change, words = BREAKS[name]
    folder = copy_book(tmp_path)
    apply_break(folder, change)
    faults = faults_of(folder)
    start = f"{change.file}: {PLACE.get(name, change.step)}: "
    named = [fault for fault in faults if fault.startswith(start) and all(word in fault for word in words)]
    assert len(named) == 1, faults
    assert all(fault.startswith(f"{change.file}: ") for fault in faults), faults


HEAD_BREAKS = {
    "renamed to nothing": (("[renamed]", '[renamed]\n"impact.oud" = "impact.nergens"'), "impact.nergens"),
    "renamed but still there": (("[renamed]", '[renamed]\n"impact.input" = "impact.output"'), "impact.input"),
    "renamed in a circle": (
        ("[renamed]", '[renamed]\n"impact.oud" = "impact.ouder"\n"impact.ouder" = "impact.oud"'),
        "impact.oud",
    ),
    "nudge after an unknown step": (('after = "impact.input"', 'after = "impact.invoer"'), "impact.invoer"),
    "nudge kept at an unknown step": (('keeps = "impact.status"', 'keeps = "impact.stand"'), "impact.stand"),
    "nudge that shows an unknown step": (('chain = ["impact.input"', 'chain = ["impact.invoer"'), "impact.invoer"),
    "recognise a part without a status": (('"valkuilen"]\ntext', '"canvas"]\ntext'), "canvas"),
    "recognise an unknown part": (('"valkuilen"]\ntext', '"kansen"]\ntext'), "kansen"),
}


@pytest.mark.parametrize("name", HEAD_BREAKS)
def test_a_fault_of_the_head_is_named(tmp_path: Path, name: str) -> None:
    (old, new), word = HEAD_BREAKS[name]
    folder = copy_book(tmp_path)
    apply_break(folder, Break("book.toml", None, old, new))
    faults = faults_of(folder)
    assert faults, "no fault was found"
    assert all(fault.startswith("book.toml: ") for fault in faults), faults
    assert any(word in fault for fault in faults), faults


def test_two_nudges_with_one_name_are_named(tmp_path: Path) -> None:
    folder = copy_book(tmp_path)
    path = folder / "book.toml"
    text = path.read_text("utf-8")
    nudge = text[text.index("[[nudge]]") :]
    path.write_text(f"{text}\n{nudge}", "utf-8")
    (fault,) = faults_of(folder)
    assert fault.startswith("book.toml: ")
    assert "keten" in fault


FORM_BREAKS = {
    "an unknown key": (Break("impact.toml", "impact.outcome", "title = ", 'titel = "x"\ntitle = '), "titel"),
    "an unknown kind": (Break("impact.toml", "impact.outcome", 'kind = "text"', 'kind = "tekst"'), "kind"),
    "an unknown depth": (Break("impact.toml", "impact.outcome", 'depth = "kern"', 'depth = "diep"'), "depth"),
    "an empty text": (Break("impact.toml", "impact.outcome", 'title = "outcome"', 'title = "  "'), "title"),
    "an id with a capital": (Break("impact.toml", "impact.outcome", 'id = "impact.outcome"', 'id = "impact.X"'), "id"),
    "an unknown rule of proposal": (Break(INGREDIENTS, "ingredienten.status", '"lowest"', '"best"'), "proposal"),
    "an unknown key of a choice": (
        Break("impact.toml", "impact.beoogd", 'label = "zorgen', 'lable = "x"\nlabel = "zorgen'),
        "lable",
    ),
}


@pytest.mark.parametrize("name", FORM_BREAKS)
def test_a_fault_of_form_is_named_with_step_and_key(tmp_path: Path, name: str) -> None:
    change, key = FORM_BREAKS[name]
    folder = copy_book(tmp_path)
    apply_break(folder, change)
    place = "impact.X" if name == "an id with a capital" else change.step
    named = [fault for fault in faults_of(folder) if fault.startswith(f"{change.file}: {place}") and key in fault]
    assert named, faults_of(folder)


@pytest.mark.parametrize("key", ["question", "why", "example", "help", "title", "guide", "when", "kind", "depth"])
def test_a_missing_text_is_named(tmp_path: Path, key: str) -> None:
    folder = copy_book(tmp_path)
    without_line(folder, "routes.toml", "routes.rol", key)
    assert any(f.startswith("routes.toml: routes.rol") and key in f for f in faults_of(folder)), faults_of(folder)


def test_a_statement_without_a_frame_is_named(tmp_path: Path) -> None:
    folder = copy_book(tmp_path)
    without_line(folder, "impact.toml", "impact.statement", "frame")
    (fault,) = faults_of(folder)
    assert fault.startswith("impact.toml: impact.statement: ")
    assert "frame" in fault


@pytest.mark.parametrize("key", ["id", "version", "language", "title", "source", "parts"])
def test_a_missing_key_of_the_head_is_named(tmp_path: Path, key: str) -> None:
    folder = copy_book(tmp_path)
    path = folder / "book.toml"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    (place,) = [number for number, line in enumerate(lines) if line.startswith(f"{key} = ") and number < 8]
    path.write_text("".join(lines[:place] + lines[place + 1 :]), "utf-8")
    assert any(fault.startswith(f"book.toml: {key}") for fault in faults_of(folder))


def test_a_part_whose_file_is_missing_is_named(tmp_path: Path) -> None:
    folder = copy_book(tmp_path)
    (folder / "strategie.toml").unlink()
    assert any(fault.startswith("strategie.toml: ") for fault in faults_of(folder))


def test_a_missing_book_is_named(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path)
    assert fault.startswith("book.toml: ")


def test_a_file_that_is_no_part_is_named(tmp_path: Path) -> None:
    folder = copy_book(tmp_path)
    (folder / "extra.toml").write_text((folder / "canvas.toml").read_text("utf-8"), "utf-8")
    (fault,) = faults_of(folder)
    assert fault.startswith("extra.toml: ")


def test_a_file_that_says_it_is_another_part_is_named(tmp_path: Path) -> None:
    folder = copy_book(tmp_path)
    apply_break(folder, Break("canvas.toml", None, 'id = "canvas"', 'id = "doek"'))
    assert any(fault.startswith("canvas.toml: ") and "doek" in fault for fault in faults_of(folder))


@pytest.mark.parametrize("content", [b"[part\n", b'id = "\xff"\n', b'[part]\nid = "canvas"\nid = "canvas"\n'])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    folder = copy_book(tmp_path)
    (folder / "canvas.toml").write_bytes(content)
    assert any(fault.startswith("canvas.toml: ") and "TOML" in fault for fault in faults_of(folder))


def test_a_step_that_stands_twice_is_named(tmp_path: Path) -> None:
    folder = copy_book(tmp_path)
    with (folder / "impact.toml").open("a", encoding="utf-8") as file:
        file.write(NEW_STEP.format(id="impact.outcome"))
    (fault,) = faults_of(folder)
    assert fault.startswith("impact.toml: impact.outcome")


def test_faults_in_many_files_are_all_named_at_once(tmp_path: Path) -> None:
    folder = copy_book(tmp_path)
    names = [
        "after: unknown step",
        "right: unknown step",
        "frame: unknown step",
        "condition: a choice that is not there",
        "none that is no choice",
        "exclusive that is no choice",
        "condition: unknown",
    ]
    for name in names:
        apply_break(folder, BREAKS[name][0])
    apply_break(folder, Break("book.toml", None, 'keeps = "impact.status"', 'keeps = "impact.stand"'))
    (folder / "extra.toml").write_text("", "utf-8")
    faults = faults_of(folder)
    for name in names:
        change, words = BREAKS[name]
        start = f"{change.file}: {change.step}"
        assert any(fault.startswith(start) and words[0] in fault for fault in faults), (name, faults)
    assert len(faults) == len(names) + 2, faults


def test_faults_of_form_do_not_hide_the_others_of_the_same_file(tmp_path: Path) -> None:
    folder = copy_book(tmp_path)
    without_line(folder, "impact.toml", "impact.verschil", "example")
    apply_break(folder, BREAKS["right: unknown step"][0])
    apply_break(folder, BREAKS["condition: unknown"][0])
    faults = faults_of(folder)
    for place in ("impact.verschil", "impact.outcome", "impact.noodzaak"):
        assert any(fault.startswith(f"impact.toml: {place}") for fault in faults), (place, faults)


def test_a_fault_of_form_leads_to_no_faults_elsewhere(tmp_path: Path) -> None:
    folder = copy_book(tmp_path)
    without_line(folder, "impact.toml", "impact.verschil", "example")
    assert {fault.split(":")[0] for fault in faults_of(folder)} == {"impact.toml"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('among = "ingredienten.nodig", grid = "ingredienten.oordeel"', 'among = "ingredienten.nodig"'),
        ('grid = "ingredienten.oordeel"', 'grid = "ingredienten.nodig"'),
        ('among = "ingredienten.nodig"', 'among = "ingredienten.klaar"'),
    ],
    ids=["no grid", "no grid but a choice", "among a text step"],
)
def test_a_proposal_that_can_propose_nothing_is_named(tmp_path: Path, old: str, new: str) -> None:
    folder = copy_book(tmp_path)
    apply_break(folder, Break(INGREDIENTS, "ingredienten.status", old, new))
    assert any(fault.startswith(f"{INGREDIENTS}: ingredienten.status") for fault in faults_of(folder))


def test_a_step_may_be_added_to_the_book_without_code(tmp_path: Path) -> None:
    folder = copy_book(tmp_path)
    with (folder / "impact.toml").open("a", encoding="utf-8") as file:
        file.write(NEW_STEP.format(id="impact.nieuw"))
    book = load_book(folder)
    assert book.order.index("impact.nieuw") == book.order.index("impact.acties") + 1
    assert book.part_of("impact.nieuw").id == "impact"


def test_steps_stand_in_the_order_of_the_guide_with_after_moved(tmp_path: Path) -> None:
    order = load_book(copy_book(tmp_path)).order
    place = {step: number for number, step in enumerate(order)}
    assert place["pilot.ontbreekt"] + 1 == place["impact.vraagstuk"]
    assert order[place["canvas.eerst"] :] == ("canvas.eerst", "pilot.ritme", "pilot.wijziging")


def test_a_book_error_names_its_faults_as_text(tmp_path: Path) -> None:
    folder = copy_book(tmp_path)
    for name in ("right: unknown step", "after: unknown step"):
        apply_break(folder, BREAKS[name][0])
    with pytest.raises(BookError) as caught:
        load_book(folder)
    assert len(caught.value.faults) == len(str(caught.value).splitlines()) == 2
