"""Resolves the threads of findings that are settled, where GitHub lets the App do it.

Few installations grant that, and nothing depends on it: the comments say what became of their
findings. A thread in which somebody else wrote last is theirs to resolve.
https://docs.github.com/graphql/reference/objects#pullrequestreviewthread
"""

from collections.abc import Collection, Iterator
from typing import Any, Final

import structlog

from core.errors import PermanentError, TransientError
from core.models import Delivery, PullRequestRef
from github.client import GitHubClient
from github.repairs import GRAPHQL

MOST_THREADS: Final = 100
"""Of one pull request, the latest: as many as GitHub gives in one answer."""
AT_ONCE: Final = 10
"""Threads that are resolved in one go, so that reviews keep the pace of writes."""
THREADS: Final = f"""query($owner: String!, $repo: String!, $number: Int!) {{
  repository(owner: $owner, name: $repo) {{ pullRequest(number: $number) {{
    reviewThreads(last: {MOST_THREADS}) {{ nodes {{
      id isResolved viewerCanResolve
      first: comments(first: 1) {{ nodes {{ databaseId }} }}
      last: comments(last: 1) {{ nodes {{ viewerDidAuthor }} }}
    }} }}
  }} }}
}}"""
RESOLVE: Final = (
    "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"
)

log = structlog.get_logger(__name__)


class Threads:
    """Resolves threads; an installation that does not allow it is asked once by a process."""

    def __init__(self) -> None:
        self._without: set[int | None] = set()

    async def resolve(
        self, client: GitHubClient, delivery: Delivery, comments: Collection[int]
    ) -> None:
        """Resolve the threads that these comments began; what fails is left as it is."""
        if not comments or delivery.installation_id in self._without:
            return
        try:
            threads = await review_threads(client, delivery.ref, THREADS)
            _require_permission(threads)
            for id_ in list(_ours_to_resolve(threads, comments))[:AT_ONCE]:
                await _ask(client, RESOLVE, {"id": id_})
        except PermanentError as refused:
            self._without.add(delivery.installation_id)
            log.info("threads.not_resolved", reason=refused.reason, repo=delivery.ref.repository)
        except TransientError as failure:
            log.info("threads.not_resolved_now", reason=failure.reason)


async def review_threads(
    client: GitHubClient, ref: PullRequestRef, query: str
) -> list[dict[str, Any]]:
    """Return what a query tells of each thread. Raises PermanentError, TransientError."""
    data = await _ask(client, query, {"owner": ref.owner, "repo": ref.repo, "number": ref.number})
    try:
        nodes = data["repository"]["pullRequest"]["reviewThreads"]["nodes"]
        return [node for node in nodes if isinstance(node, dict)]
    except (KeyError, TypeError) as failure:
        raise PermanentError("GitHub described threads in an unknown form.") from failure


def only_comment(thread: dict[str, Any], end: str) -> dict[str, Any]:
    """Return the one comment at an end of a thread, an empty one where it cannot be read."""
    nodes = (thread.get(end) or {}).get("nodes") or [{}]
    return nodes[0] if isinstance(nodes[0], dict) else {}


def _require_permission(threads: list[dict[str, Any]]) -> None:
    """Raises PermanentError when there are open threads and the App may resolve none of them."""
    unresolved = [thread for thread in threads if _open(thread)]
    if unresolved and not any(thread.get("viewerCanResolve") for thread in unresolved):
        raise PermanentError("The App may not resolve threads on this installation.")


async def _ask(client: GitHubClient, query: str, variables: dict[str, Any]) -> Any:
    """Return the data of an answer. Raises PermanentError with GitHub's words."""
    answer = await client.post(GRAPHQL, {"query": query, "variables": variables})
    errors = answer.get("errors") if isinstance(answer, dict) else [{}]
    if errors:
        said = errors[0].get("message", "") if isinstance(errors[0], dict) else ""
        raise PermanentError(f"GitHub refused: {str(said)[:300] or 'no reason'}.")
    return answer.get("data")


def _open(thread: dict[str, Any]) -> bool:
    return thread.get("isResolved") is False


def _ours_to_resolve(threads: list[dict[str, Any]], comments: Collection[int]) -> Iterator[str]:
    for thread in threads:
        first, last = only_comment(thread, "first"), only_comment(thread, "last")
        is_meant = first.get("databaseId") in comments and last.get("viewerDidAuthor") is True
        if is_meant and _open(thread) and thread.get("viewerCanResolve"):
            yield str(thread.get("id"))
