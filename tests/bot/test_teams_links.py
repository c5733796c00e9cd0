"""Links to documents: nobody guesses one, it works for a while and so often, and is of one document."""

from __future__ import annotations

from datetime import timedelta

from bot.transports.base import File
from bot.transports.teams.links import LASTS, MOST_BYTES, MOST_FETCHES, Links
from tests.bot.served_rooms import Ticking

FILE = File("canvas.pdf", "application/pdf", b"%PDF")


def name_of(address: str) -> str:
    assert address.startswith("https://coach.example.nl/files/")
    return address.rpartition("/")[2]


def test_each_link_is_of_its_own_document() -> None:
    links = Links("https://coach.example.nl", Ticking())
    other = File("canvas.csv", "text/csv", b"step")
    one, two = name_of(links.offer(FILE)), name_of(links.offer(other))
    assert one != two
    assert (links.fetch(one), links.fetch(two), links.fetch("x")) == (FILE, other, None)


def test_a_link_ends() -> None:
    clock = Ticking()
    links = Links("https://coach.example.nl", clock)
    name = name_of(links.offer(FILE))
    clock.at += LASTS - timedelta(seconds=1)
    assert links.fetch(name) == FILE
    clock.at += timedelta(seconds=1)
    assert links.fetch(name) is None


def test_a_link_is_used_so_often() -> None:
    links = Links("https://coach.example.nl", Ticking())
    name = name_of(links.offer(FILE))
    assert [links.fetch(name) for _ in range(MOST_FETCHES + 1)] == [FILE] * MOST_FETCHES + [None]


def test_the_oldest_makes_room() -> None:
    links = Links("https://coach.example.nl", Ticking())
    large = File("canvas.pdf", "application/pdf", bytes(MOST_BYTES // 2))
    names = [name_of(links.offer(large)) for _ in range(3)]
    assert [links.fetch(name) is not None for name in names] == [False, True, True]
