"""A running Argus for stories, shared by the tests of a module; each opens its own repository."""

from collections.abc import Iterator

import pytest

from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.argus import Argus
from tests.fakes.github import FakeGitHub
from tests.fakes.model_server import ModelServer


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeGitHub]:
    """A local GitHub that outlives one test."""
    fake = FakeGitHub.start(tmp_path_factory.mktemp("github"))
    try:
        yield fake
    finally:
        fake.stop()


@pytest.fixture(scope="module")
def own_redis() -> Iterator[EmbeddedRedis]:
    """A server of the module's own, which no other test empties."""
    with EmbeddedRedis() as server:
        yield server


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    """A provider on this machine that says what a story wants."""
    with ModelServer() as server:
        yield server


@pytest.fixture(scope="module")
def argus(
    hub: FakeGitHub, own_redis: EmbeddedRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Argus]:
    """Web and worker as real processes, without a model."""
    with Argus(hub, own_redis.url, tmp_path_factory.mktemp("logs")) as running:
        yield running
