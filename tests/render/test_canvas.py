"""The model that pictures and documents are made from: plain data, all of it in words, nothing lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from flows.canvas import alt_text
from flows.conversation.snapshot import Action, Item
from tests.chat import BOOK
from tests.render.cases import CASES, LONG, NOW, Case, empty, full, hostile, ns, outdated

RATED = ["impact", "routes", "ingredienten", "valkuilen"]


def values(model: Any) -> Iterator[Any]:
    """Everything in a model that holds nothing else."""
    if isinstance(model, dict):
        for one in model.values():
            yield from values(one)
    elif isinstance(model, list):
        for one in model:
            yield from values(one)
    else:
        yield model


def field(case: Case, part: str, name: str) -> Any:
    tiles = next(one for one in case.canvas()["parts"] if one["id"] == part)["tiles"]
    return next(tile for tile in tiles if tile["name"] == name)


@pytest.mark.parametrize("name", CASES)
def test_a_canvas_is_plain_data(name: str) -> None:
    canvas = CASES[name]().canvas()
    assert {type(one) for one in values(canvas)} <= {str, int}
    assert json.loads(json.dumps(canvas)) == canvas


@pytest.mark.parametrize("name", CASES)
def test_every_answer_is_in_it_in_full(name: str) -> None:
    case = CASES[name]()
    canvas = case.canvas()
    told = {note["full"] for part in canvas["sections"] for answer in part["answers"] for note in answer["notes"]}
    told |= {deed["full"] for deed in canvas["actions"]}
    assert {text for text in case.answers() if text not in told and " ".join(text.split()) not in told} == set()


def test_only_what_the_guide_rates_has_a_status() -> None:
    canvas = ns().canvas()
    assert [part["id"] for part in canvas["parts"]] == RATED
    assert all(part["sign"]["tone"] != "none" for part in canvas["parts"])
    rated = {part["id"]: [tile["sign"]["tone"] != "none" for tile in part["tiles"]] for part in canvas["parts"]}
    assert [len(rated[part]) for part in RATED] == [5, 5, 8, 4]
    assert [any(rated[part]) for part in RATED] == [False, False, True, True]
    assert all(rated["ingredienten"])
    assert all(rated["valkuilen"])


def test_fields_have_the_names_of_the_guide() -> None:
    tiles = {part["id"]: [tile["name"] for tile in part["tiles"]] for part in empty().canvas()["parts"]}
    assert tiles["impact"] == ["Input", "Activiteiten", "Output", "Outcome", "Impact"]
    assert tiles["routes"] == ["In", "Uit", "Op", "Diep", "Voorbij"]
    assert tiles["ingredienten"][1] == "Wensen en behoeften"
    assert tiles["valkuilen"] == ["Scope", "Samenhang", "Omstandigheden", "Partners"]
    assert field(empty(), "valkuilen", "Partners")["about"] == "de benodigde schalingspartners te weinig betrekken"


def test_a_statement_that_is_older_than_its_answers_is_marked_and_kept_as_it_is() -> None:
    before, after = (case.canvas()["parts"][0] for case in (ns(), outdated()))
    assert (before["again"], after["again"]) == ("", "kijk nog eens, want later veranderd: outcome")
    assert after["statement"]["full"] == before["statement"]["full"] != ""
    assert after["statement"]["short"] == f"(kijk nog eens) {before['statement']['short']}"
    answers = {answer["title"]: answer["state"] for answer in after["answers"]}
    assert answers["Impactstatement"] == after["again"]
    assert [title for title, state in answers.items() if "kijk nog eens" in state] == ["Impactstatement"]


def test_a_status_is_a_word_a_letter_and_a_shape() -> None:
    canvas = empty().canvas()
    signs = [*canvas["legend"], *canvas["pitfall_legend"]]
    assert [(sign["word"], sign["letter"], sign["shape"]) for sign in signs] == [
        ("voldoende", "V", "circle"),
        ("deels", "D", "triangle"),
        ("onvoldoende", "O", "square"),
        ("onbekend", "?", "diamond"),
        ("nog open", "–", "ring"),
        ("nee", "N", "circle"),
        ("deels", "D", "triangle"),
        ("ja", "J", "square"),
        ("onbekend", "?", "diamond"),
    ]


def test_a_pitfall_that_applies_is_the_bad_case() -> None:
    assert field(ns(), "valkuilen", "Omstandigheden")["sign"] == {
        "word": "ja", "letter": "J", "shape": "square", "tone": "bad",
    }  # fmt: skip


def test_a_route_shows_how_it_looks_here_or_what_it_is() -> None:
    tile = field(ns(), "routes", "Uit")
    assert (tile["marked"], [note["full"] for note in tile["notes"]]) == (
        1,
        ["de drie grootste stations in de regio, vanaf 2028"],
    )
    tile = field(full(), "routes", "Diep")
    assert (tile["marked"], tile["notes"], tile["state"]) == (0, [], "niet gekozen")
    assert field(empty(), "routes", "Diep")["state"] == "nog open"


def test_long_texts_are_cut_beside_the_full_text() -> None:
    note = field(full(), "impact", "Outcome")["notes"][0]
    assert note["full"].startswith(LONG)
    assert len(note["full"]) >= 600
    assert 280 < len(note["short"]) <= 300
    assert note["short"].endswith("…")


def test_an_empty_room_says_what_is_not_there() -> None:
    canvas = empty().canvas()
    assert canvas["name"] == "Jullie pilot"
    assert {part["sign"]["word"] for part in canvas["parts"]} == {"nog open"}
    assert (canvas["actions"], canvas["columns"], canvas["unknowns"], canvas["facts"]) == ([], [], [], [])
    assert canvas["standing"] == f"nog {len(canvas['open'])} vragen open"


def test_authors_are_named_only_when_asked() -> None:
    assert {
        note["author"] for part in full().canvas()["sections"] for one in part["answers"] for note in one["notes"]
    } == {""}
    named = full().canvas(authors=True)
    found = {note["author"] for part in named["sections"] for one in part["answers"] for note in one["notes"]}
    assert found == {"Anna", "Bas"}


def test_an_author_who_is_forgotten_is_nobody() -> None:
    case = full()
    items = {key: replace(item, author=None) for key, item in case.snapshot.item.items()}
    canvas = Case(replace(case.snapshot, item=items), NOW).canvas(authors=True)
    assert {note["author"] for part in canvas["sections"] for one in part["answers"] for note in one["notes"]} == {""}


# Actions ------------------------------------------------------------------------------------------------------------


def with_actions(*actions: Action) -> Case:
    return Case(replace(empty().snapshot, action={action.number: action for action in actions}), NOW)


def test_actions_come_by_date_and_those_that_are_done_last() -> None:
    today = NOW.date()
    canvas = with_actions(
        Action(1, "zonder dag", NOW),
        Action(2, "gedaan", NOW, due=today, state="done"),
        Action(3, "later", NOW, due=today + timedelta(days=9)),
        Action(4, "te laat", NOW, due=today - timedelta(days=1)),
        Action(5, "vandaag", NOW, due=today),
    ).canvas()
    assert [(deed["number"], deed["stage"]) for deed in canvas["actions"]] == [
        (4, "late"), (5, "open"), (3, "open"), (1, "open"), (2, "done"),
    ]  # fmt: skip
    assert canvas["counts"] == "4 open · 1 te laat · 1 klaar"


def test_a_day_in_another_year_says_its_year() -> None:
    canvas = with_actions(
        Action(1, "a", NOW, due=date(2026, 12, 4)), Action(2, "b", NOW, due=date(2027, 1, 15))
    ).canvas()
    assert [deed["when"] for deed in canvas["actions"]] == ["4 dec", "15 jan 2027"]
    assert canvas["actions"][1]["due"] == "15 januari 2027"


def test_an_action_says_what_it_belongs_to() -> None:
    canvas = with_actions(
        Action(1, "a", NOW, step="ingredienten.governance.acties"), Action(2, "b", NOW, step="impact.acties")
    ).canvas()
    assert [deed["place"] for deed in canvas["actions"]] == ["Ingrediënten · Governance", "Impact"]


# Rounds -------------------------------------------------------------------------------------------------------------


def test_a_trend_needs_two_rounds() -> None:
    assert ns().canvas()["columns"] == []
    assert [column["label"] for column in hostile().canvas()["columns"]] == ["R1", "R2", "nu"]


def test_today_is_a_column_only_where_it_differs() -> None:
    case = full()
    rounds = dict(case.snapshot.round)
    canvas = case.canvas()
    assert [column["label"] for column in canvas["columns"]] == ["R2", "R3", "R4", "R5", "R6", "nu"]
    assert [column["now"] for column in canvas["columns"]] == [0, 0, 0, 0, 0, 1]
    now = {step: answer.status for step, answer in case.snapshot.answer.items() if answer.status}
    now |= {part: now[f"{part}.status"] for part in RATED}
    rounds[6] = replace(rounds[6], statuses={**rounds[6].statuses, **now})
    same = Case(replace(case.snapshot, round=rounds), NOW).canvas()
    assert [column["label"] for column in same["columns"]] == ["R1", "R2", "R3", "R4", "R5", "R6"]
    assert [row["name"] for row in same["rows"] if not row["level"]] == [
        "Impact",
        "Routes",
        "Ingrediënten",
        "Valkuilen",
    ]
    assert same["rows"][0]["signs"][-1]["word"] == now["impact"]


# Words for who can't see it -----------------------------------------------------------------------------------------


def test_the_alt_text_says_what_the_picture_shows() -> None:
    text = alt_text(ns().canvas())
    for words in (
        "Onbegrepen gedrag rond het station, 23 november 2026", "Impact: deels.", "In, Uit, Op, Diep, Voorbij",
        "Knelpunt: technologie en systemen", "Technologie en systemen onvoldoende", "Omstandigheden ja",
        "Strategie: Configuratie, Institutionaliseren", "17 open", "E33-meldingen",
    ):  # fmt: skip
        assert words in text


@pytest.mark.parametrize("name", CASES)
def test_an_alt_text_is_one_line_that_can_be_listened_to(name: str) -> None:
    canvas = CASES[name]().canvas()
    for text in canvas["alts"].values():
        assert 40 < len(text) <= 1800
        assert "\n" not in text


def test_each_picture_has_its_own_words() -> None:
    canvas = full().canvas()
    assert set(canvas["alts"]) == {"canvas", "trend", *RATED}
    assert len(set(canvas["alts"].values())) == 6
    assert "R6" in alt_text(canvas, "trend")
    assert alt_text(canvas, "portrait") == alt_text(canvas, "landscape") == alt_text(canvas)


def test_what_does_not_fit_stands_there_with_what_the_team_decided() -> None:
    canvas = ns().canvas()
    assert canvas["warned"] == "samenhang: 3 waarschuwingen"
    assert [(one["parts"], one["said"]) for one in canvas["warnings"]] == [
        (
            "Routes · Ingrediënten",
            [
                "weten we, want de regiodirecteur praat er al over met de directie",
                "Actie 5: notitie voor de directie schrijven (Anna, 26 feb 2027)",
            ],
        ),
        (
            "Routes · Ingrediënten · Valkuilen",
            ["weten we", "Actie 6: kosten per station doorrekenen (Bas, 29 jan 2027)"],
        ),
        ("Routes · Valkuilen", ["vaste uren voor de training op elk station"]),
    ]
    assert "Samenhang: 3 waarschuwingen." in alt_text(canvas)
    assert "Samenhang: 3" not in alt_text(canvas, "routes")


def test_where_all_fits_nothing_is_warned_of() -> None:
    canvas = empty().canvas()
    assert (canvas["warned"], canvas["warnings"]) == ("", [])
    assert "waarschuwing" not in alt_text(canvas)


# What the book's form says ------------------------------------------------------------------------------------------


def test_an_answer_whose_step_does_not_apply_is_hidden() -> None:
    case = full()
    hidden = next(step for step in BOOK.steps.values() if step.form.when == "chosen(routes.keuze, diep)")
    items = {**case.snapshot.item, 9999: Item(9999, hidden.id, "dit staat er niet", None, NOW)}
    assert "dit staat er niet" not in json.dumps(Case(replace(case.snapshot, item=items), NOW).canvas())


def test_where_the_team_does_not_agree_stands_with_the_field_the_part_and_the_answer() -> None:
    case = full()
    split = {step for step, answer in case.snapshot.answer.items() if answer.disagreed}
    assert split == {"impact.status", "ingredienten.wensen.status", "valkuilen.samenhang.geldt"}
    assert field(case, "ingredienten", "Wensen en behoeften")["notes"][0]["full"] == "niet eens"
    assert field(case, "valkuilen", "Samenhang")["notes"][0]["full"] == "niet eens"
    assert "niet eens" not in [note["full"] for note in field(case, "ingredienten", "Governance")["notes"]]
    parts = {part["id"]: part for part in case.canvas()["parts"]}
    assert {name for name, part in parts.items() if part["before"].endswith("niet eens")} == {"impact"}
    assert {name: part["split"] for name, part in parts.items() if part["split"]} == {"impact": "niet eens"}
    told = [answer["value"] for part in parts.values() for answer in part["answers"]]
    assert sum("maar hier zijn jullie het niet over eens" in value for value in told) == len(split)
