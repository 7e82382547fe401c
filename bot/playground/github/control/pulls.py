"""What people do with pull requests: open, talk, push buttons."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from bot.playground.github.acts import checks, comments, pulls, reviews
from bot.playground.github.records import Account, Pull
from bot.playground.github.routing import Route, Visit
from bot.playground.github.shapes.pulls import full
from bot.playground.github.shapes.reviews import issue_comment, review, review_comment
from bot.playground.github.wire import Json, Refusal, Reply, accepted, empty
from bot.playground.github.world import World


async def open_pull(visit: Visit) -> Reply:
    """Open a pull request; `head` may be `owner:branch` of a fork."""
    world, repo, wanted = visit.world, visit.repo, visit.call.json()
    owner, colon, branch = str(wanted["head"]).rpartition(":")
    head_repo = world.repo_named(f"{owner}/{repo.name}") if colon else repo
    if head_repo is None:
        raise Refusal(404, f"There is no fork of {owner}")
    made = await pulls.open_pull(
        world,
        repo,
        title=wanted["title"],
        body=wanted.get("body", ""),
        author=world.account(wanted["author"]) if wanted.get("author") else repo.owner,
        head_repo=head_repo,
        head=branch,
        base=wanted.get("base", repo.default_branch),
        draft=bool(wanted.get("draft", False)),
        labels=wanted.get("labels", ()),
    )
    return accepted(await full(world, made), 201)


async def act(visit: Visit) -> Reply:
    """Push one of the buttons of a pull request."""
    action, wanted = visit.call.params["action"], visit.call.json()
    button = BUTTONS.get(action)
    if button is None:
        raise Refusal(404, f"There is no button {action}")
    await button(visit.world, visit.pull, _actor(visit, wanted), wanted)
    return accepted(await full(visit.world, visit.pull))


async def comment(visit: Visit) -> Reply:
    """Comment in the conversation."""
    wanted = visit.call.json()
    author = _actor(visit, wanted)
    made = comments.add_comment(visit.world, visit.pull, author, wanted["body"], via_app=False)
    return accepted(issue_comment(visit.world, made), 201)


async def comment_on_diff(visit: Visit) -> Reply:
    """Comment on a line, or answer in a thread with `in_reply_to`."""
    world, wanted = visit.world, visit.call.json()
    author = _actor(visit, wanted)
    if "in_reply_to" in wanted:
        to = world.review_comments[int(wanted["in_reply_to"])]
        made = await reviews.reply(world, to, author, wanted["body"])
    else:
        made = await reviews.comment_on_diff(world, visit.pull, author, wanted)
    return accepted(await review_comment(visit.site, made), 201)


async def resolve_thread(visit: Visit) -> Reply:
    """Resolve the thread that a comment opened."""
    root = visit.world.review_comments[visit.call.number("comment_id")]
    if root.pull.repo is not visit.repo or root.in_reply_to is not None:
        raise Refusal(404, "That comment opened no thread here")
    root.resolved_by = _actor(visit, visit.call.json())
    return empty()


async def write_review(visit: Visit) -> Reply:
    """Review as a person; without an event it stays a draft."""
    wanted = visit.call.json()
    author = _actor(visit, wanted)
    made = await reviews.create_review(visit.world, visit.pull, author, wanted)
    return accepted(review(visit.site, made), 201)


async def rerequest_check(visit: Visit) -> Reply:
    """Push the button that asks for a check again."""
    run = visit.world.checks[visit.call.number("check_run_id")]
    checks.rerequest(visit.world, run, _actor(visit, visit.call.json()))
    return empty()


async def press_check(visit: Visit) -> Reply:
    """Push a button that the check run offers."""
    run = visit.world.checks[visit.call.number("check_run_id")]
    wanted = visit.call.json()
    checks.press(visit.world, run, wanted["identifier"], _actor(visit, wanted))
    return empty()


def _actor(visit: Visit, wanted: Json) -> Account:
    login = wanted.get("author") or wanted.get("actor")
    return visit.world.account(login) if login else visit.repo.owner


async def _close(world: World, pull: Pull, actor: Account, _: Json) -> None:
    await pulls.close(world, pull, actor)


async def _reopen(world: World, pull: Pull, actor: Account, _: Json) -> None:
    await pulls.reopen(world, pull, actor)


async def _merge(world: World, pull: Pull, actor: Account, _: Json) -> None:
    await pulls.merge(world, pull, actor)


async def _draft(world: World, pull: Pull, actor: Account, _: Json) -> None:
    await pulls.set_draft(world, pull, actor, draft=True)


async def _ready(world: World, pull: Pull, actor: Account, _: Json) -> None:
    await pulls.set_draft(world, pull, actor, draft=False)


async def _label(world: World, pull: Pull, actor: Account, wanted: Json) -> None:
    await pulls.set_label(world, pull, actor, wanted["label"], on=True)


async def _unlabel(world: World, pull: Pull, actor: Account, wanted: Json) -> None:
    await pulls.set_label(world, pull, actor, wanted["label"], on=False)


async def _lock(world: World, pull: Pull, actor: Account, _: Json) -> None:
    await pulls.set_locked(world, pull, actor, locked=True)


async def _unlock(world: World, pull: Pull, actor: Account, _: Json) -> None:
    await pulls.set_locked(world, pull, actor, locked=False)


async def _edit(world: World, pull: Pull, actor: Account, wanted: Json) -> None:
    parts = {name: wanted.get(name) for name in ("title", "body", "base")}
    await pulls.edit(world, pull, actor, **parts)


BUTTONS: Final[dict[str, Callable[[World, Pull, Account, Any], Awaitable[None]]]] = {
    "close": _close,
    "reopen": _reopen,
    "merge": _merge,
    "draft": _draft,
    "ready": _ready,
    "label": _label,
    "unlabel": _unlabel,
    "lock": _lock,
    "unlock": _unlock,
    "edit": _edit,
}
_REPO = "/_control/repos/{owner}/{repo}"
_PULL = f"{_REPO}/pulls/{{number}}"
ROUTES = (
    Route("POST", f"{_REPO}/pulls", open_pull),
    Route("POST", f"{_PULL}/comments", comment),
    Route("POST", f"{_PULL}/diff-comments", comment_on_diff),
    Route("POST", f"{_PULL}/reviews", write_review),
    Route("POST", f"{_REPO}/pulls/comments/{{comment_id}}/resolve", resolve_thread),
    Route("POST", f"{_PULL}/{{action}}", act),
    Route("POST", f"{_REPO}/check-runs/{{check_run_id}}/rerequest", rerequest_check),
    Route("POST", f"{_REPO}/check-runs/{{check_run_id}}/press", press_check),
)
