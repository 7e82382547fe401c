"""Whom people are on GitHub, as whoever runs Argus entered it: a file of lines `U123 octocat`.

It is read again when it changes. One that cannot be used any more leaves what it said before.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import structlog

MOST_BYTES: Final = 4 * 1024 * 1024
"""Of the file; some hundred thousand people."""
_PERSON: Final = re.compile(r"[UW][A-Z0-9]{1,30}")
"""https://docs.slack.dev/reference/objects/user-object"""
_LOGIN: Final = re.compile(r"@?([A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:_[A-Za-z0-9]+)?)")
"""Those of a company's managed accounts end in `_<shortcode>`.

https://docs.github.com/enterprise-cloud@latest/admin/managing-iam/iam-configuration-reference/username-considerations-for-external-authentication
"""

log = structlog.get_logger(__name__)


class IdentityFileError(Exception):
    """The file cannot be used; `problems` are one sentence each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def parse_identities(text: str) -> Mapping[str, str]:
    """Return logins by the ids of people. Raises IdentityFileError with every problem found.

    A `#` begins a comment, and lines may be empty.
    """
    found: dict[str, str] = {}
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        login = _LOGIN.fullmatch(words[1]) if len(words) == 2 else None
        if login is None or not _PERSON.fullmatch(words[0]):
            problems.append(f"line {number} is not a Slack user id and a GitHub login.")
        elif found.setdefault(words[0], login[1]).lower() != login[1].lower():
            problems.append(f"line {number} enters {words[0]} a second time, as somebody else.")
    if problems:
        raise IdentityFileError(tuple(problems))
    return found


class IdentityFile:
    """The file, as it stands now."""

    def __init__(self, path: Path) -> None:
        """Read it. Raises IdentityFileError."""
        self._path = path
        self._stamp = _stamp(path)
        self._logins = _read(path)

    async def login_of(self, person: str) -> str | None:
        """Return whom a person is, None where nobody entered it."""
        stamp = _stamp(self._path)
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._logins = _read(self._path)
            except IdentityFileError as error:
                log.warning("identity_file.unusable", problems=list(error.problems))
            else:
                log.info("identity_file.read", people=len(self._logins))
        return self._logins.get(person)


def _read(path: Path) -> Mapping[str, str]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise IdentityFileError((f"the file is over {MOST_BYTES:,} bytes.",))
        return parse_identities(path.read_text())
    except (OSError, UnicodeDecodeError) as failure:
        name = type(failure).__name__
        raise IdentityFileError((f"the file cannot be read ({name}).",)) from failure


def _stamp(path: Path) -> tuple[int, int, int]:
    """Return what changes with the file; zeros where there is none."""
    try:
        stat = path.stat()
    except OSError:
        return (0, 0, 0)
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino)
