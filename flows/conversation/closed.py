"""A closed first round: everybody votes before anybody sees how the others did.

Rule: until it is closed nothing that all can see says how many voted, or what; then only counts are shown and kept, and
who voted what is gone. How somebody votes unseen is the transport's: on the CARD in the room, or by a message that only
they can see (PRIVATE). What is said or tapped where all can see it is no vote.

The prompt `closed` stands while the round is open: whom it was asked by which message (`asked`), which messages voted
and whose they are (`said`), which presses did (`pressed`: a transport may name one after what it said), and who can't
be asked (`out`). A second round is open, as ever.
"""

from __future__ import annotations

from dataclasses import replace

from flows.book.model import Step
from flows.conversation import asking, commands, kinds, mine, prompts, taking
from flows.conversation.answers import read_grid, read_vote
from flows.conversation.draft import Draft
from flows.conversation.effects import Recall
from flows.conversation.events import Own, Pressed, Said
from flows.conversation.hearing import PRIVATE
from flows.conversation.marks import UNCLEAR, bare, signs_of
from flows.conversation.snapshot import Helped, Prompt, Taken
from flows.conversation.source import Source
from flows.conversation.text import bare_words, clean, cut, quote
from flows.conversation.traces import is_trace
from flows.summary import summarise

KIND = "closed"
_TOLD = ("unread", "sign", "seen")  # the lines of help that somebody gets once a round
VOTED = ("status", "applies", "grid")
_WORD = "onbekend"  # what "I don't know" is as a vote


def standing(d: Draft, step: str | None) -> Prompt | None:
    """The closed round that is open at a step, or None."""
    return next((one for one in d.snapshot.prompts() if one.kind == KIND and one.step == step), None)


def awaited(d: Draft, step: str) -> set[str]:
    """Who is waited for at a step: everybody here, but for those who can't be asked in a closed round."""
    found = standing(d, step)
    out = set() if found is None else set(found.data["out"])
    return {member.id for member in d.snapshot.people() if not is_trace(member.id)} - out


# The round ------------------------------------------------------------------------------------------------------------


def begin(d: Draft, step: Step) -> None:
    """The question of a step is to be asked: its first round is closed where the room wants that."""
    if standing(d, step.id) is not None or not d.room.closed or not d.setting.capabilities.closed or d.alone:
        return
    voted = any(d.view.votes(name) for name in (step.id, *step.form.rows))
    second = any(one.step == step.id and one.kind in ("spread", "settle") for one in d.snapshot.prompts())
    if step.kind in VOTED and not voted and not second and not d.view.asked_alone(step.id):
        d.open_prompt(KIND, step.id, asked={}, said={}, pressed=[], out=[])


def ask_each(d: Draft, step: Step) -> None:
    """Ask everybody who was not asked yet, each in a message that only they see."""
    found = standing(d, step.id)
    if found is None or d.setting.capabilities.closed != PRIVATE:
        return
    asked = dict(found.data["asked"])
    for member in sorted(d.snapshot.people(), key=lambda one: one.id):
        if member.id not in asked and not is_trace(member.id):
            asked[member.id] = d.say("question", _text(d, step, d.next_number()), step=step.id, to=member.id, asks=True)
    if asked != found.data["asked"]:
        d.put(replace(found, data={**found.data, "asked": asked}))


def _text(d: Draft, step: Step, number: int) -> str:
    """The question, for one person."""
    name = summarise(d.book, d.snapshot, d.at).name
    lines = [asking.head(d, step) + (d.texts("closed.for", name=quote(cut(name, 80))) if name else "")]
    lines.append(step.form.question)
    if step.kind == "grid":
        lines.append(" · ".join(f"{n} {d.book.steps[row].form.title}" for n, row in enumerate(step.form.rows, 1)))
    how = d.texts(f"closed.how.{step.kind}", answer=asking.ways(d, "answer", n=number))
    return "\n".join([*lines, "", f"_{how} {d.texts('closed.skip')}_"])


def end(d: Draft, step: Step) -> bool:
    """The round is closed, or given up: who voted what is forgotten. Whether there was one."""
    found = standing(d, step.id)
    if found is None:
        return False
    d.drop(found)
    for vote in [one for one in d.snapshot.vote.values() if one.step in (step.id, *step.form.rows)]:
        d.drop(vote)
    for event in found.data["said"]:
        for table, key in ((d.snapshot.taken, event), (d.snapshot.timer, f"purge:{event}")):
            if key in table:
                d.drop(table[key])
    for helped in [one for one in d.snapshot.helped.values() if one.step in (f"{what}:{step.id}" for what in _TOLD)]:
        d.drop(helped)
    numbers = tuple(found.data["asked"].values())
    if numbers:
        d.effects.append(Recall(numbers))
    d.forgotten += found.data["pressed"]
    d.erases = True
    return True


def unreachable(d: Draft, member: str) -> None:
    """Somebody can't be asked alone: nobody waits for their vote, and nobody is named."""
    for found in [one for one in d.snapshot.prompts() if one.kind == KIND]:
        step = d.book.steps[str(found.step)]
        names = (step.id, *step.form.rows)
        voted = any(vote.member == member for name in names for vote in d.view.votes(name))
        if member not in found.data["asked"] or member in found.data["out"] or voted:
            continue
        d.put(replace(found, data={**found.data, "out": [*found.data["out"], member]}))
        if not found.data["out"]:
            d.prefix = d.texts("closed.unreachable")
        kind = kinds.of(step)
        if isinstance(kind, kinds.VoteKind | kinds.GridKind):
            kind.people_changed(d, step)


# What only one person sees --------------------------------------------------------------------------------------------


def said(d: Draft, event: Said, own: Own) -> None:
    """Somebody answered a message that only they see: a vote, or something that is answered there too."""
    who, text = event.sender, clean(event.text)
    read = commands.read(text)
    if read is not None and read[0] == "antwoord":
        text = read[1]
    elif read is not None and read[0] in ("uitleg", "voorbeeld") and own.step in d.book.steps:
        show = asking.explain_text if read[0] == "uitleg" else asking.example_text
        d.say("help", show(d, d.book.steps[str(own.step)]), step=own.step, to=who)
        return
    elif read is not None and read[0] == "weetniet":
        text = d.texts.words("words.unknown")[0]
    elif read is not None and read[0] == "mijngegevens":
        mine.my_data(d, "", Source(who, None))
        return
    elif commands.has_form(text):
        d.say("help", _only(d), step=own.step, to=who)
        return
    if own.step is None:
        d.say("help", _only(d), to=who)
        return
    found = standing(d, own.step)
    if found is None or not any(member.id == who for member in d.snapshot.people()):
        d.say("help", d.texts("closed.over"), step=own.step, to=who)
        return
    step = d.book.steps[str(found.step)]
    if bare_words(text) in d.texts.words("words.unknown"):
        text = _WORD if step.kind != "grid" else " ".join("?" for _ in step.form.rows)
    trouble = _trouble(d, step, text)
    if trouble is not None:
        _help(d, found, step, trouble, event)
        return
    taking.resume(d)
    _keep_said(d, found, event)
    d.put(Taken(event.id, step.id, who))
    d.mark(event.id)
    kinds.of(step).take(d, step, text, Source(who, event.id))


def _trouble(d: Draft, step: Step, text: str) -> str | None:
    if step.kind == "grid":
        return None if read_grid(text, d.book, step, d.texts) else d.texts("trouble.grid", n=len(step.form.rows))
    return None if read_vote(text, step.kind, d.texts) else d.texts(f"trouble.{step.kind}")


def _help(d: Draft, found: Prompt, step: Step, trouble: str, event: Said) -> None:
    """A line of help, once; after that only a sign."""
    if _told(d, "unread", step.id, event.sender):
        _keep_said(d, found, event)
        d.mark(event.id, UNCLEAR)
    else:
        d.say("help", trouble, step=step.id, to=event.sender)


def _keep_said(d: Draft, found: Prompt, event: Said) -> None:
    d.put(replace(found, data={**found.data, "said": {**found.data["said"], event.id: event.sender}}))


def signed(d: Draft, own: Own, sign: str, who: str) -> None:
    """A sign on a message that only one person sees: it is no vote, for who runs the chat could read it."""
    d.erases = True
    if own.step is not None and not _told(d, "sign", own.step, who):
        d.say("help", d.texts("closed.sign" if standing(d, own.step) else "closed.over"), step=own.step, to=who)


def _only(d: Draft) -> str:
    """What is not for here goes in the team's chat."""
    return d.texts("closed.only" if d.setting.capabilities.closed == PRIVATE else "mine.only")


def writer(d: Draft, event: str) -> str | None:
    """Who wrote a message that only they and the coach see, or None where it is no such message of an open round."""
    found = (one.data["said"].get(event) for one in d.snapshot.prompts() if one.kind == KIND)
    return next(filter(None, found), None)


# What all can see -----------------------------------------------------------------------------------------------------


def refuses(d: Draft, step: str | None, source: Source) -> bool:
    """Whether a step's first round is closed, so that what was written where all can see it is no vote; says how to
    vote, once a person."""
    if standing(d, step) is None:
        return False
    if not _told(d, "seen", str(step), source.who) or d.setting.capabilities.cards:
        way = asking.ways(d, "closed")
        d.say("help", d.texts("closed.seen", way=way), step=step, reply_to=source.event)
    elif source.event is not None:
        d.mark(source.event, UNCLEAR)
    return True


def refuses_sign(d: Draft, step: str, sign: str, source: Source) -> bool:
    """Whether a sign that is a vote elsewhere is none here, for its first round is closed."""
    if standing(d, step) is None or bare(sign) not in signs_of(d.book.steps[step].kind).values():
        return False
    d.erases = True
    return refuses(d, step, source)


def _told(d: Draft, what: str, step: str, who: str) -> bool:
    """Whether somebody got this line of help before; from now on they did."""
    told = Helped(f"{what}:{step}", who)
    known = told.key in d.snapshot.helped
    if not known:
        d.put(told)
    return known


# On the card ----------------------------------------------------------------------------------------------------------


def pressed(d: Draft, event: Pressed, text: str | None) -> bool:
    """What was chosen or filled in on the card of a question whose first round is closed (None: not known); whether it
    is one."""
    found = standing(d, event.own.step)
    if found is None or prompts.by_message(d, event.own.number) is not None:
        return False
    d.put(replace(found, data={**found.data, "pressed": [*found.data["pressed"], event.id]}))
    step, source = d.book.steps[str(found.step)], Source(event.sender, None)
    taking.resume(d)
    if text is None:
        kinds.of(step).unknown(d, step, source)
    elif (trouble := _trouble(d, step, text)) is not None:
        d.say("help", trouble, step=step.id)
    else:
        kinds.of(step).take(d, step, text, source)
    asked = d.snapshot.asked[step.id]
    if standing(d, step.id) is not None:  # the same card afresh, on which the same can be chosen again
        d.edit(asked.latest, "question", step.id, asking.question_text(d, step, asked.latest))
    return True
