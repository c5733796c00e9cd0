"""`opschaalcoach login`: a device of its own for the coach, signed, once.

Rule: nothing of the old device is thrown away before the new one works; an old key store is never put back.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from nio import LocalProtocolError, LoginError, LoginResponse

from bot.clock import Clock
from bot.settings import MatrixSection
from bot.transports.base import Deferred, Refused
from bot.transports.matrix import account
from bot.transports.matrix.account import Account, AccountError, keys_folder, signing_file
from bot.transports.matrix.client import FAILURES, MatrixClient, checked, identity_of, judge, make_client, reason
from bot.transports.matrix.crosssigning import CrossSigning, NeedsPassword, OtherKeys, Seeds
from bot.transports.matrix.people import localpart

DEVICE_NAME = "Opschaalcoach"

# Tokens of the admin API are of no session, and a client gives its session keys at once.
_NEW_SESSION = (
    "Take the access_token that POST /_matrix/client/v3/login gives for this account, or that of "
    "`mas-cli manage issue-compatibility-token`, and use it nowhere else."
)


@dataclass(frozen=True, slots=True)
class Proof:
    """What the administrator gives: the password, or a token that the homeserver gave out."""

    password: str | None = None
    access_token: str | None = None

    def __repr__(self) -> str:
        return "Proof(...)"  # never what it is


async def login(section: MatrixSection, store: Path, proof: Proof, clock: Clock, *, new_keys: bool = False) -> Account:
    """Make the device, sign it, and keep it in `store` in place of the one that was there. `new_keys` replaces
    cross-signing keys of the account that this coach doesn't know. Raises AccountError with what to do, SettingsError
    where `ca_file` can't be read.
    """
    account.ready_folder(store)
    fresh = store / "new"
    if proof.access_token is None:  # else what a try that was broken off left is needed: its keys are on the server
        shutil.rmtree(fresh, ignore_errors=True)
    account.ready_folder(keys_folder(fresh))
    client = make_client(section, section.user_id, store=fresh)
    try:
        await _enter(client, section, proof)
        await _upload_keys(client)
        await _sign(client, store, proof.password, new_keys=new_keys)
        await _name(client)
        made = Account(
            section.homeserver, client.user_id, client.device_id, client.access_token, identity_of(client), clock.now()
        )
    except Deferred as error:
        raise AccountError(f"{section.homeserver} can't help now ({_why(error)}). Try again later.") from None
    except Refused as error:
        raise AccountError(f"{section.homeserver} refused: {error}.") from None
    except FAILURES as error:
        raise AccountError(f"{section.homeserver} cannot be reached: {reason(error)}.") from None
    finally:
        await client.close()
    await _retire(section, store, made)
    shutil.rmtree(keys_folder(store), ignore_errors=True)
    keys_folder(fresh).rename(keys_folder(store))
    shutil.rmtree(fresh, ignore_errors=True)
    account.save(store, made)
    return made


def _why(error: Deferred) -> str:
    if error.seconds is not None:
        return f"it asks to wait {round(error.seconds)} seconds"
    return reason(error.__cause__) if error.__cause__ is not None else "no connection"


async def _enter(client: MatrixClient, section: MatrixSection, proof: Proof) -> None:
    """Make the device, or take the one that the token is of."""
    if proof.access_token is not None:
        client.access_token = proof.access_token
        said = await _whoami(client, section)
        client.restore_login(section.user_id, said, proof.access_token)
        await _look_for_keys(client)
        return
    response = await client.login(proof.password, device_name=DEVICE_NAME)
    if isinstance(response, LoginError):
        status = response.transport_response.status if response.transport_response is not None else 0
        if status == 403:
            raise AccountError(f"{section.homeserver} does not know {section.user_id} with that password.")
        if response.status_code == "M_UNKNOWN":
            raise AccountError(
                f"{section.homeserver} takes no passwords. Make an access token there and run login with --token."
            )
        checked(response)
    assert isinstance(response, LoginResponse)  # noqa: S101
    if response.user_id != section.user_id:
        raise AccountError(
            f"that is {response.user_id}; the configuration says {section.user_id}. Mend [matrix] user_id."
        )


async def _whoami(client: MatrixClient, section: MatrixSection) -> str:
    status, said = await client.ask("GET", "/v3/account/whoami")
    if status == 401:
        raise AccountError(f"{section.homeserver} does not accept that access token.")
    if said.get("user_id") != section.user_id:
        raise AccountError(f"that token is of {said.get('user_id')}; the configuration says {section.user_id}.")
    if not said.get("device_id"):
        raise AccountError(f"that token is of no session (device), so it can't encrypt. {_NEW_SESSION}")
    return str(said["device_id"])


async def _look_for_keys(client: MatrixClient) -> None:
    """See to it that the device of a token has no keys but ours: others would be spoilt by ours, and ours refused."""
    asked = {"device_keys": {client.user_id: [client.device_id]}}
    status, said = await client.ask("POST", "/v3/keys/query", asked)
    if status != 200:
        judge(status, str(said.get("errcode")), said.get("retry_after_ms"))
    keys = said.get("device_keys", {}).get(client.user_id, {}).get(client.device_id, {}).get("keys", {})
    if keys and keys.get(f"ed25519:{client.device_id}") != identity_of(client):
        raise AccountError(f"the session of that token ({client.device_id}) has keys already. {_NEW_SESSION}")


async def _upload_keys(client: MatrixClient) -> None:
    with contextlib.suppress(LocalProtocolError):
        checked(await client.keys_upload())


async def _sign(client: MatrixClient, store: Path, password: str | None, *, new_keys: bool) -> None:
    file = signing_file(store)
    known = Seeds.load(file)
    seeds = known or Seeds.make()
    seeds.save(file)  # those that were there too: for their owner only; before the homeserver can have them
    try:
        await CrossSigning(client, seeds).ensure(password, replace=new_keys)
    except OtherKeys:
        if known is None:
            file.unlink()
        raise AccountError(
            f"{client.user_id} has cross-signing keys that are not in {file}. Put back a copy of that file, or run "
            "login with --new-signing-keys: people then see once that the coach's identity changed."
        ) from None
    except NeedsPassword:
        raise AccountError(
            "the homeserver wants the password of the account to take cross-signing keys: run login with the password."
        ) from None


async def _name(client: MatrixClient) -> None:
    """Give the account a name where nobody gave it one."""
    status, said = await client.ask("GET", f"/v3/profile/{client.user_id}/displayname")
    if status == 404 or said.get("displayname") in (None, "", localpart(client.user_id)):
        await client.ask("PUT", f"/v3/profile/{client.user_id}/displayname", {"displayname": DEVICE_NAME})


async def _retire(section: MatrixSection, store: Path, made: Account) -> None:
    """Log the old device out, so that nobody encrypts for it any more; where that can't be done, it stays."""
    try:
        old = account.read(store, Path())
    except AccountError:
        return
    if old.user_id != made.user_id or old.device_id == made.device_id:
        return
    client = make_client(section, old.user_id, old.device_id)
    client.access_token = old.access_token
    try:
        with contextlib.suppress(*FAILURES):
            async with asyncio.timeout(20):
                await client.ask("POST", "/v3/logout", {})
    finally:
        await client.close()
