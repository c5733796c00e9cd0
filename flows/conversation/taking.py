"""Taking a message as an answer.

Rule: what is taken is marked ✍️ and can be followed later; what can't be read gets one line of help, then a sign.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flows.conversation import behalf, closed, commands, kinds, nudges, prompts, releasing, walk
from flows.conversation.draft import Draft
from flows.conversation.events import Own, Seen
from flows.conversation.marks import HEARD, NOTED, UNCLEAR
from flows.conversation.snapshot import Helped, Prompt, Taken, Timer
from flows.conversation.source import Source

_GATHERING = ("text", "actions")

# How long what was taken back can be restored.
RESTORABLE = timedelta(hours=24)


def note_taken(
    d: Draft, event: str | None, step: str | None, who: str, mark: str | None = None, sign: str = NOTED
) -> None:
    """Remember that a message was taken, and show it with a ✍️, or with another sign where it may yet be let go."""
    if event is None:
        return
    d.put(Taken(event, step, who, () if mark is None else (mark,)))
    d.mark(event, sign)


def sign_of(d: Draft, event: str) -> str:
    """The sign that stands on a message that was taken."""
    views = (view for prompt in d.snapshot.prompts() for view in prompt.data.get("views") or ())
    return HEARD if any(view["event"] == event for view in views) else NOTED


def take(d: Draft, step_id: str, text: str, source: Source, *, mark: str | None = None) -> bool:
    """Take a text as the answer of a step; False where it can't be read."""
    if closed.refuses(d, step_id, source):
        return False
    step = d.book.steps[step_id]
    kind = kinds.of(step)
    trouble = kind.trouble(d, step, text)
    if trouble is not None:
        unreadable(d, step_id, trouble, source)
        return False
    resume(d)
    note_taken(d, source.event, step_id, source.writer, mark)
    kind.take(d, step, text, source)
    if d.setting.capabilities.cards and step.kind in _GATHERING and d.view.stands_open(step_id):
        walk.refresh_list(d, step_id)  # no sign on a card says that it was noted: the question shows it
    return True


def reply_to_prompt(d: Draft, prompt: Prompt, text: str, source: Source, *, mark: str | None = None) -> None:
    """Take a text as the reply to an open prompt."""
    trouble = prompts.trouble(d, prompt, text)
    if trouble is not None:
        unreadable(d, prompt.step, trouble, source)
        return
    if prompt.kind in ("which", "recheck", "parked"):
        prompts.reply(d, prompt, text, source)  # a number out of a list, the name of a part: no answer to a question
        return
    resume(d)
    step = d.book.actions_for(prompt.step) or prompt.step if prompt.kind == "offer" else prompt.step
    sign = HEARD if prompts.may_be_let_go(d, prompt, text) else NOTED
    note_taken(d, source.event, step, source.writer, mark, sign)
    prompts.reply(d, prompt, text, source)


def late_reply(d: Draft, name: str, step: str, text: str, source: Source) -> None:
    """Take a reply to a nudge or offer that was passed: kept where it belongs, and nothing moves."""
    trouble = nudges.trouble(d, name, step, text)
    if trouble is not None:
        unreadable(d, step, trouble, source)
        return
    resume(d)
    belongs = d.book.actions_for(step) if name.startswith("unknown:") else step
    note_taken(d, source.event, belongs or step, source.writer)
    nudges.keep_reply(d, name, step, text, source)
    if d.prefix:
        d.say("noted", "", step=belongs, reply_to=source.event)


def unreadable(d: Draft, step: str | None, trouble: str, source: Source) -> None:
    """One line of help, at most once a question and person; after that only a sign."""
    key = (step or "", source.who)
    if source.event is not None and step is not None and source.event not in d.snapshot.taken:
        d.put(Taken(source.event, step, source.writer, read=False))
    if key in d.snapshot.helped and source.event is not None and not d.setting.capabilities.cards:
        d.mark(source.event, UNCLEAR)
        return
    if step is not None:
        d.put(Helped(step, source.who))
    d.say("help", trouble, step=step, reply_to=source.event)


def resume(d: Draft) -> None:
    """An answer ends a pause."""
    if d.room.paused_at is not None:
        d.set(paused_at=None)


def take_marked(d: Draft, event: str, who: str, seen: Seen | None) -> None:
    """✍️ on somebody's message: that message becomes the answer, of the question that it stands under or of the
    one that is open.
    """
    taken = _still_taken(d, event)
    if taken is not None and taken.read:
        if taken.hidden_at is not None:
            restore(d, taken)
        elif taken.marks and who not in taken.marks:
            d.put(replace(d.snapshot.taken[event], marks=(*taken.marks, who)))
        return
    if seen is None:
        d.say("help", d.texts("mark.again"))
        return
    focus = d.view.focus()
    step = _step_of(d, seen.points_at) or (focus.id if focus is not None else None)
    if step is None:
        d.say("help", d.texts("begin.line" if d.room.walked_at is None else "end.line"))
        return
    text = strip_command(d, seen.text)
    if commands.has_form(text):
        d.say("help", d.texts("mark.command"))  # a command was done already, and is no answer to anything
        return
    source = Source(seen.sender, event)
    spoken = behalf.read(d, text, seen.sender)
    if spoken is not None and spoken.who is None:
        behalf.refuse(d, spoken, source)
        return
    if spoken is not None:
        text, source = spoken.text, Source(str(spoken.who), event, seen.sender)
    prompt = prompts.by_message(d, seen.points_at.number) if seen.points_at is not None else None
    if prompt is not None and prompts.trouble(d, prompt, text) is None:
        reply_to_prompt(d, prompt, text, source, mark=who)
    else:
        take(d, step, text, source, mark=who)


def _step_of(d: Draft, own: Own | None) -> str | None:
    return own.step if own is not None and own.step in d.book.steps else None


def strip_command(d: Draft, text: str) -> str:
    """A text without the command that says it is an answer."""
    read = commands.read(text)
    return read[1] if read is not None and read[0] == "antwoord" else text


def hide(d: Draft, event: str, who: str) -> None:
    """❌ on a noted message: what it said is taken back, and deleted a day later unless the ❌ is taken off."""
    taken = d.snapshot.taken.get(event)
    if taken is None or not taken.read or who in taken.hidden_by:
        return
    d.put(replace(taken, hidden_at=taken.hidden_at or d.at, hidden_by=(*taken.hidden_by, who)))
    if taken.hidden_at is None:
        d.mark(event, sign_of(d, event), removed=True)
        d.put(Timer(f"purge:{event}", d.at + RESTORABLE, {"event": event}))
        _recount(d, taken.step)


def unhide(d: Draft, event: str, who: str) -> None:
    """A ❌ was taken off: the last one restores what the message said."""
    taken = _still_taken(d, event)
    if taken is None or taken.hidden_at is None or who not in taken.hidden_by:
        return
    left = tuple(one for one in taken.hidden_by if one != who)
    if left:
        d.put(replace(taken, hidden_by=left))
    else:
        restore(d, taken)


def _still_taken(d: Draft, event: str) -> Taken | None:
    """A message that was taken, unless it was taken back so long ago that it is deleted: also where the coach was away
    when that was due, and learns first what people did meanwhile."""
    taken = d.snapshot.taken.get(event)
    if taken is None or taken.hidden_at is None or d.at < taken.hidden_at + RESTORABLE:
        return taken
    forget(d, event, erase=True)
    return None


def restore(d: Draft, taken: Taken) -> None:
    """What was taken back stands again."""
    d.put(replace(taken, hidden_at=None, hidden_by=()))
    timer = d.snapshot.timer.get(f"purge:{taken.event}")
    if timer is not None:
        d.drop(timer)
    d.mark(taken.event, sign_of(d, taken.event))
    _recount(d, taken.step)


def unmark(d: Draft, event: str, who: str) -> None:
    """A ✍️ was taken off: the last one takes the answer back, where the message was taken by that mark."""
    taken = d.snapshot.taken.get(event)
    if taken is None or who not in taken.marks:
        return
    left = tuple(one for one in taken.marks if one != who)
    if left:
        d.put(replace(taken, marks=left))
        return
    if taken.read:
        d.mark(event, sign_of(d, event), removed=True)
    forget(d, event)


def forget(d: Draft, event: str, *, erase: bool = False) -> None:
    """Everything that a message said is gone for good; with `erase` also out of what the coach said about it."""
    releasing.removed(d, event)
    taken = d.snapshot.taken.get(event)
    texts = [item.text for item in d.snapshot.item.values() if item.event == event]
    texts += [action.text for action in d.snapshot.action.values() if action.event == event]
    for prompt in d.snapshot.prompts():
        views = prompt.data.get("views")
        if views and any(view["event"] == event for view in views):
            d.put(replace(prompt, data={**prompt.data, "views": [one for one in views if one["event"] != event]}))
        elif prompt.data.get("event") == event:
            d.drop(prompt)
            if prompt.step is not None:
                walk.refresh(d, prompt.step)
    steps = {one.step for one in d.snapshot.item.values() if one.event == event}
    steps |= {one.step for one in d.snapshot.choice.values() if one.event == event}
    steps |= {one.step for one in d.snapshot.action.values() if one.event == event and one.step}
    if taken is not None and taken.step is not None:
        steps.add(taken.step)
    for step in sorted(step for step in steps if step in d.book.steps):
        kinds.of(d.book.steps[step]).remove(d, d.book.steps[step], event)
    for item in [one for one in d.snapshot.item.values() if one.event == event]:  # said about no step of the book
        d.drop(item)
    for action in [one for one in d.snapshot.action.values() if one.event == event]:
        d.drop(action)
    if taken is not None:
        d.drop(taken)
    timer = d.snapshot.timer.get(f"purge:{event}")
    if timer is not None:
        d.drop(timer)
    if not erase:
        return
    for step in sorted(step for step in steps if step in d.book.steps):
        d.scrub(step, tuple(texts))
        walk.refresh_list(d, step)


def _recount(d: Draft, step: str | None) -> None:
    if step in d.book.steps:
        kinds.of(d.book.steps[str(step)]).recount(d, d.book.steps[str(step)])
