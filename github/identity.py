"""Tells whether Argus itself wrote something on GitHub.

The author check stands beside the marker's HMAC: the HMAC proves that the text was once ours,
this proves that our account posted it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

BOT_SUFFIX: Final = "[bot]"
"""Ends the login of an App's account; people's logins hold no brackets."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who Argus is on GitHub: an App, or the owner of a personal token."""

    app_id: str | None = None
    slug: str | None = None
    """The App's name in URLs; its account is called `<slug>[bot]`."""
    login: str | None = None
    """The account of a personal token, for the command line."""

    def wrote(
        self, user: Mapping[str, Any] | None, via_app: Mapping[str, Any] | None = None
    ) -> bool:
        """Tell whether an author, and the App it acted through, are Argus.

        `via_app` is GitHub's `performed_via_github_app`, which reviews do not carry. Without it
        and without a known slug any bot passes, and the marker's HMAC alone decides. The account
        may be null: deleted accounts are.
        """
        if via_app is not None and self.app_id is not None:
            return str(via_app.get("id")) == self.app_id
        if user is None or via_app is not None:
            return False
        if self.login is not None:
            return _same(user.get("login"), self.login)
        if self.slug is not None:
            return _same(user.get("login"), f"{self.slug}{BOT_SUFFIX}")
        return user.get("type") == "Bot" or str(user.get("login")).endswith(BOT_SUFFIX)


def _same(login: object, expected: str) -> bool:
    """Compare logins as GitHub does, without regard to case."""
    return isinstance(login, str) and login.lower() == expected.lower()
