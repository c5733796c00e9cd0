"""A room's canvas as a file: what `!export`, the picture under an overview and the command line make.

Rule: from the room as it stands at that moment. What is drawn is drawn in the worker's process; nothing that draws is
loaded before it is needed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from bot.transports.base import File
from flows.book.model import Book
from flows.calendar.workdays import workday_on_or_after
from flows.catalogue import Catalogue
from flows.conversation.effects import DRAWN, FORMS, POSTER, WRITTEN, Attach
from flows.conversation.roomtime import day_of, free_of
from flows.conversation.snapshot import Snapshot
from flows.languages import Language, Languages, Unread
from flows.summary import Summary, summarise

if TYPE_CHECKING:
    from bot.render.worker import Worker
    from flows.canvas import Canvas

MIMES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "png": "image/png",
    "csv": "text/csv",
    "ics": "text/calendar",
    "json": "application/json",
}
_WIDEST = (1920, 0)
_DRAWS = ("typst", "PIL", "docx", "pptx", "fontpkg_inter", "fontpkg_noto_sans_arabic")


def missing() -> list[str]:
    """The packages that are not installed, without which nothing can be drawn."""
    return [name for name in _DRAWS if find_spec(name) is None]


def available() -> tuple[str, ...]:
    """The kinds of file that this installation can make."""
    return WRITTEN if missing() else FORMS


def written(book: Book, texts: Catalogue, snapshot: Snapshot, form: str, now: datetime) -> bytes:
    """A file that needs no drawing: csv, ics or json."""
    from flows.export import as_csv, as_json

    if form == "csv":
        return as_csv(book, snapshot, now).encode()
    if form == "ics":
        from flows.ics import as_ics

        summary, free = summarise(book, snapshot, now), free_of(snapshot.room)
        return as_ics(summary, texts, [workday_on_or_after(day, free) for day in summary.looks()]).encode()
    found = as_json(book, snapshot, now, texts.rhythm)
    return (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")


def _canvas(summary: Summary, spoken: Language, authors: bool) -> Canvas:
    from flows.canvas import build

    return build(summary, spoken.book, spoken.texts, authors=authors)


class Files:
    """Makes files of rooms, each in the language of its room: that of the book, or one of the others. To be closed in
    the end.
    """

    def __init__(self, book: Book, texts: Catalogue, others: Sequence[Language | Unread] = ()) -> None:
        self._languages = Languages(Language(book, texts), tuple(others))
        self._worker: Worker | None = None

    async def make(self, snapshot: Snapshot, wanted: Attach, now: datetime, widest: tuple[int, int] = _WIDEST) -> File:
        """The file that is wanted, of a room at a moment; `widest` is the most pixels of a picture's longer side, and
        of its thumbnail's (0: it has none). Raises RenderError.
        """
        from flows.export import file_name

        spoken = self._languages.of(snapshot.room.language)
        summary = summarise(spoken.book, snapshot, now)
        # What is looked at is called after what it shows, what is kept also after the pilot and the day.
        dated = wanted.kind != "overview"
        name = file_name(summary, spoken.texts, wanted.form, wanted.view, dated=dated, names=wanted.authors)
        if wanted.form in DRAWN:
            canvas = await asyncio.to_thread(_canvas, summary, spoken, wanted.authors)
            return await self._drawn(canvas, wanted, name, widest)
        data = await asyncio.to_thread(written, spoken.book, spoken.texts, snapshot, wanted.form, now)
        return File(name, MIMES[wanted.form], data)

    def mine(self, snapshot: Snapshot, who: str, now: datetime, more: Mapping[str, Any]) -> File:
        """What a room has about a person, for that person; `more` is what lies outside the conversation."""
        from flows.mydata import as_json

        texts = self._languages.of(snapshot.room.language).texts
        found = as_json(snapshot, who, now, more)
        data = (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")
        return File(f"{texts('mine.name')}-{day_of(snapshot.room, now).isoformat()}.json", MIMES["json"], data)

    async def close(self) -> None:
        """End the process that draws."""
        if self._worker is not None:
            await self._worker.close()

    async def _drawn(self, canvas: Canvas, wanted: Attach, name: str, widest: tuple[int, int]) -> File:
        from bot.render.worker import Worker
        from flows.canvas import alt_text, caption

        worker = self._worker = self._worker or Worker()
        mime = MIMES[wanted.form]
        if wanted.form != "png":
            form = POSTER if wanted.view == POSTER else wanted.form
            return File(name, mime, await worker.document(canvas, form))
        layout, (large, small) = wanted.view or "landscape", widest
        picture = await worker.picture(canvas, layout, large)
        thumbnail = await worker.picture(canvas, layout, small) if small else None
        alt, line = alt_text(canvas, wanted.view), caption(canvas, wanted.view)
        return File(name, mime, picture.data, alt, line, picture, thumbnail)
