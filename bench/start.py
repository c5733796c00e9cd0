"""How soon the coach is there: processes started one after the other, each till what its user waits for. Rule: the
first start is left out, for it may write the compiled files; Python alone, doing nothing, is measured beside them.

Where the environment tells Python to write no compiled files, every start would compile the coach anew: no
administrator has that, so the starts do not get it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from bench import table

TIMES = 15
HEAD = ("", "p50, s", "p95, s", "times Python alone")
OPTIONAL = ("typst", "PIL", "nio", "microsoft_teams", "docx", "pptx", "holidays", "prompt_toolkit")
_LINE = {"type": "message", "id": "e1", "room": "r1", "sender": "Anna", "text": "hallo"}
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
_COACH = (sys.executable, "-m", "bot")


def measure() -> None:
    """Print the table, and what of the large libraries each of these loads."""
    with tempfile.TemporaryDirectory(prefix="opschaalcoach-bench-") as name:
        folder = Path(name)
        alone = _times((sys.executable, "-c", "pass"))
        rows = [["Python alone", table.s(table.p50(alone)), table.s(table.p95(alone)), ""]]
        (old := folder / "old").mkdir()
        _first(old)
        new = iter(range(1_000))
        for title, times in (
            ("--help", _times((*_COACH, "--help"))),
            (
                "console, to the welcome, in a new folder",
                [_first(_made(folder / str(next(new)))) for _ in range(TIMES)],
            ),
            ("console, to the first answer, where it was", [_first(old) for _ in range(TIMES)]),
            ("rooms", _times((*_COACH, "rooms", "--db", str(old / "coach.db")))),
        ):
            rest = times[1:]
            ratio = f"{table.p50(rest) / table.p50(alone):.0f}"
            rows.append([title, table.s(table.p50(rest)), table.s(table.p95(rest)), ratio])
        table.show(f"From the start of the process, {TIMES} times each", HEAD, rows)
        for title, arguments in (
            ("--help", ("--help",)),
            ("console", ("console", "--jsonl", "--db", str(old / "coach.db"))),
        ):
            print(f"{title} loads {', '.join(_loaded(arguments)) or 'none'} of {', '.join(OPTIONAL)}")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _times(command: tuple[str, ...]) -> list[float]:
    times = []
    for _ in range(TIMES):
        start = perf_counter()
        subprocess.run(command, capture_output=True, check=True, env=_ENVIRONMENT)
        times.append(perf_counter() - start)
    return times


def _first(folder: Path) -> float:
    """Seconds from a start till what the coach says to the first line is there."""
    start = perf_counter()
    command = (*_COACH, "console", "--jsonl", "--db", str(folder / "coach.db"))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_ENVIRONMENT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({**_LINE, "id": f"e{start}"}).encode() + b"\n")
        process.stdin.flush()
        if not process.stdout.readline():
            raise SystemExit("the coach said nothing: nothing can be measured")
        took = perf_counter() - start
        process.stdin.close()
        process.stdout.read()
    return took


def _loaded(arguments: tuple[str, ...]) -> list[str]:
    """Which of the large libraries a command loads; holidays after the first thing that is said."""
    command = (sys.executable, "-X", "importtime", "-m", "bot", *arguments)
    done = subprocess.run(
        command, input=json.dumps({**_LINE, "id": f"l{perf_counter()}"}), capture_output=True, text=True, check=True
    )
    found = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    return [name for name in OPTIONAL if name in found]
