"""Buttons of cards.

Rule: a button means what a reply or a sign on its message would mean; one that is no longer open leads to nothing,
and two taps make one step.
"""

from __future__ import annotations

from dataclasses import replace

from flows.book.model import BEGIN, Step
from flows.conversation import (
    closed,
    doing,
    going,
    kinds,
    prompts,
    reacting,
    releasing,
    reminders,
    speaking,
    taking,
    walk,
)
from flows.conversation.cards import DISAGREE, EXAMPLE, HAND_OVER, KEEP, NO, SAVE, SHORT, SKIP, UNKNOWN
from flows.conversation.draft import Draft
from flows.conversation.events import Pressed, Said
from flows.conversation.marks import AGREE, LATER
from flows.conversation.people import know
from flows.conversation.snapshot import Prompt
from flows.conversation.source import Source


def pressed(d: Draft, event: Pressed) -> None:
    """A button was pressed."""
    know(d, event.sender)
    tap = Source(event.sender, None)
    if event.value in (AGREE, NO, KEEP) and releasing.lost(d, event.own):
        return
    reminder = reminders.by_message(d, event.own.number)
    if reminder is not None:
        _on_reminder(d, event, reminder)
    elif event.value in (AGREE, LATER):
        reacting.on_own(d, event.own, event.value, tap)
    elif event.value == SHORT:
        if d.room.position == BEGIN:
            going.pace(d, SHORT, tap)
    elif event.value == EXAMPLE:
        doing.run(d, f"!{EXAMPLE}", tap, event.own)
        walk.refresh_list(d, str(event.own.step))  # a new card, on which it can be asked again
    elif event.value in (UNKNOWN, SKIP):
        if event.value == SKIP or not closed.pressed(d, event, None):
            _leave(d, event, tap)
    elif event.value == SAVE:
        text = _filled_in(d, event)
        if not closed.pressed(d, event, text):
            _say(d, event, text)
    elif event.value == NO:
        _answer(d, event, d.texts.words("words.no")[0])
    elif event.value == KEEP:
        _answer(d, event, d.texts.words("words.keep_it")[0])
    elif event.value == DISAGREE:
        _answer(d, event, d.texts.words("answers.disagree")[0])
    elif (step := prompts.vote_target(d, event.own)) is not None:
        if event.value in kinds.words_of(d.book.steps[step]) and not closed.pressed(d, event, event.value):
            reacting.vote(d, step, event.value, tap, f"{event.own.number}{event.value}")
    else:
        _answer(d, event, event.value)


def _on_reminder(d: Draft, event: Pressed, prompt: Prompt) -> None:
    """Done, later, or somebody else does it: of the action that was chosen, else of the one that is meant."""
    numbers = [int(one) for one in event.picked if one.isdecimal() and int(one) in prompt.data["actions"]]
    if numbers:
        prompt = replace(prompt, data={**prompt.data, "actions": numbers[:1]})
    tap = Source(event.sender, None)
    if event.value == HAND_OVER:
        reminders.hand_over(d, prompt, event.person, tap)
    elif event.value in (AGREE, LATER) and numbers:
        reminders.settled(d, prompt, event.value, tap)
    elif event.value in (AGREE, LATER):
        reminders.tapped(d, prompt, event.value, tap)


def _leave(d: Draft, event: Pressed, source: Source) -> None:
    """Not known, or skipped: only where that question still stands open."""
    asked = d.snapshot.asked.get(event.own.step or "")
    if asked is None or not d.view.stands_open(asked.step) or event.own.number < asked.first:
        return
    taking.resume(d)
    step = d.book.steps[asked.step]
    if event.value == UNKNOWN:
        going.unknown(d, "", source, step.id)
    else:
        walk.drop_prompts(d, step.id, *going.VOTING)
        kinds.of(step).skip(d, step)


def _answer(d: Draft, event: Pressed, text: str) -> None:
    """What a button of an open prompt answers."""
    if prompts.by_message(d, event.own.number) is not None:
        _say(d, event, text)


def _say(d: Draft, event: Pressed, text: str) -> None:
    """A reply to the message of the card. It is no message of its own that anybody could change or remove."""
    speaking.said(d, Said(event.id, event.at, event.sender, text, event.own))


def _filled_in(d: Draft, event: Pressed) -> str:
    """What was filled in, as somebody would type it."""
    step = d.book.steps.get(event.own.step or "")
    prompt = prompts.by_message(d, event.own.number)
    if step is None or prompt is not None or step.kind not in ("multi", "grid"):
        return event.text
    if step.kind == "grid":
        return "\n".join([*event.picked, *([event.text] if event.text else [])])
    return _chosen(step, event)


def _chosen(step: Step, event: Pressed) -> str:
    words = [word for word in event.picked if word != step.form.other]
    own = event.text.strip()
    if step.form.other is not None and own:
        words.append(f"{step.form.other}: {own}")
    elif step.form.other in event.picked:
        words.append(str(step.form.other))
    elif own:
        words.append(own)
    return ", ".join(words)
