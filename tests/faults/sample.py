"""The quick cases of each kind of scene, and the seed and leases they are played with in the suite.

Kinds of scenes stand in test modules of their own, so that several processes can share them.
"""

from typing import Final

import pytest

from tests.faults.case import Case, all_cases

LEASE: Final = 2.0
MODEL_LEASE: Final = 8.0
"""Seconds; a provider's library is imported during the first review, which takes two of them."""
SEED: Final = 5
MARKS: Final = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


def quick(*, model: bool = False, alone: bool = False) -> list[object]:
    """Return the quick cases of a scene as parameters."""
    chosen: list[Case] = [case for case in all_cases().values() if case.quick]
    return [
        pytest.param(case, id=case.number)
        for case in chosen
        if (case.model, case.alone) == (model, alone)
    ]
