"""What the coach wants to be seen in the room. Rule: an effect is data; carrying it out is bot's.

Timers and everything that is kept are changes (`snapshot.Put`, `snapshot.Drop`), not effects.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Say:
    """Post a message. `number` is its number in the room, `text` Markdown; `signs` are put on it for people to tap;
    `to` is given where only one person may see it. `asks` where it wants an answer though its kind doesn't say so."""

    number: int
    kind: str
    step: str | None
    text: str
    reply_to: str | None = None
    mentions: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    to: str | None = None
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """Change the text of an own message. `kind` and `step` are those of that message."""

    number: int
    kind: str
    step: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Put a sign on a person's message, or take it off."""

    target: str
    key: str
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Scrub:
    """Take what somebody removed out of the own messages about a step, also out of what they said earlier."""

    step: str
    gone: tuple[str, ...]


Effect = Say | Edit | Mark | Scrub

# Kinds that ask something of people, so that they notify; the rest does not.
ASKING = frozenset({"question", "nudge", "reminder", "recheck"})

# What nobody asked for at that moment: it waits for what answers somebody.
UNASKED = frozenset({"reminder", "recheck"})
