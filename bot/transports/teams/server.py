"""Where Teams brings activities to, over HTTP: POST /api/messages. Rule: no activity is looked at before its token is;
it is in the inbox before it is answered; what can't be kept is answered with a fault, so that it comes again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.settings import is_loopback
from bot.transports.teams.guard import Guard, Stranger, same_service
from bot.transports.teams.links import PATH, Links
from storage.errors import StorageError

_log = logging.getLogger(__name__)

ENDPOINT = "/api/messages"
MOST_BYTES = 256 * 1024
_DOWNLOAD = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}

# Takes an activity in; what its caller is to be told, None for nothing.
Take = Callable[[Mapping[str, Any]], Awaitable[dict[str, Any] | None]]


class Server:
    """Listens at one address."""

    def __init__(self, guard: Guard, take: Take, links: Links | None) -> None:
        self._guard = guard
        self._take = take
        self._links = links
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> int:
        """Begin to listen; the port. OSError where that can't be."""
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_post(ENDPOINT, self._activity)
        if self._links is not None:
            app.router.add_get(PATH + "{name}", self._file)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        self._runner = runner
        site = web.TCPSite(runner, host, port)
        await site.start()
        return int(runner.addresses[0][1])

    async def stop(self) -> None:
        """Finish what is being answered, and listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _activity(self, request: web.Request) -> web.Response:
        try:
            service = await self._guard.check(request.headers.get("Authorization"))
        except Stranger as error:
            _log.warning("refused a request: %s", error)
            return web.Response(status=401)
        try:
            activity = json.loads(await request.read())
        except (ValueError, RecursionError):
            return web.Response(status=400)
        if not isinstance(activity, dict):
            return web.Response(status=400)
        if not same_service(service, activity.get("serviceUrl")) or not _is_fit(service):
            _log.warning("refused a request: foreign serviceurl")
            return web.Response(status=401)
        try:
            said = await self._take(activity)
        except StorageError as error:
            _log.error("an activity can't be kept: %s", error)
            return web.Response(status=503)
        return web.Response(status=202) if said is None else web.json_response(said)

    async def _file(self, request: web.Request) -> web.Response:
        assert self._links is not None  # noqa: S101 (there is no such route without them)
        file = self._links.fetch(request.match_info["name"])
        if file is None:
            return web.Response(status=404)
        name = file.name.replace('"', "")
        headers = {**_DOWNLOAD, "Content-Disposition": f'attachment; filename="{name}"'}
        return web.Response(body=file.data, content_type=file.mime, headers=headers)


def _is_fit(service: str) -> bool:
    """Whether our own token may go there: encrypted, or to this machine itself."""
    try:
        parts = urlsplit(service)
        return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    except ValueError:
        return False
