"""Five rooms to look at: nothing said yet, the case of the guide (in Dutch and in English), everything filled to the
brim, and a hostile one.
"""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from flows.canvas import Canvas, build
from flows.conversation.snapshot import Action, Answer, Item, Member, Put, Room, Round, Snapshot, apply
from flows.summary import summarise
from storage import rooms
from tests.chat import BOOK, LANGUAGES, ROOM
from tests.transcripts.script import Player

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
WORDS = {
    "status": ("voldoende", "deels", "onvoldoende", "onbekend"),
    "applies": ("nee", "deels", "ja", "onbekend"),
}
LONG = (
    "We merkten in de eerste twaalf weken dat wijkteams de aanpak anders gebruiken dan we hadden bedacht, en dat is "
    "niet erg. Een deel van de gesprekken gaat over geld, een deel over opvoeden en een deel over eenzaamheid, en "
    "juist die combinatie maakt dat mensen terugkomen. Wat nog niet lukt is het vastleggen: iedereen houdt een eigen "
    "lijstje bij, en aan het einde van de maand telt niemand die lijstjes bij elkaar op. Daarom willen we eerst "
    "afspreken wat we tellen, wie dat doet en waar het terechtkomt, voordat we met een derde wijk beginnen. De "
    "wethouder vroeg daar ook al om in de raad"
)
HOSTILE = (
    '#eval("1+1") #import "@preview/x:0.1.0" #read("/etc/passwd") *vet* _cursief_ `code` $x^2$ = Kop \\ <label> @ref',
    '<script>alert("x")</script> <b>vet</b> a&b &amp; &#60; ]]> <!-- weg -->',
    "مرحبا بالعالم, هذا نص من اليمين إلى اليسار",
    "שלום עולם en 漢字かな한국어 en ไทย",
    "👩‍👩‍👧‍👦 🎉 🇳🇱 👍🏽 ✅ 🟢 ⚪",
    "Donaudampfschifffahrts" * 9,
    "https://voorbeeld.nl/" + "a1b2c3" * 30,
    "regel een\n\nregel twee\n  - geen lijst\n# geen kop",
    "Zalgo: h\u0300\u0301\u0302\u0303\u0304e\u0305\u0306\u0307j\u0308\u0309\u030a",
    "besturing:\x00\x01\x08\x0b\x0c\x1b[31m\x7f\x85 einde",
    "=1+1",
    "{{ 7*7 }} ${7*7} %n%s {0} {name} '; DROP TABLE item; --",
    "Zoë Çelik, Łukasz, Ωμέγα, Ђорђе, Nguyễn",
)


@dataclass(frozen=True)
class Case:
    """A room: what is said in it, and when it is looked at."""

    snapshot: Snapshot
    now: datetime

    def canvas(self, *, authors: bool = False) -> Canvas:
        """Its canvas."""
        spoken = LANGUAGES.of(self.snapshot.room.language)
        return build(summarise(spoken.book, self.snapshot, self.now), spoken.book, spoken.texts, authors=authors)

    def answers(self) -> list[str]:
        """Every answer and action that a document must hold: of steps that apply."""
        summary = summarise(BOOK, self.snapshot, self.now)
        found = [item.text for part in summary.parts for step in part.steps if step.applicable for item in step.items]
        return [*found, *(action.text for action in summary.actions)]

    def warnings(self) -> list[str]:
        """Every alarm that a document must hold, with what the team decided about it."""
        book = LANGUAGES.of(self.snapshot.room.language).book
        alarms = summarise(book, self.snapshot, self.now).alarms
        return [text for alarm in alarms for text in (alarm.text, *(item.text for item in alarm.decided))]


def empty() -> Case:
    """A room in which nothing was said."""
    return Case(Snapshot("leeg", Room(book=BOOK.head.id, version=BOOK.head.version, language="nl")), NOW)


@cache
def ns() -> Case:
    """The station pilot of the guide, as the transcript tells it."""
    return _told("ns_full_one")


@cache
def english() -> Case:
    """The same, in a room that speaks English."""
    return _told("ns_full_one_en")


def _told(transcript: str) -> Case:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(__file__).parents[1] / "transcripts" / f"{transcript}.txt"
        chat = Player(path, Path(folder)).play()
        number = rooms.find(chat.conn, "console", ROOM)
        assert number is not None
        snapshot = rooms.load(chat.conn, number)
        chat.conn.close()
    return Case(snapshot, chat.now)


@cache
def outdated() -> Case:
    """The same, with an answer that was added after the statement was accepted that is made from it."""
    later = Item(10_000, "impact.outcome", "buren groeten elkaar", "anna", ns().now)
    return Case(apply(ns().snapshot, [Put(later)]), ns().now)


@cache
def full() -> Case:
    """Every question answered with 600 characters, 25 actions, six rounds."""
    return _filled(
        "Jeugdhulp dichtbij in Wijk Oost, Wijk Noord en het centrum", lambda n: f"{LONG} (antwoord {n}).", 25, 6
    )


@cache
def hostile() -> Case:
    """Code of Typst and HTML, other scripts, emoji, endless words and control characters, as answers and names."""
    return _filled(HOSTILE[1] + HOSTILE[0], lambda n: f"{HOSTILE[n % len(HOSTILE)]} ({n})", 13, 2)


def _filled(name: str, text: Callable[[int], str], actions: int, rounds: int) -> Case:
    numbers = itertools.count(1)
    items: dict[int, Item] = {}
    answers: dict[str, Answer] = {}
    asked = [step for step in BOOK.steps.values() if step.kind == "actions"]

    def add(step: str, said: str) -> None:
        number = next(numbers)
        items[number] = Item(number, step, said, ("anna", "bas")[number % 2], NOW - timedelta(days=90 - number % 60))

    for place, step in enumerate(BOOK.steps.values()):
        value = None
        status = WORDS[step.kind][place % 4] if step.kind in WORDS else None
        if step.kind in ("text", "statement"):
            add(step.id, name if step.index == 0 else text(place))
            if place % 3 == 0 and step.index:
                add(step.id, text(place + 1))
        elif step.kind == "multi":
            exclusive = step.form.exclusive[1:]
            words = [one.word for one in step.form.choices if one.word not in (*exclusive, step.form.none)]
            value = json.dumps(words[: 1 + place % len(words)] if step.part != "routes" else words[:3])
        elif step.kind == "period":
            value = json.dumps({"start": "2026-01-01", "end": "2027-12-31"})
        elif step.kind == "rhythm":
            value = json.dumps({"every": 6, "unit": "week"})
        if step.kind not in ("actions", "grid"):
            answers[step.id] = Answer(step.id, "answered", NOW, status, place % 7 == 0 and status is not None, value)
    deeds = {
        number: Action(
            number,
            text(number) if number % 3 == 0 else f"Gesprek {number} plannen met de woningcorporatie en de huisartsen",
            NOW,
            owner_name=("Anne-Fleur van 't Hof", "Ömer Yıldız", None, "Sjoerd")[number % 4],
            due=None if number % 5 == 0 else date(2026, 11, 1) + timedelta(days=5 * number),
            state=("open", "open", "open", "done", "open", "dropped")[number % 6],
            step=asked[number % len(asked)].id,
        )
        for number in range(1, actions + 1)
    }
    rated = [step for step in BOOK.steps.values() if step.kind in WORDS]
    parts = [part.id for part in BOOK.parts.values() if part.status]
    made = {}
    for number in range(1, rounds + 1):
        statuses: dict[str, str | None] = {
            one.id: WORDS[one.kind][(one.index + rounds - number) % 4] for one in rated if number > 1 or one.index % 2
        }
        statuses |= {part: WORDS["status"][(place + rounds - number) % 4] for place, part in enumerate(parts)}
        made[number] = Round(number, NOW - timedelta(days=42 * (rounds - number)), statuses)
    members = {one.lower(): Member(one.lower(), one) for one in ("Anna", "Bas")}
    room = Room(book=BOOK.head.id, version=BOOK.head.version, language="nl", position="einde")
    return Case(Snapshot("vol", room, members, answers, items, action=deeds, round=made), NOW)


CASES: dict[str, Callable[[], Case]] = {
    "empty": empty, "ns": ns, "english": english, "full": full, "hostile": hostile,
}  # fmt: skip
