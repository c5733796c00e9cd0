"""What tells something and changes nothing but settings. Rule: each answers with one message."""

from __future__ import annotations

from flows.book.model import BEGIN
from flows.conversation import asking, going, language, overview, settings
from flows.conversation.draft import Draft
from flows.conversation.snapshot import Once
from flows.conversation.source import Source
from flows.conversation.text import cut, quote


def _step_for(d: Draft, rest: str, source: Source, command: str) -> str | None:
    if rest:
        named = going.place(d, rest, source, command, parts=False)
        return None if named is None else named.step
    focus = d.view.focus()
    if focus is None:
        d.say("help", d.texts("begin.line" if d.room.position == BEGIN else "end.line"), reply_to=source.event)
        return None
    return focus.id


def explain(d: Draft, rest: str, source: Source) -> None:
    """Why a question is asked, and what an answer may look like."""
    step = _step_for(d, rest, source, "uitleg")
    if step is not None:
        d.say("help", asking.explain_text(d, d.book.steps[step]), step=step, reply_to=source.event)


def example(d: Draft, rest: str, source: Source) -> None:
    """How somebody else answered."""
    step = _step_for(d, rest, source, "voorbeeld")
    if step is not None:
        d.say("help", asking.example_text(d, d.book.steps[step]), step=step, reply_to=source.event)


def show_settings(d: Draft, rest: str, source: Source) -> None:
    """The room's settings, or change one."""
    name, _, value = rest.partition(" ")
    if value.strip() and settings.named(d, name) == "taal":
        language.language(d, value.strip(), source)
        return
    d.say("noted" if rest else "info", settings.settings(d, rest), reply_to=source.event)


def actions(d: Draft, rest: str, source: Source) -> None:
    """The actions: all of them, or those of somebody, of a part, that are late, open or done."""
    text = overview.actions(d, rest, source.who)
    if text is None:
        d.say("help", d.texts("actions.which", said=quote(cut(rest, 40))), reply_to=source.event)
    else:
        d.say("overview", text, reply_to=source.event)


def undecrypted(d: Draft) -> None:
    """A message could not be read: what to do about it, once in a room."""
    if "undecrypted" not in d.snapshot.once:
        d.put(Once("undecrypted", "done"))
        d.say("help", d.texts("trouble.undecrypted"))
