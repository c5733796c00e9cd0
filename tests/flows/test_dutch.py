"""The Dutch that teams read: the book and the catalogue. Rule: the guide's terms and never its sentences, and no text
names what the product or the transport does not have. What holds in every language is in `test_plain`.

`tests/fixtures/guide_shingles.txt` holds the beginnings of the SHA-256 of every run of eight words in the guide, as
`shingles` makes them, so that the guide itself need not be here.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import string
import typing
from pathlib import Path

import pytest

from bot.transports.teams.package import COMMANDS
from flows.book.coherence import APPLIES_WORDS, STATUS_WORDS
from flows.book.schema import Kind
from flows.conversation.commands import TABLE
from flows.conversation.effects import FORMS
from flows.conversation.marks import STATUS_SIGNS
from flows.conversation.view import ANSWERED, KNOWN_STATES, OPEN
from flows.personal import KINDS as PERSONAL
from tests.chat import BOOK, TEXTS
from tests.flows import texts
from tests.flows.reading_code import Use, uses
from tests.flows.texts import without_code, words

SHINGLES = Path(__file__).resolve().parents[1] / "fixtures" / "guide_shingles.txt"
RUN = 8
HASH = 10
NAMES = {command.name for command in TABLE}
WAYS = ("chat", "matrix", "teams", "terminal")
WHO = ("one", "group")


BOOK_TEXTS, OWN_TEXTS, ALL_TEXTS = texts.BOOK_TEXTS["nl"], texts.OWN_TEXTS["nl"], texts.ALL_TEXTS["nl"]


def shingles(text: str) -> dict[str, str]:
    """Every run of eight words of a text, under the beginning of its hash."""
    found = words(text)
    runs = [" ".join(found[place : place + RUN]) for place in range(len(found) - RUN + 1)]
    return {hashlib.sha256(run.encode()).hexdigest()[:HASH]: run for run in runs}


# Plain and short ------------------------------------------------------------------------------------------------------


def test_the_team_is_called_jullie_not_u() -> None:
    assert not {place: text for place, text in ALL_TEXTS.items() if re.search(r"\b[Uu]w?\b", without_code(text))}


def test_no_praise() -> None:
    praise = re.compile(r"\b(goed gedaan|prima|super|geweldig|fantastisch|mooi zo|knap|top)\b", re.IGNORECASE)
    assert not {place: text for place, text in ALL_TEXTS.items() if praise.search(text)}


# Not the guide's sentences --------------------------------------------------------------------------------------------


def test_no_run_of_eight_words_is_the_guides() -> None:
    known = {line for line in SHINGLES.read_text("utf-8").splitlines() if not line.startswith("#")}
    assert len(known) > 5_000
    copied = {}
    for place, text in ALL_TEXTS.items():
        runs = [run for name, run in shingles(text).items() if name in known]
        if runs:
            copied[place] = runs
    assert not copied


def test_a_run_is_found_whatever_its_case_accents_and_signs() -> None:
    plain = shingles("een twee drie vier vijf zes zeven acht")
    assert len(plain) == 1
    assert shingles("Eén, **twee** drie: vier;\nvijf (zes) zéven 'acht'") == plain
    assert plain.keys() <= shingles("nul een twee drie vier vijf zes zeven acht negen").keys()


# What a text names, there is ------------------------------------------------------------------------------------------


def test_the_book_names_no_command_and_no_way_to_answer() -> None:
    """How to answer differs by transport, so the coach adds it."""
    ways = re.compile(
        r"!\w|/\w+ \d|beantwoord|reageer|\btik(t|ken)?\b|\btyp(e|t|en)?\b|\bklik|\bknop|\bkaart\b|\bduim|@coach"
        r"|✅|✍|❌|👍|🟢|🟠|🔴|⚪|⏰",
        re.IGNORECASE,
    )
    assert not {place: text for place, text in BOOK_TEXTS.items() if ways.search(text)}


def test_every_command_has_its_line_of_help_and_no_other() -> None:
    own = {"head", "more", "listens", "source", "names"}
    assert {key.removeprefix("help.") for key in OWN_TEXTS if key.startswith("help.")} - own == NAMES


@pytest.mark.parametrize(
    ("ways", "pattern"),
    [(("terminal",), r"/(?:reageer|zet|weg|pas|wis|wie|als)\b|lege regel|Ctrl"), (("chat", "matrix"), r"\b[Tt]ik\b")],
)
def test_a_way_of_one_transport_is_named_for_that_transport_alone(ways: tuple[str, ...], pattern: str) -> None:
    own = tuple(start for way in ways for start in (f"ways.{way}.", f"privacy.{way}", f"{way}."))
    elsewhere = {key for key, text in OWN_TEXTS.items() if re.search(pattern, text) and not key.startswith(own)}
    assert not elsewhere


# The guide's terms ----------------------------------------------------------------------------------------------------

MISSPELT = {
    r"\bingredient(en)?\b": "ingrediënt",
    r"\btheory of change\b|\bTheory of change\b|\bTheorie of Change\b": "Theory of Change",
    r"\bimpact[ -]statement": "impactstatement",
    r"\bopschalings?[ -]+(route|strategie|klaar)": "opschalingsroute",
    r"\bopschaling(route|strategie)": "opschalingsroute",
    r"\bschalings?[ -]+partner|\bschalingpartner|\bopschalingspartner": "schalingspartner",
    r"\bout-?comes?-|\bout comes?\b|\bOutcomes\b": "outcome",
    r"\bout put\b|\bin put\b": "output, input",
    r"\bval kuil|\bvalkuil en\b": "valkuil",
    r"\binstitutionalis(e|a)tie\b|\binstitutionalizeren\b": "institutionaliseren",
    r"\bbeinvloed|\bcoordin|\bgeinteress|\bfinancier(ing)?s? model|\bidee[eë]n\b(?<!ideeën)": "trema",
    r"\bPlatform ?31s\b|\bPlatform 31\b|\bPlatform sociaal domein\b": "Platform31",
    r"\bRatenau\b|\bRathenauw\b": "Rathenau",
    r"\bNederlandse spoorwegen\b|\bE 33\b|\be33\b": "NS, E33",
    r"\bGGZ\b": "ggz",
    r"\bper se\b|\bperse\b|\bteveel\b|\btenslotte\b|\bzonodig\b|\bzoniet\b": "too much in one word",
}


@pytest.mark.parametrize("pattern", MISSPELT)
def test_a_term_is_spelt_as_in_the_guide(pattern: str) -> None:
    wrong = {place: text for place, text in ALL_TEXTS.items() if re.search(pattern, without_code(text))}
    assert not wrong, MISSPELT[pattern]


def test_parts_routes_strategies_and_ingredients_have_the_guides_names() -> None:
    assert [BOOK.parts[part].head.title for part in ("impact", "routes", "ingredienten", "valkuilen", "strategie")] == [
        "Impact",
        "Routes",
        "Ingrediënten",
        "Valkuilen",
        "Strategie",
    ]
    names = {step: [one.name for one in BOOK.steps[step].form.choices] for step in ("routes.keuze", "strategie.keuze")}
    assert names["routes.keuze"] == ["In", "Uit", "Op", "Diep", "Voorbij"]
    assert sorted(names["strategie.keuze"]) == ["Configuratie", "Franchise", "Groei", "Institutionaliseren"]
    rows = [BOOK.steps[row].form.title for row in BOOK.steps["ingredienten.oordeel"].form.rows]
    assert [row.lower() for row in rows] == [
        "samenwerking",
        "wensen en behoeften",
        "governance",
        "waarde",
        "financiering",
        "kennis en vaardigheden",
        "technologie en systemen",
        "privacy en gegevensdeling",
    ]


def test_the_source_names_those_who_made_the_method() -> None:
    assert all(name in BOOK.head.source for name in ("Platform Sociaal Domein", "Platform31", "Rathenau (2020)"))


# The catalogue and the code -------------------------------------------------------------------------------------------

USES = uses()
KINDS = typing.get_args(Kind)
SETTINGS = ("taal", "tempo", "duwtjes", "tijdzone", "uren", "vrij", "plaatje", "gesloten", "bewaren")
STATES = (OPEN, *KNOWN_STATES)


def named(*parts: str | typing.Iterable[str]) -> list[str]:
    """Every name that these parts make; a part is a text or some texts."""
    options = [[part] if isinstance(part, str) else list(part) for part in parts]
    return [".".join(chosen) for chosen in itertools.product(*options)]


# What a name that the code puts together can be. One that is not here fails: say what it can be.
CAN_BE = {
    "actions.state.*": named("actions", "state", ("done", "dropped")),
    "answers.status.*": [*named("answers", "status", STATUS_WORDS), *named("answers", "applies", APPLIES_WORDS)],
    "personal.kinds.*": named("personal", "kinds", PERSONAL),
    "canvas.about.*": named("canvas", "about", ("chain", "choices", "grid", "pitfalls", "plain")),
    "canvas.stage.*": named("canvas", "stage", ("open", "late", "done", "dropped")),
    "closed.how.*": named("closed", "how", ("status", "applies", "grid")),
    "closed.promise.*": named("closed", "promise", WAYS),
    "change.*": named("change", ("text", "actions")),
    "colours.*": named("colours", STATUS_SIGNS.values()),
    "export.failed.file.*": named("export", "failed", "file", ("made", "large", "posted")),
    "export.failed.picture.*": named("export", "failed", "picture", ("made", "large", "posted")),
    "export.forms.*": named("export", "forms", FORMS),
    "export.kind.*": named("export", "kind", FORMS),
    "export.views.*": named("export", "views", ("portrait", "trend", "a3")),
    "export.what.*": named("export", "what", (*FORMS, "a3")),
    "forget.done.*": named("forget", "done", WHO),
    "help.*": named("help", NAMES),
    "how.*.*": named("how", (*KINDS, "kept", "words"), WHO),
    "listening.*": named("listening", WHO),
    "mine.list.*": named("mine", "list", ("answers", "choices", "votes", "settled", "todo", "noted")),
    "mine.sent.*": named("mine", "sent", ("matrix", "teams")),
    "mine.unreachable.*": named("mine", "unreachable", ("chat", "matrix", "teams")),
    "mode.*": named("mode", ("gespreid", "gespreid_later", "gespreid_end")),
    "newcomer.*": named("newcomer", WHO),
    "noted.*": named("noted", (state for state in STATES if state != ANSWERED)),
    "pace.*": named("pace", ("kort", "volledig")),
    **{f"privacy.*.{what}": named("privacy", WAYS, what) for what in ("closed", "erase", "posted", "rest", "seen")},
    "readiness.*": named("readiness", ("enough", "short", "unknown", "open")),
    "reminder.how.*": named("reminder", "how", WHO),
    "reminder.which.*": named("reminder", "which", ("gedaan", "uitstel")),
    "session.then_*": [f"session.then_{mode}" for mode in ("samen", "gespreid")],
    "settings.names.*": named("settings", "names", SETTINGS),
    "settings.*.row": named("settings", SETTINGS, "row"),
    "settings.*.what": named("settings", SETTINGS, "what"),
    "settle.how.*": named("settle", "how", ("status", "applies")),
    "settle.why.*": named("settle", "why", ("tie", "most", "unsure")),
    "standing.*": named("standing", ("unknown", "skipped", "unanswered")),
    "state.*": named("state", STATES),
    "status.*.*": [*named("status", "status", STATUS_WORDS), *named("status", "applies", APPLIES_WORDS)],
    "status.applies.*": named("status", "applies", APPLIES_WORDS),
    "status.status.*": named("status", "status", STATUS_WORDS),
    "teams.package.commands.*": named("teams", "package", "commands", COMMANDS),
    "trouble.*": named("trouble", ("status", "applies")),
    "values.*": named("values", ("kort", "volledig", "samen", "gespreid", "liggend", "staand", "geen")),
    "words.*": named("words", ("next", "agree", "unknown", "stop")),
}
CAN_BE |= {
    use.key: named("ways", WAYS, WHO, use.key.rpartition(".")[2]) for use in USES if use.key.startswith("ways.*.*.")
}


def keys_of(use: Use) -> list[str]:
    """Every key that a call can ask for."""
    return CAN_BE.get(use.key, [use.key])


def asked(key: str, *, is_words: bool = False) -> list[Use]:
    return [use for use in USES if use.is_words == is_words and key in keys_of(use)]


def test_the_code_was_read() -> None:
    assert len(USES) > 150
    assert {"begin.line", "votes.one", "ways.*.*.agree", "how.*.*"} <= {use.key for use in USES}


def test_of_every_name_that_is_put_together_it_is_known_what_it_can_be() -> None:
    assert not {use.place: use.key for use in USES if "*" in use.key and use.key not in CAN_BE}
    assert not CAN_BE.keys() - {use.key for use in USES}


def test_every_text_that_the_code_asks_for_is_there() -> None:
    keys = {True: TEXTS.lists, False: OWN_TEXTS}
    assert not {(use.place, key) for use in USES for key in keys_of(use) if key not in keys[use.is_words]}


def test_every_text_of_the_catalogue_is_asked_for() -> None:
    assert not [key for key in OWN_TEXTS if not asked(key)]


def test_every_list_of_words_is_asked_for() -> None:
    assert not [key for key in TEXTS.lists if not asked(key, is_words=True)]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_name_in_a_text_is_filled_in_by_every_call() -> None:
    missing = {}
    for key, text in OWN_TEXTS.items():
        for use in asked(key):
            if use.names is not None and not fields(text) <= use.names:
                missing[key] = (use.place, fields(text) - use.names)
    assert not missing


@pytest.mark.parametrize("who", WHO)
def test_every_transport_has_the_same_phrases(who: str) -> None:
    sets = [{key.rpartition(".")[2] for key in OWN_TEXTS if key.startswith(f"ways.{ways}.{who}.")} for ways in WAYS]
    assert sets[0] == sets[1]
