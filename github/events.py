"""Payloads of webhooks → events; only the fields that are used are decoded.

A model of the whole payload would refuse deliveries whose other parts GitHub changed. What an
event leads to is decided in `triggers`.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from core.errors import ArgusError
from core.models import PullRequestRef

LARGEST_ID: Final = 2**53
"""Beyond it Lua and JavaScript, which read our numbers too, lose digits."""

Id = Annotated[int, Field(ge=1, lt=LARGEST_ID)]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]
Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{40}(?:[0-9a-f]{24})?$")]
"""SHA-1, or SHA-256 where a repository uses it."""


class MalformedEvent(ArgusError):
    """A body that is no JSON object, or lacks what its event always has."""


@dataclass(frozen=True, slots=True)
class PullRequestEvent:
    """Something happened to a pull request."""

    action: str
    ref: PullRequestRef
    repo_id: int
    head: str
    sender: str
    """Login of whoever did it; empty when GitHub does not say."""
    installation_id: int | None
    """None for a webhook of the repository itself."""
    base_changed: bool = False
    closed_at: float | None = None
    """Seconds since 1970; None while it is open."""
    merged: bool = False
    by_bot: bool = False
    """An App or another machine account did it, not a person."""


@dataclass(frozen=True, slots=True)
class OtherEvent:
    """An event that Argus has no use for, `ping` included."""

    name: str


Event = PullRequestEvent | OtherEvent


def decode(name: str, body: bytes) -> Event:
    """Return the event of a delivery. Raises MalformedEvent, and nothing else."""
    try:
        if b"NaN" in body or b"Infinity" in body:
            from_json(body, allow_inf_nan=False)
        if name != "pull_request":
            _Object.model_validate_json(body)
            return OtherEvent(name)
        return _event(_Payload.model_validate_json(body))
    except ValidationError as failure:
        first = failure.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        message = f"{place}: {first['msg']}" if place else first["msg"]
        raise MalformedEvent(message) from failure
    except ValueError as failure:
        raise MalformedEvent("Invalid JSON: NaN and Infinity are not allowed") from failure


class _Object(BaseModel):
    """Any JSON object."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Account(_Object):
    login: str = ""
    type: str = ""

    @property
    def is_bot(self) -> bool:
        """Tell whether it belongs to a machine: GitHub says so, or the login does."""
        return self.type == "Bot" or self.login.endswith("[bot]")


class _Owner(_Object):
    login: Name


class _Repository(_Object):
    id: Id
    name: Name
    owner: _Owner


class _Commit(_Object):
    sha: Sha


class _PullRequest(_Object):
    number: Id
    head: _Commit
    closed_at: AwareDatetime | None = None
    merged: bool | None = None


class _Installation(_Object):
    id: Id


class _Changes(_Object):
    base: _Object | None = None


class _Payload(_Object):
    action: str
    pull_request: _PullRequest
    repository: _Repository
    installation: _Installation | None = None
    sender: _Account | None = None
    changes: _Changes | None = None


def _event(payload: _Payload) -> PullRequestEvent:
    closed_at = payload.pull_request.closed_at
    return PullRequestEvent(
        action=payload.action,
        ref=PullRequestRef(
            owner=payload.repository.owner.login,
            repo=payload.repository.name,
            number=payload.pull_request.number,
        ),
        repo_id=payload.repository.id,
        head=payload.pull_request.head.sha,
        sender=payload.sender.login if payload.sender else "",
        by_bot=bool(payload.sender and payload.sender.is_bot),
        installation_id=payload.installation.id if payload.installation else None,
        base_changed=bool(payload.changes and payload.changes.base),
        closed_at=closed_at.timestamp() if closed_at else None,
        merged=bool(payload.pull_request.merged),
    )
