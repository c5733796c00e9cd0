"""`make audit`: whether a package that the coach is installed with has a known vulnerability.

Asks the advisories of the Python index by pip-audit. Rule: it never hangs, and never says that all is well where it
could not look: then it says that it was skipped, and why. Exit 1 only for a vulnerability.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
TOOL = ROOT / ".venv-audit" / "bin" / "pip-audit"
SECONDS = 240
# Advisories that do not touch the coach, each with the reason.
IGNORED: dict[str, str] = {}


def main(tool: Sequence[str] = (str(TOOL),), lock: Path = LOCK, seconds: float = SECONDS) -> int:
    """Look, and say what was found; the exit code."""
    if not Path(tool[0]).exists():
        return _skipped("pip-audit is not here, and could not be installed")
    options = ["-r", str(lock), "--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run(
            [*tool, *options, "--timeout", "15"], capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return _skipped(f"no answer within {seconds:.0f} seconds")
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return _skipped(f"the advisories could not be read ({reason[:200]})")
    code, lines = verdict(found)
    print("\n".join(lines))
    return code


def verdict(found: Sequence[dict[str, Any]], ignored: dict[str, str] | None = None) -> tuple[int, list[str]]:
    """What a report of pip-audit comes to: the exit code, and what to say."""
    known = IGNORED if ignored is None else ignored
    looked = [one for one in found if "skip_reason" not in one]
    left = [one["name"] for one in found if "skip_reason" in one]
    if not looked:
        return 0, ["audit skipped: the index that is reached has no advisories for any of these packages"]
    faults, lines = [], []
    for one in looked:
        for hole in one["vulns"]:
            names = {hole["id"], *hole.get("aliases", ())}
            if reasons := [known[name] for name in sorted(names) if name in known]:
                lines.append(f"{one['name']} {one['version']}: {hole['id']} is left alone: {reasons[0]}")
                continue
            mended = " or ".join(hole.get("fix_versions") or []) or "no version yet"
            faults.append(f"{one['name']} {one['version']}: {hole['id']}, mended in {mended}")
    lines += faults
    lines.append(f"audit: {len(looked)} packages looked up, {len(faults)} vulnerabilities")
    if left:
        lines.append(f"audit: {len(left)} packages could not be looked up: {', '.join(left)}")
    return (1 if faults else 0), lines


def _skipped(why: str) -> int:
    print(f"audit skipped: {why}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
