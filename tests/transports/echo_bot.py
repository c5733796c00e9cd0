"""The smallest bot that Teams could talk to: it repeats what it hears, and has one card. It proves the Playground and
the people at it, before the coach is tried with them.

Rule: it answers first and posts afterwards, as Teams wants it.
"""

from __future__ import annotations

import asyncio
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.homeserver.ports import free_port

DEADLINE = 30

Activity = dict[str, Any]


def card(answered: str | None = None, **data: str) -> dict[str, Any]:
    """A card with a question; with its answer, once there is one. `data` is what its buttons say besides."""
    if answered is not None:
        body: list[dict[str, Any]] = [{"type": "TextBlock", "text": f"Genoteerd: {answered}", "wrap": True}]
        return {"type": "AdaptiveCard", "version": "1.5", "body": body}
    choices = [{"title": title, "value": title.lower()} for title in ("Voldoende", "Deels")]
    body = [
        {"type": "TextBlock", "text": "Wat is de vraag?"},
        {"type": "Input.Text", "id": "answer", "label": "Antwoord", "isMultiline": True},
        {"type": "Input.ChoiceSet", "id": "status", "label": "Oordeel", "style": "expanded", "choices": choices},
    ]
    submit = {"type": "Action.Submit", "title": "Opslaan", "data": {"way": "execute", **data}}
    return {
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": body,
        "actions": [
            {**submit, "type": "Action.Execute", "verb": "save", "fallback": submit},
            {"type": "Action.Submit", "title": "Sturen", "data": {"way": "submit"}},
        ],
    }


def attached(content: dict[str, Any]) -> Activity:
    """A message that is a card."""
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": content}],
    }


class EchoBot:
    """It listens on `endpoint`. `heard` are the activities as they came, `tokens` what they came with."""

    def __init__(self) -> None:
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}/api/messages"
        self.heard: list[Activity] = []
        self.tokens: list[str | None] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Condition()

    async def start(self) -> Self:
        """Listen."""
        app = web.Application()
        app.router.add_post("/api/messages", self._receive)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self._session = aiohttp.ClientSession()
        return self

    async def stop(self) -> None:
        """Stop listening."""
        await asyncio.gather(*self._tasks)
        await self._session.close()
        await self._runner.cleanup()

    async def hears(self, kind: str, **fields: Any) -> Activity:
        """Wait for an activity of this kind with these fields."""
        try:
            async with asyncio.timeout(DEADLINE), self._news:
                while True:
                    for one in self.heard:
                        if one["type"] == kind and all(one.get(key) == value for key, value in fields.items()):
                            return one
                    await self._news.wait()
        except TimeoutError:
            heard = [(one["type"], one.get("text")) for one in self.heard]
            raise AssertionError(f"no {kind} with {fields}; it heard {heard}") from None

    async def _receive(self, request: web.Request) -> web.Response:
        activity = await request.json()
        self.tokens.append(request.headers.get("Authorization"))
        async with self._news:
            self.heard.append(activity)
            self._news.notify_all()
        task = asyncio.create_task(self._answer(activity))
        self._tasks.add(task)
        if activity["type"] == "invoke":
            value = {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Ontvangen"}
            return web.json_response(value)
        return web.Response(status=202)

    async def _answer(self, activity: Activity) -> None:
        given = activity.get("value") or {}
        if activity["type"] == "invoke":
            await self._put(activity, card(given["action"]["data"]["answer"]))
        elif activity["type"] == "message" and given:
            await self._put(activity, card(f"{given['answer']} ({given['status']})"))
        elif activity["type"] == "message" and "kaart met key" in activity["text"]:
            await self._post(activity, attached(card(key="1")))
        elif activity["type"] == "message" and "kaart" in activity["text"]:
            await self._post(activity, attached(card()))
        elif activity["type"] == "message":
            await self._post(activity, {"type": "message", "text": f"Je zei: {activity['text']}"})

    def _address(self, activity: Activity) -> str:
        return f"{activity['serviceUrl']}/v3/conversations/{activity['conversation']['id']}/activities"

    async def _post(self, activity: Activity, message: Activity) -> None:
        async with self._session.post(self._address(activity), json=message) as answer:
            assert answer.status == 201, await answer.text()

    async def _put(self, activity: Activity, content: dict[str, Any]) -> None:
        address = f"{self._address(activity)}/{activity['replyToId']}"
        async with self._session.put(address, json=attached(content)) as answer:
            assert answer.status == 200, await answer.text()
