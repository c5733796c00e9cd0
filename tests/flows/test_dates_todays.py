"""`flows.calendar.phrases`: what a phrase says depends on the day on which it is said."""

from __future__ import annotations

from datetime import date

import pytest

from flows.calendar.phrases import read_when
from flows.calendar.rules import feast_day
from tests.flows.test_dates_phrases import NL, told

SUN, FRI, MON = date(2026, 11, 22), date(2026, 11, 27), date(2026, 11, 30)
EVE, NEW = date(2026, 12, 31), date(2027, 1, 1)  # a Thursday and a Friday
LEAP = date(2028, 2, 28)  # a Monday
AUTUMN, SPRING = date(2026, 10, 25), date(2027, 3, 28)  # the Sundays on which the clocks change


@pytest.mark.parametrize(
    ("today", "phrase", "says"),
    [
        (SUN, "vrijdag over 2 weken", "2026-12-11"),
        (SUN, "volgende vrijdag", "2026-11-27"),
        (SUN, "volgende week", "2026-11-27"),
        (SUN, "komende week", "2026-11-27"),
        (SUN, "deze week", "past 2026-11-20"),
        (SUN, "voor het weekend", "2026-11-27"),
        (FRI, "vrijdag", "2026-11-27 or 2026-12-04"),
        (FRI, "komende vrijdag", "2026-12-04"),
        (FRI, "volgende vrijdag", "2026-12-04"),
        (FRI, "vrijdag over een week", "2026-12-04"),
        (FRI, "maandag", "2026-11-30"),
        (FRI, "deze week", "2026-11-27"),
        (FRI, "over 1 werkdag", "2026-11-30"),
        (MON, "volgende vrijdag", "2026-12-04 or 2026-12-11"),
        (MON, "volgende maandag", "2026-12-07"),
        (MON, "begin deze week", "2026-12-01"),
        (MON, "half december", "2026-12-15"),
        (EVE, "morgen", "2027-01-01"),
        (EVE, "1 januari", "2027-01-01"),
        (EVE, "31 december", "2026-12-31"),
        (EVE, "30 december", "2027-12-30"),
        (EVE, "week 53", "2026-12-31"),
        (EVE, "week 1", "2027-01-08"),
        (EVE, "volgende maand", "2027-01-29"),
        (EVE, "eind van het jaar", "2026-12-31"),
        (EVE, "Q1", "2027-03-31"),
        (EVE, "Q4", "2026-12-31"),
        (EVE, "voor de kerst", "2027-12-24"),
        (EVE, "over 1 werkdag", "2027-01-04"),
        (EVE, "over een maand", "2027-01-31"),
        (NEW, "week 53", "past 2026-12-31"),
        (NEW, "week 52", "2027-12-31"),
        (NEW, "deze week", "past 2026-12-31"),
        (NEW, "31 december", "2027-12-31"),
        (NEW, "deze maand", "2027-01-29"),
        (NEW, "eind van het jaar", "2027-12-31"),
        (LEAP, "morgen", "2028-02-29"),
        (LEAP, "overmorgen", "2028-03-01"),
        (LEAP, "29 februari", "2028-02-29"),
        (LEAP, "eind van de maand", "2028-02-29"),
        (LEAP, "over een jaar", "2029-02-28"),
        (LEAP, "dinsdag 29 februari", "2028-02-29"),
        (LEAP, "de 30e", "2028-03-30"),
        (LEAP, "voor Pasen", "2028-04-14"),
        (date(2028, 2, 29), "over een jaar", "2029-02-28"),
        (date(2027, 1, 31), "over een maand", "2027-02-28"),
        (AUTUMN, "morgen om 9 uur", "2026-10-26 09:00"),
        (AUTUMN, "vandaag om 02:30", "2026-10-25 02:30"),
        (AUTUMN, "over twee weken", "2026-11-08"),
        (AUTUMN, "eind van de maand", "2026-10-30"),
        (SPRING, "morgen", "2027-03-29"),
        (SPRING, "over 1 werkdag", "2027-03-30"),
        (SPRING, "volgende week", "2027-04-02"),
        (SPRING, "voor Pasen", "2028-04-14"),
        (SPRING, "eind maart", "2027-03-31"),
        (date(2030, 4, 28), "voor 5 mei", "2030-05-05"),
        (date(2030, 5, 1), "over 1 werkdag", "2030-05-02"),
        (date(2025, 5, 2), "over 1 werkdag", "2025-05-06"),  # 5 May is free in lustrum years
        (date(2026, 5, 4), "over 1 werkdag", "2026-05-05"),
        (date(2027, 4, 2), "voor Koningsdag", "2027-04-26"),
        (date(2025, 4, 2), "voor Koningsdag", "2025-04-25"),  # 27 April 2025 is a Sunday
        (date(2030, 3, 31), "eind maart", "past 2030-03-29"),
    ],
)
def test_a_phrase_said_on_another_day(today: date, phrase: str, says: str) -> None:
    """Round new year, in a leap year, when the clocks change, on a Sunday, Monday and Friday."""
    assert told(read_when(phrase, today, NL)) == says


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("christmas", date(2027, 12, 25)),
        ("new year", date(2027, 1, 1)),
        ("easter", date(2027, 3, 28)),
        ("ascension", date(2027, 5, 6)),
        ("pentecost", date(2027, 5, 16)),
        ("king", date(2027, 4, 27)),
        ("nicholas", date(2027, 12, 5)),
    ],
)
def test_a_feast(name: str, day: date) -> None:
    """Its day in 2027."""
    assert feast_day(name, 2027) == day
