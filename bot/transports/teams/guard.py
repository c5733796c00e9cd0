"""Who may bring activities: the Bot Framework service alone, which signs a token for this coach and for the address
that answers go to.

Rule: every request is looked at, and nothing turns that off. Keys are fetched beside the loop, and for keys that nobody
knows not more often than once in a while: no stranger makes us ask.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any

import jwt
from microsoft_teams.api.auth.cloud_environment import CloudEnvironment

from bot.clock import Clock

_log = logging.getLogger(__name__)

LEEWAY = 300  # seconds, as Microsoft says
FRESH = timedelta(hours=24)  # Microsoft's own advice
AGAIN = timedelta(seconds=30)
_TIMEOUT = 10.0
_BEARER = "Bearer "


class Stranger(Exception):
    """The request does not come from the service; says why, for the log."""


class Guard:
    """Checks the tokens of requests for one app."""

    def __init__(self, app_id: str, cloud: CloudEnvironment, clock: Clock) -> None:
        self._app = app_id
        self._issuer = cloud.token_issuer
        address = cloud.openid_metadata_url.removesuffix("/openidconfiguration") + "/keys"
        self._source = jwt.PyJWKClient(address, cache_jwk_set=False, timeout=_TIMEOUT)
        self._clock = clock
        self._keys: dict[str, Any] = {}
        self._fetched: datetime | None = None
        self._tried: datetime | None = None
        self._fetching = asyncio.Lock()

    async def warm(self) -> bool:
        """Fetch the keys before the first request needs them, and say whether they are there; without them every
        request is refused until they are."""
        await self._fetch()
        return bool(self._keys)

    async def check(self, authorization: str | None) -> str:
        """The address of the service that a token is for. Raises Stranger."""
        if authorization is None or not authorization.startswith(_BEARER):
            raise Stranger("no token")
        token = authorization.removeprefix(_BEARER).strip()
        try:
            claims = jwt.decode(
                token,
                await self._key(token),
                algorithms=["RS256"],
                audience=self._app,
                issuer=self._issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.PyJWTError as error:
            raise Stranger(type(error).__name__) from None
        service = claims.get("serviceurl")
        if not isinstance(service, str) or not service:
            raise Stranger("no serviceurl")
        return service

    async def _key(self, token: str) -> Any:
        kid = jwt.get_unverified_header(token).get("kid")
        if not isinstance(kid, str):
            raise Stranger("no kid")
        now = self._clock.now()
        known = self._keys.get(kid)
        if known is not None and self._fetched is not None and now - self._fetched < FRESH:
            return known
        await self._fetch()
        known = self._keys.get(kid)
        if known is None:
            raise Stranger("unknown kid")
        return known

    async def _fetch(self) -> None:
        """Fetch the keys, where that was not tried a moment ago."""
        async with self._fetching:
            now = self._clock.now()
            if self._tried is not None and now - self._tried < AGAIN:
                return  # another request waited for the same
            self._tried = now
            try:
                keys = await asyncio.to_thread(self._source.get_signing_keys)
            except (jwt.PyJWTError, OSError, ValueError) as error:
                _log.error("the issuer's keys can't be fetched: %s", type(error).__name__)
                return
            self._keys = {str(one.key_id): one.key for one in keys}
            self._fetched = now


def same_service(claimed: str, named: object) -> bool:
    """Whether an activity names the address that its token is for."""
    return isinstance(named, str) and claimed.rstrip("/") == named.rstrip("/")
