"""Tells how far a review got: counts the files that were read to their end.

What becomes of it is for `core.ports.Progress`; nothing here waits for anybody.
"""

from collections import Counter
from collections.abc import Sequence

from core.models import Phase, Step
from core.ports import Progress


class Unheard:
    """Progress that nobody follows; implements `core.ports.Progress`."""

    def at(self, step: Step) -> None:
        """Forget it."""


UNHEARD = Unheard()


class FileTally:
    """Counts files by the parts that they were cut into."""

    def __init__(self, parts: Sequence[Sequence[str]], progress: Progress) -> None:
        """Each part has the paths of a whole file or of pieces of it."""
        self._left = Counter(path for part in parts for path in set(part))
        self._total = len(self._left)
        self._progress = progress
        self._tell()

    def through(self, part: Sequence[str]) -> None:
        """Note that a part was read, or given up."""
        self._left.subtract(set(part))
        self._left += Counter()  # drops what has no parts left
        self._tell()

    def _tell(self) -> None:
        done = self._total - len(self._left)
        self._progress.at(Step(phase=Phase.REVIEWING, done=done, total=self._total))
