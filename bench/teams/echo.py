"""A bare echo bot on Microsoft's SDK for Teams: what the coach is measured against. Rule: as little as such a bot can
be; it checks the tokens of what comes in, as any bot must, has no database, and remembers nothing.

`python -m bench.teams.echo FILE`: the file is JSON with app, tenant, port, issuer, metadata and token.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from microsoft_teams.api.auth.cloud_environment import PUBLIC
from microsoft_teams.apps import App
from microsoft_teams.apps.http.fastapi_adapter import FastAPIAdapter


def _server(app: FastAPI, port: int) -> uvicorn.Server:
    # By itself the SDK listens on every address of the machine, and says every request.
    return uvicorn.Server(uvicorn.Config(app=app, host="127.0.0.1", port=port, log_level="warning"))


def main(file: Path) -> None:
    """Echo what people write, until it is ended."""
    told = json.loads(file.read_text("utf-8"))
    port = int(told["port"])
    adapter = FastAPIAdapter(server_factory=lambda app: _server(app, port))

    async def token(*_: object) -> str:
        return str(told["token"])

    cloud = dataclasses.replace(PUBLIC, openid_metadata_url=told["metadata"], token_issuer=told["issuer"])
    app = App(client_id=told["app"], tenant_id=told["tenant"], token=token, cloud=cloud, http_server_adapter=adapter)

    @app.on_message
    async def echo(context: Any) -> None:
        await context.send(f"Je zei: {context.activity.text}")

    asyncio.run(app.start(port))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
