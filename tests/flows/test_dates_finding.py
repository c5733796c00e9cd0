"""`flows.calendar.finding`: the day that an action's text says it is due. Better none than a wrong one."""

from __future__ import annotations

import pytest

from flows.calendar.finding import find_when
from tests.flows.test_dates_phrases import NL, WED, told


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("functieprofiel opstellen <vóór 15 januari>", "2027-01-15"),
        ("functieprofiel <vóór 15 januari> opstellen", "2027-01-15"),
        ("<vóór eind maart> het profiel opstellen", "2027-03-31"),
        ("bellen <volgende week vrijdag>", "2026-12-04"),
        ("memo voor het MT schrijven <vrijdag over 2 weken>", "2026-12-11"),
        ("memo <2027-01-15>", "2027-01-15"),
        ("memo (<15-1-2027>)", "2027-01-15"),
        ("memo <15 januari 2027> schrijven", "2027-01-15"),
        ("<uiterlijk vrijdag 4 december 2026> memo", "2026-12-04"),
        ("memo schrijven, <15 januari>, met Bas", "2027-01-15"),
        ("<deadline: 15 januari> memo", "2027-01-15"),
        ("presentatie <15 januari om 14:00 uur>.", "2027-01-15 14:00"),
        ("Anna bellen <morgen om 9 uur>", "2026-11-26 09:00"),
        ("<Morgen> Anna bellen", "2026-11-26"),
        ("mailing opstellen <vrijdag>", "2026-11-27"),
        ("<op vrijdag> mailing opstellen", "2026-11-27"),
        ("memo <vóór vrijdag> schrijven", "2026-11-27"),
        ("memo <uiterlijk morgen> schrijven", "2026-11-26"),
        ("memo afronden <voor de 15e>", "2026-12-15"),
        ("memo <vóór maart>", "2027-02-26"),
        ("plan <uiterlijk week 50>", "2026-12-11"),
        ("<over twee weken> bellen", "2026-12-09"),
        ("rapport <eind Q1>", "2027-03-31"),
        ("<vóór de kerst> klaar", "2026-12-24"),
        ("<begin april> starten", "2027-04-07"),
        ("bellen <1/2/2027>", "2027-02-01"),
        ("bellen <op 1/2>", "2027-02-01"),
        ("verslag van 3 maart opstellen <vóór 15 april>", "2027-04-15"),
        ("ĳsclub bellen <15 jan 2027>", "2027-01-15"),
        ("<15 januari 2027>", "2027-01-15"),
        ("memo <uiterlijk 4 december>, dus <vrijdag 4 december>", "2026-12-04"),
        # what has to be asked about
        ("memo <31 februari>", "no such day"),
        ("memo <vrijdag 5 december 2026>", "2026-12-05 is 5, not 4"),
        ("memo <vóór 1 maart 2020>", "past 2020-03-01"),
        ("bellen <volgende vrijdag>", "2026-11-27 or 2026-12-04"),
        ("memo <zsm>", "vague"),
        ("<zo snel mogelijk> bellen", "vague"),
        ("<na de zomer> evalueren", "vague"),
    ],
)
def test_find_a_day(text: str, says: str) -> None:
    """What stands between < and > is the phrase, with the word before it; the longest at its place."""
    first = text.split("<")[1].split(">")[0]
    bare = text.replace("<", "").replace(">", "")
    found = find_when(bare, WED, NL)
    assert found is not None
    assert told(found.reading) == says
    assert bare[found.start : found.end] in (first, text.rsplit("<", 1)[1].split(">")[0])


@pytest.mark.parametrize(
    "text",
    [
        "memo",
        "120 gezinnen bellen",
        "memo voor het MT",
        "memo schrijven voor Jan",
        "de 15e versie bespreken",
        "uiterlijk de 15e versie bespreken",
        "vóór de 15e versie bespreken",
        "verslag van 3 maart bespreken",
        "verslag 3 maart bespreken",
        "verslag bespreken van 3 maart",
        "verslag van vrijdag",
        "notulen 3 maart 2025 nalezen",
        "stukken van vóór 15 januari 2027 opruimen",
        "cijfers voor maart",
        "cijfers voor Q1 verzamelen",
        "agenda voor volgende week",
        "mei bellen",
        "bellen in mei",
        "later bellen",
        "Anna bellen later",
        "snel",
        "week 50 plannen",
        "de week plannen",
        "nadenken over week 50",
        "nieuwsbrief over eind maart",
        "goede morgen zeggen",
        "elke vrijdag bellen",
        "bellen elke vrijdag",
        "vrijdag mailing opstellen",
        "vrijdagmiddagborrel regelen",
        "eerste kwartaal afronden",
        "Q1 cijfers",
        "1-2 mensen bellen",
        "1/2 fte regelen",
        "06-12345678 bellen",
        "zo 3 mensen bellen",
        "overleg om 14:00",
        "€15-1-2027",
        "https://x.nl/2027-01-15",
        "v2027-01-15",
        "nummer 115-1-20271",
        "nummer 15-1-20271",
        "code 2027-01-15-A nakijken",
        "schooljaar 1 mei 2027-2028 plannen",
        "vóór vrijdagavondspits bellen",
        "het jaar 2027 plannen",
        "van 1 mei 2027 naar 2 mei 2027",
        "van 1 mei 2027 tot 2 mei 2027 vrij",
        "1 maart - 15 maart vakantie",
        "tussen 1 maart en 15 maart bellen",
        "kiezen 1 februari of 15 februari",
        "evalueren wat er gisteren gebeurde",
        "verslag schrijven afgelopen vrijdag",
    ],
)
def test_no_day_to_find(text: str) -> None:
    """None where there is none, where a date belongs to something else, and where two make a stretch."""
    assert find_when(text, WED, NL) is None


def test_different_days_are_told_and_none_is_taken() -> None:
    """The team is asked which."""
    found = find_when("bellen 1 februari, memo 15 februari", WED, NL)
    assert found is not None
    assert told(found.reading) == "2027-02-01 or 2027-02-15"
    assert found.start == found.end


def test_a_very_long_text_names_no_day() -> None:
    """Nor does it take long."""
    assert find_when("15 januari 2027 " * 200, WED, NL) is None
