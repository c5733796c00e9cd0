"""Steps that are voted on. Rule: disagreement is seen before it is averaged away; a room of one settles at once.

A vote goes from open to (where both ends were voted for) a second round, to a proposal, to settled. Prompts hold
where it is: `spread` for the second round, `settle` for the proposal.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flows.book.model import Step
from flows.conversation import closed, nudges, readback, walk
from flows.conversation.answers import read_vote, short_name
from flows.conversation.asking import SPREAD_FROM, head, spread_text, ways
from flows.conversation.draft import Draft
from flows.conversation.kinds.base import Kind, finish, is_open
from flows.conversation.marks import AGREE, HEARD, signs_of
from flows.conversation.proposals import UNSURE, differ, most, propose, tally, why_most
from flows.conversation.snapshot import Answer, Item, Prompt, Vote
from flows.conversation.source import Source
from flows.conversation.view import ANSWERED, UNKNOWN


def prompt_of(d: Draft, step: str, kind: str) -> Prompt | None:
    """The open prompt of this kind at a step."""
    return next((one for one in d.snapshot.prompts() if one.step == step and one.kind == kind), None)


def voting(d: Draft, step: Step) -> bool:
    """Whether votes on the step count now."""
    return is_open(d, step) and prompt_of(d, step.id, "settle") is None


class VoteKind(Kind):
    """A status, or whether a pitfall applies."""

    def trouble(self, d: Draft, step: Step, text: str) -> str | None:
        if read_vote(text, step.kind, d.texts) is None:
            return d.texts(f"trouble.{step.kind}")
        if not d.alone and not voting(d, step) and prompt_of(d, step.id, "settle") is None:
            return d.texts("trouble.settled", step=short_name(step.id, d.book))
        return None

    def take(self, d: Draft, step: Step, text: str, source: Source) -> None:
        word = read_vote(text, step.kind, d.texts)
        if word is not None:
            self.cast(d, step, word, source)

    def cast(self, d: Draft, step: Step, word: str, source: Source, sign: str | None = None) -> None:
        """Count a vote; in a room of one it settles the step. Where a proposal stands, it settles otherwise."""
        if d.alone or prompt_of(d, step.id, "settle") is not None:
            self.settle(d, step, word, source)
            return
        d.put(Vote(step.id, source.who, word, d.at, source.event, sign))
        spread = prompt_of(d, step.id, "spread")
        if spread is not None:
            again = sorted({*spread.data.get("again", []), source.who})
            d.put(replace(spread, data={**spread.data, "again": again}))
        self.show(d, step)
        if self._complete(d, step) and is_open(d, step):
            self.close(d, step)

    def _complete(self, d: Draft, step: Step) -> bool:
        """Whether everybody who is here has voted, in a second round again."""
        here = closed.awaited(d, step.id)
        spread = prompt_of(d, step.id, "spread")
        voted = (
            set(spread.data.get("again", [])) if spread is not None else {one.member for one in d.view.votes(step.id)}
        )
        return here <= voted

    def show(self, d: Draft, step: Step) -> None:
        """Show the votes so far on the message that asks for them; nothing of a closed round."""
        if closed.standing(d, step.id) is not None:
            return
        spread = prompt_of(d, step.id, "spread")
        if spread is None:
            walk.refresh(d, step.id)
        elif spread.messages:
            readback.edit(d, spread.messages[-1], step.id, self.spread_message(d, step, spread.messages[-1]))

    def spread_message(self, d: Draft, step: Step, number: int) -> str:
        """The question that comes before a second round. After a closed one it shows the first round's votes, and
        those that are given again.
        """
        prompt = prompt_of(d, step.id, "spread")
        first, votes = None if prompt is None else prompt.data.get("first"), tally(d.view.votes(step.id))
        answer, agree = ways(d, "answer", n=number), ways(d, "agree", n=number)
        lines = [head(d, step)]
        if first is None:
            key = "spread.text" if differ(votes, step.kind) else "spread.closer"
            lines.append(d.texts(key, spread=spread_text(d, step.kind, votes)))
        else:
            lines.append(d.texts("spread.text", spread=spread_text(d, step.kind, first)))
            lines.append(d.texts("spread.afresh"))
            if votes:
                lines.append(f"**{d.texts('spread.again', spread=spread_text(d, step.kind, votes))}**")
        return "\n".join([*lines, f"_{d.texts('spread.how', answer=answer, agree=agree)}_"])

    def close(self, d: Draft, step: Step) -> None:
        """The votes are in: a second round where both ends were voted for, else the proposal."""
        votes = tally(d.view.votes(step.id))
        again = prompt_of(d, step.id, "spread")
        was_closed = closed.end(d, step)
        if again is None and not d.view.asked_alone(step.id) and differ(votes, step.kind):
            number = d.next_number()
            d.open_prompt("spread", step.id, number, views=[], again=[], first=dict(votes) if was_closed else None)
            if was_closed:
                walk.refresh(d, step.id)
            signs = (*signs_of(step.kind).values(), AGREE)
            d.say("question", self.spread_message(d, step, number), step=step.id, signs=signs)
            return
        counts: dict[str, int] = dict(votes)
        if again is not None:
            counts = counts or again.data.get("first") or {}
            d.drop(again)
        number, word = d.next_number(), str(most(counts, step.kind))
        views = again.data.get("views", []) if again is not None else []
        d.open_prompt("settle", step.id, number, word=word, views=views, counts=counts, closed=was_closed)
        if was_closed:
            walk.refresh(d, step.id)
        d.say("question", self.settle_message(d, step, word, number), step=step.id, signs=(AGREE,))

    def settle_message(self, d: Draft, step: Step, word: str, number: int) -> str:
        """The proposal to note an outcome, and why it is that one where not all votes are the same."""
        texts = d.texts
        prompt = prompt_of(d, step.id, "settle")
        counts = (prompt.data.get("counts") if prompt is not None else None) or tally(d.view.votes(step.id))
        count, why = texts.count("votes", sum(counts.values())), why_most(counts, step.kind)
        lines = [texts("settle.text", head=head(d, step), word=texts(f"status.{step.kind}.{word}"), count=count)]
        if why in ("tie", "unsure") or (why == "most" and sum(counts.values()) < SPREAD_FROM):  # else it was seen
            lines.append(texts(f"settle.why.{why}"))
        proposal = propose(d.view, step.id)
        if proposal is not None and proposal != word:
            lines.append(texts("settle.mine", word=texts(f"status.{step.kind}.{proposal}")))
        answer, agree = ways(d, "answer", n=number), ways(d, "agree", n=number)
        lines.append(f"_{texts(f'settle.how.{step.kind}', answer=answer, agree=agree)}_")
        return "\n".join(lines)

    def settle(
        self, d: Draft, step: Step, word: str, source: Source | None, views: list[dict[str, Any]] | None = None
    ) -> None:
        """Keep the outcome. With `views` (also empty ones) the team does not agree on it, and what was said about
        it is kept.
        """
        closed.end(d, step)
        self._let_go(d, step, kept=views is not None)
        votes = [one for one in d.snapshot.vote.values() if one.step == step.id]
        for vote in votes:
            d.drop(vote)
        alone = d.snapshot.once.get(f"alone:{step.id}")
        if alone is not None:
            d.drop(alone)
        state = UNKNOWN if word == UNSURE else ANSWERED
        single = source if d.alone else None
        answer = Answer(
            step.id, state, d.at, word, views is not None, None,
            None if single is None else single.who, None if single is None else single.event,
        )  # fmt: skip
        d.put(answer)
        for view in views or []:
            d.put(Item(d.new_id(), step.id, view["text"], view["author"], d.at, view["event"]))
        finish(d, step)

    def _let_go(self, d: Draft, step: Step, *, kept: bool) -> None:
        """What was said about the outcome is noted where it is kept; else it is let go, and shown so."""
        prompt = prompt_of(d, step.id, "settle") or prompt_of(d, step.id, "spread")
        for view in prompt.data.get("views", []) if prompt is not None else []:
            taken = d.snapshot.taken.get(view["event"])
            if taken is None or taken.hidden_at is not None:
                continue
            d.mark(view["event"], HEARD, removed=True)
            if kept:
                d.mark(view["event"])
            else:
                d.drop(taken)

    def agree(self, d: Draft, step: Step) -> None:
        votes = d.view.votes(step.id)
        proposal = propose(d.view, step.id)
        if d.alone and not votes and proposal is not None:
            self.settle(d, step, proposal, None)
        else:
            self.pass_on(d, step)

    def pass_on(self, d: Draft, step: Step) -> None:
        votes = d.view.votes(step.id)
        if d.alone and votes:  # they were given while more people were here
            self.settle(d, step, str(most(tally(votes), step.kind)), None)
        elif votes and voting(d, step):
            self.close(d, step)
        else:
            closed.end(d, step)
            finish(d, step)

    def unknown(self, d: Draft, step: Step, source: Source) -> None:
        if not d.alone:
            self.cast(d, step, UNSURE, source)
            return
        nudges.wait(d, f"unknown:{step.id}")
        self.settle(d, step, UNSURE, None)

    def skip(self, d: Draft, step: Step) -> None:
        closed.end(d, step)
        for vote in [one for one in d.snapshot.vote.values() if one.step == step.id]:
            d.drop(vote)
        alone = d.snapshot.once.get(f"alone:{step.id}")
        if alone is not None:
            d.drop(alone)
        super().skip(d, step)

    def retake(self, d: Draft, step: Step, text: str, source: Source) -> bool:
        word = read_vote(text, step.kind, d.texts)
        vote = next((one for one in d.snapshot.vote.values() if one.event == source.event), None)
        answer = d.snapshot.answer.get(step.id)
        if word is None:
            return False
        if vote is not None and (voting(d, step) or closed.standing(d, step.id) is not None):
            d.put(replace(vote, word=word, at=d.at))
            self.show(d, step)
            return True
        if answer is not None and answer.event == source.event:
            d.put(replace(answer, status=word, state=UNKNOWN if word == UNSURE else ANSWERED, at=d.at))
            walk.show_changed(d, step.id)
            return True
        item = next((one for one in d.snapshot.item.values() if one.event == source.event), None)
        return item is None and answer is None

    def remove(self, d: Draft, step: Step, event: str) -> None:
        for vote in [one for one in d.snapshot.vote.values() if one.event == event]:
            d.drop(vote)
            self.show(d, step)
        for item in [one for one in d.snapshot.item.values() if one.event == event]:
            d.drop(item)
        answer = d.snapshot.answer.get(step.id)
        if answer is not None and answer.event == event:
            d.drop(answer)
        walk.show_changed(d, step.id)

    def recount(self, d: Draft, step: Step) -> None:
        if is_open(d, step):
            self.show(d, step)
        walk.show_changed(d, step.id)

    def withdraw(self, d: Draft, vote: Vote) -> None:
        """The sign that made a vote was taken off."""
        d.drop(vote)
        step = d.book.steps[vote.step]
        if is_open(d, step):
            self.show(d, step)

    def people_changed(self, d: Draft, step: Step) -> None:
        """Somebody came or left: who left is not waited for."""
        closed.ask_each(d, step)
        if not d.alone and d.view.votes(step.id) and voting(d, step) and self._complete(d, step):
            self.close(d, step)
