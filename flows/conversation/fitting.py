"""What the coach tells about how the answers fit together: the alarms that hold. Rule: it tells and asks nothing; no
score and no judgement, only what the team said itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from flows.conversation import alarms
from flows.conversation.actions import show_action
from flows.conversation.draft import Draft
from flows.conversation.text import cut, one_line, quote
from flows.summary import AlarmLine

MOST_ROWS = 6
LONGEST_ROW = 200


def parts_text(d: Draft, parts: Iterable[str]) -> str:
    """The names of parts in one line: Routes, ingrediënten en valkuilen."""
    first, *rest = (d.book.parts[part].head.title for part in parts)
    names = [first, *(name[:1].lower() + name[1:] for name in rest)]
    return d.texts("join.and").join([*([", ".join(names[:-1])] if rest else []), names[-1]])


def shown_at(d: Draft, step: str) -> list[str]:
    """The lines about the alarms that hold, under a question at which they are shown."""
    found = list(alarms.holding(d.view)) if step in d.book.coherence.shown else []
    if not found:
        return []
    rows = [f"- {cut(alarms.text_of(d.view, alarm), LONGEST_ROW)}" for alarm in found[:MOST_ROWS]]
    if len(found) > MOST_ROWS:
        rows.append(f"- {d.texts('noted.more', n=len(found) - MOST_ROWS)}")
    return [d.texts.count("alarm.count", len(found)), *rows]


def alarm_lines(d: Draft, found: list[AlarmLine]) -> list[str]:
    """Alarms in full: what each is about, what the team decided, and what it will do."""
    if not found:
        return []
    lines = [d.texts.count("alarm.count", len(found))]
    for alarm in found:
        lines.append(f"- {d.texts('alarm.text', head=parts_text(d, alarm.parts), text=alarm.text)}")
        said = [quote(one_line(item.text)) for item in alarm.decided]
        said += [d.texts("alarm.known")] if alarm.known and not said else []
        said += [d.texts("actions.noted", line=show_action(d, action)) for action in alarm.actions]
        if said:
            lines.append(f"   {d.texts('alarm.said', text=' · '.join(said))}")
    return lines
