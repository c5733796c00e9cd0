"""The commands about actions: keep one, close it, put it off, hand it over; and who is away. Rule: what was understood
is said back in full.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

from flows.calendar.dates import say_date
from flows.calendar.when import Reading, When
from flows.calendar.workdays import workday_on_or_after
from flows.conversation import asides, dating, taking, walk
from flows.conversation.actions import (
    ReadAction,
    add_action,
    find_member,
    follow,
    is_complete,
    read_action,
    read_who_when,
    show_action,
    trouble_of,
    with_time,
)
from flows.conversation.draft import Draft
from flows.conversation.snapshot import Action, Taken
from flows.conversation.source import Source
from flows.conversation.text import fold, quote, says_something

_DAY = timedelta(days=1)
LONGEST_AWAY = timedelta(days=3 * 366)


def _trouble(d: Draft, read: ReadAction) -> str | None:
    return trouble_of(d, read) or (None if says_something(read.text) else d.texts("actions.what"))


def action(d: Draft, rest: str, source: Source) -> None:
    """Keep an action; where nobody was named or no date, ask for it once."""
    focus = d.view.focus()
    read_one = read_action(d, rest)
    trouble = _trouble(d, read_one)
    if trouble is not None:
        if source.event is not None and source.event not in d.snapshot.taken:
            d.put(Taken(source.event, None, source.writer, read=False))  # so that mending the message is followed
        d.say("help", trouble, reply_to=source.event)
        return
    step = d.book.actions_for(focus.id if focus is not None else None)
    taking.note_taken(d, source.event, step, source.writer)
    kept = add_action(d, read_one, step, source.who, source.event)
    if is_complete(kept):
        _say_kept(d, kept, source)
    else:
        asides.ask_who_when(d, kept, source)
    if step is not None:
        walk.show_left(d, step)


def _say_kept(d: Draft, kept: Action, source: Source) -> None:
    d.say("noted", f"{asides.said_back(d, kept)}\n_{d.texts('actions.change')}_", reply_to=source.event)


def change_action(d: Draft, rest: str, source: Source) -> bool:
    """An edited `!actie` is done anew; False where it can't be read and something stood there before."""
    found = next((one for one in d.snapshot.action.values() if one.event == source.event), None)
    if found is None:
        action(d, rest, source)
        return True
    read_one = read_action(d, rest, found)
    if _trouble(d, read_one) is not None:
        return False
    changed = follow(d, found, read_one, source)
    d.put(changed)
    asides.settle(d, changed)
    if is_complete(changed) or changed.state != "open":
        _say_kept(d, changed, source)
    else:
        d.say("noted", f"{asides.said_back(d, changed)}\n_{asides.later(d, changed)}_", reply_to=source.event)
    if changed.step is not None:
        walk.show_left(d, changed.step)
    return True


# Numbers --------------------------------------------------------------------------------------------------------------


def _split_number(d: Draft, rest: str) -> tuple[int, str] | None:
    """The number that stands first, and what comes after it."""
    names = "|".join(re.escape(word) for word in d.texts.words("actions.words.number"))
    match = re.match(rf"^(?:(?:{names})\s+)?#?(\d{{1,6}})[.:,]?(?:\s+(.*))?$", rest, re.DOTALL | re.IGNORECASE)
    return None if match is None else (int(match[1]), (match[2] or "").strip())


def _find(d: Draft, number: int) -> Action | None:
    return next((one for one in d.view.actions() if one.number == number), None)


def _open_one(d: Draft, rest: str, source: Source, how: str) -> tuple[Action, str] | None:
    """The open action whose number stands first, and what comes after it; None after saying what is wrong."""
    said = _split_number(d, rest)
    found = _find(d, said[0]) if said is not None else None
    if said is None:
        d.say("help", how, reply_to=source.event)
    elif found is None:
        d.say("help", d.texts("actions.none", n=said[0]), reply_to=source.event)
    elif found.state != "open":
        d.say("help", d.texts("actions.closed", line=show_action(d, found)), reply_to=source.event)
    else:
        return found, said[1]
    return None


def _numbers(d: Draft, rest: str) -> list[int]:
    """All the numbers of a text that is nothing but numbers, else the one that stands first; each once."""
    joins = "|".join(re.escape(word) for word in d.texts.words("answers.joins"))
    plain = re.sub(rf"[\s,;&+#.]+|\b(?:{joins})\b", " ", rest, flags=re.IGNORECASE).split()
    if plain and all(one.isdecimal() and one.isascii() and len(one) <= 6 for one in plain):
        return list(dict.fromkeys(map(int, plain)))
    said = _split_number(d, rest)
    return [] if said is None else [said[0]]


# Closing --------------------------------------------------------------------------------------------------------------


def _close(d: Draft, rest: str, source: Source, state: str) -> None:
    numbers = _numbers(d, rest)
    if not numbers:
        d.say("help", d.texts("actions.number"), reply_to=source.event)
        return
    closed, lines = [], []
    for number in numbers:
        found = _find(d, number)
        if found is None:
            lines.append(d.texts("actions.none", n=number))
        elif found.state != "open":
            lines.append(d.texts("actions.closed", line=show_action(d, found)))
        else:
            one = replace(found, state=state, closed_at=d.at)
            d.put(one)
            asides.settle(d, one)
            closed.append(one)
            lines.append(asides.closed_line(d, one))
    if not asides.look(d, closed, lines, source):
        d.say("noted" if closed else "help", "\n".join(lines), reply_to=source.event)
    for step in dict.fromkeys(one.step for one in closed if one.step is not None):
        walk.show_left(d, step)


def done(d: Draft, rest: str, source: Source) -> None:
    """Actions are done."""
    _close(d, rest, source, "done")


def drop(d: Draft, rest: str, source: Source) -> None:
    """Actions are no longer needed."""
    _close(d, rest, source, "dropped")


# Another day, another person ------------------------------------------------------------------------------------------


def postpone(d: Draft, rest: str, source: Source) -> None:
    """An action gets another date."""
    whole, said = dating.read(d, rest), _split_number(d, rest)
    if whole is not None and (said is None or _find(d, said[0]) is None):  # a date, and no number before it
        d.say("help", d.texts("actions.postpone"), reply_to=source.event)
        return
    found = _open_one(d, rest, source, d.texts("actions.postpone"))
    if found is None:
        return
    one, text = found
    if not text:
        asides.ask_who_when(d, one, source, until=True)
        return
    reading = _read_later(d, one, text)
    if isinstance(whole, When):  # "3 mei": the number may be the day
        day = reading.day if isinstance(reading, When) else whole.day
        says = {"n": one.number, "said": say_date(whole.day, d.texts.calendar), "day": say_date(day, d.texts.calendar)}
        d.say("help", d.texts("actions.day_or_number", **says), reply_to=source.event)
    elif not isinstance(reading, When):
        trouble = dating.trouble(d, reading) or d.texts("actions.no_day", n=one.number)
        d.say("help", trouble, reply_to=source.event)
    else:
        changed = replace(one, due=reading.day, text=with_time(d, one.text, reading.time))
        asides.put_changed(d, changed, source)
        d.say("noted", d.texts("actions.postponed", line=show_action(d, changed)), reply_to=source.event)


def _read_later(d: Draft, one: Action, text: str) -> Reading | None:
    """The day until which an action is put off: a day, or so much later than it was due ("een week")."""
    moves = "|".join(re.escape(word) for word in d.texts.words("actions.words.move"))
    text = re.sub(rf"^(?:{moves})\s+", "", text, flags=re.IGNORECASE)
    reading = dating.read(d, text)
    if reading is not None:
        return reading
    base = max(one.due or dating.today(d), dating.today(d))
    for word in d.texts.words("actions.words.ahead"):
        ahead = dating.read(d, f"{word} {text}", on=base)
        if isinstance(ahead, When):
            return ahead
    found = dating.find(d, text)
    return None if found is None else found.reading


def hand_over(d: Draft, rest: str, source: Source) -> None:
    """Somebody else does an action; a date may stand behind the name."""
    found = _open_one(d, rest, source, d.texts("actions.who"))
    if found is None:
        return
    one, name = found
    to = "|".join(re.escape(word) for word in d.texts.words("actions.words.to"))
    name = re.sub(rf"^(?:{to})\s+", "", name, flags=re.IGNORECASE)
    read = read_who_when(d, name, source.who)
    if read is not None and read.person is not None and dating.is_unsure(read.trouble):
        d.say("help", str(dating.trouble(d, read.trouble)), reply_to=source.event)
        return
    if read is not None and read.person is not None:
        changed = replace(one, owner=read.person.id, owner_name=read.person.name)
        if read.when is not None:
            changed = replace(changed, due=read.when.day, text=with_time(d, one.text, read.when.time))
    elif (other := _named(d, name)) is not None:
        changed = replace(one, owner=None, owner_name=other)
    else:
        d.say("help", d.texts("actions.who"), reply_to=source.event)
        return
    asides.put_changed(d, changed, source)
    d.say("noted", d.texts("actions.handed", line=show_action(d, changed)), reply_to=source.event)


def _named(d: Draft, name: str) -> str | None:
    """Somebody outside the room, as they were named; None for what names nobody, or more than one person here."""
    alike = [one for one in d.snapshot.people() if fold(one.name).startswith(fold(name.lstrip("@")))]
    return None if alike or "@" in name or not any(char.isalpha() for char in name) else " ".join(name.split())


# Who is away ----------------------------------------------------------------------------------------------------------


def away(d: Draft, rest: str, source: Source) -> None:
    """Somebody is away until a day, or back again."""
    ended = _split_end(d, rest)
    name, phrase, included = (ended, "", False) if ended is not None else _split_until(d, rest)
    person = find_member(d, name or d.texts.words("actions.words.me")[0], source.who)
    member = d.snapshot.member.get(str(person.id)) if person is not None else None
    if member is None:
        d.say("help", d.texts("away.who"), reply_to=source.event)
    elif ended is not None:
        d.put(replace(member, away_until=None))
        d.say("noted", d.texts("away.back", name=quote(member.name)), reply_to=source.event)
    elif not phrase:
        d.say("help", d.texts("away.until"), reply_to=source.event)
    else:
        reading = _last_day(d, phrase, included=included)
        if not isinstance(reading, When) or reading.day > dating.today(d) + LONGEST_AWAY:
            trouble = None if isinstance(reading, When) else dating.trouble(d, reading)
            d.say("help", trouble or d.texts("away.until"), reply_to=source.event)
            return
        d.put(replace(member, away_until=reading.day))
        back = workday_on_or_after(reading.day + _DAY, dating.free_days(d))
        d.say(
            "noted",
            d.texts("away.noted", name=quote(member.name), day=say_date(back, d.texts.calendar)),
            reply_to=source.event,
        )


def _split_end(d: Draft, rest: str) -> str | None:
    """The name before a word that ends an absence, or None."""
    words = sorted(d.texts.words("actions.words.back"), key=len, reverse=True)
    match = re.match(rf"^(.*?)(?:^|\s)(?:{'|'.join(map(re.escape, words))})[.]*$", rest.strip(), re.IGNORECASE)
    return None if match is None else match[1].strip()


def _split_until(d: Draft, rest: str) -> tuple[str, str, bool]:
    """The name, the phrase for the day, and whether that day belongs to the absence."""
    through = d.texts.words("actions.words.through")
    words = sorted((*through, *d.texts.words("actions.words.until")), key=len, reverse=True)
    match = re.match(rf"^(.*?)(?:^|\s)({'|'.join(map(re.escape, words))})\s+(.+)$", rest.strip(), re.I | re.DOTALL)
    if match is None:
        return rest.strip(), "", False
    return match[1].strip(), match[3].strip(), fold(match[2]) in through


def _last_day(d: Draft, phrase: str, *, included: bool) -> Reading | None:
    """The last day of an absence. Who is away until Friday, or until a week or month, is back when it begins."""
    reading = dating.read(d, phrase)
    if included or not isinstance(reading, When):
        return reading
    begins = dating.read(d, f"{d.texts.phrases.start[0]} {phrase}")
    day = begins.day if isinstance(begins, When) else reading.day
    last: date = day - _DAY
    return None if last < dating.today(d) else When(last)
