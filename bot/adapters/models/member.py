"""One model of the chain: asked, asked again where that helps, its answer read and kept."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic

import structlog

from bot.adapters.models.breaker import Breaker
from bot.adapters.models.cached import CachedReplies
from bot.adapters.models.failures import CallFailed, Failure, Kind
from bot.adapters.models.forms import Form, R
from bot.adapters.models.json_text import Malformed
from bot.adapters.models.spec import ModelSpec
from bot.adapters.models.timeouts import Timeouts
from core.models import Prompt, Usage

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage

    from bot.adapters.models.calls import Answer
    from bot.adapters.models.providers import Opened

log = structlog.get_logger(__name__)

LONGEST_WAIT = 10.0
"""Seconds waited for a model before the next of the chain is asked."""
BACKOFF = 1.0
"""Seconds before the second attempt where the provider names none, with jitter."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the members of a chain share."""

    replies: CachedReplies
    timeouts: Timeouts
    sleep: Callable[[float], Awaitable[None]]
    jitter: Callable[[], float]
    """From 0 to 1."""
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One provider is imported at a time: each takes seconds of CPU."""


@dataclass(frozen=True)
class Given(Generic[R]):
    """A model's usable answer."""

    reply: R
    usage: Usage
    salvaged: bool = False
    """True when parts of it had to be dropped as malformed."""


class Member:
    """One model of the chain, with its breaker and its client."""

    def __init__(self, spec: ModelSpec, around: Around, breaker: Breaker) -> None:
        self.spec = spec
        self._around = around
        self._breaker = breaker
        self._opened: Opened | None = None

    async def answer(self, form: Form[R], prompt: Prompt) -> Given[R]:
        """Return this model's answer. Raises CallFailed."""
        cached = await self._around.replies.get(form, self.spec, prompt)
        if cached is not None:
            return Given(cached, Usage(cached_calls=1))
        if why := await self._breaker.pause():
            raise CallFailed(Failure(Kind.TRANSIENT, why))
        return await self._answered(form, prompt)

    async def close(self) -> None:
        """Close the client's connections."""
        if self._opened is not None:
            await self._opened.close()

    async def _answered(self, form: Form[R], prompt: Prompt) -> Given[R]:
        from bot.adapters.models import calls

        answer = await self._ask(form, calls.opening(prompt))
        reply = form.parse(answer.text)
        if isinstance(reply, Malformed):
            return await self._repaired(form, prompt, answer, reply)
        await self._around.replies.put(form, self.spec, prompt, reply)
        return Given(reply, answer.usage)

    async def _repaired(
        self, form: Form[R], prompt: Prompt, first: "Answer", problem: Malformed
    ) -> Given[R]:
        """Ask once for the answer in the right form, else keep what is whole of it."""
        from bot.adapters.models import calls

        log.info("model.malformed", model=str(self.spec), problems=problem.problems)
        texts, usage = [first.text], first.usage
        try:
            second = await self._ask(form, calls.repair(form, first, problem.problems, prompt))
        except CallFailed as error:
            usage += error.usage
        else:
            texts, usage = [second.text, first.text], usage + second.usage
            reply = form.parse(second.text)
            if not isinstance(reply, Malformed):
                await self._around.replies.put(form, self.spec, prompt, reply)
                return Given(reply, usage)
        found = [rescued for text in texts if (rescued := form.salvage(text))]
        if not found:
            words = "its answer was malformed, and so was its repair"
            raise CallFailed(Failure(Kind.UNANSWERED, words), usage)
        return Given(max(found, key=form.size), usage, salvaged=True)

    async def _ask(self, form: Form[R], messages: "tuple[ModelMessage, ...]") -> "Answer":
        """Ask, and once more after a pause when the failure may pass."""
        for last in (False, True):
            opened = await self._open()
            try:
                return await self._once(form, opened, messages)
            except CallFailed as error:
                log.info("model.failed", model=str(self.spec), why=error.failure.words)
                wait = self._wait_after(error.failure, opened)
                if last or wait is None or await self._breaker.pause():
                    raise
                await self._around.sleep(wait)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _once(
        self, form: Form[R], opened: "Opened", messages: "tuple[ModelMessage, ...]"
    ) -> "Answer":
        from bot.adapters.models import calls

        try:
            answer = await calls.ask(form, self.spec, opened, messages, self._around.timeouts)
        except CallFailed as error:
            await self._breaker.failed(error.failure)
            raise
        await self._breaker.succeeded()
        return answer

    def _wait_after(self, failure: Failure, opened: "Opened") -> float | None:
        """Return the seconds until another attempt is worth it, None when it is not."""
        if failure.kind is Kind.REJECTED:
            return 0.0 if self._takes_another_form(opened) else None
        if failure.kind is not Kind.TRANSIENT:
            return None
        wait = failure.retry_after
        if wait is None:
            wait = BACKOFF * (0.5 + self._around.jitter())
        return wait if wait <= LONGEST_WAIT else None

    def _takes_another_form(self, refused: "Opened") -> bool:
        """Change how the schema is sent, once: servers differ in what they understand."""
        if self._opened is refused and refused.other_mode:
            self._opened = replace(refused, mode=refused.other_mode, other_mode=None)
        return self._opened is not refused

    async def _open(self) -> "Opened":
        async with self._around.opening:
            if self._opened is None:
                self._opened = await asyncio.to_thread(_open, self.spec, self._around.timeouts)
        return self._opened


def _open(spec: ModelSpec, timeouts: Timeouts) -> "Opened":
    """Import what the provider needs and build its client; takes seconds the first time."""
    from bot.adapters.models.providers import open_model

    return open_model(spec, connect=timeouts.connect, read=timeouts.first_byte)
