"""Posting in conversations of Teams. Rule: no faster than Teams takes it, and nothing twice; where the coach was put
out it says so, and waits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.clock import Clock
from bot.files import available
from bot.transports.base import Deferred, File, Message, Refused, TooLarge, Unreachable
from bot.transports.teams import NAME, cards
from bot.transports.teams.connector import Connector, Gone
from bot.transports.teams.directs import Directs
from bot.transports.teams.links import Links
from bot.transports.teams.rates import Rates
from bot.transports.teams.reading import PERSONAL
from flows.catalogue import Catalogue
from flows.conversation.effects import Attach, Edit, Say
from flows.conversation.hearing import CARD, Capabilities
from storage.conversations import Reference
from storage.outbox import Row

_PICTURE = ("png",)
_NOT_YET = 5.0
_TRIES = 6  # to tell somebody something alone: what comes after it in the room waits, for about a minute


class TeamsTransport:
    """Posts the coach's messages. `places` says where what is posted in a room goes, `names` who is there by id; both
    are kept by who reads what comes in. `spoken` is the language of each room as it was last posted in. `directs` are
    the chats with one person alone, `links` where documents can be fetched, None where they can't. `lost` is called
    with a room that the coach is not in any more.
    """

    name = NAME
    abreast = 50
    fetches = False
    widest = (1024, 0)

    def __init__(
        self, connector: Connector, clock: Clock, texts: Catalogue, directs: Directs, links: Links | None = None
    ) -> None:
        self._connector = connector
        self._directs = directs
        self._clock = clock
        self._texts = texts
        self._links = links
        self._rates = Rates()
        self.places: dict[str, Reference] = {}
        self.names: dict[str, dict[str, str]] = {}
        self.spoken: dict[str, str] = {}
        self.lost: Callable[[str], None] = lambda room: None
        files = available() if links is not None else tuple(one for one in available() if one in _PICTURE)
        self.capabilities = Capabilities(
            ways="teams", marks=False, longest=8_000, window=900, files=files, cards=True, closed=CARD, private=True
        )

    def known_id(self, number: int) -> str | None:
        """Teams makes the ids."""
        return None

    async def send(self, row: Row, target: str | None) -> str | None:
        """Post an effect; the id that a message got. Raises Deferred, Refused, Doubtful or Unreachable."""
        match row.effect:
            case Say() as say:
                activity = cards.message(say, row.key, self._texts_for(row), self._named(row, say))
                return await self._create(row, say.to, lambda: activity)
            case Edit() as change:
                if target is None:
                    raise Refused("the message that it changes is not known")
                activity = cards.message(change, row.key, self._texts_for(row))
                await self._update(row, target, activity)
        return None  # a sign on a message: a bot can't put one there

    async def attach(self, row: Row, file: File) -> str | None:
        """Post a picture, or a link to a document; its id. Raises Deferred, Refused, Doubtful or Unreachable."""
        wanted = row.effect
        if not isinstance(wanted, Attach):
            raise Refused("no file")
        if file.picture is not None and len(file.data) <= cards.MOST_PICTURE:
            return await self._create(row, wanted.to, lambda: cards.picture(file))
        links, texts = self._links, self._texts_for(row)
        if links is None:
            raise TooLarge

        def link() -> dict[str, Any]:
            return cards.link(wanted, file, links.offer(file, row.external_room), texts)

        return await self._create(row, wanted.to, link)

    async def scrub(self, row: Row, messages: list[str], gone: tuple[str, ...]) -> None:
        """The changed messages say it no more, and Teams shows nobody what they said before."""

    def whereabouts(self, room: str) -> list[Path]:
        """Nothing of a room lies on the disk."""
        return []

    async def forget(self, room: str | None, alone: Sequence[str]) -> list[str]:
        """Documents of a room can't be fetched any more. A chat with one person can't be left: it is only forgotten."""
        for one in alone:
            self._directs.forget(one)
        if room is None:
            return []
        count = 0 if self._links is None else self._links.forget(room)
        self.spoken.pop(room, None)
        return [f"files: {count} links withdrawn"] if self._links is not None else []

    async def fetch(self, room: str, message: str) -> Message | None:
        """A bot can't look up messages of people."""
        return None

    def texts_of(self, room: str) -> Catalogue:
        """The texts in the language of a room."""
        return self._texts.of(self.spoken.get(room, ""))

    def _texts_for(self, row: Row) -> Catalogue:
        self.spoken[row.external_room] = row.language
        return self._texts.of(row.language)

    def _named(self, row: Row, say: Say) -> dict[str, str]:
        known = self.names.get(row.external_room, {})
        return {person: known[person] for person in say.mentions if person in known}

    async def _create(self, row: Row, to: str | None, make: Callable[[], dict[str, Any]]) -> str | None:
        """Post what is made once it may be posted; `to` is the one person who may see it."""
        place = self._place(row)
        if to is None:
            self._heed(row.external_room)
            return await self._posted(row, place, row.external_room, make())
        try:
            room = await self._directs.room_for(to, place)
            self._heed(room)
            return await self._posted(row, replace(place, kind=PERSONAL), room, make(), to)
        except Deferred as error:
            if error.tried and row.attempts >= _TRIES:
                raise Unreachable from None
            raise

    async def _posted(
        self, row: Row, place: Reference, room: str, activity: dict[str, Any], to: str | None = None
    ) -> str | None:
        try:
            return await self._connector.create(place, room, activity)
        except Gone:
            if to is None:
                raise self._left(row) from None
            await self._directs.lost(to)
            raise Unreachable from None

    async def _update(self, row: Row, target: str, activity: dict[str, Any]) -> None:
        self._place(row)
        self._heed(row.external_room)
        try:
            await self._connector.update(self._place(row), row.external_room, target, activity)
        except Gone:
            raise self._left(row) from None

    def _place(self, row: Row) -> Reference:
        place = self.places.get(row.external_room)
        if place is None:
            raise Deferred(_NOT_YET, tried=False)  # something that comes in says where
        return place

    def _heed(self, room: str) -> None:
        wait = self._rates.take(room, self._clock.now())
        if wait > 0:
            raise Deferred(wait, tried=False)

    def _left(self, row: Row) -> Deferred:
        self.lost(row.external_room)
        return Deferred()
