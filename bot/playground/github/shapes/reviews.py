"""Reviews, comments on the diff, comments in the conversation and reactions as JSON."""

from collections import Counter
from typing import Any

from bot.playground.github.records import Account, IssueComment, Review, ReviewComment
from bot.playground.github.rules.positions import Standing, standing
from bot.playground.github.shapes.accounts import app, association, node_id, user
from bot.playground.github.site import Site
from bot.playground.github.world import World, iso

REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


def review(site: Site, record: Review) -> dict[str, Any]:
    """Return a review; one that is pending has no time of submission."""
    pull = record.pull
    page = f"{site.pull_page(pull)}#pullrequestreview-{record.id}"
    shape = {
        "id": record.id,
        "node_id": node_id("PRR", record.id),
        "user": user(site, record.author),
        "body": record.body,
        "state": record.state,
        "html_url": page,
        "pull_request_url": site.pull(pull),
        "author_association": association(pull.repo, record.author),
        "_links": {"html": {"href": page}, "pull_request": {"href": site.pull(pull)}},
        "commit_id": record.commit_id,
    }
    if record.submitted_at is not None:
        shape["submitted_at"] = iso(record.submitted_at)
    return shape


async def review_comment(site: Site, record: ReviewComment) -> dict[str, Any]:
    """Return a comment on the diff, where it stands now."""
    at = await standing(record)
    pull = record.pull
    api = f"{site.repo(pull.repo)}/pulls/comments/{record.id}"
    page = f"{site.pull_page(pull)}#discussion_r{record.id}"
    shape = {
        "url": api,
        "pull_request_review_id": record.review.id,
        "id": record.id,
        "node_id": node_id("PRRC", record.id),
        "diff_hunk": record.diff_hunk,
        "path": record.path,
        "commit_id": at.commit_id,
        "original_commit_id": record.commit_id,
        "user": user(site, record.author),
        "body": record.body,
        "created_at": iso(record.created_at),
        "updated_at": iso(record.updated_at),
        "html_url": page,
        "pull_request_url": site.pull(pull),
        "author_association": association(pull.repo, record.author),
        "_links": {
            "self": {"href": api},
            "html": {"href": page},
            "pull_request": {"href": site.pull(pull)},
        },
        "reactions": rollup(api, record.reactions),
        **_lines(record, at),
    }
    if record.in_reply_to is not None:
        shape["in_reply_to_id"] = record.in_reply_to
    return shape


def issue_comment(world: World, record: IssueComment) -> dict[str, Any]:
    """Return a comment in the conversation."""
    site, pull = world.site, record.pull
    api = f"{site.repo(pull.repo)}/issues/comments/{record.id}"
    return {
        "url": api,
        "html_url": f"{site.pull_page(pull)}#issuecomment-{record.id}",
        "issue_url": site.issue(pull),
        "id": record.id,
        "node_id": node_id("IC", record.id),
        "user": user(site, record.author),
        "created_at": iso(record.created_at),
        "updated_at": iso(record.updated_at),
        "body": record.body,
        "author_association": association(pull.repo, record.author),
        "reactions": rollup(api, record.reactions),
        "performed_via_github_app": app(site, world.app) if record.via_app and world.app else None,
    }


def reaction(site: Site, number: int, author: Account, content: str, at: float) -> dict[str, Any]:
    """Return one reaction."""
    return {
        "id": number,
        "node_id": node_id("REA", number),
        "user": user(site, author),
        "content": content,
        "created_at": iso(at),
    }


def rollup(api: str, reactions: list[tuple[int, Account, str]]) -> dict[str, Any]:
    """Return the counts of reactions that stand in a comment."""
    counts = Counter(content for _, _, content in reactions)
    return {
        "url": f"{api}/reactions",
        "total_count": len(reactions),
        **{content: counts[content] for content in REACTIONS},
    }


def _lines(record: ReviewComment, at: Standing) -> dict[str, Any]:
    if record.line is None:
        return {"subject_type": "file", "side": record.side, "line": None, "position": None}
    return {
        "start_line": at.start_line,
        "original_start_line": record.start_line,
        "start_side": record.start_side,
        "line": at.line,
        "original_line": record.line,
        "side": record.side,
        "position": at.position,
        "original_position": record.position,
        "subject_type": "line",
    }
