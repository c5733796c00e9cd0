"""Edits and removals of messages that were taken.

Rule: the answer follows its message; only the author edits, the author or a moderator removes.
"""

from __future__ import annotations

from dataclasses import replace

from flows.conversation import acting, behalf, closed, coherence, commands, kinds, releasing, taking, walk
from flows.conversation.draft import Draft
from flows.conversation.events import LONGEST_TEXT, Edited, Redacted, TimerDue
from flows.conversation.source import Source
from flows.conversation.speaking import strip_mention
from flows.conversation.text import lines_as_items


def edited(d: Draft, event: Edited) -> None:
    """The author changed a message."""
    taken = d.snapshot.taken.get(event.target)
    if taken is None or taken.author != event.sender:
        return
    source = Source(event.sender, event.target)
    if event.oversize is not None:
        d.say("help", d.texts("trouble.too_long", kb=LONGEST_TEXT // 1024), reply_to=event.target)
        return
    if releasing.mended(d, event):
        return
    text = strip_mention(event.text)
    spoken = behalf.reread(d, text, source) if closed.writer(d, event.target) is None else None
    if spoken is not None and spoken.who is None:
        d.say("help", str(spoken.trouble), reply_to=event.target)
        return
    if spoken is not None:
        text, source = spoken.text, Source(str(spoken.who), event.target, event.sender)
    behalf.hand_to(d, event.target, source.who)
    read = commands.read(text)
    if read is not None and read[0] == "antwoord":
        text = read[1]
    elif read is not None and read[0] == "actie":
        if not acting.change_action(d, read[1], source):
            _keep_old(d, event)
        return
    elif commands.has_form(text):
        _keep_old(d, event)
        return
    if not _follow(d, text, source, taken.step):
        _keep_old(d, event)


def _follow(d: Draft, text: str, source: Source, step_id: str | None) -> bool:
    """Let what a message said follow its new text; False where the old holds."""
    if coherence.follow(d, text, source):
        return True
    if not text or step_id not in d.book.steps:
        return False
    step = d.book.steps[str(step_id)]
    taken = d.snapshot.taken[str(source.event)]
    for prompt in d.snapshot.prompts():
        views = prompt.data.get("views") or []
        if any(view["event"] == source.event for view in views):
            changed = [{**view, "text": text} if view["event"] == source.event else view for view in views]
            d.put(replace(prompt, data={**prompt.data, "views": changed}))
            return True
        if prompt.kind == "answer" and prompt.data.get("event") == source.event:
            d.put(replace(prompt, data={**prompt.data, "text": text}))
            return True
    kind = kinds.of(step)
    if not taken.read:  # it could not be read before: now it may be an answer
        if kind.trouble(d, step, text) is not None:
            return False
        taking.note_taken(d, source.event, step.id, source.writer)
        kind.take(d, step, text, source)
        return True
    if step.kind in ("status", "applies") and _follow_remark(d, text, source, step.id):
        return True
    return kind.retake(d, step, text, source)


def _follow_remark(d: Draft, text: str, source: Source, step: str) -> bool:
    """What somebody said about an outcome is text, also where the step itself is a vote."""
    items = [item for item in d.snapshot.item.values() if item.event == source.event and item.step == step]
    if not items:
        return False
    lines = lines_as_items(text)
    for item, line in zip(items, lines, strict=False):
        d.put(replace(item, text=line, edited_at=d.at, edited_by=source.who))
    for item in items[len(lines) :]:
        d.drop(item)
    walk.show_left(d, step)
    return True


def _keep_old(d: Draft, event: Edited) -> None:
    alone = closed.writer(d, event.target)
    d.say("help", d.texts("trouble.edit"), reply_to=event.target if alone is None else None, to=alone)


def redacted(d: Draft, event: Redacted) -> None:
    """A message was removed."""
    taken = d.snapshot.taken.get(event.target)
    member = d.snapshot.member.get(event.sender)
    if taken is None:
        return
    # Whose message it was is not known where they were forgotten: then who could remove it may.
    if taken.author not in (event.sender, "") and not (member is not None and member.moderator):
        return
    taking.forget(d, event.target, erase=True)


def timer_due(d: Draft, event: TimerDue) -> None:
    """A timer came due: what was taken back a day ago is deleted."""
    timer = d.snapshot.timer.get(event.timer)
    if timer is not None and event.timer.startswith("purge:"):
        d.drop(timer)
        taking.forget(d, str(timer.data["event"]), erase=True)
