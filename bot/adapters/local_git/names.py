"""How names stand in a unified diff: quoted, prefixed, or with a time behind them; pure.

A name is bytes here. What it means for a file is for `bot.adapters.local_git.diff`.
"""

import re

ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
LETTERS = {
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"v": b"\v",
}
QUOTED_PAIR = re.compile(rb'("(?:[^"\\]|\\.)*") (.*)', re.DOTALL)
PREFIXES = {b"a/", b"b/", b"c/", b"i/", b"o/", b"w/"}
"""What git puts before names; all but a/ and b/ come from diff.mnemonicPrefix."""
NOTHING = b"/dev/null"
"""The other side of a file that was added or removed."""


def from_git_header(line: bytes) -> tuple[bytes, bytes]:
    """Return the names of `diff --git a/x b/x`, which are equal unless a rename follows."""
    rest = line.removeprefix(b"diff --git ")
    if quoted := QUOTED_PAIR.match(rest):
        old, new = unquoted(quoted[1]), unquoted(quoted[2])
    elif rest.endswith(b'"'):
        old, _, new = rest.partition(b' "')
        new = unquoted(b'"' + new)
    else:
        half = len(rest) // 2
        old, new = rest[:half], rest[half + 1 :]
    return without_prefixes(old, new)


def from_file_header(line: bytes) -> bytes:
    """Return the name in a `---` or `+++` line; diff puts a time behind a tab."""
    rest = line[4:]
    return unquoted(rest.rstrip(b"\t")) if rest.startswith(b'"') else rest.partition(b"\t")[0]


def without_prefixes(old: bytes, new: bytes) -> tuple[bytes, bytes]:
    """Drop `a/` and `b/` where the names carry prefixes and those differ."""
    found = [name[:2] for name in (old, new) if name != NOTHING]
    if len(set(found)) < len(found) or not set(found) <= PREFIXES:
        return old, new
    return (
        old if old == NOTHING else old[2:],
        new if new == NOTHING else new[2:],
    )


def unquoted(name: bytes) -> bytes:
    """Undo git's C-style quoting. https://git-scm.com/docs/git-config#corequotePath"""
    if len(name) < 2 or not (name.startswith(b'"') and name.endswith(b'"')):
        return name
    return ESCAPE.sub(_unescaped, name[1:-1])


def shown(name: bytes) -> str:
    """Return a name as text; bytes that are no UTF-8 cannot travel to a model or a terminal."""
    return name.decode(errors="replace")


def _unescaped(escape: re.Match[bytes]) -> bytes:
    what = escape[1]
    return bytes([int(what, 8) & 0xFF]) if what.isdigit() else LETTERS.get(what, what)
