"""How good the reviewer is: its findings held against what is known to be wrong with a change.

In reading order: `cases` (what a dataset says), `matching` (which finding means which known
issue), `figures` (what that comes to), `report` (what a run found, as it is saved), `comparing`
(two runs side by side). Nothing here reads files or reviews anything.
"""

from core.evaluation.cases import Case, Golden, Repository, read_case, unusable
from core.evaluation.comparing import CaseChange, Comparison, compared
from core.evaluation.figures import Figures, Share, Summary, summed
from core.evaluation.matching import Pair, assigned, near, pairs
from core.evaluation.report import Basis, CaseResult, Report, read_report

__all__ = [
    "Basis",
    "Case",
    "CaseChange",
    "CaseResult",
    "Comparison",
    "Figures",
    "Golden",
    "Pair",
    "Report",
    "Repository",
    "Share",
    "Summary",
    "assigned",
    "compared",
    "near",
    "pairs",
    "read_case",
    "read_report",
    "summed",
    "unusable",
]
