"""Faults on order: the next requests that match are delayed, refused or cut off.

The record of every request stands beside them, so that a test can count what was asked.
"""

import asyncio
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.playground.github.wire import Call, Reply

REMEMBERED = 50_000
"""Requests kept in the record."""


class Dropped(Exception):
    """Cut the connection without another byte."""


@dataclass(slots=True)
class Fault:
    """What happens to the next `times` requests of a method and path."""

    id: int
    method: str = ""
    """Any when empty."""
    path: str = ""
    """A regular expression searched in the path."""
    said: str = ""
    """A regular expression searched in the body."""
    times: int = 1
    skip: int = 0
    """Matching requests that pass before the first is hit."""
    delay: float = 0.0
    """Seconds before anything else happens, or after the commit with `commit`."""
    commit: bool = False
    """Carry the request out first, then fail."""
    drop: bool = False
    status: int = 0
    """0 leaves the answer as it is."""
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    hits: int = 0

    def matches(self, call: Call) -> bool:
        """Tell whether it is about this request, its number of times left aside."""
        return (
            self.method in {"", call.method}
            and bool(re.search(self.path, call.path))
            and bool(re.search(self.said, call.body.decode(errors="replace")))
        )


@dataclass(frozen=True, slots=True)
class Request:
    """One answered request; the status is 0 when the connection was dropped."""

    at: float
    method: str
    path: str
    query: Mapping[str, str]
    status: int
    seconds: float
    caller: str
    """`app`, `installation:<id>`, `user:<login>`, `anonymous` or `unknown`."""
    body: Any = None


class Faults:
    """The faults on order, oldest first."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []
        self._ids = 0

    def order(self, **wanted: Any) -> Fault:
        """Order a fault. Raises TypeError, re.error for an order that makes no sense."""
        for pattern in ("path", "said"):
            re.compile(wanted.get(pattern, ""))
        self._ids += 1
        fault = Fault(id=self._ids, **wanted)
        self.waiting.append(fault)
        return fault

    def due(self, call: Call) -> Fault | None:
        """Take the fault that hits this request, if one does."""
        for fault in self.waiting:
            if not fault.matches(call):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.hits += 1
            if fault.hits >= fault.times:
                self.waiting.remove(fault)
            return fault
        return None

    def as_json(self) -> list[dict[str, Any]]:
        """Return the faults that still wait."""
        return [asdict(fault) for fault in self.waiting]


class Record:
    """Every request that was answered, in order."""

    def __init__(self) -> None:
        self.requests: deque[Request] = deque(maxlen=REMEMBERED)

    def add(self, request: Request) -> None:
        """Append one."""
        self.requests.append(request)

    def as_json(self) -> list[dict[str, Any]]:
        """Return all of them."""
        return [asdict(request) for request in self.requests]


async def strike(fault: Fault, usual: Reply | None) -> Reply:
    """Carry out a fault around the usual answer. Raises Dropped."""
    if fault.delay:
        await asyncio.sleep(fault.delay)
    if fault.drop:
        raise Dropped
    if fault.status == 0 and usual is not None:
        return usual
    body = fault.body if fault.body is not None else {"message": "Server Error"}
    if isinstance(body, str):
        return Reply(fault.status, body.encode(), fault.headers, media="text/html; charset=utf-8")
    return Reply(fault.status, body, fault.headers)
