"""Rounds: what a later review reads, and what becomes of the findings of earlier ones.

In reading order: `agenda` (which blocks are unread), `places` (a finding's code found again),
`carrying` (what became of the old ones), `dismissing` (what people said of them), `matching` (a
claim that was made before), `settling` (the states, and the new memory), `look` (all of it as
the review uses it). All of it is pure; what is remembered is `core.models.PullMemory`.
"""

from core.rounds.agenda import Agenda, omitted_paths, to_read
from core.rounds.carrying import Change
from core.rounds.dismissing import is_about, quiet_findings, rule_of, shown, with_words
from core.rounds.look import Compared, Look, all_paths, lines_of, open_findings, restored

__all__ = [
    "Agenda",
    "Change",
    "Compared",
    "Look",
    "all_paths",
    "is_about",
    "lines_of",
    "omitted_paths",
    "open_findings",
    "quiet_findings",
    "restored",
    "rule_of",
    "shown",
    "to_read",
    "with_words",
]
