"""Stock Dramatiq with one actor, as its own command line loads it; only `peer` starts it.

Everything is a default: broker, middleware, heartbeat, maintenance. The environment names the
server and the file in which the actor says that it started.
"""

import os
import time
from pathlib import Path

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from tests.faults.peer import NOTES, URL

JOB_SECONDS = 30.0
"""Longer than it takes to kill its worker."""

broker = RedisBroker(url=os.environ[URL])  # type: ignore[no-untyped-call]
dramatiq.set_broker(broker)


@dramatiq.actor
def job() -> None:
    """Say that it started, then take a while."""
    with Path(os.environ[NOTES]).open("a") as notes:
        notes.write(f"{time.time()}\n")
    time.sleep(JOB_SECONDS)
