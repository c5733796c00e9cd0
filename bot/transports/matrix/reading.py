"""What a Matrix event says to the coach. Rule: pure, and nothing in an event is trusted to have the form it should
have.

Takes events as the server gives them (decrypted where they were encrypted), see the Matrix client-server
specification v1.13: relations, mentions (MSC3952), threads, edits.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

from bot.transports.base import Change, Incoming, Message, Posted, Removal, Sign
from bot.transports.matrix import OWN

_NAMED = "@coach"  # how the conversation knows that it was named
_LONGEST_HTML = 65_536
_MOST_PILLS = 50
_FALLBACK = re.compile(r"\A> (?:\* )?<@[^>\n]+>.*\n(?:>.*\n)*\n?")
# Clients of m.emote and the like write text too; a notice is how bots talk, and is never listened to.
_SPOKEN = ("m.text", "m.emote")
_UNSPOKEN = ("m.image", "m.file", "m.audio", "m.video", "m.location")
# Some clients leave a pill as a link in the plain text (element-x-android#5729, element-web#28516).
_LINK = re.compile(
    r"\[([^][\n]{1,255})]\(([^()\s]{1,500})\)"
    r'|<a\s[^<>\n]{0,300}href="([^<>"\n]*)"[^<>\n]*>([^<\n]*)</a>'
)


@dataclass(frozen=True, slots=True)
class Me:
    """Who the coach is in a room: its id, and the name that is shown."""

    id: str
    name: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """How people may name it in plain text, the longest first."""
        found = {self.id, self.name, self.id.partition(":")[0]} - {""}
        return tuple(sorted(found, key=len, reverse=True))

    @property
    def typed(self) -> str:
        """How people name it with an @ where no client helps, as a pattern."""
        shown = [f"@{self.name}"] if self.name else []
        return "|".join(re.escape(name) for name in (self.id, *shown, self.id.partition(":")[0], _NAMED))


def read(source: Mapping[str, Any], room: str, me: Me) -> Incoming | None:
    """What an event of a room's timeline is to the coach; None for what is nothing to it (notices, its own signs)."""
    event, sender, at = source.get("event_id"), source.get("sender"), moment(source)
    content = source.get("content")
    if not isinstance(event, str) or not isinstance(sender, str) or not isinstance(content, Mapping):
        return None
    kind = source.get("type")
    if sender == me.id:
        return _posted(content, room, event, at)
    if kind == "m.room.message":
        return _message(content, room, event, at, sender, me)
    if kind == "m.reaction":
        relation = _relation(content)
        target, key = relation.get("event_id"), relation.get("key")
        if relation.get("rel_type") == "m.annotation" and isinstance(target, str) and isinstance(key, str):
            return Sign(room, event, at, sender, target, key[:50])
    if kind == "m.room.redaction":
        # Room versions from 11 on have it in the content.
        target = source.get("redacts") or content.get("redacts")
        if isinstance(target, str):
            return Removal(room, event, at, sender, target)
    return None


def moment(source: Mapping[str, Any]) -> datetime:
    """When the server of its sender says that an event was sent, UTC; 1970 where that is no moment."""
    stamp = source.get("origin_server_ts")
    try:
        return datetime.fromtimestamp(max(int(stamp), 0) / 1000, UTC)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def key_of(content: Mapping[str, Any]) -> str | None:
    """The key under which the coach posted something; None where it was not the coach."""
    own = content.get(OWN)
    key = own.get("key") if isinstance(own, Mapping) else None
    return key if isinstance(key, str) else None


def edited_event(content: Mapping[str, Any]) -> str | None:
    """The event that this one changes the text of."""
    relation = _relation(content)
    target = relation.get("event_id")
    return target if relation.get("rel_type") == "m.replace" and isinstance(target, str) else None


def _posted(content: Mapping[str, Any], room: str, event: str, at: datetime) -> Posted | None:
    key = key_of(content)
    if key is None or _relation(content).get("rel_type") in ("m.replace", "m.annotation"):
        return None
    return Posted(room, event, at, key)


def _message(
    content: Mapping[str, Any], room: str, event: str, at: datetime, sender: str, me: Me
) -> Message | Change | None:
    if content.get("msgtype") not in (*_SPOKEN, *_UNSPOKEN):
        return None
    edited = edited_event(content)
    if edited is not None:
        new = content.get("m.new_content")
        if not isinstance(new, Mapping) or new.get("msgtype") not in _SPOKEN:
            return None
        return Change(room, event, at, sender, edited, text_of(new, me)[0])
    relation = _relation(content)
    thread = relation.get("event_id") if relation.get("rel_type") == "m.thread" else None
    answered = relation.get("m.in_reply_to")
    reply_to = answered.get("event_id") if isinstance(answered, Mapping) else None
    if thread is not None and relation.get("is_falling_back") is True:
        reply_to = None  # only there for clients that know no threads
    text, named = text_of(content, me)
    mentions = content.get("m.mentions")
    listed = mentions.get("user_ids") if isinstance(mentions, Mapping) else None
    # A reply names the author of what it answers, and in some clients everybody who was named there: in a reply only
    # the text says whether the coach is meant.
    mentioned = named or (reply_to is None and isinstance(listed, list) and me.id in listed)
    return Message(room, event, at, sender, text, _id(reply_to), _id(thread), mentioned)


def text_of(content: Mapping[str, Any], me: Me) -> tuple[str, bool]:
    """The text of a message, with people's pills as @name and the coach's as @coach, and whether it names the coach.

    Without the quoted lines that older clients put above a reply; empty for what is no text (a picture).
    """
    body = content.get("body")
    if content.get("msgtype") in _UNSPOKEN or not isinstance(body, str):
        return "", False
    if isinstance(_relation(content).get("m.in_reply_to"), Mapping):
        body = _FALLBACK.sub("", body)
    body, named, done = _LINK.sub(_unlinked, body), False, 0
    for person, shown in pills(content.get("formatted_body")):
        named = named or person == me.id
        by = _NAMED if person == me.id else f"@{shown.removeprefix('@')}"
        # In the order of the text: one name may stand in it twice, or be the beginning of another.
        spot = _spot(body, (shown, *me.names) if person == me.id else (shown,), done)
        if spot is not None:
            body, done = body[: spot.start()] + by + body[spot.end() :], spot.start() + len(by)
    mentions = content.get("m.mentions")
    listed = mentions.get("user_ids") if isinstance(mentions, Mapping) else None
    if not named and isinstance(listed, list) and me.id in listed:
        # Clients without pills put the name in the text, and say by the list that it is one.
        changed = _replace(body, me.names, _NAMED)
        named = changed != body or _NAMED in body.lower()
        body = changed
    elif not named and (typed := re.search(rf"(?<!\w)(?:{me.typed})(?![:.-]?\w)", body, re.IGNORECASE)) is not None:
        # As the welcome has it: a client that makes no pill of what people type lists nobody.
        named, body = True, body[: typed.start()] + _NAMED + body[typed.end() :]
    return body, named


def _replace(body: str, names: tuple[str, ...], by: str) -> str:
    """A text with the first of these names replaced, where it is there."""
    spot = _spot(body, names)
    return body if spot is None else body[: spot.start()] + by + body[spot.end() :]


def _spot(body: str, names: tuple[str, ...], start: int = 0) -> re.Match[str] | None:
    """Where the first of these names stands that is there, with the sign before it that it may have."""
    for name in filter(None, names):
        pattern = rf"(?<![\w@])@?{re.escape(name)}(?!\w)" if name[:1] != "@" else rf"(?<!\w){re.escape(name)}(?!\w)"
        if (found := re.compile(pattern).search(body, start)) is not None:
            return found
    return None


def _unlinked(link: re.Match[str]) -> str:
    """What a link to a person shows; another link as it is."""
    shown, to, target, inside = link.groups(default="")
    return shown or inside if person_of(to or unescape(target)) is not None else link[0]


def pills(html: object) -> list[tuple[str, str]]:
    """The people that a formatted text names by a link, each with the text shown."""
    if not isinstance(html, str) or len(html) > _LONGEST_HTML or "<a" not in html:
        return []
    reader = _Pills()
    with contextlib.suppress(AssertionError):  # what Python's reader says of a malformed declaration
        reader.feed(html)
    return reader.found[:_MOST_PILLS]


class _Pills(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._person: str | None = None
        self._shown = ""
        self._quoted = False  # in what older clients put above a reply

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "mx-reply":
            self._quoted = True
        elif tag == "a" and not self._quoted:
            self._person, self._shown = person_of(dict(attrs).get("href") or ""), ""

    def handle_data(self, data: str) -> None:
        self._shown += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "mx-reply":
            self._quoted = False
        elif tag == "a" and self._person is not None:
            self.found.append((self._person, " ".join(self._shown.split())))
            self._person = None


def person_of(link: str) -> str | None:
    """The user id that a link names (matrix.to or the matrix: scheme)."""
    plain = unquote(link)
    match = re.match(r"https://matrix\.to/#/(@[^?/]+:[^?/]+)", plain)
    if match:
        return match[1]
    match = re.match(r"matrix:u/([^?/]+:[^?/]+)", plain)
    return f"@{match[1]}" if match else None


def _relation(content: Mapping[str, Any]) -> Mapping[str, Any]:
    relation = content.get("m.relates_to")
    return relation if isinstance(relation, Mapping) else {}


def _id(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
