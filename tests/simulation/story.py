"""A seed: what is planned, played, and looked at afterwards. Rule: the same seed is the same story, to the microsecond.

    report = play(7)

Each seed has its own sorts of trouble: some fail all the time, some hardly ever, so that each sort is also met alone.
"""

from __future__ import annotations

import logging
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot import serving
from storage.writer import Writer
from tests.simulation import checks
from tests.simulation.coach import KNOWN, Coaches, settings_for, simulated
from tests.simulation.disk import Disk, Faults
from tests.simulation.homeserver import Habits, Homeserver
from tests.simulation.people import NAMES, Team
from tests.simulation.wire import Weather, Wire, client_on
from tests.simulation.world import DAY, HOUR, MINUTE, Violation, World

AFTERWARDS = 2 * HOUR  # by then everything is posted
_OURS = ("stopped by a fault", "turn failed", "telling of it failed", "looking up a message failed",
         "set aside", "no file for")  # fmt: skip


@dataclass
class Report:
    """What came of a seed: None where all held, else what did not; and what was played."""

    seed: int
    fault: str | None
    trace: str
    figures: dict[str, int] = field(default_factory=dict)


@dataclass
class Plan:
    """What is in store."""

    faults: Faults
    weather: Weather
    habits: Habits
    rooms: int
    acts: int
    dated: bool  # whether people do little else than making actions with a date
    doors: float
    stops: list[float]
    power: float  # how often an end is one by loss of power
    long_down: float  # how often it takes days before it is started again
    after: float  # how long it goes on after people did their last


def planned(world: World) -> Plan:
    """The plan of a seed. Each part of it is drawn by itself, so that a new part leaves the others as they were."""

    def some(name: str, most: float, often: float = 0.5) -> float:
        chance = world.chance(f"plan {name}")
        return most * chance.random() ** 2 if chance.random() < often else 0.0

    def one(name: str, *able: float) -> float:
        return world.chance(f"plan {name}").choice(able)

    rooms = world.chance("plan rooms").randint(1, 3)
    dated = world.chance("plan dated").random() < 0.2
    stops = world.chance("plan stops")
    return Plan(
        faults=Faults(
            statement=some("statement", 0.002),
            commit=some("commit", 0.02),
            crash_before=some("crash before", 0.01),
            crash_after=some("crash after", 0.01),
            timers=(0.4 if dated else some("timers", 0.3)),
            keep=0.05,
        ),
        weather=Weather(
            lost=some("lost", 0.1),
            unanswered=some("unanswered", 0.1),
            busy=some("busy", 0.1),
            bad=some("bad", 0.1),
            slow=some("slow", 0.1),
            crash=some("crash", 0.02),
            outages=_outages(world),
        ),
        habits=Habits(some("limited", 0.4), some("replays", 0.4)),
        rooms=rooms,
        acts=world.chance("plan acts").randint(30, 90) // rooms,
        dated=dated,
        doors=one("doors", 0.0, 0.0, 0.5, 1.0),
        stops=[stops.random() * 3 * DAY for _ in range(stops.choice((0, 0, 1, 3)))],
        power=one("power", 0.0, 0.0, 0.5),
        long_down=one("long down", 0.0, 0.05, 0.3),
        after=one("after", 3 * DAY, 5 * DAY) if dated else one("after", HOUR, 2 * DAY, 5 * DAY),
    )


def _outages(world: World) -> list[tuple[float, float, str]]:
    """When the homeserver is not to be reached: first its answers are lost, then all of it."""
    chance, found = world.chance("plan outages"), []
    if chance.random() < 0.35:
        start = chance.random() * DAY
        for _ in range(chance.randint(1, 3)):
            silent = chance.random() * 10 * MINUTE
            away = chance.choice((HOUR, 6 * HOUR, 25 * HOUR, 40 * HOUR)) * (0.8 + chance.random() * 0.4)
            found += [(start, start + silent, "unanswered"), (start + silent, start + silent + away, "lost")]
            start += silent + away + chance.random() * DAY
    return found


class Story:
    """One seed on a homeserver."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.world = World(seed)
        self.folder = folder
        self.plan = planned(self.world)
        self.disk = Disk(self.world, folder, goes_back=self.plan.power > 0)
        self.server = Homeserver(self.world)
        self.coaches = Coaches(self.world, self.disk, self._wake)
        self.wire = Wire(self.world, self.server, lambda: self.coaches.life, self.coaches.crash)
        self.server.heard = self._heard
        self.settings, self.config = settings_for(folder)
        chance = self.world.chance("teams")
        self.teams = [
            Team(
                self.world,
                self.server,
                f"!r{number}:example.nl",
                NAMES[: chance.randint(2, 4)],
                self.plan.acts,
                self.plan.doors,
                self.plan.dated,
            )
            for number in range(1, self.plan.rooms + 1)
        ]
        self.calm_at = 0.0
        self.calm = False
        self.went_back: list[float] = []
        self.up: list[tuple[float, float]] = []  # when a coach was there
        self.exported: dict[str, dict[str, Any] | None] = {}

    def _heard(self) -> None:
        self.world.after(0.02, self.wire.news)

    def restore(self, section: Any, known: Any, store: Path) -> Any:
        """In the place of the product's own: a client on the wire."""
        return client_on(self.wire, section, KNOWN.user_id, KNOWN.device_id, KNOWN.access_token)

    async def _wake(self, writer: Writer) -> Any:
        return await serving.matrix(self.settings, self.config, writer, self.world)

    # Playing ----------------------------------------------------------------------------------------------------------

    def play(self) -> None:
        """Play it. Raises Violation."""
        world, plan = self.world, self.plan
        world.note("plan", plan)
        for team in self.teams:
            world.after(1 + world.chance("teams").random() * 60, team.begin)
        self.disk.faults, self.wire.weather, self.server.habits = plan.faults, plan.weather, plan.habits
        for moment in plan.stops:
            world.at(moment, self.coaches.stop)
        self._look_for_the_end()
        with simulated(world, self.disk, self.restore), listening(world):
            while True:
                since = world.time
                how = self.coaches.live()
                self.up.append((since, world.time))
                if self.calm and how != "stopped":
                    raise Violation(f"it ended by itself after all was well: {how}")
                if self.calm and world.time >= self.calm_at + AFTERWARDS:
                    break
                self.wire.forget()
                if how == "gone" and world.chance("power").random() < plan.power and self.disk.go_back(6 * HOUR):
                    self.went_back.append(world.time)
                    self.server.went_back = world.time
                    for team in self.teams:
                        team.unchanged = False
                self._wait_for_start()
        checks.afterwards(self)

    def _wait_for_start(self) -> None:
        chance = self.world.chance("start")
        drawn = chance.random()
        wait = 5.0 if drawn < 0.8 else chance.random() * 3 * HOUR
        if drawn > 1 - self.plan.long_down:
            wait = DAY * (0.5 + chance.random() * 3)
        until = self.world.time + wait
        while self.world.time < until and not self.calm:
            self.world.pass_until(min(until, self.world.time + 10 * MINUTE))

    def _look_for_the_end(self) -> None:
        """Once everybody is done, and some time after it, nothing fails any more; two hours later all must be well."""
        if any(team._left > 0 for team in self.teams):
            self.world.after(10 * MINUTE, self._look_for_the_end)
        else:
            self.world.after(self.plan.after, self._calm)

    def _calm(self) -> None:
        self.world.note("calm", "nothing fails any more")
        self.calm, self.calm_at = True, self.world.time
        self.disk.faults, self.wire.weather, self.server.habits = Faults(), Weather(), Habits()
        self.disk.faults.keep = 0.0
        for team in self.teams:
            if team._kicked:
                team._kicked = False
                self.server.member(team.room, "@coach:example.nl", "invite", by=team._here()[0])
        self.world.after(AFTERWARDS, self._end)

    def _end(self) -> None:
        if not self.coaches.running:
            raise Violation("it does not start")
        checks.at_rest(self)
        self.coaches.stop()

    def figures(self) -> dict[str, int]:
        """What was played."""
        world = self.world
        return {
            "days": round(world.time / DAY),
            "events": sum(len(team.said) for team in self.teams),
            "posted": len(self.server.posted),
            "commits": self.disk.commits,
            "crashes": sum(1 for _, what, _ in world.trace if what == "crash"),
            "lives": self.coaches.number,
            "power": len(self.went_back),
        }


def play(seed: int, change: Callable[[Story], Any] | None = None) -> Report:
    """Play a seed. `change` is a context in which it is played: a deliberate fault."""
    base = "/dev/shm" if Path("/dev/shm").is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="opschaalcoach-simulation-", dir=base))
    story = Story(seed, folder)
    try:
        with _applied(change, story):
            story.play()
    except Violation as error:
        return Report(seed, str(error), story.world.told(), story.figures())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Report(seed, None, story.world.told(), story.figures())


@contextmanager
def _applied(change: Callable[[Story], Any] | None, story: Story) -> Iterator[None]:
    if change is None:
        yield
    else:
        with change(story):
            yield


@contextmanager
def listening(world: World, allowed: tuple[str, ...] = ()) -> Iterator[None]:
    """What the coach logs is in the trace; a fault of ours in it, but for those `allowed`, is one of the simulation's
    finds."""

    class Noting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said = re.sub(r"\S*opschaalcoach-simulation-\w+/", "", record.getMessage())
            world.note("log", said)
            if any(one in said for one in _OURS if one not in allowed):
                world.fail(f"a fault of ours: {said}")

    handler, logger = Noting(), logging.getLogger("bot")
    before, level = logger.propagate, logger.level
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = before
        logger.setLevel(level)
