"""Comments in the conversation, and reactions."""

from collections.abc import MutableSequence

from bot.playground.github.records import Account, IssueComment, Pull
from bot.playground.github.rules.sizes import require_comment_body
from bot.playground.github.shapes.accounts import user
from bot.playground.github.shapes.pulls import simple
from bot.playground.github.shapes.reviews import REACTIONS, issue_comment
from bot.playground.github.wire import Refusal, invalid, not_found
from bot.playground.github.world import World

Reactions = MutableSequence[tuple[int, Account, str]]


def add_comment(
    world: World, pull: Pull, author: Account, body: object, *, via_app: bool
) -> IssueComment:
    """Comment in the conversation. Raises Refusal 403, 422."""
    text = require_comment_body("IssueComment", body)
    require_unlocked(pull)
    now = world.now()
    comment = IssueComment(next(world.ids), pull, author, text, now, now, via_app)
    world.issue_comments[comment.id] = comment
    world.happened(pull, "commented", author, comment=comment.id)
    _announce(world, comment, "created", author)
    return comment


def edit_comment(world: World, comment: IssueComment, actor: Account, body: object) -> None:
    """Change a comment's text. Raises Refusal 422."""
    comment.body = require_comment_body("IssueComment", body)
    comment.updated_at = world.now()
    _announce(world, comment, "edited", actor)


def delete_comment(world: World, comment: IssueComment, actor: Account) -> None:
    """Remove a comment."""
    del world.issue_comments[comment.id]
    _announce(world, comment, "deleted", actor)


def react(world: World, reactions: Reactions, author: Account, content: object) -> tuple[int, bool]:
    """Add a reaction, once for each person and kind; tell whether it is new."""
    if not isinstance(content, str) or content not in REACTIONS:
        raise invalid("Reaction", "content", "invalid")
    for number, who, what in reactions:
        if who is author and what == content:
            return number, False
    number = next(world.ids)
    reactions.append((number, author, content))
    return number, True


def unreact(reactions: Reactions, author: Account, number: int) -> None:
    """Take a reaction back. Raises Refusal 404 for one that is not there, 403 for another's."""
    found = next((each for each in reactions if each[0] == number), None)
    if found is None:
        raise not_found()
    if found[1] is not author:
        raise Refusal(403, "Resource not accessible by integration")
    reactions.remove(found)


def require_unlocked(pull: Pull) -> None:
    """Refuse to talk in a locked conversation. Raises Refusal 403."""
    if pull.locked:
        raise Refusal(403, "Unable to create comment because issue is locked.")


def _announce(world: World, comment: IssueComment, action: str, actor: Account) -> None:
    pull = comment.pull
    shape = simple(world.site, pull)
    shared = ("id", "node_id", "number", "title", "user", "labels", "state", "locked", "body")
    issue = {name: shape[name] for name in shared} | {
        "url": world.site.issue(pull),
        "html_url": shape["html_url"],
        "comments": len(world.conversation_of(pull)),
        "author_association": shape["author_association"],
        "draft": pull.draft,
        "pull_request": {
            "url": shape["url"],
            "html_url": shape["html_url"],
            "diff_url": shape["diff_url"],
            "patch_url": shape["patch_url"],
            "merged_at": shape["merged_at"],
        },
    }
    payload = {
        "issue": issue,
        "comment": issue_comment(world, comment),
        "sender": user(world.site, actor),
    }
    world.emit("issue_comment", action, pull.repo, payload)
