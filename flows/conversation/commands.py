"""The commands of the chat: one table with name, alias and what each does. Rule: case and accents don't matter; a
near miss is answered with the command that was meant.

What is not in the table does not exist for the people in the room: no text names it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from flows.book.model import BEGIN
from flows.conversation import asking, detours, kinds, overview, prompts, settings, taking, walk
from flows.conversation.actions import add_action, read_action, show_action
from flows.conversation.answers import Named, find_place
from flows.conversation.draft import Draft
from flows.conversation.events import Own
from flows.conversation.marks import AGREE
from flows.conversation.snapshot import Action
from flows.conversation.source import Source
from flows.conversation.text import clean, cut, fold, quote
from flows.conversation.view import SHORT

Handler = Callable[[Draft, str, Source], None]
FULL = "volledig"


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name, its English alias, what it does, and whether `!hulp` lists it among the first."""

    name: str
    alias: str
    handler: Handler
    first: bool = False


def read(text: str) -> tuple[str, str] | None:
    """A text as a command: its name in the table and what stands behind it; None where it is no known command."""
    said = _said(text)
    if said is None:
        return None
    name, rest = said
    command = _BY_NAME.get(fold(name))
    return None if command is None else (command.name, rest)


def has_form(text: str) -> bool:
    """Whether a text has the form of a command, known or not."""
    return _said(text) is not None


def _said(text: str) -> tuple[str, str] | None:
    match = re.match(r"^!\s?([^\W\d_][\w-]*)[ \t]*\n?(.*)$", clean(text), re.DOTALL)
    return None if match is None else (match[1], match[2].strip())


def run(d: Draft, text: str, source: Source, own: Own | None) -> None:
    """Do a command."""
    said = _said(text)
    found = read(text)
    if found is None:
        _unknown_command(d, said[0] if said else text, said[1] if said else "", source)
        return
    # A reply to a question that was left is about that question.
    if found[0] in ("uitleg", "voorbeeld") and not found[1] and own is not None and own.step in d.book.steps:
        found = (found[0], str(own.step))
    _BY_NAME[found[0]].handler(d, found[1], source)


def _unknown_command(d: Draft, name: str, rest: str, source: Source) -> None:
    near = difflib.get_close_matches(fold(name), list(_BY_NAME), n=1, cutoff=0.7)
    if not near:
        d.say("help", d.texts("near.none", said=quote(cut(name, 30))), reply_to=source.event)
        return
    meant = f"!{near[0]} {rest}".strip()
    for old in [one for one in d.snapshot.prompts() if one.kind == "command"]:
        d.drop(old)
    number = d.next_number()
    d.open_prompt("command", None, number, text=meant, said=quote(cut(name, 30)))
    agree = asking.ways(d, "yes", n=number)
    text = d.texts("near.text", said=quote(cut(name, 30)), meant=quote(cut(meant, 60)), agree=agree)
    d.say("help", text, signs=(AGREE,), reply_to=source.event)


# Going through the guide -----------------------------------------------------------------------------------------


def start(d: Draft, rest: str, source: Source) -> None:
    """Begin; later repeat the open question, never reset."""
    if d.room.position == BEGIN:
        d.set(facilitator=d.room.facilitator or source.who, paused_at=None)
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
    place = d.book.parts[focus.part].head.title if focus is not None else d.texts("end.name")
    d.prefix = d.texts("pause.back", part=place, day=asking.day_text(d, stopped))
    return True


def _not_begun(d: Draft, source: Source) -> bool:
    if d.room.position == BEGIN:
        d.say("help", d.texts("begin.line"), reply_to=source.event)
        return True
    return False


def go_on(d: Draft, rest: str, source: Source) -> None:
    """Leave the question, or pass the prompt, and go on; after a pause repeat the question."""
    if _not_begun(d, source):
        return
    if _welcome_back(d):
        walk.repeat(d)
        return
    prompt = prompts.latest(d)
    focus = d.view.focus()
    if prompt is not None:
        prompts.pass_on(d, prompt)
    elif focus is None:
        d.say("help", d.texts("end.line"), reply_to=source.event)
    else:
        kinds.of(focus).pass_on(d, focus)


def back(d: Draft, rest: str, source: Source) -> None:
    """To the question before this one."""
    if _not_begun(d, source):
        return
    taking.resume(d)
    before = d.view.previous(d.room.position)
    if before is None:
        d.say("help", d.texts("back.none"), reply_to=source.event)
    else:
        walk.jump(d, before)


def skip(d: Draft, rest: str, source: Source) -> None:
    """Leave the question for later."""
    if _not_begun(d, source):
        return
    taking.resume(d)
    focus = d.view.focus()
    prompt = prompts.latest(d)
    if focus is None or (prompt is not None and prompt.kind not in ("spread", "settle")):
        go_on(d, rest, source)
    else:
        walk.drop_prompts(d, focus.id, "spread", "settle")
        kinds.of(focus).skip(d, focus)


def unknown(d: Draft, rest: str, source: Source, step: str | None = None) -> None:
    """A real answer: the team does not know yet."""
    if _not_begun(d, source):
        return
    taking.resume(d)
    focus = d.view.focus()
    prompt = prompts.latest(d)
    if prompt is not None and prompt.kind == "settle" and focus is not None and focus.kind != "grid":
        prompts.reply(d, prompt, "onbekend", source)
    elif focus is None or (prompt is not None and prompt.kind not in ("spread", "settle") and step is None):
        go_on(d, rest, source)
    else:
        kinds.of(focus).unknown(d, focus, source)


def _place(d: Draft, rest: str, source: Source, *, parts: bool) -> Named | None:
    """What somebody named, or None after saying what to do instead."""
    if not rest:
        names = ", ".join(f"`{part.id}`" for part in d.book.parts.values())
        d.say("help", d.texts("goto.what" if parts else "change.what", parts=names), reply_to=source.event)
        return None
    named = find_place(rest, d.book, parts=parts)
    if named is None:
        names = ", ".join(f"`{part.id}`" for part in d.book.parts.values())
        d.say("help", d.texts("goto.none", said=quote(cut(rest, 40)), parts=names), reply_to=source.event)
        return None
    if named.several:
        rows = [f"{place}. `{step}`" for place, step in enumerate(named.several[:12], 1)]
        d.say("help", "\n".join([d.texts("goto.several"), *rows]), reply_to=source.event)
        return None
    return named


def goto(d: Draft, rest: str, source: Source) -> None:
    """To a part (its first open question, else its first) or a step."""
    if _not_begun(d, source):
        return
    named = _place(d, rest, source, parts=True)
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
    named = _place(d, rest, source, parts=False)
    if named is None:
        return
    if not d.view.applicable(str(named.step)):
        d.say("help", d.texts("goto.not_now"), reply_to=source.event)
        return
    d.set(paused_at=None)
    detours.start(d, str(named.step))


def pause(d: Draft, rest: str, source: Source) -> None:
    """No reminder goes out until somebody goes on."""
    if d.room.paused_at is None:
        d.set(paused_at=d.at)
    d.say("info", d.texts("pause.done" if d.room.position != BEGIN else "pause.begin"))


def question(d: Draft, rest: str, source: Source) -> None:
    """The open question once more."""
    if not _not_begun(d, source):
        walk.repeat(d)


def pace(d: Draft, rest: str, source: Source) -> None:
    """Ask everything, or only what matters most; before the start it also starts."""
    wanted = fold(rest)
    found = [one for one in (SHORT, FULL) if wanted and one.startswith(wanted)]
    if len(found) != 1:
        d.say("help", d.texts("pace.what", pace=d.room.pace), reply_to=source.event)
        return
    d.set(pace=found[0])
    if d.room.position == BEGIN:
        start(d, "", source)
        return
    left = len(d.view.open_steps())
    d.say("noted", d.texts(f"pace.{found[0]}", left=d.texts.count("pace.left", left)), reply_to=source.event)


# Help ------------------------------------------------------------------------------------------------------------


def _step_for(d: Draft, rest: str, source: Source) -> str | None:
    if rest:
        named = _place(d, rest, source, parts=False)
        return None if named is None else named.step
    focus = d.view.focus()
    if focus is None:
        d.say("help", d.texts("begin.line" if d.room.position == BEGIN else "end.line"), reply_to=source.event)
        return None
    return focus.id


def explain(d: Draft, rest: str, source: Source) -> None:
    """Why a question is asked, and what an answer may look like."""
    step = _step_for(d, rest, source)
    if step is not None:
        d.say("help", asking.explain_text(d, d.book.steps[step]), step=step, reply_to=source.event)


def example(d: Draft, rest: str, source: Source) -> None:
    """How somebody else answered."""
    step = _step_for(d, rest, source)
    if step is not None:
        d.say("help", asking.example_text(d, d.book.steps[step]), step=step, reply_to=source.event)


def help_(d: Draft, rest: str, source: Source) -> None:
    """The commands, or one of them."""
    if rest:
        name = rest.strip().lstrip("!").split(" ")[0]
        command = _BY_NAME.get(fold(name))
        if command is None:
            _unknown_command(d, name, "", source)
            return
        d.say("help", d.texts(f"help.{command.name}"), reply_to=source.event)
        return
    lines = [d.texts("help.head")]
    lines += [d.texts(f"help.{command.name}") for command in _TABLE if command.first]
    rest_names = " ".join(f"`!{command.name}`" for command in _TABLE if not command.first)
    lines.append(d.texts("help.more", names=rest_names))
    ways = d.setting.capabilities.ways
    lines.append(d.texts("help.listens", listens=d.texts(f"ways.{ways}.{d.who}.listens")))
    lines.append(d.texts("help.source", source=d.book.head.source))
    d.say("help", "\n".join(lines), reply_to=source.event)


def privacy(d: Draft, rest: str, source: Source) -> None:
    """What is kept, how long, and how to erase it."""
    ways = d.setting.capabilities.ways
    text = d.texts(f"privacy.{ways}", operator=d.setting.operator, place=d.setting.place)
    d.say("info", text, reply_to=source.event)


def show_settings(d: Draft, rest: str, source: Source) -> None:
    """The room's settings, or change one."""
    d.say("noted" if rest else "info", settings.settings(d, rest), reply_to=source.event)


# Overview and actions --------------------------------------------------------------------------------------------


def show_overview(d: Draft, rest: str, source: Source) -> None:
    """How everything stands, or one part in full."""
    if not rest:
        d.say("overview", overview.short(d), reply_to=source.event)
        return
    named = _place(d, rest, source, parts=True)
    if named is None:
        return
    part = named.part or d.book.steps[str(named.step)].part
    only = None if named.part else named.step
    d.say("overview", overview.full(d, part, only), reply_to=source.event)


def actions(d: Draft, rest: str, source: Source) -> None:
    """All actions."""
    d.say("overview", overview.actions(d), reply_to=source.event)


def action(d: Draft, rest: str, source: Source) -> None:
    """Keep an action."""
    focus = d.view.focus()
    read_one = read_action(rest, d.snapshot.people(), d.texts.calendar)
    if read_one.no_such_date or not read_one.text:
        key = "trouble.date" if read_one.no_such_date else "actions.what"
        d.say("help", d.texts(key), reply_to=source.event)
        return
    step = d.book.actions_for(focus.id if focus is not None else None)
    taking.note_taken(d, source.event, step, source.who)
    kept = add_action(d, read_one, step, source.who, source.event)
    d.say("noted", f"{_said_back(d, kept)}\n_{d.texts('actions.change')}_", reply_to=source.event)
    if step is not None:
        walk.show_left(d, step)


def _said_back(d: Draft, kept: Action) -> str:
    text = d.texts("actions.noted", line=show_action(d, kept))
    if kept.step is not None:
        text += d.texts("actions.belongs", part=asking.place_text(d, kept.step))
    return text


def change_action(d: Draft, rest: str, source: Source) -> bool:
    """An edited `!actie` is done anew; False where it can't be read."""
    found = next((one for one in d.snapshot.action.values() if one.event == source.event), None)
    read_one = read_action(rest, d.snapshot.people(), d.texts.calendar)
    if read_one.no_such_date or not read_one.text:
        return False
    if found is None:
        action(d, rest, source)
        return True
    changed = replace(
        found,
        text=read_one.text,
        owner=read_one.owner,
        owner_name=read_one.owner_name,
        due=read_one.due,
        edited_at=d.at,
        edited_by=source.who,
    )
    d.put(changed)
    d.say("noted", _said_back(d, changed), reply_to=source.event)
    if changed.step is not None:
        walk.show_left(d, changed.step)
    return True


def _numbered(d: Draft, rest: str, source: Source) -> tuple[Action, str] | None:
    """The action whose number stands first, and what comes after it; None after saying what is wrong."""
    match = re.match(r"^#?(\d{1,6})\.?(?:\s+(.*))?$", rest, re.DOTALL)
    if match is None:
        d.say("help", d.texts("actions.number"), reply_to=source.event)
        return None
    found = next((one for one in d.view.actions() if one.number == int(match[1])), None)
    if found is None:
        d.say("help", d.texts("actions.none", n=int(match[1])), reply_to=source.event)
        return None
    return found, (match[2] or "").strip()


def _close_action(d: Draft, rest: str, source: Source, state: str) -> None:
    found = _numbered(d, rest, source)
    if found is None:
        return
    one = found[0]
    if one.state != "open":
        d.say("help", d.texts("actions.closed", line=show_action(d, one)), reply_to=source.event)
        return
    d.put(replace(one, state=state, closed_at=d.at))
    d.say("noted", d.texts(f"actions.{state}", line=show_action(d, one)), reply_to=source.event)


def done(d: Draft, rest: str, source: Source) -> None:
    """An action is done."""
    _close_action(d, rest, source, "done")


def drop(d: Draft, rest: str, source: Source) -> None:
    """An action is no longer needed."""
    _close_action(d, rest, source, "dropped")


def hand_over(d: Draft, rest: str, source: Source) -> None:
    """Somebody else does an action."""
    found = _numbered(d, rest, source)
    if found is None:
        return
    one, name = found
    read_one = read_action(name if name.startswith("@") else f"@{name}", d.snapshot.people(), d.texts.calendar)
    if not name or read_one.owner_name is None:
        d.say("help", d.texts("actions.who"), reply_to=source.event)
        return
    full = read_one.owner_name if not read_one.text else f"{read_one.owner_name} {read_one.text}"
    changed = replace(one, owner=read_one.owner, owner_name=full, edited_at=d.at, edited_by=source.who)
    d.put(changed)
    d.say("noted", d.texts("actions.handed", line=show_action(d, changed)), reply_to=source.event)


def _answer(d: Draft, rest: str, source: Source) -> None:
    """`!antwoord` is read with the message it belongs to, in `speaking`."""
    raise AssertionError("an answer is taken where the message is read")


_TABLE = (
    Command("start", "start", start, first=True),
    Command("antwoord", "answer", _answer, first=True),
    Command("verder", "next", go_on, first=True),
    Command("vorige", "back", back),
    Command("overslaan", "skip", skip, first=True),
    Command("weetniet", "unknown", unknown, first=True),
    Command("ga", "goto", goto),
    Command("wijzig", "change", change, first=True),
    Command("pauze", "pause", pause),
    Command("vraag", "question", question),
    Command("uitleg", "explain", explain, first=True),
    Command("voorbeeld", "example", example, first=True),
    Command("tempo", "pace", pace),
    Command("overzicht", "overview", show_overview, first=True),
    Command("acties", "actions", actions, first=True),
    Command("actie", "action", action),
    Command("gedaan", "done", done),
    Command("vervalt", "drop", drop),
    Command("overdragen", "handover", hand_over),
    Command("instellingen", "settings", show_settings),
    Command("privacy", "privacy", privacy, first=True),
    Command("hulp", "help", help_, first=True),
)
_BY_NAME = {name: command for command in _TABLE for name in (command.alias, command.name)}
NAMES = tuple(command.name for command in _TABLE)
