"""Every quick fault case once, with a fixed seed; `python -m tests.faults` plays many more."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.case import Case, all_cases, run
from tests.faults.scene import Scene, open_scene

LEASE = 2.0
MODEL_LEASE = 8.0
"""Seconds; a provider's library is imported during the first review, which takes two of them."""
SEED = 5
QUICK = [case for case in all_cases().values() if case.quick]

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


def named(*, model: bool) -> list[object]:
    """Return the quick cases of a scene."""
    return [pytest.param(case, id=case.number) for case in QUICK if case.model == model]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """A scene in which the analyzers are the review."""
    async with open_scene(tmp_path_factory.mktemp("faults"), lease=LEASE) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def model_scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """A scene with a model."""
    folder = tmp_path_factory.mktemp("faults")
    async with open_scene(folder, lease=MODEL_LEASE, model=True) as opened:
        yield opened


@pytest.mark.parametrize("case", named(model=False))
async def test_nothing_is_lost_and_nothing_twice(case: Case, scene: Scene) -> None:
    result = await run(case, scene, SEED)

    assert result.clean, result


@pytest.mark.parametrize("case", named(model=True))
async def test_nothing_is_lost_and_nothing_twice_with_a_model(
    case: Case, model_scene: Scene
) -> None:
    result = await run(case, model_scene, SEED)

    assert result.clean, result


async def test_nothing_came_late(scene: Scene) -> None:
    found = await scene.audit_all()

    assert (found.lost, found.duplicates) == ((), ())
