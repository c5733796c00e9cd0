"""A Matrix room in which a transcript is played. Rule: the room sees exactly what the coach did in the transcript, in
that order, and nothing else.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from bot.render.text import as_html, as_plain
from bot.transports.base import Change, Incoming, Message, People, Removal, Sign
from bot.transports.matrix import OWN
from bot.transports.matrix.people import localpart
from flows.conversation.effects import ASKING, Edit, Effect, Mark, Say
from tests.homeserver.synapse import Account, Synapse
from tests.transports.coach_process import CoachProcess
from tests.transports.js_client import Event, JsClient
from tests.transports.ns_case import Act, Case
from tests.transports.team import Team
from tests.transports.user import Seen, User, UserError

SHOWN = 60  # at least so many signs of a text are shown where it is cut
COACH = "@coach"  # how a transcript names the coach in a text

# The room's making ----------------------------------------------------------------------------------------------------

NAMES = {"Anna": "anna", "Bas": "bas", "Çelik": "celik", "Dina": "dina", "Emre": "emre"}


async def call_oneself(synapse: Synapse, account: Account, name: str) -> None:
    """Give an account the name that others see."""
    path = f"/_matrix/client/v3/profile/{account.user_id}/displayname"
    status, said = await synapse.request("PUT", path, {"displayname": name}, token=account.token)
    assert status == 200, said


@asynccontextmanager
async def a_coach(team: Team, folder: Path) -> AsyncIterator[CoachProcess]:
    """A coach with an account of its own, that runs."""
    coach = CoachProcess(folder, team.synapse.url, await team.account("coach"))
    await coach.login()
    try:
        yield await coach.start()
    finally:
        await coach.close()


async def cast(team: Team, case: Case) -> dict[str, User]:
    """The people of a transcript, by the names that they have there and show."""
    lists = [act.incoming.people for act in case.acts if isinstance(act.incoming, People)]
    found: dict[str, User] = {}
    for name in dict.fromkeys(person.id for one in lists for person in one):
        found[name] = await team.user(NAMES[name])
        await call_oneself(team.synapse, found[name].account, name)
    return found


async def invite(room: str, watcher: User, coach: str, people: Mapping[str, Person]) -> None:
    """Let the coach in, once all these people are there. From here on only the watcher reads: the others only act, and
    five clients that read are work for the homeserver that the test would wait for."""
    users = [one for one in people.values() if isinstance(one, User)]
    for one in users:
        await one.knows(room, *(other.id for other in people.values()))
    await watcher.invite(room, coach)
    for one in users:
        await one.knows(room, coach)
        if one is not watcher:
            await one.pause()


# The people -----------------------------------------------------------------------------------------------------------


class Person(Protocol):
    """Somebody with a Matrix client."""

    @property
    def id(self) -> str:
        """The user id."""

    async def put(self, room: str, kind: str, content: dict[str, Any]) -> str:
        """Send an event; its id."""

    async def redact(self, room: str, target: str) -> str:
        """Remove an event."""


class JsPerson:
    """Somebody with the independent client."""

    def __init__(self, client: JsClient) -> None:
        self.client = client

    @property
    def id(self) -> str:
        return self.client.user

    async def put(self, room: str, kind: str, content: dict[str, Any]) -> str:
        if kind == "m.reaction":
            relation = content["m.relates_to"]
            asked = {"do": "react", "target": relation["event_id"], "key": relation["key"]}
        else:
            asked = {"do": "send", "type": kind, "text": content["body"], "content": content}
        return str((await self.client.call(room=room, **asked))["event_id"])

    async def redact(self, room: str, target: str) -> str:
        return str((await self.client.call("redact", room=room, target=target))["event_id"])

    def read(self, room: str, sender: str) -> dict[str, Event]:
        """What it saw of a sender in a room, by id: what was decrypted late counts as it reads."""
        return {one["id"]: one for one in self.client.events if one["room"] == room and one["sender"] == sender}


# The room -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Due:
    """One event that the coach must post: what it is, and the name that the transcript has for it."""

    what: dict[str, Any]
    name: str | None = None
    later: bool = False


@dataclass
class Playing:
    """Plays acts in a room. `watcher` is one of the people: the coach must have done about an act what it must, as
    the watcher sees it, before the next one happens. `delays` are the seconds from an act to the first sign of it."""

    room: str
    account: Account  # the coach's
    people: Mapping[str, Person]
    watcher: User
    delays: list[float] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)  # the transcript's names of events -> the room's
    said: list[Seen] = field(default_factory=list)  # the coach's events, as the watcher saw them
    _signs: dict[tuple[str, str, str], str] = field(default_factory=dict)
    _threads: dict[str, str] = field(default_factory=dict)
    _later: list[_Due] = field(default_factory=list)
    _gone: list[str] = field(default_factory=list)  # what people took back
    _scrubbed: set[str] = field(default_factory=set)  # the coach's messages that it took back itself
    _here: set[str] = field(default_factory=set)
    _own: set[str] = field(default_factory=set)  # the coach's messages and edits
    files: int = 0
    _looked: int = 0
    _seen: int = 0
    _mentions: int = 0

    @property
    def coach(self) -> str:
        """The coach's user id."""
        return self.account.user_id

    async def play(self, acts: list[Act]) -> None:
        """Play acts."""
        for act in acts:
            before = time.monotonic()
            try:
                event = await self.do(act.incoming)
            except UserError as refused:
                # Who left, or may not remove that: here the homeserver sees to it that nothing comes of it.
                if act.effects or "M_FORBIDDEN" not in str(refused):
                    raise
                continue
            if event is not None:
                self.ids[act.incoming.id] = event
            await self.expect(act, before)
        await self.settle(acts[-1])
        await self.watcher.until(lambda: not self._still_shown())

    async def expect(self, act: Act, before: float) -> None:
        """Wait for all that an act leads to; AssertionError at the first thing that differs. The signs to tap are
        looked at before the next thing: nobody has to wait for them."""
        for place, effect in enumerate(act.effects):
            self._gone += [" ".join(text.split()) for text in getattr(effect, "gone", ())]
            for due in self._due(effect):
                if due.later:
                    self._later.append(due)
                    continue
                await self.settle(act)
                await self._next(due, act)
                if place == 0:
                    self.delays.append(time.monotonic() - before)

    async def settle(self, act: Act) -> None:
        """Wait for the signs that were not looked at yet."""
        while self._later:
            await self._next(self._later.pop(0), act)

    async def _next(self, due: _Due, act: Act) -> None:
        try:
            await self.watcher.until(lambda: self._look() > self._seen)
        except UserError:
            raise AssertionError(f"after {act.incoming}\nthe coach did not do {due.what}") from None
        found = self.said[self._seen]
        self._seen += 1
        got = shown(found)
        assert got == due.what, f"after {act.incoming}\nthe coach did  {got}\ninstead of     {due.what}"
        if due.name is not None:
            self.ids[due.name] = found.id

    def _look(self) -> int:
        """Read what came in since the last time; how many events of the coach there are. What can't be read yet holds
        up what comes after it."""
        for one in self.watcher.received[self._looked :]:
            mine = one.room == self.room and one.sender == self.coach
            if mine and not one.readable:
                break
            self._looked += 1
            if mine and one.redacts in self._own:
                self._scrubbed.add(one.redacts)
            elif mine and one.content.get("msgtype") in ("m.image", "m.file"):
                self.files += 1  # it comes when it is made, beside what is said
            elif mine and one.state_key is None and (one.content or one.redacts):
                self.said.append(one)
                if one.type == "m.room.message":
                    self._own.add(one.id)
        return len(self.said)

    def _still_shown(self) -> list[str]:
        """What people took back and a message or earlier version of the coach shows all the same."""
        self._look()
        bodies = [one.body for one in self.said if one.type == "m.room.message" and one.id not in self._scrubbed]
        return [text for text in self._gone if any(text[:SHOWN] in body.replace("\u2060", "") for body in bodies)]

    def _due(self, effect: Effect) -> Iterator[_Due]:
        # Lazy: the id of a message is known only once it was seen.
        match effect:
            case Say():
                answered = None if effect.reply_to is None else self.ids[effect.reply_to]
                thread = self._threads.get(answered or "")
                name = f"m{effect.number}"
                asks = effect.kind in ASKING or effect.asks
                yield _Due({**_texts(effect, asks=asks), "of": "message", "answers": answered, "thread": thread}, name)
                for key in effect.signs:
                    yield _Due({"of": "sign", "on": self.ids[name], "key": key}, later=True)
            case Edit():
                own = _texts(effect, asks=effect.kind in ASKING)
                yield _Due({**own, "of": "edit", "on": self.ids[f"m{effect.number}"]})
            case Mark() if not effect.removed:
                yield _Due({"of": "sign", "on": self.ids[effect.target], "key": effect.key}, _mark(effect))
            case Mark():
                yield _Due({"of": "removal", "on": self.ids[_mark(effect)]})

    # What people do

    async def do(self, incoming: Incoming) -> str | None:
        """One act, as a client does it; the id of the event."""
        match incoming:
            case Message():
                return await self._say(incoming)
            case Sign() if incoming.removed:
                put = self._signs.pop((incoming.sender, incoming.target, incoming.key))
                return await self.people[incoming.sender].redact(self.room, put)
            case Sign():
                relation = {"rel_type": "m.annotation", "event_id": self._id(incoming.target), "key": incoming.key}
                event = await self.people[incoming.sender].put(self.room, "m.reaction", {"m.relates_to": relation})
                self._signs[incoming.sender, incoming.target, incoming.key] = event
                return event
            case Change():
                new = self._texts(incoming.text, mentioned=False)
                relation = {"rel_type": "m.replace", "event_id": self._id(incoming.target)}
                content = {**new, "body": f"* {new['body']}", "m.new_content": new, "m.relates_to": relation}
                return await self.people[incoming.sender].put(self.room, "m.room.message", content)
            case Removal():
                return await self.people[incoming.sender].redact(self.room, self._id(incoming.target))
            case People():
                await self._come_and_go({person.id for person in incoming.people})
        return None

    async def _come_and_go(self, here: set[str]) -> None:
        """Who is new is invited by the watcher and comes in, who is not there any more leaves; who was there when the
        coach came in is the test's work."""
        before, self._here = self._here or here, here
        for name in sorted(here - before):
            person = self.people[name]
            assert isinstance(person, User)
            await self.watcher.invite(self.room, person)
            await person.join(self.room)
            await person.knows(self.room, self.coach)
        for name in sorted(before - here):
            person = self.people[name]
            assert isinstance(person, User)
            await person.leave(self.room)

    async def _say(self, one: Message) -> str:
        content = self._texts(one.text, mentioned=one.mentioned)
        if one.thread is not None:
            root = self._id(one.thread)
            points = {"m.in_reply_to": {"event_id": root if one.reply_to is None else self._id(one.reply_to)}}
            content["m.relates_to"] = {"rel_type": "m.thread", "event_id": root, "is_falling_back": not one.reply_to}
            content["m.relates_to"] |= points
        elif one.reply_to is not None:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": self._id(one.reply_to)}}
            if re.fullmatch(r"m\d+", one.reply_to):  # a reply names whom it answers
                content["m.mentions"] = {"user_ids": [self.coach]}
        event = await self.people[one.sender].put(self.room, "m.room.message", content)
        if one.thread is not None:
            self._threads[event] = self._id(one.thread)
        return event

    def _texts(self, text: str, *, mentioned: bool) -> dict[str, Any]:
        """A text as clients send it: the people that it names are pills, each client's in its own way."""
        names: dict[str, tuple[str, str]] = {f"@{name}": (person.id, name) for name, person in self.people.items()}
        if mentioned:
            names[COACH] = (self.coach, localpart(self.coach))
        here = {spot: who for spot, who in names.items() if re.search(rf"{spot}\b", text)}
        if not here:
            return {"msgtype": "m.text", "body": text, "m.mentions": {}}
        self._mentions += 1
        way = WAYS[self._mentions % len(WAYS)]
        if way is None:
            return {"msgtype": "m.text", "body": text, "m.mentions": {}}
        body, formatted = text, html.escape(text, quote=False).replace("\n", "<br />")
        for spot, (person, name) in here.items():
            plain, pill = way(person, name)
            body, formatted = body.replace(spot, plain), formatted.replace(spot, pill)
        content = {"msgtype": "m.text", "body": body, "m.mentions": {"user_ids": [who for who, _ in here.values()]}}
        if "<a " in formatted:
            content |= {"format": "org.matrix.custom.html", "formatted_body": formatted}
        return content

    def _id(self, name: str) -> str:
        return self.ids[name]


def _web(person: str, name: str) -> tuple[str, str]:
    """A pill of Element Web and Desktop: text and HTML."""
    return name, f'<a href="https://matrix.to/#/{person}">{name}</a>'


def _sigil(person: str, name: str) -> tuple[str, str]:
    """A pill of a client that shows names with an @."""
    return f"@{name}", f'<a href="https://matrix.to/#/{person.replace("@", "%40")}">@{name}</a>'


def _mobile(person: str, name: str) -> tuple[str, str]:
    """A pill of clients that leave their markup in the text (element-x-android#5729, element-ios#7629)."""
    return f"[{name}](https://matrix.to/#/{person})", f'<a href="https://matrix.to/#/{person}">{name}</a>'


def _typed(person: str, name: str) -> tuple[str, str]:
    """A client without pills: the name, and the list of who is mentioned."""
    return f"@{name}", f"@{name}"


# None: typed as it stands, and the client makes nothing of it.
WAYS: tuple[Callable[[str, str], tuple[str, str]] | None, ...] = (_web, _sigil, _mobile, _typed, None)


def _mark(mark: Mark) -> str:
    return f"{mark.key} on {mark.target}"


def _texts(effect: Say | Edit, *, asks: bool) -> dict[str, Any]:
    return {
        "msgtype": "m.text" if asks else "m.notice",
        "body": as_plain(effect.text),
        "html": as_html(effect.text),
        "kind": effect.kind,
        "step": effect.step,
        "mentions": {},
    }


def shown(found: Seen) -> dict[str, Any]:
    """What matters of an event of the coach, in the words of `_due`."""
    content = found.content
    relation = content.get("m.relates_to") or {}
    if found.type == "m.room.redaction":
        return {"of": "removal", "on": found.redacts}
    assert content["m.mentions"] == {}, "the coach named somebody"
    if found.type == "m.reaction":
        assert set(content[OWN]) == {"key"}, "a sign says too much"
        return {"of": "sign", "on": relation["event_id"], "key": relation["key"]}
    assert found.encrypted, "the coach said this in the clear"
    replaces = relation.get("rel_type") == "m.replace"
    new = content["m.new_content"] if replaces else content
    assert new[OWN] == content[OWN], "an edit says two things of itself"
    texts = {
        "msgtype": content["msgtype"],
        "body": new["body"],
        "html": new["formatted_body"],
        "kind": new[OWN]["kind"],
        "step": new[OWN]["step"],
        "mentions": new["m.mentions"],
    }
    if replaces:
        return {**texts, "of": "edit", "on": relation["event_id"]}
    answered = (relation.get("m.in_reply_to") or {}).get("event_id")
    thread = relation["event_id"] if relation.get("rel_type") == "m.thread" else None
    return {**texts, "of": "message", "answers": answered, "thread": thread}
