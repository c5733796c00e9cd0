"""Questions for a team that is not there at the same time: a few together, twice a week.

Rule: what stands open is closed with what has come in, and two or three questions that belong together are asked, each
a message of its own. The room's position is the latest of them that is still open.

The prompt `window` holds the steps that were asked together, the day, the step after which the next are sought
(`since`) and whether a nudge came with them; it asks nothing itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import takewhile

from flows.book.model import BEGIN, END
from flows.calendar.dates import say_date
from flows.calendar.workdays import FreeDays
from flows.conversation import asking, closed, going, kinds, nudges, prompts, readback, session, walk
from flows.conversation.draft import Draft
from flows.conversation.events import Own
from flows.conversation.proposals import most, tally
from flows.conversation.roomtime import coming_day, day_of, free_of
from flows.conversation.snapshot import Prompt
from flows.conversation.source import Source
from flows.conversation.values import read_value, said_value

TOGETHER, SPACED = "samen", "gespreid"
MOST = 3
DAYS = (1, 3)  # Tuesday and Thursday, Monday is 0
_DAY = timedelta(days=1)


def window(d: Draft) -> Prompt | None:
    """The questions that were asked together, or None."""
    return next((prompt for prompt in d.snapshot.prompts() if prompt.kind == "window"), None)


def still_open(d: Draft) -> list[str]:
    """The questions that were asked together and still stand open."""
    return [step for step in d.view.together() if step in d.snapshot.asked and d.snapshot.asked[step].open]


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


def told_day(d: Draft) -> str | None:
    """The day of the next questions as it is told: a working day that is still to come; None where none come."""
    day = next_day(d, free_of(d.room))
    return None if day is None else say_date(coming_day(d.room, day, d.at), d.texts.calendar)


# Asking ---------------------------------------------------------------------------------------------------------------


def due(d: Draft, late: bool) -> bool:
    """Close what stands open and ask the next questions; whether something was asked."""
    ask_more(d)
    return True


def ask_more(d: Draft) -> None:
    """Close the questions that stand open with what has come in, and ask the next, a nudge that is due before them."""
    found = window(d)
    since = _since(d)
    asked = d.view.together() or ([] if d.room.position in (BEGIN, END) else [d.room.position])
    close(d)
    d.set(trail=None)
    steps = _next(d, since)
    if asked and not (found is not None and found.data.get("nudged")):
        nudges.after_together(d, asked, steps[0] if steps else END)
    if not steps:
        walk.arrive(d, END)
        return
    _open(d, steps, steps[0])
    for step in steps:
        walk.go(d, step)
        walk.ask(d, step)


def _open(d: Draft, steps: list[str], since: str) -> None:
    data = {"steps": steps, "asked": day_of(d.room, d.at).isoformat(), "since": since, "nudged": False}
    d.open_prompt("window", None, None, **data)


def _since(d: Draft) -> str:
    found = window(d)
    since = found.data.get("since") if found is not None else None
    return str(since) if since in d.book.steps else d.room.position


def _next(d: Draft, since: str) -> list[str]:
    """The next questions of one part that were not asked before: after a step, else wherever they are."""
    fresh = [step for step in d.view.open_steps() if step not in d.snapshot.asked]
    fresh = [step for step in fresh if d.book.index(step) > d.book.index(since)] or fresh
    part = list(takewhile(lambda step: d.book.steps[step].part == d.book.steps[fresh[0]].part, fresh))
    found: list[str] = []
    for step in part[: MOST - 1 if len(part) == MOST + 1 else MOST]:  # so that none is left alone
        if found and _waits(d, found, step):
            break
        found.append(step)
    return found


def _waits(d: Draft, before: list[str], step: str) -> bool:
    """Whether a choice or a vote among the questions before it may bring other questions first."""
    deciding = [name for name in before if d.book.steps[name].kind != "text"]
    between = d.book.order[d.book.index(before[-1]) + 1 : d.book.index(step)]
    return any(d.book.steps[name].condition.step in deciding for name in between)


# Closing --------------------------------------------------------------------------------------------------------------


def close(d: Draft) -> None:
    """Close every question that stands open, with what has come in."""
    steps = d.view.together()
    if d.room.position not in (BEGIN, END) and d.room.position not in steps:
        steps.append(d.room.position)
    found = window(d)
    if found is not None:
        d.drop(found)
    for prompt in d.snapshot.prompts():
        if prompt.kind in ("nudge", "offer", "new", "complete") and not prompt.data.get("aside"):
            nudges.end(d, prompt)
        elif prompt.kind == "answer" and prompt.step in steps:
            d.drop(prompt)
    for name in steps:
        _close_one(d, name)


def _close_one(d: Draft, name: str) -> None:
    """Close a question with what has come in: the votes that most gave, a draft, what was chosen."""
    asked, detour = d.snapshot.asked.get(name), d.view.detour()
    if asked is None or not asked.open or (detour is not None and detour.step == name):
        return
    step = d.book.steps[name]
    kind = kinds.of(step)
    d.put(replace(asked, open=False))  # so that settling it moves nothing
    votes = tally(d.view.votes(name))
    if isinstance(kind, kinds.VoteKind) and (votes or (votes := _first_round(d, name))):
        kind.settle(d, step, str(most(votes, step.kind)), None)
    elif isinstance(kind, kinds.GridKind):
        kind.settle_given(d, step)
    else:
        kind.keep_given(d, step)
    closed.end(d, step)
    walk.drop_prompts(d, name, "spread", "settle", "draft")
    walk.leave(d, name)


def _first_round(d: Draft, step: str) -> Counter[str]:
    """The votes of a closed first round after which nobody voted again."""
    found = (one.data.get("first") or one.data.get("counts") for one in d.snapshot.prompts() if one.step == step)
    return Counter(next(filter(None, found), None) or {})


# Going on -------------------------------------------------------------------------------------------------------------


def left(d: Draft) -> bool:
    """A question was left: on to another one that still stands open. Whether the team is spread out, so that nothing
    else is asked now.
    """
    if d.room.mode != SPACED or window(d) is None or d.view.detour() is not None:
        return False
    for step in still_open(d):
        if not d.view.applicable(step):  # an answer to another one made it needless
            _close_one(d, step)
            text = d.texts("spaced.needless", head=asking.head(d, d.book.steps[step]))
            readback.edit(d, d.snapshot.asked[step].latest, step, text)
    still = still_open(d)
    if not still:
        _all_closed(d)
    elif d.room.position not in still:
        walk.go(d, still[-1])
    return True


def _all_closed(d: Draft) -> None:
    """All of them are closed: a nudge that is due, else when the next ones come, or the end where there are none."""
    found, since = window(d), _since(d)
    asked = [step for step in d.view.together() if d.view.applicable(step)]
    latest = max((step for step in asked if d.book.index(step) >= d.book.index(since)), key=d.book.index, default=None)
    if latest is not None and latest != d.room.position:
        walk.go(d, latest)  # who goes on from here goes on behind all of them
    steps = _next(d, since)
    if found is not None and not found.data.get("nudged"):
        d.put(replace(found, data={**found.data, "nudged": True}))
        if nudges.after_together(d, d.view.together(), steps[0] if steps else END):
            return
    if steps:
        d.say("info", d.texts("spaced.done", day=told_day(d)))
        return
    if found is not None:
        d.drop(found)
    walk.arrive(d, END)


def stays(d: Draft) -> bool:
    """Whether nothing is shown again after a nudge: in a group the questions that were asked together stand there."""
    return not d.alone and d.view.detour() is None and bool(still_open(d))


def again(d: Draft) -> bool:
    """Show once more what a team that is spread out can answer now, or when the next questions come; whether it is."""
    if d.room.mode != SPACED or window(d) is None or d.view.detour() is not None:
        return False
    still = [step for step in still_open(d) if d.view.applicable(step)]
    if still:
        walk.go(d, still[-1])
        walk.ask(d, still[-1])
    else:
        _all_closed(d)
    return True


def is_idle(d: Draft) -> bool:
    """Whether the questions that were asked together are all closed, and the next ones are not there yet."""
    return d.room.mode == SPACED and window(d) is not None and not still_open(d)


def join(d: Draft, step: str) -> None:
    """Somebody went to a step: its question stands beside the others, and the next ones are sought after it."""
    if d.room.mode != SPACED:
        return
    found = window(d)
    if found is None:
        _open(d, [step], step)
    else:
        steps = [*(one for one in found.data["steps"] if one != step), step]
        d.put(replace(found, data={**found.data, "steps": steps, "since": step}))


def done_at(d: Draft, command: str, own: Own, source: Source) -> bool:
    """A command in a reply to one of the questions that stand open together is about that one; whether it was done."""
    if own.step not in still_open(d) or d.room.paused_at is not None or d.view.detour() is not None:
        return False
    step = d.book.steps[str(own.step)]
    prompt = prompts.by_message(d, own.number)
    if command == "verder" and prompt is not None:
        prompts.pass_on(d, prompt)
    elif command == "verder":
        kinds.of(step).pass_on(d, step)
    elif command == "weetniet":
        going.unknown(d, "", source, step.id)
    elif command == "overslaan":
        walk.drop_prompts(d, step.id, *going.VOTING)
        kinds.of(step).skip(d, step)
    else:
        return False
    return True


# A meeting ------------------------------------------------------------------------------------------------------------


def gather(d: Draft) -> bool:
    """For a meeting: from the first question that stands open on, one question at a time; what was given to the others
    stays with them. Whether the team was spread out.
    """
    if d.room.mode != SPACED:
        return False
    still, found = sorted(still_open(d), key=d.book.index), window(d)
    d.set(mode=TOGETHER)
    if found is not None:
        d.drop(found)
    for step in still[1:]:
        kinds.of(d.book.steps[step]).keep_given(d, d.book.steps[step])
        walk.drop_prompts(d, step, "spread", "settle", "draft")
        walk.leave(d, step)
    if still:
        walk.go(d, still[0])
    return True


def spread_again(d: Draft) -> None:
    """After a meeting: what stands open is closed the next time, and the next questions come with it."""
    d.set(mode=SPACED)
    if d.room.position not in (BEGIN, END) and window(d) is None:
        _open(d, [d.room.position], d.room.position)


# `!wijze` -------------------------------------------------------------------------------------------------------------


def mode(d: Draft, rest: str, source: Source) -> None:
    """`!wijze`: together, or spread out over the week."""
    found = read_value(d, rest, (TOGETHER, SPACED))
    meeting = session.running(d.snapshot)
    if found is None:
        d.say("help", d.texts("mode.what", mode=said_value(d, d.room.mode)), reply_to=source.event)
        return
    if meeting is not None:
        session.set_after(d, meeting, is_spaced=found == SPACED)
        d.say("noted", d.texts(f"session.then_{found}"), reply_to=source.event)
        return
    if found == TOGETHER:
        _bring_together(d, source)
        return
    d.set(mode=SPACED)
    if d.room.position not in (BEGIN, END) and window(d) is None:
        _open(d, [d.room.position], d.room.position)
    day = told_day(d)
    key = {BEGIN: "gespreid_later", END: "gespreid_end"}.get(d.room.position, "gespreid")
    d.say("noted", d.texts(f"mode.{key}", day=day or ""), reply_to=source.event)


def _bring_together(d: Draft, source: Source) -> None:
    """Back to one question at a time: the latest that stands open stays, the others close with what has come in."""
    d.set(mode=TOGETHER)
    still = still_open(d)
    prompt = window(d)
    if prompt is not None:
        d.drop(prompt)
    for step in still:
        if step != d.room.position:
            _close_one(d, step)
    waits = prompts.latest(d) is not None
    if prompt is None or still or waits or d.view.detour() is not None or d.room.paused_at is not None:
        d.say("noted", d.texts("mode.samen"), reply_to=source.event)
        return
    d.prefix = d.texts("mode.samen")
    walk.advance(d)
