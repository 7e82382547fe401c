"""Syntax rules for Rust."""

from core.analyzers.rules.rule import Rule
from core.analyzers.rules.rust import concurrency, data, security
from core.analyzers.rules.rust.nodes import is_test_code

__all__ = ["RULES", "is_test_code"]

RULES: tuple[Rule, ...] = (*security.RULES, *concurrency.RULES, *data.RULES)
