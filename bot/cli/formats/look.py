"""How wide and how colourful a text may be; asked of the terminal by the caller, never here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """What the place can show that the text is printed to."""

    width: int = 80
    """Columns."""
    styled: bool = False
    """It understands escape sequences."""
    coloured: bool = False
    """And colour is wanted."""
