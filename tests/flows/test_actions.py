"""Reading an action from a line: what, who and when. What can't be read as a person or a date stays in the text."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.calendar.when import Ambiguous, NoSuchDay, Past, Vague, WrongWeekday
from flows.conversation.actions import (
    ReadAction,
    ReadPerson,
    find_member,
    read_action,
    read_who_when,
    subject_of,
    with_time,
)
from flows.conversation.draft import Draft
from flows.conversation.hearing import Capabilities, Setting
from flows.conversation.snapshot import Action, Member, Snapshot
from tests.chat import BOOK, START, TEXTS

PEOPLE = [
    Member("@anna:x.nl", "Anna"),
    Member("@bas:x.nl", "Bas"),
    Member("@celik:x.nl", "Çelik"),
    Member("@jan:x.nl", "Jan de Vries"),
    Member("@jans:x.nl", "Jansje"),
]
DAY = date(2027, 1, 15)
TODAY = START.date()  # a Monday


def draft(days: int = 0) -> Draft:
    """A room with these people, so many days later."""
    snapshot = Snapshot("r1", member={one.id: one for one in PEOPLE})
    return Draft(Setting(BOOK, TEXTS, Capabilities(), "Gemeente Voorbeeld"), snapshot, START + timedelta(days=days))


def read(text: str) -> ReadAction:
    return read_action(draft(), text)


@pytest.mark.parametrize(
    ("line", "text", "name", "due"),
    [
        ("memo schrijven", "memo schrijven", None, None),
        ("memo schrijven @Anna", "memo schrijven", "Anna", None),
        ("memo schrijven 15 januari 2027", "memo schrijven", None, DAY),
        ("memo schrijven @Anna 15 januari 2027", "memo schrijven", "Anna", DAY),
        ("@Anna memo schrijven 15-1-2027", "memo schrijven", "Anna", DAY),
        ("2027-01-15 @Anna memo schrijven", "memo schrijven", "Anna", DAY),
        ("memo @Anna schrijven vóór 15 januari 2027", "memo schrijven", "Anna", DAY),
        ("memo schrijven, @Anna, 15 januari 2027", "memo schrijven", "Anna", DAY),
        ("memo schrijven | Anna", "memo schrijven | Anna", None, None),
        ("memo schrijven @anna", "memo schrijven", "Anna", None),
        ("memo schrijven @celik", "memo schrijven", "Çelik", None),
        ("memo schrijven @Çelik", "memo schrijven", "Çelik", None),
        ("memo schrijven @Jan de Vries", "memo schrijven", "Jan de Vries", None),
        ("memo schrijven @Ann", "memo schrijven", "Anna", None),
        ("memo schrijven @Bas.", "memo schrijven .", "Bas", None),
        ("memo schrijven @Wethouder", "memo schrijven", "Wethouder", None),
        ("120 gezinnen bellen", "120 gezinnen bellen", None, None),
        ("memo voor het MT", "memo voor het MT", None, None),
        ("memo\nschrijven  @Anna", "memo schrijven", "Anna", None),
    ],
)
def test_read(line: str, text: str, name: str | None, due: date | None) -> None:
    """Person and date may stand anywhere in it; case and accents of a name don't matter."""
    found = read(line)
    assert (found.text.replace(" .", ""), found.owner_name, found.due) == (text.replace(" .", ""), name, due)
    assert found.trouble is None


@pytest.mark.parametrize(
    ("line", "owner"),
    [
        ("memo @Anna", "@anna:x.nl"),
        ("memo @Jan de Vries", "@jan:x.nl"),
        ("memo @Jansje", "@jans:x.nl"),
        ("memo @Jans", "@jans:x.nl"),
        ("memo @Jan", None),  # Jan de Vries or Jansje: not sure
        ("memo @Wethouder", None),
    ],
)
def test_the_owner_is_a_member_where_the_name_is_one(line: str, owner: str | None) -> None:
    """`owner` is a member's id where the name is a member's, and only one member's."""
    assert read(line).owner == owner


@pytest.mark.parametrize(
    "line", ["mail naar a@b.nl sturen", "overleg @Anna en @Bas", "@ home werken", "van 1 mei 2027 tot 2 mei 2027 vrij"]
)
def test_what_is_not_sure_stays_in_the_text(line: str) -> None:
    """What can't be read as one person or one date stays in the text."""
    found = read(line)
    assert (found.text, found.owner_name, found.due) == (line, None, None)


@pytest.mark.parametrize(
    ("line", "text", "name", "due"),
    [
        ("functieprofiel opstellen @naam vóór 15 januari", "functieprofiel opstellen", "naam", DAY),
        ("@Anna belt de wethouder volgende week vrijdag", "belt de wethouder", "Anna", date(2026, 12, 4)),
        ("overleg plannen met @Bas 15 januari", "overleg plannen met", "Bas", DAY),
        ("overleg 15 januari @Bas plannen", "overleg plannen", "Bas", DAY),
        ("@Bas 15 januari overleg", "overleg", "Bas", DAY),
        ("memo eind maart @Çelik", "memo", "Çelik", date(2027, 3, 31)),
        ("vóór eind maart het profiel opstellen @Bas", "het profiel opstellen", "Bas", date(2027, 3, 31)),
        ("nulmeting doen week 50", "nulmeting doen week 50", None, None),  # it may be what is measured
        ("nulmeting doen @Bas uiterlijk week 50", "nulmeting doen", "Bas", date(2026, 12, 11)),
        ("bellen over twee weken", "bellen", None, date(2026, 12, 7)),
        ("memo vrijdag over 2 weken @Jan de Vries", "memo", "Jan de Vries", date(2026, 12, 11)),
        ("plan naar het MT voor de kerst", "plan naar het MT", None, date(2026, 12, 24)),
        ("overleg @Anna morgen om 9 uur", "overleg om 09:00", "Anna", date(2026, 11, 24)),
        ("morgen om half drie bellen @Bas", "om 14:30 bellen", "Bas", date(2026, 11, 24)),
        ("verslag van 3 maart bespreken", "verslag van 3 maart bespreken", None, None),
        ("nieuwsbrief over week 50", "nieuwsbrief over week 50", None, None),
        ("memo zsm @Bas", "memo zsm", "Bas", None),
        ("plan maken na de zomer", "plan maken na de zomer", None, None),
    ],
)
def test_a_date_stands_anywhere(line: str, text: str, name: str | None, due: date | None) -> None:
    """A phrase for a day is taken out of the text, a time of day stays in it; what is vague stays as it was said."""
    found = read(line)
    assert (found.text, found.owner_name, found.due, found.unsure) == (text, name, due, False)


@pytest.mark.parametrize(
    ("line", "trouble"),
    [
        ("memo 31 februari 2027", NoSuchDay),
        ("@Anna memo 30-2-2027", NoSuchDay),
        ("memo vrijdag 5 december 2026", WrongWeekday),
        ("memo 15 januari 2026", Past),
        ("memo gisteren", Past),
        ("memo volgende vrijdag", Ambiguous),
        ("memo 4 december 2026, plan 11 januari 2027", Ambiguous),
    ],
)
def test_a_date_that_is_not_sure(line: str, trouble: type) -> None:
    """What is wrong with a date is told, not dropped silently; there is no date then."""
    found = read(line)
    assert (type(found.trouble), found.due, found.unsure) == (trouble, None, True)


@pytest.mark.parametrize("line", ["memo zsm", "memo na de zomer", "asap memo"])
def test_what_is_vague_is_kept_without_a_date(line: str) -> None:
    found = read(line)
    assert (found.text, found.due, found.unsure) == (line, None, False)
    assert isinstance(found.trouble, Vague)


# Changed lines --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "days", "due"),
    [
        ("memo schrijven morgen", 3, date(2026, 11, 24)),  # as on the day on which it was written
        ("memo schrijven 24 november 2026", 3, date(2026, 11, 24)),  # past by now, and still what it says
        ("memo schrijven overmorgen", 3, date(2026, 11, 28)),  # something else than it said: as of now
    ],
)
def test_a_date_that_still_stands_holds(line: str, days: int, due: date) -> None:
    """A message that is mended later says the same day as it did when it was written."""
    known = Action(1, "memo", START, due=date(2026, 11, 24))
    assert read_action(draft(days), line, known).due == due


def test_a_past_date_is_no_news_in_a_changed_line() -> None:
    known = Action(1, "memo", START, due=date(2026, 11, 24))
    assert isinstance(read_action(draft(3), "memo 23 november 2026", known).trouble, Past)


# Who, and when --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "due"),
    [
        ("@Bas", "Bas", None),
        ("Bas", "Bas", None),
        ("bas.", "Bas", None),
        ("Bas!", "Bas", None),
        ("ik", "Anna", None),
        ("Ik doe het", "Anna", None),
        ("Jan de Vries", "Jan de Vries", None),
        ("eind maart", None, date(2027, 3, 31)),
        ("vrijdag over 2 weken", None, date(2026, 12, 11)),
        ("by next week friday", None, date(2026, 12, 4)),
        ("@Bas eind maart", "Bas", date(2027, 3, 31)),
        ("Bas eind maart", "Bas", date(2027, 3, 31)),
        ("Bas, eind maart", "Bas", date(2027, 3, 31)),
        ("Bas en eind maart", "Bas", date(2027, 3, 31)),
        ("eind maart, Bas", "Bas", date(2027, 3, 31)),
        ("Jan de Vries vóór 15 januari", "Jan de Vries", DAY),
        ("ik, morgen", "Anna", date(2026, 11, 24)),
        ("Wethouder Van der Berg eind maart", "Wethouder Van der Berg", date(2027, 3, 31)),
        ("@Bas zsm", "Bas", None),
        ("dat wordt eind maart", None, date(2027, 3, 31)),
    ],
)
def test_who_and_when(text: str, name: str | None, due: date | None) -> None:
    found = read_who_when(draft(), text, "@anna:x.nl")
    assert found is not None
    assert (found.person and found.person.name, found.when and found.when.day) == (name, due)


@pytest.mark.parametrize(
    "text",
    ["", "...", "Jan", "weet ik nog niet zeker", "dat moet de wethouder doen", "leerkrachten bellen eerder", "123"],
)
def test_neither_who_nor_when(text: str) -> None:
    """A sentence is no name; neither is the beginning of two people's names."""
    assert read_who_when(draft(), text, "@anna:x.nl") is None


@pytest.mark.parametrize(("text", "trouble"), [("zsm", Vague), ("Bas 31 februari", NoSuchDay), ("gisteren", Past)])
def test_when_that_is_no_day(text: str, trouble: type) -> None:
    found = read_who_when(draft(), text, "@anna:x.nl")
    assert found is not None
    assert (type(found.trouble), found.when) == (trouble, None)


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("Anna", "@anna:x.nl"), ("@anna", "@anna:x.nl"), ("çe", "@celik:x.nl"), ("celik", "@celik:x.nl"),
        ("@bas:x.nl", "@bas:x.nl"), ("mij", "@bas:x.nl"), ("jans", "@jans:x.nl"), ("jan", None), ("a", None),
        ("", None), ("@", None), ("Wethouder", None),
    ],
)  # fmt: skip
def test_a_member(text: str, id: str | None) -> None:
    found = find_member(draft(), text, "@bas:x.nl")
    assert (found and found.id) == id


def test_who_is_away_is_called_by_their_name() -> None:
    assert find_member(draft(), "ik", "@bas:x.nl") == ReadPerson("@bas:x.nl", "Bas")


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_answer_is_read(text: str) -> None:
    """Never an exception."""
    read_who_when(draft(), text, "@anna:x.nl")


# What it is about -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "text", "subject"),
    [
        ("ingredienten.governance.acties", "memo", "ingredienten.governance.status"),
        ("valkuilen.scope.acties", "memo", "valkuilen.scope.geldt"),
        ("ingredienten.acties", "governance: memo", "ingredienten.governance.status"),
        ("ingredienten.acties", "Kennis en vaardigheden: memo", "ingredienten.kennis.status"),
        ("ingredienten.samenwerking.acties", "governance: memo", "ingredienten.governance.status"),
        ("valkuilen.acties", "scope: memo", "valkuilen.scope.geldt"),
        (None, "governance: memo", "ingredienten.governance.status"),
        ("ingredienten.acties", "memo", None),
        ("ingredienten.acties", "memo: governance", None),
        ("ingredienten.acties", "governance memo", None),
        ("impact.acties", "impact: memo", None),
        (None, "memo", None),
        ("bestaat.niet", "memo", None),
    ],
)
def test_the_subject_of_an_action(step: str | None, text: str, subject: str | None) -> None:
    """The ingredient or pitfall that it was noted under, or that it begins with; the book says which there are."""
    assert subject_of(draft(), Action(1, text, START, step=step)) == subject


def test_a_time_takes_the_place_of_the_one_before() -> None:
    at = START.time().replace(hour=14, minute=5)
    assert with_time(draft(), "overleg om 09:00", at) == "overleg om 14:05"
    assert with_time(draft(), "overleg", at) == "overleg om 14:05"
    assert with_time(draft(), "overleg om 09:00", None) == "overleg om 09:00"


@pytest.mark.parametrize("line", ["@Anna", "15 januari 2027", "@Anna 15 januari 2027", "", " , "])
def test_nothing_to_do(line: str) -> None:
    """Without a what there is no text."""
    assert read(line).text == ""


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_line_is_read(line: str) -> None:
    """Never an exception; the text is one line."""
    assert "\n" not in read(line).text


@settings(deadline=None)
@given(st.text("abcdefg é", min_size=1, max_size=20).filter(str.strip), st.dates(TODAY, date(2099, 12, 31)))
def test_who_and_when_leave_the_what(what: str, day: date) -> None:
    """The text without person and date is what was said to be done."""
    found = read(f"{what} @Bas {day.isoformat()}")
    assert (found.text, found.owner, found.due) == (" ".join(what.split()), "@bas:x.nl", day)
