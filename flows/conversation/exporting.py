"""What shows the whole canvas: `!overzicht` and `!export`. Rule: the words come at once and stand by themselves; a
picture or document comes under them when it is made.

Only kinds of file that the running transport can post are named.
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.calendar.dates import say_day
from flows.conversation import going, newcomers, overview
from flows.conversation.answers import name_of_part
from flows.conversation.draft import Draft
from flows.conversation.effects import FORMS, PORTRAIT, POSTER, TREND, VIEWS, seen_part, upright
from flows.conversation.events import NotAttached
from flows.conversation.source import Source
from flows.conversation.text import bare_words, cut, quote
from flows.conversation.view import NO_PICTURE, UPRIGHT

# Documents that name who said what only when asked, and files that always do.
_DISCREET = ("pdf", "docx", "pptx")
_NAMING = ("csv", "json")
_PICTURE = "png"
_VIEWS = tuple(view for views in VIEWS.values() for view in views)


def show_overview(d: Draft, rest: str, source: Source) -> None:
    """How everything stands, how it went over the rounds, or one part in full; with a picture where there is one."""
    if not rest:
        number = d.say("overview", overview.short(d), reply_to=source.event)
        _show(d, number, PORTRAIT if d.room.picture == UPRIGHT else "")
        return
    if bare_words(rest) in d.texts.words("export.views.trend"):
        number = d.say("overview", overview.trend(d), reply_to=source.event)
        if _has_trend(d):
            _show(d, number, TREND)
        return
    if bare_words(rest) in (*d.texts.words("overview.words.standing"), *d.texts.words("words.standing")):
        newcomers.tell(d, source)
        return
    named = going.place(d, rest, source, "overzicht", parts=True)
    if named is None:
        return
    part = named.part or d.book.steps[str(named.step)].part
    number = d.say("overview", overview.full(d, part, None if named.part else named.step), reply_to=source.event)
    if named.part and d.book.parts[part].status:
        _show(d, number, upright(part) if d.room.picture == UPRIGHT else part)


def _show(d: Draft, number: int, view: str) -> None:
    """Put a picture under an overview, unless the room wants none."""
    if _PICTURE in d.setting.capabilities.files and d.room.picture != NO_PICTURE:
        d.attach(number, _PICTURE, view)


def _has_trend(d: Draft) -> bool:
    return len(d.snapshot.round) > 1


def export(d: Draft, rest: str, source: Source) -> None:
    """Post the canvas as a file: its kind, and behind it what of it, or that a document says who said what."""
    form, view, authors, unknown = _asked_for(d, rest)
    can = d.setting.capabilities.files
    if not can:
        text = d.texts("export.cannot")
    elif unknown:
        text = d.texts("export.unknown", said=quote(cut(unknown, 30)), kinds=_kinds(d))
    elif form is None:
        text = "\n".join([d.texts("export.head"), *(d.texts(f"export.kind.{one}") for one in FORMS if one in can)])
    elif form not in can:
        text = d.texts("export.not_here", kinds=_kinds(d))
    elif view and view not in VIEWS.get(form, ()) and not (form == _PICTURE and seen_part(view) in d.book.parts):
        text = d.texts("export.no_view", kinds=_kinds(d))
    elif view == TREND and not _has_trend(d):
        text = d.texts("export.no_trend")
    else:
        _post(d, form, view, authors, source)
        return
    d.say("help", text, reply_to=source.event)


def _post(d: Draft, form: str, view: str, authors: bool, source: Source) -> None:
    what = POSTER if view == POSTER else form
    authors = authors and what in _DISCREET
    lines = [
        d.texts("export.here", what=d.texts(f"export.what.{what}"), day=say_day(overview.today(d), d.texts.calendar))
    ]
    if what in _DISCREET:
        lines.append(f"_{d.texts('export.names.with' if authors else 'export.names.without', form=form)}_")
    elif what in _NAMING:
        lines.append(f"_{d.texts('export.names.always')}_")
    number = d.say("info", "\n".join(lines), reply_to=source.event)
    d.attach(number, form, view, authors=authors)


def _asked_for(d: Draft, rest: str) -> tuple[str | None, str, bool, str]:
    """What somebody asked to export: the kind of file, what of the canvas, whether with names, and what could not be
    read.
    """
    form: str | None = None
    view, authors = "", False
    for word in _words(d, rest):
        kind = next((one for one in FORMS if word in d.texts.words(f"export.forms.{one}")), None)
        seen = next(
            (one for one in (*VIEWS["png"], *VIEWS["pdf"]) if word in d.texts.words(f"export.views.{one}")), None
        )
        if kind is not None and form is None:
            form = kind
        elif seen is not None and not view:
            view = seen
        elif not view and (part := _part(d, word)) is not None:
            view = part
        elif seen == PORTRAIT and view in d.book.parts:
            view = upright(view)
        elif view == PORTRAIT and (part := _part(d, word)) is not None:
            view = upright(part)
        elif word in d.texts.words("export.words.names"):
            authors = True
        elif word not in d.texts.words("export.words.filling"):
            return form, view, authors, word
    if form is None and view:
        form = next((one for one, views in VIEWS.items() if view in views), _PICTURE)
    return form, view, authors, ""


def _part(d: Draft, word: str) -> str | None:
    """The part that is called so."""
    return next((part.id for part in d.book.parts.values() if word in (part.id, name_of_part(part))), None)


def _words(d: Draft, rest: str) -> Iterator[str]:
    for word in rest.split():
        plain = bare_words(word)
        if plain:
            yield plain


def _kinds(d: Draft) -> str:
    """Everything that can be made here, by the name that people type behind the command."""
    can = [one for one in FORMS if one in d.setting.capabilities.files]
    named = [name for one in can for name in (one, *([POSTER] if POSTER in VIEWS.get(one, ()) else []))]
    return ", ".join(f"`{name}`" for name in named)


def not_attached(d: Draft, event: NotAttached) -> None:
    """A file that was promised does not come: say what does hold, and what to do."""
    own = "picture" if event.form == _PICTURE else "file"
    d.say("error", d.texts(f"export.failed.{own}.{event.reason}", form=event.form))
