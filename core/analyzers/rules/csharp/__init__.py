"""Syntax rules for C#."""

from core.analyzers.rules.csharp import asynchrony, bugs, requests, security
from core.analyzers.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *security.RULES,
    *requests.RULES,
    *asynchrony.RULES,
    *bugs.RULES,
)
