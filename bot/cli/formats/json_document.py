"""The review as one JSON document, for programs.

Its models are written out here, apart from the ledger's, so that a change inside Argus cannot
change what scripts rely on. Fields are only ever added within a version of the schema.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict

from bot import __version__
from bot.cli.report import Excerpt, Report
from core.models import Coverage, RecordedFinding, ReviewRecord

SCHEMA = "argus.review/1"


class Part(BaseModel):
    """A part of the document."""

    model_config = ConfigDict(frozen=True)


class Target(Part):
    """What was reviewed: a pull request, or a local change that looks like one."""

    repository: str
    number: int
    """0 for a local change."""
    title: str
    url: str
    base: str
    head: str


class VerdictPart(Part):
    """What the check says: success, neutral, failure or skipped, and why."""

    conclusion: str
    title: str
    reasons: tuple[str, ...]


class Code(Part):
    """Lines of code around a finding, `start` being the number of the first."""

    start: int
    lines: tuple[str, ...]


class FindingPart(Part):
    """One finding; `fingerprint` stays the same while the code around it moves."""

    id: str
    fingerprint: str
    severity: str
    """important, nit or pre_existing."""
    category: str
    path: str
    line: int
    """Counts in the file after the change, before it where side is LEFT."""
    end_line: int | None
    side: str
    title: str
    body: str
    source: str
    """`model`, or `static:<rule>`."""
    place: str
    """inline, summary or standing."""
    url: str
    code: Code | None


class OmissionPart(Part):
    """A file, or some hunks of it, that were not read, and why."""

    path: str
    reason: str
    detail: str
    hunks: int
    """0 means the whole file."""


class CoveragePart(Part):
    """What was read, and how well: full, degraded or static."""

    complete: bool
    strength: str
    files_total: int
    files_read: int
    hunks_total: int
    hunks_read: int
    omitted: tuple[OmissionPart, ...]
    notes: tuple[str, ...]


class UsagePart(Part):
    """What the models were asked, and what that costs; usd is null when a price is unknown."""

    calls: int
    cached_calls: int
    input_tokens: int
    output_tokens: int
    usd: float | None


class Document(Part):
    """A review. Without `coverage` nothing was read; `reason` says why."""

    schema_version: str = SCHEMA
    argus_version: str
    target: Target
    outcome: str
    """reviewed, clean, nothing new, skipped, superseded, cancelled or failed."""
    reason: str
    review_url: str
    verdict: VerdictPart
    findings: tuple[FindingPart, ...]
    coverage: CoveragePart | None = None
    models: tuple[str, ...] = ()
    usage: UsagePart | None = None
    seconds: float = 0.0
    summary: str = ""
    """The model's own words, not verified."""
    notes: tuple[str, ...] = ()


def render(report: Report) -> str:
    """Return the document in ASCII, so that no text in it can reach a terminal raw."""
    return document(report).model_dump_json(indent=2, ensure_ascii=True)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the document."""
    return Document.model_json_schema(mode="serialization")


def document(report: Report) -> Document:
    """Return the report as the document's values."""
    pull, outcome, verdict = report.pull, report.outcome, report.verdict
    return Document(
        argus_version=__version__,
        target=Target(
            repository=pull.ref.repository,
            number=pull.ref.number,
            title=pull.title,
            url=pull.url,
            base=pull.base,
            head=outcome.head,
        ),
        outcome=outcome.kind,
        reason=outcome.reason,
        review_url=outcome.review_url,
        verdict=VerdictPart(
            conclusion=verdict.conclusion, title=verdict.title, reasons=verdict.reasons
        ),
        findings=tuple(_finding(f, report.excerpts.get(f.id)) for f in report.findings),
        **(_reading(report.record) if report.record else {}),
    )


def _reading(record: ReviewRecord) -> dict[str, Any]:
    return {
        "coverage": _coverage(record.coverage),
        "models": record.models,
        "usage": UsagePart.model_validate(record.usage, from_attributes=True),
        "seconds": round(record.seconds, 3),
        "summary": record.summary,
        "notes": record.notes,
    }


def _finding(finding: RecordedFinding, excerpt: Excerpt | None) -> FindingPart:
    code = Code(start=excerpt.start, lines=excerpt.lines) if excerpt else None
    return FindingPart(**finding.model_dump(mode="json"), code=code)


def _coverage(coverage: Coverage) -> CoveragePart:
    return CoveragePart(**coverage.model_dump(mode="json"), complete=coverage.complete)
