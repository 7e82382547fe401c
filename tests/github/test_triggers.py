"""Which events lead to a review request, and which do not."""

from dataclasses import replace

import pytest

from core.models import OriginKind, PullRequestRef
from github.events import CheckRunEvent, CommentEvent, OtherEvent, PullRequestEvent
from github.triggers import Act, End, Hear, Ignore, Rules, decide
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


def comment(body: str = "/argus review", **changed: object) -> CommentEvent:
    said = CommentEvent(
        action="created",
        ref=PullRequestRef(owner="acme", repo="shop", number=7),
        repo_id=4242,
        installation_id=99,
        sender="octocat",
        comment_id=501,
        body=body,
    )
    return replace(said, **changed)  # type: ignore[arg-type] - the tests name real fields


def button(identifier: str, **changed: object) -> CheckRunEvent:
    pressed = CheckRunEvent(
        action="requested_action",
        owner="acme",
        repo="shop",
        numbers=(),
        repo_id=4242,
        installation_id=99,
        sender="octocat",
        button=identifier,
    )
    return replace(pressed, **changed)  # type: ignore[arg-type] - the tests name real fields


@pytest.mark.parametrize(
    "body", ["/argus review full", "@argus review full", "@Argus: review full"]
)
def test_words_to_argus_become_an_order(body: str):
    verdict = decide(comment(body), RULES, "guid-1")
    assert isinstance(verdict, Hear)
    order = verdict.order
    assert (order.words, order.comment_id, order.thread_id) == ("review full", 501, 0)
    assert (order.origin.kind, order.origin.id, order.origin.person) == (
        OriginKind.COMMENT, "comment:501", "octocat",
    )  # fmt: skip
    assert (order.job_id, order.installation_id) == ("4242:7", 99)


def test_the_same_number_in_a_thread_is_another_order():
    verdict = decide(comment("/argus ignore", on_diff=True, thread_id=400), RULES, "guid-1")
    assert isinstance(verdict, Hear)
    assert (verdict.order.origin.id, verdict.order.thread_id) == ("thread:501", 400)


@pytest.mark.parametrize(
    "event",
    [
        comment("Looks good to me"),
        comment("> /argus review"),
        comment(action="edited"),
        comment(action="deleted"),
        comment(sender="argus[bot]"),
        comment(by_bot=True),
        button("made-up:7"),
        button("pause:0"),
        button("pause:seven"),
        button("pause:99999999999"),
        button("pause"),
        button("pause:7", by_bot=True),
        button("", action="created", numbers=(7,)),
        button("", action="completed", numbers=(7,)),
        button("", action="rerequested"),
    ],
)
def test_what_does_not_speak_to_argus_is_not_heard(event: CommentEvent | CheckRunEvent):
    assert isinstance(decide(event, RULES, "guid-1"), Ignore)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (button("review:7"), "review full"),
        (button("dismiss-all:7"), "ignore all"),
        (button("pause:7"), "pause"),
        (button("pause", numbers=(7, 8)), "pause"),
        (button("", action="rerequested", numbers=(7,)), "review full"),
    ],
)
def test_buttons_say_words(event: CheckRunEvent, words: str):
    verdict = decide(event, RULES, "guid-1")
    assert isinstance(verdict, Hear)
    assert (verdict.order.words, str(verdict.order.ref)) == (words, "acme/shop#7")
    assert verdict.order.origin.id == "button:guid-1"
