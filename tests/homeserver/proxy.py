"""A reverse proxy on loopback that stands between the coach and a homeserver, and fails as it is told.

Rule: what it isn't told to break passes unchanged and unlimited in time, as it comes (a sync that waits, too); what it
remembers of a request holds no token and no password.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from tests.homeserver.ports import free_port

# Headers that count for one connection only, and what is made anew on the way.
_OWN = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
     "upgrade", "host")
)  # fmt: skip
_SECRET = frozenset(("access_token", "refresh_token", "token", "password", "new_password"))
_LARGEST = 256 * 1024 * 1024


@dataclass(kw_only=True)
class Request:
    """What a client asked: `body` is its JSON (None without), `status` what it was answered.

    `status` is None as long as there is no answer; it stays None when the answer was lost. `reached` says whether the
    homeserver got the request.
    """

    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int | None = None
    reached: bool = False


@dataclass(kw_only=True)
class Fault:
    """What is to go wrong with requests whose path has `path_part` in it, `times` times more."""

    path_part: str
    method: str | None
    times: int

    def takes(self, request: Request) -> bool:
        """Whether it is this request's turn to go wrong; counts it."""
        if self.times > 0 and self.path_part in request.path and self.method in (None, request.method):
            self.times -= 1
            return True
        return False


@dataclass(kw_only=True)
class _Refusal(Fault):
    status: int
    body: Any


class Proxy:
    """A proxy to the homeserver at `upstream` (an http address). Belongs to the loop that it is started in."""

    def __init__(self, upstream: str, *, port: int = 0) -> None:
        self._upstream = upstream.rstrip("/")
        self.port = port or free_port()
        self.requests: list[Request] = []
        self._refusals: list[_Refusal] = []
        self._losses: list[Fault] = []
        self._held: asyncio.Event | None = None
        self._held_part = ""
        self._news = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """Where the coach should look for its homeserver."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> Proxy:
        """Begin to listen."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True, limit=0),
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
            never_repeat(self._session)
        await self.up()
        return self

    async def stop(self) -> None:
        """Stop listening and let go of everything."""
        await self.down()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def down(self) -> None:
        """Refuse connections, and break those that are open; what is in hand is not answered."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            # The sockets first: stopping aiohttp's server waits for what it is busy with.
            for site in list(runner.sites):
                await site.stop()
            for connection in list(runner.server.connections) if runner.server else []:
                if connection.transport is not None:
                    connection.transport.abort()
            await runner.cleanup()

    async def up(self) -> None:
        """Take connections again, on the same port."""
        if self._runner is None:
            app = web.Application(client_max_size=_LARGEST)
            app.router.add_route("*", "/{rest:.*}", self._serve)
            self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0)
            await self._runner.setup()
            await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    def fail_next(
        self, path_part: str, status: int, body: Any = None, times: int = 1, *, method: str | None = None
    ) -> Fault:
        """Answer the next requests to such a path with this status and JSON, without the homeserver knowing.

        The path is what stands before the `?`, as it was sent (percent signs included). `times` of what comes back
        counts down to 0.
        """
        fault = _Refusal(path_part=path_part, method=method, times=times, status=status, body=body)
        self._refusals.append(fault)
        return fault

    def lose_response(self, path_part: str, times: int = 1, *, method: str | None = None) -> Fault:
        """Pass the next requests to such a path on, then break the connection where the answer should come."""
        fault = Fault(path_part=path_part, method=method, times=times)
        self._losses.append(fault)
        return fault

    def hold(self, path_part: str = "") -> None:
        """Keep back every request to such a path from now on, before the homeserver sees it, until `let_go`."""
        self._held = asyncio.Event()
        self._held_part = path_part

    def let_go(self) -> None:
        """Pass on what was kept back."""
        if self._held is not None:
            self._held.set()
            self._held = None

    def sent(self, path_part: str, method: str | None = None) -> list[Request]:
        """The requests so far to a path with this in it."""
        return [one for one in self.requests if path_part in one.path and method in (None, one.method)]

    async def arrived(self, path_part: str, times: int = 1, method: str | None = None) -> None:
        """Wait until so many requests to such a path have come, counted from the start."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.sent(path_part, method)) >= times)

    async def _serve(self, incoming: web.Request) -> web.StreamResponse:
        data = await incoming.read()
        request = _noted(incoming, data)
        self.requests.append(request)
        async with self._news:
            self._news.notify_all()
        if self._held is not None and self._held_part in request.path:
            await self._held.wait()
        refusal = next((one for one in self._refusals if one.takes(request)), None)
        if refusal is not None:
            request.status = refusal.status
            return web.json_response({} if refusal.body is None else refusal.body, status=refusal.status)
        lose = any(one.takes(request) for one in self._losses)
        return await self._pass_on(incoming, data, request, lose=lose)

    async def _pass_on(self, incoming: web.Request, data: bytes, request: Request, *, lose: bool) -> web.StreamResponse:
        assert self._session is not None
        headers = [(name, value) for name, value in incoming.headers.items() if name.lower() not in _OWN]
        address = self._upstream + incoming.raw_path
        try:
            # encoded=True: room and event ids come with percent signs, and must go on as they came
            target = URL(address, encoded=True)
            async with self._session.request(
                incoming.method, target, data=data or None, headers=headers, allow_redirects=False
            ) as answer:
                request.reached = True
                if lose:
                    await answer.read()
                    return _broken(incoming)
                return await _stream(incoming, answer, request)
        except aiohttp.ClientConnectorError:
            request.status = 502
            return web.json_response({"errcode": "M_UNKNOWN", "error": "Bad Gateway"}, status=502)
        except aiohttp.ClientError:
            request.reached = True  # it may have been: the connection broke on the way
            return _broken(incoming)


def never_repeat(session: aiohttp.ClientSession) -> None:
    """Keep aiohttp from sending a GET or PUT once more by itself when the connection breaks before the answer.

    It has no public switch for this; its own test client does the same.
    """
    session._retry_connection = False


async def _stream(incoming: web.Request, answer: aiohttp.ClientResponse, request: Request) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, reason=answer.reason)
    for name, value in answer.headers.items():
        if name.lower() not in _OWN and name.lower() not in ("date", "server"):
            response.headers.add(name, value)
    await response.prepare(incoming)
    async for piece in answer.content.iter_any():
        await response.write(piece)
    await response.write_eof()
    request.status = answer.status
    return response


def _broken(incoming: web.Request) -> web.StreamResponse:
    if incoming.transport is not None:
        incoming.transport.abort()
    return web.Response()  # goes nowhere: the connection is gone


def _noted(incoming: web.Request, data: bytes) -> Request:
    try:
        body = _scrubbed(json.loads(data)) if data else None
    except ValueError:
        body = None  # an upload
    return Request(
        method=incoming.method,
        path=incoming.raw_path.partition("?")[0],
        query={name: value for name, value in incoming.query.items() if name not in _SECRET},
        body=body,
    )


def _scrubbed(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: "***" if name in _SECRET else _scrubbed(value) for name, value in body.items()}
    if isinstance(body, list):
        return [_scrubbed(one) for one in body]
    return body
