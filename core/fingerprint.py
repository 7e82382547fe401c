"""What makes a finding the same finding after lines moved and code was reformatted.

File lineage, enclosing symbol, the claim's words and the shape of the quoted code, as a hash:
no code is kept. Whether two differently worded claims mean the same is for `core.findings`.
"""

import hashlib
import re
from collections.abc import Sequence

from core.claims import words_of
from core.models import Anchor, Candidate, FileChange, Side

ID_LENGTH = 10
"""Hex digits of a finding's id; 40 bits keep thousands of findings of one file apart."""

_FINGERPRINT_LENGTH = 32
"""Hex digits; it travels in each comment's marker."""

_LONGEST_LINE = 300
"""Characters of a line in which a definition is looked for."""

_LINES_ABOVE = 2_000
"""Lines above a finding in which its enclosing symbol is looked for."""

_DEFINITION = re.compile(
    r"^\s*"
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|override"
    r"|virtual|sealed|pub(?:\([^)]*\))?|unsafe|inline|open|suspend)\s+)*"
    r"(?:(?:def|class|func|function\*?|fn|interface|struct|enum|trait|impl|module|fun|object)\s+"
    r"(?:\([^)]{0,100}\)\s*)?(?P<name>[A-Za-z_$][\w$]*)"
    r"|(?:const|let|var)\s+(?P<bound>[A-Za-z_$][\w$]*)\s*=\s*(?:async\s*)?(?:function\b|\([^)]*\)\s*=>)"
    r"|(?:[\w<>\[\],.?]+\s+)+(?P<method>[A-Za-z_]\w*)\s*\([^;={}]*\)\s*(?:throws [\w., ]+)?\{\s*$)"
)

_NOT_A_METHOD = frozenset({"if", "for", "while", "switch", "catch", "return", "else", "new"})

_SHAPE = re.compile(
    r"(?P<text>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`[^`\n]*`)"
    r"|(?P<number>\b\d[\w.]*)|(?P<name>[^\W\d]\w*)|(?P<mark>[^\s\w])"
)


def fingerprint(
    candidate: Candidate,
    file: FileChange,
    anchor: Anchor | None,
    *,
    code: str,
    text: Sequence[str] | None,
) -> str:
    """Return the hash of what the finding is about.

    `code` are the whole lines it stands on, as models quote more or less of them each time;
    `text` are the lines of the file at the head, where it is known.
    """
    parts = (
        file.previous_path or file.path,
        _symbol(candidate, file, anchor, text),
        _claim(candidate),
        shape(code),
    )
    return _hashed(parts)


def numbered(fingerprint_: str, occurrence: int) -> str:
    """Return the fingerprint of a further place of the same finding, counted from 0."""
    return fingerprint_ if occurrence == 0 else _hashed((fingerprint_, str(occurrence)))


def shape(code: str) -> str:
    """Return code with its names, numbers and texts made equal and without whitespace."""
    return "".join(
        {"text": "s", "number": "0", "name": "n"}.get(match.lastgroup or "", match.group())
        for match in _SHAPE.finditer(code)
    )


def enclosing_symbol(lines: Sequence[str], number: int) -> str:
    """Return the name of the nearest definition above a line, counted from 1, that holds it."""
    if not 0 < number <= len(lines):
        return ""
    name = defined_name(lines[number - 1])
    own = _indent(lines[number - 1])
    for line in reversed(lines[max(number - 1 - _LINES_ABOVE, 0) : number - 1]):
        if name:
            break
        if line.strip() and _indent(line) < own:
            own, name = _indent(line), defined_name(line)
    return name


def _symbol(
    candidate: Candidate, file: FileChange, anchor: Anchor | None, text: Sequence[str] | None
) -> str:
    on_right = anchor is None or anchor.side is Side.RIGHT
    number = candidate.line if anchor is None else (anchor.start_line or anchor.line)
    if text is not None and on_right:
        return enclosing_symbol(text, number)
    return _symbol_of_hunk(file, number, on_right=on_right)


def _symbol_of_hunk(file: FileChange, number: int, *, on_right: bool) -> str:
    """Look inside the hunk first, then at what git printed behind its header."""
    for hunk in file.hunks or ():
        above: list[str] = []
        for line in hunk.lines:
            at = line.new if on_right else line.old
            if at is not None:
                above.append(line.text)
            if at == number:
                return enclosing_symbol(above, len(above)) or defined_name(hunk.section)
    return ""


def defined_name(line: str) -> str:
    """Return the name that a line defines, empty when it defines none."""
    definition = _DEFINITION.match(line[:_LONGEST_LINE])
    if definition is None:
        return ""
    name = str(definition["name"] or definition["bound"] or definition["method"])
    return "" if name in _NOT_A_METHOD else name


def _claim(candidate: Candidate) -> str:
    """A rule names its claim; a model's claim is the set of its title's words."""
    if candidate.source != "model":
        return candidate.source
    return " ".join(sorted(words_of(candidate.title)))


def _indent(line: str) -> int:
    expanded = line[:_LONGEST_LINE].expandtabs(4)
    return len(expanded) - len(expanded.lstrip())


def _hashed(parts: Sequence[str]) -> str:
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:_FINGERPRINT_LENGTH]
