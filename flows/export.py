"""A room's canvas for other programs: JSON and CSV, exactly as the contract says; and how a file of it is called.

Rule: every step of the book is there, whatever its state.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from datetime import datetime
from typing import Any

from flows.book.model import Book
from flows.calendar.rhythm import RhythmWords, say_rhythm
from flows.catalogue import Catalogue
from flows.conversation.effects import PORTRAIT, seen_part
from flows.conversation.snapshot import Item, Snapshot
from flows.conversation.traces import is_trace
from flows.conversation.view import RoomView
from flows.summary import AlarmLine, StepLine, Summary, summarise

FORMAT = "opschaalcanvas/1"
COLUMNS = ("step", "kind", "state", "status", "choices", "text", "author", "at")
LONGEST_NAME = 60  # of the pilot's name in a file's name
# A spreadsheet takes a cell that begins like this for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def file_name(
    summary: Summary, texts: Catalogue, form: str, view: str = "", *, dated: bool = True, names: bool = False
) -> str:
    """What the file of an export is called: canvas-naam-van-de-pilot-2026-11-27.pdf; without `dated` canvas.png. Where
    `names` of who said what stand in it, its own name says so.
    """
    parts = ["canvas"]
    if dated:
        parts += [slug(summary.name or "")[:LONGEST_NAME].strip("-"), summary.now.date().isoformat()]
    for one in (view,) if seen_part(view) == view else (seen_part(view), PORTRAIT):
        named = texts.lists.get(f"export.views.{one}")
        part = next((slug(part.title) for part in summary.parts if part.id == one), slug(one))
        parts.append(named[0] if named else part)
    parts += [slug(texts.words("export.words.names")[0]) if names else ""]
    return f"{'-'.join(part for part in parts if part)}.{form}"


def slug(text: str) -> str:
    """A text as a part of a file name: a to z, digits and single hyphens."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def as_json(book: Book, snapshot: Snapshot, now: datetime, words: RhythmWords) -> dict[str, Any]:
    """The canvas as the contract's JSON object; moments carry the room's own offset."""
    summary = summarise(book, snapshot, now)
    view = RoomView(book, snapshot, now)
    lines = _lines(summary)
    return {
        "format": FORMAT,
        "room": summary.room,
        "exported_at": summary.now.isoformat(),
        "book": {"id": book.head.id, "version": book.head.version, "language": book.head.language},
        "pilot": {
            "name": summary.name,
            "start": summary.start.isoformat() if summary.start else None,
            "end": summary.end.isoformat() if summary.end else None,
            "rhythm": say_rhythm(summary.rhythm, words) if summary.rhythm else None,
        },
        "steps": {step: _step(summary, view, lines[step]) for step in book.order},
        "parts": {part.id: {"status": part.status} for part in summary.parts if part.rated},
        "actions": [
            {
                "number": action.number,
                "text": action.text,
                "owner": action.owner_name,
                "due": action.due.isoformat() if action.due else None,
                "state": action.state,
                "step": action.step,
            }
            for action in summary.actions
        ],
        "rounds": [
            {"number": one.number, "at": _local(one.at, summary), "statuses": one.statuses} for one in summary.rounds
        ],
        "alarms": [_alarm(summary, view, alarm) for alarm in summary.alarms],
    }


def _local(at: datetime, summary: Summary) -> str:
    return at.astimezone(summary.now.tzinfo).isoformat()


def _step(summary: Summary, view: RoomView, line: StepLine) -> dict[str, Any]:
    found: dict[str, Any] = {
        "applicable": line.applicable,
        "state": line.state,
        "items": [_item(summary, view, item) for item in line.items],
        "choices": list(line.choices),
        "status": line.status,
    }
    if line.disagreed:
        found["disagreed"] = True
    return found


def _alarm(summary: Summary, view: RoomView, alarm: AlarmLine) -> dict[str, Any]:
    found: dict[str, Any] = {"id": alarm.id, "text": alarm.text}
    if alarm.known or alarm.decided:  # what the team decided about it; nothing in it: only that it knows
        found["decided"] = [_item(summary, view, item) for item in alarm.decided]
    return found


def _lines(summary: Summary) -> dict[str, StepLine]:
    return {line.id: line for part in summary.parts for line in part.steps}


def _item(summary: Summary, view: RoomView, item: Item) -> dict[str, Any]:
    found: dict[str, Any] = {
        "text": item.text,
        "author": view.name(item.author),
        "author_id": item.author,
        "at": _local(item.at, summary),
        "event": None if is_trace(item.event) else item.event,
    }
    if item.edited_at is not None:
        found["edited_at"] = _local(item.edited_at, summary)
        found["edited_by"] = view.name(item.edited_by)
    return found


def as_csv(book: Book, snapshot: Snapshot, now: datetime) -> str:
    """The canvas as a table: a row an item, at least one a step; no cell is a formula."""
    summary = summarise(book, snapshot, now)
    view = RoomView(book, snapshot, now)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    lines = _lines(summary)
    for step in book.order:
        line = lines[step]
        head = [step, line.kind, line.state, line.status or "", ", ".join(line.choices)]
        rows = [[item.text, view.name(item.author) or "", _local(item.at, summary)] for item in line.items]
        done = [action for action in summary.actions if action.step == step]
        rows += [[action.text, view.name(action.author) or "", _local(action.at, summary)] for action in done]
        writer.writerows([[_cell(value) for value in (*head, *row)] for row in rows or [["", "", ""]]])
    return out.getvalue()


def _cell(text: str) -> str:
    """A cell that a spreadsheet shows as it is written."""
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text.startswith(("\t", "\r")) else text
