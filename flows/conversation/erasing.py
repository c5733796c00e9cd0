"""`!wis`: everything of the room is erased, for good. Rule: asked twice, and confirmed both times by who began it, each
within ten minutes; the archive is offered first; the second time by a number that nobody types by accident.

The prompt `erase` is where it is: `who` began it, `stage` 1 or 2, the number (`code`), until when (`until`), and the
message that asks (`asked`). It blocks nothing, and a timer drops it. What is told last holds nothing of the room.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from flows.conversation import asking, exporting
from flows.conversation.draft import Draft
from flows.conversation.effects import Erase
from flows.conversation.events import Said, TimerDue
from flows.conversation.marks import AGREE
from flows.conversation.snapshot import Prompt, Timer
from flows.conversation.source import Source
from flows.conversation.text import bare_words

KIND = TIMER = "erase"
PATIENCE = timedelta(minutes=10)
_ARCHIVES = ("pdf", "json", "csv")


def erase(d: Draft, rest: str, source: Source) -> None:
    """Ask, ask again, erase; or leave it."""
    said, begun = bare_words(rest), _begun(d)
    if is_locked(d):
        _drop(d)
        d.say("help", d.texts("erase.locked", operator=d.operator), reply_to=source.event)
    elif not said:
        _ask(d, source)
    elif begun is None:
        d.say("help", d.texts("erase.over"), reply_to=source.event)
    elif begun.data["who"] != source.writer:
        d.say("help", d.texts("erase.other"), reply_to=source.event)
    elif said in _leaving(d):
        _leave(d, source)
    elif begun.data["stage"] == 1 and said in d.texts.words("words.next"):
        _ask_again(d, begun, source)
    elif begun.data["stage"] == 2 and said == begun.data["code"]:
        do(d)
    else:
        again = begun.data["stage"] == 2
        text = d.texts("erase.how_again", code=begun.data["code"]) if again else d.texts("erase.how")
        d.say("help", text, reply_to=source.event)


def said(d: Draft, event: Said, text: str) -> bool:
    """Whether a message is a plain no to what was asked, by who began it; then it is left, and nothing is kept as an
    answer."""
    begun = _begun(d)
    if begun is None or begun.data["who"] != event.sender or bare_words(text) not in _leaving(d):
        return False
    # Without a reply it is about the coach's latest message.
    number = d.room.messages if event.points_at is None else event.points_at.number
    if number != begun.data.get("asked"):
        return False
    _leave(d, Source(event.sender, event.id))
    return True


def _leaving(d: Draft) -> tuple[str, ...]:
    return (*d.texts.words("words.no"), *d.texts.words("words.stop"))


def _leave(d: Draft, source: Source) -> None:
    _drop(d)
    d.say("info", d.texts("erase.left"), reply_to=source.event)


def is_locked(d: Draft) -> bool:
    """Whether the room has to be kept: it was locked, or who runs the coach did so."""
    return d.room.locked or d.snapshot.id in d.setting.locked


def do(d: Draft, *, expired: bool = False) -> None:
    """Erase, and say so in one last message; `expired` where its time is up."""
    d.prefix = ""
    d.say("info", d.texts("erase.kept" if expired else "erase.done"))
    d.effects.append(Erase())


def _begun(d: Draft) -> Prompt | None:
    """What was begun and is not over."""
    found = next((one for one in reversed(d.snapshot.prompts()) if one.kind == KIND), None)
    return None if found is None or datetime.fromisoformat(found.data["until"]) < d.at else found


def _drop(d: Draft) -> None:
    for prompt in [one for one in d.snapshot.prompts() if one.kind == KIND]:
        d.drop(prompt)
    timer = d.snapshot.timer.get(TIMER)
    if timer is not None:
        d.drop(timer)


def _until(d: Draft) -> str:
    until = d.at + PATIENCE
    d.put(Timer(TIMER, until))
    return until.isoformat()


def _ask(d: Draft, source: Source) -> None:
    """What goes, what stays, and the archive."""
    _drop(d)
    number, form = d.next_number(), archive_form(d)
    lines = [d.texts("erase.head"), d.texts("erase.goes"), d.texts("erase.stays", operator=d.operator)]
    if form is None:
        lines.append(d.texts("erase.no_archive", operator=d.operator))
    elif d.alone:
        lines.append(d.texts("erase.archive_one", form=form))
    else:
        lines.append(d.texts("erase.archive", agree=asking.ways(d, "agree", n=number), form=form))
    code = str(int(hashlib.sha256(f"{d.snapshot.id}\n{d.at.isoformat()}".encode()).hexdigest(), 16) % 9000 + 1000)
    data = {"who": source.writer, "stage": 1, "code": code, "until": _until(d), "asked": number}
    d.open_prompt(KIND, None, number, **data)
    signs = (AGREE,) if form is not None and not d.alone else ()
    d.say("info", "\n".join([*lines, f"_{d.texts('erase.how')}_"]), signs=signs, reply_to=source.event, asks=True)


def _ask_again(d: Draft, begun: Prompt, source: Source) -> None:
    data = {**begun.data, "stage": 2, "until": _until(d), "asked": d.next_number()}
    d.put(replace(begun, messages=(), data=data))
    text = d.texts("erase.again", code=begun.data["code"])
    d.say("info", text, reply_to=source.event, asks=True)


# The archive ----------------------------------------------------------------------------------------------------------


def archive_form(d: Draft) -> str | None:
    """The kind of file that is offered as an archive, where one can be posted."""
    return next((one for one in _ARCHIVES if one in d.setting.capabilities.files), None)


def by_message(d: Draft, number: int) -> Prompt | None:
    """The question that offers the archive in this message, where it still stands."""
    begun = _begun(d)
    return begun if begun is not None and number in begun.messages else None


def tapped(d: Draft, prompt: Prompt, source: Source) -> None:
    """✅ on the offer of the archive, by who began: the file."""
    form = archive_form(d)
    if source.writer == prompt.data["who"] and form is not None:
        d.put(replace(prompt, messages=()))  # two taps make one file
        exporting.export(d, form, Source(source.who, None))


def due(d: Draft, event: TimerDue) -> None:
    """Nobody confirmed it in time: it is over, and nobody needs to hear of it."""
    if event.timer == TIMER and TIMER in d.snapshot.timer:
        _drop(d)
