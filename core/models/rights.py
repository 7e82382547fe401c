"""What a person may do on a repository, from less to more; who says so is `core.ports`' matter."""

from enum import StrEnum


class Right(StrEnum):
    """A right on a repository; each includes those before it."""

    READ = "read"
    """See it: what GitHub shows this person."""
    TRIAGE = "triage"
    """Sort issues and pull requests, without changing code."""
    WRITE = "write"
    """Change code; maintainers and administrators may as well."""

    def includes(self, other: "Right") -> bool:
        """Tell whether whoever has this right may do what the other allows."""
        order = tuple(Right)
        return order.index(self) >= order.index(other)
