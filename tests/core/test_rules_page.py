"""The page of rules says what the rules say."""

from core.analyzers import syntax
from tests.core import rules_page


def test_page_is_what_the_rules_say() -> None:
    assert rules_page.PAGE.read_text() == rules_page.page(), (
        "write it anew: python -m tests.core.rules_page"
    )


def test_every_language_is_on_the_page() -> None:
    assert set(rules_page.LANGUAGES) | rules_page.SAME_AS == set(syntax.RULES)
