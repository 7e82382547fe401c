"""Which events lead to a review request, and which do not."""

from dataclasses import replace

import pytest

from core.models import OriginKind, PullRequestRef
from github.events import OtherEvent, PullRequestEvent
from github.triggers import Act, End, Ignore, Rules, decide
from tests.github.payloads import HEAD

ENABLED = ("opened", "reopened", "ready_for_review", "synchronize")
RULES = Rules(enabled=frozenset(f"pull_request.{a}" for a in ENABLED), own_login="argus[bot]")


def event(
    action: str = "opened",
    *,
    sender: str = "octocat",
    base_changed: bool = False,
    by_bot: bool = False,
):
    return PullRequestEvent(
        action=action,
        ref=PullRequestRef(owner="acme", repo="shop", number=7),
        repo_id=4242,
        head=HEAD,
        sender=sender,
        installation_id=99,
        base_changed=base_changed,
        by_bot=by_bot,
    )


def test_the_request_carries_what_the_event_said():
    verdict = decide(event(), RULES, "guid-1")
    assert isinstance(verdict, Act)
    request = verdict.request
    assert (
        str(request.ref),
        request.repo_id,
        request.head,
        request.installation_id,
    ) == ("acme/shop#7", 4242, HEAD, 99)
    assert (request.delivery, request.action) == ("guid-1", "opened")
    assert request.origin.kind is OriginKind.WEBHOOK
    assert not request.origin.in_person


@pytest.mark.parametrize("action", ENABLED)
def test_only_later_pushes_wait_for_quiet(action: str):
    verdict = decide(event(action), RULES, "guid-1")
    assert isinstance(verdict, Act)
    assert (action == "synchronize") == verdict.request.settle
    assert not verdict.request.full


@pytest.mark.parametrize(
    "action", ["edited", "labeled", "assigned", "converted_to_draft", "", "OPENED"]
)
def test_an_action_that_is_not_enabled_is_ignored(action: str):
    assert isinstance(decide(event(action), RULES, "guid-1"), Ignore)


def test_a_changed_base_always_acts_and_reviews_the_same_head_again():
    verdict = decide(event("edited", base_changed=True), Rules(enabled=frozenset()), "guid-1")
    assert isinstance(verdict, Act)
    assert verdict.request.full


def test_the_list_of_the_environment_decides():
    rules = Rules(enabled=frozenset({"pull_request.labeled"}))
    assert isinstance(decide(event("labeled"), rules, "guid-1"), Act)
    assert isinstance(decide(event("opened"), rules, "guid-1"), Ignore)


@pytest.mark.parametrize(
    ("merged", "reason"), [(True, "It was merged."), (False, "It was closed.")]
)
def test_closing_ends_what_is_queued_whoever_did_it(*, merged: bool, reason: str):
    closing = event("closed", sender="mergify[bot]")
    closing = replace(closing, closed_at=5.0, merged=merged)
    verdict = decide(closing, Rules(enabled=frozenset({"pull_request.closed"})), "guid-1")
    assert isinstance(verdict, End)
    closed = verdict.closed
    assert (str(closed.ref), closed.repo_id, closed.closed_at) == ("acme/shop#7", 4242, 5.0)
    assert (closed.delivery, closed.reason) == ("guid-1", reason)


def test_closing_at_an_unknown_time_is_ignored():
    assert isinstance(decide(event("closed"), RULES, "guid-1"), Ignore)


@pytest.mark.parametrize("sender", ["argus[bot]", "Argus[bot]"])
def test_argus_does_not_react_to_itself(sender: str):
    own = event("edited", sender=sender, base_changed=True)
    assert isinstance(decide(own, RULES, "guid-1"), Ignore)


def test_what_another_bot_did_starts_nothing():
    assert isinstance(decide(event(sender="renovate[bot]", by_bot=True), RULES, "guid-1"), Ignore)


@pytest.mark.parametrize("name", ["ping", "issue_comment", "pull_request_review", "check_run"])
def test_other_events_are_ignored(name: str):
    rules = Rules(enabled=frozenset({f"{name}.created"}))
    assert isinstance(decide(OtherEvent(name), rules, "guid-1"), Ignore)
