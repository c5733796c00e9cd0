"""Everything that a room has about one person, for that person. Rule: whatever names them is in it; what others said is
not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flows.conversation.held import KIND as HELD
from flows.conversation.snapshot import Prompt, Snapshot

FORMAT = "opschaalcoach-mydata/1"


def as_json(snapshot: Snapshot, who: str, now: datetime, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the room has about a person (the transport's id), at a moment; `more` is what lies outside the
    conversation. Moments carry the room's own offset."""
    zone = ZoneInfo(snapshot.room.zone)

    def local(at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(zone).isoformat()

    def said(event: str | None) -> bool:
        taken = snapshot.taken.get(event) if event is not None else None
        return taken is not None and taken.author == who

    member = snapshot.member.get(who)
    items = [one for one in snapshot.item.values() if one.author == who or said(one.event)]
    actions = sorted(snapshot.action.values(), key=lambda one: one.number)
    return {
        "format": FORMAT,
        "room": snapshot.id,
        "exported_at": local(now),
        "person": {
            "id": who,
            "name": member.name if member is not None else None,
            "present": member.present if member is not None else None,
            "moderator": member.moderator if member is not None else None,
            "started_the_coach": snapshot.room.facilitator == who,
            "away_until": member.away_until.isoformat() if member is not None and member.away_until else None,
        },
        "answers": [
            {
                "step": one.step, "text": one.text, "at": local(one.at), "event": one.event,
                "yours": one.author == who, "typed_by_you": said(one.event),
                "edited_at": local(one.edited_at), "edited_by_you": one.edited_by == who,
            }
            for one in items
        ],
        "edited_by_you": [
            {"step": one.step, "at": local(one.edited_at)}
            for one in snapshot.item.values()
            if one.edited_by == who and one not in items
        ],
        "settled_by_you": [
            {"step": one.step, "state": one.state, "status": one.status, "at": local(one.at), "event": one.event}
            for one in snapshot.answer.values()
            if one.author == who or said(one.event)
        ],
        "choices": [
            {"step": one.step, "words": list(one.words), "at": local(one.at), "event": one.event}
            for one in snapshot.choice.values()
            if one.member == who
        ],
        "open_votes": [
            {"step": one.step, "word": one.word, "at": local(one.at), "event": one.event}
            for one in snapshot.vote.values()
            if one.member == who
        ],
        "actions": [
            {
                "number": one.number, "text": one.text, "state": one.state, "at": local(one.at),
                "due": one.due.isoformat() if one.due else None, "event": one.event,
                "yours_to_do": one.owner == who, "noted_by_you": one.author == who or said(one.event),
                "edited_by_you": one.edited_by == who,
            }
            for one in actions
            if who in (one.owner, one.author, one.edited_by) or said(one.event)
        ],
        "messages": [
            {"event": one.event, "step": one.step, "taken_back_at": local(one.hidden_at), "read": one.read}
            for one in snapshot.taken.values()
            if one.author == who
        ],
        "signs_on_messages": [
            {"event": one.event, "taken": who in one.marks, "taken_back": who in one.hidden_by}
            for one in snapshot.taken.values()
            if who in one.marks or who in one.hidden_by
        ],
        "help_given": [one.step for one in snapshot.helped.values() if one.member == who],
        "open_questions": [found for one in snapshot.prompts() if (found := _prompt(one, who)) is not None],
        "timers": [
            {"name": one.name, "due": local(one.due)}
            for one in snapshot.timer.values()
            if said(str(one.data.get("event")))
        ],
        **(more or {}),
    }  # fmt: skip


def _prompt(prompt: Prompt, who: str) -> dict[str, Any] | None:
    """What an open question of the coach has about a person, or None. A text that is held back is in no file: only that
    it is held is told."""
    if prompt.kind == HELD:
        told = [{"at": "held", "found": prompt.data["found"], "until": prompt.data["until"]}]
        return {"kind": prompt.kind, "step": prompt.step, "about_you": told} if who in prompt.data["may"] else None
    found = list(_about(prompt.data, who, ()))
    if not found:
        return None
    return {"kind": prompt.kind, "step": prompt.step, "about_you": found}


def _about(value: object, who: str, path: tuple[str, ...]) -> Iterable[Any]:
    """Where a person stands in a prompt, with what of theirs stands beside it."""
    if isinstance(value, Mapping):
        if who in value.values() and "text" in value:
            yield {"at": "/".join(path), "text": value["text"]}
            return
        for key, one in value.items():
            if key == who:
                yield {"at": "/".join((*path, "you")), "value": one if isinstance(one, int | str) else True}
            else:
                yield from _about(one, who, (*path, str(key)))
    elif isinstance(value, list):
        for one in value:
            yield from _about(one, who, path)
    elif value == who:
        yield {"at": "/".join(path)}


def count(found: Mapping[str, Any]) -> int:
    """How many things there are about a person, besides who they are."""
    return sum(len(value) for value in found.values() if isinstance(value, list))
