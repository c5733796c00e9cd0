"""Cross-signing of the coach's own devices, so that clients that shut out unsigned devices (MSC4153) talk to it.

Rule: three keys, made once from three seeds in a file of their own; a set of keys that somebody else made is never
replaced unasked. matrix-nio has none of this; see the Matrix client-server specification v1.13, "Cross-signing".
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa
from nio import Api

from bot.transports.matrix.account import AccountError, write_secret
from bot.transports.matrix.client import MatrixClient

_USAGES = ("master", "self_signing", "user_signing")


class OtherKeys(AccountError):
    """The account has cross-signing keys that are not ours."""


class NeedsPassword(AccountError):
    """The homeserver wants the password before it takes new keys."""


@dataclass(frozen=True, slots=True)
class Seeds:
    """What the three keys are made of, 32 bytes each."""

    master: bytes
    self_signing: bytes
    user_signing: bytes

    def __repr__(self) -> str:
        return "Seeds(...)"  # never what they are

    @classmethod
    def make(cls) -> Seeds:
        """New ones."""
        return cls(*(secrets.token_bytes(32) for _ in _USAGES))

    @classmethod
    def load(cls, file: Path) -> Seeds | None:
        """Those of a file, None where there is none. Raises AccountError where it can't be read."""
        try:
            values = json.loads(file.read_text("utf-8"))
            return cls(*(_unbase64(values[usage]) for usage in _USAGES))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise AccountError(f"{file} cannot be read: put back a copy of it, or remove it.") from None

    def save(self, file: Path) -> None:
        """Keep them."""
        write_secret(file, json.dumps({usage: _base64(getattr(self, usage)) for usage in _USAGES}, indent=2) + "\n")


class Signer:
    """Signs with one of the seeds."""

    def __init__(self, seed: bytes) -> None:
        self._key = ECC.construct(curve="Ed25519", seed=seed)
        self.public = _base64(self._key.public_key().export_key(format="raw"))

    def signature(self, content: dict[str, Any]) -> str:
        """The signature of a content, without the parts that are never signed."""
        bare = {name: value for name, value in content.items() if name not in ("signatures", "unsigned")}
        return _base64(eddsa.new(self._key, "rfc8032").sign(Api.to_canonical_json(bare).encode()))


class CrossSigning:
    """Cross-signing over an account's connection. `seeds` are those on file."""

    def __init__(self, client: MatrixClient, seeds: Seeds) -> None:
        self._client = client
        self._user = client.user_id
        self._master = Signer(seeds.master)
        self._own = Signer(seeds.self_signing)
        self._others = Signer(seeds.user_signing)

    async def ensure(self, password: str | None, *, replace: bool = False) -> None:
        """See to it that the account has our keys, and that the client's device is signed by them.

        Raises OtherKeys where it has others (unless `replace`), NeedsPassword where the homeserver asks for a password
        that was not given, AccountError where it refuses.
        """
        known = await self._query()
        master = _key_of(known.get("master_keys", {}).get(self._user))
        if master != self._master.public:
            if master is not None and not replace:
                raise OtherKeys("the account has cross-signing keys that this coach does not know")
            await self._upload(password)
            known = await self._query()
        await self._sign(known)

    async def is_signed(self) -> bool:
        """Whether the client's device carries the signature of our keys, as the homeserver tells it."""
        known = await self._query()
        if _key_of(known.get("self_signing_keys", {}).get(self._user)) != self._own.public:
            return False
        device = known.get("device_keys", {}).get(self._user, {}).get(self._client.device_id, {})
        signatures = device.get("signatures", {}).get(self._user, {})
        signature = signatures.get(f"ed25519:{self._own.public}")
        return bool(signature == self._own.signature(device))

    async def _query(self) -> dict[str, Any]:
        return await self._call("POST", "/keys/query", {"device_keys": {self._user: []}})

    async def _upload(self, password: str | None) -> None:
        master = self._public(self._master, "master")
        content: dict[str, Any] = {"master_key": master}
        for name, signer in (("self_signing", self._own), ("user_signing", self._others)):
            key = self._public(signer, name)
            key["signatures"] = {self._user: {f"ed25519:{self._master.public}": self._master.signature(key)}}
            content[f"{name}_key"] = key
        answer = await self._call("POST", "/keys/device_signing/upload", content, allow=401)
        if "flows" not in answer and "session" not in answer:
            return
        if not any("m.login.password" in flow.get("stages", []) for flow in answer.get("flows", [])):
            raise AccountError(
                "the homeserver wants a login in a browser before it takes cross-signing keys; "
                "ask its administrator to allow it for this account, and run login again."
            )
        if password is None:
            raise NeedsPassword("the homeserver asks for the password of the account before it takes new keys")
        content["auth"] = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": self._user},
            "password": password,
            "session": answer.get("session"),
        }
        answer = await self._call("POST", "/keys/device_signing/upload", content, allow=401)
        if "flows" in answer or "session" in answer:
            raise AccountError("the homeserver does not accept the password for new cross-signing keys.")

    async def _sign(self, known: dict[str, Any]) -> None:
        device = dict(known.get("device_keys", {}).get(self._user, {}).get(self._client.device_id) or {})
        if not device:
            raise AccountError("the homeserver does not know the coach's device yet; run login again.")
        device.pop("unsigned", None)
        signed = self._own.signature(device)
        device["signatures"] = {self._user: {f"ed25519:{self._own.public}": signed}}
        content = {self._user: {self._client.device_id: device}}
        answer = await self._call("POST", "/keys/signatures/upload", content)
        if answer.get("failures"):
            raise AccountError("the homeserver refused the signature of the coach's device.")

    def _public(self, signer: Signer, usage: str) -> dict[str, Any]:
        return {"user_id": self._user, "usage": [usage], "keys": {f"ed25519:{signer.public}": signer.public}}

    async def _call(self, method: str, path: str, content: dict[str, Any], allow: int = 200) -> dict[str, Any]:
        status, said = await self._client.ask(method, f"/v3{path}", content)
        if status not in (200, allow):
            raise AccountError(f"the homeserver answered {said.get('errcode', status)} to {path}.")
        return said


def _key_of(content: dict[str, Any] | None) -> str | None:
    keys = (content or {}).get("keys", {})
    return next(iter(keys.values()), None)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode().rstrip("=")


def _unbase64(value: str) -> bytes:
    found = base64.b64decode(value + "=" * (-len(value) % 4))
    if len(found) != 32:
        raise ValueError("a seed has 32 bytes")
    return found
