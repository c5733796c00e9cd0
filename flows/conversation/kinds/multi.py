"""Steps with a list to choose from.

Rule: a member's new choice replaces their own, the team's is the union; in a group it closes on ✅.
"""

from __future__ import annotations

import json
from datetime import datetime

from flows.book.model import Step
from flows.conversation import walk
from flows.conversation.answers import Ambiguous, Chosen, read_choices
from flows.conversation.asking import name_of
from flows.conversation.draft import Draft
from flows.conversation.kinds.base import Kind, finish, is_open
from flows.conversation.snapshot import Answer, Choice, Helped, Item
from flows.conversation.source import Source
from flows.conversation.text import bare_words, lines_as_items
from flows.conversation.view import ANSWERED

_TEAM = "*"  # the coach asked the team as a whole


class MultiKind(Kind):
    """One or more of the words on offer."""

    def trouble(self, d: Draft, step: Step, text: str) -> str | None:
        try:
            chosen = read_choices(text, step, d.texts)
        except Ambiguous as error:
            return d.texts("trouble.ambiguous", words=", ".join(name_of(step, word) for word in error.words))
        if chosen is None:
            number = any(part.isdecimal() for part in bare_words(text).replace(",", " ").split())
            return d.texts("trouble.number" if number else "trouble.choice", n=len(step.form.choices))
        if chosen.removed and not any(word in self.union(d, step) for word in chosen.removed):
            return d.texts("trouble.not_chosen", words=", ".join(name_of(step, word) for word in chosen.removed))
        if step.form.other in chosen.words and not chosen.other and not lines_as_items(chosen.other or ""):
            word = name_of(step, str(step.form.other)).lower()
            return d.texts("trouble.other", word=word) if not d.view.items(step.id) else None
        return None

    def take(self, d: Draft, step: Step, text: str, source: Source) -> None:
        chosen = read_choices(text, step, d.texts)
        if chosen is None:
            return
        self._choose(d, step, chosen, source)
        if is_open(d, step):
            if d.alone and self.union(d, step):
                if self._close(d, step):
                    finish(d, step)
            else:
                walk.refresh(d, step.id)
        else:
            self.recount(d, step)

    def _choose(self, d: Draft, step: Step, chosen: Chosen, source: Source) -> None:
        detour = d.view.detour()
        if detour is not None and detour.step == step.id and detour.data.get("fresh") and not chosen.removed:
            # The old choice holds until the new one is settled; its record is the answer, not the members' choices.
            for old in [one for one in d.snapshot.choice.values() if one.step == step.id]:
                d.drop(old)
            d.put(type(detour)(detour.id, detour.kind, detour.step, detour.messages, {**detour.data, "fresh": False}))
        if chosen.removed:
            for one in [choice for choice in d.snapshot.choice.values() if choice.step == step.id]:
                words = tuple(word for word in one.words if word not in chosen.removed)
                if not words:
                    d.drop(one)
                elif words != one.words:
                    d.put(Choice(one.step, one.member, words, one.at, one.event))
        if chosen.words:
            d.put(Choice(step.id, source.who, chosen.words, d.at, source.event))
        if chosen.other:
            d.put(Item(d.new_id(), step.id, chosen.other, source.who, d.at, source.event))

    def union(self, d: Draft, step: Step) -> list[str]:
        """The team's choice: what any member chose; "none of these" falls away beside another."""
        chosen = {word for choice in d.view.choices(step.id) for word in choice.words}
        if len(chosen) > 1 and step.form.none in chosen:
            chosen.discard(step.form.none)
        return [one.word for one in step.form.choices if one.word in chosen]

    def _settle(self, d: Draft, step: Step, words: list[str], at: datetime) -> None:
        """Keep the team's choice, and of the open choice's texts only those that still belong to a member's choice."""
        answer = d.snapshot.answer.get(step.id)
        if words:
            d.put(Answer(step.id, ANSWERED, at, value=json.dumps(words)))
        elif answer is not None and answer.state == ANSWERED:
            d.drop(answer)  # everything that was chosen was taken away
        items = [one for one in d.snapshot.item.values() if one.step == step.id]
        latest = {item.author: item.id for item in items}
        chosen = {one.member for one in d.view.choices(step.id) if step.form.other in one.words}
        for item in items:
            if item.author is None:
                continue  # of somebody who was forgotten
            if not d.view.hidden(item.event) and (item.author not in chosen or latest[item.author] != item.id):
                d.drop(item)

    def _over(self, step: Step, words: list[str]) -> list[str]:
        """The words of which only one may stand, where there are more."""
        found = [word for word in words if word in step.form.exclusive]
        return found if len(found) > 1 else []

    def _close(self, d: Draft, step: Step) -> bool:
        words = self.union(d, step)
        over = self._over(step, words)
        if over:
            names = d.texts("join.and").join(name_of(step, word) for word in over)
            d.say("help", d.texts("trouble.exclusive", words=names), step=step.id)
            return False
        self._settle(d, step, words, d.at)
        return True

    def keep_given(self, d: Draft, step: Step) -> None:
        words = self.union(d, step)
        if not self._over(step, words):
            self._settle(d, step, words, d.at)

    def pass_on(self, d: Draft, step: Step) -> None:
        # Too many of what excludes each other: the coach asks which. Who goes on all the same leaves it open.
        over = self._over(step, self.union(d, step))
        asked = (step.id, _TEAM) in d.snapshot.helped
        if (over and asked) or self._close(d, step):
            finish(d, step)
        else:
            d.put(Helped(step.id, _TEAM))

    def retake(self, d: Draft, step: Step, text: str, source: Source) -> bool:
        if self.trouble(d, step, text) is not None:
            return False
        chosen = read_choices(text, step, d.texts)
        if chosen is None or not any(one.event == source.event for one in d.snapshot.choice.values()):
            return False
        for item in [one for one in d.view.items(step.id) if one.event == source.event]:
            d.drop(item)
        self._choose(d, step, chosen, source)
        self.recount(d, step)
        return True

    def remove(self, d: Draft, step: Step, event: str) -> None:
        for choice in [one for one in d.snapshot.choice.values() if one.event == event]:
            d.drop(choice)
        for item in [one for one in d.snapshot.item.values() if one.event == event]:
            d.drop(item)
        self.recount(d, step)

    def recount(self, d: Draft, step: Step) -> None:
        if is_open(d, step):
            walk.refresh(d, step.id)
            return
        words = self.union(d, step)
        answer = d.snapshot.answer.get(step.id)
        if words and not self._over(step, words):
            self._settle(d, step, words, d.at if answer is None else answer.at)
        elif not words and answer is not None and answer.state == ANSWERED:
            d.drop(answer)
        walk.show_left(d, step.id)
