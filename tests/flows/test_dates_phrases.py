"""`flows.calendar.phrases`: Dutch phrases for a day, as a table. What is sure is a day, the rest is asked about."""

from __future__ import annotations

from datetime import date

import pytest

from flows.calendar.phrases import read_when, say_when
from flows.calendar.when import Ambiguous, NoSuchDay, Past, Reading, Vague, When, WrongWeekday
from flows.calendar.words import PhraseWords
from flows.calendar.workdays import FreeDays
from flows.catalogue import load_time_words

NL = load_time_words("nl").phrases
WED = date(2026, 11, 25)


def told(reading: Reading | None) -> str:
    """A reading in short, for a table."""
    match reading:
        case When(day, None):
            return day.isoformat()
        case When(day, at):
            return f"{day} {at:%H:%M}"
        case Vague():
            return "vague"
        case NoSuchDay():
            return "no such day"
        case Past(day):
            return f"past {day}"
        case Ambiguous(days):
            return " or ".join(str(day) for day in days)
        case WrongWeekday(day, said, real):
            return f"{day} is {real}, not {said}"
        case _:
            return "-"


def rows(table: str) -> list[tuple[str, str]]:
    """The rows of a table: a phrase, an arrow, what it says."""
    return [
        (phrase.strip(), says.strip())
        for phrase, arrow, says in (line.partition("->") for line in table.splitlines())
        if arrow
    ]


ON_WEDNESDAY = """
2027-01-15 -> 2027-01-15
15-1-2027 -> 2027-01-15
15/1/27 -> 2027-01-15
15.1.2027 -> 2027-01-15
15-1 -> 2027-01-15
15 januari -> 2027-01-15
15 Januari. -> 2027-01-15
15 jan 2027 -> 2027-01-15
15 jan. '27 -> 2027-01-15
1 mrt -> 2027-03-01
15e januari -> 2027-01-15
de 15e van januari 2027 -> 2027-01-15
vrijdag 15 januari -> 2027-01-15
vrijdag 4 december -> 2026-12-04
vrijdag, 4 december 2026 -> 2026-12-04
vr 4 dec -> 2026-12-04
vr. 4-12-2026 -> 2026-12-04
woensdag 25 november -> 2026-11-25
25 november -> 2026-11-25
24 november -> 2027-11-24
29 februari -> 2028-02-29
de 15e -> 2026-12-15
15e -> 2026-12-15
de 1ste -> 2026-12-01
de 25e -> 2026-11-25
de 31e -> 2026-12-31
dinsdag de 15e -> 2026-12-15
de 15e van volgende maand -> 2026-12-15
op 15 januari -> 2027-01-15
uiterlijk 15 januari -> 2027-01-15
uiterlijk op vrijdag 15 januari -> 2027-01-15
vóór 15 januari -> 2027-01-15
voor 1 februari -> 2027-02-01
per 1 maart -> 2027-03-01
tegen 15 januari -> 2027-01-15
t/m 4 december -> 2026-12-04
met ingang van 1 maart -> 2027-03-01
vandaag -> 2026-11-25
morgen -> 2026-11-26
overmorgen -> 2026-11-27
vanmiddag -> 2026-11-25
morgenochtend -> 2026-11-26
eind van de dag -> 2026-11-25
over twee weken -> 2026-12-09
over 14 dagen -> 2026-12-09
over veertien dagen -> 2026-12-09
over 3 dagen -> 2026-11-28
over een week -> 2026-12-02
over één maand -> 2026-12-25
over een kwartaal -> 2027-02-25
over een half jaar -> 2027-05-25
over anderhalf jaar -> 2028-05-25
over 2 jaar -> 2028-11-25
over 10 werkdagen -> 2026-12-09
over drie werkdagen -> 2026-11-30
binnen twee weken -> 2026-12-09
vrijdag -> 2026-11-27
dinsdag -> 2026-12-01
zondag -> 2026-11-29
deze vrijdag -> 2026-11-27
aanstaande vrijdag -> 2026-11-27
a.s. vrijdag -> 2026-11-27
komende maandag -> 2026-11-30
komende woensdag -> 2026-12-02
eerstvolgende donderdag -> 2026-11-26
volgende maandag -> 2026-11-30
volgende woensdag -> 2026-12-02
volgende week vrijdag -> 2026-12-04
vrijdag volgende week -> 2026-12-04
vrijdag van volgende week -> 2026-12-04
volgende week wo -> 2026-12-02
deze week vrijdag -> 2026-11-27
vrijdag over 2 weken -> 2026-12-11
vrijdag over een week -> 2026-12-04
over twee weken op vrijdag -> 2026-12-11
morgen over een week -> 2026-12-03
vandaag over veertien dagen -> 2026-12-09
week 50 -> 2026-12-11
wk 50 -> 2026-12-11
in week 50 -> 2026-12-11
week 48 -> 2026-11-27
week 47 -> 2027-11-26
week 3 van 2027 -> 2027-01-22
week 53 -> 2026-12-31
begin week 3 -> 2027-01-19
midden week 3 -> 2027-01-20
eind week 3 -> 2027-01-22
vrijdag in week 50 -> 2026-12-11
maandag van week 3 -> 2027-01-18
week 3 op dinsdag -> 2027-01-19
voor week 50 -> 2026-12-04
deze week -> 2026-11-27
volgende week -> 2026-12-04
in de volgende week -> 2026-12-04
eind van de week -> 2026-11-27
eind volgende week -> 2026-12-04
begin volgende week -> 2026-12-01
halverwege volgende week -> 2026-12-02
maart -> 2027-03-31
in maart -> 2027-03-31
november -> 2026-11-30
januari 2027 -> 2027-01-29
eind maart -> 2027-03-31
vóór eind maart -> 2027-03-31
eind februari -> 2027-02-26
begin april -> 2027-04-07
begin mei -> 2027-05-07
half januari -> 2027-01-15
medio januari 2027 -> 2027-01-15
half november -> 2027-11-15
voor maart -> 2027-02-26
per maart -> 2027-03-01
deze maand -> 2026-11-30
eind deze maand -> 2026-11-30
einde van de maand -> 2026-11-30
volgende maand -> 2026-12-31
eind volgende maand -> 2026-12-31
begin volgende maand -> 2026-12-07
Q1 -> 2027-03-31
q1 2027 -> 2027-03-31
eerste kwartaal 2027 -> 2027-03-31
het eerste kwartaal van 2027 -> 2027-03-31
2e kwartaal -> 2027-06-30
eind Q4 -> 2026-12-31
per Q2 -> 2027-04-01
voor Q2 -> 2027-03-31
dit kwartaal -> 2026-12-31
volgend kwartaal -> 2027-03-31
eind van het kwartaal -> 2026-12-31
eind van het jaar -> 2026-12-31
dit jaar -> 2026-12-31
nog dit jaar -> 2026-12-31
eind 2027 -> 2027-12-31
eind volgend jaar -> 2027-12-31
voor de kerst -> 2026-12-24
vóór kerst -> 2026-12-24
voor de jaarwisseling -> 2026-12-31
voor Pasen -> 2027-03-26
voor Hemelvaart -> 2027-05-05
voor Pinksteren -> 2027-05-14
voor Koningsdag -> 2027-04-26
voor Sinterklaas -> 2026-12-04
voor het weekend -> 2026-11-27
eerste maandag van maart -> 2027-03-01
de laatste vrijdag van januari 2027 -> 2027-01-29
de laatste vrijdag van de maand -> 2026-11-27
de eerste maandag van de maand -> 2026-12-07
de eerste maandag van volgende maand -> 2026-12-07
"""

TIMES = """
15 januari om 14:00 -> 2027-01-15 14:00
15 januari 14.00 uur -> 2027-01-15 14:00
2027-01-15 09:30 -> 2027-01-15 09:30
morgen om 9 uur -> 2026-11-26 09:00
morgen 9 uur -> 2026-11-26 09:00
morgen om negen uur -> 2026-11-26 09:00
morgen om 9 -> 2026-11-26 09:00
morgen half tien -> 2026-11-26 09:30
morgen om half een -> 2026-11-26 12:30
morgen om 12 uur -> 2026-11-26 12:00
morgen om kwart over negen -> 2026-11-26 09:15
morgen om kwart voor tien -> 2026-11-26 09:45
morgen om tien voor half drie -> 2026-11-26 14:20
morgen om vijf over half tien -> 2026-11-26 09:35
vrijdag om half drie -> 2026-11-27 14:30
vrijdag om 3 uur -> 2026-11-27 15:00
vrijdag om 03:00 -> 2026-11-27 03:00
vrijdag om 7 uur -> 2026-11-27 07:00
vrijdagmiddag 3 uur -> 2026-11-27 15:00
vrijdagochtend om 6 uur -> 2026-11-27 06:00
vrijdag om 8 uur 's avonds -> 2026-11-27 20:00
vanavond om 8 uur -> 2026-11-25 20:00
1 dec 14u -> 2026-12-01 14:00
1 dec 14u30 -> 2026-12-01 14:30
vrijdag over 2 weken om 10:00 -> 2026-12-11 10:00
de 15e om 16.30 uur -> 2026-12-15 16:30
"""

ASKED = """
31 februari -> no such day
31 april -> no such day
30-2-2027 -> no such day
29 februari 2027 -> no such day
15-13-2027 -> no such day
1-1-0000 -> no such day
de 32e -> no such day
week 54 -> no such day
week 0 -> no such day
week 53 2027 -> no such day
Q5 -> no such day
vrijdag 5 december 2026 -> 2026-12-05 is 5, not 4
vrijdag 5 december -> 2026-12-05 is 5, not 4
ma 15-1-2027 -> 2027-01-15 is 4, not 0
vrijdag de 15e -> 2026-12-15 is 1, not 4
gisteren -> past 2026-11-24
eergisteren -> past 2026-11-23
3 maart 2020 -> past 2020-03-03
24-11-2026 -> past 2026-11-24
maart 2025 -> past 2025-03-31
vorige week -> past 2026-11-20
afgelopen vrijdag -> past 2026-11-20
vorige week vrijdag -> past 2026-11-20
deze week maandag -> past 2026-11-23
begin deze maand -> past 2026-11-06
vrijdag 20 november -> past 2026-11-20
week 40 2026 -> past 2026-10-02
woensdag -> 2026-11-25 or 2026-12-02
volgende vrijdag -> 2026-11-27 or 2026-12-04
komende week -> 2026-11-27 or 2026-12-04
komende maand -> 2026-11-30 or 2026-12-31
zsm -> vague
z.s.m. -> vague
Zo snel mogelijk. -> vague
later -> vague
binnenkort -> vague
ooit -> vague
volgende keer -> vague
te zijner tijd -> vague
over een paar weken -> vague
over anderhalve week -> vague
na de zomer -> vague
voor de zomer -> vague
na de kerst -> vague
met kerst -> vague
na het weekend -> vague
voor de zomervakantie -> vague
in het voorjaar -> vague
volgend jaar -> vague
begin 2027 -> vague
half 2027 -> vague
begin Q1 -> vague
begin volgend jaar -> vague
na 15 januari -> vague
rond 15 januari -> vague
vanaf 1 maart -> vague
"""

NOTHING = """
-
2027
jan
wo
zo
do
week
om 14:00
half tien
15
15 foo
15 januari of later
15 januari, maar liever eerder
15 januari en 16 januari
vrijdag om 25:00
morgen om 9:75
over 0 dagen
over weken
over 3 werkdagen vrijdag
vrijdag over een maand
elke vrijdag
gister
memo schrijven
de vrijdag
eerste maandag
20 november 27 mensen
06-12345678
115-1-20271
voor
per
uiterlijk
op maandag of dinsdag
?
"""


@pytest.mark.parametrize(("phrase", "says"), rows(ON_WEDNESDAY) + rows(TIMES) + rows(ASKED))
def test_a_phrase_said_on_a_wednesday(phrase: str, says: str) -> None:
    """On Wednesday 25 November 2026."""
    assert told(read_when(phrase, WED, NL)) == says


@pytest.mark.parametrize("phrase", [line for line in NOTHING.splitlines() if line])
def test_what_is_no_phrase_for_a_day(phrase: str) -> None:
    """The whole text is a phrase or it is nothing."""
    assert read_when(phrase, WED, NL) is None


def test_a_stretch_ends_before_the_rooms_own_free_days() -> None:
    """A stretch means its last working day, and the room knows its own."""
    free = FreeDays(frozenset({date(2026, 12, 4)}), ((date(2026, 12, 21), date(2027, 1, 1)),))
    assert told(read_when("volgende week", WED, NL, free)) == "2026-12-03"
    assert told(read_when("eind van het jaar", WED, NL, free)) == "2026-12-18"
    assert told(read_when("over 6 werkdagen", WED, NL, free)) == "2026-12-03"
    assert told(read_when("over 7 werkdagen", WED, NL, free)) == "2026-12-07"
    assert told(read_when("4 december", WED, NL, free)) == "2026-12-04"


def test_a_day_is_said_back_with_its_time() -> None:
    """What was understood, in full."""
    found = read_when("vrijdag over 2 weken om half drie", WED, NL)
    assert isinstance(found, When)
    assert say_when(found, NL) == "vrijdag 11 december 2026 om 14:30"
    assert told(read_when(say_when(found, NL), WED, NL)) == "2026-12-11 14:30"


def folded(words: PhraseWords) -> list[str]:
    """The words that are looked up as they stand."""
    maps = (
        words.near,
        words.near_parts,
        words.day_parts,
        words.which,
        words.parts,
        words.nth,
        words.numbers,
        words.feasts,
    )
    return [word for table in maps for word in table] + [word for names in words.units.values() for word in names]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_words_that_are_looked_up_are_folded(language: str) -> None:
    """A word with a capital or an accent in the tables would be recognised and then not found."""
    from flows.calendar.grammar import plain

    words = load_time_words(language).phrases
    assert [word for word in [*folded(words), *words.short_days] if plain(word) != word] == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_pattern_has_a_rule(language: str) -> None:
    """A misspelt rule would be found only when somebody says it."""
    from flows.calendar.rules import RULES

    assert set(load_time_words(language).phrases.patterns) <= set(RULES)
