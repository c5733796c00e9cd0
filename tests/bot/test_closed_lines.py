"""A closed round on JSON lines: what only one person may see, and what the files of the database still hold of it."""

from __future__ import annotations

from pathlib import Path

from tests.bot.process import AT, Served, edit, members, message, of_type, sign

PEOPLE = ("Xantippe", "Bas", "Cem")
# As people type them: a vote's own word stands in the questions too.
TYPED = {"Xantippe": "onvoldo", "Bas": "voldoen", "Cem": "onvold"}
WORD = b"onvoldoende"


def files(path: Path) -> bytes:
    """All that stands in the database, its log and what lies beside it."""
    return b"".join(one.read_bytes() for one in sorted(path.parent.rglob("*")) if one.is_file())


async def asked(served: Served) -> dict[str, str]:
    """The message in which each was asked alone."""
    await served.send(members("e0", *PEOPLE) | {"at": AT}, message("e1", "!start", "Bas"))
    await served.send(message("e2", "!instellingen gesloten aan", "Bas"))
    out = await served.send(message("e3", "!ga impact.status", "Bas"))
    return {line["to"]: line["id"] for line in of_type(out, "message") if "to" in line}


async def test_who_may_see_a_message_alone_stands_in_it(served: Served) -> None:
    await served.send(members("e0", *PEOPLE) | {"at": AT}, message("e1", "!start", "Bas"))
    await served.send(message("e2", "!instellingen gesloten aan", "Bas"))
    out = of_type(await served.send(message("e3", "!ga impact.status", "Bas")), "message")
    assert [line.get("to") for line in out] == [None, "Bas", "Cem", "Xantippe"]
    assert "to" not in out[0]
    assert {line["kind"] for line in out} == {"question"}


async def test_the_database_holds_who_voted_what_only_while_the_round_is_open(served: Served) -> None:
    alone = await asked(served)
    row = b"impact.statusXantippe" + WORD
    for number, (who, text) in enumerate(list(TYPED.items())[:2]):
        out = await served.send(message(f"v{number}", text, who, reply_to=alone[who]))
        assert [one["type"] for one in out] == ["reaction", "done"]
    await served.send(edit("w1", "v1", "onvold", "Bas"), sign("s1", alone["Cem"], "🔴", "Cem"))
    assert row in files(served.path)  # else this test would find nothing in any case
    out = await served.send(message("v2", TYPED["Cem"], "Cem", reply_to=alone["Cem"]))
    assert "3 stemmen" in of_type(out, "edit")[0]["text"]
    left = files(served.path)
    for who in PEOPLE:
        assert f"impact.status{who}onvoldoende".encode() not in left
        assert f"impact.status{who}voldoende".encode() not in left
    for text in (*TYPED.values(), "🔴"):
        assert f'"text":"{text}"'.encode() not in left
        assert f'"key":"{text}"'.encode() not in left
    assert "🔴Cem".encode() not in left
    await served.stop()
    left = files(served.path)
    assert row not in left
    await served.start()


async def test_a_vote_that_comes_again_counts_once_also_after_the_round(served: Served) -> None:
    alone = await asked(served)
    first = message("v0", "voldoende", "Xantippe", reply_to=alone["Xantippe"])
    await served.send(first)
    await served.send(message("v1", "deels", "Xantippe", reply_to=alone["Xantippe"]))
    assert [one["type"] for one in await served.send(first)] == ["done"]
    await served.send(message("v2", "deels", "Bas", reply_to=alone["Bas"]))
    out = await served.send(message("v3", "deels", "Cem", reply_to=alone["Cem"]))
    assert "ik noteer **deels** (3 stemmen)" in of_type(out, "message")[0]["text"]
    assert [one["type"] for one in await served.send(first)] == ["done"]


async def test_a_closed_round_goes_on_after_a_restart(served: Served) -> None:
    alone = await asked(served)
    await served.send(message("v0", "deels", "Xantippe", reply_to=alone["Xantippe"]))
    assert not await served.restart()
    await served.send(message("v1", "deels", "Bas", reply_to=alone["Bas"]))
    out = await served.send(message("v2", "deels", "Cem", reply_to=alone["Cem"]))
    assert "ik noteer **deels** (3 stemmen)" in of_type(out, "message")[0]["text"]


async def test_who_voted_what_stands_in_no_log(served: Served, caplog: object) -> None:
    alone = await asked(served)
    await served.send(message("v0", TYPED["Xantippe"], "Xantippe", reply_to=alone["Xantippe"]))
    assert TYPED["Xantippe"] not in caplog.text  # type: ignore[attr-defined]
