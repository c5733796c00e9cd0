"""A transcript of the terminal as acts to play elsewhere, and what must come of it. Rule: what the coach must do is
recorded, nothing of it is written down twice.

The coach runs on the real clock, so the dates in a transcript are moved by whole weeks: today stands to them as the
transcript's first day does.
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
from tests.transcripts.script import Line as ScriptLine
from tests.transcripts.script import Player

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"

# What differs between two rooms in which the same was said.
_OF_THE_ROOM = frozenset({"room", "exported_at", "author_id", "event", "at", "edited_at"})
_MONTHS = ("januari", "februari", "maart", "april", "mei", "juni",
           "juli", "augustus", "september", "oktober", "november", "december")  # fmt: skip
_WRITTEN = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(_MONTHS)}) (\d{{4}})\b")
_DASHED = re.compile(r"\b(\d{1,2})-(\d{1,2})-(\d{4})\b")
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_LOOSE = re.compile(rf"(?:\b(?:{'|'.join(_MONTHS)}) )?(?<![\d-])\b20\d\d\b(?!-)")


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

    @property
    def acts(self) -> list[Act]:
        """All that happened, in order."""
        return self._recorder.acts

    def files(self) -> bytes:
        return b"".join(found.read_bytes() for found in sorted(self._kept.rglob("*")) if found.is_file())

    def check_kept(self, folder: Path) -> None:
        """Fails where a coach's files hold what people said among themselves, or took back."""
        self._kept = folder
        unheard = [one for one in self.sayings.values() if not one.heard]
        lines = [line.strip() for line in self.path.read_text("utf-8").splitlines()]
        checks = [line for line in lines if line.startswith("? absent")] + ["? discussion absent"] * bool(unheard)
        for check in checks:
            self._check(ScriptLine(0, check))


def record(name: str, folder: Path) -> Case:
    """Play a transcript by itself, in a new folder. Fails where it is not as it says."""
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
    """A transcript with its dates moved; a month or year by itself, in what the coach should say, is left out."""
    lines = []
    for line in text.split("\n"):
        later = _moved_dates(line, timedelta(weeks=weeks))
        if weeks and line.startswith("coach "):
            head, colon, words = later.partition(": ")
            later = head + colon + _without_loose(words)
        lines.append(later)
    return "\n".join(lines)


def _moved_dates(line: str, span: timedelta) -> str:
    def written(found: re.Match[str]) -> str:
        day = date(int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1])) + span
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def dashed(found: re.Match[str]) -> str:
        day = date(int(found[3]), int(found[2]), int(found[1])) + span
        return f"{day.day}-{day.month}-{day.year}"

    line = _WRITTEN.sub(written, line)
    line = _DASHED.sub(dashed, line)
    return _ISO.sub(lambda found: (date.fromisoformat(found[0]) + span).isoformat(), line)


def _without_loose(words: str) -> str:
    kept = _WRITTEN.findall(words)
    return words if kept else _LOOSE.sub("", words)


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
