"""What is between the coach and the homeserver: requests that are lost or late, answers that are lost, refusals.

Rule: each request meets one fate, drawn when it is made; one that is under way when the coach is gone arrives all the
same. A homeserver that asked for quiet is not to be asked again before that is over.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp

from bot.settings import MatrixSection
from bot.transports.matrix.client import MatrixClient, make_client
from tests.simulation.homeserver import Answer, Homeserver
from tests.simulation.world import World

LATEST = 60.0  # seconds until a request is given up, as the client does
SLACK = 0.001


@dataclass
class Weather:
    """How often a request meets what."""

    lost: float = 0.0
    unanswered: float = 0.0  # done, but the answer is lost
    busy: float = 0.0  # 429
    bad: float = 0.0  # 502, done or not
    slow: float = 0.0
    crash: float = 0.0  # the coach is gone while it waits
    outages: list[tuple[float, float, str]] = field(default_factory=list)  # from, till, "lost" or "unanswered"


class Response:
    """An answer, as aiohttp gives one."""

    content_disposition = None

    def __init__(self, status: int, said: dict[str, Any] | str) -> None:
        self.status = status
        self.content_type = "application/json" if isinstance(said, dict) else "text/html"
        self._said = said

    async def json(self) -> Any:
        return json.loads(await self.text())

    async def text(self) -> str:
        return json.dumps(self._said) if isinstance(self._said, dict) else self._said

    async def __aenter__(self) -> Response:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing to let go of."""


class Wire:
    """Carries requests. `life` says which process is there, `crash` ends it."""

    def __init__(
        self, world: World, server: Homeserver, life: Callable[[], int], crash: Callable[[int, str], None]
    ) -> None:
        self.world = world
        self.server = server
        self.weather = Weather()
        self.longest_poll = 7_200.0
        self._life = life
        self._crash = crash
        self._chance = world.chance("wire")
        self._quiet: dict[str, float] = {}  # until when nothing of a sort is asked
        self._polls: list[Callable[[], bool]] = []

    def forget(self) -> None:
        """A new process knows nothing of what the one before was told."""
        self._quiet.clear()

    async def request(self, method: str, path: str, content: dict[str, Any] | None) -> Response:
        """Ask the homeserver something."""
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        sort = _sort(method, path)
        if self.world.time < self._quiet.get(sort, 0.0) - SLACK:
            until = self._quiet[sort] - self.world.time
            self.world.fail(f"asked {until:.1f} s before the homeserver allowed it: {method} {_brief(path)}")
        life, fate = self._life(), self._fate()
        if fate == "crash":
            self.world.after(self._chance.random() * 2, lambda: self._crash(life, f"during {method} {_brief(path)}"))
            fate = "yes"
        if fate != "yes":
            self.world.note("wire", fate, method, _brief(path))

        def give(answer: Response | BaseException) -> None:
            if life != self._life() or future.done():
                return
            if isinstance(answer, BaseException):
                future.set_exception(answer)
                return
            if answer.status == 429 and isinstance(answer._said, dict) and "retry_after_ms" in answer._said:
                until = self.world.time + answer._said["retry_after_ms"] / 1000
                self._quiet[sort] = max(self._quiet.get(sort, 0.0), until)
            future.set_result(answer)

        def arrive() -> None:
            if fate == "lost":
                return
            if fate in ("busy", "bad before"):
                back(Response(*self._refusal(fate)))
            elif sort == "sync":
                self._sync(path, back)
            else:
                status, said = self.server.answer(method, path, content)
                back(Response(502, "<html>Bad Gateway</html>") if fate == "bad after" else Response(status, said))

        def back(answer: Response) -> None:
            if fate != "unanswered":
                self.world.after(
                    self._latency() if fate != "slow" else self._chance.random() * 20, lambda: give(answer)
                )

        slow = self._chance.random() * 100 if fate == "slow" else 0.0
        self.world.after(self._latency() + slow, arrive)
        if fate in ("lost", "unanswered"):
            wait = LATEST if self._chance.random() < 0.3 else self._chance.random() * 5
            self.world.after(wait, lambda: give(aiohttp.ServerDisconnectedError()))
        elif sort != "sync":
            self.world.after(LATEST, lambda: give(TimeoutError()))
        return await future

    def _latency(self) -> float:
        return 0.005 + self._chance.random() * 0.05

    def _fate(self) -> str:
        weather, drawn = self.weather, self._chance.random()
        for start, end, how in weather.outages:
            if start <= self.world.time < end:
                return how
        for fate, rate in (
            ("lost", weather.lost),
            ("unanswered", weather.unanswered),
            ("busy", weather.busy),
            ("bad before", weather.bad / 2),
            ("bad after", weather.bad / 2),
            ("slow", weather.slow),
            ("crash", weather.crash),
        ):
            if drawn < rate:
                return fate
            drawn -= rate
        return "yes"

    def _refusal(self, fate: str) -> tuple[int, dict[str, Any] | str]:
        if fate != "busy":
            return 502, "<html>Bad Gateway</html>"
        said: dict[str, Any] = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests"}
        if self._chance.random() < 0.8:
            said["retry_after_ms"] = self._chance.choice((100, 1_500, 20_000, 90_000))
        return 429, said

    # Syncs ------------------------------------------------------------------------------------------------------------

    def _sync(self, path: str, back: Callable[[Response], None]) -> None:
        """Answer a sync when there is news, or when it has waited for long enough."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        waits = int(query.get("timeout", 0)) > 0 and query.get("full_state") != "true"
        given = False

        def answer(*, late: bool) -> bool:
            nonlocal given
            if given:
                return True
            if late or not waits or self.server.has_news(query.get("since")):
                given = True
                back(Response(200, self.server.sync(query)))
            return given

        if not answer(late=False):
            self._polls.append(lambda: answer(late=False))
            self.world.after(self.longest_poll, lambda: answer(late=True))

    def news(self) -> None:
        """Something happened on the homeserver: who waits for that is told."""
        waiting, self._polls = self._polls, []
        self._polls += [one for one in waiting if not one()]


def _sort(method: str, path: str) -> str:
    """What is limited together."""
    name = urlsplit(path).path
    if name.endswith("/sync"):
        return "sync"
    if "/send/" in name or "/redact/" in name or "/upload" in name:
        return "send"
    return "join" if "/join/" in name else f"{method} {name}"


def _brief(path: str) -> str:
    return urlsplit(path).path.removeprefix("/_matrix/client/v3/")[:70]


def client_on(wire: Wire, section: MatrixSection, user: str, device: str, token: str) -> MatrixClient:
    """The coach's own client, whose requests go over this wire. Without encryption."""
    client = make_client(section, user, device)
    client.access_token, client.user_id, client.device_id = token, user, device

    async def send(method: str, path: str, data: Any = None, headers: Any = None, *_: Any, **__: Any) -> Response:
        content = None
        if isinstance(data, str) and data:
            content = json.loads(data)
        return await wire.request(method, path, content)

    client.send = send  # type: ignore[method-assign]
    client.store = _NoKeys()  # keys come to nothing here
    client.client_session = _NoSession()  # type: ignore[assignment]
    return client


class _NoKeys:
    database = SimpleNamespace(atomic=nullcontext)

    def save_encrypted_rooms(self, rooms: object) -> None:
        """Nothing is encrypted here."""

    def load_encrypted_rooms(self) -> set[str]:
        return set()


class _NoSession:
    async def close(self) -> None:
        """There is none."""


__all__ = ["Answer", "Weather", "Wire", "client_on"]
