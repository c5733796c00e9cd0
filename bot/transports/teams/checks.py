"""What `check` looks at for Teams. Rule: every fault says how to mend it; nothing is posted anywhere."""

from __future__ import annotations

import aiohttp

from bot.clock import SystemClock
from bot.settings import SettingsError, TeamsSection
from bot.transports.teams.guard import Guard
from bot.transports.teams.tokens import NoToken, Tokens, cloud_of

_SLOWEST = 15.0


async def faults(section: TeamsSection) -> list[str]:
    """The faults of what proves who the coach is, and of the way to Microsoft, a line each."""
    cloud = cloud_of(section)
    found = []
    if not await Guard(section.app_id, cloud, SystemClock()).warm():
        found.append(
            f"[teams] the keys of {cloud.token_issuer} cannot be fetched from {cloud.openid_metadata_url}: "
            "let this machine reach it, else every message of Teams is refused."
        )
    try:
        await Tokens(section).get()
    except SettingsError as error:
        found += error.faults
    except NoToken as error:
        found.append(
            f"[teams] Microsoft gives no token for app {section.app_id} in tenant {section.tenant_id} ({error}): "
            "mend app_id, tenant_id or the secret, and see whether the secret has expired."
        )
    if section.public_address is not None and (why := await _unreachable(section.public_address)) is not None:
        found.append(
            f"[teams] public_address {section.public_address} cannot be reached from here ({why}): see to its name, "
            "its certificate and the reverse proxy, else nobody can fetch a document."
        )
    return found


async def _unreachable(address: str) -> str | None:
    """Why an address gives no answer at all, None where it gives one: the coach may be stopped, its proxy is not."""
    try:
        timeout = aiohttp.ClientTimeout(total=_SLOWEST)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(address, allow_redirects=False):
            return None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return type(error).__name__
