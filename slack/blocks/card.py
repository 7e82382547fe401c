"""The one message of a request, in every state from queued to done."""

from collections.abc import Sequence
from typing import Final

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement

from core.coverage import Verdict, verdict
from core.models import (
    Conclusion,
    Delivery,
    Outcome,
    OutcomeKind,
    RecordedFinding,
    ReviewRecord,
    Severity,
    Stage,
)
from slack.blocks.message import Message, message
from slack.blocks.words import (
    code,
    context,
    count,
    foreign,
    is_home,
    link,
    person,
    section,
)
from slack.replies import Reply

TOP_FINDINGS: Final = 5
SHORT_SHA: Final = 7
TITLE, REASON, MODELS, PATH = 180, 240, 200, 90
"""Characters of a claim or a title, of a reason, of the models' names, of a path."""
SECTION: Final = 3_000
"""Characters of one section. https://docs.slack.dev/reference/block-kit/blocks/section-block"""
_MOST_REASONS: Final = 4
_SEVERITIES: Final = {
    Severity.IMPORTANT: ("🔴", "Important"),
    Severity.PRE_EXISTING: ("🟣", "Pre-existing"),
    Severity.NIT: ("⚪", "Nit"),
}
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


def card(delivery: Delivery, reply: Reply, web_url: str) -> Message:
    """Return the message for the state that the delivery describes."""
    if delivery.outcome is None:
        return _under_way(delivery, reply, web_url)
    return _done(delivery, delivery.outcome, reply, web_url)


def is_final(delivery: Delivery) -> bool:
    """Tell whether the request has ended, so that the asker must learn of it."""
    return delivery.outcome is not None or delivery.stage not in {Stage.WAITING, Stage.RUNNING}


def _under_way(delivery: Delivery, reply: Reply, web_url: str) -> Message:
    match delivery.stage:
        case Stage.WAITING:
            place = f"{count(delivery.ahead, 'review')} before it" if delivery.ahead else "next"
            symbol, state, more = "⏳", "Queued", place
        case Stage.RUNNING:
            symbol, state, more = "👀", "Reviewing", "reading the change"
        case Stage.DEAD:
            symbol, state, more = "⚠️", "Given up", "whoever runs Argus can retry it"
        case Stage.IDLE:
            symbol, state, more = "↪️", "Passed over", "a newer commit took its place"
    return message(
        f"{foreign(str(delivery.ref), 220)}: {state.lower()}, {more}",
        [
            section(f"{_heading(delivery, reply, web_url)}\n{symbol} *{state}* · {more}"),
            context(_size(reply), _commit(delivery.head), _asked(reply)),
            _buttons(delivery, "", web_url),
        ],
    )


def _done(delivery: Delivery, outcome: Outcome, reply: Reply, web_url: str) -> Message:
    judged = verdict(outcome)
    symbol, state = _state(outcome, judged)
    blocks: list[Block] = [
        section(f"{_heading(delivery, reply, web_url)}\n{symbol} *{foreign(state, TITLE)}*")
    ]
    if outcome.record is not None and outcome.record.findings:
        blocks.append(section(_findings(outcome.record, outcome.review_url, web_url)))
    reasons = [foreign(reason, REASON) for reason in judged.reasons[:_MOST_REASONS] if reason]
    if reasons:
        blocks.append(context("\n".join(reasons)))
    blocks.append(context(_size(reply), _reading(outcome), _commit(outcome.head), _asked(reply)))
    blocks.append(_buttons(delivery, outcome.review_url, web_url))
    text = f"{foreign(str(delivery.ref), 220)}: {foreign(state, TITLE)}"
    url = outcome.review_url if is_home(outcome.review_url, web_url) else ""
    return message(text, blocks, url=url or _pull_url(delivery, web_url))


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
    rank = list(_SEVERITIES)
    found = sorted(record.findings, key=lambda finding: rank.index(finding.severity))
    texts = (
        _top(found, most, review_url, web_url)
        for most in range(min(TOP_FINDINGS, len(found)), -1, -1)
    )
    return next(text for text in texts if len(text) <= SECTION)


def _top(found: Sequence[RecordedFinding], most: int, review_url: str, web_url: str) -> str:
    """Return the first findings as lines, and how many are left out."""
    lines = [_finding(finding, web_url) for finding in found[:most]]
    if len(found) > most:
        more = f"and {count(len(found) - most, 'more finding')} in the review"
        lines.append(f"… {link(review_url, more, web_url)}")
    return "\n".join(lines)


def _finding(finding: RecordedFinding, web_url: str) -> str:
    symbol, word = _SEVERITIES[finding.severity]
    # Inside a link Slack takes no code, so the claim's own backticks go.
    title = foreign(finding.title.replace("`", "").rstrip(". "), TITLE) or "Finding"
    lines = f":{finding.line}" if finding.line > 0 else ""
    place = code(_short_path(finding.path) + lines, PATH + 20)
    return f"{symbol} {word}: {link(finding.url, title, web_url)}\n      {place}"


def _short_path(path: str) -> str:
    """Keep the end of a long path, which tells files apart."""
    return path if len(path) <= PATH else "…" + path[1 - PATH :]


def _heading(delivery: Delivery, reply: Reply, web_url: str) -> str:
    name = foreign(str(delivery.ref), 220)
    named = f"*{link(_pull_url(delivery, web_url), name, web_url)}*"
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


def _buttons(delivery: Delivery, review_url: str, web_url: str) -> ActionsBlock:
    pull = _pull_url(delivery, web_url)
    buttons = []
    if review_url and is_home(review_url, web_url):
        buttons.append(
            ButtonElement(
                text="Open review", url=review_url, action_id="open_review", style="primary"
            )
        )
    buttons.append(ButtonElement(text="Open pull request", url=pull, action_id="open_pull"))
    return ActionsBlock(elements=buttons)


def _pull_url(delivery: Delivery, web_url: str) -> str:
    return f"{web_url.rstrip('/')}/{delivery.ref.repository}/pull/{delivery.ref.number}"
