"""A change of the configuration that a pull request proposes: judged, told, and never obeyed.

It counts once it is merged; its author learns before that whether it will.
"""

from collections.abc import Iterable

from core.errors import ConfigurationInvalid
from core.models import FileChange, FileStatus, PullRequest
from core.ports import Host
from core.repo_config import FILENAMES, parse_bytes
from core.repo_config.gathering import ended


async def proposal_notes(
    host: Host, pull: PullRequest, files: Iterable[FileChange]
) -> tuple[str, ...]:
    """Return sentences about the configuration files that the change touches."""
    notes: list[str] = []
    for file in files:
        if file.path in FILENAMES and file.status is not FileStatus.REMOVED:
            raw = await host.text(file.path, pull.head)
            notes += _judged(file.path, raw) if raw is not None else ()
    return tuple(notes)


def _judged(path: str, raw: bytes) -> tuple[str, ...]:
    try:
        parse_bytes(raw, path)
    except ConfigurationInvalid as error:
        would = f"{path} as this pull request changes it would be ignored as a whole"
        return tuple(f"{would}: {ended(problem)}" for problem in error.problems)
    return (f"{path} is changed here and valid; it counts once it is merged.",)
