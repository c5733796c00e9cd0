"""The signer between the Playground and a bot: what it signs is what Microsoft's own check takes, and nothing else."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import jwt
import pytest
from aiohttp import web
from microsoft_teams.api.auth.cloud_environment import PUBLIC

from tests.homeserver.ports import free_port
from tests.transports.echo_bot import EchoBot
from tests.transports.playground import APP, BOT_NAME, GROUP_PLACE, PERSONAL_PLACE, Person, Playground
from tests.transports.teams_signer import Signer

if TYPE_CHECKING:
    from microsoft_teams.apps.auth.token_validator import InboundActivityTokenValidator

SERVICE_URL = "http://127.0.0.1:9/_connector"


@pytest.fixture
async def bot() -> AsyncIterator[EchoBot]:
    bot = await EchoBot().start()
    yield bot
    await bot.stop()


@pytest.fixture
async def signer(bot: EchoBot) -> AsyncIterator[Signer]:
    signer = await Signer(APP, SERVICE_URL, bot.endpoint).start()
    yield signer
    await signer.stop()


def check(signer: Signer, app: str = APP) -> InboundActivityTokenValidator:
    """Microsoft's own check, that trusts this issuer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts of the SDK that are not used here
        from microsoft_teams.apps.auth.token_validator import InboundActivityTokenValidator
    cloud = dataclasses.replace(PUBLIC, openid_metadata_url=signer.metadata, token_issuer=signer.issuer)
    return InboundActivityTokenValidator(app, cloud)


async def token_of(bot: EchoBot, signer: Signer) -> str:
    """A token as a bot gets it."""
    activity = {"type": "event", "text": "é"}
    async with aiohttp.ClientSession() as session, session.post(signer.endpoint, json=activity) as answer:
        assert (answer.status, await answer.read()) == (202, b"")
    assert bot.heard[-1] == activity
    given = bot.tokens[-1]
    assert given is not None
    assert given.startswith("Bearer ")
    return given.removeprefix("Bearer ")


async def test_microsofts_own_check_takes_what_it_signs(bot: EchoBot, signer: Signer) -> None:
    token = await token_of(bot, signer)
    claims = await check(signer).validate_token(token, SERVICE_URL)
    assert (claims["iss"], claims["aud"], claims["serviceurl"]) == (signer.issuer, APP, SERVICE_URL)
    assert jwt.get_unverified_header(token)["alg"] == "RS256"
    async with aiohttp.ClientSession() as session, session.get(signer.metadata) as answer:
        document = await answer.json()
    assert (document["issuer"], document["jwks_uri"]) == (signer.issuer, signer.keys)


async def test_the_check_refuses_another_app_another_service_and_another_signer(bot: EchoBot, signer: Signer) -> None:
    token = await token_of(bot, signer)
    with pytest.raises(jwt.InvalidAudienceError):
        await check(signer, "00000000-0000-4000-8000-000000000000").validate_token(token, SERVICE_URL)
    with pytest.raises(jwt.InvalidTokenError, match="Service URL mismatch"):
        await check(signer).validate_token(token, "https://smba.example/teams")
    other = await Signer(APP, SERVICE_URL, bot.endpoint).start()
    try:
        with pytest.raises(jwt.PyJWKClientError, match="Unable to find a signing key"):
            await check(other).validate_token(token, SERVICE_URL)
    finally:
        await other.stop()


async def test_what_the_bot_answers_comes_back_as_it_is() -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.json_response({"said": await request.text()}, status=413)

    app = web.Application()
    app.router.add_post("/api/messages", refuse)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    signer = await Signer(APP, SERVICE_URL, f"http://127.0.0.1:{port}/api/messages").start()
    try:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(signer.endpoint, data="{é".encode(), headers=headers) as answer,
        ):
            assert (answer.status, await answer.json()) == (413, {"said": "{é"})
    finally:
        await signer.stop()
        await runner.cleanup()


async def test_where_nobody_listens_the_answer_is_502() -> None:
    signer = await Signer(APP, SERVICE_URL, f"http://127.0.0.1:{free_port()}/api/messages").start()
    try:
        async with aiohttp.ClientSession() as session, session.post(signer.endpoint, json={}) as answer:
            assert answer.status == 502
    finally:
        await signer.stop()


@pytest.mark.usefixtures("browser")
async def test_all_that_the_playground_sends_comes_signed(bot: EchoBot, tmp_path: Path) -> None:
    port = free_port()
    service_url = f"http://127.0.0.1:{port}/_connector"
    signer = await Signer(APP, service_url, bot.endpoint).start()
    playground = await Playground(tmp_path / "playground", signer.endpoint, port=port).start()
    anna = await Person(playground).open()
    try:
        await anna.go(PERSONAL_PLACE)
        await anna.send("Hallo")
        await anna.wait("Je zei: Hallo")
        await anna.go(GROUP_PLACE)
        await anna.send("een kaart", mention=BOT_NAME)
        await anna.wait("Wat is de vraag?")
        await anna.fill("Wat is de vraag?", "Antwoord", "getekend")
        await anna.press("Wat is de vraag?", "Opslaan")
        await anna.wait("Genoteerd: getekend")
        assert {one["type"] for one in bot.heard} >= {"installationUpdate", "conversationUpdate", "message", "invoke"}
        microsofts = check(signer)
        for activity, token in zip(bot.heard, bot.tokens, strict=True):
            assert token is not None
            await microsofts.validate_token(token.removeprefix("Bearer "), activity["serviceUrl"])
    finally:
        await anna.close()
        await playground.stop()
        await signer.stop()
