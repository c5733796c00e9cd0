"""The same in Teams: the real coach behind a stand-in for Microsoft's side that loses, delays, repeats and refuses.

Rule: what Teams may do is done: an activity comes until it was answered, and again where the answer was late; a message
of the coach whose fate is unknown was taken, or not, and nobody says which.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
import tempfile
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

from bot import serving
from bot.settings import CoachSection, Settings, StorageSection, TeamsSection
from bot.transports.base import Deferred, Doubtful
from bot.transports.teams import guard as guard_module
from bot.transports.teams import server as server_module
from bot.transports.teams.connector import Connector
from bot.transports.teams.listening import Listening
from bot.transports.teams.transport import TeamsTransport
from storage.errors import StorageError
from storage.writer import Writer
from tests.simulation.checks import must
from tests.simulation.coach import Coaches, simulated
from tests.simulation.disk import Disk, Faults
from tests.simulation.mutants import Mutant
from tests.simulation.story import Report, listening
from tests.simulation.world import DAY, HOUR, MINUTE, Violation, World

SERVICE = "https://smba.example.net/emea"
COACH = "28:coach"
AFTERWARDS = 2 * HOUR
PATIENCE = 15.0  # seconds in which Teams wants an answer
_KEY: ContextVar[str] = ContextVar("key", default="")
_ROOM = re.compile(r"/v3/conversations/([^/]+)/(\w+)(?:/([^/?]+))?")

Activity = dict[str, Any]


@dataclass
class Weather:
    """How often a request of the coach, or an activity for it, meets what."""

    refused: float = 0.0  # could not connect
    busy: float = 0.0  # 429
    bad: float = 0.0  # 502, 503, 504: not taken
    broken: float = 0.0  # 500: taken, or not
    silent: float = 0.0  # no answer in time: taken, or not
    crash: float = 0.0
    missed: float = 0.0  # an activity does not get through
    late: float = 0.0  # it does, but the answer is late: it comes again


class Service:
    """Microsoft's side: conversations, what was posted in them, activities that wait to be taken."""

    def __init__(self, story: TeamsStory) -> None:
        self.story, self.world = story, story.world
        self.weather = Weather()
        self.take: Callable[[Mapping[str, Any]], Awaitable[object]] | None = None
        self.people: dict[str, list[str]] = {}
        self.strange = self.world.chance("strange").choice(("29:anna", "29:bas", "29:chris", ""))  # without the app
        self.posted: list[tuple[str, str, str, Activity]] = []  # room, id, key, as it is now
        self.by_key: dict[str, str] = {}
        self.unknown: set[str] = set()  # keys of what the coach can't know the fate of
        self._quiet: dict[str, float] = {}
        self._chance = self.world.chance("service")
        self._count = 0
        self.waiting = 0

    # What the coach asks ----------------------------------------------------------------------------------------------

    async def send(self, connector: Connector, method: str, address: str, body: Any, headers: Any) -> httpx.Response:
        """In the place of the coach's HTTP client."""
        found = _ROOM.search(address)
        opens = found is None and address.endswith("/v3/conversations")
        assert found is not None or opens, address
        room, what, target = f"with {body['members'][0]['id']}" if opens else "", "open", None
        if found is not None:
            room, what, target = httpx.URL(f"http://x/{found[1]}").path[1:], found[2], found[3]
        key, life, world = _KEY.get(), self.story.coaches.life, self.world
        future: asyncio.Future[httpx.Response] = asyncio.get_running_loop().create_future()
        if method != "GET" and world.time < self._quiet.get(room, 0.0) - 0.001:
            world.fail(f"asked before Teams allowed it: {method} in {room}")
        fate = self._fate()
        if fate != "yes":
            world.note("service", fate, method, room, key[:8])
        new = method == "POST" and not opens
        if fate == "crash":
            self.story.world.after(self._chance.random() * 0.2, lambda: self.story.coaches.crash(life, f"in {method}"))
            fate = "yes"
        if new:
            self.unknown.add(key)  # till the answer is there

        def arrive() -> None:
            taken = fate == "yes" or (fate in ("broken", "silent") and self._chance.random() < 0.5)
            said = self._done(method, room, what, target, body, key) if taken else {}
            wait = self._chance.random() * 0.1 + (10.0 if fate == "silent" else 0.0)
            world.after(wait, lambda: answer(said))

        def answer(said: Activity) -> None:
            if life != self.story.coaches.life or future.done():
                return
            request = httpx.Request(method, address)
            if fate == "refused":
                future.set_exception(httpx.ConnectError("refused"))
            elif fate == "silent":
                future.set_exception(httpx.ReadTimeout("silent"))
            elif fate == "yes" and room == f"with {self.strange}":
                response = httpx.Response(403, request=request)
                future.set_exception(httpx.HTTPStatusError("no", request=request, response=response))
            elif fate == "yes":
                future.set_result(httpx.Response(201, json=said, request=request))
            else:
                status = {"busy": 429, "broken": 500}.get(fate) or self._chance.choice((502, 503, 504))
                more = {}
                if fate == "busy" and self._chance.random() < 0.8:
                    wait = self._chance.choice((1, 5, 60))
                    more = {"Retry-After": str(wait)}
                    self._quiet[room] = world.time + wait
                response = httpx.Response(status, headers=more, request=request)
                future.set_exception(httpx.HTTPStatusError("no", request=request, response=response))
            if new and fate not in ("silent", "broken"):
                self.unknown.discard(key)

        world.after(0.005 + self._chance.random() * 0.05, arrive)
        return await future

    def forget(self) -> None:
        """A new process was told nothing."""
        self._quiet.clear()

    def _fate(self) -> str:
        drawn = self._chance.random()
        for fate in ("refused", "busy", "bad", "broken", "silent", "crash"):
            rate = getattr(self.weather, fate)
            if drawn < rate:
                return fate
            drawn -= rate
        return "yes"

    def _done(self, method: str, room: str, what: str, target: str | None, body: Any, key: str) -> Activity:
        if what == "open":
            (who,) = [one["id"] for one in body["members"]]
            if who != self.strange:
                self.people[f"a:{who}"] = [who]
            return {"id": f"a:{who}"}
        if what == "pagedmembers":
            return {"members": [{"id": person, "name": person[3:].capitalize()} for person in self.people[room]]}
        if method == "PUT":
            for place, (_, own, first, _) in enumerate(self.posted):
                if own == target:
                    self.posted[place] = (room, own, first, body)
            return {"id": target}
        self._count += 1
        own = f"a{self._count}"
        self.world.note("posted", room, own, key[:8], repr(str(body.get("summary"))[:50]))
        if key in self.by_key:
            raise Violation(f"twice under one key in {room}: {body.get('summary')}")
        self.by_key[key] = own
        self.posted.append((room, own, key, body))
        return {"id": own}

    # What the coach is told -------------------------------------------------------------------------------------------

    def bring(self, activity: Activity) -> None:
        """Bring an activity to the coach, until it was answered."""
        self.waiting += 1
        self._try(activity, 0)

    def _try(self, activity: Activity, attempt: int) -> None:
        def again() -> None:
            pause = PATIENCE if attempt < 5 else 10 * MINUTE
            self.world.after(pause + self._chance.random(), lambda: self._try(activity, attempt + 1))

        if self.take is None or self._chance.random() < self.weather.missed:
            again()
            return
        life = self.story.coaches.life
        late = self._chance.random() < self.weather.late
        task = asyncio.ensure_future(self.take(activity), loop=self.story.coaches.loop)

        asked, settled = self.world.time, False

        def done(task: asyncio.Future[object]) -> None:
            nonlocal settled
            if self.world.time - asked >= PATIENCE:
                return  # it comes again already
            settled = True
            if life != self.story.coaches.life:
                return
            error = None if task.cancelled() else task.exception()
            if task.cancelled() or isinstance(error, StorageError):
                again()
            elif error is not None:
                self.world.fail(f"an activity was answered with a fault of ours: {error!r}")
            elif late:
                again()
            else:
                self.waiting -= 1

        def gone() -> None:
            if not settled:
                again()  # no answer in time, or the coach is gone

        task.add_done_callback(done)
        self.world.after(PATIENCE, gone)


class TeamsPeople:
    """The people of one conversation."""

    def __init__(self, story: TeamsStory, room: str, names: tuple[str, ...], acts: int) -> None:
        self.story, self.world, self.service, self.room = story, story.world, story.service, room
        self.names = names
        self.left = acts
        self.said: list[tuple[str, str]] = []  # event, word
        self._chance = self.world.chance(f"people {room}")
        self._asks = self.world.chance(f"asks {room}")
        self._count = 0
        self.service.people[room] = [f"29:{name}" for name in names]

    def begin(self) -> None:
        """The coach is added."""
        first = self.service.people[self.room][0]
        self.service.bring(self._activity(first, "conversationUpdate", membersAdded=[{"id": COACH}]))
        self.world.after(30, self._act)

    def _activity(self, who: str, kind: str, **more: Any) -> Activity:
        self._count += 1
        moment = (self.world.now() - timedelta(0)).isoformat()
        return {
            "type": kind,
            "id": f"{self.room}-{self._count}",
            "timestamp": moment,
            "serviceUrl": SERVICE,
            "conversation": {"id": self.room, "conversationType": "groupChat", "isGroup": True, "tenantId": "t"},
            "from": {"id": who, "name": who[3:].capitalize()},
            "recipient": {"id": COACH, "name": "Coach"},
            **more,
        }

    def _ask_alone(self, who: str) -> None:
        """Somebody asks what is kept about them, and says something in their own chat with the coach."""
        self._say(who, "!mijngegevens")
        own = self._activity(who, "message", text="bedankt voor niets")
        own["conversation"] = {"id": f"a:{who}", "conversationType": "personal", "tenantId": "t"}
        if own["conversation"]["id"] in self.service.people:
            self.service.bring(own)

    def _act(self) -> None:
        self.left -= 1
        if self._asks.random() < 0.1:
            self._ask_alone(self._asks.choice(self.service.people[self.room]))
        chance, who = self._chance, self._chance.choice(self.service.people[self.room])
        cards = [
            (key, card) for room, _, key, body in self.service.posted if room == self.room for card in _cards(body)
        ]
        if not cards:
            self._say(who, "!start")
        elif chance.random() < 0.45:
            self._press(who, cards[-1][1] if chance.random() < 0.8 else chance.choice(cards)[1])
        elif chance.random() < 0.6:
            word = f"antwoord{self._count}x{self.room}"
            self._say(who, f"wij zeggen {word}", word)
        elif chance.random() < 0.3:
            word = f"klus{self._count}x{self.room}"
            self._say(who, f"!actie {word} {self.world.now().date() + timedelta(days=chance.randint(1, 5))}", word)
        else:
            self._say(
                who, chance.choice(("!verder", "!acties", "!overzicht", "voldoende", "!weetniet", "v d o v d o v d"))
            )
        if self.left > 0:
            pauses = (chance.random() * 30, chance.random() * 10 * MINUTE, chance.random() * DAY)
            self.world.after(chance.choices(pauses, (75, 20, 5))[0], self._act)

    def _say(self, who: str, text: str, word: str = "") -> None:
        named = "<at>Coach</at>"
        entity = {"type": "mention", "text": named, "mentioned": {"id": COACH, "name": "Coach"}}
        activity = self._activity(who, "message", text=f"{named} {text}", entities=[entity])
        self.world.note("people", self.room, activity["id"], who, repr(text))
        self.said.append((activity["id"], word))
        self.service.bring(activity)

    def _press(self, who: str, card: Mapping[str, Any]) -> None:
        able = list(_actions(card))
        if not able:
            return
        data = dict(self._chance.choice(able))
        if self._chance.random() < 0.5:
            data["text"] = f"getikt{self._count}x{self.room}"
        activity = self._activity(who, "invoke", name="adaptiveCard/action", value={"action": {"data": data}})
        self.world.note("people", self.room, activity["id"], who, "presses", data.get("value"), data.get("text", ""))
        self.service.bring(activity)


def _cards(body: Activity) -> list[Mapping[str, Any]]:
    return [one["content"] for one in body.get("attachments", []) if isinstance(one.get("content"), dict)]


def _actions(part: object) -> Iterator[Mapping[str, Any]]:
    """What the buttons of a card send."""
    if isinstance(part, dict):
        if str(part.get("type", "")).startswith("Action.") and isinstance(part.get("data"), dict):
            yield part["data"]
        for one in part.values():
            yield from _actions(one)
    elif isinstance(part, list):
        for one in part:
            yield from _actions(one)


class TeamsStory:
    """One seed in Teams."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.world = World(seed)
        self.disk = Disk(self.world, folder, goes_back=False)
        self.coaches = Coaches(self.world, self.disk, self._wake)
        self.service = Service(self)
        teams = TeamsSection(
            app_id="coach", tenant_id="t", client_secret="s", openid_metadata_url="http://127.0.0.1:9/openidconfiguration",
            token_issuer="http://127.0.0.1:9",
        )  # fmt: skip
        self.settings = Settings(
            storage=StorageSection(path=folder / "coach.db"),
            coach=CoachSection(operator="Gemeente Voorbeeld"),
            teams=teams,
        )
        chance = self.world.chance("teams")
        self.rooms = [
            TeamsPeople(self, f"g{number}", ("anna", "bas", "chris")[: chance.randint(2, 3)], chance.randint(20, 45))
            for number in range(1, chance.randint(2, 3))
        ]
        self.calm, self.calm_at = False, 0.0

    async def _wake(self, writer: Writer) -> Any:
        return await serving.teams(self.settings, writer, self.world)

    def _some(self, name: str, most: float, often: float = 0.6) -> float:
        chance = self.world.chance(f"plan {name}")
        return most * chance.random() ** 2 if chance.random() < often else 0.0

    def play(self) -> None:
        """Play it. Raises Violation."""
        some, world = self._some, self.world
        names = ("statement", "commit", "crash_before", "crash_after", "timers")
        most = (0.003, 0.02, 0.02, 0.02, 0.5)
        drawn = {name: some(name, rate) for name, rate in zip(names, most, strict=True)}
        self.disk.faults = Faults(**drawn, keep=0.0)
        names = ("refused", "busy", "bad", "broken", "silent", "crash", "missed", "late")
        self.service.weather = Weather(*(some(name, 0.05 if name == "crash" else 0.12) for name in names))
        world.note("plan", self.disk.faults, self.service.weather)
        for room in self.rooms:
            world.after(1 + world.chance("teams").random() * 60, room.begin)
        self._look_for_the_end()
        with simulated(world, self.disk), self._swapped(), listening(world, ("set aside",)):
            while True:
                how = self.coaches.live()
                self.service.take = None
                self.service.forget()
                if self.calm and how != "stopped":
                    raise Violation(f"it ended by itself after all was well: {how}")
                if self.calm and world.time >= self.calm_at + AFTERWARDS:
                    break
                chance = world.chance("start")
                until = world.time + (5.0 if chance.random() < 0.85 else chance.random() * 3 * HOUR)
                while world.time < until and not self.calm:
                    world.pass_until(min(until, world.time + 10 * MINUTE))
        self._afterwards()

    @contextmanager
    def _swapped(self) -> Iterator[None]:
        """What the machine gives in Teams: the socket that is listened at, and the HTTP client."""
        story, posted, update = self, TeamsTransport._posted, TeamsTransport._update

        class Server:
            def __init__(self, guard: object, take: Any, links: object) -> None:
                self._take = take

            async def start(self, host: str, port: int) -> int:
                story.service.take = self._take
                return port

            async def stop(self) -> None:
                story.service.take = None

        class Guard:
            def __init__(self, *_: object) -> None:
                """Nobody knocks who is not Teams."""

            async def warm(self) -> bool:
                return True

        async def send(connector: Connector, *more: Any) -> httpx.Response:
            return await story.service.send(connector, *more)

        async def keyed_post(transport: TeamsTransport, row: Any, *more: Any) -> Any:
            _KEY.set(row.key)
            return await posted(transport, row, *more)

        async def keyed_update(transport: TeamsTransport, row: Any, *more: Any) -> Any:
            _KEY.set(row.key)
            return await update(transport, row, *more)

        with ExitStack() as stack:
            for target, name, value in (
                (server_module, "Server", Server),
                (guard_module, "Guard", Guard),
                (Connector, "_send", send),
                (TeamsTransport, "_posted", keyed_post),
                (TeamsTransport, "_update", keyed_update),
            ):
                stack.enter_context(patch.object(target, name, value))
            yield

    def _look_for_the_end(self) -> None:
        if any(room.left > 0 for room in self.rooms):
            self.world.after(10 * MINUTE, self._look_for_the_end)
        else:
            self.world.after(self.world.chance("plan end").choice((HOUR, 2 * DAY, 4 * DAY)), self._calm)

    def _calm(self) -> None:
        self.world.note("calm", "nothing fails any more")
        self.calm, self.calm_at = True, self.world.time
        self.disk.faults, self.service.weather = Faults(keep=0.0), Weather()
        self.world.after(AFTERWARDS, self._end)

    def _end(self) -> None:
        must(self.coaches.running, "it does not start")
        must(self.service.waiting == 0, f"{self.service.waiting} activities were never answered")
        with closing(sqlite3.connect(f"file:{self.disk.path}?mode=ro", uri=True)) as conn:
            for one in ("inbox WHERE state = 0", "outbox WHERE state IN (0, 3)"):
                (count,) = conn.execute(f"SELECT count(*) FROM {one}").fetchone()
                must(count == 0, f"two hours later {count} wait still: {one}")
        self.coaches.stop()

    def _afterwards(self) -> None:
        with closing(sqlite3.connect(self.disk.path)) as conn:
            must(conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "the database is damaged")
            must(not conn.execute("SELECT 1 FROM inbox WHERE state <> 1").fetchall(), "events without an outcome")
            known = defaultdict(set)
            for room, event in conn.execute("SELECT external, event FROM inbox JOIN room ON room.id = inbox.room"):
                known[room].add(event)
            rows = conn.execute(
                'SELECT outbox.id, "key", op, state, external, number FROM outbox JOIN room ON room.id = outbox.room '
                "WHERE op IN ('say', 'edit', 'attach')"
            ).fetchall()
            alone = dict(conn.execute('SELECT "key", recipient FROM message WHERE recipient IS NOT NULL').fetchall())
            must(not conn.execute("SELECT 1 FROM item WHERE text LIKE '%voor niets%'").fetchall(), "taken, said alone")
            items = Counter(word for (text,) in conn.execute("SELECT text FROM item") for word in str(text).split())
            items.update(word for (text,) in conn.execute('SELECT text FROM "action"') for word in str(text).split())
        for people in self.rooms:
            lost = [event for event, _ in people.said if event not in known[people.room]]
            must(not lost, f"said to the coach, and lost: {lost[:5]}")
        twice = [word for word, count in items.items() if count > 1 and "x" in word and word[-2:-1] == "g"]
        must(not twice, f"stands more than once: {twice[:5]}")
        for room, own, key, body in self.service.posted:
            if key in alone:
                must(room == f"a:{alone[key]}", f"{own}, for {alone[key]} alone, was posted in {room}")
            elif "Wat ik over jou bewaar" in str(body):
                must(room.startswith("a:"), f"{own} says in {room} what is kept about somebody")
        reached = {alone[key] for _, _, key, _ in self.service.posted if key in alone}
        must(self.service.strange not in reached, "told alone, without the app")
        # What could not be told to somebody alone was set aside, and the room heard so.
        self._posted_once([row for row in rows if row[1] not in alone or row[3] != 2])

    def _posted_once(self, rows: list[tuple[int, str, str, int, str, int]]) -> None:
        """Nothing is lost but what nobody can know the fate of, and each room has its messages in order."""
        unknown = {(room, number) for _, key, _, _, room, number in rows if key in self.service.unknown}
        refused = sum(what == "log" and str(said[0]).startswith("delivery: ") for _, what, said in self.world.trace)
        ends, cut_off = self.figures()["crashes"] + refused, Counter[str]()
        for _, key, op, state, room, number in rows:
            if state == 2:
                # What was being posted when the coach was gone, or the disk refused to note how that went, is in doubt
                # too, one in a room.
                cut_off[room] += (room, number) not in unknown and op != "edit"
                must(cut_off[room] <= ends, f"set aside without a doubt: {op} {key[:8]} in {room}")
            elif op == "say":
                must(key in self.service.by_key, f"never posted, though it says so: {key[:8]} in {room}")
        line = {key: row for row, key, op, *_ in rows if op == "say"}
        for people in self.rooms:
            places = [line[key] for room, _, key, _ in self.service.posted if room == people.room and key in line]
            must(places == sorted(places), f"out of order in {people.room}")

    def figures(self) -> dict[str, int]:
        """What was played."""
        return {
            "days": round(self.world.time / DAY),
            "events": sum(len(room.said) for room in self.rooms),
            "posted": len(self.service.posted),
            "commits": self.disk.commits,
            "crashes": sum(1 for _, what, _ in self.world.trace if what == "crash"),
            "lives": self.coaches.number,
        }


def play(seed: int, change: Callable[[Any], Any] | None = None) -> Report:
    """Play a seed in Teams, with a deliberate fault where there is one."""
    base = "/dev/shm" if Path("/dev/shm").is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="opschaalcoach-simulation-", dir=base))
    story = TeamsStory(seed, folder)
    try:
        with ExitStack() as stack:
            if change is not None:
                stack.enter_context(change(story))
            story.play()
    except Violation as error:
        return Report(seed, str(error), story.world.told(), story.figures())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Report(seed, None, story.world.told(), story.figures())


# Deliberate faults ----------------------------------------------------------------------------------------------------


def _doubt_repeated() -> list[Any]:
    create = Connector.create

    async def again(self: Connector, *more: Any) -> str | None:
        try:
            return await create(self, *more)
        except Doubtful:
            raise Deferred from None

    return [patch.object(Connector, "create", again)]


def _careless() -> list[Any]:
    coach = serving._coach

    def without(*args: Any, **more: Any) -> Any:
        return coach(*args, **{**more, "careful": False})

    return [patch.object(serving, "_coach", without)]


def _answered_before_it_is_kept() -> list[Any]:
    keep = Listening._keep

    async def beside(self: Listening, found: Any) -> None:
        self._beside(keep(self, found))

    return [patch.object(Listening, "_keep", beside)]


def _told_in_the_room() -> list[Any]:
    create = TeamsTransport._create

    async def aloud(self: TeamsTransport, row: Any, to: str | None, make: Any) -> str | None:
        return await create(self, row, None, make)

    return [patch.object(TeamsTransport, "_create", aloud)]


TEAMS_MUTANTS = {
    one.name: one
    for one in (
        Mutant("doubt-repeated", "a message whose fate is unknown is sent again", (2,), _doubt_repeated),
        Mutant("careless", "a message is not written down before it is sent", (0, 6), _careless),
        Mutant("told-in-the-room", "what is for one person is posted in the room", (1,), _told_in_the_room),
        Mutant("answered-first", "an activity is answered before it is kept", (13,), _answered_before_it_is_kept),
    )
}
