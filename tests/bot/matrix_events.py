"""Matrix events as a homeserver gives them, for the tests of what they say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.transports.base import Message
from bot.transports.matrix.reading import Me, read

COACH = Me("@coach:example.nl")
NAMED = Me("@coach:example.nl", "Opschaalcoach")
ANNA = "@anna:example.nl"
ROOM = "!r:example.nl"
STAMP = 1_795_435_200_123
AT = datetime.fromtimestamp(STAMP / 1000, UTC)


def event(content: Any, kind: str = "m.room.message", sender: str = ANNA, **more: Any) -> dict[str, Any]:
    return {"event_id": "$1", "sender": sender, "type": kind, "origin_server_ts": STAMP, "content": content, **more}


def text(body: str, **more: Any) -> dict[str, Any]:
    return {"msgtype": "m.text", "body": body, **more}


def said(content: Any, me: Me = COACH) -> Message:
    found = read(event(content), ROOM, me)
    assert isinstance(found, Message)
    return found


def pill(user: str, shown: str, to: str = "https://matrix.to/#/") -> str:
    return f'<a href="{to}{user}">{shown}</a>'


def formatted(body: str, html: str, **more: Any) -> dict[str, Any]:
    return text(body, format="org.matrix.custom.html", formatted_body=html, **more)


def replying(target: Any, **more: Any) -> dict[str, Any]:
    return {"m.relates_to": {"m.in_reply_to": {"event_id": target}, **more}}
