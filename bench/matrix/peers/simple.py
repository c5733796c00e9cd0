"""A bot on simplematrixbotlib that puts ✍️ on what people write. Rule: as little as such a bot can be.

`python simple.py FILE`: the file is JSON with homeserver, user, device, token and store (a folder).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import simplematrixbotlib as botlib


def main(file: Path) -> None:
    """Mark what people write, until it is killed."""
    told = json.loads(file.read_text("utf-8"))
    store = Path(told["store"])
    session = str(store / "session.txt")
    creds = botlib.Creds(told["homeserver"], told["user"], access_token=told["token"], session_stored_file=session)
    config = botlib.Config()
    config.encryption_enabled = True
    config.store_path = str(store)
    config.allowlist = {"(.+)"}  # type: ignore[assignment]
    bot = botlib.Bot(creds, config)
    creds.session_read_file = lambda: _known(creds, told)  # the account was made before, with its device

    @bot.listener.on_message_event
    async def said(room: Any, message: Any) -> None:
        if message.sender != told["user"]:
            await bot.api.send_reaction(room.room_id, message, "✍️")

    bot.run()


def _known(creds: Any, told: dict[str, str]) -> None:
    creds.device_id = told["device"]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
