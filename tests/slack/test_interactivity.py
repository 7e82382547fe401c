"""Buttons and menus: acknowledged at once, carried out with the rights of whoever pressed."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.commands import Ignore, Mute, Plain, Review, Verb, parse
from core.following import Talk
from core.models import (
    Dismissal,
    DismissalScope,
    Duplicate,
    DuplicateOf,
    FindingState,
    OriginKind,
    PullRequestRef,
    QuietKind,
    Right,
    RowKind,
    Stage,
)
from slack import blocks
from slack.blocks.card import Setting
from slack.blocks.controls import AGAIN, DISMISS, EXPLAIN, MUTE, meaning
from slack.replies import unsealed
from tests.bot.asking import push
from tests.bot.test_ledger_dismissals import FOUND, end, memory_of
from tests.fakes.core import a_pull_request
from tests.slack.samples import HEAD, a_delivery, a_done_delivery, a_reply
from tests.slack.wire import CHANNEL, SEAL, TEAM, USER, WEB, Answer, Desk

REF = PullRequestRef(owner="octo", repo="shop", number=7)
CARD, REPLY = "17.000001", "17.000002"


def pressed(desk: Desk, action_id: str, value: str = "", **changes: Any) -> dict[str, Any]:
    """Return a press as Slack sends it."""
    body = {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": USER, "team_id": TEAM},
        "channel": {"id": CHANNEL},
        "container": {"type": "message", "message_ts": CARD, "is_ephemeral": False},
        "message": {"ts": CARD},
        "trigger_id": "1.2.abc",
        "response_url": desk.slack.response_url,
        "actions": [{"action_id": action_id, "type": "button", "value": value}],
    }
    return body | changes


def chosen(desk: Desk, option: str) -> dict[str, Any]:
    """Return an option of a reply's menu, chosen."""
    action = {"action_id": DISMISS, "type": "static_select", "selected_option": {"value": option}}
    return under_reply(desk) | {"actions": [action]}


def under_reply(desk: Desk, action_id: str = EXPLAIN, value: str = "explain") -> dict[str, Any]:
    container = {"type": "message", "message_ts": REPLY, "is_ephemeral": False}
    message = {"ts": REPLY, "thread_ts": CARD}
    return pressed(desk, action_id, value, container=container, message=message)


async def press(desk: Desk, body: dict[str, Any]) -> None:
    response = await desk.send(urlencode({"payload": json.dumps(body)}).encode())
    assert response.status_code == 200
    await desk.app.drain()


def button(message: blocks.Message, action_id: str) -> dict[str, Any]:
    (found,) = [
        element
        for block in message.blocks
        for element in block.get("elements", ())
        if element.get("action_id") == action_id
    ]
    return dict(found)


@pytest.fixture
async def reviewed(desk: Desk) -> Desk:
    """A desk whose ledger knows a review, with a card and a reply under it."""
    await desk.kept.admit(push(number=7))
    job = await desk.kept.claim("w")
    assert job is not None
    await end(desk.kept, job, memory_of(*FOUND))
    desk.visibility.pull = a_pull_request(ref=REF, repo_id=7)
    await desk.kept.threads.remember(CHANNEL, CARD, Talk(ref=REF, repo_id=7))
    await desk.kept.threads.remember(CHANNEL, REPLY, Talk(ref=REF, repo_id=7, finding_id="f1"))
    return desk


async def words_on(desk: Desk) -> list[tuple[DismissalScope, str, str]]:
    memory = await desk.kept.memory.of("7:7")
    rules: tuple[Dismissal, ...] = await desk.kept.dismissals.rules(7)
    said = [(DismissalScope.RULE, rule.who, rule.reason) for rule in rules]
    said += [
        (DismissalScope.FINDING, each.who, each.reason)
        for each in memory.findings
        if each.state is FindingState.DISMISSED
    ]
    return said


async def test_re_review_asks_for_a_full_review_on_the_same_card(desk: Desk) -> None:
    desk.visibility.pull = a_pull_request(head=HEAD)
    card = blocks.card(a_done_delivery(), a_reply(), WEB, Setting(below=1))
    await press(desk, pressed(desk, AGAIN, button(card, AGAIN)["value"]))
    (request,) = desk.ledger.admitted
    assert (str(request.ref), request.full) == ("octo/shop#7", True)
    assert (request.origin.kind, request.origin.person) == (OriginKind.SLACK, USER)
    assert request.origin.id == "slack:1"
    assert desk.visibility.looks == [(REF, USER)]


async def test_a_double_click_asks_once(desk: Desk) -> None:
    value = button(blocks.card(a_done_delivery(), a_reply(), WEB), AGAIN)["value"]
    await press(desk, pressed(desk, AGAIN, value, trigger_id="1.2.a"))
    await press(desk, pressed(desk, AGAIN, value, trigger_id="1.2.b"))
    first, second = desk.ledger.admitted
    assert first.delivery == second.delivery


async def test_a_button_of_an_older_commit_asks_for_the_newest_and_says_so(desk: Desk) -> None:
    desk.visibility.pull = a_pull_request(head="f" * 40)
    value = button(blocks.card(a_done_delivery(), a_reply(), WEB), AGAIN)["value"]
    await press(desk, pressed(desk, AGAIN, value))
    (request,) = desk.ledger.admitted
    assert (request.head, request.full) == ("f" * 40, False)
    shown = json.dumps(desk.slack.made("hook")[0]["blocks"])
    assert "That card shows an older commit; this is about commit `fffffff`." in shown


async def test_pressed_while_the_commit_is_under_review_it_joins(desk: Desk) -> None:
    await desk.kept.admit(push(HEAD, number=7))
    desk.visibility.pull = a_pull_request(ref=REF, repo_id=7, head=HEAD)
    value = button(blocks.card(a_done_delivery(), a_reply(), WEB), AGAIN)["value"]
    await press(desk, pressed(desk, AGAIN, value))
    (request,) = desk.ledger.admitted
    assert not request.full


async def test_what_is_pressed_in_a_thread_is_answered_there(desk: Desk) -> None:
    await press(desk, under_reply(desk, "unknown"))
    await press(desk, pressed(desk, "unknown", message={"ts": CARD, "thread_ts": CARD}))
    in_thread, in_channel = desk.slack.made("hook")
    assert in_thread["thread_ts"] == CARD
    assert "thread_ts" not in in_channel


async def test_pressing_again_after_the_next_outcome_asks_again(desk: Desk) -> None:
    for ordinal in (0, 1):
        delivery = a_done_delivery().model_copy(update={"ordinal": ordinal})
        value = button(blocks.card(delivery, a_reply(), WEB), AGAIN)["value"]
        await press(desk, pressed(desk, AGAIN, value))
    first, second = desk.ledger.admitted
    assert first.delivery != second.delivery


async def test_a_repeated_press_is_answered_with_nothing(desk: Desk) -> None:
    desk.ledger.says = lambda _: Duplicate(job_id="7:7", of=DuplicateOf.DELIVERY)
    await press(desk, pressed(desk, AGAIN, f"{REF} {HEAD[:12]}.0 slack:1"))
    assert desk.answers == []


async def test_who_alone_saw_the_card_is_answered_by_a_message_of_their_own(desk: Desk) -> None:
    aside = blocks.card(a_done_delivery(), a_reply(), WEB, Setting(aside=True))
    body = pressed(desk, AGAIN, button(aside, AGAIN)["value"])
    body["container"]["is_ephemeral"] = True
    await press(desk, body)
    (request,) = desk.ledger.admitted
    assert request.origin.id.startswith(f"slack:{TEAM}:{CHANNEL}:")


async def test_a_button_acts_with_the_eyes_of_whoever_presses(desk: Desk) -> None:
    desk.visibility.unseen.add(str(REF))
    await press(desk, pressed(desk, AGAIN, f"{REF} {HEAD[:12]}.0 slack:1"))
    assert desk.ledger.admitted == []
    assert "was not found" in desk.answers[0]


async def test_press_is_heard_where_the_app_is_at_home_in_a_whole_organisation(desk: Desk) -> None:
    home = {"ok": True, "team_id": TEAM, "enterprise_id": "E0GRID"}
    desk.slack.will("auth.test", Answer(body=home))
    everywhere = {"team": None, "enterprise": {"id": "E0GRID"}, "is_enterprise_install": True}
    await press(desk, pressed(desk, AGAIN, f"{REF} {HEAD[:12]}.0", **everywhere))
    assert desk.ledger.admitted != []


async def test_guests_of_other_workspaces_press_in_vain(desk: Desk) -> None:
    body = pressed(desk, AGAIN, f"{REF} {HEAD[:12]}.0", user={"id": USER, "team_id": "T0OTHER"})
    await press(desk, body)
    assert desk.ledger.admitted == []
    assert "own workspace" in desk.answers[0]


async def test_mute_spares_the_channel_the_pull_request(reviewed: Desk) -> None:
    card = blocks.card(a_delivery(stage=Stage.RUNNING), a_reply(), WEB)
    await press(reviewed, pressed(reviewed, MUTE, button(card, MUTE)["value"]))
    (mute,) = await reviewed.kept.mutes.of(CHANNEL)
    assert (mute.kind, mute.what) == (QuietKind.PULL, "7:7")


async def test_explain_puts_a_question_that_is_answered_in_the_thread(reviewed: Desk) -> None:
    await press(reviewed, under_reply(reviewed))
    (order,) = reviewed.ledger.taken
    assert (order.words, order.finding_id, order.origin.kind) == ("explain", "f1", OriginKind.SLACK)
    assert unsealed(order.origin.reply, SEAL).thread == CARD
    await press(reviewed, under_reply(reviewed) | {"trigger_id": "9.9.z"})
    assert len({order.origin.id for order in reviewed.ledger.taken}) == 1
    assert "asked here before" in reviewed.answers[-1]


@pytest.mark.parametrize(
    ("option", "scope", "reason"),
    [
        ("this", DismissalScope.FINDING, ""),
        ("wrong", DismissalScope.FINDING, "it is wrong"),
        ("intended", DismissalScope.FINDING, "it is intended"),
        ("minor", DismissalScope.FINDING, "it is not worth a change"),
        ("rule", DismissalScope.RULE, ""),
    ],
)
async def test_the_menu_dismisses_with_a_reason_in_one_tap(
    reviewed: Desk, option: str, scope: DismissalScope, reason: str
) -> None:
    await press(reviewed, chosen(reviewed, option))
    assert (scope, f"slack:{USER}", reason) in await words_on(reviewed)
    assert "ismissed" in reviewed.answers[0]


async def test_the_menu_dismisses_everything_that_is_open(reviewed: Desk) -> None:
    await press(reviewed, chosen(reviewed, "all"))
    assert len(await words_on(reviewed)) == len(FOUND)


async def test_who_may_not_write_dismisses_nothing(reviewed: Desk) -> None:
    reviewed.permissions.held = Right.READ
    await press(reviewed, chosen(reviewed, "this"))
    assert await words_on(reviewed) == []
    assert "may not" in reviewed.answers[0]


async def test_dismissing_twice_says_that_nothing_changed(reviewed: Desk) -> None:
    await press(reviewed, chosen(reviewed, "this"))
    await press(reviewed, chosen(reviewed, "this"))
    assert "already" in reviewed.answers[1]


async def test_a_button_of_another_version_says_so(desk: Desk) -> None:
    for body in (pressed(desk, "approve_all"), pressed(desk, AGAIN, "no state"), chosen(desk, "?")):
        await press(desk, body)
    assert len(desk.answers) == 3
    assert all("does nothing any more" in answer for answer in desk.answers)


@pytest.mark.parametrize(
    "changes",
    [
        {"response_url": "https://evil.example/hook"},
        {"channel": {"id": "not an id"}},
        {"actions": [{"action_id": "x" * 300}]},
        {"team": None},
    ],
)
async def test_what_slack_would_not_send_is_left_alone(desk: Desk, changes: dict[str, Any]) -> None:
    await press(desk, pressed(desk, AGAIN, f"{REF} {HEAD[:12]}.0", **changes))
    assert (desk.ledger.admitted, desk.slack.calls) == ([], [])


async def test_acknowledging_a_press_waits_for_nobody(desk: Desk) -> None:
    body = pressed(desk, AGAIN, f"{REF} {HEAD[:12]}.0 slack:1")
    response = await desk.send(urlencode({"payload": json.dumps(body)}).encode())
    assert (response.status_code, response.text) == (200, "")


@pytest.mark.parametrize(
    ("action_id", "value", "command"),
    [
        (AGAIN, "octo/shop#7 0123456789ab.0 slack:1", Review(REF, full=True)),
        (MUTE, "octo/shop#7", Mute(REF)),
        (EXPLAIN, "explain", Plain(Verb.EXPLAIN)),
        (DISMISS, "this", Ignore()),
        (DISMISS, "all", Ignore(DismissalScope.PULL_REQUEST)),
        (DISMISS, "rule", Ignore(DismissalScope.RULE)),
        (DISMISS, "wrong", Ignore(DismissalScope.FINDING, "it is wrong")),
    ],
)
def test_every_press_is_a_command_of_the_grammar(
    action_id: str, value: str, command: object
) -> None:
    meant = meaning(action_id, value)
    assert meant is not None
    assert parse(meant.words, web_url=WEB) == command


@given(st.sampled_from([AGAIN, MUTE, EXPLAIN, DISMISS]), st.text(max_size=300))
def test_no_value_makes_a_command_that_is_not_meant(action_id: str, value: str) -> None:
    meant = meaning(action_id, value)
    if meant is not None:
        verbs = {AGAIN: Verb.REVIEW, MUTE: Verb.MUTE, EXPLAIN: Verb.EXPLAIN, DISMISS: Verb.IGNORE}
        assert parse(meant.words, web_url=WEB).verb is verbs[action_id]


@pytest.mark.parametrize("kind", [RowKind.SLACK, RowKind.CHANNEL])
def test_only_a_request_has_its_answer_on_its_own_card(kind: RowKind) -> None:
    done = a_done_delivery()
    row = done.row.model_copy(update={"kind": kind})
    card = blocks.card(done.model_copy(update={"row": row}), a_reply(), WEB)
    meant = meaning(AGAIN, button(card, AGAIN)["value"])
    assert meant is not None
    assert meant.card == ("slack:1" if kind is RowKind.SLACK else "")
