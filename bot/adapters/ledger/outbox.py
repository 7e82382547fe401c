"""Outbox rows: claimed by one sender at a time, sent until what stands is the newest state.

Rows are put by the scripts that change jobs; rendering and sending are the deliverers'.
"""

from secrets import token_hex

from bot.adapters.ledger.rows import claimed_row_from
from bot.adapters.ledger.scripts import Scripts
from bot.adapters.ledger.values import ClaimedRow


class Outbox:
    """The rows of one server. Every method raises TransientError when it is away."""

    orders = False
    """These rows hold what people said."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    async def claim(self, limit: int, token: str | None = None) -> tuple[ClaimedRow, ...]:
        """Take up to `limit` due rows, oldest first; the same token gets the same rows."""
        token = token or token_hex(8)
        found = await self._scripts.call(
            "outbox_claim", token=token, limit=limit, orders=self.orders
        )
        return tuple(claimed_row_from(text.decode(), token) for text in found)

    async def done(self, row: ClaimedRow, receipt: str) -> None:
        """Note that a row was sent as of its generation, and what the delivery made."""
        await self._done(row, receipt, rest=-1)

    async def partly(self, row: ClaimedRow, receipt: str, delay: float) -> None:
        """Note what a delivery made so far; the rest follows, `delay` seconds from now."""
        await self._done(row, receipt, rest=round(delay * 1000))

    async def _done(self, row: ClaimedRow, receipt: str, *, rest: int) -> None:
        await self._scripts.call(
            "outbox_done",
            row=row.id,
            token=row.token,
            gen=str(row.delivery.row.generation),
            receipt=receipt,
            rest=rest,
        )

    async def fail(
        self, row: ClaimedRow, reason: str, delay: float, *, counted: bool = True
    ) -> None:
        """Send a row again, `delay` seconds from now; what is not `counted` was no attempt."""
        await self._fail(row, reason, delay=delay, counted=counted)

    async def drop(self, row: ClaimedRow, reason: str) -> None:
        """Give a row up until its state changes again."""
        await self._fail(row, reason, dropped=True)

    async def _fail(
        self,
        row: ClaimedRow,
        reason: str,
        *,
        delay: float = 0.0,
        counted: bool = True,
        dropped: bool = False,
    ) -> None:
        await self._scripts.call(
            "outbox_fail",
            row=row.id,
            token=row.token,
            gen=str(row.delivery.row.generation),
            reason=reason,
            delay=round(delay * 1000),
            counts=int(counted),
            dropped=dropped,
        )
