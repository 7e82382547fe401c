"""Deliveries of the local GitHub: what is sent, how it is signed, what becomes of it."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from tests.contracts.examples import example_payloads
from tests.fakes import github as fakes
from tests.fakes.github import REPO, FakeGitHub, Opened

hub = fakes.github

SECRET = "a secret of enough characters"


@dataclass
class Ear:
    """A webhook target that writes down what it hears."""

    statuses: list[int] = field(default_factory=list)
    """Answers in order; 202 when used up."""
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    def events(self) -> list[tuple[str, str | None]]:
        return sorted(
            (headers["x-github-event"], json.loads(body).get("action"))
            for headers, body in self.heard
        )

    def payload(self, event: str, action: str | None = None) -> dict[str, Any]:
        for headers, body in self.heard:
            payload: dict[str, Any] = json.loads(body)
            if headers["x-github-event"] == event and payload.get("action") == action:
                return payload
        raise AssertionError(f"no {event} {action} was heard")


@pytest.fixture
def ear() -> Iterator[Ear]:
    listening = Ear()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            listening.heard.append((headers, body))
            self.send_response(listening.statuses.pop(0) if listening.statuses else 202)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    listening.url = f"http://127.0.0.1:{server.server_port}/webhooks/github"
    yield listening
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def opened(hub: FakeGitHub, ear: Ear) -> Opened:
    hub.set_webhook(ear.url, SECRET)
    return hub.open({"a": "1\n"}, {"a": "2\n"}, title="Two", author="mona")


async def test_an_opened_pull_request_is_announced_and_signed(
    hub: FakeGitHub, ear: Ear, opened: Opened
) -> None:
    deliveries = await hub.delivered(2)
    assert ear.events() == [("installation", "created"), ("pull_request", "opened")]
    headers, body = next(h for h in ear.heard if h[0]["x-github-event"] == "pull_request")
    expected = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["x-hub-signature-256"] == f"sha256={expected}"
    assert headers["user-agent"].startswith("GitHub-Hookshot/")
    assert headers["x-github-hook-installation-target-id"] == hub.app_id
    assert headers["x-github-delivery"] in {row["guid"] for row in deliveries}
    assert [row["status"] for row in deliveries] == ["OK", "OK"]


async def test_a_payload_has_the_size_and_fields_of_githubs_own(
    hub: FakeGitHub, ear: Ear, opened: Opened
) -> None:
    await hub.delivered(2)
    payload = ear.payload("pull_request", "opened")
    example = next(p for _, p in example_payloads("pull_request") if p["action"] == "opened")
    assert set(example) <= set(payload)
    for part in ("pull_request", "repository", "sender"):
        assert set(example[part]) <= set(payload[part]), part
    assert 15_000 < len(json.dumps(payload)) < 60_000


async def test_a_push_tells_what_was_before(hub: FakeGitHub, ear: Ear, opened: Opened) -> None:
    head = hub.push(REPO, "change", {"a": "3\n"})
    await hub.delivered(3)
    payload = ear.payload("pull_request", "synchronize")
    assert (payload["before"], payload["after"]) == (opened.head, head)
    assert payload["pull_request"]["head"]["sha"] == head


@pytest.mark.parametrize(
    ("action", "facts", "event"),
    [
        ("close", {}, "closed"),
        ("merge", {}, "closed"),
        ("draft", {}, "converted_to_draft"),
        ("ready", {}, "ready_for_review"),
        ("label", {"label": "skip-argus"}, "labeled"),
        ("edit", {"title": "Three"}, "edited"),
        ("lock", {}, "locked"),
    ],
)
async def test_buttons_are_heard(
    hub: FakeGitHub, ear: Ear, opened: Opened, action: str, facts: dict[str, Any], event: str
) -> None:
    hub.act(REPO, 1, action, **facts)
    await hub.delivered(3)
    assert ear.payload("pull_request", event)["number"] == 1


async def test_a_changed_base_says_which_it_was(hub: FakeGitHub, ear: Ear, opened: Opened) -> None:
    hub.push(REPO, "next", {"b": "1\n"})
    hub.act(REPO, 1, "edit", base="next")
    await hub.delivered(3)
    payload = ear.payload("pull_request", "edited")
    assert payload["changes"]["base"]["ref"] == {"from": "main"}
    assert payload["pull_request"]["base"]["ref"] == "next"


async def test_what_people_and_the_app_say_is_heard(
    hub: FakeGitHub, ear: Ear, opened: Opened
) -> None:
    hub.comment(REPO, 1, "/argus review", author="mona")
    with hub.api(hub.installation_token(opened.installation)) as api:
        api.post(f"/repos/{REPO}/issues/1/comments", json={"body": "done"}).raise_for_status()
    await hub.delivered(4)
    senders = {
        json.loads(body)["sender"]["login"]: json.loads(body)["sender"]["type"]
        for headers, body in ear.heard
        if headers["x-github-event"] == "issue_comment"
    }
    assert senders == {"mona": "User", "argus[bot]": "Bot"}
    assert ear.payload("issue_comment", "created")["issue"]["pull_request"]["url"]


async def test_failed_deliveries_are_recorded_and_sent_again_under_their_guid(
    hub: FakeGitHub, ear: Ear, opened: Opened
) -> None:
    await hub.delivered(2)
    ear.statuses = [503]
    hub.act(REPO, 1, "close")
    failed = (await hub.delivered(3))[-1]
    assert (failed["status"], failed["status_code"]) == ("Invalid HTTP Response: 503", 503)
    with hub.api(hub.app_jwt()) as api:
        listed = api.get("/app/hook/deliveries", params={"per_page": 1})
        assert listed.json()[0]["guid"] == failed["guid"]
        assert "cursor=" in listed.links["next"]["url"]
        assert len(api.get(listed.links["next"]["url"]).json()) == 1
        again = api.post(f"/app/hook/deliveries/{failed['id']}/attempts")
    assert again.status_code == 202
    redelivered = (await hub.delivered(4))[-1]
    assert (redelivered["guid"], redelivered["redelivery"]) == (failed["guid"], True)
    assert redelivered["status"] == "OK"
    assert ear.heard[-1][1] == ear.heard[-2][1]


async def test_old_deliveries_are_forgotten(hub: FakeGitHub, ear: Ear, opened: Opened) -> None:
    await hub.delivered(2)
    hub.advance_clock(3 * 24 * 3600)
    later = int(time.time()) + 3 * 24 * 3600
    with hub.api(hub.app_jwt(iat=later - 60, exp=later + 60)) as api:
        assert api.get("/app/hook/deliveries").json() == []


async def test_a_target_that_is_away_is_recorded(hub: FakeGitHub, ear: Ear) -> None:
    hub.set_webhook("http://127.0.0.1:9/hook", SECRET)
    hub.ping()
    (row,) = await hub.delivered(1)
    assert (row["event"], row["status"]) == ("ping", "failed to connect to host")


async def test_events_can_be_lost(hub: FakeGitHub, ear: Ear, opened: Opened) -> None:
    await hub.delivered(2)
    hub.set_knobs(hooks=False)
    hub.push(REPO, "change", {"a": "3\n"})
    hub.set_knobs(hooks=True)
    hub.ping()
    await hub.delivered(3)
    assert ("pull_request", "synchronize") not in ear.events()


async def test_a_suspended_app_hears_nothing_of_the_repository(
    hub: FakeGitHub, ear: Ear, opened: Opened
) -> None:
    hub.suspend(opened.installation)
    hub.push(REPO, "change", {"a": "3\n"})
    await hub.delivered(3)
    assert ear.events()[:2] == [("installation", "created"), ("installation", "suspend")]
    assert ("pull_request", "synchronize") not in ear.events()


async def test_the_rerequest_button_of_a_check_is_heard(
    hub: FakeGitHub, ear: Ear, opened: Opened
) -> None:
    with hub.api(hub.installation_token(opened.installation)) as api:
        body = {"name": "Argus", "head_sha": opened.head}
        run = api.post(f"/repos/{REPO}/check-runs", json=body).json()
    hub.rerequest_check(REPO, run["id"])
    await hub.delivered(4)
    assert ear.payload("check_run", "rerequested")["check_run"]["id"] == run["id"]


def test_repositories_join_and_leave_an_installation(hub: FakeGitHub, opened: Opened) -> None:
    hub.create_repo("octo/other", {"a": "1\n"})
    with httpx.Client(base_url=hub.url, trust_env=False, verify=hub.no_tls) as api:
        path = f"/_control/installations/{opened.installation}/repositories"
        api.post(path, json={"repositories": ["octo/other"]}).raise_for_status()
    rows = hub.deliveries("installation_repositories", payloads=True)
    assert [row["action"] for row in rows] == ["added", "removed"]
    added = rows[0]["request"]["payload"]["repositories_added"]
    assert [repo["full_name"] for repo in added] == ["octo/other"]
