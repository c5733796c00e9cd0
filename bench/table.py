"""Printing what was measured. Rule: medians and p95, no means, and nothing is asserted."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
from collections.abc import Sequence


def p50(seconds: Sequence[float]) -> float:
    """The median."""
    return statistics.median(seconds)


def p95(seconds: Sequence[float]) -> float:
    """What 95 of 100 stay under."""
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]


def s(seconds: float) -> str:
    """Seconds, as text."""
    return f"{seconds:.3f}"


def ms(seconds: float) -> str:
    """Milliseconds, as text."""
    return f"{seconds * 1e3:.2f}"


def us(seconds: float) -> str:
    """Microseconds, as text."""
    return f"{seconds * 1e6:.0f}"


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: the first column to the left, numbers to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    print(f"\n{title}")
    for row in (head, ["-" * width for width in widths], *rows):
        cells = [cell.ljust(width) if not place else cell.rjust(width) for place, (cell, width) in _placed(row, widths)]
        print("  ".join(cells).rstrip(), flush=True)


def _placed(row: Sequence[str], widths: Sequence[int]) -> enumerate[tuple[str, int]]:
    return enumerate(zip(row, widths, strict=True))


def facts() -> str:
    """The machine and programs that the numbers belong to."""
    python = f"Python {platform.python_version()}"
    sqlite = f"SQLite {sqlite3.sqlite_version}"
    cores = f"{len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()} cores"
    return f"{python}, {sqlite}, {platform.system()} {platform.machine()}, {cores}"
