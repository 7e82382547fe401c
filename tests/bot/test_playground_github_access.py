"""Who gets into the local GitHub: App tokens, installation tokens, people, strangers."""

import re
import time
from typing import Any

import httpx
import pytest

from tests.fakes import github as fakes
from tests.fakes.github import FakeGitHub, Opened, key_pair

hub = fakes.github

BASE = {"a.py": "x = 1\n"}
CHANGE = {"a.py": "x = 2\n"}
SECRET_REPO = "octo/secret"


@pytest.fixture
def opened(hub: FakeGitHub) -> Opened:
    return hub.open(BASE, CHANGE, private=True)


def said(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["message"]


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"exp": 1}, "'Expiration time' claim ('exp') must be a numeric value"),
        ({"exp": 3600.0}, "'Expiration time' claim ('exp') is too far"),
        ({"iat": 90.0}, "'Issued at' claim ('iat') must be an Integer"),
        ({"iat": "now"}, "'Issued at' claim ('iat') must be an Integer"),
    ],
)
def test_an_app_token_with_wrong_times_is_refused(
    hub: FakeGitHub, claims: dict[str, Any], message: str
) -> None:
    """A fraction is a time from now, as the suite may have run for a while."""
    now = int(time.time())
    timed = {n: now + int(c) if isinstance(c, float) else c for n, c in claims.items()}
    with hub.api(hub.app_jwt(**timed)) as api:
        status, text = said(api.get("/app"))
    assert status == 401
    assert text.startswith(message)


def test_an_app_token_of_another_app_is_refused(hub: FakeGitHub) -> None:
    with hub.api(hub.app_jwt(iss="99")) as api:
        assert said(api.get("/app")) == (404, "Integration not found")


def test_an_app_token_signed_by_another_key_is_refused(hub: FakeGitHub) -> None:
    key_pair.cache_clear()
    hub.private_key, _ = key_pair()
    with hub.api(hub.app_jwt()) as api:
        assert said(api.get("/app")) == (401, "A JSON web token could not be decoded")


def test_the_client_id_is_accepted_as_issuer(hub: FakeGitHub) -> None:
    with hub.api(hub.app_jwt(iss="Iv23liargus")) as api:
        assert api.get("/app").json()["slug"] == "argus"


def test_a_skewed_clock_can_be_read_from_the_date_header(hub: FakeGitHub) -> None:
    hub.advance_clock(-600)
    with hub.api(hub.app_jwt()) as api:
        answer = api.get("/app")
    assert answer.status_code == 401
    assert re.search(r"\d\d:\d\d:\d\d GMT$", answer.headers["date"])


def test_a_token_reaches_the_repositories_it_was_narrowed_to(
    hub: FakeGitHub, opened: Opened
) -> None:
    other = hub.create_repo(SECRET_REPO, BASE, private=True)["id"]
    both = hub.install("octo")
    token = hub.installation_token(both, repository_ids=[other])
    with hub.api(token) as api:
        assert api.get(f"/repos/{SECRET_REPO}").status_code == 200
        assert said(api.get(f"/repos/{opened.repo}/pulls/1")) == (404, "Not Found")


def test_a_token_cannot_be_narrowed_to_what_is_out_of_reach(
    hub: FakeGitHub, opened: Opened
) -> None:
    other = hub.create_repo(SECRET_REPO, BASE, private=True)["id"]
    with pytest.raises(httpx.HTTPStatusError, match="422"):
        hub.installation_token(opened.installation, repository_ids=[other])
    with pytest.raises(httpx.HTTPStatusError, match="422"):
        hub.installation_token(opened.installation, permissions={"contents": "write"})


def test_a_token_does_what_its_permissions_allow(hub: FakeGitHub, opened: Opened) -> None:
    token = hub.installation_token(opened.installation, permissions={"pull_requests": "read"})
    with hub.api(token) as api:
        assert api.get(f"/repos/{opened.repo}/pulls/1").status_code == 200
        refused = api.post(f"/repos/{opened.repo}/pulls/1/reviews", json={"body": "b"})
    assert said(refused) == (403, "Resource not accessible by integration")
    assert refused.headers["x-accepted-github-permissions"] == "pull_requests=write"


def test_a_token_expires(hub: FakeGitHub, opened: Opened) -> None:
    token = hub.installation_token(opened.installation)
    hub.advance_clock(3601)
    with hub.api(token) as api:
        assert said(api.get(f"/repos/{opened.repo}")) == (401, "Bad credentials")


def test_a_suspended_installation_is_refused_until_it_is_back(
    hub: FakeGitHub, opened: Opened
) -> None:
    token = hub.installation_token(opened.installation)
    hub.suspend(opened.installation)
    with hub.api(token) as api:
        suspended = said(api.get(f"/repos/{opened.repo}"))
        hub.unsuspend(opened.installation)
        back = api.get(f"/repos/{opened.repo}")
    assert suspended == (403, "This installation has been suspended")
    assert back.status_code == 200


def test_an_uninstalled_app_is_a_stranger(hub: FakeGitHub, opened: Opened) -> None:
    token = hub.installation_token(opened.installation)
    hub.uninstall(opened.installation)
    with hub.api(token) as api:
        assert said(api.get(f"/repos/{opened.repo}")) == (401, "Bad credentials")
    with hub.api(hub.app_jwt()) as api:
        assert api.get(f"/repos/{opened.repo}/installation").status_code == 404


def test_strangers_read_public_repositories_only(hub: FakeGitHub, opened: Opened) -> None:
    hub.create_repo("octo/open", BASE)
    with hub.api() as api:
        assert api.get("/repos/octo/open").status_code == 200
        assert said(api.get(f"/repos/{opened.repo}")) == (404, "Not Found")
        write = api.post("/repos/octo/open/issues/1/comments", json={"body": "b"})
    assert said(write) == (401, "Requires authentication")


def test_people_see_what_they_were_let_into(hub: FakeGitHub, opened: Opened) -> None:
    token = hub.add_token("mona")
    with hub.api(token) as api:
        assert api.get(f"/repos/{opened.repo}").status_code == 404
        hub.change_repo(opened.repo, collaborators={"mona": "read"})
        assert api.get(f"/repos/{opened.repo}/pulls/1").status_code == 200
        check = {"name": "n", "head_sha": opened.head}
        refused = api.post(f"/repos/{opened.repo}/check-runs", json=check)
    assert said(refused) == (403, "You must authenticate via a GitHub App.")


def test_an_archived_repository_is_read_only(hub: FakeGitHub, opened: Opened) -> None:
    hub.change_repo(opened.repo, archived=True)
    with hub.api(hub.installation_token(opened.installation)) as api:
        assert api.get(f"/repos/{opened.repo}/pulls/1").status_code == 200
        refused = api.post(f"/repos/{opened.repo}/issues/1/comments", json={"body": "b"})
    assert said(refused) == (403, "Repository was archived so is read-only.")


def test_a_renamed_repository_redirects(hub: FakeGitHub, opened: Opened) -> None:
    hub.change_repo(opened.repo, name="market")
    with hub.api(hub.installation_token(opened.installation)) as api:
        moved = api.get(f"/repos/{opened.repo}/pulls/1/files?page=1")
        assert moved.status_code == 301
        assert moved.headers["location"].endswith(
            f"/repositories/{opened.repo_id}/pulls/1/files?page=1"
        )
        assert api.get(moved.headers["location"]).status_code == 200
        post = api.post(f"/repos/{opened.repo}/issues/1/comments", json={"body": "b"})
    assert post.status_code == 307


def test_the_hourly_budget_runs_out(hub: FakeGitHub, opened: Opened) -> None:
    hub.set_knobs(requests_per_hour=2)
    with hub.api(hub.installation_token(opened.installation)) as api:
        first = api.get(f"/repos/{opened.repo}")
        api.get(f"/repos/{opened.repo}")
        over = api.get(f"/repos/{opened.repo}")
    assert first.headers["x-ratelimit-remaining"] == "1"
    assert over.status_code == 403
    assert over.headers["x-ratelimit-remaining"] == "0"
    assert int(over.headers["x-ratelimit-reset"]) > time.time()


def test_content_is_created_at_a_limited_pace(hub: FakeGitHub, opened: Opened) -> None:
    hub.set_knobs(content_per_minute=2)
    path = f"/repos/{opened.repo}/issues/1/comments"
    with hub.api(hub.installation_token(opened.installation)) as api:
        answers = [api.post(path, json={"body": "b"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 403]
    assert "secondary rate limit" in answers[2].json()["message"]
    assert 58 <= int(answers[2].headers["retry-after"]) <= 60


def test_the_control_is_for_this_machine_and_for_json(hub: FakeGitHub) -> None:
    with hub.api() as api:
        foreign = api.get("/_control/snapshot", headers={"host": "evil.example"})
        form = api.post("/_control/people", content="login=x")
    assert (foreign.status_code, form.status_code) == (403, 415)
