"""A coach that serves Teams, with the stand-in for Microsoft's side beside it, each in a process of its own; people
talk to the coach through it. Rule: nothing is asserted about how long something takes; a deadline only ends what hangs.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

from tests import starting
from tests.homeserver.ports import free_port
from tests.transports.coach_process import DEADLINE, CoachProcess

APP = "11111111-2222-3333-4444-555555555555"
BOT = {"id": f"28:{APP}", "name": "Opschaalcoach"}
CHAT = "19:pilot@thread.v2"
ANNA, BAS = {"id": "29:anna", "name": "Anna"}, {"id": "29:bas", "name": "Bas"}
_PAUSE = 0.05


class TeamsProcess(CoachProcess):
    """The coach as an administrator runs it, in Teams."""

    teams = True

    def __init__(self, folder: Path, service: str, port: int, **teams: Any) -> None:
        self.folder = folder
        self.process = None
        self.said = []
        self._reading = None
        self._ready = asyncio.Event()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "secret").write_text("hush\n", encoding="utf-8")
        self.port = port
        values = {
            "app_id": APP,
            "tenant_id": "tenant",
            "client_secret_file": "secret",
            "listen": f"127.0.0.1:{port}",
            "openid_metadata_url": f"{service}/v1/.well-known/openidconfiguration",
            "token_issuer": service,
            **teams,
        }
        lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
        text = '[storage]\npath = "data/coach.db"\n[coach]\noperator = "Gemeente Voorbeeld"\n[teams]\n'
        self.config.write_text(text + "\n".join(lines) + "\n", encoding="utf-8")


class TeamsRoom:
    """What people and Microsoft's side do, and what the coach posted."""

    def __init__(self, session: aiohttp.ClientSession, service: str, coach: TeamsProcess) -> None:
        self.session = session
        self.service = service
        self.coach = coach
        self.count = 0
        self._token: str | None = None

    # Microsoft's side -----------------------------------------------------------------------------------------------

    async def token(self, **wanted: Any) -> str:
        """A token, as one asks for it."""
        claims = {"aud": APP, **wanted.pop("claims", {})}
        async with self.session.post(f"{self.service}/control/token", json={"claims": claims, **wanted}) as answer:
            return str((await answer.json())["token"])

    async def answers(self, *answers: dict[str, Any]) -> None:
        """What the next requests of the coach get instead of yes."""
        async with self.session.post(f"{self.service}/control/answers", json=list(answers)) as answer:
            assert answer.status == 200

    async def members(self, room: str, *people: dict[str, Any]) -> None:
        """Who is in a conversation, where the coach asks."""
        said = {"room": room, "members": list(people)}
        async with self.session.post(f"{self.service}/control/members", json=said) as answer:
            assert answer.status == 200

    async def release(self) -> None:
        async with self.session.post(f"{self.service}/control/release") as answer:
            assert answer.status == 200

    async def shown(self) -> dict[str, Any]:
        async with self.session.get(f"{self.service}/control/posted") as answer:
            found: dict[str, Any] = await answer.json()
            return found

    async def posted(self, room: str = CHAT) -> list[dict[str, Any]]:
        """What the coach posted in a room, oldest first."""
        return [one for one in (await self.shown())["posted"] if one["room"] == room]

    async def opened(self) -> list[dict[str, Any]]:
        """What the coach asked for a chat with one person, oldest first."""
        return list((await self.shown())["opened"])

    # What comes in --------------------------------------------------------------------------------------------------

    def activity(self, kind: str = "message", who: dict[str, str] = ANNA, room: str = CHAT, **more: Any) -> Any:
        """An activity as Teams would bring it."""
        self.count += 1
        sort = "channel" if "tacv2" in room else "personal" if room.startswith("a:") else "groupChat"
        return {
            "type": kind,
            "id": f"{self.count}",
            "serviceUrl": f"{self.service}/connector",
            "channelId": "msteams",
            "from": who,
            "recipient": BOT,
            "conversation": {"id": room, "conversationType": sort, "tenantId": "tenant"},
        } | more

    async def bring(self, activity: Any, token: str | None = None, **more: Any) -> tuple[int, Any]:
        """Bring an activity to the coach: status and body of the answer. `token` "" is none."""
        if token is None:
            token = self._token = self._token or await self.token()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        address = f"http://127.0.0.1:{self.coach.port}/api/messages"
        async with self.session.post(address, json=activity, headers=headers, **more) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text.startswith("{") else text

    async def say(self, text: str, who: dict[str, str] = ANNA, room: str = CHAT, **more: Any) -> None:
        """Somebody mentions the coach."""
        assert (await self.bring(self.mentioning(text, who, room, **more)))[0] == 202

    def mentioning(self, text: str, who: dict[str, str] = ANNA, room: str = CHAT, **more: Any) -> Any:
        """An activity in which somebody mentions the coach."""
        mention = {"type": "mention", "text": "<at>Opschaalcoach</at>", "mentioned": BOT}
        return self.activity(who=who, room=room, text=f"<at>Opschaalcoach</at> {text}", entities=[mention], **more)

    async def press(self, card: dict[str, Any], value: str, who: dict[str, str] = ANNA, **filled: Any) -> Any:
        """Somebody presses a button of a card that was posted; what they are told."""
        status, said = await self.bring(self.pressed(card, value, who, **filled))
        assert status == 200
        return said

    def pressed(self, card: dict[str, Any], value: str, who: dict[str, str] = ANNA, **filled: Any) -> Any:
        """The activity that a button of a card brings."""
        (data,) = [one["data"] for one in buttons(card) if one["data"]["value"] == value]
        action = {"type": "Action.Execute", "verb": "press", "data": {**data, **filled}}
        more = {"name": "adaptiveCard/action", "value": {"action": action}, "replyToId": card["id"]}
        return self.activity("invoke", who, card["room"], **more)

    # What is looked at ----------------------------------------------------------------------------------------------

    async def until(self, count: int, room: str = CHAT) -> list[dict[str, Any]]:
        """Wait till the coach posted so many messages and changes in a room."""
        found: list[dict[str, Any]] = []
        async with asyncio.timeout(DEADLINE):
            while len(found) < count:
                await asyncio.sleep(_PAUSE)
                found = await self.posted(room)
        return found

    async def until_said(self, text: str, room: str = CHAT) -> dict[str, Any]:
        """Wait till the coach posted something that holds a text; that."""
        async with asyncio.timeout(DEADLINE):
            while True:
                for one in reversed(await self.posted(room)):
                    if text in json.dumps(one["activity"], ensure_ascii=False):
                        return one
                await asyncio.sleep(_PAUSE)

    async def until_asked(self, sql: str, *values: Any) -> None:
        """Wait till a question to the database has an answer."""
        async with asyncio.timeout(DEADLINE):
            while True:
                if self.rows(sql, *values):
                    return
                await asyncio.sleep(_PAUSE)

    async def settled(self) -> None:
        """Wait till everything that came in is dealt with, and everything that it led to was posted."""
        await self.until_asked(
            "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM inbox WHERE state = 0) "
            "AND NOT EXISTS (SELECT 1 FROM outbox WHERE state = 0)"
        )

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the coach's database answers."""
        with contextlib.closing(sqlite3.connect(f"file:{self.coach.db}?mode=ro", uri=True)) as conn:
            return conn.execute(sql, values).fetchall()

    def write(self, sql: str, *values: Any) -> int:
        """Change the database of a coach that was stopped: time that goes by can't be waited for. How many rows."""
        assert self.coach.process is None
        with contextlib.closing(sqlite3.connect(self.coach.db)) as conn, conn:
            return conn.execute(sql, values).rowcount


def alone_with(who: dict[str, str]) -> str:
    """The chat of the coach with one person, as Microsoft's side gives it."""
    return f"a:{who['id']}"


def buttons(posted: dict[str, Any]) -> list[dict[str, Any]]:
    """The buttons of what was posted."""
    found = []
    for attachment in posted["activity"].get("attachments", []):
        for element in attachment["content"].get("body", []):
            found += element.get("actions", [])
    return found


def values(posted: dict[str, Any]) -> list[str]:
    """What the buttons stand for."""
    return [one["data"]["value"] for one in buttons(posted)]


@contextlib.asynccontextmanager
async def serving(folder: Path, **teams: Any) -> AsyncIterator[TeamsRoom]:
    """A coach that serves Teams, and Microsoft's side, until the end of the block."""
    port = free_port()
    service = await starting.start(str(port), module="tests.transports.teams_service", stdout=starting.PIPE)
    coach = TeamsProcess(folder, f"http://127.0.0.1:{port}", free_port(), **teams)
    try:
        assert service.stdout is not None
        async with asyncio.timeout(DEADLINE):
            assert await service.stdout.readline() == b"ready\n"
        await coach.start()
        assert coach.process is not None
        async with aiohttp.ClientSession() as session:
            yield TeamsRoom(session, f"http://127.0.0.1:{port}", coach)
    finally:
        await coach.close()
        service.send_signal(signal.SIGKILL)
        await service.wait()
