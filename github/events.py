"""Payloads of webhooks → events: what happened, without GitHub's spelling of it.

Which fields are read stands in `payloads`; what an event leads to is decided in `triggers`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError
from pydantic_core import from_json

from core.errors import ArgusError
from core.models import PullRequestRef
from github.payloads import (
    CheckRunPayload,
    Comment,
    IssueCommentPayload,
    Object,
    Payload,
    PullRequestPayload,
    ReviewCommentPayload,
)


class MalformedEvent(ArgusError):
    """A body that is no JSON object, or lacks what its event always has."""


@dataclass(frozen=True, slots=True)
class PullRequestEvent:
    """Something happened to a pull request."""

    action: str
    ref: PullRequestRef
    repo_id: int
    head: str
    sender: str
    """Login of whoever did it; empty when GitHub does not say."""
    installation_id: int | None
    """None for a webhook of the repository itself."""
    base_changed: bool = False
    closed_at: float | None = None
    """Seconds since 1970; None while it is open."""
    merged: bool = False
    by_bot: bool = False
    """An App or another machine account did it, not a person."""


@dataclass(frozen=True, slots=True)
class CommentEvent:
    """Somebody wrote on a pull request."""

    action: str
    ref: PullRequestRef
    repo_id: int
    installation_id: int | None
    sender: str
    comment_id: int
    body: str
    on_diff: bool = False
    """In a thread on a line of the diff, whose comments are numbered apart."""
    thread_id: int = 0
    """The comment that opened that thread; 0 in the conversation."""
    by_bot: bool = False


@dataclass(frozen=True, slots=True)
class CheckRunEvent:
    """Somebody pressed a button of our check run, or asked for it again."""

    action: str
    owner: str
    repo: str
    numbers: tuple[int, ...]
    """The pull requests of its head that GitHub names: those of forks are missing."""
    repo_id: int
    installation_id: int | None
    sender: str
    button: str = ""
    by_bot: bool = False


@dataclass(frozen=True, slots=True)
class OtherEvent:
    """An event that Argus has no use for, `ping` included."""

    name: str


Event = PullRequestEvent | CommentEvent | CheckRunEvent | OtherEvent


def decode(name: str, body: bytes) -> Event:
    """Return the event of a delivery. Raises MalformedEvent, and nothing else."""
    try:
        if b"NaN" in body or b"Infinity" in body:
            from_json(body, allow_inf_nan=False)
        read = _READERS.get(name)
        if read is None:
            Object.model_validate_json(body)
            return OtherEvent(name)
        return read(body)
    except ValidationError as failure:
        first = failure.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        message = f"{place}: {first['msg']}" if place else first["msg"]
        raise MalformedEvent(message) from failure
    except ValueError as failure:
        raise MalformedEvent("Invalid JSON: NaN and Infinity are not allowed") from failure


def _pull_request(body: bytes) -> PullRequestEvent:
    payload = PullRequestPayload.model_validate_json(body)
    pull = payload.pull_request
    return PullRequestEvent(
        action=payload.action,
        ref=payload.ref(pull.number),
        repo_id=payload.repository.id,
        head=pull.head.sha,
        sender=payload.actor,
        by_bot=payload.by_bot,
        installation_id=payload.installation_id,
        base_changed=bool(payload.changes and payload.changes.base),
        closed_at=pull.closed_at.timestamp() if pull.closed_at else None,
        merged=bool(pull.merged),
    )


def _issue_comment(body: bytes) -> Event:
    payload = IssueCommentPayload.model_validate_json(body)
    if payload.issue.pull_request is None:
        return OtherEvent("issue_comment")
    return _comment(payload, payload.issue.number, payload.comment)


def _review_comment(body: bytes) -> CommentEvent:
    payload = ReviewCommentPayload.model_validate_json(body)
    thread = payload.comment.in_reply_to_id or payload.comment.id
    return _comment(payload, payload.pull_request.number, payload.comment, thread)


def _comment(payload: Payload, number: int, comment: Comment, thread: int = 0) -> CommentEvent:
    return CommentEvent(
        action=payload.action,
        ref=payload.ref(number),
        repo_id=payload.repository.id,
        installation_id=payload.installation_id,
        sender=payload.actor,
        by_bot=payload.by_bot or bool(comment.user and comment.user.is_bot),
        comment_id=comment.id,
        body=comment.body or "",
        on_diff=thread > 0,
        thread_id=thread,
    )


def _check_run(body: bytes) -> CheckRunEvent:
    payload = CheckRunPayload.model_validate_json(body)
    return CheckRunEvent(
        action=payload.action,
        owner=payload.repository.owner.login,
        repo=payload.repository.name,
        numbers=tuple(each.number for each in payload.check_run.pull_requests),
        repo_id=payload.repository.id,
        installation_id=payload.installation_id,
        sender=payload.actor,
        by_bot=payload.by_bot,
        button=payload.requested_action.identifier if payload.requested_action else "",
    )


_READERS: Final[dict[str, Callable[[bytes], Event]]] = {
    "pull_request": _pull_request,
    "issue_comment": _issue_comment,
    "pull_request_review_comment": _review_comment,
    "check_run": _check_run,
}
