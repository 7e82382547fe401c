"""Reviews: written as pending, submitted, deleted; and single comments, which make one too.

https://docs.github.com/en/rest/pulls/reviews
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.playground.github.acts.comments import require_unlocked
from bot.playground.github.records import Account, Pull, Review, ReviewComment
from bot.playground.github.rules.anchors import Placed, place
from bot.playground.github.rules.sizes import bad_request, body_errors
from bot.playground.github.shapes.accounts import user
from bot.playground.github.shapes.pulls import simple
from bot.playground.github.shapes.reviews import review, review_comment
from bot.playground.github.wire import Refusal, unprocessable
from bot.playground.github.world import World

EVENTS = {"COMMENT": "COMMENTED", "APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED"}
ONE_PENDING = "User can only have one pending review per pull request"
NOT_PENDING = "Can not delete a non-pending pull request review"
BLANK_REVIEW = "Review body can't be blank"
FOREIGN_COMMIT = "The commit_id is not part of the pull request"


async def create_review(
    world: World, pull: Pull, author: Account, wanted: Mapping[str, Any]
) -> Review:
    """Create a review with all its comments, or nothing at all. Raises Refusal 422."""
    require_unlocked(pull)
    event = _event(wanted)
    commit = await _commit(pull, wanted.get("commit_id"))
    comments = await _placed(pull, commit, wanted.get("comments") or [])
    body = wanted.get("body") or ""
    _require_content(pull, author, event, body, comments)
    _require_no_pending(world, pull, author)
    made = _add_review(world, pull, author, body, commit)
    for comment in comments:
        _add_comment(world, made, comment, author)
    if event is not None:
        await _submit(world, made, event)
    return made


async def submit_review(world: World, made: Review, wanted: Mapping[str, Any]) -> None:
    """Submit a pending review. Raises Refusal 422."""
    event = _event(wanted)
    if event is None:
        raise unprocessable("Event can't be blank")
    if not made.pending:
        raise unprocessable(f"Could not {event.lower().replace('_', ' ')} pull request review.")
    body = wanted.get("body") or made.body
    comments = [c for c in world.comments_of(made.pull) if c.review is made]
    _require_content(made.pull, made.author, event, body, comments)
    made.body = body
    await _submit(world, made, event)


def delete_review(world: World, made: Review) -> None:
    """Delete a pending review with its comments. Raises Refusal 422."""
    if not made.pending:
        raise Refusal(422, NOT_PENDING)
    for comment in world.comments_of(made.pull):
        if comment.review is made:
            del world.review_comments[comment.id]
    del world.reviews[made.id]


async def comment_on_diff(
    world: World, pull: Pull, author: Account, wanted: Mapping[str, Any]
) -> ReviewComment:
    """Comment on a line outside of a written review. Raises Refusal 422."""
    require_unlocked(pull)
    commit = await _commit(pull, wanted.get("commit_id"))
    placed = (await _placed(pull, commit, [wanted]))[0]
    _require_no_pending(world, pull, author)
    made = _add_review(world, pull, author, "", commit)
    comment = _add_comment(world, made, placed, author)
    await _submit(world, made, "COMMENT")
    return comment


async def reply(world: World, to: ReviewComment, author: Account, body: Any) -> ReviewComment:
    """Answer in a comment's thread; answers to answers are not supported. Raises Refusal 422."""
    require_unlocked(to.pull)
    if to.in_reply_to is not None:
        raise unprocessable("Replies to replies are not supported")
    errors = body_errors(body, required=True)
    if errors:
        raise unprocessable(*errors)
    _require_no_pending(world, to.pull, author)
    made = _add_review(world, to.pull, author, "", to.commit_id)
    placed = Placed(
        *(to.path, body, to.side, to.line, to.start_line, to.start_side, to.position, to.diff_hunk)
    )
    comment = _add_comment(world, made, placed, author)
    comment.in_reply_to = to.id
    await _submit(world, made, "COMMENT")
    return comment


async def edit_comment(world: World, comment: ReviewComment, actor: Account, body: Any) -> None:
    """Change a comment's text. Raises Refusal 422."""
    errors = body_errors(body, required=True)
    if errors:
        raise unprocessable(*errors)
    comment.body, comment.updated_at = body, world.now()
    await _announce_comment(world, comment, "edited", actor)


async def delete_comment(world: World, comment: ReviewComment, actor: Account) -> None:
    """Remove a comment."""
    del world.review_comments[comment.id]
    await _announce_comment(world, comment, "deleted", actor)


def _event(wanted: Mapping[str, Any]) -> str | None:
    """Return the event asked for; None leaves the review pending."""
    event = wanted.get("event")
    if event in {None, "", "PENDING"}:
        return None
    if event not in EVENTS:
        raise unprocessable(f"Variable $event of type PullRequestReviewEvent was invalid: {event}")
    return str(event)


async def _commit(pull: Pull, commit_id: Any) -> str:
    """Return the commit to comment on: the head, or an earlier one still in the pull request."""
    if commit_id is None or commit_id == pull.head_sha:
        return pull.head_sha
    listed = await pull.repo.git.commits(pull.base_sha, pull.head_sha)
    if commit_id not in {commit.sha for commit in listed}:
        raise unprocessable(FOREIGN_COMMIT)
    return str(commit_id)


async def _placed(pull: Pull, commit: str, comments: Any) -> list[Placed]:
    if not isinstance(comments, list) or not all(isinstance(c, dict) for c in comments):
        raise bad_request("For 'properties/comments', the value is not an array of objects.")
    files = await pull.repo.git.changes(pull.base_sha, commit) if comments else ()
    answers = [place(files, comment) for comment in comments]
    errors = [error for _, wrong in answers for error in wrong]
    if errors:
        raise unprocessable(*errors)
    return [placed for placed, _ in answers if placed is not None]


def _require_content(
    pull: Pull, author: Account, event: str | None, body: Any, comments: Sequence[object]
) -> None:
    errors = body_errors(body, required=False)
    if event in {"APPROVE", "REQUEST_CHANGES"} and author is pull.author:
        verb = "approve" if event == "APPROVE" else "request changes on"
        errors.append(f"Can not {verb} your own pull request")
    if event in {"COMMENT", "REQUEST_CHANGES"} and not body and not comments:
        errors.append(BLANK_REVIEW)
    if errors:
        raise unprocessable(*errors)


def _require_no_pending(world: World, pull: Pull, author: Account) -> None:
    """The rule holds for reviews that are submitted at once as well."""
    if any(r.pending and r.author is author for r in world.reviews_of(pull)):
        raise unprocessable(ONE_PENDING)


def _add_review(world: World, pull: Pull, author: Account, body: str, commit: str) -> Review:
    made = Review(next(world.ids), pull, author, body, "PENDING", commit, world.now())
    world.reviews[made.id] = made
    return made


def _add_comment(world: World, made: Review, at: Placed, author: Account) -> ReviewComment:
    now = world.now()
    comment = ReviewComment(
        id=next(world.ids),
        pull=made.pull,
        review=made,
        author=author,
        body=at.body,
        path=at.path,
        commit_id=made.commit_id,
        side=at.side,
        line=at.line,
        start_line=at.start_line,
        start_side=at.start_side,
        position=at.position,
        diff_hunk=at.diff_hunk,
        created_at=now,
        updated_at=now,
    )
    world.review_comments[comment.id] = comment
    return comment


async def _submit(world: World, made: Review, event: str) -> None:
    made.state, made.submitted_at = EVENTS[event], world.now()
    world.happened(made.pull, "reviewed", made.author, review=made.id, state=made.state)
    shape = review(world.site, made)
    payload = {
        "review": shape | {"state": made.state.lower()},
        "pull_request": simple(world.site, made.pull),
        "sender": user(world.site, made.author),
    }
    world.emit("pull_request_review", "submitted", made.pull.repo, payload)
    for comment in world.comments_of(made.pull):
        if comment.review is made:
            await _announce_comment(world, comment, "created", made.author)


async def _announce_comment(
    world: World, comment: ReviewComment, action: str, actor: Account
) -> None:
    payload = {
        "comment": await review_comment(world.site, comment),
        "pull_request": simple(world.site, comment.pull),
        "sender": user(world.site, actor),
    }
    world.emit("pull_request_review_comment", action, comment.pull.repo, payload)
