"""Reads what a review looks at beside the change: the repository's text, commits, linked issues.

The one place here that awaits; text is held while it is searched and dropped with the excerpts
found. Only so many repositories are held at once, however many reviews run.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from core.context.choosing import likely
from core.context.excerpts import Context
from core.context.gathering import gather
from core.context.index import Bounds
from core.errors import TransientError
from core.models import Background, FileChange, PullRequest
from core.ports import Host
from core.together import together

AT_ONCE = 2
"""Repositories held in one process; each takes up to some 60 MB while it is searched."""
READS = 40
"""Files that are asked for one by one where the repository is not had as a whole."""
_READS_AT_ONCE = 8
_LARGEST = 256 * 1024
"""Bytes of such a file."""


class ContextReader:
    """Looks around in repositories for reviews; one for all reviews of a process."""

    def __init__(self, bounds: Bounds | None = None, at_once: int = AT_ONCE) -> None:
        self._bounds = bounds or Bounds()
        self._turns = asyncio.Semaphore(at_once)

    async def read(
        self,
        host: Host,
        pull: PullRequest,
        files: Sequence[FileChange],
        texts: Mapping[str, str],
    ) -> Context:
        """Return what explains these files. Raises PullRequestGone; other trouble gives less."""
        looking, asking = await asyncio.gather(
            self._around(host, pull, files, texts), _background(host, pull)
        )
        return replace(looking, background=asking)

    async def _around(
        self,
        host: Host,
        pull: PullRequest,
        files: Sequence[FileChange],
        texts: Mapping[str, str],
    ) -> Context:
        async with self._turns:
            try:
                known = await _texts(host, pull, files, texts)
            except TransientError:  # the change itself is read all the same
                known = texts
            return await asyncio.to_thread(gather, files, known, self._bounds)


async def _texts(
    host: Host, pull: PullRequest, files: Sequence[FileChange], texts: Mapping[str, str]
) -> Mapping[str, str]:
    """Return the repository's texts: all, or of a large one those that are likely to matter."""
    found = await host.repository(pull)
    if found is None:
        return texts
    known = {**found.texts, **texts}
    wanted = likely(files, known, found)[:READS]
    raw = await together([partial(host.text, path, pull.head) for path in wanted], _READS_AT_ONCE)
    for path, content in zip(wanted, raw, strict=True):
        if content is not None and len(content) <= _LARGEST and b"\0" not in content:
            known[path] = content.decode(errors="replace")
    return known


async def _background(host: Host, pull: PullRequest) -> Background:
    try:
        return await host.background(pull)
    except TransientError:
        return Background()
