"""Syntax rules for JavaScript, TypeScript and TSX."""

from core.analyzers.rules.javascript import bugs, promises, security
from core.analyzers.rules.rule import Rule

RULES: tuple[Rule, ...] = (*security.RULES, *promises.RULES, *bugs.RULES)
