"""What all processes keep to together: the pace at GitHub and Slack, and breakers.

In reading order: `line` (asks Redis, and does without it for a moment), `pace` (requests to
GitHub), `slack` (messages in Slack), `breaker` (a side that fails is left alone), `models` (that,
for a model), `report` (what operators see), `limits` (builds them). The scripts are in `../lua`.
"""

from bot.adapters.limits.limits import Limits
from bot.adapters.limits.report import BreakerState, PaceState

__all__ = ["BreakerState", "Limits", "PaceState"]
