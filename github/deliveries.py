"""The App's deliveries as GitHub recorded them: which of them were lost, and what they carried.

GitHub never delivers again by itself and keeps its record for three days. What a delivery means is
judged where all of them are. https://docs.github.com/rest/apps/webhooks
"""

import json
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from core.errors import PermanentError, TransientError
from github.answers import Answer
from github.app_auth import AppAuth
from github.client import PAGE_SIZE, GitHubClient, Params
from github.errors import NotFound, server_time
from github.exchange import JSON_TYPE, MAX_JSON_BYTES

KEPT: Final = 3 * 86_400.0
"""Seconds for which GitHub shows a delivery.
https://docs.github.com/webhooks/testing-and-troubleshooting-webhooks/viewing-webhook-deliveries"""
YOUNG: Final = 120.0
"""Seconds in which a delivery may still be under way: 30 at most on any server, and room."""
MOST_PAGES: Final = 100
"""Pages of one listing: 10,000 deliveries."""
USED: Final = frozenset(
    {"pull_request", "issue_comment", "pull_request_review_comment", "check_run"}
)
"""Events that lead to something; the payloads of others are not fetched."""
_LISTED: Final = "/app/hook/deliveries"
_PENDING: Final = "pending"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver an event; a redelivery is another one of the same GUID."""

    id: int
    guid: str
    event: str
    at: float
    """Seconds since 1970, by GitHub's clock."""
    status: str

    @property
    def succeeded(self) -> bool:
        """Tell whether it was answered well."""
        return self.status.upper() == "OK"

    @property
    def failed(self) -> bool:
        """Tell whether it ended, and not well."""
        return not self.succeeded and self.status.lower() != _PENDING


@dataclass(frozen=True, slots=True)
class Listing:
    """Attempts since some time, newest first, as of `at` by GitHub's clock."""

    attempts: tuple[Attempt, ...]
    at: float
    whole: bool = True
    """False when there were more than are looked through."""


def missed(attempts: Iterable[Attempt]) -> tuple[Attempt, ...]:
    """Return the latest failed attempt of each delivery that never succeeded, oldest first."""
    latest: dict[str, Attempt] = {}
    received: set[str] = set()
    for attempt in attempts:
        if attempt.succeeded:
            received.add(attempt.guid)
        elif attempt.failed and attempt.event in USED:
            known = latest.get(attempt.guid)
            if known is None or attempt.id > known.id:
                latest[attempt.guid] = attempt
    lost = (attempt for guid, attempt in latest.items() if guid not in received)
    return tuple(sorted(lost, key=lambda attempt: (attempt.at, attempt.id)))


def settled_until(listing: Listing, left: Collection[Attempt], since: float) -> float:
    """Return the time from which the next look must list, given what this one left undone.

    A delivery that is young or under way is looked at again, and so is everything when not all of
    it could be listed.
    """
    if not listing.whole:
        return since
    waiting = [a.at for a in listing.attempts if a.status.lower() == _PENDING]
    oldest = min((a.at for a in left), default=listing.at)
    return max(since, min([listing.at - YOUNG, oldest, *waiting]))


class Deliveries:
    """Speaks as the App; raises the errors of `github.errors`."""

    def __init__(self, auth: AppAuth) -> None:
        self._auth = auth

    async def failures(self, since: float) -> Listing:
        """Return the failed attempts; a server that knows no filter returns all attempts."""
        return await self._list(since, {"status": "failure"})

    async def attempts(self, since: float) -> Listing:
        """Return all attempts."""
        return await self._list(since, {})

    async def payload(self, attempt: Attempt) -> bytes:
        """Return what was delivered. Its bytes are not GitHub's, so no signature fits them.

        Raises PermanentError where the record does not hold it.
        """
        path = f"{_LISTED}/{attempt.id}"
        answer = await self._auth.as_app(lambda client: client.get(path))
        try:
            return json.dumps(answer["request"]["payload"]).encode()
        except (KeyError, TypeError) as failure:
            raise PermanentError("GitHub does not show what it delivered.") from failure

    async def _list(self, since: float, query: Params) -> Listing:
        """Follow the cursor until deliveries are older than wanted."""
        params: dict[str, str | int] = {"per_page": PAGE_SIZE, **query}
        found: list[Attempt] = []
        at: float | None = None
        for _ in range(MOST_PAGES):
            answer = await self._auth.as_app(partial(_page, params=params))
            at = at or server_time(answer.headers)
            rows = [_attempt(row) for row in answer.rows(None)]
            wanted = [attempt for attempt in rows if attempt.at >= since]
            found += wanted
            following = answer.linked_query("next")
            if len(wanted) < len(rows) or not rows or not following:
                return Listing(tuple(found), at or time.time())
            params |= following
        return Listing(tuple(found), at or time.time(), whole=False)


class _Row(BaseModel):
    """The fields of a delivery that are used."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: int
    guid: str
    event: str
    delivered_at: AwareDatetime
    status: str


async def _page(client: GitHubClient, *, params: Params) -> Answer:
    answer = await client.raw(_LISTED, accept=JSON_TYPE, params=params, max_bytes=MAX_JSON_BYTES)
    if answer is None:
        raise NotFound("This GitHub does not tell of deliveries that failed.")
    return answer


def _attempt(row: Mapping[str, Any]) -> Attempt:
    try:
        read = _Row.model_validate(row)
    except ValidationError as failure:
        raise TransientError("GitHub described a delivery in an unknown form.") from failure
    return Attempt(read.id, read.guid, read.event, read.delivered_at.timestamp(), read.status)
