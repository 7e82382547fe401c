"""The conversation: commits with their checks, reviews and comments, in the order they came."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.playground.page import markdown
from bot.playground.page.accounts import person, user
from bot.playground.page.checks import check_of
from bot.playground.page.reactions import reactions
from bot.playground.page.values import EventView, ThreadView

Json = Mapping[str, Any]
Resolve = Callable[[str], str | None]
SHORT_SHA = 7

_ACTS = {
    "closed": "closed this",
    "reopened": "reopened this",
    "merged": "merged this",
    "draft": "marked this as a draft",
    "ready": "marked this as ready for review",
    "edited": "edited this",
}


def conversation(
    snapshot: Json, threads: Mapping[int, Sequence[ThreadView]], resolve: Resolve
) -> tuple[EventView, ...]:
    """Return the entries of a snapshot's timeline; `threads` by the id of their review."""
    return tuple(_entries(snapshot, threads, resolve))


def _entries(
    snapshot: Json, threads: Mapping[int, Sequence[ThreadView]], resolve: Resolve
) -> Iterator[EventView]:
    reviews = {review["id"]: review for review in snapshot["reviews"]}
    comments = {comment["id"]: comment for comment in snapshot["issue_comments"]}
    commits = {commit["sha"]: commit for commit in snapshot["commits"]}
    for number, entry in enumerate(snapshot["timeline"]):
        match entry["kind"]:
            case "opened":
                yield _commit(snapshot, commits, entry, entry["head"], "opened this with", resolve)
            case "pushed":
                yield _commit(snapshot, commits, entry, entry["after"], "pushed", resolve)
            case "reviewed" if entry["review"] in reviews:
                review = reviews[entry["review"]]
                yield _review(review, tuple(threads.get(review["id"], ())), resolve)
            case "commented" if entry["comment"] in comments:
                yield _comment(comments[entry["comment"]], resolve)
            case kind if kind in _ACTS:
                yield EventView(
                    key=f"act-{number}",
                    kind="act",
                    actor=person(entry["actor"]),
                    at=entry["at"],
                    words=_ACTS[kind],
                )


def _commit(
    snapshot: Json, commits: Mapping[str, Json], entry: Json, sha: str, act: str, resolve: Resolve
) -> EventView:
    known = commits.get(sha)
    message = str(known["commit"]["message"]).partition("\n")[0] if known else "a commit"
    return EventView(
        key=f"commit-{sha[:SHORT_SHA]}",
        kind="commit",
        actor=person(entry["actor"]),
        at=entry["at"],
        words=f"{act} “{message}”",
        commit=sha[:SHORT_SHA],
        check=check_of(snapshot["checks"], sha, resolve),
    )


def _review(review: Json, threads: tuple[ThreadView, ...], resolve: Resolve) -> EventView:
    return EventView(
        key=f"pullrequestreview-{review['id']}",
        kind="review",
        actor=user(review["user"]),
        at=str(review.get("submitted_at", "")),
        words="reviewed",
        html=markdown.render(str(review["body"] or ""), resolve),
        commit=str(review["commit_id"])[:SHORT_SHA],
        threads=threads,
    )


def _comment(comment: Json, resolve: Resolve) -> EventView:
    edited = comment["updated_at"] != comment["created_at"]
    return EventView(
        key=f"issuecomment-{comment['id']}",
        kind="comment",
        actor=user(comment["user"]),
        at=str(comment["updated_at"]),
        words="commented, edited in place" if edited else "commented",
        html=markdown.render(str(comment["body"] or ""), resolve),
        reactions=reactions(comment),
    )
