"""Questions of the coach's own, in place of the next question. Rule: each once, at most one a question; in the short
pace at the end of the part, two at most.

They are kept as `Once` records: `nudge:<id>`, `recognise:<part>`, `unknown:<step>` (who finds it out), `new:<step>`
(newly applies), `alarm:<id>` (from `coherence.toml`), `complete:<number>` (who does an action, and when),
`unknowns:<part>` (what of all that is unknown the team wants to know). That is also the order in which they are asked,
but for what newly applies; what was just said not to be known is asked about before the alarms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flows.book.model import END
from flows.book.schema import NudgeForm
from flows.conversation import alarms, asides, asking, coherence, fitting, held, readback, walk
from flows.conversation.actions import ask_name, read_action, trouble_of
from flows.conversation.draft import Draft
from flows.conversation.marks import AGREE
from flows.conversation.roomtime import day_of
from flows.conversation.snapshot import Item, Once, Prompt
from flows.conversation.source import Source
from flows.conversation.text import lines_as_items, quote, says_something
from flows.conversation.view import ANSWERED, OPEN, SHORT, UNKNOWN, RoomView

WAITING, DONE = "waiting", "done"
MOST_SHORT = 2


def wait(d: Draft, name: str) -> None:
    """Have something asked when its time comes, unless it was asked before."""
    if name not in d.snapshot.once:
        d.put(Once(name, WAITING))


def _done(d: Draft, name: str) -> None:
    d.put(Once(name, DONE))


def _waits(d: Draft, name: str) -> bool:
    once = d.snapshot.once.get(name)
    return once is not None and once.state == WAITING


def name_of(prompt: Prompt) -> str:
    """The name under which an open nudge or offer is asked once."""
    return f"unknown:{prompt.step}" if prompt.kind == "offer" else str(prompt.data.get("name", ""))


def end(d: Draft, prompt: Prompt, *, known: bool = False) -> None:
    """A nudge or offer was answered or passed. Its messages stay known: a late reply still belongs to it. `known` where
    a tap said so.
    """
    d.drop(prompt)
    name = name_of(prompt)
    if name:
        once = d.snapshot.once.get(name)
        is_known = known or (once is not None and once.state == alarms.KNOWN)
        d.put(Once(name, alarms.KNOWN if is_known and name.startswith("alarm:") else DONE, prompt.messages))


def by_message(d: Draft, number: int) -> str | None:
    """The name of the nudge or offer that this message asked, also after it was passed."""
    found = (one.name for one in d.snapshot.once.values() if number in one.messages)
    return next((name for name in found if not name.startswith((readback.TOLD, f"{held.KIND}:"))), None)


def trouble(d: Draft, name: str, step: str | None, text: str) -> str | None:
    """The line of help for a reply to a nudge or offer at a step that can't be read, or None."""
    if not says_something(text):
        return d.texts("trouble.empty")
    kind, _, what = name.partition(":")
    if kind == "complete":
        return asides.trouble(d, int(what), text)
    if kind in ("alarm", "unknowns") and step is not None:
        return coherence.trouble(d, name, step, text)
    if kind != "unknown":
        return None
    read = [read_action(d, line) for line in lines_as_items(text)]
    if any(not says_something(one.text) for one in read if not one.unsure):
        return d.texts("trouble.no_action")
    return next((wrong for one in read if (wrong := trouble_of(d, one)) is not None), None)


def keep_reply(d: Draft, name: str, step: str, text: str, source: Source) -> None:
    """Keep a reply that has no `trouble`: an action to find out, who does an action and when, or a remark at the step
    that the nudge names.
    """
    if name.startswith("complete:"):
        number = int(name.partition(":")[2])
        said = asides.complete(d, number, text, source)
        if any(prompt.data.get("name") == name for prompt in d.snapshot.prompts()):
            readback.say(d, d.snapshot.action[number], said)  # the next question follows
        else:
            d.say("noted", said, reply_to=source.event)
        return
    if name.startswith(("alarm:", "unknowns:")):
        coherence.keep_reply(d, name, step, text, source)
        return
    for line in lines_as_items(text):
        if name.startswith("unknown:"):
            coherence.keep_action(d, line, d.book.actions_for(step), source)
        else:
            d.put(Item(d.new_id(), step, line, source.who, d.at, source.event))
    walk.show_left(d, (d.book.actions_for(step) or step) if name.startswith("unknown:") else step)


def next_nudge(d: Draft, destination: str, nudged: int) -> bool:
    """Post the nudge or offer that is due now that the position is left for `destination`, if any. `nudged` were
    posted since it was left.
    """
    position = d.room.position
    part = d.book.steps[position].part
    ends = destination == END or d.book.steps[destination].part != part
    short = d.room.pace == SHORT
    _gather(d, position, ends)
    _tell_ready(d, position, ends)
    if not nudged:
        _gather_incomplete(d, position)
    if nudged >= (MOST_SHORT if short else 1) or (short and not ends):
        return False
    # What was just said not to be known is asked about at once; what is unknown from before waits for new questions.
    due = next(_due(d, part, destination, (position,)), None)
    if due is None:
        if offer_new(d, nudged):
            return True
        due = _unknown(d, d.book.order)
    if due is not None:
        _post(d, due, nudged)
    return due is not None


def after_together(d: Draft, steps: list[str], destination: str) -> bool:
    """Post the nudge or offer that is due after questions that were asked together, at most one; whether there was."""
    for step in steps:
        ends = destination == END or d.book.steps[destination].part != d.book.steps[step].part
        _gather(d, step, ends)
        _tell_ready(d, step, ends)
    part = d.book.steps[steps[-1]].part
    if d.room.pace == SHORT and destination != END and d.book.steps[destination].part == part:
        return False
    due = next(_due(d, part, destination, steps), None) or _unknown(d, d.book.order)
    if due is not None:
        _post(d, due, 0)
    return due is not None


def after_change(d: Draft, step: str | None) -> bool:
    """Post the alarm that is due after a step (None: several) was changed beside the walk; whether there was one."""
    due = coherence.due_beside(d, step) if d.room.nudges and d.room.paused_at is None else None
    if due is not None:
        _post(d, due, 0)
    return due is not None


def post_beside(d: Draft, name: str) -> None:
    """Post an alarm beside the walk: what stands open stays open."""
    prompt = coherence.open_prompt(d, name, 1, aside=True)
    _say(d, prompt, name)


def _gather(d: Draft, position: str, ends: bool) -> None:
    """Note what becomes due by leaving this step."""
    if not d.room.nudges:
        return
    for nudge in d.book.nudges.get(position, ()):
        if any(d.view.items(step) for step in nudge.chain):
            wait(d, f"nudge:{nudge.id}")
    part = d.book.parts[d.book.steps[position].part]
    recognise = d.book.head.recognise
    if ends and recognise and part.id in recognise.parts and any(d.view.state(step) != OPEN for step in part.steps):
        wait(d, f"recognise:{part.id}")
    if ends and d.book.asked_on("part") is not None:
        own = () if _together(d) else (position,)  # about what was just said it is asked at once
        if any(step not in own for step in coherence.unknowns(d, part.id)):
            wait(d, f"unknowns:{part.id}")


def _tell_ready(d: Draft, position: str, ends: bool) -> None:
    """Where the part ends of which it is told what is enough: tell it once, with the message that comes now."""
    form = d.book.coherence.readiness
    if not ends or form is None or form.part != d.book.steps[position].part or f"ready:{form.part}" in d.snapshot.once:
        return
    lines = fitting.readiness(d)
    if lines:
        _done(d, f"ready:{form.part}")
        d.prefix = "\n\n".join(filter(None, [d.prefix, "\n".join(lines)]))


def _together(d: Draft) -> bool:
    """Whether what is unknown waits for the end of the part, where it is asked about together."""
    return d.room.pace == SHORT and d.book.asked_on("part") is not None


def _gather_incomplete(d: Draft, position: str) -> None:
    """Note the first action of this step of which it is not known who does it and when."""
    incomplete = asides.first_incomplete(d, position) if d.book.steps[position].kind == "actions" else None
    if incomplete is not None and d.room.nudges and d.book.asked_on("action") is not None:
        wait(d, ask_name(incomplete.number))


def _due(d: Draft, part: str, destination: str, left: Iterable[str]) -> Iterator[str]:
    """The names of what is to be asked now that the steps `left` were left, in the order in which it is asked."""
    if not d.room.nudges:
        return
    for name in (f"recognise:{part}", *(f"nudge:{nudge.id}" for nudge in d.book.head.nudge)):
        if _waits(d, name):
            yield name
    unknown = None if _together(d) else _unknown(d, left)
    if unknown is not None:
        yield unknown
    alarm = coherence.due(d, destination)
    if alarm is not None:
        yield alarm
    for action in d.view.actions():
        if _waits(d, ask_name(action.number)) and asides.is_wanted(d, action.number):
            yield ask_name(action.number)
    for one in d.book.parts:
        if _waits(d, f"unknowns:{one}") and coherence.unknowns(d, one):
            yield f"unknowns:{one}"


def _unknown(d: Draft, steps: Iterable[str]) -> str | None:
    """The offer for the first of these steps that is still unknown and for which it was not asked yet who finds out."""
    if not d.room.nudges:
        return None
    found = (step for step in steps if _waits(d, f"unknown:{step}") and d.view.state(step) == UNKNOWN)
    return next((f"unknown:{step}" for step in found), None)


def _post(d: Draft, name: str, nudged: int) -> None:
    kind, _, what = name.partition(":")
    if kind == "unknown":
        prompt = d.open_prompt("offer", what, d.next_number(), nudged=nudged + 1)
    elif kind == "complete":
        step = d.snapshot.action[int(what)].step or d.room.position
        prompt = d.open_prompt("complete", step, d.next_number(), name=name, action=int(what), nudged=nudged + 1)
    elif kind in ("alarm", "unknowns"):
        prompt = coherence.open_prompt(d, name, nudged + 1)
    else:
        step = str(d.book.parts[what].status) if kind == "recognise" else _nudge(d, what).keeps
        prompt = d.open_prompt("nudge", step, d.next_number(), name=name, nudged=nudged + 1)
    _say(d, prompt, name)


def _say(d: Draft, prompt: Prompt, name: str) -> None:
    d.put(Once(name, DONE, prompt.messages))
    d.say("nudge", text_of(d, prompt, d.next_number()), step=prompt.step, signs=(AGREE,))


def _nudge(d: Draft, name: str) -> NudgeForm:
    return next(nudge for nudge in d.book.head.nudge if nudge.id == name)


def text_of(d: Draft, prompt: Prompt, number: int) -> str:
    """The text of a nudge or an offer, as its message `number` shows it."""
    step, name = str(prompt.step), name_of(prompt)
    answer, agree = asking.ways(d, "answer", n=number), asking.ways(d, "agree", n=number)
    head = asking.head(d, d.book.steps[step])
    if prompt.kind == "offer":
        key = "offer.text" if step == d.room.position else "offer.later"
        return d.texts(key, head=head, answer=answer, agree=agree)
    kind, _, what = name.partition(":")
    if kind == "complete":
        return asides.nudge_text(d, int(what), number)
    if kind in ("alarm", "unknowns"):
        return coherence.text_of(d, prompt, number)
    if kind == "recognise":
        part = d.book.parts[what]
        recognise = d.book.head.recognise
        text = "" if recognise is None else recognise.text_one if d.alone else recognise.text
        rows = [_row(d, shown) for shown in _picture(d, what)]
        return d.texts(
            "nudge.recognise", part=part.head.title, rows="\n".join(rows), text=text, answer=answer, agree=agree
        )
    nudge = _nudge(d, what)
    rows = [_row(d, shown) for shown in nudge.chain]
    part = d.book.part_of(nudge.after)
    return d.texts(
        "nudge.chain", part=part.head.title, rows="\n".join(rows), text=nudge.text, answer=answer, agree=agree
    )


MOST_ROWS = 6


def _picture(d: Draft, part: str) -> list[str]:
    """The steps that together show a part at a glance: what matters most of it and is filled in."""
    elsewhere = {step for nudge in d.book.head.nudge for step in nudge.chain}  # those stand in a row of their own
    steps = [step for step in d.book.parts[part].steps if d.book.steps[step].depth == "kern" and step not in elsewhere]
    return [step for step in steps if d.view.state(step) == ANSWERED and step not in d.book.row_of][:MOST_ROWS]


def _row(d: Draft, step: str) -> str:
    shown = quote(asking.at_a_glance(d, d.book.steps[step]))
    return d.texts(
        "nudge.row", title=d.book.steps[step].form.title, text=shown or d.texts(f"state.{d.view.state(step)}")
    )


def note_new(d: Draft) -> None:
    """Note the open steps before the position that apply now and did not before this event: they are offered once.

    Looks only where something changed that a condition looks at.
    """
    if d.room.welcomed_at is None or d.before.room.welcomed_at is None or d.view.is_recheck():
        return
    before = RoomView(d.book, d.before, d.before.room.last_at)
    steps = {getattr(change.record, "step", None) for change in d.changes}
    touched = not steps.isdisjoint(d.book.watched) or d.before.room.pace != d.room.pace
    if not touched and (not _may_be_later(d, before, steps) or before.is_late() == d.view.is_late()):
        return
    place = max(d.book.index(d.room.position), 0)
    for step in d.view.open_steps(d.book.order[:place]):
        if not before.wanted(step):
            wait(d, f"new:{step}")


def _may_be_later(d: Draft, before: RoomView, steps: set[str | None]) -> bool:
    """Whether the pilot can have come to its second half by this event, or by the time that went by before it."""
    if before.now is None or before.is_recheck() or not steps.isdisjoint(d.book.periods):
        return True
    return day_of(d.room, before.now) != day_of(d.room, d.at)


def waiting_new(d: Draft) -> list[str]:
    """The steps that newly apply, are still open, and were not offered yet."""
    waiting = [name.removeprefix("new:") for name in d.snapshot.once if name.startswith("new:") and _waits(d, name)]
    if not waiting:
        return []
    found = d.view.open_steps(sorted((step for step in waiting if step in d.book.steps), key=d.book.index))
    return [step for step in found if step != d.room.position]


def offer_new(d: Draft, nudged: int = 0) -> bool:
    """Offer the questions that came up before the position, once; whether there were any."""
    fresh = waiting_new(d)
    if not fresh:
        return False
    for step in fresh:
        _done(d, f"new:{step}")
    number = d.next_number()
    d.open_prompt("new", fresh[0], number, steps=fresh, nudged=nudged + 1)
    d.say("nudge", new_text(d, fresh, number), step=fresh[0], signs=(AGREE,))
    return True


def new_text(d: Draft, fresh: list[str], number: int) -> str:
    """The text of the offer of new questions."""
    agree = asking.ways(d, "yes", n=number)
    return d.texts.count("new", len(fresh)) + " " + d.texts("new.how", agree=agree, later=asking.ways(d, "later"))
