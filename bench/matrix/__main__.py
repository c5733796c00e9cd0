"""`make bench-matrix`: the coach beside a bare echo bot, on one homeserver, beside a bare bot that does what the coach
does first (it puts ✍️ on a message), and beside bots that do that on maubot and on simplematrixbotlib.

Rule: it prints; nothing is asserted, for another machine has other numbers. Compare only inside one run, best the
ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import platform
import random
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from bench import results, table
from bench.matrix.sides import PYTHON, TAKEN, Coach, Side, echo, maubot, processor_time, simple
from bench.matrix.watch import Watch
from tests.homeserver.synapse import Account, Synapse, SynapseError
from tests.starting import FROM_NOTHING
from tests.transports.team import Team
from tests.transports.user import User

HEAD = ("", "coach", "echo bot", "ratio", "✍️ bot", "ratio", "maubot", "ratio", "simplematrixbotlib", "ratio")
BURST_ROOMS = 20
WARM = 3
ABREAST = 8
SEED = 20261122
_TEXTS = (
    "Leerkrachten bellen het wijkteam voordat ze een gezin doorverwijzen",
    "Ouders vragen eerder hulp, ook als het nog goed gaat",
    "We weten nog niet of het in een kleinere gemeente ook zo werkt",
)

Rows = dict[str, dict[str, float]]


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(
        prog="make bench-matrix", description="The coach beside a bare echo bot, on a throw-away homeserver."
    )
    parser.add_argument("--times", type=int, default=60, metavar="N", help="answers a kind of room (60)")
    parser.add_argument("--rounds", type=int, default=2, metavar="N", help="turns of each of the two (2)")
    parser.add_argument("--burst", type=int, default=500, metavar="N", help=f"messages over {BURST_ROOMS} rooms (500)")
    parser.add_argument("--rooms", type=int, default=1_000, metavar="N", help="rooms to come back to (1000)")
    parser.add_argument("--patience", type=int, default=300, metavar="S", help="seconds for making those rooms (300)")
    parser.add_argument("--back", action="store_true", help="only the coming back to many rooms")
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)
    os.environ[FROM_NOTHING] = "1"
    try:
        name, title = "matrix", "An answer in Matrix, and coming back"
        if chosen.back:
            name, title = "back", "Coming back to many rooms in Matrix"
        with results.section(name, title, "make bench-matrix"):
            asyncio.run(_until_stopped(Bench(chosen)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    except SynapseError as error:
        print(f"make bench-matrix: {error}", file=sys.stderr)
        return 1
    return 0


async def _until_stopped(bench: Bench) -> None:
    """SIGTERM ends it as Ctrl-C does: with everything that it started."""
    measuring = asyncio.ensure_future(bench.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, measuring.cancel)
    await measuring


class Bench:
    """One run."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self._chosen = chosen
        self._chance = random.Random(SEED)
        self._made: dict[tuple[str, str], list[tuple[str, str | None]]] = {}  # side, kind: rooms, what to answer there

    async def run(self) -> None:
        """Start everything, measure, print, and stop everything."""
        with tempfile.TemporaryDirectory(prefix="opschaalcoach-bench-") as name:
            folder = Path(name)
            synapse = await Synapse(folder / "synapse").start()
            team = Team(synapse, folder / "people")
            try:
                await self._measure(folder, synapse, team)
            finally:
                await team.close()
                await synapse.stop()

    async def _measure(self, folder: Path, synapse: Synapse, team: Team) -> None:
        sides: list[Side] = [
            await Coach(folder / "coach", synapse, await team.account("coach")).ready(),
            echo(folder / "echo", synapse, await team.account("echo")),
            echo(folder / "sign", synapse, await team.account("sign"), "sign", TAKEN),
        ]
        if PYTHON.exists():
            sides.append(maubot(folder / "maubot", synapse, await team.account("maubot")))
            sides.append(simple(folder / "simple", synapse, await team.account("simple")))
        else:
            print("maubot and simplematrixbotlib are not here (`make peers`): measured without them.")
        person = await team.user("anna")
        python = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
        print(f"{python}; Synapse and SQLite on this machine too; {self._chosen.rounds} rounds, taking turns.")
        for side in sides:
            async with running(side):
                await self._prepare(side, person)
        if not self._chosen.back:
            await self._latency(sides, person)
            await self._burst(sides, person, synapse)
        await self._resume(sides[:2], person, synapse, await team.account("host"))

    async def _prepare(self, side: Side, person: User) -> None:
        """The rooms that answers are given in."""
        for kind, count in (("plain", 1), ("encrypted", 1), ("burst", BURST_ROOMS)):
            rooms = []
            for place in range(count):
                room = await person.create_room(f"{kind} {place}", encrypted=kind != "plain")
                await person.invite(room, side.account.user_id)
                rooms.append(room)
            asked = await asyncio.gather(*(side.begin(person, room) for room in rooms))
            self._made[side.name, kind] = list(zip(rooms, asked, strict=True))

    async def _latency(self, sides: Sequence[Side], person: User) -> None:
        took: dict[tuple[str, str], list[float]] = {}
        for _ in range(self._chosen.rounds):
            for side in sides:
                async with running(side), watching(person, side) as watch:
                    for kind in ("plain", "encrypted"):
                        (place,) = self._made[side.name, kind]
                        count = -(-self._chosen.times // self._chosen.rounds)
                        times = [await self._one(person, watch, *place) for _ in range(WARM + count)]
                        took.setdefault((side.name, kind), []).extend(times[WARM:])
        rows = [
            _row(f"{kind}, {name}", [stat(took[side.name, kind]) for side in sides], table.ms)
            for kind in ("plain", "encrypted")
            for name, stat in (("p50", table.p50), ("p95", table.p95))
        ]
        title = f"From sending an answer to seeing the first reaction (✍️, or the echo); ms, {self._chosen.times} each"
        table.show(title, HEAD[: 2 * len(sides)], rows)

    async def _one(self, person: User, watch: Watch, room: str, asked: str | None) -> float:
        start = perf_counter()
        message = await self._say(person, room, asked)
        await watch.seen(message)
        if message not in watch.reacted:
            raise SystemExit("a message got no reaction: nothing can be measured here")
        return watch.reacted[message] - start

    async def _say(self, person: User, room: str, asked: str | None) -> str:
        return await person.send(room, self._chance.choice(_TEXTS), reply_to=asked)

    async def _burst(self, sides: Sequence[Side], person: User, synapse: Synapse) -> None:
        rows: Rows = {
            "all sent": {},
            "last reaction": {},
            "after the last was sent": {},
            "missing": {},
            "processor time of the bot": {},
            "and of the homeserver": {},
        }
        for side in sides:
            async with running(side), watching(person, side) as watch:
                places = self._made[side.name, "burst"]
                for place in places:  # keys are exchanged before the watch starts
                    await self._one(person, watch, *place)
                before, start = (side.used(), processor_time(synapse.pid or 0)), perf_counter()
                each = self._chosen.burst // BURST_ROOMS
                said = await asyncio.gather(*(self._many(person, each, *place) for place in places))
                sent = perf_counter()
                messages = [message for some in said for message in some]
                await watch.seen(*messages)
                missing = [message for message in messages if message not in watch.reacted]
                last = max(watch.reacted[message] for message in messages if message in watch.reacted)
                rows["all sent"][side.name] = sent - start
                rows["last reaction"][side.name] = last - start
                rows["after the last was sent"][side.name] = max(last - sent, 0)
                rows["missing"][side.name] = len(missing)
                rows["processor time of the bot"][side.name] = side.used() - before[0]
                rows["and of the homeserver"][side.name] = processor_time(synapse.pid or 0) - before[1]
        title = f"{self._chosen.burst} messages over {BURST_ROOMS} encrypted rooms at once; seconds"
        table.show(
            title,
            HEAD[: 2 * len(sides)],
            [_row(name, [row[side.name] for side in sides], _seconds) for name, row in rows.items()],
        )

    async def _many(self, person: User, count: int, room: str, asked: str | None) -> list[str]:
        return [await self._say(person, room, asked) for _ in range(count)]

    async def _resume(self, sides: Sequence[Side], person: User, synapse: Synapse, host: Account) -> None:
        count, took = await self._fill(sides, synapse, host)
        times: dict[str, list[float]] = {side.name: [] for side in sides}
        peaks: dict[str, list[float]] = {side.name: [] for side in sides}
        for _ in range(self._chosen.rounds):
            for side in sides:
                async with watching(person, side) as watch:
                    place = self._chance.choice(self._made[side.name, "burst"])
                    message = await self._say(person, *place)
                    start = perf_counter()
                    async with running(side):
                        await watch.seen(message)
                        times[side.name].append(watch.reacted[message] - start)
                        peaks[side.name].append(side.peak())
        rows = [
            _row("from start to answer, s", [table.p50(times[side.name]) for side in sides], _seconds),
            _row("peak memory (MB)", [max(peaks[side.name]) for side in sides], _megabytes),
        ]
        title = f"Coming back to {count:,} encrypted rooms (made in {took:.0f} s)"
        if count < self._chosen.rooms:
            title += f"; {self._chosen.rooms:,} would take longer than {self._chosen.patience} s to make"
        table.show(title, HEAD[:4], rows)  # the echo bot alone: both others do the same when they come back

    async def _fill(self, sides: Sequence[Side], synapse: Synapse, host: Account) -> tuple[int, float]:
        """Rooms for both, as many as there is patience for; how many each has, and how long it took (seconds)."""
        start = perf_counter()
        wanted = self._chosen.rooms
        for place, side in enumerate(sides):
            ends = start + self._chosen.patience / len(sides)
            async with running(side):
                count = await joined(synapse, side)
                while count < wanted and (place or perf_counter() < ends):
                    batch = min(ABREAST, wanted - count)
                    await asyncio.gather(*(make_room(synapse, host, side) for _ in range(batch)))
                    count += batch
                while await joined(synapse, side) < count or not side.is_idle():  # noqa: ASYNC110
                    await asyncio.sleep(0.5)
            wanted = count  # the second gets as many as the first
        return wanted, perf_counter() - start


async def make_room(synapse: Synapse, host: Account, side: Side) -> None:
    """An encrypted room of somebody without a client, to which a side is invited."""
    algorithm = {"algorithm": "m.megolm.v1.aes-sha2"}
    state = [{"type": "m.room.encryption", "state_key": "", "content": algorithm}]
    body = {"preset": "private_chat", "name": "Pilot", "invite": [side.account.user_id], "initial_state": state}
    status, said = await synapse.request("POST", "/_matrix/client/v3/createRoom", body, token=host.token)
    if status != 200:
        raise SystemExit(f"no room: {said}")


async def joined(synapse: Synapse, side: Side) -> int:
    """In how many rooms a side is."""
    _, said = await synapse.request("GET", "/_matrix/client/v3/joined_rooms", token=side.token())
    return len(said["joined_rooms"])


@contextlib.asynccontextmanager
async def running(side: Side) -> Any:
    """A side at work."""
    await side.start()
    try:
        yield
    finally:
        await side.stop()


@contextlib.asynccontextmanager
async def watching(person: User, side: Side) -> Any:
    """Somebody who looks at what a side does."""
    watch = Watch(person, side)
    try:
        yield watch
    finally:
        await watch.end()


def _row(name: str, values: Sequence[float], shown: Callable[[float], str]) -> list[str]:
    coach, *others = values
    cells = [name, shown(coach)]
    for other in others:
        cells += [shown(other), f"{coach / other:.2f}" if other else ""]
    return cells


def _seconds(value: float) -> str:
    return f"{value:.2f}"


def _megabytes(value: float) -> str:
    return f"{value / 1e6:.0f}" if value else "?"


sys.exit(main())
