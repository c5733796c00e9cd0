"""Microsoft's Agents Playground as the Teams of the tests: its server, and a person at its web page in a real browser.

Rule: everything stays on loopback; the page's requests to elsewhere are aborted. A deadline only keeps what hangs from
hanging the tests.

What it does not do, and Teams does: sign its requests, throttle, show pictures that are attached, let messages be
removed. It has one person at the page; what others do is told to the bot with `deliver`.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import aiohttp

from tests.homeserver.ports import free_port
from tests.transports.node_process import DEADLINE, FOLDER, NodeProcess
from tests.transports.node_process import why_not as why_no_node

PACKAGE = "@microsoft/m365agentsplayground"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WHAT = "the Agents Playground"

APP = "3f2b1c9e-0d4a-4a53-9a1c-7f7a5c1d2e3f"
TENANT = "9a8b7c6d-1111-4222-8333-444455556666"
BOT = f"28:{APP}"
BOT_NAME = "Opschaalcoach"
# Who is at the page comes first; the Playground wants five others.
PEOPLE = ("Anna de Vries", "Bas Jansen", "Çelik Yılmaz", "Dina Bakker", "Eva Smit", "Farid Amrani")
ME = PEOPLE[0]
GROUP, TEAM = "Pilot NS", "Team Wijk"
# The places, as the page names them.
PERSONAL_PLACE, GROUP_PLACE, CHANNEL_PLACE = "Personal Chat", GROUP, f"{TEAM} - General"
PERSONAL_ID, GROUP_ID, TEAM_ID = "a:personal", "19:group@thread.v2", "19:team@thread.tacv2"

Activity = dict[str, Any]
Message = dict[str, Any]


class PlaygroundError(Exception):
    """The Playground did not start, or refused what it was asked."""


def browser() -> str | None:
    """The browser on this machine."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def why_not() -> str | None:
    """Why the Playground can't run on this machine, in one line; None when it can."""
    reason = why_no_node(WHAT, PACKAGE, "playwright-core")
    if reason is None and browser() is None:
        reason = f"no Chromium: the tests with {WHAT} need one (Debian, Ubuntu: apt install chromium)"
    return reason


def user_id(name: str, names: Sequence[str] = PEOPLE) -> str:
    """The id of one of the people."""
    return f"29:{names.index(name)}"


def configuration(names: Sequence[str] = PEOPLE) -> dict[str, Any]:
    """What the Playground plays: as JSON, which is YAML too."""
    people = [
        {
            "id": user_id(name, names),
            "name": name,
            "userPrincipleName": f"{n}@example.nl",
            "aadObjectId": f"00000000-0000-0000-0000-0000000000{20 + n}",
            "givenName": name.split()[0],
            "surname": name.split()[-1],
            "email": f"{n}@example.nl",
        }
        for n, name in enumerate(names)
    ]
    return {
        "version": "0.1.1",
        "tenantId": TENANT,
        "bot": {"id": BOT, "name": BOT_NAME},
        "currentUser": people[0],
        "users": people[1:],
        "personalChat": {"id": PERSONAL_ID},
        "groupChat": {"id": GROUP_ID, "name": GROUP},
        "team": {
            "id": TEAM_ID,
            "name": TEAM,
            "aadGroupId": "00000000-0000-0000-0000-000000000031",
            "channels": [{"id": "19:announcements@thread.tacv2", "name": "Aankondigingen"}],
        },
    }


class Playground:
    """Its server, in a process of its own. It sends to `endpoint`, and is at `service_url` for the bot: its own address
    unless another stands between them. `people` are who is in it; the first of them is at the page.
    """

    def __init__(
        self,
        folder: Path,
        endpoint: str,
        service_url: str | None = None,
        port: int | None = None,
        people: Sequence[str] = PEOPLE,
    ) -> None:
        self.folder = folder
        self.endpoint = endpoint
        self.people = people
        self.port = free_port() if port is None else port
        self.address = f"http://127.0.0.1:{self.port}"
        self.service_url = service_url or f"{self.address}/_connector"
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._said: deque[str] = deque(maxlen=40)
        self._listening = asyncio.Event()

    async def start(self) -> Self:
        """Start it; ready when this returns. PlaygroundError with what it said when it does not start."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "playground.yml"
        config.write_text(json.dumps(configuration(self.people), ensure_ascii=False), "utf-8")
        environment = {
            **os.environ,
            "TEAMSAPPTESTER_BROWSER": "none",
            "M365_AGENTS_PLAYGROUND_CONFIG_PATH": str(config),
            "NODE_OPTIONS": f"--require {FOLDER / 'loopback.cjs'}",
        }
        self._process = await asyncio.create_subprocess_exec(
            "node",
            str(FOLDER / "node_modules" / PACKAGE / "cli.js"),
            "start",
            *("-p", str(self.port), "-e", self.endpoint, "-c", "msteams", "--su", self.service_url),
            "--disable-telemetry",
            cwd=self.folder,  # it writes a log where it runs
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._reader = asyncio.create_task(self._read())
        try:
            async with asyncio.timeout(DEADLINE):
                await self._listening.wait()
        except TimeoutError:
            await self.stop()
        if f"Listening on {self.port}" not in self._said:
            await self.stop()
            raise PlaygroundError(f"{WHAT} did not start: " + " | ".join(self._said))
        return self

    async def stop(self) -> None:
        """End it."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        if self._reader is not None:
            await self._reader

    async def says(self, name: str, text: str, conversation: str = GROUP_ID, *, mention: bool = True) -> Activity:
        """Another of PEOPLE says something to the bot; the activity as it was delivered. The page does not show it."""
        at = f"<at>{BOT_NAME}</at>"
        named = {"type": "mention", "mentioned": {"id": BOT, "name": BOT_NAME}, "text": at}
        activity = await self._activity(name, conversation) | {
            "type": "message",
            "text": f"{at} {text}" if mention else text,
            "textFormat": "plain",
            "entities": [named] if mention else [],
        }
        await self.deliver(activity)
        return activity

    async def presses(self, name: str, data: Mapping[str, Any], conversation: str = GROUP_ID) -> Activity:
        """Another of the people presses a button of a card; the activity as it was delivered."""
        action = {"type": "Action.Execute", "verb": "press", "data": dict(data)}
        activity = await self._activity(name, conversation) | {
            "type": "invoke",
            "name": "adaptiveCard/action",
            "value": {"action": action},
        }
        await self.deliver(activity)
        return activity

    async def _activity(self, name: str, conversation: str) -> Activity:
        """What every activity of somebody in a conversation has."""
        whole, *thread = conversation.split(";")  # it knows a channel, not its threads
        base = await self.template("userAdded", whole)
        kept = ("serviceUrl", "channelId", "conversation", "recipient", "locale", "channelData", "timestamp")
        activity = {key: base[key] for key in kept if key in base}
        if thread:
            activity["conversation"] = {**activity["conversation"], "id": conversation}
        return activity | {"id": str(uuid.uuid4()), "from": {"id": user_id(name, self.people), "name": name}}

    async def template(self, kind: str, conversation: str = GROUP_ID) -> Activity:
        """An activity as the Playground would send it, to change and `deliver`. It knows "install", "uninstall",
        "userAdded", "userRemoved", "botAdded", "botRemoved", and a channel's and team's changes.
        """
        query = {"conversationId": conversation, "type": kind}
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.address}/_internal/v1/customActivities/template", params=query) as answer,
        ):
            if answer.status != 200:
                raise PlaygroundError(f"no template of {kind}: {answer.status} {await answer.text()}")
            found: Activity = await answer.json(content_type=None)
            return found

    async def deliver(self, activity: Activity) -> None:
        """Let the Playground send an activity to the bot; the bot's answer is not waited for."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.address}/_internal/v1/customActivities", json=activity) as answer,
        ):
            if answer.status != 200:
                raise PlaygroundError(f"not delivered: {answer.status} {await answer.text()}")

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for raw in self._process.stdout:
            self._said.append(raw.decode(errors="replace").strip())
            if self._said[-1].startswith("Listening on"):
                self._listening.set()
        self._listening.set()  # it ended: nobody need wait any longer


class Person(NodeProcess):
    """Who sits at the page.

    A message is what playground.mjs reads: n (its place), author, text, card, post, buttons, inputs. `has` picks the
    latest message that holds this text, or all of these; `after` leaves out those before the n-th.
    """

    def __init__(self, playground: Playground) -> None:
        super().__init__("playground.mjs")
        self.playground = playground
        self.places: list[str] = []
        self._place: str | None = None  # that stands on the page

    async def open(self) -> Self:
        """Open the page."""
        await self.start()
        found = await self.call("open", url=self.playground.address, chromium=browser(), user=self.playground.people[0])
        self.places = found["places"]
        return self

    async def go(self, place: str) -> None:
        """Look at a chat or channel; nothing where it stands there already."""
        if place != self._place:
            await self.call("go", place=place)
            self._place = place

    async def send(self, text: str, *, mention: str | None = None) -> Message:
        """Send a message here, in a channel as a new post; it stands on the page when this returns."""
        message: Message = (await self.call("send", text=text, mention=mention))["message"]
        return message

    async def reply(self, to: str, text: str, *, mention: str | None = None) -> Message:
        """Write in a channel under the post that holds `to`."""
        message: Message = (await self.call("reply", to=to, text=text, mention=mention))["message"]
        return message

    async def overtake(self) -> None:
        """Let what the bot says upon the next message reach the page before the news that this message was sent."""
        await self.call("overtake")

    async def wait(self, *has: str, author: str | None = BOT_NAME, after: int = 0) -> Message:
        """Wait for a message that holds all of these; NodeError with what was seen when it does not come."""
        message: Message = (await self.call("wait", has=has, author=author, after=after))["message"]
        return message

    async def stand(self, *wanted: Sequence[str], author: str = BOT_NAME) -> None:
        """Wait till for each of these a message stands here that holds all of its texts; NodeError as `wait`."""
        await self.call("stand", wanted=[list(one) for one in wanted], author=author)

    async def messages(self) -> list[Message]:
        """All messages here, in the order of the page."""
        messages: list[Message] = (await self.call("messages"))["messages"]
        return messages

    async def press(self, has: str | list[str], button: str) -> None:
        """Press a button of a card; NodeError when the page could not send it, as with a `key` in the button's data."""
        await self.call("press", has=has, button=button)

    async def fill(self, has: str | list[str], label: str, value: str) -> None:
        """Write in an input of a card."""
        await self.call("fill", has=has, label=label, value=value)

    async def choose(self, has: str | list[str], option: str, label: str | None = None) -> None:
        """Choose an option of a card; of the list with this label, where the options are in a list."""
        await self.call("choose", has=has, option=option, label=label)

    async def screenshot(self, file: Path) -> None:
        """Take a picture of the page."""
        await self.call("screenshot", file=str(file))
