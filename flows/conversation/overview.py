"""`!overzicht` and `!acties` in words.

Rule: at most 1,500 characters for the whole, everything in full for one part, about 3,500 for the actions; a status is
always symbol and word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from flows.calendar.dates import Period, say_day
from flows.calendar.rhythm import say_rhythm
from flows.canvas.trend import trend_of
from flows.canvas.words import capital, outdated_text
from flows.conversation import dating, fitting
from flows.conversation.actions import find_member, show_action, subject_of
from flows.conversation.answers import find_place, short_name
from flows.conversation.asking import closed_text, full_title, name_of, period_text, place_text
from flows.conversation.draft import Draft
from flows.conversation.effects import Line
from flows.conversation.marks import STATUS_SIGNS, signs_of
from flows.conversation.snapshot import Action
from flows.conversation.text import bare_words, cut, fold, quote
from flows.summary import PartLine, StepLine, Summary, summarise

LONGEST = 1500
LONGEST_ACTIONS = 3300  # without the line on what can be done
LONGEST_ACTION = 200
FIRST_ACTIONS = 3
MOST_OPEN = 6


def _summary(d: Draft) -> Summary:
    return summarise(d.book, d.snapshot, d.at)


def next_look(d: Draft) -> str | None:
    """When the team agreed to look again, or None."""
    summary = _summary(d)
    day = summary.next_look()
    if day is None or summary.rhythm is None:
        return None
    rhythm = say_rhythm(summary.rhythm, d.texts.rhythm)
    return d.texts("end.look", rhythm=rhythm, day=say_day(day, d.texts.calendar))


def name_of_pilot(d: Draft, summary: Summary) -> str:
    """The pilot's name, or what stands in its place."""
    return quote(cut(summary.name, 80)) if summary.name else d.texts("overview.no_name")


def short(d: Draft) -> str:
    """The overview: statuses, what is decided, the next actions, what is open."""
    summary = _summary(d)
    texts = d.texts
    name = name_of_pilot(d, summary)
    day = say_day(summary.now.date(), texts.calendar)
    count = texts("overview.round", n=len(summary.rounds)) if len(summary.rounds) > 1 else ""
    lines = [texts("overview.head", name=name, day=day, round=count)]
    lines += [part_line(d, part) for part in summary.parts if part.rated]
    decided = _decided(d, summary)
    if decided:
        lines.append(decided)
    lines.append(next_actions(d, summary))
    lines.append(_open_line(d, summary))
    how = "overview.how_export" if "pdf" in d.setting.capabilities.files else "overview.how"
    lines.append(f"_{texts(how)}_")
    return within(lines)


def table(d: Draft, text: str) -> tuple[Line, ...]:
    """The statuses in a short overview, to be shown as a table; none where the text is not one, or was cut."""
    summary, shown = _summary(d), text.split("\n")
    found = []
    for part in summary.parts:
        if part.rated and (line := part_line(d, part)) in shown:
            sign = STATUS_SIGNS[part.status or "onbekend"]
            word = _status_word(d, part) if part.status else state_of(d, part)
            found.append(Line(line, (f"{sign} {word}", part.title, details(d, part).strip(" ·()"))))
    return tuple(found) if len(found) > 1 else ()


def today(d: Draft) -> date:
    """The room's own day."""
    return _summary(d).now.date()


def trend(d: Draft) -> str:
    """How the statuses went over the rounds: every part, and what else changed; one line where there is but one."""
    summary = _summary(d)
    columns, rows = trend_of(summary, d.book, d.texts)
    if not columns:
        return d.texts("overview.no_trend")
    labels = [column["label"] for column in columns]
    days = " · ".join(f"{label} = {column['date']}" for label, column in zip(labels, columns, strict=True))
    lines = [d.texts("overview.trend_head", name=name_of_pilot(d, summary)), f"_{days}_"]
    for row in rows:
        words = [sign["word"] for sign in row["signs"]]
        if row["level"] == 0 or len(set(words)) > 1:
            told = " · ".join(f"{label} {word}" for label, word in zip(labels, words, strict=True))
            lines.append(f"{'  ' * row['level']}- {row['name']}: {told}")
    return within(lines)


def within(lines: list[str], longest: int = LONGEST) -> str:
    """The lines in at most `longest` characters: the longest line is cut until they fit."""
    while len("\n".join(lines)) > longest:
        place = max(range(len(lines)), key=lambda number: len(lines[number]))
        lines[place] = cut(lines[place], max(len(lines[place]) - 50, 40))
    return "\n".join(lines)


def state_of(d: Draft, part: PartLine) -> str:
    """What there is of a part's status while it has none: it is open, or was skipped."""
    own = d.book.parts[part.id].status
    return d.texts(f"state.{d.view.state(own)}") if own is not None else ""


def part_line(d: Draft, part: PartLine) -> str:
    """A part on one line: its status, what it comes of, what it was."""
    if part.status is None:
        sign, state = STATUS_SIGNS["onbekend"], state_of(d, part)
        return d.texts("overview.part_open", sign=sign, title=part.title, state=state, details=details(d, part))
    word = _status_word(d, part)
    trend = ""
    if part.before is not None and part.before != part.status:
        trend = d.texts("overview.trend", before=d.texts(f"status.status.{part.before}"))
    return d.texts(
        "overview.part",
        sign=STATUS_SIGNS[part.status],
        title=part.title,
        word=word,
        details=details(d, part),
        trend=trend,
    )


def _status_word(d: Draft, part: PartLine) -> str:
    """A part's status as a word, and that the team does not agree on it."""
    word = d.texts(f"status.status.{part.status}")
    own = d.book.parts[part.id].status
    return d.texts("overview.split", word=word) if any(s.disagreed for s in part.steps if s.id == own) else word


def details(d: Draft, part: PartLine) -> str:
    """What a part's line says besides its status: what was chosen, which rows fall short, how many pitfalls apply."""
    steps = {step.id: step for step in part.steps}
    grid = next((step for step in part.steps if step.kind == "grid"), None)
    if grid is not None:
        # Where the team said what it needs, only that can be in the way.
        needed = next((step.choices for step in part.steps if step.kind == "multi"), ())
        rows = [
            steps[row] for row in d.book.steps[grid.id].form.rows if not needed or d.book.steps[row].form.row in needed
        ]
        short_rows = [row.title for row in rows if row.status == "onvoldoende"]
        unknown = sum(row.status == "onbekend" for row in rows)
        found = [d.texts("overview.bottleneck", rows=", ".join(short_rows))] if short_rows else []
        found += [d.texts.count("overview.unknown", unknown)] if unknown else []
        return "".join(f" · {one}" for one in found)
    applies = [step for step in part.steps if step.kind == "applies"]
    if applies and any(step.status for step in applies):
        count = sum(step.status in ("ja", "deels") for step in applies)
        return " " + d.texts("overview.apply", n=count, all=len(applies))
    kern = [step for step in part.steps if step.kind == "multi" and d.book.steps[step.id].depth == "kern"]
    chosen = next((step for step in kern if step.choices), None)
    if chosen is not None:
        return f" ({names_of(d, chosen)})"
    return ""


def names_of(d: Draft, step: StepLine) -> str:
    """The names of what was chosen at a step."""
    return ", ".join(name_of(d.book.steps[step.id], word) for word in step.choices)


def _decided(d: Draft, summary: Summary) -> str | None:
    """The statement and the chosen strategy, as far as they are there."""
    found = []
    for part in summary.parts:
        for step in part.steps:
            if step.kind == "statement" and step.items:
                again = f" ({d.texts('outdated.short')})" if step.outdated else ""
                found.append(quote(cut(step.items[-1].text, 300)) + again)
            elif not part.rated and step.kind == "multi" and step.choices:
                found.append(f"{part.title}: {names_of(d, step)}")
    return d.texts("overview.decided", text=" · ".join(found)) if found else None


def next_actions(d: Draft, summary: Summary) -> str:
    """The open actions that come first."""
    waiting = summary.open_actions()
    if not waiting:
        return d.texts("overview.no_actions")
    shown = " · ".join(show_action(d, action, full=False) for action in waiting[:FIRST_ACTIONS])
    rest = len(waiting) - FIRST_ACTIONS
    more = d.texts("overview.more_actions", n=rest) if rest > 0 else ""
    return d.texts("overview.first", actions=shown, more=more)


def _open_line(d: Draft, summary: Summary) -> str:
    unknown = [step.id for part in summary.parts for step in part.steps if step.state == "unknown" and step.applicable]
    lines = [d.texts.count("alarm.count", len(summary.alarms))] if summary.alarms else []
    lines.append(
        d.texts.count("overview.open", len(summary.open_steps)) if summary.open_steps else d.texts("overview.all_done")
    )
    if unknown:
        names = ", ".join(full_title(d, d.book.steps[step]) for step in unknown[:MOST_OPEN])
        more = d.texts("noted.more", n=len(unknown) - MOST_OPEN) if len(unknown) > MOST_OPEN else ""
        lines.append(d.texts("overview.unknowns", n=len(unknown), steps=f"{names} {more}".strip()))
    return " · ".join(lines)


def full(d: Draft, part_id: str, only: str | None = None) -> str:
    """One part (or one step of it) in full, nothing cut."""
    summary = _summary(d)
    part = summary.part(part_id)
    lines = [d.texts("overview.part_head", title=part.title)]
    if part.rated:
        lines.append(part_line(d, part))
    if only is None:
        form = d.book.coherence.readiness
        lines += fitting.readiness(d) if form is not None and form.part == part_id else []
        lines += fitting.alarm_lines(d, [one for one in summary.alarms if part_id in one.parts])
    told = len(lines)
    hidden = 0
    for step in part.steps:
        if only is not None and step.id != only:
            continue
        if not step.applicable or (step.state == "open" and not step.items):
            hidden += step.wanted and step.state == "open"
            continue
        lines += _step_lines(d, step)
    if hidden:
        lines.append(d.texts.count("overview.open", hidden))
    if len(lines) == told and not hidden:
        lines.append(d.texts("overview.nothing"))
    return "\n".join(lines)


def _step_lines(d: Draft, step: StepLine) -> list[str]:
    head = f"**{capital(step.title)}**"
    if step.kind == "actions":
        rows = [f"- {show_action(d, action)}{closed_text(d, action)}" for action in d.view.actions(step.id)]
        return [head, *rows] if rows else [f"{head}: {d.texts(f'state.{step.state}')}"]
    if step.kind == "grid":
        return []
    first = ""
    if step.status is not None:
        first = f"{signs_of(step.kind)[step.status]} {d.texts(f'status.{step.kind}.{step.status}')}"
        if step.disagreed:
            first = d.texts("noted.disagreed", text=first)
    elif step.choices:
        first = names_of(d, step)
    elif step.kind == "period" and step.state == "answered":
        summary = _summary(d)
        return [f"{head}: {period_text(d, Period(summary.start, summary.end))}"]
    elif step.kind == "rhythm" and (rhythm := _summary(d).rhythm) is not None:
        return [f"{head}: {say_rhythm(rhythm, d.texts.rhythm)}"]
    elif step.state != "answered":
        first = d.texts(f"state.{step.state}")
    elif step.outdated:
        how = d.texts("outdated.how", step=short_name(step.id, d.book))
        first = f"{outdated_text(d.texts, d.book, step.outdated)}. _{how}_"
    rows = [f"{place}. {_indented(item.text)}" for place, item in enumerate(step.items, 1)]
    if rows and step.kind in ("status", "applies"):
        rows.insert(0, d.texts("overview.remarks"))
    return [f"{head}: {first}" if first else head, *rows]


def _indented(text: str) -> str:
    """An item over several lines stays one item of the list."""
    return quote(text).replace("\n", "\n   ")


def actions(d: Draft, rest: str = "", who: str = "") -> str | None:
    """The actions in three groups: late, open, and done or dropped, each by date; all of them, or only what `rest` asks
    for: one person's (`who` says "ik"), one part's or step's, one group. None where nobody and nothing is called so.
    """
    found = d.view.actions()
    if not found:
        return d.texts("actions.nothing")
    head, wanted = _asked_for(d, rest, who, found)
    if wanted is None:
        return None
    lines, listed = [head], [action for action in found if wanted(action)]
    for title, group in _groups(d, listed):
        lines.append(title)
        lines += [f"- {show_action(d, _short_enough(action))}{closed_text(d, action)}" for action in group]
    if len(lines) == 1:
        lines.append(d.texts("actions.none_here" if rest else "actions.none_open"))
    number = next((action.number for action in (*listed, *found) if action.state == "open"), found[0].number)
    return "\n".join([*_fitting(d, lines), f"_{d.texts('actions.how', n=number)}_"])


def _asked_for(d: Draft, rest: str, who: str, found: list[Action]) -> tuple[str, Callable[[Action], bool] | None]:
    """What stands above the list, and which actions are in it; None where what was asked for is not known."""
    plain = bare_words(rest)
    today = dating.today(d)
    if not plain:
        return d.texts("actions.head"), lambda one: True
    if plain in d.texts.words("actions.words.late"):
        return d.texts("actions.head"), lambda one: _is_late(one, today)
    if plain in d.texts.words("actions.words.open"):
        return d.texts("actions.head"), lambda one: one.state == "open"
    if plain in d.texts.words("actions.words.done"):
        return d.texts("actions.head"), lambda one: one.state != "open"
    person = _person(d, rest, who, found)
    if person is not None:
        name, is_theirs = person
        return d.texts("actions.head_of", name=quote(name)), is_theirs
    place = _place(d, rest)
    if place is None:
        return "", None
    name, steps = place
    return d.texts("actions.head_at", name=name), lambda one: one.step in steps or subject_of(d, one) in steps


def _is_late(action: Action, today: date) -> bool:
    return action.state == "open" and action.due is not None and action.due < today


def _person(d: Draft, rest: str, who: str, found: list[Action]) -> tuple[str, Callable[[Action], bool]] | None:
    """The person that somebody asked for: somebody in the room, or who owns an action."""
    member = find_member(d, rest, who)
    plain = bare_words(rest).removeprefix("@")
    names = {fold(one.owner_name): one.owner_name for one in found if one.owner_name}
    if member is not None and (rest.startswith("@") or fold(member.name) == plain or not _place(d, rest)):
        return (
            member.name,
            lambda one: (
                one.owner == member.id or (one.owner is None and fold(one.owner_name or "") == fold(member.name))
            ),
        )
    if plain in names:
        return names[plain], lambda one: fold(one.owner_name or "") == plain
    return None


def _place(d: Draft, rest: str) -> tuple[str, set[str]] | None:
    """The part or the step that somebody asked for: its name, and the steps at which its actions can stand."""
    named = find_place(rest, d.book)
    if named is None:
        return None
    if named.part is not None:
        part = d.book.parts[named.part]
        return part.head.title, set(part.steps)
    gathered = {d.book.actions_for(step) for step in (named.several or (str(named.step),))}
    step = gathered.pop()
    if step is None or gathered:
        return None
    above = step.rpartition(".")[0]
    if above in d.book.parts:  # a question of a part, whose actions are those of the part
        return d.book.parts[above].head.title, {step}
    return place_text(d, step), {one for one in d.book.steps if one.startswith(f"{above}.")} | {step}


def _groups(d: Draft, found: list[Action]) -> Iterator[tuple[str, list[Action]]]:
    """The groups that are not empty, each by date: what is late first, what was closed last comes first of those."""
    today = dating.today(d)
    late = [one for one in found if _is_late(one, today)]
    waiting = [one for one in found if one.state == "open" and one not in late]
    closed = [one for one in found if one.state != "open"]
    for title, group in ((d.texts("actions.late_head"), late), (d.texts("actions.open_head"), waiting)):
        if group:
            yield title, sorted(group, key=lambda one: (one.due is None, one.due or date.max, one.number))
    if closed:
        yield d.texts("actions.closed_head"), sorted(closed, key=lambda one: one.closed_at or one.at, reverse=True)


def _short_enough(action: Action) -> Action:
    return replace(action, text=cut(action.text, LONGEST_ACTION))


def _fitting(d: Draft, lines: list[str]) -> list[str]:
    """As many lines as fit; the rest is counted."""
    shown: list[str] = []
    for place, line in enumerate(lines):
        if len("\n".join([*shown, line])) > LONGEST_ACTIONS:
            rest = sum(one.startswith("- ") for one in lines[place:])
            return [*shown, d.texts("noted.more", n=rest)]
        shown.append(line)
    return shown
