"""`!vergeetmij`: nobody can tell any more what somebody said or did. Rule: authorship goes, the team's answer stays;
asked once, and confirmed by the same person within ten minutes.

In place of the ids of their messages stand marks (`traces`), so that a message that is removed later still takes what
it said along. In place of the person stands a mark too, for as long as they are in the room: it counts as somebody who
is there, without a name, until they take part again as somebody new.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flows.conversation import closed, held, kinds, walk
from flows.conversation.draft import Draft, Unnamed
from flows.conversation.events import TimerDue
from flows.conversation.snapshot import Member, Prompt, Timer
from flows.conversation.source import Source
from flows.conversation.text import bare_words, fold
from flows.conversation.traces import trace

KIND = TIMER = "forget"
PATIENCE = timedelta(minutes=10)
# Prompts in which a text waits that is no answer of the team yet: it goes with its writer.
_WAITING = ("answer",)


def forget_me(d: Draft, rest: str, source: Source) -> None:
    """Ask, then forget."""
    who, said = source.writer, bare_words(rest)
    begun = next((one for one in d.snapshot.prompts() if one.kind == KIND and one.data["who"] == who), None)
    if begun is not None and datetime.fromisoformat(begun.data["until"]) < d.at:
        begun = None
    if said in d.texts.words("words.agree") and begun is not None:
        forget(d, who, source.event)
        d.say("info", d.texts(f"forget.done.{d.who}"))
    elif said in (*d.texts.words("words.no"), *d.texts.words("words.stop")):
        _drop(d, who)
        d.say("info", d.texts("forget.left"), reply_to=source.event)
    elif said:
        d.say("help", d.texts("forget.how" if begun is not None else "forget.over"), reply_to=source.event)
    else:
        _drop(d, who)
        until = d.at + PATIENCE
        d.open_prompt(KIND, None, None, who=who, until=until.isoformat())
        d.put(Timer(TIMER, until))
        lines = [d.texts("forget.head"), d.texts("forget.goes"), d.texts("forget.stays", operator=d.operator)]
        if d.room.facilitator == who and not d.alone:
            lines.append(d.texts("forget.facilitator"))
        d.say("info", "\n".join([*lines, f"_{d.texts('forget.how')}_"]), reply_to=source.event, asks=True)


def due(d: Draft, event: TimerDue) -> None:
    """Nobody confirmed it in time."""
    if event.timer != TIMER or TIMER not in d.snapshot.timer:
        return
    d.drop(d.snapshot.timer[TIMER])
    for prompt in [one for one in d.snapshot.prompts() if one.kind == KIND]:
        d.drop(prompt)


def _drop(d: Draft, who: str) -> None:
    for prompt in [one for one in d.snapshot.prompts() if one.kind == KIND and one.data["who"] == who]:
        d.drop(prompt)


def stand_in(d: Draft, who: str) -> str:
    """The mark in place of a person."""
    return trace(d.setting.secret, d.snapshot.id, "person", who)


def mark_of(d: Draft, event: str) -> str:
    """The mark in place of the id of a message."""
    return trace(d.setting.secret, d.snapshot.id, "event", event)


# Forgetting -----------------------------------------------------------------------------------------------------------


def forget(d: Draft, who: str, event: str | None = None) -> None:
    """Everything that tells who somebody was; `event` is the message that asked for it."""
    member = d.snapshot.member.get(who)
    name = member.name if member is not None else who
    said = {one.event for one in d.snapshot.taken.values() if one.author == who}
    said |= {one.data["event"] for one in d.snapshot.prompts() if one.data.get("author") == who and "event" in one.data}
    for one in d.snapshot.prompts():
        said |= {told for told, teller in one.data.get("said", {}).items() if teller == who}
    marks = {one: mark_of(d, one) for one in said if one is not None}
    _votes(d, who)
    _prompts(d, who, marks)
    _noted(d, who, name, marks)
    _messages(d, who, marks)
    _rest(d, who, marks)
    if member is not None:
        d.drop(member)
        if member.present:  # a group stays a group
            d.put(Member(stand_in(d, who), "", present=True))
    if d.room.facilitator == who:
        d.set(facilitator=None)
    d.erases = True
    own = {} if event is None else {event: mark_of(d, event)}
    d.unnamed = Unnamed(who, name, marks | own, stand_in(d, who), d.texts("forget.someone"))


def _votes(d: Draft, who: str) -> None:
    """Votes that are still open go; what was chosen is the team's, by nobody."""
    for vote in [one for one in d.snapshot.vote.values() if one.member == who]:
        kind = kinds.of(d.book.steps[vote.step])
        if isinstance(kind, kinds.VoteKind) and closed.standing(d, vote.step) is None:
            kind.withdraw(d, vote)
        else:
            d.drop(vote)
            walk.refresh(d, d.book.row_of.get(vote.step, vote.step))
    for choice in [one for one in d.snapshot.choice.values() if one.member == who]:
        d.drop(choice)
        nobody = trace(d.setting.secret, d.snapshot.id, "choice", choice.step, who)
        d.put(replace(choice, member=nobody, event=None if choice.event is None else mark_of(d, choice.event)))


def _prompts(d: Draft, who: str, marks: Mapping[str, str]) -> None:
    for prompt in d.snapshot.prompts():
        if _is_theirs(prompt, who):
            d.drop(prompt)
            timer = d.snapshot.timer.get(held.name_of(prompt)) if prompt.kind == held.KIND else None
            if timer is not None:
                d.drop(timer)
            continue
        data = _without(prompt.data, who, marks)
        if data != prompt.data:
            d.put(Prompt(prompt.id, prompt.kind, prompt.step, prompt.messages, data))


def _is_theirs(prompt: Prompt, who: str) -> bool:
    """Whether a prompt goes with a person: a question to them, or a text of theirs that is no answer yet."""
    if prompt.kind in (KIND, "erase"):
        return bool(prompt.data["who"] == who)
    if prompt.kind == held.KIND:
        return bool(prompt.data["may"][0] == who)  # its writer
    return prompt.kind in _WAITING and who in (prompt.data.get("author"), prompt.data.get("typist"))


def _without(value: Any, who: str, marks: Mapping[str, str]) -> Any:
    """What a prompt holds, without a person."""
    if isinstance(value, dict):
        kept = {key: one for key, one in value.items() if key != who}
        told = {marks.get(key, key): _without(one, who, marks) for key, one in kept.items()}
        return {key: one for key, one in told.items() if not (one is None and value.get(key) == who and key in marks)}
    if isinstance(value, list):
        return [_without(one, who, marks) for one in value if one != who]
    if isinstance(value, str):
        return None if value == who else marks.get(value, value)
    return value


def _noted(d: Draft, who: str, name: str, marks: Mapping[str, str]) -> None:
    """What the team noted stays, and nobody said it."""
    for item in list(d.snapshot.item.values()):
        fresh = replace(
            item,
            author=None if item.author == who else item.author,
            event=marks.get(item.event, item.event) if item.event is not None else None,
            edited_by=None if item.edited_by == who else item.edited_by,
        )
        if fresh != item:
            d.put(fresh)
    for answer in list(d.snapshot.answer.values()):
        event = marks.get(answer.event, answer.event) if answer.event is not None else None
        settled = replace(answer, author=None if answer.author == who else answer.author, event=event)
        if settled != answer:
            d.put(settled)
    for action in list(d.snapshot.action.values()):
        owned = action.owner == who or (action.owner is None and fold(action.owner_name or "") == fold(name))
        changed = replace(
            action,
            author=None if action.author == who else action.author,
            event=marks.get(action.event, action.event) if action.event is not None else None,
            edited_by=None if action.edited_by == who else action.edited_by,
            owner=None if owned else action.owner,
            owner_name=None if owned else action.owner_name,
        )
        if changed != action:
            d.put(changed)


def _messages(d: Draft, who: str, marks: Mapping[str, str]) -> None:
    for taken in list(d.snapshot.taken.values()):
        fresh = replace(
            taken,
            event=marks.get(taken.event, taken.event),
            author="" if taken.author == who else taken.author,
            marks=tuple("" if one == who else one for one in taken.marks),
            hidden_by=tuple("" if one == who else one for one in taken.hidden_by),
        )
        if fresh != taken:
            d.drop(taken)
            d.put(fresh)


def _rest(d: Draft, who: str, marks: Mapping[str, str]) -> None:
    for helped in [one for one in d.snapshot.helped.values() if one.member == who]:
        d.drop(helped)
    for timer in list(d.snapshot.timer.values()):
        event = timer.data.get("event")
        if isinstance(event, str) and event in marks:
            d.drop(timer)
            d.put(Timer(f"purge:{marks[event]}", timer.due, {"event": marks[event]}))
