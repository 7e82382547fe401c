"""Everything that stands on a pull request in one answer, for a page or for a test."""

from typing import Any

from bot.playground.github.diffs import FileDiff
from bot.playground.github.records import Pull, ReviewComment
from bot.playground.github.routing import Route, Visit
from bot.playground.github.rules.positions import standing
from bot.playground.github.shapes.checks import check_run
from bot.playground.github.shapes.pulls import commit, full
from bot.playground.github.shapes.repositories import repository
from bot.playground.github.shapes.reviews import issue_comment, review, review_comment
from bot.playground.github.site import Site
from bot.playground.github.wire import Reply, accepted
from bot.playground.github.world import World


async def overview(visit: Visit) -> Reply:
    """List repositories with their pull requests."""
    world = visit.world
    rows = [
        {
            **repository(world.site, repo),
            "branches": repo.branches,
            "pulls": [pull.number for pull in world.pulls_of(repo)],
        }
        for repo in world.repos.values()
    ]
    return accepted({"now": world.now(), "repositories": rows})


async def one_pull(visit: Visit) -> Reply:
    """Show one pull request: its diff, and all that was said and judged."""
    return accepted(await snapshot(visit.world, visit.pull))


async def snapshot(world: World, pull: Pull) -> dict[str, Any]:
    """Return everything that stands on a pull request, pending reviews included."""
    git, site = pull.repo.git, world.site
    files = await git.changes(pull.base_sha, pull.head_sha)
    commits = await git.commits(pull.base_sha, pull.head_sha)
    reviews, comments = world.reviews_of(pull), world.comments_of(pull)
    checks = [c for c in world.checks.values() if c.repo is pull.repo]
    shas = {c.sha for c in commits}
    return {
        "pull": await full(world, pull),
        "commits": [commit(world, pull.repo, c) for c in commits],
        "files": [_file(file) for file in files],
        "reviews": [review(site, r) | {"minimized": r.minimized} for r in reviews],
        "review_comments": [await _comment(site, c) for c in comments],
        "issue_comments": [issue_comment(world, c) for c in world.conversation_of(pull)],
        "checks": [
            check_run(world, c) | {"actions": c.actions}
            for c in checks
            if c.head_sha in shas | {pull.head_sha}
        ],
        "timeline": pull.timeline,
    }


async def _comment(site: Site, comment: ReviewComment) -> dict[str, Any]:
    at = await standing(comment)
    shape = await review_comment(site, comment)
    pending = comment.review.pending
    return {**shape, "pending": pending, "outdated": at.position is None}


def _file(file: FileDiff) -> dict[str, Any]:
    added, removed = file.counts
    return {
        "path": file.path,
        "previous_path": file.previous,
        "status": file.status,
        "additions": added,
        "deletions": removed,
        "hunks": [
            {
                "header": hunk.header,
                "lines": [
                    {"kind": line.kind, "old": line.old, "new": line.new, "text": line.text}
                    for line in hunk.lines
                ],
            }
            for hunk in file.hunks
        ],
    }


ROUTES = (
    Route("GET", "/_control/snapshot", overview),
    Route("GET", "/_control/repos/{owner}/{repo}/pulls/{number}", one_pull),
)
