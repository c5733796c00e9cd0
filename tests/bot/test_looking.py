"""The real command in a terminal that says what it can show: a picture where it shows pictures, else where it lies.

The test is the terminal: it answers what programs ask a terminal, and reads what they write to it.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.process import DEADLINE, ROOT

SIXEL = b"\x1bP"
PROMPT = b"Anna>"
ATTRIBUTES, CURSOR = b"\x1b[c", b"\x1b[6n"  # what can you do, where is your cursor


class Terminal:
    """A terminal of 120 columns with a coach in it. `attributes` is what it says that it can do (4: Sixel)."""

    def __init__(self, db: Path, attributes: bytes) -> None:
        self._attributes = attributes
        self._main, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 120, 120 * 8, 50 * 16))
        command = [sys.executable, "-m", "bot", "--db", str(db), "--as", "Anna"]
        self._process = subprocess.Popen(
            command, stdin=inside, stdout=inside, stderr=inside, cwd=ROOT, env=os.environ | {"TERM": "xterm-256color"},
            start_new_session=True,
        )  # fmt: skip
        os.close(inside)
        self.seen = b""
        self._answered: dict[bytes, int] = {}

    def type(self, line: str, until: bytes) -> bytes:
        """Type a line; what is shown until these bytes came, and the prompt after them."""
        start = len(self.seen)
        os.write(self._main, line.encode() + b"\r")
        self.read(until, start)
        self.read(PROMPT, self.seen.index(until, start))
        return self.seen[start:]

    def read(self, until: bytes, start: int = 0) -> bytes:
        """What is shown from a place on, until these bytes came."""
        ends = time.monotonic() + DEADLINE
        while until not in self.seen[start:]:
            ready, _, _ = select.select([self._main], [], [], max(ends - time.monotonic(), 0))
            assert ready, self.seen[-500:]
            self.seen += os.read(self._main, 65536)
            self._answer()
        return self.seen[start:]

    def _answer(self) -> None:
        """Answer each question once."""
        for asked, answer in ((ATTRIBUTES, self._attributes), (CURSOR, b"\x1b[50;1R")):
            for _ in range(self.seen.count(asked) - self._answered.get(asked, 0)):
                os.write(self._main, answer)
            self._answered[asked] = self.seen.count(asked)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._main)


@pytest.fixture
def terminal(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path / "coach.db", request.param)
    yield terminal
    terminal.end()


@pytest.mark.parametrize(
    ("terminal", "shows"), [(b"\x1b[?62;4c", True), (b"\x1b[?62;22c", False)], indirect=["terminal"]
)
def test_a_picture_is_shown_where_the_terminal_can(terminal: Terminal, shows: bool) -> None:
    terminal.read(PROMPT)
    terminal.type("!start", b"Hoe heet jullie pilot?")
    shown = terminal.type("!overzicht", b".png")
    assert (SIXEL in shown) is shows
    place = re.search(rb"Bestand: (\S+\.png)", shown)
    assert place is not None
    assert Path(os.fsdecode(place[1])).read_bytes().startswith(b"\x89PNG")
    again = terminal.type("!hulp", b"!antwoord")  # the prompt works as before
    assert SIXEL not in again
