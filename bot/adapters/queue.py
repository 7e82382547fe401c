"""Dramatiq as the doorbell: a message says that something is due, and which job that may be.

What a worker does when the bell rings is `bot.worker`'s; nothing here decides what is due, is
tried again or is kept, because the ledger does all of that. So no middleware is installed.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl, urlencode

import dramatiq
import redis
import structlog
from dramatiq.brokers.redis import RedisBroker
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.adapters import keys
from bot.adapters.figures import RINGS_LOST, RINGS_SENT, Figures
from bot.adapters.redis_client import SOCKET_TIMEOUT, with_tls_policy

QUEUE = "bell"
AMQP_QUEUE = "argus.bell"
"""A RabbitMQ server is shared with others, Redis keys have a namespace."""
ACTOR = "answer"
EVERY_COMMAND = 1_000_000
"""Maintenance after every command instead of one in a thousand: messages of a dead process come
back in seconds instead of about 13 minutes."""
HEARTBEAT_TIMEOUT = 30_000
"""Milliseconds without a command after which Dramatiq calls a process dead."""
POLL = 100
"""Milliseconds, at most, between looks at an idle queue; the default of a second delays pickup."""

RING_SECONDS = 2.0
"""A caller waits this long for a ring to be sent, at most; the ring itself goes on."""
AMQP_LIMITS = {"socket_timeout": "3", "stack_timeout": "4", "blocked_connection_timeout": "10"}
"""Seconds; a broker that does not answer is given up soon enough for the next ring and for a
process that ends. https://pika.readthedocs.io/en/stable/modules/parameters.html"""

Broker = dramatiq.Broker

log = structlog.get_logger(__name__)


def make_broker(url: str) -> Broker:
    """Return a broker for `redis://`, `rediss://`, `unix://` or `amqp://`; it connects on use."""
    if is_amqp(url):
        from dramatiq.brokers.rabbitmq import RabbitmqBroker

        return RabbitmqBroker(url=with_limits(url), middleware=[], confirm_delivery=True)
    client = redis.Redis.from_url(
        with_tls_policy(url),
        socket_timeout=SOCKET_TIMEOUT,
        socket_connect_timeout=SOCKET_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )
    return RedisBroker(  # type: ignore[no-untyped-call] # Dramatiq does not annotate it
        client=client,
        namespace=keys.DRAMATIQ,
        maintenance_chance=EVERY_COMMAND,
        heartbeat_timeout=HEARTBEAT_TIMEOUT,
        middleware=[],
    )


def is_amqp(url: str) -> bool:
    """Tell whether a broker is RabbitMQ."""
    return url.startswith(("amqp://", "amqps://"))


def with_limits(url: str) -> str:
    """Bound what a RabbitMQ server may take, unless the URL says how long."""
    address, _, given = url.partition("?")
    limits = AMQP_LIMITS | dict(parse_qsl(given))
    return f"{address}?{urlencode(limits)}"


def queue_of(broker: Broker) -> str:
    """Return the name of the queue on this kind of broker."""
    return QUEUE if isinstance(broker, RedisBroker) else AMQP_QUEUE


class DramatiqBell:
    """Rings from a thread of its own, so that a slow broker never holds up the event loop."""

    def __init__(
        self, broker: Broker, *, apart: float = 0.0, figures: Figures | None = None
    ) -> None:
        """Ring through a broker; rings come at least `apart` seconds after one another."""
        self._broker = broker
        self._apart = apart
        self._figures = figures or Figures()
        self._next_at = 0.0
        # One thread: RabbitMQ connections belong to the thread that opened them.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bell")
        self._waiting = False

    @classmethod
    def at(
        cls, broker_url: str, *, apart: float = 0.0, figures: Figures | None = None
    ) -> "DramatiqBell":
        """Return a bell with a broker of its own."""
        return cls(make_broker(broker_url), apart=apart, figures=figures)

    async def ring(self, job_id: str) -> None:
        """Ring once; a lost ring is made up for by the reconciler.

        A ring that waits to be sent stands for the ones after it: whoever answers it claims the
        fairest job, and its worker's reconciler rings for what else is due.
        """
        if self._waiting:
            return
        self._waiting = True
        try:
            sent = await self._send(job_id)
        except BaseException:
            self._waiting = False
            raise
        await asyncio.wait([sent], timeout=RING_SECONDS)

    async def _send(self, job_id: str) -> asyncio.Future[None]:
        """Hand a ring to the thread when its time has come."""
        loop = asyncio.get_running_loop()
        wait = self._next_at - loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
        self._next_at = loop.time() + self._apart
        return loop.run_in_executor(self._thread, self._ring, job_id)

    def _ring(self, job_id: str) -> None:
        self._waiting = False
        message: dramatiq.Message[None] = dramatiq.Message(
            queue_name=queue_of(self._broker),
            actor_name=ACTOR,
            args=(job_id,),
            kwargs={},
            options={},
        )
        try:
            self._broker.enqueue(message)
        except Exception as error:  # noqa: BLE001 - whatever lost it, the reconciler rings again
            log.warning("bell.ring_lost", job=job_id, error=type(error).__name__)
            self._figures.count(RINGS_LOST)
        else:
            self._figures.count(RINGS_SENT)

    def close(self) -> None:
        """Forget rings that were not sent, and close the broker's connections."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        close_broker(self._broker)


class Doorman:
    """Listens for the bell in this process, with one thread for each job that may run.

    A thread is held as long as its answer takes, so Dramatiq's own flow control spreads the
    rings over processes that have threads to spare.
    """

    def __init__(self, broker: Broker, answer: Callable[[str], None], threads: int) -> None:
        dramatiq.actor(actor_name=ACTOR, queue_name=queue_of(broker), broker=broker)(answer)
        self._worker = dramatiq.Worker(
            broker, queues={queue_of(broker)}, worker_timeout=POLL, worker_threads=threads
        )
        # No more rings than threads: what is fetched ahead is kept from idle processes.
        self._worker.queue_prefetch = threads

    def start(self) -> None:
        """Start listening; returns at once."""
        self._worker.start()

    def stop(self, timeout: float) -> None:
        """Stop listening and wait up to `timeout` seconds for answers; blocks."""
        self._worker.stop(timeout=round(timeout * 1000))


def close_broker(broker: Broker) -> None:
    """Close the connections of a broker; Dramatiq leaves those of Redis to its caller."""
    broker.close()
    if isinstance(broker, RedisBroker):
        broker.client.close()
