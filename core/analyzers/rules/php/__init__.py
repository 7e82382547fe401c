"""Syntax rules for PHP."""

from core.analyzers.rules.php import bugs, data, requests, security
from core.analyzers.rules.rule import Rule

RULES: tuple[Rule, ...] = (*security.RULES, *requests.RULES, *bugs.RULES, *data.RULES)
