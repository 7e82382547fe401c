"""A sample of the fault cases once that need a scene of their own."""

from pathlib import Path

import pytest

from tests.faults.case import Case, run
from tests.faults.sample import LEASE, MARKS, SEED, quick
from tests.faults.scene import open_scene

pytestmark = MARKS


@pytest.mark.parametrize("case", quick(alone=True))
async def test_nothing_is_lost_and_nothing_twice(case: Case, tmp_path: Path) -> None:
    async with open_scene(tmp_path, lease=LEASE) as alone:
        result = await run(case, alone, SEED)

    assert result.clean, result
