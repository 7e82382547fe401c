"""Decoding of payloads: used fields only, and nothing but MalformedEvent for bad ones."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models import PullRequestRef
from github.events import (
    CheckRunEvent,
    CommentEvent,
    MalformedEvent,
    OtherEvent,
    PullRequestEvent,
    decode,
)
from tests.github.payloads import (
    HEAD,
    check_run_payload,
    closed_payload,
    comment_payload,
    pull_request_payload,
)


def decode_payload(payload: Any) -> object:
    return decode("pull_request", json.dumps(payload).encode())


def test_a_pull_request_event_keeps_what_is_used():
    expected = PullRequestEvent(
        action="opened",
        ref=PullRequestRef(owner="acme", repo="shop.api", number=7),
        repo_id=4242,
        head=HEAD,
        sender="octocat",
        installation_id=99,
    )
    assert expected == decode_payload(pull_request_payload())


def test_fields_that_are_not_used_may_change_their_shape():
    payload = pull_request_payload()
    payload["pull_request"]["user"] = 5
    payload["organization"] = [None]
    assert isinstance(decode_payload(payload), PullRequestEvent)


@pytest.mark.parametrize("key", ["installation", "sender", "changes"])
@pytest.mark.parametrize("absent", [True, False])
def test_optional_parts_may_be_missing_or_null(key: str, absent: bool):
    payload = pull_request_payload()
    payload[key] = None
    if absent:
        del payload[key]
    assert isinstance(decode_payload(payload), PullRequestEvent)


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({"base": {"ref": {"from": "main"}, "sha": {"from": "0" * 40}}}, True),
        ({"title": {"from": "old"}}, False),
        ({}, False),
    ],
)
def test_a_changed_base_is_told_from_a_changed_title(changes: dict[str, Any], changed: bool):
    event = decode_payload(pull_request_payload(action="edited", changes=changes))
    assert isinstance(event, PullRequestEvent)
    assert changed == event.base_changed


@pytest.mark.parametrize("merged", [True, False])
def test_a_closing_tells_when_it_happened_and_how(*, merged: bool):
    event = decode_payload(closed_payload(merged=merged))
    assert isinstance(event, PullRequestEvent)
    assert (event.action, event.closed_at, event.merged) == ("closed", 1_700_000_000.0, merged)


@pytest.mark.parametrize("name", ["ping", "push", "issues", "installation", "made_up"])
def test_other_events_are_known_by_name_alone(name: str):
    assert OtherEvent(name) == decode(name, b'{"zen":"Design for failure."}')


@pytest.mark.parametrize("name", ["pull_request", "ping"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"12",
        b"{",
        b'{"a":1} trailing',
        b"payload=%7B%7D",
        b"\xff\xfe",
        b'{"a":"\xff"}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":"\\ud800"}',
        b'{"a":' + b"9" * 5_000 + b"}",
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' * 100_000,
    ],
)
def test_what_is_no_proper_json_object_is_malformed(name: str, body: bytes):
    with pytest.raises(MalformedEvent):
        decode(name, body)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("pull_request", None),
        ("pull_request.number", 0),
        ("pull_request.number", 10**30),
        ("pull_request.number", "x"),
        ("pull_request.head.sha", "main"),
        ("pull_request.head.sha", HEAD.upper()),
        ("repository.id", -1),
        ("repository.name", "../evil"),
        ("repository.owner.login", ""),
        ("repository.owner", None),
        ("action", None),
    ],
)
def test_a_value_that_cannot_be_is_malformed_and_named(path: str, value: object):
    payload = pull_request_payload()
    *parents, last = path.split(".")
    target = payload
    for parent in parents:
        target = target[parent]
    target[last] = value
    with pytest.raises(MalformedEvent, match=path.replace(".", r"\.")):
        decode_payload(payload)


def test_the_words_nan_and_infinity_in_a_text_are_no_numbers():
    payload = pull_request_payload()
    payload["pull_request"]["title"] = "Handle NaN and Infinity"
    assert isinstance(decode_payload(payload), PullRequestEvent)


@given(body=st.binary(max_size=300))
def test_no_bytes_raise_anything_else(body: bytes):
    for name in ("pull_request", "issue_comment", "check_run", "ping"):
        with contextlib.suppress(MalformedEvent):
            decode(name, body)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(
    part=st.sampled_from(["action", "pull_request", "repository", "installation", "sender"]),
    value=JSON_VALUES,
)
def test_no_value_in_any_part_raises_anything_else(part: str, value: object):
    with contextlib.suppress(MalformedEvent):
        decode_payload(pull_request_payload() | {part: value})


def test_comment_in_the_conversation() -> None:
    event = decode("issue_comment", json.dumps(comment_payload("/argus help")).encode())
    assert event == CommentEvent(
        action="created",
        ref=PullRequestRef(owner="acme", repo="shop.api", number=7),
        repo_id=4242,
        installation_id=99,
        sender="octocat",
        comment_id=501,
        body="/argus help",
    )


def test_comment_on_an_issue_is_of_no_use() -> None:
    payload = comment_payload("/argus help", issue={"number": 7})
    assert decode("issue_comment", json.dumps(payload).encode()) == OtherEvent("issue_comment")


@pytest.mark.parametrize(("reply_to", "thread"), [(None, 501), (400, 400)])
def test_comment_on_a_line_belongs_to_the_thread_that_it_opens_or_answers(
    reply_to: int | None, thread: int
) -> None:
    payload = comment_payload("ok", pull_request={"number": 7})
    payload["comment"]["in_reply_to_id"] = reply_to
    event = decode("pull_request_review_comment", json.dumps(payload).encode())
    assert isinstance(event, CommentEvent)
    assert (event.on_diff, event.thread_id) == (True, thread)


def test_comment_written_by_an_app_is_of_a_bot_whoever_sent_it() -> None:
    payload = comment_payload("/argus help")
    payload["comment"]["user"] = {"login": "other[bot]", "type": "Bot"}
    event = decode("issue_comment", json.dumps(payload).encode())
    assert isinstance(event, CommentEvent)
    assert event.by_bot


def test_button_of_a_check_run() -> None:
    body = json.dumps(check_run_payload("requested_action", button="pause:7")).encode()
    event = decode("check_run", body)
    assert isinstance(event, CheckRunEvent)
    assert (event.owner, event.repo, event.numbers, event.button) == (
        "acme", "shop.api", (7,), "pause:7",
    )  # fmt: skip
