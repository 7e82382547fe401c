"""What a command is answered with, for the eyes of whoever asked."""

from math import ceil
from typing import Final

from slack_sdk.models.blocks import ContextBlock

from core.errors import UserError
from core.models import (
    Accepted,
    Duplicate,
    DuplicateOf,
    Limit,
    PullRequest,
    PullRequestRef,
    Refused,
)
from slack.blocks.message import Message, message
from slack.blocks.small_print import commit as short
from slack.blocks.words import MINUTE, about, context, count, foreign, link, own_link, section

SENTENCE: Final = 600
"""Characters of one sentence of an error."""
_LIMITED: Final = {
    Limit.REPOSITORY: "this repository has had its reviews of an hour.",
    Limit.ORGANISATION: "its owner has had the reviews of an hour.",
    Limit.PERSON: "as many reviews as one person may have in an hour were asked for.",
}


def accepted(
    pull: PullRequest, admission: Accepted, web_url: str, *, past: bool = False
) -> Message:
    """Return where the request stands in the queue; `past` if it came from an older card."""
    place = _place(admission)
    named, title = _named(pull.ref, pull.url, web_url), foreign(pull.title, 150)
    return message(
        f"Queued: the review of {foreign(str(pull.ref), 220)}. {place}",
        [
            section(f"⏳ *Queued:* {named} {title}\n{place} You will be told here."),
            *_of_newest(pull, past),
        ],
    )


def _place(admission: Accepted) -> str:
    """Say where a request stands, and roughly when it is answered, as far as that is known."""
    if admission.limited_by:
        return _held(admission.limited_by, admission.starts_in)
    place = f"{count(admission.ahead, 'review')} before it" if admission.ahead else "It is next"
    if admission.ready_in:
        return f"{place}, ready in {about(admission.ready_in)}."
    return f"{place}; how long that takes is not known yet."


def _joined(admission: Duplicate) -> str:
    """Say when what was joined is answered, where anything tells."""
    if admission.limited_by:
        return f" {_held(admission.limited_by, admission.starts_in)}"
    return f" It is ready in {about(admission.ready_in)}." if admission.ready_in else ""


def _held(limit: Limit, starts_in: float) -> str:
    """Say when a review starts that a limit makes wait."""
    return f"It starts in {count(ceil(starts_in / MINUTE), 'minute')}: {_LIMITED[limit]}"


def duplicate(
    pull: PullRequest, admission: Duplicate, web_url: str, *, past: bool = False
) -> Message | None:
    """Return what there is already; nothing for a request that Slack repeated."""
    newest = _of_newest(pull, past)
    named, name = _named(pull.ref, pull.url, web_url), foreign(str(pull.ref), 220)
    match admission.of:
        case DuplicateOf.DELIVERY:
            return None
        case DuplicateOf.RUNNING:
            start = _joined(admission)
            text = f"👀 *Already under way:* {named}\nYou joined it and will be told here.{start}"
            said = f"{name} is under way already; you will be told.{start}"
            return message(said, [section(text), *newest])
        case DuplicateOf.REVIEWED:
            where = link(admission.review_url or pull.url, "its review stands there", web_url)
            text = f"✅ *Reviewed already:* {named}\nThis commit was read; {where}."
            again = f"`/argus review {pull.ref} full` reads it again."
            return message(
                f"{name} was reviewed at this commit already.",
                [section(text), *newest, context(again)],
            )


def refused(admission: Refused, request_id: str) -> Message:
    """Return why the intake did not take it."""
    return problem(UserError(admission.reason), request_id)


def problem(error: UserError, request_id: str) -> Message:
    """Return what happened, why, and what to do next."""
    what = foreign(error.what, SENTENCE) or "That did not work."
    why, step = foreign(error.why, SENTENCE), foreign(error.next_step, SENTENCE)
    lines = [f"*{what}*", why, own_link(error.link, step) if step else ""]
    return message(
        " ".join(said for said in (what, why, step) if said),
        [section("\n".join(line for line in lines if line)), _request(request_id)],
    )


def away(request_id: str) -> Message:
    """Return that something Argus needs cannot be reached."""
    return problem(
        UserError(
            "Nothing was queued or changed.",
            why="Something Argus needs cannot be reached right now.",
            next_step="Ask again in a minute.",
        ),
        request_id,
    )


def unexpected(request_id: str) -> Message:
    """Return an apology that an operator can follow up."""
    return problem(
        UserError(
            "That failed, and it is not your fault.",
            next_step="Ask again; if it fails again, give the request id to whoever runs Argus.",
        ),
        request_id,
    )


def _of_newest(pull: PullRequest, past: bool) -> list[ContextBlock]:
    """Say what is meant where somebody pressed a button under an older commit."""
    if not past:
        return []
    return [context(f"That card shows an older commit; this is about {short(pull.head)}.")]


def _named(ref: PullRequestRef, url: str, web_url: str) -> str:
    return f"*{link(url, foreign(str(ref), 220), web_url)}*"


def _request(request_id: str) -> ContextBlock:
    return context(f"Request {request_id}")
