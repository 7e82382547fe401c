"""Reads the change: chunks to the model chain, replies to candidates, and what stayed unread.

Nothing is proven or anchored here, that is for `core.findings` and `core.anchoring`.
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from core import prompts
from core.context import NO_CONTEXT, Context
from core.errors import ModelUnavailable, PromptTooLarge
from core.models import (
    Candidate,
    FileChange,
    Omission,
    OmissionReason,
    PullRequest,
    Reading,
    RecordedFinding,
    Resolved,
    Strength,
    Usage,
)
from core.ports import ModelChain, Progress
from core.progress import UNHEARD, FileTally
from core.prompts import Budget, Chunk, PromptPlan
from core.replies import convert, summary_of
from core.together import together

NO_MODEL = "static analysis only: no model is configured"
CALLS_AT_ONCE = 3
RECHUNKS = 2
"""How often a chunk that is too large for a model is cut smaller."""
SMALLER = 0.5
"""Part of a chunk's material that is tried next."""


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What reading the change gave, and how well it was read."""

    candidates: tuple[Candidate, ...]
    strength: Strength
    unread: tuple[Omission, ...] = ()
    models: tuple[str, ...] = ()
    """What answered, as `provider:model`, each once."""
    usage: Usage = field(default_factory=Usage)
    summary: str = ""
    """The model's own summary, untrusted."""
    resolved: tuple[Resolved, ...] = ()
    """The models' word on earlier findings, unproven."""
    notes: tuple[str, ...] = ()
    """Sentences for people: why the strength is not full, what was dropped."""


@dataclass(frozen=True, slots=True)
class _Case:
    """What every prompt of one review is built from."""

    pull: PullRequest
    texts: Mapping[str, str]
    instructions: str
    focus: str
    static: tuple[Candidate, ...]
    run: str
    context: Context
    earlier: tuple[RecordedFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """A chunk with its answer, or the words that say why there is none."""

    files: tuple[FileChange, ...]
    paths: tuple[str, ...]
    reading: Reading | None = None
    failure: str = ""
    lost: Usage = field(default_factory=Usage)
    """What calls without a usable answer cost."""


class Reviewer:
    """Reads a change with a model chain, or with static analysis alone."""

    def __init__(
        self, chain: ModelChain | None, *, fence_key: bytes = b"", budget: Budget | None = None
    ) -> None:
        """Fence with this secret key; without one, answers are cached for this process alone."""
        self._chain = chain
        self._fence_key = fence_key or secrets.token_bytes(32)
        self._budget = budget or Budget()

    @property
    def strength(self) -> Strength:
        """Return how well code can be read now, if nothing fails."""
        return Strength.FULL if self._chain is not None and self._chain.names else Strength.STATIC

    async def read(
        self,
        pull: PullRequest,
        files: Sequence[FileChange],
        texts: Mapping[str, str],
        *,
        instructions: str,
        focus: str,
        static: Sequence[Candidate],
        run: str = "",
        context: Context = NO_CONTEXT,
        earlier: Sequence[RecordedFinding] = (),
        progress: Progress = UNHEARD,
    ) -> ReadResult:
        """Return the candidates of the change; a failing model degrades it, never raises.

        `run` names the review: an answer kept for it is not paid twice. Of `earlier` findings a
        model may tell that they are fixed.
        """
        case = _Case(pull, texts, instructions, focus, tuple(static), run, context, tuple(earlier))
        chain = self._chain
        if chain is None or not chain.names:
            return ReadResult(case.static, Strength.STATIC, notes=(NO_MODEL,))
        plan = await self._plan(case, files, chain.context_tokens)
        tally = FileTally([chunk.prompt.paths for chunk in plan.chunks], progress)
        calls = [partial(self._read_and_count, chain, case, c, tally) for c in plan.chunks]
        reads = [read for group in await together(calls, CALLS_AT_ONCE) for read in group]
        return _result(case, files, reads, plan.unread, chain.names)

    async def _plan(
        self, case: _Case, files: Sequence[FileChange], context_tokens: int
    ) -> PromptPlan:
        return await asyncio.to_thread(
            prompts.build,
            case.pull,
            files,
            case.texts,
            instructions=case.instructions,
            focus=case.focus,
            static=case.static,
            context_tokens=context_tokens,
            fence_key=self._fence_key,
            budget=self._budget,
            context=case.context,
            earlier=case.earlier,
        )

    async def _read_and_count(
        self, chain: ModelChain, case: _Case, chunk: Chunk, tally: FileTally
    ) -> tuple[_Read, ...]:
        reads = await self._read(chain, case, chunk)
        tally.through(chunk.prompt.paths)
        return reads

    async def _read(
        self, chain: ModelChain, case: _Case, chunk: Chunk, rechunks: int = RECHUNKS
    ) -> tuple[_Read, ...]:
        """Read a chunk, in smaller ones when it is too large for the model."""
        paths = chunk.prompt.paths
        try:
            reading = await chain.read(replace(chunk.prompt, run=case.run))
        except PromptTooLarge as error:
            if not rechunks:
                return (_Read(chunk.files, paths, failure=str(error), lost=error.usage),)
            smaller = await self._smaller(case, chunk)
            first, *rest = await self._read_all(chain, case, smaller, rechunks - 1)
            return (replace(first, lost=first.lost + error.usage), *rest)
        except ModelUnavailable as error:
            return (_Read(chunk.files, paths, failure=str(error), lost=error.usage),)
        return (_Read(chunk.files, paths, reading),)

    async def _smaller(self, case: _Case, chunk: Chunk) -> PromptPlan:
        call = prompts.call_tokens(chunk.prompt, SMALLER)
        return await self._plan(case, chunk.files, call)

    async def _read_all(
        self, chain: ModelChain, case: _Case, plan: PromptPlan, rechunks: int
    ) -> tuple[_Read, ...]:
        """Read one after another, in the slot of the chunk they were cut from; never nothing."""
        reads: list[_Read] = []
        for chunk in plan.chunks:
            reads += await self._read(chain, case, chunk, rechunks)
        unread = {omission.path: omission for omission in plan.unread}
        left = tuple(unread)
        if left:
            reads.append(_Read((), left, failure="too large for the model, even in parts"))
        return tuple(reads)


def _result(
    case: _Case,
    files: Sequence[FileChange],
    reads: Sequence[_Read],
    unread: tuple[Omission, ...],
    names: tuple[str, ...],
) -> ReadResult:
    readings = [(read, read.reading) for read in reads if read.reading is not None]
    converted = [convert(reading.reply, read.paths) for read, reading in readings]
    dropped = sum(each.dropped for each in converted)
    failed = [read for read in reads if read.reading is None]
    strength = _strength(reads)
    left_out = () if strength is Strength.STATIC else (*unread, *_failed_files(failed, files))
    return ReadResult(
        candidates=case.static + tuple(c for each in converted for c in each.candidates),
        strength=strength,
        unread=left_out,
        models=tuple(dict.fromkeys(reading.model for _, reading in readings)),
        usage=_cost(reads),
        resolved=tuple(each for _, reading in readings for each in reading.reply.resolved),
        summary=" ".join(filter(None, (summary_of(reading.reply) for _, reading in readings[:3]))),
        notes=_notes(failed, [reading for _, reading in readings], dropped, names),
    )


def _cost(reads: Sequence[_Read]) -> Usage:
    answered = (read.reading.usage for read in reads if read.reading is not None)
    return sum(answered, sum((read.lost for read in reads), Usage()))


def _strength(reads: Sequence[_Read]) -> Strength:
    readings = [read.reading for read in reads]
    if readings and not any(readings):
        return Strength.STATIC
    whole = all(r is not None and r.first_choice and not r.salvaged for r in readings)
    return Strength.FULL if whole else Strength.DEGRADED


def _failed_files(failed: Sequence[_Read], files: Sequence[FileChange]) -> list[Omission]:
    """Name what no model read, with the number of hunks where it is a part of a file."""
    whole = {file.path: len(file.hunks or ()) for file in files}
    lost: dict[str, int] = {}
    for read in failed:
        counts = {file.path: len(file.hunks or ()) for file in read.files}
        for path in read.paths:
            lost[path] = lost.get(path, 0) + counts.get(path, whole.get(path, 0))
    return [
        Omission(
            path=path,
            reason=OmissionReason.MODEL_FAILED,
            hunks=0 if hunks >= whole.get(path, 0) else hunks,
        )
        for path, hunks in lost.items()
    ]


def _notes(
    failed: Sequence[_Read], readings: Sequence[Reading], dropped: int, names: tuple[str, ...]
) -> tuple[str, ...]:
    notes: list[str] = []
    reasons = "; ".join(dict.fromkeys(read.failure for read in failed))
    if failed and not readings:
        notes.append(f"static analysis only: the model is unavailable: {reasons}")
    elif failed:
        notes.append(f"the model could not read a part of the change: {reasons}")
    fallbacks = dict.fromkeys(r.model for r in readings if not r.first_choice)
    if fallbacks:
        notes.append(f"{names[0]} was unavailable; read by {', '.join(fallbacks)} instead")
    if any(reading.salvaged for reading in readings):
        notes.append("a part of the model's answer was malformed and could not be used")
    if dropped:
        plural = "finding" if dropped == 1 else "findings"
        notes.append(f"{dropped} {plural} of the model had no usable place or text")
    return tuple(notes)
