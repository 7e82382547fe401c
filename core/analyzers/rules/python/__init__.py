"""Syntax rules for Python; what ruff finds as well is in `core.analyzers.ruff`."""

from core.analyzers.rules.python import bugs, security
from core.analyzers.rules.rule import Rule

RULES: tuple[Rule, ...] = (*security.RULES, *bugs.RULES)
