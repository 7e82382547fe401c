"""What is answered to requests before any command is carried out."""

import json
from time import time
from urllib.parse import urlencode

import pytest

from tests.slack.wire import Desk, signature


@pytest.mark.parametrize("shift", [-301, 301, -10_000, 10_000])
async def test_a_timestamp_off_by_more_than_five_minutes_is_refused(desk: Desk, shift: int) -> None:
    body = urlencode(desk.form("help")).encode()
    response = await desk.send(body, at=time() + shift)
    assert response.status_code == 401
    assert desk.slack.calls == []


@pytest.mark.parametrize("shift", [-290, 0, 290])
async def test_a_timestamp_within_five_minutes_is_taken(desk: Desk, shift: int) -> None:
    body = urlencode(desk.form("help")).encode()
    response = await desk.send(body, at=time() + shift)
    assert response.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-signature": ""},
        {"x-slack-signature": "v0=é"},
        {"x-slack-request-timestamp": ""},
        {"x-slack-request-timestamp": "now"},
        {"x-slack-request-timestamp": "-1"},
        {"x-slack-request-timestamp": "9" * 400},
    ],
)
async def test_a_broken_proof_is_refused(desk: Desk, headers: dict[str, str]) -> None:
    body = urlencode(desk.form("help")).encode()
    encoded = {key: value.encode() for key, value in {**signature(body), **headers}.items()}
    response = await desk.http.post("/slack/events", content=body, headers=encoded)
    assert response.status_code == 401
    assert desk.slack.calls == []


async def test_the_proof_is_of_the_raw_bytes(desk: Desk) -> None:
    body = urlencode(desk.form("help")).encode()
    proof = signature(body)
    response = await desk.http.post("/slack/events", content=body + b"&x=1", headers=proof)
    assert response.status_code == 401


async def test_another_secret_proves_nothing(desk: Desk) -> None:
    body = urlencode(desk.form("help")).encode()
    proof = signature(body, secret="another")
    response = await desk.http.post("/slack/events", content=body, headers=proof)
    assert response.status_code == 401


async def test_a_header_sent_twice_proves_nothing(desk: Desk) -> None:
    body = urlencode(desk.form("help")).encode()
    proof = [*signature(body).items(), ("x-slack-signature", "v0=0")]
    response = await desk.http.post("/slack/events", content=body, headers=proof)
    assert response.status_code == 401


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[" * 100_000),
        ("application/json", b"[]"),
        ("application/json", b"\xff"),
        ("application/x-www-form-urlencoded", b"payload=nonsense"),
        ("application/x-www-form-urlencoded", b"a=1&" * 200),
        ("application/x-www-form-urlencoded", b"\xff\xfe"),
    ],
)
async def test_a_proven_body_of_no_use_is_a_bad_request(desk: Desk, kind: str, body: bytes) -> None:
    response = await desk.send(body, headers={"content-type": kind})
    assert response.status_code == 400


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "event_callback", "event": "no"},
        {"type": "event_callback", "event": {"type": "app_mention", "channel": 5}},
        {"type": "block_actions", "actions": "x"},
        {"type": "block_actions", "actions": []},
        {"type": "view_submission", "view": 5},
        {"type": "event_callback", "team": 7},
        {"type": "event_callback", "event": {"type": "message", "text": "hello"}},
        {"type": "app_rate_limited"},
        {"type": "view_closed", "view": {"id": "V1", "callback_id": "gone"}},
        {"type": "shortcut", "callback_id": "nobody"},
    ],
)
async def test_what_argus_has_no_use_for_is_no_failure_of_its_own(
    desk: Desk, payload: dict[str, object]
) -> None:
    response = await desk.send(
        json.dumps(payload).encode(), headers={"content-type": "application/json"}
    )
    assert response.status_code in {200, 400}
    assert desk.slack.calls == []


async def test_an_event_of_no_use_is_acknowledged_or_slack_would_send_it_again(desk: Desk) -> None:
    event = {"type": "event_callback", "event": {"type": "message", "text": "hello"}}
    response = await desk.send(
        json.dumps(event).encode(), headers={"content-type": "application/json"}
    )
    assert response.status_code == 200


async def test_slacks_look_at_the_certificate_needs_no_proof_and_does_nothing(desk: Desk) -> None:
    checked = await desk.http.post("/slack/events", content=b"token=t&ssl_check=1")
    assert (checked.status_code, checked.text) == (200, "")
    padded = await desk.http.post("/slack/events", content=b"ssl_check=1&" + b"a=1&" * 200)
    assert padded.status_code == 401
    assert desk.slack.calls == []


async def test_a_command_in_an_unknown_form_is_told_at_once(desk: Desk) -> None:
    body = urlencode(desk.form("help", channel_id="not an id")).encode()
    response = await desk.send(body)
    assert response.status_code == 200
    assert "Nothing was queued." in response.text
    assert "Request " in response.text


async def test_ids_of_another_form_are_ids_all_the_same(desk: Desk) -> None:
    response = await desk.send(urlencode(desk.form("help", channel_id="c_general-1")).encode())
    assert (response.status_code, response.text) == (200, "")


async def test_only_posts_are_taken(desk: Desk) -> None:
    assert (await desk.http.get("/slack/events")).status_code == 405


async def test_slack_can_verify_the_address(desk: Desk) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c-1"}).encode()
    response = await desk.send(body, headers={"content-type": "application/json"})
    assert response.json() == {"challenge": "c-1"}


async def test_a_button_that_is_a_link_is_acknowledged(desk: Desk) -> None:
    pressed = {
        "type": "block_actions",
        "team": {"id": "T0HOME"},
        "user": {"id": "U0ASKER"},
        "actions": [{"action_id": "open_review", "block_id": "b", "type": "button"}],
    }
    response = await desk.send(urlencode({"payload": json.dumps(pressed)}).encode())
    assert response.status_code == 200


async def test_acknowledging_calls_nobody(desk: Desk) -> None:
    body = urlencode(desk.form("help", response_url="https://evil.example/")).encode()
    assert (await desk.send(body)).status_code == 200
    assert desk.slack.calls == []
