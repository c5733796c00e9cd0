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
from urllib.parse import quote

import aiohttp
from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError
from nio import (
    Api,
    AsyncClient,
    AsyncClientConfig,
    EncryptionError,
    ErrorResponse,
    Event,
    KeysUploadResponse,
    LocalProtocolError,
    MegolmEvent,
    Response,
    SyncResponse,
)
from nio.crypto import InboundGroupSession

from bot.settings import MatrixSection, SettingsError
from bot.transports.base import Deferred, Refused, TooLarge
from bot.transports.matrix import OWN
from bot.transports.matrix.account import Account, AccountError, Revoked, keys_folder
from bot.transports.matrix.keys import Dropped, statements

# It logs people's ids and the server's answers at length.
logging.getLogger("nio").setLevel(logging.CRITICAL)

SLOWEST = 60.0  # seconds that a request may take

# What a request may end in where the network or the server is not well.
PROXY_FAILURES = (ProxyConnectionError, ProxyError, ProxyTimeoutError)
FAILURES = (aiohttp.ClientError, TimeoutError, OSError, ssl.SSLError, *PROXY_FAILURES)

# What OpenSSL says of a certificate that is not right: its time, and its name or address.
_OUT_OF_DATE = (9, 10)
_OF_ANOTHER = (62, 64)


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

    async def upload_file(self, data: bytes, mime: str, name: str | None = None) -> str:
        """Put a file in the homeserver's media store; its address (mxc). Raises as `call`, and TooLarge."""
        headers = {"Authorization": f"Bearer {self.access_token}", "Content-Type": mime}
        path = "/_matrix/media/v3/upload" + (f"?filename={quote(name, safe='')}" if name is not None else "")
        try:
            answer = await self.send("POST", path, data, headers)
            async with answer:
                text = await answer.text()
        except FAILURES as error:
            raise Deferred from error
        try:
            said = json.loads(text)
        except ValueError:
            said = {}
        if answer.status == 413:
            raise TooLarge("the homeserver takes no file of this size")
        if answer.status != 200:
            judge(answer.status, str(said.get("errcode")), said.get("retry_after_ms"))
        return str(said["content_uri"])

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

    async def ready(self, room_id: str) -> None:
        """Give everybody's devices in an encrypted room the key of what will be said there. matrix-nio does so while it
        sends, but sends on where a part of it fails, and then nobody can read it. Raises as `call`, or FAILURES."""
        room, olm = self.rooms[room_id], self.olm
        if not room.encrypted or olm is None:
            return
        if not room.members_synced:
            checked(await self.joined_members(room_id), room=True)
        if self.should_query_keys:
            checked(await self.keys_query())
        if not olm.should_share_group_session(room_id):
            return
        missing = self.get_missing_sessions(room_id)
        if missing:
            checked(await self.keys_claim(missing))
        try:
            await self.share_group_session(room_id, ignore_unverified_devices=True)
        finally:
            self.sharing_session.pop(room_id, None)  # left behind by an error, it would hold up the room for ever
        session = olm.outbound_group_sessions[room_id]
        if self._able(room_id) - session.users_shared_with - session.users_ignored:
            session.shared = False  # those who have it already are not sent it again
            raise Deferred

    def _able(self, room_id: str) -> set[tuple[str, str]]:
        """The devices in a room that a key can be sent to."""
        devices = [one for user in self.rooms[room_id].users for one in self.device_store.active_user_devices(user)]
        return {(one.user_id, one.id) for one in devices if self.olm.session_store.get(one.curve25519)}

    def forget_room(self, room: str) -> Dropped:
        """What was said in a room so far can't be read any more with the keys that are here; what is said next can, as
        far as a key was used since the start."""
        olm, database = self.olm, self.store.database
        moved, gone = [], 0
        latest: dict[tuple[str, str], int] = {}  # the latest message that each key was used for
        for sender_key, session_id, index in list(olm.message_index_store):
            latest[sender_key, session_id] = max(index, latest.get((sender_key, session_id), 0))
        for session in [one for sender in olm.inbound_group_store[room].values() for one in sender.values()]:
            used = latest.get((session.sender_key, session.id))
            if used is None or session.sender_key == olm.account.identity_keys["curve25519"]:
                gone += 1
                continue
            key = session.export_session(used + 1)
            chain = session.forwarding_chain
            moved.append(InboundGroupSession.import_session(key, session.ed25519, session.sender_key, room, chain))
        olm.outbound_group_sessions.pop(room, None)
        olm.inbound_group_store._entries.pop(room, None)
        with database.atomic():
            for statement in statements():
                database.execute_sql(statement, (room,))
            for session in moved:
                olm.inbound_group_store.add(session)
                self.store.save_inbound_group_session(session)
        for name in [name for name, one in olm.outgoing_key_requests.items() if one.room_id == room]:
            del olm.outgoing_key_requests[name]
        database.execute_sql("VACUUM")
        return Dropped(gone, len(moved))

    async def keys_upload(self) -> Response | ErrorResponse:
        """Upload keys; their private halves are on the disk before anybody can use them."""
        if not self.should_upload_keys:
            raise LocalProtocolError("no keys to upload")
        content = self.olm.share_keys()
        self.olm.save_account()
        return await self._send(KeysUploadResponse, *Api.keys_upload(self.access_token, content))

    async def _handle_to_device(self, response: SyncResponse) -> None:
        # One transaction: a key is not lost when the process ends between what opened its envelope and the key itself.
        with self.store.database.atomic():
            await super()._handle_to_device(response)

    def _handle_olm_events(self, response: SyncResponse) -> None:
        super()._handle_olm_events(response)
        if (
            response.device_key_count.signed_curve25519 == 0
        ):  # it passes over a count of 0, and would never upload again
            self.olm.uploaded_key_count = 0

    def encrypt(self, room_id: str, message_type: str, content: dict[Any, Any]) -> tuple[str, dict[str, Any]]:
        """Encrypt a content for a room."""
        kind, outer = super().encrypt(room_id, message_type, content)
        own = content.get(OWN)
        if isinstance(own, Mapping):
            outer[OWN] = {"key": own.get("key")}
        return kind, outer


def make_client(section: MatrixSection, user_id: str, device_id: str = "", store: Path | None = None) -> MatrixClient:
    """A client for the homeserver of the configuration; with `store` one that can encrypt. Raises SettingsError where
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
    """The client of the device that `login` made. Raises AccountError where its keys are not those of the account, and
    SettingsError as `make_client`."""
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
    except ssl.SSLError:
        raise SettingsError([f"[matrix] ca_file: {ca_file} is no file of certificates (PEM)"]) from None
    except OSError as error:
        raise SettingsError([f"[matrix] ca_file: {ca_file} cannot be read ({error.strerror})"]) from None


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
    if status in (400, 404, 413) or code in _HOPELESS or (code == "M_FORBIDDEN" and not room):
        raise Refused(code)
    raise Deferred


_HOPELESS = frozenset({"M_TOO_LARGE", "M_BAD_JSON", "M_NOT_JSON", "M_INVALID_PARAM", "M_NOT_FOUND"})


def reason(error: BaseException) -> str:
    """What went wrong with the network or the server, in a few words without addresses."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return reason(error.certificate_error)
        case ssl.SSLCertVerificationError(verify_code=code) if code in _OUT_OF_DATE:
            return "its certificate has expired, or is not valid yet"
        case ssl.SSLCertVerificationError(verify_code=code) if code in _OF_ANOTHER:
            return "its certificate is of another name; mend [matrix] homeserver, or its certificate"
        case ssl.SSLCertVerificationError():
            return "its certificate is not trusted; set [matrix] ca_file where you have an own authority"
        case ssl.SSLError() | aiohttp.ClientSSLError():
            return "it speaks no TLS (https) that this machine understands"
        case ProxyError(error_code=407):
            return "the proxy wants a name and a password; put them in [matrix] proxy (http://name:password@...)"
        case ProxyError(error_code=code):
            return f"the proxy does not let it through ({code or 'no answer that makes sense'})"
        case ProxyConnectionError():
            return "the proxy cannot be reached; look at [matrix] proxy"
        case ProxyTimeoutError():
            return "the proxy does not answer in time"
        case aiohttp.ClientConnectorDNSError():
            return "its name is not known"
        case TimeoutError():
            return "it does not answer in time"
        case _:
            return "no connection"
