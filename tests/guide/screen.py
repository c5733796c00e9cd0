"""A scene of the guide, played at the coach's own terminal. Rule: what a picture shows is what the terminal printed.

A scene is a plain file; each line is typed, but for these:

    = Anna, Bas           who is there (first line)
    # remark              says nothing, and so does an empty line
    ~ 3 dagen             time goes by (minuten, uur, dagen, weken; days, weeks), and what comes due comes
    >> einde              `!verder` until the room stands there
    -----                 the picture begins here: what was shown before is not in it
    ? words               stands in the picture, in so many words; the scene fails where it does not

`{q}` in a line is the number of the coach's latest question, `{e}` the name of the latest message of a person.
"""

from __future__ import annotations

import io
import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.theme import Theme

from bot.clock import LineClock
from bot.coach import Coach
from bot.console import make_engine
from bot.transports.console import NAME
from bot.transports.console.saving import Folder
from bot.transports.console.terminal import Terminal, TerminalTransport
from flows.catalogue import load_catalogue
from flows.conversation.effects import ASKING, Say
from storage import rooms
from storage.outbox import Row
from storage.writer import Writer

WIDTH = 88
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OPERATOR = "Gemeente Voorbeeld"
ROOM = "pilot"
_UNITS = (("minu", "minutes"), ("uur", "hours"), ("hour", "hours"), ("dag", "days"), ("day", "days"), ("we", "weeks"))
# Dark on light, with enough contrast, also in print.
_LIGHT = TerminalTheme(
    (255, 255, 255),
    (31, 41, 55),
    [
        (31, 41, 55),
        (176, 32, 32),
        (30, 110, 60),
        (140, 90, 0),
        (30, 70, 160),
        (120, 40, 130),
        (0, 100, 115),
        (75, 85, 99),
    ],
)
# Rich's own form names a font of a server elsewhere: a picture must ask nothing of anybody.
_SVG = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: {char_height}px;
  line-height: {line_height}px; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>{lines}</defs>
<rect fill="#ffffff" stroke="#d3dae6" stroke-width="3" width="100%" height="100%" rx="8"/>
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


class SceneFailure(AssertionError):
    """What was shown is not what the scene says."""


@dataclass(frozen=True)
class Shown:
    """What a scene showed: as text, and as a picture."""

    text: str
    svg: str


class _Transport(TerminalTransport):
    """The terminal's own, which also tells which message asked last."""

    asks = 1

    async def send(self, row: Row, target: str | None) -> str | None:
        if isinstance(row.effect, Say) and (row.effect.kind in ASKING or row.effect.asks):
            self.asks = row.effect.number
        return await super().send(row, target)


async def play(scene: Path, folder: Path) -> Shown:
    """Play a scene in a folder of its own. Raises SceneFailure."""
    lines = _lines(scene)
    people = [name.strip() for name in lines.pop(0).removeprefix("=").split(",")]
    language = scene.parent.name
    console = Console(
        file=io.StringIO(), record=True, width=WIDTH, force_terminal=True, color_system="truecolor",
        highlight=False, theme=Theme({"markdown.code": "cyan"}),
    )  # fmt: skip
    writer = await Writer.open(folder / "coach.db")
    transport = _Transport(console, load_catalogue(language), Folder(folder / "coach.files"))
    clock = LineClock(AT)
    coach = Coach(writer, make_engine(transport, OPERATOR, "coach.db", language), transport, clock, "guide")
    session = Terminal(coach, transport, clock, ROOM, people)
    wanted = []
    try:
        await coach.start()
        await coach.fire(AT, stepwise=True)  # nothing was missed
        await session._receive([session._members()])
        for line in lines:
            if line.startswith("-----"):
                console.export_text(clear=True)
            elif line.startswith("?"):
                wanted.append(line[1:].strip())
            elif line.startswith(">>"):
                while await writer.run(_position) != line[2:].strip():
                    await session.line("!verder")
            elif line.startswith("~"):
                until = clock.move(clock.now() + _span(line[1:]))
                await coach.fire(until, stepwise=True)
            else:
                typed = line.replace("{q}", str(transport.asks)).replace("{e}", f"e{session._count}")
                clock.move(clock.now() + timedelta(seconds=20))
                await session.line("" if typed == "." else typed, echo=True)
    finally:
        await coach.close()
        await writer.close()
    text = console.export_text(clear=False).replace(str(folder), "~").strip("\n")
    for words in wanted:
        if " ".join(words.split()) not in " ".join(text.split()):
            raise SceneFailure(f"{scene.parent.name}/{scene.name} does not show {words!r}:\n{text}")
    svg = console.export_svg(title="", theme=_LIGHT, code_format=_SVG, unique_id=f"scene-{scene.stem}")
    return Shown(text, svg.replace(str(folder), "~"))


def _lines(scene: Path) -> list[str]:
    """The lines of a scene that do something."""
    return [line for line in scene.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")]


def _position(conn: sqlite3.Connection) -> str:
    room = rooms.find(conn, NAME, ROOM)
    assert room is not None
    return rooms.load(conn, room).room.position


def _span(text: str) -> timedelta:
    number, unit = re.fullmatch(r"\s*(\d+)\s+(\w+)", text).groups()  # type: ignore[union-attr]
    name = next(name for start, name in _UNITS if unit.startswith(start))
    return timedelta(**{name: int(number)})
