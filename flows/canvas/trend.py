"""How the statuses went from round to round.

Rule: a round is shown as it was then; today is a column where it differs.
"""

from __future__ import annotations

from flows.book.model import Book
from flows.calendar.dates import say_day
from flows.canvas.form import Column, Row
from flows.canvas.words import capital, short_day, sign_of, subject_of
from flows.catalogue import Catalogue
from flows.summary import Summary

LATEST = 5


def trend_of(summary: Summary, book: Book, texts: Catalogue) -> tuple[list[Column], list[Row]]:
    """The latest rounds, and how it stands now where that differs; empty until there are two rounds."""
    today = summary.now.date()
    if len(summary.rounds) < 2:
        return [], []
    now = {step.id: step.status for part in summary.parts for step in part.steps}
    now |= {part.id: part.status for part in summary.parts if part.rated}
    rated: list[tuple[str, str, int, str]] = []
    for part in summary.parts:
        if part.rated:
            rated.append((part.id, part.title, 0, "status"))
            inside = [step for step in part.steps if step.kind == "applies" or step.id in book.row_of]
            for step in inside:
                subject = subject_of(book.steps[step.id]) or capital(step.title)
                rated.append((step.id, subject, 1, step.kind))
    shown = [(one.number, one.at, one.statuses) for one in summary.rounds]
    is_changed = any(shown[-1][2].get(name) != now[name] for name, _, _, _ in rated)
    shown = shown[-LATEST:] if is_changed else shown[-LATEST - 1 :]
    columns = []
    for number, at, _ in shown:
        day = at.astimezone(summary.now.tzinfo).date()
        label = texts("canvas.round_label", n=number)
        said = say_day(day, texts.calendar)
        columns.append(Column(label=label, date=said, day=short_day(day, today, texts), now=0))
    statuses = [one for _, _, one in shown]
    if is_changed:
        columns.append(
            Column(
                label=texts("canvas.now"),
                date=say_day(today, texts.calendar),
                day=short_day(today, today, texts),
                now=1,
            )
        )
        statuses.append(now)
    columns[-1]["now"] = 1
    rows = [
        Row(name=title, level=level, signs=[sign_of(texts, kind, one.get(name)) for one in statuses])
        for name, title, level, kind in rated
    ]
    return columns, rows
