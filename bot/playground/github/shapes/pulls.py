"""Pull requests, their files and commits as JSON."""

from typing import Any
from urllib.parse import quote

from bot.playground.github.diffs import FileDiff
from bot.playground.github.objects import Commit, Person
from bot.playground.github.records import Pull, Repository
from bot.playground.github.shapes.accounts import association, node_id, user
from bot.playground.github.shapes.repositories import repository
from bot.playground.github.site import Site
from bot.playground.github.world import World, iso

_LINKS = ("html", "issue", "comments", "review_comments", "review_comment", "commits", "statuses")

_UNSIGNED = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}


def simple(site: Site, pull: Pull) -> dict[str, Any]:
    """Return a pull request as lists show it; needs nothing from git."""
    api, issue = site.pull(pull), site.issue(pull)
    addresses = {
        "html": site.pull_page(pull),
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{api}/comments",
        "review_comment": f"{site.repo(pull.repo)}/pulls/comments{{/number}}",
        "commits": f"{api}/commits",
        "statuses": f"{site.repo(pull.repo)}/statuses/{pull.head_sha}",
    }
    return {
        "url": api,
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        **{f"{name}_url": addresses[name] for name in _LINKS},
        "diff_url": f"{addresses['html']}.diff",
        "patch_url": f"{addresses['html']}.patch",
        "number": pull.number,
        "state": pull.state,
        "locked": pull.locked,
        "active_lock_reason": None,
        "title": pull.title,
        "user": user(site, pull.author),
        "body": pull.body or None,
        "created_at": iso(pull.created_at),
        "updated_at": iso(pull.updated_at),
        "closed_at": iso(pull.closed_at) if pull.closed_at else None,
        "merged_at": iso(pull.merged_at) if pull.merged_at else None,
        "merge_commit_sha": pull.merge_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "labels": [_label(site, pull.repo, name) for name in pull.labels],
        "milestone": None,
        "draft": pull.draft,
        "head": _end(site, pull.head_repo, pull.head_branch, pull.head_sha),
        "base": _end(site, pull.repo, pull.base_branch, pull.base_sha),
        "_links": {"self": {"href": api}} | {n: {"href": addresses[n]} for n in _LINKS},
        "author_association": association(pull.repo, pull.author),
        "auto_merge": None,
    }


async def full(world: World, pull: Pull) -> dict[str, Any]:
    """Return one pull request, with what git counts."""
    git, site = pull.repo.git, world.site
    files = await git.changes(pull.base_sha, pull.head_sha)
    commits = await git.commits(pull.base_sha, pull.head_sha)
    counts = [file.counts for file in files]
    submitted = [c for c in world.comments_of(pull) if not c.review.pending]
    return {
        **simple(site, pull),
        "merged": pull.merged_at is not None,
        "mergeable": True if pull.state == "open" else None,
        "rebaseable": True if pull.state == "open" else None,
        "mergeable_state": "draft" if pull.draft else "clean",
        "merged_by": user(site, pull.merged_by) if pull.merged_by else None,
        "comments": len(world.conversation_of(pull)),
        "review_comments": len(submitted),
        "maintainer_can_modify": False,
        "commits": len(commits),
        "additions": sum(added for added, _ in counts),
        "deletions": sum(removed for _, removed in counts),
        "changed_files": len(files),
    }


def file_row(site: Site, repo: Repository, commit: str, file: FileDiff) -> dict[str, Any]:
    """Return one changed file; `patch` is absent where GitHub leaves it out."""
    added, removed = file.counts
    page = site.blob_page(repo, commit, file.path)
    row: dict[str, Any] = {
        "sha": file.sha,
        "filename": file.path,
        "status": file.status,
        "additions": added,
        "deletions": removed,
        "changes": added + removed,
        "blob_url": page,
        "raw_url": page.replace("/blob/", "/raw/", 1),
        "contents_url": site.contents(repo, commit, file.path),
    }
    if file.patch is not None:
        row["patch"] = file.patch
    if file.previous is not None:
        row["previous_filename"] = file.previous
    return row


def commit(world: World, repo: Repository, record: Commit) -> dict[str, Any]:
    """Return a commit as lists show it."""
    site = world.site
    api, page = f"{site.repo(repo)}/commits", f"{site.page(repo)}/commit"
    return {
        "sha": record.sha,
        "node_id": f"C_{record.sha[:20]}",
        "commit": {
            "author": _person(record.author),
            "committer": _person(record.committer),
            "message": record.message,
            "tree": {"sha": record.tree, "url": f"{site.repo(repo)}/git/trees/{record.tree}"},
            "url": f"{site.repo(repo)}/git/commits/{record.sha}",
            "comment_count": 0,
            "verification": dict(_UNSIGNED),
        },
        "url": f"{api}/{record.sha}",
        "html_url": f"{page}/{record.sha}",
        "comments_url": f"{api}/{record.sha}/comments",
        "author": _account(world, record.author),
        "committer": _account(world, record.committer),
        "parents": [
            {"sha": sha, "url": f"{api}/{sha}", "html_url": f"{page}/{sha}"}
            for sha in record.parents
        ],
    }


def simple_commit(record: Commit) -> dict[str, Any]:
    """Return a commit as other things refer to it."""
    people = {"author": record.author, "committer": record.committer}
    return {
        "id": record.sha,
        "tree_id": record.tree,
        "message": record.message,
        "timestamp": iso(record.committer.at),
        **{who: {"name": of.name, "email": of.email} for who, of in people.items()},
    }


def git_commit(site: Site, repo: Repository, record: Commit) -> dict[str, Any]:
    """Return a commit as git knows it."""
    api, page = f"{site.repo(repo)}/git/commits", f"{site.page(repo)}/commit"
    return {
        "sha": record.sha,
        "node_id": f"C_{record.sha[:20]}",
        "url": f"{api}/{record.sha}",
        "html_url": f"{page}/{record.sha}",
        "author": _person(record.author),
        "committer": _person(record.committer),
        "message": record.message,
        "tree": {"sha": record.tree, "url": f"{site.repo(repo)}/git/trees/{record.tree}"},
        "parents": [
            {"sha": sha, "url": f"{api}/{sha}", "html_url": f"{page}/{sha}"}
            for sha in record.parents
        ],
        "verification": dict(_UNSIGNED),
    }


def _person(person: Person) -> dict[str, str]:
    return {"name": person.name, "email": person.email, "date": iso(person.at)}


def _account(world: World, person: Person) -> dict[str, Any] | None:
    login = person.email.partition("@")[0].partition("+")[2]
    found = world.accounts.get(login.lower())
    return user(world.site, found) if found else None


def _label(site: Site, repo: Repository, name: str) -> dict[str, Any]:
    number = sum(name.encode()) + repo.id
    return {
        "id": number,
        "node_id": node_id("LA", number),
        "url": f"{site.repo(repo)}/labels/{quote(name)}",
        "name": name,
        "color": "ededed",
        "default": False,
        "description": "",
    }


def _end(site: Site, repo: Repository | None, branch: str, sha: str) -> dict[str, Any]:
    return {
        "label": f"{repo.owner.login}:{branch}" if repo else f"unknown repository:{branch}",
        "ref": branch,
        "sha": sha,
        "user": user(site, repo.owner) if repo else None,
        "repo": repository(site, repo) if repo else None,
    }
