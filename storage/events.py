"""Events as JSON, for the inbox.

Rule: a marked message of somebody else is not in it, only the mark (`Reacted.seen` comes back as None).
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import cast

from flows.conversation.events import (
    Doubted,
    Edited,
    Event,
    Joined,
    NotAttached,
    Pressed,
    Reacted,
    Redacted,
    Said,
    TimerDue,
    Undecrypted,
    Unreachable,
)
from storage.payload import pack, unpack

_TYPES: dict[str, type[Event]] = {
    one.__name__: one
    for one in (
        Said,
        Edited,
        Redacted,
        Reacted,
        Pressed,
        Joined,
        TimerDue,
        Undecrypted,
        NotAttached,
        Doubted,
        Unreachable,
    )
}


def dump(event: Event) -> str:
    """The event as one JSON object, with its class's name as `type`."""
    if isinstance(event, Reacted):
        # It is kept only when the turn takes it; till then it is discussion, and that is never stored.
        event = replace(event, seen=None)
    return pack(event, type=type(event).__name__)


def parse(text: str) -> Event:
    """The event of what `dump` wrote. KeyError or TypeError for anything else."""
    values = json.loads(text)
    return cast(Event, unpack(_TYPES[values.pop("type")], values))
