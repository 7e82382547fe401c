"""Templates to text, static files to bytes, and the headers that keep the page to itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.playground.page import markdown
from bot.playground.page.values import PageView

HERE: Final = Path(__file__).parent
README: Final = HERE.parents[2] / "README.md"
HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}
"""https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html"""
STATIC: Final[Mapping[str, str]] = {
    "page.css": "text/css; charset=utf-8",
    "pull.css": "text/css; charset=utf-8",
    "code.css": "text/css; charset=utf-8",
    "slack.css": "text/css; charset=utf-8",
    "talk.css": "text/css; charset=utf-8",
    "narrow.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "morph.js": "text/javascript; charset=utf-8",
    "argus.svg": "image/svg+xml",
}
"""Every file that is served, with its type."""


@dataclass(frozen=True)
class Pages:
    """Draws the page; templates are read once."""

    @cached_property
    def _environment(self) -> Environment:
        made = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.filters["safe_html"] = Markup
        made.filters["clock"] = _clock
        return made

    def whole(self, view: PageView) -> str:
        """Return the whole document."""
        return self._environment.get_template("page.html").render(view=view)

    def live(self, view: PageView) -> str:
        """Return the part of the document that follows what happens."""
        return self._environment.get_template("live.html").render(view=view)

    def waiting(self) -> str:
        """Return what is shown until both platforms answer and the pull request is there."""
        return self._environment.get_template("waiting.html").render()

    def readme(self) -> str | None:
        """Return the project's own introduction, None where the file is not there."""
        if not README.is_file():
            return None
        html = _with_anchors(markdown.render(README.read_text(encoding="utf-8"), _outward))
        return self._environment.get_template("readme.html").render(html=html)


def static_file(name: str) -> tuple[bytes, str] | None:
    """Return a file and its type, None for any name that is not listed."""
    media_type = STATIC.get(name)
    return ((HERE / "static" / name).read_bytes(), media_type) if media_type else None


def _clock(at: str) -> str:
    """Return the time of day of an ISO 8601 time; the browser makes it local."""
    return at[11:16]


def _outward(address: str) -> str | None:
    """Keep addresses of the web and of this document."""
    return address if address.startswith(("https://", "#")) else None


def _with_anchors(html: str) -> str:
    """Give headings the fragments that GitHub gives them."""

    def anchored(found: re.Match[str]) -> str:
        words = re.sub(r"<[^>]+>", "", found[2]).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        return f'<h{found[1]} id="{slug}">{found[2]}</h{found[1]}>'

    return re.sub(r"<h([1-6])>(.*?)</h\1>", anchored, html)
