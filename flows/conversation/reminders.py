"""Reminders of actions: one message for all that is due, and what a tap on it does.

Rule: only who does an action is named, and only where they are here; a tap concerns the tapper's own actions.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from flows.calendar.dates import say_date, say_day
from flows.calendar.due import next_reminder
from flows.calendar.workdays import FreeDays
from flows.conversation import asides, asking, doing
from flows.conversation.actions import show_action
from flows.conversation.draft import Draft
from flows.conversation.marks import AGREE, LATER, bare
from flows.conversation.roomtime import day_of, free_of
from flows.conversation.snapshot import Action, Prompt
from flows.conversation.source import Source
from flows.conversation.text import bare_words, cut, one_line, quote

MOST_KEPT = 5
MOST_LINES = 20
WEEK = timedelta(weeks=1)


def _day_of(d: Draft, action: Action, free: FreeDays) -> date | None:
    """The day of the next reminder of an action; None where there is none."""
    if action.state != "open" or action.due is None:
        return None
    after = day_of(d.room, action.at)
    if action.reminded_on is not None:
        after = max(after, action.reminded_on)
    owner = d.snapshot.member.get(action.owner) if action.owner is not None else None
    return next_reminder(action.due, after, free, owner.away_until if owner is not None else None)


def next_day(d: Draft, free: FreeDays) -> date | None:
    """The first day on which there is something to remind of."""
    days = [_day_of(d, action, free) for action in d.view.actions()]
    return min((day for day in days if day is not None), default=None)


def say(d: Draft, late: bool) -> bool:
    """Say what is due by now, in one message; whether there was anything."""
    today, free = day_of(d.room, d.at), free_of(d.room)
    due = [action for action in d.view.actions() if (day := _day_of(d, action, free)) is not None and day <= today]
    if not due:
        return False
    due.sort(key=lambda action: (action.due or date.max, action.number))
    ahead = [action for action in due if action.due is not None and action.due >= today]
    behind = [action for action in due if action not in ahead]
    lines = [d.texts("reminder.head")]
    if late:
        lines.append(d.texts("reminder.late"))
    shown = [*ahead, *behind][:MOST_LINES]
    lines += [f"- {_line(d, action, today)}" for action in shown]
    if len(due) > len(shown):
        lines.append(d.texts("reminder.more", n=len(due) - len(shown)))
    number = d.next_number()
    agree, put_off = asking.ways(d, "agree", n=number), asking.ways(d, "postpone", n=number)
    lines.append(f"_{d.texts(f'reminder.how.{d.who}', n=shown[0].number, agree=agree, later=put_off)}_")
    mentions = tuple(dict.fromkeys(action.owner for action in shown if action.owner and _is_here(d, action.owner)))
    last = d.say("reminder", "\n".join(lines), signs=(AGREE, LATER), mentions=mentions)
    for action in due:
        d.put(replace(action, reminded_on=today))
    days = {str(action.number): str(action.due) for action in due}
    prompt = d.open_prompt("reminder", None, None, actions=[action.number for action in due], due=days)
    d.put(replace(prompt, messages=tuple(range(number, last + 1))))  # more than one where it was too long
    for old in _open(d)[:-MOST_KEPT]:
        d.drop(old)
    return True


def _line(d: Draft, action: Action, today: date) -> str:
    assert action.due is not None  # noqa: S101 (only those with a date are due)
    days = (action.due - today).days
    if days < 0:
        when = d.texts("reminder.past", day=say_day(action.due, d.texts.calendar))
    elif days < 2:
        when = d.texts(f"reminder.{'today' if days == 0 else 'tomorrow'}")
    else:
        when = d.texts("reminder.ahead", n=days, day=say_date(action.due, d.texts.calendar))
    text = d.texts("reminder.line", when=when, n=action.number, text=quote(cut(one_line(action.text), 120)))
    if action.owner is not None and _is_here(d, action.owner):
        return text + d.texts("reminder.owner", name=quote(str(d.view.name(action.owner))))
    if action.owner is not None:
        return text + d.texts("reminder.gone", name=quote(action.owner_name or ""), n=action.number)
    if action.owner_name is not None:
        return text + d.texts("reminder.named", name=quote(action.owner_name))
    return text + d.texts("reminder.nobody", n=action.number)


def _is_here(d: Draft, member: str) -> bool:
    found = d.snapshot.member.get(member)
    return found is not None and found.present


def _open(d: Draft) -> list[Prompt]:
    return [prompt for prompt in d.snapshot.prompts() if prompt.kind == "reminder"]


def by_message(d: Draft, number: int) -> Prompt | None:
    """The reminder that this message of the coach is, or None."""
    return next((prompt for prompt in _open(d) if number in prompt.messages), None)


def latest(d: Draft) -> Prompt | None:
    """The latest reminder, where nothing was asked after it."""
    found = _open(d)
    return found[-1] if found and found[-1].messages[-1] == d.room.messages else None


def tapped(d: Draft, prompt: Prompt, sign: str, source: Source) -> None:
    """✅ or ⏰ on a reminder: the tapper's own action in it is done, or a week later."""
    waiting = _waiting(d, prompt)
    if sign == LATER:  # what was put off since is not put off again: two taps make one step
        days = prompt.data.get("due", {})
        waiting = [action for action in waiting if days.get(str(action.number), str(action.due)) == str(action.due)]
    if waiting:
        _settle(d, waiting, sign, source)


def settled(d: Draft, prompt: Prompt, sign: str, source: Source) -> None:
    """Somebody chose an action of a reminder and said that it is done, or later."""
    known = {action.number: str(action.due) for action in _waiting(d, prompt)}
    days = prompt.data.get("due", {})
    for number in prompt.data["actions"]:
        # What was closed or put off since is not closed or put off again: two taps make one step.
        if number in known and (sign == AGREE or days.get(str(number), known[number]) == known[number]):
            run(d, "gedaan" if sign == AGREE else "uitstel", number, source)


def hand_over(d: Draft, prompt: Prompt, person: str | None, source: Source) -> None:
    """Somebody else does an action of a reminder: the one that is meant, else the coach asks which."""
    waiting = _waiting(d, prompt)
    own = [action for action in waiting if action.owner == source.who]
    chosen = own if len(own) == 1 else waiting
    to = next((one for one in d.snapshot.people() if one.id == person), None)
    if len(chosen) == 1 and to is not None:
        if chosen[0].owner != to.id:
            changed = replace(chosen[0], owner=to.id, owner_name=to.name)
            asides.put_changed(d, changed, source)
            d.say("noted", d.texts("actions.handed", line=show_action(d, changed)))
    elif waiting:
        d.say("help", d.texts("card.which" if to is not None else "card.whom"))


def _settle(d: Draft, waiting: list[Action], sign: str, source: Source) -> None:
    """Close or put off the one of these actions that is meant; ask which where that is not clear."""
    own = [action for action in waiting if action.owner == source.who]
    command = "gedaan" if sign == AGREE else "uitstel"
    if len(own) == 1 or (d.alone and len(waiting) == 1):
        run(d, command, (own or waiting)[0].number, source)
        return
    choices = own or waiting
    numbers = [action.number for action in choices]
    d.open_prompt("pick", None, d.next_number(), actions=numbers, command=command)
    d.say("help", pick_text(d, command, numbers), asks=True)


def _waiting(d: Draft, prompt: Prompt) -> list[Action]:
    """The actions of a reminder that are still open, in its order."""
    known = {action.number: action for action in d.view.actions() if action.state == "open"}
    return [known[number] for number in prompt.data["actions"] if number in known]


def pick_text(d: Draft, command: str, numbers: list[int]) -> str:
    """The question which action is meant."""
    actions = [d.snapshot.action[number] for number in numbers if number in d.snapshot.action]
    rows = [f"- {action.number}. {quote(cut(one_line(action.text), 80))}" for action in actions]
    return "\n".join(
        [d.texts(f"reminder.which.{command}"), *rows, d.texts("reminder.pick", numbers=", ".join(map(str, numbers)))]
    )


def run(d: Draft, command: str, number: int, source: Source) -> None:
    """Close an action, or put it off for a week."""
    if command == "uitstel":
        action = d.snapshot.action[number]
        day = max(action.due or date.min, day_of(d.room, d.at)) + WEEK
        doing.run(d, f"!uitstel {number} {day.isoformat()}", Source(source.who, source.event), None)
    else:
        doing.run(d, f"!gedaan {number}", Source(source.who, source.event), None)


def replied(d: Draft, prompt: Prompt, text: str, source: Source) -> None:
    """A reply to a reminder in words: done, or later; anything else gets a line of help."""
    plain, waiting = bare_words(text), _waiting(d, prompt)
    done = bare(text.strip()) == AGREE or plain in (*d.texts.words("words.agree"), *d.texts.words("words.done"))
    if not waiting:
        run(d, "gedaan", prompt.data["actions"][0], source)  # which says that it was done, or that it is not there
    elif done:
        _settle(d, waiting, AGREE, source)
    elif bare(text.strip()) == LATER or plain in d.texts.words("words.later"):
        _settle(d, waiting, LATER, source)
    else:
        own = [action for action in waiting if action.owner == source.who]
        d.say("help", d.texts("reminder.reply", n=(own or waiting)[0].number), reply_to=source.event)
