"""What an activity of Teams says to the coach. Rule: pure, and nothing in an activity is trusted to have the form it
should have; what is not known says nothing.

Takes activities as they come in the body of a request. A conversation is a room; in a channel every thread is one, for
its id is that of the conversation.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any

from bot.transports.base import EARLIEST, Change, Incoming, Message, Press, PutOut, Removal, Sign
from bot.transports.teams import OWN
from storage.conversations import Reference

CHANNEL, PERSONAL = "channel", "personal"
CARD_ACTION = "adaptiveCard/action"
_MOST = 64  # reactions, mentions, choices in one activity
_LONGEST = 1_000  # of an id
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BREAK = re.compile(r"<(?:br|/p|/div|/li)\b[^<>]{0,200}>", re.IGNORECASE)
# Where in a text it is said which message it answers, and the same in HTML.
_QUOTE = re.compile(r"<quoted messageId=\"[^\"<>]{0,1000}\"\s{0,9}/>")
_BLOCKQUOTE = re.compile(r"<blockquote\b[^<>]{0,2000}>", re.IGNORECASE)
_ITEM = re.compile(r"\bitemid=[\"']([^\"'<>]{1,1000})[\"']", re.IGNORECASE)
_CODE = re.compile(r"\A[0-9a-f]{4,5}(?:-[0-9a-f]{4,5})*(?=_|\Z)")
# What Teams calls its oldest reactions; the others begin with the code of their sign.
_REACTIONS = {"like": "👍", "checkmark": "✅", "yes": "✅"}


@dataclass(frozen=True, slots=True)
class Reading:
    """An activity: its room, where what is posted there goes, who did it (id and name), what it says to the coach, and
    whether it may have changed who is there."""

    room: str
    id: str
    at: datetime
    reference: Reference
    sender: str | None
    name: str
    incoming: tuple[Incoming, ...] = ()
    people_changed: bool = False

    @property
    def shared(self) -> bool:
        """Whether the room is a group's however few are in it: the coach may not be told all that is said there."""
        return self.reference.kind != PERSONAL


def read(activity: Mapping[str, Any], now: datetime) -> Reading | None:
    """What an activity is to the coach, None for what is nothing to it; `now` where it says no moment."""
    conversation, service = _table(activity, "conversation"), _id(activity.get("serviceUrl"))
    room, bot = _id(conversation.get("id")), _id(_table(activity, "recipient").get("id"))
    if room is None or service is None or bot is None:
        return None
    kind = _kind(conversation)
    if kind == CHANNEL and ";messageid=" not in room:
        return None  # the channel itself: nobody talks there, but in its threads
    author = _table(activity, "from")
    sender = _id(author.get("id"))
    if sender == bot:
        if activity.get("type") not in ("conversationUpdate", "installationUpdate"):
            return None
        sender = None  # where the coach itself was added
    at = _moment(activity.get("timestamp"), now)
    tenant = _id(conversation.get("tenantId")) or _id(_table(_table(activity, "channelData"), "tenant").get("id"))
    event = _id(activity.get("id")) or f"activity:{_hash(activity)}"
    there = Reference(service, tenant, bot, kind)
    found = Reading(room, event, at, there, sender, _name(author, sender))
    incoming, changed = _incoming(activity, found)
    return Reading(room, event, at, there, sender, found.name, tuple(incoming), changed)


def answer(activity: Mapping[str, Any], received: str) -> dict[str, Any] | None:
    """What the caller of an activity is to be told besides that it was taken in: a pressed button wants an answer."""
    if activity.get("type") != "invoke" or activity.get("name") != CARD_ACTION:
        return None
    return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": received}


def _incoming(activity: Mapping[str, Any], about: Reading) -> tuple[list[Incoming], bool]:
    kind, sender = activity.get("type"), about.sender
    if kind == "message" and sender is not None:
        press = _press(activity.get("value"), about, sender)
        return ([press] if press is not None else _message(activity, about, sender)), False
    if kind == "invoke" and activity.get("name") == CARD_ACTION and sender is not None:
        press = _press(_table(_table(activity, "value"), "action").get("data"), about, sender)
        return ([] if press is None else [press]), False
    if kind == "messageReaction" and sender is not None:
        return list(_signs(activity, about, sender)), False
    if kind == "messageUpdate" and sender is not None:
        return _update(activity, about, sender), False
    if kind == "messageDelete" and sender is not None and (target := _id(activity.get("id"))) is not None:
        return [Removal(about.room, f"{target}:gone", about.at, sender, target)], False
    if kind == "conversationUpdate":
        gone = about.reference.bot in _ids(activity.get("membersRemoved"))
        changed = bool(_ids(activity.get("membersAdded")) or _ids(activity.get("membersRemoved")))
        return _out(about) if gone else [], changed and not gone
    if kind == "installationUpdate":
        gone = str(activity.get("action")).startswith("remove")
        return _out(about) if gone else [], not gone
    return [], False


def _out(about: Reading) -> list[Incoming]:
    return [PutOut(about.room, f"{about.id}:out", about.at)]


def _message(activity: Mapping[str, Any], about: Reading, sender: str) -> list[Incoming]:
    text, named = _text(activity, about.reference.bot)
    reply_to = _id(activity.get("replyToId")) if about.reference.kind != CHANNEL else None
    reply_to = reply_to or _quoted(activity)
    return [Message(about.room, about.id, about.at, sender, text, reply_to, mentioned=named)]


def _update(activity: Mapping[str, Any], about: Reading, sender: str) -> list[Incoming]:
    """A message was changed. Teams gives the change the id of the message: its moment tells two changes apart."""
    if _table(activity, "channelData").get("eventType") != "editMessage":
        return []
    text, _ = _text(activity, about.reference.bot)
    change = f"{about.id}:changed:{_hash([str(activity.get('timestamp')), text])}"
    return [Change(about.room, change, about.at, sender, about.id, text)]


def _signs(activity: Mapping[str, Any], about: Reading, sender: str) -> Iterator[Incoming]:
    target = _id(activity.get("replyToId"))
    if target is None:
        return
    for name, removed in (("reactionsAdded", False), ("reactionsRemoved", True)):
        for place, one in enumerate(_tables(activity.get(name))):
            key = _sign(one.get("type"))
            if key is not None:
                yield Sign(about.room, f"{about.id}:{name}:{place}", about.at, sender, target, key, removed)


def _sign(kind: object) -> str | None:
    if not isinstance(kind, str):
        return None
    code = _CODE.match(kind)
    if code is None:
        return _REACTIONS.get(kind)
    try:
        return "".join(chr(int(part, 16)) for part in code[0].split("-"))
    except ValueError:
        return None


def _press(data: object, about: Reading, sender: str) -> Press | None:
    """A button of one of our cards. Its id comes from what it says: Teams was seen to deliver one again under another
    id."""
    if not isinstance(data, Mapping):
        return None
    key, value = _id(_table(data, OWN).get("key")), _id(data.get("value"))
    if key is None or value is None:
        return None
    text, person = data.get("text"), _id(data.get("person"))
    words = text if isinstance(text, str) else ""
    picked = _picked(data)
    event = f"card:{_hash([about.room, key, sender, value, words, picked, person])}"
    return Press(about.room, event, about.at, sender, key, value, words, picked, person)


def _picked(data: Mapping[str, Any]) -> tuple[str, ...]:
    """What was chosen: a list of words, and a word for each row."""
    listed = data.get("picked")
    words = [one.strip() for one in listed.split(",") if one.strip()][:_MOST] if isinstance(listed, str) else []
    rows = sorted(
        (int(name[3:]), word)
        for name, word in data.items()
        if isinstance(name, str) and re.fullmatch(r"row\d{1,3}", name) and isinstance(word, str) and word
    )
    return (*words, *(f"{row} {word}" for row, word in rows[:_MOST]))


def _quoted(activity: Mapping[str, Any]) -> str | None:
    """The message that somebody answers by quoting it, which is how Teams answers in a chat."""
    for entity in _tables(activity.get("entities")):
        if entity.get("type") == "quotedReply":
            return _id(_table(entity, "quotedReply").get("messageId"))
    for attachment in _tables(activity.get("attachments")):  # as older clients have it
        content = attachment.get("content")
        if attachment.get("contentType") == "text/html" and isinstance(content, str):
            for tag in _BLOCKQUOTE.findall(content):
                found = _ITEM.search(tag) if "schema.skype.com/Reply" in tag else None
                if found is not None:
                    return _id(found[1])
    return None


def _text(activity: Mapping[str, Any], bot: str) -> tuple[str, bool]:
    """The text of a message without the mention of the coach, the others as @name; and whether it was mentioned."""
    text = activity.get("text")
    if not isinstance(text, str):
        return "", False
    text, named = _QUOTE.sub("", text), False
    for entity in _tables(activity.get("entities")):
        shown, whom = entity.get("text"), _table(entity, "mentioned")
        if entity.get("type") != "mention" or not isinstance(shown, str) or not shown:
            continue
        own = whom.get("id") == bot
        named = named or own
        text = text.replace(shown, " " if own else f"@{_name(whom, None)}", 1)
    if activity.get("textFormat") in ("html", "xml"):
        text = _TAG.sub("", _BREAK.sub("\n", text))
    return unescape(text).replace("\xa0", " ").strip(), named


def _kind(conversation: Mapping[str, Any]) -> str:
    kind = conversation.get("conversationType")
    if kind in (PERSONAL, CHANNEL, "groupChat"):
        return str(kind)
    return "groupChat" if conversation.get("isGroup") is True else PERSONAL


def _name(account: Mapping[str, Any], sender: str | None) -> str:
    name = account.get("name")
    return name.strip()[:200] if isinstance(name, str) and name.strip() else sender or "?"


def _moment(stamp: object, now: datetime) -> datetime:
    if not isinstance(stamp, str):
        return now
    try:
        found = datetime.fromisoformat(stamp)
        return found.astimezone(UTC) if found.tzinfo is not None and found.year >= EARLIEST else now
    except (ValueError, OverflowError):
        return now


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:32]


def _id(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST else None


def _table(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = of.get(name)
    return found if isinstance(found, Mapping) else {}


def _tables(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value[:_MOST] if isinstance(one, Mapping)] if isinstance(value, list) else []


def _ids(value: object) -> list[str]:
    return [found for one in _tables(value) if (found := _id(one.get("id"))) is not None]
