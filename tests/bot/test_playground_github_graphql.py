"""The local GitHub's GraphQL: reviews are folded away, threads are told, the rest is refused."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from github.repairs import MINIMIZE
from github.resolutions import RESOLUTIONS
from github.threads import THREADS
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
        ("{ viewer { login } }", "minimizeComment and reviewThreads alone"),
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


def placed(hub: FakeGitHub, author: str = "mona") -> int:
    """Comment on the changed line, and return the comment's number."""
    words = hub.comment_on_diff("octo/shop", 1, "hm", author=author, path="a.py", line=1)
    return int(words["id"])


def threads(api: httpx.Client, query: str = RESOLUTIONS, repo: str = "shop") -> Any:
    variables = {"owner": "octo", "repo": repo, "number": 1}
    answer = api.post("/graphql", json={"query": query, "variables": variables})
    assert answer.status_code == 200
    return answer.json()


def nodes(answer: Any) -> list[dict[str, Any]]:
    return list(answer["data"]["repository"]["pullRequest"]["reviewThreads"]["nodes"])


def test_thread_shows_who_resolved_it_and_whether_its_lines_changed(
    hub: FakeGitHub, api: httpx.Client
) -> None:
    root = placed(hub)
    hub.comment_on_diff("octo/shop", 1, "so", in_reply_to=root)
    first = {"nodes": [{"databaseId": root}]}
    before = {"isResolved": False, "isOutdated": False, "resolvedBy": None, "first": first}
    assert nodes(threads(api)) == [before]

    hub.resolve_thread("octo/shop", root, "lisa")
    hub.push("octo/shop", "change", {"a.py": "x = 3\n"})

    resolved = {"isResolved": True, "isOutdated": True, "resolvedBy": {"login": "lisa"}}
    assert nodes(threads(api)) == [before | resolved]


def test_app_may_resolve_no_thread_and_sees_who_wrote_last(
    hub: FakeGitHub, api: httpx.Client
) -> None:
    placed(hub)
    [thread] = nodes(threads(api, THREADS))
    assert thread["viewerCanResolve"] is False
    assert thread["last"] == {"nodes": [{"viewerDidAuthor": False}]}


def test_threads_of_what_is_hidden_and_unknown_fields_are_refused(
    hub: FakeGitHub, api: httpx.Client
) -> None:
    placed(hub)
    assert threads(api, repo="other")["errors"][0]["type"] == "NOT_FOUND"
    unknown = threads(api, RESOLUTIONS.replace("isOutdated", "isOld"))
    assert "reviewThreads alone" in unknown["errors"][0]["message"]
    with pytest.raises(httpx.HTTPStatusError):
        hub.resolve_thread("octo/shop", 10**6)
