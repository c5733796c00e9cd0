"""What the coach says, as Matrix contents. Rule: pure; every content says who is mentioned, also when that is nobody,
and under which key it was made.
"""

from __future__ import annotations

import json
from typing import Any

from bot.render.text import as_html, as_plain
from bot.transports.matrix import OWN
from flows.conversation.effects import ASKING, Edit, Say
from flows.conversation.text import cut

# An event may have 64 KiB, encrypted a third more than its content. What gets larger goes without its HTML. An edit
# has more around its text.
MOST_BYTES = 44_000
_AROUND = 3_000
_SHORT = 200


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
