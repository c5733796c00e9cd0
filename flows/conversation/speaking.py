"""A message that is for the coach: which question or prompt it belongs to, and whether it is a command, a word to go
on, or an answer.

Rule: what reads as an answer of the step's kind is the answer; nothing that is addressed to the coach goes unanswered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flows.book.model import BEGIN
from flows.conversation import (
    asking,
    behalf,
    closed,
    commands,
    doing,
    erasing,
    going,
    kinds,
    language,
    newcomers,
    nudges,
    people,
    prompts,
    recheck,
    releasing,
    reminders,
    session,
    spaced,
    taking,
    walk,
)
from flows.conversation.draft import Draft
from flows.conversation.events import LONGEST_TEXT, Own, Said
from flows.conversation.snapshot import Prompt
from flows.conversation.source import Source
from flows.conversation.text import bare_words, clean

NEXT, AGREE, UNKNOWN, STOP = "next", "agree", "unknown", "stop"
LONGEST_QUESTION = 12


@dataclass(frozen=True, slots=True)
class Goal:
    """What a message is about: an open prompt, or a step; `open` where that step's question is the one that stands
    open, `nudge` the name of a nudge or offer about it that was passed before.
    """

    prompt: Prompt | None = None
    step: str | None = None
    open: bool = False
    nudge: str | None = None


def said(d: Draft, event: Said) -> None:
    """Somebody said something that is for the coach."""
    people.know(d, event.sender)
    source = Source(event.sender, event.id)
    if d.room.welcomed_at is None and (asked := commands.read(event.text)) is not None and asked[0] == "taal":
        language.choose_first(d, asked[1])
    first = people.welcome(d)
    if event.oversize is not None:
        d.say("help", d.texts("trouble.too_long", kb=LONGEST_TEXT // 1024), reply_to=event.id)
        return
    if event.points_at is not None and event.points_at.to is not None:
        closed.said(d, event, event.points_at)
        return
    text = strip_mention(event.text) if event.mentioned else clean(event.text)
    if erasing.said(d, event, text):
        return
    if _spoken_command(d, text) is None:
        word = None if commands.has_form(text) else keyword(d, text)
        if word not in (STOP, UNKNOWN) and releasing.said(d, event, text, word):
            return
    spoken = behalf.read(d, text, event.sender)
    if spoken is not None and spoken.who is None:
        behalf.refuse(d, spoken, source)
        return
    if spoken is not None:
        text, source = spoken.text, Source(str(spoken.who), event.id, event.sender)
    read = commands.read(text)
    answers_reminder = event.points_at is not None and reminders.by_message(d, event.points_at.number) is not None
    if event.mentioned and not answers_reminder and commands.find(bare_words(text)) is not None:
        text = f"!{text}"  # the coach was named, and the rest is nothing but a command's name
        read = commands.read(text)
    elif (meant := _spoken_command(d, text)) is not None:
        text = meant
        read = commands.read(text)
    if commands.has_form(text) and (read is None or read[0] != "antwoord"):
        doing.run(d, text, source, event.points_at)
        return
    if first:
        return
    word = None if read is not None else keyword(d, text)
    if word == STOP:
        doing.run(d, "!pauze", source, None)
        return
    if d.room.position == BEGIN:
        if word == AGREE or bare_words(text) == "start":
            going.start(d, "", source)
        else:
            d.say("help", d.texts("begin.line"), reply_to=event.id)
        return
    content = read[1] if read is not None else text
    reminder = _reminder(d, event, word)
    if reminder is not None:
        reminders.replied(d, reminder, text, source)
        return
    if _answers_offer(d, event, text, word, source):
        return
    goal = _past_near_miss(d, find_goal(d, event.points_at), event, text, word)
    if goal.prompt is None and goal.step is None:
        _no_goal(d, event, word, content, source)
        return
    if goal.prompt is None and goal.nudge is None and event.points_at is None and not goal.open:
        if word == NEXT and spaced.is_idle(d):
            spaced.ask_more(d)
            return
        walk.repeat(d)  # its question was not asked yet: nothing can be an answer to it
        return
    if not content:
        step = goal.step or (goal.prompt.step if goal.prompt else None)
        taking.unreadable(d, step, d.texts("trouble.empty"), source)
        return
    if goal.prompt is not None and prompts.refuses(d, goal.prompt, text):
        word = NEXT
    if word is not None and not _reads(d, goal, text):
        do_word(d, word, goal, source)
    elif read is None and event.points_at is None and d.room.paused_at is not None:
        _confirm_after_pause(d, goal, content, source)
    elif read is None and _asks_back(d, goal, content):
        _explain(d, goal, event)
    elif goal.prompt is not None:
        taking.reply_to_prompt(d, goal.prompt, content, source)
    elif goal.nudge is not None:
        taking.late_reply(d, goal.nudge, str(goal.step), content, source)
    else:
        taking.take(d, str(goal.step), content, source)


def _reminder(d: Draft, event: Said, word: str | None) -> Prompt | None:
    """The reminder that a message answers: by a reply, or in a room of one by a word right after it."""
    if event.points_at is not None:
        return reminders.by_message(d, event.points_at.number)
    return reminders.latest(d) if d.alone and word == AGREE else None


def _answers_offer(d: Draft, event: Said, text: str, word: str | None, source: Source) -> bool:
    """Whether a reply answers the offer to somebody who came later, and then it was dealt with."""
    offer = None if event.points_at is None else newcomers.by_message(d, event.points_at.number)
    if offer is None:
        return False
    if word == AGREE:
        newcomers.tell(d, source, offer)
    elif word == NEXT or bare_words(text) in d.texts.words("words.no"):
        newcomers.pass_by(d, offer)
    else:
        return False
    return True


def _past_near_miss(d: Draft, goal: Goal, event: Said, text: str, word: str | None) -> Goal:
    """A question what a command meant gives way to anything but an answer to it."""
    while goal.prompt is not None and goal.prompt.kind in prompts.YIELDING and event.points_at is None:
        chosen = goal.prompt.kind == "which" and prompts.trouble(d, goal.prompt, text) is None
        if (
            chosen
            or (goal.prompt.kind in ("command", "parked") and word is not None)
            or bare_words(text) in d.texts.words("words.no")
        ):
            break
        d.drop(goal.prompt)
        goal = find_goal(d, None)
    return goal


def _spoken_command(d: Draft, text: str) -> str | None:
    """The command that a text asks for in plain words, or None."""
    plain = bare_words(text)
    if plain in d.texts.words("words.help"):
        return "!help"
    if plain in d.texts.words("words.repeat"):
        return "!question"
    return newcomers.command(d) if plain in d.texts.words("words.standing") else None


def strip_mention(text: str) -> str:
    """The text without the mention of the coach."""
    return clean(re.sub(r"(?<!\w)@(?:opschaal)?coach\b[:,]?", " ", text, flags=re.IGNORECASE))


def keyword(d: Draft, text: str) -> str | None:
    """What a text says that consists of nothing but such a word."""
    plain = bare_words(text)
    for word in (NEXT, AGREE, UNKNOWN, STOP):
        if plain in d.texts.words(f"words.{word}"):
            return word
    return AGREE if text.strip() in ("✅", "👍", "✔", "✔️") else None


def find_goal(d: Draft, own: Own | None) -> Goal:
    """What a message is about: what it points at, else the coach's latest message that still asks."""
    if own is not None and own.step in d.book.steps:
        prompt = prompts.by_message(d, own.number)
        if prompt is not None:
            return Goal(prompt=prompt)
        name = nudges.by_message(d, own.number)
        if name is not None:
            return Goal(step=own.step, nudge=name)
        return Goal(step=own.step, open=d.view.stands_open(str(own.step)))
    if own is not None:
        prompt = prompts.by_message(d, own.number)
        return Goal(prompt=prompt) if prompt is not None else Goal()
    prompt = session.offered(d) or prompts.latest(d)
    if prompt is not None:
        return Goal(prompt=prompt)
    focus = d.view.focus()
    if focus is None:
        return Goal()
    asked = d.snapshot.asked.get(focus.id)
    return Goal(step=focus.id, open=asked is not None and asked.open)


def _no_goal(d: Draft, event: Said, word: str | None, content: str, source: Source) -> None:
    """A message that belongs to no question: at the end, or a reply to something that asks nothing."""
    latest = find_goal(d, None)
    if event.points_at is None or (latest.prompt is None and latest.step is None):
        d.say("help", d.texts("end.line"), reply_to=event.id)
    elif word is not None:
        do_word(d, word, latest, source)
    elif latest.step is not None and content:
        prompts.ask_if_answer(d, latest.step, content, source)
    elif latest.prompt is not None and latest.prompt.step is not None and content:
        prompts.ask_if_answer(d, latest.prompt.step, content, source)
    else:
        d.say("help", d.texts("trouble.empty"), reply_to=event.id)


def _reads(d: Draft, goal: Goal, text: str) -> bool:
    """Whether a word to go on is rather an answer here: a vote, a choice."""
    if goal.prompt is not None:
        prompt = goal.prompt
        if prompt.kind == "settle":  # "ja" to "Akkoord?" agrees, also where ja is a vote
            return keyword(d, text) != AGREE and prompts.trouble(d, prompt, text) is None
        if prompt.kind == "spread":
            return kinds.of(d.book.steps[str(prompt.step)]).trouble(d, d.book.steps[str(prompt.step)], text) is None
        return False
    step = d.book.steps[str(goal.step)]
    closed = step.kind in ("status", "applies", "multi", "grid", "rhythm", "period")
    return closed and kinds.of(step).trouble(d, step, text) is None


def _asks_back(d: Draft, goal: Goal, text: str) -> bool:
    """Whether a text is a question about the step rather than an answer to it."""
    if not is_short_question(text):
        return False
    name = goal.step if goal.step is not None else goal.prompt.step if goal.prompt is not None else None
    return name is not None and kinds.of(d.book.steps[name]).asks_back


def is_short_question(text: str) -> bool:
    """Whether a text is one short question."""
    if not text.endswith("?") or "\n" in text or len(text.split()) > LONGEST_QUESTION:
        return False
    return any(char.isalpha() for char in text)


def _explain(d: Draft, goal: Goal, event: Said) -> None:
    name = goal.step if goal.step is not None else str(goal.prompt.step if goal.prompt is not None else "")
    lines = [asking.explain_text(d, d.book.steps[name])]
    marks = d.setting.capabilities.marks and not d.alone
    lines.append(f"_{d.texts('explain.mark' if marks else 'explain.answer')}_")
    d.say("help", "\n".join(lines), step=name, reply_to=event.id)


def _confirm_after_pause(d: Draft, goal: Goal, content: str, source: Source) -> None:
    d.set(paused_at=None)
    step = goal.step if goal.prompt is None else goal.prompt.step
    if step is None:
        walk.repeat(d)
    else:
        prompts.ask_if_answer(d, step, content, source, goal.prompt)


def do_word(d: Draft, word: str, goal: Goal, source: Source) -> None:
    """Do what a word to go on says, at what it points at."""
    if word == UNKNOWN and not (goal.prompt is not None and goal.prompt.data.get("aside")):
        going.unknown(d, "", source, goal.step if goal.open else None)
        return
    if goal.prompt is not None:
        taking.resume(d)
        (prompts.agree(d, goal.prompt, source) if word == AGREE else prompts.pass_on(d, goal.prompt))
        return
    if not goal.open:
        d.say("help", d.texts("trouble.closed"), reply_to=source.event)
        return
    paused = d.room.paused_at is not None
    if paused and word == NEXT:
        doing.run(d, "!verder", source, None)
        return
    taking.resume(d)
    step = d.book.steps[str(goal.step)]
    kind = kinds.of(step)
    (kind.agree(d, step) if word == AGREE else kind.pass_on(d, step))


def agree_on(d: Draft, own: Own, source: Source) -> None:
    """✅ on a message of the coach: works only where its question or prompt is still open."""
    prompt = prompts.by_message(d, own.number)
    if prompt is not None:
        taking.resume(d)
        if prompt.kind == "recheck":
            recheck.agree(d, prompt, own.number)
        else:
            prompts.agree(d, prompt, source)
        return
    asked = d.snapshot.asked.get(own.step or "")
    if asked is None or not d.view.stands_open(asked.step) or own.number < asked.first:
        return
    if own.kind != "question":
        return
    prompts.give_way(d, aside=False)
    if prompts.blocks(d, asked.step):
        return
    taking.resume(d)
    step = d.book.steps[asked.step]
    kinds.of(step).agree(d, step)
