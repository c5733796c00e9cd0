"""rules.md, "Machinery": two transactions, one truth, and keys that stay the same.

A fault is made by a row that no version of ours would write, never by a stand-in for our own code.
"""

from __future__ import annotations

import copy
import random
import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import LineClock
from bot.coach import Coach
from bot.memory import Memory
from bot.receiving import Receiver, people_of
from bot.transports.base import Incoming, Message
from bot.turns import Turns, effect_key
from flows.conversation.effects import Effect, Say
from flows.conversation.engine import Engine
from flows.conversation.events import Event, Joined, Own, Person, Reacted, Said
from flows.conversation.hearing import Capabilities, Setting
from flows.conversation.snapshot import Snapshot, apply
from storage import inbox, meta, outbox, rooms
from storage.errors import StorageError
from storage.outbox import Row
from storage.writer import Writer
from tests.chat import BOOK, ROOM, START, TEXTS, Chat
from tests.flows.rules_rooms import alone, go, rows, stored


def _engine() -> Engine:
    return Engine(Setting(BOOK, TEXTS, Capabilities(), "Gemeente Voorbeeld", "coach.db"))


def _turns() -> Turns:
    return Turns(_engine(), Memory(), "console", "test", lambda number: f"m{number}")


def _deliver(chat: Chat, *incoming: Incoming) -> None:
    Receiver("console", chat.memory).take(chat.conn, list(incoming), {ROOM: people_of(chat.snapshot)}, None)


def _message(chat: Chat, name: str, text: str, room: str = ROOM) -> Message:
    return Message(room, name, chat.now, "Anna", text)


def _run(chat: Chat, turns: Turns) -> int:
    chat.conn.execute("BEGIN IMMEDIATE")
    count = turns.run(chat.conn)
    chat.conn.execute("COMMIT")
    turns.kept()
    return count


def _pending(chat: Chat) -> list[Row]:
    return [row for head in outbox.heads(chat.conn, chat.now, 100) for row in outbox.of_room(chat.conn, head.room)]


def _posted(chat: Chat) -> list[Effect]:
    """What is to be posted now, and then is."""
    found = _pending(chat)
    for row in found:
        outbox.sent(chat.conn, row.id, None, row.room, None)
    return [row.effect for row in found]


# Transaction A -------------------------------------------------------------------------------------------------------


class _Silent:
    """A transport that posts nothing anywhere."""

    name = "console"
    abreast = 1
    fetches = False
    capabilities = Capabilities()

    def known_id(self, number: int) -> str | None:
        return f"m{number}"

    async def send(self, row: Row, target: str | None) -> str | None:
        return None

    def whereabouts(self, room: str) -> list[Path]:
        return []

    async def forget(self, room: str | None, alone: Sequence[str]) -> list[str]:
        return []

    async def scrub(self, row: Row, messages: list[str], gone: tuple[str, ...]) -> None:
        """There is nothing to take out."""

    async def fetch(self, room: str, message: str) -> Message | None:
        return None


@pytest.mark.parametrize("bad", [10, 60, 119])
async def test_the_position_comes_with_the_last_rows_of_a_delivery(tmp_path: Path, bad: int) -> None:
    """ "(A) inbox rows of one delivery (at most 50) and, with the last of them, the transport's position" """
    writer = await Writer.open(tmp_path / "coach.db")
    try:
        coach = Coach(writer, _engine(), _Silent(), LineClock(START), "test")
        when = f"BEFORE INSERT ON inbox WHEN new.event = 'x{bad}'"
        refuse = f"CREATE TRIGGER full {when} BEGIN SELECT RAISE(ABORT, 'full'); END"
        await writer.run(lambda conn: conn.execute(refuse))
        incoming = [Message(ROOM, f"x{number}", START, "Anna", f"bericht {number}") for number in range(120)]
        with pytest.raises((StorageError, sqlite3.Error)):
            await coach.receive(incoming, lambda conn: meta.put(conn, "since", "s1"))

        def state(conn: sqlite3.Connection) -> tuple[int, int]:
            count = conn.execute("SELECT count(*) FROM inbox WHERE event LIKE 'x%'").fetchone()[0]
            return count, conn.execute("SELECT count(*) FROM meta WHERE key = 'since'").fetchone()[0]

        assert await writer.run(state) == (bad // 50 * 50, 0)
        await writer.run(lambda conn: conn.execute("DROP TRIGGER full"))
        await coach.receive(incoming, lambda conn: meta.put(conn, "since", "s1"))
        assert await writer.run(state) == (120, 1)
    finally:
        await writer.close()


def test_up_to_fifty_turns_share_a_commit(tmp_path: Path) -> None:
    """ "(B) turns, each in its own savepoint, up to 50 a commit" """
    chat = alone(tmp_path)
    _deliver(chat, *(_message(chat, f"x{number}", f"bericht {number}") for number in range(120)))
    turns = _turns()
    assert [_run(chat, turns) for _ in range(4)] == [50, 50, 20, 0]
    assert chat.texts_of("pilot.naam") == [f"bericht {number}" for number in range(120)]


def test_an_inbox_row_is_unique_on_room_and_event(tmp_path: Path) -> None:
    """ "An inbox row is unique on transport, room and event id" """
    chat = alone(tmp_path)
    turns = _turns()
    for text in ("Dichtbij", "Heel dichtbij"):
        _deliver(chat, _message(chat, "x1", text))
        _run(chat, turns)
    _deliver(chat, _message(chat, "x1", "!start", "r2"))
    assert _run(chat, turns) > 0
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]
    other = rooms.find(chat.conn, "console", "r2")
    assert other is not None
    assert rooms.load(chat.conn, other).room.position == "pilot.naam"


def test_the_payload_is_deleted_with_its_turn(tmp_path: Path) -> None:
    """ "its payload is deleted with its turn, only a hash stays" """
    chat = alone(tmp_path)
    chat.say("Anna", "Dichtbij")
    found = chat.conn.execute("SELECT payload, length(hash), state FROM inbox").fetchall()
    assert len(found) == 3
    assert set(found) == {(None, 64, 1)}
    assert chat.conn.execute("SELECT count(*) FROM outbox WHERE payload IS NOT NULL").fetchone() == (0,)


# A fault of ours ----------------------------------------------------------------------------------------------------


def _break(chat: Chat) -> None:
    """A prompt at a step that no book has: no turn can be made of it."""
    broken = "INSERT INTO prompt SELECT id, 999, 'nudge', 'er.niet', '[]', '{}' FROM room WHERE external = ?"
    chat.conn.execute(broken, (ROOM,))


def _mend(chat: Chat) -> None:
    chat.conn.execute("DELETE FROM prompt WHERE id = 999")


def test_a_turn_that_fails_keeps_its_payload_and_the_person_is_told(tmp_path: Path) -> None:
    """ "A turn that fails for a fault of ours keeps its payload, the person is told" """
    chat = alone(tmp_path)
    _break(chat)
    chat.say("Anna", "Dichtbij")
    assert [(said.kind, said.reply_to) for said in chat.says()] == [("error", chat.event)]
    (row,) = chat.conn.execute("SELECT payload FROM inbox WHERE state = 2").fetchall()
    assert "Dichtbij" in row[0]
    assert (chat.texts_of("pilot.naam"), chat.position) == ([], "pilot.naam")


def test_a_fault_costs_one_turn(tmp_path: Path) -> None:
    """ "each in its own savepoint": what comes before and after it is done."""
    chat = alone(tmp_path)
    _break(chat)
    _deliver(
        chat,
        _message(chat, "x0", "!start", "r2"),
        _message(chat, "x1", "Dichtbij"),
        _message(chat, "x2", "Veraf", "r2"),
        _message(chat, "x3", "!hulp"),
    )
    _run(chat, _turns())
    other = rooms.find(chat.conn, "console", "r2")
    assert other is not None
    assert [item.text for item in rooms.load(chat.conn, other).item.values()] == ["Veraf"]
    assert [one.kind for one in _posted(chat) if isinstance(one, Say)].count("help") == 1


def test_what_people_wrote_is_not_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Logs hold ids, never answers: also where a turn fails."""
    chat = alone(tmp_path)
    _break(chat)
    with caplog.at_level(0):
        chat.say("Anna", "Jansen is ziek")
    assert chat.event in caplog.text
    assert "Jansen" not in caplog.text


@pytest.mark.parametrize("text", ["Dichtbij", "verder", "ok", "- een\n- twee", "weet niet"])
def test_it_is_tried_again_after_an_upgrade_with_all_that_it_leads_to(tmp_path: Path, text: str) -> None:
    """ "and it is tried again after an upgrade": nothing of what it leads to is lost, and nothing is posted twice."""
    chat = alone(tmp_path)
    (tmp_path / "whole").mkdir()
    whole = alone(tmp_path / "whole")
    expected = whole.say("Anna", text)
    _break(chat)
    chat.say("Anna", text)
    _mend(chat)
    assert inbox.revive(chat.conn, "test") == 0
    assert inbox.revive(chat.conn, "next") == 1
    _run(chat, _turns())
    kinds = [(type(one), getattr(one, "kind", None), getattr(one, "step", None)) for one in _posted(chat)]
    assert kinds == [(type(one), getattr(one, "kind", None), getattr(one, "step", None)) for one in expected]
    assert (chat.position, chat.texts_of("pilot.naam")) == (whole.position, whole.texts_of("pilot.naam"))
    number = chat.snapshot.room.messages
    assert [said[1] for said in rows(chat, "message")] == list(range(1, number + 1))


def test_a_turn_that_fails_again_leaves_no_gap(tmp_path: Path) -> None:
    """After another failure the numbers of the coach's messages still have no gap."""
    chat = alone(tmp_path)
    _break(chat)
    chat.say("Anna", "Dichtbij")
    inbox.revive(chat.conn, "next")
    _run(chat, _turns())
    _mend(chat)
    chat.say("Anna", "!vraag")
    assert [said[1] for said in rows(chat, "message")] == list(range(1, chat.snapshot.room.messages + 1))
    chat.say("Anna", "Veraf", to=chat.says()[0].number)
    assert chat.texts_of("pilot.naam") == ["Veraf"]


# One truth -----------------------------------------------------------------------------------------------------------

EVENTS: list[tuple[str, int | None]] = [
    ("!start", None), ("Dichtbij", None), ("- een\n- twee", None), ("!verder", None), ("vanaf mei 2026", None),
    ("!weetniet", None), ("!ga impact.input", None), ("een hulpverlener", None), ("verder", None), ("klopt niet", None),
    ("!ga impact.status", None), ("deels", None), ("nulmeting @Bas 31 maart 2027", None), ("!wijzig outcome", None),
    ("ouders bellen", None), ("verder", None), ("!ga routes.keuze", None), ("in, op", None), ("!vorige", None),
    ("3 weg", None), ("!pauze", None), ("hallo", None), ("ja", None), ("!overzigt", None), ("verder", None),
    ("!ga ingredienten.oordeel", None), ("governance deels", None), ("v d o o ? d v v", None), ("!gedaan 1", None),
    ("!instellingen tempo kort", None), ("te laat", 2), ("!ga pilot.ritme", None), ("verder", None),
]  # fmt: skip


def _events(people: tuple[str, ...]) -> list[Event]:
    found: list[Event] = [Joined("j", START, tuple(Person(name, name) for name in people))]
    chance = random.Random(7)
    for number, (text, own) in enumerate(EVENTS, 1):
        at = START + timedelta(minutes=number)
        who = chance.choice(people)
        pointed = None if own is None else Own(own, "question", "pilot.naam")
        found.append(Said(f"x{number}", at, who, text, pointed, mentioned=True))
        tapped = Own(number, "question", "pilot.naam")
        found.append(Reacted(f"y{number}", at, who, chance.choice(["✅", "🟠", "❌"]), tapped))
    return found


@pytest.mark.parametrize("people", [("Anna",), ("Anna", "Bas", "Cem")])
def test_the_changes_make_the_snapshot_and_the_rows(tmp_path: Path, people: tuple[str, ...]) -> None:
    """ "the engine returns changes; the pure `apply(snapshot, changes)` makes the new snapshot, and storage writes the
    same changes as rows" """
    chat = Chat(tmp_path, people=())
    room = rooms.ensure(chat.conn, "console", ROOM)
    engine, snapshot = _engine(), Snapshot(ROOM)
    for event in _events(people):
        before = copy.deepcopy(snapshot)
        turn = engine.step(snapshot, event)
        assert snapshot == before  # "the given snapshot is never changed"
        assert apply(snapshot, turn.changes) == turn.snapshot
        rooms.save(chat.conn, room, turn.changes)
        assert rooms.load(chat.conn, room) == turn.snapshot
        assert engine.step(snapshot, event) == turn  # the same input, the same output
        snapshot = turn.snapshot


@pytest.mark.parametrize("people", [("Anna",), ("Anna", "Bas", "Cem")])
def test_a_room_from_the_cache_and_one_from_its_rows_are_the_same(tmp_path: Path, people: tuple[str, ...]) -> None:
    """ "Snapshots are rebuilt from rows and cached per room" """
    seen: list[list[Effect]] = []
    for fresh in (True, False):
        folder = tmp_path / str(fresh)
        folder.mkdir()
        chat = Chat(folder, people=())
        room, turns = rooms.ensure(chat.conn, "console", ROOM), _turns()
        effects: list[Effect] = []
        for event in _events(people):
            inbox.add(chat.conn, room, event, event.at)
            _run(chat, _turns() if fresh else turns)
            effects += _posted(chat)
        seen.append(effects)
    assert seen[0] == seen[1]


def test_a_rollback_drops_the_cache(tmp_path: Path) -> None:
    """ "a rollback drops the cache": what was not committed is not remembered, and comes out the same the next time."""
    chat = alone(tmp_path)
    turns = _turns()
    _deliver(chat, _message(chat, "x1", "Dichtbij"))
    _run(chat, turns)
    _posted(chat)
    room = rooms.find(chat.conn, "console", ROOM)
    assert room is not None
    _deliver(chat, _message(chat, "x2", "verder"), _message(chat, "x3", "!ga routes"))
    lost = []
    for _ in range(2):
        chat.conn.execute("BEGIN IMMEDIATE")
        turns.run(chat.conn)
        lost.append([(row.key, row.effect) for row in _pending(chat)])
        chat.conn.execute("ROLLBACK")
        turns.lost()
        assert turns.snapshot(chat.conn, room) == rooms.load(chat.conn, room)
        assert turns.snapshot(chat.conn, room).room.position == "pilot.naam"
    _run(chat, turns)
    assert lost == [[(row.key, row.effect) for row in _pending(chat)]] * 2
    assert chat.position == "routes.aannemelijk"


def test_what_was_read_in_a_run_that_is_rolled_back_is_not_remembered(tmp_path: Path) -> None:
    """ "a rollback drops the cache": also of a room whose turn failed, and the telling of it too."""
    chat = alone(tmp_path)
    turns = _turns()
    _deliver(chat, _message(chat, "x1", "Dichtbij"))
    _run(chat, turns)
    taken = "INSERT INTO message SELECT id, 4, 'taken', 'info', NULL, 'x', NULL FROM room WHERE external = ?"
    chat.conn.execute(taken, (ROOM,))
    room = rooms.find(chat.conn, "console", ROOM)
    assert room is not None
    _deliver(chat, _message(chat, "x2", "verder"), _message(chat, "x3", "!hulp"))  # messages 3 and 4
    chat.conn.execute("BEGIN IMMEDIATE")
    turns.run(chat.conn)
    assert rooms.load(chat.conn, room).room.position == "pilot.periode"
    chat.conn.execute("ROLLBACK")
    turns.lost()
    assert turns.snapshot(chat.conn, room).room.position == "pilot.naam"


# The key -------------------------------------------------------------------------------------------------------------


def test_the_key_is_of_room_cause_and_number(tmp_path: Path) -> None:
    """ "The outbox key is a hash of room, cause (event, or timer and its due moment) and number within the turn" """
    keys = {
        effect_key(transport, room, cause, place)
        for transport in ("console", "matrix")
        for room in ("r1", "r2")
        for cause in ("event e1", "event e2", "timer e1 2026")
        for place in (0, 1)
    }
    assert len(keys) == 24
    assert effect_key("console", "r1", "event e1", 0) == effect_key("console", "r1", "event e1", 0)
    chat = alone(tmp_path)
    chat.say("Anna", "Dichtbij")
    chat.say("Anna", "!verder")
    assert len({row[2] for row in rows(chat, "outbox")}) == len(rows(chat, "outbox"))


def test_two_timers_of_one_name_have_different_keys(tmp_path: Path) -> None:
    """ "timer and its due moment": the second ❌ on the same message is deleted at its own time."""
    chat = alone(tmp_path)
    chat.say("Anna", "Jansen is ziek")
    said = chat.event
    chat.sign("Anna", "❌", said)
    chat.wait(hours=5)
    chat.sign("Anna", "❌", said, removed=True)
    chat.sign("Anna", "❌", said)
    chat.wait(hours=20)
    chat.sign("Anna", "❌", said, removed=True)
    assert chat.texts_of("pilot.naam") == ["Jansen is ziek"]
    chat.sign("Anna", "❌", said)
    chat.wait(hours=25)
    assert "Jansen" not in stored(chat)


def test_what_waits_to_be_posted_keeps_its_order(tmp_path: Path) -> None:
    """A retry carries the same key: a row that could not be posted is the same row, and what comes after it waits."""
    chat = alone(tmp_path)
    turns = _turns()
    _deliver(chat, _message(chat, "x1", "Dichtbij"), _message(chat, "x2", "verder"))
    _run(chat, turns)
    before = [row.key for row in _pending(chat)]
    outbox.defer(chat.conn, _pending(chat)[0].id, chat.now + timedelta(minutes=1), 1)
    assert _pending(chat) == []
    chat.now += timedelta(minutes=2)
    assert [row.key for row in _pending(chat)] == before
    go(chat, "routes")
    assert chat.position == "routes.aannemelijk"


def test_what_the_database_refuses_of_one_turn_holds_up_no_other(tmp_path: Path) -> None:
    """Poison: that row aside. A number that is taken already is a fault of ours, not of the disk: the loop goes on."""
    chat = alone(tmp_path)
    taken = "INSERT INTO message SELECT id, 3, 'taken', 'info', NULL, 'x', NULL FROM room WHERE external = ?"
    chat.conn.execute(taken, (ROOM,))
    chat.say("Anna", "!hulp")  # would be message 3, and so would the line that says what went wrong
    assert chat.says() == []
    assert inbox.revive(chat.conn, "next") == 1
    chat.conn.execute("DELETE FROM message WHERE key = 'taken'")
    _run(chat, _turns())
    chat.say("Anna", "Dichtbij")
    assert chat.texts_of("pilot.naam") == ["Dichtbij"]
