"""Open prompts of the coach: what ✅, `!verder` and a reply do to each. Rule: a prompt stands in place of the next
question until it is answered or passed.

Kinds: `nudge`, `offer` (who finds it out), `new` (questions that came up), `spread` and `settle` (votes), `command`
(a near miss),
`answer` (is this your answer?), `recheck` (does it all still hold?), `pick` (which action?), `complete` (who does an
action, and when), `parked` (go on with what a meeting left?), `personal` (what is held back:
`releasing`). With `aside` in its data one stands beside the walk
(`asides`). `detour`, `draft`, `window`, `reminder` and `newcomer` ask nothing
themselves.
"""

from __future__ import annotations

import re
from dataclasses import replace

from flows.book.model import END
from flows.conversation import (
    asides,
    asking,
    closed,
    doing,
    held,
    kinds,
    nudges,
    recheck,
    releasing,
    reminders,
    session,
    taking,
    walk,
)
from flows.conversation.answers import read_grid, read_vote
from flows.conversation.draft import Draft
from flows.conversation.events import Own
from flows.conversation.marks import AGREE, LATER, signs_of
from flows.conversation.snapshot import Prompt, Taken
from flows.conversation.source import Source
from flows.conversation.text import bare_words, cut, quote

_QUIET = ("parked", held.KIND)  # they stand beside what is open
ASKING = ("nudge", "offer", "new", "spread", "settle", "command", "answer", "which", "pick", "complete", *_QUIET)
# These give way to anything that is no answer to them.
PASSING = ("command", "which", "pick")
YIELDING = (*PASSING, "parked")
REFUSABLE = ("offer", "new", "command", "answer", "which", "complete")


def refuses(d: Draft, prompt: Prompt, text: str) -> bool:
    """Whether a text refuses what a prompt offers."""
    plain = bare_words(text)
    if prompt.kind == "nudge" and nudges.name_of(prompt).startswith("unknowns:"):
        return plain in (*d.texts.words("words.no"), *d.texts.words("answers.unknown"))
    return prompt.kind in REFUSABLE and plain in d.texts.words("words.no")


def asks(prompt: Prompt) -> bool:
    """Whether a prompt waits for an answer itself."""
    return prompt.kind in ASKING or (prompt.kind == "recheck" and prompt.data.get("steps") is None)


def agree(d: Draft, prompt: Prompt, source: Source) -> None:
    """✅ on a prompt."""
    if prompt.kind == held.KIND:
        releasing.discard(d, prompt)
    elif prompt.kind == "recheck":
        recheck.agree(d, prompt, prompt.messages[-1] if prompt.messages else None)
    elif prompt.kind == "new":
        d.drop(prompt)
        steps = [step for step in prompt.data["steps"] if step in d.view.open_steps()]
        if steps:
            walk.jump(d, steps[0], remember=False)
        else:
            walk.go_on(d, prompt.data.get("nudged", 1))
    elif prompt.kind == "parked":
        session.take_up(d, prompt)
    elif prompt.kind == "command":
        d.drop(prompt)
        doing.run(d, prompt.data["text"], source, None)
    elif prompt.kind == "answer":
        d.drop(prompt)
        _take_confirmed(d, prompt)
    else:
        pass_on(d, prompt)


def pass_on(d: Draft, prompt: Prompt, *, known: bool = True) -> None:
    """`!verder` on a prompt: not needed, go on; a proposal is taken. Without `known` it was skipped: that says nothing
    about an alarm.
    """
    step = d.book.steps[prompt.step] if prompt.step else None
    if prompt.kind == held.KIND:
        releasing.discard(d, prompt)
    elif prompt.kind == "spread" and step is not None:
        kinds.VOTE.close(d, step)
    elif prompt.kind == "settle" and step is not None:
        settle(d, prompt, disagreed=False)
    elif prompt.kind == "recheck":
        recheck.pass_on(d, prompt)
    elif prompt.kind == "parked":
        session.take_up(d, prompt)
    elif prompt.data.get("aside"):
        asides.pass_by(d, prompt, known=known)
    elif prompt.kind in ("command", "answer", "which", "pick"):
        d.drop(prompt)
        walk.repeat(d)
    else:
        nudges.end(d, prompt, known=known)
        if d.room.position == END:
            walk.say_end(d)
        else:
            walk.go_on(d, prompt.data.get("nudged", 1))


def settle(d: Draft, prompt: Prompt, *, disagreed: bool) -> None:
    """Keep what the proposal says; where the team does not agree, with what was said about it."""
    step = d.book.steps[str(prompt.step)]
    if step.kind == "grid":
        kinds.GRID.settle(d, step, prompt, disagreed=disagreed)
    else:
        kinds.VOTE.settle(d, step, prompt.data["word"], None, prompt.data.get("views", []) if disagreed else None)


def trouble(d: Draft, prompt: Prompt, text: str) -> str | None:
    """The line of help for a reply that can't be read here, or None."""
    step = d.book.steps[prompt.step] if prompt.step else None
    if prompt.kind == "settle" and step is not None:
        if (why := _disagreement(d, text)) is not None and (not why or step.kind != "grid"):
            return None
        if step.kind == "grid":
            return d.texts("trouble.settle") if read_grid(text, d.book, step, d.texts) is None else None
        return d.texts("trouble.settle") if read_vote(text, step.kind, d.texts) is None else None
    if prompt.kind == "pick":
        plain = bare_words(text)
        known = plain.isdecimal() and int(plain) in prompt.data["actions"]
        return None if known else d.texts("reminder.pick", numbers=", ".join(map(str, prompt.data["actions"])))
    if prompt.kind == "offer":
        return nudges.trouble(d, nudges.name_of(prompt), prompt.step, text)
    if prompt.kind == "which":
        plain = bare_words(text)
        known = plain.isdecimal() and 1 <= int(plain) <= len(prompt.data["steps"])
        return None if known else d.texts("trouble.number", n=len(prompt.data["steps"]))
    if prompt.kind == "parked" and bare_words(text) in d.texts.words("words.no"):
        return None
    if prompt.kind in ("new", "command", "answer", "parked", held.KIND):
        return d.texts("trouble.yes_or_on")
    return nudges.trouble(d, nudges.name_of(prompt), prompt.step, text)


def _disagreement(d: Draft, text: str) -> str | None:
    """Why somebody says not to agree with a proposal ("" where they don't say); None where they don't say so."""
    if bare_words(text) in d.texts.words("answers.disagree"):
        return ""
    words, because = ("|".join(map(re.escape, d.texts.words(f"answers.{name}"))) for name in ("disagree", "because"))
    match = re.match(rf"^\s*(?:{words})(?:\s*[:,;.]\s*|\s+(?={because}))(\S.*)$", text, re.IGNORECASE | re.DOTALL)
    return None if match is None else match[1].strip()


def may_be_let_go(d: Draft, prompt: Prompt, text: str) -> bool:
    """Whether a reply is about an outcome and none itself: it is kept only where the team does not agree."""
    step = d.book.steps.get(str(prompt.step))
    return prompt.kind == "spread" and step is not None and read_vote(text, step.kind, d.texts) is None


def reply(d: Draft, prompt: Prompt, text: str, source: Source) -> None:
    """Take a reply that has no `trouble`."""
    if prompt.kind in ("complete", "nudge") and prompt.data.get("aside"):
        asides.reply(d, prompt, text, source)
        return
    if prompt.kind == "recheck":
        recheck.replied(d, prompt, text, source)
        return
    if prompt.kind == "parked":
        session.put_by(d, prompt, source)
        return
    if prompt.kind == "pick":
        d.drop(prompt)
        reminders.run(d, prompt.data["command"], int(bare_words(text)), Source(source.who, None))
        return
    if prompt.kind == "which":
        d.drop(prompt)
        chosen = prompt.data["steps"][int(bare_words(text)) - 1]
        doing.run(d, f"!{prompt.data['command']} {chosen}", Source(source.who, None), None)
        return
    step = d.book.steps[str(prompt.step)]
    if prompt.kind == "settle":
        if (why := _disagreement(d, text)) is not None:
            if why:
                view = {"text": why, "author": source.who, "event": source.event}
                prompt = replace(prompt, data={**prompt.data, "views": [*prompt.data.get("views", []), view]})
            settle(d, prompt, disagreed=True)
        elif step.kind == "grid":
            kinds.GRID.take(d, step, text, source)
        else:
            kinds.VOTE.settle(d, step, str(read_vote(text, step.kind, d.texts)), source)
    elif prompt.kind == "spread":
        word = read_vote(text, step.kind, d.texts)
        if word is not None:
            kinds.VOTE.cast(d, step, word, source)
        else:
            view = {"text": text, "author": source.who, "event": source.event}
            d.put(replace(prompt, data={**prompt.data, "views": [*prompt.data.get("views", []), view]}))
    else:
        nudges.keep_reply(d, nudges.name_of(prompt), step.id, text, source)
        nudges.end(d, prompt)
        walk.go_on(d, prompt.data.get("nudged", 1))


def ask_if_answer(d: Draft, step: str, text: str, source: Source, to: Prompt | None = None) -> None:
    """Ask whether a message was meant as the answer (or as the reply to the prompt `to`), before anything is noted."""
    if closed.refuses(d, step, source):
        return
    for old in [one for one in d.snapshot.prompts() if one.kind == "answer"]:
        d.drop(old)
    if source.event is not None:
        d.put(Taken(source.event, step, source.writer, read=False))  # so that an edit or removal of it is followed
    data = {"text": text, "author": source.who, "event": source.event, "to": None if to is None else to.id}
    data |= {"typist": source.typist}
    prompt = d.open_prompt("answer", step, d.next_number(), **data)
    d.say("nudge", _text(d, prompt, d.next_number()), step=step, signs=(AGREE,), reply_to=source.event)


def _take_confirmed(d: Draft, prompt: Prompt) -> None:
    source = Source(prompt.data["author"], prompt.data["event"], prompt.data.get("typist"))
    before = len(d.effects)
    to = d.snapshot.prompt.get(prompt.data["to"]) if prompt.data["to"] is not None else None
    if to is not None:
        taking.reply_to_prompt(d, to, prompt.data["text"], source)
    else:
        taking.take(d, str(prompt.step), prompt.data["text"], source)
    if not any(hasattr(effect, "kind") for effect in d.effects[before:]):
        walk.repeat(d)


def show_again(d: Draft, prompt: Prompt) -> None:
    """Post an open prompt once more; every copy can be tapped."""
    number = d.next_number()
    text = _text(d, prompt, number)
    step = d.book.steps[prompt.step] if prompt.step else None
    d.put(replace(prompt, messages=(*prompt.messages, number)))
    votes = prompt.kind == "spread" and step is not None
    signs = (*signs_of(step.kind).values(), AGREE) if votes and step is not None else (AGREE,)
    if prompt.kind == "recheck":
        d.say("recheck", text, signs=(AGREE, LATER))
        return
    kind = "question" if prompt.kind in ("spread", "settle") else "nudge"
    d.say(kind, text, step=prompt.step, signs=signs)


def _text(d: Draft, prompt: Prompt, number: int) -> str:
    step = d.book.steps[prompt.step] if prompt.step else None
    agree = asking.ways(d, "yes", n=number)
    if prompt.data.get("aside"):
        return asides.text_of(d, prompt, number)
    if prompt.kind == "command":
        return d.texts("near.text", said=prompt.data["said"], meant=prompt.data["text"], agree=agree)
    if prompt.kind == "which":
        return which_text(d, prompt.data["steps"])
    if prompt.kind == "recheck":
        return recheck.text_of(d, prompt)
    if prompt.kind == "pick":
        return reminders.pick_text(d, prompt.data["command"], prompt.data["actions"])
    if step is None:
        return d.texts("begin.line")
    if prompt.kind == "settle" and step.kind == "grid":
        return kinds.GRID.settle_message(d, step, prompt, number)
    if prompt.kind == "settle":
        return kinds.VOTE.settle_message(d, step, prompt.data["word"], number)
    if prompt.kind == "spread":
        return kinds.VOTE.spread_message(d, step, number)
    if prompt.kind == "new":
        return nudges.new_text(d, prompt.data["steps"], number)
    if prompt.kind == "answer":
        later = asking.ways(d, "later")
        said = quote(cut(prompt.data["text"], asking.SHOWN_LENGTH))
        return d.texts("confirm.text", head=asking.head(d, step), said=said, agree=agree, later=later)
    return nudges.text_of(d, prompt, number)


def which_text(d: Draft, steps: list[str]) -> str:
    """The steps that somebody may have meant, numbered, to choose from."""
    found = [d.book.steps[step] for step in steps]
    rows = [f"{place}. `{step.called}`: {asking.full_title(d, step)}" for place, step in enumerate(found, 1)]
    return "\n".join([d.texts("goto.several"), *rows])


def latest(d: Draft) -> Prompt | None:
    """The latest open prompt that asks something, if it came after the open detour."""
    # In a group what stands beside the walk is answered at its own message, and blocks nothing.
    found = [one for one in d.snapshot.prompts() if asks(one) and (d.alone or not one.data.get("aside"))]
    found = [one for one in found if one.kind not in _QUIET]
    focus, detour = d.view.focus(), d.view.detour()
    asked = d.snapshot.asked.get(focus.id) if focus is not None else None
    found = [one for one in found if one.kind != "recheck" or one.data["stage"]]  # one that was put off waits
    if asked is not None and asked.open:
        # Of a re-check and of what stands beside the questions asked together, a question that was asked later goes
        # first.
        voted = [one for one in found if one.step == asked.step and one.kind in ("spread", "settle")]
        beside = [one for one in found if one.kind == "recheck" or (d.view.together() and one not in voted)]
        gone = [one for one in beside if asked.latest > max(one.messages, default=0)]
        found = [one for one in found if one not in gone]
    if not found or (detour is not None and found[-1].id < detour.id):
        return None
    return found[-1]


def give_way(d: Draft, *, aside: bool = True) -> None:
    """Forget what gives way to anything that is no answer to it; with `aside` also what stands beside the walk."""
    for prompt in [one for one in d.snapshot.prompts() if one.kind in PASSING]:
        if aside or not prompt.data.get("aside"):
            d.drop(prompt)


def blocks(d: Draft, step: str) -> bool:
    """Whether an open prompt stands in the way of going on from the open question of a step by a tap on it."""
    if d.view.together():  # several questions stand open: only its own votes
        return any(one.step == step and one.kind in ("spread", "settle") for one in d.snapshot.prompts())
    found = latest(d)
    return found is not None and found.kind != "recheck"


def by_message(d: Draft, number: int) -> Prompt | None:
    """The open prompt that this message of the coach shows."""
    return next((one for one in d.snapshot.prompts() if number in one.messages and asks(one)), None)


def vote_target(d: Draft, own: Own) -> str | None:
    """The step on which a sign put on this message votes now: its open question, its second round, or its proposal."""
    prompt = by_message(d, own.number)
    if prompt is not None:
        return prompt.step if prompt.kind in ("spread", "settle") else None
    asked = d.snapshot.asked.get(own.step or "")
    if asked is None or not d.view.stands_open(asked.step) or own.number < asked.first:
        return None
    if any(one.kind == "spread" and one.step == asked.step and one.data.get("first") for one in d.snapshot.prompts()):
        return None  # the card of a closed round, after that round
    step = d.book.steps[asked.step]
    return step.id if step.kind in ("status", "applies") and kinds.voting(d, step) else None
