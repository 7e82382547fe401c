"""The review for a person at a terminal: findings with their code, then what it amounts to.

It reads the same without colour and on a pipe; every text from outside is made visible first, so
that nothing in it can drive the terminal.
"""

from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from bot.cli.formats.code import code_lines
from bot.cli.formats.look import Look
from bot.cli.formats.prose import one_line, prose
from bot.cli.report import Report
from core.models import Conclusion, Omission, RecordedFinding, Severity, Side
from github.render.words import cost, count, duration, ended, files_read, severity_word

LISTED: Final = 12
"""Files not read that are named; the rest is counted."""
NARROWEST: Final = 30
WIDEST: Final = 100
"""Columns; prose in longer lines is hard to read."""
_COLOURS: Final = {
    Severity.IMPORTANT: "red",
    Severity.NIT: "blue",
    Severity.PRE_EXISTING: "yellow",
}
_MARKS: Final = {
    Conclusion.SUCCESS: ("✓", "green"),
    Conclusion.NEUTRAL: ("●", "yellow"),
    Conclusion.FAILURE: ("✗", "red"),
    Conclusion.SKIPPED: ("–", "dim"),
}


def render(report: Report, look: Look) -> str:
    """Return the text, each line within the look's width."""
    out = StringIO()
    look = replace(look, width=max(NARROWEST, min(look.width, WIDEST)))
    console = Console(
        file=out,
        width=look.width,
        force_terminal=look.styled,
        color_system="standard" if look.coloured else None,
        no_color=not look.coloured,
        legacy_windows=False,
        highlight=False,
        emoji=False,
    )
    console.print(_page(report, look))
    lines = out.getvalue().split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


def _page(report: Report, look: Look) -> RenderableType:
    parts: list[RenderableType] = [_head(report), ""]
    for finding in report.findings:
        parts += [_finding(finding, report, look), ""]
    parts += [Rule(style="dim"), _verdict(report)]
    return Group(*parts)


def _head(report: Report) -> RenderableType:
    """Return what was reviewed, and between which commits."""
    pull = report.pull
    name = pull.ref.repo if not pull.ref.number else str(pull.ref)
    first = Text.assemble((one_line(name), "bold"), " · ", one_line(pull.title))
    second = Text(f"{pull.base[:7]} → {report.outcome.head[:7]}", style="dim")
    sizes = f" · {count(pull.changed_files, 'file')}, +{pull.additions:,} −{pull.deletions:,}"
    return Group(first, second.append(sizes))


def _finding(finding: RecordedFinding, report: Report, look: Look) -> RenderableType:
    colour = _COLOURS[finding.severity]
    parts: list[RenderableType] = [_place(finding, colour)]
    title = one_line(finding.title).rstrip(".") or "Finding"
    parts.append(Padding(Text(title, style="bold"), (0, 0, 0, 2)))
    excerpt = report.excerpts.get(finding.id)
    if excerpt is not None:
        lines = code_lines(excerpt, finding.path, look, colour)
        parts += ["", Padding(Group(*lines), (0, 0, 0, 2))]
    if finding.body.strip():
        parts += ["", Padding(Group(*prose(finding.body)), (0, 0, 0, 2))]
    if finding.url:
        parts.append(Padding(Text(one_line(finding.url), style="dim"), (0, 0, 0, 2)))
    return Group(*parts)


def _place(finding: RecordedFinding, colour: str) -> Text:
    """Return severity, place and kind: `Important  shop/cart.py:42  bug`."""
    last = finding.end_line
    lines = f"{finding.line}-{last}" if last and last > finding.line else str(finding.line)
    _, _, rule = finding.source.partition("static:")
    said = [str(finding.category), *([f"rule {one_line(rule)}"] if rule else [])]
    if finding.side is Side.LEFT:
        said.append("before the change")
    return Text.assemble(
        (severity_word(finding.severity), f"bold {colour}"),
        "  ",
        (f"{one_line(finding.path)}:{lines}", "underline"),
        "  ",
        (" · ".join(said), "dim"),
    )


def _verdict(report: Report) -> RenderableType:
    """Return the conclusion, why, what was read and not, and what it cost."""
    mark, colour = _MARKS[report.verdict.conclusion]
    outcome = report.outcome
    title = one_line(report.verdict.title) or ended(outcome.kind)
    parts: list[RenderableType] = [Text.assemble((f"{mark} ", colour), (title, "bold"))]
    known = {title.rstrip(".")}
    said = [*report.verdict.reasons, outcome.reason]
    if outcome.record is not None:
        said = [*said, *outcome.record.coverage.notes, *outcome.record.notes]
    for sentence in map(one_line, said):
        if sentence and sentence.rstrip(".") not in known:
            known.add(sentence.rstrip("."))
            parts.append(Padding(Text(sentence), (0, 0, 0, 2)))
    parts += [Padding(line, (0, 0, 0, 2)) for line in _facts(report)]
    return Group(*parts)


def _facts(report: Report) -> Iterator[Text]:
    record = report.record
    if report.outcome.review_url:
        yield Text(one_line(report.outcome.review_url), style="underline")
    if record is None:
        return
    read = [files_read(record.coverage), _readers(report)]
    yield Text(" · ".join(word for word in read if word), style="dim")
    unread = record.coverage.omitted
    for left_out in sorted(unread, key=lambda o: o.reason.not_reviewable)[:LISTED]:
        yield _omission(left_out)
    if len(unread) > LISTED:
        yield Text(f"… and {count(len(unread) - LISTED, 'more file')}", style="dim")
    spent = [cost(record.usage), duration(record.seconds) if record.seconds else ""]
    yield Text(" · ".join(word for word in spent if word), style="dim")


def _readers(report: Report) -> str:
    record = report.record
    if record is None:
        return ""
    if record.models:
        return "by " + ", ".join(map(one_line, record.models))
    return "by static analysis" if record.coverage.files_read else ""


def _omission(left_out: Omission) -> Text:
    """Return a file that was not read; ruled out by nature is dimmer than left out."""
    part = f", {count(left_out.hunks, 'hunk')}" if left_out.hunks else ""
    detail = f" ({one_line(left_out.detail)})" if left_out.detail else ""
    words = f"not read: {one_line(left_out.path)}{part}: {left_out.reason}{detail}"
    return Text(words, style="dim" if left_out.reason.not_reviewable else "yellow")
