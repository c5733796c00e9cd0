"""How long what a room has is kept: told 30 and 7 days before, put off or locked by a facilitator, and never erased
without that it was told of first.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.conversation.events import TimerDue
from flows.conversation.hearing import Capabilities
from flows.conversation.retention import add_months
from storage import inbox, rooms
from tests.chat import ROOM, Chat

FILES = Capabilities(files=("pdf", "json"))
NOTICE = "wis ik wat ik van deze chat bewaar"


def group(folder: Path, *, months: int = 3, start: str = "!start", **values: object) -> Chat:
    """A team that keeps what it has for so many months, and says nothing more."""
    chat = Chat(folder, people=("Anna", "Bas"), capabilities=FILES, **values)
    chat.say("Anna", start)
    chat.say("Anna", f"!instellingen bewaren {months}")
    return chat


def is_there(chat: Chat) -> bool:
    return rooms.find(chat.conn, "console", ROOM) is not None


def notices(chat: Chat) -> list[tuple[date, str]]:
    """When it was told of, and what."""
    return [(chat.now.date(), one.text) for one in chat.says() if NOTICE in one.text]


def days(chat: Chat, count: int) -> list[date]:
    """So many days go by; on which of them it was told of."""
    found = []
    for _ in range(count):
        chat.wait(days=1)
        if any(NOTICE in one.text for one in chat.says()):
            found.append(chat.now.date())
    return found


@pytest.mark.parametrize(
    ("day", "count", "then"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)), (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 1), 24, date(2028, 12, 1)), (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)  # fmt: skip
def test_months_later(day: date, count: int, then: date) -> None:
    assert add_months(day, count) == then


def test_it_is_told_twice_and_then_erased(tmp_path: Path) -> None:
    chat = group(tmp_path)
    erased = add_months(chat.now.date(), 3)
    told: list[date] = []
    while is_there(chat):
        told += days(chat, 1)
        assert chat.now.date() < erased + timedelta(days=10)
    assert len(told) == 2
    assert timedelta(days=28) <= erased - told[0] <= timedelta(days=32)
    assert timedelta(days=5) <= erased - told[1] <= timedelta(days=9)
    assert chat.now.date() >= erased
    assert "De bewaartijd is om" in chat.says(chat.seen)[-1].text
    assert chat.say("Bas", "!overzicht") == []


def test_the_end_of_the_pilot_counts_where_there_is_one(tmp_path: Path) -> None:
    chat = group(tmp_path, months=1)
    chat.say("Anna", "!ga pilot.periode")
    chat.say("Anna", "1 november 2026 - 30 juni 2027", to=chat.asked)
    chat.say("Anna", "!instellingen bewaren")
    assert "30 juli 2027" in chat.text or "bewaren" in chat.text
    assert days(chat, 200) == []  # till June
    assert len(days(chat, 60)) == 2
    while is_there(chat):
        chat.wait(days=1)
    assert date(2027, 7, 30) <= chat.now.date() <= date(2027, 8, 14)  # not on a day on which something else is said


def test_who_speaks_before_it_makes_it_later_where_the_pilot_has_no_end(tmp_path: Path) -> None:
    chat = group(tmp_path)
    assert len(days(chat, 75)) == 1
    chat.say("Bas", "!acties")
    assert days(chat, 55) == []
    assert len(days(chat, 45)) == 2


def test_a_facilitator_puts_it_off_by_a_tap_and_nobody_else(tmp_path: Path) -> None:
    chat = group(tmp_path)
    assert len(days(chat, 70)) == 1
    number = next(one for one in reversed(chat.says(chat.seen)) if NOTICE in one.text).number
    chat.sign("Bas", "⏰", number)
    assert "is voor wie de coach hier startte" in chat.text
    chat.sign("Anna", "⏰", number)
    assert "tot" in chat.text
    assert chat.snapshot.room.kept_until is not None
    assert days(chat, 120) == []
    assert is_there(chat)


def test_the_archive_is_a_tap_away(tmp_path: Path) -> None:
    chat = group(tmp_path)
    days(chat, 70)
    number = next(one for one in reversed(chat.says(chat.seen)) if NOTICE in one.text).number
    chat.sign("Bas", "✅", number)
    assert chat.files() == []
    chat.sign("Anna", "✅", number)
    assert [one.form for one in chat.files()] == ["pdf"]


@pytest.mark.parametrize("said", ["!instellingen bewaren slot", "!settings keep lock"])
def test_a_locked_room_is_never_erased(tmp_path: Path, said: str) -> None:
    chat = group(tmp_path)
    days(chat, 70)
    chat.say("Anna", said)
    assert "op slot" in chat.text
    assert days(chat, 300) == []
    assert is_there(chat)
    chat.say("Anna", "!wis")
    assert "op slot" in chat.text
    chat.say("Bas", "!instellingen bewaren open")
    assert chat.snapshot.room.locked
    chat.say("Anna", "!instellingen bewaren open")
    assert not chat.snapshot.room.locked
    assert days(chat, 20) == []  # it is counted and told anew


def test_a_room_that_the_operator_locked_is_never_erased(tmp_path: Path) -> None:
    chat = group(tmp_path, locked=frozenset({ROOM}))
    assert days(chat, 200) == []
    chat.say("Anna", "!instellingen bewaren open")
    assert "op slot" in chat.text
    assert is_there(chat)


def test_in_a_pause_it_is_told_too(tmp_path: Path) -> None:
    chat = group(tmp_path)
    chat.say("Anna", "!pauze")
    told: list[date] = []
    while is_there(chat):
        told += days(chat, 1)
    assert len(told) == 2


def fire(chat: Chat) -> None:
    """What a start finds overdue: the timer comes due now, long after its moment."""
    timer = chat.snapshot.timer["keep"]
    row = rooms.find(chat.conn, "console", ROOM)
    assert row is not None
    event = TimerDue(f"\x1ftimer:keep:{timer.due.isoformat()}", chat.now, "keep", timer.due)
    inbox.add(chat.conn, row, event, chat.now)
    chat.settle()


@pytest.mark.parametrize("years", [1, 10])
def test_after_a_long_downtime_it_is_told_first(tmp_path: Path, years: int) -> None:
    chat = group(tmp_path)
    chat.now = chat.now.replace(hour=10) + timedelta(days=365 * years + (5 if years == 1 else 0))
    while chat.now.weekday() > 3:
        chat.now += timedelta(days=1)
    back = chat.now.date()
    fire(chat)
    assert NOTICE in chat.text
    while is_there(chat):
        chat.wait(days=1)
    assert chat.now.date() >= back + timedelta(days=30)


def test_a_downtime_after_the_second_time_gives_a_week_again(tmp_path: Path) -> None:
    chat = group(tmp_path)
    told: list[date] = []
    while len(told) < 2:
        told += days(chat, 1)
    chat.now = chat.now.replace(hour=10) + timedelta(days=28)
    back = chat.now.date()
    fire(chat)
    assert NOTICE in chat.text
    while is_there(chat):
        chat.wait(days=1)
    assert chat.now.date() >= back + timedelta(days=7)


def test_fewer_months_never_make_it_earlier_than_was_told(tmp_path: Path) -> None:
    chat = group(tmp_path)
    days(chat, 70)
    until = chat.snapshot.timer["keep"].data["day"]
    chat.say("Anna", "!instellingen bewaren 1")
    assert chat.snapshot.timer["keep"].data["day"] >= until or chat.snapshot.timer["keep"].data["stage"] == 0
    back = chat.now.date()
    while is_there(chat):
        chat.wait(days=1)
    assert chat.now.date() >= back + timedelta(days=20)


@pytest.mark.parametrize("said", ["0", "241", "veel", "-3", "3,5", "36 jaar"])
def test_what_can_not_be_read_changes_nothing(tmp_path: Path, said: str) -> None:
    chat = group(tmp_path)
    chat.say("Anna", f"!instellingen bewaren {said}")
    assert "Kies een aantal maanden" in chat.text
    assert chat.snapshot.room.months == 3


def test_the_settings_say_until_when(tmp_path: Path) -> None:
    chat = Chat(tmp_path, people=("Anna", "Bas"))
    chat.say("Anna", "!start")
    chat.say("Bas", "!instellingen")
    assert "tot donderdag 23 november 2028, 24 maanden" in chat.text
