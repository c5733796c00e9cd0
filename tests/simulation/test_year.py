"""A pilot of a year in seconds: every reminder at nine on the local clock of a day that is worked, and nothing else.

What is expected was worked out by hand from a calendar; the holidays are named beside it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.simulation.pilot import Pilot, listed

LATE = "_Later dan gepland: ik was er even niet._"


@pytest.fixture
async def pilot(tmp_path: Path) -> AsyncIterator[Pilot]:
    pilot = await Pilot(tmp_path / "coach.db").start()
    yield pilot
    await pilot.stop()


async def keep(pilot: Pilot, *actions: str) -> None:
    """Actions, numbered from 1 on."""
    for text in actions:
        (said,) = await pilot.say(f"!actie {text}")
        assert said["kind"] == "noted", said["text"]


# The year ---------------------------------------------------------------------------------------------------------

ACTIONS = (
    "memo voor het MT @Anna 1 oktober 2026",  # 1, a Thursday
    "begroting doorrekenen @Bas 26 oktober 2026",  # 2, the Monday after the clock went back
    "kaart aan de wijkteams @Chris 25 december 2026",  # 3, Christmas
    "contract verlengen @Anna 29 maart 2027",  # 4, Easter Monday, the day after the clock went forward
    "vlaggen lenen @Bas 27 april 2027",  # 5, the King's day
    "zaal huren @Anna 5 mei 2027",  # 6, no lustrum year
    "spreker vragen @Bas 6 mei 2027",  # 7, Ascension day
    "verslag schrijven @Chris 17 mei 2027",  # 8, Whit Monday
    "evaluatie @Anna 21 juli 2027",  # 9, in the room's own free days
    "flyer laten drukken @Bas 1 februari 2027",  # 10, no longer needed before it is due
    "cijfers opvragen @Bas 10 februari 2027",  # 11, done before it is due
    "foto's verzamelen 15 juni 2027",  # 12, nobody's
    "wensen versturen @Anna 1 januari 2027",  # 13, New Year's day
    "kast opruimen @Anna 8 september 2026",  # 14, late for weeks
)
CLOSED = (  # when, what
    ("2026-09-22 15:00", "!gedaan 14"),
    ("2026-10-02 11:00", "!gedaan 1"),
    ("2026-10-26 11:00", "!gedaan 2"),
    ("2027-01-05 11:00", "!gedaan 3"),
    ("2027-01-05 12:00", "!gedaan 13"),
    ("2027-01-28 16:00", "!vervalt 10"),
    ("2027-02-08 12:00", "!gedaan 11"),
    ("2027-03-31 12:00", "!gedaan 4"),
    ("2027-04-26 12:00", "!gedaan 5"),
    ("2027-05-10 12:00", "!gedaan 6"),
    ("2027-05-10 12:01", "!gedaan 7"),
    ("2027-05-20 12:00", "!gedaan 8"),
    ("2027-06-21 12:00", "!gedaan 12"),
    ("2027-08-09 12:00", "!gedaan 9"),
)
YEAR = [
    ("2026-09-04T09:00:00+02:00", [14]),  # Saturday the 5th is three days before: the Friday
    ("2026-09-08T09:00:00+02:00", [14]),
    ("2026-09-14T09:00:00+02:00", [14]),  # from here on each Monday
    ("2026-09-21T09:00:00+02:00", [14]),
    ("2026-09-28T09:00:00+02:00", [1]),
    ("2026-10-01T09:00:00+02:00", [1]),
    ("2026-10-23T09:00:00+02:00", [2]),  # summer time
    ("2026-10-26T09:00:00+01:00", [2]),  # winter time
    ("2026-12-22T09:00:00+01:00", [3]),
    ("2026-12-24T09:00:00+01:00", [3]),  # the working day before Christmas
    ("2026-12-28T09:00:00+01:00", [3]),
    ("2026-12-29T09:00:00+01:00", [13]),
    ("2026-12-31T09:00:00+01:00", [13]),
    ("2027-01-04T09:00:00+01:00", [3, 13]),
    ("2027-02-05T09:00:00+01:00", [11]),  # Sunday the 7th is three days before
    ("2027-03-26T09:00:00+01:00", [4]),  # Goede Vrijdag is worked: three days before and on the day are one
    ("2027-03-30T09:00:00+02:00", [4]),  # the digest on Tuesday, for Monday is a holiday
    ("2027-04-23T09:00:00+02:00", [5]),
    ("2027-04-26T09:00:00+02:00", [5]),  # the day before the King's day
    ("2027-04-30T09:00:00+02:00", [6]),
    ("2027-05-03T09:00:00+02:00", [7]),
    ("2027-05-05T09:00:00+02:00", [6, 7]),  # one message: today, and Ascension day moved to today
    ("2027-05-10T09:00:00+02:00", [6, 7]),
    ("2027-05-14T09:00:00+02:00", [8]),
    ("2027-05-18T09:00:00+02:00", [8]),
    ("2027-06-11T09:00:00+02:00", [12]),
    ("2027-06-15T09:00:00+02:00", [12]),
    ("2027-06-21T09:00:00+02:00", [12]),
    ("2027-07-09T09:00:00+02:00", [9]),  # the last working day before the team's holidays
    ("2027-08-02T09:00:00+02:00", [9]),  # the first one after them
    ("2027-08-09T09:00:00+02:00", [9]),
]


async def test_a_year_of_reminders(pilot: Pilot) -> None:
    await keep(pilot, *ACTIONS)
    (said,) = await pilot.say("!instellingen vrij 12 juli 2027 - 30 juli 2027")
    assert "12 juli 2027" in said["text"]
    for at, closing in CLOSED:
        await pilot.until(at)
        (said,) = await pilot.say(closing)
        assert said["kind"] == "noted"
    await pilot.until("2027-08-31 23:59")

    assert pilot.told() == YEAR
    owners = {1: "Anna", 2: "Bas", 3: "Chris", 4: "Anna", 5: "Bas", 6: "Anna", 7: "Bas", 8: "Chris", 9: "Anna"}
    owners |= {11: "Bas", 13: "Anna", 14: "Anna"}
    for line in pilot.said:
        assert line["mentions"] == list(dict.fromkeys(owners[one] for one in listed(line) if one in owners))
        assert LATE not in line["text"]
        assert line.get("to") is None


async def test_a_reminder_says_what_and_how_and_carries_two_signs(pilot: Pilot) -> None:
    await keep(
        pilot,
        "memo voor het MT @Anna 1 oktober 2026",
        "gat in de begroting @Bas 3 oktober 2026",
        "wijkteams bellen @Chris 15 september 2026",
        "zaal zoeken 28 september 2026",
        "poster 2 oktober 2026 @Dirk",
    )
    await pilot.to("2026-09-27 12:00")
    out = await pilot.served.send({"type": "clock", "at": "2026-09-28T09:00:00+02:00"})
    assert [line["type"] for line in out] == ["message", "reaction", "reaction", "done"]
    assert [(line["target"], line["key"]) for line in out[1:3]] == [(out[0]["id"], "✅"), (out[0]["id"], "⏰")]
    assert out[0]["mentions"] == ["Anna", "Chris"]
    assert out[0]["text"] == (
        "**Acties van deze week**\n\n"
        "- Vandaag: **4.** zaal zoeken · Wie pakt dit op? `!overdragen 4 @naam`\n"
        "- Over 3 dagen, donderdag 1 oktober 2026: **1.** memo voor het MT · @Anna\n"
        "- Stond voor 15 september 2026: **3.** wijkteams bellen · @Chris\n\n"
        "_✅ of `!gedaan 4` = klaar · ⏰ of `!uitstel 4 volgende week` = later · `!acties` = alles_"
    )
    (friday,) = await pilot.to("2026-09-29 09:00")
    assert (friday["at"], listed(friday)) == ("2026-09-29T09:00:00+02:00", [5])
    assert "poster · Dirk\n" in friday["text"]
    assert friday["mentions"] == []
    (wednesday,) = await pilot.to("2026-09-30 09:00")
    assert "Over 3 dagen, zaterdag 3 oktober 2026: **2.**" in wednesday["text"]
    first, second = await pilot.to("2026-10-02 23:00")
    assert listed(first) == [1]
    assert "Vandaag: **5.**" in second["text"]
    assert "Morgen: **2.**" in second["text"]


async def test_a_long_list_shows_twenty_and_how_many_more(pilot: Pilot) -> None:
    await keep(pilot, *[f"klus {number} @Anna 1 oktober 2026" for number in range(1, 24)])
    (line,) = await pilot.to("2026-09-28 09:00")
    assert listed(line) == list(range(1, 21))
    assert "- en nog 3: `!acties`" in line["text"]
    (line,) = await pilot.to("2026-10-01 09:00")
    assert listed(line) == list(range(1, 21))
    # Those that were counted only were reminded of too: nothing comes a second time on another day.
    assert await pilot.to("2026-10-04 23:00") == []


# A jump of the clock -------------------------------------------------------------------------------------------------


async def test_a_jump_of_months_plays_every_moment_in_order(pilot: Pilot) -> None:
    await keep(pilot, "memo @Anna 15 september 2026", "brief @Bas 30 september 2026")
    out = await pilot.to("2026-11-15 12:00")
    assert pilot.told() == [
        ("2026-09-11T09:00:00+02:00", [1]),
        ("2026-09-15T09:00:00+02:00", [1]),
        ("2026-09-21T09:00:00+02:00", [1]),
        ("2026-09-25T09:00:00+02:00", [2]),
        ("2026-09-28T09:00:00+02:00", [1]),
        ("2026-09-30T09:00:00+02:00", [2]),
        ("2026-10-05T09:00:00+02:00", [1, 2]),
        ("2026-10-12T09:00:00+02:00", [1, 2]),
        ("2026-10-19T09:00:00+02:00", [1, 2]),
        ("2026-10-26T09:00:00+01:00", [1, 2]),
        ("2026-11-02T09:00:00+01:00", [1, 2]),
        ("2026-11-09T09:00:00+01:00", [1, 2]),
    ]
    assert all(LATE not in line["text"] for line in out)
    assert await pilot.to("2026-11-15 12:00") == []
    assert await pilot.to("2026-11-01 12:00") == []  # the clock never goes back


async def test_two_timers_of_a_room_keep_their_order_in_a_jump(tmp_path: Path) -> None:
    """The look by the rhythm (20 October) stands between the weekly digests: what one leads to comes first."""
    pilot = await Pilot(tmp_path / "coach.db", "Anna").start()
    try:
        await pilot.say("!tempo kort")
        for _ in range(120):
            out = await pilot.say("!verder")
            if any("einde" in str(line.get("step")) or line["kind"] == "info" for line in out):
                break
        (said,) = await pilot.say("!ritme elke 7 weken")
        assert "dinsdag 20 oktober 2026" in said["text"]
        await keep(pilot, "memo @Anna 15 september 2026")
        out = await pilot.to("2026-11-04 12:00")
    finally:
        await pilot.stop()
    assert [(line["at"][:16], line["kind"]) for line in out] == [
        ("2026-09-11T09:00", "reminder"),
        ("2026-09-15T09:00", "reminder"),
        ("2026-09-21T09:00", "reminder"),
        ("2026-09-28T09:00", "reminder"),
        ("2026-10-05T09:00", "reminder"),
        ("2026-10-12T09:00", "reminder"),
        ("2026-10-19T09:00", "reminder"),
        ("2026-10-20T09:00", "recheck"),
        ("2026-10-26T09:00", "reminder"),
        ("2026-10-27T09:00", "recheck"),  # a week without an answer
        ("2026-11-02T09:00", "reminder"),
        ("2026-11-03T09:00", "recheck"),  # shall I pause?
    ]


async def test_rooms_come_in_the_order_of_their_moments(pilot: Pilot) -> None:
    await keep(pilot, "memo @Anna 15 september 2026")
    await pilot.say("!actie brief @Anna 17 september 2026", room="r2")
    await pilot.say("!instellingen uren 8-16", room="r2")
    out = await pilot.to("2026-09-29 12:00")
    assert [(line["room"], line["at"][:16]) for line in out] == [
        ("r1", "2026-09-11T09:00"),
        ("r2", "2026-09-14T08:00"),
        ("r1", "2026-09-15T09:00"),
        ("r2", "2026-09-17T08:00"),
        ("r2", "2026-09-21T08:00"),
        ("r1", "2026-09-21T09:00"),
        ("r2", "2026-09-28T08:00"),
        ("r1", "2026-09-28T09:00"),
    ]


# Who is there ---------------------------------------------------------------------------------------------------------


async def test_who_left_is_not_named_and_somebody_else_is_asked_for(pilot: Pilot) -> None:
    await keep(pilot, "memo @Bas 1 oktober 2026", "brief @Anna 1 oktober 2026")
    await pilot.who("Anna", "Chris")
    (line,) = await pilot.to("2026-09-28 09:00")
    assert line["mentions"] == ["Anna"]
    assert "**1.** memo · Bas is niet meer in deze chat. Wie neemt het over? `!overdragen 1 @naam`" in line["text"]
    await pilot.say("!overdragen 1 @Chris")
    (line,) = await pilot.to("2026-10-01 09:00")
    assert line["mentions"] == ["Chris", "Anna"]
    await pilot.who("Anna", "Chris", "Bas")
    await pilot.say("!overdragen 1 @Bas")
    (line,) = await pilot.to("2026-10-05 09:00")
    assert line["mentions"] == ["Bas", "Anna"]


async def test_who_is_away_is_left_alone_till_back(pilot: Pilot) -> None:
    await keep(pilot, "memo @Bas 1 oktober 2026", "brief @Anna 1 oktober 2026")
    await pilot.say("!afwezig @Bas t/m 9 oktober 2026")  # a Friday
    await pilot.until("2026-10-30 12:00")
    assert pilot.told() == [
        ("2026-09-28T09:00:00+02:00", [2]),
        ("2026-10-01T09:00:00+02:00", [2]),
        ("2026-10-05T09:00:00+02:00", [2]),
        ("2026-10-12T09:00:00+02:00", [1, 2]),  # back on Monday
        ("2026-10-19T09:00:00+02:00", [1, 2]),
        ("2026-10-26T09:00:00+01:00", [1, 2]),
    ]
    assert [line["mentions"] for line in pilot.said[2:4]] == [["Anna"], ["Bas", "Anna"]]


async def test_who_is_back_sooner_hears_it_on_the_next_working_day(pilot: Pilot) -> None:
    await keep(pilot, "memo @Bas 1 oktober 2026")
    await pilot.say("!afwezig @Bas t/m 9 oktober 2026")
    assert await pilot.until("2026-10-02 12:00") == []  # a Friday
    await pilot.say("!afwezig @Bas voorbij")
    assert await pilot.until("2026-10-05 08:59") == []
    assert [line["at"] for line in await pilot.until("2026-10-09 12:00")] == ["2026-10-05T09:00:00+02:00"]


async def test_an_action_handed_over_to_somebody_who_is_there_is_reminded_of_again(pilot: Pilot) -> None:
    await keep(pilot, "memo @Bas 1 oktober 2026")
    await pilot.say("!afwezig @Bas t/m 30 oktober 2026")
    assert await pilot.until("2026-10-01 12:00") == []
    await pilot.say("!overdragen 1 @Anna")
    (line,) = await pilot.until("2026-10-02 12:00")
    assert (line["at"], line["mentions"]) == ("2026-10-02T09:00:00+02:00", ["Anna"])


async def test_an_action_taken_back_and_put_back(pilot: Pilot) -> None:
    await keep(pilot, "memo @Bas 1 oktober 2026")
    kept = f"e{pilot.count}"
    line = {"type": "reaction", "id": "x1", "room": "r1", "sender": "Anna", "target": kept, "key": "❌"}
    pilot.now = pilot.now.replace(day=28, hour=8)
    await pilot._send(line)
    assert await pilot.to("2026-09-28 20:00") == []
    await pilot._send(line | {"removed": True})
    (said,) = await pilot.to("2026-09-29 12:00")
    assert said["at"] == "2026-09-29T09:00:00+02:00"


# A pause --------------------------------------------------------------------------------------------------------------


async def test_a_pause_is_silent_and_one_digest_follows_it(pilot: Pilot) -> None:
    await keep(pilot, "memo @Bas 1 oktober 2026", "brief @Anna 8 oktober 2026")
    await pilot.say("!pauze")
    assert await pilot.until("2026-11-07 12:00") == []  # a Saturday
    await pilot.say("!verder")
    out = await pilot.until("2026-11-13 20:00")
    assert [(line["at"], line["kind"]) for line in out] == [("2026-11-09T09:00:00+01:00", "reminder")]
    assert listed(out[0]) == [1, 2]
    assert LATE not in out[0]["text"]  # the team asked for silence


async def test_nobody_is_there(pilot: Pilot) -> None:
    await keep(pilot, "memo @Bas 1 oktober 2026")
    await pilot.who()
    assert await pilot.to("2026-10-10 12:00") == []
    await pilot.who("Anna")
    (line,) = await pilot.to("2026-10-12 12:00")
    assert line["at"] == "2026-10-12T09:00:00+02:00"


# Settings -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "at"),
    [
        ("uren 8.30-16.30", "2026-10-01T08:30:00+02:00"),
        ("uren 13 tot 17 uur", "2026-10-01T13:00:00+02:00"),
        ("tijdzone America/New_York", "2026-10-01T15:00:00+02:00"),
        ("tijdzone Asia/Kolkata", "2026-10-01T05:30:00+02:00"),
        ("tijdzone Europe/Lisbon", "2026-10-01T10:00:00+02:00"),
        ("vrij 30 september 2026 - 2 oktober 2026", "2026-09-29T09:00:00+02:00"),
        ("vrij 1 oktober 2026", "2026-09-30T09:00:00+02:00"),
    ],
)
async def test_a_setting_moves_what_was_planned(pilot: Pilot, setting: str, at: str) -> None:
    await keep(pilot, "memo @Bas 1 oktober 2026")
    await pilot.to("2026-09-28 20:00")
    assert "Aangepast" in (await pilot.say(f"!instellingen {setting}"))[0]["text"]
    out = await pilot.to("2026-10-02 23:00")
    assert [line["at"] for line in out] == [at]


async def test_a_setting_brings_no_second_message_on_one_day(pilot: Pilot) -> None:
    await keep(pilot, "memo @Bas 1 oktober 2026", "brief @Bas 8 oktober 2026")
    (line,) = await pilot.to("2026-09-28 10:00")
    await pilot.say("!instellingen uren 13-17")
    await pilot.say("!uitstel 2 1 oktober 2026")  # three days before is today: it waits for the next working day
    out = await pilot.to("2026-09-29 23:00")
    assert [(one["at"], listed(one)) for one in [line, *out]] == [
        ("2026-09-28T09:00:00+02:00", [1]),
        ("2026-09-29T13:00:00+02:00", [2]),
    ]


async def test_another_date_begins_anew(pilot: Pilot) -> None:
    await keep(pilot, "memo @Bas 1 oktober 2026")
    await pilot.to("2026-09-28 10:00")
    await pilot.say("!uitstel 1 15 oktober 2026")
    await pilot.until("2026-10-20 12:00")
    assert pilot.told() == [
        ("2026-09-28T09:00:00+02:00", [1]),
        ("2026-10-12T09:00:00+02:00", [1]),
        ("2026-10-15T09:00:00+02:00", [1]),
        ("2026-10-19T09:00:00+02:00", [1]),
    ]
