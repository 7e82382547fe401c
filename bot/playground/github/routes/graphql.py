"""GraphQL, as far as it is needed: folding a review away, threads. Everything else is refused.

Failures are answers of 200 with `errors`, as GraphQL has it.
https://docs.github.com/en/graphql/reference/mutations#minimizecomment
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from bot.playground.github.gate import Needs, covers, permission_of, sees
from bot.playground.github.records import Review
from bot.playground.github.routes.review_threads import threads
from bot.playground.github.routing import Route, Visit
from bot.playground.github.shapes.accounts import node_id
from bot.playground.github.wire import Refusal, Reply, accepted

CLASSIFIERS: Final = frozenset(
    ("SPAM", "ABUSE", "OFF_TOPIC", "OUTDATED", "DUPLICATE", "RESOLVED", "LOW_QUALITY")
)
_MUTATION: Final = re.compile(
    r"mutation\s*\(\s*\$(?P<name>\w+)\s*:\s*ID!\s*\)\s*\{\s*minimizeComment\s*\(\s*input\s*:\s*\{"
    r"\s*subjectId\s*:\s*\$(?P=name)\s*,\s*classifier\s*:\s*(?P<classifier>\w+)\s*\}\s*\)\s*"
    r"\{\s*minimizedComment\s*\{\s*isMinimized\s*\}\s*\}\s*\}\s*"
)


async def query(visit: Visit) -> Reply:
    """Answer the one query and carry out the one mutation that are known."""
    wanted = visit.call.json()
    text = wanted.get("query")
    if not isinstance(text, str):
        raise Refusal(400, "A query attribute must be specified and must be a string.")
    told = await threads(visit, text, wanted.get("variables") or {})
    if told is not None:
        return _told(told)
    found = _MUTATION.fullmatch(text.strip())
    if found is None:
        return _errors("This GraphQL knows minimizeComment and reviewThreads alone", None)
    if found["classifier"] not in CLASSIFIERS:
        return _errors(
            "Argument 'classifier' on InputObject 'MinimizeCommentInput' has an invalid value "
            f"({found['classifier']}). Expected type 'ReportedContentClassifiers!'.",
            None,
        )
    return _minimized(visit, _variable(wanted, found["name"]), found["classifier"])


def _told(data: Mapping[str, Any]) -> Reply:
    """Return data; what is hidden is named as GitHub does."""
    if data["repository"] is not None:
        return accepted({"data": data})
    error = {"type": "NOT_FOUND", "path": ["repository"], "message": "Could not resolve"}
    return accepted({"data": data, "errors": [error]})


def _minimized(visit: Visit, subject: str, classifier: str) -> Reply:
    review = _review(visit, subject)
    if review is None:
        return _errors(
            f"Could not resolve to a node with the global id of '{subject}'", "NOT_FOUND"
        )
    if not _may(visit, review):
        return _errors("Resource not accessible by integration", "FORBIDDEN")
    review.minimized = classifier
    return accepted({"data": {"minimizeComment": {"minimizedComment": {"isMinimized": True}}}})


def _variable(wanted: Mapping[str, Any], name: str) -> str:
    variables = wanted.get("variables")
    return str(variables.get(name, "")) if isinstance(variables, dict) else ""


def _review(visit: Visit, subject: str) -> Review | None:
    for review in visit.world.reviews.values():
        shown = not review.pending or review.author is visit.caller.account
        if node_id("PRR", review.id) == subject and shown and sees(visit.caller, review.pull.repo):
            return review
    return None


def _may(visit: Visit, review: Review) -> bool:
    caller, repo = visit.caller, review.pull.repo
    if caller.kind == "user":
        return covers(permission_of(caller.account, repo), "write")
    held = caller.token.permissions if caller.token else {}
    return visit.world.knobs.may_minimize and covers(held.get("pull_requests", "none"), "write")


def _errors(message: str, kind: str | None) -> Reply:
    error: dict[str, Any] = {"message": message, "path": ["minimizeComment"]}
    if kind is None:
        return accepted({"errors": [error]})
    return accepted({"data": {"minimizeComment": None}, "errors": [{"type": kind, **error}]})


ROUTES = (Route("POST", "/graphql", query, Needs(level="write")),)
