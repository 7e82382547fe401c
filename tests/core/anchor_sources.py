"""Histories of files for anchoring: installed sources under seeded edits, and cases made by hand.

Pure values; git makes the diffs in `anchor_trials`. The same seed and the same versions of the
installed packages give the same history.
"""

import random
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.playground.github.objects import Write

ENDINGS = (
    *(".py", ".pyi", ".js", ".ts", ".css", ".html", ".json", ".md", ".rst", ".txt", ".toml"),
    *(".c", ".h", ".pyx", ".pxd", ".yaml", ".xml", ".svg", ".sh", ".cfg", ".lua", ".rs", ".go"),
)
SMALLEST, LARGEST = 200, 120_000
"""Bytes of a source that is taken."""

ODD_LINES = (
    *("", " ", "\t", "}", "});", "return x", "return x\r", "lone\rcarriage", "form\x0cfeed"),
    *("\x0c", "vertical\x0btab", "line\u2028separator", "paragraph\u2029separator", "next\x85line"),
    *("file\x1cseparator", "-- sql comment", "++ increment", "- item", "+ item", "@@ -1,2 +1,2 @@"),
    *("--- a/file", "+++ b/file", "diff --git a/x b/x", "\\ No newline at end of file"),
    *("naïve 🦀 עברית", "\ufeffmark", "zero\u200bwidth", "right\u202eleft", "12+| numbered"),
    *("```python", "```", "<<<<<<< ours", "=======", "x" * 2_500, "\u0130stanbul \ufb01ne", "…"),
)
"""Lines that look like a diff, end where readers disagree, show nothing, or are very long."""

PATHS = (
    "with space/a file.txt",
    'quo"ted.txt',
    "back\\slash.txt",
    "tab\there.txt",
    "naïve/日本語 🦀.py",
    "-leading-dash",
    "a b/b a/x b/y.txt",
    "dots.../...x",
    "'single' (round) [square].md",
    "percent%20hash#question?.txt",
    "long/" + "x" * 200 + ".txt",
    "עברית/\u202ereversed.txt",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One commit: what it writes, by path, on top of the one before."""

    writes: Mapping[str, Write]


def real_history(seed: int, files: int, steps: int) -> list[Step]:
    """Return installed sources, then so many commits that edit them all."""
    dice = random.Random(f"anchors {seed}")  # noqa: S311 -- a repeatable choice, no secret
    tree = dict(zip(_names(files), _sources(files, dice), strict=True))
    history = [Step({path: Write(content) for path, content in tree.items()})]
    for _ in range(steps):
        writes: dict[str, Write] = {}
        for path, content in list(tree.items()):
            writes |= _edited_file(tree, path, content, dice)
        history.append(Step(writes))
    return history


def odd_history() -> list[Step]:
    """Return one change of files that are odd in every way but one another's."""
    pairs = {**_pairs(), **dict.fromkeys(PATHS, (b"a\nb\nc\n", b"a\nB\nc\nd\n"))}
    before = {path: Write(old) for path, (old, _) in pairs.items() if old is not None}
    after = {path: Write(new) for path, (_, new) in pairs.items()}
    after["mode only.sh"] = Write(b"echo\n", "100755")
    after["became a link"] = Write(b"elsewhere", "120000")
    after["moved/here.txt"], after["moves.txt"] = Write(_numbers(60, {30: "moved"})), Write(None)
    after["moved/as is.txt"], after["stays.txt"] = Write(_numbers(50, {})), Write(None)
    before |= {
        "mode only.sh": Write(b"echo\n"),
        "became a link": Write(b"text\nof a file\n"),
        "moves.txt": Write(_numbers(60, {})),
        "stays.txt": Write(_numbers(50, {})),
    }
    return [Step(before), Step(after)]


def _sources(count: int, dice: random.Random) -> list[bytes]:
    """Return installed files that read as source."""
    found: list[bytes] = []
    for path in dice.sample(_paths(), 2 * count):
        content = path.read_bytes()
        if b"\0" not in content and len(found) < count:
            found.append(content)
    return found


@cache
def _paths() -> tuple[Path, ...]:
    root = Path(sysconfig.get_paths()["purelib"])
    paths = (path for path in sorted(root.rglob("*")) if path.suffix in ENDINGS)
    return tuple(p for p in paths if p.is_file() and SMALLEST < p.stat().st_size <= LARGEST)


def _pairs() -> dict[str, tuple[bytes | None, bytes | None]]:
    """Return content before and after by path; None where there is no file."""
    odd = "\n".join(ODD_LINES).encode()
    shuffled = "\n".join((*ODD_LINES[::-1], *ODD_LINES)).encode()
    numbers = _numbers(40, {})
    return {
        "one line.txt": (b"a\n", b"b\n"),
        "no newline.txt": (b"a", b"b"),
        "newline came.txt": (b"a\nb", b"a\nb\n"),
        "newline went.txt": (b"a\nb\n", b"a\nb"),
        "added.txt": (None, odd + b"\n"),
        "added without newline.txt": (None, odd),
        "removed.txt": (odd, None),
        "emptied.txt": (odd, b""),
        "filled.txt": (b"", odd),
        "added empty.txt": (None, b""),
        "one blank line.txt": (None, b"\n"),
        "blank lines.txt": (b"a\n\n\nb\n", b"\n\na\n\n\n\nb\n\n"),
        "odd lines.txt": (odd, shuffled),
        "odd lines back.txt": (shuffled, odd),
        "to crlf.txt": (numbers, numbers.replace(b"\n", b"\r\n")),
        "from crlf.txt": (numbers.replace(b"\n", b"\r\n"), numbers),
        "mixed ends.txt": (b"a\r\nb\nc\r\nd\r\r\n", b"a\nb\r\nc\r\nD\r\r\n"),
        "lone carriage returns.txt": (b"a\rb\rc\r", b"a\rB\rc\r"),
        "binary.bin": (b"\0\1\2", b"\0\1\3"),
        "became binary.txt": (b"a\n", b"a\0\n"),
        "not utf-8.txt": (b"caf\xe9\nx\n", b"caf\xe9\ny\xff\n"),
        "utf-16.txt": ("a\nb\n".encode("utf-16"), "a\nc\n".encode("utf-16")),
        "same lines.txt": (b"x\n" * 300, b"x\n" * 120 + b"y\n" + b"x\n" * 200),
        "braces.js": (b"{\n}\n" * 80, b"{\n}\n" * 40 + b"{\n{\n}\n}\n" + b"{\n}\n" * 40),
        "far apart.txt": (_numbers(400, {}), _numbers(400, {2: "b", 200: "c", 399: "d"})),
        "touching hunks.txt": (_numbers(30, {}), _numbers(30, {5: "five", 12: "twelve"})),
        "huge hunk.txt": (None, _numbers(19_990, {})),
        "not shown.txt": (
            _numbers(21_000, {}),
            _numbers(21_000, dict.fromkeys(range(20_900), "z")),
        ),
        "one long line.json": (b"{}" * 30_000, b"{}" * 30_000 + b"[]"),
    }


def _numbers(count: int, changed: Mapping[int, str]) -> bytes:
    """Return lines whose text repeats every seven, with some of them changed."""
    lines = (changed.get(n, f"    put(t[{n % 7}])  # {n // 50}") for n in range(count))
    return "".join(f"{line}\n" for line in lines).encode()


def _names(count: int) -> list[str]:
    odd = [f"{number}/{path}" for number, path in enumerate(PATHS)]
    plain = [f"src/module_{number}.txt" for number in range(count)]
    return [*odd[: count // 4], *plain][:count]


def _edited_file(
    tree: dict[str, bytes], path: str, content: bytes, dice: random.Random
) -> dict[str, Write]:
    """Edit a file of the tree, and now and then rename, remove or mark it as a program."""
    what = dice.random()
    if what < 0.03 and len(tree) > 4:
        del tree[path]
        return {path: Write(None)}
    new = _edited(content, dice) if what < 0.95 else content
    name = path
    if what > 0.9:
        name = f"moved/{dice.randrange(10**6)} {path.rpartition('/')[2]}"
        del tree[path]
    tree[name] = new
    mode = "100755" if dice.random() < 0.05 else "100644"
    return {**({path: Write(None)} if name != path else {}), name: Write(new, mode)}


def _edited(content: bytes, dice: random.Random) -> bytes:
    lines = content.split(b"\n")
    for _ in range(dice.choice((1, 2, 3, 5, 9))):
        dice.choice(_EDITS)(lines, dice)
    text = b"\n".join(lines)
    match dice.randrange(30):
        case 0:
            return text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        case 1:
            return text.replace(b"\r\n", b"\n")
        case 2 | 3:
            return text.rstrip(b"\n")
        case 4 | 5:
            return text + b"\n"
    return text


def _remove(lines: list[bytes], dice: random.Random) -> None:
    at = dice.randrange(len(lines))
    del lines[at : at + dice.choice((1, 1, 2, 5, 20))]
    lines[:] = lines or [b"left"]


def _repeat(lines: list[bytes], dice: random.Random) -> None:
    """Copy lines of the file to another place of it: equal text that means another."""
    at, to = dice.randrange(len(lines)), dice.randrange(len(lines) + 1)
    lines[to:to] = lines[at : at + dice.choice((1, 2, 6))]


def _move(lines: list[bytes], dice: random.Random) -> None:
    at = dice.randrange(len(lines))
    block = lines[at : at + dice.choice((1, 3, 8))]
    del lines[at : at + len(block)]
    to = dice.randrange(len(lines) + 1)
    lines[to:to] = block


def _change(lines: list[bytes], dice: random.Random) -> None:
    at = dice.randrange(len(lines))
    for number in range(at, min(at + dice.choice((1, 1, 2, 4)), len(lines))):
        lines[number] = lines[number].replace(b"e", b"ee", 1) + dice.choice((b"", b" ", b";"))


def _indent(lines: list[bytes], dice: random.Random) -> None:
    at = dice.randrange(len(lines))
    for number in range(at, min(at + dice.choice((2, 5)), len(lines))):
        lines[number] = dice.choice((b"    ", b"\t")) + lines[number]


def _insert_odd(lines: list[bytes], dice: random.Random) -> None:
    to = dice.randrange(len(lines) + 1)
    lines[to:to] = [dice.choice(ODD_LINES).encode() for _ in range(dice.choice((1, 2, 4)))]


_EDITS = (_remove, _repeat, _move, _change, _change, _indent, _insert_odd)
