"""Repositories and pushes, as their owners make them."""

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from bot.playground.github.acts import branches as acts
from bot.playground.github.objects import Write
from bot.playground.github.records import Account
from bot.playground.github.routing import Route, Visit
from bot.playground.github.shapes.repositories import repository
from bot.playground.github.wire import Json, Refusal, Reply, accepted, empty


async def create(visit: Visit) -> Reply:
    """Make a repository, with a first commit where files are given."""
    world, wanted = visit.world, visit.call.json()
    owner = world.account(wanted["owner"], wanted.get("owner_type", "User"))
    if world.repo_named(f"{owner.login}/{wanted['name']}") is not None:
        raise Refusal(422, "There is a repository of this name")
    repo = await world.add_repo(
        owner,
        wanted["name"],
        private=bool(wanted.get("private", False)),
        description=wanted.get("description", ""),
        default_branch=wanted.get("default_branch", "main"),
        collaborators=dict(wanted.get("collaborators", {})),
    )
    for login in repo.collaborators:
        world.account(login)
    if wanted.get("files"):
        await acts.push(
            world,
            repo,
            repo.default_branch,
            writes(wanted["files"]),
            author=owner,
            message=wanted.get("message", "First commit"),
        )
    head = repo.branches.get(repo.default_branch)
    return accepted({**repository(world.site, repo), "head_sha": head}, 201)


async def fork(visit: Visit) -> Reply:
    """Fork a repository, all branches included."""
    world, origin = visit.world, visit.repo
    owner = world.account(visit.call.json()["owner"])
    copy = await world.add_repo(
        owner, origin.name, private=origin.private, default_branch=origin.default_branch
    )
    copy.parent_id = origin.id
    for branch, sha in origin.branches.items():
        await copy.git.fetch(origin.git.path, sha, f"refs/heads/{branch}")
        copy.branches[branch] = sha
    return accepted(repository(world.site, copy), 201)


async def push(visit: Visit) -> Reply:
    """Commit to a branch and push."""
    wanted = visit.call.json()
    branch = wanted["branch"]
    if branch not in visit.repo.branches and "onto" not in wanted and visit.repo.branches:
        wanted["onto"] = visit.repo.default_branch
    sha = await acts.push(
        visit.world,
        visit.repo,
        branch,
        writes(wanted.get("files", {})),
        author=_author(visit, wanted),
        message=wanted.get("message", "Change files"),
        onto=wanted.get("onto"),
    )
    return accepted({"sha": sha}, 201)


async def reset(visit: Visit) -> Reply:
    """Point a branch at a commit by force, or delete it."""
    wanted = visit.call.json()
    sha = wanted.get("sha")
    await acts.reset(visit.world, visit.repo, wanted["branch"], sha, _author(visit, wanted))
    return empty()


async def change(visit: Visit) -> Reply:
    """Archive, hide, rename, share."""
    world, repo, wanted = visit.world, visit.repo, visit.call.json()
    repo.archived = bool(wanted.get("archived", repo.archived))
    repo.private = bool(wanted.get("private", repo.private))
    repo.collaborators |= wanted.get("collaborators", {})
    former = repo.full_name
    repo.name = wanted.get("name", repo.name)
    if "owner" in wanted:
        repo.owner = world.account(wanted["owner"])
    if repo.full_name != former:
        world.moved[former.lower()] = repo.id
    return accepted(repository(world.site, repo))


async def remove(visit: Visit) -> Reply:
    """Delete a repository; pull requests from it lose their head repository."""
    world, repo = visit.world, visit.repo
    del world.repos[repo.id]
    repo.git.close()
    for key, pull in list(world.pulls.items()):
        if pull.repo is repo:
            del world.pulls[key]
        elif pull.head_repo is repo:
            pull.head_repo = None
    return empty()


def writes(files: Mapping[str, Any]) -> dict[str, Write]:
    """Read files of a request: text, null to delete, or an object with `base64` and `mode`."""
    return {path: _write(content) for path, content in files.items()}


def _write(content: str | Json | None) -> Write:
    if content is None or isinstance(content, str):
        return Write(content.encode() if content is not None else None)
    text = content.get("text")
    data = b64decode(content["base64"]) if text is None else str(text).encode()
    return Write(data, content.get("mode", "100644"))


def _author(visit: Visit, wanted: Json) -> Account:
    login = wanted.get("author")
    return visit.world.account(login) if login else visit.repo.owner


_REPO = "/_control/repos/{owner}/{repo}"
ROUTES = (
    Route("POST", "/_control/repos", create),
    Route("POST", f"{_REPO}/fork", fork),
    Route("POST", f"{_REPO}/push", push),
    Route("POST", f"{_REPO}/reset", reset),
    Route("PATCH", _REPO, change),
    Route("DELETE", _REPO, remove),
)
