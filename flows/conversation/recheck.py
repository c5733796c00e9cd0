"""Looking again: by the pilot's rhythm, at its end, or because somebody asks.

Rule: what stood last time is shown and one tap says that it still holds; else only what was named is walked again. A
round is made when that is done, never by half.

The open prompt `recheck` is where it is: `stage` counts the times it was asked without an answer, `steps` are those
still to be walked, once it began.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from flows.calendar.dates import say_date
from flows.calendar.workdays import FreeDays, workday_on_or_after
from flows.conversation import asking, detours, walk
from flows.conversation.answers import find_place
from flows.conversation.draft import Draft
from flows.conversation.marks import AGREE, LATER, STATUS_SIGNS
from flows.conversation.roomtime import day_of
from flows.conversation.snapshot import Once, Prompt, Round
from flows.conversation.source import Source
from flows.conversation.text import bare_words, fold
from flows.summary import summarise

WEEK = timedelta(weeks=1)
CLOSING = "closing"
ASLEEP = "asleep"
_WALKED = ("text", "status", "applies", "grid")
_JOINS = (",", ";", "\n", "&", "+")


def open_prompt(d: Draft) -> Prompt | None:
    """The re-check that is asked or walked, or None."""
    return next((prompt for prompt in reversed(d.snapshot.prompts()) if prompt.kind == "recheck"), None)


def is_running(d: Draft) -> bool:
    """Whether a re-check is being walked."""
    prompt = open_prompt(d)
    return prompt is not None and prompt.data.get("steps") is not None


# When --------------------------------------------------------------------------------------------------------------


def next_day(d: Draft, free: FreeDays) -> date | None:
    """The day on which the coach asks again, or for the first time; None where nothing is to be asked."""
    prompt = open_prompt(d)
    if prompt is not None:
        if prompt.data.get("steps") is not None or prompt.data.get("by_hand"):
            return None
        again = date.fromisoformat(prompt.data["asked"]) + WEEK
        end = None if prompt.data.get("closing") else _end(d)
        return workday_on_or_after(again if end is None else min(again, end), free)
    day = scheduled(d)
    return None if day is None else workday_on_or_after(day, free)


def scheduled(d: Draft) -> date | None:
    """The day of the next look by the rhythm, or of the closing round at the pilot's end; None where there is none."""
    if d.room.walked_at is None or not d.snapshot.round or CLOSING in d.snapshot.once:
        return None
    summary = summarise(d.book, d.snapshot, d.at)
    last = day_of(d.room, summary.rounds[-1].at)
    if summary.end is not None and summary.end <= last:
        return None
    days = [day for day in (summary.next_look(), summary.end) if day is not None]
    return min(days, default=None)


def _end(d: Draft) -> date | None:
    """The pilot's last day, where its closing round is still to come."""
    summary = summarise(d.book, d.snapshot, d.at)
    last = day_of(d.room, summary.rounds[-1].at) if summary.rounds else None
    if CLOSING in d.snapshot.once or summary.end is None or (last is not None and summary.end <= last):
        return None
    return summary.end


def _is_closing(d: Draft) -> bool:
    end = _end(d)
    return end is not None and end <= day_of(d.room, d.at)


# Asking ------------------------------------------------------------------------------------------------------------


def due(d: Draft, late: bool) -> bool:
    """Ask; ask again a week later; offer to pause a week after that; then pause. Whether something was said."""
    prompt = open_prompt(d)
    stage = 0 if prompt is None else int(prompt.data["stage"])
    if prompt is None or stage == 0 or (_is_closing(d) and not prompt.data.get("closing")):
        ask(d, late=late)
    elif stage == 1:
        _again(d, prompt, "recheck.again", signs=(AGREE, LATER))
    elif stage == 2:
        _again(d, prompt, "recheck.pause", signs=(AGREE,))
    else:
        fall_asleep(d, prompt)
        return False
    return True


def fall_asleep(d: Draft, prompt: Prompt) -> None:
    """Nobody answered: nothing is said any more until somebody speaks to the coach."""
    d.drop(prompt)
    d.put(Once(ASLEEP, "done"))
    d.set(paused_at=d.at)


def wake(d: Draft) -> None:
    """Somebody spoke to the coach: a pause that came of silence is over."""
    asleep = d.snapshot.once.get(ASLEEP)
    if asleep is not None:
        d.drop(asleep)
        d.set(paused_at=None)


def by_hand(d: Draft, rest: str, source: Source) -> None:
    """`!hercheck`: look again now."""
    if d.room.walked_at is None:
        d.say("help", d.texts("recheck.not_yet"), reply_to=source.event)
        return
    if is_running(d):
        walk.repeat(d)
        return
    parts = _parts(d, rest) if rest else []
    if rest and not parts:
        d.say(
            "help",
            d.texts("recheck.which", parts=_names(d), agree=asking.ways(d, "agree", n=d.next_number())),
            reply_to=source.event,
        )
        return
    d.set(paused_at=None)
    ask(d, by_hand=True, silent=bool(parts))
    prompt = open_prompt(d)
    if parts and prompt is not None:
        start(d, prompt, parts)


def ask(d: Draft, *, late: bool = False, by_hand: bool = False, silent: bool = False) -> None:
    """Show what stood last time, and ask whether it still holds."""
    old = open_prompt(d)
    closing = _is_closing(d) or bool(old is not None and old.data.get("closing"))
    if old is not None:
        d.drop(old)
    data = {"asked": day_of(d.room, d.at).isoformat(), "stage": 1, "closing": closing, "by_hand": by_hand}
    prompt = d.open_prompt("recheck", None, None if silent else d.next_number(), **data)
    if not silent:
        d.say("recheck", text_of(d, prompt, late=late), signs=(AGREE, LATER))


def _again(d: Draft, prompt: Prompt, key: str, signs: tuple[str, ...]) -> None:
    number = d.next_number()
    data = {**prompt.data, "asked": day_of(d.room, d.at).isoformat(), "stage": int(prompt.data["stage"]) + 1}
    if key == "recheck.pause":
        data["pause"] = number
    d.put(replace(prompt, messages=(*prompt.messages, number), data=data))
    agree, later = asking.ways(d, "agree", n=number), asking.ways(d, "postpone", n=number)
    d.say("recheck", d.texts(key, agree=agree, later=later), signs=signs)


def text_of(d: Draft, prompt: Prompt, *, late: bool = False) -> str:
    """The question of a re-check: how everything stands, what was done since, what can be answered."""
    summary = summarise(d.book, d.snapshot, d.at)
    rounds = len(summary.rounds)
    key = "recheck.closing" if prompt.data.get("closing") else "recheck.head"
    lines = [d.texts(key, n=rounds + 1)]
    if late:
        lines.append(d.texts("reminder.late"))
    for part in summary.parts:
        if part.rated:
            word = d.texts(f"status.status.{part.status}") if part.status else d.texts("state.open")
            sign = STATUS_SIGNS[part.status or "onbekend"]
            lines.append(d.texts("recheck.part", sign=sign, title=part.title, word=word))
    since = summary.rounds[-1].at if summary.rounds else d.at
    done = sum(one.state == "done" and one.closed_at is not None and one.closed_at > since for one in summary.actions)
    waiting = len(summary.open_actions())
    lines.append(d.texts("recheck.actions", done=done, open=waiting))
    lines.append(d.texts("recheck.ask"))
    number = prompt.messages[-1] if prompt.messages else d.next_number()
    example = next(part.head.title.lower() for part in d.book.parts.values() if part.status)
    agree, later = asking.ways(d, "agree", n=number), asking.ways(d, "postpone", n=number)
    how = d.texts("recheck.how", agree=agree, later=later, example=example)
    return "\n".join([*lines, f"_{how}_"])


# Answering ---------------------------------------------------------------------------------------------------------


def tapped(d: Draft, prompt: Prompt, number: int | None, sign: str) -> None:
    """✅: all of it still holds (or: yes, pause); ⏰: next week."""
    if sign == AGREE and number is not None and number == prompt.data.get("pause"):
        d.drop(prompt)
        d.set(paused_at=d.at)
        d.say("info", d.texts("pause.done"))
    elif sign == AGREE and prompt.data.get("closing"):
        start(d, prompt, [])
    elif sign == AGREE:
        _finish(d, prompt)
    elif sign == LATER:
        today = day_of(d.room, d.at)
        data = {**prompt.data, "asked": today.isoformat(), "stage": 0, "by_hand": False}
        d.put(replace(prompt, data=data))
        d.say("noted", d.texts("recheck.later", day=say_date(today + WEEK, d.texts.calendar)))


def trouble(d: Draft, text: str) -> str | None:
    """The line of help for a reply that names no part and says nothing else that is known, or None."""
    plain = bare_words(text)
    known = (*d.texts.words("words.agree"), *d.texts.words("words.next"), *d.texts.words("words.later"))
    if plain in known or _parts(d, text):
        return None
    return d.texts("recheck.which", parts=_names(d), agree=asking.ways(d, "agree", n=d.next_number()))


def replied(d: Draft, prompt: Prompt, text: str) -> None:
    """A reply that has no `trouble`: a word, or the parts that don't hold any more."""
    plain = bare_words(text)
    if plain in d.texts.words("words.later"):
        tapped(d, prompt, None, LATER)
    elif plain in (*d.texts.words("words.agree"), *d.texts.words("words.next")):
        tapped(d, prompt, prompt.messages[-1] if prompt.messages else None, AGREE)
    else:
        start(d, prompt, _parts(d, text))


def _parts(d: Draft, text: str) -> list[str]:
    """The parts that a text names, in the book's order; nothing where it names anything else too."""
    plain = fold(text)
    for join in (*_JOINS, *(f" {word} " for word in d.texts.words("words.and"))):
        plain = plain.replace(join, "|")
    found = []
    for name in filter(None, (one.strip(" .!") for one in plain.split("|"))):
        named = find_place(name, d.book, parts=True)
        if named is None or named.part is None:
            return []
        found.append(named.part)
    return [part for part in d.book.parts if part in found]


def _names(d: Draft) -> str:
    return ", ".join(f"`{part.id}`" for part in d.book.parts.values() if part.status)


# Walking -----------------------------------------------------------------------------------------------------------


def start(d: Draft, prompt: Prompt, parts: list[str]) -> None:
    """Walk what a re-check always asks, and the parts that were named."""
    form = d.book.head.recheck
    steps = list(form.first) if form is not None else []
    if prompt.data.get("closing") and form is not None:
        steps += form.closing
    for part in parts:
        steps += [step for step in d.book.parts[part].steps if step not in steps and step not in d.book.row_of]
    walk.close_open(d)
    d.put(replace(prompt, data={**prompt.data, "steps": steps, "parts": parts}))
    go_on(d)


def go_on(d: Draft) -> None:
    """Ask the next step of the re-check, or end it."""
    prompt = open_prompt(d)
    if prompt is None:
        return
    form = d.book.head.recheck
    always = (*form.first, *form.closing) if form is not None else ()
    rest = list(prompt.data["steps"])
    while rest:
        step = rest.pop(0)
        if _is_walked(d, step, always):
            d.put(replace(prompt, data={**prompt.data, "steps": rest}))
            detours.start(d, step)
            return
    _finish(d, prompt)


def _is_walked(d: Draft, step: str, always: tuple[str, ...]) -> bool:
    if not d.view.applicable(step):
        return False
    if step in always:
        return True
    found = d.book.steps[step]
    # A text that was never given is no question of a re-check: `!ga` is.
    return found.kind in _WALKED and d.view.wanted(step) and (found.kind != "text" or bool(d.view.items(step)))


def _finish(d: Draft, prompt: Prompt) -> None:
    """Keep how everything stands as a round, and say it."""
    before = d.snapshot.round[max(d.snapshot.round)] if d.snapshot.round else None
    d.drop(prompt)
    if prompt.data.get("closing"):
        d.put(Once(CLOSING, "done"))
    number = len(d.snapshot.round) + 1
    statuses = walk.round_statuses(d)
    d.put(Round(number, d.at, statuses))
    lines = [d.texts("recheck.done", n=number)]
    for part in d.book.parts.values():
        now, then = statuses.get(part.id), before.statuses.get(part.id) if before is not None else None
        if part.status and now is not None and then is not None and now != then:
            words = [d.texts(f"status.status.{word}") for word in (now, then)]
            lines.append(d.texts("recheck.changed", title=part.head.title, word=words[0], before=words[1]))
    day = scheduled(d)
    if prompt.data.get("closing"):
        lines.append(d.texts("recheck.data", operator=d.setting.operator))
    elif day is not None:
        lines.append(d.texts("recheck.next", day=say_date(day, d.texts.calendar)))
    d.prefix = "\n".join(filter(None, [d.prefix, *lines]))
    if d.view.focus() is not None:
        walk.repeat(d)
