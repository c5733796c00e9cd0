"""After an erasure: a word that stands in the database for another reason is no trace of what was erased."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import meta, signs
from storage.erasing import also_elsewhere
from tests.chat import Chat


@pytest.mark.parametrize(
    ("text", "there"),
    [("voldoende", True), ("impact.status", True), ("PRIMARY KEY", True), ("Annelies", True), ("Wijk Oost", True),
     ("🎉🎉🎉", True), ("in geen kamer", False), ("geheimzinnig woord", False), ("voldoendes", False)],
)  # fmt: skip
def test_what_another_room_has_or_the_coach_itself_is_no_trace(tmp_path: Path, text: str, there: bool) -> None:
    chat = Chat(tmp_path, ("Annelies",))
    chat.say("Annelies", "!start")
    chat.say("Annelies", "Wijk Oost")
    chat.say("Annelies", "!ga impact.status")
    chat.say("Annelies", "voldoende")
    signs.add(chat.conn, 1, "e9", signs.Put("m1", "🎉🎉🎉", "Annelies"))
    meta.put(chat.conn, "los", "in geen kamer")
    assert also_elsewhere(chat.conn, text) is there
