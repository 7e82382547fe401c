"""Bare git repositories driven by the git command, a handful of processes for a pull request.

Commits are written by fast-import, so there is no working tree. What git answered for a pair of
commits never changes, so it is kept by their names. What the answers mean is in `diffs`.
"""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from shutil import which
from threading import Lock
from typing import Any, Final, TypeVar, cast

from bot.playground.github.diffs import FileDiff, parse_diff
from bot.playground.github.objects import (
    LOG_FORMAT,
    Commit,
    Entry,
    Person,
    Write,
    import_stream,
    read_commit,
    read_entry,
)

REMEMBERED = 512
"""Answers of git kept for each repository."""
RENAME_LIMIT = 1000
"""Files beyond which git stops looking for renames."""
EMPTY_TREE: Final = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

T = TypeVar("T")


class GitFailed(Exception):
    """The git command refused; the text is what it said."""


class GitRepository:
    """One bare repository; every method that runs git does so in a thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._answers: dict[tuple[Any, ...], asyncio.Future[Any]] = {}
        self._blobs: subprocess.Popen[bytes] | None = None
        self._lock = Lock()

    async def create(self) -> None:
        """Make the repository on disk."""
        self.path.mkdir(parents=True, exist_ok=True)
        await self._git("init", "--quiet", "--bare", "--template=", ".")

    async def commit(
        self,
        branch: str,
        writes: Mapping[str, Write],
        *,
        message: str,
        author: Person,
        parent: str | None,
    ) -> str:
        """Add a commit on a parent and move the branch there, forward or not."""
        stream = import_stream(branch, writes, message, author, parent)
        said = await self._git(*_IMPORT, stdin=stream)
        return said.decode().strip()

    async def merge(self, base: str, head: str, message: str, author: Person) -> str:
        """Return a new merge commit of two commits. Raises GitFailed on a conflict."""
        tree = (await self._git("merge-tree", "--write-tree", base, head)).decode().split()[0]
        made = await self._git(
            *("-c", f"user.name={author.name}", "-c", f"user.email={author.email}"),
            *("commit-tree", tree, "-p", base, "-p", head, "-m", message),
        )
        return made.decode().strip()

    async def point(self, ref: str, sha: str | None) -> None:
        """Set a full reference to a commit, or delete it."""
        if sha is None:
            await self._git("update-ref", "-d", ref)
        else:
            await self._git("update-ref", ref, sha)

    async def fetch(self, other: Path, sha: str, ref: str) -> None:
        """Copy a commit of another repository, with its history, to a reference here."""
        await self._git("fetch", "--quiet", "--no-tags", str(other), f"+{sha}:{ref}")

    async def merge_base(self, base: str, head: str) -> str:
        """Return the best common ancestor, or the empty tree where there is none."""
        return await self._remember(("merge-base", base, head), lambda: self._ancestor(base, head))

    async def diff(self, base: str, head: str) -> tuple[FileDiff, ...]:
        """Return the files that differ between two trees, with renames found."""
        return await self._remember(("diff", base, head), lambda: self._diff(base, head))

    async def changes(self, base: str, head: str) -> tuple[FileDiff, ...]:
        """Return the files of `base...head`: what head changed since it left base."""
        return await self.diff(await self.merge_base(base, head), head)

    async def patch(self, base: str, head: str) -> bytes:
        """Return `base...head` as git prints it, headers included."""
        ancestor = await self.merge_base(base, head)
        return await self._remember(
            ("patch", ancestor, head), lambda: self._git(*_DIFF, ancestor, head)
        )

    async def commits(self, base: str, head: str) -> tuple[Commit, ...]:
        """Return the commits of head that base does not have, oldest first."""
        return await self._remember(
            ("log", base, head), lambda: self._log("--topo-order", "--reverse", f"{base}..{head}")
        )

    async def commit_of(self, sha: str) -> Commit | None:
        """Return one commit by its full name, None when there is none."""
        try:
            found = await self._remember(("commit", sha), lambda: self._log("-1", sha))
        except GitFailed:
            return None
        return found[0] if found else None

    async def tree(self, sha: str) -> Mapping[str, Entry]:
        """Return every file below a commit or tree, by path."""
        return await self._remember(("tree", sha), lambda: self._tree(sha))

    async def archive(self, sha: str, folder: str) -> bytes:
        """Return every file of a commit below a folder, as a gzipped tar."""
        return await self._git("archive", "--format=tar.gz", f"--prefix={folder}", sha)

    async def blob(self, sha: str) -> bytes | None:
        """Return a blob by its full name, None when there is none."""
        return await asyncio.to_thread(self._read_blob, sha)

    def close(self) -> None:
        """End the process that reads blobs."""
        with self._lock:
            if self._blobs is not None:
                self._blobs.communicate()
                self._blobs = None

    async def _remember(self, key: tuple[Any, ...], ask: Callable[[], Awaitable[T]]) -> T:
        """Ask git once for each key, also when several callers need it at the same time."""
        waiting = self._answers.get(key)
        if waiting is None:
            while len(self._answers) >= REMEMBERED:
                del self._answers[next(iter(self._answers))]
            waiting = self._answers[key] = asyncio.ensure_future(ask())
            waiting.add_done_callback(lambda done: self._forget_failure(key, done))
        return cast("T", await asyncio.shield(waiting))

    def _forget_failure(self, key: tuple[Any, ...], done: asyncio.Future[Any]) -> None:
        """Keep answers only: what failed once may be there the next time."""
        if done.cancelled() or done.exception() is not None:
            self._answers.pop(key, None)

    async def _ancestor(self, base: str, head: str) -> str:
        try:
            return (await self._git("merge-base", base, head)).decode().split()[0]
        except (GitFailed, IndexError):
            return EMPTY_TREE

    async def _diff(self, base: str, head: str) -> tuple[FileDiff, ...]:
        printed = await self._git(*_DIFF, "--raw", "-z", "--no-abbrev", "--patch", base, head)
        return parse_diff(printed)

    async def _log(self, *what: str) -> tuple[Commit, ...]:
        printed = await self._git("log", "-z", f"--format={LOG_FORMAT}", *what)
        return tuple(
            read_commit(record) for record in printed.decode(errors="replace").split("\0")[:-1]
        )

    async def _tree(self, sha: str) -> Mapping[str, Entry]:
        printed = await self._git("ls-tree", "-r", "-z", "-l", "--full-tree", sha)
        return dict(read_entry(record) for record in printed.split(b"\0")[:-1])

    async def _git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        return await asyncio.to_thread(self._run, arguments, stdin)

    def _run(self, arguments: Sequence[str], stdin: bytes) -> bytes:
        done = subprocess.run(  # noqa: S603 - fixed commands on a repository of our own
            (_program(), *arguments),
            cwd=self.path,
            env=_ENVIRONMENT,
            input=stdin,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise GitFailed((done.stderr or done.stdout).decode(errors="replace").strip())
        return done.stdout

    def _read_blob(self, sha: str) -> bytes | None:
        """Ask the one process that stays; names are hexadecimal, so no name can inject."""
        with self._lock:
            if self._blobs is None:
                self._blobs = self._start_reader()
            reader = self._blobs
            if reader.stdin is None or reader.stdout is None:  # pragma: no cover - both are pipes
                return None
            reader.stdin.write(sha.encode() + b"\n")
            reader.stdin.flush()
            header = reader.stdout.readline().split()
            if len(header) != 3:
                return None
            content = reader.stdout.read(int(header[2]) + 1)[:-1]
            return content if header[1] == b"blob" else None

    def _start_reader(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - a fixed command on a repository of our own
            (_program(), "cat-file", "--batch"),
            cwd=self.path,
            env=_ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )


_ENVIRONMENT: Final = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "HOME": "/"}
"""Nothing of the machine's own configuration may change what git prints."""
_IMPORT: Final = (
    *("-c", "core.fsync=none", "-c", "fastimport.unpackLimit=1"),
    *("fast-import", "--quiet", "--force", "--done"),
)
"""Nothing here must survive a power cut, and keeping the pack saves another process."""
_DIFF: Final = (
    *("-c", f"diff.renameLimit={RENAME_LIMIT}", "-c", "core.quotePath=false"),
    *("diff", "--full-index", "--find-renames", "--no-color", "--no-ext-diff", "--no-textconv"),
)


def _program() -> str:
    return which("git") or "git"
