"""`!privacy`: what the coach keeps of a room, who can see it, how long, and how to be rid of it.

Rule: only what holds here: on this transport, with what this room chose. What the coach can't do is said too.
"""

from __future__ import annotations

from flows.conversation import erasing, retention
from flows.conversation.draft import Draft
from flows.conversation.source import Source


def privacy(d: Draft, rest: str, source: Source) -> None:
    """Say all of it in one message."""
    d.say("info", text_of(d), reply_to=source.event)


def text_of(d: Draft) -> str:
    """What there is to say, a paragraph each."""
    texts, way, operator, place = d.texts, d.setting.capabilities.ways, d.setting.operator, d.setting.place
    own = operator is None  # who sits at this computer runs it
    file = texts("privacy.file_self", place=place) if own else texts("privacy.file", operator=operator)
    copies = texts("privacy.copies_self") if own else texts("privacy.copies", operator=operator)
    lines = [
        texts("privacy.who_self") if own else texts("privacy.who", operator=operator),
        texts("privacy.kept", rest=texts(f"privacy.{way}.rest")),
        texts("privacy.personal"),
        texts("privacy.seen", seen=texts(f"privacy.{way}.seen"), file=file),
    ]
    if d.setting.capabilities.closed:
        lines.append(texts("privacy.closed", how=texts(f"privacy.{way}.closed")))
    lines += [
        f"{texts('privacy.one', erase=texts(f'privacy.{way}.erase'))} {_how_long(d)}",
        _mine(d),
        texts("privacy.forget"),
        texts("privacy.wipe"),
        texts("privacy.reach", posted=texts(f"privacy.{way}.posted"), copies=copies),
        texts("privacy.care"),
    ]
    return "\n".join(lines)


def _how_long(d: Draft) -> str:
    if erasing.is_locked(d):
        return d.texts("privacy.rest_locked", until=d.texts("keep.locked"))
    known = retention.day(d) is not None
    return d.texts(
        "privacy.rest", until=retention.said(d) if known else d.texts("privacy.until", n=retention.months(d))
    )


def _mine(d: Draft) -> str:
    """How somebody sees what is kept about them: told to them alone, where that is possible."""
    if d.alone or d.setting.capabilities.private:
        return d.texts("privacy.mine")
    return d.texts("privacy.mine_elsewhere", operator=d.operator)
