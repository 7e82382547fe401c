"""Syntax rules for Go."""

from core.analyzers.rules.go import errors, lifetimes, security
from core.analyzers.rules.rule import Rule

RULES: tuple[Rule, ...] = (*security.RULES, *errors.RULES, *lifetimes.RULES)
