"""What `check` looks at on the homeserver. Rule: every fault says how to mend it, and nothing is left behind."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from bot.settings import MatrixSection, SettingsError
from bot.transports.base import Deferred, Refused
from bot.transports.matrix import OWN, TRIAL, account
from bot.transports.matrix.account import AccountError, Revoked, signing_file
from bot.transports.matrix.client import FAILURES, MatrixClient, reason, restore
from bot.transports.matrix.crosssigning import CrossSigning, Seeds

ENOUGH_UPLOAD = 10 * 1024 * 1024
# More than the ten at once that Synapse allows by default.
BURST = 25


async def faults(section: MatrixSection, store: Path, config: Path) -> list[str]:
    """The faults of the account, its encryption, its rate limit and the upload size, a line each."""
    again = f"Run `opschaalcoach login --config {config}`."
    try:
        client = restore(section, account.load(store, config), store)
    except SettingsError as error:
        return error.faults
    except AccountError as error:
        text = str(error)
        return [f"[matrix] {text}" if "login" in text else f"[matrix] {text} {again}"]
    try:
        return [f"[matrix] {fault}" for fault in await _faults(client, section, store, again)]
    except Revoked as error:
        return [f"[matrix] {error}. {again}"]
    except FAILURES as error:
        return [f"[matrix] {section.homeserver} cannot be reached: {reason(error)}."]
    except Deferred as error:
        cause = error.__cause__
        why = reason(cause) if cause is not None else "it can't help now"
        return [f"[matrix] {section.homeserver} cannot be reached: {why}."]
    except (Refused, AccountError) as error:
        return [f"[matrix] {section.homeserver} refused: {error}."]
    finally:
        await client.close()


async def _faults(client: MatrixClient, section: MatrixSection, store: Path, again: str) -> list[str]:
    said = await client.call("GET", "/v3/account/whoami")
    if said.get("user_id") != section.user_id:
        return [f"the token is of {said.get('user_id')}, the configuration says {section.user_id}. {again}"]
    found = []
    seeds = Seeds.load(signing_file(store))
    if seeds is None or not await CrossSigning(client, seeds).is_signed():
        found.append(f"the coach's device is not cross-signed: some clients will not talk to it. {again}")
    if await _is_limited(client):
        who = quote(section.user_id, safe="@:")
        found.append(
            "the homeserver slows the coach down (rate limit). Its administrator lifts that with "
            f"POST /_synapse/admin/v1/users/{who}/override_ratelimit and "
            '{"messages_per_second": 0, "burst_count": 0}.'
        )
    size = await _upload_size(client)
    if size is not None and size < ENOUGH_UPLOAD:
        mb = ENOUGH_UPLOAD // 1024 // 1024
        found.append(f"the homeserver takes files up to {size} bytes; set max_upload_size to {mb}M or more.")
    return found


async def _upload_size(client: MatrixClient) -> int | None:
    for path in ("/v1/media/config", "/v3/media/config"):
        status, said = await client.ask("GET", path)
        size = said.get("m.upload.size")
        if status == 200 and isinstance(size, int):
            return size
    return None


async def _is_limited(client: MatrixClient) -> bool:
    """Whether a burst of messages is refused: tried in a room of our own, which is left again."""
    content = {"preset": "private_chat", "name": "Opschaalcoach: check", "creation_content": {"type": TRIAL}}
    status, said = await client.ask("POST", "/v3/createRoom", content)
    if status == 429:
        return True
    room = quote(str(said.get("room_id")), safe="")
    try:
        for place in range(BURST):
            path = f"/v3/rooms/{room}/send/m.room.message/check-{place}-{room[-8:]}"
            content = {"msgtype": "m.notice", "body": "check", "m.mentions": {}, OWN: {"key": f"check-{place}"}}
            status, _ = await client.ask("PUT", path, content)
            if status == 429:
                return True
    finally:
        await client.ask("POST", f"/v3/rooms/{room}/leave", {})
        await client.ask("POST", f"/v3/rooms/{room}/forget", {})
    return False
