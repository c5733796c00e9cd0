"""A room that was stored under an earlier version of the book.

Rule: what was renamed goes on under its new name; what vanished is kept and hidden; a team whose step is gone is told
where
it goes on. Nothing is reset or lost, and what was said to a question that is gone is no answer to another.
"""

from __future__ import annotations

from dataclasses import replace

from flows.book.model import BEGIN, END
from flows.conversation import commands, recheck, walk
from flows.conversation.draft import Draft
from flows.conversation.events import Event, Own, Pressed, Reacted, Said
from flows.conversation.snapshot import Action, Answer, Asked, Choice, Helped, Item, Record, Taken, Vote

_OF_A_STEP: tuple[type[Record], ...] = (Answer, Item, Choice, Vote, Action, Asked, Taken, Helped)
# Commands that speak to the open question, and so to one that may be gone.
_TO_THE_QUESTION = ("antwoord", "verder", "vorige", "overslaan", "weetniet")


def adopt(d: Draft, event: Event) -> Event | None:
    """Bring a room up to the book; the event as the book names things now, or None where it spoke to a step that
    is gone.
    """
    head = d.book.head
    ended = False
    if (d.room.book, d.room.version, d.room.language) != (head.id, head.version, head.language):
        d.set(book=head.id, version=head.version, language=head.language)
        _rename_records(d)
        ended = _rename_prompts(d)
        _rename_once(d)
        if d.room.trail is not None and d.room.trail != END:
            d.set(trail=d.book.follow_rename(d.room.trail))
    event = _renamed(d, event)
    position = d.room.position
    if position in (BEGIN, END) or position in d.book.steps:
        spoke = _spoke_to_question(d, event)
        if ended and recheck.is_running(d):  # the step that was being looked at is gone: on to the next
            d.prefix = d.texts("moved.recheck")
            recheck.go_on(d)
            return None if spoke or _asks_for_question(event) else event
        if not ended or not spoke:
            return event
        walk.come_back(d)
        return None
    renamed = d.book.follow_rename(position)
    if renamed is not None:
        d.set(position=renamed)
        d.prefix = d.texts("moved.line", step=d.book.steps[renamed].called)
        return event
    asked = [d.book.index(step) for step in d.snapshot.asked if step in d.book.steps]
    latest = d.book.order[max(asked)] if asked else BEGIN
    place = d.view.next_open(latest)
    d.set(position=place, trail=None)
    d.prefix = d.texts("moved.line", step=place if place == END else d.book.steps[place].called)
    if not _spoke_to_question(d, event):
        return event
    if place == END:
        walk.reach_end(d)
    else:
        walk.ask(d, place)
    return None


def _renamed(d: Draft, event: Event) -> Event:
    """The event with the coach's message that it points at under the step's name of now."""
    if isinstance(event, Said) and (own := _renamed_own(d, event.points_at)) is not None:
        return replace(event, points_at=own)
    if isinstance(event, Reacted | Pressed) and (own := _renamed_own(d, event.own)) is not None:
        return replace(event, own=own)
    return event


def _renamed_own(d: Draft, own: Own | None) -> Own | None:
    """The coach's message under the step's name of now; None where that is the name it has, or there is none."""
    renamed = _new_name(d, own.step) if own is not None else None
    return None if own is None or renamed is None else replace(own, step=renamed)


def _spoke_to_question(d: Draft, event: Event) -> bool:
    """Whether an event was meant for the question that stood open, which is gone."""
    if not isinstance(event, Said):
        return False
    if event.points_at is not None and event.points_at.step in d.book.steps:
        return False
    said = commands.read(event.text)
    return said[0] in _TO_THE_QUESTION if said is not None else not commands.has_form(event.text)


def _asks_for_question(event: Event) -> bool:
    """Whether an event only wants to see the open question, which was just asked."""
    said = commands.read(event.text) if isinstance(event, Said) else None
    return said is not None and said[0] in ("vraag", "start")


def _rename_records(d: Draft) -> None:
    for kind in _OF_A_STEP:
        for record in list(getattr(d.snapshot, kind.table).values()):
            renamed = _new_name(d, record.step)
            if renamed is not None:
                d.drop(record)
                d.put(replace(record, step=renamed))


def _new_name(d: Draft, step: str | None) -> str | None:
    """The new name of a step that was renamed; None where it was not, or is gone."""
    return None if step is None or step in d.book.steps else d.book.follow_rename(step)


def _rename_prompts(d: Draft) -> bool:
    """Open prompts go on under the new name; those at a step that is gone end. Whether a detour ended so."""
    before = d.view.detour()
    for prompt in d.snapshot.prompts():
        step = prompt.step if prompt.step is None else d.book.follow_rename(prompt.step)
        data = dict(prompt.data)
        if "steps" in data:
            data["steps"] = [found for one in data["steps"] if (found := d.book.follow_rename(one)) is not None]
        if "words" in data:
            data["words"] = {found: word for row, word in data["words"].items() if (found := d.book.follow_rename(row))}
            data["spread"] = [found for row in data["spread"] if (found := d.book.follow_rename(row))]
        # A re-check whose last steps are gone ends with the step that is being looked at.
        none_left = data.get("steps") == [] and prompt.kind != "recheck"
        if (prompt.step is not None and step is None) or none_left:
            d.drop(prompt)
        elif step != prompt.step or data != prompt.data:
            d.put(replace(prompt, step=step, data=data))
    return before is not None and before.id not in d.snapshot.prompt


def _rename_once(d: Draft) -> None:
    """What is asked once about a step is not asked again under its new name."""
    for once in list(d.snapshot.once.values()):
        kind, _, what = once.name.partition(":")
        renamed = _new_name(d, what) if kind in ("unknown", "new", "alone", "changed") else None
        if renamed is not None:
            d.drop(once)
            d.put(replace(once, name=f"{kind}:{renamed}"))
