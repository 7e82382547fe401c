"""The judge itself: it accepts what GitHub documents and refuses what it does not."""

import pytest

from tests.contracts.examples import example_payloads
from tests.contracts.openapi import (
    ContractViolation,
    find_operation,
    operations,
    validate_request,
    validate_response,
)

PULL = "/repos/octo/shop/pulls/7"


def test_every_operation_is_found_by_its_own_template() -> None:
    for operation in operations():
        concrete = operation.path.replace("{", "").replace("}", "")
        assert find_operation(operation.method, concrete) is operation


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"{PULL}/files?per_page=100&page=2", None),
        ("GET", "/repos/octo/shop/contents/src/a%20b.py?ref=abc", None),
        ("GET", "/repos/octo/shop/compare/main...feature/x", None),
        ("POST", f"{PULL}/reviews", {"commit_id": "a" * 40, "body": "b", "comments": []}),
        ("POST", f"{PULL}/reviews/9/events", {"event": "COMMENT"}),
        ("POST", "/repos/octo/shop/check-runs", {"name": "n", "head_sha": "a", "status": "queued"}),
        ("POST", "/app/installations/3/access_tokens", {"repository_ids": [1]}),
        ("POST", "/app/installations/3/access_tokens", None),
    ],
)
def test_documented_requests_pass(method: str, path: str, body: object) -> None:
    validate_request(method, path, body)


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("GET", "/repos/octo/shop/issues", None, "no described operation"),
        ("GET", f"{PULL}?per_page=3", None, "no parameter per_page"),
        ("GET", f"{PULL}/reviews", {"a": 1}, "takes no body"),
        ("POST", f"{PULL}/reviews", {"event": "SHOUT"}, "'SHOUT' is not one of"),
        ("POST", f"{PULL}/reviews", {"verdict": "fine"}, "'verdict' was unexpected"),
        (
            *("POST", f"{PULL}/reviews"),
            {"comments": [{"path": "a", "body": "b", "lines": 3}]},
            "'lines' was unexpected",
        ),
        ("POST", f"{PULL}/reviews/9/events", {}, "'event' is a required property"),
        ("POST", "/repos/octo/shop/check-runs", {"head_sha": "a"}, "'name' is a required"),
        (
            *("POST", "/repos/octo/shop/check-runs"),
            {"name": "n", "head_sha": "a", "status": "finished"},
            "'finished' is not one of",
        ),
    ],
)
def test_other_requests_are_refused(method: str, path: str, body: object, said: str) -> None:
    with pytest.raises(ContractViolation, match=said):
        validate_request(method, path, body)


def test_an_answer_without_a_required_field_is_refused() -> None:
    with pytest.raises(ContractViolation, match="'id' is a required property"):
        validate_response("GET", f"{PULL}/reviews/9", 200, {"body": "x"})


def test_an_undocumented_status_is_refused() -> None:
    with pytest.raises(ContractViolation, match="does not answer 201"):
        validate_response("POST", f"{PULL}/reviews", 201, {})


def test_the_examples_cover_the_events_that_argus_hears() -> None:
    events = {event for event, _ in example_payloads()}
    assert {"pull_request", "issue_comment", "installation", "ping", "check_run"} <= events
    assert len(events) > 50
