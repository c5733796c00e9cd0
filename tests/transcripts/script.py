"""Transcripts: who says what in a chat, and all that the coach must do about it. Rule: expectations are complete, so a
message, edit or sign of the coach that no line expects fails.

A transcript is a plain file. Lines, in the order in which things happen:

    # remark                                a remark, and empty lines, say nothing
    = members Anna, Bas*                    who is in the room from now on (* may remove others' messages)
    ~ 3 weken                               time goes by: minuten, uur, dagen, weken
    Anna: tekst                             Anna writes; lines under it that begin with a blank belong to it
    Bas -> vraag: tekst                     a reply; what it may point at, see below
    Bas >> vraag: tekst                     in the thread under that message
    Anna @coach: tekst                      with a mention of the coach
    Anna [plan] -> vraag: tekst             a message of any sort with a name of its own, to point at later
    Bas edits plan: tekst                   changes a message
    Bas removes plan                        removes it
    Çelik ✅ vraag                          a sign on a message
    Çelik -✅ vraag                         that sign taken off

What a line points at: `vraag` (the coach's latest message that asks), `coach` (the coach's latest message), `apart`
(the coach's latest message that only who speaks can see), `m7` (that message of the coach), a step (the coach's latest
question of that step), a message's own name, or a person (that person's latest message).

Under each of these stands what the coach does, all of it; nothing there means that it does nothing:

    coach question impact.outcome           a message of this kind and step; those without a step leave it out
    coach nudge impact.status: Volgt … ander    with these words in it, in this order
    coach question impact.status @Bas       a message that only Bas can see
    coach edit impact.outcome: genoteerd    an own message of that step changes and shows these words
    coach ✍️                                a sign on the message at hand; `coach ✍️ plan` names another, -✍️ takes off
    coach niets                             nothing, said aloud

What must be so after that:

    ? position impact.outcome               where the room is
    ? state impact.outcome answered
    ? items impact.outcome 2                how many, or `? items impact.outcome: this | that` for the exact texts
    ? authors impact.outcome: Anna, Bas     whose they are
    ? choices routes.keuze: in, op
    ? status impact.status deels            `? status impact.status none` where there is none
    ? disagreed impact.status ja            ja or nee
    ? part impact deels
    ? open                                  no step that applies (in the short pace: of depth kern) is open;
                                            `? open pilot.ritme` names those that are
    ? actions 3
    ? action 2: tekst · Bas · 2027-01-15 · open     owner or date `-` where there is none
    ? pilot Naam · 2026-04-01 · 2027-03-31 · elke 6 weken
    ? rounds 1
    ? alarms geld, partners                 the alarms that hold, by number; `? alarms` where there are none
    ? tempo kort
    ? pauze ja                              ja or nee
    ? present: tekst                        stands somewhere in the database's files
    ? absent: tekst                         stands nowhere in them
    ? discussion absent                     nothing that people said and the coach did not take stands in them
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from flows.conversation.effects import ASKING, Attach, Edit, Effect, Mark, Say, Scrub
from flows.conversation.hearing import PRIVATE, Capabilities
from tests.chat import Chat

SPANS = {"minuut": "minutes", "minuten": "minutes", "uur": "hours", "dag": "days", "dagen": "days", "week": "weeks"}
SPANS["weken"] = "weeks"

_MESSAGE = re.compile(
    r"^(?P<who>\w+)(?: \[(?P<name>\w+)\])?(?: -> (?P<to>[\w.]+))?(?: >> (?P<thread>[\w.]+))?(?P<mention> @coach)?:"
    r"(?: (?P<text>.*))?$",
    re.DOTALL,
)
_EDIT = re.compile(r"^(?P<who>\w+) edits (?P<on>[\w.]+): (?P<text>.*)$", re.DOTALL)
_REMOVAL = re.compile(r"^(?P<who>\w+) removes (?P<on>[\w.]+)$")
_SIGN = re.compile(r"^(?P<who>\w+) (?P<off>-)?(?P<key>[^\w\s-]\S*) (?P<on>[\w.]+)$")
_EXPECTED_SIGN = re.compile(r"^(?P<off>-)?(?P<key>[^\w\s-]\S*)(?: (?P<on>[\w.]+))?$")
_EXPECTED = re.compile(
    r"^(?P<edit>edit\b ?)?(?P<kind>[a-z]+(?![\w.]))?(?: ?(?P<step>\b[a-z]+\.[a-z.]+))?(?: @(?P<to>\w+))?"
    r"(?:: (?P<words>.*))?$"
)
KINDS = ("welcome", "question", "noted", "help", "nudge", "overview", "reminder", "recheck", "error", "info")
# A word so long is a person's own where nobody else uses it.
OWN_WORD = 7


class TranscriptFailure(AssertionError):
    """Something is not as the transcript says; the message begins with file and line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a transcript, with those that belong to it."""

    number: int
    text: str


@dataclass(slots=True)
class Happening:
    """One thing that happens, what the coach must do about it, and what must be so then."""

    line: Line
    expected: list[Line] = field(default_factory=list)
    checks: list[Line] = field(default_factory=list)


def read(path: Path) -> list[Happening]:
    """The happenings of a transcript, in order."""
    lines: list[Line] = []
    for number, text in enumerate(path.read_text("utf-8").splitlines(), 1):
        if text[:1].isspace() and text.strip() and lines:
            lines[-1] = Line(lines[-1].number, f"{lines[-1].text}\n{text.strip()}")
        elif text.strip() and not text.startswith("#"):
            lines.append(Line(number, text.rstrip()))
    happenings: list[Happening] = []
    for line in lines:
        expects, checks = line.text.startswith("coach "), line.text.startswith("? ")
        if not (expects or checks):
            happenings.append(Happening(line))
        elif not happenings:
            raise TranscriptFailure(f"{path.name}:{line.number}: nothing has happened yet: {line.text}")
        elif checks:
            happenings[-1].checks.append(line)
        elif happenings[-1].checks:
            raise TranscriptFailure(f"{path.name}:{line.number}: what the coach does stands before the checks")
        else:
            happenings[-1].expected.append(line)
    return happenings


@dataclass(slots=True)
class Saying:
    """What a person wrote: its event, and whether the coach did anything about it, then or later."""

    event: str
    who: str
    text: str
    heard: bool


class Player:
    """Plays a transcript in a chat. `show`, if given, is told all that is said and done, as it happens."""

    def __init__(self, path: Path, folder: Path, show: Callable[[str], None] | None = None) -> None:
        self.path = path
        self.chat = Chat(folder, people=(), capabilities=Capabilities(closed=PRIVATE, private=True))
        self.names: dict[str, str] = {}
        self.sayings: dict[str, Saying] = {}
        self.asking: list[Say] = []
        self.said: list[Say] = []
        self.apart: dict[str, int] = {}
        self.at_hand: str | None = None
        self.happened = 0
        self._show = show or (lambda text: None)

    def play(self) -> Chat:
        """Play it all; fails at the first thing that is not as the transcript says."""
        for happening in read(self.path):
            self._show(happening.line.text)
            # A scrub is no more than a word to a transport: nobody sees it. A file comes when it is made.
            effects = [effect for effect in self._do(happening.line) if not isinstance(effect, Scrub | Attach)]
            for effect in effects:
                self._show(shown(effect))
            self._compare(happening, effects)
            # What was said counts as the coach's only now: until here `vraag` is the one that people saw.
            for effect in effects:
                if isinstance(effect, Say) and effect.to is not None:
                    self.apart[effect.to] = effect.number
                elif isinstance(effect, Say):
                    self.said.append(effect)
                    if effect.kind in ASKING:
                        self.asking.append(effect)
            for check in happening.checks:
                self._check(check)
        return self.chat

    # What happens ---------------------------------------------------------------------------------------------------

    def _do(self, line: Line) -> list[Effect]:
        text, chat = line.text, self.chat
        self.at_hand = None
        if match := re.match(r"^= members (.+)$", text):
            names = [name.strip() for name in match[1].split(",")]
            moderators = [name.rstrip("*") for name in names if name.endswith("*")]
            return chat.members(*(name.rstrip("*") for name in names), moderators=moderators)
        if match := re.match(r"^~ (\d+) (\w+)$", text):
            if match[2] not in SPANS:
                raise self._failure(line, f"no such span of time; known are {', '.join(SPANS)}")
            return chat.wait(**{SPANS[match[2]]: float(match[1])})
        self.happened += 1
        if match := _EDIT.match(text):
            self.at_hand = self._persons(line, match["on"])
            return chat.edit(match["who"], self.at_hand, match["text"])
        if match := _REMOVAL.match(text):
            self.at_hand = self._persons(line, match["on"])
            return chat.redact(match["who"], self.at_hand)
        if match := _MESSAGE.match(text):
            return self._say(line, match)
        if match := _SIGN.match(text):
            on = self._find(line, match["on"], match["who"])
            self.at_hand = on
            effects = chat.sign(match["who"], match["key"], _number(on), removed=bool(match["off"]))
            if on in self.sayings and effects:
                self.sayings[on].heard = True
            return effects
        raise self._failure(line, "this line can't be read")

    def _say(self, line: Line, match: re.Match[str]) -> list[Effect]:
        to, thread = (self._find(line, match[way], match["who"]) if match[way] else None for way in ("to", "thread"))
        effects = self.chat.say(
            match["who"],
            match["text"] or "",
            to=_number(to) if to else None,
            thread=_number(thread) if thread else None,
            mention=bool(match["mention"]),
        )
        event = self.chat.event
        self.at_hand = event
        self.sayings[event] = Saying(event, match["who"], match["text"] or "", bool(effects))
        self.names[match["who"]] = event
        if match["name"]:
            self.names[match["name"]] = event
        return effects

    def _find(self, line: Line, name: str, who: str = "") -> str:
        """The message that a line points at, in which `who` does something."""
        if name == "apart" and who in self.apart:
            return f"m{self.apart[who]}"
        if name in self.names:
            return self.names[name]
        if re.fullmatch(r"m\d+", name):
            return name
        found = (
            self.asking
            if name == "vraag"
            else self.said
            if name == "coach"
            else [one for one in self.said if one.kind == "question" and one.step == name]
        )
        if not found:
            raise self._failure(line, f"there is no message '{name}'")
        return f"m{found[-1].number}"

    def _persons(self, line: Line, name: str) -> str:
        if name not in self.names:
            raise self._failure(line, f"no person's message is called '{name}'")
        return self.names[name]

    # What the coach does about it -----------------------------------------------------------------------------------

    def _compare(self, happening: Happening, effects: list[Effect]) -> None:
        rest = list(effects)
        if any(line.text == "coach niets" for line in happening.expected) and len(happening.expected) > 1:
            raise self._failure(happening.line, "the coach is expected to do nothing, and yet something")
        for line in happening.expected:
            fits = self._reading(line)
            if line.text == "coach niets":
                continue
            found = next((one for one in rest if fits(one)), None)
            if found is None or (isinstance(found, Say) and found is not next(one for one in rest if _said(one))):
                raise self._failure(line, f"the coach did not do this. It did:\n{_all_shown(effects)}")
            rest.remove(found)
        if rest:
            raise self._failure(happening.line, f"the coach also did what no line expects:\n{_all_shown(rest)}")

    def _reading(self, line: Line) -> Callable[[Effect], bool]:
        """What a line expects, as a question to ask of each effect."""
        wanted = line.text.removeprefix("coach ")
        if match := _EXPECTED_SIGN.match(wanted):
            on = self._find(line, match["on"]) if match["on"] else self.at_hand
            mark = (on, match["key"], bool(match["off"]))
            return lambda one: isinstance(one, Mark) and (one.target, one.key, one.removed) == mark
        match = _EXPECTED.match(wanted)
        if wanted != "niets" and (match is None or not (match["kind"] in KINDS or (match["edit"] and match["step"]))):
            raise self._failure(line, "this line can't be read")
        sort, kind, step, words = (Edit if match["edit"] else Say, *match.group("kind", "step", "words"))
        to = match["to"]
        return lambda one: (
            isinstance(one, sort)
            and one.step == step
            and kind in (None, one.kind)
            and getattr(one, "to", None) == to
            and _stand_in(words, one.text)
        )

    # What must be so then -------------------------------------------------------------------------------------------

    def _check(self, line: Line) -> None:
        asked, _, wanted = line.text.removeprefix("? ").partition(" ")
        asked = asked.rstrip(":")
        if asked not in _CHECKS:
            raise self._failure(line, f"no such check; known are {', '.join(_CHECKS)}")
        trouble = _CHECKS[asked](self, wanted.strip())
        if trouble is not None:
            raise self._failure(line, trouble)

    def _failure(self, line: Line, what: str) -> TranscriptFailure:
        return TranscriptFailure(f"{self.path.name}:{line.number}: {line.text}\n    {what}")

    def files(self) -> bytes:
        """All that the database's files hold."""
        return b"".join(found.read_bytes() for found in sorted(self.chat.folder.iterdir()) if found.is_file())


def _said(effect: Effect) -> bool:
    return isinstance(effect, Say)


def _number(message: str) -> int | str:
    return int(message[1:]) if re.fullmatch(r"m\d+", message) else message


def _stand_in(words: str | None, text: str) -> bool:
    """Whether the words, split at …, stand in the text in this order."""
    place = 0
    for part in (words or "").split("…"):
        found = text.find(part.strip(), place)
        if found < 0:
            return False
        place = found + len(part.strip())
    return True


def shown(effect: Effect) -> str:
    """An effect in full, for a person to read."""
    if isinstance(effect, Mark):
        return f"        coach {'-' if effect.removed else ''}{effect.key} {effect.target}"
    step = f" {effect.step}" if effect.step else ""
    if isinstance(effect, Edit):
        head = f"        coach edit m{effect.number}{step}"
    else:
        signs = f"   [{' '.join(effect.signs)}]" if effect.signs else ""
        whom = f" @{effect.to}" if effect.to is not None else ""
        head = f"        coach m{effect.number} {effect.kind}{step}{whom}{signs}"
    body = "\n".join(f"        | {line}" for line in effect.text.split("\n"))
    return f"{head}\n{body}"


def _all_shown(effects: Iterable[Effect]) -> str:
    return "\n".join(shown(one) for one in effects) or "        nothing"


# The checks: what is asked, and what is wrong (None where nothing is) -------------------------------------------------


def _differ(wanted: object, got: object) -> str | None:
    return None if wanted == got else f"it is {got!r}"


def _of_step(get: Callable[[dict[str, object]], object]) -> Callable[[Player, str], str | None]:
    """A check of a step in the export: `STEP value`."""

    def check(player: Player, wanted: str) -> str | None:
        step, _, value = wanted.partition(" ")
        steps = player.chat.export["steps"]
        return f"there is no step {step}" if step not in steps else _differ(value, get(steps[step]))

    return check


def _listed(get: Callable[[dict[str, object]], list[str]], joint: str) -> Callable[[Player, str], str | None]:
    """A check of a list at a step: `STEP: one | two`, or `STEP 2` for how many."""

    def check(player: Player, wanted: str) -> str | None:
        step, colon, values = wanted.partition(":")
        if not colon:
            step, _, values = wanted.partition(" ")
        steps = player.chat.export["steps"]
        if step not in steps:
            return f"there is no step {step}"
        got = get(steps[step])
        if not colon:
            return _differ(int(values), len(got))
        return _differ([one.strip() for one in values.split(joint) if one.strip()], got)

    return check


def _open(player: Player, wanted: str) -> str | None:
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    book, short = player.chat.book, player.chat.snapshot.room.pace == "kort"
    asked = [step for step, one in book.steps.items() if one.depth == "kern" or not short]
    steps = player.chat.export["steps"]
    return _differ(names, [step for step in asked if steps[step]["applicable"] and steps[step]["state"] == "open"])


def _action(player: Player, wanted: str) -> str | None:
    number, _, values = wanted.partition(":")
    found = [one for one in player.chat.export["actions"] if one["number"] == int(number)]
    if not found:
        return f"there is no action {number}"
    (action,) = found
    got = [str(action[key] or "-") for key in ("text", "owner", "due", "state")]
    return _differ([value.strip() for value in values.split(" · ")], got)


def _pilot(player: Player, wanted: str) -> str | None:
    pilot = player.chat.export["pilot"]
    got = [str(pilot[key] or "-") for key in ("name", "start", "end", "rhythm")]
    return _differ([value.strip() for value in wanted.split(" · ")], got)


def _present(player: Player, wanted: str) -> str | None:
    return None if wanted.encode() in player.files() else "it stands nowhere"


def _absent(player: Player, wanted: str) -> str | None:
    files = player.files()
    forms = {wanted, json.dumps(wanted)[1:-1]}
    return "it stands in the database" if any(form.encode() in files for form in forms) else None


def _discussion(player: Player, wanted: str) -> str | None:
    """Nothing that the coach did not take is kept: neither a message nor a word that only stands in it."""
    if wanted != "absent":
        return "ask: discussion absent"
    unheard = [one for one in player.sayings.values() if not one.heard]
    if not unheard:
        return "there was no discussion"
    elsewhere = {word for one in player.sayings.values() if one.heard for word in _words(one.text)}
    elsewhere |= {word for said in player.said for word in _words(said.text)}
    for one in unheard:
        for form in (one.text, *(word for word in _words(one.text) if len(word) >= OWN_WORD and word not in elsewhere)):
            if _absent(player, form) is not None:
                return f"'{form}' of {one.who} stands in the database"
    return None


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


_CHECKS: dict[str, Callable[[Player, str], str | None]] = {
    "position": lambda player, wanted: _differ(wanted, player.chat.position),
    "state": _of_step(lambda step: step["state"]),
    "items": _listed(lambda step: [item["text"] for item in step["items"]], "|"),  # type: ignore[attr-defined]
    "authors": _listed(lambda step: [item["author"] for item in step["items"]], ","),  # type: ignore[attr-defined]
    "choices": _listed(lambda step: step["choices"], ","),  # type: ignore[arg-type, return-value]
    "status": _of_step(lambda step: step["status"] or "none"),
    "disagreed": _of_step(lambda step: "ja" if step.get("disagreed") else "nee"),
    "part": lambda player, wanted: _differ(
        wanted.split()[1], player.chat.export["parts"][wanted.split()[0]]["status"] or "none"
    ),
    "open": _open,
    "actions": lambda player, wanted: _differ(int(wanted), len(player.chat.export["actions"])),
    "action": _action,
    "pilot": _pilot,
    "rounds": lambda player, wanted: _differ(int(wanted), len(player.chat.export["rounds"])),
    "alarms": lambda player, wanted: _differ(wanted, ", ".join(one["id"] for one in player.chat.export["alarms"])),
    "tempo": lambda player, wanted: _differ(wanted, player.chat.snapshot.room.pace),
    "pauze": lambda player, wanted: _differ(wanted, "nee" if player.chat.snapshot.room.paused_at is None else "ja"),
    "present": _present,
    "absent": _absent,
    "discussion": _discussion,
}
