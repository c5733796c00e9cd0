"""What people do about what is held of their words: write it anew, keep it as it is, throw it away, or nothing.

Rule: only who wrote it, or marked it, can have it kept; anybody can have it thrown away. What is gone is gone from the
database's files too.
"""

from __future__ import annotations

import re
from dataclasses import replace

from flows.conversation import commands, holding, kinds, prompts, session, speaking, walk
from flows.conversation.capture import split_typed_for
from flows.conversation.draft import Draft
from flows.conversation.events import Edited, Own, Pressed, Reacted, Said, TimerDue
from flows.conversation.held import (
    GONE,
    KEPT,
    KIND,
    WAITING,
    Again,
    Written,
    all_held,
    by_message,
    name_of,
    of_message,
    told,
    unpack,
    with_text,
)
from flows.conversation.marks import AGREE, BACK
from flows.conversation.snapshot import Once, Prompt
from flows.conversation.text import bare_words
from flows.personal import spot

# What a text may begin with that says what it is: "anders: ...", "niet eens: ...", "2: ...".
_BEGIN = re.compile(r"[^\n:]{1,40}:\s*")


def said(d: Draft, event: Said, text: str, word: str | None) -> bool:
    """Whether a message is about something held, and then it was dealt with. `text` is without a mention of the coach,
    `word` what it says that goes on."""
    keep = bare_words(text) in d.texts.words("words.keep_it")
    prompt, number = None, event.points_at.number if event.points_at is not None else None
    if number is not None:
        prompt = by_message(d, number)
        if prompt is None:
            return (keep or word is not None) and _answer_gone(d, number, event)
    elif keep:
        found = [one for one in all_held(d) if event.sender in one.data["may"]]
        if len(found) != 1:
            return _say_which(d, found, event)
        prompt = found[0]
    elif d.alone and word in (None, speaking.AGREE):
        prompt = _offered(d)
    if prompt is None:
        return False
    if keep:
        _keep(d, prompt, event)
    elif word is not None or bare_words(text) in (*d.texts.words("words.no"), *d.texts.words("words.discard")):
        discard(d, prompt)
    else:
        return _rewrite(d, prompt, event, text)
    return True


def _answer_gone(d: Draft, number: int, event: Said) -> bool:
    """A message about something that was held before: it was kept, or is gone."""
    once = told(d, number)
    if once is not None:
        d.say("help", d.texts("personal.already" if once.state == KEPT else "personal.gone"), reply_to=event.id)
        _over(d, once)
    return once is not None


def _say_which(d: Draft, found: list[Prompt], event: Said) -> bool:
    if not found and not any(one.name.startswith(f"{KIND}:") for one in d.snapshot.once.values()):
        return False  # nothing was ever held here
    key = "which" if found else "others" if all_held(d) else "gone"
    d.say("help", d.texts(f"personal.{key}"), reply_to=event.id)
    return True


def _keep(d: Draft, prompt: Prompt, event: Said) -> None:
    """Keep what was held as it is: only who wrote it, or marked it, can choose that."""
    if event.sender not in prompt.data["may"]:
        d.say("help", d.texts("personal.others"), reply_to=event.id)
        return
    _close(d, prompt, d.texts("personal.kept"), KEPT)
    d.again = Again(_still_aimed(d, prompt, unpack(prompt.data["held"])), prompt, kept=True)


def _rewrite(d: Draft, prompt: Prompt, event: Said, text: str) -> bool:
    """What somebody wrote comes in the place of what was held. False where it does not."""
    wrote = unpack(prompt.data["held"])
    read = commands.read(text)
    if commands.has_form(text) and (read is None or read[0] not in (holding.command_of(wrote), "antwoord")):
        return False  # another command is done
    if event.points_at is None and (spot(text) or speaking.is_short_question(text)):
        return False  # in a room of one: something else, that is held beside it, or a question about the question
    if speaking.is_short_question(text):
        d.say("help", d.texts("personal.why"), reply_to=event.id)
        return True
    if not text:
        d.say("help", d.texts("trouble.empty"), reply_to=event.id)
        return True
    _close(d, prompt, d.texts("personal.replaced"), GONE)
    d.again = Again(_rewritten(d, _still_aimed(d, prompt, wrote), event, text), prompt)
    return True


def _rewritten(d: Draft, wrote: Written, event: Said, text: str) -> Written:
    """The event that was held, with another text, as said now."""
    if isinstance(wrote, Edited) and wrote.sender == event.sender:
        return replace(wrote, id=event.id, at=event.at, text=_in_the_form_of(d, wrote.text, text))
    if isinstance(wrote, Pressed):
        return replace(wrote, id=event.id, at=event.at, sender=event.sender, text=text)
    own = event.points_at
    if isinstance(wrote, Said):
        own = wrote.points_at
        text = _in_the_form_of(d, wrote.text, text)
        text = _readable(d, own, wrote.text, text)
    elif isinstance(wrote, Reacted) and wrote.seen is not None:
        own = wrote.seen.points_at
    elif isinstance(wrote, Edited):
        taken = d.snapshot.taken.get(wrote.target)
        asked = d.snapshot.asked.get(taken.step or "") if taken is not None else None
        own = None if asked is None else Own(asked.latest, "question", asked.step)
    return Said(event.id, event.at, event.sender, text, own)


def _in_the_form_of(d: Draft, before: str, text: str) -> str:
    """A new text as the old one was said: as the same command, for the same person."""
    before = speaking.strip_mention(before)
    said_before = commands.split(before)
    if said_before is not None:
        return text if commands.has_form(text) else f"!{said_before[0]} {text}"
    words = d.texts.words("words.behalf")
    typed = split_typed_for(before, words)
    if typed is None or split_typed_for(text, words) is not None:
        return text
    return f"{words[0]} {typed[0]}: {text}"


def _readable(d: Draft, own: Own | None, before: str, text: str) -> str:
    """A new text behind what the old one began with ("anders: ...", "2: ..."), where it can't be read otherwise."""
    begin = _BEGIN.match(speaking.strip_mention(before))
    if begin is None or commands.has_form(text):
        return text
    detour = d.view.detour()
    changes = own is not None and detour is not None and detour.step == own.step and begin[0][0].isdecimal()
    if _trouble(d, own, text) is None and not changes:
        return text
    longer = begin[0] + text
    return longer if _trouble(d, own, longer) is None else text


def _trouble(d: Draft, own: Own | None, text: str) -> str | None:
    goal = speaking.find_goal(d, own)
    if goal.prompt is not None:
        return prompts.trouble(d, goal.prompt, text)
    step = d.book.steps.get(goal.step or "")
    return None if step is None else kinds.of(step).trouble(d, step, text)


def _still_aimed(d: Draft, prompt: Prompt, event: Written) -> Written:
    """The event at a step that the book still has: it may have been renamed since."""
    if isinstance(event, Said) and event.points_at is not None and event.points_at.step not in (None, *d.book.steps):
        return replace(event, points_at=replace(event.points_at, step=prompt.step))
    return event


def mended(d: Draft, event: Edited) -> bool:
    """Whether somebody changed a message that is held: its new text goes through the door."""
    prompt = of_message(d, event.target)
    if prompt is None:
        return False
    wrote = unpack(prompt.data["held"])
    _close(d, prompt, d.texts("personal.replaced"), GONE)
    text = speaking.strip_mention(event.text)
    new = event if isinstance(wrote, Edited) else replace(with_text(wrote, text), at=event.at)
    d.again = Again(_still_aimed(d, prompt, new), prompt)
    return True


def signed(d: Draft, own: Own, sign: str) -> bool:
    """Whether a sign was put on a message that shows something held, and then it was dealt with."""
    prompt = by_message(d, own.number)
    if prompt is None:
        return sign in (AGREE, BACK) and lost(d, own)
    if sign in (AGREE, BACK):
        discard(d, prompt)
    return True


def lost(d: Draft, own: Own) -> bool:
    """Whether what this message shows was held and is not there any more, though nobody said anything: a backup was put
    back. It is said once."""
    once = told(d, own.number)
    if once is None or once.state != WAITING or by_message(d, own.number) is not None:
        return False
    d.say("help", d.texts("personal.gone"))
    _over(d, once)
    return True


def crossed(d: Draft, event: str) -> bool:
    """❌ on a message that is held: it is taken back. Whether that is all: of a changed one the first text stands."""
    prompt = of_message(d, event)
    if prompt is None:
        return False
    discard(d, prompt)
    return not isinstance(unpack(prompt.data["held"]), Edited)


def discard(d: Draft, prompt: Prompt) -> None:
    """It is not to be kept: gone, and said so. In a room of one the open question comes again."""
    key = "discarded" if prompt.data["event"] is not None else "discarded_card"
    _close(d, prompt, d.texts(f"personal.{key}"), GONE)
    if d.alone:
        d.prefix = d.texts(f"personal.{key}")
        walk.repeat(d)


def removed(d: Draft, event: str) -> None:
    """A message was removed: what was held of it is gone at once."""
    prompt = of_message(d, event)
    if prompt is not None:
        _close(d, prompt, d.texts("personal.removed"), GONE)


def due(d: Draft, event: TimerDue) -> None:
    """Nobody said anything for a day: it is gone, and said so in one line."""
    timer = d.snapshot.timer.get(event.timer)
    if timer is None or not event.timer.startswith(f"{KIND}:"):
        return
    d.drop(timer)
    prompt, once = d.snapshot.prompt.get(timer.data["prompt"]), d.snapshot.once.get(event.timer)
    if prompt is not None:
        text = d.texts("personal.expired", what=holding.named(d, prompt.data["found"]))
        _close(d, prompt, d.texts("personal.expired_short"), GONE)
        d.say("info", text, step=prompt.step, reply_to=prompt.data["event"])
    elif once is not None and once.state == WAITING:
        d.say("info", d.texts("personal.lost"))
        _over(d, once)


def _close(d: Draft, prompt: Prompt, text: str, state: str) -> None:
    d.drop(prompt)
    timer = d.snapshot.timer.get(name_of(prompt))
    if timer is not None:
        d.drop(timer)
    d.put(Once(name_of(prompt), state, prompt.messages))
    d.edit(prompt.messages[-1], "nudge", prompt.step, text)


def _over(d: Draft, once: Once) -> None:
    if once.state == WAITING:
        d.put(replace(once, state=GONE))


def _offered(d: Draft) -> Prompt | None:
    """What is held, while nothing was asked after that: in a room of one the next message is about it."""
    found = all_held(d)
    if not found:
        return None
    other, focus = session.offered(d) or prompts.latest(d), d.view.focus()
    asked = None if focus is None else d.snapshot.asked.get(focus.id)
    later = max((*(() if other is None else other.messages), 0 if asked is None else asked.latest), default=0)
    return found[-1] if found[-1].messages[-1] > later else None
