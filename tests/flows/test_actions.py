"""Reading an action from a line: what, who and when. What can't be read as a person or a date stays in the text."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.conversation.actions import ReadAction, read_action
from flows.conversation.snapshot import Member
from tests.chat import TEXTS

PEOPLE = [
    Member("@anna:x.nl", "Anna"),
    Member("@bas:x.nl", "Bas"),
    Member("@celik:x.nl", "Çelik"),
    Member("@jan:x.nl", "Jan de Vries"),
    Member("@jans:x.nl", "Jansje"),
]
DAY = date(2027, 1, 15)


def read(text: str) -> ReadAction:
    return read_action(text, PEOPLE, TEXTS.calendar)


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
    assert not found.no_such_date


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


@pytest.mark.parametrize("line", ["memo 31 februari 2027", "memo vrijdag 5 december 2026", "@Anna memo 30-2-2027"])
def test_a_date_that_does_not_exist(line: str) -> None:
    """A date that is none is said, not dropped silently."""
    found = read(line)
    assert found.no_such_date
    assert found.due is None


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
@given(st.text("abcdefg é", min_size=1, max_size=20).filter(str.strip), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_who_and_when_leave_the_what(what: str, day: date) -> None:
    """The text without person and date is what was said to be done."""
    found = read(f"{what} @Bas {day.isoformat()}")
    assert (found.text, found.owner, found.due) == (" ".join(what.split()), "@bas:x.nl", day)
