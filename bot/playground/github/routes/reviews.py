"""Reviews of a pull request.

https://docs.github.com/en/rest/pulls/reviews
"""

from bot.playground.github.acts import reviews as acts
from bot.playground.github.gate import Needs
from bot.playground.github.records import Review
from bot.playground.github.routing import Route, Visit
from bot.playground.github.rules.sizes import body_errors
from bot.playground.github.shapes import reviews as shapes
from bot.playground.github.wire import Refusal, Reply, accepted, not_found, paginate, unprocessable
from bot.playground.github.world import World


async def list_reviews(visit: Visit) -> Reply:
    """List reviews, oldest first; another's pending one is not there."""
    rows = [
        shapes.review(visit.site, review)
        for review in visit.world.reviews_of(visit.pull)
        if _seen(visit, review) and settled(visit.world, review.created_at)
    ]
    return paginate(visit.call, rows)


async def create_review(visit: Visit) -> Reply:
    """Create a review; one with very many comments is created and answered with an error."""
    wanted = visit.call.json()
    made = await acts.create_review(visit.world, visit.pull, visit.author, wanted)
    if len(wanted.get("comments") or []) > visit.world.knobs.comments_per_review:
        raise Refusal(502, "Server Error")
    return accepted(shapes.review(visit.site, made))


async def get_review(visit: Visit) -> Reply:
    """Answer with one review."""
    return accepted(shapes.review(visit.site, _review(visit)))


async def update_review(visit: Visit) -> Reply:
    """Change a review's body."""
    made = _own(visit)
    body = visit.call.json().get("body")
    errors = body_errors(body, required=True)
    if errors:
        raise unprocessable(*errors)
    made.body = str(body)
    return accepted(shapes.review(visit.site, made))


async def delete_review(visit: Visit) -> Reply:
    """Delete a review that is still pending."""
    made = _own(visit)
    shape = shapes.review(visit.site, made)
    acts.delete_review(visit.world, made)
    return accepted(shape)


async def submit_review(visit: Visit) -> Reply:
    """Submit a pending review."""
    made = _own(visit)
    await acts.submit_review(visit.world, made, visit.call.json())
    return accepted(shapes.review(visit.site, made))


async def list_comments(visit: Visit) -> Reply:
    """List a review's comments."""
    made = _review(visit)
    comments = [c for c in visit.world.comments_of(made.pull) if c.review is made]
    rows = [await shapes.review_comment(visit.site, comment) for comment in comments]
    return paginate(visit.call, rows)


def settled(world: World, created_at: float) -> bool:
    """Tell whether lists show it yet."""
    return world.now() - created_at >= world.knobs.list_lag


def _seen(visit: Visit, review: Review) -> bool:
    return not review.pending or review.author is visit.caller.account


def _review(visit: Visit) -> Review:
    found = visit.world.reviews.get(visit.call.number("review_id"))
    if found is None or found.pull is not visit.pull or not _seen(visit, found):
        raise not_found()
    return found


def _own(visit: Visit) -> Review:
    found = _review(visit)
    if found.author is not visit.caller.account:
        raise Refusal(403, "Resource not accessible by integration")
    return found


_READ = Needs(("pull_requests",))
_WRITE = Needs(("pull_requests",), "write")
_REVIEWS = "/repos/{owner}/{repo}/pulls/{number}/reviews"
_ONE = f"{_REVIEWS}/{{review_id}}"
ROUTES = (
    Route("GET", _REVIEWS, list_reviews, _READ),
    Route("POST", _REVIEWS, create_review, _WRITE, creates=True),
    Route("GET", _ONE, get_review, _READ),
    Route("PUT", _ONE, update_review, _WRITE),
    Route("DELETE", _ONE, delete_review, _WRITE),
    Route("GET", f"{_ONE}/comments", list_comments, _READ),
    Route("POST", f"{_ONE}/events", submit_review, _WRITE, creates=True),
)
