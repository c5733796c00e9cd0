"""`!privacy`: what the coach keeps of a room, who can see it, how long, and how to be rid of it.

Rule: only what holds here: on this transport, with the commands that there are. What the coach can't do is said too.
"""

from __future__ import annotations

from flows.conversation import commands
from flows.conversation.draft import Draft
from flows.conversation.source import Source

MINE, FORGET, WIPE = "mijngegevens", "vergeetmij", "wis"


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
        *_commands(d),
        texts("privacy.reach", posted=texts(f"privacy.{way}.posted"), copies=copies),
        texts("privacy.care"),
    ]
    return "\n".join(lines)


def _how_long(d: Draft) -> str:
    if commands.find(WIPE) is not None:
        return d.texts("privacy.long_room", operator=d.operator)
    if d.setting.operator is None:
        return d.texts("privacy.long_self")
    return d.texts("privacy.long_operator", operator=d.operator)


def _commands(d: Draft) -> list[str]:
    """What people can do about it themselves."""
    names = {name: commands.shown(name, d.texts) for name in (MINE, FORGET, WIPE) if commands.find(name) is not None}
    lines = {
        MINE: d.texts("privacy.mine", name=names.get(MINE)),
        FORGET: d.texts("privacy.forget", name=names.get(FORGET)),
        WIPE: d.texts("privacy.wipe", name=names.get(WIPE)),
    }
    return [line for name, line in lines.items() if name in names]
