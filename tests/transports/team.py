"""People on one homeserver, for one test. Rule: every account is new, so that no test sees another test's rooms."""

from __future__ import annotations

import itertools
from pathlib import Path

from tests.homeserver.synapse import Account, Synapse
from tests.transports.js_client import JsClient
from tests.transports.user import User

PASSWORD = "geheim-genoeg"
_numbers = itertools.count(1)


class Team:
    """Makes people on a homeserver, and lets go of them all at the end; `folder` holds their key stores.

    `homeserver` is the address that they use: the server's own, or that of a proxy before it.
    """

    def __init__(self, synapse: Synapse, folder: Path, homeserver: str | None = None) -> None:
        self.synapse = synapse
        self.homeserver = homeserver or synapse.url
        self._folder = folder
        self._people: list[User | JsClient] = []

    async def account(self, name: str) -> Account:
        """A new account, whose name starts with this one."""
        return await self.synapse.register(f"{name}{next(_numbers)}", PASSWORD)

    async def user(self, name: str) -> User:
        """A new person with an encrypted client (matrix-nio), already reading."""
        account = await self.account(name)
        user = User(self.homeserver, account, self._folder / account.user_id)
        self._people.append(user)
        return await user.start()

    async def users(self, *names: str) -> list[User]:
        """New people, in this order."""
        return [await self.user(name) for name in names]

    async def room(self, owner: User, *others: User, name: str = "Pilot NS", encrypted: bool = True) -> str:
        """A room that all of these have joined, and know of each other that they have."""
        room = await owner.create_room(name, *others, encrypted=encrypted)
        for other in others:
            await other.join(room)
        for one in (owner, *others):
            await one.knows(room, owner, *others)
        return room

    async def js(self, name: str) -> JsClient:
        """A new person with the independent client (matrix-js-sdk), logged in."""
        account = await self.account(name)
        return await self.js_login(account)

    async def js_login(self, account: Account) -> JsClient:
        """The independent client as a new device of an account."""
        client = await JsClient().start()
        self._people.append(client)
        return await client.login(self.homeserver, account.user_id, account.password)

    async def close(self) -> None:
        """Let everybody go."""
        while self._people:
            await self._people.pop().close()
