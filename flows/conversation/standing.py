"""How a pilot stands, for somebody who comes to it later: what it is, what was decided and why, what is open and why,
what comes next, how to take part.

Rule: one message of at most 1,500 characters, out of the summary; nobody is named but who owns an action.
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.book.model import END
from flows.calendar.dates import say_day
from flows.canvas.words import capital, outdated_text
from flows.conversation import asking, overview, spaced
from flows.conversation.draft import Draft
from flows.conversation.text import cut, quote
from flows.summary import PartLine, StepLine, Summary, summarise

LONGEST = 1400  # blank lines around lists come on top
LONGEST_ABOUT = 160
LONGEST_SAID = 90
LONGEST_STATEMENT = 220
MOST_VIEWS = 2
MOST_STEPS = 5


def text(d: Draft) -> str:
    """All of it, as the room stands now."""
    summary = summarise(d.book, d.snapshot, d.at)
    day = say_day(summary.now.date(), d.texts.calendar)
    lines = [d.texts("standing.head", name=overview.name_of_pilot(d, summary), day=day), d.texts("standing.who")]
    lines += _about(d, summary)
    decided = [overview.part_line(d, part) for part in summary.parts if part.rated and _is_decided(d, part)]
    decided += _reasons(d, summary)
    lines += [d.texts("standing.decided"), *decided] if decided else [d.texts("standing.undecided")]
    lines.append(overview.next_actions(d, summary))
    lines += _open(d, summary)
    lines.append(_next(d))
    lines.append(d.texts("standing.join", join=asking.ways(d, "join")))
    lines.append(f"_{d.texts('standing.how')}_")
    return overview.within(lines, LONGEST)


def _about(d: Draft, summary: Summary) -> Iterator[str]:
    """What the pilot is: the answers that the book names for it."""
    found = []
    for name in d.book.head.about:
        line = summary.step(name)
        if line is None or line.state != "answered":
            continue
        step = d.book.steps[name]
        shown = asking.value_text(d, step) if step.kind == "period" else asking.at_a_glance(d, step)
        found.append(f"{capital(step.form.title)}: {quote(cut(shown, LONGEST_ABOUT))}")
    if found:
        yield d.texts("standing.about", text=" · ".join(found))


# What was decided, and why --------------------------------------------------------------------------------------------


def _is_decided(d: Draft, part: PartLine) -> bool:
    return part.status is not None or bool(overview.details(d, part))


def _reasons(d: Draft, summary: Summary) -> Iterator[str]:
    """What stands behind the statuses: remarks, both views where the team differs, the statement, the strategy."""
    for part in summary.parts:
        for step in part.steps:
            if not step.applicable:
                continue
            if step.disagreed and step.status is not None:
                yield _split(d, step)
            elif step.id == d.book.parts[part.id].status and step.items:
                yield d.texts("standing.why", title=part.title, text=_said(step))
            elif step.kind == "statement" and step.items:
                again = f" ({outdated_text(d.texts, d.book, step.outdated)})" if step.outdated else ""
                said = quote(cut(step.items[-1].text, LONGEST_STATEMENT))
                yield d.texts("standing.wording", title=capital(step.title), text=said, again=again)
            elif not part.rated and step.kind == "multi" and step.choices:
                names = overview.names_of(d, step)
                yield d.texts("standing.wording", title=part.title, text=names, again="")


def _split(d: Draft, step: StepLine) -> str:
    """Where the team does not agree: what was noted, and what was said about it by different people."""
    part = d.book.part_of(step.id)
    title = part.head.title if step.id == part.status else asking.full_title(d, d.book.steps[step.id])
    word = d.texts(f"status.{step.kind}.{step.status}")
    if not step.items:
        return d.texts("standing.split", title=title, word=word)
    return d.texts("standing.views", title=title, word=word, text=_said(step))


def _said(step: StepLine) -> str:
    """Two of the things that were said at a step, of two people where there are two."""
    first = step.items[0]
    others = [item for item in step.items[1:] if item.author != first.author] or list(step.items[1:])
    return " / ".join(f'"{quote(cut(item.text, LONGEST_SAID))}"' for item in [first, *others][:MOST_VIEWS])


# What is open, and why ------------------------------------------------------------------------------------------------


def _open(d: Draft, summary: Summary) -> Iterator[str]:
    """What is open, by why it is: not known, skipped, asked but not answered, not asked yet."""
    steps = [step for part in summary.parts for step in part.steps if step.applicable]
    here = _open_now(d)
    waiting = [step for step in steps if step.id in summary.open_steps and step.id not in here]
    asked = [step for step in waiting if step.id in d.snapshot.asked]
    groups = {
        "unknown": [step for step in steps if step.state == "unknown"],
        "skipped": [step for step in steps if step.state == "skipped" and step.wanted],
        "unanswered": asked,
    }
    found = []
    for name, group in groups.items():
        if group:
            found.append(d.texts(f"standing.{name}", n=len(group), steps=_titles(d, group)))
    fresh = [step for step in waiting if step not in asked]
    if fresh:
        found.append(d.texts("standing.unasked", n=len(fresh), parts=_counted(d, fresh)))
    if not found:
        yield d.texts("overview.all_done")
        return
    yield d.texts("standing.open")
    yield from found


def _titles(d: Draft, steps: list[StepLine]) -> str:
    shown = ", ".join(asking.full_title(d, d.book.steps[step.id]) for step in steps[:MOST_STEPS])
    more = f" {d.texts('noted.more', n=len(steps) - MOST_STEPS)}" if len(steps) > MOST_STEPS else ""
    return shown + more


def _counted(d: Draft, steps: list[StepLine]) -> str:
    """How many of them there are in each part."""
    parts = [d.book.part_of(step.id).head.title for step in steps]
    return ", ".join(f"{title} {parts.count(title)}" for title in dict.fromkeys(parts))


def _open_now(d: Draft) -> list[str]:
    """The questions that stand open now; several where they were asked together."""
    focus = d.view.focus()
    if focus is None or d.view.detour() is not None or not d.view.together():
        return [] if focus is None else [focus.id]
    return spaced.still_open(d)


def _next(d: Draft) -> str:
    """What comes next: the question that stands open, the day of the next questions or of the next look."""
    if d.room.paused_at is not None:
        return d.texts("standing.paused", day=asking.day_text(d, d.room.paused_at))
    if here := _open_now(d):
        steps = d.texts("join.and").join(asking.full_title(d, d.book.steps[step]) for step in here)
        return d.texts("standing.now", steps=steps)
    if d.room.position != END and (day := spaced.told_day(d)) is not None:
        return d.texts("standing.later", day=day)
    look = overview.next_look(d)
    return d.texts("standing.ended", look="" if look is None else f" {look}")
