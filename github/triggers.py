"""Decides, purely, what an event leads to: a review, the end of one, words to hear, or nothing.

Only what the door knows counts here: the event, the environment's list and who acted. Drafts,
labels, authors and the repository's configuration are judged later, against the live pull
request, because a payload tells how things were and not how they are. So is what words mean, and
whether their author may say them.
"""

from dataclasses import dataclass
from typing import Final

from core.commands import words_to_argus
from core.models import Order, Origin, OriginKind, PullRequestClosed, PullRequestRef, ReviewRequest
from github.events import CheckRunEvent, CommentEvent, Event, OtherEvent, PullRequestEvent

BOT_SUFFIX: Final = "[bot]"
"""Of an App's own account; its slug stands before it."""
BUTTONS: Final = {
    "review": "review full",
    "dismiss-all": "ignore all",
    "pause": "pause",
    "resume": "resume",
}
"""What the buttons of a check run say, by the first part of their identifiers."""
LARGEST_NUMBER: Final = 2**31
"""Of a pull request; more digits do not come from our own buttons."""
RERUN: Final = "review full"
"""What GitHub's own button for another run of a check says."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the environment says about events."""

    enabled: frozenset[str]
    """`event.action`, as in `pull_request.opened`."""
    own_login: str | None = None
    """Our own account, `<slug>[bot]`, whose events are ignored."""

    @property
    def slug(self) -> str:
        """Return the name by which people speak to the App; empty when it is not known."""
        return (self.own_login or "").removesuffix(BOT_SUFFIX)

    def is_own(self, login: str) -> bool:
        """Tell whether Argus did something itself."""
        return bool(self.own_login) and login.lower() == (self.own_login or "").lower()


@dataclass(frozen=True, slots=True)
class Act:
    """Ask for this review."""

    request: ReviewRequest


@dataclass(frozen=True, slots=True)
class End:
    """End what is queued for a pull request that was closed."""

    closed: PullRequestClosed


@dataclass(frozen=True, slots=True)
class Hear:
    """Keep what a person said until it is carried out and answered."""

    order: Order


@dataclass(frozen=True, slots=True)
class Ignore:
    """Do nothing; `reason` is for the log."""

    reason: str


Verdict = Act | End | Hear | Ignore


def decide(event: Event, rules: Rules, delivery: str) -> Verdict:
    """Return what an event leads to.

    A closing ends what is queued, whoever did it and whatever is enabled. Otherwise neither
    Argus nor another machine sets anything in motion.
    """
    if isinstance(event, OtherEvent):
        return Ignore(f"{event.name} events are not used")
    if isinstance(event, PullRequestEvent) and event.action == "closed":
        return _end(event, delivery)
    if rules.is_own(event.sender):
        return Ignore("Argus did this itself")
    if event.by_bot:
        return Ignore("a bot did this; a person may still ask for the review")
    match event:
        case CommentEvent():
            return _said(event, rules)
        case CheckRunEvent():
            return _pressed(event, delivery)
        case PullRequestEvent():
            return _changed(event, rules, delivery)


def _changed(event: PullRequestEvent, rules: Rules, delivery: str) -> Act | Ignore:
    """A changed base always acts, and asks for a full review: the head may have its review
    already, but of another diff."""
    retargeted = event.action == "edited" and event.base_changed
    if not retargeted and f"pull_request.{event.action}" not in rules.enabled:
        return Ignore(f"pull_request.{event.action} is not enabled")
    return Act(_request(event, delivery, full=retargeted))


def _said(event: CommentEvent, rules: Rules) -> Hear | Ignore:
    """Hear new comments alone: an edit would say the same again."""
    if event.action != "created":
        return Ignore(f"comments that were {event.action} are not heard")
    words = words_to_argus(event.body, rules.slug)
    if words is None:
        return Ignore("the comment does not speak to Argus")
    place = "thread" if event.on_diff else "comment"
    order = Order(
        ref=event.ref,
        repo_id=event.repo_id,
        origin=_person(event.sender, f"{place}:{event.comment_id}"),
        words=words,
        installation_id=event.installation_id,
        comment_id=event.comment_id,
        thread_id=event.thread_id,
    )
    return Hear(order)


def _pressed(event: CheckRunEvent, delivery: str) -> Hear | Ignore:
    """A button names its pull request behind a colon, because GitHub names none of a fork."""
    name, _, number = event.button.partition(":")
    words = {"requested_action": BUTTONS.get(name), "rerequested": RERUN}.get(event.action)
    if words is None:
        return Ignore(f"check_run.{event.action} is not used")
    ref = _pressed_on(event, number)
    if ref is None:
        return Ignore("it does not say which pull request")
    order = Order(
        ref=ref,
        repo_id=event.repo_id,
        origin=_person(event.sender, f"button:{delivery}"),
        words=words,
        installation_id=event.installation_id,
    )
    return Hear(order)


def _pressed_on(event: CheckRunEvent, number: str) -> PullRequestRef | None:
    if number.isascii() and number.isdigit() and 0 < int(number) < LARGEST_NUMBER:
        return PullRequestRef(owner=event.owner, repo=event.repo, number=int(number))
    if number or not event.numbers:
        return None
    return PullRequestRef(owner=event.owner, repo=event.repo, number=event.numbers[0])


def _person(login: str, name: str) -> Origin:
    return Origin(kind=OriginKind.COMMENT, id=name, person=login)


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
