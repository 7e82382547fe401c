"""Writes a pull request and its files as a model reads them, each line with its number.

Pure text; what fits into one call is decided in `core.prompts.packing`.
"""

from collections.abc import Iterable, Iterator, Sequence

from core.analyzers import secrets
from core.models import (
    Background,
    Candidate,
    DiffLine,
    FileChange,
    Hunk,
    LineKind,
    PullRequest,
    RecordedFinding,
)
from core.prompts.visible import reveal

LONGEST_LINE = 2_000
"""Characters of a line that are shown; longer lines are data or minified code."""
LONGEST_TITLE = 500
_NO_LINES: frozenset[int] = frozenset()


def tokens(text: str) -> int:
    """Bound the tokens of a text from above: three bytes each, whatever the model."""
    return len(text.encode("utf-8", "replace")) // 3 + 1


def shortened(text: str, most_tokens: int) -> str:
    """Cut a text to a bound and say so."""
    if tokens(text) <= most_tokens:
        return text
    kept = text.encode("utf-8", "replace")[: max(most_tokens, 0) * 3]
    return f"{kept.decode('utf-8', 'ignore')}\n[shortened]"


def shown(text: str) -> str:
    """Make hidden characters visible and take credentials out."""
    return secrets.mask(reveal(text))


def describe(pull: PullRequest, most_tokens: int) -> str:
    """Return what the author says about the change."""
    body = shortened(shown(pull.body.replace("\r\n", "\n")), most_tokens)
    return (
        f"Title: {shown(pull.title[:LONGEST_TITLE])}\n"
        f"Branch: {shown(pull.head_branch)} into {shown(pull.base_branch)}\n"
        f"Description:\n{body.strip() or '(none)'}"
    )


def commits_text(pull: PullRequest, background: Background) -> str:
    """Return the commits' messages, without those that only repeat the title."""
    told = (message.replace("\r\n", "\n").strip() for message in background.commits)
    return "\n".join(f"- {shown(message)}" for message in told if message != pull.title.strip())


def issues_text(background: Background) -> str:
    """Return the linked issues, each with its title and what it says."""
    return "\n\n".join(
        f"#{issue.number} {shown(issue.title)}\n{shown(issue.body).strip()}".strip()
        for issue in background.issues
    )


def file_heading(file: FileChange, *, split: bool = False) -> str:
    """Return the line above a file's hunks; `split` says that these are not all of them."""
    moved = f", before: {reveal(file.previous_path)}" if file.previous_path else ""
    part = ", a part of its changes" if split else ""
    return f"=== {reveal(file.path)} ({file.status.value}{moved}{part})"


def related_heading(path: str, reasons: Sequence[str]) -> str:
    """Return the line above excerpts of a file, which says why they are there."""
    return f"--- {reveal(path)}: {reveal('; '.join(reasons))}"


def excerpt_line(number: int, text: str) -> str:
    """Return a line of a file that is shown to explain the change."""
    return _line(number, LineKind.CONTEXT, text)


def hunk_text(hunk: Hunk, lines: Sequence[str] = (), around: frozenset[int] = _NO_LINES) -> str:
    """Return a hunk with numbered lines of the file around it."""
    last = hunk.new_start + max(hunk.new_count, 1) - 1
    before = sorted(number for number in around if number < hunk.new_start)
    after = sorted(number for number in around if number > last)
    section = f" {shown(hunk.section)}" if hunk.section and not before else ""
    return "\n".join(
        [
            f"@@{section}",
            *_context(before, lines, hunk.new_start),
            *(_numbered(line) for line in hunk.lines),
            *_context(after, lines, 0),
        ]
    )


def _context(numbers: Iterable[int], lines: Sequence[str], following: int) -> Iterator[str]:
    """Yield unchanged lines by number, with a mark where some are left out."""
    previous = 0
    for number in numbers:
        if previous and number != previous + 1:
            yield "…"
        yield _line(number, LineKind.CONTEXT, lines[number - 1])
        previous = number
    if previous and following and following != previous + 1:
        yield "…"


def _numbered(line: DiffLine) -> str:
    number = line.old if line.kind is LineKind.REMOVED else line.new
    return _line(number or 0, line.kind, line.text)


def _line(number: int, kind: LineKind, text: str) -> str:
    more = len(text) - LONGEST_LINE
    cut = f" [{more:,} more characters]" if more > 0 else ""
    return f"{number}{kind.value}|{shown(text[:LONGEST_LINE].removesuffix(chr(13)))}{cut}"


def earlier_text(findings: Sequence[RecordedFinding], paths: frozenset[str]) -> str:
    """Return what earlier reviews said about these files and is still open, one line each."""
    return "\n".join(
        f"id: {f.id} {reveal(f.path)}:{f.line} {shown(f.title)}: {shown(' '.join(f.body.split()))}"
        for f in findings
        if f.path in paths
    )


def static_text(found: Sequence[Candidate], paths: frozenset[str]) -> str:
    """Return what static analysis said about these files, one line each."""
    return "\n".join(
        f"{reveal(c.path)}:{c.line} [{c.severity.value}] {shown(c.title)}"
        for c in found
        if c.path in paths
    )
