"""For who comes later: the offer to a person who joins, and the one message that tells what is decided, what is open
and why, what comes next and how to take part.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flows.conversation.effects import Say
from flows.conversation.engine import Engine
from flows.conversation.events import Unreachable
from flows.conversation.hearing import PRIVATE, Capabilities
from flows.conversation.standing import MOST_STEPS
from tests.chat import Chat
from tests.flows.rules_rooms import alone, answer, go, team, walk

OFFER, COMMAND = "Nieuw in deze chat?", "!overzicht stand"
ALONE = Capabilities(closed=PRIVATE, private=True)


def offers(chat: Chat) -> list[Say]:
    """The messages of the last event that offer to tell how things stand."""
    return [one for one in chat.says() if OFFER in one.text]


def offered(folder: Path, **values: Any) -> tuple[Chat, int]:
    """A group under way that Cem just joined, and the number of the offer."""
    chat = team(folder, **values)
    chat.members("Anna", "Bas", "Cem")
    (offer,) = offers(chat)
    return chat, offer.number


# The offer ------------------------------------------------------------------------------------------------------------


def test_who_joins_a_group_that_has_started_is_offered_to_hear_how_it_stands(tmp_path: Path) -> None:
    chat = team(tmp_path)
    chat.members("Anna", "Bas", "Cem")
    (said,) = chat.says()
    assert (OFFER in said.text, f"✅ of `{COMMAND}`" in said.text, said.text.count("\n")) == (True, True, 0)
    assert (said.kind, said.signs, said.to) == ("info", ("✅",), None)


def test_it_is_offered_once(tmp_path: Path) -> None:
    chat, _ = offered(tmp_path)
    chat.wait(days=2)
    assert not offers(chat)
    assert not chat.members("Anna", "Bas", "Cem")


@pytest.mark.parametrize("start", [None, "!pauze"])
def test_before_the_start_nothing_is_offered(tmp_path: Path, start: str | None) -> None:
    chat = team(tmp_path, start=start)
    assert not chat.members("Anna", "Bas", "Cem")
    chat.say("Cem", COMMAND)
    assert "We zijn nog niet begonnen" in chat.text


def test_several_who_join_close_together_get_one_offer(tmp_path: Path) -> None:
    chat, number = offered(tmp_path)
    chat.wait(minutes=20)
    assert not chat.members("Anna", "Bas", "Cem", "Dina")
    chat.wait(minutes=20)
    assert not chat.members("Anna", "Bas", "Cem", "Dina", "Els")
    chat.sign("Els", "✅", number)
    assert "zo staat het ervoor" in chat.text
    chat.wait(minutes=21)
    assert len(offers(chat)) == 0
    chat.members("Anna", "Bas", "Cem", "Dina", "Els", "Fatma")
    assert len(offers(chat)) == 1


def test_who_leaves_is_no_newcomer(tmp_path: Path) -> None:
    chat = team(tmp_path, "Anna", "Bas", "Cem")
    assert not chat.members("Anna", "Bas")


def test_who_comes_back_later_is_one(tmp_path: Path) -> None:
    chat = team(tmp_path, "Anna", "Bas", "Cem")
    chat.members("Anna", "Bas")
    chat.members("Anna", "Bas", "Cem")
    assert len(offers(chat)) == 1


def test_where_a_second_person_comes_it_stands_with_how_the_coach_listens(tmp_path: Path) -> None:
    """At most one message an event."""
    chat = alone(tmp_path)
    chat.members("Anna", "Bas")
    (said,) = chat.says()
    assert "Er zijn nu meer mensen in deze chat." in said.text
    assert (OFFER in said.text, said.signs) == (True, ("✅",))


def test_who_takes_over_a_room_of_one_is_offered_it_without_a_tap(tmp_path: Path) -> None:
    """There a plain `ja` goes to the open question."""
    chat = alone(tmp_path)
    chat.members("Dina")
    (said,) = chat.says()
    assert (f"is: `{COMMAND}`." in said.text, said.signs) == (True, ())
    chat.say("Dina", "Jeugdhulp dichtbij")
    assert chat.texts_of("pilot.naam") == ["Jeugdhulp dichtbij"]
    chat.say("Dina", "praat me bij")
    assert "zo staat het ervoor" in chat.text
    assert chat.texts_of("pilot.naam") == ["Jeugdhulp dichtbij"]


def test_who_was_only_known_by_speaking_is_no_newcomer(tmp_path: Path) -> None:
    """Where no transport says who is there, nobody knows who came later."""
    chat = Chat(tmp_path, people=())
    chat.say("Anna", "!start")
    chat.say("Bas", "!vraag")
    assert not [one for one in chat.seen if isinstance(one, Say) and OFFER in one.text]


def test_without_nudges_nothing_is_offered(tmp_path: Path) -> None:
    chat = team(tmp_path)
    chat.say("Anna", "!instellingen duwtjes uit")
    assert not chat.members("Anna", "Bas", "Cem")
    chat.say("Cem", COMMAND)
    assert "zo staat het ervoor" in chat.text


# Taking it ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["✅", "👍", "ja", "oké"])
def test_a_tap_or_a_yes_on_the_offer_tells_it_and_leaves_the_open_question(tmp_path: Path, way: str) -> None:
    chat, number = offered(tmp_path)
    if way in "✅👍":
        chat.sign("Cem", way, number)
    else:
        chat.say("Cem", way, to=number)
    (said,) = chat.says()
    assert (said.kind, said.step, "zo staat het ervoor" in said.text) == ("overview", None, True)
    assert chat.view.stands_open("pilot.naam")
    assert chat.position == "pilot.naam"


def test_two_taps_tell_it_once(tmp_path: Path) -> None:
    """Who was there when it was told has read it; who came after that has not."""
    chat, number = offered(tmp_path)
    chat.sign("Cem", "✅", number)
    assert not chat.sign("Cem", "✅", number)
    assert not chat.sign("Bas", "✅", number)
    chat.members("Anna", "Bas", "Cem", "Dina")
    assert chat.sign("Dina", "✅", number)


@pytest.mark.parametrize("word", ["nee", "niet nu", "verder"])
def test_no_leaves_how_to_ask_for_it_later(tmp_path: Path, word: str) -> None:
    chat, number = offered(tmp_path)
    chat.say("Cem", word, to=number)
    assert [(edit.number, COMMAND in edit.text) for edit in chat.edits()] == [(number, True)]
    assert (chat.says(), chat.position) == ([], "pilot.naam")
    chat.sign("Cem", "✅", number)
    assert "zo staat het ervoor" in chat.text


def test_the_offer_stays_when_the_team_goes_elsewhere(tmp_path: Path) -> None:
    chat, number = offered(tmp_path)
    go(chat, "routes")
    chat.say("Anna", "!wijzig naam")
    chat.sign("Cem", "✅", number)
    assert "zo staat het ervoor" in chat.text


@pytest.mark.parametrize("text", [COMMAND, "!overzicht stand van zaken", "!overview standing", "!overzicht bijpraten"])
def test_a_command_tells_it_at_any_time(tmp_path: Path, text: str) -> None:
    chat = team(tmp_path)
    chat.say("Bas", text)
    assert "zo staat het ervoor" in chat.text
    assert chat.says()[0].reply_to == chat.event


@pytest.mark.parametrize("text", ["praat me bij", "Bijpraten?", "stand van zaken"])
def test_who_names_the_coach_can_ask_in_plain_words(tmp_path: Path, text: str) -> None:
    chat = team(tmp_path)
    chat.say("Bas", f"@coach {text}", mention=True)
    assert "zo staat het ervoor" in chat.text
    assert chat.state("pilot.naam") == "open"


def test_a_command_that_is_not_there_is_answered_with_the_one_that_is_meant(tmp_path: Path) -> None:
    chat = team(tmp_path)
    chat.say("Bas", "!bijpraten")
    assert f"Bedoel je `{COMMAND}`?" in chat.text
    chat.sign("Bas", "✅", chat.says()[0].number)
    assert "zo staat het ervoor" in chat.text


def test_in_a_pause_it_is_told_and_the_pause_stays(tmp_path: Path) -> None:
    chat = team(tmp_path)
    chat.say("Anna", "!pauze")
    chat.say("Bas", COMMAND)
    assert "We staan stil sinds 23 november" in chat.text
    assert chat.snapshot.room.paused_at is not None


def test_on_a_card_the_offer_has_a_button(tmp_path: Path) -> None:
    chat, number = offered(tmp_path, capabilities=Capabilities(ways="teams", cards=True, marks=False))
    card = chat.card(number)
    assert card is not None
    assert [(button.value, button.label) for button in card.buttons] == [("✅", "✅ Praat me bij")]
    chat.press("Cem", number, "✅")
    assert "zo staat het ervoor" in chat.text


# For that person alone ------------------------------------------------------------------------------------------------


def test_where_the_transport_can_only_that_person_sees_it(tmp_path: Path) -> None:
    chat, number = offered(tmp_path, capabilities=ALONE)
    chat.sign("Cem", "✅", number)
    assert [one.to for one in chat.says()] == ["Cem"]
    chat.sign("Bas", "✅", number)
    assert [one.to for one in chat.says()] == ["Bas"]
    assert not chat.sign("Bas", "✅", number)
    chat.say("Cem", COMMAND)
    assert [one.to for one in chat.says()] == ["Cem"]


def test_who_can_t_be_reached_alone_hears_it_in_the_room(tmp_path: Path) -> None:
    chat, number = offered(tmp_path, capabilities=ALONE)
    chat.sign("Cem", "✅", number)
    (alone,) = chat.says()
    turn = Engine(chat.setting).step(chat.snapshot, Unreachable("u", chat.now, "Cem", "overview"))
    (said,) = [one for one in turn.effects if isinstance(one, Say)]
    assert (said.text, said.kind, said.to) == (alone.text, "overview", None)


def test_elsewhere_it_is_told_in_the_room(tmp_path: Path) -> None:
    chat = team(tmp_path)
    chat.say("Bas", COMMAND)
    assert [one.to for one in chat.says()] == [None]


def test_in_a_room_of_one_there_is_nobody_to_keep_it_from(tmp_path: Path) -> None:
    chat = alone(tmp_path, capabilities=ALONE)
    chat.say("Anna", COMMAND)
    assert [one.to for one in chat.says()] == [None]


# What it tells --------------------------------------------------------------------------------------------------------


def told(chat: Chat) -> str:
    chat.say("Bas", COMMAND)
    return chat.text


def test_at_the_start_nothing_is_decided_and_all_is_to_be_asked(tmp_path: Path) -> None:
    chat = team(tmp_path)
    text = told(chat)
    assert "**Jullie pilot: zo staat het ervoor** · 23 november 2026" in text
    assert "**Besloten:** nog niets" in text
    assert "Nog niet gevraagd" in text
    assert "We zijn bij Pilot · naam." in text
    assert "Beantwoord mijn vraag, of zet ✍️ bij een bericht." in text
    assert "De pilot." not in text


def test_it_tells_what_the_pilot_is(tmp_path: Path) -> None:
    chat = team(tmp_path)
    answer(chat, "Jeugdhulp dichtbij")
    for step, said in (
        ("pilot.periode", "1 september 2026 - 31 augustus 2027"),
        ("pilot.betrokkenen", "gemeente, school"),
        ("impact.vraagstuk", "ouders vragen laat hulp"),
    ):
        go(chat, step)
        answer(chat, said)
    text = told(chat)
    assert "**Jeugdhulp dichtbij: zo staat het ervoor**" in text
    assert "Vraagstuk: ouders vragen laat hulp · Betrokkenen: gemeente, school · Periode: van" in text
    assert "dinsdag 31 augustus 2027" in text


def test_it_tells_a_part_with_its_status_and_what_was_said_of_it(tmp_path: Path) -> None:
    chat = team(tmp_path)
    go(chat, "impact.status")
    chat.sign("Anna", "🟠", chat.asked)
    chat.sign("Bas", "🟠", chat.asked)
    chat.sign("Anna", "✅", chat.asked)
    walk(chat, "impact.acties")
    chat.say("Anna", "!verder")
    (nudge,) = chat.says()
    chat.say("Bas", "de cijfers ontbreken", to=nudge.number)
    text = told(chat)
    assert "🟠 Impact: deels" in text
    assert '- Gezegd bij Impact: "de cijfers ontbreken"' in text
    assert "Routes:" not in text


def split_on(chat: Chat, step: str) -> int:
    """Two people who see a status differently: the number of the question what makes it so."""
    go(chat, step)
    chat.sign("Anna", "🟢", chat.asked)
    chat.sign("Bas", "🔴", chat.asked)
    return chat.says()[-1].number


@pytest.mark.parametrize("step", ["impact.status", "ingredienten.governance.status"])
def test_it_tells_both_views_where_the_team_does_not_agree(tmp_path: Path, step: str) -> None:
    chat = team(tmp_path)
    if step == "impact.status":
        number = split_on(chat, step)
    else:
        chat.say("Anna", f"!wijzig {step}")
        chat.sign("Anna", "🟢", chat.asked)
        chat.sign("Bas", "🔴", chat.asked)
        number = chat.says()[-1].number
    chat.say("Anna", "de wethouder doet mee", to=number)
    chat.say("Anna", "en de directeur ook", to=number)
    chat.say("Bas", "er ligt niets vast", to=number)
    chat.sign("Anna", "✅", number)
    chat.say("Bas", "niet eens", to=chat.says()[-1].number)
    title = "Impact" if step == "impact.status" else "Ingrediënten · governance"
    assert f'- Niet eens over {title} (onvoldoende): "de wethouder doet mee" / "er ligt niets vast"' in told(chat)


def test_it_tells_that_the_team_does_not_agree_also_where_nobody_said_why(tmp_path: Path) -> None:
    chat = team(tmp_path)
    number = split_on(chat, "impact.status")
    chat.sign("Anna", "✅", number)
    chat.say("Bas", "niet eens", to=chat.says()[-1].number)
    assert "- Niet eens over Impact (onvoldoende)\n" in told(chat)


def test_it_tells_the_statement_and_whether_to_look_at_it_again(tmp_path: Path) -> None:
    chat = team(tmp_path)
    go(chat, "impact.statement")
    answer(chat, "Wij helpen gezinnen eerder.")
    chat.sign("Anna", "✅", chat.asked)
    assert "- Impactstatement: Wij helpen gezinnen eerder.\n" in told(chat)
    go(chat, "impact.outcome")
    answer(chat, "ouders bellen eerder")
    assert "Wij helpen gezinnen eerder. (kijk nog eens, want later veranderd: outcome)" in told(chat)


def test_it_tells_the_strategy_and_the_first_actions(tmp_path: Path) -> None:
    chat = team(tmp_path)
    go(chat, "strategie.keuze")
    answer(chat, "configuratie")
    chat.sign("Anna", "✅", chat.asked)
    for number in range(5):
        chat.say("Anna", f"!actie taak{number} @Bas {number + 1} december 2026")
    text = told(chat)
    assert "- Strategie: Configuratie" in text
    assert "1. taak0 (Bas, 1 dec)" in text
    assert "nog 2: `!acties`" in text


def test_it_tells_what_is_open_by_why_it_is(tmp_path: Path) -> None:
    chat = team(tmp_path)
    go(chat, "impact.vraagstuk")
    chat.say("Anna", "!weetniet")
    go(chat, "impact.noodzaak")
    chat.say("Anna", "!overslaan")
    go(chat, "impact.outcome")
    go(chat, "impact.output")
    text = told(chat)
    assert "- Weten we nog niet (1): Impact · vraagstuk" in text
    assert "- Overgeslagen (1): Impact · noodzaak" in text
    assert "- Gevraagd, nog geen antwoord (3): Pilot · naam, Impact · bedoeling, Impact · outcome" in text
    assert "Routes 10" in text
    assert "We zijn bij Impact · output." in text


def test_many_of_a_kind_are_counted(tmp_path: Path) -> None:
    chat = team(tmp_path)
    for _ in range(MOST_STEPS + 2):
        chat.say("Anna", "!overslaan")
    text = told(chat)
    assert f"Overgeslagen ({MOST_STEPS + 2})" in text
    assert "en nog 2" in text


def test_at_the_end_it_tells_when_the_team_looks_again(tmp_path: Path) -> None:
    chat = team(tmp_path, start="!tempo kort")
    go(chat, "pilot.ritme")
    answer(chat, "elke 6 weken")
    walk(chat)
    text = told(chat)
    assert "Alle vragen zijn langs geweest. Jullie spraken af: elke 6 weken opnieuw kijken." in text
    assert "4 januari 2027" in text


def test_of_questions_that_were_asked_together_all_are_named(tmp_path: Path) -> None:
    chat = team(tmp_path)
    chat.say("Anna", "!wijze gespreid")
    chat.wait(days=1)
    together = chat.view.together()
    assert len(together) > 1
    titles = " en ".join(f"Pilot · {chat.book.steps[step].form.title}" for step in together)
    assert f"We zijn bij {titles}." in told(chat)
    for number in {chat.snapshot.asked[step].latest for step in together}:
        chat.say("Anna", "!overslaan", to=number)
    assert "De volgende vragen komen donderdag 26 november 2026." in told(chat)


def test_it_never_is_long(tmp_path: Path) -> None:
    """One message of 1,500 characters at most, whatever the team said, and every line of it is there."""
    chat = team(tmp_path)
    long = "Een heel lang *antwoord* met van alles _erin_ " * 20
    for _ in range(400):
        if chat.position == "einde":
            break
        step = chat.book.steps[chat.position]
        if step.kind in ("text", "statement"):
            answer(chat, long)
        elif step.kind == "actions":
            chat.say("Anna", f"!actie {long[:300]} @Bas 1 december 2026")
        elif step.kind in ("status", "applies"):
            chat.sign("Anna", "🔴", chat.asked)
        chat.say("Anna", "!verder")
    text = told(chat)
    assert len(text) <= 1500
    for line in ("**De pilot.**", "🔴 Impact", "- Impactstatement", "**Eerst doen:**", "**Hierna.**", "**Meedoen.**"):
        assert line in text


def test_it_says_how_to_take_part_as_the_transport_can_see_it(tmp_path: Path) -> None:
    chat = team(tmp_path, capabilities=Capabilities(ways="teams", marks=False, cards=True))
    assert "Vul in op de kaart bij mijn vraag, of begin je bericht met @coach." in told(chat)


def test_it_names_nobody_but_owners_of_actions(tmp_path: Path) -> None:
    chat = team(tmp_path, "Anna", "Bas", "Çelik")
    go(chat, "impact.vraagstuk")
    answer(chat, "ouders vragen laat hulp", "Çelik")
    assert "Çelik" not in told(chat)
