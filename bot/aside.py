"""What somebody says or does in a room that the coach opened for them alone. Rule: it belongs to the room of the
message that it answers; such a room is no room of a pilot, so nothing else that happens there is an event. Where that
person began a pilot of their own in it, all but what answers such a message is of that pilot.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from bot.transports.base import Change, Incoming, Message, Posted, Removal, Sign
from storage import directs, inbox, rooms


def routed(conn: sqlite3.Connection, transport: str, one: Incoming) -> Incoming | None:
    """Something that came in, as what it is in the room that it belongs to; None where it is nothing."""
    member = directs.member_of(conn, transport, one.room)
    if member is None:
        return one
    if directs.has_pilot(conn, transport, one.room):
        return _beside_a_pilot(conn, transport, member, one)
    room: str | None = None
    if isinstance(one, Posted):
        room = directs.room_of_key(conn, transport, one.key)
    elif not isinstance(one, Message | Change | Removal | Sign) or one.sender != member:
        return None
    elif isinstance(one, Message):
        found = directs.told(conn, transport, member, (one.reply_to, one.thread))
        return None if found is None else replace(one, room=found[0], reply_to=found[1], thread=None, mentioned=False)
    elif isinstance(one, Sign):
        room = directs.room_of_own(conn, transport, member, one.target)
    room = room or (
        directs.room_of_event(conn, transport, member, one.target) if isinstance(one, Change | Removal | Sign) else None
    )
    return None if room is None else replace(one, room=room)


def _beside_a_pilot(conn: sqlite3.Connection, transport: str, member: str, one: Incoming) -> Incoming:
    """What answers a message to one person alone, in a room in which they have a pilot too; all else as it is."""
    if not isinstance(one, Message | Change | Removal | Sign) or one.sender != member:
        return one
    if isinstance(one, Message):
        answered = one.reply_to or one.thread
        room = directs.room_of_own(conn, transport, member, answered) if answered is not None else None
        return one if room is None else replace(one, room=room, reply_to=answered, thread=None, mentioned=False)
    own = rooms.find(conn, transport, one.room)
    if own is not None and inbox.known(conn, own, one.target):
        return one
    room = directs.room_of_own(conn, transport, member, one.target) if isinstance(one, Sign) else None
    room = room or directs.room_of_event(conn, transport, member, one.target)
    return one if room is None else replace(one, room=room)
