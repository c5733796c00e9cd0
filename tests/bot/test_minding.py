"""What systemd is told, and that the unit and the container that come with the coach are what they say."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from bot import minding
from tests.bot.process import DEADLINE, ROOT

UNIT = ROOT / "deploy/opschaalcoach.service"


@pytest.fixture
def listener(tmp_path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    made.bind(str(tmp_path / "notify"))
    made.settimeout(DEADLINE)
    return made


def test_systemd_is_told_where_it_listens(listener: socket.socket) -> None:
    with listener:
        minding.tell("READY=1", {"NOTIFY_SOCKET": str(listener.getsockname())})
        assert listener.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", [None, "", "relative", "/nowhere/at/all"])
def test_without_systemd_nothing_happens(address: str | None) -> None:
    minding.tell("READY=1", {} if address is None else {"NOTIFY_SOCKET": address})


async def test_signs_of_life_come_where_they_are_wanted(listener: socket.socket) -> None:
    with listener:
        wanted = {
            "NOTIFY_SOCKET": str(listener.getsockname()),
            "WATCHDOG_USEC": "20000",
            "WATCHDOG_PID": f"{os.getpid()}",
        }
        living = asyncio.create_task(minding.live(wanted))
        for _ in range(3):
            assert await asyncio.to_thread(listener.recv, 100) == b"WATCHDOG=1"
        living.cancel()
        await minding.live({"NOTIFY_SOCKET": str(listener.getsockname())})
        await minding.live(wanted | {"WATCHDOG_PID": "1"})


def test_the_unit_starts_what_there_is_and_shuts_the_rest() -> None:
    text = UNIT.read_text("utf-8")
    for line in ("Type=notify", "NoNewPrivileges=yes", "ProtectSystem=strict", "StateDirectoryMode=0700", "UMask=0077",
                 "Restart=on-failure", "RestartPreventExitStatus=2"):  # fmt: skip
        assert f"\n{line}\n" in text
    assert re.search(r"^ExecStart=\S+/opschaalcoach run --config \S+$", text, re.M)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    """With a program and a user that there are on this machine."""
    text = UNIT.read_text("utf-8").replace("/opt/opschaalcoach/.venv/bin/opschaalcoach", "/bin/true")
    file = tmp_path / "opschaalcoach.service"
    file.write_text(text.replace("User=opschaalcoach\n", "User=root\n"))
    done = subprocess.run(["systemd-analyze", "verify", str(file)], capture_output=True, text=True, timeout=DEADLINE)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_container_runs_as_nobody_in_particular_on_a_version_that_is_pinned() -> None:
    text = (ROOT / "deploy/Containerfile").read_text("utf-8")
    assert "\nUSER 10001:10001\n" in text
    assert set(re.findall(r"^FROM (\S+)", text, re.M)) == {"docker.io/library/python:3.13.9-slim-bookworm"}
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.M):
        assert all((ROOT / one).exists() for one in copied.split())
