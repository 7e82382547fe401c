"""The review for a person at a terminal: findings with their code, then what it amounts to.

It reads the same without colour and on a pipe; every text from outside is made visible first, so
that nothing in it can drive the terminal.
"""

from collections.abc import Iterable, Iterator
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
from github.render.words import cost, count, duration, ended, severity_word

LISTED: Final = 12
"""Files not read that are named; the rest is counted."""
SHORTEST: Final = 0.1
"""Seconds; what took less is not worth telling."""
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
    """Return what was reviewed, and how large it is."""
    pull = report.pull
    name = pull.ref.repo if not pull.ref.number else str(pull.ref)
    first = Text.assemble((one_line(name), "bold"), " · ", one_line(pull.title))
    sizes = f"{count(pull.changed_files, 'file')}, +{pull.additions:,} −{pull.deletions:,}"
    second = " · ".join(part for part in (one_line(report.between), sizes) if part)
    return Group(first, Text(second, style="dim"))


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
    said = [*report.verdict.reasons, outcome.reason]
    if outcome.record is not None:
        said = [*said, *outcome.record.coverage.notes, *outcome.record.notes]
    reasons = _different([title, *map(one_line, said)])[1:]
    below = [*map(Text, reasons), *_facts(report)]
    return Group(*parts, *(Padding(line, (0, 0, 0, 2)) for line in below))


def _different(sentences: Iterable[str]) -> list[str]:
    """Return the sentences that say something, each once; case and full stop make no other."""
    found: dict[str, str] = {}
    for sentence in sentences:
        found.setdefault(sentence.casefold().rstrip("."), sentence)
    found.pop("", None)
    return list(found.values())


def _facts(report: Report) -> Iterator[Text]:
    """Yield where the review stands, who read, what was left out, and what it cost."""
    record = report.record
    if report.outcome.review_url:
        yield Text(one_line(report.outcome.review_url), style="underline")
    if record is None:
        return
    # what is no reviewable file by nature is counted among the reasons, and not named here
    unread = [
        left_out for left_out in record.coverage.omitted if not left_out.reason.not_reviewable
    ]
    yield from map(_omission, unread[:LISTED])
    if len(unread) > LISTED:
        yield Text(f"… and {count(len(unread) - LISTED, 'more file')}", style="yellow")
    models = ", ".join(map(one_line, record.models))
    took = duration(record.seconds) if record.seconds >= SHORTEST else ""
    spent = [f"Read by {models}" if models else "", cost(record.usage), took]
    if any(spent):
        yield Text(" · ".join(word for word in spent if word), style="dim")


def _omission(left_out: Omission) -> Text:
    """Return a file, or a part of one, that was left out."""
    part = f", {count(left_out.hunks, 'hunk')}" if left_out.hunks else ""
    detail = f" ({one_line(left_out.detail)})" if left_out.detail else ""
    words = f"not read: {one_line(left_out.path)}{part}: {left_out.reason}{detail}"
    return Text(words, style="yellow")
