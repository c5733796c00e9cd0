"""How long what a room has is kept: so many months after the end of its pilot, without an end after its latest
activity. Rule: the room is told 30 and 7 days before, with the archive on offer; a facilitator puts it off or locks it;
nothing is erased that was not told of first, however long the coach was down.

The timer `keep` is where it is: `stage` 0 (not told yet), 1 (told once) or 2 (told twice), and the `day` that was told.
The prompt `keep` is the latest notice. It is told in a pause too, for what is paused is what runs out.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta

from flows.calendar.dates import say_date
from flows.calendar.hours import next_working_moment
from flows.conversation import agenda, asking, erasing, exporting, roles
from flows.conversation.draft import Draft
from flows.conversation.events import TimerDue
from flows.conversation.marks import AGREE, LATER
from flows.conversation.roomtime import day_of, free_of, hours_of
from flows.conversation.snapshot import Prompt, Timer
from flows.conversation.source import Source

KIND = TIMER = "keep"
FIRST, SECOND = timedelta(days=30), timedelta(days=7)
PUT_OFF = 6  # months
LONGEST = 240  # months
_MISSED = timedelta(days=1)
_COMMAND = "instellingen"


def months(d: Draft) -> int:
    """For how many months what is here is kept."""
    return d.room.months or d.setting.months


def day(d: Draft) -> date | None:
    """The day on which it is erased, as it stands now; None where it is never erased."""
    if erasing.is_locked(d) or d.room.last_at is None:
        return None
    end = next((value.get("end") for step in d.book.periods if (value := d.view.value(step)) is not None), None)
    base = date.fromisoformat(str(end)) if end else day_of(d.room, d.room.last_at)
    return max(add_months(base, months(d)), d.room.kept_until or date.min)


def add_months(day: date, count: int) -> date:
    """So many months later; on the last day of a month that is too short."""
    number = day.year * 12 + day.month - 1 + count
    year, month = min(number // 12, date.max.year), number % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


# When -----------------------------------------------------------------------------------------------------------------


def plan(d: Draft) -> None:
    """Set the timer to what the room needs now. What was told is never made earlier."""
    wanted, timer = day(d), d.snapshot.timer.get(TIMER)
    if wanted is None:
        _forget(d)
        return
    told = date.fromisoformat(timer.data["day"]) if timer is not None else None
    if timer is not None and timer.data["stage"] and told is not None and wanted <= told:
        return
    if timer is None or told != wanted or timer.data["stage"]:
        _set(d, 0, wanted, wanted - FIRST)


def _forget(d: Draft) -> None:
    timer = d.snapshot.timer.get(TIMER)
    if timer is not None:
        d.drop(timer)
    for prompt in [one for one in d.snapshot.prompts() if one.kind == KIND]:
        d.drop(prompt)


def _set(d: Draft, stage: int, told: date, on: date) -> None:
    d.put(Timer(TIMER, agenda.speaking_moment(d, on), {"stage": stage, "day": told.isoformat()}))


def due(d: Draft, event: TimerDue) -> None:
    """Tell of it, tell again, erase."""
    timer = d.snapshot.timer.get(TIMER)
    if event.timer != TIMER or timer is None or day(d) is None:
        return
    today, told, stage = day_of(d.room, d.at), date.fromisoformat(timer.data["day"]), int(timer.data["stage"])
    missed = event.due is not None and event.at - event.due > _MISSED
    if stage == 2 and not missed:
        erasing.do(d, expired=True)
    elif next_working_moment(d.at, hours_of(d.room), d.room.zone, free_of(d.room)) != d.at:
        d.put(replace(timer, due=agenda.speaking_moment(d, today)))
    elif stage == 0:
        _tell(d, max(told, today + FIRST), 1, SECOND)
    else:  # also where it was told twice, and the coach was down since: nobody may have read it
        _tell(d, max(told, today + SECOND), 2, timedelta())


def _tell(d: Draft, told: date, stage: int, before: timedelta) -> None:
    number = d.next_number()
    for old in [one for one in d.snapshot.prompts() if one.kind == KIND]:
        d.drop(old)
    d.open_prompt(KIND, None, number)
    form = erasing.archive_form(d)
    lines = [d.texts("keep.head", day=say_date(told, d.texts.calendar)), d.texts("keep.what")]
    if form is not None:
        lines.append(
            d.texts("keep.archive", agree=asking.ways(d, "agree", n=number) if not d.alone else f"`!export {form}`")
        )
    else:
        lines.append(d.texts("erase.no_archive", operator=d.operator))
    later = asking.ways(d, "postpone", n=number) if not d.alone else f"`{d.texts('keep.put_off')}`"
    lines.append(d.texts("keep.longer", later=later))
    signs = (*((AGREE,) if form is not None else ()), LATER) if not d.alone else ()
    d.say("reminder", "\n".join(lines), signs=signs)
    d.set(unasked_at=d.at)
    _set(d, stage, told, told - before)


# What people do about it ----------------------------------------------------------------------------------------------


def by_message(d: Draft, number: int) -> Prompt | None:
    """The notice that this message of the coach is, where it is the latest."""
    return next((one for one in d.snapshot.prompts() if one.kind == KIND and number in one.messages), None)


def tapped(d: Draft, sign: str, source: Source) -> None:
    """✅ on a notice: the archive; ⏰: it is put off. Both are a facilitator's."""
    form = erasing.archive_form(d)
    if not roles.is_facilitator(d, source.writer):
        roles.refuse(d, "export" if sign == AGREE else _COMMAND, source)
    elif sign == AGREE and form is not None:
        exporting.export(d, form, Source(source.who, None))
    elif sign == LATER:
        put_off(d)
        d.say("noted", said(d))


def put_off(d: Draft) -> None:
    """It is kept for half a year longer than it would be, or than today."""
    base = max(day(d) or date.min, day_of(d.room, d.at))
    d.set(kept_until=add_months(base, PUT_OFF))


def said(d: Draft) -> str:
    """How long it is kept, as it is told."""
    wanted = day(d)
    if wanted is None:
        return d.texts("keep.locked")
    timer = d.snapshot.timer.get(TIMER)
    if timer is not None and timer.data["stage"]:
        wanted = max(wanted, date.fromisoformat(timer.data["day"]))
    return d.texts("keep.until", n=months(d), day=say_date(wanted, d.texts.calendar))
