"""`receive`: a delivery from a file, judged and admitted as the webhook's route does.

There is no signature to prove: whoever can run this holds the ledger's address anyway.
"""

from math import ceil
from pathlib import Path
from uuid import uuid4

from bot.cli.exits import ExitCode
from bot.cli.terminal import Terminal
from core.errors import UserError
from core.intake import Intake
from core.models import (
    Accepted,
    Admission,
    Duplicate,
    DuplicateOf,
    Order,
    OrderTaken,
    PullRequestClosed,
    Refused,
    ReviewRequest,
)
from github.events import Event, MalformedEvent, decode
from github.render.words import count
from github.triggers import End, Hear, Ignore, Rules, decide

MAX_PAYLOAD_BYTES = 25 * 1024 * 1024
"""GitHub delivers nothing larger. https://docs.github.com/en/webhooks/webhook-events-and-payloads"""
_DUPLICATES = {
    DuplicateOf.DELIVERY: "this delivery was admitted before.",
    DuplicateOf.REVIEWED: "this head has its outcome already.",
    DuplicateOf.RUNNING: "this head is waiting or being reviewed.",
}

_HEARD = {
    OrderTaken.NEW: "Heard",
    OrderTaken.KNOWN: "Heard before:",
    OrderTaken.FULL: "Too many wait, not heard:",
}


async def receive(
    event: str,
    payload: bytes,
    *,
    rules: Rules,
    door: Intake | None,
    terminal: Terminal,
    delivery: str = "",
) -> ExitCode:
    """Judge a delivery, admit it where `door` is given, and tell what happened.

    Without a delivery's id a new one is made, so that a file can be received again. Raises
    UserError for what is no payload, TransientError when the ledger is away.
    """
    verdict = decide(_decoded(event, payload), rules, delivery or str(uuid4()))
    if isinstance(verdict, Ignore):
        terminal.data(f"Ignored: {verdict.reason}.")
        return ExitCode.CLEAN
    if isinstance(verdict, End):
        terminal.data(await _ended(verdict.closed, door))
        return ExitCode.CLEAN
    if isinstance(verdict, Hear):
        terminal.data(await _heard(verdict.order, door))
        return ExitCode.CLEAN
    if door is None:
        terminal.data(f"Would ask for a review of {_named(verdict.request)}.")
        return ExitCode.CLEAN
    admission = await door.accept(verdict.request)
    await door.ring(admission)
    terminal.data(told(admission, verdict.request))
    return ExitCode.USAGE if isinstance(admission, Refused) else ExitCode.CLEAN


async def _ended(closed: PullRequestClosed, door: Intake | None) -> str:
    """End what is queued for a closed pull request where `door` is given; tell what happened."""
    if door is None:
        return f"Would end what is queued for {closed.ref}."
    cancelled = await door.close(closed)
    if cancelled is None:
        return f"Nothing to cancel: {closed.ref} neither waits nor is being reviewed."
    return f"Cancelled: job {cancelled.job_id} of {closed.ref}. {closed.reason}"


async def _heard(order: Order, door: Intake | None) -> str:
    """Keep what a person said where `door` is given; tell what happened."""
    said = f"“{order.words}” of {order.origin.person or 'somebody'} on {order.ref}"
    if door is None:
        return f"Would hear {said}."
    return f"{_HEARD[await door.order(order)]} {said}."


def told(admission: Admission, request: ReviewRequest) -> str:
    """Return what became of a request, in a sentence."""
    match admission:
        case Accepted():
            return f"Accepted: {_named(request)} is job {admission.job_id}; {_start(admission)}."
        case Duplicate():
            link = f" See {admission.review_url}" if admission.review_url else ""
            return f"Duplicate: job {admission.job_id}; {_DUPLICATES[admission.of]}{link}"
        case Refused():
            return f"Refused: {admission.reason}"


def _start(admission: Accepted) -> str:
    if admission.limited_by:
        minutes = count(ceil(admission.starts_in / 60), "minute")
        return f"it starts in {minutes}, by the limit of its {admission.limited_by}"
    return f"{count(admission.ahead, 'job')} before it" if admission.ahead else "it is next"


def read_payload(file: Path) -> bytes:
    """Return the bytes of a payload. Raises UserError."""
    try:
        size = file.stat().st_size
        if size <= MAX_PAYLOAD_BYTES:
            return file.read_bytes()
        why = f"It has {size:,} bytes; GitHub delivers at most {MAX_PAYLOAD_BYTES:,}."
    except OSError as cause:
        why = f"{cause.strerror or cause}."
    raise UserError(f"{file} cannot be read.", why=why, next_step="Give -p a payload of GitHub.")


def _decoded(event: str, payload: bytes) -> Event:
    try:
        return decode(event, payload)
    except MalformedEvent as cause:
        raise UserError(
            f"That is no payload of the event “{event}”.",
            why=f"{cause}.",
            next_step="GitHub shows real ones under the App's recent deliveries.",
        ) from cause


def _named(request: ReviewRequest) -> str:
    full = ", in full" if request.full else ""
    return f"{request.ref} at {request.head[:7]}{full} ({request.action})"
