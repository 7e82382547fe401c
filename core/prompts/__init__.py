"""What a model is told and shown: instructions of our own, and the pull request as fenced data.

Nothing here calls a model. Instructions are versioned files beside this one; the material of a
call is the same for the same pull request, so that a cached answer is found again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.context import NO_CONTEXT, Context
from core.models import (
    Background,
    Candidate,
    FileChange,
    Omission,
    Prompt,
    PullRequest,
    RecordedFinding,
)
from core.prompts.fence import Part, fence
from core.prompts.material import (
    commits_text,
    describe,
    earlier_text,
    issues_text,
    shortened,
    shown,
    static_text,
    tokens,
)
from core.prompts.packing import Bounds, Load, pack

__all__ = ["Budget", "Chunk", "PromptPlan", "build", "call_tokens", "instructions_of"]

VERSION = "review_v1"
SMALL_VERSION = "review_small_v1"
SMALL = 12_000
"""Tokens; a call up to this size is given the short instructions, and shows more code."""
SCHEMA_TOKENS = 750
"""What the schema of the answer takes when it travels with the request."""
MARKER_TOKENS = 250
"""The preface and the markers of all parts."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Bounds of one review, in tokens counted as three bytes each."""

    call: int = 48_000
    """Input of one call: beyond it models overlook more than a second call costs."""
    calls: int = 12
    total: int = 300_000
    """Files in all calls of a review."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One call, and the files it holds with only the hunks it holds."""

    prompt: Prompt
    files: tuple[FileChange, ...]


@dataclass(frozen=True, slots=True)
class PromptPlan:
    """The calls of a review, and what they leave out."""

    chunks: tuple[Chunk, ...]
    unread: tuple[Omission, ...]

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The calls alone."""
        return tuple(chunk.prompt for chunk in self.chunks)


@cache
def instructions_of(version: str) -> str:
    """Return one version of the review's instructions."""
    return (Path(__file__).parent / f"{version}.md").read_text(encoding="utf-8").strip()


def build(
    pull: PullRequest,
    files: Sequence[FileChange],
    texts: Mapping[str, str],
    *,
    instructions: str,
    focus: str,
    static: Sequence[Candidate],
    context_tokens: int,
    fence_key: bytes,
    budget: Budget,
    context: Context = NO_CONTEXT,
    earlier: Sequence[RecordedFinding] = (),
) -> PromptPlan:
    """Return the calls that read these files with a model that takes `context_tokens`.

    `instructions` are the repository's guidance and `focus` the asker's words: both are data.
    `earlier` are open findings of earlier reviews in these files.
    """
    call = min(context_tokens, budget.call)
    ours = instructions_of(SMALL_VERSION if call <= SMALL else VERSION)
    room = max(call - tokens(ours) - SCHEMA_TOKENS - MARKER_TOKENS, 0)
    shared = _shared_parts(pull, context.background, instructions, focus, room)
    evidence = room // 10 if static or earlier else 0
    room -= sum(tokens(part.text) for part in shared) + evidence
    bounds = Bounds(max(room, 0), budget.calls, budget.total)
    packed = pack(files, texts, bounds, context)
    bound_to = (Part("head", pull.head), *shared)
    chunks = []
    for load in packed.calls:
        parts = [*shared, *_own_parts(load, static, earlier, evidence)]
        paths = tuple(dict.fromkeys(piece.file.path for piece in load.pieces))
        prompt = Prompt(ours, fence(parts, fence_key, bound_to), paths)
        chunks.append(Chunk(prompt, tuple(piece.file for piece in load.pieces)))
    return PromptPlan(tuple(chunks), packed.unread)


def call_tokens(prompt: Prompt, part: float = 1.0) -> int:
    """Return the tokens of a call that holds this part of a prompt's material."""
    fixed = tokens(prompt.instructions) + SCHEMA_TOKENS
    return fixed + int(tokens(prompt.material) * part)


def _shared_parts(
    pull: PullRequest, background: Background, guidance: str, focus: str, room: int
) -> list[Part]:
    """Return what every call begins with, within two fifths of its room."""
    parts = [Part("pull request", describe(pull, room // 8))]
    commits, issues = commits_text(pull, background), issues_text(background)
    if commits:
        parts.append(Part("commit messages", shortened(commits, room // 24)))
    if issues:
        parts.append(Part("issues that it closes", shortened(issues, room // 16)))
    if guidance.strip():
        parts.append(Part("guidance of the repository", shortened(shown(guidance), room // 6)))
    if focus.strip():
        parts.append(Part("what the asker wants looked at", shortened(shown(focus), room // 30)))
    return parts


def _own_parts(
    load: Load,
    static: Sequence[Candidate],
    earlier: Sequence[RecordedFinding],
    most_tokens: int,
) -> list[Part]:
    """Return what one call alone holds, the change itself last."""
    parts = [Part("files", "\n\n".join(piece.text for piece in load.pieces))]
    if load.aside:
        parts.insert(0, Part("changed too, not for review", load.aside))
    if load.related:
        parts.insert(0, Part("related code", load.related))
    paths = frozenset(piece.file.path for piece in load.pieces)
    for name, text in (
        ("static findings", static_text(static, paths)),
        ("earlier findings", earlier_text(earlier, paths)),
    ):
        if text:
            parts.insert(0, Part(name, shortened(text, most_tokens // 2)))
    return parts
