"""Notes where a review is about to be posted, so that the place is looked at once more.

Each posting is noted, not only those that went badly: what goes wrong unseen is what must be
found, and a second look costs one request where a review cost many. It is noted before the first
write, so that it is known whenever the run dies.
"""

from dataclasses import dataclass

from bot.adapters.ledger.marks import Doubt, Marks
from core.models import Job, PostedReview, PullRequest, ReviewDraft
from core.ports import Fence, Publisher


@dataclass(frozen=True)
class NotedPublisher:
    """Notes the pull request, then posts; implements `core.ports.Publisher`."""

    publisher: Publisher
    marks: Marks
    job: Job
    delay: float
    """Seconds until the second look, at least."""

    async def publish(self, draft: ReviewDraft, fence: Fence) -> PostedReview:
        """Post or adopt."""
        job = self.job
        doubt = Doubt(
            job_id=job.id,
            ref=job.ref,
            repo_id=job.repo_id,
            installation_id=job.installation_id,
        )
        await self.marks.doubt(doubt, self.delay)
        return await self.publisher.publish(draft, fence)

    async def find_posted(self, pull: PullRequest, fence: Fence) -> PostedReview | None:
        """Return the review that an earlier attempt of this job submitted, if any."""
        return await self.publisher.find_posted(pull, fence)
