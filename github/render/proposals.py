"""How to be spared what people dismiss again and again: proposed, never done by itself.

What is proposed is `core.feedback`'s; here are the words and what to paste.
"""

from collections.abc import Sequence
from typing import Final

from core.models import Category
from github.render.sections import folded, joined
from github.render.words import count
from github.sanitise import block, span

MOST_PROPOSED: Final = 10
FILE: Final = ".argus.yaml"
_MODEL: Final = "model:"
_STATIC: Final = "static:"


def proposed(rules: Sequence[str]) -> str:
    """Return what could be turned off and how, empty where there is nothing."""
    if not rules:
        return ""
    head = "People here dismiss again and again what these find. It can be turned off:"
    return joined(head, _how(rules))


def quietly_proposed(rules: Sequence[str]) -> str:
    """Return the same folded to one line."""
    if not rules:
        return ""
    head = f"People here dismiss again and again what {count(len(rules), 'rule')} found"
    return folded(head, _how(rules))


def _how(rules: Sequence[str]) -> str:
    static = [rule.removeprefix(_STATIC) for rule in rules if rule.startswith(_STATIC)]
    lines = [
        f"- {span(name)}: reply `/argus ignore rule` in the thread of one such finding, which sets"
        " all of them aside in this repository"
        for name in static[:MOST_PROPOSED]
    ]
    return joined("\n".join(lines), _without({r.removeprefix(_MODEL) for r in rules}))


def _without(names: set[str]) -> str:
    """Return the configuration that leaves categories of a model's findings out."""
    out = [category for category in Category if category in names]
    left = [category for category in Category if category not in names]
    if not out or not left:  # a list without any would turn all of them off
        return ""
    told = " and ".join(span(category) for category in out)
    pasted = block(f"review:\n  categories: [{', '.join(left)}]", "yaml")
    return joined(f"A model's findings about {told}: put into `{FILE}` on the base branch", pasted)
