"""The kinds of steps. Rule: one object a kind, without state of its own."""

from flows.book.model import Step
from flows.conversation.kinds.base import Kind, is_open
from flows.conversation.kinds.grid import GridKind
from flows.conversation.kinds.multi import MultiKind
from flows.conversation.kinds.single import PeriodKind, RhythmKind, StatementKind
from flows.conversation.kinds.text import ActionsKind, TextKind
from flows.conversation.kinds.vote import VoteKind, voting
from flows.conversation.marks import signs_of

VOTE, GRID = VoteKind(), GridKind()
_KINDS: dict[str, Kind] = {
    "text": TextKind(),
    "actions": ActionsKind(),
    "multi": MultiKind(),
    "status": VOTE,
    "applies": VOTE,
    "grid": GRID,
    "statement": StatementKind(),
    "period": PeriodKind(),
    "rhythm": RhythmKind(),
}


def of(step: Step) -> Kind:
    """The kind of a step."""
    return _KINDS[step.kind]


def words_of(step: Step) -> tuple[str, ...]:
    """The words that can be voted for at a step."""
    return tuple(signs_of(step.kind)) if step.kind in ("status", "applies") else ()


__all__ = ["GRID", "VOTE", "GridKind", "Kind", "VoteKind", "is_open", "of", "voting", "words_of"]
