"""Names of pull requests and repositories as people paste them, read and never fetched.

An address counts only when it stands on the configured GitHub, character by character: whoever
types it must not choose the host that Argus talks to.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from core.commands.values import RepositoryRef
from core.errors import UserError
from core.models import PullRequestRef

MOST_CHARACTERS: Final = 2_000
"""Of one address; browsers stop not far above."""
_OWNER: Final = r"(?P<owner>[A-Za-z0-9][A-Za-z0-9_-]{0,99})"
"""Managed users carry an underscore in their name."""
_REPO: Final = r"(?P<repo>(?!\.{1,2}(?:[/#?]|$))[A-Za-z0-9_.-]{1,100}?)"
_NUMBER: Final = r"(?P<number>[1-9][0-9]{0,8})"
_WITHIN: Final = r"(?:/[A-Za-z0-9_-]{1,80}){0,3}(?:\.\.[0-9a-f]{4,64})?/?"
"""A page of the pull request, such as `/files`, `/commits/<sha>` or `/files/<sha>..<sha>`."""
_REST: Final = r"(?:\?[!-~]*)?"
"""A query; the fragment is cut off before."""
_WRAPPED: Final = re.compile(r"<([^<>|]*)(?:\|[^<>]*)?>")
"""How Slack sends an address. https://docs.slack.dev/messaging/formatting-message-text"""
_AROUND: Final = "\"'`()[]“”„‘’«»"
_BEHIND: Final = ".,;:!?…"
_UNSEEN: Final = " \u00a0\u200b\u200c\u200d\u2060\ufeff"
"""Blanks, and what copying from pages and chats leaves at the ends; within a name it counts."""
_STYLED: Final = re.compile(r"([*_~])(.+)\1", re.DOTALL)
"""Bold, italic or struck; only what stands on both sides is no part of the name."""
_DEEPEST: Final = 4
"""Layers of wrapping that are taken off."""


def parse_pull_request(text: str, *, web_url: str) -> PullRequestRef:
    """Return the pull request that an address or `owner/repo#12` names. Raises UserError."""
    text = unwrapped(text)
    short = re.fullmatch(f"{_OWNER}/{_REPO}#{_NUMBER}", text, re.ASCII)
    found = short or _on(web_url, f"/{_OWNER}/{_REPO}/pull/{_NUMBER}{_WITHIN}{_REST}", text)
    if found is None:
        raise _unreadable(text, web_url)
    number = int(found["number"])
    return PullRequestRef(owner=found["owner"], repo=found["repo"], number=number)


def parse_repository(text: str, *, web_url: str) -> RepositoryRef:
    """Return the repository that `owner/repo` or its address names. Raises UserError."""
    text = unwrapped(text)
    short = re.fullmatch(f"{_OWNER}/{_REPO}", text, re.ASCII)
    found = short or _on(web_url, rf"/{_OWNER}/{_REPO}(?:\.git)?/?{_REST}", text)
    if found is None:
        raise UserError(
            "That is not a repository Argus can name.", next_step="Use `owner/repo`, please."
        )
    return RepositoryRef(owner=found["owner"], repo=found["repo"])


def unwrapped(text: str) -> str:
    """Return what stands inside brackets, quotes and punctuation that people put around it."""
    for _ in range(_DEEPEST):
        bare = text.strip(_UNSEEN).strip(_AROUND).rstrip(_BEHIND)
        if styled := _STYLED.fullmatch(bare):
            bare = styled[2]
        if wrapped := _WRAPPED.fullmatch(bare):
            bare = wrapped[1]
        if bare == text:
            break
        text = bare
    return text


def _on(web_url: str, path: str, text: str) -> re.Match[str] | None:
    """Match an address of the configured GitHub, with its scheme or without any."""
    if len(text) > MOST_CHARACTERS:
        return None
    home = urlsplit(web_url)
    before = f"(?:{home.scheme}://)?{re.escape(home.netloc)}"
    address, hash_, fragment = text.partition("#")
    if hash_ and not re.fullmatch(r"[!-~]*", fragment, re.ASCII):
        return None
    scheme_and_host = re.match(before + "(?=/)", address, re.ASCII | re.IGNORECASE)
    if scheme_and_host is None:
        return None
    rest = address[scheme_and_host.end() :]
    return re.fullmatch(re.escape(home.path.rstrip("/")) + path, rest, re.ASCII)


def _unreadable(text: str, web_url: str) -> UserError:
    """Say why it is no pull request, without repeating an address nobody should follow."""
    home = urlsplit(web_url)
    next_step = (
        f"Use its address, such as {web_url.rstrip('/')}/owner/repo/pull/12, or `owner/repo#12`."
    )
    scheme, marked, behind = text.lower().partition("://")
    if not marked or f"{scheme}://{behind}".startswith(f"{home.scheme}://{home.netloc}/"):
        return UserError("That is not a pull request Argus can name.", next_step=next_step)
    if behind.partition("/")[0] == home.netloc:
        why = f"It does not begin with {home.scheme}://, as every address of {home.netloc} does."
        what = "That address is not written as GitHub writes it."
        return UserError(what, why=why, next_step=next_step)
    return UserError(
        "That address is somewhere else.",
        why=f"Argus reviews pull requests of {home.netloc} only.",
        next_step=next_step,
    )
