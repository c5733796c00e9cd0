"""What a transport is, and what it brings in. Rule: a transport knows its own chat and nothing of the conversation.

`at` is an aware datetime in UTC; `room`, `sender` and message ids are the transport's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from flows.conversation.events import Person
from flows.conversation.hearing import Capabilities
from storage.outbox import Row

# The first year of a moment that a chat can say.
EARLIEST = 1970


@dataclass(frozen=True, slots=True)
class Message:
    """Somebody wrote something. `reply_to` and `thread` are message ids."""

    room: str
    id: str
    at: datetime
    sender: str
    text: str
    reply_to: str | None = None
    thread: str | None = None
    mentioned: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """The text of a message changed."""

    room: str
    id: str
    at: datetime
    sender: str
    target: str
    text: str


@dataclass(frozen=True, slots=True)
class Removal:
    """A message is gone."""

    room: str
    id: str
    at: datetime
    sender: str
    target: str


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign was put on a message, or taken off it."""

    room: str
    id: str
    at: datetime
    sender: str
    target: str
    key: str
    removed: bool = False


@dataclass(frozen=True, slots=True)
class People:
    """Who is in the room from now on, the coach and other bots not counted; `shared` where the room is a group's
    however few are in it; `welcome` is False where a message comes with it, which brings the welcome."""

    room: str
    id: str
    at: datetime
    people: tuple[Person, ...]
    shared: bool = False
    welcome: bool = True


@dataclass(frozen=True, slots=True)
class Press:
    """A button was pressed on a card of the coach: `key` is that of the message or the change that made the card, so
    that it is known whatever id the message got; `text`, `picked` and `person` are what was filled in."""

    room: str
    id: str
    at: datetime
    sender: str
    key: str
    value: str
    text: str = ""
    picked: tuple[str, ...] = ()
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Undecrypted:
    """Somebody wrote something in an encrypted room that can't be read, and its key will not come any more."""

    room: str
    id: str
    at: datetime
    sender: str


@dataclass(frozen=True, slots=True)
class Posted:
    """A message of the coach itself came by: its id, and the key under which it was posted."""

    room: str
    id: str
    at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class PutOut:
    """The coach is not in the room any more: what it has to say there waits until it is back (`People`)."""

    room: str
    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """The room goes on as another one, `to`: everything that is known of it goes along."""

    room: str
    id: str
    at: datetime
    to: str


@dataclass(frozen=True, slots=True)
class Alone:
    """Somebody of the room can't be told anything alone: they don't want to."""

    room: str
    id: str
    at: datetime
    member: str


Incoming = Message | Change | Removal | Sign | Press | People | Undecrypted | Posted | PutOut | Moved | Alone


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG and its size in pixels."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class File:
    """A file to post. Where it is a picture: `alt` says in words what it shows, `caption` in a line (else both ""),
    `picture` has its size, and `thumbnail` is a small one where the transport asks for it.
    """

    name: str
    mime: str
    data: bytes
    alt: str = ""
    caption: str = ""
    picture: Picture | None = None
    thumbnail: Picture | None = None


class Deferred(Exception):
    """A message can't be posted now. `seconds` is how long the other side asks to wait, None where it said nothing;
    `everywhere` where that holds for all rooms; `tried` False where we did not even ask the other side: no failure, so
    the wait does not grow."""

    def __init__(self, seconds: float | None = None, *, everywhere: bool = False, tried: bool = True) -> None:
        super().__init__("not now")
        self.seconds = seconds
        self.everywhere = everywhere
        self.tried = tried


class Refused(Exception):
    """A message can never be posted as it is; `large` where that is because of its size."""

    large = False


class TooLarge(Refused):
    """What was to be posted is larger than the chat takes."""

    large = True


class Doubtful(Exception):
    """It is not known whether a message was posted, and the other side can't tell: posting it again might say it
    twice."""


class Held(Exception):
    """Something for one person waits until they can be told it alone; what comes after it in the room does not."""


class Unreachable(Exception):
    """Somebody can't be told anything alone, and won't be."""


class Transport(Protocol):
    """A way into a chat. `abreast` is in how many rooms it may post at the same time; `fetches` whether it can look up
    a message that is not remembered; `widest` how many pixels the longer side of a picture may have, and of its
    thumbnail (0: none)."""

    name: str
    capabilities: Capabilities
    abreast: int
    fetches: bool
    widest: tuple[int, int]

    def known_id(self, number: int) -> str | None:
        """The id that the coach's message with this number will have, where that is known before it is posted."""

    async def send(self, row: Row, target: str | None) -> str | None:
        """Post one effect under its key (the same on every attempt); `target` is the id of the own message that an edit
        changes. The id that a new message got, where it has one. Raises Deferred, Refused or Doubtful, and Held or
        Unreachable for what only one person may see."""

    async def attach(self, row: Row, file: File) -> str | None:
        """Post a file under its key (the same on every attempt); its id, where it has one. Raises Deferred, Refused
        or Doubtful."""

    async def scrub(self, row: Row, messages: list[str], gone: tuple[str, ...]) -> None:
        """Take texts that somebody removed out of these own messages, and out of what they said before they were
        changed. Raises Deferred."""

    def whereabouts(self, room: str) -> list[Path]:
        """The files and folders in which something of a room may lie besides the database: none that are another
        room's."""

    async def forget(self, room: str | None, alone: Sequence[str]) -> list[str]:
        """A room is erased: what the transport keeps of it outside the database is gone (files, keys, what it
        remembers), and the rooms with one person alone are left; a line each on what was let go. Without a room only
        those are left. The same again does no harm."""

    async def fetch(self, room: str, message: str) -> Message | None:
        """A person's message as it reads now, None where there is none to be had. Raises Deferred."""
