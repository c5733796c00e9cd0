"""Signs put on messages.

Rule: a sign on a message that the coach doesn't know, or that is no longer open, leads to nothing.
"""

from __future__ import annotations

from flows.book.model import BEGIN
from flows.conversation import (
    closed,
    erasing,
    going,
    kinds,
    newcomers,
    prompts,
    recheck,
    releasing,
    reminders,
    retention,
    speaking,
    taking,
)
from flows.conversation.draft import Draft
from flows.conversation.events import Own, Reacted
from flows.conversation.marks import AGREE, BACK, LATER, TAKE, signs_of
from flows.conversation.people import know
from flows.conversation.source import Source


def reacted(d: Draft, event: Reacted) -> None:
    """Somebody put a sign on a message, or took it off."""
    know(d, event.sender)
    sign = event.sign
    if event.target is not None:
        _on_message(d, event, sign)
    elif event.own is not None and event.removed:
        _taken_off(d, event.own, sign, event.sender)
    elif event.own is not None:
        on_own(d, event.own, sign, Source(event.sender, None))


def _on_message(d: Draft, event: Reacted, sign: str) -> None:
    target = str(event.target)
    if sign == TAKE:
        if event.removed:
            taking.unmark(d, target, event.sender)
        else:
            taking.take_marked(d, target, event.sender, event.seen)
    elif sign == BACK:
        if event.removed:
            taking.unhide(d, target, event.sender)
        elif not releasing.crossed(d, target):
            taking.hide(d, target, event.sender)


def on_own(d: Draft, own: Own, sign: str, source: Source) -> None:
    """A sign on a message of the coach."""
    if own.to is not None:
        closed.signed(d, own, sign, source.who)
        return
    if releasing.signed(d, own, sign):
        return
    reminder = reminders.by_message(d, own.number)
    if reminder is not None and sign in (AGREE, LATER):
        reminders.tapped(d, reminder, sign, source)
        return
    if sign in (AGREE, LATER) and retention.by_message(d, own.number) is not None:
        retention.tapped(d, sign, source)
        return
    archive = erasing.by_message(d, own.number)
    if archive is not None and sign == AGREE:
        erasing.tapped(d, archive, source)
        return
    offer = newcomers.by_message(d, own.number)
    if offer is not None and sign == AGREE:
        newcomers.tapped(d, offer, source)
        return
    if sign == LATER:
        prompt = prompts.by_message(d, own.number)
        if prompt is not None and prompt.kind == "recheck":
            recheck.put_off(d, prompt, own.number)
        return
    if sign == AGREE:
        if own.kind == "welcome":
            if d.room.position == BEGIN:
                going.start(d, "", source)
        else:
            speaking.agree_on(d, own, source)
        return
    step = prompts.vote_target(d, own)
    if step is None or closed.refuses_sign(d, step, sign, source):
        return
    for word, known in signs_of(d.book.steps[step].kind).items():
        if sign == known:
            vote(d, step, word, source, f"{own.number}{sign}")


def vote(d: Draft, step: str, word: str, source: Source, sign: str) -> None:
    """A vote that was made by a tap; `sign` is the message and what was tapped on it."""
    kind = kinds.of(d.book.steps[step])
    if isinstance(kind, kinds.VoteKind):
        taking.resume(d)
        kind.cast(d, d.book.steps[step], word, source, sign)


def _taken_off(d: Draft, own: Own, sign: str, who: str) -> None:
    """Only the vote that this very sign made is taken back."""
    for made in list(d.snapshot.vote.values()):
        if made.member == who and made.sign == f"{own.number}{sign}":
            kind = kinds.of(d.book.steps[made.step])
            if isinstance(kind, kinds.VoteKind):
                kind.withdraw(d, made)
