"""What a run found, case by case, as it is saved: places and prose, none of the code.

Figures are worked out of it anew when it is read, so that runs of two versions compare.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import Field, ValidationError

from core.errors import UserError
from core.evaluation.cases import Golden
from core.models import RecordedFinding, Strength, Usage, Value

SCHEMA: Final = "argus.eval/1"
"""Fields are only ever added within a version."""


class Basis(StrEnum):
    """What makes a finding count as the known issue."""

    PLACE = "place"
    """It stands there."""
    CLAIM = "claim"
    """And shares enough of its words."""
    JUDGE = "judge"
    """And means the same, as a model that was asked says."""


class CaseResult(Value):
    """One case as it went."""

    id: str
    digest: str
    """Of what the case said then."""
    language: str = ""
    """What all of it counts as; empty: what each file is written in."""
    golden: tuple[Golden, ...] = ()
    findings: tuple[RecordedFinding, ...] = ()
    matches: dict[Basis, dict[int, int]] = Field(default_factory=dict)
    """By basis: position of a known issue → position of the finding that says it."""
    changed_lines: int = 0
    usage: Usage = Usage()
    judge_usage: Usage = Usage()
    seconds: float = 0.0
    strength: Strength = Strength.FULL
    notes: tuple[str, ...] = ()
    """Why it was not read at full strength."""
    failure: str = ""
    """Why it counts for nothing; empty where it counts."""

    def unmatched(self, basis: Basis) -> int:
        """Return how many findings say nothing that is known."""
        return len(self.findings) - len(self.matches.get(basis, {}))


class Report(Value):
    """One run over a dataset."""

    format: str = SCHEMA
    argus: str
    """Version of Argus."""
    dataset: str
    started: datetime
    models: tuple[str, ...] = ()
    """What was asked, as `provider:model`; empty: static analysis alone."""
    judge: str = ""
    total: int
    """Cases that were to be evaluated; fewer are there when the run was interrupted."""
    cases: tuple[CaseResult, ...] = ()
    broken: tuple[str, ...] = ()
    """Files of the dataset that could not be used, and why."""

    @property
    def complete(self) -> bool:
        """Tell whether no case is missing."""
        return len(self.cases) == self.total

    @property
    def failures(self) -> Mapping[str, str]:
        """Return why cases count for nothing, by their id."""
        return {case.id: case.failure for case in self.cases if case.failure}

    @property
    def decisive(self) -> Basis:
        """Return what one figure alone is taken from: the judge's word, else the place.

        Words in common tell too little where a rule speaks of all code and an issue of this.
        """
        return Basis.JUDGE if self.judge else Basis.PLACE


def read_report(content: bytes, source: str) -> Report:
    """Read a saved report. Raises UserError."""
    try:
        report = Report.model_validate_json(content)
    except ValidationError as cause:
        problem = cause.errors(include_url=False)[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise _unusable(
            source, f"{place}: {problem['msg']}" if place else problem["msg"]
        ) from cause
    if report.format != SCHEMA:
        raise _unusable(source, f"Its format is {report.format[:40]}; {SCHEMA} is understood")
    return report


def _unusable(source: str, why: str) -> UserError:
    return UserError(
        f"{source} is no report of an evaluation.",
        why=f"{why}.",
        next_step="Give a file that `eval --save` wrote, or `last`.",
    )
