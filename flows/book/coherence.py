"""Conditions on what a team answered together: the clauses of `coherence.toml`, read, checked and compiled. Rule: they
look at states, choices, numbers and listed words; nothing is guessed about what a text means.

A condition is a list of clauses that must all hold; a clause is one or more of these, joined by `or`, each with or
without `not` before it:

    chosen(step, word, ...)         one of these words was chosen
    count(step, n)                  n or more were chosen
    status(step, word, ...)         the settled status is one of these; none of them while it is not settled
    filled(step)                    something is noted
    unknown(step)                   the team said that it does not know
    number(step)                    a digit stands in what is noted
    says(step, list)                a word of this list of the book stands in what is noted
    action(place, ...)              an action that was not dropped stands at one of these steps, or under one of
                                    these parts
    row(grid, among, word, ...)     a row of the grid that was chosen at `among` has one of these statuses
    idle(grid, among, word, ...)    such a row, without an action: under its own step for actions, or at the part's
                                    own with the row's word and a colon in front
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from flows.book.schema import StepForm

STATUS_WORDS = ("voldoende", "deels", "onvoldoende", "onbekend")
APPLIES_WORDS = ("ja", "deels", "nee", "onbekend")
_ACTIONS = "acties"

_FORM = re.compile(r"^(?P<not>not )?(?P<name>[a-z]+)\((?P<args>[a-z0-9., ]+)\)$")


class Facts(Protocol):
    """What conditions may look at: a room's answers as they stand now."""

    def status_of(self, step: str) -> str | None:
        """The settled status of `step`, or None."""

    def words_of(self, step: str) -> frozenset[str]:
        """The words chosen at `step`."""

    def is_unknown(self, step: str) -> bool:
        """Whether the team said that it does not know."""

    def texts_of(self, step: str) -> list[str]:
        """What is noted at a step."""

    def deeds_of(self, step: str) -> list[str]:
        """The actions of a step that were not dropped."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a clause as it was written."""

    name: str
    args: tuple[str, ...]
    negated: bool


Test = Callable[[Facts], bool]
Rows = Callable[[Facts], list[str]]


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition: its tests, the rows of a grid that it is about, and the steps that must have been left or
    passed before it can be told (`waits`, in the book's order).
    """

    clauses: tuple[tuple[Term, ...], ...]
    tests: tuple[Test, ...]
    rows: Rows
    waits: tuple[str, ...]

    def holds(self, facts: Facts) -> bool:
        """Whether all of it holds."""
        return all(test(facts) for test in self.tests)


def parse(clause: str) -> tuple[Term, ...]:
    """The terms of a clause. Raises ValueError with what is wrong."""
    return tuple(_term(one.strip()) for one in clause.split(" or "))


def _term(text: str) -> Term:
    match = _FORM.match(text)
    if match is None:
        raise ValueError(f"'{text}' cannot be read")
    name, args = match["name"], tuple(one.strip() for one in match["args"].split(","))
    if name not in _TERMS:
        raise ValueError(f"unknown condition '{name}'; known are {', '.join(_TERMS)}")
    least, most = _TERMS[name].least, _TERMS[name].most
    if len(args) < least or (most is not None and len(args) > most):
        raise ValueError(f"'{text}' takes {least if least == most else f'{least} or more'} argument(s)")
    return Term(name, args, bool(match["not"]))


class Compiler:
    """Checks and compiles conditions against the steps of a book (in order) and its lists of words."""

    def __init__(self, steps: Mapping[str, StepForm], lists: Mapping[str, tuple[str, ...]]) -> None:
        self.steps = steps
        self._order = {step: place for place, step in enumerate(steps)}
        self._lists = {name: _pattern(words) for name, words in lists.items()}

    def faults(self, clause: str) -> Iterator[str]:
        """What is wrong with a clause."""
        try:
            terms = parse(clause)
        except ValueError as error:
            yield f"condition '{clause}': {error}"
            return
        for term in terms:
            for fault in _TERMS[term.name].faults(self, term.args):
                yield f"condition '{clause}': {fault}"

    def compile(self, clauses: tuple[str, ...]) -> Condition:
        """A condition without faults, compiled."""
        parsed = tuple(parse(clause) for clause in clauses)
        terms = [term for clause in parsed for term in clause]
        waits = {step for term in terms for step in _TERMS[term.name].waits(self, term.args)}
        about = next((self.rows(term) for term in terms if term.name in ("row", "idle")), _no_rows)
        tests = tuple(self._any([self._test(term) for term in clause]) for clause in parsed)
        return Condition(parsed, tests, about, tuple(sorted(waits, key=self._order.__getitem__)))

    def _test(self, term: Term) -> Test:
        test = _TERMS[term.name].build(self, term.args)
        return (lambda facts: not test(facts)) if term.negated else test

    @staticmethod
    def _any(tests: list[Test]) -> Test:
        return tests[0] if len(tests) == 1 else lambda facts: any(test(facts) for test in tests)

    def rows(self, term: Term) -> Rows:
        """The rows that a term about a grid holds for."""
        grid, among, *words = term.args
        names = {row: self.steps[row].row or "" for row in self.steps[grid].rows}
        wanted = frozenset(words)
        part = self.last_actions(grid)

        def found(facts: Facts) -> list[str]:
            needed = facts.words_of(among)
            rows = [row for row, name in names.items() if name in needed and facts.status_of(row) in wanted]
            return rows if term.name == "row" else [row for row in rows if not acted(facts, row)]

        def acted(facts: Facts, row: str) -> bool:
            own = f"{row.rpartition('.')[0]}.{_ACTIONS}"
            if own in self.steps and facts.deeds_of(own):
                return True
            called = tuple(f"{name}:" for name in self.called(row))
            return part is not None and any(plain(deed).startswith(called) for deed in facts.deeds_of(part))

        return found

    def called(self, row: str) -> tuple[str, ...]:
        """What a row of a grid is called in an action about it."""
        form = self.steps[row]
        return tuple(plain(name) for name in (form.row, form.title, *form.aliases) if name)

    def places(self, place: str) -> list[str]:
        """The steps for actions at a place: the step itself, or all under a part or a subject."""
        under = [step for step in self.steps if step == place or step.startswith(f"{place}.")]
        return [step for step in under if self.steps[step].kind == "actions"]

    def last_actions(self, place: str) -> str | None:
        """The last step for actions of the part that a place belongs to."""
        found = self.places(place.partition(".")[0])
        return found[-1] if found else None

    def pattern(self, name: str) -> re.Pattern[str]:
        """The pattern of a list of words."""
        return self._lists[name]

    def knows_list(self, name: str) -> bool:
        """Whether the book has this list of words."""
        return name in self._lists

    # Checks of arguments ----------------------------------------------------------------------------------------------

    def wrong_step(self, step: str, *kinds: str) -> Iterator[str]:
        """What is wrong with a step that must be of one of these kinds (any where none is given)."""
        if step not in self.steps:
            yield f"unknown step '{step}'"
        elif kinds and self.steps[step].kind not in kinds:
            yield f"needs a step of kind {' or '.join(kinds)}, '{step}' is {self.steps[step].kind}"

    def wrong_words(self, step: str, words: tuple[str, ...]) -> Iterator[str]:
        """Which words are no answer of a step."""
        if step in self.steps:
            for word in words:
                if word not in words_of_kind(self.steps[step]):
                    yield f"'{step}' has no answer '{word}'"


def plain(text: str) -> str:
    """Text for comparing: lower case, without accents, on one line."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in parts if not unicodedata.combining(char)).split())


def words_of_kind(form: StepForm) -> tuple[str, ...]:
    """The words that can be stored as the answer of a step: the contract's, or its own choices."""
    if form.kind == "status":
        return STATUS_WORDS
    if form.kind == "applies":
        return APPLIES_WORDS
    return tuple(choice.word for choice in form.choices)


def _no_rows(facts: Facts) -> list[str]:
    return []


def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """A list of words as one pattern: whole words, unless a `*` stands for the rest; a sign stands anywhere."""
    return re.compile("|".join(_one(word) for word in words) or r"(?!)")


def _one(word: str) -> str:
    bare = word.strip("*")
    before = "" if word.startswith("*") or not bare[0].isalnum() else r"(?<!\w)"
    after = "" if word.endswith("*") or not bare[-1].isalnum() else r"(?!\w)"
    return f"{before}{re.escape(bare)}{after}"


# The terms ------------------------------------------------------------------------------------------------------------

Args = tuple[str, ...]


class _Kind:
    """What a term needs, what it waits for, and what it tests."""

    least = 1
    most: int | None = 1

    def faults(self, book: Compiler, args: Args) -> Iterator[str]:
        """What is wrong with the arguments."""
        yield from book.wrong_step(args[0])

    def waits(self, book: Compiler, args: Args) -> list[str]:
        """The steps that must have been left or passed first."""
        return [args[0]]

    def build(self, book: Compiler, args: Args) -> Test:
        """The test."""
        raise NotImplementedError


class _Chosen(_Kind):
    least, most = 2, None

    def faults(self, book: Compiler, args: Args) -> Iterator[str]:
        yield from book.wrong_step(args[0], "multi")
        yield from book.wrong_words(args[0], args[1:])

    def build(self, book: Compiler, args: Args) -> Test:
        step, words = args[0], frozenset(args[1:])
        return lambda facts: not words.isdisjoint(facts.words_of(step))


class _Count(_Kind):
    least = most = 2

    def faults(self, book: Compiler, args: Args) -> Iterator[str]:
        yield from book.wrong_step(args[0], "multi")
        if not args[1].isdecimal():
            yield f"takes a number, not '{args[1]}'"

    def build(self, book: Compiler, args: Args) -> Test:
        step, least = args[0], int(args[1])
        return lambda facts: len(facts.words_of(step)) >= least


class _Status(_Kind):
    least, most = 2, None

    def faults(self, book: Compiler, args: Args) -> Iterator[str]:
        yield from book.wrong_step(args[0], "status", "applies")
        yield from book.wrong_words(args[0], args[1:])

    def build(self, book: Compiler, args: Args) -> Test:
        step, words = args[0], frozenset(args[1:])
        return lambda facts: facts.status_of(step) in words


class _Filled(_Kind):
    def faults(self, book: Compiler, args: Args) -> Iterator[str]:
        yield from book.wrong_step(args[0], "text")

    def build(self, book: Compiler, args: Args) -> Test:
        return lambda facts: bool(facts.texts_of(args[0]))


class _Unknown(_Kind):
    def build(self, book: Compiler, args: Args) -> Test:
        return lambda facts: facts.is_unknown(args[0])


class _Number(_Filled):
    def build(self, book: Compiler, args: Args) -> Test:
        return lambda facts: any(char.isdigit() for text in facts.texts_of(args[0]) for char in text)


class _Says(_Kind):
    least = most = 2

    def faults(self, book: Compiler, args: Args) -> Iterator[str]:
        yield from book.wrong_step(args[0], "text")
        if not book.knows_list(args[1]):
            yield f"unknown list of words '{args[1]}'"

    def build(self, book: Compiler, args: Args) -> Test:
        pattern = book.pattern(args[1])
        return lambda facts: any(pattern.search(plain(text)) for text in facts.texts_of(args[0]))


class _Action(_Kind):
    most = None

    def faults(self, book: Compiler, args: Args) -> Iterator[str]:
        for place in args:
            if not book.places(place):
                yield f"there is no step for actions at '{place}'"

    def waits(self, book: Compiler, args: Args) -> list[str]:
        return [last for place in args if (last := book.last_actions(place)) is not None]

    def build(self, book: Compiler, args: Args) -> Test:
        steps = [step for place in args for step in book.places(place)]
        return lambda facts: any(facts.deeds_of(step) for step in steps)


class _Row(_Kind):
    least, most = 3, None

    def faults(self, book: Compiler, args: Args) -> Iterator[str]:
        yield from book.wrong_step(args[0], "grid")
        yield from book.wrong_step(args[1], "multi")
        for word in args[2:]:
            if word not in STATUS_WORDS:
                yield f"there is no status '{word}'"

    def waits(self, book: Compiler, args: Args) -> list[str]:
        return [args[0], args[1], *book.steps[args[0]].rows]

    def build(self, book: Compiler, args: Args) -> Test:
        rows = book.rows(Term("row", args, negated=False))
        return lambda facts: bool(rows(facts))


class _Idle(_Row):
    def waits(self, book: Compiler, args: Args) -> list[str]:
        last = book.last_actions(args[0])
        return [*super().waits(book, args), *([last] if last is not None else [])]

    def build(self, book: Compiler, args: Args) -> Test:
        rows = book.rows(Term("idle", args, negated=False))
        return lambda facts: bool(rows(facts))


_TERMS: dict[str, _Kind] = {
    "chosen": _Chosen(),
    "count": _Count(),
    "status": _Status(),
    "filled": _Filled(),
    "unknown": _Unknown(),
    "number": _Number(),
    "says": _Says(),
    "action": _Action(),
    "row": _Row(),
    "idle": _Idle(),
}
