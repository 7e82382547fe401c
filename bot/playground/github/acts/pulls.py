"""The life of a pull request: opened, edited, closed, merged."""

from collections.abc import Sequence
from typing import Any

from bot.playground.github.acts.branches import follow_head, moved
from bot.playground.github.git import GitFailed
from bot.playground.github.records import Account, Pull, Repository
from bot.playground.github.shapes.accounts import user
from bot.playground.github.shapes.pulls import full
from bot.playground.github.wire import Refusal, invalid
from bot.playground.github.world import World


async def open_pull(
    world: World,
    repo: Repository,
    *,
    title: str,
    body: str,
    author: Account,
    head_repo: Repository,
    head: str,
    base: str,
    draft: bool = False,
    labels: Sequence[str] = (),
) -> Pull:
    """Open a pull request from one branch to another."""
    _require_branches(repo, head_repo, head, base)
    repo.numbers += 1
    now = world.now()
    pull = Pull(
        id=next(world.ids),
        repo=repo,
        number=repo.numbers,
        title=title,
        body=body,
        author=author,
        head_repo=head_repo,
        head_branch=head,
        head_sha=head_repo.branches[head],
        base_branch=base,
        base_sha=repo.branches[base],
        created_at=now,
        updated_at=now,
        draft=draft,
        labels=list(labels),
    )
    await follow_head(pull, pull.head_sha)
    world.pulls[repo.id, pull.number] = pull
    world.happened(pull, "opened", author, head=pull.head_sha)
    await announce(world, pull, "opened", author)
    return pull


async def announce(world: World, pull: Pull, action: str, actor: Account, **facts: Any) -> None:
    """Send a `pull_request` event."""
    payload = {
        "number": pull.number,
        "pull_request": await full(world, pull),
        **facts,
        "sender": user(world.site, actor),
    }
    world.emit("pull_request", action, pull.repo, payload)


async def close(world: World, pull: Pull, actor: Account) -> None:
    """Close without merging."""
    _require_state(pull, "open")
    pull.state, pull.closed_at = "closed", world.now()
    world.happened(pull, "closed", actor)
    await announce(world, pull, "closed", actor)


async def reopen(world: World, pull: Pull, actor: Account) -> None:
    """Open again, at the branches' present state."""
    _require_state(pull, "closed")
    if pull.merged_at is not None or pull.head_repo is None:
        raise Refusal(422, "Pull request cannot be reopened")
    pull.state, pull.closed_at = "open", None
    pull.base_sha = pull.repo.branches.get(pull.base_branch, pull.base_sha)
    pull.head_sha = pull.head_repo.branches.get(pull.head_branch, pull.head_sha)
    await follow_head(pull, pull.head_sha)
    world.happened(pull, "reopened", actor)
    await announce(world, pull, "reopened", actor)


async def merge(world: World, pull: Pull, actor: Account) -> str:
    """Merge with a merge commit; base and head stay as they were before it."""
    _require_state(pull, "open")
    message = f"Merge pull request #{pull.number} from {pull.head_branch}\n\n{pull.title}"
    person = world.person(actor)
    try:
        sha = await pull.repo.git.merge(pull.base_sha, pull.head_sha, message, person)
    except GitFailed as error:
        raise Refusal(405, "Pull Request is not mergeable") from error
    await pull.repo.git.point(f"refs/heads/{pull.base_branch}", sha)
    now = world.now()
    pull.state, pull.closed_at, pull.merged_at = "closed", now, now
    pull.merged_by, pull.merge_sha = actor, sha
    await moved(world, pull.repo, pull.base_branch, sha, actor)
    world.happened(pull, "merged", actor, sha=sha)
    await announce(world, pull, "closed", actor)
    return sha


async def set_draft(world: World, pull: Pull, actor: Account, *, draft: bool) -> None:
    """Convert to a draft, or mark as ready for review."""
    pull.draft = draft
    action = "converted_to_draft" if draft else "ready_for_review"
    world.happened(pull, action, actor)
    await announce(world, pull, action, actor)


async def set_label(world: World, pull: Pull, actor: Account, name: str, *, on: bool) -> None:
    """Add or remove a label."""
    if on != (name in pull.labels):
        (pull.labels.append if on else pull.labels.remove)(name)
    action = "labeled" if on else "unlabeled"
    world.happened(pull, action, actor, label=name)
    await announce(world, pull, action, actor, label={"name": name})


async def set_locked(world: World, pull: Pull, actor: Account, *, locked: bool) -> None:
    """Lock or unlock the conversation."""
    pull.locked = locked
    action = "locked" if locked else "unlocked"
    world.happened(pull, action, actor)
    await announce(world, pull, action, actor)


async def edit(
    world: World,
    pull: Pull,
    actor: Account,
    *,
    title: str | None = None,
    body: str | None = None,
    base: str | None = None,
) -> None:
    """Change title, description or base branch."""
    changes: dict[str, Any] = {}
    if title is not None:
        changes["title"], pull.title = {"from": pull.title}, title
    if body is not None:
        changes["body"], pull.body = {"from": pull.body}, body
    if base is not None:
        if base not in pull.repo.branches:
            raise invalid("PullRequest", "base", "invalid")
        before = {"ref": {"from": pull.base_branch}, "sha": {"from": pull.base_sha}}
        changes["base"] = before
        pull.base_branch, pull.base_sha = base, pull.repo.branches[base]
    world.happened(pull, "edited", actor, what=sorted(changes))
    await announce(world, pull, "edited", actor, changes=changes)


def _require_branches(repo: Repository, head_repo: Repository, head: str, base: str) -> None:
    if base not in repo.branches:
        raise invalid("PullRequest", "base", "invalid")
    if head not in head_repo.branches:
        raise invalid("PullRequest", "head", "invalid")


def _require_state(pull: Pull, state: str) -> None:
    if pull.state != state:
        raise Refusal(422, f"The pull request is {pull.state}")
