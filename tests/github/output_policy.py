"""The output policy, judged on whole bodies by a Markdown parser that is not ours.

What our own templates write is known by its exact form; everything else in a body is held to be
foreign, and must do nothing when GitHub, a mail client or another bot reads it.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from core.commands import words_to_argus
from github.markers import Markers
from github.sanitise import Home
from github.sanitise.code import LANGUAGES

GFM: Final = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_OWN_INLINE: Final = {"<sub>", "</sub>", "<br>", "<details>", "</details>"}
_OWN_BLOCK: Final = re.compile(
    r"<details><summary>[A-Za-z0-9 ,.:'()]+</summary>|</details>"
    r"|<sub>[^<>@#]*(?:`[^`]*`[^<>@#]*)*</sub>"
)
_OWN_STATE: Final = re.compile(r"\A_(?:Addressed|Open again) in [0-9a-f]{7}\._\n\n")
_ACTIVE: Final = re.compile(
    r"@\w|#\d|\bGH-\d|https?://|ftp://|\bwww\.\w|mailto:\w|xmpp:\w|\$"
    r"|\b[0-9a-f]{40}\b|\b(?=[a-f]*\d)[0-9a-f]{7,64}\b",
    re.IGNORECASE,
)
_COMMAND: Final = re.compile(r"(?im)^\s*(?:/[a-z][\w-]*(?:\s|$)|@argus)")
_ALERT: Final = re.compile(r"(?im)^[\s>]*>\s*\\?\[!\w+\\?\]")
"""Also with escapes: GitHub looks for the word after it has resolved them."""
_TASK: Final = re.compile(r"(?m)^\s*(?:[-*+]|\d+[.)])\s+\[[ xX]\]\s")
_FORGED: Final = re.compile(r"<!--\s*argus:", re.IGNORECASE)
_LINK: Final = re.compile(
    r"(?:/pull/\d+(?:/files)?(?:#[\w-]+)?|/blob/[\w%.~()+@-]+(?:/[\w%.~()+@-]*)*(?:#L\d+(?:-L\d+)?)?)"
)
_SLUGS: Final = ("argus", "argus-reviewer", "")
_BOTS: Final = re.compile(
    r"@(?:argus|dependabot|copilot|claude|coderabbit|mergify|renovate|cursor)", re.IGNORECASE
)
_FORBIDDEN: Final = frozenset({"image", "code_block", "table_open", "hr", "lheading"})


def breaches(body: str, home: Home, markers: Markers, *, suggestion: bool = False) -> list[str]:
    """Return what in a body breaks the policy; `suggestion` allows one block of that kind."""
    body = _OWN_STATE.sub("", body)
    tokens = _tokens(body)
    found = [f"hidden {c!a}" for c in body if _is_hidden(c)]
    found += _read_raw(body, _without_code_blocks(body, tokens))
    found += _frame(body, tokens, markers)
    infos = [token.info.strip().lower() for token in tokens if token.type == "fence"]
    allowed = LANGUAGES | {"", "suggestion"} if suggestion else LANGUAGES | {""}
    found += [f"fence {info}" for info in infos if info not in allowed]
    found += ["suggestions"] * (infos.count("suggestion") > 1)
    return found + [wrong for token in tokens for wrong in _of_token(token, home, markers)]


def plain_breaches(line: str) -> list[str]:
    """Return what breaks the policy in a field that is shown as it is, such as a check's title."""
    found = [f"hidden {c!a}" for c in line if _is_hidden(c)]
    found += ["more than one line"] * ("\n" in line)
    return found + ["address"] * bool(re.search(r"https?://", line, re.IGNORECASE))


def slack_breaches(text: str, own: frozenset[str], web_url: str) -> list[str]:
    """Return what in a text for Slack mentions, links or hides; `own` are mentions of ours."""
    inside = (found.partition("|")[0] for found in re.findall(r"<([^>]*)>", text))
    wrong = [each for each in inside if each not in own and not each.startswith(f"{web_url}/")]
    outside = re.sub(r"<[^>]*>|`[^`]*`", " ", text)
    wrong += re.findall(r"[<>]|&(?!amp;|lt;|gt;)|https?://|\bwww\.", outside)
    return wrong + [f"hidden {c!a}" for c in text if _is_hidden(c) and c != "\u2060"]


def _read_raw(body: str, prose: str) -> Iterator[str]:
    """Yield what programs would find that read the text as it was written."""
    for what, pattern, text in (
        ("command", _COMMAND, body),
        ("bot", _BOTS, body),
        ("alert", _ALERT, prose),
        ("task", _TASK, prose),
    ):
        yield from (f"{what} {each!r}" for each in pattern.findall(text))
    yield from (f"words to {slug!r}" for slug in _SLUGS if words_to_argus(body, slug) is not None)


def _frame(body: str, tokens: Sequence[Token], markers: Markers) -> Iterator[str]:
    """Tell what is wrong with the frame: copied markers, and what was opened and not closed."""
    if len(_FORGED.findall(body)) != len(markers.read(body)):
        yield "a marker that is not ours"
    if len(markers.read(body)) > 1:
        yield "more than one marker"
    html = "".join(token.content for token in tokens if token.type.startswith("html_"))
    for tag in ("details", "summary", "sub"):
        if html.count(f"<{tag}>") != html.count(f"</{tag}>"):
            yield f"unbalanced {tag}"


def _of_token(token: Token, home: Home, markers: Markers) -> Iterator[str]:
    if token.type in _FORBIDDEN:
        yield token.type
    if token.type == "heading_open" and (token.tag != "h3" or token.markup != "###"):
        yield f"heading {token.tag}"
    if token.type == "link_open" and not _leads_home(str(token.attrGet("href")), home):
        yield f"link to {token.attrGet('href')}"
    if token.type == "text" and (active := _ACTIVE.search(token.content)):
        yield f"active {active.group()!r} in {token.content[:60]!r}"
    if token.type == "html_inline":
        if token.content not in _OWN_INLINE and not markers.read(token.content):
            yield f"html {token.content[:60]!r}"
    elif token.type == "html_block":
        rest = _OWN_BLOCK.sub("", token.content)
        if rest.strip() and not markers.read(rest):
            yield f"html {rest[:60]!r}"


def _without_code_blocks(body: str, tokens: Sequence[Token]) -> str:
    lines = body.split("\n")
    for token in tokens:
        if token.type == "fence" and token.map:
            lines[slice(*token.map)] = [""] * (token.map[1] - token.map[0])
    return "\n".join(lines)


def _leads_home(address: str, home: Home) -> bool:
    """Tell whether an address stays within the repository, as a browser would resolve it."""
    before, _, tail = address.partition(home.repository)
    steps = unquote(tail).partition("#")[0].split("/")
    return not before and bool(_LINK.fullmatch(tail)) and not {".", ".."} & set(steps)


def _tokens(body: str) -> list[Token]:
    """Return the tokens of a body, each with those inside it behind it."""
    return [each for token in GFM.parse(body) for each in (token, *(token.children or ()))]


def _is_hidden(character: str) -> bool:
    return character not in "\n\t" and unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"}
