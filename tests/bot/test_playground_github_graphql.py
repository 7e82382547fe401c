"""The local GitHub's GraphQL: reviews are folded away by those who may, the rest is refused."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from github.repairs import MINIMIZE
from tests.fakes import github as fakes
from tests.fakes.github import FakeGitHub, Opened

hub = fakes.github


@pytest.fixture
def opened(hub: FakeGitHub) -> Opened:
    return hub.open({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"}, private=True)


@pytest.fixture
def api(hub: FakeGitHub, opened: Opened) -> Iterator[httpx.Client]:
    with hub.api(hub.installation_token(opened.installation)) as client:
        yield client


def a_review(hub: FakeGitHub, **wanted: Any) -> str:
    """Return the node id of a review."""
    made = hub.review("octo/shop", 1, author="mona", body="hm", **wanted)
    return str(made["node_id"])


def asked(api: httpx.Client, node: str, query: str = MINIMIZE) -> Any:
    answer = api.post("/graphql", json={"query": query, "variables": {"id": node}})
    assert answer.status_code == 200
    return answer.json()


def folded(hub: FakeGitHub) -> list[str]:
    return [review["minimized"] for review in hub.snapshot("octo/shop", 1)["reviews"]]


def test_a_review_is_folded_away(hub: FakeGitHub, api: httpx.Client) -> None:
    answer = asked(api, a_review(hub, event="COMMENT"))
    assert answer == {"data": {"minimizeComment": {"minimizedComment": {"isMinimized": True}}}}
    assert folded(hub) == ["DUPLICATE"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("{ viewer { login } }", "minimizeComment alone"),
        (MINIMIZE.replace("DUPLICATE", "TWICE"), "has an invalid value (TWICE)"),
    ],
)
def test_other_queries_and_words_are_refused(
    hub: FakeGitHub, api: httpx.Client, query: str, words: str
) -> None:
    answer = asked(api, a_review(hub, event="COMMENT"), query)
    assert words in answer["errors"][0]["message"]
    assert folded(hub) == [""]


def test_what_is_not_there_or_not_to_be_seen_is_not_found(
    hub: FakeGitHub, opened: Opened, api: httpx.Client
) -> None:
    draft = a_review(hub)
    for caller, node in ((api, "PRR_MTIz"), (api, draft)):
        assert asked(caller, node)["errors"][0]["type"] == "NOT_FOUND"
    with hub.api(hub.add_token("stranger")) as stranger:
        assert asked(stranger, draft)["errors"][0]["type"] == "NOT_FOUND"


def test_a_token_that_only_reads_may_not_fold(hub: FakeGitHub, opened: Opened) -> None:
    node = a_review(hub, event="COMMENT")
    token = hub.installation_token(opened.installation, permissions={"pull_requests": "read"})
    with hub.api(token) as reader:
        assert asked(reader, node)["errors"][0]["type"] == "FORBIDDEN"
    assert folded(hub) == [""]


def test_a_request_without_a_query_or_a_caller_is_refused(
    hub: FakeGitHub, opened: Opened, api: httpx.Client
) -> None:
    assert api.post("/graphql", json={}).status_code == 400
    with hub.api() as nobody:
        assert nobody.post("/graphql", json={"query": MINIMIZE}).status_code == 401
