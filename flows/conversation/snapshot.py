"""A room's whole state as records, and the changes to it. Rule: a snapshot is never changed once it is out; `apply`
makes a new one.

The engine returns changes (`Put`, `Drop`); `apply` makes the new snapshot of them, and storage writes the same
changes as rows: one truth.
Every record is a flat frozen dataclass, so that storage can map it to a table by its fields alone. Instants are
aware, in UTC; dates are dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any, ClassVar

from flows.book.model import BEGIN


@dataclass(frozen=True, slots=True)
class Room:
    """What there is once in a room."""

    table: ClassVar[str] = "room"
    key_fields: ClassVar[tuple[str, ...]] = ()

    book: str = ""
    version: str = ""
    language: str = ""
    position: str = BEGIN
    trail: str | None = None  # the step that !ga or !vorige left from
    pace: str = "volledig"
    zone: str = "Europe/Amsterdam"
    nudges: bool = True
    facilitator: str | None = None
    listed: bool = False  # whether the transport says who is in the room; else those who spoke are
    welcomed_at: datetime | None = None
    listening: str | None = None  # how the coach last said that it listens: one, group
    paused_at: datetime | None = None
    last_at: datetime | None = None
    walked_at: datetime | None = None  # when einde was first reached
    messages: int = 0  # the number of the coach's latest message
    ids: int = 0  # the highest id given to an item or a prompt
    numbers: int = 0  # the highest number given to an action
    mode: str = "samen"  # samen, or gespreid for a team that is not there at the same time
    hours: str = "09:00-17:00"  # when the coach may speak unasked, on the local clock
    free: tuple[str, ...] = ()  # the room's own free days: 2026-12-24, or 2026-12-24/2026-12-31
    unasked_at: datetime | None = None  # when the coach last spoke unasked
    picture: str = "liggend"  # the picture with an overview: liggend, staand (for a phone), or geen
    shared: bool = False  # whether the room is a group's however few are in it
    closed: bool = False  # whether who votes first does so without the others seeing it
    months: int | None = None  # how long what is here is kept after the pilot; None: as the configuration says
    kept_until: date | None = None  # it is not erased before this day, for somebody put that off
    locked: bool = False  # it must be kept: nothing is erased

    @property
    def key(self) -> tuple[Any, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Member:
    """A person who is, or was, in the room."""

    table: ClassVar[str] = "member"
    key_fields: ClassVar[tuple[str, ...]] = ("id",)

    id: str
    name: str
    moderator: bool = False
    present: bool = True
    away_until: date | None = None  # the last day of an absence

    @property
    def key(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class Answer:
    """Where a step stands: `state` answered, unknown or skipped (no record: open), a settled `status`, a read `value`
    (JSON).

    `event` is the message that settled it at once (a room of one), `author` whose.
    """

    table: ClassVar[str] = "answer"
    key_fields: ClassVar[tuple[str, ...]] = ("step",)

    step: str
    state: str
    at: datetime
    status: str | None = None
    disagreed: bool = False
    value: str | None = None
    author: str | None = None
    event: str | None = None

    @property
    def key(self) -> str:
        return self.step


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that the team said at a step.

    The text before an edit is not kept; that it was edited, when and by whom is.
    """

    table: ClassVar[str] = "item"
    key_fields: ClassVar[tuple[str, ...]] = ("id",)

    id: int
    step: str
    text: str
    author: str | None
    at: datetime
    event: str | None = None
    edited_at: datetime | None = None
    edited_by: str | None = None

    @property
    def key(self) -> int:
        return self.id


@dataclass(frozen=True, slots=True)
class Choice:
    """The words that one member chose at a multi step."""

    table: ClassVar[str] = "choice"
    key_fields: ClassVar[tuple[str, ...]] = ("step", "member")

    step: str
    member: str
    words: tuple[str, ...]
    at: datetime
    event: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        return (self.step, self.member)


@dataclass(frozen=True, slots=True)
class Vote:
    """A member's last vote at a step that is being settled. `sign` is the message and sign that made it, `event`
    the message.
    """

    table: ClassVar[str] = "vote"
    key_fields: ClassVar[tuple[str, ...]] = ("step", "member")

    step: str
    member: str
    word: str
    at: datetime
    event: str | None = None
    sign: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        return (self.step, self.member)


@dataclass(frozen=True, slots=True)
class Action:
    """Something that somebody will do. `owner` is a member's id where the name is a member's; `state` open, done
    or dropped.
    """

    table: ClassVar[str] = "action"
    key_fields: ClassVar[tuple[str, ...]] = ("number",)

    number: int
    text: str
    at: datetime
    author: str | None = None
    owner: str | None = None
    owner_name: str | None = None
    due: date | None = None
    state: str = "open"
    step: str | None = None
    event: str | None = None
    closed_at: datetime | None = None
    reminded_on: date | None = None  # the local day of the latest reminder of it
    edited_at: datetime | None = None
    edited_by: str | None = None

    @property
    def key(self) -> int:
        return self.number


@dataclass(frozen=True, slots=True)
class Prompt:
    """An open prompt of the coach, on a stack by `id`: its kind, step, the messages that show it, and what it
    needs to go on.
    """

    table: ClassVar[str] = "prompt"
    key_fields: ClassVar[tuple[str, ...]] = ("id",)

    id: int
    kind: str
    step: str | None
    messages: tuple[int, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> int:
        return self.id


@dataclass(frozen=True, slots=True)
class Asked:
    """That a step was asked: the first message of this visit, the latest (the one that is edited), and whether it
    is still open.
    """

    table: ClassVar[str] = "asked"
    key_fields: ClassVar[tuple[str, ...]] = ("step",)

    step: str
    first: int
    latest: int
    open: bool

    @property
    def key(self) -> str:
        return self.step


@dataclass(frozen=True, slots=True)
class Taken:
    """A person's message that was taken: for which step, who marked it (empty where it was for the coach by itself),
    whether it is
    taken back for now (❌), and whether it could be read."""

    table: ClassVar[str] = "taken"
    key_fields: ClassVar[tuple[str, ...]] = ("event",)

    event: str
    step: str | None
    author: str
    marks: tuple[str, ...] = ()
    hidden_at: datetime | None = None
    hidden_by: tuple[str, ...] = ()
    read: bool = True

    @property
    def key(self) -> str:
        return self.event


@dataclass(frozen=True, slots=True)
class Helped:
    """That a person got the line of help at a step: the next time it is only a sign."""

    table: ClassVar[str] = "helped"
    key_fields: ClassVar[tuple[str, ...]] = ("step", "member")

    step: str
    member: str

    @property
    def key(self) -> tuple[str, str]:
        return (self.step, self.member)


@dataclass(frozen=True, slots=True)
class Once:
    """Something that is asked or offered once: `state` waiting or done; `messages` are those that asked it."""

    table: ClassVar[str] = "once"
    key_fields: ClassVar[tuple[str, ...]] = ("name",)

    name: str
    state: str
    messages: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Timer:
    """A moment at which the conversation wants to go on by itself."""

    table: ClassVar[str] = "timer"
    key_fields: ClassVar[tuple[str, ...]] = ("name",)

    name: str
    due: datetime
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Round:
    """How every status stood at one moment: at the end of the first walk, and at every re-check after it."""

    table: ClassVar[str] = "round"
    key_fields: ClassVar[tuple[str, ...]] = ("number",)

    number: int
    at: datetime
    statuses: dict[str, str | None] = field(default_factory=dict)

    @property
    def key(self) -> int:
        return self.number


Record = Room | Member | Answer | Item | Choice | Vote | Action | Prompt | Asked | Taken | Helped | Once | Timer | Round


@dataclass(frozen=True, slots=True)
class Put:
    """This record is there from now on, instead of the one with the same key."""

    record: Record


@dataclass(frozen=True, slots=True)
class Drop:
    """This record is gone."""

    record: Record


Change = Put | Drop


@dataclass(slots=True)
class Snapshot:
    """A room's state. Treat as immutable: only `apply` and the engine's own draft build new ones."""

    id: str
    room: Room = field(default_factory=Room)
    member: dict[str, Member] = field(default_factory=dict)
    answer: dict[str, Answer] = field(default_factory=dict)
    item: dict[int, Item] = field(default_factory=dict)
    choice: dict[tuple[str, str], Choice] = field(default_factory=dict)
    vote: dict[tuple[str, str], Vote] = field(default_factory=dict)
    action: dict[int, Action] = field(default_factory=dict)
    prompt: dict[int, Prompt] = field(default_factory=dict)
    asked: dict[str, Asked] = field(default_factory=dict)
    taken: dict[str, Taken] = field(default_factory=dict)
    helped: dict[tuple[str, str], Helped] = field(default_factory=dict)
    once: dict[str, Once] = field(default_factory=dict)
    timer: dict[str, Timer] = field(default_factory=dict)
    round: dict[int, Round] = field(default_factory=dict)

    def copied(self) -> Snapshot:
        """Another snapshot with the same records. `copy.copy` takes ten times as long."""
        return Snapshot(*_values_of(self))

    def people(self) -> list[Member]:
        """Who is in the room now."""
        return [member for member in self.member.values() if member.present]

    def alone(self) -> bool:
        """Whether this is a room of one."""
        return not self.room.shared and len(self.people()) <= 1

    def prompts(self) -> list[Prompt]:
        """The open prompts, the latest last."""
        return [self.prompt[number] for number in sorted(self.prompt)]


_values_of = attrgetter(*(one.name for one in fields(Snapshot)))
_ROOM_FIELDS = tuple(one.name for one in fields(Room))
_room_values = attrgetter(*_ROOM_FIELDS)
_ROOM_SETTERS = {name: getattr(Room, name).__set__ for name in _ROOM_FIELDS}  # of its slots


def changed_room(room: Room, values: Mapping[str, Any]) -> Room:
    """The room with other values in some fields. KeyError for a field that there is not. `replace` takes four times as
    long, and every event changes the room several times."""
    new = object.__new__(Room)
    for put, value in zip(_ROOM_SETTERS.values(), _room_values(room), strict=True):
        put(new, value)
    for name, value in values.items():
        _ROOM_SETTERS[name](new, value)
    return new


TABLES: tuple[type[Record], ...] = (
    Room, Member, Answer, Item, Choice, Vote, Action, Prompt, Asked, Taken, Helped, Once, Timer, Round,
)  # fmt: skip


def apply(snapshot: Snapshot, changes: Iterable[Change]) -> Snapshot:
    """The snapshot after the changes; the given one stays as it was."""
    values = {one.name: getattr(snapshot, one.name) for one in fields(Snapshot)}
    fresh: set[str] = set()
    for change in changes:
        record = change.record
        if isinstance(record, Room):
            values["room"] = record
            continue
        if record.table not in fresh:
            values[record.table] = dict(values[record.table])
            fresh.add(record.table)
        if isinstance(change, Put):
            values[record.table][record.key] = record
        else:
            values[record.table].pop(record.key, None)
    return Snapshot(**values)
