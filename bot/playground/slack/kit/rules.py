"""Rules of which a schema is made; each looks at one value and reports what is wrong with it.

Nothing here knows a block. The words and the pointers are those of Slack's own messages.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit


class Faults:
    """Gathers what is wrong, in the order it is found."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def add(self, words: str, at: str) -> None:
        """Report a fault at a JSON pointer."""
        self.messages.append(f"{words} [json-pointer:{at}]")


Rule = Callable[[Any, str, Faults], None]


def text(most: int, least: int = 1) -> Rule:
    """Allow a string of so many characters."""

    def check(value: Any, at: str, faults: Faults) -> None:
        if not isinstance(value, str):
            faults.add("must be a string", at)
        elif len(value) > most:
            faults.add(f"must be less than {most + 1} characters", at)
        elif len(value) < least:
            faults.add(f"must be more than {least - 1} characters", at)

    return check


def url(most: int) -> Rule:
    """Allow an address of the web."""
    limited = text(most)

    def check(value: Any, at: str, faults: Faults) -> None:
        limited(value, at, faults)
        if isinstance(value, str) and not _is_web(value):
            faults.add("invalid url", at)

    return check


def choice(*values: str) -> Rule:
    """Allow one of a few words."""

    def check(value: Any, at: str, faults: Faults) -> None:
        if value not in values:
            faults.add(f"must be one of: {', '.join(values)}", at)

    return check


def boolean(value: Any, at: str, faults: Faults) -> None:
    """Allow true or false."""
    if not isinstance(value, bool):
        faults.add("must be a boolean", at)


def many(rule: Rule, most: int, least: int = 1) -> Rule:
    """Allow a list of so many items."""

    def check(value: Any, at: str, faults: Faults) -> None:
        if not isinstance(value, list):
            faults.add("must be an array", at)
            return
        if len(value) > most:
            faults.add(f"no more than {most} items allowed", at)
        if len(value) < least:
            faults.add(f"no fewer than {least} items allowed", at)
        for index, item in enumerate(value):
            rule(item, f"{at}/{index}", faults)

    return check


def shape(required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None) -> Rule:
    """Allow an object with these properties and no others; its `type` is checked by `typed`."""
    known = {**required, **(optional or {})}

    def check(value: Any, at: str, faults: Faults) -> None:
        if not isinstance(value, dict):
            faults.add("must be an object", at)
            return
        for name in required:
            if name not in value:
                faults.add(f"missing required field: {name}", at)
        for name, part in value.items():
            if name in known:
                known[name](part, f"{at}/{name}", faults)
            elif name != "type":
                faults.add(f"invalid additional property: {name}", at)

    return check


def untyped(rule: Rule) -> Rule:
    """Allow an object that has no `type`, such as an option."""

    def check(value: Any, at: str, faults: Faults) -> None:
        if isinstance(value, dict) and "type" in value:
            faults.add("invalid additional property: type", at)
        rule(value, at, faults)

    return check


def typed(**kinds: Rule) -> Rule:
    """Allow an object whose `type` is one of these, and check it by that."""

    def check(value: Any, at: str, faults: Faults) -> None:
        if not isinstance(value, dict):
            faults.add("must be an object", at)
        elif "type" not in value:
            faults.add("missing required field: type", at)
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            faults.add(f"unsupported type: {value['type']}", f"{at}/type")
        else:
            kinds[value["type"]](value, at, faults)

    return check


def either(first: str, second: str, rule: Rule) -> Rule:
    """Require one of two properties besides another rule."""

    def check(value: Any, at: str, faults: Faults) -> None:
        if isinstance(value, dict) and first not in value and second not in value:
            faults.add(f"must define either `{first}` or `{second}`", at)
        rule(value, at, faults)

    return check


def _is_web(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    clean = value.isprintable() and " " not in value
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and clean
