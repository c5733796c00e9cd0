"""What `check` looks at on this machine: the database, the disk, the clock, what draws, where backups go.

Rule: it looks and changes nothing, says only what is wrong, and with each how to mend it. What needs the network is
looked at elsewhere.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.clock import Clock
from bot.files import missing
from bot.settings import Settings
from flows.conversation.snapshot import Room
from storage import rooms
from storage.backup import restored_at
from storage.errors import StorageError
from storage.reader import open_reader

LEAST_FREE = 200 * 1024 * 1024  # bytes
COPIES = 3  # of the database, that an upgrade and an erasure may need at once
SLACK = timedelta(minutes=10)
_EARLIEST = 2026


def faults(settings: Settings, config: Path, clock: Clock) -> list[str]:
    """What is wrong here, a line each."""
    path = settings.storage.path
    return [
        *_database(settings, config, clock),
        *_folder("[storage] path", path.parent),
        *_space(path),
        *_backups(settings),
        *_zone(Room().zone),
        *_drawing(),
    ]


def _database(settings: Settings, config: Path, clock: Clock) -> Iterator[str]:
    path, now = settings.storage.path, clock.now()
    if now.year < _EARLIEST:
        yield f"the clock of this machine says {now:%Y-%m-%d}: set it, or reminders come on the wrong day"
    if not path.exists():
        return  # the first start makes it
    try:
        with closing(open_reader(path, older=True)) as conn:
            last = _last(conn)
            restored = restored_at(conn)
    except StorageError as error:
        yield f"[storage] path: {error}"
        return
    if last is not None and last > now + SLACK:
        yield (
            f"the clock of this machine ({now:%Y-%m-%d %H:%M} UTC) is behind what the database saw last "
            f"({last:%Y-%m-%d %H:%M} UTC): set the clock"
        )
    if not os.access(path, os.W_OK):
        yield f"{path} can't be written by this user: run the coach as its owner"
    if restored is not None and settings.matrix is not None:
        yield from _device(settings, config, restored)


def _last(conn: sqlite3.Connection) -> datetime | None:
    # Those of a terminal or of lines have a clock of their own.
    lines = [line for line in rooms.listing(conn) if line.transport != "console"]
    return max((line.last_at for line in lines if line.last_at is not None), default=None)


def _device(settings: Settings, config: Path, restored: datetime) -> Iterator[str]:
    from bot.transports.matrix import account

    try:
        made = account.read(settings.matrix_store, config).made_at
    except account.AccountError:
        return  # told of with the account
    if made <= restored:
        yield (
            f"[matrix] the database was put back from a backup after the last login: the coach needs a new device. "
            f"Run `opschaalcoach login --config {config}`."
        )


def _folder(place: str, folder: Path) -> Iterator[str]:
    """A folder that the coach writes in, or makes."""
    there = _nearest(folder)
    if not there.is_dir():
        yield f"{place}: {there} is no folder: name another place"
    elif not os.access(there, os.W_OK | os.X_OK):
        what = "be written" if there == folder else f"be made in {there}"
        yield f"{place}: {folder} can't {what} by this user: make it this user's own, or name another place"


def _nearest(folder: Path) -> Path:
    """The folder, or what is there of the path to it."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _space(path: Path) -> Iterator[str]:
    size = path.stat().st_size if path.is_file() else 0
    needed = max(LEAST_FREE, COPIES * size)
    try:
        free = shutil.disk_usage(_nearest(path.parent)).free
    except OSError:
        return
    if free < needed:
        yield f"only {_mb(free)} MB free on the disk of {path}: free {_mb(needed)} MB, for upgrades and erasing copy it"


def _mb(size: int) -> int:
    return size // (1024 * 1024)


def _backups(settings: Settings) -> Iterator[str]:
    folder = settings.storage.backup_folder
    if folder is not None:
        yield from _folder("[storage] backup_folder", folder)


def _zone(name: str) -> Iterator[str]:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        yield f"the time zone {name} is not known here: pip install tzdata"


def _drawing() -> Iterator[str]:
    if absent := missing():
        yield f"no pictures and documents: {', '.join(absent)} not installed: pip install 'opschaalcoach[documents]'"
        return
    from bot.render import fonts

    for folder in fonts.folders():
        if not any(folder.glob("*.ttf")):
            yield f"no pictures and documents: there are no fonts in {folder}: install the coach again"
