"""Syntax rules for Java."""

from core.analyzers.rules.java import bugs, security
from core.analyzers.rules.rule import Rule

RULES: tuple[Rule, ...] = (*security.RULES, *bugs.RULES)
