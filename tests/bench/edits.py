"""Pull requests made of real code: packages installed here, edited by a seed, defects included.

Nothing is fetched and nothing of a package is run; the same seed and the same versions of the
packages give the same changes.
"""

import ast
import difflib
import random
import re
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.diff import parse_patch, patch_of_added_text
from core.models import FileChange, FileStatus, LineKind

PACKAGES = (
    *("litestar", "httpx", "dramatiq", "redis", "jinja2", "uvicorn", "typer", "rich"),
    *("slack_bolt", "markdown_it", "polyfactory", "hypothesis", "honcho", "structlog"),
)
"""Real code of many hands; those that are not installed are left out."""
HUNKS = (1, 1, 2, 2, 3, 4, 6, 8, 12, 18, 30, 60)
"""Sizes that pull requests have; the small ones are common."""
FILES = (1, 1, 2, 3, 3, 5, 8)
LARGEST_FILE = 60_000
REPEATED = 8
"""Lines that one place of a very large pull request adds."""
_SWAPS = (
    (" == ", " != "),
    (" < ", " <= "),
    (" > ", " >= "),
    (" and ", " or "),
    (" is not None", " is None"),
    (" not in ", " in "),
    ("True", "False"),
    (" + 1", ""),
    ("[0]", "[-1]"),
)
"""Edits that compile and are wrong."""


@dataclass(frozen=True, slots=True)
class Change:
    """A pull request: its files, the package at the head, and the lines that are wrong in it."""

    files: tuple[FileChange, ...]
    texts: Mapping[str, str]
    defects: tuple[tuple[str, int], ...]

    @property
    def size(self) -> int:
        """Return the bytes of its diff."""
        lines = (line for file in self.files for hunk in file.hunks or () for line in hunk.lines)
        return sum(len(line.text) + 2 for line in lines)


@cache
def package(name: str) -> Mapping[str, str]:
    """Return the Python files of an installed package by path, none when it is not there."""
    root = Path(sysconfig.get_paths()["purelib"])
    texts: dict[str, str] = {}
    for path in sorted((root / name).rglob("*.py")):
        text = path.read_text(encoding="utf-8", errors="replace")
        if text and len(text) <= LARGEST_FILE and _parses(text):
            texts[path.relative_to(root).as_posix()] = text
    return texts


def made(seed: int, *, files: int | None = None, hunks: int | None = None) -> Change:
    """Return one pull request; without sizes it has those that pull requests usually have."""
    dice = random.Random(f"change {seed}")  # noqa: S311 -- a repeatable choice, no secret
    texts = dict(package(dice.choice([name for name in PACKAGES if len(package(name)) >= 5])))
    fitting = [path for path, text in texts.items() if text.count("\n") > 40]
    count = min(files or dice.choice(FILES), len(fitting))
    total = hunks or dice.choice(HUNKS)
    changes: list[FileChange] = []
    defects: list[tuple[str, int]] = []
    for path in dice.sample(fitting, count):
        old = texts[path]
        new, wrong = _edited(old, max(1, total // count), dice)
        texts[path] = new
        changes.append(_file_change(path, old, new))
        defects += [(path, line) for line in wrong]
    if dice.random() < 0.3:
        changes.append(_added(texts, dice))
    return Change(tuple(changes), texts, tuple(defects))


def made_quickly(files: int, hunks: int) -> Change:
    """Return a very large pull request: lines added to so many places of so many files."""
    root = Path(sysconfig.get_paths()["purelib"])
    changes: list[FileChange] = []
    texts: dict[str, str] = {}
    for path in sorted(root.rglob("*.py"), key=lambda path: path.name):
        if len(changes) >= files:
            break
        old = path.read_text(encoding="utf-8", errors="replace")
        name = path.relative_to(root).as_posix()
        if 40 * hunks < old.count("\n") < 1_200:
            texts[name] = _with_additions(old, hunks)
            changes.append(_file_change(name, old, texts[name]))
    return Change(tuple(changes), texts, ())


def _with_additions(text: str, places: int) -> str:
    """Repeat some lines of a text at so many places."""
    lines = text.split("\n")
    step = len(lines) // (places + 1)
    for place in range(places, 0, -1):
        lines[place * step : place * step] = lines[place * step - REPEATED : place * step]
    return "\n".join(lines)


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _edited(old: str, edits: int, dice: random.Random) -> tuple[str, tuple[int, ...]]:
    """Return a text with so many places edited, and the lines at the head that are wrong."""
    lines = old.split("\n")
    marks: list[int] = [0] * len(lines)
    for number in dice.sample(range(len(lines)), min(edits * 12, len(lines))):
        if sum(map(bool, marks)) >= edits:
            break
        replacement = _swapped(lines[number], dice)
        if replacement is None or any(marks[max(number - 8, 0) : number + 9]):
            continue
        before = lines[number]
        lines[number] = replacement
        if _parses("\n".join(lines)):
            marks[number] = 1
        else:
            lines[number] = before
    inserted = _with_blocks(lines, marks, dice)
    wrong = tuple(n for n, (_, mark) in enumerate(inserted, 1) if mark)
    return "\n".join(text for text, _ in inserted), wrong


def _swapped(line: str, dice: random.Random) -> str | None:
    if line.lstrip()[:1] in {"#", '"', "'", ""} or len(line) > 160:
        return None
    fitting = [swap for swap in _SWAPS if swap[0] in line]
    if not fitting:
        return None
    old, new = dice.choice(fitting)
    return line.replace(old, new, 1)


def _with_blocks(
    lines: Sequence[str], marks: Sequence[int], dice: random.Random
) -> list[tuple[str, int]]:
    """Copy whole functions of the file under new names beside some edits, as additions."""
    text = "\n".join(lines)
    functions = [
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.end_lineno and not node.decorator_list
    ]
    made_of = list(zip(lines, marks, strict=True))
    if not functions or dice.random() < 0.4:
        return made_of
    node = dice.choice(functions)
    body = lines[node.lineno - 1 : (node.end_lineno or node.lineno)]
    copy = [re.sub(rf"\bdef {node.name}\b", f"def {node.name}_again", body[0], count=1), *body[1:]]
    return [*made_of, ("", 0), ("", 0), *((line, 0) for line in copy), ("", 0)]


def _file_change(path: str, old: str, new: str) -> FileChange:
    diff = list(difflib.unified_diff(old.split("\n"), new.split("\n"), lineterm="", n=3))[2:]
    return _counted(FileChange(path, FileStatus.MODIFIED, 0, 0, parse_patch("\n".join(diff))))


def _added(texts: dict[str, str], dice: random.Random) -> FileChange:
    source = dice.choice([text for text in texts.values() if 400 < len(text) < 9_000])
    path = f"{next(iter(texts)).partition('/')[0]}/added_module.py"
    texts[path] = source
    hunks = parse_patch(patch_of_added_text(source))
    return _counted(FileChange(path, FileStatus.ADDED, 0, 0, hunks))


def _counted(file: FileChange) -> FileChange:
    kinds = list(_kinds(file))
    added, removed = kinds.count(LineKind.ADDED), kinds.count(LineKind.REMOVED)
    return FileChange(file.path, file.status, added, removed, file.hunks)


def _kinds(file: FileChange) -> Iterator[LineKind]:
    return (line.kind for hunk in file.hunks or () for line in hunk.lines)
