"""Reads what a review looks at beside the change: the repository's text, commits, linked issues.

The one place here that awaits; text is held while it is searched and dropped with the excerpts
found. Only so many repositories are held at once, however many reviews run.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial

from core.context.choosing import likely
from core.context.excerpts import NO_CONTEXT, Context
from core.context.gathering import gather
from core.context.index import Bounds
from core.errors import TransientError
from core.models import Background, FileChange, PullRequest, RepositoryText
from core.ports import Host
from core.together import together

AT_ONCE = 2
"""Repositories held in one process; each takes up to some 60 MB while it is searched."""
READS = 40
"""Files that are asked for one by one where the repository is not had as a whole."""
_READS_AT_ONCE = 8
_LARGEST = 256 * 1024
"""Bytes of such a file."""
_NOTHING = RepositoryText({})


@dataclass(frozen=True, slots=True)
class Around:
    """The repository around one change, held while the change is looked at."""

    host: Host
    pull: PullRequest
    found: RepositoryText | None
    """None where nobody looks."""
    bounds: Bounds

    @property
    def texts(self) -> Mapping[str, str]:
        """Return the code at the head that is here already, by path."""
        return self.found.texts if self.found else {}

    async def explain(self, files: Sequence[FileChange], texts: Mapping[str, str]) -> Context:
        """Return what explains these files. Raises PullRequestGone; other trouble gives less."""
        if self.found is None or not files:
            return NO_CONTEXT
        context, background = await asyncio.gather(
            self._gathered(self.found, files, texts), _background(self.host, self.pull)
        )
        return replace(context, background=background)

    async def _gathered(
        self, found: RepositoryText, files: Sequence[FileChange], texts: Mapping[str, str]
    ) -> Context:
        known = {**found.texts, **texts}
        wanted = likely(files, known, found)[:READS]
        with suppress(TransientError):  # the change itself is read all the same
            known |= await _asked_for(self.host, wanted, self.pull.head)
        return await asyncio.to_thread(gather, files, known, self.bounds)


class ContextReader:
    """Looks around in repositories for reviews; one for all reviews of a process."""

    def __init__(self, bounds: Bounds | None = None, at_once: int = AT_ONCE) -> None:
        self._bounds = bounds or Bounds()
        self._turns = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def opened(self, host: Host, pull: PullRequest, *, look: bool) -> AsyncIterator[Around]:
        """Hold the repository for the body; without `look` there is nothing to see in it.

        Raises PullRequestGone.
        """
        if not look:
            yield Around(host, pull, None, self._bounds)
            return
        async with self._turns:
            yield Around(host, pull, await _repository(host, pull), self._bounds)


async def _repository(host: Host, pull: PullRequest) -> RepositoryText:
    try:
        return await host.repository(pull) or _NOTHING
    except TransientError:  # the change itself is read all the same
        return _NOTHING


async def _asked_for(host: Host, paths: Sequence[str], head: str) -> dict[str, str]:
    raw = await together([partial(host.text, path, head) for path in paths], _READS_AT_ONCE)
    return {
        path: content.decode(errors="replace")
        for path, content in zip(paths, raw, strict=True)
        if content is not None and len(content) <= _LARGEST and b"\0" not in content
    }


async def _background(host: Host, pull: PullRequest) -> Background:
    try:
        return await host.background(pull)
    except TransientError:
        return Background()
