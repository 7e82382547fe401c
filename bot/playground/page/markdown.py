"""Comments as GitHub shows them: CommonMark, tables, and a handful of harmless tags.

Everything in a comment is untrusted. Raw HTML is read tag by tag: a few tags pass without their
attributes and always balanced, comments vanish, and all the rest is shown as text.
"""

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

Resolve = Callable[[str], str | None]
"""Address → where the page shows it; None takes the link away and leaves its words."""

_BLOCK_TAGS: Final = frozenset({"details", "summary"})
_INLINE_TAGS: Final = frozenset({"sub", "sup", "kbd", "b", "i", "em", "strong", "code"})
_HTML: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<close>/?)(?P<tag>[a-z]+)(?:\s[^<>]*)?/?>", re.DOTALL | re.IGNORECASE
)


def render(text: str, resolve: Resolve, *, replaced: Sequence[str] = ()) -> str:
    """Return safe HTML; `replaced` are the lines that a suggestion would take the place of."""
    parser = _parser()
    tokens = _balanced_blocks(parser.parse(text))
    for token in tokens:
        token.attrs.pop("style", None)  # of table cells; the page's policy ignores it anyway
        if token.children:
            token.children = _linked(_balanced_inline(token.children), resolve)
    return str(parser.renderer.render(tokens, parser.options, {"replaced": list(replaced)})).strip()


def plain(text: str) -> str:
    """Return the text without its markup, on one line."""
    words = [
        child.content
        for token in _parser().parse(text)
        for child in token.children or ()
        if child.type in {"text", "code_inline", "softbreak"}
    ]
    return " ".join("".join(word or " " for word in words).split())


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "breaks": True})
    parser.enable(["table", "strikethrough"])
    for name, rule in (
        ("html_block", _verbatim),
        ("html_inline", _verbatim),
        ("fence", _fence),
        ("image", _image),
        ("table_open", _table_open),
        ("table_close", _table_close),
    ):
        parser.add_render_rule(name, rule)
    return parser


def _balanced_blocks(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens with safe HTML blocks; each level of nesting closes what it opened."""
    made: list[Token] = []
    open_tags: list[tuple[str, int]] = []
    for token in tokens:
        deeper = [tag for tag, level in open_tags if level > token.level]
        if deeper:
            open_tags = [entry for entry in open_tags if entry[1] <= token.level]
            made.append(_closing(deeper))
        if token.type == "html_block":
            token.content = _safe_block(token.content, token.level, open_tags)
        made.append(token)
    return [*made, _closing([tag for tag, _ in open_tags])]


def _safe_block(content: str, level: int, open_tags: list[tuple[str, int]]) -> str:
    """Return an HTML block's harmless form, and keep account of what it opens and closes."""
    said: list[str] = []
    at = 0
    for found in _HTML.finditer(content):
        said.append(escape(content[at : found.start()], quote=False))
        at = found.end()
        tag = (found["tag"] or "").lower()
        if found["tag"] is None:
            continue
        if tag == "br":
            said.append("<br>")
        elif tag not in _BLOCK_TAGS | _INLINE_TAGS:
            said.append(escape(found[0], quote=False))
        elif not found["close"]:
            open_tags.append((tag, level))
            said.append(f"<{tag}>")
        elif (tag, level) in open_tags:
            said.append(_close_down_to(tag, level, open_tags))
    said.append(escape(content[at:], quote=False))
    return "".join(said)


def _close_down_to(tag: str, level: int, open_tags: list[tuple[str, int]]) -> str:
    """Close a tag and everything opened inside it."""
    said = []
    while True:
        entry = open_tags.pop()
        said.append(f"</{entry[0]}>")
        if entry == (tag, level):
            return "".join(said)


def _closing(tags: Sequence[str]) -> Token:
    content = "".join(f"</{tag}>" for tag in reversed(tags))
    return Token("html_block", "", 0, content=content)


def _balanced_inline(children: Sequence[Token]) -> list[Token]:
    """Return the tokens with tags that are allowed in a line, each closed in it."""
    made: list[Token] = []
    open_tags: list[tuple[str, int]] = []
    for child in children:
        if child.type == "html_inline":
            child.content = _safe_inline(child, open_tags)
        made.append(child)
    return [*made, _closing([tag for tag, _ in open_tags])]


def _safe_inline(token: Token, open_tags: list[tuple[str, int]]) -> str:
    found = _HTML.fullmatch(token.content)
    if found is None:
        return escape(token.content, quote=False)
    tag = (found["tag"] or "").lower()
    if found["tag"] is None:
        return ""
    if tag == "br":
        return "<br>"
    if tag not in _INLINE_TAGS:
        return escape(token.content, quote=False)
    if not found["close"]:
        open_tags.append((tag, token.level))
        return f"<{tag}>"
    if open_tags and open_tags[-1] == (tag, token.level):
        open_tags.pop()
        return f"</{tag}>"
    return ""


def _linked(children: Sequence[Token], resolve: Resolve) -> list[Token]:
    """Lead links to where the page shows their target; the others lose the link, not the words."""
    kept: list[Token] = []
    dropped = 0
    for child in children:
        if child.type == "link_open":
            target = resolve(str(child.attrs.get("href", "")))
            if target is None:
                dropped += 1
                continue
            child.attrs = {"href": target}
        elif child.type == "link_close" and dropped:
            dropped -= 1
            continue
        kept.append(child)
    return kept


def _verbatim(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _o: OptionsDict, _e: EnvType
) -> str:
    """Write what `_safe_block` and `_safe_inline` made."""
    return tokens[index].content


def _fence(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _o: OptionsDict, env: EnvType
) -> str:
    token = tokens[index]
    if token.info.strip() == "suggestion":
        return _suggestion(token.content, env)
    return f'<pre tabindex="0"><code>{escape(token.content, quote=False)}</code></pre>\n'


def _image(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _o: OptionsDict, _e: EnvType
) -> str:
    """Show a picture's words: the page loads nothing from elsewhere."""
    return f"<em>{escape(tokens[index].content, quote=False)}</em>"


def _suggestion(content: str, env: Any) -> str:
    """Show a suggestion as the lines it takes away and the lines it puts there."""
    rows = [("remove", line) for line in env.get("replaced", ())]
    rows += [("add", line) for line in content.removesuffix("\n").split("\n")]
    shown = "".join(
        f'<span class="line {kind}">{escape(line, quote=False) or " "}</span>'
        for kind, line in rows
    )
    return (
        '<figure class="suggestion"><figcaption>Suggested change</figcaption>'
        f'<pre tabindex="0"><code>{shown}</code></pre></figure>\n'
    )


def _table_open(*_: Any) -> str:
    return '<div class="scroll" tabindex="0"><table>'


def _table_close(*_: Any) -> str:
    return "</table></div>\n"
