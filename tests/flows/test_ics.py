"""The calendar of a room, read back by a parser and by hand: whole days, no ids, every sign as it was written."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from flows.conversation.snapshot import Action, Answer, Round, Snapshot
from flows.ics import as_ics
from flows.summary import Summary, summarise
from tests.bot.process import AT, Served, members, message, run
from tests.chat import BOOK, TEXTS, Chat
from tests.flows.rules_rooms import team

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def summary(*actions: Action, room: str = "!geheim:example.org", **values: Any) -> Summary:
    return replace(summarise(BOOK, Snapshot(room), NOW), actions=tuple(actions), **{"name": "NS-pilot", **values})


def action(number: int = 1, text: str = "memo", due: date | None = date(2026, 12, 4), **values: Any) -> Action:
    return Action(number, text, NOW, **{"author": "@anna:example.org", "due": due, **values})


def events(text: str) -> list[Any]:
    return list(Calendar.from_ical(text).walk("VEVENT"))


def by_hand(text: str) -> list[list[tuple[str, str]]]:
    """The events of a calendar as RFC 5545 says to read them: unfold, split, undo the escapes."""
    assert "\n" not in text.replace("\r\n", "")
    lines = text.replace("\r\n ", "").split("\r\n")
    found: list[list[tuple[str, str]]] = []
    for line in lines:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append([])
        elif found and name != "END":
            plain = re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], value)
            found[-1].append((name, plain))
    return found


def test_open_actions_and_looks_are_whole_days() -> None:
    text = as_ics(
        summary(
            action(1),
            action(2, "brief", date(2026, 12, 31), owner="@bas:example.org", owner_name="Bas"),
            action(3, "zonder datum", None),
            action(4, "klaar", state="done"),
            action(5, "vervallen", state="dropped"),
        ),
        TEXTS,
        [date(2027, 1, 4), date(2027, 2, 15)],
    )
    found = events(text)
    assert [(str(one["SUMMARY"]), one["DTSTART"].dt, one["DTEND"].dt) for one in found] == [
        ("Actie 1: memo", date(2026, 12, 4), date(2026, 12, 5)),
        ("Actie 2: brief (Bas)", date(2026, 12, 31), date(2027, 1, 1)),
        ("Klopt het nog? NS-pilot", date(2027, 1, 4), date(2027, 1, 5)),
        ("Klopt het nog? NS-pilot", date(2027, 2, 15), date(2027, 2, 16)),
    ]
    assert all(one["DTSTART"].params.get("VALUE") == "DATE" for one in found)
    assert "DTSTART;VALUE=DATE:20261204\r\n" in text
    assert {one["DTSTAMP"].dt for one in found} == {NOW}
    assert "DTSTAMP:20261123T093000Z\r\n" in text
    assert all(str(one["TRANSP"]) == "TRANSPARENT" for one in found)


def test_the_calendar_itself() -> None:
    text = as_ics(summary(), TEXTS, [])
    found = Calendar.from_ical(text)
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert text.endswith("END:VCALENDAR\r\n")
    assert (str(found["VERSION"]), str(found["X-WR-CALNAME"])) == ("2.0", "Opschalen: NS-pilot")
    assert str(found["PRODID"]).startswith("-//Opschaalcoach//")
    assert events(text) == []
    assert "Opschalen: Pilot" in as_ics(summary(name=None), TEXTS, [])


SIGNS = 'Ça; "kosten", 50% \\ 3 × € 1.000; zie https://x.nl/?a=1&b=2, 🚀👩‍👩‍👧‍👦 en @room <b>vet</b> `code`'


def test_signs_come_back_as_they_were_written() -> None:
    long = SIGNS + " " + "heel lange zin met é en 🚂 " * 12
    text = as_ics(summary(action(1, SIGNS), action(2, long), action(3, "regel\neen\r\ntwee")), TEXTS, [])
    assert [str(one["SUMMARY"]) for one in events(text)] == [
        f"Actie 1: {SIGNS}",
        f"Actie 2: {long.strip()}",
        "Actie 3: regel een twee",
    ]
    assert dict(by_hand(text)[0])["SUMMARY"] == f"Actie 1: {SIGNS}"


def is_folded(text: str) -> bool:
    """Whether no line is longer than 75 octets, and each can be read by itself."""
    lines = text.encode().split(b"\r\n")
    return all(len(line) <= 75 and line.decode() is not None for line in lines)


def test_lines_are_folded_between_characters() -> None:
    for start in range(8):
        text = as_ics(summary(action(1, "x" * start + "🚀é" * 60)), TEXTS, [])
        assert is_folded(text)
        assert len(text.split("\r\n ")) > 3


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=200), st.text(max_size=40))
def test_any_text_can_be_read_back(text: str, name: str) -> None:
    calendar = as_ics(summary(action(1, text, owner_name=name or None), name=text), TEXTS, [date(2027, 1, 4)])
    assert len(events(calendar)) == len(by_hand(calendar)) == 2
    assert is_folded(calendar)
    written = " ".join(text.split())
    if written and not name:
        assert str(events(calendar)[0]["SUMMARY"]) == f"Actie 1: {written}"
    assert calendar.count("\r\nBEGIN:") == 2  # nobody writes an event of their own


def test_uids_stay_and_say_nothing() -> None:
    first = as_ics(summary(action(1), action(2)), TEXTS, [date(2027, 1, 4)])
    later = as_ics(
        replace(summary(action(1, "memo, nu langer", date(2026, 12, 3)), action(2)), now=NOW + timedelta(days=9)),
        TEXTS,
        [date(2027, 1, 4), date(2027, 2, 15)],
    )
    other = as_ics(summary(action(1), room="!ander:example.org"), TEXTS, [])
    uids = [[str(one["UID"]) for one in events(text)] for text in (first, later, other)]
    assert uids[1][:3] == uids[0]
    assert len(set(uids[1])) == 4
    assert not set(uids[2]) & set(uids[1])
    for text in (first, later, other):
        assert "geheim" not in text
        assert "ander:" not in text
        assert "@anna" not in text


def test_two_looks_that_moved_to_one_day_are_one() -> None:
    text = as_ics(summary(), TEXTS, [date(2027, 1, 4), date(2027, 1, 4)])
    assert len(events(text)) == 1


# Looks ----------------------------------------------------------------------------------------------------------------


def looked(last: datetime, rhythm: str | None, start: str | None, end: str | None, now: datetime = NOW) -> list[str]:
    """The days of looks of a room whose last round was made then."""
    snapshot = Snapshot("r1")
    snapshot.round[1] = Round(1, last)
    period = f'{{"start": {f"{chr(34)}{start}{chr(34)}" if start else "null"}, "end": "{end}"}}' if end else None
    steps = {step.kind: step.id for step in BOOK.steps.values() if step.kind in ("period", "rhythm")}
    for kind, value in (("period", period), ("rhythm", rhythm)):
        if value is not None:
            snapshot.answer[steps[kind]] = Answer(steps[kind], "answered", NOW, value=value)
    return [str(day) for day in summarise(BOOK, snapshot, now).looks()]


SIX_WEEKS = '{"every": 6, "unit": "week"}'
MONTHLY = '{"every": 1, "unit": "month"}'


def test_looks_go_by_the_rhythm_up_to_the_last_day() -> None:
    made = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert looked(made, SIX_WEEKS, None, None)[:3] == ["2027-01-04", "2027-02-15", "2027-03-29"]
    assert len(looked(made, SIX_WEEKS, None, None)) == 12
    assert looked(made, SIX_WEEKS, "2026-09-01", "2027-02-28") == ["2027-01-04", "2027-02-15", "2027-02-28"]
    assert looked(made, SIX_WEEKS, "2026-09-01", "2027-02-15") == ["2027-01-04", "2027-02-15"]
    assert looked(made, None, "2026-09-01", "2027-02-28") == ["2027-02-28"]
    assert looked(made, '{"every": 0, "unit": "week"}', None, None) == []
    assert looked(made, SIX_WEEKS, "2026-01-01", "2026-11-20") == []
    assert looked(datetime(2026, 10, 31, 9, tzinfo=UTC), MONTHLY, None, None)[:4] == [
        "2026-11-30",
        "2026-12-31",
        "2027-01-31",
        "2027-02-28",
    ]
    # a round late in the evening of UTC is of the next day in Amsterdam
    assert looked(datetime(2026, 11, 22, 23, 30, tzinfo=UTC), SIX_WEEKS, None, None)[0] == "2027-01-04"


# Through the command --------------------------------------------------------------------------------------------------


async def test_the_command_writes_what_a_calendar_reads(tmp_path: Path) -> None:
    path = tmp_path / "coach.db"
    served = await Served(path).start()
    await served.send(
        members("e0", "Anna", "Bas") | {"at": AT},
        message("e1", "!start"),
        message("e2", '!actie memo, "kort"; voor het MT 🚀 @Bas 4 december 2026'),
        message("e3", "!actie klaar @Anna 4 december 2026"),
        message("e4", "!gedaan 2"),
    )
    await served.stop()
    done = run("export", "r1", "--db", str(path), "--format", "ics", "--out", "-")
    assert (done.returncode, done.stderr) == (0, b"")
    (one,) = events(done.stdout.decode())
    assert str(one["SUMMARY"]) == 'Actie 1: memo, "kort"; voor het MT 🚀 (Bas)'
    assert one["DTSTART"].dt == date(2026, 12, 4)


def test_actions_of_a_chat(tmp_path: Path) -> None:
    chat: Chat = team(tmp_path)
    chat.say("Anna", "!actie memo @Bas 4 december 2026")
    text = as_ics(summarise(BOOK, chat.snapshot, chat.now), TEXTS, [])
    assert [str(one["SUMMARY"]) for one in events(text)] == ["Actie 1: memo (Bas)"]
    chat.sign("Bas", "❌", chat.event)
    assert events(as_ics(summarise(BOOK, chat.snapshot, chat.now), TEXTS, [])) == []
