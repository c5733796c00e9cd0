"""What the coach says, as Matrix contents. Rule: pure; every content says who is mentioned, also when that is nobody,
and under which key it was made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.render.text import as_html, as_plain
from bot.transports.base import File, Picture
from bot.transports.matrix import OWN
from flows.conversation.effects import ASKING, Attach, Edit, Say
from flows.conversation.text import cut

# An event may have 64 KiB, encrypted a third more than its content. What gets larger goes without its HTML. An edit
# has more around its text.
MOST_BYTES = 44_000
_AROUND = 3_000
_SHORT = 200


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a file lies in the media store, and the keys that open it where it is encrypted."""

    address: str
    keys: Mapping[str, Any] | None = None

    def named(self, plain: str, encrypted: str) -> dict[str, Any]:
        """It as a field of a content, under one name or the other."""
        if self.keys is None:
            return {plain: self.address}
        return {encrypted: {**self.keys, "url": self.address}}


def message(effect: Say, key: str, thread: str | None = None) -> dict[str, Any]:
    """A message; one that asks is m.text, so that people are told of it, the rest m.notice. `thread` is the root of
    the thread that it belongs to."""
    content = {**_forms(effect.text), "msgtype": msgtype(effect)}
    content["m.mentions"] = {"user_ids": list(effect.mentions)} if effect.mentions else {}
    content[OWN] = {"kind": effect.kind, "step": effect.step, "key": key}
    relation: dict[str, Any] = {}
    if thread is not None:
        relation = {"rel_type": "m.thread", "event_id": thread, "is_falling_back": effect.reply_to is None}
    if effect.reply_to is not None:
        relation["m.in_reply_to"] = {"event_id": effect.reply_to}
    if relation:
        content["m.relates_to"] = relation
    return _fitting(content)


def file(
    effect: Attach, shown: File, at: Stored, thumbnail: Stored | None, key: str, thread: str | None = None
) -> dict[str, Any]:
    """A file or a picture that lies `at` a place in the media store, with its `thumbnail`. Where both differ, `body` is
    what stands under a picture and `filename` what it is called when it is saved.
    """
    info: dict[str, Any] = {"mimetype": shown.mime, "size": len(shown.data)}
    if shown.picture is not None:
        info |= _size(shown.picture)
    if thumbnail is not None and shown.thumbnail is not None:
        info |= thumbnail.named("thumbnail_url", "thumbnail_file")
        info["thumbnail_info"] = {
            "mimetype": shown.mime, "size": len(shown.thumbnail.data), **_size(shown.thumbnail)
        }  # fmt: skip
    content = {
        "msgtype": "m.file" if shown.picture is None else "m.image",
        "body": shown.caption or shown.name,
        "filename": shown.name,
        "info": info,
        "m.mentions": {},
        OWN: {"kind": effect.kind, "step": effect.step, "key": key},
        **at.named("url", "file"),
    }
    if thread is not None:
        content["m.relates_to"] = {"rel_type": "m.thread", "event_id": thread, "is_falling_back": True}
    return content


def _size(picture: Picture) -> dict[str, int]:
    return {"w": picture.width, "h": picture.height}


def edit(effect: Edit, target: str, key: str) -> dict[str, Any]:
    """An edit of an own message: the new text for clients that know edits, a short line for those that don't."""
    kind = "m.text" if effect.kind in ASKING else "m.notice"
    own = {"kind": effect.kind, "step": effect.step, "key": key}
    new = {**_forms(effect.text), "msgtype": kind, "m.mentions": {}, OWN: own}
    return {
        "msgtype": kind,
        "body": f"* {cut(str(new['body']), _SHORT)}",
        "m.mentions": {},
        "m.new_content": _fitting(new, MOST_BYTES - _AROUND),
        "m.relates_to": {"rel_type": "m.replace", "event_id": target},
        OWN: own,
    }


def sign(target: str, shown: str, key: str) -> dict[str, Any]:
    """A sign on a message. It is never encrypted, so it says no more than its key."""
    relation = {"rel_type": "m.annotation", "event_id": target, "key": shown}
    return {"m.relates_to": relation, "m.mentions": {}, OWN: {"key": key}}


def msgtype(effect: Say) -> str:
    """m.text for what asks, m.notice for the rest."""
    return "m.text" if effect.kind in ASKING or effect.asks else "m.notice"


def sign_key(key: str, place: int) -> str:
    """The key of the sign at a place under a message, the same at every attempt."""
    return f"{key}-{place}"


def _forms(markdown: str) -> dict[str, Any]:
    return {"body": as_plain(markdown), "format": "org.matrix.custom.html", "formatted_body": as_html(markdown)}


def _fitting(content: dict[str, Any], most: int = MOST_BYTES) -> dict[str, Any]:
    # matrix-nio encrypts JSON in ASCII, in which an emoji has twelve signs.
    if len(json.dumps(content)) <= most:
        return content
    return {name: value for name, value in content.items() if name not in ("format", "formatted_body")}
