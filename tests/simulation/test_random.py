"""Random actions, settings, absences and stops of the process, played on a real coach and database; what it says is
compared with an oracle that goes through the days one by one.

Rule: the oracle knows the rules of reminders and asks nothing of the product's calendar.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.clock import LineClock
from bot.coach import Coach
from bot.transports.base import Message, People
from flows.conversation.effects import Say
from flows.conversation.engine import Engine
from flows.conversation.events import Person
from flows.conversation.hearing import Capabilities, Setting
from storage.outbox import Row
from storage.writer import Writer
from tests.chat import BOOK, TEXTS
from tests.flows.test_due import HOLIDAYS
from tests.simulation.pilot import NUMBER

DAY = timedelta(days=1)
WEEKS = 7
EXAMPLES = 40
ROOM = "!kamer:example.org"
OWNERS = ("Anna", "Bas", "")
ZONES = ("Europe/Amsterdam", "Europe/Lisbon", "America/New_York", "Asia/Kolkata", "Australia/Sydney")
# Around both changes of the clock (there and elsewhere), Christmas, Easter and the holidays of May; and any day.
MONDAYS = ("2026-10-05", "2026-10-19", "2026-12-07", "2027-02-22", "2027-03-15", "2027-04-12", "2028-03-06")

Told = tuple[datetime, frozenset[int], bool]


# What is played -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Happening:
    """What somebody does, `day` days and some minutes after the beginning."""

    day: int
    minute: int
    what: str  # keep, close, drop, move, away, back
    which: int = 0
    days: int = 0


@dataclass(frozen=True)
class Story:
    """A room's settings, what happens in it, and when the process is not there (both local moments)."""

    monday: date
    zone: str
    hours: tuple[int, int]
    free: tuple[tuple[int, int], ...]
    window: int
    happenings: tuple[Happening, ...]
    stops: tuple[tuple[int, int, int, int], ...]

    def moment(self, day: int, minute: int) -> datetime:
        """A moment of the story, in UTC."""
        local = datetime.combine(self.monday + day * DAY, time(minute // 60, minute % 60), ZoneInfo(self.zone))
        return local.astimezone(UTC)

    def spans(self) -> list[tuple[datetime, datetime]]:
        """When the process is not there."""
        found: list[tuple[datetime, datetime]] = []
        for day, minute, days, back in sorted(self.stops):
            if day + days >= WEEKS * 7:
                continue
            start, end = self.moment(day, minute), self.moment(day + days, back)
            if end > start and (not found or start > found[-1][1]):
                found.append((start, end))
        return found

    def is_there(self, at: datetime) -> bool:
        return not any(start <= at <= end for start, end in self.spans())

    def free_days(self) -> list[tuple[date, date]]:
        return [(self.monday + first * DAY, self.monday + (first + length) * DAY) for first, length in self.free]


# Never within a quarter of an hour after the start of the hours, so that the window does not matter to the oracle.
MINUTES = st.sampled_from((5, 395, 455, 530, 695, 755, 995, 1055, 1235, 1430))
HAPPENINGS = st.builds(
    Happening,
    day=st.integers(0, WEEKS * 7 - 1),
    minute=MINUTES,
    what=st.sampled_from(("keep", "keep", "keep", "close", "drop", "move", "away", "back")),
    which=st.integers(1, 4),
    days=st.integers(0, 25),
)
STORIES = st.builds(
    Story,
    monday=st.sampled_from([date.fromisoformat(one) for one in MONDAYS]),
    zone=st.sampled_from(ZONES),
    hours=st.sampled_from(((9, 17), (8, 16), (10, 12), (13, 18))),
    free=st.lists(st.tuples(st.integers(-3, WEEKS * 7), st.integers(0, 8)), max_size=2).map(tuple),
    window=st.sampled_from((0, 900)),
    happenings=st.lists(HAPPENINGS, min_size=2, max_size=9).map(tuple),
    stops=st.lists(st.tuples(st.integers(0, WEEKS * 7 - 8), MINUTES, st.integers(0, 21), MINUTES), max_size=3).map(
        tuple
    ),
)


# The oracle -----------------------------------------------------------------------------------------------------------


@dataclass
class Kept:
    """An action as the oracle remembers it."""

    number: int
    owner: str
    due: date
    kept_on: date
    open: bool = True
    told_on: date | None = None


@dataclass
class Oracle:
    """Says when the room must be told what, by going through the days."""

    story: Story
    kept: dict[int, Kept] = field(default_factory=dict)
    away: dict[str, date] = field(default_factory=dict)
    missed: set[int] = field(default_factory=set)
    told: list[Told] = field(default_factory=list)

    def works(self, day: date) -> bool:
        free = any(first <= day <= last for first, last in self.story.free_days())
        return day.weekday() < 5 and day not in HOLIDAYS and not free

    def before(self, day: date) -> date:
        while not self.works(day):
            day -= DAY
        return day

    def after(self, day: date) -> date:
        while not self.works(day):
            day += DAY
        return day

    def marks(self, due: date, until: date) -> set[date]:
        """The days on which something is reminded of."""
        found = {self.before(due - 3 * DAY), self.before(due)}
        day = due - (due.weekday() + 35) * DAY
        while day <= until:
            if self.after(day) > due:
                found.add(self.after(day))
            day += 7 * DAY
        return found

    def waiting(self, today: date) -> frozenset[int]:
        """What is to be told on a day."""
        found = set()
        for one in self.kept.values():
            if not one.open or self.away.get(one.owner, date.min) >= today:
                continue
            since = max(one.kept_on, one.told_on or date.min)
            if any(since < mark <= today for mark in self.marks(one.due, today)):
                found.add(one.number)
        return frozenset(found)

    def local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.story.zone))

    def start_of(self, day: date) -> datetime:
        return datetime.combine(day, time(self.story.hours[0]), ZoneInfo(self.story.zone)).astimezone(UTC)

    def in_hours(self, at: datetime) -> bool:
        local = self.local(at)
        return self.works(local.date()) and self.story.hours[0] <= local.hour < self.story.hours[1]

    def speak(self, at: datetime) -> None:
        today = self.local(at).date()
        numbers = self.waiting(today)
        if not numbers or (self.told and self.local(self.told[-1][0]).date() == today):
            return
        self.told.append((at, numbers, bool(numbers & self.missed)))
        self.missed = set()
        for number in numbers:
            self.kept[number].told_on = today

    def morning(self, day: date) -> None:
        """The start of a day's hours."""
        at = self.start_of(day)
        if not self.works(day):
            return
        if self.story.is_there(at):
            self.speak(at)
        else:
            self.missed |= self.waiting(day)

    def back(self, at: datetime) -> None:
        """The process is there again."""
        if not self.in_hours(at):
            return
        today = self.local(at).date()
        if self.missed:
            late = at - self.start_of(today) > timedelta(hours=1) or self.waited(today)
            kept = self.missed
            self.missed = self.missed if late else set()
            if kept & self.waiting(today):
                self.speak(at)
            self.missed = set()

    def waited(self, today: date) -> bool:
        """Whether something was missed before today."""
        return bool(self.missed & self.waiting(today - DAY))

    def happened(self, one: Happening, number: int, at: datetime) -> None:
        """Somebody did something that worked."""
        today = self.local(at).date()
        match one.what:
            case "keep":
                owner = OWNERS[one.which % 3]
                self.kept[number] = Kept(number, owner, today + one.days * DAY, today)
            case "close" | "drop":
                self.kept[number].open = False
            case "move":
                self.kept[number].due = today + one.days * DAY
            case "away":
                self.away[OWNERS[one.which % 2]] = today + one.days * DAY
            case "back":
                self.away.pop(OWNERS[one.which % 2], None)


# The coach ------------------------------------------------------------------------------------------------------------


class Posting:
    """Keeps what is posted."""

    name = "console"
    abreast = 1
    fetches = False

    def __init__(self, window: int) -> None:
        self.capabilities = Capabilities(window=window)
        self.rows: list[Row] = []

    def known_id(self, number: int) -> str | None:
        return f"m{number}"

    async def send(self, row: Row, target: str | None) -> str | None:
        self.rows.append(row)
        return None

    def whereabouts(self, room: str) -> list[Path]:
        return []

    async def forget(self, room: str | None, alone: Sequence[str]) -> list[str]:
        return []

    async def scrub(self, row: Row, messages: list[str], gone: tuple[str, ...]) -> None:
        """There is nothing to take out."""

    async def fetch(self, room: str, message: str) -> Message | None:
        return None


class Played:
    """A coach on the clock of a story, as `run` lets it go on: timers fire when they come due, up to a minute later."""

    def __init__(self, story: Story, path: Path) -> None:
        self.story, self.path = story, path
        self.transport = Posting(story.window)
        self.engine = Engine(Setting(BOOK, TEXTS, self.transport.capabilities, "Gemeente Voorbeeld"))
        self.clock = LineClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.count = 0
        self.writer: Writer | None = None

    async def start(self, at: datetime) -> None:
        self.clock.move(at)
        self.writer = await Writer.open(self.path)
        self.coach = Coach(self.writer, self.engine, self.transport, self.clock, "test")
        await self.coach.start()
        await self.coach.fire(self.clock.now())

    async def stop(self) -> None:
        if self.writer is not None:
            await self.writer.close()
        self.writer = None

    async def until(self, at: datetime) -> None:
        while (due := await self.coach.next_due()) is not None and due <= at:
            await self.coach.fire(self.clock.move(min(due + timedelta(seconds=self.count % 60), at)))
        self.clock.move(at)

    async def say(self, text: str) -> Say:
        """Somebody writes; what is answered."""
        self.count += 1
        await self.coach.receive([Message(ROOM, f"e{self.count}", self.clock.now(), "Anna", text)])
        said = self.transport.rows[-1].effect
        assert isinstance(said, Say)
        return said


async def play(story: Story, path: Path) -> tuple[list[Row], Oracle]:
    """What the coach said by itself, and the oracle."""
    played, oracle = Played(story, path), Oracle(story)
    try:
        await tell(played, oracle)
    finally:
        await played.stop()
    return [row for row in played.transport.rows if is_unasked(row)], oracle


async def tell(played: Played, oracle: Oracle) -> None:
    """Let happen what happens in the story, to both."""
    story = played.story
    begin, end = story.moment(0, 0), story.moment(WEEKS * 7, 1439)
    await played.start(begin - timedelta(hours=2))
    people = tuple(Person(name, name) for name in ("Anna", "Bas"))
    await played.coach.receive([People(ROOM, "p1", played.clock.now(), people)])
    await played.say(f"!instellingen tijdzone {story.zone}")
    await played.say(f"!instellingen uren {story.hours[0]}-{story.hours[1]}")
    for first, last in story.free_days():
        said = await played.say(
            f"!instellingen vrij {first} - {last}" if first < last else f"!instellingen vrij {first}"
        )
        assert "Aangepast" in said.text

    moments: list[tuple[datetime, int, object]] = [(back, 2, None) for _, back in story.spans()]
    moments += [(away, 0, None) for away, _ in story.spans()]
    moments += [(oracle.start_of(story.monday + number * DAY), 1, number) for number in range(WEEKS * 7 + 1)]
    for one in story.happenings:
        if story.is_there(at := story.moment(one.day, one.minute)):
            moments.append((at, 3, one))
    numbers = 0
    for at, what, more in sorted(moments, key=lambda one: (one[0], one[1])):
        if what == 1:
            assert isinstance(more, int)
            oracle.morning(story.monday + more * DAY)
        elif what == 0:
            await played.until(at)
            await played.stop()
        elif what == 2:
            await played.start(at)
            oracle.back(at)
        else:
            assert isinstance(more, Happening)
            await played.until(at)
            if more.what == "keep":
                numbers += 1
            if await happen(played, oracle, more, numbers):
                number = numbers if more.what == "keep" else more.which
                oracle.happened(more, number, at)
    await played.until(end)


async def happen(played: Played, oracle: Oracle, one: Happening, number: int) -> bool:
    """Do it in the room; whether it concerned something that is there."""
    day = played.clock.now().astimezone(ZoneInfo(played.story.zone)).date() + one.days * DAY
    if one.what == "keep":
        owner = OWNERS[one.which % 3]
        said = await played.say(f"!actie klus {'@' + owner if owner else ''} {day}")
        assert f"Actie {number}:" in said.text
        return True
    if one.what in ("away", "back"):
        name = OWNERS[one.which % 2]
        said = await played.say(f"!afwezig @{name} t/m {day}" if one.what == "away" else f"!afwezig @{name} voorbij")
        assert said.kind == "noted", said.text
        return True
    if one.which not in oracle.kept or not oracle.kept[one.which].open:
        return False
    command = {"close": "gedaan", "drop": "vervalt", "move": f"uitstel {one.which} {day}"}[one.what]
    said = await played.say(f"!{command}" if one.what == "move" else f"!{command} {one.which}")
    assert said.kind == "noted", said.text
    return True


def is_unasked(row: Row) -> bool:
    return isinstance(row.effect, Say) and row.effect.kind in ("reminder", "recheck")


# The test -------------------------------------------------------------------------------------------------------------


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(STORIES)
def test_it_says_what_the_oracle_says(story: Story) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows, oracle = asyncio.run(play(story, Path(folder) / "coach.db"))
    offsets, told = set(), []
    for row in rows:
        say, at = row.effect, row.at
        assert isinstance(say, Say)
        start = oracle.start_of(oracle.local(at).date())
        late = "Later dan gepland" in say.text
        if timedelta(0) <= at - start < timedelta(seconds=max(story.window, 1)):
            offsets.add(at - start)
            at = start
        told.append((at, frozenset(int(one) for one in NUMBER.findall(say.text)), late))
        assert oracle.in_hours(row.at)
        owners = {oracle.kept[number].owner for number in told[-1][1]} - {""}
        assert set(say.mentions) == owners
    assert told == oracle.told
    assert len(offsets) <= 1  # a room has one moment, whatever happened
