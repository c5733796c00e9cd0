"""Questions for a team that is not there at the same time: a few together, twice a week.

Rule: what stands open is closed with what has come in, and two or three questions that belong together are asked, each
a message of its own. The room's position is the latest of them that is still open.

The prompt `window` holds the steps that were asked together; it asks nothing itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from flows.book.model import BEGIN, END
from flows.calendar.dates import say_date
from flows.calendar.workdays import FreeDays
from flows.conversation import kinds, nudges, walk
from flows.conversation.draft import Draft
from flows.conversation.kinds import VoteKind
from flows.conversation.proposals import most
from flows.conversation.roomtime import day_of, free_of
from flows.conversation.snapshot import Prompt
from flows.conversation.source import Source
from flows.conversation.text import fold

TOGETHER, SPACED = "samen", "gespreid"
MOST = 3
DAYS = (1, 3)  # Tuesday and Thursday, Monday is 0
_DAY = timedelta(days=1)


def window(d: Draft) -> Prompt | None:
    """The questions that were asked together, or None."""
    return next((prompt for prompt in d.snapshot.prompts() if prompt.kind == "window"), None)


def next_day(d: Draft, free: FreeDays) -> date | None:
    """The day of the next questions; None where a team is there together, or has walked the whole guide."""
    if d.room.mode != SPACED or d.room.position in (BEGIN, END):
        return None
    day = day_of(d.room, d.at)
    found = window(d)
    asked = date.fromisoformat(found.data["asked"]) if found is not None else None
    while day.weekday() not in DAYS or (asked is not None and day <= asked):
        day += _DAY
    return day


def due(d: Draft, late: bool) -> bool:
    """Close what stands open and ask the next questions; whether something was asked."""
    ask_more(d)
    return True


def ask_more(d: Draft) -> None:
    """Close the questions that stand open with what has come in, and ask the next."""
    close(d)
    d.set(trail=None)
    steps = _next(d)
    if not steps:
        walk.arrive(d, END)
        return
    d.open_prompt("window", None, None, steps=steps, asked=day_of(d.room, d.at).isoformat())
    for step in steps:
        walk.go(d, step)
        walk.ask(d, step)


def _next(d: Draft) -> list[str]:
    """The next open questions of one part."""
    steps = [step for step in d.view.open_steps() if d.book.index(step) > d.book.index(d.room.position)]
    steps = steps or d.view.open_steps()
    if not steps:
        return []
    part = d.book.steps[steps[0]].part
    return [step for step in steps if d.book.steps[step].part == part][:MOST]


def close(d: Draft) -> None:
    """Close every question that stands open, with what has come in."""
    found = window(d)
    steps = list(found.data["steps"]) if found is not None else []
    if d.room.position not in (BEGIN, END) and d.room.position not in steps:
        steps.append(d.room.position)
    if found is not None:
        d.drop(found)
    for prompt in d.snapshot.prompts():
        if prompt.step in steps and prompt.kind in ("nudge", "offer", "new"):
            nudges.end(d, prompt)
    for name in steps:
        asked = d.snapshot.asked.get(name)
        if asked is None or not asked.open:
            continue
        step = d.book.steps[name]
        kind = kinds.of(step)
        d.put(replace(asked, open=False))  # so that settling it moves nothing
        if isinstance(kind, VoteKind) and (votes := d.view.votes(name)):
            kind.settle(d, step, str(most(votes, step.kind)), None)
        else:
            kind.keep_given(d, step)
        walk.drop_prompts(d, name, "spread", "settle", "draft")
        walk.leave(d, name)


def left(d: Draft) -> bool:
    """A question was left: on to another one that still stands open. Whether the team is spread out, so that nothing
    else is asked now."""
    found = window(d)
    if d.room.mode != SPACED or found is None or d.view.detour() is not None:
        return False
    still = [step for step in found.data["steps"] if step in d.snapshot.asked and d.snapshot.asked[step].open]
    if still:
        if d.room.position not in still:
            walk.go(d, still[-1])
    else:
        day = next_day(d, free_of(d.room))
        if day is not None:
            d.say("info", d.texts("spaced.done", day=say_date(day, d.texts.calendar)))
    return True


def is_idle(d: Draft) -> bool:
    """Whether the questions that were asked together are all closed, and the next ones are not there yet."""
    found = window(d)
    if d.room.mode != SPACED or found is None:
        return False
    return not any(step in d.snapshot.asked and d.snapshot.asked[step].open for step in found.data["steps"])


def mode(d: Draft, rest: str, source: Source) -> None:
    """`!wijze`: together, or spread out over the week."""
    wanted = fold(rest)
    names = {TOGETHER: d.texts.words("words.together"), SPACED: d.texts.words("words.spaced")}
    found = [name for name, words in names.items() if wanted and (name.startswith(wanted) or wanted in words)]
    if len(found) != 1:
        d.say("help", d.texts("mode.what", mode=d.room.mode), reply_to=source.event)
        return
    d.set(mode=found[0])
    if found[0] == TOGETHER and (prompt := window(d)) is not None:
        still = [step for step in prompt.data["steps"] if step in d.snapshot.asked and d.snapshot.asked[step].open]
        d.drop(prompt)
        for step in still[:-1]:
            kinds.of(d.book.steps[step]).keep_given(d, d.book.steps[step])
            walk.leave(d, step)
        if not still and d.room.position != END:
            d.prefix = d.texts("mode.samen")
            walk.arrive(d, d.view.next_open(d.room.position))
            return
    elif found[0] == SPACED and d.room.position not in (BEGIN, END) and window(d) is None:
        d.open_prompt("window", None, None, steps=[d.room.position], asked=day_of(d.room, d.at).isoformat())
    day = next_day(d, free_of(d.room))
    when = "" if day is None else say_date(day, d.texts.calendar)
    key = f"mode.{found[0]}" if found[0] == TOGETHER or when else "mode.gespreid_later"
    d.say("noted", d.texts(key, day=when), reply_to=source.event)
