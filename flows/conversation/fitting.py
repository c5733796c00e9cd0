"""What the coach tells about how the answers fit together: the alarms that hold, what is enough and what is not, what
speaks for and against a choice. Rule: it tells and asks nothing; no score and no judgement, only what the team said
itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from flows.book.model import Step
from flows.book.schema import ReadinessForm
from flows.conversation import alarms
from flows.conversation.actions import show_action
from flows.conversation.draft import Draft
from flows.conversation.text import cut, one_line, quote
from flows.summary import AlarmLine

MOST_ROWS = 6
LONGEST_ROW = 200
LONGEST_RISK = 160


def parts_text(d: Draft, parts: Iterable[str]) -> str:
    """The names of parts in one line: Routes, ingrediënten en valkuilen."""
    first, *rest = (d.book.parts[part].head.title for part in parts)
    names = [first, *(name[:1].lower() + name[1:] for name in rest)]
    return d.texts("join.and").join([*([", ".join(names[:-1])] if rest else []), names[-1]])


def shown_at(d: Draft, step: str) -> list[str]:
    """The lines about the alarms that hold, under a question at which they are shown."""
    found = list(alarms.holding(d.view)) if step in d.book.coherence.shown else []
    if not found:
        return []
    rows = [f"- {cut(alarms.text_of(d.view, alarm), LONGEST_ROW)}" for alarm in found[:MOST_ROWS]]
    if len(found) > MOST_ROWS:
        rows.append(f"- {d.texts('noted.more', n=len(found) - MOST_ROWS)}")
    return [d.texts.count("alarm.count", len(found)), *rows]


def alarm_lines(d: Draft, found: list[AlarmLine]) -> list[str]:
    """Alarms in full: what each is about, what the team decided, and what it will do."""
    if not found:
        return []
    lines = [d.texts.count("alarm.count", len(found))]
    for alarm in found:
        lines.append(f"- {d.texts('alarm.text', head=parts_text(d, alarm.parts), text=alarm.text)}")
        said = [quote(one_line(item.text)) for item in alarm.decided]
        said += [d.texts("alarm.known")] if alarm.known and not said else []
        said += [d.texts("actions.noted", line=show_action(d, action)) for action in alarm.actions]
        if said:
            lines.append(f"   {d.texts('alarm.said', text=' · '.join(said))}")
    return lines


# What is enough -------------------------------------------------------------------------------------------------------


def readiness(d: Draft) -> list[str]:
    """The lines that tell which of the rows that the team needs are enough, which are not, which it does not know, and
    which risks it takes; nothing while none of them has a status.
    """
    form = d.book.coherence.readiness
    if form is None:
        return []
    needed = d.view.words(form.among)
    rows = [row for row in d.book.steps[form.grid].form.rows if not needed or d.book.steps[row].form.row in needed]
    if not any(d.view.status_of(row) for row in rows):
        return []
    found: dict[str, list[str]] = {"enough": [], "short": [], "unknown": [], "open": []}
    for row in rows:
        title, status = d.book.steps[row].form.title, d.view.status_of(row)
        if status in ("deels", "onvoldoende"):
            title = f"{title} ({d.texts(f'status.status.{status}')})"
        found[_level(status)].append(title)
    lines = [d.texts("readiness.needed" if needed else "readiness.all")]
    lines += [f"- {d.texts(f'readiness.{level}', rows=', '.join(names))}" for level, names in found.items() if names]
    risks = _risks(d, form)
    return [*lines, f"- {d.texts('readiness.risks', text='; '.join(risks))}"] if risks else lines


def _level(status: str | None) -> str:
    if status is None:
        return "open"
    return {"voldoende": "enough", "onbekend": "unknown"}.get(status, "short")


def _risks(d: Draft, form: ReadinessForm) -> list[str]:
    """What the team said about the risks that it takes: at the questions about them, and to the alarms that hold."""
    items = [item for step in form.risks for item in d.view.items(step)]
    for alarm in alarms.holding(d.view):
        if alarm.id in form.alarms:
            items += alarms.said_about(d.view, alarm)
    return [quote(cut(item.text, LONGEST_RISK)).rstrip(" .;") for item in items]


# What speaks for and against ------------------------------------------------------------------------------------------


def weighed_at(d: Draft, step: Step) -> list[str]:
    """The lines that tell what speaks for and against each choice of a step, by the book's rules; nothing where none of
    them holds yet, or where nothing is weighed.
    """
    weighing = d.book.coherence.weighing
    if weighing is None or weighing.at != step.id:
        return []
    held = [reason.form for reason in d.book.reasons if reason.condition.holds(d.view)]
    if not held:
        return []
    lines = [weighing.text]
    for choice in step.form.choices:
        told = []
        for side in ("for", "against"):
            reasons = [form.text for form in held if form.choice == choice.word and form.side == side]
            if reasons:
                told.append(d.texts(f"weighing.{side}", reasons=", ".join(reasons)))
        lines.append(f"- **{choice.name}**: {' · '.join(told) or d.texts('weighing.none')}")
    return lines
