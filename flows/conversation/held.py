"""What is held back of what people wrote, for it has personal data in it: the prompts, and the events in them.

Rule: data only. What is held, and what is done about it, is in `holding` and `releasing`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flows.conversation.events import Edited, Own, Pressed, Reacted, Said, Seen
from flows.conversation.marks import TAKE
from flows.conversation.snapshot import Once, Prompt

if TYPE_CHECKING:
    from flows.conversation.draft import Draft

KIND = "personal"
WAITING, GONE, KEPT = "waiting", "done", "kept"  # what became of it

Written = Said | Edited | Pressed | Reacted


@dataclass(frozen=True, slots=True)
class Again:
    """An event that goes through the door once more. `kept` where it is to be kept as it is, `of` the prompt that held
    it."""

    event: Written
    of: Prompt
    kept: bool = False


# Finding --------------------------------------------------------------------------------------------------------------


def all_held(d: Draft) -> list[Prompt]:
    """What is held now, the latest last."""
    return [one for one in d.snapshot.prompts() if one.kind == KIND]


def by_message(d: Draft, number: int) -> Prompt | None:
    """What this message of the coach says is held."""
    return next((one for one in all_held(d) if number in one.messages), None)


def of_message(d: Draft, event: str) -> Prompt | None:
    """What is held of this message of somebody."""
    return next((one for one in all_held(d) if one.data["event"] == event), None)


def told(d: Draft, number: int) -> Once | None:
    """What this message of the coach said is held, whatever became of it."""
    found = (one for one in d.snapshot.once.values() if one.name.startswith(f"{KIND}:"))
    return next((one for one in found if number in one.messages), None)


def name_of(prompt: Prompt) -> str:
    return f"{KIND}:{prompt.id}"


# Events as data -------------------------------------------------------------------------------------------------------


def text_of(event: Written) -> str:
    if isinstance(event, Reacted):
        return event.seen.text if event.seen is not None and event.sign == TAKE and not event.removed else ""
    return event.text


def with_text(event: Written, text: str) -> Written:
    if isinstance(event, Reacted):
        return event if event.seen is None else replace(event, seen=replace(event.seen, text=text))
    return replace(event, text=text)


def message_of(event: Written) -> str | None:
    """The message of somebody that an event is about; None where it is none (a card)."""
    return {Said: event.id, Edited: getattr(event, "target", None), Reacted: getattr(event, "target", None)}.get(
        type(event)
    )


def writer_of(event: Written) -> str:
    return event.seen.sender if isinstance(event, Reacted) and event.seen is not None else event.sender


_TYPES: dict[str, type[Any]] = {one.__name__: one for one in (Said, Edited, Pressed, Reacted)}


def pack(event: Written) -> dict[str, Any]:
    """An event as data for a prompt."""
    return {**asdict(event), "at": event.at.isoformat(), "type": type(event).__name__}


def unpack(data: dict[str, Any]) -> Written:
    """The event of what `pack` made."""
    values = {**data, "at": datetime.fromisoformat(data["at"])}
    kind = _TYPES[values.pop("type")]
    for name in ("own", "points_at"):
        if values.get(name) is not None:
            values[name] = Own(**values[name])
    if values.get("seen") is not None:
        seen = dict(values["seen"])
        values["seen"] = Seen(**{**seen, "points_at": None if seen["points_at"] is None else Own(**seen["points_at"])})
    if values["sender"] is None and values.get("seen") is not None:  # who marked it was forgotten since
        values["sender"] = values["seen"].sender
    if "picked" in values:
        values["picked"] = tuple(values["picked"])
    event: Written = kind(**values)
    return event
