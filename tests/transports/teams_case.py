"""A transcript of the terminal as people do it in Teams. Rule: what they mean stays the same, only the way changes;
what the coach must do about it is recorded, nothing of it is written down twice.

Who replies to a question fills in its card; a sign on it is a button; who marks somebody's message with ✍️ can't do
that in Teams, so its writer says it to the coach then. The Playground has more people in its group than the transcript:
where a vote closed because all had voted, somebody rounds it off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flows.book.model import Step
from flows.conversation import answers
from flows.conversation.effects import Edit, Effect, Say
from flows.conversation.hearing import Capabilities
from flows.conversation.marks import AGREE, NOTED, signs_of
from tests.chat import BOOK, START, TEXTS, Chat
from tests.transcripts.script import Happening, Player, read
from tests.transports.ns_case import TRANSCRIPTS, moved, weeks_since

TEAMS = Capabilities(ways="teams", marks=False, longest=8_000, window=900, cards=True)
_MENTION = "@coach"
_MESSAGE = re.compile(
    r"^(?P<who>\w+)(?: \[\w+\])?(?: (?:->|>>) (?P<on>\w+))?(?P<mention> @coach)?:(?: (?P<text>.*))?$", re.DOTALL
)
_SIGN = re.compile(r"^(?P<who>\w+) (?P<key>[^\w\s-]\S*) (?P<on>\w+)$")


@dataclass(frozen=True, slots=True)
class Doing:
    """What somebody does: say something to the coach (`text`), say it to the others (`aside`), or press a button of the
    coach's message `number` (`value`, shown as `label`), perhaps with `text` in its field and with what was `picked`:
    the row, or "", and the word. And all that comes of it."""

    who: str
    text: str = ""
    aside: bool = False
    number: int | None = None
    value: str = ""
    label: str = ""
    picked: tuple[tuple[str, str], ...] = ()
    effects: tuple[Effect, ...] = ()

    @property
    def said(self) -> list[Say]:
        """The messages that come of it."""
        return [one for one in self.effects if isinstance(one, Say)]

    @property
    def changed(self) -> list[Edit]:
        """The changes of earlier messages that come of it."""
        return [one for one in self.effects if isinstance(one, Edit)]


class TeamsCase:
    """A transcript, played by itself as in Teams; `doings` is what people did, `welcome` what came before."""

    def __init__(self, name: str, folder: Path, people: Sequence[str]) -> None:
        folder.mkdir()
        self._folder = folder
        self.path = folder / name
        self.text = moved((TRANSCRIPTS / name).read_text("utf-8"), weeks_since(START.date()))
        self.path.write_text(self.text, "utf-8")
        self.people = people
        (folder / "teams").mkdir()
        self.chat = Chat(folder / "teams", people=(), capabilities=TEAMS)
        self.welcome: list[Effect] = []
        self.doings: list[Doing] = []
        self._written: dict[str, str] = {}  # what who wrote last, not yet said to the coach
        self._play()
        self.chat.conn.close()

    @property
    def shared(self) -> bool:
        """Whether it is a group's."""
        return len(self.people) > 1

    def terminal(self) -> Player:
        """The same transcript at the terminal, played as it stands."""
        (self._folder / "terminal").mkdir()
        player = Player(self.path, self._folder / "terminal")
        player.chat.now = datetime.now(UTC) - timedelta(days=1)
        player.play()
        return player

    def _play(self) -> None:
        for happening in read(self.path):
            self.chat.now = datetime.now(UTC) - timedelta(seconds=1)
            if happening.line.text.startswith("= members"):
                assert not self.welcome, "in Teams the people stay the same"
                self.welcome = self.chat.members(*self.people, shared=self.shared)
                continue
            for one in self._happens(happening.line.text):
                self.doings.append(one)
            if self._is_settled_by_all(happening) and not any(one.kind == "question" for one in self.doings[-1].said):
                self.doings.append(self._press(self.doings[-1].who, AGREE))

    @staticmethod
    def _is_settled_by_all(happening: Happening) -> bool:
        return any(line.text.startswith("coach question") for line in happening.expected)

    def _happens(self, line: str) -> Iterator[Doing]:
        sign = _SIGN.match(line)
        if sign is not None and sign["key"] == NOTED:
            yield self._say(sign["on"], self._written.pop(sign["on"]))
            return
        if sign is not None:
            assert sign["on"] in ("vraag", "coach"), line
            yield self._press(sign["who"], self._value(sign["key"]))
            return
        said = _MESSAGE.match(line)
        assert said is not None, f"no way in Teams: {line}"
        who, text = said["who"], (said["text"] or "").replace(_MENTION, "").strip()
        if said["on"] is not None or (not self.shared and "\n" in text):
            assert said["on"] in (None, "vraag", "coach"), line
            yield self._press(who, "save", text)
        elif said["mention"] or not self.shared or text.startswith("!"):
            yield self._say(who, text)
        else:
            self._written[who] = text
            yield Doing(who, text, aside=True)

    def _say(self, who: str, text: str) -> Doing:
        effects = self.chat.say(who, text, mention=self.shared)
        return Doing(who, text, effects=tuple(effects))

    def _press(self, who: str, value: str, text: str = "") -> Doing:
        number = self._asking()
        card = self.chat.card(number)
        labels = [one.label for one in card.buttons if one.value == value] if card is not None else []
        assert labels, f"no button {value} at: {self._says[-1].text}"
        picked = self._picked(text) if text else ()
        text = "" if picked else text
        words = tuple(f"{row} {word}".strip() for row, word in picked)
        effects = self.chat.press(who, number, value, text, words)
        return Doing(who, text, number=number, value=value, label=labels[0], picked=picked, effects=tuple(effects))

    def _picked(self, text: str) -> tuple[tuple[str, str], ...]:
        """What somebody picks on the card who would type this elsewhere."""
        step = self._step()
        if step is not None and step.kind == "multi":
            chosen = answers.read_choices(text, step, TEXTS)
            assert chosen is not None, text
            return tuple(("", word) for word in chosen.words)
        if step is not None and step.kind == "grid":
            given = answers.read_grid(text, BOOK, step, TEXTS)
            assert given is not None, text
            return tuple((str(n), given[row]) for n, row in enumerate(step.form.rows, 1) if row in given)
        return ()

    def _step(self) -> Step | None:
        """The step of the question at hand."""
        return BOOK.steps.get(str(self._says[-1].step)) if self._says[-1].kind == "question" else None

    def _value(self, key: str) -> str:
        """What the button of a sign stands for."""
        step = self._step()
        words = signs_of(step.kind) if step is not None and step.kind in ("status", "applies") else {}
        return next((word for word, sign in words.items() if sign == key), key)

    @property
    def _says(self) -> list[Say]:
        return [one for one in self.chat.seen if isinstance(one, Say)]

    def _asking(self) -> int:
        return [one for one in self._says if one.kind != "noted"][-1].number
