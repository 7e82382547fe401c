"""The use case: one head of one pull request is read, and what holds is said once."""

from core.review.crew import Crew
from core.review.flow import review_pull_request
from core.review.outcomes import NOTHING_READ, NOTHING_TO_REVIEW

__all__ = ["NOTHING_READ", "NOTHING_TO_REVIEW", "Crew", "review_pull_request"]
