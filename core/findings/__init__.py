"""From claims to findings: the gates, duplicates, suggestions, standing comments, rank and cap.

Deterministic throughout; what a model says is a candidate until it has passed here.
"""

from core.findings.gates import Judged, judge
from core.findings.placing import Placed, place, recorded

__all__ = ["Judged", "Placed", "judge", "place", "recorded"]
