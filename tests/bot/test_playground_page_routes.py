"""The page over HTTP: its headers, its updates, its acts, and what it refuses."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from litestar import Litestar

from bot.playground.page import playground_routes
from bot.playground.page.desk import FRESH_SECONDS
from bot.playground.sample import load
from bot.playground.sample.planting import Planted, plant
from core.models import PullRequestRef
from slack import blocks
from tests.bot.playground_scene import QuietSlack
from tests.fakes import github as fakes
from tests.fakes.github import FakeGitHub

hub = fakes.github
AJAX = {"accept": "application/json"}


class CountingGitHub:
    """The local GitHub; how often it was looked at is counted, and it can be away."""

    def __init__(self, driver: FakeGitHub) -> None:
        self.driver = driver
        self.looks = 0
        self.away = False

    def snapshot(self, full_name: str, number: int) -> dict[str, Any]:
        self.looks += 1
        if self.away:
            raise httpx.ConnectError("nobody listens")
        return self.driver.snapshot(full_name, number)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.driver, name)


@dataclass
class Visit:
    """A browser before the page, and what is behind it."""

    http: httpx.AsyncClient
    github: CountingGitHub
    slack: QuietSlack
    planted: Planted

    async def snapshot(self) -> dict[str, Any]:
        planted = self.planted
        return await asyncio.to_thread(
            self.github.driver.snapshot, planted.repository, planted.number
        )

    async def commits(self) -> int:
        return len((await self.snapshot())["commits"])


@pytest.fixture
async def visit(hub: FakeGitHub) -> AsyncIterator[Visit]:
    sample = load()
    planted = await asyncio.to_thread(plant, hub, sample)
    github, slack = CountingGitHub(hub), QuietSlack()
    routes = playground_routes(github, slack, planted, sample)
    app = Litestar(route_handlers=list(routes), openapi_config=None)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://page") as http:
        yield Visit(http, github, slack, planted)


@pytest.mark.parametrize("path", ["", "/live", "/state", "/static/page.js", "/static/page.css"])
async def test_every_answer_keeps_the_page_to_itself(visit: Visit, path: str) -> None:
    answer = await visit.http.get(f"/playground{path}")
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_document_needs_nothing_inline_and_nothing_from_elsewhere(visit: Visit) -> None:
    text = (await visit.http.get("/playground")).text
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text) == []
    loaded = re.findall(r'(?:src|action|<link[^>]*href)="([^"]*)"', text)
    assert loaded
    assert [address for address in loaded if not address.startswith("/playground")] == []
    for address in {address for address in loaded if "/static/" in address}:
        assert (await visit.http.get(address)).status_code == 200


async def test_nothing_new_costs_no_body(visit: Visit) -> None:
    first = await visit.http.get("/playground/live")
    tag = {"if-none-match": first.headers["etag"]}
    again = await visit.http.get("/playground/live", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    planted = visit.planted
    visit.github.driver.comment(planted.repository, planted.number, "Looks odd", "mona")
    await asyncio.sleep(FRESH_SECONDS)
    changed = await visit.http.get("/playground/live", headers=tag)
    assert changed.status_code == 200
    assert "Looks odd" in changed.text


async def test_one_look_serves_everybody(visit: Visit) -> None:
    began = time.monotonic()
    await asyncio.gather(*(visit.http.get("/playground/live") for _ in range(12)))
    assert visit.github.looks <= 1 + (time.monotonic() - began) / FRESH_SECONDS


async def test_follow_up_is_pushed_once_however_often_it_is_asked_for(visit: Visit) -> None:
    answers = await asyncio.gather(
        *(visit.http.post("/playground/push", headers=AJAX) for _ in range(4))
    )
    assert sorted(answer.json()["said"] for answer in answers) == [
        "Pushed.",
        *["The follow-up commit is there already."] * 3,
    ]
    assert await visit.commits() == 2
    state = (await visit.http.get("/playground/state")).json()
    assert (state["pushed"], state["progress"]["phase"]) == (True, "pushed")
    assert state["pull"]["conversation"][-1]["words"] == "pushed “Take up the review of refunds”"


async def test_forms_work_without_the_script(visit: Visit) -> None:
    answer = await visit.http.post("/playground/push")
    assert (answer.status_code, answer.headers["location"]) == (303, "/playground")


async def test_question_goes_through_slack_as_a_person(visit: Visit) -> None:
    ask = (await visit.http.get("/playground/state")).json()["ask"]
    answer = await visit.http.post("/playground/ask", data={"text": ask}, headers=AJAX)
    assert answer.status_code == 200
    address = f"{visit.github.driver.url}/{visit.planted.repository}/pull/1"
    assert visit.slack.typed == [("lena-k", "reviews", f"review {address}")]
    messages = (await visit.http.get("/playground/state")).json()["channel"]["messages"]
    assert [message["only_for"] for message in messages] == ["lena-k"]


@pytest.mark.parametrize("text", ["", "/deploy now", "/argusx", "/argus " + "x" * 600])
async def test_only_arguss_command_is_typed(visit: Visit, text: str) -> None:
    answer = await visit.http.post("/playground/ask", data={"text": text}, headers=AJAX)
    assert answer.status_code == 400
    assert (visit.slack.typed, visit.slack.written) == ([], [])


async def test_message_is_written_as_slack_keeps_it(visit: Visit) -> None:
    text = "@Argus <b> & https://x.test/pull/1?a=1&b=2 me@argus.test"
    for thread in ("", "17.1"):
        form = {"text": text, "thread": thread}
        assert (await visit.http.post("/playground/ask", data=form, headers=AJAX)).is_success
    kept = "<@U0ARGUS> &lt;b&gt; &amp; <https://x.test/pull/1?a=1&amp;b=2> me@argus.test"
    assert visit.slack.written == [("lena-k", "reviews", kept, t) for t in ("", "17.1")]


async def test_command_in_a_thread_is_refused_as_slack_does(visit: Visit) -> None:
    form = {"text": "/argus help", "thread": "17.1"}
    answer = await visit.http.post("/playground/ask", data=form, headers=AJAX)
    assert answer.status_code == 400
    assert answer.json()["detail"].endswith("mention @Argus instead.")
    assert (visit.slack.typed, visit.slack.written) == ([], [])


async def test_comment_stands_in_the_conversation_as_the_author(visit: Visit) -> None:
    answer = await visit.http.post("/playground/comment", data={"text": "@argus help"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/playground")
    said = (await visit.snapshot())["issue_comments"][-1]
    assert (said["user"]["login"], said["body"]) == ("lena-k", "@argus help")


async def test_reply_stands_in_the_thread_it_answers(visit: Visit) -> None:
    planted = visit.planted
    path = (await visit.snapshot())["files"][-1]["path"]
    first = visit.github.driver.comment_on_diff(
        planted.repository, planted.number, "Why?", author="mona", path=path, line=1, side="RIGHT"
    )
    form = {"to": str(first["id"]), "text": "Because."}
    answer = await visit.http.post("/playground/reply", data=form, headers=AJAX)
    assert answer.json() == {"said": "Replied."}
    said = (await visit.snapshot())["review_comments"][-1]
    assert (said["in_reply_to_id"], said["body"]) == (first["id"], "Because.")
    assert said["user"]["login"] == "lena-k"


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("comment", {"text": " "}),
        ("comment", {"text": "x" * 4001}),
        ("reply", {"text": "hello"}),
        ("reply", {"text": "hello", "to": "7a"}),
        ("reply", {"text": "hello", "to": "²"}),
        ("check", {"run": "7"}),
        ("check", {"button": "again"}),
        ("shortcut", {}),
        ("cancel", {}),
    ],
)
async def test_act_that_names_nothing_is_refused_in_words(
    visit: Visit, path: str, form: dict[str, str]
) -> None:
    before = await visit.snapshot()
    answer = await visit.http.post(f"/playground/{path}", data=form, headers=AJAX)
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert await visit.snapshot() == before


async def test_shortcut_is_chosen_on_the_message_it_stands_below(visit: Visit) -> None:
    answer = await visit.http.post("/playground/shortcut", data={"ts": "17.1"}, headers=AJAX)
    assert answer.is_success
    assert visit.slack.chosen == [("lena-k", "reviews", "17.1", "review_pull_request")]


def a_picker(seen_by: str = "U0LENA") -> dict[str, Any]:
    refs = [PullRequestRef(owner="octo", repo="shop", number=n) for n in (7, 8, 9)]
    return {**blocks.picker(refs, "picked", "sealed", most=2), "id": "V1", "seen_by": seen_by}


async def test_modal_is_sent_off_with_what_was_picked(visit: Visit) -> None:
    visit.slack.views = [a_picker()]
    shown = (await visit.http.get("/playground")).text
    assert 'value="octo/shop#7" checked>' in shown
    assert 'value="octo/shop#8">' in shown
    form = {"view": "V1", "pulls": ["octo/shop#8", "octo/shop#9"]}
    assert (await visit.http.post("/playground/submit", data=form, headers=AJAX)).is_success
    ((view, values),) = visit.slack.sent_off
    options = values["pulls"]["pulls"]["selected_options"]
    assert (view, [option["value"] for option in options]) == (
        "V1",
        ["octo/shop#8", "octo/shop#9"],
    )
    assert "<dialog" not in (await visit.http.get("/playground")).text


@pytest.mark.parametrize(
    ("picks", "why"),
    [
        ([], "Pick something"),
        (["octo/shop#7", "octo/shop#8", "octo/shop#9"], "Pick 2 at most"),
        (["octo/other#1"], "does not offer that"),
    ],
)
async def test_modal_takes_only_what_it_offers(visit: Visit, picks: list[str], why: str) -> None:
    visit.slack.views = [a_picker()]
    form = {"view": "V1", "pulls": picks}
    answer = await visit.http.post("/playground/submit", data=form, headers=AJAX)
    assert answer.status_code == 400
    assert why in answer.json()["detail"]
    assert visit.slack.sent_off == []


async def test_cancelled_modal_is_gone(visit: Visit) -> None:
    visit.slack.views = [a_picker()]
    assert (await visit.http.post("/playground/cancel", data={"view": "V1"})).status_code == 303
    assert "<dialog" not in (await visit.http.get("/playground")).text


async def test_modal_of_somebody_else_is_not_shown(visit: Visit) -> None:
    visit.slack.views = [a_picker("U0OTHER")]
    assert "<dialog" not in (await visit.http.get("/playground")).text
    answer = await visit.http.post("/playground/submit", data={"view": "V1"}, headers=AJAX)
    assert (answer.status_code, visit.slack.sent_off) == (400, [])


async def test_button_is_pressed_as_the_person_at_the_page(visit: Visit) -> None:
    form = {"ts": "17.1", "button": "dismiss", "option": "wrong"}
    answer = await visit.http.post("/playground/press", data=form, headers=AJAX)
    assert answer.status_code == 200
    assert visit.slack.pressed == [("lena-k", "reviews", "17.1", "dismiss", "wrong")]


@pytest.mark.parametrize("form", [{}, {"ts": "17.1"}, {"button": "again"}])
async def test_press_without_a_button_is_refused(visit: Visit, form: dict[str, str]) -> None:
    answer = await visit.http.post("/playground/press", data=form, headers=AJAX)
    assert (answer.status_code, visit.slack.pressed) == (400, [])


@pytest.mark.parametrize("origin", ["cross-site", "same-site"])
async def test_other_sites_cannot_act(visit: Visit, origin: str) -> None:
    headers = {"sec-fetch-site": origin}
    visit.slack.views = [a_picker()]
    before = await visit.snapshot()
    acts = {
        "push": {},
        "ask": {"text": "/argus help"},
        "press": {"ts": "1.1", "button": "again"},
        "comment": {"text": "hello"},
        "reply": {"text": "hello", "to": "1"},
        "check": {"run": "1", "button": "again"},
        "shortcut": {"ts": "1.1"},
        "submit": {"view": "V1", "pulls": "octo/shop#7"},
        "cancel": {"view": "V1"},
    }
    for path, data in acts.items():
        answer = await visit.http.post(f"/playground/{path}", data=data, headers=headers)
        assert answer.status_code == 403
    slack = visit.slack
    assert (slack.typed, slack.pressed, slack.chosen, slack.sent_off) == ([], [], [], [])
    assert (await visit.snapshot(), len(slack.views)) == (before, 1)


async def test_addresses_of_the_pull_request_lead_to_the_page(visit: Visit) -> None:
    for path in ("/harbour-market/till/pull/1", "/"):
        answer = await visit.http.get(path)
        assert (answer.status_code, answer.headers["location"]) == (302, "/playground")


@pytest.mark.parametrize("name", ["nothing.css", "../pages.py", "%2e%2e%2fpages.py", "page.css/"])
async def test_only_listed_files_are_served(visit: Visit, name: str) -> None:
    answer = await visit.http.get(f"/playground/static/{name}")
    assert answer.status_code == 404 or answer.headers["content-type"].startswith("text/css")
    assert "def " not in answer.text


async def test_page_says_when_the_stage_is_not_set(visit: Visit) -> None:
    visit.github.away = True
    answer = await visit.http.get("/playground")
    assert answer.status_code == 503
    assert "The stage is being set" in answer.text
    for path in ("live", "state"):
        answer = await visit.http.get(f"/playground/{path}")
        assert answer.status_code == 502
        assert "nobody listens" in answer.json()["detail"]
