"""Comments in the conversation of a pull request, and reactions to them.

Either of the permissions for issues and for pull requests is enough.
https://docs.github.com/en/rest/issues/comments
"""

from bot.playground.github.acts import comments as acts
from bot.playground.github.gate import Needs, covers, permission_of
from bot.playground.github.records import IssueComment
from bot.playground.github.routes.reviews import settled
from bot.playground.github.routing import Route, Visit
from bot.playground.github.shapes import reviews as shapes
from bot.playground.github.wire import Refusal, Reply, accepted, empty, not_found, paginate
from bot.playground.github.world import iso


async def list_comments(visit: Visit) -> Reply:
    """List the conversation, oldest first; `since` is by the time of the last change."""
    since = visit.call.query.get("since", "")
    rows = [
        shapes.issue_comment(visit.world, comment)
        for comment in visit.world.conversation_of(visit.pull)
        if settled(visit.world, comment.created_at) and iso(comment.updated_at) >= since
    ]
    return paginate(visit.call, rows)


async def create_comment(visit: Visit) -> Reply:
    """Comment in the conversation."""
    body = visit.call.json().get("body")
    made = acts.add_comment(visit.world, visit.pull, visit.author, body, via_app=visit.via_app)
    return accepted(shapes.issue_comment(visit.world, made), 201)


async def get_comment(visit: Visit) -> Reply:
    """Answer with one comment."""
    return accepted(shapes.issue_comment(visit.world, _comment(visit)))


async def edit_comment(visit: Visit) -> Reply:
    """Change a comment's text."""
    comment = _editable(visit)
    acts.edit_comment(visit.world, comment, visit.author, visit.call.json().get("body"))
    return accepted(shapes.issue_comment(visit.world, comment))


async def delete_comment(visit: Visit) -> Reply:
    """Remove a comment."""
    acts.delete_comment(visit.world, _editable(visit), visit.author)
    return empty()


async def react(visit: Visit) -> Reply:
    """Add a reaction: 201, or 200 when it was there already."""
    comment, content = _comment(visit), visit.call.json().get("content")
    number, new = acts.react(visit.world, comment.reactions, visit.author, content)
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
    acts.unreact(_comment(visit).reactions, visit.author, number)
    return empty()


def _comment(visit: Visit) -> IssueComment:
    found = visit.world.issue_comments.get(visit.call.number("comment_id"))
    if found is None or found.pull.repo is not visit.repo:
        raise not_found()
    return found


def _editable(visit: Visit) -> IssueComment:
    found = _comment(visit)
    trusted = visit.caller.kind == "user" and covers(
        permission_of(visit.caller.account, visit.repo), "write"
    )
    if found.author is not visit.caller.account and not trusted:
        raise Refusal(403, "Resource not accessible by integration")
    return found


_READ = Needs(("issues", "pull_requests"))
_WRITE = Needs(("issues", "pull_requests"), "write")
_ISSUES = "/repos/{owner}/{repo}/issues"
_ONE = f"{_ISSUES}/comments/{{comment_id}}"
ROUTES = (
    Route("GET", f"{_ISSUES}/{{number}}/comments", list_comments, _READ),
    Route("POST", f"{_ISSUES}/{{number}}/comments", create_comment, _WRITE, creates=True),
    Route("GET", _ONE, get_comment, _READ),
    Route("PATCH", _ONE, edit_comment, _WRITE),
    Route("DELETE", _ONE, delete_comment, _WRITE),
    Route("POST", f"{_ONE}/reactions", react, _WRITE),
    Route("GET", f"{_ONE}/reactions", list_reactions, _READ),
    Route("DELETE", f"{_ONE}/reactions/{{reaction_id}}", unreact, _WRITE),
)
