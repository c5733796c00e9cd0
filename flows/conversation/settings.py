"""What a room can set for itself. Rule: one table; what is not in it can't be set."""

from __future__ import annotations

import re
from datetime import date, time
from zoneinfo import ZoneInfo, available_timezones

from flows.calendar.dates import NoSuchDate, Period, read_date, read_period, say_day
from flows.calendar.hours import Hours
from flows.calendar.words import PhraseWords
from flows.conversation import retention
from flows.conversation.draft import Draft
from flows.conversation.roomtime import day_of
from flows.conversation.text import bare_words, cut, fold, quote
from flows.conversation.values import read_value, said_value
from flows.conversation.view import FULL, LYING, NO_PICTURE, SHORT, UPRIGHT

NAMES = ("taal", "tempo", "duwtjes", "tijdzone", "uren", "vrij", "plaatje", "gesloten", "bewaren")
LONGEST_FREE = 100  # days
MOST_FREE = 30


def settings(d: Draft, rest: str) -> str:
    """The text that answers `!instellingen`, after changing what was asked."""
    said, _, value = rest.partition(" ")
    value = value.strip()
    if not said:
        return "\n".join([d.texts("settings.head"), *_rows(d), d.texts("settings.how")])
    name = named(d, said)
    if name == "tempo" and (pace := read_value(d, value, (SHORT, FULL))):
        d.set(pace=pace)
    elif name == "duwtjes" and fold(value) in (*d.texts.words("words.on"), *d.texts.words("words.off")):
        d.set(nudges=fold(value) in d.texts.words("words.on"))
    elif name == "tijdzone" and (zone := _zone(value)):
        d.set(zone=zone)
    elif name == "uren" and (hours := _hours(value, d.texts.phrases)):
        d.set(hours=hours)
    elif name == "vrij" and (free := _free(d, value)) is not None:
        d.set(free=free)
    elif name == "plaatje" and (picture := _picture(d, value)) is not None:
        d.set(picture=picture)
    elif name == "gesloten" and (switched := _closed(d, value)) is not None:
        return switched
    elif name == "bewaren" and _keep(d, value):
        pass
    elif name is not None:
        return d.texts(f"settings.{name}.what")
    else:
        names = ", ".join(d.texts.words(f"settings.names.{one}")[0] for one in NAMES)
        return d.texts("settings.none", said=quote(cut(fold(said), 30)), names=names)
    return "\n".join([d.texts("settings.done"), *_rows(d, name)])


def named(d: Draft, text: str) -> str | None:
    """The setting that a text names, in the room's language or as it is kept; None where it is none."""
    return next((one for one in NAMES if fold(text) in (one, *d.texts.words(f"settings.names.{one}"))), None)


def _hours(value: str, phrases: PhraseWords) -> str | None:
    """Working hours as they are kept (09:00-17:00), of "9-17" or "8.30 - 16.30"; None where they can't be read."""
    ranges, hours = ("|".join(map(re.escape, words)) for words in (phrases.ranges, phrases.times["hour_words"]))
    match = re.fullmatch(
        rf"(\d{{1,2}})(?:[:.](\d{{2}}))? *(?:{ranges}) *(\d{{1,2}})(?:[:.](\d{{2}}))?(?: *(?:{hours}))?", value.strip()
    )
    if match is None:
        return None
    try:
        start, end = (time(int(match[at]), int(match[at + 1] or 0)) for at in (1, 3))
        Hours(start, end)
    except ValueError:
        return None
    return f"{start:%H:%M}-{end:%H:%M}"


def _say_hours(d: Draft) -> str:
    return d.room.hours.replace("-", " - ")


def _free(d: Draft, value: str) -> tuple[str, ...] | None:
    """The room's free days after adding a day or a period (or none of them); None where it can't be read."""
    if fold(value) in d.texts.words("words.none"):
        return ()
    try:
        day = read_date(value, d.texts.calendar)
        period = Period(day, day) if day is not None else read_period(value, d.texts.calendar)
    except NoSuchDate:
        return None
    if period is None or period.start is None or period.end is None or (period.end - period.start).days > LONGEST_FREE:
        return None
    entry = f"{period.start.isoformat()}/{period.end.isoformat()}" if period.end != period.start else str(period.start)
    today = day_of(d.room, d.at).isoformat()
    kept = [one for one in d.room.free if (one.partition("/")[2] or one) >= today and one != entry]
    return tuple(sorted([*kept, entry])) if len(kept) < MOST_FREE else None


def _say_free(d: Draft) -> str:
    said = []
    for entry in d.room.free:
        first, _, last = entry.partition("/")
        days = [say_day(date.fromisoformat(one), d.texts.calendar) for one in (first, last) if one]
        said.append(f" {d.texts.words('words.until')[0]} ".join(days))
    return ", ".join(said) or d.texts.words("words.none")[0]


def _picture(d: Draft, value: str) -> str | None:
    """How the picture with an overview stands; None where it can't be read."""
    plain = fold(value)
    if plain in d.texts.words("words.none") or plain in d.texts.words("words.off"):
        return NO_PICTURE
    if plain in d.texts.words("words.on"):
        return LYING
    return read_value(d, value, (LYING, UPRIGHT, NO_PICTURE))


def _closed(d: Draft, value: str) -> str | None:
    """The text after turning closed rounds on or off; None where it can't be read."""
    wanted = fold(value)
    if wanted not in (*d.texts.words("words.on"), *d.texts.words("words.off")):
        return None
    is_on, can = wanted in d.texts.words("words.on"), d.setting.capabilities
    if is_on and not can.closed:
        return d.texts("settings.gesloten.cannot")
    d.set(closed=is_on)
    lines = [d.texts("settings.done"), *_rows(d, "gesloten")]
    if is_on:
        lines += [d.texts(f"closed.promise.{can.ways}"), d.texts("closed.promise.all", operator=d.operator)]
    return "\n".join(lines)


def _keep(d: Draft, value: str) -> bool:
    """Change how long what is here is kept; whether it could be read."""
    plain = bare_words(value)
    months = re.fullmatch(
        rf"(\d{{1,3}})(?: (?:{'|'.join(map(re.escape, d.texts.words('keep.words.months')))}))?", plain
    )
    if plain in d.texts.words("keep.words.lock"):
        d.set(locked=True)
    elif plain in d.texts.words("keep.words.unlock"):
        d.set(locked=False)
    elif plain in d.texts.words("keep.words.later"):
        retention.put_off(d)
    elif months is not None and 1 <= int(months[1]) <= retention.LONGEST:
        d.set(months=int(months[1]))
    else:
        return False
    return True


def _zone(value: str) -> str | None:
    found = [name for name in available_timezones() if fold(name) == fold(value).replace(" ", "_")]
    return ZoneInfo(found[0]).key if found else None


def _rows(d: Draft, only: str | None = None) -> list[str]:
    nudges = d.texts.words("words.on" if d.room.nudges else "words.off")[0]
    values = {
        "taal": d.texts("language.name"),
        "tempo": said_value(d, d.room.pace),
        "duwtjes": nudges,
        "tijdzone": d.room.zone,
        "uren": _say_hours(d),
        "vrij": _say_free(d),
    }
    values["bewaren"] = retention.said(d)
    if d.setting.capabilities.closed:
        values["gesloten"] = d.texts.words("words.on" if d.room.closed else "words.off")[0]
    if "png" in d.setting.capabilities.files:
        values["plaatje"] = said_value(d, d.room.picture)
    return [d.texts(f"settings.{name}.row", value=value) for name, value in values.items() if only in (None, name)]
