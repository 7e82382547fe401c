"""What people are told about their GitHub account: how to link it, that it is linked, or gone.

Meant for one person's eyes; whoever sends these whispers them.
"""

from slack_sdk.models.blocks import ActionsBlock, ButtonElement

from slack.blocks.message import Message, message
from slack.blocks.words import code, context, section

LOGIN = 60
"""Characters of a login; GitHub's own have at most 39, and more where a company makes them."""


def invitation(url: str, minutes: int, login: str | None, *, entered: bool = False) -> Message:
    """Return the way to link an account.

    `login` is whom Argus takes the person for already, `entered` by whoever runs it.
    """
    title, purpose = _purpose(login, entered=entered)
    button = ButtonElement(
        text="Sign in with GitHub", url=url, action_id="open_connect", style="primary"
    )
    return message(
        f"{title} {purpose} The way in is open for {minutes} minutes.",
        [
            section(f"🔗 *{title}*\n{purpose}"),
            ActionsBlock(elements=[button]),
            context(f"For you alone; open for {minutes} minutes. `/argus disconnect` undoes it."),
        ],
        url=url,
    )


def _purpose(login: str | None, *, entered: bool) -> tuple[str, str]:
    """Return what signing in is good for, by what is known of the person."""
    if login is None:
        return (
            "Link your GitHub account.",
            "Argus then shows you the private repositories that GitHub shows you, and no others.",
        )
    if entered:
        why = (
            "Whoever runs Argus entered that, and you see what this account may see. Sign in only"
            " if it is not yours, or to have GitHub asked as you: your own link counts first."
        )
        return f"Argus knows you as {_login(login)}.", why
    return (
        f"Your GitHub account is linked: you are {_login(login)}.",
        "Sign in again to link another account, or to renew this link.",
    )


def connected(login: str) -> Message:
    """Return that an account is linked now."""
    named = _login(login)
    return message(
        f"Your GitHub account is linked: you are {named}.",
        [
            section(f"✅ *Linked.* You are {named} on GitHub."),
            context("`/argus review owner/repo#12` now reads what GitHub shows you."),
        ],
    )


def disconnected(login: str, *, revoked: bool) -> Message:
    """Return that the link is gone, and what is left to do where GitHub was away."""
    rest = (
        "GitHub was told as well: what Argus held is worth nothing any more."
        if revoked
        else "GitHub could not be told: revoke Argus in your settings there, under Applications."
    )
    said = f"Argus forgot that you are {_login(login)} on GitHub."
    return message(f"{said} {rest}", [section(f"*{said}*\n{rest}")])


def nothing_to_forget(login: str | None) -> Message:
    """Return that no link is there; `login` is the account that the operator's file names."""
    if login is None:
        said = "No GitHub account of yours is linked."
        return message(said, [section(f"{said}\n`/argus connect` links one.")])
    said = f"Whoever runs Argus entered that you are {_login(login)} on GitHub."
    rest = "Ask them to take the entry out; there is nothing else to forget."
    return message(f"{said} {rest}", [section(f"{said}\n{rest}")])


def _login(login: str) -> str:
    return code(f"@{login}", LOGIN)
