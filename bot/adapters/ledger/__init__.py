"""The ledger in Redis: the truth about every accepted request. The scripts are in `../lua`.

In reading order: `policy` (its numbers), `jobs` (admit, claim, hold, end), `outbox` and `orders`
(what is sent, what people said), `desk` (the operator), `files` (jobs as people may see them),
`memory`, `dismissals` and `pauses` (between reviews), `turns` (what is bounded),
`subscriptions`, `mutes`, `threads` and `heard` (channels of Slack), `presence` (workers),
`health` (what operators watch), `values` (rows as values), `scripts` (calling Lua).
"""

from bot.adapters.ledger.jobs import RedisLedger
from bot.adapters.ledger.policy import HourlyLimits, Policy
from bot.adapters.ledger.values import (
    Alarm,
    Beat,
    ClaimedRow,
    Counts,
    Ending,
    Hold,
    JobEntry,
    Move,
    RaisedAlarm,
    Seen,
)

__all__ = [
    "Alarm",
    "Beat",
    "ClaimedRow",
    "Counts",
    "Ending",
    "Hold",
    "HourlyLimits",
    "JobEntry",
    "Move",
    "Policy",
    "RaisedAlarm",
    "RedisLedger",
    "Seen",
]
