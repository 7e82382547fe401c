"""What a question is answered with, in the thread where it was asked."""

from typing import Final

from slack_sdk.models.blocks import Block

from core.desk import Answer
from core.errors import UserError
from core.models import PullRequestRef
from slack.blocks.answers import problem
from slack.blocks.message import Message, message
from slack.blocks.prose import prose
from slack.blocks.words import context, foreign, link, person, section

PART, WHOLE = 2_900, 8_000
"""Characters of a section, of an answer: it has three hundred words, and code may stand in it."""
GIST, QUESTION, MODEL, NAME = 280, 240, 120, 220
"""Characters of the words alone, of the question, of a model's name, of a pull request's."""
_UNTITLED: Final = "Argus has no answer to that."


def answered(
    ref: PullRequestRef, question: str, answer: Answer, *, user: str, url: str, web_url: str
) -> Message:
    """Return an answer with what it answers; nothing in it mentions, links or formats."""
    said = prose(answer.text, WHOLE) or _UNTITLED
    asked = foreign(question, QUESTION)
    named = link(url, foreign(str(ref), NAME), web_url)
    blocks: list[Block] = [section(part) for part in _parts(said)]
    blocks.append(
        context(
            named,
            f"asked by {who}" if (who := person(user)) else "",
            f"“{asked}”" if asked else "",
            f"answered by {foreign(answer.model, MODEL)}" if answer.model else "",
        )
    )
    return message(foreign(answer.text, GIST) or _UNTITLED, blocks, url=url)


def unanswered(error: UserError, request_id: str) -> Message:
    """Return why there is no answer, and what to do."""
    return problem(error, request_id)


def _parts(text: str) -> list[str]:
    """Cut between lines, outside of code, so that each part is whole mrkdwn of its own."""
    parts: list[str] = []
    for piece in _pieces(text):
        if parts and len(parts[-1]) + 1 + len(piece) <= PART:
            parts[-1] = f"{parts[-1]}\n{piece}"
        else:
            parts.append(piece)
    return [part for part in (each.strip() for each in parts) if part]


def _pieces(text: str) -> list[str]:
    """Return lines, and blocks of code as one each; a block that is too long is cut."""
    pieces: list[str] = []
    code: list[str] | None = None
    for line in text.split("\n"):
        if line == "```" and code is None:
            code = []
        elif line == "```" and code is not None:
            pieces += _code(code)
            code = None
        elif code is None:
            pieces.append(line)
        else:
            code.append(line)
    return pieces


def _code(lines: list[str]) -> list[str]:
    blocks: list[list[str]] = [[]]
    for line in lines:
        if sum(map(len, blocks[-1])) + len(blocks[-1]) + len(line) > PART - 10:
            blocks.append([])
        blocks[-1].append(line)
    return ["\n".join(["```", *block, "```"]) for block in blocks if block]
