"""`!taal`: the language in which the coach speaks in a room.

Rule: what the room has stays as it is; only what the coach says from now on is in the other language.
"""

from __future__ import annotations

import difflib

from flows.book.model import BEGIN
from flows.conversation import people, walk
from flows.conversation.draft import Draft
from flows.conversation.source import Source
from flows.conversation.text import bare_words, cut, fold, quote
from flows.languages import Language

_ALIKE = 0.75


def language(d: Draft, rest: str, source: Source) -> None:
    """Say which language this is, or change it and show again what stands open."""
    if not rest:
        text = d.texts("language.what", now=d.texts("language.name"), choices=_choices(d))
        d.say("help", text, reply_to=source.event)
        return
    found = _named(d, rest)
    if found is None:
        text = d.texts("language.unknown", said=quote(cut(rest, 30)), choices=_choices(d))
        d.say("help", text, reply_to=source.event)
    elif d.before.room.welcomed_at is None and found.code == d.texts.language:
        return  # it was asked for before the welcome, which says the rest
    elif found.code == d.texts.language:
        d.say("noted", d.texts("language.same"), reply_to=source.event)
    else:
        _speak(d, found)


def choose_first(d: Draft, rest: str) -> None:
    """The language of a room that was not welcomed yet, where what was asked for is one."""
    found = _named(d, rest)
    if found is not None and found.code != d.texts.language:
        d.set(language=found.code)


def _speak(d: Draft, found: Language) -> None:
    d.set(language=found.code)
    d.prefix = "\n\n".join(filter(None, [d.prefix, d.texts("language.done")]))
    if d.room.position == BEGIN:
        people.say_welcome(d)
    else:
        walk.repeat(d)


def _named(d: Draft, text: str) -> Language | None:
    """The one language that a text names, in whichever language, or nearly so; None where it names none, or more."""
    names = {fold(name): one for one in d.setting.languages for name in one.texts.words("language.called")}
    plain = bare_words(text)
    named = {names[word].code for word in plain.split() if word in names}
    if named:
        return d.setting.speaking(named.pop()) if len(named) == 1 else None
    near = difflib.get_close_matches(plain, names, n=1, cutoff=_ALIKE)
    return names[near[0]] if near else None


def _choices(d: Draft) -> str:
    """How to choose each language: `!taal nl` (Nederlands)."""
    rows = (d.texts("language.choice", code=one.code, name=one.texts("language.name")) for one in d.setting.languages)
    return d.texts("join.or").join(rows)
