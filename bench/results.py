"""`bench/RESULTS.md`: what was measured last, a section for each command. Rule: a section holds what the command
printed, word for word, with the day, the commit, the machine and the versions; the command writes it and nobody else.
"""

from __future__ import annotations

import contextlib
import io
import os
import platform
import re
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

FILE = Path(__file__).with_name("RESULTS.md")
ORDER = ("turns", "growth", "reminders", "pictures", "start", "month", "matrix", "back", "teams")
_HEAD = """# What was measured

Written by `make bench`, `make bench-matrix` and `make bench-teams`. Other machines have other numbers: compare the
columns of one table, best the ratios. p50 is the median, p95 what 95 of 100 stay under.
"""
_VERSIONS = ("matrix-nio", "pydantic", "aiosqlite", "transitions", "typst", "aiohttp")


@contextlib.contextmanager
def section(name: str, title: str, command: str) -> Iterator[None]:
    """What is printed meanwhile becomes the section `name`; it stays as it was where something goes wrong.

    `command` is what to type for it; the arguments that were given are added.
    """
    copy = io.StringIO()
    with contextlib.redirect_stdout(_Both(sys.stdout, copy)):
        yield
    given = shlex.join(sys.argv[1:])
    typed = f'{command} ARGS="{given}"' if given else command
    text = f"## {title}\n\n`{typed}`, {_when()}. {machine()}.\n\n```text\n{copy.getvalue().strip()}\n```\n"
    _write(name, text)


class _Both(io.TextIOBase):
    """Prints, and keeps what was printed."""

    def __init__(self, *streams: io.TextIOBase | io.StringIO | object) -> None:
        self._streams = streams

    def write(self, text: str, /) -> int:
        for one in self._streams:
            one.write(text)  # type: ignore[attr-defined]
        return len(text)

    def flush(self) -> None:
        for one in self._streams:
            one.flush()  # type: ignore[attr-defined]


def _write(name: str, text: str) -> None:
    found = dict(_sections(FILE.read_text("utf-8"))) if FILE.exists() else {}
    found[name] = text
    known = [one for one in ORDER if one in found] + [one for one in found if one not in ORDER]
    parts = [f"<!-- {one} -->\n{found[one].strip()}\n" for one in known]
    FILE.write_text("\n".join([_HEAD, *parts]), "utf-8")


def _sections(text: str) -> Iterator[tuple[str, str]]:
    parts = re.split(r"^<!-- (\w+) -->\n", text, flags=re.MULTILINE)[1:]
    return zip(parts[::2], parts[1::2], strict=True)


def _when() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}, commit {_commit()}"


def _commit() -> str:
    git = ["git", "-C", str(FILE.parent)]
    try:
        head = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
        dirty = subprocess.run(
            [*git, "status", "--porcelain", "--", ":!bench/RESULTS.md"], capture_output=True, text=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + (" with changes" if dirty.stdout.strip() else "")


def machine() -> str:
    """The machine and the versions that numbers belong to."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parts = [
        f"{cores} cores ({_processor()})",
        f"{platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
    ]
    for name in _VERSIONS:
        with contextlib.suppress(metadata.PackageNotFoundError):
            parts.append(f"{name} {metadata.version(name)}")
    return ", ".join(parts)


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or "unknown"
