"""The token that the coach shows to Teams: by a secret, a certificate, or the machine's identity.

Rule: a secret is read once, at the start, and stands in no log. With an issuer for tests nothing is asked of Microsoft,
and the token says nothing.
"""

from __future__ import annotations

import asyncio
import dataclasses
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from microsoft_teams.api import ClientCredentials, ManagedIdentityCredentials, TokenCredentials
from microsoft_teams.api.auth.cloud_environment import PUBLIC, CloudEnvironment
from msal import ConfidentialClientApplication

from bot.settings import SettingsError, TeamsSection

if TYPE_CHECKING:
    from microsoft_teams.apps.token_manager import TokenManager

FOR_TESTS = "a-token-for-tests"


class NoToken(Exception):
    """There is no token now; says why, without what is secret."""


def cloud_of(section: TeamsSection) -> CloudEnvironment:
    """Who issues tokens: Microsoft, or the issuer for tests."""
    if section.openid_metadata_url is None or section.token_issuer is None:
        return PUBLIC
    metadata, issuer = section.openid_metadata_url, section.token_issuer
    return dataclasses.replace(PUBLIC, openid_metadata_url=metadata, token_issuer=issuer)


class Tokens:
    """Gets tokens; the SDK keeps one until it expires. Raises SettingsError where the proof of who we are is
    missing."""

    def __init__(self, section: TeamsSection) -> None:
        credentials = _credentials(section)
        self._manager = None if section.openid_metadata_url is not None else _manager(credentials)
        self._tenant = section.tenant_id

    async def get(self) -> str:
        """A token. Raises NoToken."""
        if self._manager is None:
            return FOR_TESTS
        try:
            found = await self._manager.get_app_token(PUBLIC.bot_scope, self._tenant)
        except Exception as error:
            # Whatever the SDK, its HTTP client or the identity service raise; the text of some quotes what was sent.
            raise NoToken(type(error).__name__) from None
        if found is None:
            raise NoToken("no credentials")
        return str(found)


_Credentials = ClientCredentials | ManagedIdentityCredentials | TokenCredentials


def _manager(credentials: _Credentials) -> TokenManager:
    """The SDK's own; loaded here, for it brings a whole web server along, and warns of what we don't use."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from microsoft_teams.apps.token_manager import TokenManager

        return TokenManager(credentials=credentials, cloud=PUBLIC)


def _credentials(section: TeamsSection) -> _Credentials:
    app, tenant = section.app_id, section.tenant_id
    if section.managed_identity:
        return ManagedIdentityCredentials(client_id=app, tenant_id=tenant)
    if section.certificate_file is not None and section.certificate_key_file is not None:
        key, certificate = _read(section.certificate_key_file), _read(section.certificate_file)
        return TokenCredentials(client_id=app, tenant_id=tenant, token=_by_certificate(app, tenant, key, certificate))
    if section.client_secret is not None:
        secret = section.client_secret.get_secret_value()
    else:
        assert section.client_secret_file is not None  # noqa: S101 (the settings have one of them)
        secret = _read(section.client_secret_file)
    return ClientCredentials(client_id=app, client_secret=secret, tenant_id=tenant)


def _read(file: Path) -> str:
    try:
        found = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        found = ""
    if not found:
        raise SettingsError([f"[teams] {file} cannot be read, or is empty. Put the secret in it, for its owner only."])
    return found


def _by_certificate(app: str, tenant: str, key: str, certificate: str) -> Callable[..., Any]:
    """Tokens by a certificate, which the SDK does not know by itself."""
    made: list[ConfidentialClientApplication] = []

    def ask(scope: str) -> str:
        if not made:
            proof = {"private_key": key, "public_certificate": certificate}
            authority = f"{PUBLIC.login_endpoint}/{tenant}"
            made.append(ConfidentialClientApplication(app, client_credential=proof, authority=authority))
        said = made[0].acquire_token_for_client([scope])
        if "access_token" not in said:
            raise NoToken(str(said.get("error", "refused")))
        return str(said["access_token"])

    async def get(scope: str, tenant_id: str | None = None) -> str:
        return await asyncio.to_thread(ask, scope)

    return get
