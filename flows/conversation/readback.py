"""Actions that are said back above a question: kept while the one before it was left.

Rule: what was said back stays in sight for as long as the question's message is there, as the action stands now; with
the action it goes.

Kept as `Once` records `told:<number of the action>`, whose messages are those that said it back.
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.conversation.actions import show_action
from flows.conversation.asking import closed_text
from flows.conversation.draft import Draft
from flows.conversation.effects import Say, Scrub
from flows.conversation.snapshot import Action, Asked, Once, Snapshot

TOLD = "told:"


def say(d: Draft, action: Action, text: str = "") -> None:
    """Say an action back above the coach's next message, for now in the words of `text`."""
    name = f"{TOLD}{action.number}"
    told = d.snapshot.once.get(name)
    d.put(Once(name, "done", (*(told.messages if told is not None else ()), d.next_number())))
    d.prefix = "\n".join(filter(None, [d.prefix, text or _line(d, action)]))


def _line(d: Draft, action: Action) -> str:
    return d.texts("actions.noted", line=show_action(d, action)) + closed_text(d, action)


def edit(d: Draft, message: int, step: str, text: str) -> None:
    """Change a question's message, under what was said back above it."""
    numbers = [number for number, once in _told(d.snapshot) if message in once.messages]
    above = [_line(d, action) for action in d.view.actions() if action.number in numbers]
    d.edit(message, "question", step, "\n".join([*above, "", text]) if above else text)


def _told(snapshot: Snapshot) -> Iterator[tuple[int, Once]]:
    for once in snapshot.once.values():
        if once.name.startswith(TOLD):
            yield int(once.name.removeprefix(TOLD)), once


def changed(d: Draft) -> list[Asked]:
    """The questions above which something was said back that reads differently after this event. What is gone is
    forgotten; where it was removed for good, it goes out of their messages too.
    """
    found = []
    fresh = {one.number for one in d.effects if isinstance(one, Say)}
    for number, once in list(_told(d.snapshot)):
        before, now = d.before.action.get(number), d.snapshot.action.get(number)
        if before is not None and before == now and d.was_hidden(before.event) == d.view.hidden(before.event):
            continue
        shown = [one for one in d.snapshot.asked.values() if one.latest in once.messages and one.latest not in fresh]
        found += shown
        if now is None:
            d.drop(once)
            for gone in {one.gone for one in d.effects if isinstance(one, Scrub)}:
                if before is not None and before.text in gone:
                    for asked in shown:
                        d.scrub(asked.step, gone)
    return found
