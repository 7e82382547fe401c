"""A worker as a process of its own, to be killed by tests.

Run as `python -m tests.bot.worker_process <redis url> <mode>`; modes: `review` ends at once,
`hang` never ends, `poison` takes the process with it.
"""

import asyncio
import os
import sys

from bot.adapters.ledger import Policy, RedisLedger
from bot.adapters.queue import make_broker
from bot.adapters.redis_client import connect
from bot.worker import Worker, stop_on_signals
from core.models import Job, Outcome
from core.ports import Fence
from tests.bot.asking import reviewed
from tests.bot.working import QUICK

POLICY = Policy(lease=0.8, row_lease=0.8, overdue=0.2)


async def main(url: str, mode: str) -> None:
    """Work until told to stop."""

    async def run(job: Job, fence: Fence) -> Outcome:
        if mode == "poison":
            os._exit(139)
        if mode == "hang":
            await asyncio.sleep(60)
        await fence.check()
        return reviewed(job.head)

    stop = stop_on_signals()
    redis = connect(url)
    worker = Worker(RedisLedger(redis, policy=POLICY), make_broker(url), run, {}, 4, pace=QUICK)
    await worker.serve(stop)
    await redis.aclose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
