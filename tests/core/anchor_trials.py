"""Claims about every line of a diff, judged by git's ranges and by the local GitHub's rules.

What is expected is never taken from the parser under test: texts come from git's blobs, ranges
from git's hunk headers, the place of a line from the local GitHub's own reading of the diff.
"""

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from bot.playground.github.diffs import FileDiff
from bot.playground.github.git import GitRepository
from bot.playground.github.objects import Entry, Person
from bot.playground.github.rules.anchors import place
from core.anchoring import QuotedFile
from core.models import Anchor, Candidate, FileChange, ReplyFinding, ReviewReply, Side
from core.prompts.material import LONGEST_LINE, shown
from core.quotation import MAX_QUOTE_CHARACTERS
from core.replies import convert
from github.file_listing import Row, to_change
from github.text_diff import diff_texts, is_binary
from tests.core.anchor_sources import Step

HEADER = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
AUTHOR = Person("Mona", "mona@example.org", 1_700_000_000)
LINES_SOUGHT = 400_000
"""Lines that the local GitHub may look at for one side of one file; each claim costs it a walk.

It bounds the claims, never under LEAST_CLAIMED; git's ranges are compared for all lines.
"""
LEAST_CLAIMED = 25
MOST_OFF = 60
"""Lines of one file that no comment can stand on, and that are claimed all the same."""
SHOWN_FAILURES = 3


@dataclass
class Tally:
    """What became of the claims."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def count(self, what: str, ok: bool, words: str = "") -> None:
        """Count a claim, and keep the words of the first failures of each kind."""
        self.counts[what] += 1
        self.counts[f"{what} wrong"] += not ok
        if not ok and self.counts[f"{what} wrong"] <= SHOWN_FAILURES:
            self.failures.append(f"{what}: {words}")

    @property
    def wrong(self) -> int:
        """Return how many went wrong, whatever they were."""
        return sum(count for name, count in self.counts.items() if name.endswith(" wrong"))


@dataclass(frozen=True)
class Case:
    """One file of a diff from both ends: GitHub's row of it, and git's bytes."""

    diff: FileDiff
    change: FileChange
    old: Sequence[str]
    new: Sequence[str]
    head: str | None

    @cached_property
    def positions(self) -> Mapping[tuple[Side, int], tuple[int, int]]:
        """Return the hunk of each line and where it stands in the diff, whichever side names it."""
        found: dict[tuple[Side, int], tuple[int, int]] = {}
        for index, hunk in enumerate(self.diff.hunks):
            for line in hunk.lines:
                for side, number in ((Side.RIGHT, line.new), (Side.LEFT, line.old)):
                    if number is not None:
                        found[side, number] = (index, line.position)
        return found

    def lines(self, side: Side) -> Sequence[str]:
        """Return the file on a side by its lines, as git splits them."""
        return self.new if side is Side.RIGHT else self.old

    def numbers(self, side: Side) -> list[int]:
        """Return the lines that git's headers put into a hunk."""
        found: list[int] = []
        for headers in HEADER.finditer(self.diff.body):
            start, count = headers.group(3, 4) if side is Side.RIGHT else headers.group(1, 2)
            found += range(int(start), int(start) + int(count or b"1"))
        return found


async def judge_history(
    folder: Path, history: Sequence[Step], tally: Tally, dice: random.Random
) -> None:
    """Commit a history with git and judge the diff of each step."""
    repository = GitRepository(folder)
    await repository.create()
    try:
        before: str | None = None
        for number, step in enumerate(history):
            head = await repository.commit(
                "main", step.writes, message=f"{number}", author=AUTHOR, parent=before
            )
            if before is not None:
                await judge_change(repository, before, head, tally, dice)
            before = head
    finally:
        repository.close()


async def judge_change(
    repository: GitRepository, base: str, head: str, tally: Tally, dice: random.Random
) -> None:
    """Claim something about every line of one change."""
    files = await repository.diff(base, head)
    trees = [await repository.tree(commit) for commit in (base, head)]
    for diff in files:
        case = await _case(repository, diff, *trees)
        tally.counts["hunks"] += len(diff.hunks)
        _judge(case, tally, dice)


async def _case(
    repository: GitRepository, diff: FileDiff, base: Mapping[str, Entry], head: Mapping[str, Entry]
) -> Case:
    old = await _content(repository, base.get(diff.previous or diff.path))
    new = await _content(repository, head.get(diff.path))
    change = to_change(_row(diff))
    text = new.decode(errors="replace")
    if change.hunks is None and not is_binary(old + new):
        rebuilt = diff_texts(old.decode(errors="replace"), text)
        change = replace(change, hunks=rebuilt)
    known = diff.status != "removed" and not is_binary(new)
    return Case(diff, change, _lines(old), _lines(new), text if known else None)


async def _content(repository: GitRepository, entry: Entry | None) -> bytes:
    found = await repository.blob(entry.sha) if entry else b""
    return found or b""


def _row(diff: FileDiff) -> Row:
    added, removed = diff.counts
    return Row(
        filename=diff.path,
        status=diff.status,
        additions=added,
        deletions=removed,
        changes=added + removed,
        sha=diff.sha,
        patch=diff.patch,
        previous_filename=diff.previous,
    )


def _lines(content: bytes) -> list[str]:
    text = content.decode(errors="replace")
    return text.removesuffix("\n").split("\n") if text else []


def _judge(case: Case, tally: Tally, dice: random.Random) -> None:
    quoted = QuotedFile(case.change, case.head)
    for side in Side:
        numbers = case.numbers(side) if case.diff.patch is not None else []
        taken = [n for n in quoted.map.numbers(side) if quoted.map.accepts(side, n)]
        tally.count("ranges", taken == numbers, case.diff.path)
        for number in _some(numbers, LINES_SOUGHT // max(len(numbers), 1), dice):
            _judge_line(case, quoted, side, number, tally)
            _judge_range(case, quoted, side, number, tally, dice)
            _judge_sloppy(case, quoted, side, number, tally, dice)
        off = sorted(set(range(1, len(case.lines(side)) + 1)) - set(numbers))
        if case.head is not None or case.diff.patch is None:
            for number in _some(off, MOST_OFF, dice):
                _judge_off(case, quoted, side, number, tally)


def _some(numbers: Sequence[int], most: int, dice: random.Random) -> Sequence[int]:
    most = max(most, LEAST_CLAIMED)
    return numbers if len(numbers) <= most else sorted(dice.sample(numbers, most))


def _judge_line(case: Case, quoted: QuotedFile, side: Side, number: int, tally: Tally) -> None:
    claim = _claim(case, side, number, number)
    words = f"{case.diff.path!r} {side} {number} {claim.quote[:60]!r}"
    found = quoted.anchor(claim)
    _, expected = case.positions[side, number]
    where = _posted(case, found)
    tally.count(f"{side} lines", where == (expected, expected), f"{words} → {found}")


def _judge_range(
    case: Case, quoted: QuotedFile, side: Side, start: int, tally: Tally, dice: random.Random
) -> None:
    """Quote several lines; blank ones at the ends do not count, except all of them."""
    end = start + dice.choice((1, 2, 4, 9))
    at, _ = case.positions[side, start]
    last_at, _ = case.positions.get((side, end), (None, 0))
    if at != last_at or max(map(len, case.lines(side)[start - 1 : end])) > LONGEST_LINE:
        return  # across two hunks, or with a line that nobody is shown whole
    claim = _claim(case, side, start, end)
    if len(claim.quote) >= MAX_QUOTE_CHARACTERS:
        return
    first, last = _inked(case.lines(side), start, end)
    found = quoted.anchor(claim)
    expected = tuple(case.positions[side, number][1] for number in (first, last))
    words = f"{case.diff.path!r} {side} {start}-{end} → {found}"
    where = _posted(case, found)
    tally.count(f"{side} ranges", where == expected, words)


def _judge_sloppy(
    case: Case, quoted: QuotedFile, side: Side, number: int, tally: Tally, dice: random.Random
) -> None:
    """Claim as models do: a wrong number, no side, other whitespace, marks copied along."""
    claim = _claim(case, side, number, number)
    mark = "+" if side is Side.RIGHT else "-"
    sloppy = dice.choice(
        (
            replace(claim, line=max(1, number + dice.choice((-30, -3, -1, 1, 2, 50)))),
            replace(claim, side=Side.RIGHT),
            replace(claim, quote="  ".join(claim.quote.split()) + " "),
            replace(claim, quote=f"{number}{mark}|{claim.quote}"),
            replace(claim, quote=f"{mark}{claim.quote}"),
            replace(claim, quote=f"```\n{claim.quote}\n```"),
            replace(claim, end_line=number + dice.randrange(1, 40)),
        )
    )
    found = quoted.anchor(sloppy)
    accepted = found is None or _posted(case, found) is not None
    tally.count("sloppy claims accepted", accepted, f"{case.diff.path!r} {sloppy} → {found}")
    # what is claimed for another line, or side, may stand there too, off the diff
    same = (sloppy.side, sloppy.line) == (side, number)
    lost = same and found is None and bool(claim.quote.strip())
    tally.count("sloppy claims placed", not lost, f"{case.diff.path!r} {sloppy}")


def _judge_off(case: Case, quoted: QuotedFile, side: Side, number: int, tally: Tally) -> None:
    """Claim something about a line that takes no comment."""
    claim = _claim(case, side, number, number)
    found = quoted.anchor(claim)
    tally.count(
        "lines off the diff", found is None, f"{case.diff.path!r} {side} {number} → {found}"
    )
    if claim.quote.strip() and case.change.hunks:
        tally.count("lines off the diff held", quoted.holds(claim), f"{case.diff.path!r} {number}")


def _claim(case: Case, side: Side, start: int, end: int) -> Candidate:
    """Return the claim of a model that copies what its prompt shows of these lines."""
    texts = (case.lines(side)[n - 1].removesuffix("\r") for n in range(start, end + 1))
    finding = ReplyFinding(
        path=case.diff.path,
        line=start,
        side=side.value,
        severity="important",
        category="bug",
        title="It breaks",
        body="It does.",
        quote="\n".join(shown(text[:LONGEST_LINE]) for text in texts),
    )
    (claim,) = convert(ReviewReply(findings=(finding,)), (case.diff.path,)).candidates
    return claim


def _inked(lines: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """Return the first and the last line of a range that show anything; all of a blank one."""
    inked = [number for number in range(start, end + 1) if lines[number - 1].strip()]
    return (inked[0], inked[-1]) if inked else (start, end)


def _posted(case: Case, anchor: Anchor | None) -> tuple[int, int] | None:
    """Return where the local GitHub puts the comment, first and last; None where it refuses."""
    if anchor is None:
        return None
    comment = {"path": anchor.path, "body": "x", "line": anchor.line, "side": anchor.side.value}
    if anchor.start_line is not None:
        comment |= {"start_line": anchor.start_line, "start_side": anchor.side.value}
    placed, errors = place([case.diff], comment)
    if errors or placed is None or placed.position is None:
        return None
    start = anchor.start_line or anchor.line
    return case.positions[anchor.side, start][1], placed.position
