"""What Argus remembers of a pull request between reviews: what was read, and what was found."""

from enum import StrEnum

from pydantic import Field

from core.models.coverage import Strength
from core.models.findings import RecordedFinding
from core.models.value import Value

VERSION = 1
"""Of the form in which memories are stored; a newer one is not understood here."""


class FindingState(StrEnum):
    """Where a finding stands; only the first two are open."""

    OPEN = "open"
    REGRESSED = "regressed"
    """It was addressed, and its code is back."""
    ADDRESSED = "addressed"
    """Its code is gone, or a later look confirmed that it was fixed."""
    DISMISSED = "dismissed"
    """A person said not to say it again."""
    ACCEPTED = "accepted"
    """A person agreed with it; its code still stands."""

    @property
    def is_open(self) -> bool:
        """Tell whether it counts against the change."""
        return self in {FindingState.OPEN, FindingState.REGRESSED, FindingState.ACCEPTED}


class Quoted(Value):
    """The code a finding is about, as a hash: enough to find it again, not to read it."""

    digest: str = ""
    """Of its lines without their whitespace."""
    first: str = ""
    """Of the first of them."""
    lines: int = 0


class RememberedFinding(Value):
    """A finding with its history. Prose and hashes; no code."""

    finding: RecordedFinding
    lineage: str
    """The path its file had at the base, or has."""
    block: str = ""
    """Key of the change block it stands on; empty where it stands on none."""
    offset: int = 0
    """Lines from the block's first line on its side."""
    quoted: Quoted = Quoted()
    state: FindingState = FindingState.OPEN
    first_round: int = 1
    first_head: str = ""
    settled_head: str = ""
    """The head at which it was addressed, dismissed, or seen to be back; empty before that."""
    gone: bool = False
    """Addressed because its code vanished: should it come back, the finding is back."""
    verified: bool = False
    late: bool = False
    """Found outside the code that was read in its round, and so not on a line."""
    reason: str = ""
    """Why it was dismissed, in a person's words."""


class PullMemory(Value):
    """Everything remembered of one pull request."""

    version: int = VERSION
    round: int = 0
    """Reviews so far that read something or looked again."""
    head: str = ""
    """The head of the last of them."""
    read: dict[Strength, dict[str, int]] = Field(default_factory=dict)
    """Keys of the blocks that were read, how often each, by how well."""
    findings: tuple[RememberedFinding, ...] = ()
    forgotten: int = 0
    """Findings that were too many to keep."""
