"""A sample of the fault cases once, where the analyzers are the review; `python -m tests.faults`
plays all of them, again and again.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.case import Case, run
from tests.faults.sample import LEASE, MARKS, SEED, quick
from tests.faults.scene import Scene, open_scene

pytestmark = MARKS


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """One scene that all cases share."""
    async with open_scene(tmp_path_factory.mktemp("faults"), lease=LEASE) as opened:
        yield opened


@pytest.mark.parametrize("case", quick())
async def test_nothing_is_lost_and_nothing_twice(case: Case, scene: Scene) -> None:
    result = await run(case, scene, SEED)

    assert result.clean, result


async def test_nothing_came_late(scene: Scene) -> None:
    found = await scene.audit_all()

    assert (found.lost, found.duplicates) == ((), ())
