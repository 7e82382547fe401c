"""The prompt of an answer: a person's question, the finding it is about, and the code around it.

All of it is data; who may ask, and how often, is judged elsewhere.
"""

from collections.abc import Sequence

from core.models import FileChange, Prompt, PullRequest, RecordedFinding
from core.prompts import MARKER_TOKENS, instructions_of
from core.prompts.enriching import Shelf, enrich
from core.prompts.fence import Part, fence
from core.prompts.material import describe, shortened, shown, tokens
from core.prompts.pieces import Piece, fitting, piece
from core.prompts.verification import Evidence
from core.prompts.visible import reveal

VERSION = "conversation_v1"
CALL = 24_000
"""Tokens; an answer needs what is near its question, not the whole change."""
SCHEMA_TOKENS = 100
"""What the schema of the answer takes when it travels with the request."""
QUESTION = 1_500
"""Tokens of a question; a command is not longer."""
DESCRIPTION = 800
"""Tokens of what the author says about the change."""
EXPLAIN = (
    "Explain this finding: follow one concrete case through the code, line by line, to where it"
    " goes wrong, and say what the smallest repair would be. If the code shown refutes the"
    " finding, say so."
)
"""What is asked where a person says `explain`."""


def build(
    pull: PullRequest,
    sources: Evidence,
    question: str,
    finding: RecordedFinding | None = None,
    *,
    context_tokens: int,
    fence_key: bytes,
) -> Prompt:
    """Return the call that answers a question with a model that takes `context_tokens`.

    The file of the finding comes first, then those that the question names, then the others in
    the order given; what does not fit is left out.
    """
    most = min(context_tokens, CALL)
    ours = instructions_of(VERSION)
    said = [Part("pull request", describe(pull, min(DESCRIPTION, most // 10)))]
    if finding is not None:
        said.append(Part("finding", _finding_text(finding)))
    asked = Part("question", shortened(shown(question.strip()), min(QUESTION, most // 4)))
    fixed = sum(tokens(part.text) for part in (*said, asked))
    room = max(most - tokens(ours) - fixed - SCHEMA_TOKENS - MARKER_TOKENS, 0)
    held = _held(by_nearness(sources.files, question, finding), room)
    left = max(room - sum(each.size for each in held), 0)
    rich, related, _ = enrich(held, left, Shelf(sources.texts, sources.context))
    parts = [*said]
    if related:
        parts.append(Part("related code", related))
    if rich:
        parts.append(Part("files", "\n\n".join(each.text for each in rich)))
    paths = tuple(each.file.path for each in held)
    return Prompt(ours, fence((*parts, asked), fence_key), paths)


def by_nearness(
    files: Sequence[FileChange], question: str, finding: RecordedFinding | None
) -> tuple[FileChange, ...]:
    """Return the files with those first that a question is about."""

    def distance(file: FileChange) -> int:
        if finding is not None and file.path == finding.path:
            return 0
        named = file.path in question or file.path.rpartition("/")[2] in question
        return 1 if named else 2

    return tuple(sorted(files, key=distance))


def _held(files: Sequence[FileChange], room: int) -> list[Piece]:
    """Return what fits of the files, of one that is too large a part."""
    held: list[Piece] = []
    for file in files:
        if not file.hunks:
            continue
        whole = piece(file)
        fits = whole if whole.size <= room else fitting(whole, room)[0]
        if fits is not None:
            held.append(fits)
            room -= fits.size
    return held


def _finding_text(finding: RecordedFinding) -> str:
    place = f"{reveal(finding.path)}:{finding.line}"
    source = "" if finding.source == "model" else f", found by {reveal(finding.source)}"
    words = f"{finding.title.strip()}\n{finding.body.strip()}"
    return f"{place} ({finding.severity.value}, {finding.category.value}{source})\n{shown(words)}"
