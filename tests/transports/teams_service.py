"""A stand-in for Microsoft's side, as a process of its own: the issuer's keys, and the Connector that takes what the
coach posts. Rule: it decides nothing by itself; what it answers, and what a token says, is asked of it.

    python -m tests.transports.teams_service PORT

Its keys are made afresh at every start; the tests get tokens and look at what was posted over `/control`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import defaultdict
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

KID = "known"
PLACEHOLDER = "DO_NOT_USE_PLACEHOLDER_ID"


class Service:
    """The issuer and the Connector."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.posted: list[dict[str, Any]] = []
        self.opened: list[dict[str, Any]] = []
        self.members: dict[str, list[dict[str, Any]]] = {}
        self.answers: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.keys_asked = 0
        self.count = 0
        self.held: list[asyncio.Event] = []

    def app(self) -> web.Application:
        app = web.Application(client_max_size=8 * 1024 * 1024)
        app.router.add_get("/v1/.well-known/keys", self.keys)
        app.router.add_post("/connector/v3/conversations", self.open)
        app.router.add_post("/connector/v3/conversations/{room}/activities", self.create)
        app.router.add_put("/connector/v3/conversations/{room}/activities/{id}", self.update)
        app.router.add_get("/connector/v3/conversations/{room}/pagedmembers", self.who)
        app.router.add_post("/control/token", self.token)
        app.router.add_post("/control/answers", self.script)
        app.router.add_post("/control/members", self.say_who)
        app.router.add_get("/control/posted", self.show)
        app.router.add_post("/control/release", self.release)
        return app

    async def keys(self, request: web.Request) -> web.Response:
        self.keys_asked += 1
        own = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return web.json_response({"keys": [own | {"kid": KID, "use": "sig", "alg": "RS256"}]})

    async def token(self, request: web.Request) -> web.Response:
        """A token with these claims and header; `other` signs it with another key."""
        wanted = await request.json()
        now = int(time.time())
        claims = {"iss": self.address, "exp": now + 3600, "nbf": now - 10, "serviceurl": f"{self.address}/connector"}
        claims |= wanted.get("claims", {})
        if "lasts" in wanted:
            claims["exp"] = now + wanted["lasts"]
        claims = {name: value for name, value in claims.items() if value is not None}
        key = self.other if wanted.get("other") else self.key
        kid = wanted.get("kid", KID)
        header = {} if kid is None else {"kid": kid}
        return web.json_response({"token": jwt.encode(claims, key, algorithm="RS256", headers=header)})

    async def script(self, request: web.Request) -> web.Response:
        """What the next requests of a method get instead of yes, in a `room` where one is named; "OPEN" is asking for
        the chat with a person."""
        for one in await request.json():
            self.answers[one["method"]].append(one)
        return web.json_response({})

    async def say_who(self, request: web.Request) -> web.Response:
        said = await request.json()
        self.members[said["room"]] = said["members"]
        return web.json_response({})

    async def show(self, request: web.Request) -> web.Response:
        return web.json_response({"posted": self.posted, "opened": self.opened, "keys_asked": self.keys_asked})

    async def release(self, request: web.Request) -> web.Response:
        """Let go of the requests that get no answer."""
        for event in self.held:
            event.set()
        return web.json_response({})

    async def open(self, request: web.Request) -> web.StreamResponse:
        """The chat with one person: the same whenever it is asked."""
        answer, body = self._answer("OPEN", ""), await request.json()
        self.opened.append(body)
        if answer.get("cut"):
            assert request.transport is not None
            request.transport.close()
            return web.Response(status=500)
        status = int(answer.get("status", 201))
        if status >= 300:
            return _no(answer, status)
        (member,) = body["members"]
        return web.json_response({"id": f"a:{member['id']}"}, status=status)

    async def create(self, request: web.Request) -> web.StreamResponse:
        return await self._take(request, None)

    async def update(self, request: web.Request) -> web.StreamResponse:
        return await self._take(request, request.match_info["id"])

    def _answer(self, method: str, room: str) -> dict[str, Any]:
        """What was asked for the next request of a method in a room."""
        for place, one in enumerate(self.answers[method]):
            if one.get("room", room) == room:
                return self.answers[method].pop(place)
        return {}

    async def _take(self, request: web.Request, target: str | None) -> web.StreamResponse:
        answer = self._answer(request.method, request.match_info["room"])
        body = await request.json()
        status = int(answer.get("status", 200))
        if status < 300 or answer.get("taken"):
            self.count += 1
            own = target or f"a{self.count}"
            said = {"room": request.match_info["room"], "id": own, "method": request.method, "activity": body}
            self.posted.append(said | {"token": request.headers.get("Authorization")})
        if answer.get("silent"):
            event = asyncio.Event()
            self.held.append(event)
            await event.wait()
        if answer.get("cut"):
            assert request.transport is not None
            request.transport.close()
            return web.Response(status=500)
        if status >= 300:
            return _no(answer, status)
        if answer.get("empty"):
            return web.Response(status=202)
        if answer.get("placeholder"):
            return web.json_response({"id": PLACEHOLDER}, status=201)
        return web.json_response({"id": own}, status=201)

    async def who(self, request: web.Request) -> web.Response:
        return web.json_response({"members": self.members.get(request.match_info["room"], [])})


def _no(answer: dict[str, Any], status: int) -> web.Response:
    error = {"code": answer.get("code", "X"), "message": answer.get("message", "")}
    return web.json_response({"error": error}, status=status, headers=answer.get("headers"))


async def serve(port: int) -> None:
    """Serve until the process is ended."""
    runner = web.AppRunner(Service(port).app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print("ready", flush=True)
    await asyncio.Event().wait()


def main() -> int:
    """Serve on the port that is the only argument."""
    asyncio.run(serve(int(sys.argv[1])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
