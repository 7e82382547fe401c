"""What a person typed → the local change that it names.

A path wins over a revision of the same name, so `heads/topic` names a branch for certain. The top
of a working tree, and `.` anywhere in it, mean what is not committed yet; any other path means
the whole file or folder.
"""

import asyncio
import hashlib
import os
from collections.abc import Iterable, Mapping
from functools import partial
from itertools import islice
from pathlib import Path

from bot.adapters.local_git.change import LocalChange, Read, Story, local_change, no_code
from bot.adapters.local_git.code import code_at, code_of_working_tree, code_on_disk
from bot.adapters.local_git.diff import DiffFile, NotADiff, parse_diff
from bot.adapters.local_git.files import MAX_FILES, added_file, as_changed, names_below, read_inside
from bot.adapters.local_git.names import shown
from bot.adapters.local_git.process import Git, GitFailed, OutputTooLarge
from bot.adapters.local_git.ranges import range_of, told
from bot.adapters.local_git.repository import Repository, blob, diff_of, find_repository, listed
from core.errors import UserError
from core.models import FileChange

NO_COMMIT = "0" * 40
"""Stands for the base of what is in no repository."""
PIPE = "-"


async def open_local(target: str, *, folder: Path, piped: bytes = b"") -> LocalChange:
    """Return what `target` names, seen from `folder`; `piped` is what came on stdin, for `-`.

    Raises UserError when it names nothing, or when git cannot read it.
    """
    try:
        return await _open(target, folder, piped)
    except (GitFailed, OutputTooLarge) as cause:
        raise UserError(
            f"git could not read {target}.",
            why=cause.reason,
            next_step="Look at it with git itself, or pipe a diff into `review -`.",
        ) from cause


async def _open(target: str, folder: Path, piped: bytes = b"") -> LocalChange:
    if target == PIPE:
        return await _piped(piped, folder)
    if not target or target.startswith("-") or "\0" in target:
        raise _names_nothing(target)
    path = await asyncio.to_thread(_existing, folder, target)
    if path is None:
        return await _range(target, folder)
    repository = await find_repository(path if path.is_dir() else path.parent)
    if repository is None or repository.root is None:
        return await asyncio.to_thread(_loose, path)
    if path.is_dir() and (path == repository.root or target == "."):
        return await _uncommitted(repository, repository.root, path)
    return await _files(repository, repository.root, path)


def _existing(folder: Path, target: str) -> Path | None:
    """Return the file or folder of this name, links followed: it was named outright."""
    try:
        path = (folder / target).resolve(strict=True)
    except OSError:
        return None
    return path if path.is_dir() or path.is_file() else None


def _names_nothing(target: str) -> UserError:
    return UserError(
        f"Nothing here is called “{target}”.",
        why="It is no pull request's address, no file or folder, and no revision of git.",
        next_step="Try `HEAD~1..HEAD`, `main...topic`, a path, or `-` for a diff on stdin.",
    )


async def _piped(diff: bytes, folder: Path) -> LocalChange:
    """Return the change of a unified diff; its files are read where they lie here as it says."""
    try:
        files = {file.change.path: file for file in parse_diff(diff)}
    except NotADiff as cause:
        raise UserError(
            "The text on stdin is not a unified diff.",
            why=f"{str(cause).capitalize()}.",
            next_step="Pipe the output of `git diff` or `diff -u`.",
        ) from cause
    root = await _top_around(folder)
    head = _digest([diff])

    async def read(path: str, commit: str) -> bytes | None:
        if commit != head or path not in files:
            return None
        return await asyncio.to_thread(as_changed, root, files[path])

    story = Story(folder.name, "A diff from stdin", head=head, base=NO_COMMIT, head_branch="stdin")
    return local_change(story, [file.change for file in files.values()], read, no_code)


async def _top_around(folder: Path) -> Path:
    """Return what names in a diff of git count from; without a repository the folder itself."""
    try:
        repository = await find_repository(folder)
    except (UserError, GitFailed):  # no git, or a repository that it refuses: not needed here
        return folder
    return repository.root if repository and repository.root else folder


async def _range(target: str, folder: Path) -> LocalChange:
    """Return what a range or a single revision brings."""
    repository = await find_repository(folder)
    ends = await range_of(repository, target) if repository else None
    if repository is None or ends is None:
        raise _names_nothing(target)
    base, head = ends
    files = parse_diff(await diff_of(repository.git, base, head))
    names = _names(files)

    async def read(path: str, commit: str) -> bytes | None:
        return await blob(repository.git, commit, names.get(path, os.fsencode(path)))

    story = await told(repository, base, head, target)
    code = partial(code_at, repository.git, head)
    return local_change(story, [file.change for file in files], read, code)


async def _uncommitted(repository: Repository, root: Path, path: Path) -> LocalChange:
    """Return what a commit of everything below the path would bring, new files included."""
    base = await repository.head_or_empty_tree()
    diff = await diff_of(repository.git, base, None, path)
    tracked = parse_diff(diff)
    untracked = await listed(repository.git, path, "--others")
    added = await asyncio.to_thread(_added, root, untracked)
    head = _digest([diff, *map(_content, added)])
    read = _reader(repository.git, root, head, _names(tracked) | _shown(untracked))
    story = Story(
        repository.name,
        "Uncommitted changes",
        head=head,
        base=base,
        head_branch="working tree",
        base_branch="HEAD",
    )
    files = [*(file.change for file in tracked), *added]
    code = partial(code_of_working_tree, repository.git, root)
    return local_change(story, files, read, code, max(0, len(untracked) - MAX_FILES))


async def _files(repository: Repository, root: Path, path: Path) -> LocalChange:
    """Return a file or a folder of a working tree with all its lines as added."""
    found = await listed(repository.git, path, "--cached", "--others")
    found = found or [os.fsencode(path.relative_to(root).as_posix())]  # ignored, yet asked for
    files = await asyncio.to_thread(_added, root, found)
    head = _digest(map(_content, files))
    base = await repository.head_or_empty_tree()
    story = Story(repository.name, f"All of {path.name}", head=head, base=base, base_branch="HEAD")
    read = _reader(repository.git, root, head, _shown(found))
    code = partial(code_of_working_tree, repository.git, root)
    return local_change(story, files, read, code, max(0, len(found) - MAX_FILES))


def _loose(path: Path) -> LocalChange:
    """Return a file or a folder outside of any repository with all its lines as added."""
    root = path if path.is_dir() else path.parent
    found = list(names_below(root)) if path.is_dir() else [os.fsencode(path.name)]
    files = _added(root, found)
    head = _digest(map(_content, files))
    story = Story(root.name, f"All of {path.name}", head=head, base=NO_COMMIT)
    read, unlisted = _reader(None, root, head, _shown(found)), max(0, len(found) - MAX_FILES)
    return local_change(story, files, read, partial(code_on_disk, root, found), unlisted)


def _reader(git: Git | None, root: Path, head: str, names: Mapping[str, bytes]) -> Read:
    """Return a reader: of the disk at `head`, of the repository at any commit."""

    async def read(path: str, commit: str) -> bytes | None:
        name = names.get(path, os.fsencode(path))
        if commit == head:
            return await asyncio.to_thread(read_inside, root, name)
        return await blob(git, commit, name) if git else None

    return read


def _names(files: Iterable[DiffFile]) -> dict[str, bytes]:
    """Return the bytes behind each path of a diff, old paths included."""
    names: dict[str, bytes] = {}
    for file in files:
        if file.change.previous_path and file.previous_name:
            names[file.change.previous_path] = file.previous_name
        names[file.change.path] = file.name
    return names


def _shown(names: Iterable[bytes]) -> dict[str, bytes]:
    return {shown(name): name for name in names}


def _added(root: Path, names: list[bytes]) -> list[FileChange]:
    files = (added_file(root, name) for name in islice(names, MAX_FILES))
    return [file for file in files if file is not None]


def _content(file: FileChange) -> bytes:
    lines = (line.text for hunk in file.hunks or () for line in hunk.lines)
    return "\n".join((file.path, *lines)).encode(errors="replace")


def _digest(parts: Iterable[bytes]) -> str:
    """Return an id in the form of a commit's for content that is in no commit."""
    return hashlib.sha1(b"\0".join(parts), usedforsecurity=False).hexdigest()
