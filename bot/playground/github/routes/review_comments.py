"""Comments on the diff, and reactions to them; those of a pending review are not there.

https://docs.github.com/en/rest/pulls/comments
"""

from bot.playground.github.acts import comments as conversation
from bot.playground.github.acts import reviews as acts
from bot.playground.github.gate import Needs, covers, permission_of
from bot.playground.github.records import ReviewComment
from bot.playground.github.routes.reviews import settled
from bot.playground.github.routing import Route, Visit
from bot.playground.github.shapes import reviews as shapes
from bot.playground.github.wire import Refusal, Reply, accepted, empty, not_found, paginate


async def list_comments(visit: Visit) -> Reply:
    """List the comments on a pull request's diff."""
    comments = [
        comment
        for comment in visit.world.comments_of(visit.pull)
        if not comment.review.pending and settled(visit.world, comment.created_at)
    ]
    if visit.call.query.get("direction") == "desc":
        comments.reverse()
    rows = [await shapes.review_comment(visit.site, comment) for comment in comments]
    return paginate(visit.call, rows)


async def create_comment(visit: Visit) -> Reply:
    """Comment on one line."""
    made = await acts.comment_on_diff(visit.world, visit.pull, visit.author, visit.call.json())
    return accepted(await shapes.review_comment(visit.site, made), 201)


async def reply(visit: Visit) -> Reply:
    """Answer in a thread."""
    to = _comment(visit)
    if to.pull is not visit.pull:
        raise not_found()
    made = await acts.reply(visit.world, to, visit.author, visit.call.json().get("body"))
    return accepted(await shapes.review_comment(visit.site, made), 201)


async def get_comment(visit: Visit) -> Reply:
    """Answer with one comment."""
    return accepted(await shapes.review_comment(visit.site, _comment(visit)))


async def edit_comment(visit: Visit) -> Reply:
    """Change a comment's text."""
    comment = _editable(visit)
    await acts.edit_comment(visit.world, comment, visit.author, visit.call.json().get("body"))
    return accepted(await shapes.review_comment(visit.site, comment))


async def delete_comment(visit: Visit) -> Reply:
    """Remove a comment."""
    await acts.delete_comment(visit.world, _editable(visit), visit.author)
    return empty()


async def react(visit: Visit) -> Reply:
    """Add a reaction: 201, or 200 when it was there already."""
    comment, content = _comment(visit), visit.call.json().get("content")
    number, new = conversation.react(visit.world, comment.reactions, visit.author, content)
    shape = shapes.reaction(visit.site, number, visit.author, str(content), visit.world.now())
    return accepted(shape, 201 if new else 200)


async def list_reactions(visit: Visit) -> Reply:
    """List the reactions to a comment, of one kind where that is asked for."""
    wanted = visit.call.query.get("content", "")
    rows = [
        shapes.reaction(visit.site, number, author, content, visit.world.now())
        for number, author, content in _comment(visit).reactions
        if wanted in {"", content}
    ]
    return paginate(visit.call, rows)


async def unreact(visit: Visit) -> Reply:
    """Take one's own reaction back."""
    number = visit.call.number("reaction_id")
    conversation.unreact(_comment(visit).reactions, visit.author, number)
    return empty()


def _comment(visit: Visit) -> ReviewComment:
    found = visit.world.review_comments.get(visit.call.number("comment_id"))
    if found is None or found.pull.repo is not visit.repo:
        raise not_found()
    if found.review.pending and found.author is not visit.caller.account:
        raise not_found()
    return found


def _editable(visit: Visit) -> ReviewComment:
    found = _comment(visit)
    trusted = visit.caller.kind == "user" and covers(
        permission_of(visit.caller.account, visit.repo), "write"
    )
    if found.author is not visit.caller.account and not trusted:
        raise Refusal(403, "Resource not accessible by integration")
    return found


_READ = Needs(("pull_requests",))
_WRITE = Needs(("pull_requests",), "write")
_PULLS = "/repos/{owner}/{repo}/pulls"
_ONE = f"{_PULLS}/comments/{{comment_id}}"
ROUTES = (
    Route("GET", f"{_PULLS}/{{number}}/comments", list_comments, _READ),
    Route("POST", f"{_PULLS}/{{number}}/comments", create_comment, _WRITE, creates=True),
    Route(
        "POST", f"{_PULLS}/{{number}}/comments/{{comment_id}}/replies", reply, _WRITE, creates=True
    ),
    Route("GET", _ONE, get_comment, _READ),
    Route("PATCH", _ONE, edit_comment, _WRITE),
    Route("DELETE", _ONE, delete_comment, _WRITE),
    Route("POST", f"{_ONE}/reactions", react, _WRITE),
    Route("GET", f"{_ONE}/reactions", list_reactions, _READ),
    Route("DELETE", f"{_ONE}/reactions/{{reaction_id}}", unreact, _WRITE),
)
