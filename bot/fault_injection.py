"""Faults on order for the tests: parsed from `ARGUS_FAULT`, carried out at a fault point.

An order is `<point>[@<job>]:<action>[:<nth>]` with the actions kill, exit, stop, error and
hang:<seconds>. Instead of an order the variable may hold the absolute path of a file that will
hold one: so that a process that runs already can be armed, and so that of several processes
that watch the file the first one to come to the point takes the order, and no other.
"""

import asyncio
import json
import os
import re
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import structlog
from structlog.contextvars import get_contextvars

from core.errors import TransientError
from core.fault_points import FaultPoint, Handler, arm

EXIT_CODE = 70
"""Of a process that ends itself; the usual code for an internal error."""
TAKEN = ".taken"
"""Ends the name of the file that tells who carried an order out, and when."""
_ORDER = re.compile(
    r"(?P<point>[a-z_]+)(@(?P<job>[0-9]+:[0-9]+))?"
    r":((?P<action>kill|exit|stop|error)|hang:(?P<seconds>[0-9]+(\.[0-9]+)?))"
    r"(:(?P<nth>[1-9][0-9]*))?"
)

log = structlog.get_logger(__name__)


class Action(StrEnum):
    """What happens at the point."""

    KILL = "kill"
    """SIGKILL to the own process: nothing is flushed, closed or told."""
    EXIT = "exit"
    """The process ends at once, as after a fault of the interpreter."""
    STOP = "stop"
    """SIGSTOP to the own process: somebody else has to continue it."""
    ERROR = "error"
    """The step fails with TransientError."""
    HANG = "hang"
    """The step takes longer; everything else goes on."""


@dataclass(frozen=True, slots=True)
class Order:
    """One fault, once."""

    point: FaultPoint
    action: Action
    nth: int = 1
    """Which coming to the point is hit, counted in this process since it saw the order."""
    seconds: float = 0.0
    """Of a hang."""
    job: str = ""
    """Only while this job is worked on; any when empty."""

    @classmethod
    def parse(cls, text: str) -> "Order":
        """Read an order. Raises ValueError in words."""
        found = _ORDER.fullmatch(text.strip())
        if found is None:
            raise ValueError("wants <point>[@<job>]:<kill|exit|stop|error|hang:seconds>[:<nth>]")
        if found["point"] not in set(FaultPoint):
            raise ValueError(f"names no fault point; they are {', '.join(FaultPoint)}")
        return cls(
            point=FaultPoint(found["point"]),
            action=Action(found["action"] or Action.HANG),
            nth=int(found["nth"] or 1),
            seconds=float(found["seconds"] or 0),
            job=found["job"] or "",
        )


@dataclass(slots=True)
class Standing:
    """An order that the environment gave."""

    text: str
    _given: bool = False

    def order(self) -> str:
        """Return the order, empty once it was carried out."""
        return "" if self._given else self.text

    def mark(self) -> str:
        """Return what tells this order from another of the same words."""
        return ""

    def take(self) -> bool:
        """Take the order for this process; False when another was quicker."""
        self._given = True
        return True


@dataclass(frozen=True, slots=True)
class Watched:
    """An order that a file holds, for whoever comes first."""

    path: Path

    def order(self) -> str:
        """Return the order, empty while there is none."""
        try:
            return self.path.read_text()
        except OSError:
            return ""

    def mark(self) -> str:
        """Return what tells this order from another of the same words."""
        try:
            facts = self.path.stat()
        except OSError:
            return ""
        return f"{facts.st_ino}/{facts.st_mtime_ns}"

    def take(self) -> bool:
        """Take the order for this process; False when another was quicker."""
        note = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        try:
            self.path.rename(note)
        except OSError:
            return False
        note.write_text(json.dumps({"pid": os.getpid(), "at": time.time()}))
        note.rename(self.path.with_name(self.path.name + TAKEN))
        return True


@dataclass(slots=True)
class FaultHandler:
    """Carries orders out; one a process."""

    source: Standing | Watched
    context: Callable[[], Mapping[str, object]] = get_contextvars
    _mark: str = ""
    _seen: dict[FaultPoint, int] = field(default_factory=dict)

    async def __call__(self, point: FaultPoint) -> None:
        """Do what is ordered for this point. Raises TransientError where that is the order."""
        mark, text = self.source.mark(), self.source.order()
        if not text:
            return
        if mark != self._mark:
            self._mark, self._seen = mark, {}
        order = Order.parse(text)
        if order.point is not point or order.job not in {"", self.context().get("job")}:
            return
        self._seen[point] = self._seen.get(point, 0) + 1
        if self._seen[point] == order.nth and self.source.take():
            log.warning("fault.carried_out", point=point.value, action=order.action.value)
            await carry_out(order)


async def carry_out(order: Order) -> None:
    """Let the fault happen to this process. Raises TransientError."""
    match order.action:
        case Action.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        case Action.EXIT:
            os._exit(EXIT_CODE)
        case Action.STOP:
            os.kill(os.getpid(), signal.SIGSTOP)
        case Action.ERROR:
            raise TransientError(f"A fault was ordered at {order.point}.")
        case Action.HANG:
            await asyncio.sleep(order.seconds)


def problem_of(text: str) -> str:
    """Say what is wrong with the variable's value, empty when nothing is."""
    if not text or text.startswith("/"):
        return ""
    try:
        Order.parse(text)
    except ValueError as error:
        return str(error)
    return ""


def handler_for(text: str) -> Handler:
    """Return the handler for the variable's value."""
    return FaultHandler(Watched(Path(text)) if text.startswith("/") else Standing(text))


def arm_faults(text: str) -> None:
    """Arm this process with the variable's value; nothing when it is unset."""
    if text:
        log.warning("fault.armed")
        arm(handler_for(text))
