"""A person with an encrypted Matrix client (matrix-nio), for tests.

Rule: what a person does arrives, whatever the homeserver goes through: each request is repeated with its own
transaction id until it is answered or refused. Everything that reaches the person is in `received`, once, in order.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import nio
from aiohttp import ClientError

from tests.homeserver.synapse import Account

DEADLINE = 60.0
WAIT_MS = 30_000
PATIENCE = 180.0
PAUSE = 0.2  # between two tries, while a homeserver is away or asks for patience


class UserError(Exception):
    """The homeserver refused, or nothing came; says what."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An event that a person got. `content` is decrypted where it can be; `readable` False: it could not (yet)."""

    room: str
    id: str
    sender: str
    type: str
    content: dict[str, Any]
    encrypted: bool
    readable: bool = True
    state_key: str | None = None
    redacts: str | None = None

    @property
    def body(self) -> str:
        """The text, empty without one; of an edit the new text."""
        return str(self.content.get("m.new_content", self.content).get("body", ""))

    @property
    def replaces(self) -> str | None:
        """The message that this is an edit of."""
        relation = self.content.get("m.relates_to") or {}
        return relation.get("event_id") if relation.get("rel_type") == "m.replace" else None

    @property
    def reacts(self) -> tuple[str, str] | None:
        """The message that this is a reaction to, and the sign."""
        relation = self.content.get("m.relates_to") or {}
        return (relation["event_id"], relation["key"]) if relation.get("rel_type") == "m.annotation" else None


class User:
    """One person on one device, whose key store is in `folder`."""

    def __init__(self, homeserver: str, account: Account, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.account = account
        self.received: list[Seen] = []
        config = nio.AsyncClientConfig(
            encryption_enabled=True, store_sync_tokens=False, max_limit_exceeded=0, max_timeouts=0
        )
        self.client = nio.AsyncClient(homeserver, account.user_id, store_path=str(folder), config=config)
        self.client.restore_login(account.user_id, account.device_id, account.token)
        self._news = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self._unread: dict[str, nio.MegolmEvent] = {}
        self._ids: set[str] = set()

    @property
    def id(self) -> str:
        """The user's id, @name:server."""
        return self.account.user_id

    # Being there

    async def start(self) -> User:
        """The first sync, with the state of all rooms; then reading on in the background."""
        await self._sync(first=True)
        self._task = asyncio.create_task(self._read_on())
        return self

    async def pause(self) -> None:
        """Stop reading; `start` goes on where it was."""
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def close(self) -> None:
        """Stop, and let go of connection and key store."""
        await self.pause()
        await self.client.close()
        if self.client.store is not None:
            self.client.store.database.close()

    async def _read_on(self) -> None:
        while True:
            await self._sync()

    async def _sync(self, *, first: bool = False) -> None:
        """One answered sync, and what encryption asks for after it."""
        while True:
            try:
                answer = await self.client.sync(0 if first else WAIT_MS, full_state=first)
            except (ClientError, TimeoutError):
                answer = None
            if isinstance(answer, nio.SyncResponse):
                break
            if isinstance(answer, nio.SyncError) and answer.status_code == "M_UNKNOWN_TOKEN":
                raise UserError(f"{self.id} is not logged in: {answer.message}")
            await asyncio.sleep(PAUSE)
        with contextlib.suppress(ClientError, TimeoutError):  # the next sync tends them
            await self._tend_keys()
        fresh = [
            (room, event)
            for room, info in [*answer.rooms.join.items(), *answer.rooms.leave.items()]
            for event in info.timeline.events
        ]
        async with self._news:
            for room, event in fresh:
                if event.event_id not in self._ids:
                    self._ids.add(event.event_id)
                    if isinstance(event, nio.MegolmEvent):
                        self._unread[event.event_id] = event
                    self.received.append(_seen(room, event))
            self._read_late()
            self._news.notify_all()

    async def _tend_keys(self) -> None:
        await self.client.send_to_device_messages()
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()
        if self.client.should_claim_keys:
            await self.client.keys_claim(self.client.get_users_for_key_claiming())

    def _read_late(self) -> None:
        """Decrypt what came before its key; the text takes the place where the riddle stood."""
        for event_id, event in list(self._unread.items()):
            try:
                clear = self.client.decrypt_event(event)
            except nio.EncryptionError:
                continue
            del self._unread[event_id]
            place = next(n for n, one in enumerate(self.received) if one.id == event_id)
            self.received[place] = _seen(event.room_id, clear)

    async def wait_for(self, predicate: Callable[[Seen], bool], timeout: float = DEADLINE) -> Seen:  # noqa: ASYNC109
        """The first event, so far or to come, that the predicate holds of; UserError after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout), self._news:
                while True:
                    found = next((one for one in self.received if predicate(one)), None)
                    if found is not None:
                        return found
                    if self._task is not None and self._task.done():
                        self._task.result()
                    await self._news.wait()
        except TimeoutError:
            seen = [(one.type, one.sender, one.body, one.readable) for one in self.received]
            raise UserError(f"{self.id} waited in vain; it saw {seen}") from None

    async def text(self, body: str, timeout: float = DEADLINE) -> Seen:  # noqa: ASYNC109
        """Wait for a message with exactly this text."""
        return await self.wait_for(lambda one: one.body == body, timeout)

    async def until(self, condition: Callable[[], Any], timeout: float = DEADLINE) -> None:  # noqa: ASYNC109
        """Wait until a condition holds of what this client knows (looked at after every sync)."""
        try:
            async with asyncio.timeout(timeout), self._news:
                await self._news.wait_for(condition)
        except TimeoutError:
            raise UserError(f"{self.id} waited in vain for a condition") from None

    # Rooms

    async def create_room(self, name: str, *others: User | str, encrypted: bool = True, **more: Any) -> str:
        """A new room with these people invited; its id. `more` goes to nio's room_create."""
        state = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
        answer = await self._ask(
            lambda: self.client.room_create(
                name=name, invite=[_id(one) for one in others], initial_state=[state] if encrypted else [], **more
            )
        )
        room: str = answer.room_id
        await self.until(lambda: room in self.client.rooms and self.client.rooms[room].encrypted == encrypted)
        return room

    async def join(self, room: str) -> None:
        """Join, and wait until this client knows the room."""
        await self._ask(lambda: self.client.join(room))
        await self.until(lambda: room in self.client.rooms)

    async def knows(self, room: str, *people: User | str) -> None:
        """Wait until this client knows that these people have joined the room: only then it sends them keys."""
        ids = {_id(one) for one in people}

        def joined() -> bool:
            known = self.client.rooms.get(room)
            return known is not None and ids <= known.users.keys() - known.invited_users.keys()

        await self.until(joined)

    async def invite(self, room: str, whom: User | str) -> None:
        """Invite somebody."""
        await self._ask(lambda: self.client.room_invite(room, _id(whom)))

    async def leave(self, room: str) -> None:
        """Leave the room."""
        await self._ask(lambda: self.client.room_leave(room))

    async def kick(self, room: str, whom: User | str, reason: str | None = None) -> None:
        """Put somebody out of the room."""
        await self._ask(lambda: self.client.room_kick(room, _id(whom), reason))

    # Saying

    async def put(self, room: str, type_: str, content: dict[str, Any], transaction: str | None = None) -> str:
        """Send an event of any kind; its id."""
        chosen = transaction or str(uuid4())
        answer = await self._ask(
            lambda: self.client.room_send(room, type_, content, chosen, ignore_unverified_devices=True)
        )
        found: str = answer.event_id
        return found

    async def send(
        self,
        room: str,
        text: str,
        *,
        reply_to: str | None = None,
        thread: str | None = None,
        falling_back: bool | None = None,
        mentions: tuple[User | str, ...] = (),
        **content: Any,
    ) -> str:
        """Write; the message's id. In a `thread` without `reply_to` it falls back, as clients do."""
        relation: dict[str, Any] = {}
        if thread:
            falls = falling_back if falling_back is not None else reply_to is None
            relation = {"rel_type": "m.thread", "event_id": thread, "is_falling_back": falls,
                        "m.in_reply_to": {"event_id": reply_to or thread}}  # fmt: skip
        elif reply_to:
            relation = {"m.in_reply_to": {"event_id": reply_to}}
        body = _textual(text, mentions)
        return await self.put(
            room, "m.room.message", {**body, **({"m.relates_to": relation} if relation else {}), **content}
        )

    async def reply(self, room: str, target: str, text: str, **more: Any) -> str:
        """Answer a message."""
        return await self.send(room, text, reply_to=target, **more)

    async def react(self, room: str, target: str, key: str) -> str:
        """Put a sign on a message; the sign's id, to redact it by."""
        relation = {"rel_type": "m.annotation", "event_id": target, "key": key}
        return await self.put(room, "m.reaction", {"m.relates_to": relation})

    async def edit(self, room: str, target: str, text: str, *, mentions: tuple[User | str, ...] = ()) -> str:
        """Change a message; whose it is, is not looked at: a forged edit is sent as well."""
        inner = _textual(text, mentions)
        relation = {"rel_type": "m.replace", "event_id": target}
        return await self.put(
            room,
            "m.room.message",
            {**inner, "body": f"* {text}", "m.new_content": inner, "m.relates_to": relation},
        )

    async def redact(self, room: str, target: str, reason: str | None = None) -> str:
        """Remove a message or a sign."""
        chosen = str(uuid4())
        answer = await self._ask(lambda: self.client.room_redact(room, target, reason, chosen))
        found: str = answer.event_id
        return found

    async def _ask(self, ask: Callable[[], Any]) -> Any:
        """Ask until there is an answer. With a transaction id that is one event, however often it is sent."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    answer = await ask()
                except (ClientError, TimeoutError, nio.exceptions.GroupEncryptionError):
                    # The last: a session that is used up between sharing it and using it; the next try makes a new one.
                    await asyncio.sleep(PAUSE)
                    continue
                if not isinstance(answer, nio.ErrorResponse):
                    return answer
                if answer.status_code not in ("M_LIMIT_EXCEEDED", "M_UNKNOWN", None):
                    raise UserError(f"{self.id}: {answer.status_code} {answer.message}")
                await asyncio.sleep((answer.retry_after_ms or PAUSE * 1000) / 1000)


def _id(person: User | str) -> str:
    return person if isinstance(person, str) else person.id


def _textual(text: str, mentions: tuple[User | str, ...]) -> dict[str, Any]:
    mentioned = {"user_ids": [_id(one) for one in mentions]} if mentions else {}
    return {"msgtype": "m.text", "body": text, "m.mentions": mentioned}


def _seen(room: str, event: nio.Event) -> Seen:
    source = event.source
    content = source.get("content", {})
    return Seen(
        room=room,
        id=event.event_id,
        sender=event.sender,
        type=source["type"],
        content=content,
        encrypted=event.decrypted or isinstance(event, nio.MegolmEvent),
        readable=not isinstance(event, nio.MegolmEvent),
        state_key=source.get("state_key"),
        redacts=source.get("redacts") or content.get("redacts"),
    )
