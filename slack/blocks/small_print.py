"""The small print of a card: what was read of what, by whom, for whom; nothing without a fact."""

from typing import Final

from core.models import Delivery, Outcome, OutcomeKind, RecordedFinding, ReviewRecord, Stage
from slack.blocks.words import code, count, foreign, link, person, somebody
from slack.replies import Reply

SHORT_SHA: Final = 7
MODELS, NAME = 200, 60
"""Characters of the models' names, of a person's."""
_INVITE: Final = (
    "Argus is not in this channel, so you alone are told. `/invite @Argus` lets everybody here "
    "follow."
)
_ELSEWHERE: Final = "Argus may not write here, so you alone are told."
_OUT_OF_REACH: Final = {
    "not_in_channel": _INVITE,
    "channel_not_found": _INVITE,
    "is_archived": "This channel is archived, so you alone are told.",
}
"""By Slack's word for why nothing can be said in a channel."""
_DIRECT: Final = "D"
"""What the ids of direct messages begin with."""


def under_way(delivery: Delivery, reply: Reply) -> tuple[str, ...]:
    """Return what there is to say before there is a result."""
    return (
        size(reply),
        commit(delivery.head),
        asked(reply),
        paused(delivery),
        _next_step(delivery) if delivery.stage is Stage.DEAD else "",
    )


def ended(delivery: Delivery, outcome: Outcome, reply: Reply, more: str) -> tuple[str, ...]:
    """Return what there is to say of a result; `more` says where the findings are."""
    return (
        size(reply),
        _reading(outcome),
        commit(outcome.head),
        _round(outcome.record),
        _doubts(outcome.record),
        more,
        asked(reply),
        paused(delivery),
        _next_step(delivery) if outcome.kind is OutcomeKind.FAILED else "",
    )


def size(reply: Reply) -> str:
    """Return how large a change is, and whose."""
    by = f"by {foreign(reply.author, NAME)}" if reply.author else ""
    if not reply.changed_files:
        return by
    files = count(reply.changed_files, "file")
    return f"{files}, +{reply.additions:,} −{reply.deletions:,} {by}".rstrip()


def commit(head: str) -> str:
    """Return a commit as people call it."""
    return f"commit {code(head[:SHORT_SHA], SHORT_SHA + 2)}" if head else ""


def asked(reply: Reply) -> str:
    """Return who asked."""
    who = person(reply.user)
    return f"asked by {who}" if who else ""


def paused(delivery: Delivery) -> str:
    """Return who wants no automatic reviews."""
    return f"⏸️ paused by {somebody(delivery.paused.who)}" if delivery.paused else ""


def out_of_reach(reason: str, channel: str) -> str:
    """Return why only the asker is told, and what to do about it."""
    if channel.startswith(_DIRECT):
        return _ELSEWHERE
    return _OUT_OF_REACH.get(reason, _ELSEWHERE)


def doubt(finding: RecordedFinding) -> str:
    """Return what a second look made of a finding, where it did not confirm it."""
    return "a second look could not confirm it" if finding.unverified else ""


def rest_in_review(left: int, review_url: str, web_url: str) -> str:
    """Return how many findings stand elsewhere, and where."""
    return link(review_url, f"{left:,} more in the review", web_url)


def _next_step(delivery: Delivery) -> str:
    """Return what to do after a failure, with what an operator finds its story by."""
    name = delivery.correlation_id
    named = f" request {code(name, NAME)}" if name else " this"
    return f"ask again; if it fails again, show whoever runs Argus{named}"


def _doubts(record: ReviewRecord | None) -> str:
    many = sum(each.unverified for each in record.findings) if record else 0
    return f"{count(many, 'finding')} not confirmed by a second look" if many else ""


def _reading(outcome: Outcome) -> str:
    """Return what read it; how much was read stands above, where it is not everything."""
    record = outcome.record
    if record is None:
        return ""
    models = foreign(", ".join(record.models), MODELS)
    read = count(record.coverage.files_read, "file") + " read"
    return f"{read} by {models}" if models else f"{read} by static analysis"


def _round(record: ReviewRecord | None) -> str:
    """Return what a later round changed."""
    if record is None or record.round is None or record.round.number < 2:
        return ""
    found = record.round
    return (
        f"round {found.number}: {len(found.fixed)} fixed, {len(record.findings)} open,"
        f" {found.new} new"
    )
