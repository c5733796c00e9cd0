"""What teams read, in every language. Rule: plain and short, one question a message, no jargon without where it is
explained; and a text names only what is there.
"""

from __future__ import annotations

import re
import unicodedata

import pytest

from flows.conversation.commands import TABLE
from tests.chat import LANGUAGES
from tests.flows.texts import ALL_TEXTS, BOOK_TEXTS, OWN_TEXTS, sentences, without_code

CODES = tuple(LANGUAGES.by_code)
MOST_WORDS = 20
ORDER = LANGUAGES.of("nl").book.order
COMMANDS = {"nl": {command.name for command in TABLE}, "en": {command.alias for command in TABLE}}
# What each language says to who reads the other.
FOREIGN = ("welcome.language",)

each = pytest.mark.parametrize("code", CODES)


# Plain and short ------------------------------------------------------------------------------------------------------


@each
@pytest.mark.parametrize("step", ORDER)
def test_a_question_asks_one_thing_in_few_words(code: str, step: str) -> None:
    question = LANGUAGES.of(code).book.steps[step].form.question
    assert question.count("?") == 1
    assert len(question.split()) < 60


@each
def test_sentences_are_short(code: str) -> None:
    long = {}
    for place, text in BOOK_TEXTS[code].items():
        # An example begins with whose it is: "Een gemeente met een wijkaanpak: ..."
        told = text.partition(": ")[2] or text if place.endswith(" example") else text
        for one in sentences(told):
            if len(one.split()) > MOST_WORDS:
                long[place] = one
    assert not long


@each
def test_sentences_of_the_coach_are_short(code: str) -> None:
    long = {}
    for place, text in OWN_TEXTS[code].items():
        for one in re.split(r"(?<=[.?!:;])\s+|\n| · ", without_code(text)):
            if len(one.split()) > MOST_WORDS:
                long[place] = one
    assert not long


@each
def test_a_text_of_the_coach_asks_at_most_one_thing(code: str) -> None:
    """Besides what only leads to how it is done: "Iets anders? Typ ..."."""
    leads = re.compile(LEADS[code])
    many = {}
    for place, text in OWN_TEXTS[code].items():
        told = re.sub(r'_[^_]*_|"[^"]*"|\(\?\)', "", without_code(text))
        asked = [one for one in sentences(told) if re.search(r"[^\s(]\?[_*]*$", one)]
        asked = [one for one in asked if not leads.match(one.strip("_*· "))]
        if len(asked) > 1:
            many[place] = asked
    assert not many


LEADS = {
    "nl": r"Nog iets|Iets (anders|veranderen)|Anders|Klaar|Eerder|Verder|Zelf bewaren|Meer tijd|"
    r"Is het klaar|Helpt dat niet|Eén antwoord wissen|Zo niet|Doet die dag|Klopt alles nog|Niet eens|Wie beheert",
    "en": r"Anything else|Something else|Not right|Done with|Back earlier|Go on earlier|Want to keep|More time|"
    r"Is it done|Does that not help|Erase one answer|If not|Is that day|"
    r"Does everything still hold|No agreement|Who runs",
}


@each
def test_nothing_is_shouted(code: str) -> None:
    """An exclamation mark begins a command and nothing else."""
    loud = {place: text for place, text in ALL_TEXTS[code].items() if re.search(r"!(?![a-z{])|\w!", text)}
    assert not loud


@each
def test_texts_are_composed_and_have_no_stray_blanks(code: str) -> None:
    stray = {}
    for place, text in ALL_TEXTS[code].items():
        blank = re.search(r"[ \t]{2,}|[ \t]\n|\t|\u00a0", text) or text != unicodedata.normalize("NFC", text)
        if blank:
            stray[place] = text
    assert not stray


@each
def test_at_most_two_pictures_a_text_besides_the_signs(code: str) -> None:
    signs = re.compile("[✅✍❌⏰🟢🟠🔴⚪]\ufe0f?")
    many = {place for place, text in ALL_TEXTS[code].items() if len(_pictures(signs.sub("", text))) > 2}
    assert not many


def _pictures(text: str) -> list[str]:
    return [char for char in text if unicodedata.category(char) == "So" and char not in "□"]


# No jargon without where it is explained ------------------------------------------------------------------------------

# Each term, how it is written, and the text that says what it is. In no question before that one stands the term.
EXPLAINED = {
    "nl": {
        r"\bpilots?\b": "pilot intro",
        r"\b[Oo]pschalen\b": "pilot intro",
        r"\bcanvas\b": "pilot.betrokkenen question",
        r"\b[Ii]mpact\b": "impact intro",
        r"Theory of Change": "impact.impact question",
        r"\b[Oo]utcome\b": "impact.outcome question",
        r"\b[Oo]utput\b": "impact.output question",
        r"\b[Ii]nterventies\b": "impact.activiteiten why",
        r"\b[Ii]nput\b": "impact.input question",
        r"\bimpactstatement\b": "impact.statement question",
        r"\bopschalingsroutes?\b": "routes intro",
        r"\bschaalniveau\b": "routes.schaalniveau why",
        r"\b[Ii]nbedden\b": "routes.in.invulling why",
        r"\bdomein\b": "routes.voorbij.invulling why",
        r"\bingrediënt(en)?\b": "ingredienten intro",
        r"\b[Gg]overnance\b": "ingredienten.governance.status why",
        r"\b[Ss]leutelpartijen\b": "ingredienten.samenwerking.status why",
        r"\b[Ss]chalingspartners\b": "ingredienten.waarde.status why",
        r"\bbekostigingsmodel\b": "ingredienten.financiering.status why",
        r"\b[Cc]apaciteit\b": "ingredienten.kennis.status question",
        r"\bAVG\b": "ingredienten.privacy.stand why",
        r"known unknowns": "ingredienten.oordeel why",
        r"\bscope\b": "valkuilen.scope.situaties question",
        r"\b[Oo]mgevingsfactoren\b": "valkuilen.scope.omgeving question",
        r"\bsituationele context\b": "valkuilen.samenhang.context why",
        r"\bpilotomstandigheden\b": "valkuilen.omstandigheden.welke question",
        r"\bin positie\b": "valkuilen.partners.positie question",
        r"\b[Ii]nnovatie\b": "valkuilen.partners.werkbaar why",
        r"\b[Aa]doptie\b": "valkuilen.partners.werkbaar why",
        r"\b[Ww]rijving\b": "valkuilen.partners.wrijving question",
        r"\bopschalingsstrategie\b": "strategie intro",
        r"\bwerkzame elementen\b": "strategie.werkzaam why",
        r"\bE33": "impact.output example",
    },
    "en": {
        r"\bpilots?\b": "pilot intro",
        r"\b[Ss]caling up\b|\bscale up\b": "pilot intro",
        r"\bcanvas\b": "pilot.betrokkenen question",
        r"\b[Ii]mpact\b": "impact intro",
        r"Theory of Change": "impact.impact question",
        r"\b[Oo]utcome\b": "impact.outcome question",
        r"\b[Oo]utput\b": "impact.output question",
        r"\b[Ii]nterventions\b": "impact.activiteiten why",
        r"\b[Ii]nput\b": "impact.input question",
        r"\bimpact statement\b": "impact.statement question",
        r"\bscaling routes?\b": "routes intro",
        r"\b[Ss]cale level\b": "routes.schaalniveau why",
        r"\b[Ee]mbedding\b": "routes.in.invulling why",
        r"\bdomain\b": "routes.voorbij.invulling why",
        r"\bingredients?\b": "ingredienten intro",
        r"\b[Gg]overnance\b": "ingredienten.governance.status why",
        r"\b[Kk]ey parties\b": "ingredienten.samenwerking.status why",
        r"\b[Ss]caling partners\b": "ingredienten.waarde.status why",
        r"\bfunding model\b": "ingredienten.financiering.status why",
        r"\b[Cc]apacity\b": "ingredienten.kennis.status question",
        r"\bGDPR\b": "ingredienten.privacy.stand why",
        r"known unknowns": "ingredienten.oordeel why",
        r"\bscope\b": "valkuilen.scope.situaties question",
        r"\b[Ss]urrounding factors\b": "valkuilen.scope.omgeving question",
        r"\b[Cc]oherence\b": "valkuilen.samenhang.versterking question",
        r"\bsituational context\b": "valkuilen.samenhang.context why",
        r"\bpilot conditions\b": "valkuilen.omstandigheden.welke question",
        r"\bin position\b": "valkuilen.partners.positie question",
        r"\b[Ii]nnovation\b": "valkuilen.partners.werkbaar why",
        r"\b[Aa]doption\b": "valkuilen.partners.werkbaar why",
        r"\b[Ff]riction\b": "valkuilen.partners.wrijving question",
        r"\bscaling strategy\b": "strategie intro",
        r"\bworking elements\b": "strategie.werkzaam why",
        r"\bE33": "impact.output example",
    },
}
# Words of policy and projects for which there is a plain one.
NEVER = {
    "nl": r"\b(stakeholders?|actoren|borgen|borging|implement\w+|faciliter\w+|monitor\w+|evaluer\w+|escaleren|"
    r"draaiboek|commitment|awareness|best practices?|roadmap|scoping|deliverables?|KPI|kaders|beleidstheorie|"
    r"handelingsperspectief|doorlooptijd|integraal|integrale|adresseren|uitrollen|uitrol|transitie|synergie|"
    r"momenteel|teneinde|middels|ten behoeve van|met betrekking tot|dient te|dienen te|indien|echter|derhalve)\b",
    "en": r"\b(stakeholders?|actors?|implement\w*|facilitat\w+|monitor\w*|evaluat\w+|leverag\w+|commitment|"
    r"best practices?|roadmap|deliverables?|KPI|synerg\w+|roll-?out|upscal\w+|transition|utili[sz]e|commence|endeavour|"
    r"in order to|with regard to|with respect to|prior to|hereby|thereof|pursuant|whilst|henceforth)\b",
}


@each
def test_a_term_is_explained_and_stands_in_no_question_before_that(code: str) -> None:
    early = {}
    for term, place in EXPLAINED[code].items():
        assert re.search(term, BOOK_TEXTS[code][place], re.IGNORECASE), (term, place)
        step = place.split(" ")[0]
        if step not in ORDER:  # the intro of a part, which stands above its first question
            step = next(one for one in ORDER if one.startswith(f"{step}."))
        for one in ORDER[: ORDER.index(step)]:
            for key in ("title", "question", "help"):
                if re.search(term, BOOK_TEXTS[code][f"{one} {key}"], re.IGNORECASE):
                    early[term] = f"{one} {key}"
    assert not early


@each
def test_words_of_policy_are_not_used(code: str) -> None:
    never = re.compile(NEVER[code], re.IGNORECASE)
    assert not {place: found[0] for place, text in ALL_TEXTS[code].items() if (found := never.search(text))}


# What a text names, there is ------------------------------------------------------------------------------------------


@each
def test_every_command_that_the_coach_names_is_there(code: str) -> None:
    unknown = {}
    for place, text in OWN_TEXTS[code].items():
        named = [name for name in re.findall(r"!([a-z]+)", text) if name not in COMMANDS[code]]
        if named and place not in FOREIGN:
            unknown[place] = named
    assert not unknown


@each
def test_every_command_shows_in_its_own_line_of_help(code: str) -> None:
    for command in TABLE:
        name = command.name if code == "nl" else command.alias
        assert OWN_TEXTS[code][f"help.{command.name}"].startswith(f"`!{name}"), command.name


@each
def test_the_steps_and_parts_that_the_coach_names_are_there(code: str) -> None:
    from flows.conversation.answers import find_place

    spoken = LANGUAGES.of(code)
    count = 0
    for place, text in OWN_TEXTS[code].items():
        for name in re.findall(r"`!(?:ga|wijzig|overzicht|goto|change|overview) ([a-z.]+)`", text):
            found = find_place(name, spoken.book)
            looks = {*spoken.texts.words("export.views.trend"), *spoken.texts.words("overview.words.standing")}
            assert found is not None or name in looks, (place, name)
            count += 1
    assert count > 5


@each
@pytest.mark.parametrize("place", ["ways.terminal.one", "ways.chat.one"])
def test_one_person_is_asked_for_no_sign(code: str, place: str) -> None:
    texts = OWN_TEXTS[code].items()
    assert not {key for key, text in texts if key.startswith(place) and re.search("✅|✍|🟢", text)}


# English alone --------------------------------------------------------------------------------------------------------

AMERICAN = (
    r"\b\w+(?<!s)(?<!pr)iz(e|ed|es|ing|ation)\b|\b(behavior|color|favor|labor|neighbor|honor)\w*\b|\b(center|meter|theater)s?\b|"
    r"\bprogram(me)?\b(?=.*\bTV\b)|\b(traveler|canceled|modeled|labeled|fulfill|enrollment|gotten|toward)\b"
)
MISSPELT = {
    r"\btheory of change\b|\bTheory of change\b": "Theory of Change",
    r"\bimpactstatement|\bimpact-statement": "impact statement",
    r"\bupscal|\bup-scal|\bscale-up\b|\bscaling-up\b": "scaling up",
    r"\bpit falls?\b|\bpit-falls?\b": "pitfall",
    r"\bscale partner|\bupscaling partner": "scaling partner",
    r"\bOutcomes\b|\bout-come|\bout put\b|\bin put\b": "outcome, output, input",
    r"\b[Ff]ront ?runners?\b(?<!front-runners)": "front-runners",
    r"\bRatenau\b|\bRathenauw\b|\bPlatform 31\b|\bPlatform sociaal domein\b": "Rathenau, Platform31",
    r"\bopschal(en|ing)\b(?! van pilots)": "scaling up",
    r"\bggz\b|\bGGZ\b": "mental health care",
}


def test_the_english_is_british() -> None:
    found = {
        place: one[0] for place, text in ALL_TEXTS["en"].items() if (one := re.search(AMERICAN, without_code(text)))
    }
    assert not found


@pytest.mark.parametrize("pattern", MISSPELT)
def test_an_english_term_is_spelt_in_one_way(pattern: str) -> None:
    wrong = {place: text for place, text in ALL_TEXTS["en"].items() if re.search(pattern, without_code(text))}
    assert not wrong, MISSPELT[pattern]


def test_the_english_names_of_parts_routes_strategies_and_ingredients() -> None:
    book = LANGUAGES.of("en").book
    assert [part.head.title for part in book.parts.values()] == [
        "Pilot", "Impact", "Routes", "Ingredients", "Pitfalls", "Strategy", "Canvas",
    ]  # fmt: skip
    names = {step: [one.name for one in book.steps[step].form.choices] for step in ("routes.keuze", "strategie.keuze")}
    assert names["routes.keuze"] == ["In", "Out", "Up", "Deep", "Beyond"]
    assert names["strategie.keuze"] == ["Growth", "Franchise", "Configuration", "Institutionalise"]
    assert [book.steps[row].form.title for row in book.steps["ingredienten.oordeel"].form.rows] == [
        "collaboration", "wishes and needs", "governance", "value", "funding", "knowledge and skills",
        "technology and systems", "privacy and data sharing",
    ]  # fmt: skip
    assert all(name in book.head.source for name in ("Platform Sociaal Domein", "Platform31", "Rathenau"))


def test_no_praise_in_english() -> None:
    praise = re.compile(r"\b(well done|great|super|excellent|fantastic|awesome|good job|nice)\b", re.IGNORECASE)
    assert not {place: text for place, text in ALL_TEXTS["en"].items() if praise.search(text)}


def test_the_english_book_names_no_command_and_no_way_to_answer() -> None:
    ways = re.compile(
        r"!\w|/\w+ \d|\brepl(y|ies)\b|\btap(s|ped)?\b|\btype[sd]?\b|\bclick|\bbutton|\bcards?\b|\bthumb|@coach"
        r"|✅|✍|❌|👍|🟢|🟠|🔴|⚪|⏰",
        re.IGNORECASE,
    )
    assert not {place: text for place, text in BOOK_TEXTS["en"].items() if ways.search(text)}


@pytest.mark.parametrize(
    ("ways", "pattern"),
    [
        (("terminal",), r"/(?:reply|sign|unsign|edit|delete|who|as)\b|empty line|Ctrl"),
        (("chat", "matrix"), r"\b[Tt]ap\b"),
    ],
)
def test_in_english_too_a_way_of_one_transport_is_named_for_that_transport_alone(
    ways: tuple[str, ...], pattern: str
) -> None:
    own = tuple(start for way in ways for start in (f"ways.{way}.", f"privacy.{way}", f"{way}."))
    elsewhere = {key for key, text in OWN_TEXTS["en"].items() if re.search(pattern, text) and not key.startswith(own)}
    assert not elsewhere
