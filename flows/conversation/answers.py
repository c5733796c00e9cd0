"""Reading an answer, by the kind of its step.

Rule: what a text says is found here; what it does to a room is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flows.book.coherence import APPLIES_WORDS, STATUS_WORDS
from flows.book.model import Book, Part, Step
from flows.catalogue import Catalogue
from flows.conversation.marks import bare, signs_of
from flows.conversation.text import bare_words, fold


class Ambiguous(ValueError):
    """A text that could be more than one of the words on offer; `words` are those."""

    def __init__(self, words: Iterable[str]) -> None:
        super().__init__(", ".join(words))
        self.words = tuple(words)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a message does at a multi step: words added, words taken away (by whoever chose them), a text behind
    the open choice.
    """

    words: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    other: str | None = None


def vote_words(kind: str) -> tuple[str, ...]:
    """The words of a vote, best first (the lowest is before onbekend, for `applies` at the front)."""
    return APPLIES_WORDS if kind == "applies" else STATUS_WORDS


def read_vote(text: str, kind: str, texts: Catalogue) -> str | None:
    """The status word that a text is: a word, an unambiguous prefix, a number, a letter or a sign.

    None where it is none.
    """
    words = vote_words(kind)
    for word, sign in signs_of(kind).items():
        if bare(text) == sign:
            return word
    plain = "?" if text.strip() == "?" else bare_words(text)
    if plain in ("?", *texts.words("answers.unknown")):
        return "onbekend"
    if plain.isdecimal():
        return words[int(plain) - 1] if 1 <= int(plain) <= len(words) else None
    for word, sign in signs_of(kind).items():
        if plain == texts(f"colours.{sign}"):
            return word
    if plain in words:
        return plain
    said = {word: fold(texts(f"status.{kind}.{word}")) for word in words}
    for word in words:
        if plain == said[word] or plain in texts.words(f"answers.{kind}.{word}"):
            return word
    found = [word for word in words if plain and said[word].startswith(plain)]
    found = found or [word for word in words if plain and word.startswith(plain)]
    return found[0] if len(found) == 1 else None


def _names(step: Step) -> dict[str, str]:
    """Every way to name a choice, folded, and the word it stands for."""
    names: dict[str, str] = {}
    for choice in step.form.choices:
        for name in (choice.word, choice.name, *choice.aliases):
            names.setdefault(fold(name), choice.word)
    return names


def _called(step: Step, word: str) -> str:
    """What a choice can be called, as a part of a pattern, the longest first."""
    names = sorted((name for name, meant in _names(step).items() if meant == word), key=len, reverse=True)
    return "|".join(map(re.escape, names))


def _one_choice(text: str, step: Step) -> str | None:
    plain = bare_words(text)
    if plain.isdecimal():
        place = int(plain) - 1
        return step.form.choices[place].word if 0 <= place < len(step.form.choices) else None
    names = _names(step)
    if plain in names:
        return names[plain]
    found = {word for name, word in names.items() if plain and name.startswith(plain)}
    if len(found) > 1:
        raise Ambiguous(sorted(found))
    return found.pop() if found else None


def read_choices(text: str, step: Step, texts: Catalogue) -> Chosen | None:
    """What a text chooses at a multi step; None where any of it can't be read.

    Raises Ambiguous for a prefix of several words.
    """
    plain = text.strip()
    other = step.form.other
    called = _called(step, other) if other else ""
    if other and (match := re.match(rf"^\s*(?:{called})\s*:\s*(.+)$", plain, re.IGNORECASE | re.DOTALL)):
        return Chosen((other,), (), match[1].strip())
    whole = _one_choice(plain, step) if len(bare_words(plain)) > 0 else None
    if whole is not None:
        return Chosen((whole,))
    without = "|".join(texts.words("answers.without"))
    gone = "|".join(texts.words("answers.gone"))
    if match := re.match(rf"^(?:{without})\s+(.+)$", plain, re.IGNORECASE | re.DOTALL):
        words = _several(match[1], step, texts)
        return None if words is None else Chosen((), words)
    if match := (
        re.match(rf"^(.+?)\s+(?:{gone})[.!]*$", plain, re.IGNORECASE | re.DOTALL)
        or re.match(rf"^(?:{gone})\s+(.+)$", plain, re.IGNORECASE | re.DOTALL)
    ):
        words = _several(match[1], step, texts)
        return None if words is None else Chosen((), words)
    joins = "|".join(texts.words("answers.joins"))
    if other and (
        match := re.match(
            rf"^(.+?)(?:,|;|\n|\s+(?:{joins}))\s*(?:{called})\s*:\s*(.+)$", plain, re.IGNORECASE | re.DOTALL
        )
    ):
        words = _several(match[1], step, texts)
        return None if words is None else Chosen(tuple(dict.fromkeys((*words, other))), (), match[2].strip())
    words = _several(plain, step, texts)
    return None if words is None else Chosen(words)


def _several(text: str, step: Step, texts: Catalogue) -> tuple[str, ...] | None:
    joins = "|".join(texts.words("answers.joins"))
    whole = _one_choice(text, step)
    if whole is not None:
        return (whole,)
    parts = [
        part
        for part in re.split(rf"[,;+&\n]|\s+(?:{joins})\s+", f" {text} ", flags=re.IGNORECASE)
        if part.strip(" .-•")
    ]
    if all(re.fullmatch(r"[\s\d]+", part) for part in parts):
        parts = [number for part in parts for number in part.split()]
    words = [_one_choice(re.sub(r"^\s*[-•*]\s*", "", part), step) for part in parts]
    return None if not words or None in words else tuple(dict.fromkeys(word for word in words if word))


def row_names(book: Book, grid: Step) -> dict[str, str]:
    """Every way to name a row of a grid, folded, and the step it stands for."""
    names: dict[str, str] = {}
    for row in grid.form.rows:
        form = book.steps[row].form
        for name in (form.row or "", form.title, *form.aliases):
            names.setdefault(fold(name), row)
    return names


def read_grid(text: str, book: Book, grid: Step, texts: Catalogue) -> dict[str, str] | None:
    """What a text says of a grid's rows: eight letters or words in order, or a line (or a part after a comma) a row
    with its name.

    None where any of it can't be read.
    """
    rows = grid.form.rows
    plain = text.strip()
    tokens = [token for token in re.split(r"[\s,;/]+", plain) if token]
    if len(tokens) == 1 and len(plain) == len(rows):  # vdoo?dvv
        tokens = list(plain)
    if len(tokens) == len(rows):
        words = [read_vote(token, "status", texts) for token in tokens]
        if all(words):
            return {row: str(word) for row, word in zip(rows, words, strict=True)}
    names = row_names(book, grid)
    found: dict[str, str] = {}
    for line in re.split(r"[\n,;]+", plain):
        if not line.strip():
            continue
        one = _row_line(line, rows, names, texts)
        if one is None:
            return None
        found[one[0]] = one[1]
    return found or None


def _row_line(line: str, rows: tuple[str, ...], names: Mapping[str, str], texts: Catalogue) -> tuple[str, str] | None:
    match = re.match(r"^\s*[-•*]?\s*(.+?)\s*[:=]?\s+(\S+)\s*$", line) or re.match(r"^\s*(.+?)\s*[:=]\s*(\S+)\s*$", line)
    if match is None:
        return None
    name, word = bare_words(match[1]).rstrip(":= "), read_vote(match[2], "status", texts)
    if word is None:
        return None
    if name.isdecimal():
        return (rows[int(name) - 1], word) if 1 <= int(name) <= len(rows) else None
    if name in names:
        return names[name], word
    matches = {step for known, step in names.items() if known.startswith(name)}
    return (matches.pop(), word) if len(matches) == 1 else None


@dataclass(frozen=True, slots=True)
class Named:
    """A step or part that somebody named: exactly one of `part`, `step`; or `several` steps that it could be."""

    part: str | None = None
    step: str | None = None
    several: tuple[str, ...] = ()


def short_name(step: str, book: Book) -> str:
    """The shortest tail by which `find_place` finds this step."""
    called = book.steps[step].called
    parts = called.split(".")
    for length in range(1, len(parts)):
        tail = ".".join(parts[-length:])
        if find_place(tail, book) == Named(step=step) and find_place(tail, book, parts=False) == Named(step=step):
            return tail
    return called


def name_of_part(part: Part) -> str:
    """How people name a part."""
    return fold(part.head.title)


def find_place(text: str, book: Book, *, parts: bool = True) -> Named | None:
    """What `!ga` and `!wijzig` were given: a part (name or alias), a step's full name or the shortest unambiguous tail
    of one; a step can be named by its id in every language.

    A part beats a step.
    """
    plain = bare_words(text).replace(" ", "." if " " in text.strip() and "." not in text else " ")
    wanted = bare_words(text)
    if parts:
        names = {
            fold(name): part.id
            for part in book.parts.values()
            for name in (part.id, part.head.title, *part.head.aliases)
        }
        if wanted in names:
            return Named(part=names[wanted])
        prefixed = {part for name, part in names.items() if len(wanted) >= 3 and name.startswith(wanted)}
        if len(prefixed) == 1 and not any(name == plain or name.endswith(f".{plain}") for name in book.by_name):
            return Named(part=prefixed.pop())
    for form in (wanted, plain):
        if form in book.by_name:
            return Named(step=book.by_name[form])
        tails = _steps(book, f".{form}", ends=True)
        if len(tails) == 1:
            return Named(step=tails[0])
        if tails:
            return Named(several=tuple(tails))
    titled = [step.id for step in book.steps.values() if fold(step.form.title) == wanted]
    if titled:
        return Named(step=titled[0]) if len(titled) == 1 else Named(several=tuple(titled))
    inside = _steps(book, f".{wanted}.") if wanted else []
    if len(inside) == 1:
        return Named(step=inside[0])
    if not inside and not parts:  # a part has no items of its own: one of its steps is meant
        named = find_place(text, book)
        if named is not None and named.part is not None:
            return Named(several=book.parts[named.part].steps)
    return Named(several=tuple(inside)) if inside else None


def _steps(book: Book, part: str, *, ends: bool = False) -> list[str]:
    """The steps with a part of a name in one of theirs (with `ends` at its end), in the book's order."""
    found = {step for name, step in book.by_name.items() if (name.endswith(part) if ends else part in name)}
    return [step for step in book.order if step in found]
