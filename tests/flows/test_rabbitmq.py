"""The second broker: the bell rings through RabbitMQ, the truth stays in Redis."""

from pathlib import Path

from tests.fakes.argus import Argus
from tests.fakes.github import FakeGitHub
from tests.flows.test_pull_request import BASE, SQL, own_reviews, summarised


async def test_a_review_is_rung_for_through_rabbitmq(
    github: FakeGitHub, redis_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    with Argus(github, redis_url, tmp_path, ARGUS_BROKER_URL=rabbitmq_url):
        opened = github.open(BASE, {"app/store.py": SQL})
        shown = await github.until(opened.repo, opened.number, summarised, seconds=20)

    assert len(own_reviews(shown)) == 1
