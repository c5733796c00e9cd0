"""What a coach on Matrix logs when every logger there is logs everything: where, never what or who by name."""

from __future__ import annotations

import json

from tests.bot.test_logs import ALL_LEVELS
from tests.transports.matrix_room import House, running
from tests.transports.team import Team

SECRET = "geheim-4711"


async def test_no_word_no_name_and_no_token_at_every_level_of_every_logger(team: Team) -> None:
    async with running(team, team._folder / "coach", start=False) as coach:
        await coach.start(ALL_LEVELS)
        house = House(coach, team, await team.users("anna", "bas"))
        await house.people[0].client.set_displayname(f"Anna {SECRET}")
        for encrypted in (True, False):
            room = await house.room(encrypted=encrypted)
            question = await room.question("pilot.naam")
            noted = await room.anna.send(room.id, f"Jeugdhulp {SECRET}", reply_to=question.id)
            await room.marked(noted)
            await room.answer_to(await room.anna.send(room.id, f"!{SECRET}"))
            await room.settled()
            assert SECRET in str(await room.export())
        assert await coach.stop() == 0
        account = json.loads((coach.store / "account.json").read_text("utf-8"))
        said = "\n".join(coach.said)
        for secret in (SECRET, account["access_token"], coach.account.password, account["identity"]):
            assert secret not in said
        for name in (" nio.", " asyncio: ", " aiosqlite: ", " bot.turns: turn done", " bot.delivery: posted"):
            assert name in said, name
