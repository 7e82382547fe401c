"""Which finding is meant, where a thread names none: each with a button that says so."""

from collections.abc import Sequence
from typing import Final

from slack_sdk.models.blocks import Block

from core.commands import Ignore
from core.following import Talk
from core.models import DismissalScope, PullRequest, RecordedFinding
from slack.blocks.controls import choice_button, takes_back
from slack.blocks.finding import SEVERITIES, claim_of, place_of
from slack.blocks.message import Message, message
from slack.blocks.words import context, count, foreign, link, section

MOST_CHOICES: Final = 5
"""Findings with a button; as many as stand in the thread of a card."""
NAME: Final = 220


def which_finding(
    pull: PullRequest, found: Sequence[RecordedFinding], words: str, web_url: str
) -> Message:
    """Return the question, with buttons that say these words of one finding each."""
    state = "are dismissed" if takes_back(words) else "are open"
    said = f"{count(len(found), 'finding')} {state}, and this thread names none of them."
    blocks: list[Block] = [section(f"*{said}*\nWhich one do you mean?")]
    for number, finding in enumerate(found[:MOST_CHOICES]):
        about = Talk(ref=pull.ref, repo_id=pull.repo_id, finding_id=finding.id)
        symbol, word = SEVERITIES[finding.severity]
        line = f"{symbol} *{word}* · {claim_of(finding, web_url)}\n{place_of(finding)}"
        blocks.append(section(line, beside=choice_button(about, words, number)))
    left = len(found) - MOST_CHOICES
    if left > 0:
        rest = link(pull.url, f"… and {left:,} more on the pull request", web_url)
        blocks.append(context(rest))
    return message(f"{foreign(str(pull.ref), NAME)}: {said} Which one do you mean?", blocks)


def words_of(ignore: Ignore) -> str:
    """Return the command that was said, to be said again of one finding."""
    scope = "rule" if ignore.scope is DismissalScope.RULE else ""
    end = f"because {' '.join(ignore.reason.split())}" if ignore.reason else ""
    return " ".join(part for part in ("ignore", scope, "off" if ignore.off else end) if part)
