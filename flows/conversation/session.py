"""A meeting (`!sessie 45`): the questions that fit in a time that was agreed.

Rule: it ends when its time is up, when the next question does not fit any more, at the end of the guide, or by `!sessie
stop`. What was decided and what is open is said then, in one message; what is left is parked and offered in it.

The timer `session` is all that is kept of it: when it began and ends (`started`, `until`), the steps that fitted in
(`steps`), whether the team is spread out over the week after it (`spaced`), and whether it was said that the end is
near (`warned`). It goes on by the clock, also in a pause. What was decided is what was answered since it began.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flows.book.model import BEGIN, END
from flows.book.schema import SHORTEST_MEETING
from flows.calendar.dates import say_date
from flows.calendar.hours import next_working_moment
from flows.conversation import asking, prompts, spaced, walk
from flows.conversation.draft import Draft
from flows.conversation.events import TimerDue
from flows.conversation.marks import AGREE
from flows.conversation.roomtime import free_of, hours_of
from flows.conversation.snapshot import Prompt, Snapshot, Timer
from flows.conversation.source import Source
from flows.conversation.text import bare_words, cut, quote
from flows.conversation.view import ANSWERED, OPEN, UNKNOWN

TIMER = "session"
LONGEST_MEETING = 240  # minutes
WARNS_BEFORE = timedelta(minutes=5)
WARNS_FROM = 20  # minutes: a shorter meeting is not interrupted for it
MOST_DECIDED = 12
MOST_NAMED = 6
_LATE = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


def running(snapshot: Snapshot) -> Timer | None:
    """The meeting that goes on, or None."""
    return snapshot.timer.get(TIMER)


def until(meeting: Timer) -> datetime:
    """When a meeting ends."""
    return datetime.fromisoformat(meeting.data["until"])


def _started(meeting: Timer) -> datetime:
    return datetime.fromisoformat(meeting.data["started"])


def clock_text(d: Draft, moment: datetime) -> str:
    """A moment of the day on the room's clock: 10:45."""
    return f"{moment.astimezone(ZoneInfo(d.room.zone)):%H:%M}"


# `!sessie` ------------------------------------------------------------------------------------------------------------


def session(d: Draft, rest: str, source: Source) -> None:
    """Begin a meeting of so many minutes, give it more or less time, end it, or say what is going on."""
    meeting, wanted = running(d.snapshot), bare_words(rest)
    minutes = _minutes(d, wanted)
    if not wanted:
        _tell(d, meeting, source)
    elif wanted in d.texts.words("session.words.stop"):
        if meeting is None:
            d.say("help", d.texts("session.none"), reply_to=source.event)
        else:
            finish(d)
    elif minutes is None:
        d.say("help", d.texts("session.how"), reply_to=source.event)
    elif meeting is not None:
        _prolong(d, meeting, minutes, source)
    else:
        _begin(d, minutes, source)


def _minutes(d: Draft, text: str) -> int | None:
    """The minutes of a meeting, of "45", "45 minuten", "2 uur"; None where they can't be read or are out of bounds."""
    units = {unit: "|".join(map(re.escape, d.texts.words(f"session.words.{unit}"))) for unit in ("minutes", "hours")}
    match = re.fullmatch(rf"(\d{{1,3}})\s*(?:(?:{units['minutes']})|(?P<hours>{units['hours']}))?", text)
    if match is None:
        return None
    minutes = int(match[1]) * (60 if match["hours"] else 1)
    return minutes if SHORTEST_MEETING <= minutes <= LONGEST_MEETING else None


def _tell(d: Draft, meeting: Timer | None, source: Source) -> None:
    if meeting is None:
        d.say("info", d.texts("session.none"), reply_to=source.event)
        return
    left = max(-(-(until(meeting) - d.at) // _MINUTE), 0)
    done = sum(1 for _ in _settled(d, meeting))
    text = d.texts("session.now", time=clock_text(d, until(meeting)), left=left)
    d.say("info", f"{text} {d.texts.count('session.done', done)} {d.texts('session.stop')}", reply_to=source.event)


def _begin(d: Draft, minutes: int, source: Source) -> None:
    ahead = d.view.open_steps()
    busy = d.view.focus() is not None or prompts.latest(d) is not None
    if not busy and not ahead:
        d.say("help", d.texts("session.nothing"), reply_to=source.event)
        return
    d.set(paused_at=None, facilitator=d.room.facilitator or source.who)
    was_spaced = spaced.gather(d)
    steps = _fitting(d, minutes)
    ends = d.at + minutes * _MINUTE
    data = {
        "started": d.at.isoformat(), "until": ends.isoformat(), "minutes": minutes, "steps": steps,
        "spaced": was_spaced, "warned": minutes < WARNS_FROM,
    }  # fmt: skip
    _put(d, data)
    lines = [d.texts("session.begun", n=minutes, time=clock_text(d, ends))]
    if steps:
        last = asking.full_title(d, d.book.steps[steps[-1]])
        several = d.texts("session.fits", n=len(steps), last=last)
        lines.append(several if len(steps) > 1 else d.texts("session.fits_one", last=last))
    if not d.alone:
        lines.append(asking.ways(d, "behalf"))
    if was_spaced:
        lines.append(d.texts("session.from_spaced"))
    lines.append(d.texts("session.stop"))
    d.prefix = " ".join(lines)
    if d.room.position == BEGIN:
        walk.arrive(d, d.view.next_open(BEGIN))
    elif busy:
        walk.repeat(d)
    else:
        walk.jump(d, ahead[0], remember=False)


def _put(d: Draft, data: dict[str, object]) -> None:
    ends = datetime.fromisoformat(str(data["until"]))
    d.put(Timer(TIMER, ends if data["warned"] else max(ends - WARNS_BEFORE, d.at), data))


def _fitting(d: Draft, minutes: int) -> list[str]:
    """The open questions that fit in so many minutes, from where the team is."""
    place = d.book.index(d.room.position) if d.room.position != END else -1
    focus = d.view.focus()
    ahead = [] if focus is None or not d.view.stands_open(focus.id) else [focus.id]
    ahead += [step for step in d.view.open_steps(d.book.order[place + 1 :]) if step not in ahead]
    found: list[str] = []
    for step in ahead:
        minutes -= d.book.minutes_for(step)
        if minutes < 0:
            break
        found.append(step)
    return found


def _prolong(d: Draft, meeting: Timer, minutes: int, source: Source) -> None:
    """From now on so many minutes more."""
    ends = d.at + minutes * _MINUTE
    steps = [*meeting.data["steps"], *(step for step in _fitting(d, minutes) if step not in meeting.data["steps"])]
    _put(d, {**meeting.data, "until": ends.isoformat(), "steps": steps, "warned": minutes < WARNS_FROM})
    d.say("noted", d.texts("session.longer", time=clock_text(d, ends)), reply_to=source.event)


def set_after(d: Draft, meeting: Timer, *, is_spaced: bool) -> None:
    """How the team goes on after the meeting: together, or spread out over the week."""
    d.put(replace(meeting, data={**meeting.data, "spaced": is_spaced}))


# The end --------------------------------------------------------------------------------------------------------------


def due(d: Draft, event: TimerDue) -> None:
    """The timer came due: the end is near, or there."""
    meeting = running(d.snapshot)
    if event.timer != TIMER or meeting is None or meeting.due > d.at:
        return
    ends, late = until(meeting), d.at - until(meeting) > _LATE
    moment = next_working_moment(d.at, hours_of(d.room), d.room.zone, free_of(d.room))
    if d.at < ends:
        _put(d, {**meeting.data, "warned": True})
        if d.room.paused_at is None:
            left = max(-(-(ends - d.at) // _MINUTE), 1)
            d.say("info", d.texts.count("session.soon", left))
    elif late and moment != d.at:  # nobody is waiting for it any more: not in the middle of the night
        d.put(replace(meeting, due=moment))
    else:
        finish(d, late=late)


def has_no_room_for(d: Draft, step: str) -> bool:
    """Whether a meeting goes on in which the question of a step does not fit any more."""
    meeting = running(d.snapshot)
    if meeting is None or step == END:
        return False
    return until(meeting) - d.at < d.book.minutes_for(step) * _MINUTE


def finish(d: Draft, *, late: bool = False) -> None:
    """End the meeting: what was decided, what is open, and what is left, with the offer to go on."""
    meeting = running(d.snapshot)
    if meeting is None:
        return
    lines = _end(d, meeting, late=late)
    parked = _parked(d, meeting)
    number = d.next_number()
    if parked:
        names = [asking.full_title(d, d.book.steps[step]) for step in parked]
        lines.append(d.texts("session.parked", steps=_some(d, names)))
    day = spaced.told_day(d) if meeting.data["spaced"] else None
    if day is not None:
        lines.append(d.texts("session.spaced_again", day=day))
    if parked:
        d.open_prompt("parked", None, number, steps=parked)
        lines.append(f"_{d.texts('session.offer', agree=asking.ways(d, 'agree', n=number))}_")
    d.say("info", "\n".join(lines), signs=(AGREE,) if parked else (), asks=bool(parked))


def at_end_of_guide(d: Draft) -> None:
    """The walk is done: the meeting is over too, and is told of before what is said at the end."""
    meeting = running(d.snapshot)
    if meeting is not None:
        d.prefix = "\n".join(filter(None, [d.prefix, *_end(d, meeting)]))


def _end(d: Draft, meeting: Timer, *, late: bool = False) -> list[str]:
    """Forget the meeting; what is said of it."""
    d.drop(meeting)
    if meeting.data["spaced"]:
        spaced.spread_again(d)
    ended = min(d.at, until(meeting))
    lines = [d.texts("session.over", start=clock_text(d, _started(meeting)), end=clock_text(d, ended))]
    if late:
        day = say_date(_started(meeting).astimezone(ZoneInfo(d.room.zone)).date(), d.texts.calendar)
        lines.append(d.texts("session.late", day=day))
    return [*lines, *_decided(d, meeting), *_open(d, meeting)]


def _settled(d: Draft, meeting: Timer) -> Iterator[str]:
    """The steps at which something was said or settled since the meeting began."""
    since = _started(meeting)
    for step in d.book.order:
        answer = d.view.answer(step)
        said = [one.edited_at or one.at for one in d.view.items(step)] + [one.at for one in d.view.actions(step)]
        if d.view.applicable(step) and (answer is None or answer.at < since) and not any(at >= since for at in said):
            continue
        if d.view.applicable(step) and d.view.state(step) in (ANSWERED, UNKNOWN) and not d.book.steps[step].form.rows:
            yield step


def _decided(d: Draft, meeting: Timer) -> list[str]:
    """What was decided, a line a step, and the actions."""
    lines = []
    for step in _settled(d, meeting):
        found = d.book.steps[step]
        answer = d.view.answer(step)
        if d.view.state(step) == ANSWERED and found.kind != "actions" and not (answer is not None and answer.disagreed):
            text = quote(cut(asking.at_a_glance(d, found), asking.SHOWN_LENGTH))
            lines.append(f"- {asking.full_title(d, found)}: {text}")
    shown = lines[:MOST_DECIDED]
    if len(lines) > len(shown):
        shown.append(f"- {d.texts('noted.more', n=len(lines) - len(shown))}")
    told = [d.texts("session.decided"), *shown] if shown else [d.texts("session.nothing_decided")]
    added = sum(1 for one in d.view.actions() if one.at >= _started(meeting))
    return [*told, d.texts.count("session.actions", added)] if added else told


def _open(d: Draft, meeting: Timer) -> list[str]:
    """What the meeting left open though it was spoken of: not known, or not agreed on."""
    unknown, disputed = [], []
    for step in _settled(d, meeting):
        title, answer = asking.full_title(d, d.book.steps[step]), d.view.answer(step)
        if answer is not None and answer.disagreed:
            disputed.append(title)
        elif d.view.state(step) == UNKNOWN:
            unknown.append(title)
    lines = [d.texts("session.disputed", steps=_some(d, disputed))] if disputed else []
    return [*lines, d.texts("session.unknown", steps=_some(d, unknown))] if unknown else lines


def _some(d: Draft, names: list[str]) -> str:
    more = d.texts("noted.more", n=len(names) - MOST_NAMED) if len(names) > MOST_NAMED else ""
    return f"{', '.join(names[:MOST_NAMED])} {more}".strip()


def _parked(d: Draft, meeting: Timer) -> list[str]:
    """The questions that fitted in the meeting and were not answered, with those that came up between them, and the one
    that stands open."""
    planned = [found for step in meeting.data["steps"] if (found := d.book.follow_rename(step)) is not None]
    places = [d.book.index(step) for step in planned]
    first, last = (min(places), max(places)) if places else (0, -1)
    focus = d.view.focus()
    stands = {focus.id} if focus is not None and d.view.stands_open(focus.id) else set()
    left = [step for step in d.view.open_steps() if first <= d.book.index(step) <= last or step in stands]
    return left if left or not stands or d.view.state(next(iter(stands))) != OPEN else [*stands]


# What was parked ------------------------------------------------------------------------------------------------------


def offered(d: Draft) -> Prompt | None:
    """The offer to go on with what was parked, while nothing was asked after it."""
    return next((one for one in d.snapshot.prompts() if one.kind == "parked"), None)


def take_up(d: Draft, offer: Prompt) -> None:
    """Go on after the meeting: with the question that stands open, else with the first that was parked."""
    d.drop(offer)
    focus = d.view.focus()
    steps = [step for step in offer.data["steps"] if step in d.view.open_steps()]
    if prompts.latest(d) is not None or (focus is not None and d.view.stands_open(focus.id)) or not steps:
        walk.repeat(d)
    else:
        walk.jump(d, steps[0], remember=False)


def put_by(d: Draft, offer: Prompt, source: Source) -> None:
    """Not now."""
    d.drop(offer)
    d.say("info", d.texts("session.put_by"), reply_to=source.event)
