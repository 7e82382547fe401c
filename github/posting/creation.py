"""Gets one pending review made, and no second: looks before it creates and after every doubt.

GitHub lets an account have one pending review on a pull request. That is the lock that keeps two
runs from both creating one; a marker says whose it is.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.errors import PullRequestGone, TransientError, UserError
from core.fault_points import FaultPoint, reach
from core.models import Finding, PullRequest, PullRequestRef
from github.errors import AmbiguousWrite, NotFound, Unprocessable
from github.markers import MarkerKind, Markers
from github.posting.gate import Gate
from github.posting.own_reviews import OwnReview, OwnReviews
from github.render import inline_comment, review_body
from github.sanitise import Home

MOST_COMMENTS: Final = 30
"""Comments of one review; beyond 32 GitHub answers 502 although it has posted them."""
LOOKS: Final = (2 / 15, 5 / 15, 1.0)
"""Waits before each look after a doubtful write: 2, 5 and 15 s of a settling time of 15 s."""
CREATIONS: Final = 3
"""Times a review is created in one run; each but the first follows a look that found none."""
_ONE_PENDING: Final = "one pending review"
_PROBE: Final = ".probe"
"""Ends the marker of a review that is only made to see which comments GitHub takes."""


@dataclass(frozen=True, slots=True)
class Created:
    """A pending review, ready to be submitted."""

    review: OwnReview
    posted: tuple[Finding, ...]
    refused: tuple[str, ...]
    """Ids of findings whose place GitHub did not take."""


@dataclass(frozen=True, slots=True)
class Creation:
    """Makes the pending review of one run, or finds what there is."""

    reviews: OwnReviews
    pull: PullRequest
    name: str
    """Id of the review's marker."""
    gate: Gate
    markers: Markers
    home: Home
    sleep: Callable[[float], Awaitable[None]]

    async def create(self, findings: Sequence[Finding]) -> Created:
        """Create it with the comments that GitHub takes; the others are named.

        Raises HeadMoved when a push is why it takes none, UserError for a draft in the way.
        """
        placed = tuple(f for f in findings if f.anchor is not None)[:MOST_COMMENTS]
        try:
            review = await self._make(self.name, placed, len(findings))
        except Unprocessable:
            await self.gate.require_head()
            accepted = await self._sift(placed)
            if len(accepted) == len(placed):
                raise
            placed = accepted
            review = await self._make(self.name, placed, len(findings))
        kept = {finding.id for finding in placed}
        return Created(review, placed, tuple(f.id for f in findings if f.id not in kept))

    async def look(self, name: str) -> tuple[OwnReview | None, bool]:
        """Return our review of this name, a submitted one first, and whether debris was cleared.

        A pending review without our marker is a person's draft: it is left alone. Raises UserError
        then, because GitHub takes no second one beside it.
        """
        own = await self.reviews.all()
        named = sorted((r for r in own if r.marker == name), key=lambda review: review.pending)
        if named:
            return named[0], False
        debris = [review for review in own if review.pending]
        for review in debris:
            if not review.marker:
                raise _draft_in_the_way(self.pull.ref)
            await self._delete(review)
        return None, bool(debris)

    async def _make(self, name: str, findings: Sequence[Finding], total: int) -> OwnReview:
        """Create, or find that it was created. Raises Unprocessable when a comment is refused."""
        for _ in range(CREATIONS):
            await self.gate.for_write()
            await reach(FaultPoint.POSTING)
            try:
                return await self._post(name, findings, total)
            except NotFound as failure:
                raise PullRequestGone(f"{self.pull.ref} is out of reach.") from failure
            except AmbiguousWrite:
                found = await self._look_again(name, in_the_way=False)
            except Unprocessable as refusal:
                if _ONE_PENDING not in " ".join(refusal.messages).lower():
                    raise
                found = await self._look_again(name, in_the_way=True)
            if found is not None:
                return found
        raise TransientError("GitHub does not show whether it created the review.")

    async def _look_again(self, name: str, *, in_the_way: bool) -> OwnReview | None:
        """Look for what a doubtful write may have made, until an empty list can be trusted.

        With something known to be in the way the first look is at once, and clearing it is enough.
        """
        for share in (0.0, *LOOKS) if in_the_way else LOOKS:
            await self.sleep(share * self.gate.settle_seconds)
            found, cleared = await self.look(name)
            if found is not None or (in_the_way and cleared):
                return found
        return None

    async def _sift(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Return those that GitHub takes of findings that it refused together.

        Its answer does not say which comment is wrong, so halves are tried, as reviews that are
        deleted again.
        """
        if len(findings) < 2:
            return ()
        middle = len(findings) // 2
        accepted: tuple[Finding, ...] = ()
        for half in (findings[:middle], findings[middle:]):
            try:
                probe = await self._make(self.name + _PROBE, half, len(half))
            except Unprocessable:
                accepted += await self._sift(half)
            else:
                await self._delete(probe)
                accepted += half
        return accepted

    async def _post(self, name: str, findings: Sequence[Finding], total: int) -> OwnReview:
        marker = self.markers.make(MarkerKind.REVIEW, name)
        body = review_body(tuple(findings), total - len(findings), marker)
        comments = [self._comment(finding) for finding in findings]
        return await self.reviews.create(self.pull.head, body, comments, seconds=self.gate.seconds)

    async def _delete(self, review: OwnReview) -> None:
        await self.gate.for_write()
        await self.reviews.delete(review, seconds=self.gate.seconds)

    def _comment(self, finding: Finding) -> dict[str, Any]:
        """Return a comment as GitHub wants it: a single line has no start."""
        anchor = finding.anchor
        assert anchor is not None, "only placed findings are posted"
        # Whoever clicks a suggestion commits it; on a fork that is somebody from outside.
        suggestions = not self.pull.fork
        body = inline_comment(finding, self.home, self.markers, suggestions=suggestions)
        comment = {"path": anchor.path, "body": body, "line": anchor.line, "side": anchor.side}
        if anchor.start_line is not None and anchor.start_line < anchor.line:
            comment |= {"start_line": anchor.start_line, "start_side": anchor.side}
        return comment


def _draft_in_the_way(ref: PullRequestRef) -> UserError:
    return UserError(
        f"A review that was not submitted yet stands on {ref}.",
        why="GitHub allows one such draft per account, and Argus leaves those of people alone.",
        next_step="Submit or discard the draft, then ask again.",
    )
