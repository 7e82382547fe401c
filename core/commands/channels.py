"""Reads what follows the verbs that are about a channel: what it is told of, and what it is spared.

Whether a channel can be told is decided where it is.
"""

import re
from typing import Final, Literal

from core.commands.references import parse_pull_request, parse_repository
from core.commands.values import (
    ByAuthor,
    ByBots,
    Mute,
    Quiet,
    Subscribe,
    Unsubscribe,
    Verb,
    WithLabel,
)
from core.commands.wording import (
    WORD,
    misspells,
    names_pull_request,
    unknown,
    unquoted,
    usage,
)
from core.errors import UserError
from core.models import Severity

_LABEL: Final = "label"
_FILTERS: Final = ("min", "branch", _LABEL)
_IN_QUOTES: Final = 'A label of several words stands in quotes: `label:"needs review"`.'
_MINIMUMS: Final[dict[str, Literal[Severity.IMPORTANT, Severity.NIT]]] = {
    "important": Severity.IMPORTANT,
    "nit": Severity.NIT,
}
_BOTS: Final = "bots"
_LOGIN: Final = re.compile(r"@([A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?)", re.ASCII)
"""A person or an App on GitHub; a mention of somebody in Slack is neither."""
_LONGEST_LABEL: Final = 50
"""Characters. https://docs.github.com/rest/issues/labels"""
_DURATION: Final = re.compile(
    r"([1-9][0-9]{0,3})\s?"
    r"(m|min|mins|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)",
    re.ASCII | re.IGNORECASE,
)
_SECONDS: Final = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def read_subscribe(rest: str, web_url: str) -> Subscribe:
    """Read `owner/repo` and filters in any order."""
    words = WORD.findall(rest)
    if not words:
        raise UserError("`subscribe` came without a repository.", next_step=usage(Verb.SUBSCRIBE))
    repository = parse_repository(words[0], web_url=web_url)
    filters: dict[str, str] = {}
    for word in words[1:]:
        key, colon, value = word.partition(":")
        key, value = key.lower(), unquoted(value)
        if key not in _FILTERS:
            otherwise = usage(Verb.SUBSCRIBE) if colon or _LABEL not in filters else _IN_QUOTES
            raise unknown(key, _FILTERS, otherwise=otherwise)
        if not (colon and value) or key in filters:
            raise UserError(f"`{key}` needs one value.", next_step=usage(Verb.SUBSCRIBE))
        filters[key] = value
    if _LABEL in filters:
        _require_label(filters[_LABEL], Verb.SUBSCRIBE)
    minimum = filters.get("min", "").lower()
    if minimum and minimum not in _MINIMUMS:
        raise unknown(minimum, _MINIMUMS, otherwise="`min` is `important` or `nit`.")
    branch, label = filters.get("branch", ""), filters.get(_LABEL, "")
    return Subscribe(repository, _MINIMUMS.get(minimum), branch, label)


def read_unsubscribe(rest: str, web_url: str) -> Unsubscribe:
    """Read `owner/repo` or nothing."""
    return Unsubscribe(parse_repository(rest, web_url=web_url) if rest else None)


def read_mute(rest: str, web_url: str) -> Mute:
    """Read what is to be quiet, and `for 2h`, `off`, or nothing."""
    words = WORD.findall(rest)
    if not words:
        raise UserError("`mute` does not say what.", next_step=usage(Verb.MUTE))
    target, behind = _quiet(words[0], web_url), words[1:]
    match [word.lower() for word in behind]:
        case []:
            return Mute(target)
        case ["off"]:
            return Mute(target, off=True)
        case ["for", *_]:
            return Mute(target, _seconds(" ".join(behind[1:])))
    if isinstance(target, WithLabel):
        raise UserError("That is no label, and no time, Argus understands.", next_step=_IN_QUOTES)
    raise _no_time()


def _quiet(word: str, web_url: str) -> Quiet:
    if names_pull_request(word, web_url):
        return parse_pull_request(word, web_url=web_url)
    key, colon, label = word.partition(":")
    if colon and key.lower() == _LABEL:
        return WithLabel(_require_label(unquoted(label), Verb.MUTE))
    if word.lower() == _BOTS:
        return ByBots()
    if author := _LOGIN.fullmatch(word):
        return ByAuthor(author[1])
    if misspells(word, (_BOTS,)):
        raise unknown(word, (_BOTS,), otherwise=usage(Verb.MUTE))
    return parse_repository(word, web_url=web_url)


def _require_label(label: str, verb: Verb) -> str:
    if not 0 < len(label) <= _LONGEST_LABEL:
        raise UserError("`label:` needs one label.", next_step=usage(verb))
    return label


def _seconds(text: str) -> int:
    duration = _DURATION.fullmatch(text)
    if duration is None:
        raise _no_time()
    return int(duration[1]) * _SECONDS[duration[2][0].lower()]


def _no_time() -> UserError:
    return UserError(
        "That is no time Argus understands.", next_step="Say `for 30m`, `for 2h` or `for 3d`."
    )
