"""What people dismiss again and again can be turned off, in the same words everywhere."""

from core.models import Category
from core.repo_config import parse
from core.sparing import FILE, MOST_RULES, ways


def test_static_rule_is_set_aside_by_a_reply() -> None:
    (way,) = ways(["static:python-eval"])
    assert way.words.startswith("`python-eval`: reply `/argus ignore rule`")
    assert way.pasted == ""


def test_categories_of_a_model_are_left_out_by_what_is_pasted() -> None:
    (way,) = ways(["model:bug", "model:tests"])
    assert "`bug` and `tests`: put into `.argus.yaml`" in way.words
    left = parse(way.pasted, FILE).review.categories
    assert left == ("security", "performance", "quality")


def test_nobody_is_told_to_turn_everything_off() -> None:
    assert ways([f"model:{category}" for category in Category]) == ()


def test_many_rules_are_cut_and_unknown_ones_are_none() -> None:
    assert len(ways([f"static:{number}" for number in range(50)])) == MOST_RULES
    assert ways(["", "model:moods", "else"]) == ()


def test_name_cannot_leave_its_backticks() -> None:
    (way,) = ways(["static:a`\nb"])
    assert way.words.startswith("`a b`: ")
