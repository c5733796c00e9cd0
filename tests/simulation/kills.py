"""Real kills: the real command, ended with SIGKILL at moments that chance decides, while messages pour in.

Rule: the homeserver and the people are in this process, the coach in another; what they said stands in the answers
once, and what the coach said stands in the room once and in order.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot import reading
from bot.settings import MatrixSection
from bot.transports.matrix import account
from bot.transports.matrix.account import Account, keys_folder
from bot.transports.matrix.client import identity_of, make_client
from tests.bot.process import ROOT
from tests.simulation.homeserver import COACH, OWN, Homeserver
from tests.simulation.world import BEGIN, Violation, World
from tests.starting import heed_signals

PEOPLE = ("@anna:example.nl", "@bas:example.nl", "@chris:example.nl")
ROOMS = tuple(f"!r{number}:example.nl" for number in range(1, 4))
PATIENCE = 120.0  # seconds, only to end what hangs
MOST_ASKED = 300  # requests of a life
PAUSE = 0.02  # between two messages
MOST_OPEN = 300  # answers without a ✍️: then people wait for the coach, for they would outrun one that is always killed


class Real(World):
    """The world of the clock on the wall."""

    @property
    def time(self) -> float:  # type: ignore[override]
        return time.time() - BEGIN.timestamp()

    @time.setter
    def time(self, value: float) -> None:
        """It goes on by itself."""

    def fail(self, what: str) -> None:
        raise Violation(what)


class Served:
    """The homeserver over HTTP."""

    def __init__(self, seed: int) -> None:
        self.world = Real(seed, traced=False)
        self.server = Homeserver(self.world)
        self.server.habits.limited = 0.05
        self.server.habits.replays = 0.1
        self.server.heard = self._heard
        self.fault: str | None = None
        self.asked = 0  # requests so far
        self._news = asyncio.Event()

    def _heard(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def start(self) -> str:
        """Listen; the address."""
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        path = request.raw_path
        name = urlsplit(path).path
        body = await request.read()
        if name.endswith("/sync"):
            return await self._sync(request)
        if "/keys/" in name:
            counts = {"signed_curve25519": 50}
            return web.json_response(
                {"one_time_key_counts": counts, "device_keys": {}, "one_time_keys": {}, "failures": {}}
            )
        try:
            content = json.loads(body) if body else None
        except ValueError:
            content = None  # a file
        try:
            status, said = self.server.answer(request.method, path, content)
        except Violation as error:
            self.fault = self.fault or str(error)
            return web.json_response({"errcode": "M_UNKNOWN"}, status=500)
        return web.json_response(said, status=status)

    async def _sync(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        end = time.monotonic() + int(query.get("timeout", 0)) / 1000
        while not self.server.has_news(query.get("since")) and query.get("full_state") != "true":
            left = end - time.monotonic()
            if left <= 0:
                break
            try:
                async with asyncio.timeout(left):
                    await self._news.wait()
            except TimeoutError:
                break
        said = self.server.sync(query)
        said["device_one_time_keys_count"] = {"signed_curve25519": 50}
        return web.json_response(said)


class Killed:
    """A coach that is killed again and again, and people who go on talking to it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.chance = random.Random(seed)
        self.served = Served(seed)
        self.answers: dict[str, dict[str, str]] = {room: {} for room in ROOMS}
        self.process: subprocess.Popen[bytes] | None = None
        self.talking = True
        self._asked: dict[str, str] = {}  # the first question of each room
        self._open: set[str] = set()  # answers without a ✍️
        self._looked = 0  # how many of the posts were looked at for that

    async def prepare(self) -> None:
        """A configuration, and a device as `login` leaves one."""
        address = await self.served.start()
        section = MatrixSection(homeserver=address, user_id=COACH)
        store = self.folder / "data" / "matrix"
        account.ready_folder(store)
        account.ready_folder(keys_folder(store))
        client = make_client(section, COACH, "DEVICE", store)
        client.restore_login(COACH, "DEVICE", "secret")
        known = Account(address, COACH, "DEVICE", "secret", identity_of(client), datetime(2026, 1, 1, tzinfo=UTC))
        account.save(store, known)
        client.store.database.close()
        self.config = self.folder / "config.toml"
        self.config.write_text(
            '[storage]\npath = "data/coach.db"\n[coach]\noperator = "Gemeente Voorbeeld"\nmessages_per_minute = 10000\n'
            f'[matrix]\nhomeserver = "{address}"\nuser_id = "{COACH}"\nallowed_servers = ["example.nl"]\n',
            "utf-8",
        )
        for room in ROOMS:
            self.served.server.room(room, *PEOPLE)
            self.served.server.member(room, COACH, "invite", by=PEOPLE[0])

    def start(self) -> None:
        with (self.folder / "said.txt").open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run", "--config", str(self.config)],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=said, stderr=said, preexec_fn=heed_signals,
            )  # fmt: skip

    async def end(self, number: signal.Signals) -> int:
        """End the process; its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return await asyncio.to_thread(self.process.wait, PATIENCE)

    # People -----------------------------------------------------------------------------------------------------------

    async def talk(self) -> None:
        """People answer the latest question, each answer in words that nobody used before."""
        count = 0
        while self.talking:
            await asyncio.sleep(PAUSE * (0.5 + self.chance.random()))
            room, person = self.chance.choice(ROOMS), self.chance.choice(PEOPLE)
            if len(self._unsigned()) >= MOST_OPEN:
                continue
            if room not in self._asked:
                asked = self._said(room, "question")
                if not asked:
                    self._begin(room, person)
                    continue
                self._asked[room] = asked[0]
            if self.chance.random() < 0.03:
                self._write(room, person, self.chance.choice(("!verder", "!acties", "!overzicht")), None)
                continue
            # The first question takes all that is said, whatever the room came to since.
            count += 1
            text = f"antwoord {count}"
            event = self._write(room, person, text, self._asked[room])
            self.answers[room][event] = text
            self._open.add(event)

    def _said(self, room: str, kind: str) -> list[str]:
        return [
            event["event_id"]
            for _, place, event in self.served.server.posted
            if place == room and event["content"].get(OWN, {}).get("kind") == kind
        ]

    def _begin(self, room: str, person: str) -> None:
        welcome = self._said(room, "welcome")
        known = self.served.server.rooms[room].timeline
        if welcome and not any(event["content"].get("body") == "!start" for _, event in known):
            self._write(room, person, "!start", None)

    def _write(self, room: str, person: str, text: str, to: str | None) -> str:
        content: dict[str, Any] = {"msgtype": "m.text", "body": text, "m.mentions": {}}
        if to is not None:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": to}}
        return str(self.served.server.add(room, person, "m.room.message", content)["event_id"])

    # What must hold ---------------------------------------------------------------------------------------------------

    async def until(self, condition: Any) -> bool:
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end or self.served.fault is not None:
                return False
            await asyncio.sleep(0.02)
        return True

    def all_noted(self) -> bool:
        return not self._unsigned()

    def _unsigned(self) -> set[str]:
        """The answers without a ✍️."""
        posted = self.served.server.posted
        for _, _, event in posted[self._looked :]:
            about = event["content"].get("m.relates_to", {})
            if event["type"] == "m.reaction" and about.get("key") == "✍️":
                self._open.discard(about["event_id"])
        self._looked = len(posted)
        return self._open

    def nothing_waits(self) -> bool:
        with closing(sqlite3.connect(f"file:{self.db}?mode=ro", uri=True)) as conn:
            waits = "SELECT 1 FROM outbox WHERE state IN (0, 3) UNION ALL SELECT 1 FROM inbox WHERE state <> 1 LIMIT 1"
            return conn.execute(waits).fetchone() is None

    @property
    def db(self) -> Path:
        return self.folder / "data" / "coach.db"

    def fault(self) -> str | None:
        """What does not hold."""
        if self.served.fault is not None:
            return self.served.fault
        with closing(sqlite3.connect(self.db)) as conn:
            if conn.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                return "the database is damaged"
            line = dict(conn.execute("SELECT \"key\", id FROM outbox WHERE op <> 'attach'").fetchall())
            sent = [
                key for (key,) in conn.execute("SELECT \"key\" FROM outbox WHERE state = 1 AND op IN ('say', 'edit')")
            ]
        if any(key not in self.served.server.by_key for key in sent):
            return "something was never posted, though it says so"
        for room in ROOMS:
            found = json.loads(reading.export(self.db, room, "json"))
            noted = Counter(item["text"] for step in found["steps"].values() for item in step["items"])
            said = Counter(self.answers[room].values())
            wrong = {text: noted[text] for text in said if noted[text] != 1}
            if wrong:
                return f"answers that do not stand there once: {dict(list(wrong.items())[:5])} of {len(said)}"
            keys = [event["content"][OWN]["key"] for _, place, event in self.served.server.posted if place == room]
            places = [line[key] for key in keys if key in line]
            if places != sorted(places):
                return f"out of order in {room}"
        said_text = (self.folder / "said.txt").read_text("utf-8", "replace")
        # A process that was just being made when its coach was killed: Python says so by itself.
        traces = [one for one in said_text.split("Traceback")[1:] if "multiprocessing/spawn.py" not in one]
        return f"a traceback: {traces[0][-600:]}" if traces else None


async def _matrix(count: int, seed: int, folder: Path) -> str | None:
    killed = Killed(folder, seed)
    await killed.prepare()
    talking = asyncio.create_task(killed.talk())
    try:
        for _ in range(count):
            killed.start()
            # By what it has done, for machines differ: as it starts, at its first sync, or, less often, deep in work.
            enough = killed.served.asked + int(MOST_ASKED * killed.chance.random() ** 2)
            if not await killed.until(lambda enough=enough: killed.served.asked >= enough):
                return killed.served.fault or "it does nothing any more"
            await asyncio.sleep(killed.chance.random() * 0.02)
            await killed.end(signal.SIGKILL)
        killed.start()
        killed.talking = False
        await talking
        if not await killed.until(killed.all_noted):
            return killed.served.fault or "not everything was noted in time"
        if not await killed.until(killed.nothing_waits):
            return killed.served.fault or "something waits still"
        code = await killed.end(signal.SIGTERM)
        if code != 0:
            return f"it ended with {code} when it was told to stop"
        answers = sum(map(len, killed.answers.values()))
        print(f"{count} kills, {answers} answers, {len(killed.served.server.posted)} posted", flush=True)
        return killed.fault()
    finally:
        talking.cancel()
        if killed.process is not None and killed.process.poll() is None:
            killed.process.kill()
            killed.process.wait()
        await killed.served.stop()


def matrix(count: int, seed: int = 1) -> str | None:
    """Kill a coach in Matrix so many times; what does not hold, None where all does."""
    base = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112 (in memory where that is there)
    folder = Path(tempfile.mkdtemp(prefix="opschaalcoach-kills-", dir=base))
    try:
        return asyncio.run(_matrix(count, seed, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
