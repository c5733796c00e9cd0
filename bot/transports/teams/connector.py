"""What the coach asks of Teams over HTTP, and what the answer means.

Rule: Teams can't tell whether it took a message before, so one whose fate is unknown is Doubtful and never sent again;
what certainly was not taken may be. A change may be repeated, for the last one holds, and so may asking for the chat
with somebody.
"""

from __future__ import annotations

import email.utils
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
from microsoft_teams.common import Client, ClientOptions

from bot.clock import Clock
from bot.transports.base import Deferred, Doubtful, Refused, TooLarge
from bot.transports.teams.tokens import NoToken, Tokens
from storage.conversations import Reference

TIMEOUT = 10.0  # seconds
# The SDK says so where an answer has no id.
PLACEHOLDER = "DO_NOT_USE_PLACEHOLDER_ID"
# Teams says so of what it did not take; 503 is that of whatever stands before it.
_NOT_TAKEN = (412, 429, 502, 503, 504)
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_MOST_PAGES = 50
_MOST_ROOMS = 5_000  # of which it is remembered that they want quiet


class Gone(Exception):
    """The coach is not in that conversation any more."""


class Connector:
    """Posts, changes, and lists who is there."""

    def __init__(self, tokens: Tokens, clock: Clock) -> None:
        self._tokens = tokens
        self._clock = clock
        self._http = Client(ClientOptions(timeout=TIMEOUT))
        self._quiet: OrderedDict[str, datetime] = OrderedDict()  # until when a conversation wants to be left alone

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.http.aclose()

    async def create(self, there: Reference, room: str, activity: dict[str, Any]) -> str | None:
        """Post an activity; its id, None where Teams does not say it. Raises Deferred, Refused, Doubtful or Gone."""
        said = await self._ask(room, "POST", f"{_base(there, room)}/activities", activity, new=True)
        found = said.get("id")
        return found if isinstance(found, str) and found and found != PLACEHOLDER else None

    async def update(self, there: Reference, room: str, target: str, activity: dict[str, Any]) -> None:
        """Change an activity. Raises Deferred, Refused or Gone."""
        path = f"{_base(there, room)}/activities/{quote(target, safe='')}"
        await self._ask(room, "PUT", path, activity | {"id": target})

    async def open(self, there: Reference, member: str, tenant: str) -> str:
        """The chat with one person alone. It is the same one however often this is asked, so that it may be asked again
        where it is not known how it ended. Raises Deferred, Refused or Gone."""
        body = {
            "bot": {"id": there.bot},
            "members": [{"id": member}],
            "isGroup": False,
            "tenantId": tenant,
            "channelData": {"tenant": {"id": tenant}},
        }
        said = await self._ask(f"with {member}", "POST", f"{there.service.rstrip('/')}/v3/conversations", body)
        found = said.get("id")
        if not isinstance(found, str) or not found or found == PLACEHOLDER:
            raise Refused("no conversation")
        return found

    async def members(self, there: Reference, room: str) -> list[dict[str, Any]]:
        """The accounts of who is in a conversation, bots not counted. Raises Deferred, Refused or Gone."""
        found: list[dict[str, Any]] = []
        more = ""
        for _ in range(_MOST_PAGES):
            path = f"{_base(there, room)}/pagedmembers?pageSize=500{more}"
            said = await self._ask(room, "GET", path, None)
            members = said.get("members")
            found += [one for one in members if isinstance(one, dict)] if isinstance(members, list) else []
            token = said.get("continuationToken")
            if not isinstance(token, str) or not token:
                break
            more = f"&continuationToken={quote(token, safe='')}"
        return [one for one in found if one.get("userRole") != "bot" and one.get("id") != there.bot]

    async def _ask(
        self, room: str, method: str, address: str, body: dict[str, Any] | None, *, new: bool = False
    ) -> dict[str, Any]:
        self._heed(room)
        try:
            headers = {"Authorization": f"Bearer {await self._tokens.get()}"}
        except NoToken as error:
            raise Deferred from error
        try:
            response = await self._send(method, address, body, headers)
        except httpx.HTTPStatusError as error:
            judged = self._judged(error.response, new=new)
            if isinstance(judged, Deferred) and judged.seconds:
                self._leave_alone(room, judged.seconds)
            raise judged from None
        except _NEVER_SENT as error:
            raise Deferred from error
        except httpx.HTTPError as error:
            if new:
                raise Doubtful(type(error).__name__) from None
            raise Deferred from error
        try:
            said = response.json()
        except ValueError:
            said = None
        return said if isinstance(said, dict) else {}

    def _heed(self, room: str) -> None:
        """Deferred where a conversation asked for quiet, whatever it was asked about then."""
        until, now = self._quiet.get(room), self._clock.now()
        if until is not None and now < until:
            raise Deferred((until - now).total_seconds(), tried=False)
        self._quiet.pop(room, None)

    def _leave_alone(self, room: str, seconds: float) -> None:
        self._quiet[room] = self._clock.now() + timedelta(seconds=seconds)
        self._quiet.move_to_end(room)
        if len(self._quiet) > _MOST_ROOMS:
            self._quiet.popitem(last=False)

    async def _send(
        self, method: str, address: str, body: dict[str, Any] | None, headers: dict[str, str]
    ) -> httpx.Response:
        if method == "POST":
            return await self._http.post(address, json=body, headers=headers)
        if method == "PUT":
            return await self._http.put(address, json=body, headers=headers)
        return await self._http.get(address, headers=headers)

    def _judged(self, response: httpx.Response, *, new: bool) -> Exception:
        """What an answer other than yes means."""
        status = response.status_code
        wait = _seconds(response.headers.get("Retry-After"), self._clock.now())
        if status in _NOT_TAKEN or status == 401:
            return Deferred(wait)
        if status == 403 or (status == 404 and new):
            return Gone()
        if status == 413:
            return TooLarge(f"HTTP {status}")
        if status >= 500:
            return Doubtful(f"HTTP {status}") if new else Deferred(wait)
        if status == 408:
            return Doubtful(f"HTTP {status}") if new else Deferred(wait)
        return Refused(f"HTTP {status}")


def _base(there: Reference, room: str) -> str:
    return f"{there.service.rstrip('/')}/v3/conversations/{quote(room, safe='')}"


def _seconds(said: str | None, now: datetime) -> float | None:
    """What a Retry-After says: seconds, or a moment."""
    if said is None:
        return None
    try:
        return max(float(said), 0.0)
    except ValueError:
        pass
    try:
        return max((email.utils.parsedate_to_datetime(said) - now).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None
