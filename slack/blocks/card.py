"""The one message of a request, in every state from queued to done."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from slack_sdk.models.blocks import Block

from core.coverage import Verdict, verdict
from core.models import (
    Conclusion,
    Delivery,
    Outcome,
    OutcomeKind,
    Phase,
    RecordedFinding,
    ReviewRecord,
    Severity,
    Stage,
    Step,
)
from slack.blocks.controls import card_buttons, pull_url
from slack.blocks.finding import SEVERITIES, by_weight, claim_of, place_of
from slack.blocks.message import Message, message
from slack.blocks.words import code, context, count, foreign, is_home, link, person, section
from slack.replies import Reply

TOP_FINDINGS: Final = 5
"""That are listed, or said one by one in the thread; the others stand in the review."""
SHORT_SHA: Final = 7
TITLE, REASON, MODELS = 180, 240, 200
"""Characters of a title, of a reason, of the models' names."""
SECTION: Final = 3_000
"""Characters of one section. https://docs.slack.dev/reference/block-kit/blocks/section-block"""
MINUTE: Final = 60
_MOST_REASONS: Final = 4
_INVITE: Final = "Invite Argus to this channel, and everybody here can follow: `/invite @Argus`"
_ENDS: Final = {
    OutcomeKind.SUPERSEDED: ("↪️", "Superseded by a newer commit"),
    OutcomeKind.CANCELLED: ("🚫", "Cancelled"),
    OutcomeKind.FAILED: ("⚠️", "The review failed"),
    OutcomeKind.SKIPPED: ("⏭️", "Not reviewed, by rule"),
    OutcomeKind.NOTHING_NEW: ("✅", "Nothing new to read"),
}
_CONCLUSIONS: Final = {
    Conclusion.SUCCESS: "✅",
    Conclusion.FAILURE: "⛔",
    Conclusion.NEUTRAL: "🟡",
    Conclusion.SKIPPED: "⏭️",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a card is shown."""

    threaded: bool = False
    """The findings stand below it, and are not listed."""
    aside: bool = False
    """One person alone sees it."""
    uninvited: bool = False
    """That is so because the bot is not in the channel."""


LISTED: Final = Setting()


def card(delivery: Delivery, reply: Reply, web_url: str, setting: Setting = LISTED) -> Message:
    """Return the message for the state that the delivery describes."""
    if delivery.outcome is None:
        return _under_way(delivery, reply, web_url, setting)
    return _done(delivery, delivery.outcome, reply, web_url, setting)


def is_final(delivery: Delivery) -> bool:
    """Tell whether the request has ended, so that the asker must learn of it."""
    return delivery.outcome is not None or delivery.stage not in {Stage.WAITING, Stage.RUNNING}


def _under_way(delivery: Delivery, reply: Reply, web_url: str, setting: Setting) -> Message:
    match delivery.stage:
        case Stage.WAITING:
            symbol, state, more = "⏳", "Queued", _place(delivery)
        case Stage.RUNNING:
            symbol, state, more = "👀", *_step(delivery.step)
        case Stage.DEAD:
            symbol, state, more = "⚠️", "Given up", "whoever runs Argus can retry it"
        case Stage.IDLE:
            symbol, state, more = "↪️", "Passed over", "a newer commit took its place"
    return message(
        f"{foreign(str(delivery.ref), 220)}: {state.lower()}, {more}",
        [
            section(f"{_heading(delivery, reply, web_url)}\n{symbol} *{state}* · {more}"),
            context(_size(reply), _commit(delivery.head), _asked(reply)),
            card_buttons(delivery, "", web_url, ended=is_final(delivery), aside=setting.aside),
        ],
    )


def about(seconds: float) -> str:
    """Return a time that nobody will hold against us."""
    if seconds <= MINUTE:
        return "about a minute"
    return f"about {count(ceil(seconds / MINUTE), 'minute')}"


def _place(delivery: Delivery) -> str:
    place = f"{count(delivery.ahead, 'review')} before it" if delivery.ahead else "next"
    return f"{place}, ready in {about(delivery.ready_in)}" if delivery.ready_in else place


def _step(step: Step | None) -> tuple[str, str]:
    """Return what a run is at, in a word and in more."""
    if step is None or step.phase is Phase.READING:
        return "Reading", "the change, and what explains it"
    if step.phase is Phase.CHECKING:
        return "Checking", "a second look at what was found"
    if step.total:
        return "Reviewing", f"{step.done:,}/{count(step.total, 'file')}"
    return "Reviewing", "the change"


def _done(
    delivery: Delivery, outcome: Outcome, reply: Reply, web_url: str, setting: Setting
) -> Message:
    judged = verdict(outcome)
    symbol, state = _state(outcome, judged)
    blocks: list[Block] = [
        section(f"{_heading(delivery, reply, web_url)}\n{symbol} *{foreign(state, TITLE)}*")
    ]
    if outcome.record is not None and outcome.record.findings and not setting.threaded:
        blocks.append(section(_findings(outcome.record, outcome.review_url, web_url)))
    reasons = [foreign(reason, REASON) for reason in judged.reasons[:_MOST_REASONS] if reason]
    if reasons:
        blocks.append(context("\n".join(reasons)))
    rest = _rest(outcome, web_url) if setting.threaded else ""
    blocks.append(
        context(
            _size(reply),
            _reading(outcome),
            _commit(outcome.head),
            _round(outcome.record),
            rest,
            _asked(reply),
        )
    )
    if setting.uninvited:
        blocks.append(context(_INVITE))
    blocks.append(
        card_buttons(delivery, outcome.review_url, web_url, ended=True, aside=setting.aside)
    )
    text = f"{foreign(str(delivery.ref), 220)}: {foreign(state, TITLE)}"
    url = outcome.review_url if is_home(outcome.review_url, web_url) else ""
    return message(text, blocks, url=url or pull_url(delivery, web_url))


def _state(outcome: Outcome, judged: Verdict) -> tuple[str, str]:
    """Return the symbol and the words of how it ended; findings are counted in the title."""
    if outcome.record is None or outcome.kind not in {
        OutcomeKind.REVIEWED,
        OutcomeKind.CLEAN,
        OutcomeKind.NOTHING_NEW,
    }:
        return _ENDS.get(outcome.kind, (_CONCLUSIONS[judged.conclusion], judged.title))
    important = any(f.severity is Severity.IMPORTANT for f in outcome.record.findings)
    return ("🔴" if important else _CONCLUSIONS[judged.conclusion]), judged.title


def _findings(record: ReviewRecord, review_url: str, web_url: str) -> str:
    """Return the top findings, important first: five, fewer where their addresses are long."""
    found = by_weight(record)
    texts = (
        _top(found, most, review_url, web_url)
        for most in range(min(TOP_FINDINGS, len(found)), -1, -1)
    )
    return next(text for text in texts if len(text) <= SECTION)


def _top(found: Sequence[RecordedFinding], most: int, review_url: str, web_url: str) -> str:
    """Return the first findings as lines, and how many are left out."""
    lines = [_finding(finding, web_url) for finding in found[:most]]
    if len(found) > most:
        lines.append(f"… {_more(len(found) - most, review_url, web_url)}")
    return "\n".join(lines)


def _more(left: int, review_url: str, web_url: str) -> str:
    return link(review_url, f"and {count(left, 'more finding')} in the review", web_url)


def _rest(outcome: Outcome, web_url: str) -> str:
    """Say where the findings are that stand below, and where those that do not."""
    found = len(outcome.record.findings) if outcome.record else 0
    if found <= TOP_FINDINGS:
        return f"{count(found, 'finding')} in the thread" if found else ""
    more = link(outcome.review_url, f"{found - TOP_FINDINGS:,} more in the review", web_url)
    return f"{count(TOP_FINDINGS, 'finding')} in the thread, {more}"


def _finding(finding: RecordedFinding, web_url: str) -> str:
    symbol, word = SEVERITIES[finding.severity]
    return f"{symbol} {word}: {claim_of(finding, web_url)}\n      {place_of(finding)}"


def _heading(delivery: Delivery, reply: Reply, web_url: str) -> str:
    name = foreign(str(delivery.ref), 220)
    named = f"*{link(pull_url(delivery, web_url), name, web_url)}*"
    title = foreign(reply.title, TITLE)
    return f"{named} {title}" if title else named


def _size(reply: Reply) -> str:
    if not reply.changed_files:
        return ""
    by = f" by {foreign(reply.author, 60)}" if reply.author else ""
    files = count(reply.changed_files, "file")
    return f"{files}, +{reply.additions:,} −{reply.deletions:,}{by}"


def _reading(outcome: Outcome) -> str:
    """Return what read it; how much was read stands above, where it is not everything."""
    record = outcome.record
    if record is None:
        return ""
    models = foreign(", ".join(record.models), MODELS)
    read = count(record.coverage.files_read, "file") + " read"
    return f"{read} by {models}" if models else f"{read} by static analysis"


def _commit(head: str) -> str:
    return f"commit {code(head[:SHORT_SHA], SHORT_SHA + 2)}" if head else ""


def _asked(reply: Reply) -> str:
    who = person(reply.user)
    return f"asked by {who}" if who else ""


def _round(record: ReviewRecord | None) -> str:
    """Return what a later round changed."""
    if record is None or record.round is None or record.round.number < 2:
        return ""
    found = record.round
    return (
        f"round {found.number}: {len(found.fixed)} fixed, {len(record.findings)} open,"
        f" {found.new} new"
    )
