"""What can be wrong with the `coherence.toml` of a book. Rule: every fault names the alarm or section that it is in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from flows.book.coherence import Compiler, Term, parse
from flows.book.schema import AlarmForm, CoherenceForm, StepForm

_NAMED = re.compile(r"\{([^{}]*)\}")
# What the text of an alarm may name, by when it is asked.
_NAMES = {"leave": ("rows",), "change": ("step",), "part": (), "action": ()}


def coherence_faults(
    form: CoherenceForm, known: Mapping[str, StepForm], compiler: Compiler
) -> Iterator[tuple[str, str]]:
    """Every fault, with its place."""
    for step in form.shown:
        for fault in compiler.wrong_step(step):
            yield "shown", fault
    for alarm in form.alarm:
        for fault in _alarm_faults(alarm, known, compiler):
            yield f"alarm '{alarm.id}'", fault
    for name in ("id", "number"):
        values = [str(getattr(alarm, name)) for alarm in form.alarm]
        for twice in sorted({value for value in values if values.count(value) > 1}):
            yield f"alarm '{twice}'", f"the same {name} stands twice"
    for once in ("action", "part"):
        if sum(alarm.on == once for alarm in form.alarm) > 1:
            yield "alarm", f"only one can be asked on '{once}'"
    yield from _weighing_faults(form, known, compiler)
    yield from _readiness_faults(form, known, compiler)


def _alarm_faults(alarm: AlarmForm, known: Mapping[str, StepForm], compiler: Compiler) -> Iterator[str]:
    for clause in alarm.when:
        yield from compiler.faults(clause)
    if (alarm.on == "leave") != bool(alarm.when):
        yield "has a condition where it is asked when a step is left, and nowhere else"
    if (alarm.on == "change") != bool(alarm.watched and alarm.settled):
        yield "has 'watched' and 'settled' where it is asked on a change, and nowhere else"
    if (alarm.on == "action") == bool(alarm.text):
        yield "has a text, unless it is asked of an action: those texts are the coach's own"
    if (alarm.on in ("leave", "change")) != bool(alarm.keeps):
        yield "says where a reply is kept, where it is about certain steps"
    if alarm.alarm and alarm.on != "leave":
        yield "is shown as long as it holds, so it is asked when a step is left"
    for step in (*alarm.watched, *([alarm.settled] if alarm.settled else [])):
        yield from compiler.wrong_step(step)
    if alarm.keeps is not None:
        yield from compiler.wrong_step(alarm.keeps, "text", "actions", "status", "applies")
    has_rows = any(term.name in ("row", "idle") for clause in alarm.when for term in _terms(clause))
    for name in _NAMED.findall(alarm.text or ""):
        if name not in _NAMES[alarm.on] or (name == "rows" and not has_rows):
            yield f"the text names '{{{name}}}', which there is not"


def _terms(clause: str) -> tuple[Term, ...]:
    try:
        return parse(clause)
    except ValueError:
        return ()


def _weighing_faults(
    form: CoherenceForm, known: Mapping[str, StepForm], compiler: Compiler
) -> Iterator[tuple[str, str]]:
    weighing = form.weighing
    if weighing is None:
        return
    for fault in compiler.wrong_step(weighing.at, "multi"):
        yield "weighing", fault
    for place, reason in enumerate(weighing.reason, 1):
        here = f"weighing, reason {place}"
        for fault in compiler.wrong_words(weighing.at, (reason.choice,)):
            yield here, fault
        for clause in reason.when:
            for fault in compiler.faults(clause):
                yield here, fault


def _readiness_faults(
    form: CoherenceForm, known: Mapping[str, StepForm], compiler: Compiler
) -> Iterator[tuple[str, str]]:
    readiness = form.readiness
    if readiness is None:
        return
    needs = {readiness.grid: "grid", readiness.among: "multi"} | dict.fromkeys(readiness.risks, "text")
    for step, kind in needs.items():
        for fault in compiler.wrong_step(step, kind):
            yield "readiness", fault
    if f"{readiness.part}.status" not in known:
        yield "readiness", f"part '{readiness.part}' has no status step"
    for name in readiness.alarms:
        if name not in [alarm.id for alarm in form.alarm]:
            yield "readiness", f"unknown alarm '{name}'"
