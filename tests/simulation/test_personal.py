"""Rooms in which people write personal data in every way that there is, by chance. Rule: until somebody keeps one on
purpose, none stands anywhere but in what is held, and a day later none stands anywhere.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from flows.conversation.effects import Edit, Say
from flows.conversation.hearing import CARD, Capabilities
from flows.conversation.held import KIND
from tests.chat import Chat

SECRETS = [f"06-8765432{n}" for n in range(10)] + [f"sam{n}@voorbeeld.nl" for n in range(10)] + ["123.456.782"]
FORMS = (
    "Bel {}", "!actie bel {} @Anna vrijdag", "!antwoord {}", "- a\n- {}\n- c", "namens @Bas: {}", "anders: {}",
    "niet eens: {}", "1: {}", "{}", "!wijzig {}", "deels want {}", "v d o o ? d v {}", "!overdragen 1 {}", "!aktie {}",
    "!instellingen uren {}", "!afwezig {} tot vrijdag", "ja {}", "2 weg {}", "{}?", "!hulp {}", "!export pdf {}",
)  # fmt: skip
PLAIN = (
    "verder", "ja", "nee", "!overzicht", "weg ermee", "weet niet", "!vorige", "!ga impact", "!ga routes", "!sessie 30",
    "!sessie stop", "deels", "Ouders bellen eerder", "!actie iets doen @Bas morgen", "!wijze gespreid", "!wijze samen",
    "!pauze", "!start", "!hercheck", "!taal en", "!taal nl", "!wijzig impact.vraagstuk", "!instellingen gesloten aan",
)  # fmt: skip
STEPS = 50


def bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


def shown(chat: Chat) -> str:
    """All that the coach said, and all that it keeps but for what is held."""
    room = chat.snapshot
    prompts = [one for one in room.prompts() if one.kind != KIND]
    kept = repr([room.item, room.action, room.answer, room.choice, room.once, room.member, prompts])
    return bare(kept + "".join(one.text for one in chat.seen if isinstance(one, Say | Edit)))


def act(chat: Chat, chance: random.Random, events: list[tuple[str, str]]) -> None:
    """Somebody does something."""
    who, latest, what = chance.choice(chat.people), chat.snapshot.room.messages or 1, chance.random()
    to = chance.choice([None, chance.randint(max(1, latest - 4), latest)])
    secret = chance.choice(FORMS).format(chance.choice(SECRETS))
    if what < 0.65 or not events:
        chat.say(who, secret if what < 0.35 else chance.choice(PLAIN), to=to, mention=chance.random() < 0.3)
        events.append((who, chat.event))
        return
    writer, event = chance.choice(events)
    card = chat.card(latest) if chat.capabilities.cards else None
    if what < 0.72:
        chat.edit(writer, event, chance.choice([secret, "niets bijzonders"]))
    elif what < 0.76:
        chat.redact(writer, event)
    elif what < 0.84:
        chat.sign(who, chance.choice(["✍️", "❌"]), event, removed=chance.random() < 0.3)
    elif card is not None and card.buttons:
        button = chance.choice([one for one in card.buttons if one.value != "keep"] or list(card.buttons))
        chat.press(who, latest, button.value, secret)
    elif what < 0.95:
        chat.sign(who, chance.choice(["✅", "❌", "🟢", "🔴"]), chance.randint(1, latest))
    else:
        chat.wait(hours=chance.choice([1, 12, 25]))


@pytest.mark.parametrize("seed", range(4))
def test_what_nobody_kept_on_purpose_stands_nowhere(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    cards = Capabilities(ways="teams", marks=False, cards=True, closed=CARD)
    people = ("Anna",) if seed % 4 == 1 else ("Anna", "Bas", "Cem")
    chat = Chat(tmp_path, people, ("Anna",), cards if seed % 4 == 2 else Capabilities())
    chat.say("Anna", "!start")
    events: list[tuple[str, str]] = []
    held = 0
    for _ in range(STEPS):
        act(chat, chance, events)
        room = chat.snapshot
        open_now = [one for one in room.prompts() if one.kind == KIND]
        held = max(held, len(open_now))
        assert all(f"{KIND}:{one.id}" in room.timer for one in open_now)
        text = shown(chat)
        assert not [one for one in SECRETS if bare(one) in text]
    assert held
    chat.wait(hours=25)
    assert not [one for one in chat.snapshot.prompts() if one.kind == KIND]
    assert chat.conn.execute("SELECT count(*) FROM inbox WHERE state <> 1").fetchone() == (0,)
    data = chat.path.read_bytes()
    assert not [one for one in SECRETS if one.encode() in data]
