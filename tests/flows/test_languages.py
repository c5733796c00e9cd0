"""`!taal`: a room chooses its language, and keeps all that it has.

Rule of these tests: what is stored is the same in every language; what is read is in one.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.files import Files, written
from flows.canvas import alt_text, build
from flows.conversation.draft import Draft
from flows.conversation.effects import Attach, Say
from flows.conversation.engine import Engine
from flows.conversation.events import Said
from flows.conversation.hearing import Capabilities, Setting
from flows.conversation.snapshot import Room, Snapshot
from flows.summary import summarise
from tests.chat import BOOK, LANGUAGES, START, TEXTS, Chat
from tests.flows.rules_rooms import alone, team

DUTCH = re.compile(
    r"\b(de|het|een|jullie|niet|voor|naar|wordt|weten we|antwoord|vraag|onderdeel|verder)\b", re.IGNORECASE
)
CARDS = Capabilities(ways="teams", marks=False, cards=True)


def english(folder: Path, *people: str, start: str | None = "!start", **values: Any) -> Chat:
    """A room that speaks English, begun by `start`."""
    chat = Chat(folder, people=people or ("Anna",), **values)
    chat.say(chat.people[0], "!language en")
    if start is not None:
        chat.say(chat.people[0], start)
    return chat


def kept(chat: Chat) -> dict[str, Any]:
    """The room's export without what names the language."""
    export = chat.export
    return {**export, "exported_at": None, "book": None, "pilot": {**export["pilot"], "rhythm": None}}


# Choosing -------------------------------------------------------------------------------------------------------------


def test_the_open_question_comes_again_in_the_language_that_was_chosen(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    chat.say("Anna", "!taal en")
    (said,) = chat.says()
    assert (said.kind, said.step) == ("question", "pilot.naam")
    assert said.text.startswith("From now on I speak English here.")
    assert "What is your pilot called?" in said.text
    assert not DUTCH.search(said.text)
    assert chat.snapshot.room.language == chat.export["book"]["language"] == "en"


def test_before_the_start_the_welcome_comes_again_and_then_the_start(tmp_path: Path) -> None:
    chat = alone(tmp_path, start=None)
    assert "`!language en`" in chat.text
    chat.say("Anna", "!language en")
    (said,) = chat.says()
    assert said.kind == "welcome"
    assert "I am the scaling coach, a bot run by Gemeente Voorbeeld" in said.text
    assert "`!taal nl`" in said.text
    chat.say("Anna", "start")
    assert "What is your pilot called?" in chat.text


def test_a_language_that_is_a_rooms_first_line_is_that_of_the_one_welcome(tmp_path: Path) -> None:
    chat = Chat(tmp_path, people=())
    chat.say("Anna", "!language english")
    (said,) = chat.says()
    assert said.kind == "welcome"
    assert "I am the scaling coach" in said.text


@pytest.mark.parametrize(
    "said",
    [
        "!taal en",
        "!taal Engels",
        "!TAAL ENGLISH",
        "!language engelse",
        "!taal engles.",
        "!taal naar het engels",
        "!langauge en",
    ],
)
def test_a_language_is_known_by_all_its_names_and_nearly_so(tmp_path: Path, said: str) -> None:
    chat = alone(tmp_path)
    chat.say("Anna", said)
    if said.startswith("!langauge"):  # a command that is nearly one is asked about
        assert "`!taal en`" in chat.text
        chat.say("Anna", "ja")
    assert chat.snapshot.room.language == "en"


@pytest.mark.parametrize("said", ["!taal frans", "!taal x", "!taal engels of nederlands", "!instellingen taal frans"])
def test_an_unknown_language_gets_one_line_that_says_what_there_is(tmp_path: Path, said: str) -> None:
    chat = alone(tmp_path)
    before = chat.snapshot
    chat.say("Anna", said)
    (text,) = (one.text for one in chat.says())
    assert "`!taal nl` (Nederlands)" in text
    assert "`!taal en` (English)" in text
    assert "\n" not in text
    assert chat.snapshot.room.language == before.room.language
    assert chat.position == "pilot.naam"


def test_without_a_name_it_says_which_language_this_is(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    chat.say("Anna", "!taal")
    assert chat.text.startswith("Nu: Nederlands.")
    chat.say("Anna", "!taal nederlands")
    assert chat.text == TEXTS("language.same")


def test_the_settings_choose_it_too_and_name_it(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    chat.say("Anna", "!instellingen")
    assert "- taal: **Nederlands**" in chat.text
    chat.say("Anna", "!instellingen taal en")
    assert "What is your pilot called?" in chat.text
    chat.say("Anna", "!settings")
    assert "- language: **English**" in chat.text
    assert "- pace: **full**" in chat.text
    assert not DUTCH.search(chat.text)
    chat.say("Anna", "!settings pace short")
    assert chat.snapshot.room.pace == "kort"
    chat.say("Anna", "!settings language nl")
    assert "Hoe heet jullie pilot?" in chat.text


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ("!settings picture portrait", "picture", "staand"),
        ("!settings picture none", "picture", "geen"),
        ("!settings nudges off", "nudges", False),
        ("!settings hours 8.30 to 16", "hours", "08:30-16:00"),
        ("!settings free 24 December 2026", "free", ("2026-12-24",)),
        ("!mode spread", "mode", "gespreid"),
        ("!pace short", "pace", "kort"),
    ],
)
def test_values_are_read_in_english_and_kept_as_ever(tmp_path: Path, said: str, field: str, value: object) -> None:
    chat = english(tmp_path, capabilities=Capabilities(files=("png",)))
    chat.say("Anna", said)
    assert getattr(chat.snapshot.room, field) == value
    assert not any(DUTCH.search(one.text) for one in chat.says())


# What is kept ---------------------------------------------------------------------------------------------------------


def test_switching_halfway_in_both_directions_keeps_everything(tmp_path: Path) -> None:
    chat = team(tmp_path, "Anna", "Bas")
    chat.say("Anna", "!antwoord Buurtbus Oost")
    chat.sign("Bas", "✅", chat.asked)
    chat.say("Anna", "!antwoord 1 september 2026 - 31 augustus 2027")
    chat.say("Anna", "!ga routes.keuze")
    chat.say("Bas", "in en op", to=chat.asked)
    chat.sign("Bas", "✅", chat.asked)
    chat.say("Anna", "!ga routes.status")
    chat.sign("Anna", "🟢", chat.asked)
    before = kept(chat)
    votes = chat.snapshot.vote
    chat.say("Anna", "!taal en")
    assert "1 vote" in chat.text
    assert (kept(chat), chat.snapshot.vote, chat.position) == (before, votes, "routes.status")
    chat.say("Bas", "partly", to=chat.asked)
    assert "I note **partly**" in chat.text
    chat.say("Anna", "!taal nl")
    assert "ik noteer **deels**" in chat.text
    chat.sign("Anna", "✅", chat.asked)
    assert chat.export["steps"]["routes.status"]["status"] == "deels"
    assert chat.export["book"]["language"] == "nl"
    assert {**kept(chat), "steps": None} == {**before, "steps": None, "parts": kept(chat)["parts"]}


def test_a_period_and_a_rhythm_are_read_back_in_the_language_of_now(tmp_path: Path) -> None:
    chat = english(tmp_path)
    chat.say("Anna", "!goto period")
    chat.say("Anna", "1 September 2026 - 31 August 2027")
    assert "from Tuesday 1 September 2026 to Tuesday 31 August 2027" in chat.edits()[-1].text
    chat.say("Anna", "!rhythm every 6 weeks")
    chat.say("Anna", "!goto rhythm")
    assert "every 6 weeks" in chat.text
    chat.say("Anna", "!taal nl")
    assert "1. elke 6 weken" in chat.text
    chat.say("Anna", "!overzicht pilot")
    assert "**Ritme**: elke 6 weken" in chat.text
    assert chat.export["pilot"] == {"name": None, "start": "2026-09-01", "end": "2027-08-31", "rhythm": "elke 6 weken"}


def test_texts_of_answers_stay_as_the_team_wrote_them(tmp_path: Path) -> None:
    chat = alone(tmp_path)
    chat.say("Anna", "Buurtbus Oost")
    chat.say("Anna", "!taal en")
    assert "You have this now:" in chat.text
    assert "Buurtbus Oost" in chat.text


# What people type and read --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("sufficient", "voldoende"), ("partly", "deels"), ("insufficient", "onvoldoende"), ("unknown", "onbekend"),
        ("s", "voldoende"), ("p", "deels"), ("i", "onvoldoende"), ("u", "onbekend"), ("?", "onbekend"), ("2", "deels"),
        ("not enough", "onvoldoende"), ("orange", "deels"), ("voldoende", "voldoende"), ("onvold", "onvoldoende"),
    ],
)  # fmt: skip
def test_a_status_is_read_in_english_and_kept_as_the_contract_says(tmp_path: Path, word: str, status: str) -> None:
    chat = english(tmp_path)
    chat.say("Anna", "!goto impact.status")
    chat.say("Anna", word)
    assert chat.export["steps"]["impact.status"]["status"] == status


@pytest.mark.parametrize(
    ("word", "status"), [("yes", "ja"), ("y", "ja"), ("part", "deels"), ("no", "nee"), ("n", "nee")]
)
def test_whether_a_pitfall_applies_is_read_in_english(tmp_path: Path, word: str, status: str) -> None:
    chat = english(tmp_path)
    chat.say("Anna", "!goto pitfalls.scope.applies")
    chat.say("Anna", word)
    assert chat.export["steps"]["valkuilen.scope.geldt"]["status"] == status


def test_the_eight_ingredients_are_judged_by_english_letters_and_names(tmp_path: Path) -> None:
    chat = english(tmp_path)
    chat.say("Anna", "!goto ingredients.judgement")
    assert "s p i i ? p s s" in chat.text
    chat.say("Anna", "s p i i ? p s s")
    chat.say("Anna", "!change judgement")
    chat.say("Anna", "data sharing: insufficient\nfunding partly")
    chat.say("Anna", "next")
    statuses = {
        name.split(".")[1]: step["status"] for name, step in chat.export["steps"].items() if name in BOOK.row_of
    }
    assert statuses == {
        "samenwerking": "voldoende", "wensen": "deels", "governance": "onvoldoende", "waarde": "onvoldoende",
        "financiering": "deels", "kennis": "deels", "technologie": "voldoende", "privacy": "onvoldoende",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("step", "said", "words"),
    [
        ("routes.keuze", "out, up", ["uit", "op"]), ("routes.keuze", "bey and in", ["in", "voorbij"]),
        ("routes.keuze", "embedding; 4", ["in", "diep"]), ("routes.keuze", "uit", ["uit"]),
        ("impact.beoogd", "prevention and soften", ["voorkomen", "verzachten"]),
        ("ingredienten.nodig", "data sharing, money, skills", ["financiering", "kennis", "privacy"]),
        ("valkuilen.omstandigheden.welke", "front-runners, other: a free room", ["koplopers", "anders"]),
        ("valkuilen.omstandigheden.welke", "none", ["geen"]),
        ("strategie.keuze", "institutionalize", ["institutionaliseren"]),
    ],
)  # fmt: skip
def test_choices_have_english_names_and_keep_their_words(
    tmp_path: Path, step: str, said: str, words: list[str]
) -> None:
    chat = english(tmp_path)
    chat.say("Anna", f"!goto {step}")
    chat.say("Anna", said)
    assert chat.export["steps"][step]["choices"] == words


@pytest.mark.parametrize("word", ["next", "done", "Go on.", "continue", "verder"])
def test_words_that_go_on(tmp_path: Path, word: str) -> None:
    chat = english(tmp_path)
    chat.say("Anna", word)
    assert chat.position == "pilot.periode"


@pytest.mark.parametrize("word", ["don't know", "We don’t know.", "no idea", "!unknown"])
def test_words_that_say_that_it_is_not_known(tmp_path: Path, word: str) -> None:
    chat = english(tmp_path)
    chat.say("Anna", "!goto issue")
    chat.say("Anna", word)
    assert chat.state("impact.vraagstuk") == "unknown"
    assert "we don't know yet" in chat.text


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ("impact.issue", "impact.vraagstuk"), ("issue", "impact.vraagstuk"), ("vraagstuk", "impact.vraagstuk"),
        ("ingredients", "ingredienten.nodig"), ("ingredienten", "ingredienten.nodig"), ("outcome", "impact.outcome"),
        ("pitfalls", "valkuilen.scope.situaties"), ("strategy", "strategie.keuze"),
        ("scope.applies", "valkuilen.scope.geldt"),
    ],
)  # fmt: skip
def test_parts_and_questions_are_found_by_their_english_names(tmp_path: Path, said: str, step: str) -> None:
    chat = english(tmp_path)
    chat.say("Anna", f"!goto {said}")
    assert chat.position == step


def test_every_step_is_found_by_the_name_that_the_english_book_shows(tmp_path: Path) -> None:
    from flows.conversation.answers import Named, find_place

    book = LANGUAGES.of("en").book
    for step in book.steps.values():
        assert step.form.called is not None, step.id
        assert find_place(step.called, book, parts=False) == Named(step=step.id), step.called
        assert find_place(step.id, book, parts=False) == Named(step=step.id)


def test_what_is_named_to_type_is_english(tmp_path: Path) -> None:
    chat = english(tmp_path)
    for said in ("!help", "!goto", "!goto nowhere", "!overzigt", "!change", "!overview impact", "!pace", "!mode"):
        chat.say("Anna", said)
        assert not DUTCH.search(chat.text), chat.text
        named = re.findall(r"!([a-z]+)", chat.text)
        assert not {"hulp", "overzicht", "wijzig", "ga", "verder", "taal", "tempo", "wijze"} & set(named)
    chat.say("Anna", "!help")
    assert "`!mode`" in chat.text


def test_questions_are_shown_by_the_names_that_can_be_typed(tmp_path: Path) -> None:
    chat = english(tmp_path)
    chat.say("Anna", "!goto issue")
    chat.say("Anna", "People wait too long")
    chat.say("Anna", "!overview impact")
    assert "**Issue**" in chat.text
    chat.say("Anna", "!goto needed")
    assert "1. `routes.plausible.needed`: Routes · still needed for the impact" in chat.text
    chat.say("Anna", "1")
    assert chat.position == "routes.aannemelijk.nodig"
    chat.say("Anna", "!goto first")
    chat.say("Anna", "!next")
    chat.say("Anna", "!next")
    assert "- Pilot · name: `!goto name`" in chat.text


def test_what_a_turn_looks_through_changes_language_with_the_room() -> None:
    d = Draft(Setting(BOOK, TEXTS, Capabilities(), None, "", LANGUAGES.others), Snapshot("r"), START)
    d.set(language="en")
    assert d.book is d.view.book is LANGUAGES.of("en").book


def test_actions_and_their_dates_are_read_and_said_in_english(tmp_path: Path) -> None:
    chat = english(tmp_path, "Anna", "Bas")
    chat.say("Anna", "!action write memo @Bas Friday in 2 weeks")
    assert "Action 1: **write memo** · Bas · Friday 11 December 2026" in chat.text
    chat.say("Anna", "!postpone 1 end of March")
    assert "New date: action 1" in chat.text
    chat.say("Anna", "!handover 1 to Anna")
    chat.say("Bas", "!away until 15 January")
    assert "Bas is away, and back on Friday 15 January 2027" in chat.text
    chat.say("Anna", "!done 1")
    assert chat.export["actions"][0] | {"text": ""} == {
        "number": 1, "text": "", "owner": "Anna", "due": "2027-03-31", "state": "done", "step": None,
    }  # fmt: skip


# What comes by itself, cards, files -----------------------------------------------------------------------------------


def test_reminders_and_looking_again_are_english(tmp_path: Path) -> None:
    chat = english(tmp_path, start="!pace short")
    chat.say("Anna", "!action write memo @Anna 30 November 2026")
    assert [one.kind for one in chat.says(chat.wait(days=4))] == ["reminder"]
    assert "Actions of this week" in chat.text
    for _ in range(200):
        if chat.position == "einde":
            break
        chat.say("Anna", "!next")
    assert chat.position == "einde"
    found = [one.text for one in chat.says(chat.wait(weeks=7)) if one.kind == "recheck"]
    assert found
    assert "does it still hold?" in found[0]
    chat.say("Anna", "ingredients and pitfalls")
    assert "What has changed in your approach" in chat.text
    assert not any(DUTCH.search(one.text) for one in chat.seen if isinstance(one, Say) and one.number > 2)


def test_cards_are_english(tmp_path: Path) -> None:
    chat = english(tmp_path, "Anna", "Bas", capabilities=CARDS)
    card = chat.card(chat.asked)
    assert card is not None
    assert [button.label for button in card.buttons] == ["Save", "✅ Next", "Don't know", "Skip", "Example"]
    chat.say("Anna", "!goto impact.status")
    votes = chat.card(chat.asked)
    assert votes is not None
    assert [button.label for button in votes.buttons][:4] == [
        "🟢 sufficient",
        "🟠 partly",
        "🔴 insufficient",
        "⚪ unknown",
    ]
    chat.press("Anna", chat.asked, "deels")
    assert [vote.word for vote in chat.snapshot.vote.values()] == ["deels"]
    chat.say("Anna", "!goto routes.choice")
    chat.press("Bas", chat.asked, "save", picked=("uit", "op"))
    assert "Out, Up" in chat.edits()[-1].text


def test_the_canvas_and_its_words_are_english(tmp_path: Path) -> None:
    chat = english(tmp_path)
    chat.say("Anna", "!goto pitfalls.scope.applies")
    chat.say("Anna", "yes")
    spoken = chat.spoken
    canvas = build(summarise(spoken.book, chat.snapshot, chat.now), spoken.book, spoken.texts)
    assert canvas["language"] == "en"
    assert [part["title"] for part in canvas["parts"]] == ["Impact", "Routes", "Ingredients", "Pitfalls"]
    pitfall = canvas["parts"][3]["tiles"][0]
    assert (pitfall["name"], pitfall["sign"]["word"]) == ("Scope", "yes")
    assert pitfall["about"] == "too little awareness of the consequences of a limited scope (bounds)"
    for text in canvas["alts"].values():
        assert not DUTCH.search(text)
    assert "Pitfalls: still open. 1 of 4 pitfalls apply" in alt_text(canvas)


async def test_files_follow_the_language_of_the_room(tmp_path: Path) -> None:
    chat = english(tmp_path)
    chat.say("Anna", "Bus East")
    chat.say("Anna", "!action write memo @Anna 30 November 2026")
    files = Files(BOOK, TEXTS, LANGUAGES.others)
    try:
        wanted = Attach(1, "info", None, "ics")
        made = await files.make(chat.snapshot, wanted, chat.now)
        dutch = await files.make(replace_language(chat.snapshot, "nl"), wanted, chat.now)
    finally:
        await files.close()
    assert b"Action 1: write memo" in made.data
    assert b"Actie 1: write memo" in dutch.data
    data = written(chat.spoken.book, chat.spoken.texts, chat.snapshot, "json", chat.now)
    assert b'"language": "en"' in data


def replace_language(snapshot: Snapshot, language: str) -> Snapshot:
    return replace(snapshot, room=replace(snapshot.room, language=language))


# Several rooms, other defaults ----------------------------------------------------------------------------------------


def asked(engine: Engine, language: str) -> tuple[Snapshot, str]:
    """What a room that speaks a language is asked first, by an engine that serves others too."""
    snapshot = Snapshot("r", Room(language=language, welcomed_at=START))
    turn = engine.step(snapshot, Said("e1", START, "Anna", "!start"))
    (said,) = (one for one in turn.effects if isinstance(one, Say))
    return turn.snapshot, said.text


@pytest.mark.parametrize(("default", "unset"), [("nl", "Hoe heet"), ("en", "What is your pilot called")])
def test_one_engine_speaks_to_each_room_in_its_own_language(default: str, unset: str) -> None:
    first = LANGUAGES.of(default)
    others = tuple(one for code, one in LANGUAGES.by_code.items() if code != default)
    engine = Engine(Setting(first.book, first.texts, Capabilities(), None, "", others))
    assert "Hoe heet jullie pilot" in asked(engine, "nl")[1]
    assert "What is your pilot called" in asked(engine, "en")[1]
    snapshot, text = asked(engine, "")
    assert unset in text
    assert snapshot.room.language == default


def test_a_room_whose_language_is_gone_goes_on_in_the_default() -> None:
    engine = Engine(Setting(BOOK, TEXTS, Capabilities(), "Gemeente Voorbeeld"))
    snapshot, text = asked(engine, "en")
    assert "Hoe heet jullie pilot" in text
    assert snapshot.room.language == "nl"


def test_who_runs_it_at_a_terminal_is_said_in_the_rooms_language(tmp_path: Path) -> None:
    first = LANGUAGES.of("nl")
    engine = Engine(Setting(first.book, first.texts, Capabilities(), None, "", LANGUAGES.others))
    turn = engine.step(Snapshot("r"), Said("e1", START, "Anna", "!language en"))
    (said,) = (one for one in turn.effects if isinstance(one, Say))
    assert "run by yourselves, on this computer" in said.text
