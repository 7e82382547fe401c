"""Syntax rules for Ruby, Rails included."""

from core.analyzers.rules.ruby import bugs, rails, security
from core.analyzers.rules.rule import Rule

RULES: tuple[Rule, ...] = (*security.RULES, *rails.RULES, *bugs.RULES)
