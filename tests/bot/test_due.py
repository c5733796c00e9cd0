"""Timers that come due: many in one transaction where nobody waits, few where somebody does, each once and in order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import due
from bot.memory import Memory
from bot.receiving import Receiver
from bot.transports.base import Incoming, Message, People
from bot.turns import Turns
from flows.conversation.engine import Engine
from flows.conversation.events import Person
from flows.conversation.hearing import Capabilities, Setting
from storage import inbox, timers
from storage.codec import micros
from tests.chat import BOOK, TEXTS, Chat

BEGUN = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday
NINE = datetime(2026, 11, 27, 8, tzinfo=UTC)  # nine o'clock in Amsterdam, three days before the actions are due
ROOMS = tuple(f"r{number:02}" for number in range(20))
SOME = 3


def never(done: int) -> bool:
    return False


def soon(done: int) -> bool:
    return done >= SOME


def at_once(done: int) -> bool:
    return True


class Morning:
    """Rooms that are all to be reminded at the same time, without an event loop."""

    def __init__(self, folder: Path) -> None:
        self.conn = Chat(folder, people=()).conn
        self.receiver = Receiver("console", Memory())
        setting = Setting(BOOK, TEXTS, Capabilities(), "Gemeente Voorbeeld", "coach.db")
        self.turns = Turns(Engine(setting), Memory(), "console", "test", lambda number: f"m{number}")
        for room in ROOMS:
            self.comes(People(room, "p1", BEGUN, (Person("Anna", "Anna"),)))
            self.comes(Message(room, "e1", BEGUN, "Anna", "!actie memo @Anna 30 november 2026"))
        while self.turns.run(self.conn):
            self.turns.kept()

    def comes(self, incoming: Incoming) -> None:
        """Something comes in, and waits for its turn."""
        self.receiver.take(self.conn, [incoming], {}, None)

    def unit(self, gives_way: Callable[[int], bool], most: int = 48) -> int:
        """What one transaction does with what is due: how many it brought."""
        self.conn.execute("BEGIN IMMEDIATE")
        brought = due.bring(self.conn, "console", NINE, most, missed=True)
        self.turns.run(self.conn, gives_way)
        self.conn.execute("COMMIT")
        self.turns.kept()
        return brought

    @property
    def reminded(self) -> list[str]:
        """The rooms that were reminded, in the order in which that was put in line."""
        sql = "SELECT external FROM outbox JOIN room ON room.id = room WHERE op = 'say' AND at >= ? ORDER BY outbox.id"
        return [room for (room,) in self.conn.execute(sql, (micros(NINE),))]

    @property
    def waiting(self) -> list[str]:
        """What waits for its turn, by kind."""
        return [type(one.event).__name__ for one in inbox.pending(self.conn)]

    @property
    def overdue(self) -> int:
        return len(timers.due(self.conn, "console", NINE))


@pytest.fixture
def morning(tmp_path: Path) -> Morning:
    return Morning(tmp_path)


def test_where_nobody_waits_all_are_done_in_one_transaction(morning: Morning) -> None:
    assert morning.overdue == len(ROOMS)
    assert morning.unit(never) == len(ROOMS)
    assert (morning.reminded, morning.waiting, morning.overdue) == ([*ROOMS], [], 0)


def test_where_somebody_waits_the_rest_is_as_if_it_had_not_come_due_yet(morning: Morning) -> None:
    morning.unit(soon)
    assert (morning.reminded, morning.waiting) == ([*ROOMS[:SOME]], [])
    assert morning.overdue == len(ROOMS) - SOME
    assert morning.unit(never) == len(ROOMS) - SOME
    assert (morning.reminded, morning.overdue) == ([*ROOMS], 0)


def test_whoever_waits_one_is_done_in_every_transaction(morning: Morning) -> None:
    units = 0
    while morning.unit(at_once):
        units += 1
    assert units == len(ROOMS)
    assert morning.reminded == [*ROOMS]


def test_a_message_that_waits_has_its_turn_and_no_timer_stands_between(morning: Morning) -> None:
    """As after a fault: a timer and messages stand in the inbox, and then more comes due."""
    due.bring(morning.conn, "console", NINE, 1, missed=True)
    for room in ROOMS[10 : 10 + SOME]:
        morning.comes(Message(room, "e2", NINE, "Anna", "!acties"))
    morning.unit(at_once)
    assert (morning.waiting, morning.overdue) == ([], len(ROOMS) - 2)
    assert morning.reminded == [ROOMS[0], *ROOMS[10 : 10 + SOME], *ROOMS[1:2]]


def test_of_a_timer_that_stands_in_the_inbox_there_is_one_turn(morning: Morning) -> None:
    due.bring(morning.conn, "console", NINE, SOME, missed=True)
    assert due.bring(morning.conn, "console", NINE, SOME, missed=True) == SOME  # those behind them
    while morning.unit(at_once):
        pass
    assert morning.reminded == [*ROOMS]
