"""The texts that teams read, in each language: those of the book and the coach's own, with their places."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from flows.book.model import Book
from tests.chat import LANGUAGES


def book_texts(book: Book) -> Iterator[tuple[str, str]]:
    """Every text of a book, with its place."""
    head = book.head
    for nudge in head.nudge:
        yield f"nudge {nudge.id}", nudge.text
    if head.recognise:
        yield "recognise text", head.recognise.text
        yield "recognise text_one", head.recognise.text_one
    for alarm in book.alarms:
        if alarm.form.text:
            yield f"alarm {alarm.id}", alarm.form.text
    for place, reason in enumerate(book.reasons, 1):
        yield f"reason {place}", reason.form.text
    if book.coherence.weighing:
        yield "weighing", book.coherence.weighing.text
    for part in book.parts.values():
        yield f"{part.id} title", part.head.title
        yield f"{part.id} intro", part.head.intro
    for step in book.steps.values():
        form = step.form
        for key in ("title", "question", "why", "example", "help", "frame"):
            if getattr(form, key):
                yield f"{step.id} {key}", getattr(form, key)
        for choice in form.choices:
            yield f"{step.id} {choice.word} name", choice.name
            yield f"{step.id} {choice.word} label", choice.label


BOOK_TEXTS = {code: dict(book_texts(one.book)) for code, one in LANGUAGES.by_code.items()}
OWN_TEXTS = {code: dict(one.texts.texts) for code, one in LANGUAGES.by_code.items()}
ALL_TEXTS = {code: BOOK_TEXTS[code] | OWN_TEXTS[code] for code in BOOK_TEXTS}


def words(text: str) -> list[str]:
    """The words of a text: lower case, without accents, signs and markup."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return re.findall(r"[a-z0-9]+", "".join(char for char in plain if not unicodedata.combining(char)))


def sentences(text: str) -> list[str]:
    """The sentences of a text; each line of a list is one."""
    return [one for one in re.split(r"(?<=[.?!])\s+|\n", text) if one.strip()]


def without_code(text: str) -> str:
    """A text without what stands between backticks: commands and names that people type."""
    return re.sub(r"`[^`]*`", "", text)
