"""JSON lines in and out, exactly as the contract says. Rule: a line that can't be read costs one error line; the next
is read as usual.

A line moves the clock where it says what time it is; timers fire only then. `done` follows when all that a line led
to is stored and posted.
"""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal, TextIO
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from bot.clock import LineClock
from bot.coach import Coach
from bot.files import available
from bot.memory import OLDEST
from bot.receiving import APART
from bot.transports.base import Change, File, Incoming, Message, People, Refused, Removal, Sign
from bot.transports.console import NAME
from bot.transports.console.feed import Feed
from bot.transports.console.saving import Folder
from flows.conversation.effects import Attach, Edit, Mark, Say
from flows.conversation.events import Person
from flows.conversation.hearing import PRIVATE, Capabilities
from flows.conversation.text import clean, one_line
from storage import meta
from storage.errors import StorageError
from storage.outbox import Row

# A line holds one message and its wrapping; what is longer is no message of a chat.
LONGEST_LINE = 1024 * 1024
REMEMBERED_IDS = 10_000
CLOCK_KEY = "clock"

EARLIEST, LATEST = 1970, 9000


def _plain(name: str) -> str:
    """A name or id without control characters and halves of characters."""
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in name):
        raise ValueError("has a control character or half a character")
    return name


def _written(value: object) -> object:
    """A moment as the contract writes it: ISO 8601, not a number."""
    if not isinstance(value, str) or value[4:5] != "-":
        raise ValueError("is no moment in ISO 8601, such as 2026-11-23T10:00:00+01:00")
    return value


def _near(at: datetime) -> datetime:
    if not EARLIEST <= at.year < LATEST:
        raise ValueError(f"is not between the years {EARLIEST} and {LATEST}")
    return at


_Name = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_plain)]
_Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_near)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore")
    at: _Moment | None = None


class _Event(_Line):
    id: _Name
    room: _Name


class MessageLine(_Event):
    """Somebody writes."""

    type: Literal["message"]
    sender: _Name
    text: str
    reply_to: _Name | None = None
    thread: _Name | None = None
    mentions: list[_Name] = []


class EditLine(_Event):
    """Somebody changes a message."""

    type: Literal["edit"]
    sender: _Name
    target: _Name
    text: str


class RedactLine(_Event):
    """Somebody removes a message."""

    type: Literal["redact"]
    sender: _Name
    target: _Name


class ReactionLine(_Event):
    """Somebody puts a sign on a message, or takes it off."""

    type: Literal["reaction"]
    sender: _Name
    target: _Name
    key: Annotated[str, Field(min_length=1, max_length=50)]
    removed: bool = False


class MembersLine(_Event):
    """Who is in the room."""

    type: Literal["members"]
    members: list[_Name]
    moderators: list[_Name] = []


class ClockLine(_Line):
    """What time it is."""

    type: Literal["clock"]
    at: _Moment
    said: str  # the moment as the line wrote it


AnyEvent = MessageLine | EditLine | RedactLine | ReactionLine | MembersLine
_LINE: TypeAdapter[AnyEvent | ClockLine] = TypeAdapter(Annotated[AnyEvent | ClockLine, Field(discriminator="type")])


class LineError(ValueError):
    """A line that can't be read; says what is wrong with it."""


def parse(raw: bytes) -> AnyEvent | ClockLine:
    """A line as an event. Raises LineError with one sentence."""
    if len(raw) > LONGEST_LINE:
        raise LineError(f"the line is longer than {LONGEST_LINE} bytes")
    try:
        value = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise LineError("the line is not UTF-8") from None
    except (ValueError, RecursionError):
        raise LineError("the line is not JSON") from None
    if not isinstance(value, dict):
        raise LineError("the line is not a JSON object")
    try:
        return _LINE.validate_python({**value, "said": str(value.get("at"))}, strict=False)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"][1:]) or "type"
        raise LineError(one_line(clean(f"{place}: {first['msg']}"))) from None
    except RecursionError:
        raise LineError("the line is nested too deeply") from None


def incoming(line: AnyEvent, at: datetime) -> Incoming:
    """What a line says, for the coach."""
    match line:
        case MessageLine():
            mentioned = any(name.casefold() in ("coach", "opschaalcoach") for name in line.mentions)
            return Message(line.room, line.id, at, line.sender, line.text, line.reply_to, line.thread, mentioned)
        case EditLine():
            return Change(line.room, line.id, at, line.sender, line.target, line.text)
        case RedactLine():
            return Removal(line.room, line.id, at, line.sender, line.target)
        case ReactionLine():
            # The same line with "removed" is another event, also where it comes under the same id.
            name = f"{line.id}{APART}removed" if line.removed else line.id
            return Sign(line.room, name, at, line.sender, line.target, line.key, line.removed)
        case MembersLine():
            names = dict.fromkeys([*line.members])
            people = tuple(Person(name, name, name in line.moderators) for name in names)
            return People(line.room, line.id, at, people)


class LinesTransport:
    """Posts by writing lines. The id of a message is `m` and its number, so it is known before it is posted."""

    name = NAME
    abreast = 1
    fetches = False
    widest = (1920, 0)
    capabilities = Capabilities(ways="chat", marks=True, files=available(), closed=PRIVATE, private=True)

    def __init__(self, out: TextIO, folder: Folder) -> None:
        self._out = out
        self._folder = folder
        self.on_forget: Callable[[str], None] = lambda room: None

    def known_id(self, number: int) -> str | None:
        """The id of the coach's message with this number."""
        return f"m{number}"

    async def send(self, row: Row, target: str | None) -> str | None:
        """Write the line, or lines, that show an effect."""
        for line in lines_of(row):
            self.write(line)
        return None

    async def attach(self, row: Row, file: File) -> str | None:
        """Write the file, and the line that says where it is."""
        wanted = row.effect
        if not isinstance(wanted, Attach):
            raise Refused("no file")
        path = self._folder.save(row, wanted, file)
        line = {
            "type": "file",
            "id": f"m{wanted.number}",
            "room": row.external_room,
            "name": file.name,
            "mime": file.mime,
            "size": len(file.data),
            "alt": file.alt,
            "path": str(path),
            "kind": wanted.kind,
            "step": wanted.step,
        }
        if wanted.to is not None:
            line["to"] = wanted.to
        self.write(line)
        return None

    async def scrub(self, row: Row, messages: list[str], gone: tuple[str, ...]) -> None:
        """What was shown here was shown; it is kept nowhere."""

    def whereabouts(self, room: str) -> list[Path]:
        """The folder of its files, and what lies beside those of all rooms."""
        return self._folder.whereabouts(room)

    async def forget(self, room: str | None, alone: Sequence[str]) -> list[str]:
        """The files of a room are gone, and the ids of what came in for it."""
        if room is None:
            return []
        count = self._folder.forget(room)
        self.on_forget(room)
        return [f"files: {count} removed"]

    async def fetch(self, room: str, message: str) -> Message | None:
        """There is nothing but what was seen here."""
        return None

    def write(self, line: dict[str, Any]) -> None:
        """Write one line, at once."""
        self._out.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._out.flush()


def lines_of(row: Row) -> list[dict[str, Any]]:
    """The lines that show an effect."""
    effect, room = row.effect, row.external_room
    match effect:
        case Say():
            line: dict[str, Any] = {
                "type": "message",
                "id": f"m{effect.number}",
                "room": room,
                "text": effect.text,
                "kind": effect.kind,
                "step": effect.step,
                "reply_to": effect.reply_to,
                "mentions": list(effect.mentions),
                "at": local(row.at),
            }
            if effect.to is not None:
                line["to"] = effect.to
            signs = [
                {"type": "reaction", "room": room, "target": f"m{effect.number}", "key": sign} for sign in effect.signs
            ]
            return [line, *signs]
        case Edit():
            name = f"m{effect.number}"
            return [
                {
                    "type": "edit",
                    "id": name,
                    "room": room,
                    "target": name,
                    "text": effect.text,
                    "kind": effect.kind,
                    "step": effect.step,
                }
            ]
        case Mark():
            mark: dict[str, Any] = {"type": "reaction", "room": room, "target": effect.target, "key": effect.key}
            if effect.removed:
                mark["removed"] = True
            return [mark]
        case _:
            return []


def local(at: datetime) -> str:
    """A moment as lines and exports show it: ISO 8601 with the offset of the Netherlands."""
    return at.astimezone(ZoneInfo("Europe/Amsterdam")).isoformat()


class Lines:
    """Reads lines and has the coach do what they say."""

    def __init__(self, coach: Coach, transport: LinesTransport, clock: LineClock) -> None:
        self._coach = coach
        self._transport = transport
        self._clock = clock
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()
        transport.on_forget = self._forget

    async def run(self, source: BinaryIO) -> None:
        """Read until the end of `source`."""
        feed = Feed(source, LONGEST_LINE)
        number = 0
        while (raw := await feed.line()) is not None:
            number += 1
            if not raw.strip():
                continue
            try:
                await self._do(parse(raw))
            except LineError as error:
                self._transport.write({"type": "error", "line": number, "message": str(error)})
            except StorageError as error:
                self._transport.write({"type": "error", "line": number, "message": str(error)})

    def _forget(self, room: str) -> None:
        for name in [name for name in self._seen if name[0] == room]:
            del self._seen[name]

    async def _do(self, line: AnyEvent | ClockLine) -> None:
        if isinstance(line, ClockLine):
            await self._move(line.at)
            self._transport.write({"type": "done", "id": line.said})
            return
        event = incoming(line, self._clock.now())
        name = (line.room, event.id)
        if name in self._seen or await self._coach.seen_before(*name):
            if line.at is None or self._clock.now() - line.at < OLDEST:
                await self._coach.remember(event)
            self._transport.write({"type": "done", "id": line.id})
            return
        if line.at is not None:
            await self._move(line.at)
        event = incoming(line, self._clock.now())
        now = self._clock.now().isoformat()
        await self._coach.receive([event], partial(_keep_clock, now=now) if self._clock.set else None)
        self._seen[name] = None
        if len(self._seen) > REMEMBERED_IDS:
            self._seen.popitem(last=False)
        self._transport.write({"type": "done", "id": line.id})

    async def _move(self, at: datetime) -> None:
        moment = self._clock.move(at.astimezone(UTC))
        await self._coach.receive([], partial(_keep_clock, now=moment.isoformat()))
        await self._coach.fire(moment, stepwise=True)


def _keep_clock(conn: sqlite3.Connection, now: str) -> None:
    meta.put(conn, CLOCK_KEY, now)
