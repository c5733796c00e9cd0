"""The throw-away Synapse, and `make homeserver` without the coach."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.homeserver.ports import free_port
from tests.homeserver.synapse import ROOT, Account, Synapse, SynapseError, default_python

DEADLINE = 120


async def sent(synapse: Synapse, account: Account, room: str, *names: str) -> list[int]:
    """The statuses of messages with these transaction ids."""
    path = f"/_matrix/client/v3/rooms/{room}/send/m.room.message"
    body = {"msgtype": "m.text", "body": "x"}
    return [(await synapse.request("PUT", f"{path}/{name}", body, token=account.token))[0] for name in names]


@pytest.mark.whole
async def test_what_it_knows_outlives_its_end_and_limits_can_be_set(tmp_path: Path) -> None:
    synapse = Synapse(tmp_path / "synapse")
    try:
        await synapse.start()
        anna = await synapse.register("anna", "geheim")
        assert (anna.user_id, synapse.name) == ("@anna:localhost", "localhost")
        with pytest.raises(SynapseError, match="taken"):
            await synapse.register("anna", "anders")
        _, made = await synapse.request("POST", "/_matrix/client/v3/createRoom", {}, token=anna.token)
        room = made["room_id"]
        assert await sent(synapse, anna, room, *"abcde") == [200] * 5

        await synapse.kill()
        assert not synapse.is_running()
        with pytest.raises(OSError, match="refused"):
            await synapse.request("GET", "/_matrix/client/versions")

        synapse.set_config(rc_message={"per_second": 0.001, "burst_count": 2})
        again = Synapse(tmp_path / "synapse")
        assert again.url == synapse.url
        synapse = again
        await synapse.start()
        assert await sent(synapse, anna, room, *"fgh") == [200, 200, 429]
        await synapse.override_ratelimit(anna.user_id)
        assert await sent(synapse, anna, room, *"ijk") == [200] * 3
        await synapse.restore_ratelimit(anna.user_id)
        assert 429 in await sent(synapse, anna, room, *"lmn")
        assert (await synapse.login("anna", "geheim")).user_id == anna.user_id
        assert "Traceback" not in synapse.logs()
    finally:
        await synapse.stop()


async def test_without_synapse_one_line_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SynapseError, match=r"^[^\n]*make synapse[^\n]*$"):
        Synapse(tmp_path, python=tmp_path / "none")


async def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    first = Synapse(tmp_path / "first")
    second = Synapse(tmp_path / "second", port=first.port)
    await first.start()
    try:
        with pytest.raises(SynapseError, match=rf"something else listens on port {first.port}"):
            await second.start()
    finally:
        await first.stop()
        await second.stop()


async def test_a_start_that_fails_is_one_line(tmp_path: Path) -> None:
    synapse = Synapse(tmp_path / "synapse")
    synapse.set_config(database={"name": "nonsense"})
    try:
        with pytest.raises(SynapseError, match=r"^Synapse did not start: [^\n]*nonsense[^\n]*$"):
            await synapse.start()
    finally:
        await synapse.stop()


@pytest.mark.whole
def test_make_homeserver_has_a_team_and_stops_on_a_signal(tmp_path: Path) -> None:
    port = free_port()
    arguments = ["--without-coach", "--folder", str(tmp_path / "home")]
    first, shown = run_homeserver([*arguments, "--port", str(port)])
    assert (first, f"http://127.0.0.1:{port}" in shown) == (0, True)
    assert all(word in shown for word in ("anna, bas, chris, dina", "Pilot NS, encrypted", "does not run"))
    # Kept: the same address and password again.
    assert run_homeserver(arguments) == (0, shown)
    again, other = run_homeserver([*arguments, "--fresh"])
    assert (again, other != shown) == (0, True)  # another password: all is new


def run_homeserver(arguments: list[str]) -> tuple[int, str]:
    """Start it, end it by SIGTERM once it has said how to come in; its exit code and what it said."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.homeserver", *arguments],
        cwd=ROOT,
        env={**os.environ, "OPSCHAALCOACH_TEST_SYNAPSE": str(default_python())},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines: list[str] = []
        while "Ctrl-C" not in "".join(lines):
            line = process.stdout.readline()
            assert line, "it ended before it said how to come in"
            lines.append(line)
        process.send_signal(signal.SIGTERM)
        code = process.wait(DEADLINE)
    return code, "".join(lines)
