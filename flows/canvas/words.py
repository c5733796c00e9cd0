"""The small words of the canvas: statuses with their signs, labels, names, days.

Rule: a status is a word, a letter and a shape, so that no colour is needed to read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flows.book.model import Book, Step
from flows.calendar.dates import say_short
from flows.canvas.form import Sign
from flows.catalogue import Catalogue

# How good a word is, for a status and for whether a pitfall applies; the shape and colour follow from it.
TONES = {
    "status": {"voldoende": "good", "deels": "half", "onvoldoende": "bad", "onbekend": "unknown"},
    "applies": {"nee": "good", "deels": "half", "ja": "bad", "onbekend": "unknown"},
}
_SHAPES = {"good": "circle", "half": "triangle", "bad": "square", "unknown": "diamond", "none": "ring"}


def sign_of(texts: Catalogue, kind: str, word: str | None) -> Sign:
    """The sign of a status, or of whether a pitfall applies (kind "applies"); None: not rated yet."""
    kind = "applies" if kind == "applies" else "status"
    if word is None:
        return Sign(word=texts("state.open"), letter="–", shape=_SHAPES["none"], tone="none")
    tone = TONES[kind][word]
    said = texts(f"status.{kind}.{word}")
    letter = "?" if tone == "unknown" else said[:1].upper()
    return Sign(word=said, letter=letter, shape=_SHAPES[tone], tone=tone)


def outdated_text(texts: Catalogue, book: Book, changed: Sequence[str]) -> str:
    """That a statement is to be looked at again, because of the steps that changed since it was accepted."""
    names = [book.steps[step].form.title for step in changed]
    listed = texts("join.and").join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    return texts("outdated.text", steps=listed)


def short_day(day: date, today: date, texts: Catalogue) -> str:
    """A day in short, with its year where that is not this year: 4 dec, 15 jan 2027."""
    said = say_short(day, texts.calendar)
    return said if day.year == today.year else f"{said} {day.year}"


def capital(text: str) -> str:
    """The text with a capital first."""
    return text[:1].upper() + text[1:]


def subject_of(step: Step) -> str:
    """What a step inside a part is about: Governance; "" where it is about the whole part."""
    name, colon, _ = step.form.title.partition(":")
    return capital(name) if colon else ""


def labels(texts: Catalogue) -> dict[str, str]:
    """The words that stand in every picture and document."""
    return {
        name: texts(f"canvas.label.{name}")
        for name in (
            "about", "actions", "all_actions", "annex", "apply", "brief", "canvas", "chosen", "coherence", "contents",
            "cut", "decided", "how",
            "made", "more", "needed", "no_actions", "no_date", "no_statement", "nobody", "none", "number", "open",
            "others", "part", "place", "question", "replaced", "rounds", "said", "source", "standing", "state",
            "statement", "status", "subtitle", "trend", "unknowns", "was", "what", "when", "who",
        )
    }  # fmt: skip
