"""Posting in Matrix rooms. Rule: every request carries a transaction id made of the row's key, so that a repeat is the
same event; where the server may have forgotten that id, we first look whether it is there.

Synapse keeps transaction ids for 24 hours, per device.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nio import LocalProtocolError, MatrixRoom, SendRetryError
from nio.crypto.attachments import encrypt_attachment
from nio.exceptions import GroupEncryptionError

from bot.clock import Clock
from bot.files import available
from bot.transports.base import Change, Deferred, File, Message, Refused
from bot.transports.matrix import NAME, OWN, reading, writing
from bot.transports.matrix.client import FAILURES, MatrixClient, checked, judge
from bot.transports.matrix.directs import Directs
from bot.transports.matrix.reading import Me
from bot.transports.matrix.unknown import Unknown
from flows.conversation.effects import Attach, Edit, Mark, Say
from flows.conversation.hearing import PRIVATE, Capabilities
from flows.conversation.text import cut, one_line
from storage.outbox import Row

DOUBT = timedelta(hours=23)
SLACK = timedelta(minutes=10)  # by how much the clocks of the homeserver and this machine may differ
MOST_LOOKED_AT = 10_000
_PAGE = 100
_THREADS = 5_000
_UPLOADS = 200
_LONG_ENOUGH = 12  # a shorter text must be a line of its own to be recognised


class MatrixTransport:
    """Posts the coach's messages. `made_at` is when its device was made (UTC): what is older may have been posted by
    an earlier device. `directs` are the rooms for what only one person may see."""

    name = NAME
    abreast = 50
    fetches = True
    widest = (1920, 800)
    capabilities = Capabilities(ways="matrix", marks=True, window=900, files=available(), closed=PRIVATE, private=True)

    def __init__(self, client: MatrixClient, clock: Clock, made_at: datetime, directs: Directs) -> None:
        self._directs = directs
        self._client = client
        self._clock = clock
        self._made_at = made_at
        self._threads: OrderedDict[str, str] = OrderedDict()
        self._quiet_until = made_at
        self._earlier: OrderedDict[str, tuple[datetime, dict[str, str]]] = OrderedDict()
        self._uploaded: OrderedDict[tuple[str, bool], dict[str, Any]] = OrderedDict()
        self._unknown = Unknown()
        self.me = Me(client.user_id)
        self.on_forget: Callable[[str], None] = lambda room: None

    def known_id(self, number: int) -> str | None:
        """The homeserver makes the ids."""
        return None

    def in_thread(self, message: str, root: str) -> None:
        """A person's message stands in a thread: what answers it goes there too."""
        self._threads[message] = root
        if len(self._threads) > _THREADS:
            self._threads.popitem(last=False)

    async def send(self, row: Row, target: str | None) -> str | None:
        """Post an effect; the event id that a message got. Raises Deferred, Refused, Held, Unreachable or Revoked."""
        try:
            return await self._post(row, target)
        except Deferred as error:
            self._note_quiet(error)
            raise

    def _note_quiet(self, error: Deferred) -> None:
        if error.everywhere and error.seconds is not None:
            self._quiet_until = max(self._quiet_until, self._clock.now() + timedelta(seconds=error.seconds))

    def _heed_quiet(self) -> None:
        """What is half posted waits too when another room was told to wait."""
        left = (self._quiet_until - self._clock.now()).total_seconds()
        if left > 0:
            raise Deferred(left, tried=False)

    async def _post(self, row: Row, target: str | None) -> str | None:
        room = row.external_room
        match row.effect:
            case Say() as say:
                return await self._say(row, room, say)
            case Edit() as change:
                if target is None:
                    raise Refused("the message that it changes was never posted")
                return await self._once(row, room, writing.edit(change, target, row.key))
            case Mark() as mark if mark.to is not None:
                await self._mark_alone(row, mark, mark.to)
            case Mark() as mark if mark.removed:
                await self._unmark(row, room, mark)
            case Mark() as mark:
                await self._sign(room, mark.target, mark.key, row.key)
        return None

    async def _mark_alone(self, row: Row, mark: Mark, member: str) -> None:
        """A sign on what one person wrote alone; none where they are not there any more."""
        room = self._directs.room_of(member)
        if room is not None and mark.removed:
            await self._unmark(row, room, mark)
        elif room is not None:
            await self._sign(room, mark.target, mark.key, row.key)

    async def _say(self, row: Row, room: str, say: Say) -> str:
        if say.to is not None:
            room = await self._directs.room_for(say.to)
        thread = self._threads.get(say.reply_to) if say.reply_to is not None else None
        event = await self._once(row, room, writing.message(say, row.key, thread))
        for place, shown in enumerate(say.signs):
            await self._sign(room, event, shown, writing.sign_key(row.key, place))
        return event

    async def attach(self, row: Row, file: File) -> str | None:
        """Post a file; its event id. In an encrypted room the file is encrypted too. Raises Deferred, Refused or
        Revoked."""
        try:
            return await self._file(row, file)
        except Deferred as error:
            self._note_quiet(error)
            raise

    async def _file(self, row: Row, file: File) -> str:
        room, wanted = row.external_room, row.effect
        if not isinstance(wanted, Attach):
            raise Refused("no file")
        if wanted.to is not None:
            room = await self._directs.room_for(wanted.to)
        if self._in_doubt(row) and (found := (await self._posted(room, row)).get(row.key)) is not None:
            return found
        encrypted = self._is_encrypted(room)
        # Uploaded once, however often it is tried to post it.
        content = self._uploaded.get((row.key, encrypted))
        if content is None:
            self._heed_quiet()
            at = await self._upload(file.data, file.mime, file.name, encrypted=encrypted)
            small = file.thumbnail
            thumbnail = await self._upload(small.data, file.mime, None, encrypted=encrypted) if small else None
            thread = self._threads.get(wanted.reply_to) if wanted.reply_to is not None else None
            content = writing.file(wanted, file, at, thumbnail, row.key, thread)
            self._uploaded[row.key, encrypted] = content
            if len(self._uploaded) > _UPLOADS:
                self._uploaded.popitem(last=False)
        event = await self._put(room, "m.room.message", content, row.key)
        self._uploaded.pop((row.key, encrypted), None)
        return event

    def _is_encrypted(self, room: str) -> bool:
        return bool(self._there(room).encrypted) or room in self._client.encrypted_rooms

    def _there(self, room: str) -> MatrixRoom:
        """A room as the client knows it; Deferred where it does not, yet."""
        there = self._client.rooms.get(room)
        if there is None:
            raise Deferred(self._unknown.wait(room, self._clock.now()), tried=False)
        self._unknown.found(room)
        return there

    async def _upload(self, data: bytes, mime: str, name: str | None, *, encrypted: bool) -> writing.Stored:
        if not encrypted:
            return writing.Stored(await self._client.upload_file(data, mime, name))
        # What it is, and what it is called, stands in the event, which is encrypted.
        hidden, keys = await asyncio.to_thread(encrypt_attachment, data)
        return writing.Stored(await self._client.upload_file(hidden, "application/octet-stream"), keys)

    async def _once(self, row: Row, room: str, content: dict[str, Any]) -> str:
        """Send a message, or find that it is there already."""
        if self._in_doubt(row) and (found := (await self._posted(room, row)).get(row.key)) is not None:
            return found
        return await self._put(room, "m.room.message", content, row.key)

    def _in_doubt(self, row: Row) -> bool:
        old = self._clock.now() - row.at > DOUBT
        return old or row.since < self._made_at + SLACK

    async def _put(self, room: str, kind: str, content: dict[str, Any], key: str) -> str:
        self._heed_quiet()
        there = self._there(room)
        if not there.encrypted and room in self._client.encrypted_rooms:
            raise Deferred  # never in the clear where it was encrypted once
        try:
            await self._client.ready(room)
            response = await self._client.room_send(room, kind, content, key, ignore_unverified_devices=True)
        except (*FAILURES, LocalProtocolError, SendRetryError, GroupEncryptionError) as error:
            # The last: the session was used up between sharing it and using it; the next try makes a new one.
            raise Deferred from error
        checked(response, room=True)
        return str(response.event_id)

    async def _sign(self, room: str, target: str, shown: str, key: str) -> None:
        self._heed_quiet()
        content = writing.sign(target, shown, key)
        path = f"/v3/rooms/{_part(room)}/send/m.reaction/{_part(key)}"
        try:
            status, said = await self._client.ask("PUT", path, content)
        except FAILURES as error:
            raise Deferred from error
        if status == 200 or said.get("errcode") == "M_DUPLICATE_ANNOTATION":
            return
        _judged_in_room(status, said)

    async def _unmark(self, row: Row, room: str, mark: Mark) -> None:
        """Take our sign off a message, wherever it came from."""
        async for source in self._related(room, mark.target, "m.annotation"):
            relation = source.get("content", {}).get("m.relates_to", {})
            if source.get("sender") == self.me.id and relation.get("key") == mark.key:
                await self._redact(room, str(source.get("event_id")), row.key)

    async def scrub(self, row: Row, messages: list[str], gone: tuple[str, ...]) -> None:
        """Redact every version of these messages of ours that shows one of these texts. What an earlier device said and
        this one can't read any more goes too, where it is a change of a message."""
        room = row.external_room
        for target in messages:
            try:
                path = f"/v3/rooms/{_part(room)}/event/{_part(target)}"
                versions = [await self._client.call("GET", path)]
            except Refused:
                continue
            versions += [source async for source in self._related(room, target, "m.replace")]
            for place, source in enumerate(versions):
                event = self._client.opened(source, room)
                unread = place > 0 and event.get("type") == "m.room.encrypted"
                if source.get("sender") == self.me.id and (unread or _shows(event, gone)):
                    event_id = str(source.get("event_id"))
                    await self._redact(room, event_id, f"{row.key}-{event_id[-20:]}")

    async def _redact(self, room: str, event: str, key: str) -> None:
        path = f"/v3/rooms/{_part(room)}/redact/{_part(event)}/{_part(key)}"
        try:
            status, said = await self._client.ask("PUT", path, {OWN: {"key": key}})
        except FAILURES as error:
            raise Deferred from error
        if status not in (200, 404):
            _judged_in_room(status, said)

    async def _related(self, room: str, target: str, relation: str) -> AsyncIterator[dict[str, Any]]:
        """The events that relate to one, the newest first."""
        path = f"/v1/rooms/{_part(room)}/relations/{_part(target)}/{relation}?limit={_PAGE}"
        page: str | None = ""
        while page is not None:
            try:
                answer = await self._client.call("GET", path + (f"&from={_part(page)}" if page else ""))
            except Refused:
                return
            for source in answer.get("chunk", []):
                yield source
            page = answer.get("next_batch")

    async def _posted(self, room: str, row: Row) -> dict[str, str]:
        """Our own events in a room that are not older than a row, by key. Looked up once a room, for what others posted
        with this account ended before we began; again for a row that we tried to post ourselves."""
        oldest = row.since - SLACK
        since, found = self._earlier.get(room, (None, {}))
        if since is None or oldest < since or row.attempts:
            found = await self._find(room, oldest)
            self._earlier[room] = (oldest, found)
        self._earlier.move_to_end(room)
        if len(self._earlier) > self.abreast:
            self._earlier.popitem(last=False)
        return found

    async def _find(self, room: str, oldest: datetime) -> dict[str, str]:
        """Our own events among the latest of a room, back to a moment: event ids by key."""
        path = f"/v3/rooms/{_part(room)}/messages?dir=b&limit={_PAGE}"
        page: str | None = ""
        found: dict[str, str] = {}
        seen = 0
        while seen < MOST_LOOKED_AT and page is not None:
            try:
                answer = await self._client.call("GET", path + (f"&from={_part(page)}" if page else ""))
            except Refused as error:
                raise Deferred from error  # not in the room: it may be let in again
            chunk = answer.get("chunk", [])
            for source in chunk:
                key = reading.key_of(source.get("content", {})) if source.get("sender") == self.me.id else None
                if key is not None:
                    found[key] = str(source.get("event_id"))
                if reading.moment(source) < oldest:
                    return found
            seen += len(chunk)
            page = answer.get("end") if chunk else None
        return found

    def whereabouts(self, room: str) -> list[Path]:
        """The folder of the keys."""
        return [Path(self._client.store_path)] if self._client.store_path else []

    async def forget(self, room: str | None, alone: Sequence[str]) -> list[str]:
        """The keys of a room are gone or moved on, rooms with one person are left, what waited to be read is not read
        any more."""
        lines = []
        if room is not None and self._client.olm is not None:
            keys = self._client.forget_room(room)
            lines.append(f"keys: {keys.gone} removed, {keys.moved} moved on past what was said")
        if room is not None:
            self._unknown.found(room)
            self._earlier.pop(room, None)
            self._uploaded.clear()  # what was uploaded and not posted is uploaded again
            self.on_forget(room)
        left = [await self._directs.leave(one) for one in alone]
        return [*lines, f"rooms with one person: {sum(left)} of {len(left)} left"] if left else lines

    async def fetch(self, room: str, message: str) -> Message | None:
        """A person's message as it reads now. Raises Deferred."""
        try:
            source = await self._client.call("GET", f"/v3/rooms/{_part(room)}/event/{_part(message)}")
            found = reading.read(self._client.opened(source, room), room, self.me)
            if not isinstance(found, Message):
                return None
            async for later in self._related(room, message, "m.replace"):
                change = reading.read(self._client.opened(later, room), room, self.me)
                if isinstance(change, Change) and change.sender == found.sender and change.target == message:
                    return Message(room, message, found.at, found.sender, change.text, found.reply_to, found.thread)
        except Refused:
            return None
        return found


def _shows(event: dict[str, Any], gone: tuple[str, ...]) -> bool:
    content = event.get("content", {})
    bodies = [one.get("body") for one in (content, content.get("m.new_content", {})) if isinstance(one, dict)]
    return any(isinstance(body, str) and holds(body, text) for body in bodies for text in gone)


def holds(body: str, text: str) -> bool:
    """Whether a message of ours shows a text that somebody said, as the coach shows it: on one line, cut."""
    shown = cut(text, 80).rstrip("…").strip()
    plain = body.replace("\u2060", "")
    if len(shown) >= _LONG_ENOUGH:
        return shown in one_line(plain)
    return any(line.strip().lstrip("-•0123456789. ").strip() == shown for line in plain.split("\n"))


def _judged_in_room(status: int, said: dict[str, Any]) -> None:
    judge(status, str(said.get("errcode")), said.get("retry_after_ms"), room=True)


def _part(text: str) -> str:
    return quote(text, safe="")
