"""What channels that follow a repository are shown: the card, and what is said under it."""

from collections.abc import Sequence
from typing import Final

from core.coverage import verdict
from core.models import Conclusion, Delivery, Outcome, PullRequestRef, RecordedFinding
from slack.blocks.card import ALONE, Setting, card
from slack.blocks.finding import claim_of
from slack.blocks.message import Message
from slack.blocks.message import message as built
from slack.blocks.small_print import commit, doubt
from slack.blocks.words import context, count, foreign, section
from slack.replies import Reply

MOST_NEWS: Final = 3
"""Findings that are named; the others stand in the review."""
TITLE, NAME = 180, 220
_ENDED: Final = {"merged": "🟣 Merged", "closed": "⚫ Closed"}


def followed(delivery: Delivery, reply: Reply, web_url: str, setting: Setting = ALONE) -> Message:
    """Return the card, marked where the pull request is over."""
    shown = card(delivery, reply, web_url, setting)
    end = _ENDED.get(delivery.ended)
    if end is None:
        return shown
    state, *rest = shown.blocks
    mark = context(f"*{end}*").to_dict()
    return Message(f"{shown.text} ({end})", (state, mark, *rest), shown.url)


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
        lines.append(f"… and {len(found) - MOST_NEWS} more")
    return built(f"🔴 {said}", [section("\n".join([f"🔴 *{said}*", *lines]))])


def turned_clean(ref: PullRequestRef, outcome: Outcome) -> Message:
    """Return that nothing is open any more; green only where everything was read."""
    judged = verdict(outcome)
    symbol = "✅" if judged.conclusion is Conclusion.SUCCESS else "🟡"
    said = f"{symbol} Nothing is open any more in {foreign(str(ref), NAME)}."
    small = context(foreign(judged.title, TITLE), commit(outcome.head))
    return built(said, [section(said), small])


def _line(finding: RecordedFinding, web_url: str) -> str:
    doubtful = f" ({said})" if (said := doubt(finding)) else ""
    return f"• {claim_of(finding, web_url)}{doubtful}"
