"""What git says of a repository: commits, diffs, blobs, lists of files.

A revision that a person typed is resolved to a commit's id first; from there on git is given ids
alone, so nothing typed can be taken for an option.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.local_git.files import MAX_TEXT_BYTES
from bot.adapters.local_git.process import Git, GitFailed, OutputTooLarge, open_git

DIFF = (
    "diff",
    "--patch",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
    "--full-index",
    "--find-renames",
    "--unified=3",
    "--inter-hunk-context=0",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--submodule=short",
    "--ignore-submodules=dirty",  # looking into a submodule would obey that one's configuration
)
ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
NOT_A_REPOSITORY = "not a git repository"


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository, and the top of its working tree, None when it has none."""

    git: Git
    root: Path | None
    name: str

    async def commit(self, revision: str) -> str | None:
        """Return the id of the commit that a revision names."""
        question = ("rev-parse", "--verify", "--quiet", "--end-of-options")
        try:
            return await self.git.line(*question, f"{revision}^{{commit}}")
        except GitFailed:
            return None

    async def empty_tree(self) -> str:
        """Return the id of the tree with nothing in it, in this repository's hash."""
        return await self.git.line("hash-object", "-t", "tree", "--stdin")

    async def head_or_empty_tree(self) -> str:
        """Return what uncommitted changes are compared with."""
        return await self.commit("HEAD") or await self.empty_tree()


async def find_repository(folder: Path) -> Repository | None:
    """Return the repository around a folder. Raises GitFailed when git refuses it."""
    git = await open_git(folder)
    try:
        bare = await git.line("rev-parse", "--is-bare-repository") == "true"
        place = "--absolute-git-dir" if bare else "--show-toplevel"
        root = Path(await git.line("rev-parse", place))
    except GitFailed as failure:
        if NOT_A_REPOSITORY in failure.reason:
            return None
        raise
    if bare:
        return Repository(git, None, root.name.removesuffix(".git"))
    top = _top_around(folder, root)
    return Repository(await open_git(top) if top else git, top, root.name)


def _top_around(folder: Path, root: Path) -> Path | None:
    """Return the working tree's top, None where core.worktree points away from the folder."""
    top = root.resolve()
    return top if folder.resolve().is_relative_to(top) else None


async def diff_of(git: Git, base: str, head: str | None, path: Path | None = None) -> bytes:
    """Return the diff from base to head, or to the working tree where head is None."""
    ends = (base,) if head is None else (base, head)
    return await git.run(*DIFF, *ends, "--", *(() if path is None else (str(path),)))


async def listed(git: Git, path: Path, *kinds: str) -> list[bytes]:
    """Return the names of files below a path, from the top; `kinds` are options of ls-files."""
    output = await git.run(
        "ls-files", "-z", "--full-name", "--exclude-standard", *kinds, "--", str(path)
    )
    names = dict.fromkeys(name for name in output.split(b"\0") if name)
    return [name for name in names if not name.endswith(b"/")]


async def blob(git: Git, commit: str, name: bytes) -> bytes | None:
    """Return a file's bytes at a commit, None when absent or over the size limit."""
    if not ID.fullmatch(commit) or b"\0" in name:
        return None
    try:
        return await git.run(
            "cat-file", "blob", commit.encode() + b":" + name, max_bytes=MAX_TEXT_BYTES
        )
    except (GitFailed, OutputTooLarge):
        return None
