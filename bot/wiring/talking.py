"""Composes what listens to people on pull requests, and answers them where they asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.adapters.ledger import RedisLedger
from bot.adapters.runtime_settings import RuntimeSettings
from bot.parts.github import GitHubSide
from bot.parts.ledger import open_desk
from bot.parts.reviewing import Reviewing
from core.desk import AnswerVoice, Pauses
from core.intake import Intake
from core.models import OriginKind, PullRequestRef
from core.ports import Announcer
from core.repo_config.gathering import Sources
from github.feedback import FeedbackDeliverer
from github.orders import Clerk, OrderDeliverer, OutcomeDeliverer, Permitted, Questions
from github.organisation import Organisations
from github.permissions import Collaborators


@dataclass(frozen=True, slots=True)
class Governing:
    """Who has a say in reviews beside the repository itself."""

    runtime: RuntimeSettings
    organisations: Organisations
    pauses: Pauses
    announcer: Announcer | None = None
    """Tells channels that follow; None without Slack."""


@dataclass(frozen=True, slots=True)
class Talking:
    """What listens to people on pull requests."""

    github: GitHubSide
    reviewing: Reviewing
    ledger: RedisLedger
    intake: Intake
    governing: Governing

    def orders(self, voices: Mapping[OriginKind, AnswerVoice]) -> OrderDeliverer:
        """Return who carries out what people say; `voices` answer in other front ends."""
        github, people = self.github, Collaborators(self.github.connections)
        permitted = Permitted(people, self._sources)
        clerk = Clerk(
            desk=open_desk(self.ledger),
            intake=self.intake,
            questions=Questions(self.reviewing.answerer, self.ledger.turns),
            permitted=permitted,
            markers=github.markers,
            received=self.ledger.feedback.counts,
            slug=github.identity.slug or "",
        )
        return OrderDeliverer(
            connect=github.connect,
            clerk=clerk,
            permitted=permitted,
            turns=self.ledger.turns,
            markers=github.markers,
            identity=github.identity,
            web_url=github.web_url,
            voices=voices,
        )

    def outcomes(self) -> OutcomeDeliverer:
        """Return who answers those that asked for a review."""
        github = self.github
        return OutcomeDeliverer(github.connect, github.markers, github.identity, github.web_url)

    def feedback(self) -> FeedbackDeliverer:
        """Return who reads what people made of findings."""
        github, ledger = self.github, self.ledger
        return FeedbackDeliverer(
            connect=github.connect,
            memories=ledger.memory,
            receive=ledger.feedback.receive,
            markers=github.markers,
            identity=github.identity,
        )

    def _sources(self, ref: PullRequestRef, installation_id: int | None) -> Sources:
        governing = self.governing
        organisation = governing.organisations.of(ref, installation_id)
        return Sources(self.reviewing.defaults, governing.runtime, organisation)
