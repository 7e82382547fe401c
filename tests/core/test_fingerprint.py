"""A finding keeps its fingerprint while lines move, and loses it when it is another one."""

import time

import pytest

from core.anchoring import QuotedFile
from core.fingerprint import _DEFINITION, enclosing_symbol, fingerprint, numbered, shape
from core.models import Candidate, FileChange, FileStatus
from tests.fakes.core import a_candidate, a_file, a_new_file

CODE = """import os


def total(items):
    amount = 0
    for item in items:
        amount += item.price
    return amount
"""


def print_of(text: str, quote: str, **changes: object) -> str:
    file = a_new_file("shop/cart.py", text)
    return _print(a_candidate(file.path, 1, quote, **changes), file, text)


def _print(candidate: Candidate, file: FileChange, text: str | None) -> str:
    quoted = QuotedFile(file, text)
    place = quoted.anchor(candidate)
    code = quoted.code(candidate, place)
    return fingerprint(candidate, file, place, code=code, text=quoted.lines)


def test_moving_the_code_changes_nothing():
    moved = "# a new comment\n\n\n" + CODE
    assert print_of(CODE, "amount += item.price") == print_of(moved, "amount += item.price")


def test_quoting_more_or_less_of_the_line_changes_nothing():
    assert print_of(CODE, "item.price") == print_of(CODE, "        amount += item.price")


def test_small_words_of_the_title_change_nothing():
    one = print_of(CODE, "item.price", title="The total ignores the count")
    other = print_of(CODE, "item.price", title="Total is ignoring counts")
    assert one == other


@pytest.mark.parametrize(
    "changes",
    [{"title": "Prices are floats"}, {"source": "static:python-float-money"}],
)
def test_another_claim_is_another_finding(changes: dict[str, object]):
    assert print_of(CODE, "item.price") != print_of(CODE, "item.price", **changes)


def test_another_function_is_another_finding():
    other = CODE.replace("def total", "def subtotal")
    assert print_of(CODE, "item.price") != print_of(other, "item.price")


def test_a_rule_names_its_claim_whatever_its_words():
    one = print_of(CODE, "item.price", source="static:x", title="One")
    other = print_of(CODE, "item.price", source="static:x", title="Two")
    assert one == other


def test_a_renamed_file_keeps_its_findings():
    patch = "@@ -1 +1 @@ def total(items):\n-a = 1\n+a = 2"
    before = a_file("cart.py", patch)
    after = a_file("shop/cart.py", patch, status=FileStatus.RENAMED, previous_path="cart.py")
    prints = {_print(a_candidate(f.path, 1, "a = 2"), f, None) for f in (before, after)}
    assert len(prints) == 1


def test_without_the_text_the_hunk_tells_the_symbol():
    patch = "@@ -9,2 +9,2 @@ {}\n     x = 1\n-    a = 1\n+    a = 2"
    prints = set()
    for section in ("def total(items):", "def other():"):
        file = a_file("cart.py", patch.format(section))
        prints.add(_print(a_candidate("cart.py", 10, "a = 2"), file, None))
    assert len(prints) == 2


def test_further_places_of_the_same_finding_have_their_own():
    assert numbered("f", 0) == "f"
    assert len({numbered("f", 0), numbered("f", 1), numbered("f", 2)}) == 3


def test_no_code_can_be_read_from_it():
    assert "price" not in print_of(CODE, "item.price")
    assert shape('send("secret", 12) # note') == shape("call('x', 7)# word")


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        ("class A:\n    def f(self):\n        return 1\n", 3, "f"),
        ("class A:\n    def f(self):\n        return 1\n    x = 1\n", 4, "A"),
        ("def f():\n    return 1\n\nx = 2\n", 4, ""),
        ("def f():\n    pass\n", 1, "f"),
        ("if x:\n    def f():\n        pass\n    y = 1\n", 4, ""),
        ("public class A {\n    private int go(String a) throws X {\n        b();\n", 3, "go"),
        ("class A {\n    int go() {\n        if (a) {\n            b();\n", 4, "go"),
        ("func (s *Store) Run(a int) error {\n\tx := 1\n}\n", 2, "Run"),
        ("export const handler = async (request) => {\n  await go();\n", 2, "handler"),
        ("pub(crate) fn run<T>(x: T) {\n    y();\n", 2, "run"),
        ("impl Shop {\n    fn sell(&self) {\n        y();\n", 3, "sell"),
        ("x = 1\n", 9, ""),
    ],
)
def test_the_enclosing_symbol(text: str, line: int, name: str):
    assert enclosing_symbol(text.split("\n"), line) == name


@pytest.mark.parametrize(
    "line",
    [
        "a " * 150,
        "a " * 100 + "(" + ")" * 99,
        "public " * 40,
        "a (" + ") " * 140,
        "const a = (" * 30,
    ],
)
def test_hostile_lines_end_soon(line: str):
    started = time.perf_counter()
    for _ in range(100):
        _DEFINITION.match(line[:300])
    assert time.perf_counter() - started < 0.5
