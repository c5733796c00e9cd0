"""The Agents Playground and a person at its page, against the smallest bot: so a test of the coach with them proves
something."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.transports import playground as played
from tests.transports.echo_bot import EchoBot
from tests.transports.node_process import NodeError
from tests.transports.playground import (
    BOT_NAME,
    CHANNEL_PLACE,
    GROUP_ID,
    GROUP_PLACE,
    ME,
    PERSONAL_PLACE,
    Person,
    Playground,
    PlaygroundError,
    user_id,
)

pytestmark = pytest.mark.usefixtures("browser")
# One page for all of them: opening it takes longer than what is done on it.
on_the_page = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def the_bot() -> AsyncIterator[EchoBot]:
    bot = await EchoBot().start()
    yield bot
    await bot.stop()


@pytest.fixture
def bot(the_bot: EchoBot) -> EchoBot:
    """The bot, that heard nothing yet."""
    the_bot.heard.clear()
    return the_bot


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def playground(the_bot: EchoBot, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Playground]:
    playground = await Playground(tmp_path_factory.mktemp("playground"), the_bot.endpoint).start()
    yield playground
    await playground.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def anna(playground: Playground) -> AsyncIterator[Person]:
    anna = await Person(playground).open()
    yield anna
    await anna.close()


def mentioned(text: str) -> str:
    return f"<at>{BOT_NAME}</at> {text}"


@on_the_page
async def test_a_message_in_each_of_the_three_places_gets_its_echo(bot: EchoBot, anna: Person, tmp_path: Path) -> None:
    assert {PERSONAL_PLACE, GROUP_PLACE, CHANNEL_PLACE} <= set(anna.places)

    await anna.go(PERSONAL_PLACE)
    await anna.send("Hallo daar")
    assert (await anna.wait("Je zei: Hallo daar"))["author"] == BOT_NAME
    heard = await bot.hears("message", text="Hallo daar")
    assert heard["conversation"]["conversationType"] == "personal"
    assert (heard["from"]["id"], heard["from"]["name"]) == (user_id(ME), ME)

    await anna.go(GROUP_PLACE)
    own = await anna.send("één en twee", mention=BOT_NAME)
    assert own["author"] == ME
    heard = await bot.hears("message", text=mentioned("één en twee"))
    assert heard["conversation"]["conversationType"] == "groupChat"
    assert [one["mentioned"]["id"] for one in heard["entities"] if one["type"] == "mention"] == [played.BOT]
    await anna.wait(f"Je zei: {BOT_NAME} één en twee")
    await anna.screenshot(tmp_path / "group.png")

    await anna.go(CHANNEL_PLACE)
    post = await anna.send("Over de wijk", mention=BOT_NAME)
    assert (post["author"], post["post"]) == (ME, True)
    echo = await anna.wait(f"Je zei: {BOT_NAME} Over de wijk")
    assert (echo["author"], echo["post"]) == (BOT_NAME, False)
    await anna.send("Iets anders", mention=BOT_NAME)
    await anna.wait(f"Je zei: {BOT_NAME} Iets anders")
    await anna.reply("Over de wijk", "Nog iets", mention=BOT_NAME)
    await anna.wait(f"Je zei: {BOT_NAME} Nog iets")
    first = await bot.hears("message", text=mentioned("Over de wijk"))
    other = await bot.hears("message", text=mentioned("Iets anders"))
    under = await bot.hears("message", text=mentioned("Nog iets"))
    assert under["conversation"]["id"] == first["conversation"]["id"] != other["conversation"]["id"]
    await anna.screenshot(tmp_path / "channel.png")


@on_the_page
async def test_without_a_mention_a_group_is_not_heard(bot: EchoBot, anna: Person) -> None:
    await anna.go(GROUP_PLACE)
    await anna.send("onder ons")
    await anna.send("voor jou", mention=BOT_NAME)
    await anna.wait(f"Je zei: {BOT_NAME} voor jou")
    assert [one["text"] for one in bot.heard if one["type"] == "message"] == [mentioned("voor jou")]


@on_the_page
@pytest.mark.parametrize("place", [PERSONAL_PLACE, GROUP_PLACE, CHANNEL_PLACE])
async def test_a_card_comes_back_and_is_changed_where_it_stands(
    bot: EchoBot, anna: Person, place: str, tmp_path: Path
) -> None:
    mention = None if place == PERSONAL_PLACE else BOT_NAME
    await anna.go(place)
    await anna.send("een kaart", mention=mention)
    card = await anna.wait("Wat is de vraag?")
    assert (card["card"], card["buttons"]) == (True, ["Opslaan", "Sturen"])
    assert [(one["label"], one["value"]) for one in card["inputs"]] == [
        ("Antwoord", ""),
        ("Voldoende", False),
        ("Deels", False),
    ]

    await anna.fill("Wat is de vraag?", "Antwoord", "eerste\ntweede")
    await anna.choose("Wat is de vraag?", "Deels")
    filled = await anna.wait("Wat is de vraag?")
    assert [one["value"] for one in filled["inputs"]] == ["eerste\ntweede", False, True]
    await anna.screenshot(tmp_path / "filled.png")
    await anna.press("Wat is de vraag?", "Opslaan")

    invoke = await bot.hears("invoke", name="adaptiveCard/action")
    action = invoke["value"]["action"]
    assert (action["type"], action["verb"]) == ("Action.Execute", "save")
    assert action["data"] == {"way": "execute", "answer": "eerste\ntweede", "status": "deels"}
    noted = await anna.wait("Genoteerd: eerste")
    assert noted["n"] == card["n"]  # the same message, not a new one
    assert not [one for one in await anna.messages() if "Wat is de vraag?" in one["text"]]
    await anna.screenshot(tmp_path / "noted.png")

    await anna.send("nog een kaart", mention=mention)
    await anna.wait("Wat is de vraag?")
    await anna.fill("Wat is de vraag?", "Antwoord", "derde")
    await anna.choose("Wat is de vraag?", "Voldoende")
    await anna.press("Wat is de vraag?", "Sturen")
    await anna.wait("Genoteerd: derde (voldoende)")
    sent = next(one for one in bot.heard if one["type"] == "message" and one.get("value"))
    assert sent["value"] == {"way": "submit", "answer": "derde", "status": "voldoende"}


@on_the_page
@pytest.mark.parametrize("place", [PERSONAL_PLACE, GROUP_PLACE, CHANNEL_PLACE])
async def test_a_bot_that_is_faster_than_the_page_is_seen(bot: EchoBot, anna: Person, place: str) -> None:
    """The page by itself drops what is said under a post that it doesn't know yet."""
    mention = None if place == PERSONAL_PLACE else BOT_NAME
    said = " ".join(filter(None, (mention, f"Snel in {place}")))
    await anna.go(place)
    await anna.overtake()
    own = await anna.send(f"Snel in {place}", mention=mention)
    echo = await anna.wait(f"Je zei: {said}")
    assert own["n"] < echo["n"]
    assert (await anna.call("aborted"))["errors"] == []


@on_the_page
async def test_a_press_that_the_page_can_not_send_is_no_press(bot: EchoBot, anna: Person) -> None:
    """The Playground can't send a button whose data has a `key` of its own: its page wants to write there."""
    await anna.go(PERSONAL_PLACE)
    await anna.send("een kaart met key")
    await anna.wait("Wat is de vraag?")
    with pytest.raises(NodeError, match=r"could not send it: .*'key'"):
        await anna.press("Wat is de vraag?", "Opslaan")
    assert "invoke" not in {one["type"] for one in bot.heard}


@on_the_page
async def test_what_others_do_is_told_to_the_bot(bot: EchoBot, playground: Playground, anna: Person) -> None:
    await anna.go(GROUP_PLACE)
    bas = played.PEOPLE[1]
    said = await playground.says(bas, "Dag")
    heard = await bot.hears("message", text=mentioned("Dag"))
    assert (heard["id"], heard["from"]["name"], heard["conversation"]["id"]) == (said["id"], bas, GROUP_ID)
    await anna.wait(f"Je zei: {BOT_NAME} Dag")
    removed = await playground.template("userRemoved")
    await playground.deliver(removed)
    assert (await bot.hears("conversationUpdate", id=removed["id"]))["membersRemoved"]


@on_the_page
async def test_the_page_and_the_server_stay_on_this_machine(bot: EchoBot, playground: Playground, anna: Person) -> None:
    hosts = (await anna.call("aborted"))["hosts"]
    assert hosts  # it has its letters from elsewhere
    assert "127.0.0.1" not in hosts
    with socket.socket() as attempt:
        # Another address of this machine: a server that listens on all of them would answer.
        assert attempt.connect_ex(("127.0.0.2", playground.port)) != 0


@on_the_page
async def test_what_can_not_be_done_is_said(bot: EchoBot, playground: Playground, tmp_path: Path) -> None:
    taken = Playground(tmp_path / "other", bot.endpoint, port=playground.port)
    with pytest.raises(PlaygroundError, match="did not start"):
        await taken.start()
    with pytest.raises(PlaygroundError, match="no template of dance"):
        await playground.template("dance")
    stranger = await Person(playground).start()
    try:
        with pytest.raises(NodeError, match="open the page first"):
            await stranger.messages()
    finally:
        await stranger.close()


def test_without_a_browser_the_reason_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only_node = tmp_path / "bin"
    only_node.mkdir()
    node = next(Path(folder) / "node" for folder in os.get_exec_path() if (Path(folder) / "node").exists())
    (only_node / "node").symlink_to(node)
    monkeypatch.setenv("PATH", str(only_node))
    reason = played.why_not()
    assert reason is not None
    assert "chromium" in reason
