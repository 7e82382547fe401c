"""Looks at the broker from outside: whether it answers, what waits in it, what died in it.

Ringing and listening are `queue`'s. A look never waits for another one, and holds no connection.
"""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bot.adapters.ledger.health import Health
from bot.adapters.queue import AMQP_QUEUE, QUEUE, is_amqp
from core.errors import TransientError

if TYPE_CHECKING:
    from pika import BlockingConnection

AMQP_SECONDS = 1.0
"""For each step of connecting; a probe has two seconds in all."""


@dataclass(frozen=True, slots=True)
class Rings:
    """Messages that lie in a broker."""

    waiting: int = 0
    dead: int = 0
    """In Dramatiq's own dead-letter queue: an answer failed outside of any review."""


class BrokerView(Protocol):
    """One broker, seen from outside."""

    async def rings(self) -> Rings:
        """Return what lies in it. Raises TransientError when it does not answer."""
        ...


def view_of(broker_url: str, health: Health) -> BrokerView:
    """Return the view of the broker that is configured; the ledger's own server without one."""
    return _RabbitView(broker_url) if is_amqp(broker_url) else _RedisView(health)


class _RedisView:
    """Dramatiq on the ledger's server."""

    def __init__(self, health: Health) -> None:
        self._health = health

    async def rings(self) -> Rings:
        return Rings(*await self._health.rings(QUEUE))


class _RabbitView:
    """Dramatiq on RabbitMQ; the queues are looked at and never declared."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._looking: asyncio.Task[Rings] | None = None

    async def rings(self) -> Rings:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(asyncio.to_thread(self._look))
            self._looking.add_done_callback(_seen)
        return await asyncio.shield(self._looking)

    def _look(self) -> Rings:
        import pika
        from pika.exceptions import AMQPError

        parameters = pika.URLParameters(self._url)
        parameters.socket_timeout = parameters.stack_timeout = AMQP_SECONDS
        parameters.connection_attempts = 1
        try:
            with pika.BlockingConnection(parameters) as connection:
                return Rings(*(_length(connection, q) for q in (AMQP_QUEUE, f"{AMQP_QUEUE}.XQ")))
        except (AMQPError, OSError) as error:
            raise TransientError(f"RabbitMQ does not answer ({type(error).__name__}).") from error


def _seen(looked: asyncio.Task[Rings]) -> None:
    """Take note of a failure that nobody waited for."""
    if not looked.cancelled():
        looked.exception()


def _length(connection: "BlockingConnection", queue: str) -> int:
    """Return how many messages a queue has; one that nobody listened to yet does not exist."""
    from pika.exceptions import ChannelClosedByBroker

    try:
        declared = connection.channel().queue_declare(queue, passive=True)
    except ChannelClosedByBroker:
        return 0
    return int(declared.method.message_count)
