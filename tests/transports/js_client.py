"""The independent encrypted client (matrix-js-sdk under node), driven from Python.

Rule: a command that fails raises JsError with what the client said; a deadline only keeps a hanging client from hanging
the tests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.transports.node_process import DEADLINE, Line, NodeProcess
from tests.transports.node_process import NodeError as JsError
from tests.transports.node_process import why_not as why_no_node

Event = Line

__all__ = ["Event", "JsClient", "JsError", "why_not"]


def why_not() -> str | None:
    """Why this client can't run on this machine, in one line; None when it can."""
    return why_no_node("the independent client (matrix-js-sdk)", "matrix-js-sdk")


class JsClient(NodeProcess):
    """One user on one device; a process of its own. `user` and `device` are known after `login`.

    An event is what client.mjs reports: room, id, sender, type, content, encrypted, and where it applies shield,
    decryption_error, redacts, state_key.
    """

    def __init__(self) -> None:
        super().__init__("client.mjs")
        self.events: list[Event] = []
        self.user = ""
        self.device = ""

    async def login(self, homeserver: str, user: str, password: str) -> JsClient:
        """A new device of this user; ready to be written to when this returns."""
        found = await self.call("login", homeserver=homeserver, user=user, password=password)
        self.user, self.device = found["user"], found["device"]
        return self

    async def wait_for(self, predicate: Callable[[Event], bool], timeout: float = DEADLINE) -> Event:  # noqa: ASYNC109
        """The first event, of all so far and to come, that the predicate is true of; JsError after `timeout` seconds.

        An event that is decrypted late is reported twice: with its failure, and with its text.
        """
        looked = 0
        try:
            async with asyncio.timeout(timeout), self._news:
                while True:
                    for event in self.events[looked:]:
                        if predicate(event):
                            return event
                    looked = len(self.events)
                    if self._has_ended():
                        raise JsError(f"the client has ended: {self._tail()}")
                    await self._news.wait()
        except TimeoutError:
            seen = [(one["type"], one["sender"], one["content"].get("body")) for one in self.events]
            raise JsError(f"{self.user} waited in vain; it saw {seen}; {self._tail()}") from None

    async def text(self, body: str, timeout: float = DEADLINE) -> Event:  # noqa: ASYNC109
        """Wait for a message with exactly this text."""
        return await self.wait_for(lambda one: one["content"].get("body") == body, timeout)

    def _heard(self, line: Line) -> None:
        self.events.append(line)
