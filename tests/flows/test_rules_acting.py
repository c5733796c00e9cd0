"""Actions by command: kept with who and when, closed, put off, handed over.

The texts in quotes are the rules'. Lists and absence are in `test_rules_acting_listed`, who does it and when in
`test_rules_acting_asked`.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from flows.conversation.snapshot import Action
from tests.chat import Chat
from tests.flows.rules_rooms import alone, go, team

TEXT = "impact.noodzaak"


def act(chat: Chat, *lines: str) -> None:
    """Each line an action, by Anna."""
    for line in lines:
        chat.say("Anna", f"!actie {line}")


def kept(chat: Chat) -> list[tuple[str, str | None, str | None]]:
    return [(one["text"], one["owner"], one["due"]) for one in chat.export["actions"]]


def action(chat: Chat, number: int = 1) -> Action:
    return chat.snapshot.action[number]


# !actie ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "text", "owner", "due", "said"),
    [
        ("functieprofiel opstellen @Bas vóór 15 januari", "functieprofiel opstellen", "Bas", "2027-01-15",
         "vrijdag 15 januari 2027"),
        ("@Anna belt de wethouder volgende week vrijdag", "belt de wethouder", "Anna", "2026-12-04",
         "vrijdag 4 december 2026"),
        ("memo eind maart @Bas", "memo", "Bas", "2027-03-31", "woensdag 31 maart 2027"),
        ("overleg @Bas morgen om half drie", "overleg om 14:30", "Bas", "2026-11-24", "dinsdag 24 november 2026"),
        ("write memo @Bas by next week friday", "write memo", "Bas", "2026-12-04", "vrijdag 4 december 2026"),
    ],
)  # fmt: skip
def test_what_was_understood_is_said_back_in_full(
    tmp_path: Path, line: str, text: str, owner: str, due: str, said: str
) -> None:
    """ "In `!actie` the date and the owner may stand anywhere"; "What was understood is always said back in full" """
    chat = team(tmp_path)
    act(chat, line)
    assert kept(chat) == [(text, owner, due)]
    assert all(one in chat.text for one in (text, owner, said))
    assert chat.says()[0].kind == "noted"
    assert not chat.says()[0].asks


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("memo @Bas vrijdag 5 december 2026", "zaterdag"), ("memo @Bas 31 februari", "31 februari"),
        ("memo @Bas 15 januari 2026", "15 januari 2026"), ("memo @Bas volgende vrijdag", "27 november 2026"),
    ],
)  # fmt: skip
def test_a_date_that_is_not_sure_is_asked_about(tmp_path: Path, line: str, said: str) -> None:
    """ "a weekday that does not fit its date, a day that does not exist, a past date too"; mended by an edit."""
    chat = team(tmp_path)
    act(chat, line)
    assert (kept(chat), chat.says()[0].kind) == ([], "help")
    assert said in chat.text
    chat.edit("Anna", chat.event, "!actie memo @Bas 4 december 2026")
    assert kept(chat) == [("memo", "Bas", "2026-12-04")]
    assert "vrijdag 4 december 2026" in chat.text


def test_a_mended_date_that_is_still_wrong_is_told_too(tmp_path: Path) -> None:
    """Nothing stood there that could stay: what was understood is told again."""
    chat = team(tmp_path)
    act(chat, "memo @Bas 31 februari")
    chat.edit("Anna", chat.event, "!actie memo @Bas 30 februari")
    assert kept(chat) == []
    assert "30 februari" in chat.text


def test_what_is_vague_stays_in_the_text(tmp_path: Path) -> None:
    """ "what is vague is asked about": the action is kept, the words too, and when is asked."""
    chat = team(tmp_path)
    act(chat, "memo zsm @Bas")
    assert kept(chat) == [("memo zsm", "Bas", None)]
    assert chat.says()[0].asks


@pytest.mark.parametrize("edited", ["memos schrijven @Bas morgen", "memos schrijven @Bas 24 november"])
def test_an_edit_days_later_keeps_the_day(tmp_path: Path, edited: str) -> None:
    """What a message says about when, it said on the day on which it was written."""
    chat = team(tmp_path)
    act(chat, "memo schrijven @Bas morgen")
    event = chat.event
    chat.wait(days=2)
    chat.edit("Anna", event, f"!actie {edited}")
    assert kept(chat) == [("memos schrijven", "Bas", "2026-11-24")]


@pytest.mark.parametrize(
    ("answer", "said"),
    [("memo 31 februari", "31 februari"), ("- memo @Bas\n- plan volgende vrijdag", "4 december 2026")],
)
def test_an_answer_with_a_date_that_is_not_sure(tmp_path: Path, answer: str, said: str) -> None:
    """At a question for actions it is the same."""
    chat = alone(tmp_path)
    go(chat, "impact.acties")
    chat.say("Anna", answer)
    assert kept(chat) == []
    assert said in chat.text


def test_a_changed_action_with_a_date_that_is_not_sure(tmp_path: Path) -> None:
    """`!wijzig`: "1: nieuwe tekst" with a wrong date is asked about, and the old text holds."""
    chat = alone(tmp_path)
    go(chat, "impact.acties")
    chat.say("Anna", "memo @Anna 4 december 2026")
    chat.say("Anna", "!wijzig impact.acties")
    chat.say("Anna", "1: memo @Anna 31 februari")
    assert "31 februari" in chat.text
    assert kept(chat) == [("memo", "Anna", "2026-12-04")]
    chat.say("Anna", "1: memo @Anna volgende week vrijdag")
    assert kept(chat) == [("memo", "Anna", "2026-12-04")]


def test_an_offer_takes_a_phrase_for_a_day(tmp_path: Path) -> None:
    """conversation.md: "nulmeting doen @Bas eind maart" """
    chat = team(tmp_path)
    go(chat, TEXT)
    chat.say("Anna", "!weetniet")
    offer = chat.says()[0].number
    chat.say("Bas", "nulmeting doen @Bas 31 februari", to=offer)
    assert "31 februari" in chat.text
    chat.say("Bas", "nulmeting doen @Bas eind maart", to=offer)
    assert kept(chat) == [("nulmeting doen", "Bas", "2027-03-31")]
    assert "woensdag 31 maart 2027" in chat.text


# !gedaan, !vervalt ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("1", [1]), ("1 3", [1, 3]), ("1, 2 en 3", [1, 2, 3]), ("#1 #2", [1, 2]), ("1,3", [1, 3]), ("2 2", [2]),
        ("actie 2", [2]), ("1 en 2.", [1, 2]), ("3 het profiel is af", [3]), ("1 2 gesprekken gevoerd", [1]),
        ("1 9", [1]),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("command", "state"), [("!gedaan", "done"), ("!done", "done"), ("!vervalt", "dropped")])
def test_several_at_once(tmp_path: Path, command: str, state: str, said: str, numbers: list[int]) -> None:
    chat = team(tmp_path)
    act(chat, *(f"stap {place} @Bas eind maart" for place in (1, 2, 3)))
    chat.say("Anna", f"{command} {said}")
    assert [number for number in (1, 2, 3) if action(chat, number).state == state] == numbers
    assert chat.says()[0].kind == "noted"
    assert all(f"stap {number}" in chat.text for number in numbers)


@pytest.mark.parametrize("said", ["", "vrijdag", "x", "drie", "9", "9 8"])
def test_nothing_to_close(tmp_path: Path, said: str) -> None:
    chat = team(tmp_path)
    act(chat, "stap @Bas eind maart")
    chat.say("Anna", f"!gedaan {said}")
    assert ([one.kind for one in chat.says()], action(chat).state) == (["help"], "open")


def test_what_is_closed_stays_closed(tmp_path: Path) -> None:
    """Two people tell it: the second is told that it was; of two numbers the one that is open is closed."""
    chat = team(tmp_path)
    act(chat, "een @Bas eind maart", "twee @Bas eind maart")
    chat.say("Anna", "!gedaan 1")
    chat.say("Bas", "!vervalt 1")
    assert (action(chat).state, chat.says()[0].kind) == ("done", "help")
    chat.say("Bas", "!vervalt 1 2")
    assert (action(chat).state, action(chat, 2).state) == ("done", "dropped")


def test_a_left_question_shows_that_it_is_done(tmp_path: Path) -> None:
    """ "When an item of a left question changes, that question's message is edited again in the same turn" """
    chat = team(tmp_path)
    go(chat, "impact.acties")
    asked = chat.asked
    chat.say("Anna", "memo @Bas eind maart", to=asked)
    chat.say("Anna", "!verder")
    chat.say("Anna", "!gedaan 1")
    assert [(one.number, "klaar" in one.text) for one in chat.edits()] == [(asked, True)]
    act(chat, "x @Bas eind maart")
    go(chat, "impact.acties")
    chat.say("Anna", "plan @Bas eind maart", to=chat.asked)
    chat.say("Anna", "!verder")
    chat.say("Anna", "!uitstel 3 eind april")
    assert "30 april 2027" in chat.edits()[0].text


# !uitstel -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ("1 vrijdag over 2 weken", "2026-12-11"), ("1 eind maart", "2027-03-31"), ("1 volgende week", "2026-12-04"),
        ("#1 2027-01-15", "2027-01-15"), ("1: 15 januari", "2027-01-15"), ("actie 1 week 50", "2026-12-11"),
        ("1 tot 15 januari", "2027-01-15"), ("1 naar eind maart", "2027-03-31"), ("1 next week friday", "2026-12-04"),
        ("1 een week", "2026-12-08"), ("1 met twee weken", "2026-12-15"), ("1 nog een maand", "2027-01-01"),
        ("1 1 mei 2027", "2027-05-01"), ("1 maandag 31 mei 2027", "2027-05-31"),
        ("1 naar 15 januari, want Bas is ziek", "2027-01-15"),
    ],
)  # fmt: skip
def test_put_off(tmp_path: Path, said: str, due: str) -> None:
    """`!uitstel` sets the date and says it in full; so much later is later than it was due (1 december here)."""
    chat = team(tmp_path)
    act(chat, "memo @Bas 1 december 2026")
    chat.say("Anna", f"!uitstel {said}")
    assert kept(chat) == [("memo", "Bas", due)]
    assert chat.says()[0].kind == "noted"
    day = date.fromisoformat(due)
    assert re.search(rf"[a-z]+dag {day.day} [a-z]+ {day.year}", chat.text)


def test_put_off_when_it_is_late(tmp_path: Path) -> None:
    """A week later than today, where its day is over."""
    chat = team(tmp_path)
    act(chat, "memo @Bas morgen")
    chat.wait(days=3)
    chat.say("Anna", "!postpone 1 een week")
    assert kept(chat) == [("memo", "Bas", "2026-12-03")]


def test_put_off_to_a_time(tmp_path: Path) -> None:
    chat = team(tmp_path)
    act(chat, "overleg @Bas morgen om 9 uur")
    chat.say("Anna", "!uitstel 1 volgende week vrijdag om 14:00")
    assert kept(chat) == [("overleg om 14:00", "Bas", "2026-12-04")]
    chat.say("Anna", "!uitstel 1 eind maart")
    assert kept(chat) == [("overleg om 14:00", "Bas", "2027-03-31")]


@pytest.mark.parametrize(
    "said",
    [
        "1 zsm",
        "1 31 februari",
        "1 gisteren",
        "1 volgende vrijdag",
        "1 vrijdag 5 december 2026",
        "1 ooit een keer",
        "1 x",
    ],
)
def test_put_off_to_no_day(tmp_path: Path, said: str) -> None:
    chat = team(tmp_path)
    act(chat, "memo @Bas 1 december 2026")
    chat.say("Anna", f"!uitstel {said}")
    assert ([one.kind for one in chat.says()], kept(chat)) == (["help"], [("memo", "Bas", "2026-12-01")])


@pytest.mark.parametrize("said", ["1 mei", "1 december", "1 maart 2027", "1 dec"])
def test_a_number_that_may_be_the_day(tmp_path: Path, said: str) -> None:
    """ "!uitstel 3 mei": action 3 to the end of May, or 3 May? It is asked, and the line that is shown works."""
    chat = team(tmp_path)
    act(chat, "memo @Bas eind maart")
    chat.say("Anna", f"!uitstel {said}")
    assert kept(chat) == [("memo", "Bas", "2027-03-31")]
    found = re.search(r"`(!uitstel 1 [^`]+)`", chat.text)
    assert found is not None
    chat.say("Anna", found[1])
    assert chat.says()[0].kind == "noted"


@pytest.mark.parametrize("said", ["", "vrijdag", "15 januari", "eind maart"])
def test_put_off_without_a_number(tmp_path: Path, said: str) -> None:
    chat = team(tmp_path)
    act(chat, "memo @Bas eind maart")
    chat.say("Anna", f"!uitstel {said}")
    assert [one.kind for one in chat.says()] == ["help"]
    assert "`!uitstel 3 eind maart`" in chat.text


def test_put_off_without_a_date_asks(tmp_path: Path) -> None:
    chat = team(tmp_path)
    act(chat, "memo @Bas 1 december 2026")
    chat.say("Anna", "!uitstel 1")
    (said,) = chat.says()
    assert (said.kind, said.asks, said.signs) == ("noted", True, ("✅",))
    chat.say("Bas", "week 50", to=said.number)
    assert kept(chat) == [("memo", "Bas", "2026-12-11")]
    assert "vrijdag 11 december 2026" in chat.text


def test_put_off_without_a_date_and_never_mind(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    act(chat, "memo @Anna 1 december 2026")
    chat.say("Anna", "!uitstel 1")
    chat.say("Anna", "verder")
    assert chat.says()[0].kind == "question"
    assert kept(chat) == [("memo", "Anna", "2026-12-01")]


@pytest.mark.parametrize("command", ["!uitstel 1 eind maart", "!uitstel 1", "!overdragen 1 @Bas"])
def test_what_is_closed_is_not_changed(tmp_path: Path, command: str) -> None:
    chat = team(tmp_path)
    act(chat, "memo @Anna 1 december 2026")
    chat.say("Anna", "!gedaan 1")
    chat.say("Anna", command)
    assert ([one.kind for one in chat.says()], kept(chat)) == (["help"], [("memo", "Anna", "2026-12-01")])


# !overdragen ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "owner", "due"),
    [
        ("1 @Bas", "Bas", "2026-12-01"), ("1 Bas", "Bas", "2026-12-01"), ("1 aan bas", "Bas", "2026-12-01"),
        ("1 @Bas eind maart", "Bas", "2027-03-31"), ("1 Bas, vóór 15 januari", "Bas", "2027-01-15"),
        ("1 ik", "Anna", "2026-12-01"), ("1 @Wethouder", "Wethouder", "2026-12-01"),
        ("1 de wethouder", "de wethouder", "2026-12-01"), ("1 Jan de Vries", "Jan de Vries", "2026-12-01"),
    ],
)  # fmt: skip
def test_hand_over(tmp_path: Path, said: str, owner: str, due: str) -> None:
    chat = team(tmp_path)
    act(chat, "memo @Anna 1 december 2026")
    chat.say("Anna", f"!overdragen {said}")
    assert kept(chat) == [("memo", owner, due)]
    assert owner in chat.text
    assert action(chat).owner == (owner if owner in chat.people else None)


@pytest.mark.parametrize("said", ["1", "", "x @Bas", "9 @Bas", "1 @Bas 31 februari", "1 @Bas gisteren", "1 12"])
def test_hand_over_to_nobody(tmp_path: Path, said: str) -> None:
    chat = team(tmp_path)
    act(chat, "memo @Anna 1 december 2026")
    chat.say("Anna", f"!overdragen {said}")
    assert ([one.kind for one in chat.says()], kept(chat)) == (["help"], [("memo", "Anna", "2026-12-01")])
