"""Commits, trees and new content as values, and how git writes and reads them.

Text to and from git only; what runs git is in `git`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SUBMODULE: Final = "160000"
"""The mode of an entry that is a commit of another repository."""
LOG_FORMAT: Final = "%H%x01%T%x01%P%x01%an%x01%ae%x01%at%x01%cn%x01%ce%x01%ct%x01%B"


@dataclass(frozen=True, slots=True)
class Person:
    """An author or committer."""

    name: str
    email: str
    at: int
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as git shows it."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, link or submodule of a tree."""

    mode: str
    sha: str
    size: int


@dataclass(frozen=True, slots=True)
class Write:
    """New content of one path; None removes it, a submodule's content is its commit."""

    content: bytes | None
    mode: str = "100644"


def import_stream(
    branch: str, writes: Mapping[str, Write], message: str, author: Person, parent: str | None
) -> bytes:
    """Return one commit as fast-import reads it, answered with its name.

    https://git-scm.com/docs/git-fast-import#_input_format
    """
    who = f"{author.name} <{author.email}> {author.at} +0000"
    parts = [
        f"commit refs/heads/{branch}\nmark :1\nauthor {who}\ncommitter {who}\n".encode(),
        _data(message.encode()),
        f"from {parent}\n".encode() if parent else b"",
        *(_change(path, write) for path, write in writes.items()),
        b"get-mark :1\ndone\n",
    ]
    return b"".join(parts)


def _change(path: str, write: Write) -> bytes:
    quoted = '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if write.content is None:
        return f"D {quoted}\n".encode()
    if write.mode == SUBMODULE:
        return f"M {SUBMODULE} {write.content.decode()} {quoted}\n".encode()
    return f"M {write.mode} inline {quoted}\n".encode() + _data(write.content)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def read_commit(record: str) -> Commit:
    """Read one record of `git log` in LOG_FORMAT."""
    sha, tree, parents, an, ae, at, cn, ce, ct, message = record.split("\x01", 9)
    return Commit(
        sha=sha,
        tree=tree,
        parents=tuple(parents.split()),
        author=Person(an, ae, int(at)),
        committer=Person(cn, ce, int(ct)),
        message=message.rstrip("\n"),
    )


def read_entry(record: bytes) -> tuple[str, Entry]:
    """Read one record of `git ls-tree -l -z`."""
    head, _, path = record.partition(b"\t")
    mode, _, sha, size = head.decode().split()
    return path.decode(errors="replace"), Entry(mode, sha, 0 if size == "-" else int(size))
