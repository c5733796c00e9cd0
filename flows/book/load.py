"""Loading a book: reads its files, checks that everything in them fits, and names every fault at once, with file and
place.

Rule: this is the only module of `flows` that reads files, beside the catalogue.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import tomli  # tomllib, compiled: reading the books is a good part of a start
from pydantic import ValidationError

from flows.book.alike import differences
from flows.book.coherence import Compiler, words_of_kind
from flows.book.coherence_faults import coherence_faults
from flows.book.guards import Condition, parse
from flows.book.model import Alarm, Book, Part, Reason, Step
from flows.book.schema import BookHead, CoherenceForm, PartForm, ProposalForm, StepForm

FIRST_LANGUAGE = "nl"  # the books of a guide in other languages are translations of this one

COHERENCE = "coherence.toml"

_NAMED = re.compile(r"\{([^{}]*)\}")


class BookError(Exception):
    """The faults of a book, all of them, each with its file and place."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def books_folder() -> Traversable:
    """The folder of the books that come with the product."""
    return files("flows").joinpath("books")


def language_folders(guide: Traversable) -> list[Traversable]:
    """The folders of a guide's books, one a language, by name."""
    if not guide.is_dir():
        return []
    found = [entry for entry in guide.iterdir() if entry.is_dir() and not entry.name.startswith(("_", "."))]
    return sorted(found, key=lambda entry: entry.name)


def load_guide(guide: Traversable) -> tuple[dict[str, Book], list[str]]:
    """The books of a guide by language, as far as they can be loaded; and every fault of them and every difference
    between them.
    """
    books: dict[str, Book] = {}
    faults: list[str] = []
    for folder in language_folders(guide):
        try:
            books[folder.name] = load_book(folder)
        except BookError as error:
            faults += _of_guide(guide, folder.name, error.faults)
    like = FIRST_LANGUAGE if FIRST_LANGUAGE in books else next(iter(books), "")
    for code, book in books.items():
        faults += _of_guide(guide, code, _misfits(code, book, books[like] if code != like else None))
    return books, faults


def load_one(guide: Traversable, code: str, like: Book | None = None) -> Book:
    """The book of a guide in one language. Raises BookError with every fault of it, and every difference from `like`,
    the same guide in another.
    """
    try:
        book = load_book(guide.joinpath(code))
    except BookError as error:
        raise BookError(_of_guide(guide, code, error.faults)) from None
    misfits = _misfits(code, book, like)
    if misfits:
        raise BookError(_of_guide(guide, code, misfits))
    return book


def _misfits(code: str, book: Book, like: Book | None) -> list[str]:
    """Why a book without faults of its own does not fit its place in its guide."""
    told = book.head.language
    named = [] if told == code else [f"book.toml: says that its language is '{told}'"]
    return named if like is None else [*named, *differences(book, like)]


def _of_guide(guide: Traversable, code: str, faults: list[str]) -> list[str]:
    return [f"{guide.name}/{code}/{fault}" for fault in faults]


def load_book(folder: Traversable) -> Book:
    """Load the book in `folder`. Raises BookError with every fault when there is any."""
    return _Loading(folder).book()


class _Loading:
    def __init__(self, folder: Traversable) -> None:
        self._folder = folder
        self._faults: list[str] = []
        self._file_of: dict[str, str] = {}
        self._broken: set[str] = set()  # ids (or beginnings of ids) of steps that could not be read

    def book(self) -> Book:
        head = self._head()
        if head is None:
            raise BookError(self._faults)
        forms = [form for part in head.parts if (form := self._part(part)) is not None]
        named = {f"{part}.toml" for part in head.parts} | {"book.toml", COHERENCE}
        for entry in sorted(item.name for item in self._folder.iterdir()):
            if entry.endswith(".toml") and entry not in named:
                self._fault(entry, "", "is not among the parts of book.toml, so its steps can never be reached")
        steps = self._ordered(forms)
        conditions = {form.id: self._condition(form) for form in steps}
        known = {form.id: form for form in steps}
        for step in steps:
            for text in self._step_faults(step, known, conditions[step.id], steps):
                self._fault(self._file_of[step.id], step.id, text)
        names = Counter(name for one in steps for name in {one.id, one.called})
        for step in steps:
            if step.called is not None and names[step.called] > 1:
                self._fault(self._file_of[step.id], step.id, f"another step is called '{step.called}' too")
        for text in _head_faults(head, known):
            self._fault("book.toml", "", text)
        coherence = self._coherence()
        for place, text in coherence_faults(coherence, known, Compiler(known, coherence.words)):
            self._fault(COHERENCE, place, text)
        if self._faults:
            raise BookError(self._faults)
        found = {step: condition for step, condition in conditions.items() if condition}
        return _compile(head, forms, steps, found, coherence)

    def _follows(self, text: str) -> bool:
        """Whether a fault only follows from another: it misses a step that is there but could not be read."""
        named = re.search(r"unknown (?:step|destination) '([^']*)'", text)
        return named is not None and any(named[1] == one or named[1].startswith(one) for one in self._broken if one)

    def _fault(self, file: str, place: str, text: str) -> None:
        if self._follows(text):
            return
        self._faults.append(f"{file}: {place + ': ' if place else ''}{text}")

    def _raw(self, name: str) -> dict[str, Any] | None:
        try:
            return tomli.loads(self._folder.joinpath(name).read_text("utf-8"))
        except FileNotFoundError:
            self._fault(name, "", "there is no such file")
        except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
            self._fault(name, "", f"is not TOML: {error}")
        return None

    def _head(self) -> BookHead | None:
        raw = self._raw("book.toml")
        if raw is None:
            return None
        try:
            return BookHead.model_validate(raw)
        except ValidationError as error:
            self._name_faults("book.toml", error, raw)
            return None

    def _coherence(self) -> CoherenceForm:
        """What the coach asks further; nothing where the book does not say."""
        if not self._folder.joinpath(COHERENCE).is_file():
            return CoherenceForm()
        raw = self._raw(COHERENCE)
        try:
            return CoherenceForm.model_validate(raw or {})
        except ValidationError as error:
            self._name_faults(COHERENCE, error, raw or {})
            return CoherenceForm()

    def _name_faults(
        self, name: str, error: ValidationError, raw: dict[str, Any], above: tuple[int | str, ...] = ()
    ) -> None:
        for fault in error.errors(include_url=False, include_input=False):
            self._fault(name, _place((*above, *fault["loc"]), raw), fault["msg"])

    def _part(self, part: str) -> PartForm | None:
        """A part file. Where one of its steps is wrong, the others are still looked at."""
        name = f"{part}.toml"
        raw = self._raw(name)
        if raw is None:
            self._broken.add(f"{part}.")
            return None
        head = self._checked(name, {"part": raw.get("part", {})} | {key: raw[key] for key in raw if key != "step"})
        rows = raw.get("step", [])
        steps = []
        for row in rows if isinstance(rows, list) else ():
            try:
                steps.append(StepForm.model_validate(row))
            except ValidationError as error:
                self._broken.add(str(row.get("id", "")) if isinstance(row, dict) else "")
                self._name_faults(name, error, {"step": [row]}, ("step", 0))
        if head is None:
            self._broken.add(f"{part}.")
            return None
        if head.part.id != part:
            self._fault(name, "", f"says that it is part '{head.part.id}'")
        return PartForm(part=head.part, step=tuple(steps))

    def _checked(self, name: str, raw: dict[str, object]) -> PartForm | None:
        try:
            return PartForm.model_validate(raw)
        except ValidationError as error:
            self._name_faults(name, error, raw)
            return None

    def _ordered(self, forms: list[PartForm]) -> list[StepForm]:
        """The steps in the order in which they are asked: file order, and `after` where a step says so."""
        order: list[StepForm] = []
        moved: list[tuple[str, list[StepForm]]] = []
        for form in forms:
            target = order
            for step in form.step:
                if step.id in self._file_of:
                    self._fault(f"{form.part.id}.toml", step.id, f"duplicate id, also in {self._file_of[step.id]}")
                    continue
                self._file_of[step.id] = f"{form.part.id}.toml"
                if step.id.split(".")[0] != form.part.id:
                    self._fault(f"{form.part.id}.toml", step.id, f"its id does not begin with '{form.part.id}.'")
                if step.after is not None:
                    target = []
                    moved.append((step.after, target))
                target.append(step)
        for after, steps in moved:
            places = [place for place, step in enumerate(order) if step.id == after]
            if not places:
                self._fault(
                    self._file_of[steps[0].id], steps[0].id, f"comes after an unknown step '{after}': unreachable"
                )
                self._broken |= {step.id for step in steps}  # who names them is not at fault
                continue
            order[places[0] + 1 : places[0] + 1] = steps
        return order

    def _condition(self, form: StepForm) -> Condition | None:
        try:
            return parse(form.when)
        except ValueError as error:
            self._fault(self._file_of[form.id], form.id, str(error))
            return None

    def _step_faults(
        self, form: StepForm, known: dict[str, StepForm], condition: Condition | None, steps: list[StepForm]
    ) -> Iterator[str]:
        place = {step.id: number for number, step in enumerate(steps)}
        if condition is not None:
            yield from _condition_faults(form, condition, known, place)
        for target, what in ((form.right, "right"), *((row, "rows") for row in form.rows)):
            if target is not None and target not in known:
                yield f"{what} names an unknown step '{target}'"
        yield from _kind_faults(form, known)


def _place(loc: tuple[int | str, ...], raw: dict[str, object]) -> str:
    """Where in the file a fault stands, with the step's own id where it has one."""
    parts = [str(item) for item in loc]
    if len(loc) > 1 and isinstance(loc[1], int):
        rows = raw.get(str(loc[0]))
        row = rows[loc[1]] if isinstance(rows, list) and loc[1] < len(rows) else None
        name = row.get("id") if isinstance(row, dict) else None
        parts[:2] = [str(name) if name else f"{loc[0]} {loc[1] + 1}"]
    return ".".join(parts) if len(parts) == 1 else f"{parts[0]}, {'.'.join(parts[1:])}"


def _condition_faults(
    form: StepForm, condition: Condition, known: dict[str, StepForm], place: dict[str, int]
) -> Iterator[str]:
    if condition.step is None:
        return
    looked = known.get(condition.step)
    if looked is None:
        yield f"condition '{form.when}' names an unknown step '{condition.step}'"
        return
    if place[looked.id] >= place[form.id]:
        yield f"condition '{form.when}' looks at a step that comes later: unreachable"
    wanted = {
        "chosen": ("multi",),
        "count": ("multi",),
        "some": ("multi",),
        "grid": ("grid",),
        "not": ("status", "applies"),
    }
    kinds = wanted.get(condition.name)
    if kinds and looked.kind not in kinds:
        needed = " or ".join(kinds)
        yield f"condition '{form.when}' needs a step of kind {needed}, '{looked.id}' is {looked.kind}: unreachable"
    elif condition.name in ("chosen", "not") and condition.word not in words_of_kind(looked):
        yield f"condition '{form.when}': '{looked.id}' has no answer '{condition.word}': unreachable"
    elif condition.name == "count" and int(condition.word or 0) > len(looked.choices):
        yield f"condition '{form.when}': '{looked.id}' has only {len(looked.choices)} choices: unreachable"
    elif condition.name == "grid" and form.id not in looked.rows:
        yield f"condition '{form.when}': '{form.id}' is not a row of that grid: unreachable"


def _kind_faults(form: StepForm, known: dict[str, StepForm]) -> Iterator[str]:
    words = [choice.word for choice in form.choices]
    if (form.kind == "multi") != bool(words):
        yield "a multi step, and no other, has choices"
    if len(set(words)) != len(words):
        yield "the same choice stands twice"
    for word in (form.none, form.other, *form.exclusive):
        if word is not None and word not in words:
            yield f"'{word}' is not among its choices"
    if (form.kind == "grid") != bool(form.rows):
        yield "a grid, and no other, has rows"
    for row in form.rows:
        if row in known and (known[row].kind != "status" or not known[row].row):
            yield f"row '{row}' must be a status step with a row name"
    if (form.kind == "statement") != bool(form.frame):
        yield "a statement, and no other, has a frame"
    for named in _NAMED.findall(form.frame or ""):
        if named not in known:
            yield f"the frame names an unknown step '{named}'"
    proposal = form.proposal
    if form.kind == "rhythm":
        if not isinstance(proposal, str):
            yield "a rhythm has a proposal in words"
    elif isinstance(proposal, str):
        yield "only a rhythm has a proposal in words"
    elif proposal is not None:
        yield from _proposal_faults(proposal, known)


def _proposal_faults(proposal: ProposalForm, known: dict[str, StepForm]) -> Iterator[str]:
    """A proposal needs steps of the right kind under it, or it can never propose anything."""
    needs = [("grid", proposal.grid, "grid"), ("among", proposal.among, "multi")] if proposal.rule == "lowest" else []
    needs += [("steps", step, "applies") for step in proposal.steps]
    for name, target, kind in needs:
        if target is not None and target not in known:
            yield f"the proposal names an unknown step '{target}'"
        elif target is not None and known[target].kind != kind:
            yield f"the proposal's {name} needs a step of kind {kind}, '{target}' is {known[target].kind}"
    if proposal.rule == "lowest" and proposal.grid is None:
        yield "the proposal has no grid to take the lowest of"
    if proposal.rule == "applies" and not proposal.steps:
        yield "the proposal has no steps to go by"


def _head_faults(head: BookHead, known: dict[str, StepForm]) -> Iterator[str]:
    for old, new in head.renamed.items():
        if old in known:
            yield f"renamed: '{old}' is still a step"
        seen = {old}
        while new not in known and new in head.renamed and new not in seen:
            seen.add(new)
            new = head.renamed[new]
        if new not in known:
            yield f"renamed: unknown destination '{new}'" if new not in seen else f"renamed: '{old}' goes in a circle"
    for nudge in head.nudge:
        for target in (nudge.after, nudge.keeps, *nudge.chain):
            if target not in known:
                yield f"nudge '{nudge.id}' names an unknown step '{target}'"
    for target in head.about:
        if target not in known:
            yield f"about names an unknown step '{target}'"
    for target in (*head.recheck.first, *head.recheck.closing) if head.recheck else ():
        if target not in known:
            yield f"recheck names an unknown step '{target}'"
    for part in head.recognise.parts if head.recognise else ():
        if f"{part}.status" not in known:
            yield f"recognise: part '{part}' has no status step"
    ids = [nudge.id for nudge in head.nudge]
    for twice in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"duplicate nudge '{twice}'"
    if not known:
        yield "the book has no steps"


def _compile(
    head: BookHead,
    forms: list[PartForm],
    steps: list[StepForm],
    conditions: dict[str, Condition],
    coherence: CoherenceForm,
) -> Book:
    compiled = {
        form.id: Step(form, form.id.split(".")[0], conditions[form.id], conditions[form.id].guard(form.id), index)
        for index, form in enumerate(steps)
    }
    parts = {
        form.part.id: Part(
            form.part,
            tuple(step.id for step in steps if step.id.split(".")[0] == form.part.id),
            next(
                (step.id for step in form.step if step.kind == "status" and step.id == f"{form.part.id}.status"), None
            ),
        )
        for form in forms
    }
    watched = frozenset(condition.step for condition in conditions.values() if condition.step)
    row_of = {row: form.id for form in steps for row in form.rows}
    compiler = Compiler({form.id: form for form in steps}, coherence.words)
    alarms = tuple(
        Alarm(form, compiler.compile(form.when)) for form in sorted(coherence.alarm, key=lambda one: one.number)
    )
    weighing = coherence.weighing
    reasons = tuple(Reason(form, compiler.compile(form.when)) for form in weighing.reason) if weighing else ()
    return Book(head, parts, compiled, watched, row_of, coherence, alarms, reasons)
