"""What people wrote about a change beside its description: commit messages, issues it closes.

Bounded and optional: where GitHub does not tell, the review goes on without.
"""

import re
from typing import Any, Final

from core.errors import PermanentError, TransientError
from core.models import Background, LinkedIssue, PullRequest
from github.client import GitHubClient

MAX_COMMITS: Final = 50
MAX_MESSAGE: Final = 1_000
"""Characters of one commit's message."""
MAX_ISSUES: Final = 2
MAX_ISSUE: Final = 4_000
"""Characters of one issue's text."""

_CLOSES = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:#|GH-)(\d{1,9})\b", re.IGNORECASE
)
"""https://docs.github.com/issues/tracking-your-work-with-issues/linking-a-pull-request-to-an-issue"""


async def read_background(client: GitHubClient, repo: str, pull: PullRequest) -> Background:
    """Return commit messages and the issues of the same repository that are closed."""
    numbers = dict.fromkeys(_CLOSES.findall(pull.body[:50_000]))
    issues = [await _issue(client, repo, number) for number in list(numbers)[:MAX_ISSUES]]
    return Background(
        commits=await _commits(client, repo, pull),
        issues=tuple(issue for issue in issues if issue is not None),
    )


async def _commits(client: GitHubClient, repo: str, pull: PullRequest) -> tuple[str, ...]:
    if pull.commits == 1:  # GitHub makes the title and the description of it
        return ()
    path = f"{repo}/pulls/{pull.ref.number}/commits"
    try:
        rows = await client.get(path, params={"per_page": MAX_COMMITS})
    except (PermanentError, TransientError):
        return ()
    if not isinstance(rows, list):
        return ()
    messages = (row["commit"].get("message") for row in rows if _is_commit(row))
    return tuple(str(message).strip()[:MAX_MESSAGE] for message in messages if message)


def _is_commit(row: Any) -> bool:
    return isinstance(row, dict) and isinstance(row.get("commit"), dict)


async def _issue(client: GitHubClient, repo: str, number: str) -> LinkedIssue | None:
    """Return an issue, None where it is none, or not for us to see."""
    try:
        answer = await client.get(f"{repo}/issues/{number}")
    except (PermanentError, TransientError):
        return None
    if not isinstance(answer, dict) or "pull_request" in answer:
        return None
    title, body = str(answer.get("title") or ""), str(answer.get("body") or "")
    return LinkedIssue(int(number), title[:MAX_MESSAGE], body[:MAX_ISSUE])
