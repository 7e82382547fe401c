"""What people do on the local GitHub when they talk to an App: reactions, and buttons of checks."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fakes import github as fakes
from tests.fakes.github import REPO, FakeGitHub, Opened

hub = fakes.github

BUTTON = {"identifier": "pause:1", "label": "Pause", "description": "Stop reviewing unasked."}


@pytest.fixture
def opened(hub: FakeGitHub) -> Opened:
    return hub.open({"a": "1\n"}, {"a": "2\n"})


@pytest.fixture
def api(hub: FakeGitHub, opened: Opened) -> Iterator[httpx.Client]:
    with hub.api(hub.installation_token(opened.installation)) as client:
        yield client


def offer(api: httpx.Client, opened: Opened, *buttons: dict[str, str]) -> httpx.Response:
    wanted: dict[str, Any] = {"name": "Argus", "head_sha": opened.head, "actions": list(buttons)}
    return api.post(f"/repos/{REPO}/check-runs", json=wanted)


def test_reaction_is_listed_and_only_its_author_takes_it_back(
    hub: FakeGitHub, api: httpx.Client, opened: Opened
) -> None:
    comment = hub.comment(REPO, opened.number, "hello")
    path = f"/repos/{REPO}/issues/comments/{comment['id']}/reactions"
    made = api.post(path, json={"content": "eyes"}).json()
    with hub.api(hub.add_token("mona")) as other:
        other.post(path, json={"content": "+1"})
        assert other.delete(f"{path}/{made['id']}").status_code == 403
    assert [each["content"] for each in api.get(path).json()] == ["eyes", "+1"]
    assert [e["content"] for e in api.get(path, params={"content": "+1"}).json()] == ["+1"]
    assert api.delete(f"{path}/{made['id']}").status_code == 204
    assert api.delete(f"{path}/{made['id']}").status_code == 404
    assert [each["content"] for each in api.get(path).json()] == ["+1"]


def test_pressed_button_is_told_with_its_identifier(
    hub: FakeGitHub, api: httpx.Client, opened: Opened
) -> None:
    run = offer(api, opened, BUTTON).json()
    hub.press(REPO, run["id"], "pause:1", "mona")
    [told] = [
        row["request"]["payload"]
        for row in hub.deliveries("check_run", payloads=True)
        if row["request"]["payload"]["action"] == "requested_action"
    ]
    assert told["requested_action"] == {"identifier": "pause:1"}
    assert told["sender"]["login"] == "mona"
    with pytest.raises(httpx.HTTPStatusError, match="no button"):
        hub.press(REPO, run["id"], "review:1")


@pytest.mark.parametrize(
    "wrong",
    [{"label": "x" * 21}, {"description": "x" * 41}, {"identifier": "x" * 21}, {"label": ""}],
)
def test_buttons_beyond_githubs_limits_are_refused(
    api: httpx.Client, opened: Opened, wrong: dict[str, str]
) -> None:
    assert offer(api, opened, BUTTON).status_code == 201
    assert offer(api, opened, BUTTON | wrong).status_code == 422
    assert offer(api, opened, *[BUTTON] * 4).status_code == 422
