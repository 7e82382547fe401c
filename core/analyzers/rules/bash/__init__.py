"""Syntax rules for shell scripts, for `sh` and `bash` alike."""

from core.analyzers.rules.bash import conditions, data, security
from core.analyzers.rules.rule import Rule

RULES: tuple[Rule, ...] = (*security.RULES, *data.RULES, *conditions.RULES)
