"""The same people doing the same in the same order, with a coach to which nothing happens. Rule: what it keeps is what
every coach must keep, whatever happened to it.

What somebody removed before the coach could read it was never said to it: that is played so here too.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.clock import LineClock
from bot.coach import Coach
from bot.console import make_engine
from bot.transports.base import Change, File, Incoming, Message, People
from bot.transports.matrix import reading
from bot.transports.matrix.people import Hall
from bot.transports.matrix.reading import Me
from bot.transports.matrix.transport import MatrixTransport
from flows.conversation.effects import Say
from flows.export import as_json
from storage import rooms
from storage.outbox import Row
from storage.writer import Writer
from tests.simulation.coach import simulated
from tests.simulation.disk import Disk
from tests.simulation.homeserver import COACH, Event
from tests.simulation.loop import VirtualLoop
from tests.simulation.people import Team
from tests.simulation.world import World

if TYPE_CHECKING:
    from tests.simulation.story import Story


ME = Me(COACH, "Opschaalcoach")


class _Chat:
    """Takes everything; its ids are those that the same messages got on the homeserver."""

    name = "matrix"
    abreast = 10
    fetches = True
    widest = (1920, 0)
    capabilities = MatrixTransport.capabilities

    def __init__(self, ids: dict[str, str]) -> None:
        self._ids = ids
        self.happened: list[tuple[str, Event]] = []

    def known_id(self, number: int) -> str | None:
        return None

    async def send(self, row: Row, target: str | None) -> str | None:
        return self._ids.get(row.key, f"$only-{row.key[:12]}") if isinstance(row.effect, Say) else None

    async def attach(self, row: Row, file: File) -> str | None:
        return self._ids.get(row.key)

    async def scrub(self, row: Row, messages: list[str], gone: tuple[str, ...]) -> None:
        """Nothing to take out."""

    async def fetch(self, room: str, message: str) -> Message | None:
        found: Message | None = None
        for place, event in self.happened:
            if place != room:
                continue
            if event.get("redacts") == message:
                return None
            read = reading.read(event, room, ME)
            if isinstance(read, Message) and read.id == message:
                found = read
            elif (
                isinstance(read, Change) and found is not None and (read.target, read.sender) == (message, found.sender)
            ):
                found = replace(found, text=read.text)
        return found


def exports(story: Story, teams: list[Team]) -> dict[str, dict[str, Any] | None]:
    """What is kept of these rooms."""
    folder = story.folder / "reference"
    folder.mkdir()
    world = World(story.world.seed, traced=False)
    disk = Disk(world, folder, goes_back=False)
    disk.faults.keep = 0.0
    with simulated(world, disk):
        loop = VirtualLoop(world)
        try:
            return loop.run_until_complete(_played(story, teams, folder))
        finally:
            disk.closed()
            loop.bury()


async def _played(story: Story, teams: list[Team], folder: Path) -> dict[str, dict[str, Any] | None]:
    chat, clock = _Chat(story.server.by_key), LineClock()
    writer = await Writer.open(folder / "coach.db")
    engine = make_engine(chat, "Gemeente Voorbeeld", "x")  # type: ignore[arg-type]
    coach = Coach(writer, engine, chat, clock, "test")  # type: ignore[arg-type]
    await coach.start()
    wanted = {team.room for team in teams}
    known = _taken(story)
    halls: dict[str, Hall] = {}
    for room, event in story.server.journal:
        at = reading.moment(event)
        if room not in wanted:
            continue
        await coach.fire(clock.move(at), stepwise=True)
        read = event
        removed = event["event_id"] in story.server.rooms[room].gone
        if removed and (room, event["event_id"]) not in known:
            read = {**event, "content": {}}
        chat.happened.append((room, event))
        for incoming in _read(room, read, halls):
            await coach.receive([incoming])
            while looking := coach._lookups.tasks:
                await asyncio.wait(looking)
    await coach.fire(clock.move(story.world.now()), stepwise=True)

    def work(conn: sqlite3.Connection) -> dict[str, dict[str, Any] | None]:
        found: dict[str, dict[str, Any] | None] = {}
        for room in wanted:
            row = rooms.find(conn, "matrix", room)
            found[room] = None
            if row is not None:
                setting = engine.setting
                snapshot = rooms.load(conn, row)
                spoken = setting.speaking(snapshot.room.language)
                found[room] = as_json(spoken.book, snapshot, story.world.now(), spoken.texts.rhythm)
        return found

    result = await writer.run(work)
    await coach.close()
    await writer.close()
    return result


def _taken(story: Story) -> set[tuple[str, str]]:
    """The events that the coach of the story took in."""
    with closing(sqlite3.connect(story.disk.path)) as conn:
        find = "SELECT room.external, inbox.event FROM inbox JOIN room ON room.id = inbox.room"
        return set(conn.execute(find).fetchall())


def _read(room: str, event: Event, halls: dict[str, Hall]) -> list[Incoming]:
    """What the coach would read."""
    hall = halls.get(room)
    if hall is None:
        hall = halls[room] = Hall()
    if "state_key" in event:
        after = halls[room] = hall.after(event)
        own = event["type"] == "m.room.member" and event["state_key"] == COACH
        joined = own and event["content"]["membership"] == "join"
        if COACH not in after.members or not (joined or hall.people({COACH}) != after.people({COACH})):
            return []
        return [People(room, event["event_id"], reading.moment(event), after.people({COACH}))]
    if COACH not in hall.members:
        return []
    found = reading.read(event, room, ME)
    return [] if found is None else [found]


def plain(exported: dict[str, Any] | None, team: Team) -> dict[str, Any]:
    """What is compared of a canvas: what people said and settled, not when."""
    if exported is None:
        return {}
    found: dict[str, Any] = {"pilot": exported["pilot"]}
    for name, step in exported["steps"].items():
        items = [(item["text"], item["author"]) for item in step["items"]]
        found[name] = (step["state"], items, step["choices"], step["status"])
    if team.unchanged:
        names = ("number", "text", "owner", "due", "state")
        found["actions"] = [tuple(action[name] for name in names) for action in exported["actions"]]
    return found
