"""What channels that follow a repository are shown: the card, and what is said under it."""

from collections.abc import Sequence
from typing import Final

from core.models import Delivery, PullRequestRef, RecordedFinding
from slack.blocks.card import card
from slack.blocks.message import Message
from slack.blocks.message import message as built
from slack.blocks.words import code, context, count, foreign, link, section
from slack.replies import Reply

MOST_NEWS: Final = 3
"""Findings that are named; the others stand in the review."""
TITLE, NAME = 180, 220
_ENDED: Final = {"merged": "🟣 Merged", "closed": "⚫ Closed"}


def followed(delivery: Delivery, reply: Reply, web_url: str) -> Message:
    """Return the card, marked where the pull request is over."""
    shown = card(delivery, reply, web_url)
    end = _ENDED.get(delivery.ended)
    if end is None:
        return shown
    mark = context(f"*{end}*").to_dict()
    return Message(f"{shown.text} ({end})", (*shown.blocks, mark), shown.url)


def webhook_summary(delivery: Delivery, reply: Reply, web_url: str) -> Message:
    """Return how a review ended, for where nobody can press anything and nothing is edited."""
    shown = card(delivery, reply, web_url)
    record = delivery.outcome.record if delivery.outcome else None
    found = record.findings if record else ()
    titles = [f"• {foreign(each.title, TITLE)}" for each in found[:MOST_NEWS]]
    if len(found) > MOST_NEWS:
        titles.append(f"… and {len(found) - MOST_NEWS} more")
    blocks = tuple(each for each in shown.blocks if each.get("type") != "actions")
    return Message("\n".join([shown.text, *titles]), blocks, shown.url)


def news(ref: PullRequestRef, found: Sequence[RecordedFinding], web_url: str) -> Message:
    """Return that something important was found."""
    said = f"{count(len(found), 'new important finding')} in {foreign(str(ref), NAME)}"
    lines = [_line(each, web_url) for each in found[:MOST_NEWS]]
    if len(found) > MOST_NEWS:
        lines.append(f"… and {len(found) - MOST_NEWS} more in the review")
    return built(f"🔴 {said}", [section("\n".join([f"🔴 *{said}*", *lines]))])


def turned_clean(ref: PullRequestRef, head: str) -> Message:
    """Return that nothing is open any more."""
    said = f"Nothing is open any more in {foreign(str(ref), NAME)}."
    return built(f"✅ {said}", [section(f"✅ {said}"), context(f"commit {code(head[:7], 9)}")])


def _line(finding: RecordedFinding, web_url: str) -> str:
    title = foreign(finding.title.replace("`", "").rstrip(". "), TITLE) or "Finding"
    return f"• {link(finding.url, title, web_url)}"
