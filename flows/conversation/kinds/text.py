"""Steps that gather items or actions.

Rule: each message adds; nothing goes on by itself, because more people may have something to say.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import zip_longest

from flows.book.model import Step
from flows.conversation import detours, walk
from flows.conversation.actions import ReadAction, add_action, follow, read_action, trouble_of
from flows.conversation.draft import Draft
from flows.conversation.kinds.base import Kind
from flows.conversation.snapshot import Item
from flows.conversation.source import Source
from flows.conversation.text import lines_as_items, says_something
from flows.conversation.view import SKIPPED, UNKNOWN

_CHANGE = re.compile(r"^\s*(\d{1,3})\s*:\s*(\S.*)$", re.DOTALL)


def _gone(d: Draft, text: str) -> int | None:
    """The number in "2 weg"."""
    words = "|".join(d.texts.words("answers.gone"))
    form = rf"^\s*(?:(\d{{1,3}})\s+(?:{words})|(?:{words})\s+(\d{{1,3}}))[.!]*\s*$"
    match = re.match(form, text, re.IGNORECASE)
    return int(match[1] or match[2]) if match else None


def _changing(d: Draft, step: Step) -> bool:
    detour = d.view.detour()
    return detour is not None and detour.step == step.id


def _forget_unknown(d: Draft, step: Step) -> None:
    """An answer takes the place of "we don't know" and of skipping."""
    answer = d.snapshot.answer.get(step.id)
    if answer is not None and answer.state in (UNKNOWN, SKIPPED):
        d.drop(answer)


class TextKind(Kind):
    """Items in the team's own words."""

    asks_back = True

    def trouble(self, d: Draft, step: Step, text: str) -> str | None:
        if not says_something(text):
            return step.form.help
        number = self._number(d, step, text)
        if number is not None and not 1 <= number <= len(d.view.items(step.id)):
            return d.texts("trouble.item", n=number)
        return None

    def _number(self, d: Draft, step: Step, text: str) -> int | None:
        if not _changing(d, step):
            return None
        gone = _gone(d, text)
        match = _CHANGE.match(text)
        return gone if gone is not None else int(match[1]) if match else None

    def take(self, d: Draft, step: Step, text: str, source: Source) -> None:
        number = self._number(d, step, text)
        if number is not None:
            item = d.view.items(step.id)[number - 1]
            if _gone(d, text) is not None:
                d.drop(item)
            else:
                new = str(_CHANGE.match(text)[2])  # type: ignore[index]
                changed = replace(
                    item, text=new, author=source.who, event=source.event, edited_at=d.at, edited_by=source.writer
                )
                d.put(changed)
        else:
            _forget_unknown(d, step)
            for line in lines_as_items(text):
                d.put(Item(d.new_id(), step.id, line, source.who, d.at, source.event))
        detours.refresh(d, step.id)
        walk.show_left(d, step.id)

    def retake(self, d: Draft, step: Step, text: str, source: Source) -> bool:
        items = [item for item in d.snapshot.item.values() if item.event == source.event and item.step == step.id]
        match = _CHANGE.match(text)
        if match and len(items) == 1 and items[0].edited_at is not None:
            text = match[2]
        lines = lines_as_items(text)
        if not lines:
            return False
        for item, line in zip(items, lines, strict=False):
            if item.text != line:
                d.put(replace(item, text=line, edited_at=d.at, edited_by=source.writer))
        for item in items[len(lines) :]:
            d.drop(item)
        for line in lines[len(items) :]:
            d.put(Item(d.new_id(), step.id, line, source.who, d.at, source.event, d.at, source.writer))
        walk.show_left(d, step.id)
        return True

    def remove(self, d: Draft, step: Step, event: str) -> None:
        for item in [one for one in d.snapshot.item.values() if one.event == event]:
            d.drop(item)
        walk.show_left(d, step.id)

    def recount(self, d: Draft, step: Step) -> None:
        walk.show_left(d, step.id)


class ActionsKind(Kind):
    """Actions: what, who and when."""

    asks_back = True

    def trouble(self, d: Draft, step: Step, text: str) -> str | None:
        lines = lines_as_items(text)
        if not says_something(text):
            return step.form.help
        number = self._number(d, step, text)
        if number is not None:
            changed = _CHANGE.match(text) if _gone(d, text) is None else None
            return self._wrong(d, [read_action(d, changed[2], d.snapshot.action[number])]) if changed else None
        return self._wrong(d, [read_action(d, line) for line in lines])

    def _wrong(self, d: Draft, read: list[ReadAction]) -> str | None:
        """The line of help for actions that can't be kept, or None."""
        if any(not says_something(one.text) for one in read if not one.unsure):
            return d.texts("trouble.no_action")
        return next((trouble for one in read if (trouble := trouble_of(d, one)) is not None), None)

    def _number(self, d: Draft, step: Step, text: str) -> int | None:
        """The number of the action of this step that a text changes ("4: nieuwe tekst") or takes away ("4 weg")."""
        if not _changing(d, step):
            return None
        gone = _gone(d, text)
        match = _CHANGE.match(text)
        number = gone if gone is not None else int(match[1]) if match else None
        return number if number in {action.number for action in d.view.actions(step.id)} else None

    def take(self, d: Draft, step: Step, text: str, source: Source) -> None:
        number = self._number(d, step, text)
        if number is not None:
            action = d.snapshot.action[number]
            if _gone(d, text) is not None:
                d.put(replace(action, state="dropped", closed_at=d.at))
            else:
                read = read_action(d, str(_CHANGE.match(text)[2]), action)  # type: ignore[index]
                d.put(follow(d, action, read, source))
        else:
            _forget_unknown(d, step)
            for line in lines_as_items(text):
                add_action(d, read_action(d, line), step.id, source.who, source.event)
        detours.refresh(d, step.id)
        walk.show_left(d, step.id)

    def retake(self, d: Draft, step: Step, text: str, source: Source) -> bool:
        actions = [one for one in d.snapshot.action.values() if one.event == source.event]
        lines = lines_as_items(text)
        read = [read_action(d, line, known) for line, known in zip_longest(lines, actions[: len(lines)])]
        if not read or self._wrong(d, read) is not None:
            return False
        for action, one in zip(actions, read, strict=False):
            d.put(follow(d, action, one, source))
        for action in actions[len(read) :]:
            d.drop(action)
        for one in read[len(actions) :]:
            add_action(d, one, step.id, source.who, source.event)
        walk.show_left(d, step.id)
        return True

    def remove(self, d: Draft, step: Step, event: str) -> None:
        for action in [one for one in d.snapshot.action.values() if one.event == event]:
            d.drop(action)
        walk.show_left(d, step.id)

    def recount(self, d: Draft, step: Step) -> None:
        walk.show_left(d, step.id)
