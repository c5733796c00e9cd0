"""What stands between the Playground and the coach: it signs each request as the Bot Framework does, and is the issuer
whose keys say so. A process of its own, so that a coach may wait for the keys while it holds up its own loop.

    python -m tests.transports.teams_signer PORT APP SERVICE_URL TARGET

Rule: a request passes unchanged but for its token, and its answer unchanged; where nobody listens the answer is 502.
Its key is made afresh at every start.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from pathlib import Path
from typing import Self

import aiohttp
import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.homeserver.ports import free_port

ROOT = Path(__file__).parents[2]
DEADLINE = 60
WELL_KNOWN = "/v1/.well-known"
READY = b"ready\n"


class Signer:
    """The process, for one app: the Playground sends to `endpoint`, and it sends on to `target`.

    `metadata` and `issuer` are what a coach is configured with to trust it.
    """

    def __init__(self, app: str, service_url: str, target: str) -> None:
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.endpoint = f"{self.issuer}/api/messages"
        self.metadata = f"{self.issuer}{WELL_KNOWN}/openidconfiguration"
        self.keys = f"{self.issuer}{WELL_KNOWN}/keys"
        self._arguments = (str(self.port), app, service_url, target)
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> Self:
        """Start it; it listens when this returns."""
        command = (sys.executable, "-m", "tests.transports.teams_signer", *self._arguments)
        self._process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
        assert self._process.stdout is not None
        async with asyncio.timeout(DEADLINE):
            assert await self._process.stdout.readline() == READY, "the signer did not start"
        return self

    async def stop(self) -> None:
        """End it."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


class _Service:
    """What the process serves."""

    def __init__(self, issuer: str, app: str, service_url: str, target: str) -> None:
        self._issuer = issuer
        self._app = app
        self._service_url = service_url
        self._target = target
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._kid = uuid.uuid4().hex

    def app(self) -> web.Application:
        app = web.Application(client_max_size=8 * 1024 * 1024)
        app.router.add_get(f"{WELL_KNOWN}/openidconfiguration", self._metadata)
        app.router.add_get(f"{WELL_KNOWN}/keys", self._keys)
        app.router.add_post("/api/messages", self._forward)
        return app

    async def _metadata(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": self._issuer,
                "jwks_uri": f"{self._issuer}{WELL_KNOWN}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _keys(self, request: web.Request) -> web.Response:
        key = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        key |= {"kid": self._kid, "use": "sig", "alg": "RS256", "endorsements": ["msteams"]}
        return web.json_response({"keys": [key]})

    def _token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self._issuer,
            "aud": self._app,
            "serviceurl": self._service_url,
            "nbf": now - 10,
            "iat": now - 10,
            "exp": now + 3600,
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self._kid})

    async def _forward(self, request: web.Request) -> web.Response:
        headers = {"Authorization": f"Bearer {self._token()}", "Content-Type": request.headers["Content-Type"]}
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.post(self._target, data=await request.read(), headers=headers) as answer,
            ):
                kind = {"Content-Type": answer.headers["Content-Type"]} if "Content-Type" in answer.headers else {}
                return web.Response(status=answer.status, body=await answer.read(), headers=kind)
        except aiohttp.ClientError as error:
            return web.Response(status=502, text=type(error).__name__)


async def _serve(port: int, app: str, service_url: str, target: str) -> None:
    service = _Service(f"http://127.0.0.1:{port}", app, service_url, target)
    runner = web.AppRunner(service.app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), *sys.argv[2:5]))
