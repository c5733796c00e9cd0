"""docs/alarms.md, made from the book: `python -m tests.flows.alarm_table` writes it. Rule: its test compares the two,
so that neither can change alone.
"""

from __future__ import annotations

from pathlib import Path

from flows.book.coherence import Condition, Term
from flows.book.model import Alarm
from tests.chat import BOOK

PATH = Path(__file__).resolve().parents[2] / "docs" / "alarms.md"

HEAD = """# Nudges and alarms

What the coach asks further about what a team answered. A **nudge** helps to answer better. An **alarm** says that
answers do not fit together; for as long as that is so it is shown: under the question of the strategy, in `!overzicht`,
in the JSON export (`alarms`), in the report, the Word file, the slides and on the picture. All of them stand in the
book (`coherence.toml`) with their condition and text; no word of the guide stands in code, and nothing is guessed about
what a text means.

- **When.** They are looked at when a step is left, once every step that the condition names has been left or passed by;
  for "no action" that is the part's last step for actions. Of several the lowest number goes first, and the others wait
  for the next step that is left. A change beside the walk (`!wijzig`) and the end of a re-check count as that too.
- **How often.** Each once, and one a question at most. "Herkent iedereen dit?" and "Volgt het een uit het ander?"
  count as that one and go first, and so does the offer at `!weetniet`. In the short pace they wait for the end of the
  part, two at most. `!instellingen duwtjes uit` turns them off; what is shown stays.
- **Answering.** ✅ (or `verder`) on an alarm is kept as "weten we". A reply is kept where the table says; a reply to an
  alarm that is no action, or that begins with "weten we", is kept as the team's decision and shown with the alarm.
  `!overslaan` and `!weetniet` keep nothing. In the JSON export `decided` stands beside `id` and `text` once the team
  said something; it is empty where that was only that it knows.
- **No longer so.** An alarm whose condition does not hold any more is not shown. What was said about it is kept.

"Not voldoende" means deels, onvoldoende or onbekend; that it was not asked counts only where the table says so.
"""

MIDDLE = """
Not built, because it would be wrong or patronising: too many routes (they do not exclude each other), many unknowns at
the start (that is what the start is for), outcomes without behaviour, "everybody" as an owner, four times *nee*, and
any score or light over the four parts (the guide has none).

## What is enough

Where the part of the ingredients ends, at the end of every re-check and in `!overzicht ingredienten` the coach tells
which of the ingredients that the team needs are enough, which are not, which are not known or not rated, and what the
team said about risks (its answers at `ingredienten.risicobereidheid` and to alarm 11). Words only.

## What speaks for and against a strategy

Under the question of the strategy, and in its `!uitleg`. The team chooses.
"""


def _or(words: tuple[str, ...]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def term_text(term: Term) -> str:
    """A term in words."""
    step, *rest = term.args
    words = tuple(rest)
    no = term.negated
    match term.name:
        case "chosen":
            return f"`{step}` has {'not ' if no else ''}{_or(words)}"
        case "count":
            return f"`{step}` has {'fewer than ' if no else ''}{words[0]}{'' if no else ' or more'}"
        case "status":
            return f"`{step}` is not {_or(words)}, or not settled" if no else f"`{step}` is {_or(words)}"
        case "filled":
            return f"nothing stands at `{step}`" if no else f"`{step}` is filled"
        case "unknown":
            return f"`{step}` is {'not ' if no else ''}said to be unknown"
        case "number":
            return f"{'no number' if no else 'a number'} stands in `{step}`"
        case "says":
            return f"{'no' if no else 'a'} word of the list *{words[0]}* stands in `{step}`"
        case "action":
            places = _or(tuple(f"`{place}`" for place in term.args))
            return f"there is {'no' if no else 'an'} action at {places}"
        case "row" | "idle":
            without = " and has no action" if term.name == "idle" else ""
            return f"a row of `{step}` that `{words[0]}` names is {_or(words[1:])}{without}"
    raise KeyError(term.name)


def condition_text(alarm: Alarm) -> str:
    """When an alarm or nudge is asked, in words."""
    form = alarm.form
    if form.on == "change":
        steps = ", ".join(f"`{step}`" for step in form.watched)
        return f"one of {steps} changed after `{form.settled}` was answered; asked with that change"
    if form.on == "action":
        return "an action has no owner or no date"
    if form.on == "part":
        return "a part ends, and not everything that is unknown in it was asked about"
    pace = " (only in the pace *volledig*)" if form.pace == "volledig" else ""
    return clauses_text(alarm.condition) + pace


def clauses_text(condition: Condition) -> str:
    """A condition in words."""
    return "; ".join(" or ".join(term_text(term) for term in clause) for clause in condition.clauses)


def kept_text(alarm: Alarm) -> str:
    """What becomes of a reply."""
    form = alarm.form
    if form.on == "action":
        return "with the action"
    if form.on == "part":
        return "as an action of the part"
    if BOOK.steps[str(form.keeps)].kind == "actions":
        return f"as an action at `{form.keeps}`"
    return "as a decision" if form.alarm else f"at `{form.keeps}`"


def table() -> str:
    """The whole page."""
    head = "| # | id | kind | condition | the question | a reply is kept | the guide |"
    lines = [head, "|---|---|---|---|---|---|---|"]
    for alarm in BOOK.alarms:
        form = alarm.form
        kind = "alarm" if form.alarm else "nudge"
        asked = form.text or "*by what is missing: who, when, or both*"
        cells = (str(form.number), f"`{form.id}`", kind, condition_text(alarm), asked, kept_text(alarm), form.guide)
        lines.append(f"| {' | '.join(cells)} |")
    reasons = ["| strategy | | condition | what is said |", "|---|---|---|---|"]
    for reason in BOOK.reasons:
        form_ = reason.form
        reasons.append(f"| {form_.choice} | {form_.side} | {clauses_text(reason.condition)} | {form_.text} |")
    return "\n".join([HEAD, *lines, MIDDLE, *reasons, ""])


if __name__ == "__main__":
    PATH.write_text(table(), "utf-8")
