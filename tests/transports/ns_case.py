"""A transcript of the terminal as acts to play elsewhere, and what must come of it. Rule: what the coach must do is
recorded, nothing of it is written down twice.

Whether a transcript is as it says is tested with the transcripts. The coach in a room runs on the real clock, so dates
are moved by whole weeks: today stands to them as the transcript's first day does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.transports.base import Change, Incoming, Message, People, Removal, Sign
from bot.transports.matrix.transport import MatrixTransport
from flows.conversation.effects import Effect
from tests.bot.process import Line, members, message, redact, run, run_lines, sign
from tests.bot.process import edit as edit_line
from tests.chat import ROOM, START, Chat
from tests.transcripts.script import Happening, Player
from tests.transcripts.script import Line as ScriptLine

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"

# What differs between two rooms in which the same was said.
_OF_THE_ROOM = frozenset({"room", "exported_at", "author_id", "event", "at", "edited_at"})
_MONTHS = ("januari", "februari", "maart", "april", "mei", "juni",
           "juli", "augustus", "september", "oktober", "november", "december")  # fmt: skip
_DATE = re.compile(rf"\b(\d{{1,2}})[ -](\d{{1,2}}|{'|'.join(_MONTHS)})[ -](\d{{4}})\b")


# The transcript -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happens in a transcript, and all that the coach does about it."""

    incoming: Incoming
    effects: tuple[Effect, ...]


class _Recorder(Chat):
    """The chat that a transcript is played in, on the real clock; keeps what happened."""

    def __init__(self, folder: Path) -> None:
        self.acts: list[Act] = []
        super().__init__(folder, people=(), capabilities=MatrixTransport.capabilities)

    def send(self, incoming: Incoming) -> list[Effect]:
        self.now = datetime.now(UTC) - timedelta(seconds=1)
        effects = super().send(incoming)
        self.acts.append(Act(incoming, tuple(effects)))
        return effects


class Case(Player):
    """A transcript that was played by itself: its acts, and what must not be kept of it."""

    def __init__(self, path: Path, folder: Path) -> None:
        for sub in ("unused", "chat"):
            (folder / sub).mkdir()
        super().__init__(path, folder / "unused")
        self.chat.conn.close()
        self.chat = self._recorder = _Recorder(folder / "chat")
        self._kept = folder / "chat"
        self.played = False

    @property
    def acts(self) -> list[Act]:
        """All that happened, in order."""
        return self._recorder.acts

    def _compare(self, happening: Happening, effects: list[Effect]) -> None:
        """What the coach does is compared with what it does elsewhere."""

    def _check(self, line: ScriptLine) -> None:
        if self.played:
            super()._check(line)

    def files(self) -> bytes:
        return b"".join(found.read_bytes() for found in sorted(self._kept.rglob("*")) if found.is_file())

    def check_kept(self, folder: Path) -> None:
        """Fails where a coach's files hold what people said among themselves, or took back."""
        self.played, self._kept = True, folder
        unheard = [one for one in self.sayings.values() if not one.heard]
        lines = [line.strip() for line in self.path.read_text("utf-8").splitlines()]
        checks = [line for line in lines if line.startswith("? absent")] + ["? discussion absent"] * bool(unheard)
        for check in checks:
            self._check(ScriptLine(0, check))


def record(name: str, folder: Path) -> Case:
    """Play a transcript by itself, in a new folder."""
    path = folder / name
    path.write_text(moved((TRANSCRIPTS / name).read_text("utf-8"), weeks_since(START.date())), "utf-8")
    case = Case(path, folder)
    case.play()
    case.chat.conn.close()
    return case


def weeks_since(start: date) -> int:
    """How many weeks today is after the week of a day."""
    return (datetime.now(UTC).date() - (start - timedelta(days=start.weekday()))).days // 7


def moved(text: str, weeks: int) -> str:
    """A text with its dates moved: those with a day, a month and a year."""

    def change(found: re.Match[str]) -> str:
        day, month, year = found.groups()
        try:
            number = int(month) if month.isdecimal() else _MONTHS.index(month) + 1
            then = date(int(year), number, int(day)) + timedelta(weeks=weeks)
        except ValueError:
            return found[0]  # somebody's mistake
        if month.isdecimal():
            return f"{then.day}-{then.month}-{then.year}"
        return f"{then.day} {_MONTHS[then.month - 1]} {then.year}"

    return _DATE.sub(change, text)


# Its export -----------------------------------------------------------------------------------------------------------


def lines_export(acts: list[Act], folder: Path) -> dict[str, Any]:
    """The export of the same acts as JSON lines, by the real commands."""
    path = folder / "lines.db"
    run_lines(path, *(line_of(act.incoming) for act in acts))
    done = run("export", ROOM, "--db", str(path), "--format", "json", "--out", "-")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def line_of(incoming: Incoming) -> Line:
    """An act as a JSON line."""
    at = incoming.at.isoformat()
    match incoming:
        case People():
            names = [person.id for person in incoming.people]
            moderators = tuple(person.id for person in incoming.people if person.moderator)
            return {**members(incoming.id, *names, moderators=moderators), "at": at}
        case Message():
            points = {"reply_to": incoming.reply_to, "thread": incoming.thread}
            more = {name: value for name, value in points.items() if value is not None}
            if incoming.mentioned:
                more["mentions"] = ["coach"]  # type: ignore[assignment]
            return message(incoming.id, incoming.text, incoming.sender, at=at, **more)
        case Sign():
            more = {"removed": True} if incoming.removed else {}  # type: ignore[dict-item]
            return sign(incoming.id, incoming.target, incoming.key, incoming.sender, at=at, **more)
        case Change():
            return edit_line(incoming.id, incoming.target, incoming.text, incoming.sender, at=at)
        case Removal():
            return {**redact(incoming.id, incoming.target, incoming.sender), "at": at}
    raise AssertionError(f"no line for {incoming}")


def canvas(export: Any) -> Any:
    """An export without ids, moments and the room: what is left must be the same wherever it was said."""
    if isinstance(export, Mapping):
        return {name: canvas(value) for name, value in export.items() if name not in _OF_THE_ROOM}
    if isinstance(export, list):
        return [canvas(one) for one in export]
    return export
