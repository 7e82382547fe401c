"""A finding as a reply in the thread of its card: open with what can be done, or settled."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from slack_sdk.models.blocks import Block

from core.models import (
    FindingState,
    Outcome,
    RecordedFinding,
    ReviewRecord,
    Severity,
)
from slack.blocks.controls import finding_controls
from slack.blocks.message import Message, message
from slack.blocks.prose import prose
from slack.blocks.small_print import doubt
from slack.blocks.words import code, context, foreign, is_home, link, section, somebody

TITLE, PATH, REASON, BODY = 180, 90, 240, 1_500
"""Characters of a claim, of a path, of a person's reason, of what a finding says."""
SEVERITIES: Final = {
    Severity.IMPORTANT: ("🔴", "Important"),
    Severity.PRE_EXISTING: ("🟣", "Pre-existing"),
    Severity.NIT: ("⚪", "Nit"),
}
"""In the order in which findings are shown."""
_SETTLED: Final = {
    FindingState.ADDRESSED: ("✅", "Fixed"),
    FindingState.DISMISSED: ("🔕", "Dismissed"),
    FindingState.ACCEPTED: ("👍", "Accepted as it is"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding and where it stands."""

    finding: RecordedFinding
    state: FindingState = FindingState.OPEN
    who: str = ""
    reason: str = ""


def by_weight(record: ReviewRecord) -> list[RecordedFinding]:
    """Return what is open, important first."""
    rank = list(SEVERITIES)
    return sorted(record.findings, key=lambda finding: rank.index(finding.severity))


def shown_findings(outcome: Outcome) -> Mapping[str, Shown]:
    """Return by id every finding that an outcome tells of, the open ones by weight first."""
    record = outcome.record
    if record is None:
        return {}
    shown = {each.id: Shown(each) for each in by_weight(record)}
    for quiet in record.quiet:
        shown.setdefault(
            quiet.finding.id, Shown(quiet.finding, quiet.state, quiet.who, quiet.reason)
        )
    for fixed in record.round.fixed if record.round else ():
        shown.setdefault(fixed.id, Shown(fixed, FindingState.ADDRESSED))
    return shown


def finding_reply(shown: Shown, web_url: str) -> Message:
    """Return the reply for a finding as it stands."""
    return _open(shown.finding, web_url) if shown.state.is_open else _settled(shown, web_url)


def no_longer_open() -> Message:
    """Return the reply for a finding of which nothing more is known than that."""
    return message("✅ Not open any more.", [section("✅ *Not open any more.*")])


def place_of(finding: RecordedFinding) -> str:
    """Return where it is, short enough to be read."""
    path = finding.path if len(finding.path) <= PATH else "…" + finding.path[1 - PATH :]
    lines = f":{finding.line}" if finding.line > 0 else ""
    return code(path + lines, PATH + 20)


def claim_of(finding: RecordedFinding, web_url: str) -> str:
    """Return what it claims, as a link to its comment."""
    return link(finding.url, plain_claim(finding), web_url)


def plain_claim(finding: RecordedFinding) -> str:
    """Return what it claims; inside a link Slack takes no code, so its backticks go."""
    return foreign(finding.title.replace("`", "").rstrip(". "), TITLE) or "Finding"


def _open(finding: RecordedFinding, web_url: str) -> Message:
    symbol, word = SEVERITIES[finding.severity]
    said = [f"{symbol} *{word}* · {claim_of(finding, web_url)}"]
    body = prose(finding.body, BODY)
    said += [body] if body else []
    blocks: list[Block] = [
        section("\n".join(said)),
        context(place_of(finding), str(finding.category), doubt(finding)),
        finding_controls(),
    ]
    return message(
        f"{symbol} {word}: {plain_claim(finding)}", blocks, url=_home(finding.url, web_url)
    )


def _settled(shown: Shown, web_url: str) -> Message:
    symbol, word = _SETTLED[shown.state]
    by = f" by {somebody(shown.who)}" if shown.who else ""
    reason = foreign(shown.reason, REASON)
    small = [place_of(shown.finding), f"“{reason}”" if reason else ""]
    return message(
        f"{symbol} {word}: {plain_claim(shown.finding)}",
        [section(f"{symbol} *{word}*{by} · {claim_of(shown.finding, web_url)}"), context(*small)],
        url=_home(shown.finding.url, web_url),
    )


def _home(url: str, web_url: str) -> str:
    return url if is_home(url, web_url) else ""
