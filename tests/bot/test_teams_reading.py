"""What an activity of Teams says to the coach: messages, buttons, reactions, who is there; and everything else."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.transports.base import Change, Message, Press, PutOut, Removal, Sign
from bot.transports.teams import OWN
from bot.transports.teams.reading import Reading, answer, read

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BOT = {"id": "28:app", "name": "Opschaalcoach"}
ANNA = {"id": "29:anna", "name": "Anna de Vries"}
SERVICE = "https://smba.trafficmanager.net/emea/"
DATA = {OWN: {"kind": "question", "step": "impact.vraagstuk", "key": "k1"}, "value": "save"}


def activity(kind: str = "message", **more: Any) -> dict[str, Any]:
    common = {
        "type": kind,
        "id": "1",
        "timestamp": "2026-11-23T10:00:00.000Z",
        "serviceUrl": SERVICE,
        "channelId": "msteams",
        "from": ANNA,
        "recipient": BOT,
        "conversation": {"id": "19:chat@thread.v2", "conversationType": "groupChat", "tenantId": "tenant"},
    }
    return common | more


def named(text: str = "<at>Opschaalcoach</at>", whom: dict[str, str] = BOT) -> dict[str, Any]:
    return {"type": "mention", "text": text, "mentioned": whom}


def seen(**more: Any) -> Reading:
    found = read(activity(**more), NOW)
    assert found is not None
    return found


def message(**more: Any) -> Message:
    (one,) = seen(**more).incoming
    assert isinstance(one, Message)
    return one


# Messages ---------------------------------------------------------------------------------------------------------


def test_a_message_that_quotes_another_answers_it() -> None:
    quoted = {"type": "quotedReply", "quotedReply": {"messageId": "m7", "preview": "Wat?"}}
    one = message(text='<quoted messageId="m7"/> Te lange wachtlijst', entities=[quoted])
    assert (one.text, one.reply_to) == ("Te lange wachtlijst", "m7")
    old = '<blockquote itemtype="http://schema.skype.com/Reply" itemid="m8"><p>Wat?</p></blockquote><p>Nee</p>'
    one = message(text="Nee", attachments=[{"contentType": "text/html", "content": old}])
    assert (one.text, one.reply_to) == ("Nee", "m8")
    assert message(text="Nee", replyToId="m9", entities=[quoted]).reply_to == "m9"
    for odd in (
        {"entities": [{"type": "quotedReply"}]},
        {"attachments": [{"contentType": "text/html", "content": '<blockquote itemid="x">citaat</blockquote>'}]},
        {"attachments": [{"contentType": "text/html", "content": 7}]},
    ):
        assert message(text="Nee", **odd).reply_to is None


def test_a_message_says_who_where_and_where_answers_go() -> None:
    found = seen(text="Hallo")
    assert (found.room, found.sender, found.name) == ("19:chat@thread.v2", "29:anna", "Anna de Vries")
    there = found.reference
    assert (there.service, there.tenant, there.bot, there.kind) == (SERVICE, "tenant", "28:app", "groupChat")
    assert (found.shared, found.people_changed) == (True, False)
    at = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    assert found.incoming == (Message("19:chat@thread.v2", "1", at, "29:anna", "Hallo"),)


def test_only_the_mention_of_the_coach_is_taken_out() -> None:
    bas = {"id": "29:bas", "name": "Bas"}
    text = "<at>Opschaalcoach</at>&nbsp;memo &amp; nota <at>Bas</at> 1&nbsp;december"
    found = message(text=text, entities=[named(), named("<at>Bas</at>", bas)])
    assert (found.text, found.mentioned) == ("memo & nota @Bas 1 december", True)


def test_whoever_mentions_somebody_else_does_not_mention_the_coach() -> None:
    bas = {"id": "29:bas", "name": "Bas"}
    found = message(text="<at>Bas</at> kijk", entities=[named("<at>Bas</at>", bas)])
    assert (found.text, found.mentioned) == ("@Bas kijk", False)


def test_html_is_read_as_its_text() -> None:
    text = "<p>een <b>twee</b></p><p>drie<br>vier &lt; vijf</p>"
    assert message(text=text, textFormat="html").text == "een twee\ndrie\nvier < vijf"


def test_a_personal_chat_is_no_group() -> None:
    found = seen(text="Hallo", conversation={"id": "a:1", "conversationType": "personal"})
    assert (found.shared, found.reference.kind) == (False, "personal")


def test_each_thread_of_a_channel_is_a_room() -> None:
    there = {"id": "19:c@thread.tacv2;messageid=5", "conversationType": "channel"}
    found = seen(text="Hallo", conversation=there, replyToId="5")
    assert found.room == "19:c@thread.tacv2;messageid=5"
    assert found.incoming[0].room == found.room
    assert isinstance(found.incoming[0], Message)
    assert found.incoming[0].reply_to is None  # the thread is the room already
    assert read(activity("conversationUpdate", conversation={**there, "id": "19:c@thread.tacv2"}), NOW) is None


def test_a_change_follows_its_message_and_two_changes_differ() -> None:
    data = {"eventType": "editMessage"}
    (one,) = seen(kind="messageUpdate", text="nieuw", channelData=data).incoming
    (two,) = seen(kind="messageUpdate", text="nieuwer", channelData=data).incoming
    assert isinstance(one, Change)
    assert isinstance(two, Change)
    assert (one.target, one.text, two.text) == ("1", "nieuw", "nieuwer")
    assert one.id != two.id
    assert seen(kind="messageUpdate", text="x", channelData={"eventType": "undeleteMessage"}).incoming == ()


def test_a_removal_takes_its_message() -> None:
    (one,) = seen(kind="messageDelete", channelData={"eventType": "softDeleteMessage"}).incoming
    assert isinstance(one, Removal)
    assert (one.target, one.sender) == ("1", "29:anna")


@pytest.mark.parametrize(
    ("kind", "key"), [("like", "👍"), ("1f7e2_largegreencircle", "🟢"), ("2705_whiteheavycheckmark", "✅")]
)
def test_a_reaction_is_a_sign(kind: str, key: str) -> None:
    put = seen(kind="messageReaction", replyToId="m", reactionsAdded=[{"type": kind}]).incoming
    off = seen(kind="messageReaction", replyToId="m", reactionsRemoved=[{"type": kind}]).incoming
    assert [(one.target, one.key, one.removed) for one in (*put, *off) if isinstance(one, Sign)] == [
        ("m", key, False),
        ("m", key, True),
    ]


def test_a_reaction_that_is_no_sign_says_nothing() -> None:
    added = [{"type": "heart"}, {"type": 5}, {}, {"type": "ffffffff_x"}]
    assert seen(kind="messageReaction", replyToId="m", reactionsAdded=added).incoming == ()


# Buttons ----------------------------------------------------------------------------------------------------------


def invoke(data: dict[str, Any], **more: Any) -> dict[str, Any]:
    value = {"action": {"type": "Action.Execute", "verb": "press", "data": data}}
    return activity("invoke", name="adaptiveCard/action", value=value, **more)


def pressed(data: dict[str, Any], **more: Any) -> Press:
    found = read(invoke(data, **more), NOW)
    assert found is not None
    (one,) = found.incoming
    assert isinstance(one, Press)
    return one


def test_a_button_says_what_was_filled_in() -> None:
    data = {**DATA, "text": "Wachtlijsten", "picked": "in,op", "row2": "deels", "row1": "voldoende", "person": "29:b"}
    one = pressed(data)
    assert (one.key, one.value, one.text, one.person) == ("k1", "save", "Wachtlijsten", "29:b")
    assert one.picked == ("in", "op", "1 voldoende", "2 deels")


def test_the_same_press_has_the_same_id_however_it_comes() -> None:
    data = {**DATA, "text": "Wachtlijsten"}
    one = pressed(data)
    assert pressed(data, id="2", timestamp="2026-11-23T10:00:09Z").id == one.id
    (submitted,) = seen(value=data, id="3").incoming
    assert submitted.id == one.id
    others = [
        pressed({**data, "text": "Anders"}),
        pressed({**data, "value": "skip"}),
        pressed({**data, OWN: {"key": "k2"}}),
    ]
    others.append(pressed(data, **{"from": {"id": "29:bas"}}))
    assert len({one.id, *(other.id for other in others)}) == 5


def test_a_button_gets_an_answer_and_nothing_else_does() -> None:
    assert answer(invoke(DATA), "Ontvangen.") == {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": "Ontvangen.",
    }
    assert answer(activity(), "x") is None
    assert answer(activity("invoke", name="task/fetch"), "x") is None


def test_a_card_of_another_says_nothing() -> None:
    found = read(invoke({"action": "buy"}), NOW)
    assert found is not None
    assert found.incoming == ()


# Who is there -----------------------------------------------------------------------------------------------------


def test_who_comes_or_goes_is_to_be_looked_up() -> None:
    assert seen(kind="conversationUpdate", membersAdded=[BOT]).people_changed
    assert seen(kind="conversationUpdate", membersRemoved=[ANNA]).people_changed
    assert not seen(kind="conversationUpdate", topicName="x").people_changed
    for action in ("add", "add-upgrade"):
        assert seen(kind="installationUpdate", action=action).people_changed


def test_the_coach_can_be_put_out() -> None:
    gone = [
        seen(kind="conversationUpdate", membersRemoved=[ANNA, BOT]),
        seen(kind="installationUpdate", action="remove"),
        seen(kind="installationUpdate", action="remove-upgrade"),
    ]
    for found in gone:
        assert isinstance(found.incoming[0], PutOut)
        assert not found.people_changed


# Anything else ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [
        {},
        activity(conversation=None),
        activity(conversation={"id": 5}),
        activity(recipient={}),
        activity(serviceUrl=None),
        activity(**{"from": BOT}),
    ],
)
def test_what_has_no_place_is_nothing(odd: dict[str, Any]) -> None:
    assert read(odd, NOW) is None


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "typing"},
        {"kind": "event", "name": "application/vnd.microsoft.readReceipt"},
        {"kind": "invoke", "name": "composeExtension/query"},
        {"kind": "somethingNew"},
        {"from": None, "text": "x"},
        {"kind": "invoke", "name": "adaptiveCard/action", "value": "x"},
    ],
)
def test_what_is_not_known_says_nothing(more: dict[str, Any]) -> None:
    assert seen(**more).incoming == ()


def test_an_odd_moment_is_now() -> None:
    for stamp in (None, "gisteren", "2026-11-23T10:00:00", 5, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        assert message(text="x", timestamp=stamp).at == NOW


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=10,
)
_NAMES = sorted(
    {*activity(), "text", "value", "entities", "channelData", "reactionsAdded", "membersAdded", "replyToId"}
)
_KINDS = ["message", "invoke", "messageReaction", "messageUpdate", "messageDelete", "conversationUpdate"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(_KINDS), st.dictionaries(st.sampled_from(_NAMES), _JSON, max_size=4))
def test_no_form_of_an_activity_is_a_fault(kind: str, odd: dict[str, Any]) -> None:
    one = activity(kind) | odd
    before = copy.deepcopy(one)
    read(one, NOW)
    answer(one, "x")
    assert one == before
