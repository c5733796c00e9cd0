"""Who may bring activities to the coach, over real sockets with an issuer in another process: nobody without the right
token, and nothing of theirs is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.transports.teams_room import ANNA, BAS, CHAT, TeamsRoom, buttons, serving, values


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TeamsRoom]:
    async with serving(tmp_path_factory.mktemp("teams")) as found:
        yield found


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        {"other": True},
        {"claims": {"aud": "another-app"}},
        {"claims": {"aud": None}},
        {"lasts": -600},
        {"claims": {"exp": None}},
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"serviceurl": "https://evil.example/"}},
        {"claims": {"serviceurl": None}},
        {"kid": "unknown"},
        {"kid": None},
    ],
    ids=[
        "no token", "wrong key", "wrong audience", "no audience", "expired", "no end", "wrong issuer",
        "foreign serviceurl", "no serviceurl", "unknown kid", "no kid",
    ],
)  # fmt: skip
async def test_a_stranger_gets_no_further_and_nothing_is_kept(room: TeamsRoom, wanted: dict[str, Any] | None) -> None:
    strange = "19:strange@thread.v2"
    token = "" if wanted is None else await room.token(**wanted)
    for activity in (room.activity(room=strange, text="Hallo"), room.activity("conversationUpdate", room=strange)):
        assert (await room.bring(activity, token))[0] == 401
    assert not room.rows("SELECT 1 FROM room WHERE external = ?", strange)
    assert not await room.posted(strange)


async def test_a_token_that_was_tampered_with_is_refused(room: TeamsRoom) -> None:
    token = await room.token()
    head, claims, signature = token.split(".")
    for odd in (f"{head}.{claims}.", f"{head}.{claims}.{signature[::-1]}", "x", f"{head}.{claims}", "a.b.c"):
        assert (await room.bring(room.activity(text="Hallo"), odd))[0] == 401


async def test_an_activity_for_another_service_than_its_token_is_refused(room: TeamsRoom) -> None:
    for odd in ("https://evil.example/", None, 5):
        assert (await room.bring(room.activity(text="x", serviceUrl=odd)))[0] == 401


async def test_keys_that_nobody_knows_are_not_asked_for_again_and_again(room: TeamsRoom) -> None:
    token = await room.token(kid="made up")
    before = (await room.shown())["keys_asked"]
    for _ in range(20):
        assert (await room.bring(room.activity(text="x"), token))[0] == 401
    assert (await room.shown())["keys_asked"] <= before + 1


@pytest.mark.parametrize("body", ["[1]", "5", "x", "", "[" * 100_000])
async def test_what_is_no_activity_is_no_fault(room: TeamsRoom, body: str) -> None:
    token = await room.token()
    address = f"http://127.0.0.1:{room.coach.port}/api/messages"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    async with room.session.post(address, data=body, headers=headers) as answer:
        assert answer.status == 400


async def test_what_is_too_large_is_refused(room: TeamsRoom) -> None:
    assert (await room.bring(room.activity(text="x" * 300_000)))[0] == 413


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "typing"},
        {"kind": "event", "name": "application/vnd.microsoft.meetingStart"},
        {"kind": "invoke", "name": "task/fetch"},
        {"kind": "messageUpdate", "text": "x", "channelData": {"eventType": "somethingNew"}},
        {"kind": "installationUpdate", "action": "add-upgrade"},
        {"kind": "somethingNew"},
        {"text": "x", "textFormat": "html"},
        {"text": "x", "from": None},
        {"conversation": None},
    ],
)
async def test_what_is_not_known_is_accepted(room: TeamsRoom, more: dict[str, Any]) -> None:
    kind = more.pop("kind", "message")
    assert (await room.bring(room.activity(kind, room="19:odd@thread.v2", **more)))[0] == 202


async def test_two_hundred_at_once_are_each_taken_once(room: TeamsRoom) -> None:
    """Nothing lost, nothing twice; each brought twice, as Teams does where an answer comes late."""
    await room.members(CHAT, ANNA, BAS)
    await room.bring(room.activity("conversationUpdate", membersAdded=[{"id": "28:x"}]))
    welcome = await room.until_said("opschaalcoach")
    await room.press(welcome, "✅")
    await room.until_said('"save"')
    question = [one for one in await room.posted() if "save" in values(one)][-1]
    (data,) = [one["data"] for one in buttons(question) if one["data"]["value"] == "save"]
    activities = [
        room.activity(who=BAS if n % 2 else ANNA, value={**data, "text": f"Antwoord {n:03}"}) for n in range(200)
    ]
    answers = await asyncio.gather(*(room.bring(one) for one in [*activities, *activities]))
    assert {status for status, _ in answers} == {202}
    await room.until_asked("SELECT 1 FROM (SELECT count(*) AS n FROM item) WHERE n >= 200")
    await room.until_asked("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM inbox WHERE state = 0)")
    texts = [text for (text,) in room.rows("SELECT text FROM item ORDER BY text")]
    assert texts == [f"Antwoord {n:03}" for n in range(200)]
    assert not room.rows("SELECT 1 FROM inbox WHERE state = 2")


async def test_check_finds_no_fault_where_there_is_none_and_names_what_is_missing(room: TeamsRoom) -> None:
    code, said = await room.coach.check()
    assert (code, said.strip()) == (0, "No faults found.")
    secret = room.coach.folder / "secret"
    secret.rename(room.coach.folder / "elsewhere")
    try:
        code, said = await room.coach.check()
    finally:
        (room.coach.folder / "elsewhere").rename(secret)
    assert code == 1
    assert said.strip().splitlines() == [
        f"[teams] {secret} cannot be read, or is empty. Put the secret in it, for its owner only."
    ]
