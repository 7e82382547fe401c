"""The errors of the core, and the words a person sees with them.

ArgusError
├── UserError            a person is told, once, in words; never retried
│   ├── AccessDenied     "not found or not allowed", the same sentence for both
│   └── ConfigurationInvalid   repository configuration; line and suggestion inside
├── TransientError       worth another attempt; carries retry_after
│   └── Withheld         nothing was tried: the other side is to be left alone for now
├── PermanentError       another attempt would fail the same way; carries the reason
│   └── PullRequestGone  closed, deleted, transferred, or the App lost its access
├── LeaseLost            another worker holds the job now: stop, write nothing more
├── HeadMoved            the pull request has a newer head: this run is superseded
└── ModelUnavailable     no model of the chain answered; carries a reason for each
    └── PromptTooLarge   a smaller prompt may be answered

Expected outcomes (Duplicate, Refused, Superseded) are return values, not errors.
"""

from core.models import Usage


class ArgusError(Exception):
    """Anything that Argus raises itself."""


class UserError(ArgusError):
    """What happened, why, and what to do next, in the words a person reads.

    `link` leads to the next step; it is never an address that a person or a repository named.
    """

    def __init__(self, what: str, *, why: str = "", next_step: str = "", link: str = "") -> None:
        self.what = what
        self.why = why
        self.next_step = next_step
        self.link = link
        super().__init__(" ".join(part for part in (what, why, next_step) if part))


class AccessDenied(UserError):
    """Not found or not allowed: one sentence for both, so that neither can be told from it."""


class ConfigurationInvalid(UserError):
    """A configuration file that cannot be used; `problems` are one sentence each."""

    def __init__(self, source: str, problems: tuple[str, ...]) -> None:
        self.source = source
        self.problems = problems
        super().__init__(
            f"{source} is not valid.",
            why="; ".join(problems) + ".",
            next_step="It was ignored as a whole; correct it on the base branch.",
        )


class TransientError(ArgusError):
    """Worth another attempt, no sooner than `retry_after` seconds from now.

    `words` are for a person who waits, where there is more to tell them than to ask again.
    """

    def __init__(
        self, reason: str, *, retry_after: float = 0.0, words: UserError | None = None
    ) -> None:
        self.reason = reason
        self.retry_after = retry_after
        self.words = words
        super().__init__(reason)


class Withheld(TransientError):
    """Nothing was tried, because the other side is to be left alone: it costs no attempt."""


class PermanentError(ArgusError):
    """Another attempt would fail the same way; `reason` is a sentence for people."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class PullRequestGone(PermanentError):
    """Closed, deleted or out of reach: nothing is left to review."""


class LeaseLost(ArgusError):
    """The lease is not safely ours any more; stop at once and write nothing."""


class HeadMoved(ArgusError):
    """The pull request's live head is not the one under review."""

    def __init__(self, live_head: str) -> None:
        self.live_head = live_head
        super().__init__(f"the head moved to {live_head[:12]}")


class ModelUnavailable(ArgusError):
    """No model of the chain gave a usable answer; `reasons` name each model and why."""

    def __init__(self, reasons: tuple[str, ...], *, usage: Usage | None = None) -> None:
        self.reasons = reasons
        self.usage = usage or Usage()
        """What the failed calls cost all the same."""
        super().__init__("; ".join(reasons) or "no model is configured")


class PromptTooLarge(ModelUnavailable):
    """The prompt or its answer is over a model's limit; a smaller prompt may be answered."""

    def __init__(self, reason: str, *, usage: Usage | None = None) -> None:
        super().__init__((reason,), usage=usage)
