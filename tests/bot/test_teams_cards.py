"""What the coach says, as activities of Teams: plain messages, cards of version 1.5 with their fallbacks, pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.transports.base import File
from bot.transports.teams import OWN
from bot.transports.teams.cards import CARD_TYPE, MOST_BYTES, message, picture
from flows.conversation.effects import Button, Card, Edit, Line, Option, Say
from tests.chat import TEXTS

STEP = "impact.vraagstuk"
SAVE, SKIP = Button("save", "Opslaan", saves=True), Button("skip", "Overslaan")
QUESTION = Card((SAVE, SKIP), field="Jullie antwoord", lines=True)


def said(text: str, card: Card | None = None, **more: Any) -> Say:
    return Say(1, "question", STEP, text, card=card, **more)


def drawn(text: str, card: Card = QUESTION, mentions: dict[str, str] | None = None) -> dict[str, Any]:
    activity = message(said(text, card), "k1", TEXTS, mentions)
    (attachment,) = activity["attachments"]
    assert attachment["contentType"] == CARD_TYPE
    content: dict[str, Any] = attachment["content"]
    return content


def parts(of: Any, kind: str) -> Iterator[dict[str, Any]]:
    """Every element of a kind, wherever it stands in a card."""
    if isinstance(of, dict):
        if str(of.get("type")) == kind:
            yield of
        for name, inner in of.items():
            if name != "fallback":
                yield from parts(inner, kind)
    elif isinstance(of, list):
        for inner in of:
            yield from parts(inner, kind)


def test_without_anything_to_press_it_is_a_plain_message() -> None:
    found = message(said("**Even** dit"), "k1", TEXTS)
    assert found == {"type": "message", "text": "**Even** dit", "textFormat": "markdown", "summary": "Even dit"}


def test_a_button_carries_kind_step_and_key_and_does_the_same_where_it_is_not_known() -> None:
    actions = list(parts(drawn("Wat?"), "Action.Execute"))
    assert [(one["title"], one["data"]["value"]) for one in actions] == [("Opslaan", "save"), ("Overslaan", "skip")]
    for one in actions:
        assert one["data"][OWN] == {"kind": "question", "step": STEP, "key": "k1"}
        # The Playground's page can't send a button whose data has a `key` of its own.
        assert not {"kind", "step", "key"} & one["data"].keys()
        fallback = one["fallback"]
        assert fallback["type"] == "Action.Submit"
        assert {name: fallback[name] for name in ("title", "data", "associatedInputs")} == {
            name: one[name] for name in ("title", "data", "associatedInputs")
        }
    assert [one["associatedInputs"] for one in actions] == ["auto", "none"]


def test_a_change_of_a_card_has_its_own_key() -> None:
    activity = message(Edit(1, "question", STEP, "Wat?", QUESTION), "k2", TEXTS)
    keys = {one["data"][OWN]["key"] for one in parts(activity, "Action.Execute")}
    assert keys == {"k2"}


def test_a_card_is_of_version_15_and_says_its_first_line_where_it_can_not_be_shown() -> None:
    card = drawn("**Impact · vraagstuk**\nWat is er aan de hand?")
    assert (card["type"], card["version"], card["fallbackText"]) == ("AdaptiveCard", "1.5", "Impact · vraagstuk")


def test_a_question_has_a_field() -> None:
    (field,) = parts(drawn("Wat?"), "Input.Text")
    assert (field["id"], field["isMultiline"], field["label"]) == ("text", True, "Jullie antwoord")


def test_choices_people_and_rows_have_a_name_that_comes_back() -> None:
    options = (Option("in", "In"), Option("op", "Op"))
    card = drawn("Wat?", Card((SAVE,), options=options, many=True, people=(Option("29:b", "Bas"),)))
    picked, person = parts(card, "Input.ChoiceSet")
    assert (picked["id"], picked["isMultiSelect"], person["id"]) == ("picked", True, "person")
    assert picked["choices"] == [{"title": "In", "value": "in"}, {"title": "Op", "value": "op"}]
    card = drawn("Wat?", Card((SAVE,), options=options, rows=(Option("1", "Waarde"), Option("2", "Kennis"))))
    assert [(one["id"], one["label"]) for one in parts(card, "Input.ChoiceSet")] == [
        ("row1", "Waarde"),
        ("row2", "Kennis"),
    ]


def test_no_row_of_buttons_is_longer_than_teams_shows() -> None:
    card = drawn("Wat?", Card(tuple(Button(str(n), str(n)) for n in range(9))))
    rows = [len(one["actions"]) for one in parts(card, "ActionSet")]
    assert sum(rows) == 9
    assert max(rows) <= 6
    ids = [one["id"] for one in parts(card, "Action.Execute")]
    assert len(set(ids)) == 9


def test_the_lines_of_a_list_stay_together_and_nothing_shows_as_code() -> None:
    card = drawn("Kop\n- een\n- twee\n\nNog: `!hulp`")
    assert [one["text"] for one in parts(card, "TextBlock")] == ["Kop", "- een\n- twee", "Nog: !hulp"]
    assert all(one["wrap"] for one in parts(card, "TextBlock"))


def test_only_who_is_told_is_mentioned() -> None:
    text = "Vandaag: memo · @Bas\nMorgen: bellen · @Anna"
    card = drawn(text, mentions={"29:bas": "Bas"})
    assert [one["text"] for one in parts(card, "TextBlock")] == [
        "Vandaag: memo · <at>Bas</at>",
        "Morgen: bellen · @Anna",
    ]
    mention = {"type": "mention", "text": "<at>Bas</at>", "mentioned": {"id": "29:bas", "name": "Bas"}}
    assert card["msteams"]["entities"] == [mention]
    plain = message(said("Dag @Bas"), "k1", TEXTS, {"29:bas": "Bas"})
    assert (plain["text"], plain["entities"], plain["summary"]) == ("Dag <at>Bas</at>", [mention], "Dag @Bas")


TABLE = (
    Line("🟢 Impact: voldoende", ("🟢 voldoende", "Impact")),
    Line("🔴 Routes: nog niet", ("🔴 nog niet", "Routes")),
)


def test_lines_that_are_a_table_are_one_with_a_list_for_who_sees_none() -> None:
    text = "Kop\n" + "\n".join(line.text for line in TABLE) + "\nDaarna"
    card = drawn(text, Card(table=TABLE))
    kinds = [element["type"] for element in card["body"]]
    assert kinds == ["TextBlock", "Table", "TextBlock"]
    (table,) = parts(card, "Table")
    assert [one["text"] for one in parts(table["rows"], "TextBlock")] == [
        "🟢 voldoende", "Impact", "🔴 nog niet", "Routes",
    ]  # fmt: skip
    assert len(table["columns"]) == 2
    assert table["fallback"]["text"] == "- 🟢 Impact: voldoende\n- 🔴 Routes: nog niet"


def test_a_column_in_which_nothing_stands_is_left_out() -> None:
    lines = [Line(line.text, (*line.cells, "", place)) for line, place in zip(TABLE, ("", "knelpunt"), strict=True)]
    card = drawn("\n".join(line.text for line in lines), Card(table=tuple(lines)))
    (table,) = parts(card, "Table")
    assert [len(row["cells"]) for row in table["rows"]] == [3, 3]
    assert len(table["columns"]) == 3
    assert [one["text"] for one in parts(table["rows"], "TextBlock")][-1] == "knelpunt"


def test_lines_that_are_not_all_there_stay_text() -> None:
    card = drawn("Kop\n🟢 Impact: voldoende", Card(table=TABLE))
    assert [element["type"] for element in card["body"]] == ["TextBlock", "TextBlock"]


@pytest.mark.parametrize("sign", ["x", "é", "🟢", '"', "\n- "])
def test_a_card_stays_under_the_limit_with_its_buttons(sign: str) -> None:
    card = drawn(sign * 30_000)
    assert len(json.dumps(card).encode()) <= MOST_BYTES
    assert [one["data"]["value"] for one in parts(card, "Action.Execute")] == ["save", "skip"]


def test_a_picture_is_an_image_in_the_message() -> None:
    found = picture(File("canvas.png", "image/png", b"\x89PNG", "Het canvas", "Canvas van de pilot"))
    (attachment,) = found["attachments"]
    assert (attachment["contentType"], attachment["contentUrl"]) == ("image/png", "data:image/png;base64,iVBORw==")
    assert found["text"] == "Canvas van de pilot"
