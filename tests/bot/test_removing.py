"""`opschaalcoach erase`, as an administrator uses it."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from tests.bot.process import Running, exported, is_one_clear_line, members, message, run, run_lines, texts

SECRET = "een heel bijzonder antwoord 4711"


@pytest.fixture
def filled(path: Path) -> Path:
    """Two rooms with something in them."""
    lines = []
    for room in ("r1", "r2"):
        lines += [
            message(f"{room}a", "!start", room=room), message(f"{room}b", "Jeugdhulp dichtbij", room=room),
            message(f"{room}c", "verder", room=room), message(f"{room}d", f"{SECRET} {room}", room=room),
            message(f"{room}e", f"!actie {SECRET} {room} doen @Anna 1 mei 2027", room=room),
            message(f"{room}f", "!export json", room=room),
        ]  # fmt: skip
    run_lines(path, *lines)
    return path


def bytes_with(folder: Path, text: str) -> list[str]:
    return [one.name for one in folder.rglob("*") if one.is_file() and text.encode() in one.read_bytes()]


def test_it_erases_says_what_it_checked_and_leaves_the_rest(filled: Path) -> None:
    before = exported(filled, "r2")
    assert bytes_with(filled.parent, f"{SECRET} r1")
    done = run("erase", "r1", "--db", str(filled), "--yes")
    said = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "erased: room r1" in said
    assert "no row left" in said
    assert "files: 1 removed" in said
    assert "none found" in said
    assert bytes_with(filled.parent, f"{SECRET} r1") == []
    assert bytes_with(filled.parent, f"{SECRET} r2")
    after = exported(filled, "r2")
    assert {**after, "exported_at": None} == {**before, "exported_at": None}
    assert b"r1" not in run("rooms", "--db", str(filled)).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("r1", "--db", "{db}"), "--yes"),
        (("nothing", "--db", "{db}", "--yes"), "there is no room 'nothing'"),
        (("r1", "--db", "{db}.not", "--yes"), "there is no database at"),
        (("r1", "--db", "{text}", "--yes"), "is not a database"),
        (("r1", "--db", "{db}", "--yes", "--transport", "matrix"), "there is no room 'r1'"),
        (("r1", "--yes"), "--db"),
        (("--db", "{db}", "--yes"), "ROOM"),
    ],
)
def test_a_fault_of_use_is_one_line_and_nothing_is_erased(filled: Path, arguments: tuple[str, ...], said: str) -> None:
    text = filled.with_name("notes.txt")
    text.write_text("no database")
    given = [one.format(db=filled, text=text) for one in arguments]
    done = run("erase", *given)
    assert done.returncode == 2
    assert is_one_clear_line(done.stderr)
    assert said in done.stderr.decode()
    assert bytes_with(filled.parent, f"{SECRET} r1")
    assert not filled.with_name("coach.db.not").exists()


def test_an_erased_room_is_silent_until_it_is_started_anew(filled: Path) -> None:
    assert run("erase", "r1", "--db", str(filled), "--yes").returncode == 0
    out = run_lines(
        filled, members("n1", "Anna", "Bas"), message("n2", "hallo coach"), message("n3", "!overzicht"),
        message("n4", f"nog eens {SECRET}"),
    )  # fmt: skip
    assert {one["type"] for one in out} == {"done"}
    assert bytes_with(filled.parent, f"nog eens {SECRET}") == []
    assert b"r1" not in run("rooms", "--db", str(filled)).stdout
    out = run_lines(filled, members("n5", "Anna", "Bas"), message("n6", "!start"))
    said = [one for one in out if one["type"] == "message"]
    assert [one["kind"] for one in said] == ["welcome", "question"]
    assert int(said[0]["id"][1:]) > 3  # no message has the name of an earlier one
    assert texts(exported(filled, "r1"), "pilot.naam") == []


def test_who_was_there_is_known_when_it_begins_anew(filled: Path) -> None:
    """What a group discusses is not taken for an answer."""
    run("erase", "r1", "--db", str(filled), "--yes")
    out = run_lines(
        filled, members("n1", "Anna", "Bas"), message("n2", "!start"), message("n3", "wij praten maar wat", "Bas")
    )
    assert [one["kind"] for one in out if one["type"] == "message"] == ["welcome", "question"]
    assert texts(exported(filled, "r1"), "pilot.naam") == []


def test_while_a_coach_runs_it_does_it_and_goes_on(filled: Path) -> None:
    running = Running(filled)
    try:
        running.send(message("z1", "!vraag", room="r2"))
        assert bytes_with(filled.parent, f"{SECRET} r1")
        done = run("erase", "r1", "--db", str(filled), "--yes")
        assert (done.returncode, done.stderr) == (0, b"")
        assert "none found" in done.stdout.decode()
        assert bytes_with(filled.parent, f"{SECRET} r1") == []
        assert [one["type"] for one in running.send(message("z2", f"weer {SECRET} r1", room="r1"))] == ["done"]
        assert any(one["type"] == "message" for one in running.send(message("z3", "!vraag", room="r2")))
        assert bytes_with(filled.parent, f"{SECRET} r1") == []
        assert bytes_with(filled.parent, f"{SECRET} r2")
        again = run("erase", "r1", "--db", str(filled), "--yes")
        assert again.returncode == 2
        assert is_one_clear_line(again.stderr)
    finally:
        running.stop()


def test_another_program_that_has_the_database_is_one_line(filled: Path) -> None:
    with filled.with_name("coach.db.lock").open("rb+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run("erase", "r1", "--db", str(filled), "--yes")
    assert done.returncode == 2
    assert is_one_clear_line(done.stderr)
    assert bytes_with(filled.parent, f"{SECRET} r1")


def test_a_locked_room_is_erased_only_where_that_is_said(filled: Path) -> None:
    run_lines(filled, message("l1", "!instellingen bewaren slot"))
    done = run("erase", "r1", "--db", str(filled), "--yes")
    assert done.returncode == 2
    assert is_one_clear_line(done.stderr)
    assert bytes_with(filled.parent, f"{SECRET} r1")
    assert run("erase", "r1", "--db", str(filled), "--yes", "--locked").returncode == 0
    assert bytes_with(filled.parent, f"{SECRET} r1") == []
