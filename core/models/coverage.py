"""What was read of a head, and what was not, with the reason."""

from dataclasses import dataclass
from enum import StrEnum

from core.models.pulls import FileChange
from core.models.value import Value


class OmissionReason(StrEnum):
    """Why a file was not read; `rank` tells ruled out from left out."""

    GENERATED = "generated"
    VENDORED = "vendored"
    LOCKFILE = "lock file"
    BINARY = "binary"
    IGNORED = "ignored by configuration"
    NO_CONTENT_CHANGE = "no content change"
    SUBMODULE = "submodule"
    TOO_MANY_FILES = "over the limit of files"
    TOO_LARGE = "too large"
    NO_PATCH = "GitHub gave no patch"
    OVER_BUDGET = "over the token budget"
    UNREADABLE = "not readable as text"
    UNLISTED = "not listed by GitHub"
    MODEL_FAILED = "the model gave no usable answer"

    @property
    def not_reviewable(self) -> bool:
        """Tell whether leaving it out is by nature and does not lower the coverage."""
        return self in _NOT_REVIEWABLE


_NOT_REVIEWABLE = frozenset(
    {
        OmissionReason.GENERATED,
        OmissionReason.VENDORED,
        OmissionReason.LOCKFILE,
        OmissionReason.BINARY,
        OmissionReason.IGNORED,
        OmissionReason.NO_CONTENT_CHANGE,
        OmissionReason.SUBMODULE,
    }
)


class Omission(Value):
    """A file, or a part of one, that was not read, and why."""

    path: str
    reason: OmissionReason
    detail: str = ""
    """More than the reason says, such as a size or a matching pattern."""
    hunks: int = 0
    """Hunks left out; 0 means the whole file."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What will be read, most at risk first, and what will not."""

    files: tuple[FileChange, ...]
    omitted: tuple[Omission, ...]
    aside: tuple[FileChange, ...] = ()
    """Small files among those left out by nature, which may be shown but are not reviewed."""


class Strength(StrEnum):
    """How well the code was read."""

    FULL = "full"
    """By the first model of the chain, completely."""
    DEGRADED = "degraded"
    """By a fallback, or not everywhere."""
    STATIC = "static"
    """By static analysis only."""


class Coverage(Value):
    """What was read of one head."""

    files_total: int
    """Reviewable files of the change."""
    files_read: int
    hunks_total: int = 0
    hunks_read: int = 0
    omitted: tuple[Omission, ...] = ()
    strength: Strength = Strength.FULL
    notes: tuple[str, ...] = ()
    """Sentences that say why the strength is not full."""

    @property
    def complete(self) -> bool:
        """Tell whether every reviewable part was read at full strength."""
        unread = [o for o in self.omitted if not o.reason.not_reviewable]
        return not unread and self.strength is Strength.FULL
