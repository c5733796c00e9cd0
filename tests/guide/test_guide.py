"""The guide for teams: its scenes show what they say, its pictures are there, and what it tells people to type is known
to the coach."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flows.conversation import commands
from tests.guide.__main__ import PICTURES, ROOT, SCENES
from tests.guide.screen import SceneFailure, play

GUIDES = {"nl": ROOT / "docs/nl/team.md", "en": ROOT / "docs/team.md"}
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")


@pytest.mark.parametrize("scene", SCENES, ids=lambda one: f"{one.parent.name}-{one.stem}")
async def test_a_scene_shows_what_it_says(scene: Path, tmp_path: Path) -> None:
    shown = await play(scene, tmp_path)
    assert shown.text
    assert "http" not in shown.svg.replace("http://www.w3.org/", "")  # a picture asks nothing of anybody
    assert str(tmp_path) not in shown.text + shown.svg


async def test_the_same_scene_makes_the_same_picture(tmp_path: Path) -> None:
    scene = next(one for one in SCENES if one.stem == "03-stemmen")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert (await play(scene, tmp_path / "a")).svg == (await play(scene, tmp_path / "b")).svg


async def test_a_scene_that_shows_something_else_fails(tmp_path: Path) -> None:
    scene = tmp_path / "nl" / "scene.txt"
    scene.parent.mkdir()
    scene.write_text("= Anna\n!start\n? dit staat er niet\n", "utf-8")
    with pytest.raises(SceneFailure, match="dit staat er niet"):
        await play(scene, tmp_path)


@pytest.mark.parametrize("language", GUIDES)
def test_every_picture_of_a_guide_is_there_says_what_it_shows_and_every_scene_is_in_it(language: str) -> None:
    guide = GUIDES[language]
    found = PICTURE.findall(guide.read_text("utf-8"))
    assert [alt for alt, _ in found if len(alt) < 40] == []
    assert {Path(target).name for _, target in found} == {one.name for one in (PICTURES / language).iterdir()}
    made = {f"{one.stem}.svg" for one in SCENES if one.parent.name == language}
    assert made <= {Path(target).name for _, target in found}


@pytest.mark.parametrize("language", GUIDES)
def test_the_commands_of_a_guide_are_commands(language: str) -> None:
    named = re.findall(r"`(?:@coach )?(![^`]*)`", GUIDES[language].read_text("utf-8"))
    assert len(named) > 20
    assert [one for one in named if commands.read(one) is None] == []


def test_both_guides_have_the_same_parts() -> None:
    counts = [
        (text.count("\n## "), text.count("\n- "), text.count("\n|")) for text in map(Path.read_text, GUIDES.values())
    ]
    assert counts[0] == counts[1]
