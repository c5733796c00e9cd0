"""What a transport is, and what it brings in. Rule: a transport knows its own chat and nothing of the conversation.

`at` is an aware datetime in UTC; `room`, `sender` and message ids are the transport's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flows.conversation.events import Person
from flows.conversation.hearing import Capabilities
from storage.outbox import Row


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
    """Who is in the room from now on, the coach and other bots not counted."""

    room: str
    id: str
    at: datetime
    people: tuple[Person, ...]


Incoming = Message | Change | Removal | Sign | People


class Deferred(Exception):
    """A message could not be posted now; try again, not before `seconds` from now where the other side says so."""

    def __init__(self, seconds: float | None = None) -> None:
        super().__init__("not now")
        self.seconds = seconds


class Refused(Exception):
    """A message can never be posted as it is."""


class Transport(Protocol):
    """A way into a chat."""

    name: str
    capabilities: Capabilities

    def known_id(self, number: int) -> str | None:
        """The id that the coach's message with this number will have, where that is known before it is posted."""

    async def send(self, row: Row, target: str | None) -> str | None:
        """Post one effect under its key (the same on every attempt); `target` is the id of the own message that an edit
        changes. The id that a new message got, where it has one. Raises Deferred or Refused."""
