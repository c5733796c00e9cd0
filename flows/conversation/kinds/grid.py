"""The grid: many statuses in one answer. Rule: a grid's votes are votes on its rows; it closes with one proposal for
all of them,
and only rows on which members differ are asked on their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flows.book.model import Step
from flows.conversation import closed, nudges, readback, walk
from flows.conversation.answers import read_grid, short_name
from flows.conversation.asking import head, ways
from flows.conversation.draft import Draft
from flows.conversation.kinds.base import Kind, finish, is_open
from flows.conversation.kinds.vote import prompt_of
from flows.conversation.marks import AGREE, signs_of
from flows.conversation.proposals import UNSURE, differ, most, tally
from flows.conversation.snapshot import Answer, Once, Prompt, Vote
from flows.conversation.source import Source
from flows.conversation.view import ANSWERED, UNKNOWN


class GridKind(Kind):
    """A status for each row."""

    def trouble(self, d: Draft, step: Step, text: str) -> str | None:
        if read_grid(text, d.book, step, d.texts) is None:
            return d.texts("trouble.grid", n=len(step.form.rows))
        if not d.alone and not is_open(d, step):
            return d.texts("trouble.settled", step=short_name(step.id, d.book))
        return None

    def take(self, d: Draft, step: Step, text: str, source: Source) -> None:
        given = read_grid(text, d.book, step, d.texts) or {}
        settle = prompt_of(d, step.id, "settle")
        if settle is not None:
            self._override(d, step, settle, given)
            return
        if d.alone and not is_open(d, step):
            for row, word in given.items():
                self._settle_row(d, row, word, source)
            walk.show_left(d, step.id)
            return
        for row, word in given.items():
            d.put(Vote(row, source.who, word, d.at, source.event))
        self._after_votes(d, step)

    def _after_votes(self, d: Draft, step: Step) -> None:
        walk.refresh(d, step.id)
        if self._complete(d, step) and is_open(d, step):
            self.close(d, step)

    def _complete(self, d: Draft, step: Step) -> bool:
        """Whether everybody who is here has given every row."""
        here = closed.awaited(d, step.id)
        given = {(vote.step, vote.member) for row in step.form.rows for vote in d.view.votes(row)}
        return all((row, member) in given for row in step.form.rows for member in here)

    def close(self, d: Draft, step: Step) -> None:
        """The votes are in: settled at once in a room of one, else one proposal for all rows."""
        proposal = self._proposal(d, step)
        if d.alone:
            words = proposal["words"]
            votes = [vote for row in words for vote in d.view.votes(row)]
            source = next((Source(vote.member, vote.event) for vote in votes), None)
            for row, word in words.items():
                self._settle_row(d, row, word, source)
            closed.end(d, step)
            finish(d, step)
            return
        number = d.next_number()
        was_closed = closed.end(d, step)
        prompt = d.open_prompt("settle", step.id, number, **proposal, closed=was_closed)
        if was_closed:
            walk.refresh(d, step.id)
        d.say("question", self.settle_message(d, step, prompt, number), step=step.id, signs=(AGREE,))

    def settle_message(self, d: Draft, step: Step, prompt: Prompt, number: int) -> str:
        """The proposal for all rows."""
        rows = []
        for row, word in prompt.data["words"].items():
            name = d.book.steps[row].form.title
            if row not in prompt.data["spread"]:
                rows.append(f"- {signs_of('status')[word]} {name}: {d.texts(f'status.status.{word}')}")
        differ_on = [d.book.steps[row].form.title for row in prompt.data["spread"]]
        if differ_on:
            rows.append(d.texts("settle.differs", rows=", ".join(differ_on)))
        how = d.texts("settle.how.grid", answer=ways(d, "answer", n=number), agree=ways(d, "agree", n=number))
        return "\n".join([d.texts("settle.grid", head=head(d, step)), *rows, f"_{how}_"])

    def _override(self, d: Draft, step: Step, prompt: Prompt, given: dict[str, str]) -> None:
        """Somebody says what a row must be: the proposal follows, and waits for agreement."""
        words = {row: {**prompt.data["words"], **given}.get(row) for row in step.form.rows}
        spread = [row for row in prompt.data["spread"] if row not in given]
        data = {**prompt.data, "words": {row: word for row, word in words.items() if word}, "spread": spread}
        changed = replace(prompt, data=data)
        d.put(changed)
        number = prompt.messages[-1]
        readback.edit(d, number, step.id, self.settle_message(d, step, changed, number))

    def settle(self, d: Draft, step: Step, prompt: Prompt, *, disagreed: bool) -> None:
        """Keep the proposal; rows on which members differ are asked on their own next."""
        closed.end(d, step)
        spread = prompt.data["spread"]
        for row, word in prompt.data["words"].items():
            if row in spread and not disagreed:
                d.put(Once(f"alone:{row}", "waiting"))
                self._drop_votes(d, row)
            else:
                self._settle_row(d, row, word, None, disagreed=disagreed and (row in spread or not spread))
        for row in step.form.rows:
            self._drop_votes(d, row)
        finish(d, step)

    def _settle_row(self, d: Draft, row: str, word: str, source: Source | None, *, disagreed: bool = False) -> None:
        self._drop_votes(d, row)
        state = UNKNOWN if word == UNSURE else ANSWERED
        who = None if source is None else source.who
        event = None if source is None else source.event
        d.put(Answer(row, state, d.at, word, disagreed, None, who, event))

    def _drop_votes(self, d: Draft, row: str) -> None:
        for vote in [one for one in d.snapshot.vote.values() if one.step == row]:
            d.drop(vote)

    def pass_on(self, d: Draft, step: Step) -> None:
        if prompt_of(d, step.id, "settle") is None and any(d.view.votes(row) for row in step.form.rows):
            self.close(d, step)
        else:
            closed.end(d, step)
            finish(d, step)

    def keep_given(self, d: Draft, step: Step) -> None:
        if d.alone:
            for row in step.form.rows:
                for vote in d.view.votes(row):
                    self._settle_row(d, row, vote.word, Source(vote.member, vote.event))

    def settle_given(self, d: Draft, step: Step) -> None:
        """Settle what everybody gave so far without asking whether it is right, for who is not there at the same time;
        rows on which members differ are asked on their own.
        """
        prompt = prompt_of(d, step.id, "settle")
        if prompt is not None:
            self.settle(d, step, prompt, disagreed=False)
        elif d.alone:
            self.keep_given(d, step)
        elif any(d.view.votes(row) for row in step.form.rows):
            self.settle(d, step, Prompt(0, "settle", step.id, (), self._proposal(d, step)), disagreed=False)

    def _proposal(self, d: Draft, step: Step) -> dict[str, Any]:
        """What most gave for each row, and the rows on which members differ."""
        counts = {row: tally(d.view.votes(row)) for row in step.form.rows}
        words = {row: word for row in step.form.rows if (word := most(counts[row], "status")) is not None}
        return {"words": words, "spread": [row for row in words if differ(counts[row], "status")], "views": []}

    def unknown(self, d: Draft, step: Step, source: Source) -> None:
        given = {vote.step for row in step.form.rows for vote in d.view.votes(row) if vote.member == source.who}
        for row in step.form.rows:
            if row not in given:
                d.put(Vote(row, source.who, UNSURE, d.at))
        if d.alone:
            nudges.wait(d, f"unknown:{step.id}")
        self._after_votes(d, step)

    def retake(self, d: Draft, step: Step, text: str, source: Source) -> bool:
        given = read_grid(text, d.book, step, d.texts)
        if given is None:
            return False
        votes = [one for one in d.snapshot.vote.values() if one.event == source.event]
        settled = [
            one for one in d.snapshot.answer.values() if one.event == source.event and one.step in step.form.rows
        ]
        if not votes and not settled:
            return False
        if settled:
            for answer in settled:
                d.drop(answer)
            for row, word in given.items():
                self._settle_row(d, row, word, source)
            walk.show_left(d, step.id)
            return True
        for vote in votes:
            d.drop(vote)
        for row, word in given.items():
            d.put(Vote(row, source.who, word, d.at, source.event))
        walk.refresh(d, step.id)
        return True

    def remove(self, d: Draft, step: Step, event: str) -> None:
        for vote in [one for one in d.snapshot.vote.values() if one.event == event]:
            d.drop(vote)
        for answer in [one for one in d.snapshot.answer.values() if one.event == event]:
            d.drop(answer)
        self.recount(d, step)

    def recount(self, d: Draft, step: Step) -> None:
        walk.refresh(d, step.id)
        walk.show_left(d, step.id)

    def skip(self, d: Draft, step: Step) -> None:
        if closed.end(d, step):
            super().skip(d, step)  # who gave what is not told, not even in a proposal
        elif any(d.view.votes(row) for row in step.form.rows):
            self.pass_on(d, step)  # what was given counts
        else:
            super().skip(d, step)

    def people_changed(self, d: Draft, step: Step) -> None:
        """Somebody came or left: who left is not waited for."""
        closed.ask_each(d, step)
        voted = any(d.view.votes(row) for row in step.form.rows)
        if not d.alone and voted and prompt_of(d, step.id, "settle") is None and self._complete(d, step):
            self.close(d, step)
