"""Tells an incoming webhook of Slack or Discord how reviews ended, where there is no app.

It implements `core.ports.Deliverer` for the same rows as cards in channels. A webhook cannot
edit, so only ends are told, and only those with something new; what was told once stays told.
https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
https://discord.com/developers/docs/resources/webhook#execute-webhook
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

import httpx
import structlog

from core.errors import PermanentError, TransientError
from core.models import Delivery, OutcomeKind, Unfinished
from core.ports import Deliverer
from slack.blocks import Message, webhook_summary
from slack.replies import unsealed
from slack.seal import Seal

TIMEOUT: Final = 10.0
"""Seconds for one call."""
PAUSE: Final = 1.0
"""Seconds to wait where a limit does not say for how long."""
LONGEST_PAUSE: Final = 3_600.0
DISCORD_CHARACTERS: Final = 2_000
NO_PREVIEWS: Final = 1 << 2
"""Discord's flag that keeps it from showing what links lead to."""
_TOLD: Final = frozenset({OutcomeKind.REVIEWED, OutcomeKind.CLEAN})

log = structlog.get_logger(__name__)


class Hook(StrEnum):
    """A webhook, by the name of the channel that stands for it."""

    SLACK = "webhook:slack"
    DISCORD = "webhook:discord"


class WebhookNotifier:
    """Posts to the webhooks that are configured; their addresses are bearer values."""

    def __init__(
        self, http: httpx.AsyncClient, addresses: Mapping[Hook, str], seal: Seal, *, web_url: str
    ) -> None:
        self._http = http
        self._addresses = addresses
        self._seal = seal
        self._web_url = web_url

    async def deliver(self, delivery: Delivery) -> str:
        """Tell an end, once; the receipt names the head that was told of.

        Raises TransientError, PermanentError.
        """
        origin = delivery.origin
        if origin is None:
            raise PermanentError("It is not known which webhook follows.")
        hook = Hook(origin.id.removeprefix("channel:"))
        address = self._addresses.get(hook)
        told = f"{delivery.head}:{delivery.ordinal}"
        if address is None or delivery.row.receipt == told or not _is_news(delivery):
            return delivery.row.receipt
        said = webhook_summary(delivery, unsealed(origin.reply, self._seal), self._web_url)
        await self._post(hook, address, _BODIES[hook](said))
        return told

    async def _post(self, hook: Hook, address: str, body: dict[str, Any]) -> None:
        try:
            answer = await self._http.post(address, json=body, timeout=TIMEOUT)
        except httpx.HTTPError as failure:
            # The failure's own words hold the address.
            raise TransientError(f"{hook} cannot be reached ({type(failure).__name__}).") from None
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise TransientError(f"{hook} asks to wait.", retry_after=_retry_after(answer))
        if answer.is_server_error:
            raise TransientError(f"{hook} answered {answer.status_code}.")
        if not answer.is_success:
            raise PermanentError(f"{hook} refused the message: {answer.status_code}.")


class ByChannel:
    """Hands rows of webhooks to the notifier, and all others to whoever keeps cards."""

    def __init__(self, notifier: Deliverer, cards: Deliverer | None) -> None:
        self._notifier = notifier
        self._cards = cards

    async def deliver(self, delivery: Delivery) -> str | Unfinished:
        """Deliver. Raises TransientError, PermanentError."""
        target = delivery.row.target.removeprefix("channel:")
        if target in set(Hook):
            return await self._notifier.deliver(delivery)
        if self._cards is None:
            raise PermanentError("No Slack app is configured that could tell the channel.")
        return await self._cards.deliver(delivery)


def _is_news(delivery: Delivery) -> bool:
    """Tell whether a review ended with something that was not known before."""
    outcome = delivery.outcome
    if outcome is None or outcome.record is None or outcome.kind not in _TOLD or delivery.ended:
        return False
    round_ = outcome.record.round
    return round_ is None or round_.number <= 1 or bool(round_.new + round_.regressed)


def _to_slack(said: Message) -> dict[str, Any]:
    shown = {"text": said.text, "blocks": list(said.blocks)}
    return {**shown, "unfurl_links": False, "unfurl_media": False}


def _to_discord(said: Message) -> dict[str, Any]:
    """Say it in plain words: Discord knows no blocks, and escapes Slack needs mean nothing."""
    plain = said.text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    room = DISCORD_CHARACTERS - len(said.url) - 1
    return {
        "content": f"{plain[:room]}\n{said.url}".strip(),
        "allowed_mentions": {"parse": []},
        "flags": NO_PREVIEWS,
    }


_BODIES: Final[Mapping[Hook, Callable[[Message], dict[str, Any]]]] = {
    Hook.SLACK: _to_slack,
    Hook.DISCORD: _to_discord,
}


def _retry_after(answer: httpx.Response) -> float:
    """Return the seconds that a limit names; Discord's have a fraction."""
    try:
        seconds = float(answer.headers.get("retry-after", PAUSE))
    except ValueError:
        return PAUSE
    return min(max(seconds, PAUSE), LONGEST_PAUSE)
