"""What the readers of commands share: words, usage, did-you-mean; no command is read here."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from core.commands.references import parse_pull_request
from core.commands.values import ARGUMENTS, Verb
from core.errors import UserError

SHOWN_CHARACTERS: Final = 40
"""Of a word that is repeated to the person who typed it."""
_QUOTED: Final = r'[A-Za-z]{1,20}:["“”„][^"“”„\n]{0,200}["“”](?!\S)'
WORD: Final = re.compile(rf"{_QUOTED}|[*_~]?<[^<>]*>[^\s<>]*|\S+")
"""A word; an address in Slack's brackets, whose label may hold spaces, and what clings to it; or
`label:"needs review"`, also in the quotes that keyboards make of those."""
SIMILAR: Final = 0.6
"""Similarity from which one word is taken for another, mistyped; `difflib`'s own measure."""


def names_pull_request(word: str, web_url: str) -> bool:
    """Tell whether a word is the name or the address of a pull request."""
    try:
        parse_pull_request(word, web_url=web_url)
    except UserError:
        return False
    return True


def usage(verb: Verb) -> str:
    """Return how a verb is used, as a sentence."""
    return f"Use `{verb} {ARGUMENTS[verb]}`."


def misspells(word: str, known: Iterable[str]) -> bool:
    """Tell whether a word without a slash, so no name of anything, is nearly a known one."""
    return "/" not in word and bool(_close(word, known))


def unquoted(value: str) -> str:
    """Return the value behind a `key:`, without its quotes."""
    return value.strip('"“”„').strip()


def unknown(word: str, known: Iterable[str], *, otherwise: str) -> UserError:
    """Repeat the word without what could format or link, and offer the nearest one."""
    shown = "".join(c for c in word if c.isprintable() and c not in "`<>&@|*_~")[:SHOWN_CHARACTERS]
    what = f"Argus does not know “{shown}”." if shown else "Argus does not know that word."
    close = _close(word, known)
    return UserError(what, next_step=f"Did you mean `{close}`?" if close else otherwise)


def _close(word: str, known: Iterable[str]) -> str:
    return next(iter(get_close_matches(word.lower(), list(known), n=1, cutoff=SIMILAR)), "")
