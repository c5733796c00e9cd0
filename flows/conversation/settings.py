"""What a room can set for itself. Rule: one table; what is not in it can't be set."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from flows.conversation.draft import Draft
from flows.conversation.text import cut, fold, quote
from flows.conversation.view import FULL, SHORT


def settings(d: Draft, rest: str) -> str:
    """The text that answers `!instellingen`, after changing what was asked."""
    name, _, value = rest.partition(" ")
    name, value = fold(name), value.strip()
    if not name:
        return "\n".join([d.texts("settings.head"), *_rows(d), d.texts("settings.how")])
    if name == "tempo" and fold(value) in (SHORT, FULL):
        d.set(pace=fold(value))
    elif name == "duwtjes" and fold(value) in (*d.texts.words("words.on"), *d.texts.words("words.off")):
        d.set(nudges=fold(value) in d.texts.words("words.on"))
    elif name == "tijdzone" and (zone := _zone(value)):
        d.set(zone=zone)
    elif name in ("tempo", "duwtjes", "tijdzone"):
        return d.texts(f"settings.{name}.what")
    else:
        return d.texts("settings.none", said=quote(cut(name, 30)))
    return "\n".join([d.texts("settings.done"), *_rows(d, name)])


def _zone(value: str) -> str | None:
    found = [name for name in available_timezones() if fold(name) == fold(value).replace(" ", "_")]
    return ZoneInfo(found[0]).key if found else None


def _rows(d: Draft, only: str | None = None) -> list[str]:
    nudges = d.texts.words("words.on" if d.room.nudges else "words.off")[0]
    values = {"tempo": d.room.pace, "duwtjes": nudges, "tijdzone": d.room.zone}
    return [d.texts(f"settings.{name}.row", value=value) for name, value in values.items() if only in (None, name)]
