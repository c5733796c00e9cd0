"""The requests of the loop that listens: a sync, and what encryption asks for between two of them.

Rule: what the homeserver can't do now is Deferred, whatever it said.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from nio import LocalProtocolError, SyncResponse

from bot.transports.base import Deferred, Refused
from bot.transports.matrix.client import FAILURES, MatrixClient, checked

_log = logging.getLogger(__name__)

TIMELINE = 100
SLOWEST_SYNC = 300.0

_NOTHING: dict[str, Any] = {"types": []}
_ROOM = {"ephemeral": _NOTHING, "account_data": _NOTHING}
FILTER = {"presence": _NOTHING, "account_data": _NOTHING, "room": {**_ROOM, "timeline": {"limit": TIMELINE}}}
# The first sync asks for the state of all rooms; people are known from the database.
LEAN = {
    **FILTER,
    "room": {
        **_ROOM,
        "timeline": {"limit": TIMELINE},
        "state": {
            "types": [
                "m.room.create",
                "m.room.encryption",
                "m.room.name",
                "m.room.power_levels",
                "m.room.tombstone",
            ]
        },
    },
}


async def sync(client: MatrixClient, token: str | None, wait: float, *, first: bool) -> SyncResponse:
    """What happened since a token; without news after so many seconds, nothing. The `first` of a process tells how all
    rooms stand. Raises Deferred, Revoked."""
    # matrix-nio would go on from an answer that could not be taken, and pass over one whose token it knows already:
    # at the start, when nothing happened since, that is the one with all the rooms.
    client.next_batch = ""
    try:
        async with asyncio.timeout(SLOWEST_SYNC):
            response = await client.sync(
                int(wait * 1000), LEAN if first else FILTER, since=token, full_state=first or None
            )
    except FAILURES as error:
        raise Deferred from error
    checked(response)
    assert isinstance(response, SyncResponse)  # noqa: S101 (every other answer was raised)
    return response


async def keep_keys(client: MatrixClient) -> None:
    """What encryption asks for between two syncs: one-time keys, the devices of others, sessions with them. Raises
    Deferred."""
    try:
        if client.should_upload_keys:
            checked(await client.keys_upload())
        if client.should_query_keys:
            checked(await client.keys_query())
        if client.should_claim_keys:
            checked(await client.keys_claim(client.get_users_for_key_claiming()))
        for response in await client.send_to_device_messages():
            checked(response)
    except (*FAILURES, LocalProtocolError) as error:
        raise Deferred from error
    except Refused:
        _log.warning("the homeserver refused a request about keys")
