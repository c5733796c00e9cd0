"""Who is in a Matrix room, and who moderates it. Rule: pure; changed event by event, in the order of the timeline.

A moderator has the power to redact what others wrote. From room version 12 on the creators are above all levels and
are not listed in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flows.conversation.events import Person

_OLD_VERSIONS = frozenset(str(number) for number in range(1, 12))


@dataclass(frozen=True, slots=True)
class Hall:
    """The people of a room by id with the name they show, the power of each, and what happened to it."""

    members: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, int] = field(default_factory=dict)
    usual: int = 0
    redact: int = 50
    creators: frozenset[str] = frozenset()
    encrypted: bool = False
    space: bool = False  # holds rooms, and is none to talk in
    trial: bool = False  # `check` made it, to try how fast the coach may post
    known: frozenset[str] | None = None  # the moderators, where only they are known and not the levels

    def after(self, source: Mapping[str, Any]) -> Hall:
        """The room after a state event; the same where it changes nothing of this."""
        kind, key, content = source.get("type"), source.get("state_key"), source.get("content")
        if not isinstance(key, str) or not isinstance(content, Mapping):
            return self
        if kind == "m.room.member":
            return self._member(key, content)
        if key:
            return self
        if kind == "m.room.power_levels":
            listed = content.get("users")
            of_users = listed if isinstance(listed, Mapping) else {}
            levels = {str(user): _level(level, 0) for user, level in of_users.items()}
            usual = _level(content.get("users_default"), 0)
            redact = _level(content.get("redact"), 50)
            return replace(self, levels=levels, usual=usual, redact=redact, known=None)
        if kind == "m.room.create":
            return replace(self, creators=_creators(source, content))
        if kind == "m.room.encryption":
            return replace(self, encrypted=True)
        return self

    def _member(self, user: str, content: Mapping[str, Any]) -> Hall:
        members = {one: name for one, name in self.members.items() if one != user}
        if content.get("membership") == "join":
            name = content.get("displayname")
            members[user] = name if isinstance(name, str) and name.strip() else localpart(user)
        if members == self.members:
            return self
        return replace(self, members=members)

    def with_members(self, members: Mapping[str, str | None]) -> Hall:
        """The room with exactly these people, as the server lists them."""
        return replace(self, members={user: name or localpart(user) for user, name in members.items()})

    def moderates(self, user: str) -> bool:
        """Whether somebody may remove what others wrote."""
        if self.known is not None:
            return user in self.known
        return user in self.creators or self.levels.get(user, self.usual) >= self.redact

    def people(self, leave_out: Iterable[str]) -> tuple[Person, ...]:
        """The people, without the coach and other bots (`leave_out`); a name that two people have gets their id
        behind it."""
        out = set(leave_out)
        here = {user: " ".join(name.split())[:100] for user, name in self.members.items() if user not in out}
        names = list(here.values())
        return tuple(
            Person(user, name if names.count(name) == 1 else f"{name} ({user})", self.moderates(user))
            for user, name in sorted(here.items())
        )


def localpart(user: str) -> str:
    """The name in a user id: anna of @anna:example.nl."""
    return user.removeprefix("@").partition(":")[0] or user


def server_of(user: str) -> str:
    """The server in a user id or room id."""
    return user.partition(":")[2]


def _creators(source: Mapping[str, Any], content: Mapping[str, Any]) -> frozenset[str]:
    if str(content.get("room_version", "1")) in _OLD_VERSIONS:
        return frozenset()
    more = content.get("additional_creators")
    found = [source.get("sender"), *(more if isinstance(more, list) else [])]
    return frozenset(user for user in found if isinstance(user, str))


def _level(value: object, otherwise: int) -> int:
    """A power level; old rooms wrote some as text."""
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return otherwise
