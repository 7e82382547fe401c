"""The choice of a format by its name on the command line."""

from enum import StrEnum

from bot.cli.formats import json_document, markdown, sarif, text
from bot.cli.formats.look import Look
from bot.cli.report import Report


class Format(StrEnum):
    """What a review is printed as."""

    TEXT = "text"
    """For a person at a terminal."""
    JSON = "json"
    """For programs; its schema is versioned."""
    MARKDOWN = "md"
    """For a page, such as a summary of a CI job."""
    SARIF = "sarif"
    """For code scanning and editors."""


def render(report: Report, form: Format, look: Look) -> str:
    """Return the report in a format; only text depends on the look."""
    match form:
        case Format.TEXT:
            return text.render(report, look)
        case Format.JSON:
            return json_document.render(report)
        case Format.MARKDOWN:
            return markdown.render(report)
        case Format.SARIF:
            return sarif.render(report)
