"""A chat to test with: real capture, real turns, real SQLite. Rule: the room is written and read again between every
two messages.

No transport and no event loop: effects are read from the outbox as a transport would get them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.memory import Memory
from bot.receiving import Receiver, people_of
from bot.transports.base import Change, Incoming, Message, People, Press, Removal, Sign
from bot.turns import Turns
from flows.book import Book
from flows.catalogue import load_catalogue
from flows.conversation.effects import Attach, Card, Edit, Effect, Mark, Say
from flows.conversation.engine import Engine
from flows.conversation.events import Person, TimerDue
from flows.conversation.hearing import Capabilities, Setting
from flows.conversation.snapshot import Snapshot
from flows.conversation.view import RoomView
from flows.export import as_json
from flows.languages import Language, load_languages
from storage import erasing, forgetting, inbox, outbox, rooms, timers
from storage.migrate import migrate, migrations

ROOM = "r1"
LANGUAGES = load_languages()
BOOK: Book = LANGUAGES.of("nl").book
TEXTS = load_catalogue("nl")
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class Chat:
    """A room with people in it. Numbers are those of the coach's messages; `e1`, `e2`, ... are people's messages."""

    folder: Path
    people: tuple[str, ...] = ("Anna",)
    moderators: tuple[str, ...] = ()
    capabilities: Capabilities = field(default_factory=Capabilities)
    book: Book = BOOK
    now: datetime = START
    locked: frozenset[str] = frozenset()
    seen: list[Effect] = field(default_factory=list)  # all effects, in order
    last: list[Effect] = field(default_factory=list)  # those of the last event

    def __post_init__(self) -> None:
        self.path = self.folder / "coach.db"
        if not self.path.exists():  # else it goes on where another chat ended
            self.path.write_bytes(_empty())
        self.conn = sqlite3.connect(self.path, isolation_level=None)
        self.conn.execute("PRAGMA foreign_keys=ON")
        # What is tested here is not the disk.
        self.conn.execute("PRAGMA synchronous=OFF")
        self.conn.execute("PRAGMA journal_mode=MEMORY")
        self.memory = Memory()
        self.count = 0
        self.hushed: list[Snapshot] = []  # how rooms stood that were erased
        if self.people:
            self.members(*self.people)

    # What happens in the chat ---------------------------------------------------------------------------------------

    def members(self, *names: str, moderators: Iterable[str] | None = None, shared: bool = False) -> list[Effect]:
        """Who is in the room from now on (an invitation, the first time)."""
        self.people = names
        if moderators is not None:
            self.moderators = tuple(moderators)
        people = tuple(Person(name, name, name in self.moderators) for name in names)
        return self.send(People(ROOM, self.event_id(), self.now, people, shared))

    def say(
        self,
        who: str,
        text: str,
        *,
        to: int | str | None = None,
        thread: int | str | None = None,
        mention: bool = False,
    ) -> list[Effect]:
        """Somebody writes; `to` and `thread` are a number (of the coach's message) or an event id."""
        event = self.event_id()
        message = Message(ROOM, event, self.now, who, text, _message(to), _message(thread), mention)
        return self.send(message)

    def sign(self, who: str, key: str, on: int | str, *, removed: bool = False) -> list[Effect]:
        """Somebody puts a sign on a message, or takes it off."""
        return self.send(Sign(ROOM, self.event_id(), self.now, who, str(_message(on)), key, removed))

    def press(
        self,
        who: str,
        on: int,
        value: str,
        text: str = "",
        picked: tuple[str, ...] = (),
        person: str | None = None,
        *,
        event: str | None = None,
    ) -> list[Effect]:
        """Somebody presses a button of the latest card of the coach's message `on`."""
        find = "SELECT \"key\" FROM outbox WHERE number = ? AND op IN ('say', 'edit') ORDER BY id DESC LIMIT 1"
        (key,) = self.conn.execute(find, (on,)).fetchone()
        return self.send(Press(ROOM, event or self.event_id(), self.now, who, key, value, text, picked, person))

    def card(self, number: int) -> Card | None:
        """The card that the coach's message shows now."""
        return [one for one in self.seen if isinstance(one, Say | Edit) and one.number == number][-1].card

    def edit(self, who: str, target: str, text: str) -> list[Effect]:
        """Somebody changes a message."""
        return self.send(Change(ROOM, self.event_id(), self.now, who, target, text))

    def redact(self, who: str, target: str) -> list[Effect]:
        """Somebody removes a message."""
        return self.send(Removal(ROOM, self.event_id(), self.now, who, target))

    def wait(self, **span: float) -> list[Effect]:
        """Time goes by (`timedelta` arguments); timers that come due fire in order."""
        until = self.now + timedelta(**span)
        effects: list[Effect] = []
        while due := timers.due(self.conn, "console", until, 1):
            room, timer = due[0]
            self.now = max(self.now, timer.due)
            inbox.add(
                self.conn,
                room,
                TimerDue(f"\x1ftimer:{timer.name}:{timer.due.isoformat()}", timer.due, timer.name),
                self.now,
            )
            effects += self._turns()
        self.now = until
        self.last = effects
        return effects

    def send(self, incoming: Incoming) -> list[Effect]:
        """Something comes in; the effects that it leads to."""
        self.now += timedelta(seconds=1)
        turns = self._new_turns()
        self.conn.execute("BEGIN IMMEDIATE")
        room = rooms.find(self.conn, "console", ROOM)
        people = {} if room is None else {ROOM: people_of(turns.snapshot(self.conn, room))}
        receiver = Receiver("console", self.memory, lambda: TEXTS.words("words.behalf"))
        for one in self.hushed:
            receiver.hush(one)
        receiver.take(self.conn, [incoming], people, None)
        self.conn.execute("COMMIT")
        self.last = self._turns(turns)
        return self.last

    def settle(self) -> list[Effect]:
        """The effects of the turns that wait."""
        self.last = self._turns()
        return self.last

    def _new_turns(self) -> Turns:
        # A new object each time: nothing of the room is remembered but its rows.
        return Turns(Engine(self.setting), self.memory, "console", "test", lambda number: f"m{number}")

    def _turns(self, turns: Turns | None = None) -> list[Effect]:
        turns = turns or self._new_turns()
        while True:
            self.conn.execute("BEGIN IMMEDIATE")
            count = turns.run(self.conn)
            self.conn.execute("COMMIT")
            turns.kept()
            self.hushed += [one.before for one in turns.emptied()]
            if not count:
                break
        effects: list[Effect] = []
        self.conn.execute("BEGIN IMMEDIATE")
        for row in [
            one for head in outbox.heads(self.conn, self.now, 100) for one in outbox.of_room(self.conn, head.room)
        ]:
            effects.append(row.effect)
            outbox.sent(self.conn, row.id, None, row.room, None)
        while (row := outbox.to_make(self.conn, "console")) is not None:
            effects.append(row.effect)
            outbox.sent(self.conn, row.id, f"file {row.key[:8]}", row.room, row.effect.number)
        self.conn.execute("COMMIT")
        for note in erasing.notes(self.conn):
            erasing.finish(self.conn, note)
        self.seen += effects
        return effects

    def event_id(self) -> str:
        self.count += 1
        return f"e{self.count}"

    # What can be asked of it ----------------------------------------------------------------------------------------

    @property
    def event(self) -> str:
        """The id of the last event."""
        return f"e{self.count}"

    @property
    def snapshot(self) -> Snapshot:
        """The room as its rows say."""
        room = rooms.find(self.conn, "console", ROOM)
        return Snapshot(ROOM) if room is None else rooms.load(self.conn, room)

    @property
    def view(self) -> RoomView:
        return RoomView(self.spoken.book, self.snapshot, self.now)

    @property
    def setting(self) -> Setting:
        """What the coach in this chat knows; another book than the real one has no other languages."""
        others = LANGUAGES.others if self.book is BOOK else ()
        secret = forgetting.secret(self.conn)
        return Setting(
            self.book, TEXTS, self.capabilities, "Gemeente Voorbeeld", "coach.db", others, self.locked, secret=secret
        )

    @property
    def spoken(self) -> Language:
        """The language that the room speaks."""
        return self.setting.speaking(self.snapshot.room.language)

    @property
    def position(self) -> str:
        return self.snapshot.room.position

    @property
    def export(self) -> dict[str, Any]:
        """The room's canvas as JSON."""
        return as_json(self.spoken.book, self.snapshot, self.now, self.spoken.texts.rhythm)

    def says(self, effects: Iterable[Effect] | None = None) -> list[Say]:
        """The messages among the effects (those of the last event)."""
        return [one for one in (self.last if effects is None else effects) if isinstance(one, Say)]

    def edits(self, effects: Iterable[Effect] | None = None) -> list[Edit]:
        return [one for one in (self.last if effects is None else effects) if isinstance(one, Edit)]

    def marks(self, effects: Iterable[Effect] | None = None) -> list[Mark]:
        return [one for one in (self.last if effects is None else effects) if isinstance(one, Mark)]

    def files(self, effects: Iterable[Effect] | None = None) -> list[Attach]:
        return [one for one in (self.last if effects is None else effects) if isinstance(one, Attach)]

    @property
    def text(self) -> str:
        """The text of the one message that the last event led to; fails where there were none or more."""
        (said,) = self.says()
        return said.text

    @property
    def asked(self) -> int:
        """The number of the coach's latest message of kind question."""
        return [one for one in self.seen if isinstance(one, Say) and one.kind == "question"][-1].number

    def texts_of(self, step: str) -> list[str]:
        """The items at a step."""
        return [item["text"] for item in self.export["steps"][step]["items"]]

    def state(self, step: str) -> str:
        return str(self.export["steps"][step]["state"])


@cache
def _empty() -> bytes:
    """A database with the schema of now and nothing in it: made once, for it takes longer than most tests."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "coach.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as conn:
            migrate(conn, path, migrations())
        return path.read_bytes()


def _message(name: int | str | None) -> str | None:
    return f"m{name}" if isinstance(name, int) else name
