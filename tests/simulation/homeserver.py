"""A homeserver with the coach's account on it, as far as a client sees it: rooms, syncs, sends, redactions, history.

Rule: it answers a request at once and never fails by itself (`wire` does that); what a client may not count on, it does
not give: a timeline may be cut short, an invitation is shown once, a transaction id is forgotten after a day, what was
given before may come again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.simulation.world import BEGIN, DAY, Violation, World

COACH = "@coach:example.nl"
OWN = "nl.opschaalcoach"
PAGE = 200

Event = dict[str, Any]
Answer = tuple[int, dict[str, Any]]


@dataclass
class Room:
    """A room: its timeline (event, place in the stream), who is how in it, and since when the coach is what it is."""

    id: str
    timeline: list[tuple[int, Event]] = field(default_factory=list)
    state: dict[tuple[str, str], Event] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)  # removed events
    put_out: list[int] = field(default_factory=list)  # places at which the coach was put out

    def membership(self, user: str) -> str:
        found = self.state.get(("m.room.member", user))
        return "" if found is None else str(found["content"]["membership"])

    @property
    def people(self) -> list[str]:
        """Who is in it, the coach not counted."""
        users = [user for (kind, user) in self.state if kind == "m.room.member" and user != COACH]
        return [user for user in users if self.membership(user) == "join"]


@dataclass
class Habits:
    """How it deals with syncs, beside what every homeserver does."""

    limited: float = 0.0  # how often a timeline is cut shorter than was asked
    replays: float = 0.0  # how often it gives again what it gave before


class Homeserver:
    """What the coach's requests are answered with."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rooms: dict[str, Room] = {}
        self.habits = Habits()
        self.place = 0
        self.by_id: dict[str, tuple[str, Event]] = {}
        self.sent: dict[str, tuple[str, float]] = {}  # by transaction: event id, when
        self.by_key: dict[str, str] = {}  # what the coach posted: event id by key
        self.journal: list[tuple[str, Event]] = []  # what happened, as it was then
        self.posted: list[tuple[float, str, Event]] = []  # what the coach posted: when, room, event
        self.went_back = -1.0  # when the coach's database last went back
        self.heard: Callable[[], None] = lambda: None  # somebody waits for news
        self._chance = world.chance("homeserver")

    # What happens -----------------------------------------------------------------------------------------------------

    def room(self, room_id: str, *people: str) -> Room:
        """A new room with people in it; the first made it."""
        room = self.rooms[room_id] = Room(room_id)
        self.state(room_id, people[0], "m.room.create", "", {"room_version": "10"})
        for person in people:
            self.member(room_id, person, "join")
        levels = {"users": {people[0]: 100}, "redact": 50}
        self.state(room_id, people[0], "m.room.power_levels", "", levels)
        return room

    def member(self, room_id: str, user: str, membership: str, by: str | None = None) -> Event:
        """Somebody comes, goes, is invited or put out."""
        room = self.rooms[room_id]
        before = room.state.get(("m.room.member", user))
        more = {} if before is None else {"unsigned": {"prev_content": before["content"]}}
        content = {"membership": membership, "displayname": name_of(user)}
        if user == COACH and membership in ("leave", "ban"):
            room.put_out.append(self.place + 1)
        return self.state(room_id, by or user, "m.room.member", user, content, **more)

    def state(self, room_id: str, sender: str, kind: str, key: str, content: dict[str, Any], **more: Any) -> Event:
        event = self.add(room_id, sender, kind, content, state_key=key, **more)
        self.rooms[room_id].state[kind, key] = event
        return event

    def add(self, room_id: str, sender: str, kind: str, content: dict[str, Any], **more: Any) -> Event:
        """An event in a room."""
        self.place += 1
        stamp = int((BEGIN.timestamp() + self.world.time) * 1000)
        event = {"event_id": f"${self.place}", "type": kind, "sender": sender, "origin_server_ts": stamp}
        event |= {"content": content, **more}
        self.rooms[room_id].timeline.append((self.place, event))
        self.by_id[event["event_id"]] = (room_id, event)
        self.journal.append((room_id, dict(event)))
        self.heard()
        return event

    def redact(self, room_id: str, sender: str, target: str, content: dict[str, Any] | None = None) -> Event:
        """An event is removed."""
        event = self.add(room_id, sender, "m.room.redaction", content or {}, redacts=target)
        found = self.by_id.get(target)
        if found is not None and found[0] == room_id:
            found[1]["content"] = {}
            self.rooms[room_id].gone.add(target)
        return event

    # What is asked ----------------------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, content: dict[str, Any] | None) -> Answer:
        """The answer to a request, but for a sync that has to wait: see `news`."""
        parts = urlsplit(path)
        names = [unquote(one) for one in parts.path.removeprefix("/_matrix/").split("/")]
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        match method, *names:
            case "PUT", "client", "v3", "rooms", room, "send", kind, txn:
                return self._once(f"{room} send {kind} {txn}", lambda: self._send(room, kind, content or {}))
            case "PUT", "client", "v3", "rooms", room, "redact", target, txn:
                return self._once(f"{room} redact {target} {txn}", lambda: self._redact(room, target, content or {}))
            case "GET", "client", "v3", "rooms", room, "messages":
                return self._messages(room, query)
            case "GET", "client", "v3", "rooms", room, "event", event:
                found = self.by_id.get(event)
                return _nothing() if found is None or not self._in(room) else (200, dict(found[1]))
            case "GET", "client", "v1", "rooms", room, "relations", target, relation:
                return self._relations(room, target, relation)
            case "GET", "client", "v3", "rooms", room, "joined_members":
                if not self._in(room):
                    return _forbidden()
                here = [*self.rooms[room].people, COACH]
                return 200, {"joined": {user: {"display_name": name_of(user)} for user in here}}
            case "POST", "client", "v3", "join", room:
                if self.rooms[room].membership(COACH) not in ("invite", "join"):
                    return _forbidden()
                if not self._in(room):
                    self.member(room, COACH, "join")
                return 200, {"room_id": room}
            case "POST", "client", "v3", "rooms", room, "leave":
                if self.rooms[room].membership(COACH) in ("invite", "join"):
                    self.member(room, COACH, "leave")
                return 200, {}
            case "GET", "client", "v3", "profile", *_:
                return 200, {"displayname": "Opschaalcoach"}
            case "POST", "media", "v3", "upload":
                return 200, {"content_uri": f"mxc://example.nl/{self.place}"}
        return 404, {"errcode": "M_UNRECOGNIZED", "error": f"{method} {path}"}

    def _in(self, room: str) -> bool:
        return room in self.rooms and self.rooms[room].membership(COACH) == "join"

    def _once(self, transaction: str, work: Any) -> Answer:
        """The same transaction is the same event, for a day."""
        known = self.sent.get(transaction)
        if known is not None and self.world.time - known[1] < DAY:
            return 200, {"event_id": known[0]}
        status, said = work()
        if status == 200:
            self.sent[transaction] = (said["event_id"], self.world.time)
        return status, said

    def _send(self, room: str, kind: str, content: dict[str, Any]) -> Answer:
        if not self._in(room):
            return _forbidden()
        if kind == "m.reaction":
            relation = content["m.relates_to"]
            for _, other in self.rooms[room].timeline:
                if (
                    other["type"] == kind
                    and other["sender"] == COACH
                    and other["content"].get("m.relates_to") == relation
                ):
                    return 400, {"errcode": "M_DUPLICATE_ANNOTATION", "error": "again"}
        key = content.get(OWN, {}).get("key")
        if not key:
            self.world.fail("the coach posted something without a key")
        event = self.add(room, COACH, kind, content)
        self._count(room, key, event)
        return 200, {"event_id": event["event_id"]}

    def _count(self, room: str, key: str, event: Event) -> None:
        self.world.note("posted", room, event["event_id"], key[:8], _short(event))
        if key in self.by_key and not self._taken_off(room, self.by_key[key], event):
            raise Violation(
                f"twice under one key: {self.by_key[key]} and {event['event_id']} in {room}: {_short(event)}"
            )
        self.by_key[key] = event["event_id"]
        self.posted.append((self.world.time, room, dict(event)))

    def _taken_off(self, room: str, earlier: str, event: Event) -> bool:
        """Whether a sign was taken off before the coach's database went back to when it was to be put on: long after,
        when no homeserver knows the transaction any more, it is put on once more, and then taken off once more."""
        at = next(at for at, _, posted in self.posted if posted["event_id"] == earlier)
        return event["type"] == "m.reaction" and earlier in self.rooms[room].gone and at < self.went_back

    def _redact(self, room: str, target: str, content: dict[str, Any]) -> Answer:
        if not self._in(room):
            return _forbidden()
        self.world.note("redacted", room, target)
        return 200, {"event_id": self.redact(room, COACH, target, content)["event_id"]}

    def _messages(self, room: str, query: dict[str, str]) -> Answer:
        if not self._in(room):
            return _forbidden()
        limit = min(int(query.get("limit", 10)), PAGE)
        if query.get("dir") == "f":
            since, until = _place(query["from"]), _place(query["to"])
            found = [(place, event) for place, event in self.rooms[room].timeline if since < place <= until]
            chunk = found[:limit]
            more = {"end": f"s{chunk[-1][0]}"} if len(found) > limit else {}
            return 200, {"chunk": [event for _, event in chunk], **more}
        before = _place(query["from"]) if query.get("from") else self.place + 1
        found = [(place, event) for place, event in self.rooms[room].timeline if place < before][-limit:]
        more = {"end": f"s{found[0][0]}"} if found and len(found) == limit else {}
        return 200, {"chunk": [event for _, event in reversed(found)], **more}

    def _relations(self, room: str, target: str, relation: str) -> Answer:
        if not self._in(room):
            return _forbidden()
        found = []
        for _, event in reversed(self.rooms[room].timeline):
            relates = event["content"].get("m.relates_to")
            if isinstance(relates, dict) and relates.get("event_id") == target and relates.get("rel_type") == relation:
                found.append(event)
        return 200, {"chunk": found}

    # Syncs ------------------------------------------------------------------------------------------------------------

    def has_news(self, since: str | None) -> bool:
        """Whether a sync has something to say."""
        if since is None:
            return True
        place = _place(since)
        return any(self._news_of(room, place) for room in self.rooms.values())

    def _news_of(self, room: Room, since: int) -> bool:
        last = room.timeline[-1][0]
        if last <= since:
            return False
        if room.membership(COACH) == "join":
            return True
        own = room.state.get(("m.room.member", COACH))
        return own is not None and int(own["event_id"][1:]) > since

    def sync(self, query: dict[str, str]) -> dict[str, Any]:
        """The answer to a sync."""
        since = _place(query["since"]) if "since" in query else None
        limit = int(json.loads(query["filter"])["room"]["timeline"]["limit"])
        full = query.get("full_state") == "true"
        join, leave, invite = {}, {}, {}
        for room in self.rooms.values():
            membership = room.membership(COACH)
            if membership == "join" and (full or since is None or self._news_of(room, since)):
                join[room.id] = self._joined(room, since, limit, full=full)
            elif membership == "leave" and since is not None and self._news_of(room, since):
                left = int(room.state["m.room.member", COACH]["event_id"][1:])
                if self._was_in(room, since):
                    events = [event for place, event in room.timeline if since < place <= left]
                    leave[room.id] = {"timeline": {"events": events[-limit:], "limited": len(events) > limit}}
                    leave[room.id] |= {"state": {"events": []}}
            elif membership == "invite" and (since is None or self._news_of(room, since)):
                asked = room.state["m.room.member", COACH]
                invite[room.id] = {"invite_state": {"events": [{**asked, "room_id": room.id}]}}
        return {
            "next_batch": f"s{self.place}",
            "rooms": {"join": join, "leave": leave, "invite": invite},
            "to_device": {"events": []},
            "device_one_time_keys_count": {},
            "device_lists": {"changed": [], "left": []},
        }

    def _was_in(self, room: Room, since: int) -> bool:
        """Whether the coach was in a room, as far as a token knows, or came in after it."""
        found = [one for place, one in room.timeline if one["type"] == "m.room.member" and one["state_key"] == COACH]
        before = [one for one in found if int(one["event_id"][1:]) <= since]
        after = [one for one in found if int(one["event_id"][1:]) > since]
        return any(one["content"]["membership"] == "join" for one in [*before[-1:], *after])

    def _joined(self, room: Room, since: int | None, limit: int, *, full: bool) -> dict[str, Any]:
        own = int(room.state["m.room.member", COACH]["event_id"][1:])
        came = since is None or own > since
        start = since or 0
        events = [(place, event) for place, event in room.timeline if place > start]
        limited = False
        if came and since is not None:
            # What was said before it came is in the room's history; some of that is shown.
            shown = self._chance.randint(0, 3)
            joined = next(at for at, (place, _) in enumerate(events) if place == own)
            events = events[max(joined - shown, 0) :]
            limited = True
        elif len(events) > 1 and self._chance.random() < self.habits.limited:
            events = events[-self._chance.randint(1, len(events) - 1) :]
            limited = True
        elif since is not None and self._chance.random() < self.habits.replays:
            again = [(place, event) for place, event in room.timeline if own < place <= start]
            events = again[-self._chance.randint(1, 6) :] + events
        if len(events) > limit:
            events, limited = events[-limit:], True
        first = events[0][0] if events else self.place + 1
        if full or came:
            state = list(_state_before(room, first))
        else:
            state = [event for place, event in room.timeline if start < place < first and "state_key" in event]
        shown = [event for _, event in events]
        timeline = {"events": shown, "limited": limited, "prev_batch": f"s{first - 1}"}
        return {"timeline": timeline, "state": {"events": state}, "summary": {}, "unread_notifications": {}}


def _state_before(room: Room, first: int) -> Iterator[Event]:
    """The state of a room as it was before a place in the stream."""
    found: dict[tuple[str, str], Event] = {}
    for place, event in room.timeline:
        if place < first and "state_key" in event:
            found[event["type"], event["state_key"]] = event
    return iter(found.values())


def name_of(user: str) -> str:
    """The name that somebody shows."""
    return user[1:].partition(":")[0].capitalize()


def _place(token: str) -> int:
    return int(token.removeprefix("s"))


def _forbidden() -> Answer:
    return 403, {"errcode": "M_FORBIDDEN", "error": "not in the room"}


def _nothing() -> Answer:
    return 404, {"errcode": "M_NOT_FOUND", "error": "nothing"}


def _short(event: Event) -> str:
    content = event["content"]
    kind = content.get(OWN, {}).get("kind", "")
    relation = content.get("m.relates_to", {})
    about = f"{relation.get('rel_type', '')}->{relation.get('event_id', '')} {relation.get('key', '')}"
    return f"{event['type']} {kind} {about} {str(content.get('body', ''))[:60]!r}"
