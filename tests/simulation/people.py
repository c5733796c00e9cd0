"""People in a room of the simulated homeserver: they answer, vote, correct, take back, mark, talk among themselves,
make actions, come and go, and make mistakes.

Rule: they see what stands in the room and nothing of the coach's inside. Every text of theirs has a word that nobody
used before, so that it can be found again, once, or nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.chat import BOOK
from tests.simulation.homeserver import COACH, OWN, Event, Homeserver
from tests.simulation.world import AMSTERDAM, DAY, HOUR, MINUTE, World

NAMES = ("anna", "bas", "chris", "dina")
VOTES = ("🟢", "🟠", "🔴", "⚪")
WORDS = ("voldoende", "deels", "onvoldoende", "onbekend", "v", "d", "o", "ja", "nee")
COMMANDS = ("!verder", "!vorige", "!overslaan", "!weetniet", "!vraag", "!acties", "!hulp", "!uitleg", "!voorbeeld")
RARE = ("!tempo kort", "!tempo volledig", "!overzicht", "!pauze", "!start", "!overzigt", "!ga routes", "!ga impact",
        "!ga pilot", "!wijzig impact.vraagstuk", "!export json", "!export csv", "!instellingen", "!ga valkuilen",
        "!wijzig pilot.naam", "!ga ingredienten.oordeel", "!ga routes.keuze", "!ga impact.status")  # fmt: skip


@dataclass
class Said:
    """Something that somebody did: where, who, and what may be found of it."""

    room: str
    event: str
    who: str
    at: float
    kind: str  # answer, command, sign, change, removal, chatter
    word: str = ""
    for_coach: bool = False
    marked: bool = False
    changed: bool = False  # edited, removed, or taken back by somebody
    number: int = 0
    about: str = ""  # the message that it answers, or has the sign


@dataclass
class Kept:
    """An action that somebody made with a date."""

    room: str
    word: str
    due: date
    at: float
    touched: bool = False  # done, moved or dropped by somebody


@dataclass
class Team:
    """The people of one room."""

    world: World
    server: Homeserver
    room: str
    names: tuple[str, ...]
    acts: int
    doors: float = 0.0  # how often the coach is put out
    dated: bool = False  # whether they do little else than making actions with a date
    said: list[Said] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)  # numbers of actions that somebody closed or moved
    unchanged: bool = True  # whether nothing depends on when something was done

    def __post_init__(self) -> None:
        self._chance = self.world.chance(f"people {self.room}")
        self._left = self.acts
        self._words = 0
        self._mine: dict[str, str] = {}  # what the coach posted: event by key, of the latest version
        self._plain: list[str] = []
        self._kicked = False

    @property
    def users(self) -> list[str]:
        return [f"@{name}:example.nl" for name in self.names]

    def begin(self) -> None:
        """Make the room and ask the coach in."""
        self.server.room(self.room, *self.users)
        self.server.member(self.room, COACH, "invite", by=self.users[0])
        self.world.note("room", self.room, *self.names)
        self.world.after(20 + self._chance.random() * 40, self._act)

    def _wait(self) -> float:
        """How long until somebody does something again."""
        drawn = self._chance.random()
        if drawn < 0.70:
            return 1 + self._chance.random() * 30
        if drawn < 0.90:
            return self._chance.random() * 20 * MINUTE
        if drawn < 0.97:
            return self._chance.random() * 3 * HOUR
        return DAY * (0.6 + self._chance.random() * 0.6)

    def _act(self) -> None:
        self._left -= 1
        self._do()
        if self._left > 0:
            self.world.after(self._wait(), self._act)

    # What they see ----------------------------------------------------------------------------------------------------

    def _coached(self, *kinds: str) -> list[Event]:
        """The messages of the coach in the room, without its changes."""
        return [
            event
            for _, room, event in self.server.posted
            if room == self.room
            and event["type"] == "m.room.message"
            and event["content"].get("m.relates_to", {}).get("rel_type") != "m.replace"
            and (not kinds or event["content"].get(OWN, {}).get("kind") in kinds)
        ]

    def _word(self, kind: str) -> str:
        self._words += 1
        return f"{kind}{self._words}x{self.room[1:3]}"

    def _here(self) -> list[str]:
        return [user for user in self.server.rooms[self.room].people if user in self.users]

    # What they do -----------------------------------------------------------------------------------------------------

    def _do(self) -> None:
        here, chance = self._here(), self._chance
        if not here:
            self._comes(self.users[0])
            return
        who = chance.choice(here)
        if self._kicked:
            self._kicked = False
            self.server.member(self.room, COACH, "invite", by=who)
            self.world.note("people", self.room, "invites the coach again")
            return
        questions = self._coached("question")
        if not questions:
            welcome = self._coached("welcome")
            if welcome:
                self._sign(who, welcome[-1]["event_id"], "✅")
            elif chance.random() < 0.3:
                self._say(who, "!start", "command", for_coach=True)
            else:
                self._chatter(who)
            return
        if self.dated and chance.random() < 0.4:
            self._action(who)
            return
        drawn = 0.9 * chance.random() if self.dated else chance.random()
        latest = questions[-1]
        if drawn < 0.34:
            self._answer(who, latest if chance.random() < 0.8 else chance.choice(questions))
        elif drawn < 0.46:
            self._sign(who, latest["event_id"], chance.choice(("✅", "✅", "✅", *VOTES, "👍", "🎉")))
        elif drawn < 0.54:
            self._say(who, chance.choice(COMMANDS), "command", for_coach=True)
        elif drawn < 0.60:
            self._say(who, chance.choice(RARE), "command", for_coach=True)
        elif drawn < 0.68:
            self._action(who)
        elif drawn < 0.71:
            self._on_action(who)
        elif drawn < 0.78:
            self._chatter(who)
        elif drawn < 0.84:
            self._edit(who)
        elif drawn < 0.88:
            self._remove(who)
        elif drawn < 0.93:
            self._mark(who)
        elif drawn < 0.95:
            self._take_off(who)
        elif drawn < 0.97:
            reminders = self._coached("reminder")
            if reminders:
                self.unchanged = False
                self._touch()
                self._sign(who, reminders[-1]["event_id"], chance.choice(("✅", "⏰")))
        elif drawn < 0.985:
            self._moves(who)
        elif chance.random() < self.doors:
            self._kicked = True
            self.server.member(self.room, COACH, "leave", by=who)
            self.world.note("people", self.room, "puts the coach out")

    def _moves(self, who: str) -> None:
        away = [user for user in self.users if user not in self._here()]
        if away:
            self._comes(self._chance.choice(away))
        elif len(self._here()) > 2:
            self.server.member(self.room, who, "leave")
            self.world.note("people", self.room, who, "leaves")

    def _comes(self, who: str) -> None:
        self.server.member(self.room, who, "join")
        self.world.note("people", self.room, who, "comes")

    def _say(self, who: str, text: str, kind: str, *, word: str = "", for_coach: bool, to: str | None = None) -> Said:
        content: dict[str, Any] = {"msgtype": "m.text", "body": text, "m.mentions": {}}
        if to is not None:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": to}}
        event = self.server.add(self.room, who, "m.room.message", content)
        found = self._note(who, event, kind, word, text, for_coach=for_coach)
        found.about = to or ""
        return found

    def _note(self, who: str, event: Event, kind: str, word: str, text: str, *, for_coach: bool) -> Said:
        there = self.server.rooms[self.room].membership(COACH) == "join"
        found = Said(self.room, event["event_id"], who, self.world.time, kind, word, for_coach and there)
        self.said.append(found)
        self.world.note("people", self.room, event["event_id"], who, kind, repr(text))
        return found

    def _answer(self, who: str, question: Event) -> None:
        step = BOOK.steps.get(question["content"][OWN].get("step") or "")
        chance, word = self._chance, ""
        kind = step.kind if step is not None else "text"
        if kind in ("text", "actions", "statement"):
            word = self._word("antwoord")
            text = f"wij zeggen {word}" if chance.random() < 0.8 else f"- {word}\n- {self._word('antwoord')}"
        elif kind == "multi" and step is not None:
            text = chance.choice([one.word for one in step.form.choices]) if step.form.choices else "1"
            text = text if chance.random() < 0.8 else "iets anders"
        elif kind == "grid":
            text = " ".join(chance.choice("vdo?") for _ in range(8 if chance.random() < 0.8 else 5))
        elif kind == "period":
            text = chance.choice(("1 september 2026 - 31 augustus 2027", "oktober 2026 tot en met mei 2027", "zomaar"))
        elif kind == "rhythm":
            text = chance.choice(("elke 6 weken", "elke maand", "geen"))
        else:
            text = chance.choice(WORDS)
        self._say(who, text, "answer", word=word, for_coach=True, to=question["event_id"])

    def _today(self) -> date:
        return self.world.now().astimezone(AMSTERDAM).date()

    def _action(self, who: str) -> None:
        word = self._word("klus")
        due = self._today() + timedelta(days=self._chance.randint(0, 6))
        owner = self._chance.choice(self.names).capitalize()
        self._say(who, f"!actie {word} @{owner} {due.isoformat()}", "action", word=word, for_coach=True)
        self.kept.append(Kept(self.room, word, due, self.world.time))

    def _on_action(self, who: str) -> None:
        number = self._chance.randint(1, max(len(self.kept), 1))
        self.touched.add(number)
        text = self._chance.choice((f"!gedaan {number}", f"!vervalt {number}", f"!uitstel {number} volgende week"))
        self._say(who, text, "command", for_coach=True)

    def _touch(self, word: str = "") -> None:
        """Something is done to an action, or to all of them."""
        for one in self.kept:
            one.touched = one.touched or word in ("", one.word)

    def _chatter(self, who: str) -> None:
        word = self._word("praatje")
        self._plain.append(self._say(who, f"onderling {word}", "chatter", word=word, for_coach=False).event)

    def _own(self, who: str, *kinds: str) -> Said | None:
        gone = self.server.rooms[self.room].gone
        able = [one for one in self.said[-30:] if one.who == who and one.kind in kinds and one.event not in gone]
        return self._chance.choice(able) if able else None

    def _edit(self, who: str) -> None:
        others = [one for one in self.said[-10:] if one.who != who and one.kind == "answer"]
        if others and self._chance.random() < 0.15:
            target = self._chance.choice(others)  # forged: it is somebody else's
        else:
            found = self._own(who, "answer", "action", "chatter")
            if found is None:
                return
            target = found
            target.changed = True
        word = self._word("gewijzigd")
        text = f"wij zeggen {word}" if target.kind != "action" else f"!actie {word} @Anna {self._today()}"
        new = {"msgtype": "m.text", "body": text, "m.mentions": {}}
        content = {**new, "body": f"* {text}", "m.new_content": new}
        content["m.relates_to"] = {"rel_type": "m.replace", "event_id": target.event}
        self._touch(target.word)
        self._note(who, self.server.add(self.room, who, "m.room.message", content), "change", word, text,
                   for_coach=False)  # fmt: skip

    def _remove(self, who: str) -> None:
        found = self._own(who, "answer", "chatter", "command", "action")
        if found is None:
            return
        found.changed = True
        self._touch(found.word)
        event = self.server.redact(self.room, who, found.event)
        self._note(who, event, "removal", "", f"removes {found.event}", for_coach=False)

    def _sign(self, who: str, target: str, key: str) -> None:
        relation = {"rel_type": "m.annotation", "event_id": target, "key": key}
        for _, event in self.server.rooms[self.room].timeline:
            if event["sender"] == who and event["content"].get("m.relates_to") == relation:
                return  # a homeserver takes it once
        event = self.server.add(self.room, who, "m.reaction", {"m.relates_to": relation})
        own = self.server.by_id[target][1]["sender"] == COACH
        self._note(who, event, "sign", "", f"{key} on {target}", for_coach=own).about = target

    def _mark(self, who: str) -> None:
        gone = self.server.rooms[self.room].gone
        able = [one for one in self.said[-20:] if one.kind in ("chatter", "answer") and one.event not in gone]
        if not able:
            return
        target = self._chance.choice(able)
        target.marked = target.changed = True
        self._sign(who, target.event, "✍️" if self._chance.random() < 0.7 else "❌")

    def _take_off(self, who: str) -> None:
        found = self._own(who, "sign")
        if found is not None:
            event = self.server.redact(self.room, who, found.event)
            self._note(who, event, "removal", "", f"takes off {found.event}", for_coach=False)


NUMBER = re.compile(r"<strong>(\d+)\.</strong>")
