"""A model that knows every defect and lies as often: the truth lands on its lines, alone."""

import pytest

from tests.bench.edits import made
from tests.bench.oracle import came_of, told


@pytest.mark.parametrize("seed", range(8))
async def test_every_true_finding_lands_and_no_lie_that_gates_can_catch(seed: int) -> None:
    change = made(seed, files=4, hunks=12)

    came = await came_of(change, told(change, seed))

    assert came.told.lines
    assert len(came.told.lies) == len(came.told.true)
    assert (came.missed, came.lost_outside, came.got_through) == (0, 0, 0)
    assert came.posted == came.told.lines
    assert came.calls == 1
