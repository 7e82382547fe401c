"""The review as a page of Markdown, for a CI job's summary or a file.

Text from models and strangers passes the same output policy as what is posted on GitHub.
"""

from bot.cli.report import Excerpt, Report
from core.models import RecordedFinding, Side
from github.render import sections
from github.render.words import ended, files_read, place, readers, rule_of, severity_word
from github.sanitise import Home, block, inline, markdown, span

ROOM = 200
"""Entries of a list; a page that lists more is not read."""
BODY_LIMIT = 4_000
"""Characters of one finding's explanation."""
_LANGUAGES = {"py": "python", "js": "javascript", "ts": "typescript", "rs": "rust"}


def render(report: Report) -> str:
    """Return the page."""
    home = _home(report)
    record = report.record
    parts = [_title(report, home), _facts(report, home)]
    parts += [_finding(finding, report, home) for finding in report.findings]
    if record is not None:
        parts += [
            sections.notes(record, home, ROOM),
            sections.coverage(record, home, ROOM),
            sections.words_of_model(record, home),
            sections.footer(record),
        ]
    return sections.joined(*parts)


def _home(report: Report) -> Home:
    """Return where links may lead: the pull request's own GitHub, nowhere for a local change."""
    pull = report.pull
    web = pull.url.partition(f"/{pull.ref.repository}/")[0]
    return Home(pull.ref, web) if web else Home(pull.ref)


def _title(report: Report, home: Home) -> str:
    about = inline(report.pull.title, home)
    return f"## Argus: {inline(report.verdict.title, home)}\n\n{about}"


def _facts(report: Report, home: Home) -> str:
    record, outcome = report.record, report.outcome
    said = [span(report.between)]
    if record is not None:
        said += [files_read(record.coverage), readers(record)]
    reasons = dict.fromkeys([*report.verdict.reasons, outcome.reason])
    listed = [f"- {inline(reason, home)}" for reason in reasons if reason]
    review = home.allowed(outcome.review_url) if outcome.review_url else None
    link = f"[See the review]({review})" if review else ""
    return sections.joined(
        " · ".join(filter(None, said)), ended(outcome.kind), "\n".join(listed), link
    )


def _finding(finding: RecordedFinding, report: Report, home: Home) -> str:
    rule = rule_of(finding.source)
    said = [severity_word(finding.severity), str(finding.category), _place(finding, report, home)]
    if finding.side is Side.LEFT:
        said.append("before the change")
    if rule:
        said.append(f"static rule {rule}")
    return sections.joined(
        f"### {inline(finding.title.strip().rstrip('.'), home) or 'Finding'}",
        " · ".join(said),
        markdown(finding.body.strip(), home, limit=BODY_LIMIT),
        _code(finding, report.excerpts.get(finding.id)),
    )


def _place(finding: RecordedFinding, report: Report, home: Home) -> str:
    """Return the place, as a link where the code stands on GitHub."""
    if report.record is not None and report.pull.url:
        return place(finding, report.record, home)
    last = finding.end_line
    lines = f"{finding.line}-{last}" if last and last > finding.line else str(finding.line)
    return span(f"{finding.path}:{lines}")


def _code(finding: RecordedFinding, excerpt: Excerpt | None) -> str:
    if excerpt is None:
        return ""
    suffix = finding.path.rpartition(".")[2].lower()
    return block("\n".join(excerpt.lines), _LANGUAGES.get(suffix, suffix))
