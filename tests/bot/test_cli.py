"""The command line: what each command prints and writes, its exit codes, and faults of use in one clear line."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import main
from tests.bot.process import AT, ROOT, Running, exported, is_one_clear_line, message, run, run_lines, texts

STEP = "pilot.naam"


@pytest.fixture
def filled(path: Path) -> Path:
    """A database with one room in it."""
    run_lines(path, message("e1", "!start", at=AT), message("e2", "Jeugdhulp dichtbij"), message("e3", "verder"))
    return path


def test_steps_are_those_of_the_guide_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["steps"]) == 0
    assert capsys.readouterr().out == (ROOT / "tests/fixtures/steps.tsv").read_text("utf-8")


# Rooms and exports --------------------


def test_rooms_has_a_line_a_room(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rooms", "--db", str(filled)]) == 0
    assert capsys.readouterr().out == f"r1\tconsole\tJeugdhulp dichtbij\tpilot.periode\t{AT}\n"


def test_rooms_has_a_line_a_room_whatever_rooms_and_pilots_are_called(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_lines(
        path, message("e1", "!start", room="r 1"), message("e2", "Dicht\nbij\tmet\x1b[2J", room="r 1"),
        message("e1", "!start", room="wijk/2 ✨"),
    )  # fmt: skip
    assert main(["rooms", "--db", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.count("\t") for line in lines] == [4, 4]
    assert not any("\x1b" in line for line in lines)


def test_an_export_has_every_step_and_the_answers(filled: Path, tmp_path: Path) -> None:
    out = tmp_path / "canvas.json"
    assert main(["export", "r1", "--db", str(filled), "--format", "json", "--out", str(out)]) == 0
    canvas = json.loads(out.read_text("utf-8"))
    order = [line.split("\t")[0] for line in (ROOT / "tests/fixtures/steps.tsv").read_text("utf-8").splitlines()[1:]]
    assert list(canvas["steps"]) == order
    assert texts(canvas, STEP) == ["Jeugdhulp dichtbij"]
    assert (canvas["format"], canvas["pilot"]["name"]) == ("opschaalcanvas/1", "Jeugdhulp dichtbij")


def test_an_export_is_in_the_language_of_its_room(path: Path, tmp_path: Path) -> None:
    run_lines(path, message("e1", "!language en", at=AT), message("e2", "!start"), message("e3", "Bus East"))
    canvas = exported(path)
    assert canvas["book"]["language"] == "en"
    assert texts(canvas, STEP) == ["Bus East"]
    out = tmp_path / "canvas.ics"
    assert main(["export", "r1", "--db", str(path), "--format", "ics", "--out", str(out)]) == 0
    assert "Scaling: Bus East" in out.read_text("utf-8")


def test_a_csv_has_the_columns_of_the_contract(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "r1", "--db", str(filled), "--format", "csv", "--out", "-"]) == 0
    head, first, *_ = csv.reader(io.StringIO(capsys.readouterr().out))
    assert head == ["step", "kind", "state", "status", "choices", "text", "author", "at"]
    assert first == [STEP, "text", "answered", "", "", "Jeugdhulp dichtbij", "Anna", AT]


@pytest.mark.parametrize("text", ["=1+1", "+1 dag", "-1 dag", "@SUM(A1)", " =1", "\t=1"])
def test_no_cell_of_a_csv_is_a_formula(path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    run_lines(path, message("e1", "!start"), message("e2", f"!antwoord {text}"))
    assert main(["export", "r1", "--db", str(path), "--format", "csv", "--out", "-"]) == 0
    cells = [cell for row in csv.reader(io.StringIO(capsys.readouterr().out)) for cell in row]
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in cells)


def test_rooms_and_exports_read_while_a_coach_holds_the_database(filled: Path) -> None:
    coach = Running(filled)
    try:
        coach.send(message("e4", "1 september 2026 - 31 augustus 2027"))
        assert exported(filled)["pilot"]["end"] == "2027-08-31"
        assert run("rooms", "--db", str(filled)).returncode == 0
        assert coach.send(message("e5", "!vraag"))[-1]["type"] == "done"
    finally:
        coach.stop()


@pytest.mark.parametrize("form", ["json", "csv"])
def test_an_export_never_writes_over_the_database(filled: Path, form: str) -> None:
    done = run("export", "r1", "--db", str(filled), "--format", form, "--out", str(filled))
    assert done.returncode == 2
    assert is_one_clear_line(done.stderr)
    assert texts(exported(filled), STEP) == ["Jeugdhulp dichtbij"]


# Check --------------------


def test_check_finds_nothing_wrong_with_what_comes_with_the_product(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--config", str(ROOT / "config.example.toml")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_check_names_every_fault_of_configuration_and_books_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[storage]\npaht = "x.db"\n[coach]\noperator = ""\nkleur = "rood"\n[telegram]\ntoken = "x"\n')
    books = tmp_path / "books"
    shutil.copytree(ROOT / "flows/books", books)
    impact, routes = books / "opschalen/nl/impact.toml", books / "opschalen/nl/routes.toml"
    impact.write_text(impact.read_text("utf-8").replace("not(impact.status, voldoende)", "not(impact.status, prima)"))
    routes.write_text(routes.read_text("utf-8").replace("chosen(routes.keuze, in)", "chosen(routes.kleur, in)"))
    assert main(["check", "--config", str(config), "--books", str(books)]) == 1
    out = capsys.readouterr().out.splitlines()
    for words in (("storage", "path"), ("paht",), ("operator",), ("kleur", "[coach]"), ("telegram",),
                  ("impact.toml", "impact.acties", "prima"), ("routes.toml", "routes.in.invulling",
                  "routes.kleur")):  # fmt: skip
        assert any(all(word in line for word in words) for line in out), words


@pytest.mark.parametrize("content", [b"[storage", b"\xff\xfe", b'storage = 3\ncoach = "x"\n', b""])
def test_check_says_what_is_wrong_with_a_broken_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    config = tmp_path / "config.toml"
    config.write_bytes(content)
    assert main(["check", "--config", str(config)]) == 1
    assert "config.toml" in capsys.readouterr().out


@pytest.mark.parametrize("books", ["empty", "one level too deep"])
def test_check_does_not_approve_of_a_folder_without_books(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], books: str
) -> None:
    folder = tmp_path if books == "empty" else ROOT / "flows/books/opschalen"
    assert main(["check", "--books", str(folder)]) == 1
    assert str(folder) in capsys.readouterr().out


# Faults of use --------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"], ["--nope"], ["rooms"], ["rooms", "--db", "{folder}"], ["rooms", "--db", "{folder}/none.db"],
        ["rooms", "--db", "{other}"], ["console", "--jsonl", "--db", "{folder}"], ["console", "--jsonl",
        "--db", "{other}"],
        ["console", "--jsonl", "--db", "{other}/coach.db"], ["console", "--db", "{other}/coach.db"],
        ["export", "r1"], ["export", "r1", "--db", "{db}", "--format", "xml", "--out", "-"],
        ["export", "r9", "--db", "{db}", "--format", "json", "--out", "-"],
        ["export", "r1", "--db", "{db}", "--format", "json", "--out", "{folder}"],
        ["export", "r1", "--db", "{db}", "--format", "json", "--out", "{folder}/none/x.json"],
    ],
)  # fmt: skip
def test_a_fault_of_use_is_one_clear_line_and_exit_2(filled: Path, tmp_path: Path, arguments: list[str]) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("geen database")
    done = run(*(one.format(folder=tmp_path, db=filled, other=other) for one in arguments))
    assert (done.returncode, done.stdout) == (2, b"")
    assert is_one_clear_line(done.stderr)
    assert other.read_text() == "geen database"


@pytest.mark.parametrize("arguments", [["console", "--jsonl"], ["console", "--as", "Anna"]])
def test_a_second_coach_is_refused_and_the_first_goes_on(filled: Path, arguments: list[str]) -> None:
    coach = Running(filled)
    try:
        coach.send(message("e4", "!vraag"))
        second = run(*arguments, "--db", str(filled), given=b"x\n")
        assert (second.returncode, second.stdout) == (2, b"")
        assert is_one_clear_line(second.stderr)
        assert coach.send(message("e5", "!vraag"))[-1]["type"] == "done"
    finally:
        coach.stop()


@pytest.mark.parametrize("arguments", [["console", "--jsonl"], ["console", "--as", "Anna"], ["rooms"]])
def test_a_newer_database_is_refused_and_untouched(filled: Path, arguments: list[str]) -> None:
    conn = sqlite3.connect(filled)
    conn.execute("PRAGMA user_version = 999")
    conn.close()
    before = filled.read_bytes()
    done = run(*arguments, "--db", str(filled))
    assert done.returncode == 2
    assert is_one_clear_line(done.stderr)
    assert filled.read_bytes() == before


@pytest.mark.parametrize("arguments", [["rooms"], ["console", "--as", "Anna"]])
def test_a_terminal_that_knows_ascii_alone_gets_no_traceback(path: Path, arguments: list[str]) -> None:
    run_lines(path, message("e1", "!start"), message("e2", "Café 🎉"))
    done = run(*arguments, "--db", str(path), given=b"!vraag\n", environment={"PYTHONIOENCODING": "ascii"})
    assert b"Traceback" not in done.stderr
    assert done.returncode in (0, 2)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("command", ["run", "login", "restore"])
def test_root_makes_nothing_in_the_folder_of_another_user(tmp_path: Path, command: str) -> None:
    """The coach, who runs as that user, could not open it."""
    folder = tmp_path / "var"
    folder.mkdir()
    config = tmp_path / "config.toml"
    matrix = '[matrix]\nhomeserver = "http://127.0.0.1:1"\nuser_id = "@coach:example.nl"\n'
    config.write_text(f'[storage]\npath = "{folder}/in/coach.db"\n[coach]\noperator = "Wij"\n{matrix}')
    os.chown(folder, 65534, 65534)
    db = str(folder / "in/coach.db")
    done = run(command, *(("--from", db, "--db", db) if command == "restore" else ("--config", str(config))))
    assert done.returncode == 2
    assert is_one_clear_line(done.stderr)
    assert b"sudo -u " in done.stderr
    assert list(folder.iterdir()) == []


# The start --------------------


def test_the_garbage_collector_rests_while_the_console_is_loaded_and_no_longer(path: Path) -> None:
    code = """
import gc, sys
from bot.cli import main
counts = []
gc.callbacks.append(lambda phase, info: counts.append("asyncio" in sys.modules and "bot.coach" not in sys.modules))
assert main(["console", "--jsonl", "--db", sys.argv[1]]) == 0
print(any(counts), gc.isenabled(), gc.get_freeze_count() > 10_000)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], input="", capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "False True True\n"
