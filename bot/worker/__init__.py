"""The worker process: it reviews what is due and delivers what the ledger wants announced.

In reading order: `process` (the parts and their life), `runner` (one job), `lease` (the fence),
`verdicts` (how runs end), `sender` (the outbox), `reconciler`, `pace` (every wait), `signals`,
`priority`.
"""

from bot.worker.lease import Run
from bot.worker.pace import Pace
from bot.worker.priority import give_way
from bot.worker.process import Worker
from bot.worker.signals import stop_on_signals

__all__ = ["Pace", "Run", "Worker", "give_way", "stop_on_signals"]
