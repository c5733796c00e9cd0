"""What can happen in a room. Rule: an event says what was done and when, never what it means.

`at` is an aware datetime in UTC. People are named by the transport's own ids. A `target` or `reply_to` that is a
message of the coach is
its number in the room (an int); any other message is the transport's event id (a str).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flows.conversation.marks import bare

Target = int | str

# What is longer is refused with a clear line (bytes of UTF-8).
LONGEST_TEXT = 16_384


@dataclass(frozen=True, slots=True)
class Own:
    """A message of the coach that an event points at: its number in the room, its kind, the step it is about, and the
    one person who can see it, where that is so."""

    number: int
    kind: str
    step: str | None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A person's message that somebody marked, as the transport remembers it; `points_at` is the coach's message
    it stands under.
    """

    event: str
    sender: str
    text: str
    points_at: Own | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody wrote a message that is for the coach. `oversize` is its size in bytes where that was too much to
    take in.
    """

    id: str
    at: datetime
    sender: str
    text: str
    points_at: Own | None = None
    mentioned: bool = False
    oversize: int | None = None


@dataclass(frozen=True, slots=True)
class Edited:
    """The author changed a message that was taken before."""

    id: str
    at: datetime
    sender: str
    target: str
    text: str
    oversize: int | None = None


@dataclass(frozen=True, slots=True)
class Redacted:
    """A message that was taken before is gone, removed by its author or a moderator."""

    id: str
    at: datetime
    sender: str
    target: str


@dataclass(frozen=True, slots=True)
class Reacted:
    """A sign was put on a message, or taken off it (`removed`). Exactly one of `own` and `target` is given.

    `seen` is the marked message of a person, where the transport still knows it.
    """

    id: str
    at: datetime
    sender: str
    key: str
    own: Own | None = None
    target: str | None = None
    seen: Seen | None = None
    removed: bool = False

    @property
    def sign(self) -> str:
        """The sign without variation selectors and skin tones; 👍 is ✅."""
        return bare(self.key)


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of a card was pressed. `value` is the word that the button stands for; `text`, `picked` and `person` are
    what was filled in."""

    id: str
    at: datetime
    sender: str
    own: Own
    value: str
    text: str = ""
    picked: tuple[str, ...] = ()
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is in the room, under the name that is shown."""

    id: str
    name: str
    moderator: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """Who is in the room from now on, the coach and other bots not counted.

    `invited` is False where the people are only known because they spoke (a terminal): that is no invitation. `shared`
    where the room is a group's however few are in it. `welcome` is False where somebody's message comes with it: that
    brings the welcome.
    """

    id: str
    at: datetime
    people: tuple[Person, ...]
    invited: bool = True
    shared: bool = False
    welcome: bool = True


@dataclass(frozen=True, slots=True)
class TimerDue:
    """A timer that the conversation set has come due. `at` is when it is dealt with, `due` when it should have been:
    earlier where the coach was down.
    """

    id: str
    at: datetime
    timer: str
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Undecrypted:
    """Somebody wrote something that the coach can't read, for want of its key."""

    id: str
    at: datetime
    sender: str


@dataclass(frozen=True, slots=True)
class NotAttached:
    """A file that belongs to the coach's message `number` will not come. `form` is its kind; `reason` "made" where it
    could not be made, "large" where the chat takes no file of its size, "posted" where the chat refused it.
    """

    id: str
    at: datetime
    number: int
    form: str
    reason: str


@dataclass(frozen=True, slots=True)
class Doubted:
    """It is not known whether the coach's message `number` was posted; it will not be posted again."""

    id: str
    at: datetime
    number: int


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Somebody can't be told anything alone: they declined, or left, the chat that the coach opened for that, or may
    not be spoken to. `kind` is that of the message which they were to get, where there was one."""

    id: str
    at: datetime
    member: str
    kind: str = ""


Event = (
    Said | Edited | Redacted | Reacted | Pressed | Joined | TimerDue | Undecrypted | NotAttached | Doubted | Unreachable
)
