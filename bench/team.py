"""What a team in a room does next, so that measured rooms are filled as real ones are. Rule: the same room leads to the
same next thing, with no chance and no clock.

Three people answer text questions with two or three messages, vote, fill the grid, and tap ✅ to go on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter

from bot.transports.base import Incoming, Message, People, Sign
from flows.book.model import BEGIN, END, Step
from flows.conversation.engine import Engine
from flows.conversation.events import Event, Joined, Own, Person, Reacted, Said
from flows.conversation.snapshot import Asked, Snapshot
from flows.conversation.view import RoomView

PEOPLE = tuple(Person(name, name, name == "Anna") for name in ("Anna", "Bas", "Çelik"))
START = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)

_TEXTS = (
    "Leerkrachten bellen het wijkteam voordat ze een gezin doorverwijzen",
    "- Ouders vragen eerder hulp, ook als het nog goed gaat\n- Wachttijd van drie maanden naar twee weken",
    "We weten nog niet of het in een kleinere gemeente ook zo werkt; in Noord zijn er minder scholen per wijk",
)
_ACTIONS = ("memo voor het MT schrijven @Çelik 11 december 2026", "gesprek met de woningcorporatie @Bas 2 april 2027")
_GRIDS = ("v d o o ? d v v", "v d d o o d v v", "d d o o ? v v v")
_VOTES = ("🟠", "🔴", "🟠")
_MOST = {"text": 3, "actions": 2}


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that somebody does: writes `text` as a reply to message `number` of the coach, or puts `sign` on it.

    `name` is what is measured by it.
    """

    name: str
    who: str
    number: int
    text: str | None = None
    sign: str | None = None


class Team:
    """A team that goes through the guide; `snapshot` is its room after what it did so far."""

    def __init__(self, engine: Engine, snapshot: Snapshot, at: datetime = START, count: int = 0) -> None:
        self.engine = engine
        self.snapshot = snapshot
        self.at = at
        self.count = count
        self.took = 0.0  # how long the engine needed for the last event, in seconds

    def invite(self) -> tuple[Incoming, Event]:
        """The coach comes into the room."""
        name, at = self._new_event()
        event = Joined(name, at, PEOPLE)
        self._do(event)
        return People(self.snapshot.id, name, at, PEOPLE), event

    def next(self) -> tuple[str, Incoming, Event] | None:
        """Do the next thing: what it is called, as a transport brings it in, and as the engine gets it.

        None at the end of the guide.
        """
        move = self._move()
        if move is None:
            return None
        name, at = self._new_event()
        room = self.snapshot.id
        own = self._own(move.number)
        if move.text is not None:
            incoming: Incoming = Message(room, name, at, move.who, move.text, reply_to=f"m{move.number}")
            event: Event = Said(name, at, move.who, move.text, own)
        else:
            incoming = Sign(room, name, at, move.who, f"m{move.number}", str(move.sign))
            event = Reacted(name, at, move.who, str(move.sign), own)
        self._do(event)
        return move.name, incoming, event

    def add(self) -> Incoming:
        """Somebody has one more answer to the text question that was asked last, whether it is open or was left."""
        steps = self.engine.setting.book.steps
        asked = max((one for one in self.snapshot.asked.values() if steps[one.step].kind == "text"), key=_latest)
        name, at = self._new_event()
        self._do(Said(name, at, "Bas", _TEXTS[0], Own(asked.latest, "question", asked.step)))
        return Message(self.snapshot.id, name, at, "Bas", _TEXTS[0], reply_to=f"m{asked.latest}")

    def _new_event(self) -> tuple[str, datetime]:
        self.count += 1
        self.at += timedelta(minutes=3)
        return f"e{self.count}", self.at

    def _do(self, event: Event) -> None:
        start = perf_counter()
        turn = self.engine.step(self.snapshot, event)
        self.took = perf_counter() - start
        self.snapshot = turn.snapshot

    def _own(self, number: int) -> Own:
        for asked in self.snapshot.asked.values():
            if number == asked.latest:
                return Own(number, "question", asked.step)
        for prompt in self.snapshot.prompts():
            if number in prompt.messages:
                return Own(number, "question" if prompt.kind in ("spread", "settle") else "nudge", prompt.step)
        return Own(number, "welcome", None)

    def _move(self) -> Move | None:
        view = RoomView(self.engine.setting.book, self.snapshot, self.at)
        position = self.snapshot.room.position
        if position == BEGIN:
            return Move("start", "Anna", 1, sign="✅")
        asking = [prompt for prompt in self.snapshot.prompts() if prompt.messages and prompt.kind not in ("detour",)]
        if asking:
            return Move(f"✅ on {asking[-1].kind}", "Bas", asking[-1].messages[-1], sign="✅")
        step = view.focus()
        if step is None or position == END:
            return None
        return self._answer(view, step, self.snapshot.asked[step.id].latest)

    def _answer(self, view: RoomView, step: Step, number: int) -> Move:
        on = Move(f"✅ on {step.kind}", "Bas", number, sign="✅")
        match step.kind:
            case "text" | "actions":
                texts = _TEXTS if step.kind == "text" else _ACTIONS
                said = {taken.event for taken in self.snapshot.taken.values() if taken.step == step.id}
                if len(said) >= _MOST[step.kind]:
                    return on
                who = PEOPLE[len(said)].id
                return Move(f"answer to {step.kind}", who, number, text=texts[len(said)])
            case "multi":
                text = "1" if step.form.exclusive else "1, 2"
                return on if view.choices(step.id) else Move("answer to multi", "Anna", number, text=text)
            case "status" | "applies":
                voted = len(view.votes(step.id))
                name = "last vote" if voted == len(PEOPLE) - 1 else "vote"
                return Move(name, PEOPLE[voted].id, number, sign=_VOTES[voted])
            case "grid":
                voters = {vote.member for row in step.form.rows for vote in view.votes(row)}
                if len(voters) == len(PEOPLE):
                    return on
                name = "last grid" if len(voters) == len(PEOPLE) - 1 else "grid"
                return Move(name, PEOPLE[len(voters)].id, number, text=_GRIDS[len(voters)])
            case "period":
                return Move("answer to period", "Anna", number, text="1 september 2026 - 31 augustus 2027")
            case "rhythm":
                return Move("answer to rhythm", "Anna", number, text="elke 6 weken")
            case _:
                return on


def _latest(asked: Asked) -> int:
    return asked.latest
