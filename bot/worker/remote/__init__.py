"""What is set right at GitHub, by one worker at a time, beside the reviews.

In reading order: `watch` (when, and who), `deliveries` (those that failed), `sweep` (open pull
requests that no event told of), `repairs` (reviews posted twice, drafts left behind), `doubts`
(where to look for those), `reactions` (comments where nothing else happens). What GitHub knows is
read in `github`; rules are there and in `core`.
"""

from bot.worker.remote.deliveries import FailedDeliveries
from bot.worker.remote.doubts import NotedPublisher
from bot.worker.remote.reactions import IdleReactions
from bot.worker.remote.repairs import ReviewRepairs
from bot.worker.remote.sweep import Sweep
from bot.worker.remote.watch import Duty, Remote, Turn

__all__ = [
    "Duty",
    "FailedDeliveries",
    "IdleReactions",
    "NotedPublisher",
    "Remote",
    "ReviewRepairs",
    "Sweep",
    "Turn",
]
