"""Asking about what does not fit together, or is thin. Rule: each once, the lowest number first; a tap says that the
team knows, and that is kept.

Which hold is in `alarms`, when one is asked in `nudges`. `changed:<step>` is a `Once` that waits where an answer
changed and it could not be asked at once.
"""

from __future__ import annotations

from dataclasses import replace

from flows.book.model import BEGIN, END, Alarm
from flows.conversation import alarms, asides, asking, fitting, nudges, readback, walk
from flows.conversation.actions import add_action, ask_name, is_complete, read_action, trouble_of
from flows.conversation.answers import short_name
from flows.conversation.draft import Draft
from flows.conversation.effects import Say
from flows.conversation.snapshot import Item, Once, Prompt, Taken
from flows.conversation.source import Source
from flows.conversation.text import bare_words, fold, lines_as_items, says_something
from flows.conversation.view import ANSWERED, FULL, SKIPPED, UNKNOWN, RoomView

MOST_ROWS = 6
_CHANGED = "changed:"


# Which is asked -------------------------------------------------------------------------------------------------------


def due(d: Draft, destination: str) -> str | None:
    """The name of the first that is to be asked now that the walk goes on to `destination`, or None."""
    for alarm in d.book.alarms:
        name = alarms.name_of(alarm)
        if name not in d.snapshot.once and (_is_changed(d, alarm) or alarms.applies(d.view, alarm, destination)):
            return name
    return None


def due_beside(d: Draft, step: str | None) -> str | None:
    """The name of the first that is to be asked now that `step` was changed beside the walk (None: several were), or
    None.
    """
    waits = d.room.pace != FULL and d.room.position != END
    for alarm in d.book.alarms:
        name = alarms.name_of(alarm)
        about = not waits and (step is None or step in alarm.condition.waits)
        if name in d.snapshot.once:
            continue
        if _is_changed(d, alarm) or (about and alarms.applies(d.view, alarm)):
            return name
    return None


def _is_changed(d: Draft, alarm: Alarm) -> bool:
    return alarm.form.on == "change" and any(f"{_CHANGED}{step}" in d.snapshot.once for step in alarm.form.watched)


def unknowns(d: Draft, part: str) -> list[str]:
    """The steps of a part that the team does not know, and about which it was not asked yet who finds it out."""
    return [step for step in d.book.parts[part].steps if _is_unknown(d, step) and not _asked_who(d, step)]


def _is_unknown(d: Draft, step: str) -> bool:
    grid = d.book.row_of.get(step)
    if grid is not None and d.view.state(grid) == UNKNOWN:  # the whole grid is not known
        return False
    return d.view.applicable(step) and d.view.state(step) == UNKNOWN


def _asked_who(d: Draft, step: str) -> bool:
    once = d.snapshot.once.get(f"unknown:{step}")
    return once is not None and once.state == nudges.DONE


# Asking ---------------------------------------------------------------------------------------------------------------


def open_prompt(d: Draft, name: str, nudged: int, *, aside: bool = False) -> Prompt:
    """Put the prompt of a nudge or alarm on the stack, for the next message."""
    kind, _, what = name.partition(":")
    if kind == "unknowns":
        found = unknowns(d, what)
        for step in found:
            d.put(Once(f"unknown:{step}", nudges.DONE))
        keeps = d.book.actions_for(d.book.parts[what].status) or found[0]
        return d.open_prompt("nudge", keeps, d.next_number(), name=name, steps=found, nudged=nudged)
    alarm = d.book.alarm(what)
    if alarm is None or alarm.form.keeps is None:
        raise KeyError(name)
    data = {"name": name, "nudged": nudged, "about": _forget_changed(d, alarm)} | ({"aside": True} if aside else {})
    return d.open_prompt("nudge", alarm.form.keeps, d.next_number(), **data)


def _forget_changed(d: Draft, alarm: Alarm) -> str | None:
    """The step that changed, which is asked about now; None where it is about something else."""
    waiting = [step for step in alarm.form.watched if f"{_CHANGED}{step}" in d.snapshot.once]
    for step in waiting:
        d.drop(d.snapshot.once[f"{_CHANGED}{step}"])
    return waiting[0] if waiting else None


def text_of(d: Draft, prompt: Prompt, number: int, *, open_: bool = True) -> str:
    """The text of a nudge or alarm, with how to answer it while it stands open."""
    kind, _, what = str(prompt.data["name"]).partition(":")
    answer, agree = asking.ways(d, "answer", n=number), asking.ways(d, "agree", n=number)
    if kind == "unknowns":
        return _unknowns_text(d, what, [step for step in prompt.data["steps"] if step in d.book.steps], answer, agree)
    alarm = d.book.alarm(what)
    if alarm is None:  # of an earlier version of the book
        return asking.head(d, d.book.steps[str(prompt.step)])
    text = d.texts("alarm.text", head=_head(d, alarm), text=_filled(d, alarm, prompt))
    if not open_:
        return text
    if alarm.form.on == "change" and alarm.form.settled is not None:
        how = d.texts("alarm.changed", answer=answer, agree=agree, step=short_name(alarm.form.settled, d.book))
    elif d.book.steps[str(alarm.form.keeps)].kind == "actions":
        how = d.texts("alarm.action", answer=answer, agree=agree)
    else:
        how = d.texts("alarm.words" if alarm.form.alarm else "alarm.nudge", answer=answer, agree=agree)
    return f"{text}\n_{how}_"


def _head(d: Draft, alarm: Alarm) -> str:
    """What it is about: the parts that do not fit together, else the question."""
    if not alarm.form.alarm:
        return asking.full_title(d, d.book.steps[str(alarm.form.settled or alarm.form.keeps)])
    return fitting.parts_text(d, alarms.parts_of(d.view, alarm))


def _filled(d: Draft, alarm: Alarm, prompt: Prompt) -> str:
    about = str(prompt.data.get("about"))
    title = d.book.steps[about].form.title if about in d.book.steps else ""
    return alarms.text_of(d.view, alarm).replace("{step}", title)


def _unknowns_text(d: Draft, part: str, steps: list[str], answer: str, agree: str) -> str:
    asked = d.book.asked_on("part")
    rows = [f"- {d.book.steps[step].form.title}" for step in steps[:MOST_ROWS]]
    if len(steps) > MOST_ROWS:
        rows.append(f"- {d.texts('noted.more', n=len(steps) - MOST_ROWS)}")
    text = asked.form.text if asked is not None else ""
    title = d.book.parts[part].head.title
    return d.texts("alarm.unknowns", part=title, rows="\n".join(rows), text=text, answer=answer, agree=agree)


def drop_settled(d: Draft) -> bool:
    """Close the open alarms in the walk that no longer hold; whether there were any."""
    found = []
    for prompt in d.snapshot.prompts():
        kind, _, what = str(prompt.data.get("name", "")).partition(":")
        alarm = d.book.alarm(what) if prompt.kind == "nudge" and kind == "alarm" else None
        if alarm is not None and alarm.form.on == "leave" and not alarm.condition.holds(d.view):
            found.append(prompt)
    for prompt in found:
        nudges.end(d, prompt)
    return bool(found)


# Answering ------------------------------------------------------------------------------------------------------------


def trouble(d: Draft, name: str, step: str, text: str) -> str | None:
    """The line of help for a reply that can't be read, or None."""
    if not _asks_action(d, name, step) or (name.startswith("alarm:") and _is_decision(d, text)):
        return None
    read = [read_action(d, line) for line in lines_as_items(text)]
    if any(not says_something(one.text) for one in read if not one.unsure):
        return d.texts("trouble.no_action")
    return next((wrong for one in read if (wrong := trouble_of(d, one)) is not None), None)


def _is_decision(d: Draft, text: str) -> bool:
    """Whether a reply says that the team knows, or does not, rather than what it will do."""
    if bare_words(text) in d.texts.words("words.no"):
        return True
    plain = fold(text)
    said = (*d.texts.words("words.known"), *d.texts.words("answers.unknown"))
    return any(plain == word or plain.startswith((f"{word} ", f"{word},", f"{word}:", f"{word}.")) for word in said)


def keep_reply(d: Draft, name: str, step: str, text: str, source: Source) -> None:
    """Keep a reply that has no `trouble`: an action where that was asked for, else a decision about an alarm, or more
    of an answer.
    """
    kind, _, what = name.partition(":")
    alarm = d.book.alarm(what) if kind == "alarm" else None
    if _asks_action(d, name, step) and not (alarm is not None and _is_decision(d, text)):
        place = _narrowed(d, alarm, step)
        for line in lines_as_items(text):
            keep_action(d, line, place, source)
        if place is not None:
            walk.show_left(d, place)
    elif alarm is not None and alarm.form.alarm:
        _decide(d, alarm, text, source)
    elif kind == "alarm":
        answer = d.snapshot.answer.get(step)
        if answer is not None and answer.status is None and answer.state in (UNKNOWN, SKIPPED):
            d.drop(answer)  # what is said takes the place of not knowing
        for line in lines_as_items(text):
            d.put(Item(d.new_id(), step, line, source.who, d.at, source.event))
        walk.show_left(d, step)


def keep_action(d: Draft, line: str, step: str | None, source: Source) -> None:
    """Keep an action that was asked for, say it back with the next question, and ask later for what is missing."""
    kept = add_action(d, read_action(d, line), step, source.who, source.event)
    if not is_complete(kept):
        nudges.wait(d, ask_name(kept.number))
    readback.say(d, kept, asides.said_back(d, kept))


def _asks_action(d: Draft, name: str, step: str) -> bool:
    return name.startswith("unknowns:") or d.book.steps[step].kind == "actions"


def _narrowed(d: Draft, alarm: Alarm | None, step: str) -> str | None:
    """Where an action stands: under the one row that it is about, where there is but one."""
    rows = alarm.condition.rows(d.view) if alarm is not None else []
    return d.book.actions_for(rows[0] if len(rows) == 1 else step)


def _decide(d: Draft, alarm: Alarm, text: str, source: Source) -> None:
    name = alarms.name_of(alarm)
    if bare_words(text) in d.texts.words("words.known"):
        once = d.snapshot.once.get(name)
        d.put(Once(name, alarms.KNOWN, once.messages if once is not None else ()))
        return
    for line in lines_as_items(text):
        d.put(Item(d.new_id(), alarms.place_of(alarm), line, source.who, d.at, source.event))
    taken = d.snapshot.taken.get(source.event) if source.event is not None else None
    if taken is not None:  # it is no answer of a step
        d.put(replace(taken, step=None))


def follow(d: Draft, text: str, source: Source) -> bool:
    """Let a decision follow its message's new text; False where the message was none."""
    items = [item for item in d.snapshot.item.values() if item.event == source.event and alarms.is_place(item.step)]
    lines = lines_as_items(text)
    if not items or not lines:
        return False
    for item, line in zip(items, lines, strict=False):
        d.put(replace(item, text=line, edited_at=d.at, edited_by=source.who))
    for item in items[len(lines) :]:
        d.drop(item)
    for line in lines[len(items) :]:
        d.put(Item(d.new_id(), items[0].step, line, source.who, d.at, source.event, d.at, source.who))
    return True


# An answer that changes after what was made of it ---------------------------------------------------------------------


def note_changed(d: Draft) -> None:
    """Where this event changed an answer that something settled was made of: ask at once whether that still holds,
    or where something else is asked now, later.
    """
    asked = [one for one in d.book.alarms if one.form.on == "change" and alarms.name_of(one) not in d.snapshot.once]
    if not asked or not d.room.nudges or d.room.position == BEGIN:
        return
    touched = {change.record.step for change in d.changes if isinstance(change.record, Item | Taken)}
    asked = [alarm for alarm in asked if not touched.isdisjoint(alarm.form.watched)]
    before = RoomView(d.book, d.before, d.at)
    for alarm in asked:
        if before.state(str(alarm.form.settled)) != ANSWERED:
            continue
        changed = [step for step in alarm.form.watched if _said(before, step) != _said(d.view, step)]
        for step in changed[:1]:
            d.put(Once(f"{_CHANGED}{step}", nudges.WAITING))
        says = any(isinstance(effect, Say) for effect in d.effects) or bool(d.prefix)
        if changed and not says and d.view.detour() is None and d.room.paused_at is None:
            nudges.post_beside(d, alarms.name_of(alarm))


def _said(view: RoomView, step: str) -> list[str]:
    return [item.text for item in view.items(step)]
