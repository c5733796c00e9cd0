"""Whether two books are the same guide in two languages.

Rule: all that is no text must be the same, for a room keeps what it has when it changes language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from flows.book.model import Book

# What a reader sees or types; all else is the guide itself.
_TEXTS = {
    "title", "question", "why", "example", "help", "guide", "intro", "aliases", "called", "recalled", "label", "name",
    "text", "text_one", "source", "language",
}  # fmt: skip


def differences(book: Book, like: Book) -> list[str]:
    """How a book differs from another that it should be a translation of, a line each: file, place, what."""
    return [*_head(book, like), *_parts(book, like), *_steps(book, like)]


def _head(book: Book, like: Book) -> Iterator[str]:
    named = {"nudge", "parts"}
    for key in type(book.head).model_fields:
        if key not in _TEXTS | named:
            yield from _values("book.toml", key, getattr(book.head, key), getattr(like.head, key))
    yield from _order("book.toml", "parts", book.head.parts, like.head.parts)
    own = {nudge.id: nudge for nudge in book.head.nudge}
    theirs = {nudge.id: nudge for nudge in like.head.nudge}
    yield from _order("book.toml", "nudges", own, theirs)
    for name in own.keys() & theirs.keys():
        yield from _values("book.toml", f"nudge {name}", own[name], theirs[name])


def _parts(book: Book, like: Book) -> Iterator[str]:
    for name in (one for one in book.parts if one in like.parts):
        yield from _values(f"{name}.toml", "part", book.parts[name].head, like.parts[name].head)


def _steps(book: Book, like: Book) -> Iterator[str]:
    for name in (one for one in like.order if one not in book.steps):
        yield f"{like.steps[name].part}.toml: {name}: this step is missing"
    for name in (one for one in book.order if one not in like.steps):
        yield f"{book.steps[name].part}.toml: {name}: the other language has no such step"
    both = [name for name in book.order if name in like.steps]
    theirs = [name for name in like.order if name in book.steps]
    if both != theirs:
        place = next(at for at, (one, other) in enumerate(zip(both, theirs, strict=True)) if one != other)
        yield f"{book.steps[both[place]].part}.toml: {both[place]}: stands where '{theirs[place]}' is asked"
    for name in both:
        yield from _values(f"{book.steps[name].part}.toml", name, book.steps[name].form, like.steps[name].form)


def _order(file: str, place: str, own: Iterable[str], theirs: Iterable[str]) -> Iterator[str]:
    found, wanted = list(own), list(theirs)
    if found != wanted:
        yield f"{file}: {place}: {', '.join(found) or 'none'}, should be {', '.join(wanted) or 'none'}"


def _values(file: str, place: str, own: Any, theirs: Any) -> Iterator[str]:
    """Where two values differ in what is no text."""
    a, b = _bare(own), _bare(theirs)
    if not (isinstance(a, dict) and isinstance(b, dict)):
        a, b = {"": a}, {"": b}
    for key in dict.fromkeys((*a, *b)):
        if a.get(key) != b.get(key):
            name = f" {key}" if key else ""
            yield f"{file}: {place}:{name} is {_shown(a.get(key))}, should be {_shown(b.get(key))}"


def _bare(value: Any) -> Any:
    """A value without its texts; of a frame only which answers it holds, of a proposal in words that there is one."""
    if isinstance(value, BaseModel):
        found = {}
        for key in type(value).model_fields:
            if key not in _TEXTS:
                one = getattr(value, key)
                is_worded = key in ("frame", "proposal") and isinstance(one, str)
                found[key] = _holds(one) if is_worded else _bare(one)
        return found
    if isinstance(value, tuple | list):
        return [_bare(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _bare(one) for key, one in value.items()}
    return value


def _holds(text: str) -> str:
    """The names between braces in a text, in order of the alphabet."""
    return f"a text with {sorted(part.partition('}')[0] for part in text.split('{')[1:])}"


def _shown(value: Any) -> str:
    return "missing" if value is None else repr(value)
