"""What a question looks like: while it stands open, and after it was left.

Rule: reads the room, says nothing by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flows.book.model import Step
from flows.calendar.dates import Period, say_date, say_day
from flows.calendar.rhythm import Rhythm, say_rhythm
from flows.canvas.words import capital, outdated_text
from flows.conversation import fitting
from flows.conversation.actions import show_action
from flows.conversation.draft import Draft
from flows.conversation.marks import signs_of
from flows.conversation.proposals import propose, tally
from flows.conversation.snapshot import Action, Prompt
from flows.conversation.text import cut, one_line, quote
from flows.conversation.view import ANSWERED, OPEN, UNKNOWN

# From so many votes on the spread is shown; below that a count would show who voted what.
SPREAD_FROM = 4
SHOWN_ITEMS = 5
SHOWN_LENGTH = 80
GROUP = "group"


def head(d: Draft, step: Step) -> str:
    """The first line of everything about a step: part and title."""
    return f"**{d.book.parts[step.part].head.title} · {step.form.title}**"


def full_title(d: Draft, step: Step) -> str:
    """Part and title, plain."""
    return f"{d.book.parts[step.part].head.title} · {step.form.title}"


def ways(d: Draft, what: str, *, many: bool = False, **values: object) -> str:
    """A phrase for what people do on this transport: answer, agree, more, ... (with `many` as in a group)."""
    who = d.who if not many else GROUP
    return d.texts(f"ways.{d.setting.capabilities.ways}.{who}.{what}", **values)


def _reply(d: Draft, step: Step, number: int) -> str:
    """How to answer a question; where several stand open together, in a room of one too by a reply to it."""
    together = d.view.together()
    several = len(together) > 1 and step.id in together and d.view.detour() is None
    return ways(d, "answer", many=several, n=number)


def question_text(d: Draft, step: Step, number: int) -> str:
    """The question of a step as its message `number` shows it, with what stands there already and how to answer."""
    part = d.book.parts[step.part]
    lines = [head(d, step)]
    if not any(asked in d.snapshot.asked for asked in part.steps if asked != step.id):
        lines.append(f"_{part.head.intro}_")
    lines.append(step.form.question)
    lines += _context(d, step)
    lines += _options(d, step)
    lines += fitting.weighed_at(d, step)
    lines += fitting.shown_at(d, step.id)
    lines += _already(d, step)
    left = d.view.remaining(step.id)
    said = {what: ways(d, what, n=number) for what in ("agree", "vote")}
    said["answer"] = _reply(d, step, number)
    said["example"] = f"1, {len(step.form.choices)}" if step.form.exclusive else "1, 3"
    how = d.texts(f"how.{_how(d, step)}.{d.who}", **said)
    if _is_closed(d, step):
        how = d.texts("how.closed", way=ways(d, "closed"), agree=said["agree"])
    elif after_closed(d, step) is not None:
        how = d.texts("how.counted")
    return "\n".join([*lines, "", f"_{how} · {d.texts.count('left', left)}_"])


def _how(d: Draft, step: Step) -> str:
    """Which line on how to answer fits: of a statement whether one stands already, or a frame can be taken."""
    if step.kind != "statement":
        return step.kind
    if d.view.state(step.id) == ANSWERED and d.view.draft(step.id) is None:
        return "kept"
    return "statement" if frame_text(d, step) else "words"


def _context(d: Draft, step: Step) -> list[str]:
    """The answer that this question builds on: the column to its right, or the answer that brought it."""
    above = step.form.right
    if above is None and step.condition.name in ("answered", "some"):
        above = step.condition.step
    if above is None:
        return []
    shown = _short(d, above)
    if not shown:
        return []
    form = d.book.steps[above].form
    if step.form.right is None:
        return [f"_{d.texts('question.named', text=shown)}_"]
    was = form.recalled or d.texts("question.was", title=form.title[:1].upper() + form.title[1:])
    return [f"_{was}: {shown}_"]


def _short(d: Draft, step: str) -> str:
    """What stands at a step, on one line."""
    found = d.book.steps[step]
    if found.kind == "multi":
        texts = [name_of(found, word) for word in d.view.words(step)]
    else:
        texts = [item.text for item in d.view.items(step)]
    shown = quote("; ".join(cut(text, SHOWN_LENGTH) for text in texts[:SHOWN_ITEMS]))
    return shown if len(texts) <= SHOWN_ITEMS else f"{shown}; {d.texts('noted.more', n=len(texts) - SHOWN_ITEMS)}"


def at_a_glance(d: Draft, step: Step) -> str:
    """What stands at a step, on one line, whatever its kind."""
    status = d.view.status_of(step.id)
    if status is not None:
        return f"{signs_of(step.kind)[status]} {d.texts(f'status.{step.kind}.{status}')}"
    if step.kind == "multi":
        return ", ".join(name_of(step, word) for word in d.view.words(step.id))
    if step.kind == "actions":
        return d.texts.count("actions.count", len(d.view.actions(step.id)))
    if step.kind == "grid":
        counts = Counter(d.view.status_of(row) for row in step.form.rows)
        return " · ".join(f"{sign} {counts[word]}" for word, sign in signs_of("status").items() if counts[word])
    return "; ".join(cut(item.text, SHOWN_LENGTH) for item in d.view.items(step.id))


def name_of(step: Step, word: str) -> str:
    """The name that is shown for a chosen word."""
    choice = step.choice(word)
    return word if choice is None else choice.name


def _options(d: Draft, step: Step) -> list[str]:
    if step.kind == "multi":
        return [f"{place}. **{one.name}**: {one.label}" for place, one in enumerate(step.form.choices, 1)]
    if step.kind == "grid":
        rows = [f"{place} {d.book.steps[row].form.title}" for place, row in enumerate(step.form.rows, 1)]
        return [" · ".join(rows), *_grid_progress(d, step)]
    if step.kind in ("status", "applies"):
        names = [f"{sign} {d.texts(f'status.{step.kind}.{word}')}" for word, sign in signs_of(step.kind).items()]
        return [" · ".join(names), *_vote_progress(d, step)]
    if step.kind == "statement":
        draft = d.view.draft(step.id)
        if draft is not None:
            return [d.texts("question.draft", text=quote(draft.data["text"]))]
        frame = frame_text(d, step)
        key = "question.frame" if d.view.state(step.id) != ANSWERED else "question.other_frame"
        return [] if frame is None else [d.texts(key, text=quote(frame))]
    if step.kind == "rhythm":
        return [d.texts("question.proposal", text=str(step.form.proposal))]
    return []


def _vote_progress(d: Draft, step: Step) -> list[str]:
    lines = [] if d.alone else [d.texts("question.each")]
    votes = d.view.votes(step.id)
    counts = _counted(d, step) or tally(votes)
    if counts and not _is_closed(d, step):
        lines.append(f"**{spread_text(d, step.kind, counts)}**")
    proposal = propose(d.view, step.id) if d.alone else None
    if proposal:
        lines.append(d.texts("question.status_proposal", word=d.texts(f"status.{step.kind}.{proposal}")))
    return lines


def _is_closed(d: Draft, step: Step) -> bool:
    """Whether a closed round is open at a step: nothing of it is shown."""
    return any(one.kind == "closed" and one.step == step.id for one in d.snapshot.prompts())


def after_closed(d: Draft, step: Step) -> Prompt | None:
    """What came of a closed round at a step: the second round, or the proposal."""
    found = (one for one in d.snapshot.prompts() if one.kind in ("spread", "settle") and one.step == step.id)
    return next((one for one in found if one.data.get("first") or one.data.get("closed")), None)


def _counted(d: Draft, step: Step) -> Mapping[str, int] | None:
    """The votes of a closed round that was closed, as counts."""
    found = after_closed(d, step)
    return None if found is None else found.data.get("first") or found.data.get("counts")


def spread_text(d: Draft, kind: str, counts: Mapping[str, int]) -> str:
    """How many voted, and from four voters on how the votes are spread, as counts."""
    counted = d.texts.count("votes", sum(counts.values()))
    if sum(counts.values()) < SPREAD_FROM:
        return counted
    spread = [f"{sign} {counts[word]}" for word, sign in signs_of(kind).items() if counts.get(word)]
    return f"{counted}: {' · '.join(spread)}"


def _grid_progress(d: Draft, step: Step) -> list[str]:
    lines = [] if d.alone else [d.texts("question.each")]
    given = {row: d.view.votes(row) for row in step.form.rows}
    voters = {vote.member for votes in given.values() for vote in votes}
    if d.alone and voters:
        missing = [d.book.steps[row].form.title for row in step.form.rows if not given[row]]
        if missing:
            lines.append(f"**{d.texts('question.missing', rows=', '.join(missing))}**")
    elif voters and not _is_closed(d, step):
        lines.append(f"**{d.texts.count('votes', len(voters))}**")
    return lines


def frame_text(d: Draft, step: Step) -> str | None:
    """The statement's frame filled from the answers, or None while one of them is empty."""
    frame = step.form.frame or ""
    values: dict[str, str] = {}
    for source in d.book.steps:
        if f"{{{source}}}" in frame:
            texts = [one_line(item.text).rstrip(" .;,") for item in d.view.items(source)]
            if not texts:
                return None
            values[source] = (
                d.texts("join.and").join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else texts[0]
            )
    for source, text in values.items():
        if (
            not frame.startswith(f"{{{source}}}")
            and len(text) > 1
            and text[0].isupper()
            and text[1:].split(" ")[0].islower()
        ):
            text = text[0].lower() + text[1:]
        frame = frame.replace(f"{{{source}}}", text)
    return frame


def _already(d: Draft, step: Step) -> list[str]:
    """What stands at the step already, where it is asked again."""
    answer = d.view.answer(step.id)
    shown = noted_lines(d, step)
    if answer is not None and answer.status is not None:
        shown.insert(0, f"- {at_a_glance(d, step)}")
    elif step.kind == "grid":
        shown = [row for one in step.form.rows if (row := _row_text(d, one)) is not None]
    elif not shown and d.view.state(step.id) == UNKNOWN:
        shown = [f"- {d.texts('state.unknown')}"]
    if not shown:
        return []
    changed = d.view.outdated(step.id)
    again = [f"_{capital(outdated_text(d.texts, d.book, changed))}_"] if changed else []
    return [d.texts("question.already"), *shown, *again]


def closed_text(d: Draft, action: Action) -> str:
    """What stands behind an action that is done or dropped."""
    return "" if action.state == "open" else f" · {d.texts(f'actions.state.{action.state}')}"


def value_text(d: Draft, step: Step) -> str:
    """A period as it was understood, in full."""
    value = d.view.value(step.id) or {}
    days = [date.fromisoformat(str(value[edge])) if value.get(edge) else None for edge in ("start", "end")]
    return period_text(d, Period(days[0], days[1]))


def period_text(d: Draft, period: Period) -> str:
    """A period in words: both ends in full, or which end is not known."""
    start = say_date(period.start, d.texts.calendar) if period.start else None
    end = say_date(period.end, d.texts.calendar) if period.end else None
    if start and end:
        return d.texts("period.both", start=start, end=end)
    if start:
        return d.texts("period.since", start=start)
    return d.texts("period.until", end=end) if end else d.texts("period.unknown")


def noted_lines(d: Draft, step: Step, *, length: int = SHOWN_LENGTH, most: int = SHOWN_ITEMS) -> list[str]:
    """What is noted at a step, a line each, at most `most` of `length` characters."""
    if step.kind == "actions":
        actions = d.view.actions(step.id)
        count = len(actions)
        lines = [f"- {show_action(d, action)}{closed_text(d, action)}" for action in actions[:most]]
        numbered = False
    else:
        items = d.view.items(step.id)
        count = len(items)
        # All of them stand under what was chosen.
        shown_items = items if step.kind == "multi" else items[:most]
        lines = [quote(cut(item.text, length)) for item in shown_items]
        numbered = True
        answer = d.view.answer(step.id)
        if step.kind == "multi" and d.view.words(step.id):
            return [
                f"- {', '.join(name_of(step, word) for word in d.view.words(step.id))}",
                *[f"- {one}" for one in lines],
            ]
        if step.kind == "multi" and d.view.choices(step.id):
            chosen = {word for choice in d.view.choices(step.id) for word in choice.words}
            names = [name_of(step, one.word) for one in step.form.choices if one.word in chosen]
            return [f"- {', '.join(names)}"]
        if step.kind == "period" and answer is not None:
            return [f"- {value_text(d, step)}"]
        if step.kind == "rhythm" and lines and (value := d.view.value(step.id)) is not None:
            count, lines = 1, [say_rhythm(Rhythm.from_value(value), d.texts.rhythm)]
    shown = lines[:most]
    if numbered:
        shown = [f"{place}. {line}" for place, line in enumerate(shown, 1)]
    if count > most:
        shown.append(d.texts("noted.more", n=count - most))
    return shown


def left_text(d: Draft, step: Step) -> str:
    """A question's message after the question was left: what was noted stands under it."""
    state = d.view.state(step.id)
    answer = d.view.answer(step.id)
    if step.kind in ("status", "applies") and answer is not None and answer.status:
        word = answer.status
        text = f"{signs_of(step.kind)[word]} {d.texts(f'status.{step.kind}.{word}')}"
        if answer.disagreed:
            text = d.texts("noted.disagreed", text=text)
        lines = [d.texts("noted.value", head=head(d, step), text=text)]
        items = noted_lines(d, step)
        if items and not answer.disagreed:
            lines.append(d.texts("overview.remarks"))
        lines += items
        return "\n".join(lines)
    if step.kind == "grid" and state != OPEN:
        rows = [_row_text(d, row) for row in step.form.rows]
        return "\n".join([d.texts("noted.done", head=head(d, step)), *[row for row in rows if row]])
    if state != ANSWERED:
        return d.texts(f"noted.{state}", head=head(d, step))
    lines = [d.texts("noted.done", head=head(d, step)), *noted_lines(d, step)]
    if step.kind == "text":
        asked = d.snapshot.asked.get(step.id)
        more = ways(d, "more", n=asked.latest if asked else 0)
        lines += [f"_{more}_"] if more else []
    return "\n".join(lines)


def _row_text(d: Draft, row: str) -> str | None:
    status = d.view.status_of(row)
    if status is None:
        return None
    return f"- {signs_of('status')[status]} {d.book.steps[row].form.title}: {d.texts(f'status.status.{status}')}"


def day_text(d: Draft, moment: datetime) -> str:
    """The day of a moment, local to the room: 3 november."""
    day = moment.astimezone(ZoneInfo(d.room.zone)).date()
    return say_day(day, d.texts.calendar)


def place_text(d: Draft, step: str) -> str:
    """What an action belongs to: the row or the part that its step stands under."""
    title = d.book.steps[step].form.title
    return title.split(":")[0] if ":" in title else d.book.part_of(step).head.title


def explain_text(d: Draft, step: Step) -> str:
    """Why this is asked, and what an answer may look like."""
    return "\n".join(
        [
            d.texts("explain.head", head=head(d, step)),
            step.form.why,
            *fitting.weighed_at(d, step),
            d.texts("explain.form", text=step.form.help),
        ]
    )


def example_text(d: Draft, step: Step) -> str:
    """The example of a step."""
    return "\n".join([d.texts("example.head", head=head(d, step)), step.form.example])
