"""Pull requests: listed, looked at, as a diff, their files and commits.

https://docs.github.com/en/rest/pulls/pulls
"""

from typing import Any

from bot.playground.github.diffs import FileDiff
from bot.playground.github.gate import Needs
from bot.playground.github.records import Pull
from bot.playground.github.routing import Route, Visit
from bot.playground.github.shapes import pulls as shapes
from bot.playground.github.wire import (
    Json,
    Refusal,
    Reply,
    accepted,
    link_header,
    page_of,
    paginate,
)

FILES_LISTED = 3000
COMMITS_LISTED = 250
DIFF_LINES = 20_000
DIFF_FILES = 300
DIFF_BYTES = 1_000_000
"""https://docs.github.com/en/repositories/creating-and-managing-repositories/repository-limits"""


async def list_pulls(visit: Visit) -> Reply:
    """List pull requests: open ones by default, newest first."""
    query, world = visit.call.query, visit.world
    state = query.get("state", "open")
    rows = [p for p in world.pulls_of(visit.repo) if state in {p.state, "all"}]
    if "head" in query:
        rows = [p for p in rows if p.head_repo and query["head"] == _label(p)]
    if "base" in query:
        rows = [p for p in rows if p.base_branch == query["base"]]
    updated = query.get("sort") == "updated"
    rows.sort(key=lambda pull: pull.updated_at if updated else pull.created_at)
    if query.get("direction", "desc") == "desc":
        rows.reverse()
    return paginate(visit.call, [shapes.simple(visit.site, pull) for pull in rows])


async def get_pull(visit: Visit) -> Reply:
    """Answer with one pull request, as JSON or as its diff."""
    if visit.call.wants("diff") or visit.call.wants("patch"):
        return await _as_diff(visit.pull)
    return accepted(await shapes.full(visit.world, visit.pull))


async def list_files(visit: Visit) -> Reply:
    """List changed files; a page with too much patch ends in rows that say nothing."""
    pull = visit.pull
    files = (await pull.repo.git.changes(pull.base_sha, pull.head_sha))[:FILES_LISTED]
    page, size = page_of(visit.call)
    shown = files[(page - 1) * size : page * size]
    rows = [shapes.file_row(visit.site, pull.repo, pull.head_sha, file) for file in shown]
    _empty_rows(rows, shown, visit.world.knobs.zero_rows_after)
    return Reply(200, rows, link_header(visit.call, len(files)))


async def list_commits(visit: Visit) -> Reply:
    """List a pull request's commits, oldest first."""
    pull = visit.pull
    commits = await pull.repo.git.commits(pull.base_sha, pull.head_sha)
    rows = [shapes.commit(visit.world, pull.repo, c) for c in commits[:COMMITS_LISTED]]
    return paginate(visit.call, rows)


def too_large(message: str) -> Refusal:
    """Return the refusal of a diff over a limit."""
    error = {"resource": "PullRequest", "field": "diff", "code": "too_large"}
    return Refusal(406, f"Sorry, the diff exceeded the maximum number of {message}", errors=[error])


def _empty_rows(rows: list[Json], files: tuple[FileDiff, ...], limit: int) -> None:
    """Past this many lines of patch in one answer the remaining rows show zeros, unmarked.

    https://github.com/orgs/community/discussions/213491
    """
    lines = 0
    for row, file in zip(rows, files, strict=True):
        lines += file.body.count(b"\n")
        if lines > limit:
            row.pop("patch", None)
            row.update(additions=0, deletions=0, changes=0)


async def _as_diff(pull: Pull) -> Reply:
    git = pull.repo.git
    files = await git.changes(pull.base_sha, pull.head_sha)
    if len(files) > DIFF_FILES:
        raise too_large(
            f"files ({DIFF_FILES}). Consider using 'List pull requests files' API or locally "
            "cloning the repository instead."
        )
    patch = await git.patch(pull.base_sha, pull.head_sha)
    if patch.count(b"\n") > DIFF_LINES or len(patch) > DIFF_BYTES:
        raise too_large(f"lines ({DIFF_LINES})")
    return Reply(200, patch, media="application/vnd.github.diff; charset=utf-8")


def _label(pull: Pull) -> Any:
    return f"{pull.head_repo.owner.login}:{pull.head_branch}" if pull.head_repo else None


_READ = Needs(("pull_requests",))
_PULLS = "/repos/{owner}/{repo}/pulls"
ROUTES = (
    Route("GET", _PULLS, list_pulls, _READ),
    Route("GET", f"{_PULLS}/{{number}}", get_pull, _READ),
    Route("GET", f"{_PULLS}/{{number}}/files", list_files, _READ),
    Route("GET", f"{_PULLS}/{{number}}/commits", list_commits, _READ),
)
