"""What was read of a head, and the check's conclusion that follows from it, in words."""

from dataclasses import dataclass

from core.models import Conclusion


@dataclass(frozen=True, slots=True)
class Verdict:
    """The check run's conclusion, its title, and a sentence for each reason."""

    conclusion: Conclusion
    title: str
    reasons: tuple[str, ...]
