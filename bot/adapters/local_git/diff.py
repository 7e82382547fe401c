"""A whole unified diff, as git or diff prints it → its files with their hunks; pure.

Hunks themselves are parsed by `core.diff`. Lines of a hunk are counted, never guessed from their
first characters: a removed line `-- a` looks like a file header.
https://git-scm.com/docs/diff-format#generate_patch_text_with_p
"""

import re
from dataclasses import dataclass, field, replace

from bot.adapters.local_git.names import (
    NOTHING,
    from_file_header,
    from_git_header,
    shown,
    unquoted,
    without_prefixes,
)
from core.diff import parse_patch
from core.models import FileChange, FileStatus, Hunk, LineKind

HUNK = re.compile(rb"@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@")
SUBMODULE_MODE = b"160000"


class NotADiff(ValueError):
    """The text holds no file of a unified diff, or one that breaks off."""


@dataclass(slots=True)
class _Section:
    """One file of the diff while its lines are read."""

    old: bytes = b""
    new: bytes = b""
    status: FileStatus = FileStatus.MODIFIED
    blob: bytes = b""
    modes: set[bytes] = field(default_factory=set)
    binary: bool = False
    combined: bool = False
    named: bool = False
    """Said outright by the header of a rename or copy."""
    patch: list[bytes] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DiffFile:
    """A file of the diff, and the bytes of its name, which may be no UTF-8."""

    change: FileChange
    name: bytes
    previous_name: bytes | None


def parse_diff(diff: bytes) -> tuple[DiffFile, ...]:
    """Return the files of a diff in its order. Raises NotADiff."""
    sections = _Reader(diff.split(b"\n")).sections()
    if not sections and diff.strip():
        raise NotADiff("no file header was found in it")
    return tuple(_merged([_finished(section) for section in sections]))


class _Reader:
    """Walks the lines once and collects a section for each file."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines
        self._sections: list[_Section] = []
        self._open = False
        """The last section still takes header lines."""

    def sections(self) -> list[_Section]:
        """Return a section for each file."""
        at = 0
        while at < len(self._lines):
            at = self._step(at)
        return self._sections

    def _step(self, at: int) -> int:
        """Read one header line or one whole hunk; return where to go on."""
        line = self._lines[at].rstrip(b"\r")
        if line.startswith(b"diff --git "):
            old, new = from_git_header(line)
            self._begin(_Section(old=old, new=new))
        elif line.startswith((b"diff --cc ", b"diff --combined ")):
            name = unquoted(line.split(b" ", 2)[2])
            self._begin(_Section(old=name, new=name, combined=True))
        elif line.startswith(b"--- ") and self._next(at).startswith(b"+++ "):
            return self._names(at, line)
        elif self._sections and (hunk := HUNK.match(line)):
            return self._hunk(at, hunk)
        elif self._open:
            _read_extended_header(self._sections[-1], line)
        return at + 1

    def _begin(self, section: _Section) -> None:
        self._sections.append(section)
        self._open = True

    def _next(self, at: int) -> bytes:
        return self._lines[at + 1].rstrip(b"\r") if at + 1 < len(self._lines) else b""

    def _names(self, at: int, line: bytes) -> int:
        """Take the names of `---` and `+++`; without a git header they begin a file."""
        if not self._open or self._sections[-1].patch:
            self._begin(_Section())
        section = self._sections[-1]
        _take_names(section, from_file_header(line), from_file_header(self._next(at)))
        return at + 2

    def _hunk(self, at: int, header: re.Match[bytes]) -> int:
        """Take the lines that the hunk's header counts."""
        old, new = (int(count) if count is not None else 1 for count in header.groups())
        patch = self._sections[-1].patch
        patch.append(self._lines[at])
        self._open = False
        end = at + 1
        while old > 0 or new > 0:
            line = self._lines[end] if end < len(self._lines) else b"!"
            if not line.rstrip(b"\r"):
                line = b" " + line  # a blank context line that lost its mark on the way
            mark = line[:1]
            if mark not in b" +-\\" or (line == b" " and end == len(self._lines) - 1):
                raise NotADiff(f"line {end + 1} is not what the hunk of line {at + 1} counts")
            old -= mark in b" -"
            new -= mark in b" +"
            patch.append(line)
            end += 1
        if end < len(self._lines) and self._lines[end].startswith(b"\\"):
            patch.append(self._lines[end])
            end += 1
        return end


def _read_extended_header(section: _Section, line: bytes) -> None:
    """Take what one of git's extended header lines says."""
    word, _, rest = line.partition(b" ")
    match word:
        case b"new" | b"deleted" if rest.startswith(b"file mode "):
            section.status = FileStatus.ADDED if word == b"new" else FileStatus.REMOVED
            section.modes.add(rest[10:])
        case b"old" | b"new" if rest.startswith(b"mode "):
            section.modes.add(rest[5:])
        case b"rename" | b"copy":
            section.status = FileStatus.RENAMED if word == b"rename" else FileStatus.COPIED
            _take_named(section, rest)
        case b"index":
            ids, _, mode = rest.partition(b" ")
            section.blob = ids.partition(b"..")[2]
            section.modes |= {mode} - {b""}
        case b"Binary" | b"GIT" if rest.startswith((b"files ", b"binary patch")):
            section.binary = True


def _take_named(section: _Section, rest: bytes) -> None:
    way, _, name = rest.partition(b" ")
    section.named = True
    if way == b"from":
        section.old = unquoted(name)
    else:
        section.new = unquoted(name)


def _take_names(section: _Section, old: bytes, new: bytes) -> None:
    """Settle names and, for a plain diff, the status, from the two header lines."""
    if old == NOTHING:
        section.status = FileStatus.ADDED
    elif new == NOTHING:
        section.status = FileStatus.REMOVED
    if section.named:
        return
    bare_old, bare_new = without_prefixes(old, new)
    section.old = bare_new if old == NOTHING else bare_old
    section.new = bare_old if new == NOTHING else bare_new


def _finished(section: _Section) -> DiffFile:
    """Turn a section into the file that it describes."""
    hunks = None if section.binary or section.combined else _hunks(section)
    renamed = section.status in {FileStatus.RENAMED, FileStatus.COPIED}
    mode_only = len(section.modes) > 1 and not section.patch and not section.binary
    unmoved = section.status is FileStatus.MODIFIED
    change = FileChange(
        path=shown(section.new),
        status=FileStatus.CHANGED if unmoved and mode_only else section.status,
        additions=_count(hunks, LineKind.ADDED),
        deletions=_count(hunks, LineKind.REMOVED),
        hunks=hunks,
        previous_path=shown(section.old) if renamed else None,
        blob=_blob(section),
        submodule=SUBMODULE_MODE in section.modes,
        binary=section.binary,
    )
    return DiffFile(change, section.new, section.old if renamed else None)


def _hunks(section: _Section) -> tuple[Hunk, ...] | None:
    return parse_patch(b"\n".join(section.patch).decode(errors="replace"))


def _count(hunks: tuple[Hunk, ...] | None, kind: LineKind) -> int:
    return sum(line.kind is kind for hunk in hunks or () for line in hunk.lines)


def _blob(section: _Section) -> str:
    """Return the whole id of the blob after the change; shortened ones name nothing surely."""
    whole = len(section.blob) in {40, 64} and section.blob.strip(b"0")
    return section.blob.decode(errors="replace") if whole else ""


def _merged(files: list[DiffFile]) -> list[DiffFile]:
    """Join the two halves in which git shows a file that became a link, or the reverse."""
    merged: list[DiffFile] = []
    for file in files:
        before = merged[-1] if merged else None
        if before and before.name == file.name and before.change.status is FileStatus.REMOVED:
            merged[-1] = replace(file, change=_joined(before.change, file.change))
        else:
            merged.append(file)
    return merged


def _joined(removed: FileChange, added: FileChange) -> FileChange:
    both = None not in (removed.hunks, added.hunks)
    return replace(
        added,
        status=FileStatus.MODIFIED,
        deletions=removed.deletions,
        hunks=(removed.hunks or ()) + (added.hunks or ()) if both else None,
        submodule=removed.submodule or added.submodule,
    )
