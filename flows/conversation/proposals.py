"""What the coach proposes for a part's status, from the answers under it.

Rule: a proposal follows a rule named in the book and is never better than what it rests on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from flows.book.schema import ProposalForm
from flows.conversation.snapshot import Vote
from flows.conversation.view import RoomView

# The worst first. A pitfall that applies (ja) is the worse case.
LOWEST_FIRST = {"status": ("onvoldoende", "deels", "voldoende"), "applies": ("ja", "deels", "nee")}
UNSURE = "onbekend"


def tally(votes: Iterable[Vote]) -> Counter[str]:
    """How often each word was given."""
    return Counter(vote.word for vote in votes)


def most(counts: Mapping[str, int], kind: str) -> str | None:
    """The word most voted for; at a tie the lower; onbekend only where nothing else was given; None without votes."""
    known = [word for word in LOWEST_FIRST[kind] if counts.get(word)]
    if known:
        return max(known, key=lambda word: counts[word])  # the first of equals is the lowest
    return UNSURE if counts.get(UNSURE) else None


def differ(counts: Mapping[str, int], kind: str) -> bool:
    """Whether both ends were voted for."""
    order = LOWEST_FIRST[kind]
    return bool(counts.get(order[0]) and counts.get(order[-1]))


def why_most(counts: Mapping[str, int], kind: str) -> str:
    """Why a word is the outcome: `all` who voted gave it, it had the `most` votes, as many as a better one (`tie`), or
    others had no opinion (`unsure`)."""
    word = most(counts, kind)
    given = [counts.get(one, 0) for one in LOWEST_FIRST[kind]]
    if word is None or counts.get(word) == sum(counts.values()):
        return "all"
    if word != UNSURE and given.count(max(given)) > 1:
        return "tie"
    return "unsure" if counts.get(UNSURE, 0) >= counts[word] else "most"


def propose(view: RoomView, step: str) -> str | None:
    """The status that the coach proposes for a part's status step, or None where the book has no rule or nothing
    is known yet.
    """
    form = view.book.steps[step].form.proposal
    if not isinstance(form, ProposalForm):
        return None
    return _lowest(view, form) if form.rule == "lowest" else _applies(view, form)


def _lowest(view: RoomView, form: ProposalForm) -> str | None:
    """The lowest known status of the rows that are needed (else of all), never voldoende with an onbekend among
    them.
    """
    rows = view.book.steps[str(form.grid)].form.rows
    needed = view.words(form.among) if form.among else ()
    if needed:
        # A row and a choice are the same thing under the same word.
        rows = tuple(row for row in rows if view.book.steps[row].form.row in needed) or rows
    statuses = [view.status_of(row) for row in rows]
    known = [word for word in LOWEST_FIRST["status"] if word in statuses]
    if not known:
        return UNSURE if UNSURE in statuses else None
    if known[0] == "voldoende" and UNSURE in statuses:
        return "deels"
    return known[0]


def _applies(view: RoomView, form: ProposalForm) -> str | None:
    """Voldoende if none applies, onvoldoende if one that applies has no action, else deels."""
    statuses = {step: view.status_of(step) for step in form.steps}
    if not any(statuses.values()):
        return None
    if all(status == "nee" for status in statuses.values()):
        return "voldoende"
    for step, status in statuses.items():
        if status == "ja" and not view.actions(view.book.actions_for(step)):
            return "onvoldoende"
    return "deels"
