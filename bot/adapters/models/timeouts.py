"""How long a model may take, stage by stage."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for each stage of one call; tests shorten them."""

    connect: float = 5.0
    first_byte: float = 60.0
    """Until the first event: a model may think before it speaks."""
    idle: float = 30.0
    """Between two events; single bytes are no events."""
    total: float = 180.0

    @classmethod
    def within(cls, total: float) -> "Timeouts":
        """Return them for a longest call of `total` seconds."""
        return cls(first_byte=total / 3, idle=total / 6, total=total)
