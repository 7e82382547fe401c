"""How far a review got, for whoever watches it; no outcome depends on it."""

from enum import StrEnum

from core.models.value import Value


class Phase(StrEnum):
    """What a running review is at, in the order in which it happens."""

    READING = "reading"
    """The change itself, and what explains it."""
    REVIEWING = "reviewing"
    """Files, with a model."""
    CHECKING = "checking"
    """A second time, what was found."""


class Step(Value):
    """A moment of a running review."""

    phase: Phase
    done: int = 0
    """Files that are through this phase …"""
    total: int = 0
    """… of so many; 0 where nobody counts."""
