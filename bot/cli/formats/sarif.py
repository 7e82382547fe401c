"""The review as a SARIF 2.1.0 log, for code scanning and editors.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
GitHub's own limits: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning
"""

import json
from typing import Any
from urllib.parse import quote

from bot import __version__
from bot.cli.report import Excerpt, Report
from core.models import OutcomeKind, RecordedFinding, Severity, Side
from github.render.words import count
from github.sanitise import visible

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "argusFingerprint/v1"
ROOT = "%SRCROOT%"
"""What code scanning calls the top of the repository."""
_LEVELS = {Severity.IMPORTANT: "error", Severity.NIT: "warning", Severity.PRE_EXISTING: "note"}
_NOT_READ = {OutcomeKind.FAILED, OutcomeKind.SUPERSEDED, OutcomeKind.CANCELLED}

Json = dict[str, Any]


def render(report: Report) -> str:
    """Return the log in ASCII; a review that did not come about is one that failed."""
    rules = {_rule_id(finding): finding for finding in reversed(report.findings)}
    numbers = {rule: number for number, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "Argus",
                "semanticVersion": __version__,
                "rules": [_rule(rule, finding) for rule, finding in rules.items()],
            }
        },
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The top of the repository."}}},
        "invocations": [_invocation(report)],
        "results": [_result(f, report, numbers[_rule_id(f)]) for f in report.findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule_id(finding: RecordedFinding) -> str:
    """Return a static rule's own name, or the category under which a model found it."""
    return _static_rule(finding) or f"model/{finding.category}"


def _static_rule(finding: RecordedFinding) -> str:
    kind, _, rule = finding.source.partition(":")
    return rule if kind == "static" else ""


def _rule(rule: str, finding: RecordedFinding) -> Json:
    """Return the rule's description; `finding` is one that it led to."""
    found_by = "Static analysis" if _static_rule(finding) else "A model's reading"
    return {
        "id": rule,
        "shortDescription": {"text": f"{found_by}: {rule.removeprefix('model/')}"},
        "properties": {"tags": [str(finding.category)]},
    }


def _result(finding: RecordedFinding, report: Report, rule_index: int) -> Json:
    title = visible(finding.title).strip()
    return {
        "ruleId": _rule_id(finding),
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{title}\n\n{visible(finding.body).strip()}".strip() or "Finding"},
        "locations": [_location(finding, report.excerpts.get(finding.id))],
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
        "properties": {
            "category": str(finding.category),
            "severity": str(finding.severity),
            "side": str(finding.side),
            "source": finding.source,
        },
    }


def _location(finding: RecordedFinding, excerpt: Excerpt | None) -> Json:
    """Return where it is; a line that the change removed has no region in the file as it is."""
    artifact = {"uri": quote(finding.path, errors="replace"), "uriBaseId": ROOT}
    if finding.side is Side.LEFT:
        words = f"Line {finding.line} before the change."
        return {"physicalLocation": {"artifactLocation": artifact}, "message": {"text": words}}
    region: Json = {"startLine": max(1, finding.line)}
    if finding.end_line and finding.end_line > finding.line:
        region["endLine"] = finding.end_line
    if excerpt is not None:
        about = [text for _, text, marked in excerpt.numbered() if marked]
        region["snippet"] = {"text": "\n".join(about)}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def _invocation(report: Report) -> Json:
    """Return how the run went, and as notifications everything that was not read."""
    record = report.record
    omitted = record.coverage.omitted if record else ()
    notes = [
        _notification(
            f"Not read: {visible(left_out.path)}"
            + (f", {count(left_out.hunks, 'hunk')}" if left_out.hunks else "")
            + f": {left_out.reason}",
            "note" if left_out.reason.not_reviewable else "warning",
        )
        for left_out in omitted
    ]
    read = report.outcome.kind not in _NOT_READ
    said = visible(" ".join([report.verdict.title, *report.verdict.reasons]))
    return {
        "executionSuccessful": read,
        "toolExecutionNotifications": [
            _notification(said or str(report.outcome.kind), "note" if read else "error"),
            *notes,
        ],
    }


def _notification(words: str, level: str) -> Json:
    return {"level": level, "message": {"text": words}}
