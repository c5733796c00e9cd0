"""A real Synapse on loopback, in a folder that can be thrown away.

Rule: it is a process of its own, and nothing of it hangs on an event loop. `launch` and `end` block; `start`, `stop`
and the rest do the same work in a thread. So one server can serve many tests, each with its own loop.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.client
import json
import os
import secrets
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from tests.homeserver import configuration
from tests.homeserver.ports import free_port, is_free

ROOT = Path(__file__).parents[2]
DEADLINE = 90
_ADMIN = "beheer"


class SynapseError(Exception):
    """The server can't do what was asked; says why in one line."""


def default_python() -> Path:
    """The Python that has Synapse: OPSCHAALCOACH_TEST_SYNAPSE, or the one in .venv-synapse next to the Makefile."""
    named = os.environ.get("OPSCHAALCOACH_TEST_SYNAPSE")
    return Path(named) if named else ROOT / ".venv-synapse" / "bin" / "python"


@dataclass(frozen=True, kw_only=True)
class Account:
    """A user of the server, with the device that registering or logging in made."""

    user_id: str
    password: str
    token: str
    device_id: str

    def __repr__(self) -> str:
        return f"Account({self.user_id}, {self.device_id})"  # a failing test prints this: no token in it


class Synapse:
    """One homeserver. `folder` is its whole state: a second Synapse on the same folder goes on with it.

    `port` 0 takes the folder's own port or a free one. `limits` keeps Synapse's own rate limits (a new folder only).
    SynapseError when there is no Synapse to run.
    """

    def __init__(self, folder: Path, *, python: Path | None = None, port: int = 0, limits: bool = False) -> None:
        self.folder = folder.resolve()
        self._python = python or default_python()
        if not self._python.exists():
            raise SynapseError("there is no Synapse to test with: run `make synapse` first")
        found = configuration.read(self.folder)
        self.port = port or (found["listeners"][0]["port"] if found else free_port())
        self._configuration = found or configuration.write_new(self.folder, self.port, limits=limits)
        if self._configuration["listeners"][0]["port"] != self.port:
            self._configuration["listeners"][0]["port"] = self.port
            self._configuration["public_baseurl"] = f"{self.url}/"
            configuration.write(self.folder, self._configuration)
        self._process: subprocess.Popen[bytes] | None = None
        self._log: BinaryIO | None = None

    @property
    def url(self) -> str:
        """Where clients reach it, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def name(self) -> str:
        """The server's name: what stands after the colon in a user's id."""
        return configuration.SERVER_NAME

    @property
    def pid(self) -> int | None:
        """The number of the running process."""
        return self._process.pid if self.is_running() and self._process else None

    @property
    def admin_token(self) -> str:
        """The token of an administrator of this server, made at the first start."""
        found: str = json.loads((self.folder / "admin.json").read_text("utf-8"))["token"]
        return found

    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def logs(self) -> str:
        """All that it wrote since the folder was new: warnings and worse."""
        file = self.folder / "synapse.log"
        return file.read_text("utf-8", "replace") if file.exists() else ""

    # Starting and stopping

    def launch(self) -> Synapse:
        """Start it and wait until it answers; SynapseError when it does not."""
        if self.is_running():
            return self
        if not is_free(self.port):
            raise SynapseError(f"something else listens on port {self.port}; end that first, or choose another port")
        self._log = (self.folder / "synapse.log").open("ab")
        before = self._log.tell()
        self._process = subprocess.Popen(
            [str(self._python), "-m", "synapse.app.homeserver", "-c", str(self.folder / "homeserver.yaml")],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,  # Ctrl-C in a terminal goes to whoever started it, who stops it in order
        )
        give_up = time.monotonic() + DEADLINE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > give_up:
                self._finish(signal.SIGKILL)
                said = self.logs().encode()[before:].decode(errors="replace").strip().splitlines()
                raise SynapseError(f"Synapse did not start: {said[-1] if said else 'it said nothing'}")
            time.sleep(0.02)
        if not (self.folder / "admin.json").exists():
            admin = self._register(_ADMIN, secrets.token_hex(16), admin=True)
            file = self.folder / "admin.json"
            file.touch(0o600)
            file.write_text(json.dumps({"user_id": admin.user_id, "token": admin.token}), "utf-8")
        return self

    def end(self) -> None:
        """Stop it by SIGTERM and wait until it is gone; what is stopped already stays so."""
        self._finish(signal.SIGTERM)

    def _finish(self, number: signal.Signals) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                self._process.send_signal(number)
            try:
                self._process.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._log is not None:
            self._log.close()
            self._log = None

    async def start(self) -> Synapse:
        """As `launch`, without holding up the loop."""
        return await asyncio.to_thread(self.launch)

    async def stop(self) -> None:
        """As `end`, without holding up the loop."""
        await asyncio.to_thread(self.end)

    async def kill(self) -> None:
        """End it by SIGKILL, as a power cut does."""
        await asyncio.to_thread(self._finish, signal.SIGKILL)

    async def restart(self) -> None:
        """Stop it, and start it again on the same port."""
        await self.stop()
        await self.start()

    async def ended(self) -> None:
        """Wait until the process is gone, by whatever cause."""
        if self._process is not None:
            await asyncio.to_thread(self._process.wait)

    def set_config(self, **changes: Any) -> None:
        """Change top-level keys of the configuration (None takes a key away); they count from the next start.

        `set_config(rc_message={"per_second": 1, "burst_count": 2})` and a restart make it answer 429.
        """
        for key, value in changes.items():
            if value is None:
                self._configuration.pop(key, None)
            else:
                self._configuration[key] = value
        configuration.write(self.folder, self._configuration)

    # Talking to it

    async def request(
        self, method: str, path: str, body: Any = None, *, token: str | None = None
    ) -> tuple[int, dict[str, Any]]:
        """One call on its API: the status and the JSON that it answers with; OSError when it is down."""
        return await asyncio.to_thread(self._request, method, path, body, token)

    async def register(self, user: str, password: str, admin: bool = False) -> Account:
        """Make a user by the shared secret; SynapseError when that name is taken."""
        return await asyncio.to_thread(self._register, user, password, admin=admin)

    async def login(self, user: str, password: str) -> Account:
        """A new device of a user."""
        body = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": user}, "password": password}
        status, found = await self.request("POST", "/_matrix/client/v3/login", body)
        return _account(status, found, password)

    async def override_ratelimit(
        self, user_id: str, *, messages_per_second: int = 0, burst_count: int = 0
    ) -> None:  # fmt: skip
        """Give one user a message limit of its own; zeros are no limit at all."""
        body = {"messages_per_second": messages_per_second, "burst_count": burst_count}
        await self._override("POST", user_id, body)

    async def restore_ratelimit(self, user_id: str) -> None:
        """Let the server's limits count for this user again."""
        await self._override("DELETE", user_id, None)

    async def _override(self, method: str, user_id: str, body: Any) -> None:
        path = f"/_synapse/admin/v1/users/{quote(user_id)}/override_ratelimit"
        status, found = await self.request(method, path, body, token=self.admin_token)
        if status != 200:
            raise SynapseError(f"the limits of {user_id} stay as they are: {status} {found.get('error', '')}")

    def _answers(self) -> bool:
        try:
            return self._request("GET", "/_matrix/client/versions", None, None)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def _register(self, user: str, password: str, *, admin: bool) -> Account:
        path = "/_synapse/admin/v1/register"
        nonce = self._request("GET", path, None, None)[1]["nonce"]
        seal = hmac.new(self._configuration["registration_shared_secret"].encode(), digestmod=hashlib.sha1)
        seal.update("\0".join([nonce, user, password, "admin" if admin else "notadmin"]).encode())
        body = {"nonce": nonce, "username": user, "password": password, "admin": admin, "mac": seal.hexdigest()}
        return _account(*self._request("POST", path, body, None), password)

    def _request(self, method: str, path: str, body: Any, token: str | None) -> tuple[int, dict[str, Any]]:
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        # http.client follows no proxy of the environment: this server is on loopback
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            read = answer.read()
        finally:
            connection.close()
        try:
            found = json.loads(read)
        except ValueError:
            found = {"error": read.decode(errors="replace")}
        return answer.status, found


def _account(status: int, found: dict[str, Any], password: str) -> Account:
    if status != 200:
        raise SynapseError(f"no account: {status} {found.get('error', '')}")
    return Account(
        user_id=found["user_id"], password=password, token=found["access_token"], device_id=found["device_id"]
    )
