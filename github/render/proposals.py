"""How to be spared what people dismiss again and again, as it stands on GitHub.

The words and what to paste are `core.sparing`'s.
"""

from collections.abc import Sequence

from core.sparing import AGAIN_AND_AGAIN, Way, ways
from github.render.sections import folded, joined
from github.render.words import count
from github.sanitise import block


def proposed(rules: Sequence[str]) -> str:
    """Return what could be turned off and how, empty where there is nothing."""
    found = ways(rules)
    return joined(AGAIN_AND_AGAIN, _how(found)) if found else ""


def quietly_proposed(rules: Sequence[str]) -> str:
    """Return the same folded to one line."""
    found = ways(rules)
    if not found:
        return ""
    head = f"People here dismiss again and again what {count(len(rules), 'rule')} found"
    return folded(head, _how(found))


def _how(found: Sequence[Way]) -> str:
    listed = "\n".join(f"- {way.words}" for way in found if not way.pasted)
    pasted = [
        text for way in found if way.pasted for text in (way.words, block(way.pasted, "yaml"))
    ]
    return joined(listed, *pasted)
