"""coherence.md: each nudge and alarm whose condition is about what was answered fires where it should, and stays silent
where it should; those that go by a moment are in `test_coherence_asked.py`.
"""

from __future__ import annotations

import pytest

from flows.conversation import alarms
from tests.chat import BOOK, LANGUAGES
from tests.flows.alarm_table import PATH, table
from tests.flows.coherence_rooms import fires, room, view

STATUS = "ingredienten.{}.status = {}"
GOV, FIN, KENNIS, PRIVACY, SAMEN = (
    STATUS.format(row, "{}") for row in ("governance", "financiering", "kennis", "privacy", "samenwerking")
)
WELKE = "valkuilen.omstandigheden.welke = {}"

# number: (rooms in which it fires, rooms in which it does not)
CASES: dict[int, tuple[list[list[str]], list[list[str]]]] = {
    1: (
        [
            ["routes.keuze = op", GOV.format("onvoldoende")],
            ["routes.keuze = in, op", GOV.format("deels")],
            ["routes.keuze = op", GOV.format("onbekend")],
            ["routes.keuze = op"],  # not asked
        ],
        [
            ["routes.keuze = op", GOV.format("voldoende")],
            ["routes.keuze = in, uit, diep, voorbij", GOV.format("onvoldoende")],
            [GOV.format("onvoldoende")],
            [],
        ],
    ),
    2: (
        [
            ["routes.keuze = in", WELKE.format("geld")],
            ["routes.keuze = in", FIN.format("deels")],
            ["routes.keuze = in", FIN.format("onbekend")],
            ["routes.keuze = in", FIN.format("voldoende"), WELKE.format("koplopers, geld")],
        ],
        [
            ["routes.keuze = in"],  # financing was not asked
            ["routes.keuze = in", FIN.format("voldoende"), WELKE.format("koplopers")],
            ["routes.keuze = uit, op", WELKE.format("geld"), FIN.format("onvoldoende")],
            [WELKE.format("geld")],
        ],
    ),
    3: (
        [
            ["routes.keuze = uit", WELKE.format("koplopers")],
            ["routes.keuze = in, uit", WELKE.format("geld, koplopers")],
        ],
        [
            ["routes.keuze = in, op, voorbij", WELKE.format("koplopers")],
            ["routes.keuze = uit", WELKE.format("geld, regelruimte, draagvlak")],
            ["routes.keuze = uit", WELKE.format("geen")],
            ["routes.keuze = uit"],
        ],
    ),
    4: (
        [
            [WELKE.format("regelruimte")],
            [WELKE.format("regelruimte"), "routes.keuze = in, uit"],
            [WELKE.format("regelruimte"), "valkuilen.partners.acties! wijkteam bellen"],
        ],
        [
            [WELKE.format("regelruimte"), "routes.keuze = op"],
            [WELKE.format("regelruimte"), "valkuilen.omstandigheden.acties! regels uitzoeken"],
            [WELKE.format("regelruimte"), "valkuilen.acties! regels uitzoeken"],
            [WELKE.format("geld")],
        ],
    ),
    5: (
        [
            ["valkuilen.partners.nodig: de huisartsen"],
            ["valkuilen.partners.nodig: de huisartsen", "ingredienten.acties! huisarts bellen"],
            ["valkuilen.partners.nodig: de huisartsen", "routes.acties! huisarts bellen"],
        ],
        [
            ["valkuilen.partners.nodig: de huisartsen", "valkuilen.partners.acties! huisarts bellen"],
            ["valkuilen.partners.nodig: de huisartsen", "valkuilen.acties! huisarts bellen"],
            ["valkuilen.partners.nodig: de huisartsen", "valkuilen.scope.acties! twee wijken bezoeken"],
            ["valkuilen.partners.nodig ?"],
            [],
        ],
    ),
    6: (
        [[SAMEN.format("voldoende"), "pilot.ontbreekt: de corporatie"]],
        [
            [SAMEN.format("voldoende")],
            [SAMEN.format("deels"), "pilot.ontbreekt: de corporatie"],
            ["pilot.ontbreekt: de corporatie"],
            [SAMEN.format("voldoende"), "pilot.ontbreekt ?"],
        ],
    ),
    7: (
        [
            ["routes.keuze = uit", "valkuilen.scope.geldt = nee"],
            ["routes.keuze = in, voorbij", "valkuilen.scope.geldt = nee"],
        ],
        [
            ["routes.keuze = uit", "valkuilen.scope.geldt = ja"],
            ["routes.keuze = uit", "valkuilen.scope.geldt = deels"],
            ["routes.keuze = uit", "valkuilen.scope.geldt = onbekend"],
            ["routes.keuze = in, op, diep", "valkuilen.scope.geldt = nee"],
            ["routes.keuze = uit"],
        ],
    ),
    8: (
        [
            ["strategie.keuze = franchise", "valkuilen.samenhang.geldt = ja"],
            ["strategie.keuze = franchise, institutionaliseren", "valkuilen.samenhang.geldt = deels"],
        ],
        [
            ["strategie.keuze = franchise", "valkuilen.samenhang.geldt = nee"],
            ["strategie.keuze = franchise", "valkuilen.samenhang.geldt = onbekend"],
            ["strategie.keuze = configuratie", "valkuilen.samenhang.geldt = ja"],
            ["strategie.keuze = franchise"],
        ],
    ),
    9: (
        [
            ["strategie.keuze = groei", KENNIS.format("deels")],
            ["strategie.keuze = groei", KENNIS.format("onvoldoende")],
            ["strategie.keuze = groei, institutionaliseren", KENNIS.format("onbekend")],
        ],
        [
            ["strategie.keuze = groei", KENNIS.format("voldoende")],
            ["strategie.keuze = groei"],
            ["strategie.keuze = franchise", KENNIS.format("onvoldoende")],
        ],
    ),
    10: (
        [
            ["routes.keuze = uit", PRIVACY.format("deels")],
            ["routes.keuze = voorbij", PRIVACY.format("onbekend")],
            ["routes.keuze = uit"],
        ],
        [
            ["routes.keuze = uit, voorbij", PRIVACY.format("voldoende")],
            ["routes.keuze = in, op, diep", PRIVACY.format("onvoldoende")],
            [],
        ],
    ),
    11: (
        [
            ["ingredienten.status = voldoende", "ingredienten.nodig = waarde, privacy", PRIVACY.format("deels")],
            ["ingredienten.status = voldoende", "ingredienten.nodig = privacy", PRIVACY.format("onbekend")],
        ],
        [
            ["ingredienten.status = deels", "ingredienten.nodig = privacy", PRIVACY.format("deels")],
            ["ingredienten.status = voldoende", "ingredienten.nodig = privacy", PRIVACY.format("voldoende")],
            ["ingredienten.status = voldoende", "ingredienten.nodig = waarde", PRIVACY.format("onvoldoende")],
            ["ingredienten.status = voldoende", PRIVACY.format("onvoldoende")],  # nobody said what is needed
            ["ingredienten.status = voldoende", "ingredienten.nodig = privacy"],
        ],
    ),
    12: (
        [
            ["strategie.keuze = institutionaliseren", "routes.keuze = uit"],
            ["strategie.keuze = groei, institutionaliseren", "routes.keuze = diep, voorbij"],
            ["strategie.keuze = institutionaliseren"],
        ],
        [
            ["strategie.keuze = institutionaliseren", "routes.keuze = in, uit"],
            ["strategie.keuze = institutionaliseren", "routes.keuze = op"],
            ["strategie.keuze = groei", "routes.keuze = uit"],
        ],
    ),
    13: (
        [["routes.keuze = in, uit"], ["routes.keuze = in, uit, op, diep, voorbij"]],
        [
            ["routes.keuze = in, uit", "routes.volgorde: eerst in"],
            ["routes.keuze = in"],
            ["routes.keuze = in, uit", "routes.volgorde ?"],  # that is an answer
            [],
        ],
    ),
    15: (
        [
            ["ingredienten.nodig = governance", GOV.format("onvoldoende")],
            ["ingredienten.nodig = governance", GOV.format("onvoldoende"), "ingredienten.acties! memo schrijven"],
            ["ingredienten.nodig = governance", GOV.format("onvoldoende"), "ingredienten.acties! voor governance: x"],
            ["ingredienten.nodig = governance", GOV.format("onvoldoende"), "ingredienten.waarde.acties! memo"],
            ["ingredienten.nodig = governance", GOV.format("onvoldoende"), "ingredienten.acties! kennis: cursus"],
        ],
        [
            ["ingredienten.nodig = governance", GOV.format("onvoldoende"), "ingredienten.governance.acties! memo"],
            ["ingredienten.nodig = governance", GOV.format("onvoldoende"), "ingredienten.acties! Governance: memo"],
            ["ingredienten.nodig = governance", GOV.format("deels")],
            ["ingredienten.nodig = governance", GOV.format("onbekend")],
            ["ingredienten.nodig = waarde", GOV.format("onvoldoende")],
            [GOV.format("onvoldoende")],
        ],
    ),
    16: (
        [
            ["impact.output: blije ouders"],
            ["impact.output: een training", "impact.output: een folder"],
            ["impact.output: meerdere gesprekken"],  # a listed word inside another is not that word
            ["impact.output: amper gesprekken"],
        ],
        [
            ["impact.output: 20 getrainde mensen"],
            ["impact.output: blije ouders", "impact.output: aantal gesprekken"],
            ["impact.output: een hoger percentage"],
            ["impact.output: Minder meldingen"],
            ["impact.output: elke week een spreekuur"],
            ["impact.output: een gesprek per gezin"],
            ["impact.output: twaalf gesprekken"],
            ["impact.output ?"],
            [],
        ],
    ),
    17: (
        [
            ["impact.input: enthousiasme"],
            ["impact.input: een goed plan", "impact.input: afspraken met de gemeente"],
        ],
        [
            ["impact.input: 16 uur per week"],
            ["impact.input: 0,5 fte"],
            ["impact.input: een jeugdhulpverlener"],
            ["impact.input: twee interventiemedewerkers"],
            ["impact.input: enthousiasme", "impact.input: subsidie van de provincie"],
            ["impact.input: projectgeld"],
            ["impact.input: een lokaal in de school"],
            ["impact.input: € 40.000"],
            ["impact.input ?"],
            [],
        ],
    ),
}
FIRING = [(number, lines) for number, (found, _) in CASES.items() for lines in found]
SILENT = [(number, lines) for number, (_, found) in CASES.items() for lines in found]


def test_all_nineteen_are_in_the_book_and_no_other() -> None:
    assert [one.form.number for one in BOOK.alarms] == list(range(1, 20))
    assert {one.form.number for one in BOOK.alarms if one.form.on == "leave"} == set(CASES)
    assert {one.form.number: one.form.on for one in BOOK.alarms if one.form.on != "leave"} == {
        14: "change", 18: "action", 19: "part",
    }  # fmt: skip


def test_those_that_are_shown_are_those_where_answers_do_not_fit_together() -> None:
    shown = {one.form.number for one in BOOK.alarms if one.form.alarm}
    assert shown == {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15}


@pytest.mark.parametrize(("number", "lines"), FIRING)
def test_it_fires(number: int, lines: list[str]) -> None:
    assert fires(number, lines)


@pytest.mark.parametrize(("number", "lines"), SILENT)
def test_it_stays_silent(number: int, lines: list[str]) -> None:
    assert not fires(number, lines)


@pytest.mark.parametrize(
    ("number", "line", "expected"),
    [
        (16, "impact.output: happy parents", True),
        (16, "impact.output: someone more or less wiser", False),
        (16, "impact.output: moreover, a leaflet", True),
        (16, "impact.output: the number of talks", False),
        (16, "impact.output: twelve talks", False),
        (17, "impact.input: enthusiasm", True),
        (17, "impact.input: a good plan", True),
        (17, "impact.input: a youth worker", False),
        (17, "impact.input: funding by the province", False),
        (17, "impact.input: 16 hours a week", False),
    ],
)
def test_in_english_other_words_are_listed(number: int, line: str, expected: bool) -> None:
    assert fires(number, [line], book=LANGUAGES.by_code["en"].book) is expected


def test_each_has_several_rooms_in_which_it_stays_silent() -> None:
    assert all(len(silent) >= 3 for _, silent in CASES.values())


@pytest.mark.parametrize("number", [4, 5, 15])
def test_an_action_that_fell_away_is_none(number: int) -> None:
    with_action = next(lines for lines in CASES[number][1] if any("! " in line for line in lines))
    assert not fires(number, with_action)
    assert fires(number, with_action, dropped=True)


def test_the_order_of_routes_is_asked_in_the_full_pace_only() -> None:
    assert not fires(13, CASES[13][0][0], pace="kort")


# What it looks at must have been left or passed -----------------------------------------------------------------------

LATEST = {
    1: "ingredienten.governance.status",
    2: "valkuilen.omstandigheden.welke",
    3: "valkuilen.omstandigheden.welke",
    4: "valkuilen.acties",
    5: "valkuilen.acties",
    6: "ingredienten.samenwerking.status",
    7: "valkuilen.scope.geldt",
    8: "strategie.keuze",
    9: "strategie.keuze",
    10: "ingredienten.privacy.status",
    11: "ingredienten.status",
    12: "strategie.keuze",
    13: "routes.volgorde",
    15: "ingredienten.acties",
    16: "impact.output",
    17: "impact.input",
}


@pytest.mark.parametrize("number", LATEST)
def test_it_waits_for_the_last_step_that_its_condition_names(number: int) -> None:
    """ "once every step that the condition names has been left or passed ("no action": once that part's last
    `.acties` has been)" """
    (alarm,) = [one for one in BOOK.alarms if one.form.number == number]
    latest = LATEST[number]
    assert alarm.condition.waits[-1] == latest
    # What is not said yet is what the condition goes by; what is said counts as left.
    lines = [line for line in CASES[number][0][0] if not line.startswith(latest)]
    before, after = BOOK.order[BOOK.index(latest)], BOOK.order[BOOK.index(latest) + 1]
    assert not alarms.passed(view(room(lines, position=before)), latest)
    assert alarms.passed(view(room(lines, position=after)), latest)
    assert not fires(number, lines, position=before)


# What it says ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "names"), [(11, "privacy en gegevensdeling"), (15, "governance")])
def test_it_names_the_ingredients_that_it_is_about(number: int, names: str) -> None:
    (alarm,) = [one for one in BOOK.alarms if one.form.number == number]
    text = alarms.text_of(view(room(CASES[number][0][0])), alarm)
    assert f": {names}." in text


@pytest.mark.parametrize("alarm", [one for one in BOOK.alarms if one.form.text], ids=lambda one: one.id)
def test_it_asks_one_thing_and_judges_nobody(alarm: object) -> None:
    text = str(alarm.form.text)  # type: ignore[attr-defined]
    assert text.count("?") == 1
    assert text.endswith("?")
    assert len(text.split()) < 60


# The documentation ----------------------------------------------------------------------------------------------------


def test_the_table_in_the_documentation_is_that_of_the_book() -> None:
    assert PATH.read_text("utf-8") == table(), "write it anew: python -m tests.flows.alarm_table"
