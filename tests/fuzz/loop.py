"""Made-up inputs for the whole coach: JSON lines in, real SQLite, real turns and delivery.

What must hold: every line is done, or is an error that the reader of lines names; no turn fails; an answer that counts
is in the export until somebody takes it away; and memory is after many inputs what it was after few. The coach lives
several lives on one database, each with rooms of its own, so that the ends of two lives can be compared.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import json
import os
import random
import re
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.transports.console.lines import LineError, parse
from flows.conversation.effects import WRITTEN
from flows.conversation.text import fold
from flows.conversation.view import RoomView
from flows.export import as_json
from storage import rooms
from tests.bot.process import Served, clock, edit, members, message, redact, sign
from tests.chat import BOOK, TEXTS
from tests.fuzz import corpora
from tests.fuzz.mutate import mutated

INPUTS = 100_000
A_LIFE = 10_000
A_ROOM = 500
ABREAST = 10  # rooms at a time
PEOPLE = ("Anna", "Bas", "Cem", "Dina")
LEADER = "Zed"  # who started, and says nothing more: nobody else may erase a room
SIGNS = ("✅", "👍", "❌", "✍️", "✍🏽", "🟢", "🟠", "🔴", "⚪", "⏰", "❓", "🎉", "\u200d")
# What takes an answer away that counts would make the model as large as the coach.
_TAKES_AWAY = re.compile(r"weg|eraf|gone|\boff|remo|delet|verwijder|wis|eras|zonder|without|vergeet|forget|\d\s*:")


@dataclass
class Room:
    """A room of the loop: the answers that count in it (event -> step and text), and the events that may go."""

    name: str
    left: int = A_ROOM
    kept: dict[str, tuple[str, str]] = field(default_factory=dict)
    loose: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=50))


class Loop:
    """Feeds a coach."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.path = folder / "coach.db"
        self.served = self._served()
        self.chance = random.Random(seed)
        self.count = self.errors = self.answers = 0
        self.rooms: list[Room] = []
        self.at = datetime.fromisoformat("2026-11-23T10:00:00+01:00")
        self.lines = corpora.load("lines")
        play = [piece[1:] for one in corpora.load("conversation") for piece in one[2:].split(b"\xff") if piece]
        self.said = [*play, *corpora.load("text"), *corpora.load("dates")]
        self.sent: deque[dict[str, Any]] = deque(maxlen=200)

    def _served(self) -> Served:
        return Served(self.path, WRITTEN)  # pictures are made elsewhere, and tested there

    async def live(self, inputs: int) -> None:
        """One life of the coach: so many inputs."""
        await self.served.start()
        try:
            self.rooms = [await self._open() for _ in range(ABREAST)]
            for _ in range(inputs):
                await self._one()
            for room in self.rooms:
                await self._check(room)
            await self._nothing_waits()
        finally:
            await self.served.stop()
            # What is left of a coach after it: not the rooms of this life.
            self.served, self.rooms = self._served(), []
            self.sent.clear()

    def name(self) -> str:
        """A new id."""
        self.count += 1
        return f"i{self.count}"

    async def _open(self) -> Room:
        room = Room(f"kamer {self.name()}")
        who = self.chance.sample(PEOPLE, self.chance.randint(1, 4))
        await self.served.send(
            {**members(self.name(), LEADER, *who, moderators=(LEADER,)), "room": room.name, "at": self.at.isoformat()},
            message(self.name(), "!start", LEADER, room.name),
        )
        if self.chance.random() < 0.3:
            await self.served.send(message(self.name(), "!taal en", LEADER, room.name))
        return room

    async def _one(self) -> None:
        place = self.chance.randrange(len(self.rooms))
        room = self.rooms[place]
        how = self.chance.random()
        if how < 0.15:
            await self._raw(mutated(self.chance, self.lines))
        elif how < 0.32:
            await self._answer(room)
        else:
            await self._send(self._line(room, how))
        room.left -= 1
        if not room.left:
            await self._check(room)
            self.rooms[place] = await self._open()

    def _line(self, room: Room, how: float) -> dict[str, Any]:
        """A line of the right form with something odd in it."""
        who, own = self.chance.choice(PEOPLE), f"m{self.chance.randrange(1, 40)}"
        if how < 0.34 and self.sent:
            return self.chance.choice(self.sent)  # it comes again
        if how < 0.40 and room.loose:
            event, author = self.chance.choice(room.loose)
            return {**edit(self.name(), event, self._words(), author), "room": room.name}
        if how < 0.44 and room.loose:
            event, author = room.loose.popleft()
            return {**redact(self.name(), event, self.chance.choice((author, who))), "room": room.name}
        if how < 0.55:
            on = self.chance.choice((own, own, *(event for event, _ in list(room.loose)[-3:])))
            key = self.chance.choice(SIGNS) if self.chance.random() < 0.8 else self._words()[:50] or "?"
            taken_off = {"removed": True} if self.chance.random() < 0.2 else {}
            return {**sign(self.name(), on, key, who), "room": room.name, **taken_off}
        if how < 0.57:
            there = self.chance.sample(PEOPLE, self.chance.randint(1, 4))
            return members(self.name(), LEADER, *there, moderators=(LEADER,), room=room.name)
        if how < 0.59:
            self.at += timedelta(minutes=self.chance.choice((1, 60, 60, 600, 3_000)))
            return clock(self.at.isoformat())
        line = message(self.name(), self._words(), who, room.name)
        room.loose.append((line["id"], who))
        pointing = self.chance.random()
        if pointing < 0.5:
            line["reply_to"] = own
        elif pointing < 0.6:
            line["thread"] = own
        elif pointing < 0.8:
            line["mentions"] = ["coach"]
        return line

    def _words(self) -> str:
        while True:
            said = mutated(self.chance, self.said).decode("utf-8", "replace")
            if self.chance.random() < 0.002:
                said *= 300
            if not _TAKES_AWAY.search(fold(said)):
                return said

    async def _answer(self, room: Room) -> None:
        """A reply to the question that is open, where that takes a text; or what stands is changed or removed."""
        who = self.chance.choice(PEOPLE)
        if len(room.kept) > 20:
            event = self.chance.choice([*room.kept])
            step, _ = room.kept.pop(event)
            author = event.rpartition(" ")[2]
            if self.chance.random() < 0.5:
                await self._send({**redact(self.name(), event, author), "room": room.name})
            else:
                new = f"veranderd {self.count} over de wijk"
                await self._send({**edit(self.name(), event, new, author), "room": room.name})
                room.kept[event] = (step, new)
            return
        found = await self.served.writer.run(lambda conn: rooms.find(conn, "console", room.name))
        assert found is not None
        snapshot = await self.served.writer.run(lambda conn: rooms.load(conn, found))
        focus = RoomView(BOOK, snapshot, self.served.clock.now()).focus()
        asked = None if focus is None else snapshot.asked.get(focus.id)
        fits = focus is not None and focus.kind == "text" and asked is not None and asked.open
        event, text = f"{self.name()} {who}", f"antwoord {self.count} over de wijk"
        number = asked.latest if asked is not None else 1
        await self._send(message(event, text, who, room.name, reply_to=f"m{number}"))
        if fits and focus is not None:
            room.kept[event] = (focus.id, text)
            self.answers += 1

    async def _send(self, line: dict[str, Any]) -> None:
        self.sent.append(line)
        again = line.get("id") is not None and line in list(self.sent)[:-1]
        await self._raw(json.dumps(line).encode(), again=again)

    async def _raw(self, raw: bytes, *, again: bool = False) -> None:
        raw = raw.replace(b"\n", b" ").replace(b"\r", b" ")
        if not raw.strip():
            return
        try:
            read = parse(raw)
        except LineError:
            read = None
        if read is not None and read.at is not None and read.at > self.at + timedelta(days=3):
            return  # years of reminders are another test
        out = await self.served.send(raw)
        if read is None:
            self.errors += 1
            assert [one["type"] for one in out] == ["error"], (raw, out)
        else:
            assert out[-1]["type"] == "done", (raw, out)
            assert [one for one in out if one["type"] == "error" or one.get("kind") == "error"] == [], (raw, out)
            assert not again or len(out) == 1, (raw, out)

    async def _check(self, room: Room) -> None:
        """The answers that count are in the room's export."""
        found = await self.served.writer.run(lambda conn: rooms.find(conn, "console", room.name))
        assert found is not None
        snapshot = await self.served.writer.run(lambda conn: rooms.load(conn, found))
        steps = as_json(BOOK, snapshot, self.served.clock.now(), TEXTS.rhythm)["steps"]
        for event, (step, text) in room.kept.items():
            texts = [item["text"] for item in steps[step]["items"] if item["event"] == event]
            assert texts == [text], (room.name, event, step, text, texts)

    async def _nothing_waits(self) -> None:
        states = await self.served.writer.run(
            lambda conn: conn.execute("SELECT state, count(*) FROM inbox GROUP BY state").fetchall()
        )
        assert [state for state, _ in states] == [1], states
        (left,) = await self.served.writer.run(
            lambda conn: conn.execute("SELECT count(*) FROM outbox WHERE state NOT IN (1, 2)").fetchone()
        )
        assert left == 0


@dataclass(frozen=True)
class Memory:
    """What this process holds after so many inputs: objects that the collector knows, blocks of Python's own, and what
    the system gave it, in MiB."""

    inputs: int
    objects: int
    blocks: int
    resident: float

    @classmethod
    def now(cls, inputs: int) -> Memory:
        """As it is at this moment."""
        gc.collect()
        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).malloc_trim(0)  # what is free goes back, where the system's library knows how
        pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
        return cls(inputs, len(gc.get_objects()), sys.getallocatedblocks(), pages * os.sysconf("SC_PAGE_SIZE") / 2**20)

    def grew(self, before: Memory) -> bool:
        """Whether something is kept that was not. What is in use tells that closely; what the system gave is in pieces
        by then, which can't all go back."""
        return (
            self.objects > before.objects * 1.01
            or self.blocks > before.blocks * 1.01
            or self.resident > before.resident * 1.15
        )

    def __str__(self) -> str:
        return f"{self.inputs:7} inputs: {self.objects} objects, {self.blocks} blocks, {self.resident:.1f} MiB"


def run(
    inputs: int, seed: int, *, a_life: int = A_LIFE, tell: Callable[[Memory], object] = lambda found: None
) -> list[Memory]:
    """Feed the coach; what it holds after each life, of which `tell` is told at once."""
    shared = Path("/dev/shm")  # what is tested is not the disk
    found = []
    with tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else None) as folder:
        loop = Loop(Path(folder), seed)
        for done in range(a_life, inputs + 1, a_life):
            asyncio.run(loop.live(a_life))
            found.append(Memory.now(done))
            tell(found[-1])
        assert loop.errors
        assert loop.answers
    return found


def report(inputs: int, seed: int) -> bool:
    """Feed the coach, and say how it went: whether all held."""
    began = time.monotonic()
    found = run(inputs, seed, a_life=min(A_LIFE, max(inputs // 10, 1)), tell=lambda one: print(one, flush=True))
    print(f"{inputs} inputs in {time.monotonic() - began:.0f} s: every line done, no answer lost")
    # The first life fills what is kept once: compiled patterns, the books' words.
    grew = found[-1].grew(found[min(1, len(found) - 1)])
    print("MEMORY GREW" if grew else "memory is flat")
    return not grew
