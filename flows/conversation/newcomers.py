"""Who comes into a room that is under way: the offer to tell how things stand, and telling it.

Rule: offered once for all who come in close together, never before the start; told to whoever asks for it, and to that
person alone where they can be reached so.

The open prompt `newcomer` is the latest offer: `at` is when it was made, `told` are those who have seen what it offers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from flows.book.model import BEGIN
from flows.conversation import asking, standing
from flows.conversation.draft import Draft
from flows.conversation.snapshot import Prompt
from flows.conversation.source import Source

# Who comes in within this time after an offer was made needs no other.
TOGETHER = timedelta(hours=1)


def _latest(d: Draft) -> Prompt | None:
    return next((prompt for prompt in reversed(d.snapshot.prompts()) if prompt.kind == "newcomer"), None)


def may_offer(d: Draft, fresh: Sequence[str]) -> bool:
    """Whether those who came in are offered to hear how things stand."""
    if not fresh or d.room.position == BEGIN or not d.room.nudges:
        return False
    last = _latest(d)
    return last is None or d.at - datetime.fromisoformat(last.data["at"]) >= TOGETHER


def offer(d: Draft, number: int) -> str:
    """The line that offers it, in the coach's message `number`."""
    last = _latest(d)
    if last is not None:
        d.drop(last)
    d.open_prompt("newcomer", None, number, at=d.at.isoformat(), told=[])
    return d.texts(f"newcomer.{d.who}", agree=asking.ways(d, "yes", n=number), command=command(d))


def command(d: Draft) -> str:
    """What people type to hear how things stand, at any time."""
    return d.texts("newcomer.command")


def by_message(d: Draft, number: int) -> Prompt | None:
    """The offer that this message of the coach shows, where it is the latest."""
    last = _latest(d)
    return last if last is not None and number in last.messages else None


def tapped(d: Draft, prompt: Prompt, source: Source) -> None:
    """✅ on the offer: who has seen it already needs it no more."""
    if source.who not in prompt.data["told"]:
        tell(d, source, prompt)


def pass_by(d: Draft, prompt: Prompt) -> None:
    """Not now: the offer says how to ask for it later."""
    d.edit(prompt.messages[-1], "info", None, d.texts("newcomer.later", command=command(d)))


def tell(d: Draft, source: Source, prompt: Prompt | None = None) -> None:
    """How things stand, in one message, to who asked for it."""
    if d.room.position == BEGIN:
        d.say("help", d.texts("begin.line"), reply_to=source.event)
        return
    alone = d.setting.capabilities.private and not d.alone
    if prompt is not None:
        seen = [source.who] if alone else [member.id for member in d.snapshot.people()]
        d.put(replace(prompt, data={**prompt.data, "told": sorted({*prompt.data["told"], *seen})}))
    d.say("overview", standing.text(d), reply_to=source.event, to=source.who if alone else None)


def tell_all(d: Draft) -> None:
    """Who asked how things stand can't be told it alone. Everybody here may know it: it is told in the room."""
    d.say("overview", standing.text(d))
