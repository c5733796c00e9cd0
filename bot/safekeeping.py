"""`opschaalcoach backup` and `restore`. Rule: what was done is said, and what is still to be done by hand too."""

from __future__ import annotations

from pathlib import Path

from bot import control
from bot.clock import SystemClock
from flows.conversation.text import clean, one_line
from storage import backup
from storage.backup import Backup


def back_up(database: Path, target: Path, *, replace: bool = False) -> str:
    """Make a backup: the coach that runs does it, so that it knows; where it can't (it may not write there), or none
    runs, this process does. One line on what was made. Raises StorageError."""
    target = target.absolute()
    try:
        said = control.ask(database, "backup", out=str(target), replace=replace)
        made = Backup(int(said["rooms"]), int(said["size"]), None)
    except (control.NotRunning, control.AskedFault):
        made = backup.back_up(database, target, SystemClock().now(), replace=replace)
    return f"Backup with {_rooms(made)}, {made.size} bytes: {target}"


def put_back(source: Path, database: Path) -> list[str]:
    """Put a backup in the place of a database; what was done and what comes next, a line each. Raises StorageError."""
    done = backup.put_back(source, database, SystemClock().now())
    taken = f" of {done.backup.taken:%Y-%m-%d %H:%M} UTC" if done.backup.taken is not None else ""
    lines = [f"Put back: the backup{taken} with {_rooms(done.backup)}, as {database}"]
    if done.former is not None:
        lines.append(f"The database that was there is kept as {done.former}: delete it when you need it no more.")
    lines += [
        f"Erased since the backup, it seems, and back now: {one_line(clean(room))}. Erase it again: "
        f"`opschaalcoach erase '{one_line(clean(room))}' --db {database} --yes`"
        for room in done.back
    ]
    return [
        *lines,
        "Before the coach starts on Matrix: `opschaalcoach login`, for a new device. Never put an old key store back.",
        "What was agreed after the backup is not in it: tell the teams. Whoever was forgotten since is back in it.",
    ]


def _rooms(made: Backup) -> str:
    return f"{made.rooms} room" if made.rooms == 1 else f"{made.rooms} rooms"
