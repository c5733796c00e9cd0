"""matrix-nio's client as the coach uses it.

Rule: it never waits or retries by itself (delivery and the sync loop own that), and never sends plaintext into an
encrypted room.
"""

from __future__ import annotations

import contextlib
import json
import logging
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
from nio import (
    AsyncClient,
    AsyncClientConfig,
    EncryptionError,
    ErrorResponse,
    Event,
    LocalProtocolError,
    MegolmEvent,
    Response,
)

from bot.settings import MatrixSection
from bot.transports.base import Deferred, Refused
from bot.transports.matrix import OWN
from bot.transports.matrix.account import Account, AccountError, Revoked, keys_folder

# It logs people's ids and the server's answers at length.
logging.getLogger("nio").setLevel(logging.CRITICAL)

SLOWEST = 60.0  # seconds that a request may take

# What a request may end in where the network or the server is not well.
FAILURES = (aiohttp.ClientError, TimeoutError, OSError, ssl.SSLError)


class MatrixClient(AsyncClient):
    """A client that leaves the key of what it sends readable outside the encryption: a hash that tells nothing, by
    which a later device finds what an earlier one posted."""

    async def ask(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """Ask the homeserver something that matrix-nio has no word for: the HTTP status, and the answer. `path` starts
        behind /_matrix/client. Raises one of FAILURES."""
        headers = {"Authorization": f"Bearer {self.access_token}", "Content-Type": "application/json"}
        data = None if content is None else json.dumps(content)
        answer = await self.send(method, f"/_matrix/client{path}", data, headers)
        async with answer:
            try:
                said = json.loads(await answer.text())
            except ValueError:
                said = {}
            return answer.status, said if isinstance(said, dict) else {}

    async def call(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The same, where anything but a good answer raises as in `judge`; a bad connection is Deferred."""
        try:
            status, said = await self.ask(method, path, content)
        except FAILURES as error:
            raise Deferred from error
        if status != 200:
            judge(status, str(said.get("errcode")), said.get("retry_after_ms"))
        return said

    def opened(self, source: dict[str, Any], room: str) -> dict[str, Any]:
        """An event as the server gave it, decrypted where it was encrypted and its key is there; else as it is."""
        event = Event.parse_event(source)
        if isinstance(event, MegolmEvent):
            event.room_id = room
            with contextlib.suppress(EncryptionError):
                return dict(self.decrypt_event(event).source)
        return source

    def encrypt(self, room_id: str, message_type: str, content: dict[Any, Any]) -> tuple[str, dict[str, Any]]:
        """Encrypt a content for a room."""
        kind, outer = super().encrypt(room_id, message_type, content)
        own = content.get(OWN)
        if isinstance(own, Mapping):
            outer[OWN] = {"key": own.get("key")}
        return kind, outer


def make_client(section: MatrixSection, user_id: str, device_id: str = "", store: Path | None = None) -> MatrixClient:
    """A client for the homeserver of the configuration; with `store` one that can encrypt. Raises AccountError where
    the certificate of an own authority can't be read."""
    config = AsyncClientConfig(
        max_limit_exceeded=0,
        max_timeouts=0,
        request_timeout=SLOWEST,
        store_sync_tokens=False,
        encryption_enabled=store is not None,
    )
    return MatrixClient(
        section.homeserver,
        user_id,
        device_id,
        "" if store is None else str(keys_folder(store)),
        config,
        ssl=_context(section.ca_file),
        proxy=section.proxy,
    )


def restore(section: MatrixSection, account: Account, store: Path) -> MatrixClient:
    """The client of the device that `login` made. Raises AccountError where its keys are not those of the account."""
    client = make_client(section, account.user_id, account.device_id, store)
    try:
        client.restore_login(account.user_id, account.device_id, account.access_token)
    except Exception as error:  # peewee, pickle or vodozemac: the keys can't be read, whatever it is called
        raise AccountError(f"the keys in {keys_folder(store)} cannot be read ({type(error).__name__}).") from None
    if identity_of(client) != account.identity:
        raise AccountError(f"the keys in {keys_folder(store)} are not those of the coach's device.")
    return client


def identity_of(client: AsyncClient) -> str:
    """The public key of a client's device."""
    if client.olm is None:
        raise LocalProtocolError("a client without encryption has no identity")
    return str(client.olm.account.identity_keys["ed25519"])


def _context(ca_file: Path | None) -> ssl.SSLContext | bool:
    if ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ssl.SSLError):
        raise AccountError(f"{ca_file} is no file of certificates (PEM). Mend [matrix] ca_file.") from None


def checked(response: Response | ErrorResponse, *, room: bool = False) -> None:
    """Raise what a response of matrix-nio comes down to, as `judge` does."""
    if isinstance(response, ErrorResponse):
        answer = response.transport_response
        judge(0 if answer is None else answer.status, str(response.status_code), response.retry_after_ms, room=room)


def judge(status: int, code: str, retry_after_ms: int | None, *, room: bool = False) -> None:
    """Raise what a bad answer of the homeserver comes down to: Revoked where the token is not accepted, Deferred where
    it may be tried again, Refused where that makes no sense. In a room a refusal may be lifted: the coach may be put
    back, or get the right to speak.
    """
    if code in ("M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"):
        raise Revoked("the homeserver does not accept the coach's token any more")
    if code == "M_LIMIT_EXCEEDED" or status == 429:
        raise Deferred((retry_after_ms or 5_000) / 1000, everywhere=True)
    if status in (404, 413) or code in _HOPELESS or (code == "M_FORBIDDEN" and not room):
        raise Refused(code)
    raise Deferred


_HOPELESS = frozenset({"M_TOO_LARGE", "M_BAD_JSON", "M_NOT_JSON", "M_INVALID_PARAM", "M_NOT_FOUND"})


def reason(error: BaseException) -> str:
    """What went wrong with the network or the server, in a few words without addresses."""
    match error:
        case aiohttp.ClientConnectorCertificateError() | ssl.SSLError() | aiohttp.ClientSSLError():
            return "its certificate is not trusted; set [matrix] ca_file where you have an own authority"
        case aiohttp.ClientConnectorDNSError():
            return "its name is not known"
        case TimeoutError():
            return "it does not answer in time"
        case _:
            return "no connection"
