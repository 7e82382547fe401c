"""Reads one line of words into a command; unknown words get a did-you-mean."""

from collections.abc import Callable, Sequence
from typing import Final

from core.commands.channels import read_mute, read_subscribe, read_unsubscribe
from core.commands.references import parse_pull_request, parse_repository
from core.commands.values import (
    Ask,
    Command,
    Ignore,
    Pause,
    Plain,
    Resume,
    Review,
    ShowConfiguration,
    Status,
    Verb,
)
from core.commands.wording import WORD, misspells, names_pull_request, unknown, usage
from core.errors import UserError
from core.models import DismissalScope, PullRequestRef

MOST_CHARACTERS: Final = 4_000
"""Of one command; more is no command."""
_REVIEW_WORDS: Final = ("full", "focus")
_HELP: Final = "`help` lists what Argus understands."
_OTHER_WORDS: Final = {
    "unmute": "mute … off",
    "unpause": "resume",
    "continue": "resume",
    "stop": "pause",
    "dismiss": "ignore",
    "undo": "ignore off",
    "undismiss": "ignore off",
    "unignore": "ignore off",
    "follow": "subscribe",
    "unfollow": "unsubscribe",
    "rereview": "review",
    "login": "connect",
    "link": "connect",
    "logout": "disconnect",
    "unlink": "disconnect",
    "settings": "configuration",
}
"""What other tools call the same."""
_POLITE: Final = frozenset({"please", "pls", "can", "could", "would", "hey", "hi", "hello"})
_LATEST_VERB: Final = 6
"""Words among which the verb is looked for behind these: `can you please review`."""
_OFF: Final = frozenset({"off", "undo"})
"""What takes a word back; nobody gives it as a reason."""
_SCOPES: Final[dict[str, DismissalScope]] = {
    "all": DismissalScope.PULL_REQUEST,
    "rule": DismissalScope.RULE,
}


def parse(text: str, *, web_url: str) -> Command:
    """Return the command that a person typed behind Argus' name. Raises UserError."""
    if len(text) > MOST_CHARACTERS:
        raise UserError(
            "That is too long for a command.",
            next_step=f"Keep it below {MOST_CHARACTERS:,} characters.",
        )
    words = WORD.findall(text)
    if not words:
        return Plain(Verb.HELP)
    verb = _verb(words, web_url)
    rest = text.lstrip()[len(words[0]) :].strip()
    read = _READERS.get(verb)
    return read(rest, web_url) if read else _alone(verb, rest)


def _verb(words: Sequence[str], web_url: str) -> Verb:
    try:
        return Verb(words[0].lower())
    except ValueError:
        pass
    if names_pull_request(words[0], web_url):
        raise UserError(
            "That pull request came without a command.", next_step="Put `review` before it."
        )
    if meant := _in_other_words(words):
        raise unknown(words[0], (), otherwise=meant)
    raise unknown(words[0], Verb, otherwise=_HELP)


def _in_other_words(words: Sequence[str]) -> str:
    """Return what is meant by a word of other tools, or after polite ones; else nothing."""
    first = words[0].lower()
    if other := _OTHER_WORDS.get(first):
        return f"Did you mean `{other}`?"
    if first.rstrip(",") not in _POLITE:
        return ""
    verbs = set(map(str, Verb))
    later = next((word.lower() for word in words[1:_LATEST_VERB] if word.lower() in verbs), "")
    return f"Begin with `{later}`: the first word is the command." if later else _HELP


def _review(rest: str, web_url: str) -> Review:
    """Read `[<pr>] [full] [focus …]`; everything behind `focus` belongs to it."""
    ref: PullRequestRef | None = None
    full = False
    for word in WORD.finditer(rest):
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
            case other if ref is not None or misspells(other, _REVIEW_WORDS):
                raise unknown(word[0], _REVIEW_WORDS, otherwise=usage(Verb.REVIEW))
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
    words = WORD.findall(rest)
    if len(words) > 1:
        raise UserError(f"`{verb}` takes one pull request.", next_step=usage(verb))
    return parse_pull_request(words[0], web_url=web_url) if words else None


def _ignore(rest: str, _: str) -> Ignore:
    """Read `[all|rule] [because …, or off]`; a reason may also stand alone.

    A reason may begin with any word, so `all`, `rule` and `off` count only where nothing follows
    that would make them part of a sentence.
    """
    first, behind = _first_word(rest)
    scope = _SCOPES.get(first)
    if scope is None or not (behind == "" or _takes_back(behind) or _gives_reason(behind)):
        scope, behind = None, rest
    if _takes_back(behind):
        return Ignore(scope or DismissalScope.FINDING, off=True)
    reason = _first_word(behind)[1] if _gives_reason(behind) else behind
    return Ignore(scope or DismissalScope.FINDING, reason)


def _takes_back(text: str) -> bool:
    """Tell `off`, `off, sorry` and `off because …` from `off by one is meant`."""
    first, behind = _first_word(text)
    ends = not behind or text.split(maxsplit=1)[0][-1] in ",.!:;" or _gives_reason(behind)
    return first in _OFF and ends


def _gives_reason(text: str) -> bool:
    return _first_word(text)[0] == "because"


def _first_word(text: str) -> tuple[str, str]:
    """Return the first word, bare and in lower case, and what stands behind it."""
    first, _, behind = text.partition(" ")
    return first.lower().rstrip(",.!:;"), behind.strip()


def _ask(rest: str, web_url: str) -> Ask:
    """Read `[<pr>] …`."""
    ref: PullRequestRef | None = None
    words = WORD.match(rest)
    if words and names_pull_request(words[0], web_url):
        ref = parse_pull_request(words[0], web_url=web_url)
        rest = rest[words.end() :].strip()
    if not rest:
        raise UserError(
            "`ask` came without a question.",
            next_step="Put it behind: `ask why is the lock taken twice?`",
        )
    return Ask(rest, ref)


def _alone(verb: Verb, rest: str) -> Plain:
    """Take a verb without arguments; `help` forgives a topic."""
    if rest and verb is not Verb.HELP:
        raise UserError(f"`{verb}` stands alone.", next_step=f"Send just `{verb}`.")
    return Plain(verb)


def _configuration(rest: str, web_url: str) -> Command:
    """Read a pull request, a repository, or nothing."""
    words = WORD.findall(rest)
    if not words:
        return Plain(Verb.CONFIGURATION)
    if len(words) > 1:
        raise UserError(
            "`configuration` takes one pull request or repository.",
            next_step=usage(Verb.CONFIGURATION),
        )
    if names_pull_request(words[0], web_url):
        return ShowConfiguration(parse_pull_request(words[0], web_url=web_url))
    return ShowConfiguration(parse_repository(words[0], web_url=web_url))


_READERS: Final[dict[Verb, Callable[[str, str], Command]]] = {
    Verb.REVIEW: _review,
    Verb.STATUS: _status,
    Verb.PAUSE: _pause,
    Verb.RESUME: _resume,
    Verb.IGNORE: _ignore,
    Verb.ASK: _ask,
    Verb.CONFIGURATION: _configuration,
    Verb.SUBSCRIBE: read_subscribe,
    Verb.UNSUBSCRIBE: read_unsubscribe,
    Verb.MUTE: read_mute,
}
"""Who reads what follows a verb, given GitHub's address too; the others stand alone."""
