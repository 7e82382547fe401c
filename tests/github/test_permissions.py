"""What a person may do, read from GitHub's answer about a login."""

from typing import Any

import pytest

from core.errors import TransientError
from core.models import PullRequestRef, Right
from github.permissions import right_of
from tests.github.wire import Wire, json_answer

REF = PullRequestRef(owner="acme", repo="shop", number=7)


async def told(answer: Any, status: int = 200, login: str = "ada") -> Right | None:
    wire = Wire(lambda _: json_answer(answer, status))
    return await right_of(wire.client(), REF, login)


def detailed(*granted: str) -> dict[str, Any]:
    """GitHub's answer in detail; the short word in it knows no triage."""
    names = ("admin", "maintain", "push", "triage", "pull")
    permissions = {name: name in granted for name in names}
    return {"permission": "read", "user": {"login": "ada", "permissions": permissions}}


@pytest.mark.parametrize(
    ("granted", "right"),
    [
        (("pull",), Right.READ),
        (("pull", "triage"), Right.TRIAGE),
        (("pull", "triage", "push"), Right.WRITE),
        (("pull", "triage", "push", "maintain"), Right.WRITE),
        (("pull", "triage", "push", "maintain", "admin"), Right.WRITE),
        ((), None),
    ],
)
async def test_right_is_the_most_that_github_grants(
    granted: tuple[str, ...], right: Right | None
) -> None:
    assert await told(detailed(*granted)) is right


@pytest.mark.parametrize(
    ("word", "right"),
    [("admin", Right.WRITE), ("write", Right.WRITE), ("read", Right.READ), ("none", None)],
)
async def test_right_is_told_by_the_short_word_alone(word: str, right: Right | None) -> None:
    assert await told({"permission": word}) is right


async def test_unknown_login_may_nothing() -> None:
    assert await told({"message": "ghost is not a user"}, 404) is None


async def test_answer_in_another_form_grants_nothing() -> None:
    assert await told([]) is None
    assert await told({"permission": 7, "user": {"permissions": {"push": "yes"}}}) is None


async def test_login_stays_one_segment_of_the_path() -> None:
    wire = Wire(lambda _: json_answer({"permission": "none"}))
    await right_of(wire.client(), REF, "../../../user")
    assert wire.sent == [
        "GET /repos/acme/shop/collaborators/..%2F..%2F..%2Fuser/permission",
    ]


async def test_github_in_trouble_is_no_answer() -> None:
    with pytest.raises(TransientError):
        await told({"message": "Server Error"}, 502)
