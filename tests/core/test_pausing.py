"""A pause ends automatic reviews as skipped, and never keeps a person from having one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from core.models import Job, Origin, OriginKind, Outcome, OutcomeKind, Paused
from core.repo_config import RepoConfig
from core.review import Crew, review_pull_request
from tests.fakes.core import (
    FakeFence,
    FakeHost,
    FakeReviewer,
    NoAnalyzers,
    a_job,
    a_new_file,
    a_pull_request,
)


@dataclass
class FakePauses:
    """Who paused what, in memory."""

    kept: Mapping[str, Paused] = field(default_factory=dict)

    async def of(self, job_id: str) -> Paused | None:
        return self.kept.get(job_id)


async def ended(job: Job, host: FakeHost | None = None) -> Outcome:
    host = host or FakeHost(files=(a_new_file("shop/cart.py", "total = 0\n"),))
    crew = Crew(
        host=host,
        publisher=None,
        reviewer=FakeReviewer(),  # type: ignore[arg-type]  # says what the test wants
        analyzers=NoAnalyzers(),  # type: ignore[arg-type]  # finds nothing of its own
        defaults=RepoConfig(),
        clock=lambda: 0.0,
        pauses=FakePauses({"1:7": Paused(who="ada")}),  # type: ignore[arg-type]  # only asked
    )
    return await review_pull_request(job, crew, FakeFence())


async def reviewed(job: Job, host: FakeHost | None = None) -> tuple[OutcomeKind, str]:
    outcome = await ended(job, host)
    return outcome.kind, outcome.reason


def asked(kind: OriginKind) -> Job:
    return a_job(origins=(Origin(kind=kind, id="o", person="bob"),))


@pytest.mark.parametrize("kind", [OriginKind.WEBHOOK, OriginKind.SWEEP])
async def test_what_an_event_asks_for_is_skipped_and_says_who_paused(kind: OriginKind) -> None:
    said = "Automatic reviews were paused by `ada`."
    assert await reviewed(asked(kind)) == (OutcomeKind.SKIPPED, said)


async def test_outcome_tells_a_pause_from_other_rules() -> None:
    assert (await ended(asked(OriginKind.WEBHOOK))).by_pause
    draft = FakeHost(pull=a_pull_request(draft=True))
    other = asked(OriginKind.WEBHOOK).model_copy(update={"id": "1:8"})
    skipped = await ended(other, draft)
    assert (skipped.kind, skipped.by_pause) == (OutcomeKind.SKIPPED, False)


@pytest.mark.parametrize("kind", [OriginKind.COMMENT, OriginKind.SLACK, OriginKind.API])
async def test_what_a_person_asks_for_is_reviewed_all_the_same(kind: OriginKind) -> None:
    assert await reviewed(asked(kind)) == (OutcomeKind.CLEAN, "")


async def test_pause_of_another_pull_request_does_not_count() -> None:
    job = asked(OriginKind.WEBHOOK).model_copy(update={"id": "1:8"})
    assert (await reviewed(job))[0] is OutcomeKind.CLEAN


async def test_closed_pull_request_is_cancelled_not_paused() -> None:
    host = FakeHost(pull=a_pull_request(open=False))
    kind, _ = await reviewed(asked(OriginKind.WEBHOOK), host)
    assert kind is OutcomeKind.CANCELLED
