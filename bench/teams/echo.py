"""A bare echo bot on Microsoft's SDK for Teams: what the coach is measured against. Rule: as little as such a bot can
be; it checks the tokens of what comes in, as any bot must, has no database, and remembers nothing. Or, to see what
remembering costs by itself, it keeps one row of each message, on the disk before it posts.

`python -m bench.teams.echo FILE`: the file is JSON with app, tenant, port, issuer, metadata and token; and, where rows
are kept, `database`, the path.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sqlite3
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


def _database(path: str) -> sqlite3.Connection:
    conn = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("CREATE TABLE IF NOT EXISTS said (id INTEGER PRIMARY KEY, event TEXT UNIQUE, text TEXT)")
    return conn


def main(file: Path) -> None:
    """Echo what people write, until it is ended."""
    told = json.loads(file.read_text("utf-8"))
    port = int(told["port"])
    adapter = FastAPIAdapter(server_factory=lambda app: _server(app, port))

    async def token(*_: object) -> str:
        return str(told["token"])

    cloud = dataclasses.replace(PUBLIC, openid_metadata_url=told["metadata"], token_issuer=told["issuer"])
    app = App(client_id=told["app"], tenant_id=told["tenant"], token=token, cloud=cloud, http_server_adapter=adapter)

    conn = _database(told["database"]) if "database" in told else None

    @app.on_message
    async def echo(context: Any) -> None:
        if conn is not None:
            row = (context.activity.id, context.activity.text)
            await asyncio.to_thread(conn.execute, "INSERT INTO said (event, text) VALUES (?, ?)", row)
        await context.send(f"Je zei: {context.activity.text}")

    asyncio.run(app.start(port))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
