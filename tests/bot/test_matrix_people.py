"""Who is in a Matrix room and who moderates it, event by event, also where an event is nonsense."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.transports.matrix.people import Hall, localpart, server_of
from flows.conversation.events import Person

COACH, ANNA, BAS = "@coach:x", "@anna:x", "@bas:y"


def state(kind: Any, content: Any, key: Any = "", sender: Any = ANNA) -> dict[str, Any]:
    return {"type": kind, "state_key": key, "content": content, "sender": sender}


def member(user: str, membership: Any = "join", name: Any = None) -> dict[str, Any]:
    return state("m.room.member", {"membership": membership, "displayname": name}, user)


def levels(users: Any = None, **more: Any) -> dict[str, Any]:
    return state("m.room.power_levels", {"users": users, **more})


def after(*sources: dict[str, Any], hall: Hall | None = None) -> Hall:
    hall = Hall() if hall is None else hall
    for source in sources:
        hall = hall.after(source)
    return hall


FULL = after(member(ANNA, name="Anna"), member(BAS, name="Bas"), member(COACH, name="Coach"), levels({ANNA: 100}))


def test_people_are_those_who_joined_but_for_those_left_out() -> None:
    assert FULL.people([COACH]) == (Person(ANNA, "Anna", moderator=True), Person(BAS, "Bas"))


@pytest.mark.parametrize("membership", ["leave", "ban", "invite", "knock", None, 7, ["join"]])
def test_whoever_is_not_joined_is_not_there(membership: Any) -> None:
    assert [one.id for one in after(member(BAS, membership), hall=FULL).people([COACH])] == [ANNA]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Anna B", "Anna B"),
        (" Anna \n B ", "Anna B"),
        (None, "anna"),
        ("", "anna"),
        ("  ", "anna"),
        (7, "anna"),
        ([], "anna"),
    ],
)
def test_the_name_is_what_they_show_else_the_name_in_their_id(name: Any, shown: str) -> None:
    (one,) = after(member(ANNA, name=name)).people([])
    assert one.name == shown


def test_a_name_of_ten_thousand_letters_is_cut() -> None:
    (one,) = after(member(ANNA, name="a" * 10_000)).people([])
    assert len(one.name) <= 100


def test_a_name_that_two_people_have_gets_their_id_behind_it() -> None:
    hall = after(member(BAS, name="Anna"), hall=FULL)
    assert [one.name for one in hall.people([COACH])] == [f"Anna ({ANNA})", f"Anna ({BAS})"]
    hall = after(member(COACH, name="Anna"), hall=FULL)
    assert [one.name for one in hall.people([COACH])] == ["Anna", "Bas"]


def test_a_new_name_is_another_room_and_the_same_again_is_the_same() -> None:
    assert after(member(BAS, name="Sebastiaan"), hall=FULL).people([]) != FULL.people([])
    assert after(member(BAS, name="Bas"), hall=FULL) is FULL


# Moderators -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "moderators"),
    [
        ({"users": {ANNA: 100, BAS: 50}}, {ANNA, BAS}),
        ({"users": {ANNA: 100, BAS: 49}}, {ANNA}),
        ({"users": {ANNA: 100, BAS: 50}, "redact": 60}, {ANNA}),
        ({"users": {ANNA: 100, BAS: 10}, "redact": 10}, {ANNA, BAS}),
        ({"users": {BAS: 0}, "users_default": 50}, {ANNA}),
        ({"users": {ANNA: "100"}}, {ANNA}),
        ({"users": {ANNA: "veel", BAS: None}}, set()),
        ({"users": {ANNA: []}, "redact": {}, "users_default": []}, set()),
        ({"users": [ANNA]}, set()),
        ({"users": {ANNA: float("inf")}, "redact": float("nan")}, set()),
        ({}, set()),
        ({"redact": 0}, {ANNA, BAS}),
    ],
)
def test_moderators_have_the_power_to_redact(content: dict[str, Any], moderators: set[str]) -> None:
    hall = after(state("m.room.power_levels", content), hall=FULL)
    assert {one.id for one in hall.people([COACH]) if one.moderator} == moderators
    assert {user for user in (ANNA, BAS) if hall.moderates(user)} == moderators


@pytest.mark.parametrize(
    ("version", "counts"), [("12", True), ("13", True), ("org.x", True), ("11", False), ("1", False)]
)
def test_from_version_12_on_creators_moderate(version: str, counts: bool) -> None:
    created = state("m.room.create", {"room_version": version, "additional_creators": [BAS, 7]})
    hall = after(created, levels({}), hall=FULL)
    assert [hall.moderates(user) for user in (ANNA, BAS, COACH)] == [counts, counts, False]


def test_a_room_without_a_version_is_of_the_first() -> None:
    assert not after(state("m.room.create", {}), levels({}), hall=FULL).moderates(ANNA)


def test_where_only_the_moderators_are_known_they_hold_till_the_levels_come() -> None:
    hall = Hall(members={ANNA: "Anna", BAS: "Bas"}, known=frozenset({BAS}))
    assert [hall.moderates(user) for user in (ANNA, BAS)] == [False, True]
    assert [after(levels({ANNA: 50}), hall=hall).moderates(user) for user in (ANNA, BAS)] == [True, False]


# The rest of a room -----------------------------------------------------------------------------------------------


def test_encryption_once_on_stays_on() -> None:
    hall = after(state("m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"}), hall=FULL)
    assert (FULL.encrypted, hall.encrypted) == (False, True)
    assert after(state("m.room.encryption", {}), hall=hall).encrypted


@pytest.mark.parametrize(
    "source",
    [
        {}, {"type": "m.room.member"}, state("m.room.member", None, BAS), state("m.room.member", [], BAS),
        state("m.room.member", {"membership": "leave"}, None), state("m.room.member", {"membership": "leave"}, 7),
        state("m.room.power_levels", {"users": {BAS: 100}}, "x"), state("m.room.create", {"room_version": "12"}, "x"),
        state("m.room.encryption", {}, "x"), state("m.room.topic", {"topic": "x"}), state(None, {}), state([], {}),
        {"type": "m.room.message", "content": {"body": "x"}}, member("@nobody:x", "leave"),
    ],
)  # fmt: skip
def test_what_changes_nothing_is_the_same_room(source: dict[str, Any]) -> None:
    assert FULL.after(source) is FULL


def test_people_as_the_server_lists_them_take_the_place_of_who_was_there() -> None:
    hall = FULL.with_members({BAS: None, "@dina:x": "Dina"})
    assert [(one.id, one.name) for one in hall.people([])] == [(BAS, "bas"), ("@dina:x", "Dina")]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
CONTENT = JUNK | st.fixed_dictionaries(
    {},
    optional={
        "membership": st.just("join") | JUNK, "displayname": JUNK, "users": JUNK | st.dictionaries(st.just(ANNA), JUNK),
        "users_default": JUNK, "redact": JUNK, "room_version": JUNK, "additional_creators": JUNK, "type": JUNK,
    },
)  # fmt: skip
KINDS = st.sampled_from(["m.room.member", "m.room.power_levels", "m.room.create", "m.room.encryption"])
EVENTS = st.builds(state, KINDS | JUNK, CONTENT, st.sampled_from(["", ANNA, BAS]) | JUNK, JUNK)


@given(st.lists(EVENTS, max_size=6))
@settings(deadline=None)
def test_no_state_event_ends_the_reading(sources: list[dict[str, Any]]) -> None:
    people = after(*sources, hall=FULL).people([COACH])
    assert all(isinstance(one.name, str) and isinstance(one.moderator, bool) for one in people)
    assert len({one.id for one in people}) == len(people)


@pytest.mark.parametrize(
    ("user", "local", "server"),
    [
        ("@anna:example.nl", "anna", "example.nl"),
        ("@anna:e.nl:8448", "anna", "e.nl:8448"),
        ("anna", "anna", ""),
        ("@:x", "@:x", "x"),
    ],
)
def test_the_parts_of_an_id(user: str, local: str, server: str) -> None:
    assert (localpart(user), server_of(user)) == (local, server)
