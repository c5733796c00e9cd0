"""From a room's summary to its canvas.

Rule: words are Dutch already and dates are said; nothing is left to those who draw it but where it goes. Which fields,
rows and pitfalls there are is read from the form of the book, never from its ids.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from flows.book.model import Book
from flows.calendar.dates import Period, say_day
from flows.calendar.rhythm import say_rhythm
from flows.canvas.alt import alts
from flows.canvas.form import Answer, Canvas, Deed, Gap, Misfit, Note, Part, Saying, Text, Tile
from flows.canvas.trend import trend_of
from flows.canvas.words import TONES, capital, labels, outdated_text, short_day, sign_of, subject_of
from flows.catalogue import Catalogue
from flows.conversation.snapshot import Action
from flows.conversation.text import cut, one_line
from flows.summary import AlarmLine, PartLine, StepLine, Summary

SHORT = 300  # more never fits in a field of a picture
_MARKUP = re.compile(r"\*{1,2}|`")


def build(summary: Summary, book: Book, texts: Catalogue, *, authors: bool = False) -> Canvas:
    """The canvas. `authors`: whether it says who gave an answer; owners of actions are always named."""
    return _Builder(summary, book, texts, authors).canvas()


class _Builder:
    def __init__(self, summary: Summary, book: Book, texts: Catalogue, authors: bool) -> None:
        self.summary = summary
        self.book = book
        self.texts = texts
        self.authors = authors
        self.today = summary.now.date()
        self.deeds = {one.number: self._deed(one) for one in summary.actions}
        self.columns, self.rows = trend_of(summary, book, texts)
        self.used: set[str] = set()  # the steps that a field shows

    def canvas(self) -> Canvas:
        summary, texts = self.summary, self.texts
        sections = [self._part(part) for part in summary.parts]
        lines = {step.id: step for part in summary.parts for step in part.steps}
        open_gaps = [self._gap(lines[step]) for step in summary.open_steps]
        unknown = [step for step in lines.values() if step.applicable and step.state == "unknown"]
        unknown += [step for step in lines.values() if step.id in self.book.row_of and step.status == "onbekend"]
        gaps = [self._gap(step) for step in dict.fromkeys(unknown)]
        canvas = Canvas(
            language=texts.language,
            labels=labels(texts),
            fields={form: texts(f"canvas.field.{form}") for form in ("chain", "choices", "grid", "pitfalls")},
            name=one_line(summary.name) if summary.name else texts("overview.no_name"),
            date=say_day(self.today, texts.calendar),
            stamp=summary.now.isoformat(timespec="seconds"),
            round=texts("canvas.round", n=len(summary.rounds)) if len(summary.rounds) > 1 else "",
            facts=self._facts(),
            parts=[part for part in sections if part["rated"]],
            sections=sections,
            actions=self._sorted(list(summary.actions)),
            counts=self._counts(),
            columns=self.columns,
            rows=self.rows,
            warned=texts.count("canvas.warnings", len(summary.alarms)) if summary.alarms else "",
            warnings=[self._misfit(one) for one in summary.alarms],
            unknowns=gaps,
            open=open_gaps,
            standing=self._standing(len(open_gaps), len(gaps)),
            legend=[sign_of(self.texts, "status", word) for word in (*TONES["status"], None)],
            pitfall_legend=[sign_of(self.texts, "applies", word) for word in TONES["applies"]],
            source=self.book.head.source,
            alts={},
        )
        canvas["alts"] = alts(canvas, texts)
        return canvas

    # Words ----------------------------------------------------------------------------------------------------------

    def _day(self, moment: datetime) -> str:
        return say_day(moment.astimezone(self.summary.now.tzinfo).date(), self.texts.calendar)

    def _notes(self, step: StepLine) -> list[Note]:
        return [
            Note(
                full=item.text,
                short=cut(item.text, SHORT),
                date=self._day(item.at),
                author=self.summary.names.get(item.author or "", "") if self.authors else "",
            )
            for item in step.items
        ]

    def _names(self, step: StepLine) -> str:
        choices = (self.book.steps[step.id].choice(word) for word in step.choices)
        return ", ".join(choice.name for choice in choices if choice is not None)

    def _state(self, step: StepLine) -> str:
        return self.texts(f"state.{step.state}")

    def _gap(self, line: StepLine) -> Gap:
        step = self.book.steps[line.id]
        title = self.book.parts[step.part].head.title
        return Gap(part=title, title=capital(line.title), question=_plain(step.form.question))

    # What there is once -----------------------------------------------------------------------------------------------

    def _facts(self) -> list[list[str]]:
        """Name and value of what is known of the pilot as a whole."""
        summary, texts = self.summary, self.texts
        found: list[tuple[str, str]] = []
        if summary.start or summary.end:
            found.append((texts("canvas.fact.period"), self._period(Period(summary.start, summary.end))))
        for part in summary.parts:
            chosen = [step for step in part.steps if step.kind == "multi" and step.choices and not part.rated]
            found += [(part.title, self._names(step)) for step in chosen]
        if summary.rhythm is not None:
            rhythm, look = say_rhythm(summary.rhythm, texts.rhythm), summary.next_look()
            again = texts("canvas.look", day=say_day(look, texts.calendar), rhythm=rhythm) if look else rhythm
            found.append((texts("canvas.fact.rhythm"), again))
        return [list(pair) for pair in found]

    def _period(self, period: Period) -> str:
        start, end = (say_day(day, self.texts.calendar) if day else "" for day in (period.start, period.end))
        if start and end:
            return self.texts("canvas.period.both", start=start, end=end)
        return self.texts("canvas.period.since", start=start) if start else self.texts("canvas.period.until", end=end)

    def _standing(self, waiting: int, unknown: int) -> str:
        found = [self.texts.count("canvas.open", waiting) if waiting else self.texts("canvas.all_done")]
        if unknown:
            found.append(self.texts("canvas.known_unknowns", n=unknown))
        return " · ".join(found)

    def _misfit(self, alarm: AlarmLine) -> Misfit:
        titles = [self.book.parts[part].head.title for part in alarm.parts]
        said = [one_line(item.text) for item in alarm.decided]
        said += [self.texts("alarm.known")] if alarm.known and not said else []
        said += [self._named_deed(action) for action in alarm.actions]
        return Misfit(parts=" · ".join(titles), text=alarm.text, said=said)

    def _named_deed(self, action: Action) -> str:
        deed = self.deeds[action.number]
        behind = [one for one in (deed["owner"], deed["when"]) if one]
        text = f"{deed['full']} ({', '.join(behind)})" if behind else deed["full"]
        return self.texts("actions.noted", line=self.texts("actions.line", number=action.number, text=text))

    # Parts ------------------------------------------------------------------------------------------------------------

    def _part(self, part: PartLine) -> Part:
        steps = {step.id: step for step in part.steps}
        form = self._form(part)
        kind = {"chain": self._chain, "choices": self._choices, "grid": self._grid, "pitfalls": self._pitfalls}
        tiles = kind[form](steps) if form in kind else []
        stated = next((step for step in part.steps if step.kind == "statement" and step.items), None)
        statement = "" if stated is None else stated.items[-1].text
        outdated = () if stated is None else stated.outdated
        sign = f"({self.texts('outdated.short')}) " if outdated else ""
        was = part.before if part.before != part.status else None
        before = self.texts("canvas.before", word=self.texts(f"status.status.{was}")) if was else ""
        split = self._split(part)
        rated = [row for row in self.rows if row["level"] == 0]
        return Part(
            id=part.id,
            title=part.title,
            about=self.texts(f"canvas.about.{form}"),
            form=form,
            rated=int(part.rated),
            sign=sign_of(self.texts, "status", part.status),
            before=" · ".join(filter(None, [before, split])),
            split=split,
            brief=self._brief(form, tiles, steps),
            statement=Text(full=statement, short=sign + cut(statement, 2 * SHORT)),
            again=self._again(outdated),
            tiles=tiles,
            others=self._others(part),
            answers=[self._answer(step) for step in part.steps if self._is_told(step)],
            actions=self._sorted([one for one in self.summary.actions if one.step in steps]),
            trend=next((row["signs"] for row in rated if row["name"] == part.title), []) if part.rated else [],
        )

    def _again(self, outdated: tuple[str, ...]) -> str:
        return outdated_text(self.texts, self.book, outdated) if outdated else ""

    def _split(self, part: PartLine) -> str:
        """That the team does not agree on a part's status, or "" where it does."""
        own = self.book.parts[part.id].status
        is_split = any(step.disagreed for step in part.steps if step.id == own)
        return self.texts("canvas.split") if is_split else ""

    def _form(self, part: PartLine) -> str:
        kinds = {step.kind for step in part.steps}
        if any(self.book.steps[step.id].form.right for step in part.steps):
            return "chain"
        if "grid" in kinds:
            return "grid"
        if "applies" in kinds:
            return "pitfalls"
        return "choices" if part.rated and "multi" in kinds else "plain"

    def _tile(self, line: StepLine, name: str, *, about: str = "", marked: bool = False, rated: bool = False) -> Tile:
        """A field that shows the notes of a step."""
        self.used.add(line.id)
        sign = sign_of(self.texts, line.kind, line.status if rated else None)
        state = "" if line.items else self._state(line)
        return Tile(name=name, about=about, sign=sign, marked=int(marked), state=state, notes=self._notes(line))

    def _chain(self, steps: dict[str, StepLine]) -> list[Tile]:
        rights = {name: self.book.steps[name].form.right for name in steps}
        at = next(name for name, right in rights.items() if right and name not in rights.values())
        found: list[Tile] = []
        while True:
            found.append(self._tile(steps[at], capital(steps[at].title)))
            right = rights[at]
            if right is None:
                return found
            at = right

    def _choices(self, steps: dict[str, StepLine]) -> list[Tile]:
        asked = next(step for step in steps.values() if step.kind == "multi" and self._is_core(step))
        self.used.add(asked.id)
        details: dict[str, StepLine] = {}
        for step in steps.values():
            condition = self.book.steps[step.id].condition
            if condition.name == "chosen" and condition.step == asked.id and step.kind == "text":
                details.setdefault(str(condition.word), step)
        found = []
        for choice in self.book.steps[asked.id].form.choices:
            is_chosen = choice.word in asked.choices
            tile = self._tile(details.get(choice.word, asked), choice.name, about=choice.label, marked=is_chosen)
            if not is_chosen:
                tile["notes"] = []
                tile["state"] = self.texts("canvas.not_chosen") if asked.choices else self._state(asked)
            found.append(tile)
        return found

    def _grid(self, steps: dict[str, StepLine]) -> list[Tile]:
        grid = next(step for step in steps.values() if step.kind == "grid")
        needed = next((step.choices for step in steps.values() if step.kind == "multi"), ())
        labels = {
            choice.word: choice.label
            for step in steps.values()
            if step.kind == "multi"
            for choice in self.book.steps[step.id].form.choices
        }
        found = []
        for row in self.book.steps[grid.id].form.rows:
            word = self.book.steps[row].form.row or ""
            about = labels.get(word, "")
            name = capital(steps[row].title)
            found.append(self._subject_tile(steps, row, name, about=about, marked=word in needed))
        return found

    def _pitfalls(self, steps: dict[str, StepLine]) -> list[Tile]:
        found = []
        for name, step in steps.items():
            if step.kind == "applies":
                form = self.book.steps[name].form
                subject = subject_of(self.book.steps[name]) or capital(step.title)
                found.append(self._subject_tile(steps, name, subject, about=_named(form.question)))
        return found

    def _subject_tile(
        self, steps: dict[str, StepLine], rated: str, name: str, *, about: str, marked: bool = False
    ) -> Tile:
        """A field with a status: its notes are the remarks at the status, then what is said of the same subject."""
        tile = self._tile(steps[rated], name, about=about, marked=marked, rated=True)
        if steps[rated].disagreed:
            split = self.texts("canvas.split")
            tile["notes"].insert(0, Note(full=split, short=split, date="", author=""))
        above = rated.rpartition(".")[0]
        for step in steps.values():
            if step.id.startswith(f"{above}.") and step.kind in ("text", "multi") and step.applicable:
                self.used.add(step.id)
                if step.choices:
                    chosen = self._names(step)
                    tile["notes"].append(Note(full=chosen, short=chosen, date="", author=""))
                tile["notes"] += self._notes(step)
        if tile["notes"]:
            tile["state"] = ""
        elif steps[rated].status is not None:
            tile["state"] = self.texts("canvas.no_remarks")
        return tile

    def _others(self, part: PartLine) -> list[Saying]:
        """What was said at questions that no field shows."""
        found = []
        for step in part.steps:
            if step.id in self.used or not step.applicable or step.kind not in ("text", "multi", "period", "rhythm"):
                continue
            answer = self._answer(step)
            said = " · ".join([*([answer["value"]] if answer["value"] else []), *(one.text for one in step.items)])
            if said or step.state == "unknown":
                found.append(Saying(title=answer["title"], short=cut(said, SHORT) or answer["state"]))
        return found

    def _is_core(self, step: StepLine) -> bool:
        return self.book.steps[step.id].depth == "kern"

    def _brief(self, form: str, tiles: list[Tile], steps: dict[str, StepLine]) -> str:
        """What a part says in a few words besides its status."""
        marked = [tile["name"] for tile in tiles if tile["marked"]]
        if form == "choices":
            return ", ".join(marked)
        if form == "pitfalls":
            given = [tile for tile in tiles if tile["sign"]["tone"] != "none"]
            apply = sum(tile["sign"]["tone"] in ("bad", "half") for tile in given)
            return self.texts("canvas.apply", n=apply, all=len(tiles)) if given else ""
        if form == "grid":
            asked = [tile for tile in tiles if tile["marked"]] or tiles
            bad = [tile["name"] for tile in asked if tile["sign"]["tone"] == "bad"]
            unknown = sum(tile["sign"]["tone"] == "unknown" for tile in asked)
            found = [self.texts("overview.bottleneck", rows=", ".join(bad).lower())] if bad else []
            return " · ".join([*found, *([self.texts.count("overview.unknown", unknown)] if unknown else [])])
        return ""

    # Answers and actions ----------------------------------------------------------------------------------------------

    def _is_told(self, step: StepLine) -> bool:
        """Whether a document shows this step: it applies, and something was done with it."""
        if step.kind == "grid" or not step.applicable:
            return False
        if step.id in self.book.row_of and not step.items and not step.disagreed:
            return False  # the table of fields has the rows
        return step.state != "open" or bool(step.items)

    def _answer(self, step: StepLine) -> Answer:
        is_rated = step.kind in ("status", "applies")
        value = self._names(step)
        if step.kind == "period" and step.state == "answered":
            value = self._period(Period(self.summary.start, self.summary.end))
        elif step.kind == "rhythm" and self.summary.rhythm is not None:
            value = say_rhythm(self.summary.rhythm, self.texts.rhythm)
        if is_rated and step.status is not None:
            value = sign_of(self.texts, step.kind, step.status)["word"]
            value = self.texts("noted.disagreed", text=value) if step.disagreed else value
        return Answer(
            title=capital(step.title),
            question=_plain(self.book.steps[step.id].form.question),
            kind=step.kind,
            state=self._again(step.outdated) if step.state == "answered" else self._state(step),
            value=value,
            sign=sign_of(self.texts, step.kind, step.status),
            notes=self._notes(step),
            actions=self._sorted([one for one in self.summary.actions if one.step == step.id]),
        )

    def _deed(self, action: Action) -> Deed:
        stage = action.state
        if stage == "open" and action.due is not None and action.due < self.today:
            stage = "late"
        step = self.book.steps.get(action.step or "")
        part = "" if step is None else self.book.parts[step.part].head.title
        place = "" if step is None else " · ".join(one for one in (part, subject_of(step)) if one)
        return Deed(
            number=action.number,
            full=one_line(action.text),
            short=cut(action.text, SHORT),
            owner=one_line(action.owner_name) if action.owner_name else "",
            when=short_day(action.due, self.today, self.texts) if action.due else "",
            due=say_day(action.due, self.texts.calendar) if action.due else "",
            stage=stage,
            state=self.texts(f"canvas.stage.{stage}"),
            place=place,
        )

    def _sorted(self, actions: list[Action]) -> list[Deed]:
        """The open ones by date, those without one behind them; then what is done, then what fell away."""
        order = ("open", "done", "dropped")
        found = sorted(
            actions, key=lambda one: (order.index(one.state), one.due is None, one.due or date.max, one.number)
        )
        return [self.deeds[one.number] for one in found]

    def _counts(self) -> str:
        stages = [deed["stage"] for deed in self.deeds.values()]
        late, done = stages.count("late"), stages.count("done")
        found = [self.texts("canvas.count.open", n=late + stages.count("open"))]
        found += [self.texts("canvas.count.late", n=late)] if late else []
        found += [self.texts("canvas.count.done", n=done)] if done else []
        return " · ".join(found)


def _plain(markdown: str) -> str:
    """The book's Markdown without its marks."""
    return one_line(_MARKUP.sub("", markdown))


def _named(question: str) -> str:
    """The full name of what is asked about, where a question begins with it: "Valkuil 2: <name>. Signalen: ..."."""
    match = re.match(r"[^:.?]+: ([^.?]+)\.", _plain(question))
    return match[1] if match else ""
