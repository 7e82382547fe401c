"""What people say of findings so that they are not said again. Who may say it is for the front
ends to judge.
"""

from enum import StrEnum

from core.models.findings import Category, FindingState, RecordedFinding
from core.models.value import Value


class DismissalScope(StrEnum):
    """How far a person's word reaches."""

    FINDING = "finding"
    PULL_REQUEST = "pull request"
    """Everything that is open in it; what later rounds find is still said."""
    RULE = "rule"
    """All findings of the same rule, or with the same claim, in the repository."""


class Dismissal(Value):
    """A person's word on findings, as it is kept."""

    scope: DismissalScope
    state: FindingState
    """Dismissed or accepted; of a single finding also open, against a word that reaches further."""
    who: str
    """Login, or a name from elsewhere, as in `slack:U1`."""
    reason: str = ""
    """In the person's words."""
    findings: tuple[str, ...] = ()
    """Ids of the findings that it is about; none for a rule."""
    source: str = ""
    """Of a rule: what makes such findings, `model` or `static:<rule>`."""
    category: Category | None = None
    """Of a model's claim."""
    claim: str = ""
    """Of a model's claim: its title."""
    at: float = 0.0
    """Seconds since 1970, on the ledger's clock."""


class Dismiss(Value):
    """Ask to be quiet about something, or to speak of it again."""

    job_id: str
    """`<repo_id>:<number>` of the pull request in which it is said."""
    who: str
    scope: DismissalScope = DismissalScope.FINDING
    finding_id: str = ""
    """The finding, or one of the rule that is meant; of no use for a pull request."""
    state: FindingState = FindingState.DISMISSED
    """Dismissed, accepted, or open to take an earlier word back."""
    reason: str = ""


class Dismissed(Value):
    """A person's word was taken."""

    scope: DismissalScope
    state: FindingState
    findings: tuple[RecordedFinding, ...]
    """Those of the pull request that it is about, as far as they were in another state."""
