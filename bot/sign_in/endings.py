"""How signing in may end, and the words for it; a closed set, so that an address can name one."""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final


class Ending(StrEnum):
    """How it ended."""

    LINKED = "linked"
    """The account belongs to the person now."""
    DECLINED = "declined"
    """The person did not want it after all."""
    EXPIRED = "expired"
    """The address was used, has run out, or never was."""
    OTHER_BROWSER = "other-browser"
    """It began elsewhere, or cookies are off."""
    REFUSED = "refused"
    """GitHub does not take the code it gave."""
    MISCONFIGURED = "misconfigured"
    """GitHub does not take Argus' own credentials or address."""
    AWAY = "away"
    """GitHub or Redis does not answer."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the page says."""

    title: str
    what: str
    next_step: str
    status: HTTPStatus = HTTPStatus.BAD_REQUEST


AGAIN: Final = "Open the link from Slack again, or type /argus connect there for a new one."
WORDS: Final = {
    Ending.LINKED: Words(
        "Linked",
        "Your GitHub account is linked, and Argus told you so in Slack.",
        "You can close this page.",
        HTTPStatus.OK,
    ),
    Ending.DECLINED: Words(
        "Nothing was linked",
        "You declined, so Argus forgot what GitHub told it.",
        "Type /argus connect in Slack if you change your mind.",
        HTTPStatus.OK,
    ),
    Ending.EXPIRED: Words(
        "This link is over",
        "It was used already, or its ten minutes have run out.",
        "Type /argus connect in Slack for a new one.",
    ),
    Ending.OTHER_BROWSER: Words(
        "This sign-in began elsewhere",
        "It has to begin and end in one browser, with cookies allowed.",
        AGAIN,
    ),
    Ending.REFUSED: Words(
        "GitHub did not confirm the sign-in",
        "It does not take the code it sent, perhaps because that was used or is too old.",
        AGAIN,
    ),
    Ending.MISCONFIGURED: Words(
        "Argus is not set up for this",
        "GitHub does not take its client id, its secret or its address.",
        "Tell whoever runs Argus: the App's callback URL has to be PUBLIC_URL followed by "
        "/auth/github/callback.",
    ),
    Ending.AWAY: Words(
        "That did not work just now",
        "GitHub, or something else Argus needs, does not answer.",
        "Open the link from Slack again in a minute.",
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
}


class Ended(Exception):
    """It ended here; `ending` says how."""

    def __init__(self, ending: Ending) -> None:
        self.ending = ending
        super().__init__(ending)
