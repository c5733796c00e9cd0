"""The named conditions under which a step is asked. Rule: a condition reads a `View` and nothing else, and has no
memory.

A book writes them as in `steps.tsv`: `always`, `chosen(step, word)`, `count(step, n)`, `not(step, word)`,
`answered(step)`,
`some(step)`, `grid(step)`, `late`, `recheck`. They are evaluated anew whenever the next step is sought.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class View(Protocol):
    """What conditions may look at: a room's answers as they stand now."""

    def status_of(self, step: str) -> str | None:
        """The settled status of `step`, or None while unanswered or skipped."""

    def words_of(self, step: str) -> frozenset[str]:
        """The words chosen at `step` by the team together."""

    def has_item(self, step: str) -> bool:
        """Whether anything is noted at `step`."""

    def asked_alone(self, step: str) -> bool:
        """Whether members disagreed on this row of a grid, so that it is asked on its own."""

    def is_late(self) -> bool:
        """Whether the pilot is past its half, or a re-check or the closing round is going on."""

    def is_recheck(self) -> bool:
        """Whether a re-check is going on."""


Guard = Callable[[View], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed condition: its name, the step it looks at (if any), the other argument (if any)."""

    name: str
    step: str | None
    word: str | None

    def guard(self, own: str) -> Guard:
        """The condition as a function, for the step with id `own`."""
        return _BUILD[self.name][1](own, self.step or "", self.word or "")


_FORM = re.compile(r"^(?P<name>[a-z]+)(?:\((?P<step>[a-z.]+)(?:,\s*(?P<word>[a-z0-9]+))?\))?$")


def _always(own: str, step: str, word: str) -> Guard:
    return lambda view: True


def _chosen(own: str, step: str, word: str) -> Guard:
    return lambda view: word in view.words_of(step)


def _count(own: str, step: str, word: str) -> Guard:
    least = int(word)
    return lambda view: len(view.words_of(step)) >= least


def _not(own: str, step: str, word: str) -> Guard:
    return lambda view: view.status_of(step) != word


def _answered(own: str, step: str, word: str) -> Guard:
    return lambda view: view.has_item(step)


def _some(own: str, step: str, word: str) -> Guard:
    return lambda view: bool(view.words_of(step) - {"geen"})


def _grid(own: str, step: str, word: str) -> Guard:
    return lambda view: view.asked_alone(own)


def _late(own: str, step: str, word: str) -> Guard:
    return lambda view: view.is_late()


def _recheck(own: str, step: str, word: str) -> Guard:
    return lambda view: view.is_recheck()


# name -> (number of arguments, builder)
_BUILD: dict[str, tuple[int, Callable[[str, str, str], Guard]]] = {
    "always": (0, _always),
    "chosen": (2, _chosen),
    "count": (2, _count),
    "not": (2, _not),
    "answered": (1, _answered),
    "some": (1, _some),
    "grid": (1, _grid),
    "late": (0, _late),
    "recheck": (0, _recheck),
}


def parse(text: str) -> Condition:
    """Read a condition as a book writes it. Raises ValueError with what is wrong."""
    match = _FORM.match(text.strip())
    if match is None:
        raise ValueError(f"condition '{text}' cannot be read")
    name, step, word = match["name"], match["step"], match["word"]
    if name not in _BUILD:
        raise ValueError(f"unknown condition '{name}'; known are {', '.join(_BUILD)}")
    given = (step is not None) + (word is not None)
    if given != _BUILD[name][0]:
        raise ValueError(f"condition '{name}' takes {_BUILD[name][0]} argument(s), not {given}")
    if name == "count" and not (word or "").isdecimal():
        raise ValueError(f"condition 'count' takes a number, not '{word}'")
    return Condition(name, step, word)
