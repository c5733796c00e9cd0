"""The commands that go through the guide: begin, on, back, aside, pause, pace.

Rule: before the start each says how to start.
"""

from __future__ import annotations

from flows.book.model import BEGIN, Step
from flows.calendar.dates import say_date
from flows.calendar.rhythm import Rhythm, say_rhythm
from flows.conversation import asking, closed, detours, kinds, prompts, recheck, session, spaced, walk
from flows.conversation.answers import Named, find_place, name_of_part
from flows.conversation.draft import Draft
from flows.conversation.effects import Say
from flows.conversation.snapshot import Prompt
from flows.conversation.source import Source
from flows.conversation.text import cut, quote
from flows.conversation.values import read_value, said_value
from flows.conversation.view import FULL, SHORT

VOTING = ("spread", "settle")


def start(d: Draft, rest: str, source: Source) -> None:
    """Begin; later repeat the open question, never reset."""
    if d.room.position == BEGIN:
        d.set(facilitator=d.room.facilitator or source.who, paused_at=None)
        if d.room.mode == spaced.SPACED:
            spaced.ask_more(d)
        else:
            walk.arrive(d, d.view.next_open(BEGIN))
        return
    _welcome_back(d)
    walk.repeat(d)


def _welcome_back(d: Draft) -> bool:
    """End a pause and say where the team was; whether there was one."""
    if d.room.paused_at is None:
        return False
    stopped = d.room.paused_at
    d.set(paused_at=None)
    focus = d.view.focus()
    place = d.book.parts[focus.part].head.title if focus is not None else ""
    day = asking.day_text(d, stopped)
    ends = focus is None or (d.view.detour() is None and spaced.is_idle(d))
    d.prefix = d.texts("pause.back_end" if ends else "pause.back", part=place, day=day)
    return True


def _not_begun(d: Draft, source: Source) -> bool:
    if d.room.position == BEGIN:
        d.say("help", d.texts("begin.line"), reply_to=source.event)
        return True
    return False


def go_on(d: Draft, rest: str, source: Source, *, known: bool = True) -> None:
    """Leave the question, or pass the prompt (without `known`: it was skipped), and go on; after a pause repeat the
    question.
    """
    if _not_begun(d, source):
        return
    if _welcome_back(d):
        walk.repeat(d)
        return
    prompt, offer = prompts.latest(d), session.offered(d)
    focus = d.view.focus()
    if offer is not None:
        session.take_up(d, offer)
    elif prompt is None and d.view.detour() is None and spaced.is_idle(d):
        spaced.ask_more(d)
    elif prompt is not None:
        prompts.pass_on(d, prompt, known=known)
    elif focus is None:
        d.say("help", d.texts("end.line"), reply_to=source.event)
    else:
        kinds.of(focus).pass_on(d, focus)


def back(d: Draft, rest: str, source: Source) -> None:
    """To the question before this one."""
    if _not_begun(d, source):
        return
    before = d.view.previous(d.room.position)
    if before is None:
        d.say("help", d.texts("back.none"), reply_to=source.event)
    else:
        walk.jump(d, before)


def skip(d: Draft, rest: str, source: Source) -> None:
    """Leave the question for later."""
    if _not_begun(d, source):
        return
    prompt = prompts.latest(d)
    focus = _asked_by(d, prompt)
    if prompt is not None and prompt.kind == "recheck":
        recheck.put_off(d, prompt)
    elif focus is None or (prompt is not None and prompt.kind not in VOTING):
        go_on(d, rest, source, known=False)
    elif d.view.detour() is None and spaced.is_idle(d):
        walk.repeat(d)
    else:
        walk.drop_prompts(d, focus.id, *VOTING)
        kinds.of(focus).skip(d, focus)


def _asked_by(d: Draft, prompt: Prompt | None) -> Step | None:
    """The step that is asked now: that of an open vote, else the one whose question stands open."""
    return d.book.steps[str(prompt.step)] if prompt is not None and prompt.kind in VOTING else d.view.focus()


def unknown(d: Draft, rest: str, source: Source, step: str | None = None) -> None:
    """A real answer: the team does not know yet."""
    if _not_begun(d, source):
        return
    prompt = prompts.latest(d)
    if step is not None and prompt is not None and prompt.step != step:
        prompt = None  # it was said to another question
    focus = d.book.steps[step] if step is not None else _asked_by(d, prompt)
    if prompt is not None and prompt.kind == "recheck":
        recheck.help_on(d, source)
    elif prompt is not None and prompt.kind == "settle" and focus is not None and focus.kind != "grid":
        prompts.reply(d, prompt, "onbekend", source)
    elif focus is None or (prompt is not None and prompt.kind not in VOTING and step is None):
        go_on(d, rest, source, known=False)
    elif step is None and d.view.detour() is None and spaced.is_idle(d):
        walk.repeat(d)
    elif not closed.refuses(d, focus.id, source):
        kinds.of(focus).unknown(d, focus, source)


def place(d: Draft, rest: str, source: Source, command: str, *, parts: bool) -> Named | None:
    """What somebody named behind a command, or None after saying what to do instead."""
    if not rest:
        names = _part_names(d)
        d.say("help", d.texts("goto.what" if parts else "change.what", parts=names), reply_to=source.event)
        return None
    named = find_place(rest, d.book, parts=parts)
    if named is None:
        d.say(
            "help",
            d.texts("goto.none" if parts else "change.none", said=quote(cut(rest, 40)), parts=_part_names(d)),
            reply_to=source.event,
        )
        return None
    if named.several:
        steps = [step for step in named.several if d.view.applicable(step)] or list(named.several)
        d.open_prompt("which", None, d.next_number(), steps=steps, command=command)
        d.say("help", prompts.which_text(d, steps), reply_to=source.event, asks=True)
        return None
    return named


def _part_names(d: Draft) -> str:
    return ", ".join(f"`{name_of_part(part)}`" for part in d.book.parts.values())


def goto(d: Draft, rest: str, source: Source) -> None:
    """To a part (its first open question, else its first) or a step."""
    if _not_begun(d, source):
        return
    named = place(d, rest, source, "ga", parts=True)
    if named is None:
        return
    if named.part is not None:
        steps = [step for step in d.book.parts[named.part].steps if d.view.wanted(step)]
        open_steps = d.view.open_steps(steps)
        target = next(iter(open_steps or steps), None)
    else:
        target = named.step if d.view.applicable(str(named.step)) else None
    if target is None:
        d.say("help", d.texts("goto.not_now"), reply_to=source.event)
        return
    d.set(paused_at=None)
    walk.jump(d, target)


def change(d: Draft, rest: str, source: Source) -> None:
    """Change what stands at a step, and come back."""
    if _not_begun(d, source):
        return
    named = place(d, rest, source, "wijzig", parts=False)
    if named is None:
        return
    if not d.view.applicable(str(named.step)):
        d.say("help", d.texts("goto.not_now"), reply_to=source.event)
        return
    d.set(paused_at=None)
    detours.start(d, str(named.step))


def pause(d: Draft, rest: str, source: Source) -> None:
    """No reminder goes out until somebody goes on."""
    if d.room.paused_at is None or recheck.slept(d):
        d.set(paused_at=d.at)
    text, meeting = d.texts("pause.done" if d.room.position != BEGIN else "pause.begin"), session.running(d.snapshot)
    if meeting is not None:
        text += f" {d.texts('session.paused', time=session.clock_text(d, session.until(meeting)))}"
    d.say("info", text)


def question(d: Draft, rest: str, source: Source) -> None:
    """The open question once more."""
    if not _not_begun(d, source):
        walk.repeat(d)


def pace(d: Draft, rest: str, source: Source) -> None:
    """Ask everything, or only what matters most; before the start it also starts."""
    found = read_value(d, rest, (SHORT, FULL))
    if found is None:
        d.say("help", d.texts("pace.what", pace=said_value(d, d.room.pace)), reply_to=source.event)
        return
    d.set(pace=found)
    if d.room.position == BEGIN:
        start(d, "", source)
        return
    left = len(d.view.open_steps())
    d.say("noted", d.texts(f"pace.{found}", left=d.texts.count("pace.left", left)), reply_to=source.event)


def rhythm(d: Draft, rest: str, source: Source) -> None:
    """How often to look again: say it, or change it."""
    step = next((one for one in d.book.steps.values() if one.kind == "rhythm"), None)
    if step is None or _not_begun(d, source):
        return
    kind = kinds.of(step)
    if not rest:
        value = d.view.value(step.id)
        now = d.texts("looking.none")
        if value is not None:
            now = say_rhythm(Rhythm.from_value(value), d.texts.rhythm)
        d.say("info", d.texts("looking.what", rhythm=now), reply_to=source.event)
        return
    trouble = kind.trouble(d, step, rest)
    if trouble is not None:
        d.say("help", trouble, reply_to=source.event)
        return
    kind.take(d, step, rest, Source(source.who, None))
    said = say_rhythm(Rhythm.from_value(d.view.value(step.id) or {}), d.texts.rhythm)
    day = recheck.next_look(d)
    next_look = "" if day is None else " " + d.texts("recheck.next", day=say_date(day, d.texts.calendar))
    text = d.texts("looking.done", rhythm=said) + next_look
    if any(isinstance(effect, Say) for effect in d.effects):  # it was the question that stood open: it went on
        return
    d.say("noted", text, reply_to=source.event)
