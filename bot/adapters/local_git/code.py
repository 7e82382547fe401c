"""The code of a repository on this machine as texts by path: of a commit, or as it lies there.

Bounded like an archive from GitHub; what is no code, a link or too large is passed over.
"""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path

from bot.adapters.local_git.files import read_inside
from bot.adapters.local_git.names import shown
from bot.adapters.local_git.process import Git, GitFailed, OutputTooLarge
from bot.adapters.local_git.repository import listed
from core.context.archive import Limits, texts_of, wanted
from core.models import RepositoryText


async def code_at(git: Git, commit: str) -> RepositoryText | None:
    """Return the code at a commit; of a large repository the paths alone."""
    try:
        archive = await git.run("archive", "--format=tar", commit, max_bytes=Limits().unpacked)
        return RepositoryText(await asyncio.to_thread(texts_of, archive, top=False))
    except OutputTooLarge:
        names = await git.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit)
        return RepositoryText({}, tuple(os.fsdecode(name) for name in names.split(b"\0") if name))
    except GitFailed:
        return None


async def code_of_working_tree(git: Git, root: Path) -> RepositoryText | None:
    """Return the code as it lies in a working tree, what git ignores left out."""
    try:
        names = await listed(git, root, "--cached", "--others")
    except (GitFailed, OutputTooLarge):
        return None
    return await code_on_disk(root, names)


async def code_on_disk(root: Path, names: Iterable[bytes]) -> RepositoryText | None:
    """Return the code in these files below a folder."""
    return RepositoryText(await asyncio.to_thread(_read, root, names, Limits()))


def _read(root: Path, names: Iterable[bytes], limits: Limits) -> dict[str, str]:
    texts: dict[str, str] = {}
    left = limits.kept
    for name in names:
        path = shown(name)
        if len(texts) >= limits.files or left <= 0:
            break
        content = read_inside(root, name) if wanted(path) else None
        if content is None or len(content) > limits.file or b"\0" in content:
            continue
        left -= len(content)
        texts[path] = content.decode(errors="replace")
    return texts
