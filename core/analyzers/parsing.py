"""Parses a file into its tree, unless its text would keep the parser busy for minutes.

Recovering from an error may take time that grows with the square of the text, and a parser
that has started cannot be stopped; so large files are looked at in small pieces first.
"""

import time
from collections.abc import Callable

from ast_grep_py import SgNode, SgRoot

SMALL = 32_000
"""Characters; the worst text of this size took 1.2 s."""
PIECE = 8_000
"""Characters; a piece of well-known projects parses in 0.006 s, with at most 105 errors."""
MOST_ERRORS = 200
"""In a piece; hostile text had 254 and more."""
MOST_SECONDS = 0.1
"""Of CPU, for a piece that is hard without an error in it."""


def parse(text: str, language: str, clock: Callable[[], float] = time.thread_time) -> SgNode | None:
    """Return the root of the tree; nothing when more than a small part of it is unreadable."""
    readable = text.encode("utf-8", "replace").decode()  # the parser takes no lone surrogates
    if len(readable) > SMALL:
        hard = 0
        for start in range(0, len(readable), PIECE):
            hard += _is_hard(readable[start : start + PIECE], language, clock)
            if hard * PIECE >= SMALL:
                return None
    return SgRoot(readable, language).root()


def _is_hard(piece: str, language: str, clock: Callable[[], float]) -> bool:
    started = clock()
    root = SgRoot(piece, language).root()
    if clock() - started > MOST_SECONDS:
        return True
    return len(root.find_all(kind="ERROR")) > MOST_ERRORS
