"""The output policy: text from models and strangers, made safe to stand in GitHub's Markdown.

Pure, idempotent, and independent of how far the text was turned against us. What comes out has
prose, emphasis, lists, code, and links within the pull request's own repository; it has no
mention, reference, closing keyword, image, HTML, outside link, command, marker or hidden
character. Risky words are not removed but shown as code, where GitHub leaves them alone.
"""

from github.sanitise.blocks import markdown
from github.sanitise.characters import clip_words, visible
from github.sanitise.code import block, span
from github.sanitise.lines import inline, plain
from github.sanitise.links import Home

__all__ = ["Home", "block", "clip_words", "inline", "markdown", "plain", "span", "visible"]
