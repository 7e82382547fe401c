"""A repository, its branches, commits, comparisons, and who may do what in it.

https://docs.github.com/en/rest/repos/repos
"""

import re

from bot.playground.github.acts.branches import resolve
from bot.playground.github.gate import Needs, permission_of
from bot.playground.github.git import EMPTY_TREE
from bot.playground.github.objects import Commit
from bot.playground.github.records import Account, Repository
from bot.playground.github.routes.pulls import too_large
from bot.playground.github.routing import Route, Visit
from bot.playground.github.shapes import pulls as shapes
from bot.playground.github.shapes.accounts import user
from bot.playground.github.shapes.repositories import full_repository
from bot.playground.github.wire import Refusal, Reply, accepted, link_header, not_found, page_of

COMPARED_FILES = 300
COMPARED_COMMITS = 250
"""https://docs.github.com/en/rest/commits/commits#compare-two-commits"""
GIT_NAME = re.compile(r"[0-9a-f]{40}")
ROLES = {"admin": "admin", "write": "write", "read": "read", "none": ""}


async def get_repository(visit: Visit) -> Reply:
    """Answer with the repository."""
    return accepted(full_repository(visit.site, visit.repo))


async def get_branch(visit: Visit) -> Reply:
    """Answer with a branch and the commit it points at."""
    name = visit.call.params["branch"]
    if name not in visit.repo.branches:
        raise Refusal(404, "Branch not found")
    commit = await _commit(visit.repo, visit.repo.branches[name])
    api = f"{visit.site.repo(visit.repo)}/branches/{name}"
    body = {
        "name": name,
        "commit": shapes.commit(visit.world, visit.repo, commit),
        "_links": {"self": api, "html": f"{visit.site.page(visit.repo)}/tree/{name}"},
        "protected": False,
        "protection": {"enabled": False},
        "protection_url": f"{api}/protection",
    }
    return accepted(body)


async def get_commit(visit: Visit) -> Reply:
    """Answer with a commit, its files included, or with its bare name."""
    ref = visit.call.params["ref"]
    sha = await resolve(visit.repo, ref)
    if sha is None:
        raise Refusal(422, f"No commit found for SHA: {ref}")
    if visit.call.wants("sha"):
        return Reply(200, sha.encode(), media="application/vnd.github.sha; charset=utf-8")
    commit = await _commit(visit.repo, sha)
    files = await visit.repo.git.diff(commit.parents[0] if commit.parents else EMPTY_TREE, sha)
    rows = [shapes.file_row(visit.site, visit.repo, sha, file) for file in files[:COMPARED_FILES]]
    total = [sum(numbers) for numbers in zip(*(f.counts for f in files), strict=True)] or [0, 0]
    stats = {"additions": total[0], "deletions": total[1], "total": sum(total)}
    shape = shapes.commit(visit.world, visit.repo, commit)
    return accepted(shape | {"stats": stats, "files": rows})


async def get_git_commit(visit: Visit) -> Reply:
    """Answer with a commit as git knows it; only a full name finds it."""
    sha = visit.call.params["sha"]
    found = await visit.repo.git.commit_of(sha) if GIT_NAME.fullmatch(sha) else None
    if found is None:
        raise not_found()
    return accepted(shapes.git_commit(visit.site, visit.repo, found))


async def compare(visit: Visit) -> Reply:
    """Compare two references from their common ancestor; the files are on every first page."""
    repo, git = visit.repo, visit.repo.git
    base_name, _, head_name = visit.call.params["basehead"].partition("...")
    base, head = await resolve(repo, base_name), await _head(visit, head_name)
    if base is None or head is None:
        raise not_found()
    ancestor = await git.merge_base(base, head)
    files = await git.diff(ancestor, head)
    if visit.call.wants("diff"):
        if len(files) > COMPARED_FILES:
            raise too_large(f"files ({COMPARED_FILES}).")
        return Reply(200, await git.patch(base, head), media="application/vnd.github.diff")
    ahead, behind = await git.commits(base, head), await git.commits(head, base)
    page, size = page_of(visit.call)
    rows = [shapes.file_row(visit.site, repo, head, file) for file in files[:COMPARED_FILES]]
    shown = ahead[:COMPARED_COMMITS][(page - 1) * size : page * size]
    body = {
        **_addresses(visit, f"{base_name}...{head_name}"),
        "base_commit": shapes.commit(visit.world, repo, await _commit(repo, base)),
        "merge_base_commit": shapes.commit(visit.world, repo, await _commit(repo, ancestor)),
        "status": _status(len(ahead), len(behind)),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [shapes.commit(visit.world, repo, commit) for commit in shown],
        "files": rows if page == 1 else [],
    }
    return Reply(200, body, link_header(visit.call, len(ahead)))


def _addresses(visit: Visit, basehead: str) -> dict[str, str]:
    page = f"{visit.site.page(visit.repo)}/compare/{basehead}"
    return {
        "url": f"{visit.site.repo(visit.repo)}/compare/{basehead}",
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
    }


async def get_permission(visit: Visit) -> Reply:
    """Answer with a person's permission; a stranger to a public repository may read it."""
    login = visit.call.params["username"]
    account = visit.world.accounts.get(login.lower())
    if account is None:
        raise Refusal(404, f"{login} is not a user")
    permission = permission_of(account, visit.repo)
    shape = _collaborator(visit, account, permission)
    return accepted({"permission": permission, "role_name": ROLES[permission], "user": shape})


def _collaborator(visit: Visit, account: Account, permission: str) -> dict[str, object]:
    levels = {
        "admin": permission == "admin",
        "maintain": permission == "admin",
        "push": permission in {"admin", "write"},
        "triage": permission in {"admin", "write"},
        "pull": permission != "none",
    }
    return {
        **user(visit.site, account),
        "permissions": levels,
        "role_name": ROLES[permission],
    }


async def _head(visit: Visit, name: str) -> str | None:
    """Return the commit of a reference here, or of `owner:branch` in a fork."""
    owner, colon, branch = name.partition(":")
    if not colon:
        return await resolve(visit.repo, name)
    for repo in visit.world.repos.values():
        related = repo is visit.repo or repo.parent_id == visit.repo.id
        if related and repo.owner.login.lower() == owner.lower() and branch in repo.branches:
            sha = repo.branches[branch]
            if repo is not visit.repo:
                await visit.repo.git.fetch(repo.git.path, sha, f"refs/compare/{sha}")
            return sha
    return None


async def _commit(repo: Repository, sha: str) -> Commit:
    found = await repo.git.commit_of(sha)
    if found is None:
        raise not_found()
    return found


def _status(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    return "ahead" if ahead else "behind" if behind else "identical"


_METADATA = Needs(("metadata",))
_CONTENTS = Needs(("contents",))
_REPO = "/repos/{owner}/{repo}"
ROUTES = (
    Route("GET", _REPO, get_repository, _METADATA),
    Route("GET", f"{_REPO}/branches/{{branch*}}", get_branch, _CONTENTS),
    Route("GET", f"{_REPO}/compare/{{basehead*}}", compare, _CONTENTS),
    Route("GET", f"{_REPO}/commits/{{ref*}}", get_commit, _CONTENTS),
    Route("GET", f"{_REPO}/git/commits/{{sha}}", get_git_commit, _CONTENTS),
    Route("GET", f"{_REPO}/collaborators/{{username}}/permission", get_permission, _METADATA),
)
