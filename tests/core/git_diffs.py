"""Diffs made by the real git from generated files, with git's own numbers beside them."""

import random
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

HEADER = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)

LINES = (
    "",
    " ",
    "\t",
    "}",
    "return x",
    "return x\r",
    "lone\rcarriage",
    "form\x0cfeed",
    "vertical\x0btab",
    "line\u2028separator",
    "next\x85line",
    "file\x1cseparator",
    "-- sql comment",
    "++ increment",
    "- item",
    "+ item",
    "@@ -1,2 +1,2 @@ not a hunk",
    "--- a/file",
    "+++ b/file",
    "diff --git a/x b/x",
    "\\ No newline at end of file",
    "naïve 🦀 עברית",
    "\ufeffmark",
    "def total(items):",
    "    price = item.price  # trailing  ",
    "x" * 500,
)


@dataclass(frozen=True)
class GitDiff:
    """One file before and after, its patch as GitHub gives it, and git's ranges."""

    old: str
    new: str
    patch: str
    right: frozenset[int]
    left: frozenset[int]
    added: frozenset[int]


def git_diffs(folder: Path, count: int, seed: int) -> list[GitDiff]:
    """Return diffs of random pairs of files, all made by two calls of git."""
    chance = random.Random(seed)  # noqa: S311 repeatable, not secret
    pairs: dict[str, tuple[str, str]] = {}
    for number in range(count):
        old = [chance.choice(LINES) for _ in range(chance.choice((0, 1, 2, 12, 60)))]
        pairs[f"{number:05}"] = (_text(chance, old), _text(chance, _edited(chance, old)))
    for side, at in (("old", 0), ("new", 1)):
        (folder / side).mkdir(parents=True)
        for name, pair in pairs.items():
            (folder / side / name).write_bytes(pair[at].encode())
    patches, tight = _patches(folder, "-U3"), _patches(folder, "-U0")
    return [
        _diff(pairs[name], patch, _ranges(patch), _ranges(tight[name]))
        for name, patch in patches.items()
    ]


def _text(chance: random.Random, lines: list[str]) -> str:
    text = "".join(f"{line}\n" for line in lines)
    return text if chance.random() < 0.7 else text.removesuffix("\n")


def _edited(chance: random.Random, lines: list[str]) -> list[str]:
    new = list(lines)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(new) + 1)
        gone = chance.choice((0, 0, 1, 3))
        new[at : at + gone] = [chance.choice(LINES) for _ in range(chance.choice((0, 1, 4)))]
    return new


def _patches(folder: Path, context: str) -> dict[str, bytes]:
    command = ["git", "diff", "--no-index", "--text", "--no-color", "--no-ext-diff", context]
    done = subprocess.run(
        [*command, "old", "new"], cwd=folder, capture_output=True, check=False, timeout=60
    )
    found: dict[str, bytes] = {}
    for section in re.split(rb"^diff --git ", done.stdout, flags=re.MULTILINE)[1:]:
        head, mark, hunks = section.partition(b"\n@@ ")
        if mark:
            name = head.split(b"\n", 1)[0].rpartition(b"/")[2].decode()
            found[name] = b"@@ " + hunks.removesuffix(b"\n")
    return found


def _ranges(patch: bytes) -> tuple[frozenset[int], frozenset[int]]:
    """Return the lines before and after that git's own headers name."""
    old: set[int] = set()
    new: set[int] = set()
    for old_start, old_count, new_start, new_count in HEADER.findall(patch):
        old |= set(range(int(old_start), int(old_start) + int(old_count or b"1")))
        new |= set(range(int(new_start), int(new_start) + int(new_count or b"1")))
    return frozenset(old), frozenset(new)


def _diff(
    pair: tuple[str, str],
    patch: bytes,
    wide: tuple[frozenset[int], frozenset[int]],
    tight: tuple[frozenset[int], frozenset[int]],
) -> GitDiff:
    return GitDiff(pair[0], pair[1], patch.decode(), wide[1], wide[0], tight[1])
