"""What is fed with made-up bytes: everything that reads what somebody outside wrote.

Rule: a target raises nothing, whatever it is given; what must hold of the outcome it asserts itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.receiving import APART
from bot.render.text import as_html, as_plain
from bot.settings import SettingsError, load_settings
from bot.transports.base import EARLIEST, Incoming
from bot.transports.console import lines
from bot.transports.matrix import reading as matrix_reading
from bot.transports.matrix import writing as matrix_writing
from bot.transports.matrix.people import Hall
from bot.transports.teams import cards as teams_cards
from bot.transports.teams import reading as teams_reading
from flows.calendar.dates import NoSuchDate, read_date, read_period, say_date
from flows.calendar.finding import find_when
from flows.calendar.periods import read_spoken_period
from flows.calendar.phrases import read_when
from flows.calendar.rhythm import read_rhythm, say_rhythm
from flows.calendar.when import Past, When
from flows.catalogue import load_catalogue
from flows.conversation import capture, commands
from flows.conversation.effects import Edit, Say
from flows.conversation.engine import Engine, Turn
from flows.conversation.events import LONGEST_TEXT, Edited, Event, Joined, Own, Person, Pressed, Reacted, Said
from flows.conversation.hearing import PRIVATE, Capabilities, Setting
from flows.conversation.snapshot import Snapshot, apply
from flows.conversation.text import clean, cut, lines_as_items, quote, size, split
from flows.languages import load_languages
from storage import events

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
PEOPLE = (Person("anna", "Anna", moderator=True), Person("bas", "Bas"), Person("cem", "Cem Çelik"))
CARDS = Capabilities(ways="teams", marks=False, cards=True, files=("png", "pdf"), closed="card")
CHAT = Capabilities(ways="matrix", files=("png", "pdf"), closed=PRIVATE, private=True)

Target = Callable[[bytes], None]


def _text(data: bytes) -> str:
    """Text as a client may send it: surrogates and all."""
    return data.decode("utf-8", "surrogateescape" if data[:1] == b"\x01" else "replace")


def text(data: bytes) -> None:
    """What is done with every text that comes in, and with every text that is quoted."""
    raw = _text(data)
    kept = clean(raw)
    assert clean(kept) == kept
    assert kept.encode("utf-8").decode() == kept
    assert size(kept) == len(kept.encode())
    assert len(cut(kept, 80)) <= 80
    assert "".join(split(kept, 64)) == kept
    lines_as_items(kept)
    shown = quote(kept)
    html = as_html(f"- {shown}\n- **{shown}**")
    assert "<a" not in html.lower()
    assert "<img" not in html.lower()
    assert "<script" not in html.lower()
    assert "@room" not in as_plain(shown)
    as_html(raw.encode("utf-8", "replace").decode())
    commands.read(raw)
    commands.near(kept[:80])
    capture.message_is_for_coach(capture.Heard(kept, None, None, False), _Nothing(), alone=False)


class _Nothing:
    """A room in which nothing is known."""

    def is_own(self, message: str) -> bool:
        return False

    def is_taken(self, message: str) -> bool:
        return False


def dates(data: bytes) -> None:
    """Days, periods and rhythms in words, in both languages."""
    said = clean(_text(data))[:400]
    for texts in (load_catalogue("nl"), load_catalogue("en")):
        when = read_when(said, TODAY, texts.phrases)
        assert not isinstance(when, When) or when.day >= TODAY
        assert not isinstance(when, Past) or when.day < TODAY
        find_when(said, TODAY, texts.phrases)
        for read in (
            lambda words=texts: read_date(said, words.calendar),
            lambda words=texts: read_period(said, words.calendar),
            lambda words=texts: read_spoken_period(said, TODAY, words.phrases),
        ):
            try:
                found = read()
            except NoSuchDate:
                continue
            if isinstance(found, date):
                say_date(found, texts.calendar)
        rhythm = read_rhythm(said, texts.rhythm)
        if rhythm is not None:
            say_rhythm(rhythm, texts.rhythm)


def json_lines(data: bytes) -> None:
    """Lines of another program."""
    fault, line = "", None
    try:
        line = lines.parse(data)
    except lines.LineError as error:
        fault = str(error)
    assert bool(fault) != bool(line)
    assert "\n" not in fault
    if line is not None and not isinstance(line, lines.ClockLine):
        found = lines.incoming(line, line.at or AT)
        assert found.room
        assert APART not in found.room


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def matrix(data: bytes) -> None:
    """Events of a Matrix room, and what of its state counts."""
    source = _json(data)
    if not isinstance(source, dict):
        return
    for me in (matrix_reading.Me("@coach:x.nl", "Coach"), matrix_reading.Me("@coach:x.nl", "(")):
        found = matrix_reading.read(source, "!r:x.nl", me)
        _fit(found)
    hall = Hall().after(source)
    hall.people(["@coach:x.nl"])
    hall.moderates("@anna:x.nl")


def teams(data: bytes) -> None:
    """Activities of Teams."""
    activity = _json(data)
    if not isinstance(activity, dict):
        return
    found = teams_reading.read(activity, AT)
    teams_reading.answer(activity, "ok")
    if found is not None:
        for one in found.incoming:
            _fit(one)
        assert found.at.tzinfo is UTC


def _fit(found: Incoming | None) -> None:
    """What a transport hands on has the form that it says it has."""
    if found is None:
        return
    for name in ("room", "id", "sender", "text", "target", "key", "value"):
        assert isinstance(getattr(found, name, ""), str), name
    for name in ("reply_to", "thread", "person"):
        assert isinstance(getattr(found, name, None), str | None), name
    assert found.at.tzinfo is not None
    assert found.at.year >= EARLIEST


_FOLDER = TemporaryDirectory(prefix="fuzz-")


def config(data: bytes) -> None:
    """A configuration file: faults are named, each on a line of its own."""
    file = Path(_FOLDER.name) / "config.toml"
    file.write_bytes(data)
    faults, settings = [], None
    try:
        settings = load_settings(file, {})
    except SettingsError as error:
        faults = error.faults
    assert bool(faults) != bool(settings)
    assert all(faults)
    if settings is None:
        return
    assert settings.matrix_store
    if settings.teams is not None:
        host, port = settings.teams.host_port
        assert host
        assert port >= 0


def stored(data: bytes) -> None:
    """A waiting row that another version, or a damaged disk, left: it is read, or set aside."""
    try:
        found = events.parse(data.decode("utf-8", "replace"))
    except (KeyError, TypeError, ValueError):
        return
    events.dump(found)


# The conversation -----------------------------------------------------------------------------------------------------

PLACES = (
    "", "!start", "!pauze", "!sessie 45", "!wijze gespreid", "!instellingen gesloten aan", "!wijzig pilot.naam",
    "!ga impact.vraagstuk", "!ga impact.status", "!ga impact.statement", "!ga impact.acties", "!ga routes.keuze",
    "!ga ingredienten.oordeel", "!ga valkuilen.scope.geldt", "!ga pilot.periode", "!ga pilot.ritme",
    "!ga strategie.keuze", "!actie bellen @Bas 15 januari 2027", "!wis", "!hercheck", "!weetniet", "!overzigt",
)  # fmt: skip


@cache
def engine(language: str, *, on_cards: bool) -> Engine:
    """The engine of the guide, in a language, in a chat with or without cards."""
    languages = load_languages(language)
    first = languages.of(language)
    able = CARDS if on_cards else CHAT
    return Engine(Setting(first.book, first.texts, able, "Gemeente Voorbeeld", "coach.db", languages.others))


@cache
def room(place: int, people: int, language: str, *, on_cards: bool) -> Snapshot:
    """A room that stands somewhere."""
    at = engine(language, on_cards=on_cards)
    told = [Joined("j", AT, PEOPLE[:people])]
    if place:
        told += [Said(f"s{n}", AT, "anna", one) for n, one in enumerate(("!start", "!taal nl", PLACES[place]))]  # type: ignore[misc]
        told.append(Said("own", AT, "anna", f"!taal {language}"))  # type: ignore[arg-type]
    found = Snapshot("r")
    for event in told:
        found = at.step(found, event).snapshot
    return found


def _asked(snapshot: Snapshot, pick: int) -> Own:
    """One of the coach's own messages."""
    number = 1 + pick % max(1, snapshot.room.messages)
    for asked in snapshot.asked.values():
        if number in (asked.first, asked.latest):
            return Own(number, "question", asked.step)
    return Own(number, "info", None)


def _play(data: bytes, *, on_cards: bool) -> None:
    """Up to eight events, one after the other: three bytes choose where and what, the rest is what is said."""
    if len(data) < 4:
        return
    language = "nl" if data[0] & 1 else "en"
    at = engine(language, on_cards=on_cards)
    now = room(data[1] % len(PLACES), 1 + data[0] // 2 % 3, language, on_cards=on_cards)
    for count, piece in enumerate(data[2:].split(b"\xff")[:8]):
        if not piece:
            continue
        said = clean(piece[1:].decode("utf-8", "replace"))[:LONGEST_TEXT]
        event = _event(now, piece[0], said, f"e{count}", on_cards=on_cards)
        assert events.parse(events.dump(event)) is not None
        turn = at.step(now, event)
        _check(now, turn, at, on_cards=on_cards)
        now = turn.snapshot


def _event(now: Snapshot, how: int, said: str, name: str, *, on_cards: bool) -> Event:
    sender, own = PEOPLE[how // 8 % 3].id, _asked(now, how // 24)
    match how % 8:
        case 0 | 1:
            return Said(name, AT, sender, said)
        case 2 | 3:
            return Said(name, AT, sender, said, own)
        case 4:
            return Edited(name, AT, sender, "e0", said)
        case 5 if on_cards:
            words = said.split("|")
            return Pressed(name, AT, sender, own, words[0], words[-1], tuple(words[1:-1]), words[-1] or None)
        case 6:
            return Reacted(name, AT, sender, said[:50], own)
        case _:
            return Said(name, AT, sender, f"!{said}", mentioned=how % 8 == 7)


def _check(before: Snapshot, turn: Turn, at: Engine, *, on_cards: bool) -> None:
    assert apply(before, turn.changes) == turn.snapshot
    texts = at.setting.texts
    for effect in turn.effects:
        if not isinstance(effect, Say | Edit):
            continue
        assert size(effect.text) <= at.setting.capabilities.longest
        effect.text.encode()
        if on_cards:
            drawn = teams_cards.message(effect, "k", texts, {one.id: one.name for one in PEOPLE})
            assert len(json.dumps(drawn)) < 4 * teams_cards.MOST_BYTES
        elif isinstance(effect, Say):
            content = matrix_writing.message(effect, "k")
            assert len(json.dumps(content)) <= matrix_writing.MOST_BYTES + 100_000
            assert "@room" not in content["body"]


def conversation(data: bytes) -> None:
    """What people say, change and sign, at any place in the guide."""
    _play(data, on_cards=False)


def cards(data: bytes) -> None:
    """What comes back from cards, at any place in the guide, and the cards that follow."""
    _play(data, on_cards=True)


TARGETS: dict[str, Target] = {
    "text": text, "dates": dates, "lines": json_lines, "matrix": matrix, "teams": teams, "config": config,
    "stored": stored, "conversation": conversation, "cards": cards,
}  # fmt: skip
