"""The lists of actions, and who is away."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from tests.chat import Chat
from tests.flows.rules_rooms import go, team
from tests.flows.test_rules_acting import act

# !acties --------------------------------------------------------------------------------------------------------------


def numbers(chat: Chat) -> list[int]:
    return [int(number) for number in re.findall(r"^- (\d+):", chat.text, re.MULTILINE)]


def listed(folder: Path) -> Chat:
    """A room with six actions: 1 and 5 late, 6 done, 4 without a date, 2 about governance, 3 about routes."""
    chat = team(folder, "Anna", "Bas", "Cem")
    act(chat, "een @Bas over 2 dagen", "governance: twee @Bas eind maart")
    go(chat, "routes.rol")
    act(chat, "drie @Anna 15 januari", "vier")
    go(chat, "ingredienten.governance.stand")
    act(chat, "vijf @Wethouder morgen", "zes @Bas eind maart")
    chat.say("Anna", "!gedaan 6")
    chat.wait(days=7)
    return chat


@pytest.mark.parametrize(
    ("said", "order"),
    [
        ("", [5, 1, 3, 2, 4, 6]),
        ("@Bas", [1, 2, 6]), ("bas", [1, 2, 6]), ("Cem", []), ("@Wethouder", [5]), ("wethouder", [5]),
        ("te laat", [5, 1]), ("late", [5, 1]), ("open", [5, 1, 3, 2, 4]), ("klaar", [6]),
        ("routes", [3, 4]), ("ingredienten", [5, 2, 6]), ("governance", [5, 2, 6]), ("impact", []),
        ("ingredienten.governance.acties", [5, 2, 6]), ("samenwerking", []),
    ],
)  # fmt: skip
def test_the_list(tmp_path: Path, said: str, order: list[int]) -> None:
    """ "`!acties` (open, late, done; of one person, of one part)": late first, then open by date, then closed."""
    chat = listed(tmp_path)
    chat.say("Bas", f"!acties {said}")
    assert (numbers(chat), chat.says()[0].kind) == (order, "overview")


def test_the_list_of_who_asks(tmp_path: Path) -> None:
    chat = listed(tmp_path)
    chat.say("Bas", "!actions mine")
    assert numbers(chat) == [1, 2, 6]


def test_the_groups_of_the_list(tmp_path: Path) -> None:
    chat = listed(tmp_path)
    chat.say("Bas", "!acties")
    heads = ["Te laat", "Open", "Klaar"]
    places = [chat.text.index(f"**{head}") for head in heads]
    assert places == sorted(places)
    chat.say("Bas", "!acties klaar")
    assert [head for head in heads if f"**{head}" in chat.text] == ["Klaar"]


def test_due_today_is_not_late(tmp_path: Path) -> None:
    """Also where the day in the room is not the day in UTC."""
    chat = team(tmp_path)
    act(chat, "een @Bas morgen", "twee @Bas over 2 dagen")
    chat.wait(hours=38, minutes=1)  # a minute past midnight in Amsterdam, an hour before it in UTC
    chat.say("Bas", "!acties te laat")
    assert numbers(chat) == [1]


@pytest.mark.parametrize("said", ["onzin", "@Niemand", "status"])
def test_a_list_of_nothing_that_is_known(tmp_path: Path, said: str) -> None:
    chat = listed(tmp_path)
    chat.say("Bas", f"!acties {said}")
    assert [one.kind for one in chat.says()] == ["help"]


def test_a_long_list_is_cut(tmp_path: Path) -> None:
    """At most about 3,500 characters; the rest is counted."""
    chat = team(tmp_path)
    act(chat, *(f"{'lang ' * 60}{place} @Bas eind maart" for place in range(25)))
    chat.say("Anna", "!acties")
    assert len(chat.text) <= 3_500
    more = re.search(r"en nog (\d+)", chat.text)
    assert more is not None
    assert len(numbers(chat)) + int(more[1]) == 25
    assert len(numbers(chat)) > 5


def test_what_was_closed_last_comes_first(tmp_path: Path) -> None:
    chat = team(tmp_path)
    act(chat, "een @Bas eind maart", "twee @Bas eind april", "drie @Bas eind mei")
    for number in (2, 3, 1):
        chat.say("Anna", f"!gedaan {number}")
    chat.say("Anna", "!acties")
    assert numbers(chat) == [1, 3, 2]


def test_a_list_of_nothing(tmp_path: Path) -> None:
    chat = team(tmp_path)
    chat.say("Anna", "!acties Bas")
    assert chat.says()[0].kind == "overview"
    assert numbers(chat) == []


# !afwezig -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "who", "last", "back"),
    [
        ("@Bas tot 15 januari", "Bas", date(2027, 1, 14), "vrijdag 15 januari 2027"),
        ("tot vrijdag", "Anna", date(2026, 11, 26), "vrijdag 27 november 2026"),
        ("t/m vrijdag", "Anna", date(2026, 11, 27), "maandag 30 november 2026"),
        ("bas tot en met 15 januari", "Bas", date(2027, 1, 15), "maandag 18 januari 2027"),
        ("ik tot week 50", "Anna", date(2026, 12, 6), "maandag 7 december 2026"),
        ("Bas tot maart", "Bas", date(2027, 2, 28), "maandag 1 maart 2027"),
        ("Bas t/m week 50", "Bas", date(2026, 12, 11), "maandag 14 december 2026"),
        ("Bas tot zaterdag 5 december", "Bas", date(2026, 12, 4), "maandag 7 december 2026"),
        ("Bas t/m 24 december", "Bas", date(2026, 12, 24), "maandag 28 december 2026"),
        ("@Bas until next week friday", "Bas", date(2026, 12, 3), "vrijdag 4 december 2026"),
        ("Bas tot morgen", "Bas", date(2026, 11, 23), "dinsdag 24 november 2026"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["!afwezig", "!away"])
def test_away(tmp_path: Path, command: str, said: str, who: str, last: date, back: str) -> None:
    """Who is away until Friday is back on Friday; the first working day back is said."""
    chat = team(tmp_path)
    chat.say("Anna", f"{command} {said}")
    assert {name: one.away_until for name, one in chat.snapshot.member.items() if one.away_until} == {who: last}
    assert chat.says()[0].kind == "noted"
    assert who in chat.text
    assert back in chat.text


@pytest.mark.parametrize(("said", "number"), [("@Anna", 3), ("routes", 3), ("@Bas", 1), ("klaar", 1), ("Cem", 1)])
def test_the_help_below_names_an_action_that_is_open_of_those_where_there_is_one(
    tmp_path: Path, said: str, number: int
) -> None:
    chat = listed(tmp_path)
    chat.say("Anna", f"!acties {said}")
    assert f"`!gedaan {number}`" in chat.text
    assert f"`!overdragen {number} @Bas`" in chat.text


def test_the_help_below_names_an_action_that_is_there(tmp_path: Path) -> None:
    chat = team(tmp_path)
    act(chat, "een @Bas eind maart")
    chat.say("Anna", "!gedaan 1")
    chat.say("Anna", "!acties")
    assert "`!gedaan 1`" in chat.text


@pytest.mark.parametrize("said", ["Bas niet", "@Bas voorbij", "Bas is terug", "bas is er weer."])
def test_back_again(tmp_path: Path, said: str) -> None:
    chat = team(tmp_path)
    chat.say("Anna", "!afwezig @Bas tot 15 januari")
    chat.say("Anna", f"!afwezig {said}")
    assert chat.snapshot.member["Bas"].away_until is None
    assert "Bas" in chat.text


def test_back_again_oneself(tmp_path: Path) -> None:
    chat = team(tmp_path)
    chat.say("Bas", "!afwezig tot 15 januari")
    chat.say("Bas", "!afwezig voorbij")
    assert chat.snapshot.member["Bas"].away_until is None


@pytest.mark.parametrize(
    "said",
    ["", "Bas", "Cem tot vrijdag", "Bas tot zsm", "Bas tot 31 februari", "Bas tot gisteren", "tot vandaag", "Cem niet",
     "B tot vrijdag", "Bas tot", "vanaf maandag tot vrijdag"],
)  # fmt: skip
def test_away_that_is_not_sure(tmp_path: Path, said: str) -> None:
    chat = team(tmp_path)
    chat.say("Anna", f"!afwezig {said}")
    assert [one.kind for one in chat.says()] == ["help"]
    assert not any(one.away_until for one in chat.snapshot.member.values())
