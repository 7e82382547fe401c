"""The forms in which a review is printed: pure functions from a report to text."""

from bot.cli.formats.choice import Format, render
from bot.cli.formats.look import Look

__all__ = ["Format", "Look", "render"]
