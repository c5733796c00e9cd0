"""Messages of which nobody knows whether they arrived. Rule: they are never said twice; what the coach says next begins
with what may have been missed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.conversation.events import Doubted
from flows.conversation.snapshot import Once

if TYPE_CHECKING:
    from flows.conversation.draft import Draft

_NAME = "doubt:"
_WAITS = "waiting"
_MOST_NAMED = 3


def doubted(d: Draft, event: Doubted) -> None:
    """Remember that a message may have been missed."""
    d.put(Once(f"{_NAME}{event.number}", _WAITS, (event.number,)))


def told(d: Draft) -> str | None:
    """What is to be said of messages that may have been missed, once; None where there are none."""
    found = [one for one in d.snapshot.once.values() if one.name.startswith(_NAME)]
    if not found:
        return None
    for one in found:
        d.drop(one)
    numbers = sorted(number for one in found for number in one.messages)
    if len(numbers) == 1:
        return d.texts("doubt.one", n=numbers[0])
    shown = [str(number) for number in numbers[:_MOST_NAMED]]
    more = "" if len(numbers) <= _MOST_NAMED else " " + d.texts("noted.more", n=len(numbers) - _MOST_NAMED)
    return d.texts("doubt.more", numbers=", ".join(shown) + more)
