"""The code in a tar archive of a repository as texts by path; read in memory, bounded, and no more.

Nothing is written to disk. Links, devices and odd names are passed over; an archive that claims
more than the limits, or breaks off, gives what was read of it until then.
"""

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from core.context.languages import is_code

LONGEST_NAME = 1_000
"""Characters of a path."""
_BLOCK = 256 * 1024
"""Bytes that are unpacked at once."""
_APART = frozenset({"node_modules", "vendor", "third_party", "dist", ".git", "bower_components"})
"""Folders of code that nobody of the repository wrote."""
_MADE = (".min.js", ".pb.go", "_pb2.py", ".generated.cs", ".designer.cs", ".d.ts")


@dataclass(frozen=True, slots=True)
class Limits:
    """What is read of an archive at most."""

    unpacked: int = 128 * 1024 * 1024
    """Bytes in all, those that are passed over included."""
    members: int = 40_000
    files: int = 8_000
    file: int = 256 * 1024
    """Bytes of one file; larger ones are data, or are read by their hunks alone."""
    kept: int = 24 * 1024 * 1024
    """Bytes of all texts."""


class _TooMuch(Exception):
    """The archive unpacks to more than it may."""


class _Counted(io.RawIOBase):
    """A stream that ends with _TooMuch when more than a number of bytes was read from it."""

    def __init__(self, stream: BinaryIO | gzip.GzipFile, most: int) -> None:
        self._stream = stream
        self._left = most

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes. Raises _TooMuch."""
        if size < 0 or size > self._left:
            raise _TooMuch
        data = self._stream.read(size)
        self._left -= len(data)
        return data


def texts_of(archive: bytes, limits: Limits | None = None, *, top: bool = True) -> dict[str, str]:
    """Return the code of a tar archive, gzipped or plain, by path.

    With `top` every path begins with one folder of the archive's own, as GitHub's do.
    """
    limits = limits or Limits()
    stream: BinaryIO | gzip.GzipFile = io.BytesIO(archive)
    if archive[:2] == b"\x1f\x8b":
        stream = gzip.GzipFile(fileobj=io.BytesIO(archive))
    texts: dict[str, str] = {}
    try:
        texts.update(_members(_Counted(stream, limits.unpacked), limits, top=top))
    except (tarfile.TarError, EOFError, OSError, zlib.error, ValueError, _TooMuch):
        return texts
    return texts


def wanted(path: str) -> bool:
    """Tell whether a path is one of code that people of the repository write."""
    parts = path.split("/")
    if len(path) > LONGEST_NAME or {"", ".", ".."} & set(parts) or "\\" in path:
        return False
    if not path.isprintable() or _APART & set(parts[:-1]) or path.endswith(_MADE):
        return False
    return is_code(path)


def _members(stream: io.RawIOBase, limits: Limits, *, top: bool) -> Iterator[tuple[str, str]]:
    left, files = limits.kept, 0
    # r| reads forwards only, so that a member can not point back into the archive
    with tarfile.open(fileobj=stream, mode="r|", bufsize=_BLOCK, errorlevel=0) as tar:
        for _ in range(limits.members):
            member = tar.next()
            if member is None or files >= limits.files or left <= 0:
                return
            tar.members = []  # type: ignore[attr-defined]  # it would keep all it has seen
            path = member.name.partition("/")[2] if top else member.name
            if not member.isreg() or member.issparse() or not wanted(path):
                continue
            if member.size > min(limits.file, left):
                continue
            content = tar.extractfile(member)
            text = _decoded(content.read() if content else b"")
            if text is not None:
                left -= member.size
                files += 1
                yield path, text


def _decoded(raw: bytes) -> str | None:
    if b"\0" in raw:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None
