"""Code spans and code blocks that cannot be broken out of.

Text inside stays as it is, but for three things that programs read even there: a copied marker of
ours, a call of a bot by name, and a command alone on a line.
"""

import re
from typing import Final

from github.sanitise.characters import visible

LANGUAGES: Final = frozenset(
    re.findall(
        r"\w+",
        """bash c clojure cmake console cpp cs csharp css dart diff dockerfile elixir erlang fsharp
        go graphql groovy haskell hcl html http ini java javascript js json jsonc jsx
        julia kotlin kt less lua make makefile nginx nix objc ocaml perl php powershell
        proto protobuf py python r rb ruby rs rust scala scss sh shell sql svelte swift
        terraform text toml ts tsx txt typescript vue xml yaml yml zig zsh""",
    )
)
"""Only highlighted, never drawn or applied as mermaid, math, geojson or suggestion are."""
_MARKER: Final = re.compile(r"<!--(?=\s*argus:)", re.IGNORECASE)
_BOT: Final = re.compile(
    r"@(?=argus|dependabot|renovate|claude|codex|copilot|coderabbit|cursor|gemini|devin|greptile"
    r"|openhands|sweep|sourcery|pr-agent|qodo|mergify|bors|github-actions)",
    re.IGNORECASE,
)
"""Bots that search the raw text of comments for their name."""
_COMMAND: Final = re.compile(r"(?m)^(\s*/)(?=[A-Za-z][\w-]*(?:\s|$))")
_FENCE: Final = 3


def span(text: str) -> str:
    """Return the text as one code span on one line; empty when nothing is visible in it."""
    text = calm(" ".join(visible(text).split("\n")).replace("\t", " ")).strip()
    if not text:
        return ""
    ticks = "`" * (_longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def block(text: str, language: str = "") -> str:
    """Return the text as a closed code block; unknown languages are dropped."""
    text = _COMMAND.sub(r"\1 ", calm(visible(text))).rstrip()
    ticks = "`" * max(_FENCE, _longest_run(text) + 1)
    word = language.strip().split(" ")[0].lower()
    return f"{ticks}{word if word in LANGUAGES else ''}\n{text}\n{ticks}"


def calm(text: str) -> str:
    """Break copied markers and calls of bots, which are read from the raw text."""
    return _BOT.sub("@ ", _MARKER.sub("<! --", text))


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
