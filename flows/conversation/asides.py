"""What the coach asks about one action, beside the walk: who does it and when; and after it was closed, whether what it
was about stands better now. Rule: once; a yes, a name or a date answers it, and nothing waits for it.

An open prompt with `aside` in its data stands at the message that told of the action, or at an alarm that a change led
to (`coherence`). In the walk who and when are asked by a nudge (`nudges`), in place of the next question.
"""

from __future__ import annotations

from dataclasses import replace

from flows.book.model import BEGIN
from flows.canvas.words import capital
from flows.conversation import asking, coherence, dating, nudges, walk
from flows.conversation.actions import (
    ask_name,
    is_complete,
    name_of_subject,
    read_who_when,
    show_action,
    subject_of,
    with_time,
)
from flows.conversation.draft import Draft
from flows.conversation.marks import AGREE
from flows.conversation.snapshot import Action, Once, Prompt
from flows.conversation.source import Source

# What stands at its best needs no other look.
_BEST = (None, "voldoende", "nee")


def may_ask(d: Draft) -> bool:
    """Whether the coach may ask something beside the walk now."""
    return d.room.position != BEGIN and d.room.paused_at is None and d.room.nudges


def _find(d: Draft, number: int) -> Action | None:
    return next((one for one in d.view.actions() if one.number == number), None)


def said_back(d: Draft, action: Action) -> str:
    """An action as it was understood, in full, with what it belongs to."""
    text = d.texts("actions.noted", line=show_action(d, action))
    subject = subject_of(d, action)
    if subject is not None:
        return text + d.texts("actions.belongs", part=name_of_subject(d, subject))
    return text if action.step is None else text + d.texts("actions.belongs", part=asking.place_text(d, action.step))


# Who does it, and when ------------------------------------------------------------------------------------------------


def ask_who_when(d: Draft, action: Action, source: Source, *, until: bool = False) -> None:
    """Say an action back and ask for what is missing, or with `until` for another date; where nothing may be asked now,
    it is asked in the walk.
    """
    if not may_ask(d):
        if not until:
            nudges.wait(d, ask_name(action.number))
        d.say("noted", f"{said_back(d, action)}\n_{later(d, action)}_", reply_to=source.event)
        return
    for old in [one for one in d.snapshot.prompts() if one.kind == "complete" and one.data.get("aside")]:
        d.drop(old)
    focus = d.view.focus()
    # The message names a step, so that a late reply finds it; the prompt is about none.
    step = action.step or (focus.id if focus is not None else None)
    name, number = ask_name(action.number), d.next_number()
    # The event goes with it: where the action's message is removed, nobody is asked about it any more.
    data = {"name": name, "action": action.number, "event": action.event, "until": until, "shown_at": step}
    d.open_prompt("complete", None, number, aside=True, **data)
    _remember(d, name, number)
    text = f"{said_back(d, action)}. {question(d, action, number, until=until)}"
    d.say("noted", text, step=step, signs=(AGREE,), reply_to=source.event, asks=True)


def _remember(d: Draft, name: str, number: int) -> None:
    """A reply to this message is about the action, also when nothing is asked any more."""
    asked = d.snapshot.once.get(name)
    d.put(Once(name, nudges.DONE, (*(asked.messages if asked is not None else ()), number)))


def question(d: Draft, action: Action, number: int, *, until: bool = False) -> str:
    """Who, when, or both, and how to answer message `number`."""
    answer, agree = asking.ways(d, "answer", n=number), capital(asking.ways(d, "agree", n=number))
    if until:
        return f"{d.texts('complete.until')}\n_{d.texts('complete.how_until', answer=answer, agree=agree)}_"
    who, when = action.owner_name is None, action.due is None
    text = d.texts("complete.both" if who and when else "complete.who" if who else "complete.when")
    how = "complete.how_both" if who and when else "complete.how_who" if who else "complete.how_when"
    return f"{text}\n_{d.texts(how, answer=answer, agree=agree)}_"


def later(d: Draft, action: Action) -> str:
    """How to add later what is missing."""
    if action.owner_name is None and action.due is None:
        return d.texts("complete.later_both", n=action.number)
    return d.texts("complete.later_who" if action.owner_name is None else "complete.later_when", n=action.number)


def nudge_text(d: Draft, number: int, message: int, *, until: bool = False) -> str:
    """The question in the walk."""
    action = _find(d, number)
    if action is None:
        return d.texts("actions.none", n=number)
    lines = [asking.head(d, d.book.steps[str(action.step)])] if action.step in d.book.steps else []
    lines.append(d.texts("complete.named", line=show_action(d, action)))
    return "\n".join(lines) + f" {question(d, action, message, until=until)}"


def first_incomplete(d: Draft, step: str) -> Action | None:
    """The first open action of a step of which it was not asked yet who does it and when."""
    waiting = (one for one in d.view.actions(step) if one.state == "open" and not is_complete(one))
    return next((one for one in waiting if ask_name(one.number) not in d.snapshot.once), None)


def is_wanted(d: Draft, number: int) -> bool:
    """Whether there still is something to ask about an action."""
    action = _find(d, number)
    return d.room.paused_at is None and action is not None and action.state == "open" and not is_complete(action)


def trouble(d: Draft, number: int, text: str) -> str | None:
    """The line of help for an answer that says neither who nor when, or None."""
    action = _find(d, number)
    if action is None:
        return d.texts("actions.none", n=number)
    if action.state != "open":
        return d.texts("actions.closed", line=show_action(d, action))
    read = read_who_when(d, text, "")
    if read is None:
        return d.texts("complete.trouble")
    # Who does it is kept also where "as soon as possible" stands behind it.
    return dating.trouble(d, read.trouble) if read.person is None or dating.is_unsure(read.trouble) else None


def complete(d: Draft, number: int, text: str, source: Source) -> str:
    """Keep an answer that has no `trouble`; the action said back."""
    action, read = _find(d, number), read_who_when(d, text, source.who)
    if action is None or read is None:
        return d.texts("actions.none", n=number)
    if read.person is not None:
        action = replace(action, owner=read.person.id, owner_name=read.person.name)
    if read.when is not None:
        action = replace(action, due=read.when.day, text=with_time(d, action.text, read.when.time))
    put_changed(d, action, source)
    taken = d.snapshot.taken.get(source.event) if source.event is not None else None
    if taken is not None:  # it is no answer of a step: what becomes of it later must not be taken for one
        d.put(replace(taken, step=None))
    line = said_back(d, action)
    return line if is_complete(action) else f"{line}\n_{later(d, action)}_"


def put_changed(d: Draft, action: Action, source: Source) -> None:
    """Keep a changed action, and show it where its question was left."""
    d.put(replace(action, edited_at=d.at, edited_by=source.who))
    settle(d, action)
    if action.step is not None:
        walk.show_left(d, action.step)


def settle(d: Draft, action: Action) -> None:
    """Nothing more is asked beside the walk about an action that is closed or complete."""
    if action.state == "open" and not is_complete(action):
        return
    for prompt in d.snapshot.prompts():
        if prompt.data.get("aside") and prompt.data.get("action") == action.number:
            d.drop(prompt)


# Another look ---------------------------------------------------------------------------------------------------------


def look(d: Draft, closed: list[Action], lines: list[str], source: Source) -> bool:
    """Tell that actions were closed, and offer to look again at what the first of them was about, where there is
    something to gain; whether it was told so.
    """
    found = [step for one in closed if (step := subject_of(d, one)) is not None and _may_look(d, step)]
    if not found or not may_ask(d):
        return False
    step, number = found[0], d.next_number()
    numbers = [one.number for one in closed]
    d.open_prompt("command", None, number, text=f"!wijzig {step}", look=step, actions=numbers, aside=True)
    d.say(
        "noted",
        "\n".join([*lines, look_text(d, step, number)]),
        signs=(AGREE,),
        reply_to=source.event,
        asks=True,
    )
    return True


def _may_look(d: Draft, step: str) -> bool:
    focus = d.view.focus()
    if d.view.detour() is not None or (focus is not None and focus.id == step):
        return False
    return d.view.status_of(step) not in _BEST and d.view.applicable(step)


def look_text(d: Draft, step: str, number: int) -> str:
    """How it stands, and whether to look again."""
    found = d.book.steps[step]
    title = f"{d.book.part_of(step).head.title} · {name_of_subject(d, step)}"
    agree = asking.ways(d, "yes", n=number)
    return d.texts("look.text", title=title, status=asking.at_a_glance(d, found), agree=agree)


# Prompts --------------------------------------------------------------------------------------------------------------


def text_of(d: Draft, prompt: Prompt, number: int) -> str:
    """The question once more."""
    if prompt.kind == "command":
        return look_text(d, prompt.data["look"], number)
    if prompt.kind == "nudge":
        return coherence.text_of(d, prompt, number)
    return nudge_text(d, prompt.data["action"], number, until=bool(prompt.data.get("until")))


def reply(d: Draft, prompt: Prompt, text: str, source: Source) -> None:
    """Take an answer that has no `trouble`: who, when, or both; or to an alarm."""
    if prompt.kind == "nudge":
        nudges.keep_reply(d, nudges.name_of(prompt), str(prompt.step), text, source)
        _end_alarm(d, prompt, known=False)
        return
    nudges.end(d, prompt)
    line = complete(d, prompt.data["action"], text, source)
    if is_wanted(d, prompt.data["action"]):
        _remember(d, prompt.data["name"], d.next_number())
        d.say("noted", line, step=prompt.data["shown_at"], reply_to=source.event)
    else:
        d.say("noted", line, reply_to=source.event)


def _end_alarm(d: Draft, prompt: Prompt, *, known: bool) -> None:
    """An alarm was answered or passed: its message asks no more, and in a room of one the open question comes again."""
    nudges.end(d, prompt, known=known)
    if d.alone:
        walk.repeat(d)
    else:
        number = prompt.messages[-1]
        d.edit(number, "nudge", prompt.step, coherence.text_of(d, prompt, number, open_=False))


def pass_by(d: Draft, prompt: Prompt, *, known: bool = True) -> None:
    """Not known yet, or no: the message shows it, and in a room of one the open question comes again."""
    if prompt.kind == "nudge":
        _end_alarm(d, prompt, known=known)
        return
    if prompt.kind == "complete":
        nudges.end(d, prompt)
        action = _find(d, prompt.data["action"])
        lines = [] if action is None else [said_back(d, action)]
        if action is not None and not is_complete(action):
            lines.append(f"_{later(d, action)}_")
    else:
        d.drop(prompt)
        closed = [one for one in d.view.actions() if one.number in prompt.data["actions"]]
        lines = [closed_line(d, one) for one in closed if one.state != "open"]
    if d.alone:
        walk.repeat(d)
    elif lines:
        d.edit(prompt.messages[-1], "noted", prompt.data.get("shown_at"), "\n".join(lines))


def closed_line(d: Draft, action: Action) -> str:
    """That an action is done, or no longer needed."""
    key = "actions.done" if action.state == "done" else "actions.dropped"
    return d.texts(key, line=show_action(d, action))
