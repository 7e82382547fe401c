"""What people said of findings; implements `core.ports.Dismissals`.

Words are kept apart from what runs write, and are laid over it whenever it is read. Those on a
pull request pass with it; those on the rules of a repository stay until they are taken back.
"""

import hashlib
from collections.abc import Sequence

from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger.memory import Memories
from bot.adapters.ledger.rows import words_from
from bot.adapters.ledger.scripts import Scripts, answer
from core.errors import TransientError
from core.models import (
    Dismiss,
    Dismissal,
    DismissalScope,
    Dismissed,
    PullMemory,
    RecordedFinding,
    Refused,
)
from core.rounds import is_about, rule_of

MOST_WORDS = 1_000
"""On the findings of one pull request; there are no more findings than are remembered."""
MOST_RULES = 200
"""Dismissed in one repository; what nobody wants to hear belongs in its configuration by then."""
MOST_CHARACTERS = 500
"""Of a reason."""
DIGITS = 32
"""Of the hash that names a rule."""
RETRY_NEWER = 60.0
"""Seconds after which a newer version may have taken over."""

UNKNOWN = Refused(
    reason="Argus knows no such finding on this pull request. It may have been said by another"
    " tool, or the pull request was closed for so long that it was forgotten."
)
FULL = Refused(
    reason="Too much has been dismissed here already. Take some of it back, or turn the rule off"
    " in the repository's configuration."
)


class DismissalDesk:
    """Takes people's words. Every method raises TransientError when the server is away."""

    def __init__(self, redis: Redis, scripts: Scripts, memory: Memories) -> None:
        self._redis = redis
        self._scripts = scripts
        self._memory = memory

    async def dismiss(self, request: Dismiss) -> Dismissed | Refused:
        """Take a person's word, or take one back; saying it twice changes nothing more."""
        before = await self._memory.of(request.job_id)
        word = await self._word(request, before)
        if word is None:
            return UNKNOWN
        refused = await self._say(request, word, await self._against(request, word, before))
        if refused is not None:
            return refused
        after = await self._memory.of(request.job_id)
        return Dismissed(scope=request.scope, state=request.state, findings=_changed(before, after))

    async def rules(self, repo_id: int) -> tuple[Dismissal, ...]:
        """Return the rules that are dismissed in a repository, the latest last."""
        return await self._words(str(repo_id))

    async def take_back(self, repo_id: int, rule: Dismissal) -> None:
        """Let a rule speak again; what it finds on open pull requests shows with their next run."""
        await answer(self._redis.hdel(keys.lasting("words", str(repo_id)), _field(rule)))

    async def _word(self, request: Dismiss, memory: PullMemory) -> Dismissal | None:
        """Return the word that a request means, None where there is nothing that it can be on."""
        word = Dismissal(
            scope=request.scope,
            state=request.state,
            who=request.who,
            reason=request.reason.strip()[:MOST_CHARACTERS],
        )
        if request.scope is DismissalScope.PULL_REQUEST:
            return await self._on_all(request, word, memory)
        known = (each.finding for each in memory.findings)
        finding = next((each for each in known if each.id == request.finding_id), None)
        if finding is None:
            return None
        if request.scope is DismissalScope.FINDING:
            return word.model_copy(update={"findings": (finding.id,)})
        return rule_of(finding, word, memory.rules)

    async def _on_all(self, request: Dismiss, word: Dismissal, memory: PullMemory) -> Dismissal:
        """Return a word on what is open, and on what an earlier such word was about."""
        before = [
            each
            for each in await self._words(request.job_id)
            if each.scope is DismissalScope.PULL_REQUEST
        ]
        about = {each.finding.id for each in memory.findings if each.state.is_open}
        about.update(*(each.findings for each in before))
        return word.model_copy(update={"findings": tuple(sorted(about))})

    async def _against(
        self, request: Dismiss, word: Dismissal, memory: PullMemory
    ) -> tuple[str, ...]:
        """Return where it is said that single findings are open which this word now reaches."""
        if request.scope is DismissalScope.FINDING:
            return ()
        reached = {each.finding.id for each in memory.findings if is_about(word, each.finding)}
        return tuple(
            _field(each)
            for each in await self._words(request.job_id)
            if not each.state.is_quiet and reached.issuperset(each.findings)
        )

    async def _say(
        self, request: Dismiss, word: Dismissal, against: Sequence[str]
    ) -> Refused | None:
        on_rule = request.scope is DismissalScope.RULE
        repo_id, _, _ = request.job_id.partition(":")
        # Only of a single finding it is a word of its own that it is open: others may reach it.
        taken_back = not word.state.is_quiet and request.scope is not DismissalScope.FINDING
        reply = await self._scripts.call(
            "dismiss",
            job=request.job_id,
            of=repo_id if on_rule else request.job_id,
            field=_field(word),
            word="" if taken_back else word.model_dump_json(exclude_defaults=True),
            drop=against,
            most=MOST_RULES if on_rule else MOST_WORDS,
        )
        match reply:
            case b"said":
                return None
            case b"newer":
                reason = "A newer version of Argus wrote this job."
                raise TransientError(reason, retry_after=RETRY_NEWER)
            case b"full":
                return FULL
            case _:
                return UNKNOWN

    async def _words(self, of: str) -> tuple[Dismissal, ...]:
        stored = await answer(self._redis.hvals(keys.lasting("words", of)))
        return words_from(stored)


def _field(word: Dismissal) -> str:
    """Return the field that holds a word: one for each thing that words are on."""
    match word.scope:
        case DismissalScope.FINDING:
            return f"finding:{word.findings[0]}"
        case DismissalScope.PULL_REQUEST:
            return "all"
        case DismissalScope.RULE:
            named = "\0".join((word.source, word.category or "", word.claim))
            return f"rule:{hashlib.sha256(named.encode()).hexdigest()[:DIGITS]}"


def _changed(before: PullMemory, after: PullMemory) -> tuple[RecordedFinding, ...]:
    states = {each.finding.id: each.state for each in before.findings}
    return tuple(
        each.finding for each in after.findings if states.get(each.finding.id) is not each.state
    )
