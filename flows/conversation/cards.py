"""The cards: which fields and buttons a message of the coach has, as the room stands after the turn.

Rule: a card offers what can be done at its message now, and nothing else. It is drawn by the transport; a message that
asks nothing any more has none.
"""

from __future__ import annotations

from dataclasses import replace

from flows.book.model import BEGIN, Step
from flows.conversation import asking, erasing, held, newcomers, overview, prompts, reminders, retention
from flows.conversation.draft import Draft
from flows.conversation.effects import Button, Card, Edit, Effect, Option, Say
from flows.conversation.marks import AGREE, LATER, signs_of
from flows.conversation.proposals import propose
from flows.conversation.snapshot import Prompt
from flows.conversation.text import cut, one_line
from flows.conversation.view import ANSWERED

# What the buttons stand for, besides signs and the words of the book.
SAVE, UNKNOWN, SKIP, EXAMPLE, NO = "save", "unknown", "skip", "example", "no"
DISAGREE, HAND_OVER, SHORT, KEEP = "disagree", "handover", "kort", "keep"

_LABEL = 60
_STATUS = "status"
# In these prompts people say something in their own words.
_WORDED = ("nudge", "offer", "complete", "spread")


def dressed(d: Draft) -> list[Effect]:
    """The effects of a turn, with their cards."""
    return [replace(one, card=_card(d, one)) if isinstance(one, Say | Edit) else one for one in d.effects]


def _card(d: Draft, one: Say | Edit) -> Card | None:
    reminder = reminders.by_message(d, one.number)
    if reminder is not None:
        return _reminder(d, reminder) if one.number == reminder.messages[-1] else None
    if newcomers.by_message(d, one.number) is not None and not d.alone:
        return Card((_button(d, AGREE, "catch_up"),))
    if retention.by_message(d, one.number) is not None:
        archive = (_button(d, AGREE, "archive"),) if erasing.archive_form(d) is not None else ()
        return Card((*archive, _button(d, LATER, "keep_longer")))
    if erasing.by_message(d, one.number) is not None:
        return Card((_button(d, AGREE, "archive"),))
    prompt = prompts.by_message(d, one.number)
    if prompt is not None:
        return _prompt(d, prompt, one.number)
    if one.kind == "overview":
        table = overview.table(d, one.text)
        return Card(table=table) if table else None
    if one.kind == "welcome":
        return _welcome(d) if d.room.position == BEGIN else None
    asked = d.snapshot.asked.get(one.step or "")
    if one.kind != "question" or asked is None or not d.view.stands_open(asked.step) or one.number < asked.first:
        return None
    if asking.after_closed(d, d.book.steps[asked.step]) is not None:
        return None  # it goes on in another message
    return _question(d, d.book.steps[asked.step])


def _button(d: Draft, value: str, name: str, *, saves: bool = False) -> Button:
    # The how-to lines name the signs, as on every transport: so they stand on the buttons.
    sign = f"{value} " if value in (AGREE, LATER) else ""
    return Button(value, sign + d.texts(f"card.{name}"), saves)


def _welcome(d: Draft) -> Card:
    return Card((_button(d, AGREE, "start"), _button(d, SHORT, "short")))


# Questions ------------------------------------------------------------------------------------------------------------


def _question(d: Draft, step: Step) -> Card:
    """A question: what can be filled in, and what can be done instead."""
    leave = [] if step.kind == "actions" else [_button(d, UNKNOWN, "unknown")]
    rest = (*leave, _button(d, SKIP, "skip"), _button(d, EXAMPLE, "example"))
    if step.kind in ("status", "applies"):
        # Not to know is one of the votes.
        return Card((*_votes(d, step), *_go_on(d, step), *rest[1:]))
    buttons = (_button(d, SAVE, "save", saves=True), *_go_on(d, step), *rest)
    if step.kind == "multi":
        return _choices(d, step, buttons)
    if step.kind == "grid":
        rows = tuple(Option(str(n), d.book.steps[row].form.title) for n, row in enumerate(step.form.rows, 1))
        return Card(buttons, options=_statuses(d), rows=rows)
    return Card(buttons, field=d.texts("card.field"), lines=step.kind in ("text", "actions"))


def _choices(d: Draft, step: Step, buttons: tuple[Button, ...]) -> Card:
    options = tuple(Option(one.word, one.name) for one in step.form.choices)  # the text says what each is
    return Card(buttons, field=d.texts("card.other") if step.form.other else "", options=options, many=True)


def _statuses(d: Draft) -> tuple[Option, ...]:
    signs = signs_of(_STATUS)
    return tuple(Option(word, f"{sign} {d.texts(f'status.status.{word}')}") for word, sign in signs.items())


def _votes(d: Draft, step: Step) -> tuple[Button, ...]:
    words = signs_of(step.kind)
    return tuple(Button(word, f"{sign} {d.texts(f'status.{step.kind}.{word}')}") for word, sign in words.items())


def _go_on(d: Draft, step: Step) -> tuple[Button, ...]:
    """The button that goes on, where that means something at this kind of step."""
    if step.kind in ("status", "applies"):
        if not d.alone:
            return (_button(d, AGREE, "round_off"),)
        return (_button(d, AGREE, "take_over"),) if propose(d.view, step.id) else ()
    if step.kind == "statement" and d.view.state(step.id) == ANSWERED:
        return (_button(d, AGREE, "agree"),)
    if step.kind == "rhythm" or (step.kind == "statement" and asking.frame_text(d, step)):
        return (_button(d, AGREE, "take_over"),)
    return (_button(d, AGREE, "next"),)


# Prompts --------------------------------------------------------------------------------------------------------------


def _prompt(d: Draft, prompt: Prompt, number: int) -> Card | None:
    step = d.book.steps[prompt.step] if prompt.step else None
    if prompt.kind == "recheck":
        return _recheck(d, prompt, number)
    if prompt.kind == "settle" and step is not None:
        return _settle(d, step)
    if prompt.kind in ("new", "parked"):
        return Card((_button(d, AGREE, "now"), _button(d, NO, "later")))
    if prompt.kind in ("command", "answer"):
        return Card((_button(d, AGREE, "yes"), _button(d, NO, "no")))
    if prompt.kind == "which":
        steps = (d.book.steps[one] for one in prompt.data["steps"])
        return Card(tuple(Button(str(n), cut(asking.full_title(d, one), _LABEL)) for n, one in enumerate(steps, 1)))
    if prompt.kind == "pick":
        return Card(tuple(Button(str(n), _action(d, n)) for n in prompt.data["actions"] if n in d.snapshot.action))
    if prompt.kind == held.KIND:
        choices = _button(d, SAVE, "save", saves=True), _button(d, NO, "discard"), _button(d, KEEP, "keep")
        return Card(choices, field=d.texts("card.rewrite"), lines=True)
    if prompt.kind not in _WORDED:
        return None
    votes = _votes(d, step) if prompt.kind == "spread" and step is not None else ()
    go_on = _pass(d, prompt)
    buttons = (*votes, _button(d, SAVE, "save", saves=True), go_on)
    return Card(buttons, field=d.texts("card.field"), lines=prompt.kind in ("nudge", "spread"))


def _pass(d: Draft, prompt: Prompt) -> Button:
    """The button that passes a prompt that asks for words."""
    kind, _, what = str(prompt.data.get("name", "")).partition(":")
    alarm = d.book.alarm(what) if kind == "alarm" else None
    if alarm is not None and alarm.form.alarm:
        return _button(d, AGREE, "known")
    if prompt.kind == "nudge" and kind != "unknowns":
        return _button(d, AGREE, "next")
    return _button(d, AGREE, "not_needed")


def _recheck(d: Draft, prompt: Prompt, number: int) -> Card:
    """One tap where nothing changed; else the part that does not hold any more."""
    if prompt.data.get("pause") == number:
        return Card((_button(d, AGREE, "pause"),))
    parts = tuple(Option(part.id, part.head.title) for part in d.book.parts.values() if part.status)
    named = tuple(Button(part.value, d.texts("card.look", title=part.label)) for part in parts)
    return Card((_button(d, AGREE, "holds"), *named, _button(d, LATER, "next_week")))


def _settle(d: Draft, step: Step) -> Card:
    """The read-back: it is right, or it is to be something else."""
    agree, disagree = _button(d, AGREE, "agree"), _button(d, DISAGREE, "disagree")
    if step.kind != "grid":
        return Card((agree, *_votes(d, step), disagree))
    adjust = _button(d, SAVE, "adjust", saves=True)
    return Card((agree, adjust, disagree), field=d.texts("card.field"))


def _action(d: Draft, number: int) -> str:
    return cut(f"{number}. {one_line(d.snapshot.action[number].text)}", _LABEL)


def _reminder(d: Draft, prompt: Prompt) -> Card | None:
    """Done, a week later, or somebody else; where there are several, which one."""
    numbers = [one for one in prompt.data["actions"] if one in d.snapshot.action]
    numbers = [one for one in numbers if d.snapshot.action[one].state == "open"]
    if not numbers:
        return None
    options = tuple(Option(str(one), _action(d, one)) for one in numbers) if len(numbers) > 1 else ()
    people = tuple(Option(one.id, one.name) for one in d.snapshot.people())
    buttons = [_button(d, AGREE, "done", saves=True), _button(d, LATER, "put_off", saves=True)]
    if len(people) > 1:
        buttons.append(_button(d, HAND_OVER, "hand_over", saves=True))
    return Card(tuple(buttons), options=options, people=people if len(people) > 1 else ())
