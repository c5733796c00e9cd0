"""The proxy between coach and homeserver, before a small server of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from tests.homeserver.ports import free_port
from tests.homeserver.proxy import Proxy, never_repeat

SEND = "/_matrix/client/v3/rooms/!a%3Ab/send/m.room.message/t1"


class Upstream:
    """A server that remembers what reached it; `/slow` answers in two pieces, the second when it is let."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.more = asyncio.Event()

    async def start(self) -> str:
        app = web.Application()
        app.router.add_route("*", "/slow", self._slow)
        app.router.add_route("*", "/{rest:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0)
        await self._runner.setup()
        port = free_port()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        return f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        self.more.set()
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        body = await request.text()
        self.seen.append(f"{request.method} {request.raw_path} {body}")
        return web.json_response({"token": request.headers.get("Authorization")})

    async def _slow(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first ")
        await self.more.wait()
        await response.write(b"second")
        return response


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    upstream = Upstream()
    yield upstream
    await upstream.stop()


@pytest.fixture
async def proxy(upstream: Upstream) -> AsyncIterator[Proxy]:
    proxy = await Proxy(await upstream.start()).start()
    yield proxy
    await proxy.stop()


@pytest.fixture
async def http(proxy: Proxy) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(proxy.url) as session:
        never_repeat(session)
        yield session


async def test_a_request_goes_on_as_it_came(upstream: Upstream, proxy: Proxy, http: aiohttp.ClientSession) -> None:
    path = f"{SEND}?access_token=geheim&from=a%2Fb"
    url = URL(proxy.url + path, encoded=True)
    async with http.put(url, json={"body": "x", "auth": {"password": "p"}}, headers={"Authorization": "t"}) as answer:
        assert (answer.status, await answer.json()) == (200, {"token": "t"})
    assert upstream.seen == [f'PUT {path} {{"body": "x", "auth": {{"password": "p"}}}}']
    (noted,) = proxy.sent("send/m.room.message", "PUT")
    assert (noted.path, noted.query, noted.status, noted.reached) == (SEND, {"from": "a/b"}, 200, True)
    assert noted.body == {"body": "x", "auth": {"password": "***"}}
    assert "geheim" not in repr(proxy.requests)


async def test_an_answer_streams_through(upstream: Upstream, http: aiohttp.ClientSession) -> None:
    async with http.get("/slow") as answer:
        assert await answer.content.readany() == b"first "
        upstream.more.set()
        assert await answer.content.read() == b"second"


async def test_it_fails_as_often_as_told(upstream: Upstream, proxy: Proxy, http: aiohttp.ClientSession) -> None:
    fault = proxy.fail_next("/send/", 429, {"retry_after_ms": 5}, times=2, method="PUT")
    statuses = []
    for method, path in [("PUT", SEND), ("GET", SEND), ("PUT", "/else"), ("PUT", SEND), ("PUT", SEND)]:
        async with http.request(method, URL(proxy.url + path, encoded=True)) as answer:
            statuses.append(answer.status)
            if answer.status == 429:
                assert await answer.json() == {"retry_after_ms": 5}
    assert statuses == [429, 200, 200, 429, 200]
    assert (len(upstream.seen), fault.times) == (3, 0)
    assert [one.reached for one in proxy.sent("/send/", "PUT")] == [False, False, True]


async def test_a_lost_response_was_a_request(upstream: Upstream, proxy: Proxy, http: aiohttp.ClientSession) -> None:
    proxy.lose_response("/send/")
    with pytest.raises(aiohttp.ClientError):
        await http.put("/send/1")
    assert upstream.seen == ["PUT /send/1 "]
    assert [(one.reached, one.status) for one in proxy.requests] == [(True, None)]
    async with http.put("/send/1") as answer:
        assert answer.status == 200


async def test_down_refuses_and_breaks_what_is_open(
    upstream: Upstream, proxy: Proxy, http: aiohttp.ClientSession
) -> None:
    async with http.get("/slow") as answer:
        assert await answer.content.readany() == b"first "
        await proxy.down()
        with pytest.raises(aiohttp.ClientError):
            await answer.content.read()
    with pytest.raises(aiohttp.ClientConnectorError):
        await http.get("/x")
    await proxy.up()
    async with http.get("/x") as again:
        assert again.status == 200
    assert upstream.seen == ["GET /x "]


async def test_what_is_held_has_not_reached_the_server(
    upstream: Upstream, proxy: Proxy, http: aiohttp.ClientSession
) -> None:
    proxy.hold("/x")
    asking = asyncio.create_task(http.get("/x"))
    await proxy.arrived("/x")
    async with http.get("/y") as other:
        assert other.status == 200
    assert upstream.seen == ["GET /y "]
    proxy.let_go()
    async with await asking as answer:
        assert answer.status == 200
    assert upstream.seen == ["GET /y ", "GET /x "]


async def test_a_homeserver_that_is_gone_is_a_bad_gateway() -> None:
    proxy = await Proxy(f"http://127.0.0.1:{free_port()}").start()
    try:
        async with aiohttp.ClientSession(proxy.url) as http, http.get("/x") as answer:
            assert answer.status == 502
        assert [(one.reached, one.status) for one in proxy.requests] == [(False, 502)]
    finally:
        await proxy.stop()
