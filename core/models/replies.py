"""What goes to a model and what comes back, in the contract's property names."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.models.results import Usage


class ReplyFinding(BaseModel):
    """One finding as the contract asks a model for it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    path: str
    line: int
    end_line: int | None = None
    side: Literal["RIGHT", "LEFT"] = "RIGHT"
    severity: Literal["important", "nit", "pre_existing"]
    category: str
    title: str
    body: str
    quote: str
    suggestion: str | None = None
    confidence: float = 0.5


class Resolved(BaseModel):
    """A model's word on an earlier finding."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    status: str
    reason: str = ""


class ReviewReply(BaseModel):
    """The structured output that a review call asks for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    summary: str = ""
    findings: tuple[ReplyFinding, ...] = ()
    resolved: tuple[Resolved, ...] = ()


class VerdictWord(StrEnum):
    """What a second look says of a candidate."""

    CONFIRMED = "confirmed"
    """A concrete case fails as it is claimed."""
    REJECTED = "rejected"
    """The code shown refutes it."""
    UNVERIFIABLE = "unverifiable"
    """What was shown decides neither."""


class Verdict(BaseModel):
    """A model's word on one candidate."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    verdict: VerdictWord
    reason: str = ""


class VerificationReply(BaseModel):
    """The structured output that a verification call asks for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    verdicts: tuple[Verdict, ...] = ()


class AnswerReply(BaseModel):
    """The structured output that an answer to a person asks for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    answer: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """One call: trusted instructions, and the fenced material."""

    instructions: str
    material: str
    paths: tuple[str, ...]
    """Files whose hunks the material holds."""
    run: str = ""
    """The review that asks; a kept answer serves the same review alone."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A model's complete, valid answer to one prompt."""

    reply: ReviewReply
    model: str
    """What answered, as `provider:model`."""
    first_choice: bool
    """False when a fallback of the chain answered."""
    usage: Usage
    salvaged: bool = False
    """True when parts of the answer had to be dropped as malformed."""


@dataclass(frozen=True, slots=True)
class VerificationReading:
    """A model's verdicts on the candidates of one prompt."""

    reply: VerificationReply
    model: str
    """What answered, as `provider:model`."""
    first_choice: bool
    usage: Usage
    salvaged: bool = False


@dataclass(frozen=True, slots=True)
class AnswerReading:
    """A model's answer to a person's question; untrusted."""

    reply: AnswerReply
    model: str
    """What answered, as `provider:model`."""
    usage: Usage
