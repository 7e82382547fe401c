"""Two candidates whose truth is known: by them a second look is looked at itself.

They are put to a model exactly as its own candidates are, in code made for this alone.
"""

import hashlib
from dataclasses import dataclass

from core.diff import parse_patch, patch_of_added_text
from core.fingerprint import ID_LENGTH
from core.models import (
    Anchor,
    Candidate,
    Category,
    FileChange,
    FileStatus,
    Finding,
    Severity,
    Side,
)
from core.prompts.verification import Evidence

PATH = "stats/average.py"
CODE = """def average(values):
    total = 0
    for value in values:
        total += value
    return total / len(values)


def report(readings):
    return f"mean of the day: {average(readings):.1f}"
"""
_TRUE = (
    5,
    "return total / len(values)",
    "An empty list divides by zero",
    (
        "average([]) runs no iteration, so total is 0 and len(values) is 0: 0 / 0 raises "
        "ZeroDivisionError, and report([]) with it."
    ),
)
_FALSE = (
    3,
    "for value in values:",
    "The first value is left out of the sum",
    "average([1, 2, 3]) begins its loop with the second value and returns 5 / 3 instead of 2.",
)


@dataclass(frozen=True, slots=True)
class Probes:
    """A candidate that holds, one that does not, and their code."""

    true: Finding
    false: Finding
    sources: Evidence


def probes(head: str) -> Probes:
    """Return the probes of a review; their ids tell nothing and differ from head to head."""
    patch = patch_of_added_text(CODE)
    lines = CODE.count("\n")
    file = FileChange(PATH, FileStatus.ADDED, lines, 0, parse_patch(patch))
    sources = Evidence((file,), {PATH: CODE})
    return Probes(_finding(head, *_TRUE), _finding(head, *_FALSE), sources)


def _finding(head: str, line: int, quote: str, title: str, body: str) -> Finding:
    print_ = hashlib.sha256(f"{head}\0{title}".encode()).hexdigest()
    candidate = Candidate(
        path=PATH,
        line=line,
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title=title,
        body=body,
        quote=quote,
    )
    return Finding(print_[:ID_LENGTH], candidate, Anchor(PATH, Side.RIGHT, line), print_)
