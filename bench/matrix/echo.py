"""A bare echo bot on matrix-nio: what the coach is measured against. Rule: as little as such a bot can be. It encrypts
and it goes on from the token where it stopped, as any bot must; it has no database, no queue, and remembers nothing.

`python -m bench.matrix.echo FILE`: the file is JSON with homeserver, user, device, token, store (a folder), and `sign`:
where that is not empty, it puts that sign on what people write instead of echoing it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from pathlib import Path
from typing import Any

import nio

_NOTHING: dict[str, Any] = {"types": []}
_ROOM = {"ephemeral": _NOTHING, "account_data": _NOTHING}
_FILTER = {"presence": _NOTHING, "account_data": _NOTHING, "room": {**_ROOM, "timeline": {"limit": 100}}}
_STATE = ["m.room.create", "m.room.encryption", "m.room.name", "m.room.power_levels", "m.room.tombstone"]
_LEAN = {**_FILTER, "room": {**_ROOM, "timeline": {"limit": 100}, "state": {"types": _STATE}}}


def main(file: Path) -> None:
    """Echo what people write, until SIGTERM."""
    told = json.loads(file.read_text("utf-8"))
    mark = Path(told["store"]) / "token"
    mark.write_text(asyncio.run(_run(told, mark.read_text("utf-8") if mark.exists() else None)), "utf-8")


async def _run(told: dict[str, str], since: str | None) -> str:
    config = nio.AsyncClientConfig(encryption_enabled=True, store_sync_tokens=False)
    client = nio.AsyncClient(told["homeserver"], told["user"], store_path=told["store"], config=config)
    client.restore_login(told["user"], told["device"], told["token"])
    running = asyncio.create_task(_echo(client, since, told["sign"]))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    print("running", file=sys.stderr, flush=True)
    with contextlib.suppress(asyncio.CancelledError):
        await running
    await client.close()
    return str(client.next_batch)


async def _echo(client: nio.AsyncClient, since: str | None, sign: str) -> None:
    first = True
    while True:
        answer = await client.sync(
            0 if first else 30_000, _LEAN if first else _FILTER, since=since, full_state=first or None
        )
        first, since = False, None
        if not isinstance(answer, nio.SyncResponse):
            await asyncio.sleep(1)
            continue
        await _tend_keys(client)
        for room in answer.rooms.invite:
            await client.join(room)
        work = [_answer(client, room, info.timeline.events, sign) for room, info in answer.rooms.join.items()]
        await asyncio.gather(*work)


async def _tend_keys(client: nio.AsyncClient) -> None:
    if client.should_upload_keys:
        await client.keys_upload()
    if client.should_query_keys:
        await client.keys_query()


async def _answer(client: nio.AsyncClient, room: str, events: list[nio.Event], sign: str) -> None:
    """One room's messages in order; rooms go side by side."""
    for event in events:
        if not isinstance(event, nio.RoomMessageText) or event.sender == client.user_id:
            continue
        if sign:
            kind = "m.reaction"
            relation = {"rel_type": "m.annotation", "event_id": event.event_id, "key": sign}
            content: dict[str, Any] = {"m.relates_to": relation}
        else:
            kind = "m.room.message"
            relation = {"m.in_reply_to": {"event_id": event.event_id}}
            content = {"msgtype": "m.notice", "body": event.body, "m.relates_to": relation, "m.mentions": {}}
        await client.room_send(room, kind, content, ignore_unverified_devices=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
