"""The output policy, judged by an independent Markdown parser."""

import re
import time
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from core.models import PullRequestRef
from github.markers import MarkerKind, Markers
from github.sanitise import Home, block, clip_words, inline, markdown, plain, span
from tests.github.sanitise_corpus import ACTIONS, EXFILTRATION, PROSE

HOME = Home(PullRequestRef(owner="acme", repo="shop", number=7))
GFM = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PIECES = (
    *("@", "#", "1", "GH-", "Fixes ", "octocat", "https://evil.example", "www.", "mailto:a", "$"),
    *("`", "``", "```", "~~~", "<", ">", "&lt;", "&#64;", "&amp;", "&", ";", "\\", "!", "[", "]"),
    *("(", ")", ":", "|", "--", "-", "=", "*", "**", "_", "+ ", "- ", "1. ", "> ", "# ", "/close"),
    *("\n", "\n\n", "    ", "\t", " ", "x", "mermaid", "\u200b", "\u202e", "\ud800", "\x00", "\r"),
    *(
        "https://github.com/acme/shop/pull/7",
        "<!--",
        "-->",
        "argus:v1:",
        "{",
        "}",
        "deadbeef1",
        ".",
    ),
)
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text()

ALLOWED_LINK = re.compile(
    r"(?!.*/\.\.?/)https://github\.com/acme/shop/(?:pull/7(?:[/#][\w/-]*)?|blob/[^?]*)",
    re.IGNORECASE,
)
ACTIVE_TEXT = re.compile(
    r"@\w|#\d|\bGH-\d|https?://|\bwww\.|mailto:\w|xmpp:\w|\$|\b[0-9a-f]{40}\b"
    r"|\b(?=[a-f]*\d)[0-9a-f]{7,64}\b",
    re.IGNORECASE,
)
ACTIVE_INFO = re.compile(r"mermaid|math|geojson|topojson|stl|suggestion", re.IGNORECASE)
COMMAND = re.compile(r"(?im)^\s*(?:/[a-z][\w-]*(?:\s|$)|@argus)")
FORBIDDEN_TOKENS = {"html_inline", "html_block", "image", "code_block", "table_open", "hr"}


def tokens(text: str) -> Iterator[Token]:
    for token in GFM.parse(text):
        yield token
        yield from token.children or ()


def violations(text: str) -> list[str]:
    """Return what breaks the policy, as GitHub would read the text."""
    found = [f"hidden {c!a}" for c in text if c != "\n" and is_hidden(c)]
    if command := COMMAND.search(text):
        found.append(f"command {command.group()!r}")
    for token in tokens(text):
        if token.type in FORBIDDEN_TOKENS:
            found.append(token.type)
        if token.type == "link_open" and not ALLOWED_LINK.fullmatch(str(token.attrGet("href"))):
            found.append(f"link to {token.attrGet('href')}")
        if token.type == "text" and (active := ACTIVE_TEXT.search(token.content)):
            found.append(f"active {active.group()!r}")
        if token.type == "fence" and ACTIVE_INFO.search(token.info):
            found.append(f"fence {token.info}")
    return found


def is_hidden(character: str) -> bool:
    return character != "\t" and unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"}


@pytest.mark.parametrize("text", [*EXFILTRATION, *ACTIONS, *PROSE])
def test_known_tricks_come_out_harmless(text: str) -> None:
    for around in (text, f"Before {text} after", f"a\n{text}\nb", f"- {text}", f"{text}\n{text}"):
        safe = markdown(around, HOME)
        assert violations(safe) == [], safe
        assert markdown(safe, HOME) == safe


@settings(max_examples=600, deadline=None)
@given(HOSTILE)
def test_nothing_active_survives_and_a_second_pass_changes_nothing(text: str) -> None:
    safe = markdown(text, HOME)
    assert violations(safe) == [], safe
    assert markdown(safe, HOME) == safe


@settings(max_examples=150, deadline=None)
@given(HOSTILE)
def test_one_line_is_safe_inside_bold_and_lists(text: str) -> None:
    safe = inline(text, HOME)
    assert "\n" not in safe
    assert violations(f"- **a {safe}**") == []
    assert violations(safe) == []
    assert inline(safe, HOME) == safe


@settings(max_examples=200, deadline=None)
@given(HOSTILE, st.integers(min_value=0, max_value=120))
def test_limits_hold_and_leave_valid_text(text: str, limit: int) -> None:
    for shorten in (markdown, inline):
        safe = shorten(text, HOME, limit=limit)
        assert len(safe) <= limit
        assert violations(safe) == []
        assert shorten(safe, HOME, limit=limit) == safe
    assert len(plain(text, limit=limit)) <= limit


@settings(max_examples=200, deadline=None)
@given(HOSTILE, HOSTILE)
def test_code_cannot_be_broken_out_of(text: str, language: str) -> None:
    after = "\n\nafter"
    parsed = GFM.parse(block(text, language) + after)
    assert [token.type for token in parsed[:2]] == ["fence", "paragraph_open"]
    assert violations(block(text, language) + after) == []
    if code := span(text):
        (inner,) = (t for t in GFM.parse(f"x {code} y") if t.type == "inline")
        assert [t.type for t in inner.children or ()] == ["text", "code_inline", "text"]


@settings(max_examples=150, deadline=None)
@given(HOSTILE)
def test_markers_are_never_passed_on(text: str) -> None:
    markers = Markers(["key"])
    stolen = markers.make(MarkerKind.REVIEW, "7.1.head.0")
    for hostile in (
        stolen,
        f"`{stolen}`",
        f"```\n{stolen}\n```",
        f"{text}{stolen}",
        f"&lt;{stolen}",
    ):
        assert markers.read(markdown(hostile, HOME)) == ()
        assert markers.read(inline(hostile, HOME)) == ()
        assert markers.read(block(hostile)) == ()
        assert markers.read(span(hostile)) == ()


@pytest.mark.parametrize("text", PROSE[:1] + PROSE[2:])
def test_ordinary_prose_is_left_as_it_is(text: str) -> None:
    assert markdown(text, HOME) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("thanks @octocat!", "thanks `@octocat`!"),
        ("(see #12)", "(see `#12`)"),
        ("use List<String>", "use List&lt;String>"),
        ("[docs](https://evil.example/a)", "docs (`hxxps://evil.example/a`)"),
        ("# Title", "Title"),
        ("- - a", "- \\- a"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("```py\nx = 1", "```py\nx = 1\n```"),
        (
            "https://github.com/acme/shop/blob/main/src/app.py?plain=1#L3",
            "[src/app.py#L3](https://github.com/acme/shop/blob/main/src/app.py#L3)",
        ),
        (
            "see https://github.com/acme/shop/pull/7/files?w=1#diff-1.",
            "see [this pull request](https://github.com/acme/shop/pull/7/files#diff-1).",
        ),
        ("costs $5 a day", "costs `$5` a day"),
        ("call __init__ first", "call `__init__` first"),
        ("see abcdef1 and deadbeef", "see `abcdef1` and deadbeef"),
        (r"\\*a* C:\dir", r"\\*a* C:\\dir"),
        ("a\n---\nb\n| - | - |\nc\n* * *", "a\n\nb\n\nc"),
        ("a\ufe0fb\u3164c\u00add", "abcd"),
        (
            "[https://github.com/acme/shop/pull/7](https://github.com/acme/shop/pull/7)",
            "[`hxxps://github.com/acme/shop/pull/7`](https://github.com/acme/shop/pull/7)",
        ),
        (
            "[](https://github.com/acme/shop/pull/7)",
            "[this pull request](https://github.com/acme/shop/pull/7)",
        ),
        ("`@dependabot rebase`", "`@ dependabot rebase`"),
    ],
)
def test_risky_words_stay_readable(text: str, safe: str) -> None:
    assert markdown(text, HOME) == safe


def test_decorators_in_code_stay_code() -> None:
    assert block("@dataclass\nclass A: ...", "python") == (
        "```python\n@dataclass\nclass A: ...\n```"
    )


def test_home_of_an_enterprise_server_is_its_own() -> None:
    home = Home(HOME.ref, "https://git.acme.example/")
    there = "https://git.acme.example/acme/shop/pull/7"
    assert markdown(f"[x]({there})", home) == f"[x]({there})"
    assert markdown("[x](https://github.com/acme/shop/pull/7)", home).startswith("x (`hxxps")


@pytest.mark.parametrize(
    "text",
    [
        "`" * 30_000,
        "[" * 30_000,
        '[a](b "' * 9_000,
        "` `` ``` " * 9_000,
        "&#64;" * 9_000,
        "*" * 30_000,
        "![" * 20_000,
        "a" * 60_000,
        "@ " * 30_000,
    ],
)
def test_hostile_length_takes_no_hostile_time(text: str) -> None:
    started = time.process_time()
    assert len(markdown(text, HOME, limit=10_000)) <= 10_000
    assert time.process_time() - started < 2


def test_words_are_counted_and_lines_kept() -> None:
    assert clip_words("one two\nthree, four", 3) == "one two\nthree…"
    assert clip_words("one two", 2) == "one two"


@pytest.mark.parametrize(("minimum", "corpus"), [(60, EXFILTRATION), (40, ACTIONS)])
def test_corpus_keeps_its_size(minimum: int, corpus: tuple[str, ...]) -> None:
    assert len(set(corpus)) >= minimum
