"""Going through the book: asking, leaving and finding the next question. Rule: every move of a room's position goes
through here.

The position stays on the step being left while a nudge or an offer stands in place of the next question.
"""

from __future__ import annotations

from dataclasses import replace

from flows.book.model import BEGIN, END, Step
from flows.conversation import (
    asking,
    closed,
    coherence,
    detours,
    kinds,
    nudges,
    overview,
    prompts,
    readback,
    recheck,
    session,
    spaced,
)
from flows.conversation.answers import short_name
from flows.conversation.draft import Draft
from flows.conversation.marks import AGREE, signs_of
from flows.conversation.snapshot import Asked, Round
from flows.conversation.view import SHORT


def signs_for(step: Step) -> tuple[str, ...]:
    """The signs that the coach puts on a question, for people to tap."""
    return (*signs_of(step.kind).values(), AGREE) if step.kind in ("status", "applies") else (AGREE,)


def ask(d: Draft, step_id: str) -> None:
    """Post the question of a step as a new message.

    While it stands open, every copy can be tapped; the latest is edited.
    """
    step = d.book.steps[step_id]
    asked = d.snapshot.asked.get(step_id)
    offer = session.offered(d)
    if offer is not None:
        d.drop(offer)
    closed.begin(d, step)
    signs = signs_for(step) if closed.standing(d, step_id) is None else (AGREE,)
    number = d.say("question", asking.question_text(d, step, d.next_number()), step=step_id, signs=signs)
    first = asked.first if asked is not None and asked.open else number
    d.put(Asked(step_id, first, number, open=True))
    closed.ask_each(d, step)


def leave(d: Draft, step_id: str) -> None:
    """Close a step's question: its message shows what was noted."""
    asked = d.snapshot.asked.get(step_id)
    if asked is not None:
        d.put(replace(asked, open=False))
        show_left(d, step_id)
    for helped in [one for one in d.snapshot.helped.values() if one.step == step_id]:
        d.drop(helped)


def show_left(d: Draft, step_id: str) -> None:
    """Edit the latest message of a question that was left, so that it shows what stands there now; and that of an open
    question that builds on it.
    """
    _show_built_on(d, step_id)
    asked = d.snapshot.asked.get(step_id)
    if asked is None or asked.open:
        return
    readback.edit(d, asked.latest, step_id, asking.left_text(d, d.book.steps[step_id]))


def _show_built_on(d: Draft, step_id: str) -> None:
    """Bring open questions up to date that show what stands at a step: in the column beside it, or in the frame of a
    statement, which is agreed to as it is shown.
    """
    focus = d.view.focus()
    for name in dict.fromkeys([*([] if focus is None else [focus.id]), *d.view.together()]):
        builds_on = (d.book.steps[name].form.right, *d.book.sources(name))
        if step_id in builds_on and d.view.stands_open(name) and d.changed_items(step_id):
            refresh_list(d, name)


def show_read_back(d: Draft) -> None:
    """Bring questions up to date above which an action was said back that reads differently now."""
    for asked in readback.changed(d):
        if asked.open:
            refresh_list(d, asked.step)
        else:
            show_left(d, asked.step)


def show_changed(d: Draft, step_id: str) -> None:
    """Bring every left question up to date that shows what stands at a step: its own, and that of the grid it is a
    row of.
    """
    show_left(d, step_id)
    if step_id in d.book.row_of:
        show_left(d, d.book.row_of[step_id])


def refresh(d: Draft, step_id: str) -> None:
    """Edit the message of a question that stands open, so that it shows the votes; not those of a closed round."""
    asked = d.snapshot.asked.get(step_id)
    if asked is not None and asked.open and closed.standing(d, step_id) is None:
        step = d.book.steps[step_id]
        readback.edit(d, asked.latest, step_id, asking.question_text(d, step, asked.latest))


def refresh_list(d: Draft, step_id: str) -> None:
    """Edit the message of a question that stands open, which may show what was said before, after some of that went."""
    detour = d.view.detour()
    if detour is None or detour.step != step_id:  # a detour's list is brought up to date by its kind
        refresh(d, step_id)


def clear_prompts(d: Draft) -> None:
    """Close every open prompt of the walk. A reminder stays, and so do a re-check that was not begun and the questions
    that were asked together, with their votes.
    """
    recheck.abandon(d)
    together = d.view.together()
    for prompt in d.snapshot.prompts():
        voted = prompt.step in together and prompt.kind in ("spread", "settle", "draft")
        if prompt.kind not in detours.BESIDE and not voted:
            d.drop(prompt)


def drop_prompts(d: Draft, step_id: str, *kinds: str) -> None:
    """Close the open prompts of these kinds at a step."""
    for prompt in d.snapshot.prompts():
        if prompt.step == step_id and prompt.kind in kinds:
            d.drop(prompt)


def go(d: Draft, destination: str) -> None:
    """Move the room's position."""
    allowed = destination == END or d.view.applicable(destination)
    d.set(position=d.book.mover.move(d.room.position, destination, allowed=allowed))


def next_step(d: Draft) -> str:
    """Where the walk goes after the position: the next open step; after `!ga` and `!vorige` the next step, until
    the one they left from.
    """
    position, trail = d.room.position, d.room.trail
    if trail is not None:
        following = d.view.next_wanted(position)
        if d.book.index(following) <= d.book.index(trail):
            return following
    return d.view.next_open(position)


def advance(d: Draft, nudged: int = 0) -> None:
    """Go on after the focus was left: back from a detour, else a nudge or offer where one is due, else the next
    question.
    """
    nudges.note_new(d)
    detour = d.view.detour()
    if detour is not None:
        d.drop(detour)
        if recheck.is_running(d):
            recheck.go_on(d)
        elif detour.data.get("open") and d.view.wanted(d.room.position):
            ask(d, d.room.position)  # it was a detour to the very question that stood open
        else:
            come_back(d, detour.step)
        return
    if spaced.left(d):
        return
    if d.room.position in (BEGIN, END):
        if d.room.position == BEGIN:
            arrive(d, d.view.next_open(BEGIN))
        else:
            if not nudges.offer_new(d):
                say_end(d)
        return
    destination = next_step(d)
    if nudges.next_nudge(d, destination, nudged):
        return
    if session.has_no_room_for(d, destination):
        session.finish(d)
        return
    arrive(d, destination)


def arrive(d: Draft, destination: str) -> None:
    """Go to a step and ask it, or to the end."""
    go(d, destination)
    if d.room.trail is not None and d.book.index(destination) >= d.book.index(d.room.trail):
        d.set(trail=None)
    if destination == END:
        reach_end(d)
    else:
        ask(d, destination)


def come_back(d: Draft, changed: str | None = None) -> None:
    """Return from a detour to where the team was. What the change brought up is asked first: an alarm about the step
    that was `changed`, else what newly applies. A step or an alarm that no longer applies gives way to the next.
    """
    gone = coherence.drop_settled(d)
    if changed is not None and nudges.after_change(d, changed):
        return
    if gone:
        go_on(d, 1)
        return
    if d.room.pace == SHORT or not nudges.offer_new(d):
        repeat(d)


def go_on(d: Draft, nudged: int) -> None:
    """A nudge or offer was answered or passed: back to what stood open beneath it, else on."""
    if spaced.stays(d):
        return
    focus = d.view.focus()
    asked = d.snapshot.asked.get(focus.id) if focus is not None else None
    if prompts.latest(d) is not None or (asked is not None and asked.open):
        repeat(d)
    else:
        advance(d, nudged)


def repeat(d: Draft) -> None:
    """Show again what stands open: the latest prompt, else the question, else where the room is."""
    prompt = prompts.latest(d)
    focus = d.view.focus()
    if prompt is not None:
        prompts.show_again(d, prompt)
        return
    if focus is None:
        d.say("help", d.texts(f"{'begin' if d.room.position == BEGIN else 'end'}.line"))
        return
    asked = d.snapshot.asked.get(focus.id)
    if d.view.detour() is not None:
        detours.ask(d, focus.id)
    elif d.view.wanted(focus.id) and (asked is None or asked.open):
        ask(d, focus.id)
    elif not spaced.again(d):  # it no longer applies, or it was left
        arrive(d, next_step(d))


def jump(d: Draft, destination: str, *, remember: bool = True) -> None:
    """Go to any step, from anywhere: the question that stood open is closed, and the walk finds its way back to
    where it was.
    """
    left = d.room.position
    if d.view.detour() is not None or left not in d.view.together():
        close_open(d)
    clear_prompts(d)
    if left not in d.view.together():
        close_open(d)  # the question that stood open beneath a detour, where there was one
    if remember:
        trail = d.room.trail if d.room.trail is not None else left
        if d.room.trail is not None and d.book.index(left) > d.book.index(trail):
            trail = left
        behind = d.book.index(destination) < d.book.index(trail)
        d.set(trail=trail if behind else None)
    else:
        d.set(trail=None)
    go(d, destination)
    ask(d, destination)
    spaced.join(d, destination)


def close_open(d: Draft) -> None:
    """Leave the question that stands open, keeping what was given."""
    focus = d.view.focus()
    if focus is None:
        return
    asked = d.snapshot.asked.get(focus.id)
    if asked is not None and asked.open:
        kinds.of(focus).keep_given(d, focus)
        leave(d, focus.id)


def reach_end(d: Draft) -> None:
    """The end of the walk; the first time, how everything stands is kept as the first round."""
    if d.room.walked_at is None:
        d.set(walked_at=d.at)
        d.put(Round(len(d.snapshot.round) + 1, d.at, round_statuses(d)))
    session.at_end_of_guide(d)
    say_end(d)


def round_statuses(d: Draft) -> dict[str, str | None]:
    """The keys of a round: the parts with a status, and every status and applies step."""
    statuses = {part.id: d.view.status_of(part.status) for part in d.book.parts.values() if part.status}
    for step in d.book.steps.values():
        if step.kind in ("status", "applies"):
            statuses[step.id] = d.view.status_of(step.id)
    return statuses


def _still_open(d: Draft, step: Step) -> str:
    return d.texts("end.row", title=asking.full_title(d, step), step=short_name(step.id, d.book))


def say_end(d: Draft) -> None:
    """Say that the walk is done, what is still open, and when to look again."""
    lines = [d.texts("end.head")]
    still = d.view.open_steps()
    if still:
        lines.append(d.texts("end.open"))
        lines += [_still_open(d, d.book.steps[step]) for step in still[:8]]
        if len(still) > 8:
            lines.append(d.texts("end.more", n=len(still) - 8))
    when = overview.next_look(d)
    if when:
        lines.append(when)
    lines.append(d.texts("end.how_export" if "pdf" in d.setting.capabilities.files else "end.how"))
    d.say("info", "\n".join(lines))
