"""Every sentence that Argus says on GitHub, as pure functions; nothing here speaks to GitHub."""

from github.render.buttons import buttons
from github.render.check import CheckText, ended, given_up, lost, passed_over, reading, waiting
from github.render.inline import inline_comment, review_body
from github.render.summary import summary

__all__ = [
    "CheckText",
    "buttons",
    "ended",
    "given_up",
    "inline_comment",
    "lost",
    "passed_over",
    "reading",
    "review_body",
    "summary",
    "waiting",
]
