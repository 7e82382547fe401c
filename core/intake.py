"""The only door to the queue, whichever front end knocked.

It judges the form of a request and nothing else: who may ask was decided by the front end, and
whether there is something to review is decided by the worker against the live pull request.
"""

import re
from collections.abc import Callable
from secrets import token_hex

from core.models import (
    Accepted,
    Admission,
    Cancelled,
    Duplicate,
    DuplicateOf,
    Order,
    OrderTaken,
    PullRequestClosed,
    Refused,
    ReviewRequest,
)
from core.ports import Admissions, Bell

SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
"""A commit of a SHA-1 or a SHA-256 repository."""
NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
"""An owner or a repository on GitHub; neither may be longer than 100 characters."""
MAX_FOCUS = 500
"""Characters of an asker's words that are kept."""
MAX_WORDS = 4_001
"""Characters of an order that are kept: one more than a command may have, so that what is too
long is told so."""


def new_correlation_id() -> str:
    """Return an id that follows a request through logs, the check run and the ledger."""
    return token_hex(8)


class Intake:
    """Admits requests into the ledger, and wakes a worker for them."""

    def __init__(
        self,
        admissions: Admissions,
        bell: Bell,
        *,
        new_id: Callable[[], str] = new_correlation_id,
    ) -> None:
        self._admissions = admissions
        self._bell = bell
        self._new_id = new_id

    async def accept(self, request: ReviewRequest) -> Admission:
        """Admit a request; answer the asker, then `ring`.

        Raises TransientError when the ledger is away: then nothing is promised, and the
        asker must be told so.
        """
        problem = _problem(request)
        if problem:
            return Refused(reason=problem)
        return await self._admissions.admit(
            request.model_copy(
                update={
                    "focus": request.focus[:MAX_FOCUS],
                    "correlation_id": request.correlation_id or self._new_id(),
                }
            )
        )

    async def close(self, closed: PullRequestClosed) -> Cancelled | None:
        """End what is queued for a closed pull request; None when there is nothing.

        Raises TransientError when the ledger is away. That loses nothing: the worker looks at
        the live pull request anyway.
        """
        return await self._admissions.cancel(closed)

    async def order(self, order: Order) -> OrderTaken:
        """Keep what a person said of a pull request, once.

        Whether it means anything, and whether this person may say it, is judged when it is
        carried out. Raises TransientError when the ledger is away: then nothing is promised.
        """
        return await self._admissions.take(
            order.model_copy(
                update={
                    "words": order.words[:MAX_WORDS],
                    "correlation_id": order.correlation_id or self._new_id(),
                }
            )
        )

    async def ring(self, admission: Admission) -> None:
        """Wake a worker if the admission made something due; never raises for the bell."""
        match admission:
            case Accepted(starts_in=0):
                await self._bell.ring(admission.job_id)
            case Duplicate(of=DuplicateOf.RUNNING):
                # A person who joins a waiting job makes it due.
                await self._bell.ring(admission.job_id)


def _problem(request: ReviewRequest) -> str:
    """Say what is wrong with the form of a request, in a sentence for people."""
    ref = request.ref
    if not (NAME.fullmatch(ref.owner) and NAME.fullmatch(ref.repo)) or ref.number < 1:
        return "That is not a pull request Argus can name; use owner/repo#12 or its address."
    if request.repo_id < 1 or not SHA.fullmatch(request.head):
        return "GitHub did not name the commit to review; ask again in a moment."
    return ""
