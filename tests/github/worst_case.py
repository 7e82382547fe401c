"""A model that is entirely in an attacker's hands, and everything Argus would say after it.

Each payload stands in every field that a model, an author or an upstream server can fill.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.coverage import verdict
from core.findings import judge, place, recorded
from core.models import (
    Accepted,
    CommentState,
    Coverage,
    Delivery,
    FileChange,
    Finding,
    FindingState,
    Omission,
    OmissionReason,
    Outcome,
    OutcomeKind,
    Place,
    QuietFinding,
    RecordedFinding,
    ReplyFinding,
    ReviewRecord,
    ReviewReply,
    Round,
    Stage,
)
from core.replies import convert, summary_of
from core.repo_config import ReviewRules
from github import render
from github.markers import MarkerKind, Markers
from github.render.repeated import repeated_review
from github.render.state import with_state
from slack import blocks
from slack.blocks import Message
from tests.fakes.core import a_new_file, a_pull_request
from tests.github.render_samples import BASE, HEAD, HOME, QUOTE
from tests.slack.samples import a_delivery, a_reply

MARKERS = Markers(["key"])
MARKER = MARKERS.make(MarkerKind.SUMMARY, "7.7.head.1")
WEB = HOME.web_url
CODE = f"def total(cart):\n{QUOTE}\n"
LINE = 2
LONGEST_NAME, LONGEST_PATH = 200, 4_096
"""Characters of a model's name, which the operator gives, and bytes of a path."""


@dataclass(frozen=True, slots=True)
class Said:
    """All that people would read: bodies in Markdown, lines shown as they are, Slack's."""

    comments: tuple[str, ...]
    """Inline comments, the only ones that may hold a suggestion."""
    bodies: tuple[str, ...]
    lines: tuple[str, ...]
    slack: tuple[str, ...]
    """Every text of every message."""


def said_after(payload: str, suggestion: str | None = None) -> Said:
    """Return what is posted when every foreign field holds the payload."""
    findings, summary = _found(payload, payload if suggestion is None else suggestion)
    outcome = _outcome(payload, findings, summary)
    judged = verdict(outcome)
    check = render.ended(outcome, judged, HOME)
    comments = tuple(render.inline_comment(each, HOME, MARKERS) for each in findings)
    states = tuple(_states(comments[0] if comments else MARKER, payload))
    bodies = (
        render.summary(outcome, replace(judged, title=payload), HOME, MARKER),
        render.review_body(findings, 1, MARKER),
        repeated_review(HOME.pull, MARKER),
        check.summary,
        check.text,
    )
    return Said((*comments, *states), bodies, (check.title,), tuple(_slack(payload, outcome)))


def _found(payload: str, suggestion: str) -> tuple[tuple[Finding, ...], str]:
    """Take a compromised reply through the gates; its quotes are true, so it is not stopped."""
    files = [a_new_file("src/cart.py", CODE), *_file_named(payload)]
    claims = tuple(
        _claim(file.path, payload, suggestion, line) for file in files for line in (2, 1)
    )
    reply = ReviewReply(summary=payload, findings=claims)
    texts = dict.fromkeys((file.path for file in files), CODE)
    converted = convert(reply, [file.path for file in files])
    judged = judge(converted.candidates, files, texts, ReviewRules(max_findings=30))
    placed = place(judged.findings, (), ReviewRules(max_findings=30))
    return placed.inline, summary_of(reply)


def _file_named(payload: str) -> list[FileChange]:
    """Return a file that is called like the payload, as far as git knows such names."""
    name = payload.replace("\0", "").encode("utf-8", "replace").decode()[:200]
    return [a_new_file(name, CODE)] if name.strip() else []


def _claim(path: str, payload: str, suggestion: str, line: int) -> ReplyFinding:
    return ReplyFinding(
        path=path,
        line=line,
        severity="important",
        category=payload,
        title=f"Wrong: {payload}" if line == LINE else payload,
        body=payload,
        quote=CODE.split("\n")[line - 1],
        suggestion=suggestion,
        confidence=0.9,
    )


def _outcome(payload: str, findings: tuple[Finding, ...], summary: str) -> Outcome:
    """Return an outcome in which everything that can be foreign is."""
    posted = _recorded(findings, payload)
    quiet = tuple(
        QuietFinding(finding=each, state=FindingState.DISMISSED, who=payload, reason=payload)
        for each in posted[-1:]
    )
    reasons = (OmissionReason.TOO_LARGE, OmissionReason.LOCKFILE)
    omitted = tuple(
        Omission(path=payload[:LONGEST_PATH], reason=each, detail=payload) for each in reasons
    )
    record = ReviewRecord(
        head=HEAD,
        base=BASE,
        findings=posted,
        summary=summary,
        notes=(payload,),
        models=(payload[:LONGEST_NAME],),
        quiet=quiet,
        round=Round(number=2, fixed=posted[:1]),
        coverage=Coverage(files_total=9, files_read=1, omitted=omitted, notes=(payload,)),
    )
    return Outcome(
        kind=OutcomeKind.REVIEWED, head=HEAD, reason=payload, record=record, review_url=payload
    )


def _recorded(findings: tuple[Finding, ...], payload: str) -> tuple[RecordedFinding, ...]:
    """Return the findings as records, on lines and in the summary, with a hostile address each."""
    placed = place(findings, (), ReviewRules(max_findings=30))
    records = recorded(placed, {})
    changed = [
        record.model_copy(update={"url": payload, "path": payload[:LONGEST_PATH]})
        for record in records
    ]
    places = (Place.STANDING, Place.LATE)
    return (
        *records,
        *(each.model_copy(update={"place": where}) for where in places for each in changed[:1]),
    )


def _states(comment: str, payload: str) -> Iterator[str]:
    """Yield a comment as it is edited when something became of its finding."""
    for state in (FindingState.DISMISSED, FindingState.ACCEPTED):
        became = CommentState(finding_id="f1", state=state, head=HEAD, who=payload, reason=payload)
        yield with_state(comment, became, HOME)


def _slack(payload: str, outcome: Outcome) -> Iterator[str]:
    for message in _messages(payload, outcome):
        yield message.text
        yield message.plain.text
        yield from _texts(message.blocks)


def _texts(shown: object) -> Iterator[str]:
    """Yield the texts of blocks, however deep."""
    if isinstance(shown, list | tuple):
        for each in shown:
            yield from _texts(each)
    elif isinstance(shown, dict):
        for name, value in shown.items():
            if name == "text" and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)


def _messages(payload: str, outcome: Outcome) -> Iterator[Message]:
    reply = a_reply(title=payload[:200], author=payload[:200], user=payload[:50])
    ended: Delivery = a_delivery(stage=Stage.IDLE, outcome=outcome)
    yield blocks.card(ended, reply, WEB)
    failed = outcome.model_copy(update={"kind": OutcomeKind.FAILED, "record": None})
    yield blocks.card(a_delivery(stage=Stage.IDLE, outcome=failed), reply, WEB)
    pull = a_pull_request(title=payload, url=payload)
    yield blocks.accepted(pull, Accepted(job_id="1"), WEB)
