"""What each rule of the grammar means. Rule: a rule takes what was said and today, and gives a day, a stretch of days
or a reason to ask; None where the words do not make a phrase after all.

A rule that raises ValueError or OverflowError names a day that the calendar does not have. The names of the rules are
those of `[calendar.phrases.patterns]`; `phrases` tells what people mean by them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

from flows.calendar import spans
from flows.calendar.said import Said
from flows.calendar.spans import Span
from flows.calendar.when import Ambiguous, Past, Trouble, Vague, WrongWeekday
from flows.calendar.workdays import add_workdays, workday_on_or_before

Meant = date | Span | Trouble
_WEEK = timedelta(weeks=1)
_DAY = timedelta(days=1)
# 29 February comes back after eight years at most.
_YEARS_AHEAD = 9
_MONTHS_OF = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_SHIFT = {"last": -1, "this": 0, "next": 1}


# Days of a month ------------------------------------------------------------------------------------------------------


def _fits(said: Said, day: date) -> Meant:
    """A day, where the day of the week that was said is its own."""
    named = said.weekday
    return day if named is None or named == day.weekday() else WrongWeekday(day, named, day.weekday())


def _numeric(said: Said) -> Meant:
    year, groups = said.year, said.groups
    month, day = groups["iso_m"] or groups["m"], groups["iso_d"] or groups["d"]
    return _fits(said, date(year or 0, int(month or 0), int(day or 0)))


def _named(said: Said) -> Meant:
    return _day_of_month(said, said.month, said.year)


def _short_numeric(said: Said) -> Meant:
    return _day_of_month(said, said.number("m") or 0, None)


def _day_of_month(said: Said, month: int, year: int | None) -> Meant:
    day = said.number("d") or 0
    if year is not None:
        return _fits(said, date(year, month, day))
    date(2000, month, day)  # no such day in any year
    years = range(said.today.year, said.today.year + _YEARS_AHEAD)
    first, *_ = (found for one in years if (found := _or_none(one, month, day)) and found >= said.today)
    gone = _or_none(said.today.year, month, day)
    if said.weekday not in (None, first.weekday()) and gone and gone < said.today and gone.weekday() == said.weekday:
        return Past(gone)
    return _fits(said, first)


def _or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _ordinal(said: Said) -> Meant:
    number = said.number("d") or 0
    if not 1 <= number <= 31:
        raise ValueError(number)
    for ahead in range(3):
        month = said.today.replace(day=1) + relativedelta(months=ahead)
        found = _or_none(month.year, month.month, number)
        if found is not None and found >= said.today:
            return _fits(said, found)
    raise ValueError(number)


def _ordinal_month(said: Said) -> Meant | None:
    if said.which == "coming":
        return None
    month = said.today.replace(day=1) + relativedelta(months=_SHIFT[said.which])
    return _fits(said, month.replace(day=said.number("d") or 0))


def _nth_weekday(said: Said) -> Meant:
    year, month, nth, weekday = said.year, said.month, said.nth, said.weekday or 0
    years = [said.today.year, said.today.year + 1] if year is None else [year]
    found = [spans.nth_weekday(date(one, month, 1), nth, weekday) for one in years]
    days = [day for day in found if day is not None]
    return next((day for day in days if day >= said.today), days[-1])


def _nth_weekday_month(said: Said) -> Meant | None:
    if said.which == "coming":
        return None
    this = said.today.replace(day=1)
    shifts = [0, 1] if said.groups.get("which") is None else [_SHIFT[said.which]]
    found = [spans.nth_weekday(this + relativedelta(months=one), said.nth, said.weekday or 0) for one in shifts]
    days = [day for day in found if day is not None]
    return next((day for day in days if day >= said.today), days[-1])


# Days from today ------------------------------------------------------------------------------------------------------


def _near(said: Said) -> Meant:
    return said.today + timedelta(days=said.asked.words.near[str(said.groups["near"])])


def _day_end(said: Said) -> Meant:
    return said.today


def _on_or_after(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _weekday(said: Said) -> Meant | None:
    if said.groups.get("short_day"):
        return None  # "zo" and "do" by themselves are ordinary words
    found = _on_or_after(said.today, said.weekday or 0)
    return Ambiguous((found, found + _WEEK)) if found == said.today else found


def _coming_weekday(said: Said) -> Meant:
    return _on_or_after(said.today + _DAY, said.weekday or 0)


def _next_weekday(said: Said) -> Meant:
    coming = _on_or_after(said.today + _DAY, said.weekday or 0)
    next_week = _in_week(said.today + _WEEK, said.weekday or 0)
    return coming if coming == next_week else Ambiguous((coming, next_week))


def _last_weekday(said: Said) -> Meant:
    return Past(_on_or_after(said.today - _WEEK, said.weekday or 0))


def _in_week(day: date, weekday: int) -> date:
    return spans.week_of(day).first + timedelta(days=weekday)


def _week_weekday(said: Said) -> Meant:
    weekday = said.weekday or 0
    if said.which == "coming":
        days = [_in_week(said.today + shift, weekday) for shift in (timedelta(0), _WEEK)]
        return _one_of(said, days)
    return _in_week(said.today + _WEEK * _SHIFT[said.which], weekday)


def _one_of(said: Said, days: list[date]) -> Meant:
    """The only one that is not over, or the choice."""
    left = tuple(day for day in days if day >= said.today)
    if not left:
        return Past(days[-1])
    return left[0] if len(left) == 1 else Ambiguous(left)


def _ahead(said: Said) -> Meant | None:
    number = said.number("n")
    if number == 0:
        return None
    return _later(said, said.today, 1 if number is None else number, said.unit)


def _long_ahead(said: Said) -> Meant:
    return said.today + relativedelta(months=18)


def _later(said: Said, day: date, number: int, unit: str) -> date:
    if unit == "workday":
        return add_workdays(day, number, said.asked.free)
    if unit in ("day", "week"):
        return day + timedelta(days=number * (7 if unit == "week" else 1))
    return day + relativedelta(months=number * _MONTHS_OF[unit])


def _day_ahead(said: Said) -> Meant | None:
    number, unit = said.number("n") or 0, said.unit
    if not number or unit == "workday":
        return None
    if said.groups.get("near") is not None:
        return _later(said, said.today + timedelta(days=said.asked.words.near[str(said.groups["near"])]), number, unit)
    if unit != "week" and (unit != "day" or number % 7):
        return None
    return _later(said, _on_or_after(said.today, said.weekday or 0), number, unit)


# Stretches of days ----------------------------------------------------------------------------------------------------


def _roll(said: Said, found: Iterable[Span]) -> Span:
    """The first of the stretches that is not over; for "voor" and "per" the first that is still to begin."""
    side, last = said.asked.side, None
    for span in found:
        last = span
        edge = (
            span.last if span.part or side in ("by", "loose") else span.first - _DAY if side == "before" else span.first
        )
        if edge >= said.today:
            return span
    if last is None:
        raise ValueError("no such stretch")
    return last


def _numbered_week(said: Said) -> list[Span]:
    year, number = said.year, said.number("week") or 0
    this = said.today.isocalendar().year
    years = [this, this + 1] if year is None else [year]
    return [found for one in years if (found := spans.week(one, number)) is not None]


def _week_number(said: Said) -> Meant:
    return _roll(said, _numbered_week(said))


def _week_number_part(said: Said) -> Meant:
    part = said.part or "end"
    return _roll(said, (spans.week_part(one, part) for one in _numbered_week(said)))


def _week_number_weekday(said: Said) -> Meant:
    days = [one.first + timedelta(days=said.weekday or 0) for one in _numbered_week(said)]
    return _roll(said, (Span(day, day, part=True) for day in days)).first


def _which(said: Said, shifted: Callable[[int], Span]) -> Meant:
    """This, the next or the last stretch; which of the two where "coming" is said."""
    if said.which != "coming":
        return shifted(_SHIFT[said.which])
    if said.asked.side != "by":
        return shifted(1)
    return _one_of(said, [workday_on_or_before(shifted(shift).last, said.asked.free) for shift in (0, 1)])


def _week(said: Said) -> Meant:
    def shifted(shift: int) -> Span:
        found = spans.week_of(said.today + _WEEK * shift)
        return found if said.part is None else spans.week_part(found, said.part)

    return _which(said, shifted)


def _month(said: Said) -> Meant:
    part, year = said.part, said.year
    years = range(said.today.year, said.today.year + 2) if year is None else [year]
    found = (spans.months(date(one, said.month, 1), 1) for one in years)
    return _roll(said, found if part is None else (spans.month_part(one, part) for one in found))


def _mid_month(said: Said) -> Meant:
    years = range(said.today.year, said.today.year + 2) if said.year is None else [said.year]
    return _roll(said, (spans.month_part(spans.months(date(one, said.month, 1), 1), "middle") for one in years))


def _this_month(said: Said) -> Meant:
    def shifted(shift: int) -> Span:
        found = spans.months(said.today.replace(day=1) + relativedelta(months=shift), 1)
        return found if said.part is None else spans.month_part(found, said.part)

    return _which(said, shifted)


def _ended(said: Said, span: Span) -> Span:
    """A stretch, or its end where that was said."""
    return Span(span.first, span.last, part=said.part is not None)


def _too_wide(said: Said) -> bool:
    """Whether the begin or middle of a quarter or year was said."""
    return said.part in ("begin", "middle")


def _quarter(said: Said) -> Meant:
    found = said.number("quarter")
    number = said.nth if found is None else found  # q0 was said, and is none
    if not 1 <= number <= 4:
        raise ValueError(number)
    if _too_wide(said):
        return Vague()
    years = range(said.today.year, said.today.year + 2) if said.year is None else [said.year]
    return _roll(said, (_ended(said, spans.months(date(year, number * 3 - 2, 1), 3)) for year in years))


def _this_quarter(said: Said) -> Meant:
    if _too_wide(said):
        return Vague()
    return _which(
        said, lambda shift: _ended(said, spans.quarter_of(said.today.replace(day=1) + relativedelta(months=3 * shift)))
    )


def _year(said: Said) -> Meant:
    return Vague() if _too_wide(said) else _ended(said, spans.months(date(said.year or 0, 1, 1), 12))


def _this_year(said: Said) -> Meant | None:
    if _too_wide(said):
        return Vague()
    if said.which == "coming":
        return None
    return _ended(said, spans.months(date(said.today.year + _SHIFT[said.which], 1, 1), 12))


# Before something -----------------------------------------------------------------------------------------------------


def _weekend(said: Said) -> Meant:
    saturday = _on_or_after(said.today + (_DAY if said.today.weekday() == 6 else timedelta(0)), 5)
    if saturday == said.today:
        saturday += _WEEK
    return workday_on_or_before(saturday - _DAY, said.asked.free)


def _feast(said: Said) -> Meant:
    name = said.asked.words.feasts[str(said.groups["feast"])]
    days = (feast_day(name, year) for year in (said.today.year, said.today.year + 1))
    day = next(day for day in days if day > said.today)
    return workday_on_or_before(day - _DAY, said.asked.free)


def feast_day(name: str, year: int) -> date:
    """The day of a feast in a year."""
    if name in ("easter", "ascension", "pentecost"):
        return easter(year) + timedelta(days={"easter": 0, "ascension": 39, "pentecost": 49}[name])
    if name == "king":
        day = date(year, 4, 27)
        return day - _DAY if day.weekday() == 6 else day
    return date(year, *{"christmas": (12, 25), "new year": (1, 1), "nicholas": (12, 5)}[name])


RULES: dict[str, Callable[[Said], Meant | None]] = {
    "numeric": _numeric,
    "short_numeric": _short_numeric,
    "named": _named,
    "ordinal": _ordinal,
    "ordinal_month": _ordinal_month,
    "near": _near,
    "weekday": _weekday,
    "coming_weekday": _coming_weekday,
    "next_weekday": _next_weekday,
    "last_weekday": _last_weekday,
    "week_weekday": _week_weekday,
    "week_number_weekday": _week_number_weekday,
    "ahead": _ahead,
    "long_ahead": _long_ahead,
    "day_ahead": _day_ahead,
    "nth_weekday": _nth_weekday,
    "nth_weekday_month": _nth_weekday_month,
    "week_number": _week_number,
    "week_number_part": _week_number_part,
    "week": _week,
    "month": _month,
    "month_year": _month,
    "month_part": _month,
    "mid_month": _mid_month,
    "this_month": _this_month,
    "quarter": _quarter,
    "quarter_part": _quarter,
    "this_quarter": _this_quarter,
    "year": _year,
    "this_year": _this_year,
    "day_end": _day_end,
    "weekend": _weekend,
    "feast": _feast,
}
