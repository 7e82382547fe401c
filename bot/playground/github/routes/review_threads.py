"""GraphQL's view of the threads on a pull request's lines, as far as it is needed; it is read only.

The App may resolve none of them, as on most installations.
https://docs.github.com/graphql/reference/objects#pullrequestreviewthread
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from bot.playground.github.gate import covers, sees
from bot.playground.github.records import Pull, ReviewComment
from bot.playground.github.routing import Visit
from bot.playground.github.rules.positions import standing
from bot.playground.github.shapes.accounts import node_id

MOST: Final = 100
"""Nodes that one connection gives."""
_QUERY: Final = re.compile(
    r"query\(\$owner: String!, \$repo: String!, \$number: Int!\) \{"
    r" repository\(owner: \$owner, name: \$repo\) \{ pullRequest\(number: \$number\) \{"
    r" reviewThreads\(last: (?P<last>\d{1,3})\) \{ nodes \{ (?P<fields>.*) \} \} \} \} \}"
)
_FIELDS: Final = (
    "id",
    "isResolved",
    "isOutdated",
    "viewerCanResolve",
    "resolvedBy { login }",
    "first: comments(first: 1) { nodes { databaseId } }",
    "last: comments(last: 1) { nodes { viewerDidAuthor } }",
)
"""What can be asked for of a thread."""
_FIELD: Final = re.compile(rf"(?:{'|'.join(map(re.escape, _FIELDS))})(?: |$)")


async def threads(visit: Visit, query: str, variables: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the data of a query for threads, None for any other query."""
    found = _QUERY.fullmatch(" ".join(query.split()))
    if found is None or _FIELD.sub("", found["fields"]) or not 1 <= int(found["last"]) <= MOST:
        return None
    pull = _pull(visit, variables)
    if pull is None:
        return {"repository": None}
    fields = [field.strip() for field in _FIELD.findall(found["fields"])]
    roots = [each for each in visit.world.comments_of(pull) if each.in_reply_to is None]
    shown = [each for each in roots if not each.review.pending][-int(found["last"]) :]
    nodes = [_picked(await _thread(visit, each), fields) for each in shown]
    return {"repository": {"pullRequest": {"reviewThreads": {"nodes": nodes}}}}


def _pull(visit: Visit, variables: Mapping[str, Any]) -> Pull | None:
    repo = visit.world.repo_named(f"{variables.get('owner')}/{variables.get('repo')}")
    held = visit.caller.token.permissions if visit.caller.token else {}
    is_app = visit.caller.kind == "installation"
    if repo is None or not sees(visit.caller, repo):
        return None
    if is_app and not covers(held.get("pull_requests", "none"), "read"):
        return None
    return visit.world.pulls.get((repo.id, int(variables.get("number", 0))))


async def _thread(visit: Visit, root: ReviewComment) -> dict[str, Any]:
    """Return everything that is known of a thread, by the words that ask for it."""
    replies = [c for c in visit.world.comments_of(root.pull) if c.in_reply_to == root.id]
    at, by = await standing(root), root.resolved_by
    is_ours = [root, *replies][-1].author is visit.caller.account
    told: tuple[Any, ...] = (
        node_id("PRRT", root.id),
        by is not None,
        root.line is not None and at.line is None,
        visit.caller.kind == "user",
        {"login": by.login} if by else None,
        {"nodes": [{"databaseId": root.id}]},
        {"nodes": [{"viewerDidAuthor": is_ours}]},
    )
    return dict(zip(_FIELDS, told, strict=True))


def _picked(thread: Mapping[str, Any], fields: list[str]) -> dict[str, Any]:
    """Return what was asked for, under the names that it was asked by."""
    return {re.split(r"\W", field, maxsplit=1)[0]: thread[field] for field in fields}
