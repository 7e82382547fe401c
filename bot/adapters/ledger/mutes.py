"""What channels are spared, and for how long."""

from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger.scripts import Scripts, answer
from core.following import Hushed
from core.models import Muted

MOST_OF_CHANNEL = 200
"""Things that one channel is spared at a time."""


class MuteDesk:
    """The mutes of one server. Every method raises TransientError when it is away."""

    def __init__(self, redis: Redis, scripts: Scripts) -> None:
        self._redis = redis
        self._scripts = scripts

    async def mute(self, mute: Muted, seconds: float | None = None) -> Hushed:
        """Spare a channel something, for so long or until told otherwise; the last word holds."""
        reply = await self._scripts.call(
            "mute",
            channel=mute.channel,
            field=_field(mute),
            mute=mute.model_dump_json(exclude_defaults=True),
            ends=round((seconds or 0.0) * 1000),
            off=False,
            most=MOST_OF_CHANNEL,
        )
        return Hushed(reply.decode())

    async def unmute(self, mute: Muted) -> Hushed:
        """Spare it that no longer."""
        reply = await self._scripts.call(
            "mute", channel=mute.channel, field=_field(mute), mute="", ends=0, off=True, most=0
        )
        return Hushed(reply.decode())

    async def of(self, channel: str) -> tuple[Muted, ...]:
        """Return what a channel is spared now."""
        async with self._redis.pipeline(transaction=False) as asked:
            asked.time()
            asked.hvals(keys.lasting("mutes", channel))
            (seconds, micros), stored = await answer(asked.execute())
        now = seconds + micros / 1_000_000
        found = (_mute(text.decode()) for text in stored)
        holding = [each for each in found if each and (not each.ends or each.ends > now)]
        return tuple(sorted(holding, key=lambda each: (each.kind, each.what)))


def _field(mute: Muted) -> str:
    return f"{mute.kind.value}:{mute.what}"


def _mute(stored: str) -> Muted | None:
    """Return a mute; one in the form of another version is passed over."""
    ends, _, text = stored.partition("\n")
    try:
        return Muted.model_validate_json(text).model_copy(update={"ends": int(ends) / 1000})
    except ValueError:
        return None
