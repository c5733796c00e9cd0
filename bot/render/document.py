"""The canvas as a document: PDF (the report on A4, the canvas on A3), Word, PowerPoint. Runs in the worker's process.

Rule: each form holds every answer in full; what can't be shown in one is never lost in the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

FORMS = ("pdf", "a3", "docx", "pptx")


def write(canvas: Mapping[str, Any], form: str) -> bytes:
    """The document. `form` is one of FORMS."""
    return _WRITERS[form](canvas)


def _report(canvas: Mapping[str, Any]) -> bytes:
    return _pdf(canvas, "report", "a4")


def _poster(canvas: Mapping[str, Any]) -> bytes:
    return _pdf(canvas, "canvas", "a3")


def _pdf(canvas: Mapping[str, Any], template: str, layout: str) -> bytes:
    from bot.render import typesetting

    data = typesetting.showable(canvas)
    if data != canvas:
        data["replaced"] = 1
    made = int(datetime.fromisoformat(canvas["stamp"]).timestamp())
    return typesetting.pdf(template, data, layout, made)


def _word(canvas: Mapping[str, Any]) -> bytes:
    from bot.render import word

    return word.write(canvas)


def _slides(canvas: Mapping[str, Any]) -> bytes:
    from bot.render import slides

    return slides.write(canvas)


_WRITERS: dict[str, Callable[[Mapping[str, Any]], bytes]] = {
    "pdf": _report,
    "a3": _poster,
    "docx": _word,
    "pptx": _slides,
}
