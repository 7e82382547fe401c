"""The text at the head of the files under review: fetched, or rebuilt from what the diff shows.

Text is held in memory for the run and never written or executed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from core.analyzers import SourceFile
from core.diff import LineMap, text_of_added_file
from core.models import FileChange, FileStatus, Hunk
from core.ports import Host
from core.selection import CODE_SUFFIXES, suffix
from core.together import together

MAX_TEXT_BYTES = 512 * 1024
"""Bytes of a file that is read whole; larger ones are read by their hunks alone."""

_READS_AT_ONCE = 8


async def read_texts(host: Host, files: Sequence[FileChange], head: str) -> dict[str, str]:
    """Return whole texts by path: of new files, and of the others that are code.

    A new file stands whole in its patch, so nothing is fetched for it.
    """
    texts = {file.path: text_of_added_file(file.hunks or ()) for file in files if _is_new(file)}
    wanted = [file.path for file in files if _is_worth_fetching(file)]
    fetched = await together([partial(host.text, path, head) for path in wanted], _READS_AT_ONCE)
    for path, raw in zip(wanted, fetched, strict=True):
        text = _decoded(raw)
        if text is not None:
            texts[path] = text
    return texts


@dataclass(frozen=True, slots=True)
class Checkable:
    """What the analyzers can look at, and the paths they cannot."""

    files: tuple[SourceFile, ...]
    unreadable: tuple[str, ...]


def checkable(files: Sequence[FileChange], texts: Mapping[str, str]) -> Checkable:
    """Return the files with added lines as the analyzers take them.

    Prose and data are checked line by line, so their hunks are enough; code is parsed and has to
    be whole.
    """
    sources: list[SourceFile] = []
    unreadable: list[str] = []
    for file in files:
        added = LineMap(file.hunks or ()).added
        text = texts.get(file.path)
        if text is None and suffix(file.path) not in CODE_SUFFIXES:
            text = _text_of_hunks(file.hunks or ())
        if added and text is not None:
            sources.append(SourceFile(file.path, text, added))
        elif added:
            unreadable.append(file.path)
    return Checkable(tuple(sources), tuple(unreadable))


def _is_new(file: FileChange) -> bool:
    return file.status is FileStatus.ADDED


def _is_worth_fetching(file: FileChange) -> bool:
    kept = file.status not in {FileStatus.ADDED, FileStatus.REMOVED}
    return kept and suffix(file.path) in CODE_SUFFIXES


def _decoded(raw: bytes | None) -> str | None:
    if raw is None or len(raw) > MAX_TEXT_BYTES or b"\0" in raw:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def _text_of_hunks(hunks: Sequence[Hunk]) -> str:
    """Return the lines that the diff shows at their numbers, and empty lines between them."""
    known = {line.new: line.text for hunk in hunks for line in hunk.lines if line.new is not None}
    return "".join(f"{known.get(number, '')}\n" for number in range(1, max(known, default=0) + 1))
