"""What the coach must withstand: odd and hostile text, commands anywhere, full and read-only disks, sudden ends.

Rule: it says so clearly, keeps what it had, and goes on.
"""

from __future__ import annotations

import os
import pty
import resource
import select
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from flows.conversation.text import size
from tests.bot.process import (
    AT,
    DEADLINE,
    Running,
    Served,
    command,
    edit,
    exported,
    is_one_clear_line,
    members,
    message,
    of_type,
    redact,
    run,
    run_lines,
    sign,
    texts,
)
from tests.chat import Chat
from tests.starting import heed_signals

STEP = "pilot.naam"
LONGEST_TEXT = 16 * 1024


def room(tmp_path: Path, *people: str, at: str = STEP) -> Chat:
    """A room that was started and stands at a step."""
    tmp_path.mkdir(exist_ok=True)
    chat = Chat(tmp_path, people or ("Anna",))
    chat.say(chat.people[0], "!start")
    if at != STEP:
        chat.say(chat.people[0], f"!ga {at}")
    assert chat.position == at
    return chat


# Text --------------------


@pytest.mark.parametrize("letter", ["a", "é", "字", "🎉"])
@pytest.mark.parametrize("people", [("Anna",), ("Anna", "Bas")])
def test_16_kb_is_taken_and_more_is_refused_with_nothing_lost(
    tmp_path: Path, letter: str, people: tuple[str, ...]
) -> None:
    chat = room(tmp_path, *people)
    wide = len(letter.encode())
    fits = letter * (LONGEST_TEXT // wide)
    chat.say("Anna", fits, to=chat.asked)
    assert chat.texts_of(STEP) == [fits]
    chat.say("Anna", fits + letter, to=chat.asked)
    assert [one.kind for one in chat.says()] == ["help"]
    assert "16" in chat.text
    assert (chat.texts_of(STEP), chat.position) == ([fits], STEP)


def test_an_edit_that_is_too_long_keeps_what_stood_there(tmp_path: Path) -> None:
    chat = room(tmp_path)
    chat.say("Anna", "Dichtbij")
    chat.edit("Anna", chat.event, "a" * (LONGEST_TEXT + 1))
    assert [one.kind for one in chat.says()] == ["help"]
    assert chat.texts_of(STEP) == ["Dichtbij"]


@pytest.mark.parametrize("letter", ["a", "é", "🎉"])
def test_what_is_too_long_for_one_message_comes_in_parts_and_a_change_of_it_shows_that_it_was_cut(
    tmp_path: Path, letter: str
) -> None:
    chat = room(tmp_path, "Anna", "Bas", at="impact.vraagstuk")
    most = chat.capabilities.longest
    texts = [f"{number} " + letter * (LONGEST_TEXT // 4 // len(letter.encode()) - 8) for number in range(9)]
    for text in texts:
        chat.say("Anna", text, to=chat.asked)
    chat.say("Anna", "!wijzig impact.vraagstuk")
    assert len(chat.says()) > 1
    assert all(size(one.text) <= most for one in chat.says())
    shown = "".join(one.text for one in chat.says())
    assert [shown.count(letter) >= sum(text.count(letter) for text in texts)] == [True]
    chat.say("Anna", "een andere", to=chat.asked)
    (changed,) = chat.edits()
    assert size(changed.text) <= most
    assert changed.text.endswith("…")
    chat.say("Anna", "!verder")
    chat.say("Anna", "!ga impact.statement")
    chat.say("Anna", letter * (LONGEST_TEXT // len(letter.encode())), to=chat.asked)
    (changed,) = chat.edits()
    assert size(changed.text) <= most
    assert changed.text.endswith("…")


@pytest.mark.parametrize(
    "text",
    [
        "👨‍👩‍👧‍👦 gezin", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "✍️", "🫨", "🫩 moe", "مرحبا بالعالم", "\u200fשלום\u200f",
        "Ünïcödé ﬁ", "# kop", "**vet** en _schuin_",
        "[klik](https://voorbeeld.nl)", "![plaatje](x.png)", "<script>alert(1)</script>", "`code`", "> citaat",
        "@room kom allemaal", "| a | b |", "~~weg~~", "&lt;b&gt;", "'; DROP TABLE room; --", "{naam} %s %d {0}",
    ],
)  # fmt: skip
def test_text_is_kept_as_it_was_written(tmp_path: Path, text: str) -> None:
    chat = room(tmp_path)
    chat.say("Anna", text)
    assert chat.texts_of(STEP) == [text]


@pytest.mark.parametrize(
    "text",
    ["**vet** en _schuin_", "[klik](https://voorbeeld.nl)", "![plaatje](x.png)",
     "<script>alert(1)</script>", "`code`",
     "<b>vet</b>", "~~weg~~", "https://voorbeeld.nl <https://voorbeeld.nl>", "a\n# kop\n===\n> b",
     "@room hallo"],
)  # fmt: skip
def test_what_people_wrote_is_never_markup_or_a_mention_when_shown(tmp_path: Path, text: str) -> None:
    plain, written = room(tmp_path / "a"), room(tmp_path / "b")
    for chat, said in ((plain, "gewoon"), (written, text)):
        chat.say("Anna", said, to=chat.asked)
        chat.say("Anna", "verder")
        chat.say("Anna", "!overzicht")
        chat.say("Anna", "!overzicht pilot")
    shown = [one.text for one in written.seen if hasattr(one, "text")]
    assert not any("@room" in one for one in shown)

    def markup(chat: Chat) -> list[str]:
        """The markup of all that the coach showed, without its text; line ends inside an item aside."""
        parsed = [MarkdownIt().parse(one.text) for one in chat.seen if hasattr(one, "text")]
        pieces = [piece for tokens in parsed for token in tokens for piece in (token, *(token.children or []))]
        return [piece.type for piece in pieces if piece.type not in ("text", "softbreak", "text_special")]

    assert markup(written) == markup(plain)


@pytest.mark.parametrize("bad", ["\x00", "\x07", "\x1b[31m", "\u202e", "\u2066", "\ufeff", "\u0085"])
def test_control_and_override_characters_are_dropped(tmp_path: Path, bad: str) -> None:
    chat = room(tmp_path)
    chat.say("Anna", f"Dicht{bad}bij")
    (kept,) = chat.texts_of(STEP)
    assert not set(kept) & set("\x00\x07\x1b\u202e\u2066\ufeff\u0085")
    assert kept.startswith("Dicht")
    assert kept.endswith("bij")


def test_half_a_character_is_replaced_and_the_rest_is_kept(tmp_path: Path) -> None:
    chat = room(tmp_path)
    chat.say("Anna", "Dicht\ud83dbij")
    assert chat.texts_of(STEP) == ["Dicht\ufffdbij"]


# What can't be read --------------------


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ("impact.status", "7"), ("impact.status", "0"), ("impact.status", "prima"), ("routes.keuze", "9"),
        ("routes.keuze", "0"), ("routes.keuze", "1, 9"), ("routes.keuze", "paars"),
        ("valkuilen.scope.geldt", "5"),
        ("valkuilen.scope.geldt", "12345678901234567890"), ("pilot.periode", "7"),
        ("pilot.periode", "31 februari 2027"),
        ("pilot.ritme", "7"), ("ingredienten.oordeel", "5"), ("ingredienten.oordeel", "v d o"),
        ("ingredienten.oordeel", "v d o o ? d v v v"), ("routes.keuze", "٣٣"),
    ],
)  # fmt: skip
def test_what_does_not_fit_gets_help_once_then_a_sign_and_the_question_stays(
    tmp_path: Path, step: str, text: str
) -> None:
    chat = room(tmp_path, at=step)
    chat.say("Anna", text)
    assert [one.kind for one in chat.says()] == ["help"]
    assert (chat.state(step), chat.position) == ("open", step)
    chat.say("Anna", text)
    assert (chat.says(), [one.key for one in chat.marks()]) == ([], ["❓"])


# Commands anywhere --------------------

NAMES = """start antwoord verder vorige overslaan weetniet ga wijzig pauze uitleg voorbeeld tempo wijze taal overzicht
vraag acties actie gedaan uitstel overdragen vervalt afwezig hercheck ritme export sessie instellingen privacy
mijngegevens vergeetmij wis hulp answer next skip unknown goto change"""
COMMANDS = [*(f"!{name}" for name in NAMES.split()), "!ga impact", "!ga", "!wijzig pilot.naam",
            "!tempo kort", "!tempo wat",
            "!actie bellen @Bas 15 januari 2027", "!gedaan 1", "!gedaan x", "!overdragen 1 @Bas", "!vervalt 99",
            "!instellingen tempo kort", "!antwoord Zuid", "!hulp wijzig", "!overzigt", "!xyzzy",
            "!", "! !", "!wis"]  # fmt: skip


def _in_detour(chat: Chat) -> None:
    chat.say("Anna", "!wijzig pilot.naam")


def _paused(chat: Chat) -> None:
    chat.say("Anna", "!pauze")


def _at_a_near_miss(chat: Chat) -> None:
    chat.say("Anna", "!overzigt")


def _at_an_offer(chat: Chat) -> None:
    chat.say("Anna", "!weetniet")


def _at_the_end(chat: Chat) -> None:
    while chat.position != "einde":
        chat.say("Anna", "!verder")


def _after_votes(chat: Chat) -> None:
    chat.say("Anna", "!ga impact.status")
    chat.say("Anna", "voldoende", to=chat.asked)
    chat.say("Bas", "onvoldoende", to=chat.asked)


@pytest.mark.parametrize("people", [("Anna",), ("Anna", "Bas")])
@pytest.mark.parametrize(
    "place",
    [_in_detour, _paused, _at_a_near_miss, _at_an_offer, _at_the_end, _after_votes],
    ids=lambda one: one.__name__,
)
def test_any_command_anywhere_is_answered_and_loses_nothing(
    tmp_path: Path, people: tuple[str, ...], place: Callable[[Chat], None]
) -> None:
    reached = room(tmp_path / "reached", *people)
    reached.say("Anna", "Dichtbij", to=reached.asked)
    reached.say("Anna", "!verder")
    place(reached)
    reached.conn.close()
    for number, text in enumerate(COMMANDS):
        shutil.copytree(tmp_path / "reached", tmp_path / str(number))
        chat = Chat(tmp_path / str(number), people=())
        chat.conn.execute("PRAGMA synchronous = OFF")
        chat.count = reached.count
        chat.say("Anna", text)
        if text.strip("! "):
            assert chat.last, f"{text} went unanswered"
        assert [one for one in chat.says() if one.kind == "error"] == [], text
        assert "Dichtbij" in chat.texts_of(STEP), text
        chat.conn.close()


# The disk --------------------


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux")
def test_a_full_disk_is_said_keeps_no_half_answer_and_goes_on_when_there_is_room(path: Path) -> None:
    coach = Running(path)
    number = coach.process.pid
    try:
        coach.send(message("e1", "!start", at=AT))
        coach.send(message("e2", "Dichtbij"))
        resource.prlimit(number, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        refused = coach.send(message("e3", "Wijk Oost"))
        assert [one["type"] for one in refused] == ["error"]
        assert refused[0]["message"].strip()
        resource.prlimit(number, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert texts(exported(path), STEP) == ["Dichtbij"]
        assert coach.send(message("e3", "Wijk Oost"))[-1] == {"type": "done", "id": "e3"}
        assert texts(exported(path), STEP) == ["Dichtbij", "Wijk Oost"]
    finally:
        coach.stop()


async def test_a_full_database_is_said_keeps_no_half_answer_and_goes_on_when_there_is_room(served: Served) -> None:
    await served.send(message("e1", "!start"), message("e2", "Dichtbij"))
    pages = await served.writer.run(lambda conn: conn.execute("PRAGMA page_count").fetchone()[0])
    await served.writer.run(lambda conn: conn.execute(f"PRAGMA max_page_count = {pages}").fetchone())
    answers = [message(f"f{number}", f"{number} " + "lang antwoord " * 1000) for number in range(40)]
    out = await served.send(*answers)
    done, errors = of_type(out, "done"), of_type(out, "error")
    assert errors
    assert len(done) + len(errors) == len(answers)
    await served.writer.run(lambda conn: conn.execute("PRAGMA max_page_count = 1073741823").fetchone())
    again = await served.send(*answers)
    assert len(of_type(again, "done")) == len(answers)
    await served.stop()
    kept = texts(exported(served.path), STEP)
    assert sorted(kept) == sorted(["Dichtbij", *(one["text"].strip() for one in answers)])
    await served.start()


def _bound() -> list[str]:
    """What stands before a command so that file modes hold for it, also where the tests run as root."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("as root this needs setpriv")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"]


@pytest.mark.parametrize("arguments", [["--jsonl"], ["--as", "Anna"]])
def test_a_read_only_folder_is_one_clear_line(path: Path, arguments: list[str]) -> None:
    run_lines(path, message("e1", "!start"), message("e2", "Dichtbij"))
    how = command("console", *arguments, "--db", str(path))
    how["args"] = [*_bound(), *how["args"]]
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        done = subprocess.run(input=b"", capture_output=True, timeout=DEADLINE, check=False, **how)
    finally:
        path.parent.chmod(0o700)
        path.chmod(0o600)
    assert done.returncode == 2
    assert is_one_clear_line(done.stderr)
    assert texts(exported(path), STEP) == ["Dichtbij"]


# Sudden ends --------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_to_the_lines_loses_nothing_and_shows_no_traceback(path: Path, number: int) -> None:
    coach = Running(path)
    try:
        coach.send(message("e1", "!start", at=AT))
        coach.send(message("e2", "Dichtbij"))
    except BaseException:
        coach.stop()
        raise
    assert coach.signal(number) == b""
    assert texts(exported(path), STEP) == ["Dichtbij"]
    assert run_lines(path, message("e2", "Dichtbij")) == [{"type": "done", "id": "e2"}]


class Terminal:
    """The command at a prompt in a terminal of its own."""

    def __init__(self, path: Path) -> None:
        self.screen, other = pty.openpty()
        quiet = {"PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm"}
        how = command("console", "--db", str(path), "--as", "Anna", environment=quiet)
        self.process = subprocess.Popen(
            how.pop("args"),
            preexec_fn=heed_signals,
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
            **how,
        )
        os.close(other)
        self.seen = b""

    def until(self, words: str) -> None:
        """Read what is shown, up to these words."""
        while words.encode() not in self.seen:
            assert select.select([self.screen], [], [], DEADLINE)[0], f"never showed {words}: {self.seen!r}"
            self.seen += os.read(self.screen, 65536)
        self.seen = self.seen.split(words.encode(), 1)[1]

    def type(self, text: bytes) -> None:
        """Press keys."""
        os.write(self.screen, text)

    def end(self) -> bytes:
        """What is shown until it has ended."""
        while select.select([self.screen], [], [], DEADLINE)[0]:
            try:
                self.seen += os.read(self.screen, 65536)
            except OSError:  # Linux says so where the other side of a terminal was closed
                break
        self.process.wait(DEADLINE)
        return self.seen

    def stop(self) -> None:
        """End it, whatever it does; for the end of a test."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.screen)


@pytest.mark.parametrize("how", [b"\x03", b"\x04", signal.SIGINT, signal.SIGTERM], ids=["^C", "^D", "INT", "TERM"])
def test_leaving_the_prompt_loses_nothing_and_shows_no_traceback(path: Path, how: bytes | signal.Signals) -> None:
    terminal = Terminal(path)
    try:
        terminal.until("Anna>")
        terminal.type(b"!start\r")
        terminal.until("[2]")
        terminal.until("Anna>")
        terminal.type(b"Dichtbij\r")
        terminal.until("✍")
        terminal.until("Anna>")
        if isinstance(how, bytes):
            terminal.type(how)
        else:
            terminal.process.send_signal(how)
        assert b"Traceback" not in terminal.end()
    finally:
        terminal.stop()
    assert texts(exported(path, "pilot"), STEP) == ["Dichtbij"]


@pytest.mark.skipif(not Path("/proc/self/wchan").exists(), reason="needs Linux")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_a_prompt_that_reads_a_pipe_ends_it_without_loss(path: Path, number: int) -> None:
    how = command("console", "--db", str(path), "--as", "Anna", environment={"PYTHONUNBUFFERED": "1"})
    process = subprocess.Popen(
        how.pop("args"),
        preexec_fn=heed_signals,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **how,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(b"!start\nDichtbij\n")
        process.stdin.flush()
        while "✍".encode() not in process.stdout.readline():
            assert process.poll() is None
        state = Path(f"/proc/{process.pid}/wchan")
        for _ in range(100_000):  # until it waits for more input: a signal is hardest to hear there
            if "pipe" in state.read_text():
                break
        process.send_signal(number)
        process.wait(DEADLINE / 6)
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.communicate()
    assert texts(exported(path, "pilot"), STEP) == ["Dichtbij"]


# Discussion --------------------


def _bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


async def test_no_byte_of_the_discussion_is_on_disk(served: Served) -> None:
    await served.send(
        members("e0", "Anna", "Bas", "Cem"), message("e1", "!start"),
        message("e2", "geheimpje-een over de buren"), message("e3",
        "geheimpje-twee?", sender="Bas", reply_to="e2"),
        edit("e4", "e2", "geheimpje-drie"), redact("e5", "e3", sender="Bas"), sign("e6", "e2",
        "🎉", sender="Cem"),
        message("e7", "geheimpje-vier", sender="Cem", thread="e2"), message("e8", "Dichtbij", reply_to="m2"),
        message("e9", "geheimpje-vijf, zet er ✍️ bij"),
    )  # fmt: skip
    folder = served.path.parent
    assert b"Dichtbij" in _bytes(folder)
    assert b"geheimpje" not in _bytes(folder)
    await served.stop()
    assert b"geheimpje" not in _bytes(folder)
    await served.start()


async def test_what_was_edited_or_removed_is_on_disk_no_more_once_the_coach_stopped(served: Served) -> None:
    await served.send(message("e1", "!start"), message("e2", "geheimpje-een"), edit("e3", "e2", "Dichtbij"))
    await served.send(message("e4", "geheimpje-twee"), redact("e5", "e4"))
    await served.stop()
    assert b"geheimpje" not in _bytes(served.path.parent)
    assert texts(exported(served.path), STEP) == ["Dichtbij"]
    await served.start()


def test_a_database_that_another_program_made_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    conn = sqlite3.connect(path)
    conn.execute("CREATE TABLE recepten (naam TEXT)")
    conn.close()
    before = path.read_bytes()
    done = run("console", "--jsonl", "--db", str(path))
    assert done.returncode == 2
    assert is_one_clear_line(done.stderr)
    assert path.read_bytes() == before
