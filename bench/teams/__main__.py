"""`make bench-teams`: the coach in Teams beside bare echo bots on Microsoft's SDK, before one Connector: one that
remembers nothing, and one that keeps one row of what was said, on the disk before it posts. Rule: it
prints; nothing is asserted, for another machine has other numbers. Compare only inside one run, best the ratios.

The Connector stands in this process and answers at once; all bots get the same signed requests, one at a time, and no
more of them than Teams lets a bot answer in a second. Measured is the time from sending what somebody said to the bot's
first post.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from bench import results, table
from tests.homeserver.ports import free_port
from tests.starting import FROM_NOTHING
from tests.transports.teams_room import APP, BOT, TeamsProcess

ROOT = Path(__file__).parents[2]
WELL_KNOWN = "/v1/.well-known"
KID = "bench"
PACE = 0.04  # seconds from one to the next: Teams takes 50 posts a second of a bot
ROOMS = 40  # and 60 in half a minute in one conversation
WARM = 10
DEADLINE = 60
HEAD = ("", "coach", "echo bot", "ratio", "with one row", "ratio")
PERSON = {"id": "29:anna", "name": "Anna"}


class Microsoft:
    """The issuer and the Connector, in this process. `posted` is set at the first post in a conversation that waits for
    one."""

    def __init__(self) -> None:
        self.address = f"http://127.0.0.1:{free_port()}"
        self.service = f"{self.address}/connector"
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._waiting: dict[str, asyncio.Future[float]] = {}
        self._runner: web.AppRunner | None = None
        self._count = 0

    async def start(self) -> None:
        """Listen."""
        app = web.Application(client_max_size=8 * 1024 * 1024)
        app.router.add_get(f"{WELL_KNOWN}/openidconfiguration", self._metadata)
        app.router.add_get(f"{WELL_KNOWN}/keys", self._keys)
        app.router.add_post("/connector/v3/conversations/{room}/activities", self._take)
        app.router.add_post("/connector/v3/conversations/{room}/activities/{id}", self._take)
        app.router.add_put("/connector/v3/conversations/{room}/activities/{id}", self._take)
        app.router.add_get("/connector/v3/conversations/{room}/pagedmembers", self._members)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", int(self.address.rpartition(":")[2])).start()

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    def token(self) -> str:
        """A token for the app, good for an hour."""
        now = int(time.time())
        claims = {"iss": self.address, "aud": APP, "serviceurl": self.service, "nbf": now - 10, "exp": now + 3600}
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": KID})

    def post_in(self, room: str) -> asyncio.Future[float]:
        """The moment of the next post in a room."""
        self._waiting[room] = asyncio.get_running_loop().create_future()
        return self._waiting[room]

    async def _metadata(self, request: web.Request) -> web.Response:
        about = {"issuer": self.address, "jwks_uri": f"{self.address}{WELL_KNOWN}/keys"}
        return web.json_response(about | {"id_token_signing_alg_values_supported": ["RS256"]})

    async def _keys(self, request: web.Request) -> web.Response:
        own = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return web.json_response({"keys": [own | {"kid": KID, "use": "sig", "alg": "RS256"}]})

    async def _take(self, request: web.Request) -> web.Response:
        moment = time.perf_counter()
        await request.read()
        waiting = self._waiting.pop(request.match_info["room"], None)
        if waiting is not None and not waiting.done():
            waiting.set_result(moment)
        self._count += 1
        return web.json_response({"id": f"a{self._count}"}, status=201 if request.method == "POST" else 200)

    async def _members(self, request: web.Request) -> web.Response:
        return web.json_response({"members": [PERSON]})


class Side:
    """One of the bots: its name, where it listens, and its process."""

    def __init__(self, name: str, port: int) -> None:
        self.name = name
        self.port = port
        self.process: asyncio.subprocess.Process | None = None

    def memory(self) -> str:
        """The most memory that it held, MB."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        (line,) = [one for one in status.splitlines() if one.startswith("VmHWM")]
        return f"{int(line.split()[1]) / 1024:.0f}"


class Bench:
    """One run."""

    def __init__(self, microsoft: Microsoft, session: aiohttp.ClientSession, times: int, rounds: int) -> None:
        self._microsoft = microsoft
        self._session = session
        self._times = times
        self._rounds = rounds
        self._headers = {"Authorization": f"Bearer {microsoft.token()}"}

    async def run(self, sides: tuple[Side, Side, Side]) -> None:
        """Measure and print."""
        for side in sides:
            for place in range(ROOMS):
                await self._say(side, place, "!start")
                await asyncio.sleep(PACE)
            await asyncio.sleep(3)  # what the beginning of so many rooms leads to
        took: dict[str, list[list[float]]] = {side.name: [] for side in sides}
        for number in range(self._rounds):
            for side in (*sides[number % 3 :], *sides[: number % 3]):
                took[side.name].append(await self._answers(side, number))
        coach, echo, keeping = sides
        rows = [
            _row(name, *(stat([one for part in took[side.name] for one in part]) for side in sides))
            for name, stat in (("p50", table.p50), ("p95", table.p95))
        ]
        rows.append(("most memory, MB", coach.memory(), echo.memory(), "", keeping.memory(), ""))
        table.show(f"From what somebody said to the bot's first post; ms, {self._times} each", HEAD, rows)
        for other, called in ((echo, "an echo"), (keeping, "one that keeps a row")):
            ratios = [table.p50(a) / table.p50(b) for a, b in zip(took[coach.name], took[other.name], strict=True)]
            spread = " ".join(f"{one:.2f}" for one in sorted(ratios))
            print(f"p50 by the round, as ratios to {called}: {spread}; their median {statistics.median(ratios):.2f}")

    async def _answers(self, side: Side, number: int) -> list[float]:
        count = WARM + self._times // self._rounds
        found = []
        for place in range(count):
            start = time.perf_counter()
            found.append(await self._say(side, place % ROOMS, f"Antwoord {number} {place}: scholen bellen eerder"))
            await asyncio.sleep(max(0.0, PACE - (time.perf_counter() - start)))
        return found[WARM:]

    async def _say(self, side: Side, place: int, text: str) -> float:
        """Somebody says something; the seconds to the first post that follows."""
        room = f"19:{side.name}{place}@thread.v2"
        mention = {"type": "mention", "text": "<at>Opschaalcoach</at>", "mentioned": BOT}
        activity = {
            "type": "message",
            "id": uuid.uuid4().hex,
            "timestamp": "2026-11-27T12:00:00Z",
            "serviceUrl": self._microsoft.service,
            "channelId": "msteams",
            "from": PERSON,
            "recipient": BOT,
            "conversation": {"id": room, "conversationType": "groupChat", "isGroup": True, "tenantId": "tenant"},
            "text": f"<at>Opschaalcoach</at> {text}",
            "textFormat": "plain",
            "entities": [mention],
        }
        posted = self._microsoft.post_in(room)
        start = time.perf_counter()
        address = f"http://127.0.0.1:{side.port}/api/messages"
        async with self._session.post(address, json=activity, headers=self._headers) as answer:
            if answer.status not in (200, 202):
                raise SystemExit(f"make bench-teams: the {side.name} answered {answer.status}")
        async with asyncio.timeout(DEADLINE):
            return await posted - start


def _row(name: str, coach: float, *others: float) -> tuple[str, ...]:
    beside = [cell for one in others for cell in (table.ms(one), f"{coach / one:.2f}")]
    return (name, table.ms(coach), *beside)


@contextlib.asynccontextmanager
async def _coach(folder: Path, microsoft: Microsoft) -> AsyncIterator[Side]:
    """The coach, as an administrator runs it."""
    metadata = f"{microsoft.address}{WELL_KNOWN}/openidconfiguration"
    coach = TeamsProcess(folder, microsoft.address, free_port(), openid_metadata_url=metadata)
    await coach.start()
    side = Side("coach", coach.port)
    side.process = coach.process
    try:
        yield side
    finally:
        await coach.close()


@contextlib.asynccontextmanager
async def _echo(folder: Path, microsoft: Microsoft, *, keeps: bool) -> AsyncIterator[Side]:
    """A bare bot; one that `keeps` a row of what was said."""
    side = Side("keeping" if keeps else "echo", free_port())
    metadata = f"{microsoft.address}{WELL_KNOWN}/openidconfiguration"
    told = {"app": APP, "tenant": "tenant", "port": side.port, "issuer": microsoft.address}
    told |= {"metadata": metadata, "token": microsoft.token()}
    told |= {"database": str(folder / "echo.db")} if keeps else {}
    file = folder / f"{side.name}.json"
    file.write_text(json.dumps(told), "utf-8")
    side.process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "bench.teams.echo",
        str(file),
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(DEADLINE):
            while not await _listens(side.port):  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.1)
        yield side
    finally:
        side.process.kill()
        await side.process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def _measure(times: int, rounds: int) -> None:
    microsoft = Microsoft()
    await microsoft.start()
    with tempfile.TemporaryDirectory(prefix="opschaalcoach-bench-") as name:
        folder = Path(name)
        print(f"{table.facts()}; {rounds} rounds, taking turns.")
        try:
            async with (
                aiohttp.ClientSession() as session,
                _coach(folder / "coach", microsoft) as coach,
                _echo(folder, microsoft, keeps=False) as echo,
                _echo(folder, microsoft, keeps=True) as keeping,
            ):
                await Bench(microsoft, session, times, rounds).run((coach, echo, keeping))
        finally:
            await microsoft.stop()


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="make bench-teams", description="The coach in Teams beside bare echo bots.")
    parser.add_argument("--times", type=int, default=300, metavar="N", help="answers each (300)")
    parser.add_argument("--rounds", type=int, default=6, metavar="N", help="turns of each (6)")
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)
    os.environ[FROM_NOTHING] = "1"
    try:
        with results.section("teams", "An answer in Teams", "make bench-teams"):
            asyncio.run(_measure(chosen.times, chosen.rounds))
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
