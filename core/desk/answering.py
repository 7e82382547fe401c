"""Answers questions about a change and its findings, with a model where one is configured.

It looks at the change as a review does, and says nothing by itself: what it returns is a model's
word, or the words of the rule that found something.
"""

import secrets

from core.attributes import parse_gitattributes
from core.context.reader import ContextReader
from core.desk.values import Answer
from core.errors import UserError
from core.models import PullRequest, RecordedFinding
from core.ports import AnswerChain, Host
from core.prompts.conversation import EXPLAIN, build, by_nearness
from core.prompts.verification import Evidence
from core.repo_config import RepoConfig
from core.selection import select
from core.texts import read_texts

MOST_FILES = 8
"""Files of a change that are looked at for one answer, those nearest to the question."""
LONGEST_ANSWER = 8_000
"""Characters that are kept of what a model said."""
ATTRIBUTES = ".gitattributes"


class Answerer:
    """Answers with a chain of models."""

    def __init__(
        self, chain: AnswerChain, *, context: ContextReader, fence_key: bytes = b""
    ) -> None:
        """Fence with this secret key; without one, answers are cached for this process alone."""
        self._chain = chain
        self._context = context
        self._fence_key = fence_key or secrets.token_bytes(32)

    async def explain(self, host: Host, finding: RecordedFinding) -> Answer:
        """Say more about a finding; without a model, what is known of it.

        Raises ModelUnavailable, PullRequestGone, TransientError.
        """
        if not self._chain.names:
            return Answer(_own_words(finding))
        return await self._answered(host, EXPLAIN, finding)

    async def ask(
        self, host: Host, question: str, finding: RecordedFinding | None = None
    ) -> Answer:
        """Answer a question, of a finding where it was asked in its thread.

        Raises UserError without a model, ModelUnavailable, PullRequestGone, TransientError.
        """
        if not self._chain.names:
            raise UserError(
                "Argus cannot answer questions here.",
                why="No model is configured; reviews are made by static analysis alone.",
                next_step="Whoever runs Argus can set ARGUS_MODEL.",
            )
        return await self._answered(host, question, finding)

    async def _answered(self, host: Host, question: str, finding: RecordedFinding | None) -> Answer:
        pull = await host.pull_request()
        sources = await self._sources(host, pull, question, finding)
        prompt = build(
            pull,
            sources,
            question,
            finding,
            context_tokens=self._chain.context_tokens,
            fence_key=self._fence_key,
        )
        said = await self._chain.converse(prompt)
        return Answer(said.reply.answer[:LONGEST_ANSWER], said.model, said.usage)

    async def _sources(
        self, host: Host, pull: PullRequest, question: str, finding: RecordedFinding | None
    ) -> Evidence:
        """Return the code that a question may be about."""
        changes = await host.changes(pull)
        stated = await host.text(ATTRIBUTES, pull.base) or b""
        attributes = parse_gitattributes(stated.decode(errors="replace"))
        scope = select(changes, RepoConfig().review, attributes)
        files = by_nearness(scope.files, question, finding)[:MOST_FILES]
        async with self._context.opened(host, pull, look=bool(files)) as around:
            texts = await read_texts(host, files, pull.head, around.texts)
            context = await around.explain(files, texts)
        return Evidence(files, texts, context)


def _own_words(finding: RecordedFinding) -> str:
    """Return what is known of a finding without asking anybody."""
    kind, _, rule = finding.source.partition(":")
    found = f"The static rule `{rule}` found it" if kind == "static" else "A model found it"
    return (
        f"**{finding.title.strip()}**\n\n{finding.body.strip()}\n\n{found}; no model is configured"
        " now that could say more."
    )
