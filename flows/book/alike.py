"""Whether two books are the same guide in two languages.

Rule: all that is no text must be the same, for a room keeps what it has when it changes language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from pydantic import BaseModel

from flows.book.model import Book

# What a reader sees or types; all else is the guide itself.
_TEXTS = {
    "title", "question", "why", "example", "help", "guide", "intro", "aliases", "called", "recalled", "label", "name",
    "text", "text_one", "source", "language", "words",
}  # fmt: skip


def differences(book: Book, like: Book) -> list[str]:
    """How a book differs from another that it should be a translation of, a line each: file, place, what."""
    return [*_head(book, like), *_parts(book, like), *_steps(book, like), *_others(book, like)]


def _head(book: Book, like: Book) -> Iterator[str]:
    for key in type(book.head).model_fields:
        if key not in _TEXTS:
            yield from _values("book.toml", key, getattr(book.head, key), getattr(like.head, key))


def _others(book: Book, like: Book) -> Iterator[str]:
    """What else a book has, each kind in a file of its own."""
    for one in fields(book):
        own = getattr(book, one.name)
        if isinstance(own, BaseModel) and one.name != "head":
            yield from _values(f"{one.name}.toml", "", own, getattr(like, one.name))


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


def _values(file: str, place: str, own: Any, theirs: Any) -> Iterator[str]:
    """Where two values differ in what is no text; what has ids is looked at one by one."""
    yield from _differ(f"{file}: {place}".rstrip(": "), _bare(own), _bare(theirs))


def _differ(place: str, own: Any, theirs: Any) -> Iterator[str]:
    if _has_ids(own) and _has_ids(theirs):
        found, wanted = [one["id"] for one in own], [one["id"] for one in theirs]
        if found != wanted:
            yield f"{place}: is {', '.join(found) or 'none'}, should be {', '.join(wanted) or 'none'}"
        for one, other in ((a, b) for a in own for b in theirs if a["id"] == b["id"]):
            yield from _differ(f"{place} {one['id']}", one, other)
    elif isinstance(own, dict) and isinstance(theirs, dict):
        for key in dict.fromkeys((*own, *theirs)):
            a, b = own.get(key), theirs.get(key)
            if _has_ids(a) and _has_ids(b):
                yield from _differ(f"{place}: {key}", a, b)
            elif a != b:
                yield f"{place}: {key} is {_shown(a)}, should be {_shown(b)}"
    elif own != theirs:
        yield f"{place}: is {_shown(own)}, should be {_shown(theirs)}"


def _has_ids(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and "id" in one for one in value)


def _bare(value: Any) -> Any:
    """A value without its texts; of a frame only which answers it holds, of a proposal in words that there is one."""
    if isinstance(value, BaseModel):
        found = {}
        for key in type(value).model_fields:
            one = getattr(value, key)
            if key == "text":
                found[key] = None if one is None else "a text"  # which, is its own affair
            elif key not in _TEXTS:
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
