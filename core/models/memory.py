"""What Argus remembers of a pull request between reviews: what was read, and what was found."""

from pydantic import Field

from core.models.coverage import Strength
from core.models.dismissals import Dismissal
from core.models.findings import FindingState, RecordedFinding
from core.models.value import Value

VERSION = 1
"""Of the form in which memories are stored; a newer one is not understood here."""


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
    """Its code vanished: should it come back, what was addressed is back."""
    verified: bool = False
    late: bool = False
    """Found outside the code that was read in its round, and so not on a line."""
    who: str = ""
    """Who dismissed or accepted it."""
    reason: str = ""
    """Why, in that person's words."""


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
    rules: tuple[Dismissal, ...] = Field(default=(), exclude=True)
    """Rules that people dismissed in the repository; the ledger keeps them apart."""
