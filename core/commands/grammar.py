"""Reads one line of words into a command; unknown words get a did-you-mean."""

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Final, Literal

from core.commands.references import parse_pull_request, parse_repository
from core.commands.values import (
    ARGUMENTS,
    Ask,
    Command,
    Ignore,
    Mute,
    Pause,
    Plain,
    Resume,
    Review,
    Status,
    Subscribe,
    Unsubscribe,
    Verb,
)
from core.errors import UserError
from core.models import DismissalScope, PullRequestRef, Severity

MOST_CHARACTERS: Final = 4_000
"""Of one command; more is no command."""
SHOWN_CHARACTERS: Final = 40
"""Of a word that is repeated to the person who typed it."""
_WORD: Final = re.compile(r"<[^<>]*>[^\s<>]*|\S+")
"""A word, or an address in Slack's brackets, whose label may hold spaces, and what clings to it."""
_DURATION: Final = re.compile(r"([1-9][0-9]{0,3})\s?([mhdw])[a-z]*", re.ASCII | re.IGNORECASE)
_SECONDS: Final = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_REVIEW_WORDS: Final = ("full", "focus")
_SCOPES: Final[dict[str, DismissalScope]] = {
    "all": DismissalScope.PULL_REQUEST,
    "rule": DismissalScope.RULE,
}
_FILTERS: Final = ("min", "branch", "label")
_MINIMUMS: Final[dict[str, Literal[Severity.IMPORTANT, Severity.NIT]]] = {
    "important": Severity.IMPORTANT,
    "nit": Severity.NIT,
}


def parse(text: str, *, web_url: str) -> Command:
    """Return the command that a person typed behind Argus' name. Raises UserError."""
    if len(text) > MOST_CHARACTERS:
        raise UserError(
            "That is too long for a command.",
            next_step=f"Keep it below {MOST_CHARACTERS:,} characters.",
        )
    words = _WORD.findall(text)
    if not words:
        return Plain(Verb.HELP)
    verb = _verb(words[0], web_url)
    rest = text.lstrip()[len(words[0]) :].strip()
    read = _READERS.get(verb)
    return read(rest, web_url) if read else _alone(verb, rest)


def _verb(word: str, web_url: str) -> Verb:
    try:
        return Verb(word.lower())
    except ValueError:
        pass
    if _names_pull_request(word, web_url):
        raise UserError(
            "That pull request came without a command.", next_step="Put `review` before it."
        )
    raise _unknown(word, Verb, otherwise="`help` lists what Argus understands.")


def _review(rest: str, web_url: str) -> Review:
    """Read `[<pr>] [full] [focus …]`; everything behind `focus` belongs to it."""
    ref: PullRequestRef | None = None
    full = False
    for word in _WORD.finditer(rest):
        match word[0].lower().rstrip(":"):
            case "focus":
                focus = " ".join(rest[word.end() :].split())
                if not focus:
                    raise UserError(
                        "`focus` says nothing yet.",
                        next_step="Put what to look at behind it: `focus error handling`.",
                    )
                return Review(ref, full, focus)
            case "full":
                full = True
            case other if ref is not None or _misspells(other, _REVIEW_WORDS):
                raise _unknown(word[0], _REVIEW_WORDS, otherwise=_usage(Verb.REVIEW))
            case _:
                ref = parse_pull_request(word[0], web_url=web_url)
    return Review(ref, full)


def _status(rest: str, web_url: str) -> Status:
    return Status(_only(Verb.STATUS, rest, web_url))


def _pause(rest: str, web_url: str) -> Pause:
    return Pause(_only(Verb.PAUSE, rest, web_url))


def _resume(rest: str, web_url: str) -> Resume:
    return Resume(_only(Verb.RESUME, rest, web_url))


def _only(verb: Verb, rest: str, web_url: str) -> PullRequestRef | None:
    """Read one pull request or nothing."""
    words = _WORD.findall(rest)
    if len(words) > 1:
        raise UserError(f"`{verb}` takes one pull request.", next_step=_usage(verb))
    return parse_pull_request(words[0], web_url=web_url) if words else None


def _ignore(rest: str, _: str) -> Ignore:
    """Read `[all|rule] [because …]`; a reason may also stand alone."""
    first, _, behind = rest.partition(" ")
    scope = _SCOPES.get(first.lower().rstrip(":,"))
    reason = behind.strip() if scope else rest
    if reason.lower().startswith("because "):
        reason = reason[len("because ") :].strip()
    return Ignore(scope or DismissalScope.FINDING, reason)


def _ask(rest: str, web_url: str) -> Ask:
    """Read `[<pr>] …`."""
    ref: PullRequestRef | None = None
    words = _WORD.match(rest)
    if words and _names_pull_request(words[0], web_url):
        ref = parse_pull_request(words[0], web_url=web_url)
        rest = rest[words.end() :].strip()
    if not rest:
        raise UserError(
            "`ask` came without a question.",
            next_step="Put it behind: `ask why is the lock taken twice?`",
        )
    return Ask(rest, ref)


def _subscribe(rest: str, web_url: str) -> Subscribe:
    """Read `owner/repo` and filters in any order."""
    words = _WORD.findall(rest)
    if not words:
        raise UserError("`subscribe` came without a repository.", next_step=_usage(Verb.SUBSCRIBE))
    repository = parse_repository(words[0], web_url=web_url)
    filters: dict[str, str] = {}
    for word in words[1:]:
        key, colon, value = word.partition(":")
        key = key.lower()
        if key not in _FILTERS:
            raise _unknown(key, _FILTERS, otherwise=_usage(Verb.SUBSCRIBE))
        if not (colon and value) or key in filters:
            raise UserError(f"`{key}` needs one value.", next_step=_usage(Verb.SUBSCRIBE))
        filters[key] = value
    minimum = filters.get("min", "").lower()
    if minimum and minimum not in _MINIMUMS:
        raise _unknown(minimum, _MINIMUMS, otherwise="`min` is `important` or `nit`.")
    branch, label = filters.get("branch", ""), filters.get("label", "")
    return Subscribe(repository, _MINIMUMS.get(minimum), branch, label)


def _unsubscribe(rest: str, web_url: str) -> Unsubscribe:
    return Unsubscribe(parse_repository(rest, web_url=web_url) if rest else None)


def _mute(rest: str, web_url: str) -> Mute:
    """Read `<pr|owner/repo> [for 2h]`."""
    words = _WORD.findall(rest)
    if not words:
        raise UserError("`mute` does not say what.", next_step=_usage(Verb.MUTE))
    if _names_pull_request(words[0], web_url):
        target: Mute = Mute(parse_pull_request(words[0], web_url=web_url))
    else:
        target = Mute(parse_repository(words[0], web_url=web_url))
    if len(words) == 1:
        return target
    duration = _DURATION.fullmatch(" ".join(words[2:])) if words[1].lower() == "for" else None
    if duration is None:
        raise UserError(
            "That is no time Argus understands.", next_step="Say `for 30m`, `for 2h` or `for 3d`."
        )
    return Mute(target.target, int(duration[1]) * _SECONDS[duration[2].lower()])


def _alone(verb: Verb, rest: str) -> Plain:
    """Take a verb without arguments; `help` forgives a topic."""
    if rest and verb is not Verb.HELP:
        raise UserError(f"`{verb}` stands alone.", next_step=f"Send just `{verb}`.")
    return Plain(verb)


def _names_pull_request(word: str, web_url: str) -> bool:
    try:
        parse_pull_request(word, web_url=web_url)
    except UserError:
        return False
    return True


def _usage(verb: Verb) -> str:
    return f"Use `{verb} {ARGUMENTS[verb]}`."


def _close(word: str, known: Iterable[str]) -> str:
    return next(iter(get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)), "")


def _misspells(word: str, known: Iterable[str]) -> bool:
    """Tell whether a word without a slash, so no name of anything, is nearly a known one."""
    return "/" not in word and bool(_close(word, known))


def _unknown(word: str, known: Iterable[str], *, otherwise: str) -> UserError:
    """Repeat the word without what could format or link, and offer the nearest one."""
    shown = "".join(c for c in word if c.isprintable() and c not in "`<>&@|*_~")[:SHOWN_CHARACTERS]
    what = f"Argus does not know “{shown}”." if shown else "Argus does not know that word."
    close = _close(word, known)
    return UserError(what, next_step=f"Did you mean `{close}`?" if close else otherwise)


_READERS: Final[dict[Verb, Callable[[str, str], Command]]] = {
    Verb.REVIEW: _review,
    Verb.STATUS: _status,
    Verb.PAUSE: _pause,
    Verb.RESUME: _resume,
    Verb.IGNORE: _ignore,
    Verb.ASK: _ask,
    Verb.SUBSCRIBE: _subscribe,
    Verb.UNSUBSCRIBE: _unsubscribe,
    Verb.MUTE: _mute,
}
"""Who reads what follows a verb, given GitHub's address too; the others stand alone."""
