"""Looking again: by the pilot's rhythm, at its end, or because somebody asks.

Rule: what stood last time is shown and one tap says that it still holds; else only what was named is walked again. A
round is made when that is done, never by half.

The open prompt `recheck` is where it is: `stage` counts the times it was asked without an answer (0: put off, or left
for something else), `steps` are those still to be walked, once it began.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from flows.book.model import BEGIN
from flows.calendar.dates import say_date
from flows.calendar.workdays import FreeDays, workday_on_or_after
from flows.conversation import asking, detours, fitting, nudges, overview, walk
from flows.conversation.answers import find_place, name_of_part
from flows.conversation.draft import Draft
from flows.conversation.marks import AGREE, LATER, STATUS_SIGNS, UNCLEAR
from flows.conversation.roomtime import coming_day, day_of, free_of
from flows.conversation.snapshot import Helped, Once, Prompt, Round, Taken
from flows.conversation.source import Source
from flows.conversation.text import bare_words, fold
from flows.summary import summarise

WEEK = timedelta(weeks=1)
ASLEEP = "asleep"
# The line of help is given to a person once, as at a question.
_HELPED = "recheck"
_DAY = timedelta(days=1)
_WALKED = ("text", "status", "applies", "grid")
_JOINS = (",", ";", "&", "+")


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
    prompt, day = open_prompt(d), scheduled(d)
    if prompt is not None:
        asked = date.fromisoformat(prompt.data["asked"])
        again = asked + WEEK
        running, closing = prompt.data.get("steps") is not None, bool(prompt.data.get("closing"))
        if prompt.data.get("by_hand") and not running:  # nobody waits for it: the next one comes in its own time
            day = None if day is None else max(day, again)
        elif running or closing:
            day = again
        elif prompt.data["stage"] and summarise(d.book, d.snapshot, d.at).next_look() is None:
            day = _end(d)  # there is no rhythm any more: what was asked is not asked again
        else:
            end = _end(d)
            day = again if end is None else min(again, max(end, asked + _DAY))
    return None if day is None else workday_on_or_after(day, free)


def next_look(d: Draft) -> date | None:
    """The day on which the coach asks the next time, as it is told to people: a working day that is still to come."""
    day = next_day(d, free_of(d.room))
    return None if day is None else coming_day(d.room, day, d.at)


def scheduled(d: Draft) -> date | None:
    """The day of the next look by the rhythm, or of the closing round at the pilot's end; None where there is none."""
    if d.room.walked_at is None or not d.snapshot.round:
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
    if last is None or summary.end is None or summary.end <= last:
        return None
    return summary.end


def _is_closing(d: Draft) -> bool:
    end = _end(d)
    return end is not None and end <= day_of(d.room, d.at)


def _becomes_closing(d: Draft, prompt: Prompt) -> bool:
    """Whether the pilot ended since a re-check was asked."""
    return _is_closing(d) and not prompt.data.get("closing")


# Asking ------------------------------------------------------------------------------------------------------------


def due(d: Draft, late: bool) -> bool:
    """Ask; ask again a week later; offer to pause a week after that; then pause. Whether something was said."""
    prompt = open_prompt(d)
    stage = 0 if prompt is None else int(prompt.data["stage"])
    if prompt is not None and prompt.data.get("steps") is not None:
        _halfway(d, prompt)
    elif prompt is None or stage == 0 or prompt.data.get("by_hand") or _becomes_closing(d, prompt):
        ask(d, late=late)
    elif stage == 1:
        _again(d, prompt, "recheck.again", signs=(AGREE, LATER))
    elif stage == 2:
        _again(d, prompt, "recheck.pause", signs=(AGREE,))
    else:
        fall_asleep(d, prompt)
        return False
    return True


def _halfway(d: Draft, prompt: Prompt) -> None:
    """It was begun and not gone on with for a week: the question once more; a week later it counts as not begun."""
    if int(prompt.data["stage"]) == 1:
        d.put(replace(prompt, data={**prompt.data, "asked": day_of(d.room, d.at).isoformat(), "stage": 2}))
        d.prefix = d.texts("recheck.halfway")
        walk.repeat(d)
        return
    detours.end_other(d)
    data = {**prompt.data, "steps": None, "by_hand": False}
    prompt = replace(prompt, data=data)
    _again(d, prompt, "recheck.pause", signs=(AGREE,))


def fall_asleep(d: Draft, prompt: Prompt) -> None:
    """Nobody answered: nothing is said any more until somebody speaks to the coach."""
    d.drop(prompt)
    d.put(Once(ASLEEP, "done"))
    d.set(paused_at=d.at)


def wake(d: Draft) -> None:
    """Somebody spoke to the coach: a pause that came of silence is over when that is dealt with."""
    asleep = d.snapshot.once.get(ASLEEP)
    if asleep is not None:
        d.drop(asleep)


def slept(d: Draft) -> bool:
    """Whether somebody just woke the coach: it still counts as a pause, so that what was open is shown again."""
    return ASLEEP in d.before.once and ASLEEP not in d.snapshot.once


def stay_awake(d: Draft) -> None:
    """What woke the coach was dealt with: the pause is over, unless it was asked for now."""
    if slept(d) and d.room.paused_at == d.before.room.paused_at:
        d.set(paused_at=None)


def by_hand(d: Draft, rest: str, source: Source) -> None:
    """`!hercheck`: look again now."""
    if d.room.walked_at is None:
        d.say("help", d.texts("begin.line" if d.room.position == BEGIN else "recheck.not_yet"), reply_to=source.event)
        return
    if is_running(d):
        d.set(paused_at=None)
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
    _forget_helped(d)
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
    d.say("recheck", d.texts(key, **_ways(d, number), example=_example(d)), signs=signs)


def _ways(d: Draft, number: int) -> dict[str, str]:
    """How to answer message `number`."""
    return {
        "agree": asking.ways(d, "agree", n=number),
        "later": asking.ways(d, "postpone", n=number),
        "yes": asking.ways(d, "yes", n=number),
        "answer": asking.ways(d, "answer", n=number),
    }


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
            word = d.texts(f"status.status.{part.status}") if part.status else overview.state_of(d, part)
            sign = STATUS_SIGNS[part.status or "onbekend"]
            lines.append(d.texts("recheck.part", sign=sign, title=part.title, word=word))
    since = summary.rounds[-1].at if summary.rounds else d.at
    done = sum(one.state == "done" and one.closed_at is not None and one.closed_at > since for one in summary.actions)
    waiting = len(summary.open_actions())
    if done or waiting:
        lines.append(d.texts("recheck.actions", done=done, open=waiting))
    lines.append(d.texts("recheck.closing_ask" if prompt.data.get("closing") else "recheck.ask"))
    how = d.texts("recheck.how", **_ways(d, d.next_number()), example=_example(d))
    return "\n".join([*lines, f"_{how}_"])


def _example(d: Draft) -> str:
    return next(part.head.title.lower() for part in d.book.parts.values() if part.status)


# Answering ---------------------------------------------------------------------------------------------------------


def agree(d: Draft, prompt: Prompt, number: int | None) -> None:
    """✅ on message `number` of it: all of it still holds, or: yes, pause."""
    if _offers_pause(prompt, number):
        d.drop(prompt)
        d.set(paused_at=d.at)
        d.say("info", d.texts("pause.done"))
    elif prompt.data.get("closing") or _is_closing(d):
        start(d, prompt, [])
    else:
        _finish(d, prompt)


def put_off(d: Draft, prompt: Prompt, number: int | None = None) -> None:
    """⏰: next week again; who says so twice says it once."""
    if prompt.data["stage"] == 0 or _offers_pause(prompt, number):
        return
    data = {**prompt.data, "asked": day_of(d.room, d.at).isoformat(), "stage": 0, "by_hand": False}
    d.put(replace(prompt, data=data))
    day = next_look(d)
    if day is not None:
        d.say("noted", d.texts("recheck.later", day=say_date(day, d.texts.calendar)))


def pass_on(d: Draft, prompt: Prompt) -> None:
    """`!verder`: all of it still holds; where it was offered to pause: no, look."""
    if _offers_pause(prompt, prompt.messages[-1] if prompt.messages else None):
        ask(d)
    else:
        agree(d, prompt, None)


def _offers_pause(prompt: Prompt, number: int | None) -> bool:
    return number is not None and number == prompt.data.get("pause")


def replied(d: Draft, prompt: Prompt, text: str, source: Source, number: int | None = None) -> None:
    """A reply, to message `number` of it: a word, or the parts that don't hold any more; else a line of help."""
    number = number if number is not None else prompt.messages[-1] if prompt.messages else None
    plain, parts = bare_words(text), _parts(d, text)
    if plain in d.texts.words("words.agree"):
        agree(d, prompt, number)
    elif _offers_pause(prompt, number) and plain in (*d.texts.words("words.next"), *d.texts.words("words.no")):
        ask(d)
    elif plain in d.texts.words("words.next"):
        agree(d, prompt, None)
    elif plain in d.texts.words("words.later"):
        put_off(d, prompt)
    elif parts:
        d.set(paused_at=None)
        if source.event is not None:
            d.put(Taken(source.event, None, source.who))
            d.mark(source.event)
        start(d, prompt, parts)
    else:
        help_on(d, source)


def help_on(d: Draft, source: Source) -> None:
    """What can be answered: a line a person, after that only a sign."""
    if (_HELPED, source.who) in d.snapshot.helped and source.event is not None:
        d.mark(source.event, UNCLEAR)
        return
    d.put(Helped(_HELPED, source.who))
    text = d.texts("recheck.which", parts=_names(d), agree=asking.ways(d, "agree", n=d.next_number()))
    d.say("help", text, reply_to=source.event)


def _forget_helped(d: Draft) -> None:
    for helped in [one for one in d.snapshot.helped.values() if one.step == _HELPED]:
        d.drop(helped)


def _parts(d: Draft, text: str) -> list[str]:
    """The parts that a text names, in the book's order; nothing where it names anything else too."""
    plain = fold(text.replace("\n", ","))
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
    return ", ".join(f"`{name_of_part(part)}`" for part in d.book.parts.values() if part.status)


# Walking -----------------------------------------------------------------------------------------------------------


def start(d: Draft, prompt: Prompt, parts: list[str]) -> None:
    """Walk what a re-check always asks, and the parts that were named."""
    form, closing = d.book.head.recheck, bool(prompt.data.get("closing")) or _is_closing(d)
    steps = list(form.first) if form is not None else []
    if closing and form is not None:
        steps += form.closing
    for part in parts:
        steps += [step for step in d.book.parts[part].steps if step not in steps]
    detours.end_other(d)
    _forget_helped(d)
    d.put(replace(prompt, data={**prompt.data, "steps": steps, "parts": parts, "closing": closing}))
    go_on(d)


def go_on(d: Draft) -> None:
    """Ask the next step of the re-check, or end it."""
    prompt = open_prompt(d)
    if prompt is None:
        return
    form = d.book.head.recheck
    always = (*form.first, *form.closing) if form is not None else ()
    rest, today = list(prompt.data["steps"]), day_of(d.room, d.at).isoformat()
    while rest:
        step = rest.pop(0)
        if _is_walked(d, step, always):
            d.put(replace(prompt, data={**prompt.data, "steps": rest, "asked": today, "stage": 1}))
            detours.start(d, step, recheck=True)
            return
    _finish(d, prompt)


def come_back_to(d: Draft, step: str) -> None:
    """A step that is being looked at was left for a change elsewhere: it comes again after that."""
    prompt = open_prompt(d)
    if prompt is not None and prompt.data.get("steps") is not None:
        d.put(replace(prompt, data={**prompt.data, "steps": [step, *prompt.data["steps"]]}))


def abandon(d: Draft) -> None:
    """The team went elsewhere in the middle: there is no round, and what the rhythm asks for is asked next week."""
    prompt = open_prompt(d)
    if prompt is None or prompt.data.get("steps") is None:
        return
    day, today = scheduled(d), day_of(d.room, d.at)
    if day is None or day > today + WEEK:
        d.drop(prompt)
        return
    data = {**prompt.data, "steps": None, "stage": 0, "asked": today.isoformat(), "by_hand": False}
    d.put(replace(prompt, messages=(), data=data))


def _is_walked(d: Draft, step: str, always: tuple[str, ...]) -> bool:
    if not d.view.applicable(step):
        return False
    if step in always:
        return True
    found = d.book.steps[step]
    # A text that was never given is no question of a re-check: `!ga` is. A row of a grid only where members differed.
    return found.kind in _WALKED and d.view.wanted(step) and (found.kind != "text" or bool(d.view.items(step)))


def _finish(d: Draft, prompt: Prompt) -> None:
    """Keep how everything stands as a round, and say it."""
    before = d.snapshot.round[max(d.snapshot.round)] if d.snapshot.round else None
    d.drop(prompt)
    _forget_helped(d)
    number = len(d.snapshot.round) + 1
    statuses = walk.round_statuses(d)
    d.put(Round(number, d.at, statuses))
    lines = [d.texts("recheck.done", n=number)]
    for part in d.book.parts.values():
        now, then = statuses.get(part.id), before.statuses.get(part.id) if before is not None else None
        if part.status and now is not None and then is not None and now != then:
            words = [d.texts(f"status.status.{word}") for word in (now, then)]
            lines.append(d.texts("recheck.changed", title=part.head.title, word=words[0], before=words[1]))
    lines += fitting.readiness(d)
    day = next_look(d)
    if prompt.data.get("closing"):
        lines.append(d.texts("recheck.data", operator=d.operator))
    elif day is not None:
        lines.append(d.texts("recheck.next", day=say_date(day, d.texts.calendar)))
    d.prefix = "\n".join(filter(None, [d.prefix, *lines]))
    if not nudges.after_change(d, None) and d.view.focus() is not None:
        walk.repeat(d)
