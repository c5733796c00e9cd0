"""What the command line reads without being a coach: rooms, exports, faults.

Rule: it never writes to a database, so it may read while a coach runs.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.cli import UsageError
from bot.clock import SystemClock
from bot.files import Files, written
from bot.settings import Settings
from flows.book.load import books_folder, language_folders, load_guide
from flows.book.model import Book
from flows.catalogue.alike import catalogue_faults
from flows.conversation.effects import VIEWS, WRITTEN, Attach, upright
from flows.conversation.snapshot import Snapshot
from flows.conversation.text import clean, one_line
from flows.languages import Language, load_languages
from flows.summary import summarise
from storage import meta, rooms
from storage.reader import open_reader

CLOCK_KEY = "clock"


def _parts(book: Book) -> tuple[str, ...]:
    return tuple(part.id for part in book.parts.values() if part.status)


def room_lines(path: Path) -> list[str]:
    """A line a room, tab-separated: id, transport, pilot, step, last activity (local time)."""
    languages = load_languages()
    lines = []
    conn = open_reader(path)
    try:
        for line in rooms.listing(conn):
            snapshot = rooms.load(conn, line.id)
            book = languages.of(snapshot.room.language).book
            name = summarise(book, snapshot, SystemClock().now()).name or "-"
            zone = ZoneInfo(snapshot.room.zone)
            last = line.last_at.astimezone(zone).isoformat(timespec="seconds") if line.last_at else "-"
            cells = (line.external, line.transport, name, line.position, last)
            lines.append("\t".join(one_line(clean(cell)) for cell in cells))
    finally:
        conn.close()
    return lines


def export(path: Path, room: str, form: str, view: str = "", *, authors: bool = False) -> bytes:
    """One room's canvas as a file of a form; `view` what of it (see effects.Attach). Raises UsageError where there is
    no such room or view, or where it could not be drawn.
    """
    languages = load_languages()
    parts = _parts(languages.of("").book)
    views = (*VIEWS.get(form, ()), *([*parts, *map(upright, parts)] if form == "png" else ()))
    if view and view not in views:
        raise UsageError(f"{form} has no view '{view}'; it has: {', '.join(views) or 'none'}.")
    conn = open_reader(path)
    try:
        found = [line for line in rooms.listing(conn) if line.external == room]
        if not found:
            raise UsageError(f"there is no room '{room}' in {path}; `opschaalcoach rooms --db {path}` lists them.")
        if len(found) > 1:
            raise UsageError(f"room '{room}' is there on more than one transport.")
        snapshot = rooms.load(conn, found[0].id)
        stored = meta.get(conn, CLOCK_KEY)
    finally:
        conn.close()
    now = SystemClock().now() if stored is None else datetime.fromisoformat(stored)
    spoken = languages.of(snapshot.room.language)
    if form in WRITTEN:
        return written(spoken.book, spoken.texts, snapshot, form, now)
    return asyncio.run(_drawn(snapshot, spoken, Attach(0, "info", None, form, view, authors), now))


async def _drawn(snapshot: Snapshot, spoken: Language, wanted: Attach, now: datetime) -> bytes:
    from bot.render.worker import RenderError

    files = Files(spoken.book, spoken.texts)
    try:
        return (await files.make(snapshot, wanted, now)).data
    except RenderError as error:
        raise UsageError(str(error)) from None
    finally:
        await files.close()


def _matrix_faults(settings: Settings, config: Path) -> list[str]:
    """What is wrong with the coach's account on its homeserver, where the configuration names one."""
    if settings.matrix is None:
        return []
    try:
        from bot.transports.matrix import checks
    except ModuleNotFoundError as error:
        return [f"[matrix] {error.name} is not installed: pip install 'opschaalcoach[matrix]'"]
    return asyncio.run(checks.faults(settings.matrix, settings.matrix_store, config))


def _teams_faults(settings: Settings) -> list[str]:
    """What is wrong with the coach's registration with Microsoft, where the configuration names one."""
    if settings.teams is None:
        return []
    try:
        from bot.transports.teams import checks
    except ModuleNotFoundError as error:
        return [f"[teams] {error.name} is not installed: pip install 'opschaalcoach[teams]'"]
    return asyncio.run(checks.faults(settings.teams))


def faults(config: Path | None, books: Path | None, *, offline: bool = False) -> list[str]:
    """Every fault in a configuration, on this machine, with the chats (not `offline`) and in the books, a line each."""
    found: list[str] = []
    if config is not None:
        from bot import doctor, modes
        from bot.settings import SettingsError, load_settings

        try:
            settings = load_settings(config)
        except SettingsError as error:
            found += error.faults
        else:
            found += [*modes.faults(settings, config), *doctor.faults(settings, config, SystemClock())]
            if not offline:
                found += [*_matrix_faults(settings, config), *_teams_faults(settings)]
    folder = books if books is not None else books_folder()
    if not folder.is_dir():
        return [*found, f"{folder}: there is no such folder; name one with --books"]
    found += [f"catalogue/{fault}" for fault in catalogue_faults()]
    seen = 0
    for guide in sorted(folder.iterdir(), key=lambda entry: entry.name):
        seen += len(language_folders(guide))
        found += load_guide(guide)[1]
    if not seen:
        found.append(f"{folder}: holds no book; it needs a folder a guide, and in it one a language")
    return found
