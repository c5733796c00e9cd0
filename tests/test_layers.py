"""The arrows between the packages, and what each may touch, read from the source by its syntax tree.

bot -> storage -> flows and bot -> flows, none back. flows is pure. What a team reads stands in the books and the
catalogue, never in Python.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = {"flows": {"flows"}, "storage": {"storage", "flows"}, "bot": {"bot", "storage", "flows"}}
OURS = {"flows", "storage", "bot", "tests", "bench"}
SOURCES = sorted(path.relative_to(ROOT).as_posix() for name in ALLOWED for path in (ROOT / name).rglob("*.py"))

IMPURE = {
    "asyncio", "sqlite3", "aiosqlite", "socket", "ssl", "http", "urllib", "subprocess", "threading", "multiprocessing",
    "time", "random", "secrets", "uuid", "os", "sys", "pathlib", "tempfile", "shutil", "glob", "importlib",
}  # fmt: skip
READERS = ("flows/book/load.py", "flows/catalogue/__init__.py")
LOADERS = ("flows/calendar/netherlands.py",)  # loads a part of a library, and looks at nothing else
READING = {"open", "read_text", "read_bytes", "files"}
MOMENTS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter"}
CLOCKS = {"datetime", "date", "time"}
STEPS = {line.split("\t")[0] for line in (ROOT / "tests/fixtures/steps.tsv").read_text("utf-8").splitlines()[1:]}
_DUTCH = """de het een jullie wij niet geen voor naar ook deze dit wordt worden zijn hebben kunnen ik je maar bij uit
dan nog kies typ zet wat wie hoe waar als dat meer alle mijn kan ken staat gaat"""
_ENGLISH = "the a an is are was of to in on and or not for with by from that this it as at be has have"
DUTCH, ENGLISH = frozenset(_DUTCH.split()), frozenset(_ENGLISH.split())


def imported(tree: ast.AST, file: str) -> Iterator[str]:
    """The full names of all modules that a file imports, also inside functions."""
    package = file.split("/")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            names = [node.module] if node.module else [alias.name for alias in node.names]
            yield from (".".join([*base, name]) for name in names)


def wrong_arrows(source: str, file: str) -> list[str]:
    """Imports of a package of ours that this file's package must not know."""
    names = {name.split(".")[0] for name in imported(ast.parse(source), file)}
    return sorted((names & OURS) - ALLOWED[file.split("/")[0]])


def impurities(source: str, file: str) -> list[str]:
    """What a file of flows must not have: the world's modules, and reading files outside the loaders."""
    tree = ast.parse(source)
    found = {name.split(".")[0] for name in imported(tree, file)} & IMPURE
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found |= {getattr(node.func, "attr", getattr(node.func, "id", ""))} & READING
    if file in LOADERS:
        found -= {"importlib", "sys"}
    return sorted(found - {"importlib", *READING} if file in READERS else found)


def clocks(source: str) -> list[int]:
    """The lines that ask the machine what time it is."""
    tree = ast.parse(source)
    names = set(CLOCKS)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname for alias in node.names if alias.asname and alias.name in CLOCKS}
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in MOMENTS
        and getattr(node.value, "attr", getattr(node.value, "id", "")) in names
    ]


def said(source: str) -> Iterator[str]:
    """The texts in a file, docstrings left out; the pieces of an f-string are one text."""
    tree = ast.parse(source)
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    inside |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield " ".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


def is_dutch(text: str) -> bool:
    """Whether a text is a Dutch sentence: two everyday Dutch words at least, and more of them than English ones."""
    words = re.findall(r"[a-z]+", text.lower())
    return sum(word in DUTCH for word in words) > max(1, sum(word in ENGLISH for word in words))


def content(source: str) -> list[str]:
    """What belongs in a book or the catalogue: Dutch sentences, and ids of the guide's steps."""
    return [text for text in said(source) if is_dutch(text) or STEPS & set(re.findall(r"[a-z]+(?:\.[a-z]+)+", text))]


@pytest.mark.parametrize("file", SOURCES)
def test_imports_follow_the_arrows(file: str) -> None:
    assert wrong_arrows((ROOT / file).read_text("utf-8"), file) == []


@pytest.mark.parametrize("file", [file for file in SOURCES if file.startswith("flows/")])
def test_flows_is_pure(file: str) -> None:
    assert impurities((ROOT / file).read_text("utf-8"), file) == []


@pytest.mark.parametrize("file", [file for file in SOURCES if file != "bot/clock.py"])
def test_only_the_clock_asks_for_the_time(file: str) -> None:
    assert clocks((ROOT / file).read_text("utf-8")) == []


@pytest.mark.parametrize("file", SOURCES)
def test_what_a_team_reads_is_not_in_python(file: str) -> None:
    assert content((ROOT / file).read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("file", "source", "wrong"),
    [
        ("flows/x.py", "import storage", ["storage"]),
        ("flows/x.py", "def f():\n    from bot.coach import Coach", ["bot"]),
        ("flows/book/x.py", "from ...bot import coach", ["bot"]),
        ("flows/book/x.py", "from . import model", []),
        ("storage/x.py", "from flows.book import Book\nimport bot.clock as c", ["bot"]),
        ("bot/x.py", "import storage.writer, flows, tests.chat", ["tests"]),
    ],
)
def test_the_check_of_arrows_sees_a_wrong_one(file: str, source: str, wrong: list[str]) -> None:
    assert wrong_arrows(source, file) == wrong


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("import asyncio", ["asyncio"]),
        ("def f():\n    import sqlite3", ["sqlite3"]),
        ("from urllib.request import urlopen", ["urllib"]),
        ("def f(x):\n    return x.read_text()", ["read_text"]),
        ("open('x')", ["open"]),
        ("import re, json, csv, io", []),
    ],
)
def test_the_check_of_purity_sees_the_world(source: str, wrong: list[str]) -> None:
    assert impurities(source, "flows/x.py") == wrong


@pytest.mark.parametrize(
    "source",
    ["datetime.now(UTC)", "datetime.datetime.utcnow", "from datetime import date as d\nd.today()", "time.time()"],
)
def test_the_check_of_clocks_sees_one(source: str) -> None:
    assert clocks(source)


def test_a_clock_that_is_handed_on_is_no_clock() -> None:
    assert clocks("self._clock.now()\nsummary.now.date()") == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("d.say('Dat is niet goed, kies een woord.')", True),
        ("f'Er zijn nog {n} vragen voor jullie'", True),
        ("if step == 'impact.outcome': ...", True),
        ("'''Jullie antwoord is niet de vraag.'''", False),
        ("fail('There is no database here: check the path.')", False),
        ("d.texts('trouble.empty')", False),
    ],
)
def test_the_check_of_content_knows_dutch_and_steps(source: str, found: bool) -> None:
    assert bool(content(source)) is found


def circular(files: dict[str, str]) -> list[str]:
    """The modules (of those given: name and source) that lead to a circle of imports."""
    leads: dict[str, set[str]] = {}
    for name, source in files.items():
        nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
        found = {f"{node.module}.{alias.name}" for node in nodes for alias in node.names}
        leads[name] = (found | {str(node.module) for node in nodes}) & files.keys() - {name}
    while free := {name for name, others in leads.items() if not others}:
        leads = {name: others - free for name, others in leads.items() if name not in free}
    return sorted(leads)


FIRST = """
import importlib, sys
wrong = []
for name in SOME:
    # The package too, or it would still hold those that are to be imported anew.
    for known in [one for one in sys.modules if one in sys.argv or one == "flows.conversation"]:
        del sys.modules[known]
    try:
        importlib.import_module(name)
    except ImportError as error:
        wrong.append(f"{name}: {error}")
print("\\n".join(wrong))
"""


def test_every_module_of_the_conversation_can_be_imported_first() -> None:
    """In whatever order they come: none needs another to have come before it. Those that lead to no circle can't."""
    files = [file for file in SOURCES if file.startswith("flows/conversation/")]
    names = {file.removesuffix(".py").removesuffix("/__init__").replace("/", "."): file for file in files}
    circle = circular({name: (ROOT / file).read_text("utf-8") for name, file in names.items()})
    some = circle if os.environ.get("OPSCHAALCOACH_TESTS_WHOLE") else circle[::4]  # each of them loads all the others
    first = FIRST.replace("SOME", repr(some))
    done = subprocess.run([sys.executable, "-c", first, *circle], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not done.stdout.strip()


def test_a_circle_of_imports_is_seen() -> None:
    files = {"a": "from b import x", "b": "def f():\n from a import y", "c": "from a import z", "d": "from e import f"}
    assert circular(files | {"e": ""}) == ["a", "b", "c"]
