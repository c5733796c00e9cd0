"""Steps with one value: a period, a rhythm, the statement.

Rule: the latest readable answer is the value, and it is read back in full.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from dataclasses import replace

from flows.book.model import Step
from flows.calendar.dates import NoSuchDate, Period, read_period
from flows.calendar.periods import read_spoken_period
from flows.calendar.rhythm import read_rhythm, say_rhythm
from flows.conversation import walk
from flows.conversation.asking import frame_text
from flows.conversation.draft import Draft
from flows.conversation.kinds.base import Kind, finish, is_open
from flows.conversation.roomtime import day_of
from flows.conversation.snapshot import Answer, Item
from flows.conversation.source import Source
from flows.conversation.text import bare_words, one_line, says_something
from flows.conversation.view import ANSWERED, UNKNOWN


def _set(
    d: Draft, step: Step, text: str, source: Source | None, value: str | None = None, *, state: str = ANSWERED
) -> None:
    """Put one item and its answer in place of what stood there."""
    old = [one for one in d.snapshot.item.values() if one.step == step.id]
    for item in old:
        d.drop(item)
    who = None if source is None else source.who
    event = None if source is None else source.event
    edited = any(item.event == event and event is not None for item in old)
    d.put(Item(d.new_id(), step.id, text, who, d.at, event, d.at if edited else None, who if edited else None))
    d.put(Answer(step.id, state, d.at, None, False, value, who, event))


class _OneValue(Kind):
    """What the kinds with one value share: a readable text is kept at once and the walk goes on."""

    @abstractmethod
    def _keep(self, d: Draft, step: Step, text: str, source: Source | None) -> None:
        """Keep a text that has no `trouble` as the value."""

    def take(self, d: Draft, step: Step, text: str, source: Source) -> None:
        self._keep(d, step, text, source)
        finish(d, step)

    def retake(self, d: Draft, step: Step, text: str, source: Source) -> bool:
        answer = d.snapshot.answer.get(step.id)
        if answer is None or answer.event != source.event or self.trouble(d, step, text) is not None:
            return False
        self._keep(d, step, text, source)
        walk.show_left(d, step.id)
        return True

    def remove(self, d: Draft, step: Step, event: str) -> None:
        for item in [one for one in d.snapshot.item.values() if one.event == event]:
            d.drop(item)
        answer = d.snapshot.answer.get(step.id)
        if answer is not None and answer.event == event:
            d.drop(answer)
        walk.show_left(d, step.id)

    def recount(self, d: Draft, step: Step) -> None:
        walk.refresh(d, step.id)
        walk.show_left(d, step.id)


class PeriodKind(_OneValue):
    """From when until when; either end may be unknown."""

    def _read(self, d: Draft, text: str) -> Period | None:
        line = one_line(text)
        return read_period(line, d.texts.calendar) or read_spoken_period(line, day_of(d.room, d.at), d.texts.phrases)

    def trouble(self, d: Draft, step: Step, text: str) -> str | None:
        try:
            return None if self._read(d, text) else d.texts("trouble.period")
        except NoSuchDate:
            return d.texts("trouble.date")

    def _keep(self, d: Draft, step: Step, text: str, source: Source | None) -> None:
        period = self._read(d, text) or Period(None, None)
        value = {"start": period.start and period.start.isoformat(), "end": period.end and period.end.isoformat()}
        known = period.start is not None or period.end is not None
        _set(d, step, one_line(text), source, json.dumps(value), state=ANSWERED if known else UNKNOWN)


class RhythmKind(_OneValue):
    """How often to look again; ✅ and `!verder` take the proposal."""

    def trouble(self, d: Draft, step: Step, text: str) -> str | None:
        return None if read_rhythm(one_line(text), d.texts.rhythm) else d.texts("trouble.rhythm")

    def _keep(self, d: Draft, step: Step, text: str, source: Source | None) -> None:
        rhythm = read_rhythm(one_line(text), d.texts.rhythm)
        if rhythm is not None:
            value = json.dumps(rhythm.to_value())
            _set(d, step, say_rhythm(rhythm, d.texts.rhythm), source, value)

    def pass_on(self, d: Draft, step: Step) -> None:
        if d.view.answer(step.id) is None or d.view.state(step.id) != ANSWERED:
            self._keep(d, step, str(step.form.proposal), None)
        finish(d, step)


class StatementKind(_OneValue):
    """Own words, or the frame as shown.

    In a group own words wait for ✅ (the latest count), kept in a `draft` prompt without a message.
    """

    asks_back = True

    def trouble(self, d: Draft, step: Step, text: str) -> str | None:
        if bare_words(text) in d.texts.words("answers.disagree"):
            return d.texts("trouble.statement")  # an objection is no sentence
        return None if says_something(text) else step.form.help

    def _keep(self, d: Draft, step: Step, text: str, source: Source | None) -> None:
        _set(d, step, text, source, d.view.basis(step.id))

    def _accept(self, d: Draft, step: Step) -> None:
        """The wording that stands is accepted again: what it is made from counts as it is now."""
        answer = d.view.answer(step.id)
        if answer is not None and answer.state == ANSWERED:
            d.put(replace(answer, value=d.view.basis(step.id)))

    def take(self, d: Draft, step: Step, text: str, source: Source) -> None:
        if bare_words(text) in d.texts.words("answers.proposal"):
            text = frame_text(d, step) or text
        if d.alone or not is_open(d, step):
            super().take(d, step, text, source)
            return
        walk.drop_prompts(d, step.id, "draft")
        d.open_prompt("draft", step.id, text=text, author=source.who, event=source.event)
        walk.refresh(d, step.id)

    def keep_given(self, d: Draft, step: Step) -> None:
        draft = d.view.draft(step.id)
        if draft is not None:
            self._keep(d, step, draft.data["text"], Source(draft.data["author"], draft.data["event"]))

    def pass_on(self, d: Draft, step: Step) -> None:
        self.keep_given(d, step)
        if d.view.draft(step.id) is None and d.view.state(step.id) != ANSWERED:
            frame = frame_text(d, step)
            if frame is not None:
                self._keep(d, step, frame, None)
        self._accept(d, step)
        finish(d, step)

    def unknown(self, d: Draft, step: Step, source: Source) -> None:
        if d.view.draft(step.id) is not None:
            self.pass_on(d, step)
        else:
            super().unknown(d, step, source)

    def skip(self, d: Draft, step: Step) -> None:
        if d.view.draft(step.id) is not None:
            self.pass_on(d, step)
        else:
            super().skip(d, step)

    def retake(self, d: Draft, step: Step, text: str, source: Source) -> bool:
        if not text.strip():
            return False
        draft = d.view.draft(step.id)
        if draft is not None and draft.data.get("event") == source.event:
            d.put(type(draft)(draft.id, draft.kind, draft.step, draft.messages, {**draft.data, "text": text}))
            walk.refresh(d, step.id)
            return True
        return super().retake(d, step, text, source)
