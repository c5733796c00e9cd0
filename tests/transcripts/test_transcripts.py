"""Every transcript, played; and the runner itself, which must not let anything pass that no line expects.

What a transcript is stands at the top of `script.py`; `play.py` prints one for a person to read.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from flows.conversation.effects import ASKING, Effect, Say
from tests.chat import Chat
from tests.transcripts.script import Player, TranscriptFailure, read

HERE = Path(__file__).parent
TRANSCRIPTS = sorted(HERE.glob("*.txt"))


def play(path: Path, folder: Path) -> dict[str, Any]:
    """Play a transcript; the room's export as it is in the end."""
    player = Player(path, folder)
    try:
        return player.play().export
    finally:
        player.chat.conn.close()


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=[path.stem for path in TRANSCRIPTS])
def test_transcript(path: Path, tmp_path: Path) -> None:
    """It goes as it says; and no message of the coach asks two things."""
    player = Player(path, tmp_path)
    try:
        player.play()
    finally:
        player.chat.conn.close()
    said = [one for one in player.chat.seen if isinstance(one, Say) and one.kind in ASKING]
    assert said or path.stem == "discussion"
    assert not {one.text: asked for one in said if len(asked := questions(one.text)) > 1}


def questions(text: str) -> list[str]:
    """What a message of the coach asks, without how to answer (in italics), what people said (in a list, in quotes) and
    what to do where the answer is no.
    """
    body = [line for line in text.split("\n") if not re.match(r"^(_|- |\d+[.] |   )", line)]
    told = re.sub(r'_[^_]*_|"[^"]*"|`[^`]*`', "", "\n".join(body))
    asked = [one for one in re.split(r"(?<=[.?])\s+|\n", told) if one.strip("* ").endswith("?")]
    return [one for one in asked if not re.match(r"Zo niet:|If not:", one)]


# The same case, told by one person and by four ----------------------------------------------------------------------


def canvas(export: dict[str, Any]) -> dict[str, Any]:
    """What a team agreed, without who said it and when."""
    steps = {
        name: {
            **{key: step[key] for key in ("applicable", "state", "choices", "status")},
            "texts": [item["text"] for item in step["items"]],
        }
        for name, step in export["steps"].items()
    }
    rounds = [one["statuses"] for one in export["rounds"]]
    decided = {one["id"]: [item["text"] for item in one.get("decided", [])] for one in export["alarms"]}
    return {
        "steps": steps,
        "rounds": rounds,
        "alarms": decided,
        **{key: export[key] for key in ("pilot", "parts", "actions")},
    }


@pytest.mark.parametrize("pace", ["full", "short"])
def test_a_group_and_one_person_come_to_the_same_canvas(pace: str, tmp_path: Path) -> None:
    found = {}
    for room in ("one", "group"):
        folder = tmp_path / room
        folder.mkdir()
        found[room] = canvas(play(HERE / f"ns_{pace}_{room}.txt", folder))
    assert found["group"] == found["one"]


def test_the_full_case_answers_every_step_that_applies(tmp_path: Path) -> None:
    export = play(HERE / "ns_full_one.txt", tmp_path)
    applicable = {name: step for name, step in export["steps"].items() if step["applicable"]}
    actions = {action["step"] for action in export["actions"]}
    assert {step["state"] for step in applicable.values()} == {"answered"}
    assert all(
        step["items"] or step["choices"] or step["status"] or name in actions or name == "ingredienten.oordeel"
        for name, step in applicable.items()
    )


# The same case in English ---------------------------------------------------------------------------------------------


def without_words(export: dict[str, Any]) -> dict[str, Any]:
    """A canvas without what people wrote: what was chosen, judged and agreed, how often, by whom and for when."""
    found = canvas(export)
    for name, step in found["steps"].items():
        step["texts"] = len(step["texts"])
        step["authors"] = [item["author"] for item in export["steps"][name]["items"]]
    found["alarms"] = {name: len(decided) for name, decided in found["alarms"].items()}
    found["actions"] = [{**action, "text": ""} for action in found["actions"]]
    found["pilot"] = {**found["pilot"], "name": "", "rhythm": ""}
    return found


@pytest.mark.parametrize("case", ["ns_full_one", "ns_short_group"])
def test_the_guide_in_english_comes_to_the_same_canvas(case: str, tmp_path: Path) -> None:
    found = {}
    for name in (case, f"{case}_en"):
        folder = tmp_path / name
        folder.mkdir()
        found[name] = play(HERE / f"{name}.txt", folder)
    dutch, english = found[case], found[f"{case}_en"]
    assert english["book"] == {**dutch["book"], "language": "en"}
    assert dutch["book"]["language"] == "nl"
    assert without_words(english) == without_words(dutch)
    assert (dutch["pilot"]["rhythm"], english["pilot"]["rhythm"]) == ("elke 6 weken", "every 6 weeks")


class Switching(Player):
    """Plays a transcript; before all that happens the room goes to English and back."""

    def play(self) -> Chat:
        for happening in read(self.path):
            if self.chat.snapshot.room.welcomed_at is not None:
                for code in ("en", "nl"):
                    self._heard(self.chat.say(self.chat.people[-1], f"!taal {code}"))
            self._heard(self._do(happening.line))
        return self.chat

    def _heard(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Say):
                self.said.append(effect)
                if effect.kind in ASKING:
                    self.asking.append(effect)


@pytest.mark.parametrize("case", ["ns_short_one", "ns_short_group"])
def test_switching_between_any_two_messages_changes_nothing(case: str, tmp_path: Path) -> None:
    found = {}
    for kind in (Player, Switching):
        folder = tmp_path / kind.__name__
        folder.mkdir()
        player = kind(HERE / f"{case}.txt", folder)
        found[kind] = player.play().export
        player.chat.conn.close()
    assert canvas(found[Switching]) == canvas(found[Player])


# The runner ---------------------------------------------------------------------------------------------------------

BEGUN = "= members Anna\ncoach welcome\nAnna: !start\ncoach question pilot.naam\n"
BOTH = "= members Anna, Bas\ncoach welcome\nAnna: !start\ncoach question pilot.naam\n"


WRONG = [
    ("= members Anna\n", 1, "no line expects"),
    ("# remark\n\n= members Anna\ncoach niets\n", 3, "no line expects"),
    ("= members Anna\ncoach question pilot.naam\n", 2, "welcome"),
    ("= members Anna\ncoach welcome: Gemeente Elders\n", 2, "Gemeente Voorbeeld"),
    ("= members Anna\ncoach welcome: bewaar … opschaalcoach\n", 2, "Ik ben de opschaalcoach"),
    ("= members Anna\ncoach welcome\ncoach welcome\n", 3, "did not do this"),
    (BEGUN + "Anna: Buurtbus\n", 5, "no line expects"),
    (BEGUN + "Anna: Buurtbus\ncoach ❓\n", 6, "✍️"),
    (BEGUN + "Anna: Buurtbus\ncoach -✍️\n", 6, "✍️"),
    (BEGUN + "Anna: verder\ncoach question pilot.periode\n", 5, "edit m2 pilot.naam"),
    (BEGUN + "Anna: verder\ncoach edit pilot.naam\n", 5, "question pilot.periode"),
    (BEGUN + "Anna: verder\ncoach edit pilot.periode\ncoach question pilot.periode\n", 6, "edit m2 pilot.naam"),
    (BEGUN + "Anna: !uitleg\ncoach help\n", 6, "help pilot.naam"),
    (BEGUN + "Anna: Buurtbus\ncoach ✍️\n    \n? items pilot.naam: Buurtbu\n", 8, "Buurtbus"),
    (BEGUN + "? state pilot.naam answered\n", 5, "open"),
    (BEGUN + "? state pilot.nam open\n", 5, "no step"),
    (BEGUN + "? position begin\n", 5, "pilot.naam"),
    (BEGUN + "? colour red\n", 5, "no such check"),
    (BEGUN + "? open\n", 5, "pilot.ritme"),
    (BEGUN + "Anna says hello\n", 5, "can't be read"),
    (BEGUN + "coach sings\n", 5, "can't be read"),
    (BEGUN + "Anna -> impact.outcome: hoi\n", 5, "no message"),
    (BEGUN + "Anna removes Bas\n", 5, "no person's message"),
    (BEGUN + "~ 3 eeuwen\n", 5, "no such span"),
    (BEGUN + "? position pilot.naam\ncoach niets\n", 6, "before the checks"),
    ("coach welcome\n", 1, "nothing has happened"),
    (BOTH + "Bas: !antwoord Buurtbus\ncoach ✍️\n? absent: Buurtbus\n", 7, "in the database"),
    (BOTH + "Bas: Buurtbus\n? present: Buurtbus\n", 6, "nowhere"),
    (BOTH + "Bas: !antwoord Buurtbus\ncoach ✍️\n? discussion absent\n", 7, "no discussion"),
]


@pytest.mark.parametrize(("text", "line", "words"), WRONG, ids=[text.split("\n")[-2] for text, _, _ in WRONG])
def test_what_is_not_as_a_transcript_says_is_named_by_file_and_line(
    text: str, line: int, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "wrong.txt"
    path.write_text(text, "utf-8")
    folder = tmp_path / "room"
    folder.mkdir()
    with pytest.raises(TranscriptFailure) as failure:
        play(path, folder)
    assert str(failure.value).startswith(f"wrong.txt:{line}: ")
    assert words in str(failure.value)


def test_a_word_of_the_discussion_that_is_kept_is_found(tmp_path: Path) -> None:
    path = tmp_path / "leak.txt"
    path.write_text(BOTH + "Bas: wat een zwijnenstal hier\n? discussion absent\n", "utf-8")
    folder = tmp_path / "room"
    folder.mkdir()
    (folder / "coach.log").write_text("een ZWIJNENSTAL of een zwijnenstal", "utf-8")
    with pytest.raises(TranscriptFailure, match=r"leak.txt:6: .*\n.*'zwijnenstal' of Bas"):
        play(path, folder)
