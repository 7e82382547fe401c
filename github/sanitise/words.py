"""Finds the words that GitHub or a bot would act on, and shows them as code or as links home.

A word is a run without white space; code is where GitHub leaves mentions, references, addresses
and formulas alone. https://docs.github.com/get-started/writing-on-github
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from github.sanitise.links import Home, defang
from github.sanitise.parts import Kind, Part

_RISKY: Final = re.compile(
    r"""@                                          # mentions, teams, e-mail, owner/repo@sha
    |\#(?:\d|$) | \bgh-(?:\d|$)                    # references to issues and pull requests
    |:// | www\. | (?:mailto|xmpp):\S               # autolinks
    |\b(?:data|javascript|vbscript):\S             # schemes
    |\$                                            # formulas
    |^/[a-z]                                       # commands
    |(?<![^\W_])(?=[a-f]*\d)[0-9a-f]{7,64}(?![^\W_]) | [0-9a-f]{40}    # commits
    |^__\w+__$                                     # __init__ is a name, not bold""",
    re.VERBOSE | re.IGNORECASE,
)
_PEEL: Final = re.compile(
    r"""(?P<before>[(\[{<"'“‘«,;:!?]*)(?P<core>.*?)(?P<after>[)\]}>"'”’»,;:!?.…]*)""",
    re.VERBOSE | re.DOTALL,
)


def settle(parts: Iterable[Part], home: Home, *, links: bool = True) -> Iterator[Part]:
    """Return the parts with each risky word of their text as code, or as a link home."""
    for part in parts:
        if part.kind is not Kind.TEXT:
            yield part
            continue
        for word in re.split(r"(\s+)", part.text):
            yield from _settled(word, home, links)


def _settled(word: str, home: Home, links: bool) -> Iterator[Part]:
    if not _RISKY.search(word):
        yield Part(Kind.TEXT, word)
        return
    peeled = _PEEL.fullmatch(word)
    assert peeled is not None, "every part of the pattern may be empty"
    before, core, after = peeled["before"], peeled["core"], peeled["after"]
    if not _RISKY.search(core):
        before, core, after = "", word, ""
    target = home.allowed(core) if links else None
    yield Part(Kind.TEXT, before)
    if target is None:
        yield Part(Kind.CODE, defang(core))
    else:
        yield Part(Kind.LINK, home.label(target), target)
    yield Part(Kind.TEXT, after)
