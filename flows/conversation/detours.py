"""Changing what stands at a step, aside from the walk.

Rule: the position stays where it is, and `!verder` returns to it.
"""

from __future__ import annotations

from dataclasses import replace

from flows.book.model import Step
from flows.conversation import asking, closed, readback, walk
from flows.conversation import recheck as rechecks
from flows.conversation.actions import show_action
from flows.conversation.draft import Draft
from flows.conversation.held import KIND
from flows.conversation.marks import AGREE
from flows.conversation.snapshot import Asked
from flows.conversation.text import one_line, quote

LISTED = ("text", "actions")
# Prompts that belong to no question of the walk.
BESIDE = ("reminder", "recheck", "window", "closed", "newcomer", "erase", "forget", "keep", KIND)


def start(d: Draft, step_id: str, *, recheck: bool = False) -> None:
    """Open a detour to a step: its items come numbered, or it is asked afresh (the old value holds until the new
    one is settled). `recheck` where it is a step of a re-check: left for another detour, it comes again after that.
    """
    other = d.view.detour()
    end_other(d)
    if other is not None and other.data.get("recheck"):
        if other.step == step_id:
            recheck = True
        else:
            rechecks.come_back_to(d, str(other.step))
    asked = d.snapshot.asked.get(step_id)
    here = d.room.position == step_id and asked is not None and asked.open
    d.open_prompt("detour", step_id, fresh=True, open=here, recheck=recheck)
    closed.end(d, d.book.steps[step_id])
    for vote in [one for one in d.snapshot.vote.values() if one.step == step_id]:
        d.drop(vote)
    for row in d.book.steps[step_id].form.rows:
        for vote in [one for one in d.snapshot.vote.values() if one.step == row]:
            d.drop(vote)
    ask(d, step_id)


def end_other(d: Draft) -> None:
    """A detour that stands open ends, keeping what was given. What stands open beneath it or beside the walk stays."""
    other = d.view.detour()
    if other is None:
        return
    walk.close_open(d)
    for prompt in d.snapshot.prompts():
        if prompt.id >= other.id and prompt.kind not in BESIDE:
            d.drop(prompt)


def ask(d: Draft, step_id: str) -> None:
    """Post the detour's question."""
    step = d.book.steps[step_id]
    if step.kind not in LISTED:
        walk.ask(d, step_id)
        _point(d, d.room.messages)
        return
    asked = d.snapshot.asked.get(step_id)
    number = d.say("question", text_of(d, step, d.next_number()), step=step_id, signs=(AGREE,))
    d.put(Asked(step_id, asked.first if asked is not None and asked.open else number, number, open=True))
    _point(d, number)


def refresh(d: Draft, step_id: str) -> None:
    """Show the list as it is now: the numbers that people go by have changed."""
    detour, asked = d.view.detour(), d.snapshot.asked.get(step_id)
    if detour is not None and detour.step == step_id and asked is not None and asked.open:
        readback.edit(d, asked.latest, step_id, text_of(d, d.book.steps[step_id], asked.latest))


def text_of(d: Draft, step: Step, number: int) -> str:
    """The list of what stands at a step, numbered, and how to change it."""
    step_id = step.id
    if step.kind == "text":
        rows = [f"{place}. {quote(one_line(item.text))}" for place, item in enumerate(d.view.items(step_id), 1)]
    else:
        rows = [f"- {show_action(d, action)}" for action in d.view.actions(step_id)]
    answer, agree = asking.ways(d, "answer", n=number), asking.ways(d, "agree", n=number)
    numbers = [action.number for action in d.view.actions(step_id)] if step.kind == "actions" else [min(len(rows), 2)]
    how = d.texts(f"change.{step.kind if rows else 'empty'}", answer=answer, agree=agree, n=(numbers or [0])[0])
    detour = d.view.detour()
    looks = detour is not None and detour.data.get("recheck")
    top = d.texts("recheck.step" if looks else "change.head", head=asking.head(d, step))
    return "\n".join([top, step.form.question, *rows, f"_{how}_"])


def _point(d: Draft, number: int) -> None:
    detour = d.view.detour()
    if detour is not None:
        d.put(replace(detour, messages=(*detour.messages, number)))
