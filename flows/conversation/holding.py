"""Personal data in what somebody wrote: it is held back in a prompt of its own, and kept only if they say so.

Rule: what is held is nowhere but in its prompt, for at most a day. It is said what sort of data was seen, never the
data itself.

Whole events are held, so every place in which a text is kept is held alike: an event is tried first, and where what it
would keep or show has the data in it, it is held instead (`keeps`). Rewritten, or kept as it is, it goes through the
same door again (`held.Again`). A held prompt stands beside the walk: nothing waits for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta

from flows.conversation import asking, commands, prompts, session, speaking
from flows.conversation.draft import Draft
from flows.conversation.effects import Edit, Say
from flows.conversation.events import Edited, Event, Own, Pressed, Reacted, Said
from flows.conversation.held import (
    KIND,
    WAITING,
    Again,
    Written,
    message_of,
    name_of,
    of_message,
    pack,
    text_of,
    writer_of,
)
from flows.conversation.marks import BACK
from flows.conversation.snapshot import Action, Asked, Helped, Item, Member, Once, Prompt, Put, Room, Taken, Timer
from flows.personal import BSN, Spotted, plain, spot

HELD_FOR = timedelta(hours=24)
_SHOWN_PART = 6  # so much of it is enough to see that a cut text shows it
_NO_TEXT = (Room, Member, Taken, Timer, Helped, Asked)  # records that hold nothing of what is written


# What is to be held ---------------------------------------------------------------------------------------------------


def spotted(d: Draft, event: Event) -> tuple[Spotted, ...]:
    """The personal data in what somebody wrote, but for what they chose to keep in that message before."""
    if not isinstance(event, Written):
        return ()
    found = spot(text_of(event))
    if not found or not isinstance(event, Edited):
        return found
    room = d.snapshot
    stood = [one.text for one in room.item.values() if one.event == event.target]
    stood += [one.text for one in room.action.values() if one.event == event.target]
    stands = "\n".join(map(_bare, stood))
    return tuple(one for one in found if _bare(one.text) not in stands)


def keeps(d: Draft, trial: Draft, event: Written, found: Iterable[Spotted]) -> bool:
    """Whether what was found would be kept, or shown, by what `trial` did after `d`."""
    parts = [_bare(one.text)[:_SHOWN_PART] for one in found]
    about = message_of(event) or event.id
    for change in trial.changes[len(d.changes) :]:
        record = change.record
        if not isinstance(change, Put) or isinstance(record, _NO_TEXT):
            continue
        if isinstance(record, Item | Action) and record.event == about:
            return True  # also where only a part of the text is left in it
        if _has(record, parts):
            return True
    return any(_has(one, parts) for one in trial.effects if one not in d.effects and isinstance(one, Say | Edit))


def _has(record: object, parts: Iterable[str]) -> bool:
    whole = "\n".join(map(_bare, _strings(record)))
    return any(part in whole for part in parts)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _strings(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _strings(getattr(value, field.name))


def _bare(text: str) -> str:
    """Letters and digits alone: quoting and cutting leave them as they are."""
    return re.sub(r"[\W_]", "", plain(text))


# Holding --------------------------------------------------------------------------------------------------------------


def hold(d: Draft, event: Written, found: tuple[Spotted, ...], again: Again | None) -> None:
    """Hold an event back, and say so; where it is the same message as before, in the same prompt."""
    about = message_of(event)
    prompt = None if about is None else of_message(d, about)
    if prompt is not None and isinstance(event, Reacted):  # it waits already: who marks it may keep it too
        d.put(replace(prompt, data={**prompt.data, "may": _together(prompt.data["may"], event.sender)}))
        taken = d.snapshot.taken.get(event.target or "")
        if taken is not None and taken.marks:  # it is held as long as one mark is left
            d.put(replace(taken, marks=tuple(_together(list(taken.marks), event.sender))))
        return
    event = _aimed(d, event)
    step = _step_of(d, event)
    if about is not None and about not in d.snapshot.taken:
        marks = (event.sender,) if isinstance(event, Reacted) else ()
        is_action = isinstance(event, Said) and command_of(event) not in (None, "antwoord")
        # So that an edit or removal of it is followed.
        d.put(Taken(about, None if is_action else step, writer_of(event), marks, read=False))
    kinds = list(dict.fromkeys(one.kind for one in found))
    data = {"event": about, "held": pack(event), "may": _together([writer_of(event)], event.sender), "found": kinds}
    old = again.of if again is not None and again.of.data["event"] == about else None
    if old is not None:
        number = old.messages[-1]
        d.put(replace(old, step=step, data={**old.data, **data}))
        d.put(Timer(name_of(old), _due(d, old), {"prompt": old.id}))
        d.put(Once(name_of(old), WAITING, old.messages))
        d.edit(number, "nudge", step, _text(d, event, kinds, number))
        return
    number = d.next_number()
    prompt = d.open_prompt(KIND, step, number, aside=True, until=(d.at + HELD_FOR).isoformat(), **data)
    d.put(Timer(name_of(prompt), d.at + HELD_FOR, {"prompt": prompt.id}))
    text = _text(d, event, kinds, number)
    number = d.say("nudge", text, step=step, signs=(BACK,), reply_to=about)
    d.put(replace(prompt, messages=(number,)))
    d.put(Once(name_of(prompt), WAITING, (number,)))


def _text(d: Draft, event: Written, kinds: list[str], number: int) -> str:
    where = "edited" if isinstance(event, Edited) else "filled" if isinstance(event, Pressed) else "said"
    text = d.texts(f"personal.{where}", what=named(d, kinds))
    chance = f" {d.texts('personal.chance')}" if BSN in kinds else ""
    return f"{text}{chance}\n_{asking.ways(d, 'held', n=number)} {d.texts('personal.until')}_"


def named(d: Draft, kinds: list[str]) -> str:
    names = [d.texts(f"personal.kinds.{one}") for one in kinds]
    return names[0] if len(names) == 1 else d.texts("personal.and", some=", ".join(names[:-1]), last=names[-1])


def _aimed(d: Draft, event: Written) -> Written:
    """The event with the message it is about, where that was only plain at that moment."""
    if isinstance(event, Said) and event.points_at is None and command_of(event) in (None, "antwoord"):
        return replace(event, points_at=_open_message(d))
    if isinstance(event, Reacted) and event.seen is not None and event.seen.points_at is None:
        return replace(event, seen=replace(event.seen, points_at=_open_message(d, in_walk=True)))
    return event


def _open_message(d: Draft, *, in_walk: bool = False) -> Own | None:
    """The message that waits for an answer now: that of a prompt, else (`in_walk`: always) the open question."""
    prompt = None if in_walk else session.offered(d) or prompts.latest(d)
    if prompt is not None and prompt.messages:
        return Own(prompt.messages[-1], "nudge", prompt.step)
    focus = d.view.focus()
    asked = None if focus is None else d.snapshot.asked.get(focus.id)
    return None if asked is None else Own(asked.latest, "question", asked.step)


def _step_of(d: Draft, event: Written) -> str | None:
    if isinstance(event, Edited):
        taken = d.snapshot.taken.get(event.target)
        return None if taken is None else taken.step
    own = event.seen.points_at if isinstance(event, Reacted) and event.seen is not None else None
    own = event.points_at if isinstance(event, Said) else event.own if isinstance(event, Pressed) else own
    focus = d.view.focus()
    step = own.step if own is not None else None
    return step if step in d.book.steps else focus.id if focus is not None else None


def _due(d: Draft, prompt: Prompt) -> datetime:
    """A day after it was first held, whatever came in its place."""
    return datetime.fromisoformat(prompt.data["until"])


def _together(some: list[str], one: str) -> list[str]:
    return list(dict.fromkeys([*some, one]))


def command_of(event: Written) -> str | None:
    """The name of the command that a message is; None where it is none."""
    read = commands.read(speaking.strip_mention(event.text)) if isinstance(event, Said | Edited) else None
    return None if read is None else read[0]
