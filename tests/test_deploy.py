"""What is in deploy/ is right as far as that can be seen without installing it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[1] / "deploy"
UNIT = DEPLOY / "opschaalcoach.service"
PROGRAM = "/opt/opschaalcoach/.venv/bin/opschaalcoach"


def said(*command: str) -> tuple[int, str]:
    """What a program says; the test is skipped where it is not there."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not here")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def test_systemd_knows_all_that_is_in_the_unit(tmp_path: Path) -> None:
    text = UNIT.read_text("utf-8")
    assert f"ExecStart={PROGRAM} run" in text
    unit = tmp_path / UNIT.name
    unit.write_text(text.replace(PROGRAM, "/bin/true"), "utf-8")
    code, lines = said("systemd-analyze", "verify", "--man=no", str(unit))
    assert (code, [line for line in lines.splitlines() if unit.name in line]) == (0, [])


def test_the_unit_shuts_off_as_much_as_the_pages_say() -> None:
    code, lines = said("systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", str(UNIT))
    if "unrecognized option" in lines:
        pytest.skip("this systemd-analyze can't look at a unit that is not installed")
    assert code == 0, lines


def test_the_user_and_the_folders_are_the_same_everywhere() -> None:
    unit = UNIT.read_text("utf-8")
    user = re.search(r"^User=(\w+)$", unit, re.MULTILINE)
    assert user is not None
    assert f"\nu {user[1]} " in (DEPLOY / "opschaalcoach.sysusers").read_text("utf-8")
    for page in ("docs/operation.md", "docs/nl/beheer.md"):
        text = (DEPLOY.parent / page).read_text("utf-8")
        (folder,) = re.findall(r'^    backup_folder = "(\S+)"', text, re.MULTILINE)
        assert f"\nReadWritePaths=-{folder}\n" in unit, page
        assert f"sudo -u {user[1]} opschaalcoach" in text
        assert f"ln -s {PROGRAM} " in text


def test_the_alarms_go_off_when_they_should() -> None:
    code, lines = said("promtool", "test", "rules", str(DEPLOY / "prometheus-rules.test.yml"))
    assert code == 0, lines


def test_every_alarm_has_an_example_and_is_explained() -> None:
    names = re.findall(r"alert: (\w+)", (DEPLOY / "prometheus-rules.yml").read_text("utf-8"))
    examples = (DEPLOY / "prometheus-rules.test.yml").read_text("utf-8")
    assert len(names) == len(set(names)) > 5
    for name in names:
        row = rf"^\|[^|]*\b{name.removeprefix('Opschaalcoach')}\b"
        assert examples.count(f"alertname: {name}") == 2, name  # one where it goes off, one where it doesn't
        for page in ("docs/operation.md", "docs/nl/beheer.md"):
            text = (DEPLOY.parent / page).read_text("utf-8")
            assert re.search(row, text, re.MULTILINE), f"{page}: {name}"
