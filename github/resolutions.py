"""Tells which threads on lines people resolved, and whether these lines changed since.

It only reads; resolving is `github.threads`'. What a machine resolved is nobody's word.
https://docs.github.com/graphql/reference/objects#pullrequestreviewthread
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.models import PullRequestRef
from github.client import GitHubClient
from github.identity import BOT_SUFFIX, Identity
from github.threads import MOST_THREADS, only_comment, review_threads

RESOLUTIONS: Final = f"""query($owner: String!, $repo: String!, $number: Int!) {{
  repository(owner: $owner, name: $repo) {{ pullRequest(number: $number) {{
    reviewThreads(last: {MOST_THREADS}) {{ nodes {{
      isResolved isOutdated resolvedBy {{ login }}
      first: comments(first: 1) {{ nodes {{ databaseId }} }}
    }} }}
  }} }}
}}"""


@dataclass(frozen=True, slots=True)
class Resolution:
    """A person's resolving of a thread."""

    changed: bool
    """GitHub calls the thread outdated: its lines are not what they were."""


async def resolutions(
    client: GitHubClient, ref: PullRequestRef, identity: Identity
) -> Mapping[int, Resolution]:
    """Return what people resolved of the latest threads, by the comments that began them.

    Raises PermanentError, TransientError.
    """
    threads = await review_threads(client, ref, RESOLUTIONS)
    return {
        number: Resolution(changed=thread.get("isOutdated") is True)
        for thread in threads
        if thread.get("isResolved") is True and _by_person(thread.get("resolvedBy"), identity)
        if isinstance(number := only_comment(thread, "first").get("databaseId"), int)
    }


def _by_person(user: Any, identity: Identity) -> bool:
    """Tell whether it was a person; GraphQL names an App's account with or without its suffix."""
    login = str(user.get("login") or "") if isinstance(user, dict) else ""
    ours = (identity.slug or "").lower()
    return bool(login) and not login.endswith(BOT_SUFFIX) and login.lower() != ours
