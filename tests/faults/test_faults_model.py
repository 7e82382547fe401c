"""A sample of the fault cases once, in a scene with a model."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.case import Case, run
from tests.faults.sample import MARKS, MODEL_LEASE, SEED, quick
from tests.faults.scene import Scene, open_scene

pytestmark = MARKS


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """One scene that all cases share."""
    folder = tmp_path_factory.mktemp("faults")
    async with open_scene(folder, lease=MODEL_LEASE, model=True) as opened:
        yield opened


@pytest.mark.parametrize("case", quick(model=True))
async def test_nothing_is_lost_and_nothing_twice(case: Case, scene: Scene) -> None:
    result = await run(case, scene, SEED)

    assert result.clean, result
