"""Decides, purely, whether an event leads to a review request, or ends one.

Only what the door knows counts here: the event, the environment's list and who acted. Drafts,
labels, authors and the repository's configuration are judged later, against the live pull
request, because a payload tells how things were and not how they are.
"""

from dataclasses import dataclass

from core.models import Origin, OriginKind, PullRequestClosed, ReviewRequest
from github.events import Event, OtherEvent, PullRequestEvent


@dataclass(frozen=True, slots=True)
class Rules:
    """What the environment says about events."""

    enabled: frozenset[str]
    """`event.action`, as in `pull_request.opened`."""
    own_login: str | None = None
    """Our own account, `<slug>[bot]`, whose events are ignored."""


@dataclass(frozen=True, slots=True)
class Act:
    """Ask for this review."""

    request: ReviewRequest


@dataclass(frozen=True, slots=True)
class End:
    """End what is queued for a pull request that was closed."""

    closed: PullRequestClosed


@dataclass(frozen=True, slots=True)
class Ignore:
    """Do nothing; `reason` is for the log."""

    reason: str


def decide(event: Event, rules: Rules, delivery: str) -> Act | End | Ignore:
    """Return what an event leads to.

    A closing ends what is queued, whoever did it and whatever is enabled. A changed base always
    acts, and asks for a full review: the head may have its review already, but of another diff.
    """
    if isinstance(event, OtherEvent):
        return Ignore(f"{event.name} events are not used")
    if event.action == "closed":
        return _end(event, delivery)
    if rules.own_login and event.sender.lower() == rules.own_login.lower():
        return Ignore("Argus did this itself")
    if event.by_bot:
        return Ignore("a bot did this; a person may still ask for the review")
    retargeted = event.action == "edited" and event.base_changed
    if not retargeted and f"pull_request.{event.action}" not in rules.enabled:
        return Ignore(f"pull_request.{event.action} is not enabled")
    return Act(_request(event, delivery, full=retargeted))


def _end(event: PullRequestEvent, delivery: str) -> End | Ignore:
    if event.closed_at is None:
        return Ignore("it does not say when it was closed")
    return End(
        PullRequestClosed(
            ref=event.ref,
            repo_id=event.repo_id,
            closed_at=event.closed_at,
            delivery=delivery,
            merged=event.merged,
        )
    )


def _request(event: PullRequestEvent, delivery: str, *, full: bool) -> ReviewRequest:
    return ReviewRequest(
        ref=event.ref,
        repo_id=event.repo_id,
        head=event.head,
        # one for all events of a kind: nobody gets an answer, so a job holds each only once
        origin=Origin(kind=OriginKind.WEBHOOK, id=f"webhook:{event.action}", event=event.action),
        installation_id=event.installation_id,
        delivery=delivery,
        author=event.sender,
        action=event.action,
        settle=event.action == "synchronize",
        full=full,
    )
