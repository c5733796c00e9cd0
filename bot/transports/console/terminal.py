"""A room at a prompt: several people may speak in it, reply and put signs. Rule: nothing that is typed is written
anywhere but through the coach.

A line is a message of the one who speaks. `naam: tekst` speaks for another member; lines that begin with / are the
terminal's own.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from bot.clock import Clock
from bot.coach import Coach
from bot.files import available
from bot.transports.base import Change, File, Incoming, Message, People, Refused, Removal, Sign
from bot.transports.console import NAME
from bot.transports.console.looking import visible
from bot.transports.console.saving import Folder
from flows.catalogue import Catalogue
from flows.conversation.effects import ASKING, Attach, Edit, Mark, Say
from flows.conversation.events import Person
from flows.conversation.hearing import PRIVATE, Capabilities
from flows.conversation.text import clean, fold
from storage.errors import StorageError
from storage.outbox import Row

_MENTION = re.compile(r"(?<!\w)@(?:opschaal)?coach\b", re.IGNORECASE)


class TerminalTransport:
    """Posts by printing. A message of the coach stands under its number, one of a person under e and a number."""

    name = NAME
    abreast = 1
    fetches = False
    widest = (1600, 0)
    capabilities = Capabilities(
        ways="terminal", marks=True, longest=12_000, files=available(), closed=PRIVATE, private=True
    )

    def __init__(self, console: Console, texts: Catalogue, folder: Folder) -> None:
        self._console = console
        self.texts = texts  # in the language of the room that is shown
        self._folder = folder
        self.names: dict[str, str] = {}  # event id -> the name it has on the screen
        self.highest = 0  # the number of the latest message
        self.shown = 0  # how much was printed so far
        self.asked = 0  # how many questions were
        self._texts_of: dict[int, str] = {}

    def speak(self, language: str) -> None:
        """From now on what the terminal itself says is in this language."""
        self.texts = self.texts.of(language)

    def known_id(self, number: int) -> str | None:
        """The id of the coach's message with this number, the same as in JSON lines."""
        return f"m{number}"

    async def send(self, row: Row, target: str | None) -> str | None:
        """Print an effect."""
        effect = row.effect
        self.speak(row.language)
        self.shown += 1
        match effect:
            case Say():
                self.highest = max(self.highest, effect.number)
                self.asked += effect.kind in ASKING
                self._texts_of[effect.number] = effect.text
                self._console.print()
                whom = "" if effect.to is None else self.texts("terminal.alone", name=effect.to)
                head = f"[{effect.number}] {self.texts('terminal.coach')}{whom}"
                self._console.print(Text(head, style="bold cyan"))
                self._console.print(Padding(self._markdown(effect.text), (0, 0, 0, 2)))
            case Edit():
                fresh = self._fresh(effect)
                if fresh:
                    head = self.texts("terminal.changed", n=effect.number)
                    self._console.print(Text(f"  ↳ {head}", style="dim"))
                    self._console.print(Padding(self._markdown(fresh), (0, 0, 0, 4)), style="dim")
            case Mark():
                sign = f"-{effect.key}" if effect.removed else effect.key
                self._console.print(Text(f"  {sign} {self.names.get(effect.target, '')}".rstrip(), style="dim"))
        return None

    async def attach(self, row: Row, file: File) -> str | None:
        """Say where a file is, and show it where this terminal can."""
        if not isinstance(row.effect, Attach):
            raise Refused("no file")
        path = self._folder.save(row, row.effect, file)
        self.shown += 1
        shown = visible(file.picture, self._console.width) if file.picture is not None else None
        if shown is not None:
            self._console.print(shown)
        # Plain and unwrapped, so that a terminal can follow it and a person can copy it.
        self._console.print(Text(f"  {self.texts('terminal.file')} {path}", style="dim"), soft_wrap=True)
        return None

    async def scrub(self, row: Row, messages: list[str], gone: tuple[str, ...]) -> None:
        """What was shown here was shown; it is kept nowhere."""

    def whereabouts(self, room: str) -> list[Path]:
        """The folder of its files, and what lies beside those of all rooms."""
        return self._folder.whereabouts(room)

    async def forget(self, room: str | None, alone: Sequence[str]) -> list[str]:
        """The files of a room are gone; what stands on the screen stays there."""
        if room is None:
            return []
        count = self._folder.forget(room)
        self._texts_of.clear()
        self.names.clear()
        return [f"files: {count} removed"]

    async def fetch(self, room: str, message: str) -> Message | None:
        """There is nothing but what was seen here."""
        return None

    def _fresh(self, edit: Edit) -> str:
        """What an edit changes, where the message still stands above: only the lines that are new in it."""
        before = self._texts_of.get(edit.number)
        self._texts_of[edit.number] = edit.text
        if before is None or before.split("\n")[0] != edit.text.split("\n")[0]:
            return edit.text
        known = set(before.split("\n"))
        return "\n".join(line for line in edit.text.split("\n") if line not in known)

    def echo(self, prompt: str, line: str) -> None:
        """Print what came in through a pipe, where no prompt shows it."""
        self._console.print(Text(f"{prompt}{line}", style="bold"))

    def note(self, text: str) -> None:
        """Print something that the terminal itself says."""
        self._console.print(Padding(self._markdown(text), (0, 0, 0, 2)), style="dim")

    def _markdown(self, text: str) -> Markdown:
        # A line end is a line end in a chat; in Markdown it takes two blanks.
        return Markdown(text.replace("\n", "  \n"))


class Terminal:
    """The session at the prompt."""

    def __init__(self, coach: Coach, transport: TerminalTransport, clock: Clock, room: str, people: list[str]) -> None:
        self._coach = coach
        self._transport = transport
        self._clock = clock
        self._room = room
        self._people = people
        self._speaker = people[0]
        self._count = 0
        self._events: dict[str, str] = {}
        self._moved = False  # whether the coach went on by itself after the last line
        self._told = False  # whether it was said that a line was not kept
        self._commands: dict[str, Callable[[str, str], list[Incoming] | None]] = {
            "reageer": self._reply,
            "zet": self._put,
            "weg": self._take_off,
            "pas": self._change,
            "wis": self._remove,
            "wie": self._who,
            "als": self._speak_as,
            "hulp": self._help,
            # and in English
            "reply": self._reply,
            "sign": self._put,
            "unsign": self._take_off,
            "edit": self._change,
            "delete": self._remove,
            "who": self._who,
            "as": self._speak_as,
            "help": self._help,
        }

    @property
    def prompt(self) -> str:
        """What stands before the cursor: who speaks, and in a group the name that the message will have."""
        if len(self._people) == 1:
            return f"{self._speaker}> "
        return f"{self._speaker} e{self._count + 1}> "

    async def open(self, *, new: bool, place: str) -> None:
        """Say where people are, and let the coach begin, or repeat where it was."""
        self._transport.note(self._transport.texts("terminal.hello", place=place))
        if len(self._people) > 1:
            self._transport.note(self._transport.texts("terminal.group", people=", ".join(self._people)))
            self._transport.note(self._transport.texts("terminal.help"))
        await self._coach.start()
        await self._receive([self._members()])
        if not new:
            await self._receive([self._message(self._speaker, "!vraag")])
        self._moved = False

    async def line(self, raw: str, *, echo: bool = False) -> bool:
        """Do what a line says; False where it ends the session."""
        line = clean(raw)
        if echo:
            self._transport.echo(self.prompt, line)
        if fold(line) in ("/stop", "/quit", "/exit"):
            return False
        moved, self._moved = self._moved, False
        if not line and moved:
            # The coach went on by itself: this empty line was still meant for the question before.
            self._transport.note(self._transport.texts("terminal.moved"))
            return True
        speaker, text = self._speaker_of(line)
        own = text.startswith("/")
        if own:
            incoming = self._command(text, speaker)
        elif not line:
            # An empty line goes on: at a prompt there is nothing to tap.
            incoming = [self._message(self._speaker, "verder" if len(self._people) == 1 else "!verder")]
        else:
            incoming = [self._message(speaker, text)]
        if not incoming:
            return True
        shown, asked = self._transport.shown, self._transport.asked
        await self._receive(incoming)
        self._moved = bool(line) and not own and self._transport.asked > asked and not text.startswith("!")
        if self._transport.shown == shown:
            self._say_nothing_happened(own=own)
        return True

    def _say_nothing_happened(self, *, own: bool) -> None:
        """What led to nothing is not passed over in silence; that a line was not for the coach is said once."""
        if own:
            self._transport.note(self._transport.texts("terminal.nothing"))
        elif not self._told and len(self._people) > 1:
            self._told = True
            self._transport.note(self._transport.texts("terminal.not_kept", n=self._transport.highest))

    async def _receive(self, incoming: list[Incoming]) -> None:
        try:
            await self._coach.receive(incoming)
        except StorageError as error:
            self._transport.note(self._transport.texts("terminal.full", reason=str(error)))

    # What lines become ----------------------------------------------------------------------------------------------

    def _members(self) -> People:
        people = tuple(Person(name, name, place == 0) for place, name in enumerate(self._people))
        return People(self._room, uuid.uuid4().hex, self._now(), people)

    def _now(self) -> datetime:
        return self._clock.now()

    def _message(self, sender: str, text: str, reply_to: str | None = None) -> Message:
        event = uuid.uuid4().hex
        self._count += 1
        name = f"e{self._count}"
        self._events[name] = event
        if len(self._people) > 1:  # alone, what was noted is plain: it was the last line
            self._transport.names[event] = name
        mentioned = _MENTION.search(text) is not None
        return Message(self._room, event, self._now(), sender, text, reply_to, None, mentioned)

    def _speaker_of(self, line: str) -> tuple[str, str]:
        """Who says a line: another member where it begins with their name and a colon."""
        name, colon, text = line.partition(":")
        known = {fold(one): one for one in self._people}
        if colon and fold(name) in known and text.strip():
            return known[fold(name)], text.strip()
        return self._speaker, line

    def _command(self, line: str, speaker: str) -> list[Incoming] | None:
        name, _, rest = line[1:].partition(" ")
        command = self._commands.get(fold(name))
        if command is None:
            self._transport.note(self._transport.texts("terminal.unknown", name=name, help=self._help_text()))
            return None
        return command(rest.strip(), speaker)

    def _target(self, name: str) -> str | None:
        """The message that stands under a number (the coach's) or under e and a number (a person's)."""
        plain = name.strip().lstrip("#[").rstrip("]").lower()
        found = self._events.get(plain)
        if plain.isdecimal() and 1 <= int(plain) <= self._transport.highest:
            found = f"m{int(plain)}"
        if found is None:
            self._transport.note(self._transport.texts("terminal.number", n=name))
        return found

    def _form(self, key: str) -> None:
        texts = self._transport.texts
        self._transport.note(texts("terminal.form", form=f"`{texts(f'terminal.{key}')}`"))

    def _reply(self, rest: str, speaker: str) -> list[Incoming] | None:
        number, _, text = rest.partition(" ")
        if not number or not text.strip():
            self._form("reply")
            return None
        target = self._target(number)
        return None if target is None else [self._message(speaker, text.strip(), target)]

    def _put(self, rest: str, speaker: str) -> list[Incoming] | None:
        return self._sign(rest, speaker, removed=False)

    def _take_off(self, rest: str, speaker: str) -> list[Incoming] | None:
        return self._sign(rest, speaker, removed=True)

    def _sign(self, rest: str, speaker: str, *, removed: bool) -> list[Incoming] | None:
        key, _, number = rest.partition(" ")
        if not key or not number.strip():
            self._form("sign")
            return None
        target = self._target(number.strip())
        if target is None:
            return None
        return [Sign(self._room, uuid.uuid4().hex, self._now(), speaker, target, key, removed)]

    def _change(self, rest: str, speaker: str) -> list[Incoming] | None:
        match = re.match(r"^(\S+)\s+(?:aan\s+)?(.+)$", rest, re.DOTALL)
        if match is None:
            self._form("alter")
            return None
        target = self._target(match[1])
        if target is None:
            return None
        return [Change(self._room, uuid.uuid4().hex, self._now(), speaker, target, match[2])]

    def _remove(self, rest: str, speaker: str) -> list[Incoming] | None:
        if not rest:
            self._form("erase")
            return None
        target = self._target(rest)
        return None if target is None else [Removal(self._room, uuid.uuid4().hex, self._now(), speaker, target)]

    def _who(self, rest: str, speaker: str) -> list[Incoming] | None:
        names = list(dict.fromkeys(name.strip().lstrip("@") for name in rest.split(",") if name.strip()))
        if not rest:
            self._transport.note(self._transport.texts("terminal.people", people=", ".join(self._people)))
            return None
        if not names:
            self._transport.note(self._transport.texts("terminal.nobody"))
            return None
        self._people = names
        if self._speaker not in names:
            self._speaker = names[0]
        return [self._members()]

    def _speak_as(self, rest: str, speaker: str) -> list[Incoming] | None:
        known = {fold(one): one for one in self._people}
        if fold(rest) not in known:
            people = ", ".join(self._people)
            self._transport.note(self._transport.texts("terminal.not_here", name=escape(rest) or "?", people=people))
        else:
            self._speaker = known[fold(rest)]
        return None

    def _help(self, rest: str, speaker: str) -> list[Incoming] | None:
        self._transport.note(self._help_text())
        return None

    def _help_text(self) -> str:
        return self._transport.texts("terminal.help" if len(self._people) > 1 else "terminal.help_one")
