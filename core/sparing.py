"""How a repository is spared what people there dismiss again and again, in words for everybody.

It is proposed and never done by itself. Which rules these are is `core.feedback`'s; what the words
look like is the front ends'.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.models import Category

AGAIN_AND_AGAIN: Final = (
    "People here dismiss again and again what these find. It can be turned off:"
)
MOST_RULES: Final = 10
FILE: Final = ".argus.yaml"
_MODEL: Final = "model:"
_STATIC: Final = "static:"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to hear no more of something."""

    words: str
    """A sentence; names and what is typed stand in backticks."""
    pasted: str = ""
    """YAML that the sentence speaks of."""


def ways(rules: Sequence[str]) -> tuple[Way, ...]:
    """Return what could be done about rules that people dismiss, empty where there is nothing."""
    static = [rule.removeprefix(_STATIC) for rule in rules if rule.startswith(_STATIC)]
    categories = {rule.removeprefix(_MODEL) for rule in rules if rule.startswith(_MODEL)}
    without = _without(categories)
    return (*map(_ignored, static[:MOST_RULES]), *([without] if without else ()))


def _ignored(rule: str) -> Way:
    return Way(
        f"{_code(rule)}: reply `/argus ignore rule` in the thread of one such finding on its pull"
        " request, which sets all of them aside in this repository"
    )


def _without(names: set[str]) -> Way | None:
    """Return the configuration that leaves categories of a model's findings out."""
    out = [category for category in Category if category in names]
    left = [category for category in Category if category not in names]
    if not out or not left:  # a list without any would turn all of them off
        return None
    told = " and ".join(_code(category) for category in out)
    return Way(
        f"A model's findings about {told}: put into {_code(FILE)} on the base branch",
        pasted=f"review:\n  categories: [{', '.join(left)}]",
    )


def _code(name: str) -> str:
    return f"`{' '.join(name.replace('`', '').split())}`"
