"""What must hold, whatever went wrong on the way. Rule: looked at from outside: what stands in the rooms, and what the
database and the export hold.

While it is played, `homeserver` sees that nothing comes twice, and `wire` that nothing is asked too early.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from bot import reading
from flows.languages import load_languages
from tests.simulation import reference
from tests.simulation.coach import once
from tests.simulation.homeserver import COACH, OWN
from tests.simulation.people import NUMBER, Kept, Team
from tests.simulation.world import AMSTERDAM, BEGIN, HOUR, Violation

if TYPE_CHECKING:
    from tests.simulation.story import Story

_WAITS = ("inbox WHERE state = 0", "outbox JOIN room ON room.id = outbox.room WHERE state IN (0, 3) AND parked = 0",
          "gap", "invite")  # fmt: skip


ASKS_AGAIN = "niet meer lezen"
LONGEST_LIST = 20  # actions that a reminder names; of the rest it says how many


def must(holds: object, what: str) -> None:
    """Raise where something does not hold."""
    if not holds:
        raise Violation(what)


def at_rest(story: Story) -> None:
    """Two hours after all was well: nothing waits any more."""
    with closing(sqlite3.connect(f"file:{story.disk.path}?mode=ro", uri=True)) as conn:
        for one in _WAITS:
            (count,) = conn.execute(f"SELECT count(*) FROM {one}").fetchone()
            must(count == 0, f"two hours later {count} wait still: {one.split(' ')[0]}")


def afterwards(story: Story) -> None:
    """When the coach has ended for good."""
    with closing(sqlite3.connect(story.disk.path)) as conn:
        must(conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "the database is damaged")
        must(conn.execute("PRAGMA foreign_key_check").fetchall() == [], "a row points at nothing")
        _all_done(story, conn)
        for team in story.teams:
            _each_once(story, team, conn)
            _in_order(story, team, conn)
            _reminded(story, team, conn)
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    _discussion_is_not_kept(story)
    _as_without_faults(story)


def _all_done(story: Story, conn: sqlite3.Connection) -> None:
    failed = conn.execute("SELECT event FROM inbox WHERE state <> 1").fetchall()
    must(not failed, f"events without an outcome: {failed[:5]}")
    aside = conn.execute('SELECT "key", op, number FROM outbox WHERE state = 2').fetchall()
    must(not aside, f"messages were set aside: {aside[:5]}")
    sent = conn.execute("SELECT \"key\", op FROM outbox WHERE state = 1 AND op IN ('say', 'edit', 'attach')").fetchall()
    lost = [(key[:8], op) for key, op in sent if key not in story.server.by_key]
    must(not lost, f"never posted, though it says so: {lost[:5]}")


def _each_once(story: Story, team: Team, conn: sqlite3.Connection) -> None:
    """Everything that was said to the coach was taken, and stands in the answers once at most."""
    find = "SELECT event FROM inbox JOIN room ON room.id = inbox.room WHERE room.external = ?"
    taken = {event for (event,) in conn.execute(find, (team.room,))}
    room = story.server.rooms[team.room]
    own = "SELECT message.external FROM message JOIN room ON room.id = message.room WHERE room.external = ?"
    known = {message for (message,) in conn.execute(own, (team.room,))}
    lost = [one for one in team.said if one.for_coach and one.event not in taken and one.event not in room.gone]
    lost = [one for one in lost if not _put_out_before(room.put_out, one.event, taken)]
    # What it posted before it was put out, a database that went back knows nothing of: an answer to that is discussion.
    missing = [one.event for one in lost if one.about in ("", *known) or not _before(room.put_out, one.about)]
    must(not missing, f"said to the coach, and lost: {missing[:5]} in {team.room}")
    words = Counter(word for text in _texts(story, team) for word in text.split())
    for one in team.said:
        must(one.word == "" or words[one.word] <= 1, f"{one.word} stands {words[one.word]} times in {team.room}")


def _before(places: list[int], event: str) -> bool:
    """Whether an event came before the coach was put out."""
    return any(int(event[1:]) < out for out in places)


def _put_out_before(places: list[int], event: str, taken: set[str]) -> bool:
    """Whether the coach was put out before it read an event, and nothing later of before that was read."""
    place = int(event[1:])
    known = [int(one[1:]) for one in taken if one[1:].isdigit()]
    return any(place < out and not any(place < one < out for one in known) for out in places)


def _texts(story: Story, team: Team) -> list[str]:
    exported = exported_of(story, team)
    if exported is None:
        return []
    items = [item["text"] for step in exported["steps"].values() for item in step["items"]]
    return [*items, *(one["text"] for one in exported["actions"])]


def exported_of(story: Story, team: Team) -> dict[str, Any] | None:
    """A room's canvas, as its people would get it; None where it has none."""
    if team.room not in story.exported:
        try:
            with patch("bot.reading.load_languages", once(load_languages)):
                story.exported[team.room] = json.loads(reading.export(story.disk.path, team.room, "json"))
        except Exception:
            story.exported[team.room] = None
    return story.exported[team.room]


def _in_order(story: Story, team: Team, conn: sqlite3.Connection) -> None:
    """What was posted stands in the room in the order in which it was put in line."""
    since = max(story.went_back, default=-1.0)
    line = dict(conn.execute("SELECT \"key\", id FROM outbox WHERE op <> 'attach'").fetchall())
    posted = [
        event["content"][OWN]["key"] for at, room, event in story.server.posted if room == team.room and at > since
    ]
    places = [(line[key], key) for key in posted if key in line]
    for before, after in pairwise(places):
        must(before[0] < after[0], f"out of order in {team.room}: {before[1][:8]} before {after[1][:8]}")


# Reminders ------------------------------------------------------------------------------------------------------------


def _reminded(story: Story, team: Team, conn: sqlite3.Connection) -> None:
    """No reminder is early, there is one a day at most, and none is lost."""
    told = _told(story, team)
    at_of = _moments(team, conn)
    days = Counter(at_of[key].date() for key, *_ in told if key in at_of)
    twice = [day for day, count in days.items() if count > 1]
    must(not twice or story.went_back, f"more than one reminder on {twice} in {team.room}")
    for key, at, _ in told:
        moment = BEGIN + timedelta(seconds=at)
        due = at_of.get(key)
        must(
            due is None or story.went_back or moment >= due - timedelta(seconds=1),
            f"a reminder before its moment in {team.room}",
        )
        local = (due or moment).astimezone(AMSTERDAM)
        must(9 <= local.hour < 17 and local.weekday() < 5, f"a reminder outside working hours: {local}")
    for one in team.kept:
        _told_of(story, team, one, told)


def _told(story: Story, team: Team) -> list[tuple[str, float, frozenset[int]]]:
    """The reminders in a room: key, when, and the numbers of the actions in it."""
    return [
        (event["content"][OWN]["key"], at, frozenset(int(one) for one in NUMBER.findall(_html(event))))
        for at, room, event in story.server.posted
        if room == team.room
        and event["content"].get(OWN, {}).get("kind") == "reminder"
        and event["content"].get("m.relates_to", {}).get("rel_type") != "m.replace"
    ]


def _html(event: dict[str, Any]) -> str:
    return str(event["content"].get("formatted_body", ""))


def _moments(team: Team, conn: sqlite3.Connection) -> dict[str, datetime]:
    find = 'SELECT "key", at FROM outbox WHERE room = (SELECT id FROM room WHERE external = ?)'
    return {key: datetime.fromtimestamp(at / 1e6, UTC) for key, at in conn.execute(find, (team.room,))}


def _told_of(story: Story, team: Team, kept: Kept, told: list[tuple[str, float, frozenset[int]]]) -> None:
    """An action that nobody touched is reminded of on its day, where the coach was there in time to do so."""
    exported = exported_of(story, team)
    number = (
        next((one["number"] for one in exported["actions"] if one["text"] == kept.word), None) if exported else None
    )
    if number is None or kept.touched or number in team.touched or not _is_plain(story, team):
        return
    made = (BEGIN + timedelta(seconds=kept.at)).astimezone(AMSTERDAM).date()
    for day in (kept.due - timedelta(days=3), kept.due):
        if day.weekday() > 4 or made >= day:
            continue
        start = datetime.combine(day, datetime.min.time(), AMSTERDAM) + timedelta(hours=9)
        begin = (start.astimezone(UTC) - BEGIN).total_seconds()
        if begin + 8 * HOUR < story.calm_at and _was_well(story, begin, begin + 7 * HOUR):
            of_it = [at for _, at, numbers in told if number in numbers or len(numbers) >= LONGEST_LIST]
            found = [at for at in of_it if begin <= at <= begin + 8 * HOUR]
            must(found, f"nobody was reminded of {kept.word} ({number}) on {day} in {team.room}")


def _is_plain(story: Story, team: Team) -> bool:
    """Whether nobody paused the coach, left, or put it out: then it says nothing, or other things."""
    room = story.server.rooms[team.room]
    left = any(one["type"] == "m.room.member" and one["content"]["membership"] == "leave" for _, one in room.timeline)
    texts = [event["content"].get("body", "") for _, event in story.server.journal if event["sender"] != COACH]
    return not left and not any(str(text) in ("!pauze", "stop") for text in texts)


def _was_well(story: Story, begin: float, end: float) -> bool:
    """Whether a coach was there for the last four hours of a stretch, and the homeserver too."""
    there = sum(max(min(till, end) - max(since, end - 4 * HOUR), 0) for since, till in story.up)
    away = any(start < end and till > end - 4 * HOUR for start, till, _ in story.plan.weather.outages)
    return there > 3.5 * HOUR and not away


# What is kept ---------------------------------------------------------------------------------------------------------


def _discussion_is_not_kept(story: Story) -> None:
    data = b"".join(file.read_bytes() for file in story.disk.path.parent.glob("coach.db*"))
    for team in story.teams:
        for one in team.said:
            if one.kind == "chatter" and not one.marked:
                must(one.word.encode() + b" " not in data + b" " and not _stands(one.word, data),
                     f"the discussion is kept: {one.word}")  # fmt: skip


def _stands(word: str, data: bytes) -> bool:
    """Whether a word stands in the data, and not as the beginning of another."""
    wanted, start = word.encode(), 0
    while (found := data.find(wanted, start)) >= 0:
        if not data[found + len(wanted) : found + len(wanted) + 1].isalnum():
            return True
        start = found + 1
    return False


def _as_without_faults(story: Story) -> None:
    """What is kept is what would be kept had nothing gone wrong."""
    # Where the homeserver let a look-up wait for more than a minute, the coach asked for the message again.
    asked = {room for _, room, event in story.server.posted if ASKS_AGAIN in str(event["content"].get("body"))}
    teams = [team for team in story.teams if not story.server.rooms[team.room].put_out and team.room not in asked]
    wanted = reference.exports(story, teams)
    for team in teams:
        found = exported_of(story, team)
        if found is None:
            must(wanted[team.room] is None, f"{team.room} has no canvas")
            continue
        mine, theirs = reference.plain(found, team), reference.plain(wanted[team.room], team)
        for name in theirs:
            must(mine[name] == theirs[name], f"{team.room} {name}: {mine[name]} instead of {theirs[name]}")
