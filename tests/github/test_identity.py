"""The author check: our account, and nobody who looks like it."""

from typing import Any

import pytest

from github.identity import Identity

APP = Identity(app_id="99", slug="argus")
PERSON = Identity(login="Ada")
BOT = {"login": "argus[bot]", "type": "Bot"}


@pytest.mark.parametrize(
    ("identity", "user", "via_app", "ours"),
    [
        (APP, BOT, None, True),
        (APP, {"login": "Argus[bot]", "type": "Bot"}, None, True),
        (APP, BOT, {"id": 99}, True),
        (APP, {"login": "renamed[bot]", "type": "Bot"}, {"id": 99}, True),
        (APP, BOT, {"id": 98}, False),
        (APP, BOT, {}, False),
        (APP, {"login": "argus", "type": "User"}, None, False),
        (APP, {"login": "argus2[bot]", "type": "Bot"}, None, False),
        (APP, {}, None, False),
        (APP, None, None, False),
        (PERSON, {"login": "ada", "type": "User"}, None, True),
        (PERSON, {"login": "ada", "type": "User"}, {"id": 5}, False),
        (PERSON, BOT, None, False),
        (Identity(app_id="99"), {"login": "any[bot]", "type": "Bot"}, None, True),
        (Identity(app_id="99"), {"login": "any[bot]"}, None, True),
        (Identity(app_id="99"), {"login": "any", "type": "User"}, None, False),
        (Identity(), {"login": None, "type": "User"}, None, False),
    ],
)
def test_author_check(
    identity: Identity, user: dict[str, Any] | None, via_app: dict[str, Any] | None, ours: bool
) -> None:
    assert identity.wrote(user, via_app) is ours
