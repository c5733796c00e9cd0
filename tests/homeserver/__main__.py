"""`make homeserver`: a throw-away homeserver with a team and the coach in an encrypted room, to point Element at.

Rule: everything lives in one folder and on loopback; whatever ends this program ends what it started, the coach first.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from tests.homeserver import configuration
from tests.homeserver.ports import is_free
from tests.homeserver.synapse import ROOT, Synapse, SynapseError

TEAM = ("anna", "bas", "chris", "dina")
COACH = "coach"
ROOM = "Pilot NS"
FOLDER = ROOT / ".homeserver"
PORT = 8008  # Synapse's own choice, so the one that is easiest to remember
PATIENCE = 60


def main() -> int:
    """Run until Ctrl-C or SIGTERM; the exit code."""
    parser = argparse.ArgumentParser(
        prog="make homeserver",
        description="A throw-away homeserver with a team and the coach, on this machine only.",
        epilog='More arguments: make homeserver ARGS="--fresh --port 9000"',
    )
    parser.add_argument("--fresh", action="store_true", help="forget the homeserver of last time, and begin anew")
    parser.add_argument("--without-coach", action="store_true", help="the homeserver and the team alone")
    parser.add_argument("--port", type=int, default=0, help=f"where it listens (default: as last time, or {PORT})")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where it is kept (default: .homeserver)")
    chosen = parser.parse_args()
    try:
        return asyncio.run(serve(chosen))
    except SynapseError as error:
        print(f"make homeserver: {error}", file=sys.stderr)
        return 1


async def serve(chosen: argparse.Namespace) -> int:
    """Start everything, print how to come in, wait for the end and stop everything."""
    folder: Path = chosen.folder
    state = _remembered(folder)
    found = configuration.read(folder / "synapse")
    port = chosen.port or (found["listeners"][0]["port"] if found else PORT)
    if not is_free(port):
        raise SynapseError(f"something already listens on port {port}; end that first, or choose another with --port")
    if chosen.fresh or not state:
        _clear(folder)
        state = {}
    end = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    synapse = Synapse(folder / "synapse", port=port)
    coach: asyncio.subprocess.Process | None = None
    try:
        await synapse.start()
        if not state:
            state = await _people_and_room(synapse)
            _remember(folder, state)
        if not chosen.without_coach:
            await _log_in(synapse, folder, state, end)
            if end.is_set():
                return 0
            coach = await _command("run", "--config", str(folder / "coach" / "config.toml"))
        print(_how_to(synapse, state, with_coach=coach is not None), flush=True)
        return await _until_over(end, synapse, coach)
    finally:
        if coach is not None:
            await _stop_coach(coach)
        await synapse.stop()


async def _people_and_room(synapse: Synapse) -> dict[str, Any]:
    """The team, the coach's account, and the room with the coach invited; what is to be remembered of them."""
    passwords = {COACH: secrets.token_urlsafe(12)}
    password = secrets.token_hex(4)  # one for the four of the team: people type it
    accounts = {name: await synapse.register(name, password) for name in TEAM}
    bot = await synapse.register(COACH, passwords[COACH])
    anna, *others = accounts.values()
    encryption = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
    wanted = {
        "name": ROOM,
        "preset": "private_chat",
        "initial_state": [encryption],
        "invite": [*(one.user_id for one in others), bot.user_id],
    }
    room = (await _asked(synapse, "/createRoom", wanted, anna.token))["room_id"]
    for one in others:
        await _asked(synapse, f"/rooms/{room}/join", {}, one.token)
    # These sessions have no encryption keys: without them Element shows only the sessions that people made themselves.
    for one in (*accounts.values(), bot):
        await _asked(synapse, "/logout", {}, one.token)
    return {"room": room, "password": password, "coach_password": passwords[COACH], "coach_logged_in": False}


async def _asked(synapse: Synapse, path: str, body: dict[str, Any], token: str) -> dict[str, Any]:
    status, found = await synapse.request("POST", f"/_matrix/client/v3{path}", body, token=token)
    if status != 200:
        raise SynapseError(f"{path}: {status} {found.get('error', '')}")
    return found


async def _log_in(synapse: Synapse, folder: Path, state: dict[str, Any], end: asyncio.Event) -> None:
    """What an administrator does before the coach's first run: a configuration, and one login."""
    config = folder / "coach" / "config.toml"
    config.parent.mkdir(mode=0o700, exist_ok=True)
    config.write_text(_config(synapse), "utf-8")
    if state["coach_logged_in"]:
        return
    secret = {"OPSCHAALCOACH_MATRIX__PASSWORD": state["coach_password"]}
    login = await _command("login", "--config", str(config), environment=secret)
    await _first(login.wait(), end.wait())
    if end.is_set():
        await _stop_coach(login)
    elif login.returncode != 0:
        raise SynapseError("the coach could not log in; its own line above says why")
    else:
        state["coach_logged_in"] = True
        _remember(folder, state)


async def _first(*waits: Coroutine[Any, Any, Any]) -> None:
    """Wait until one of these is over; the others are waited for no longer."""
    tasks = [asyncio.create_task(one) for one in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _command(*arguments: str, environment: dict[str, str] | None = None) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,  # login takes the password from the environment, also when a terminal is there
        start_new_session=True,  # Ctrl-C is for this program, which then stops the coach before the homeserver
    )


def _config(synapse: Synapse) -> str:
    return f"""[storage]
path = "coach.db"

[coach]
operator = "jullie proefserver"

[matrix]
homeserver = "{synapse.url}"
user_id = "@{COACH}:{synapse.name}"
allowed_servers = ["{synapse.name}"]
"""


def _how_to(synapse: Synapse, state: dict[str, Any], *, with_coach: bool) -> str:
    there = "The coach runs and was invited" if with_coach else "The coach was invited and does not run"
    return f"""
A homeserver for trying things out, on this machine only:

  homeserver   {synapse.url}
  users        {", ".join(TEAM)}
  password     {state["password"]}   (the same for all four)
  room         {ROOM}, encrypted. {there}.

In Element (desktop, or web in a browser on this machine): Sign in -> homeserver "Edit" -> other homeserver, with the
address above; then a name and the password. A second person: another browser profile, or a private window.
The coach's welcome is older than your session, so it can't be read there: type !start to begin, or !hulp.
Ctrl-C stops everything. It is kept for next time; make homeserver ARGS=--fresh begins anew."""


async def _until_over(end: asyncio.Event, synapse: Synapse, coach: asyncio.subprocess.Process | None) -> int:
    """Wait for the signal to stop, or for one of the two to end by itself; the exit code."""
    await _first(end.wait(), synapse.ended(), *([coach.wait()] if coach is not None else []))
    if end.is_set():
        return 0
    if coach is not None and coach.returncode is not None:
        print(f"make homeserver: the coach ended by itself, with exit code {coach.returncode}", file=sys.stderr)
    else:
        print("make homeserver: Synapse ended by itself; .homeserver/synapse/synapse.log says why", file=sys.stderr)
    return 1


async def _stop_coach(coach: asyncio.subprocess.Process) -> None:
    if coach.returncode is None:
        coach.terminate()
        try:
            async with asyncio.timeout(PATIENCE):
                await coach.wait()
        except TimeoutError:
            coach.kill()
            await coach.wait()


def _clear(folder: Path) -> None:
    """Throw the last homeserver away, also one that was broken off while it was made; nothing else than its own."""
    for own in ("synapse", "coach"):
        shutil.rmtree(folder / own, ignore_errors=True)
    (folder / "state.json").unlink(missing_ok=True)


def _remembered(folder: Path) -> dict[str, Any]:
    file = folder / "state.json"
    if not file.exists():
        return {}
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def _remember(folder: Path, state: dict[str, Any]) -> None:
    file = folder / "state.json"
    file.touch(0o600)
    file.write_text(json.dumps(state, indent=1), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
