"""Pushes: commits on branches, and the pull requests that follow them."""

from collections.abc import Mapping

from bot.playground.github.objects import Commit, Write
from bot.playground.github.records import Account, Pull, Repository
from bot.playground.github.shapes.accounts import user
from bot.playground.github.shapes.pulls import full
from bot.playground.github.wire import Refusal
from bot.playground.github.world import World


async def push(
    world: World,
    repo: Repository,
    branch: str,
    writes: Mapping[str, Write],
    *,
    author: Account,
    message: str,
    onto: str | None = None,
) -> str:
    """Commit to a branch and push; `onto` names another parent, which makes it a forced push."""
    parent = await resolve(repo, onto) if onto else repo.branches.get(branch)
    if onto and parent is None:
        raise Refusal(422, f"No commit found for the ref {onto}")
    person = world.person(author)
    sha = await repo.git.commit(branch, writes, message=message, author=person, parent=parent)
    await moved(world, repo, branch, sha, author)
    return sha


async def moved(world: World, repo: Repository, branch: str, sha: str, actor: Account) -> None:
    """Let everything that follows a branch follow it."""
    repo.branches[branch] = sha
    repo.pushed_at = world.now()
    repo.pushes.setdefault(sha, world.now())
    for pull in list(world.pulls.values()):
        if pull.state != "open":
            continue
        if pull.repo is repo and pull.base_branch == branch:
            pull.base_sha = sha
        if pull.head_repo is repo and pull.head_branch == branch and pull.head_sha != sha:
            await _synchronize(world, pull, sha, actor)


async def reset(
    world: World, repo: Repository, branch: str, sha: str | None, actor: Account
) -> None:
    """Point a branch at a commit, forward or not; None deletes it."""
    await repo.git.point(f"refs/heads/{branch}", sha)
    if sha is None:
        repo.branches.pop(branch, None)
    else:
        await moved(world, repo, branch, sha, actor)


async def resolve(repo: Repository, ref: str) -> str | None:
    """Return the commit that a branch, a full reference or a sha names."""
    name = ref.removeprefix("refs/").removeprefix("heads/")
    if name in repo.branches:
        return repo.branches[name]
    found = await commit_named(repo, ref)
    return found.sha if found else None


async def commit_named(repo: Repository, sha: str) -> Commit | None:
    """Return a commit by its name in hexadecimal, which may be shortened."""
    hexadecimal = set(sha) <= set("0123456789abcdef")
    return await repo.git.commit_of(sha) if hexadecimal and 7 <= len(sha) <= 40 else None


async def follow_head(pull: Pull, sha: str) -> None:
    """Bring the commits of a fork's head into the base repository, where diffs are made."""
    if pull.head_repo is not None and pull.head_repo is not pull.repo:
        ref = f"refs/pull/{pull.number}/head"
        await pull.repo.git.fetch(pull.head_repo.git.path, sha, ref)


async def _synchronize(world: World, pull: Pull, sha: str, actor: Account) -> None:
    before = pull.head_sha
    await follow_head(pull, sha)
    pull.head_sha = sha
    world.happened(pull, "pushed", actor, before=before, after=sha)
    payload = {
        "number": pull.number,
        "before": before,
        "after": sha,
        "pull_request": await full(world, pull),
        "sender": user(world.site, actor),
    }
    world.emit("pull_request", "synchronize", pull.repo, payload)
