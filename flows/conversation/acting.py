"""The commands about actions: keep one, close it, hand it over. Rule: what was understood is said back."""

from __future__ import annotations

import re
from dataclasses import replace

from flows.conversation import asking, taking, walk
from flows.conversation.actions import add_action, follow, read_action, show_action
from flows.conversation.draft import Draft
from flows.conversation.snapshot import Action, Taken
from flows.conversation.source import Source
from flows.conversation.text import says_something


def action(d: Draft, rest: str, source: Source) -> None:
    """Keep an action."""
    focus = d.view.focus()
    read_one = read_action(rest, d.snapshot.people(), d.texts.calendar)
    if read_one.no_such_date or not says_something(read_one.text):
        key = "trouble.date" if read_one.no_such_date else "actions.what"
        if source.event is not None and source.event not in d.snapshot.taken:
            d.put(Taken(source.event, None, source.who, read=False))  # so that mending the message is followed
        d.say("help", d.texts(key), reply_to=source.event)
        return
    step = d.book.actions_for(focus.id if focus is not None else None)
    taking.note_taken(d, source.event, step, source.who)
    kept = add_action(d, read_one, step, source.who, source.event)
    d.say("noted", f"{_said_back(d, kept)}\n_{d.texts('actions.change')}_", reply_to=source.event)
    if step is not None:
        walk.show_left(d, step)


def _said_back(d: Draft, kept: Action) -> str:
    text = d.texts("actions.noted", line=show_action(d, kept))
    if kept.step is not None:
        text += d.texts("actions.belongs", part=asking.place_text(d, kept.step))
    return text


def change_action(d: Draft, rest: str, source: Source) -> bool:
    """An edited `!actie` is done anew; False where it can't be read."""
    found = next((one for one in d.snapshot.action.values() if one.event == source.event), None)
    read_one = read_action(rest, d.snapshot.people(), d.texts.calendar)
    if read_one.no_such_date or not says_something(read_one.text):
        return False
    if found is None:
        action(d, rest, source)
        return True
    changed = follow(d, found, read_one, source)
    d.put(changed)
    d.say("noted", _said_back(d, changed), reply_to=source.event)
    if changed.step is not None:
        walk.show_left(d, changed.step)
    return True


def _numbered(d: Draft, rest: str, source: Source) -> tuple[Action, str] | None:
    """The action whose number stands first, and what comes after it; None after saying what is wrong."""
    match = re.match(r"^#?(\d{1,6})\.?(?:\s+(.*))?$", rest, re.DOTALL)
    if match is None:
        d.say("help", d.texts("actions.number"), reply_to=source.event)
        return None
    found = next((one for one in d.view.actions() if one.number == int(match[1])), None)
    if found is None:
        d.say("help", d.texts("actions.none", n=int(match[1])), reply_to=source.event)
        return None
    return found, (match[2] or "").strip()


def _close_action(d: Draft, rest: str, source: Source, state: str) -> None:
    found = _numbered(d, rest, source)
    if found is None:
        return
    one = found[0]
    if one.state != "open":
        d.say("help", d.texts("actions.closed", line=show_action(d, one)), reply_to=source.event)
        return
    d.put(replace(one, state=state, closed_at=d.at))
    d.say("noted", d.texts(f"actions.{state}", line=show_action(d, one)), reply_to=source.event)


def done(d: Draft, rest: str, source: Source) -> None:
    """An action is done."""
    _close_action(d, rest, source, "done")


def drop(d: Draft, rest: str, source: Source) -> None:
    """An action is no longer needed."""
    _close_action(d, rest, source, "dropped")


def hand_over(d: Draft, rest: str, source: Source) -> None:
    """Somebody else does an action."""
    found = _numbered(d, rest, source)
    if found is None:
        return
    one, name = found
    read_one = read_action(name if name.startswith("@") else f"@{name}", d.snapshot.people(), d.texts.calendar)
    if not name or read_one.owner_name is None:
        d.say("help", d.texts("actions.who"), reply_to=source.event)
        return
    full = read_one.owner_name if not read_one.text else f"{read_one.owner_name} {read_one.text}"
    changed = replace(one, owner=read_one.owner, owner_name=full, edited_at=d.at, edited_by=source.who)
    d.put(changed)
    d.say("noted", d.texts("actions.handed", line=show_action(d, changed)), reply_to=source.event)
