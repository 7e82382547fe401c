"""The text at the head of the files under review: fetched, or rebuilt from what the diff shows.

Text is held in memory for the run and never written or executed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from core.analyzers import SourceFile
from core.diff import LineMap, text_of_added_file
from core.models import FileChange, FileStatus, Hunk
from core.ports import Host
from core.selection import CODE_SUFFIXES, suffix
from core.together import together

MAX_TEXT_BYTES = 512 * 1024
"""Bytes of a file that is read whole; larger ones are read by their hunks alone."""

_READS_AT_ONCE = 8
_SHA256_DIGITS = 64
_NONE: Mapping[str, str] = MappingProxyType({})


async def read_texts(
    host: Host, files: Sequence[FileChange], head: str, known: Mapping[str, str] = _NONE
) -> dict[str, str]:
    """Return whole texts by path: of new files, and of the others that are code.

    A new file stands whole in its patch, and what is known is at hand, so neither is fetched.
    An archive may hold a file in another form than git does; then the file is asked for.
    """
    texts = {file.path: text_of_added_file(file.hunks or ()) for file in files if _is_new(file)}
    sought = [file for file in files if _is_worth_fetching(file)]
    texts |= {file.path: known[file.path] for file in sought if _is_blob(file, known)}
    wanted = [file.path for file in sought if file.path not in texts]
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


def _is_blob(file: FileChange, known: Mapping[str, str]) -> bool:
    """Tell whether the known text is the file's, by the name that git gives its bytes.

    https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
    """
    if not file.blob or file.path not in known:
        return False
    content = known[file.path].encode(errors="surrogatepass")
    digest = hashlib.sha256 if len(file.blob) == _SHA256_DIGITS else hashlib.sha1
    return digest(b"blob %d\0" % len(content) + content).hexdigest() == file.blob


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
