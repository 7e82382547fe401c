"""The one message of a request or of a channel that follows, in every state from queued to done."""

from collections.abc import Sequence
from dataclasses import dataclass
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
from slack.blocks import small_print
from slack.blocks.controls import card_buttons, pull_url
from slack.blocks.finding import SEVERITIES, by_weight, claim_of, place_of
from slack.blocks.message import Message, message
from slack.blocks.words import about, context, count, foreign, is_home, link, section
from slack.replies import Reply

TOP_FINDINGS: Final = 5
"""That are listed where none stands below; the others stand in the review."""
TITLE, REASON, NAME = 180, 240, 220
"""Characters of a title, of a reason, of a pull request's name."""
SECTION: Final = 3_000
"""Characters of one section. https://docs.slack.dev/reference/block-kit/blocks/section-block"""
_MOST_REASONS: Final = 4
_ENDS: Final = {
    OutcomeKind.SUPERSEDED: ("↪️", "Superseded by a newer commit"),
    OutcomeKind.CANCELLED: ("🚫", "Cancelled"),
    OutcomeKind.FAILED: ("⚠️", "The review failed"),
    OutcomeKind.SKIPPED: ("⏭️", "Not reviewed, by rule"),
    OutcomeKind.NOTHING_NEW: ("⚪", "Nothing new to read"),
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

    below: int = 0
    """Open findings that have a reply in its thread; where none has, the card lists them."""
    aside: bool = False
    """One person alone sees it."""
    unreached: str = ""
    """Slack's word for why that is so, where the bot may not write in the channel."""


ALONE: Final = Setting()


def card(delivery: Delivery, reply: Reply, web_url: str, setting: Setting = ALONE) -> Message:
    """Return the message for the state that the delivery describes."""
    if delivery.outcome is None:
        return _under_way(delivery, reply, web_url, setting)
    return _done(delivery, delivery.outcome, reply, web_url, setting)


def unreached(delivery: Delivery, reply: Reply, reason: str, web_url: str) -> Message:
    """Return that a card cannot stand in the channel, while there is time to mend that."""
    name = foreign(str(delivery.ref), NAME)
    why = small_print.out_of_reach(reason, reply.channel)
    return message(
        f"{name} is under way. {why}",
        [section(f"👀 {_heading(delivery, reply, web_url)}\nThe result comes here."), context(why)],
        url=pull_url(delivery, web_url),
    )


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
        f"{foreign(str(delivery.ref), NAME)}: {state.lower()}, {more}",
        [
            section(f"{_heading(delivery, reply, web_url)}\n{symbol} *{state}* · {more}"),
            *_small(*small_print.under_way(delivery, reply)),
            *_why_aside(reply, setting),
            card_buttons(delivery, "", web_url, ended=is_final(delivery), aside=setting.aside),
        ],
        url=pull_url(delivery, web_url),
    )


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
    if outcome.record is not None and outcome.record.findings and not setting.below:
        blocks.append(section(_findings(outcome.record, outcome.review_url, web_url)))
    reasons = [foreign(reason, REASON) for reason in judged.reasons[:_MOST_REASONS] if reason]
    if reasons:
        blocks.append(context("\n".join(reasons)))
    rest = _rest(outcome, setting.below, web_url)
    blocks += _small(*small_print.ended(delivery, outcome, reply, rest))
    blocks += _why_aside(reply, setting)
    blocks.append(
        card_buttons(delivery, outcome.review_url, web_url, ended=True, aside=setting.aside)
    )
    text = f"{foreign(str(delivery.ref), NAME)}: {foreign(state, TITLE)}"
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
        lines.append(f"… {small_print.rest_in_review(len(found) - most, review_url, web_url)}")
    return "\n".join(lines)


def _rest(outcome: Outcome, below: int, web_url: str) -> str:
    """Say how many findings stand below, and where those are that do not."""
    if not below:
        return ""
    left = len(outcome.record.findings) - below if outcome.record else 0
    more = small_print.rest_in_review(left, outcome.review_url, web_url) if left > 0 else ""
    return f"{count(below, 'finding')} in the thread{', ' if more else ''}{more}"


def _finding(finding: RecordedFinding, web_url: str) -> str:
    symbol, word = SEVERITIES[finding.severity]
    doubt = small_print.doubt(finding)
    where = f"{place_of(finding)} · {doubt}" if doubt else place_of(finding)
    return f"{symbol} {word}: {claim_of(finding, web_url)}\n      {where}"


def _heading(delivery: Delivery, reply: Reply, web_url: str) -> str:
    name = foreign(str(delivery.ref), NAME)
    named = f"*{link(pull_url(delivery, web_url), name, web_url)}*"
    title = foreign(reply.title, TITLE)
    return f"{named} {title}" if title else named


def _small(*facts: str) -> list[Block]:
    return [context(*facts)] if any(facts) else []


def _why_aside(reply: Reply, setting: Setting) -> list[Block]:
    return _small(
        small_print.out_of_reach(setting.unreached, reply.channel) if setting.unreached else ""
    )
