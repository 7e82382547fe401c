"""The posting protocol; implements `core.ports.Publisher`.

live head → lease → look for our own marker → pending review → store its id → live head → lease →
submit. GitHub knows no idempotency key, so after every doubt we look before we write again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from core.errors import ArgusError, HeadMoved, PermanentError, PullRequestGone, TransientError
from core.fault_points import FaultPoint, reach
from core.models import Job, PostedReview, PullRequest, ReviewDraft
from core.ports import Fence, Host
from github.client import GitHubClient
from github.errors import AmbiguousWrite, Forbidden, NotFound, RateLimited, Unprocessable
from github.identity import Identity
from github.markers import Markers, review_id
from github.posting.creation import LOOKS, Created, Creation
from github.posting.gate import Gate
from github.posting.own_reviews import OwnReview, OwnReviews
from github.pull_requests import GitHubPullRequest
from github.sanitise import Home
from github.sanitise.links import GITHUB

SUBMISSIONS: Final = 3
"""Times one review is submitted in one run; a second submission of the same id is refused."""
WAITS_FOR_COMMENTS: Final = (0.0, 0.5, 2.0)
"""Seconds before each look for the addresses of a new review's comments."""


class ReviewPublisher:
    """Posts the review of one job, or adopts the one that an earlier attempt posted."""

    def __init__(
        self,
        client: GitHubClient,
        job: Job,
        markers: Markers,
        identity: Identity,
        *,
        host: Host | None = None,
        web_url: str = GITHUB,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._job = job
        self._clock = clock
        self._sleep = sleep
        self._started = clock()
        self._markers = markers
        self._home = Home(job.ref, web_url)
        self._host = host or GitHubPullRequest(client, job.ref, None, None)
        self._reviews = OwnReviews(client, job.ref, markers, identity)

    async def publish(self, draft: ReviewDraft, fence: Fence) -> PostedReview:
        """Post or adopt.

        Raises HeadMoved, LeaseLost, PullRequestGone, TransientError, PermanentError, and UserError
        when a person's own draft stands in the way.
        """
        try:
            return await self._published(draft, fence)
        except Forbidden as failure:
            raise PullRequestGone(f"{self._job.ref} is out of reach. {failure.reason}") from failure

    async def find_posted(self, pull: PullRequest, fence: Fence) -> PostedReview | None:
        """Return the submitted review of an earlier attempt, its findings read from GitHub."""
        name = self._name(pull)
        found = await self._stored(name, fence)
        if found is None or found.pending:
            own = await self._reviews.all()
            found = next((r for r in own if r.marker == name and not r.pending), None)
        return await self._adopted(found) if found else None

    async def _published(self, draft: ReviewDraft, fence: Fence) -> PostedReview:
        gate = Gate(self._host, draft.pull, fence, self._clock)
        await gate.require_head()
        await fence.check()
        creation = self._creation(draft.pull, gate)
        review, created = await self._earlier(creation, fence), None
        if review is None:
            created = await creation.create(draft.inline)
            review = created.review
        if review.pending:
            review = await self._stored_and_submitted(review, fence, gate)
            await reach(FaultPoint.SUBMITTED)
        return await (self._posted(review, created) if created else self._adopted(review))

    async def _earlier(self, creation: Creation, fence: Fence) -> OwnReview | None:
        """Return what an earlier attempt left; none counts only once its writes must be visible."""
        found = await self._stored(creation.name, fence)
        if found is None:
            found, _ = await creation.look(creation.name)
        unsettled = self._unsettled(fence)
        if found is None and unsettled > 0:
            await self._sleep(unsettled)
            found, _ = await creation.look(creation.name)
        return found

    def _unsettled(self, fence: Fence) -> float:
        """Return seconds until GitHub must show what an earlier attempt may have written.

        An attempt that passed no fence has written nothing, and cannot any more: its epoch is gone.
        """
        if self._job.fenced_ago is None:
            return 0.0
        since = self._job.fenced_ago + self._clock() - self._started
        return fence.write_timeout + fence.settle_seconds - since

    async def _stored(self, name: str, fence: Fence) -> OwnReview | None:
        """Return the review whose id was stored before it was submitted."""
        stored = fence.review_id if fence.review_id is not None else self._job.review_id
        review = await self._reviews.one(stored) if stored is not None else None
        return review if review is not None and review.marker == name else None

    async def _stored_and_submitted(self, review: OwnReview, fence: Fence, gate: Gate) -> OwnReview:
        """Store the id, then submit; without a pull request to review nothing is left behind."""
        try:
            if fence.review_id != review.id:
                await reach(FaultPoint.POSTED)
                await fence.remember_review(review.id)
                await reach(FaultPoint.REMEMBERED)
            return await self._submitted(review, fence, gate)
        except (HeadMoved, PermanentError):
            await self._discard(review, gate)
            raise

    async def _submitted(self, review: OwnReview, fence: Fence, gate: Gate) -> OwnReview:
        """Submit until GitHub shows it submitted; the same id cannot be submitted twice."""
        for _ in range(SUBMISSIONS):
            seconds = await gate.for_submission()
            await reach(FaultPoint.SUBMITTING)
            try:
                return await self._reviews.submit(review, seconds=seconds)
            except RateLimited as limit:
                if limit.retry_after > gate.seconds:
                    raise
                await self._sleep(limit.retry_after)
                continue
            except AmbiguousWrite:
                await self._sleep(LOOKS[0] * fence.settle_seconds)
                now = await self._reviews.one(review.id)
            except (Unprocessable, NotFound):
                now = await self._reviews.one(review.id)
                if now is not None and now.pending:
                    raise
            if now is None:
                await gate.require_head()  # with its pull request it vanishes for good
                raise TransientError("The pending review vanished before it was submitted.")
            if not now.pending:
                return now
        raise TransientError("GitHub does not submit the pending review.")

    async def _discard(self, review: OwnReview, gate: Gate) -> None:
        """Delete a pending review that nobody needs; the next run clears it if this fails."""
        with suppress(ArgusError):
            # A newer head is no reason to leave it: the lease was renewed all the same.
            with suppress(HeadMoved):
                await gate.for_write()
            await self._reviews.delete(review, seconds=gate.seconds)

    async def _adopted(self, review: OwnReview) -> PostedReview:
        urls = await self._reviews.comment_urls(review)
        return PostedReview(id=review.id, url=review.url, comment_urls=urls, adopted=True)

    async def _posted(self, review: OwnReview, created: Created) -> PostedReview:
        """Return the result. It is posted now: addresses that GitHub does not show yet stay out."""
        urls: dict[str, str] = {}
        for wait in WAITS_FOR_COMMENTS:
            await self._sleep(wait)
            with suppress(ArgusError):
                urls = await self._reviews.comment_urls(review)
            if len(urls) >= len(created.posted):
                break
        return PostedReview(
            id=review.id, url=review.url, comment_urls=urls, refused=created.refused
        )

    def _creation(self, pull: PullRequest, gate: Gate) -> Creation:
        return Creation(
            reviews=self._reviews,
            pull=pull,
            name=self._name(pull),
            gate=gate,
            markers=self._markers,
            home=self._home,
            sleep=self._sleep,
        )

    def _name(self, pull: PullRequest) -> str:
        return review_id(self._job.repo_id, self._job.ref.number, pull.head, self._job.ordinal)
