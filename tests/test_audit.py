"""The audit of packages: a vulnerability is a fault, what could not be looked up is said, and nothing hangs. What is
installed is pinned."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.audit import ROOT, main, verdict

LOCKS = sorted(ROOT.glob("requirements*.lock"))


def looked_up(name: str, *holes: str, fix: tuple[str, ...] = ("2.0",)) -> dict[str, Any]:
    vulns = [{"id": hole, "fix_versions": list(fix), "aliases": ["CVE-2026-1"]} for hole in holes]
    return {"name": name, "version": "1.0", "vulns": vulns}


def left_out(name: str) -> dict[str, Any]:
    return {"name": name, "skip_reason": "Dependency not found on PyPI and could not be audited"}


def test_nothing_wrong_is_no_fault() -> None:
    assert verdict([looked_up("a"), looked_up("b")]) == (0, ["audit: 2 packages looked up, 0 vulnerabilities"])


def test_a_vulnerability_is_a_fault_with_what_mends_it() -> None:
    code, lines = verdict([looked_up("a", "PYSEC-1"), looked_up("b", "PYSEC-2", fix=())])
    assert code == 1
    assert lines[:2] == ["a 1.0: PYSEC-1, mended in 2.0", "b 1.0: PYSEC-2, mended in no version yet"]


@pytest.mark.parametrize("name", ["PYSEC-1", "CVE-2026-1"])
def test_one_that_is_left_alone_is_said_with_its_reason(name: str) -> None:
    code, lines = verdict([looked_up("a", "PYSEC-1")], {name: "we never call it"})
    assert (code, lines[0]) == (0, "a 1.0: PYSEC-1 is left alone: we never call it")


def test_where_nothing_could_be_looked_up_it_was_skipped_and_all_is_not_well() -> None:
    code, lines = verdict([left_out("a"), left_out("b")])
    assert (code, len(lines)) == (0, 1)
    assert lines[0].startswith("audit skipped")
    assert verdict([])[1] == lines


def test_what_could_not_be_looked_up_is_named() -> None:
    code, lines = verdict([looked_up("a"), left_out("b")])
    assert code == 0
    assert "b" in lines[-1]
    assert "1 packages looked up" in lines[-2]


def tool(folder: Path, code: str) -> list[str]:
    """A pip-audit that does what is said."""
    script = folder / "tool.py"
    script.write_text(code, "utf-8")
    return [sys.executable, str(script)]


@pytest.mark.parametrize(
    ("code", "said"),
    [("import time; time.sleep(60)", "no answer within 0 seconds"), ("print('no JSON')", "could not be read"),
     ("import sys; sys.exit('no route to host')", "no route to host"), ("print('[]')", "could not be read")],
)  # fmt: skip
def test_where_it_can_not_look_it_says_so_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], code: str, said: str
) -> None:
    assert main(tool(tmp_path, code), seconds=0.4 if "sleep" in code else 30) == 0
    out = capsys.readouterr().out
    assert out.startswith("audit skipped")
    assert said in out
    assert out.count("\n") == 1


def test_without_the_tool_it_was_skipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "gone")]) == 0
    assert "audit skipped" in capsys.readouterr().out


def test_a_vulnerability_ends_it_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = json.dumps({"dependencies": [looked_up("a", "PYSEC-1")]})
    assert main(tool(tmp_path, f"print({report!r}); raise SystemExit(1)")) == 1
    assert "PYSEC-1" in capsys.readouterr().out


@pytest.mark.parametrize("lock", LOCKS, ids=lambda one: one.name)
def test_every_package_is_pinned_to_one_version(lock: Path) -> None:
    lines = [line for line in lock.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert lines
    assert [
        line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z0-9,]+\])?==[A-Za-z0-9.+!]+", line)
    ] == []


def test_what_the_coach_needs_is_in_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(one for name in extras if name != "fuzz" for one in extras[name])]
    locked = {
        line.partition("==")[0].lower().replace("_", "-") for line in (ROOT / "requirements.lock").read_text().split()
    }
    names = {re.split(r"[\[<>=~! ]", one)[0].lower().replace("_", "-") for one in wanted}
    assert names - locked == set()
