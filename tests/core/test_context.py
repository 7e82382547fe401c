"""What is found around a change, in every language: definitions, callers, tests, neighbours."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.context import Bounds, Context, Excerpt, gather
from core.context.enclosing import bodies, heads
from core.context.index import Index
from core.context.languages import LANGUAGES
from core.context.outline import LARGEST_TEXT, Kind, outline
from core.models import FileChange, FileStatus
from tests.core.context_examples import EXAMPLES, Example
from tests.fakes.core import a_file, a_new_file


def changed_line(text: str, line: str, path: str) -> FileChange:
    """Return a change that added this line to a text, with what git would show around it."""
    lines = text.split("\n")
    at = lines.index(line)
    first, last = max(at - 1, 0), min(at + 2, len(lines))
    shown = [("+" if n == at else " ") + lines[n] for n in range(first, last)]
    header = f"@@ -{first + 1},{last - first - 1} +{first + 1},{last - first} @@"
    return a_file(path, "\n".join((header, *shown)))


def found(example: Example) -> Context:
    text = example.files[example.path]
    return gather([changed_line(text, example.changed, example.path)], example.files)


def texts(excerpt: Excerpt) -> list[str]:
    return [text for _, text in excerpt.lines]


def shows(context: Context, path: str, line: str, verb: str) -> bool:
    """Tell whether an excerpt of a path shows a line for this reason."""
    return any(
        e.path == path and line in texts(e) and e.why.reason.startswith(verb)
        for e in context.excerpts
    )


named = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.language)


@named
def test_function_that_encloses_a_line_is_found(example: Example) -> None:
    text = example.files[example.path]
    number = text.split("\n").index(example.changed) + 1
    symbol = outline(example.path, text).enclosing(number)
    assert symbol is not None
    assert (symbol.name, symbol.kind) == (example.enclosing, Kind.FUNCTION)
    assert symbol.first < number <= symbol.last


@named
def test_definition_of_what_a_change_calls_is_found(example: Example) -> None:
    path, line = example.definition
    assert shows(found(example), path, line, "defines ")


@named
def test_caller_of_what_a_change_touches_is_found(example: Example) -> None:
    path, line = example.caller
    assert shows(found(example), path, line, "uses ")


@pytest.mark.parametrize("suffix", sorted(LANGUAGES))
def test_every_grammar_knows_the_kinds_it_is_asked_for(suffix: str) -> None:
    assert outline(f"a.{suffix}", "\n").symbols == ()


def test_reason_names_the_line_that_needs_it() -> None:
    (definition, *_), _ = (found(EXAMPLES[0]).excerpts, None)
    assert definition.why.reason == "defines `charge_card`, used at shop/pay.py:5"


def test_callers_of_a_changed_signature_come_before_those_of_a_changed_body() -> None:
    files = {
        "a.py": "def one(x, y):\n    return x\n\n\ndef two(x):\n    return x + 1\n",
        "b.py": "from a import one, two\n\n\ndef f():\n    one(1)\n\n\ndef g():\n    two(1)\n",
    }
    change = a_file(
        "a.py",
        "@@ -1,6 +1,6 @@\n-def one(x):\n+def one(x, y):\n     return x\n \n \n def two(x):\n"
        "-    return x\n+    return x + 1",
    )
    reasons = [e.why.reason for e in gather([change], files).excerpts]
    assert reasons[0] == "uses `one` at line 5, changed in its signature in a.py:1"
    assert "uses `two` at line 9, changed in its body in a.py:6" in reasons


def test_function_that_is_written_anew_is_not_taken_for_a_new_one() -> None:
    files = {
        "a.py": "def one(x, y):\n    return x + y\n",
        "b.py": "from a import one\n\n\ndef f():\n    one(1)\n",
    }
    patch = "@@ -1,2 +1,2 @@\n-def one(x):\n-    return x\n+def one(x, y):\n+    return x + y"
    (caller,) = gather([a_file("a.py", patch)], files).excerpts
    assert caller.why.reason == "uses `one` at line 5, changed in its signature in a.py:1"


def test_what_still_uses_a_removed_function_comes_first() -> None:
    files = {
        "a.py": "def keep():\n    return 1\n",
        "b.py": "from a import gone\n\n\ndef f():\n    return gone()\n",
    }
    change = a_file(
        "a.py", "@@ -1,6 +1,2 @@\n def keep():\n     return 1\n-\n-\n-def gone():\n-    x()"
    )
    first = gather([change], files).excerpts[0]
    assert first.path == "b.py"
    assert first.why.reason == "still uses `gone` at line 1, which a.py removes"


def test_renamed_in_place_is_not_taken_for_removed() -> None:
    files = {"a.py": "def gone(x):\n    return x\n", "b.py": "from a import gone\ngone()\n"}
    change = a_file("a.py", "@@ -1,2 +1,2 @@\n-def gone():\n+def gone(x):\n     return x")
    assert not any("removes" in e.why.reason for e in gather([change], files).excerpts)


def test_tests_of_what_a_change_touches_are_found_and_named_so() -> None:
    files = {
        "shop/pay.py": "def settle(x):\n    return x + 1\n",
        "tests/test_pay.py": "from shop.pay import settle\n\n\ndef test_it():\n    settle(1)\n",
    }
    change = a_file(
        "shop/pay.py", "@@ -1,2 +1,2 @@\n def settle(x):\n-    return x\n+    return x + 1"
    )
    (test,) = gather([change], files).excerpts
    assert (test.path, test.why.reason[:14]) == ("tests/test_pay.py", "tests `settle`")


def test_definition_that_is_imported_wins_over_one_of_the_same_name() -> None:
    files = {
        "a/use.py": "from b.right import make\n\n\ndef f():\n    return make(1)\n",
        "b/right.py": "def make(x):\n    return 'right'\n",
        **{f"c/other{n}.py": "def make(x):\n    return 'wrong'\n" for n in range(30)},
    }
    change = changed_line(files["a/use.py"], "    return make(1)", "a/use.py")
    made = [e for e in gather([change], files).excerpts if e.why.reason.startswith("defines")]
    assert made[0].path == "b/right.py"
    assert len(made) <= 2


def test_name_that_thirty_strangers_define_is_not_guessed() -> None:
    files = {
        "a/use.py": "def f(x):\n    return x.make(1)\n",
        **{f"c/other{n}.py": "class A:\n    def make(self):\n        pass\n" for n in range(30)},
    }
    change = changed_line(files["a/use.py"], "    return x.make(1)", "a/use.py")
    assert gather([change], files).excerpts == ()


def test_words_in_texts_and_comments_are_not_looked_up() -> None:
    files = {
        "a.py": 'x = "charge_card("  # charge_card(1)\n',
        "b.py": "def charge_card():\n    pass\n",
    }
    change = changed_line(files["a.py"], 'x = "charge_card("  # charge_card(1)', "a.py")
    assert gather([change], files).excerpts == ()


def test_long_type_is_shown_by_its_members() -> None:
    methods = "".join(f"    def method{n}(self):\n" + "        x = 1\n" * 20 for n in range(6))
    files = {
        "a.py": "from b import Large\n\n\ndef f():\n    return Large()\n",
        "b.py": f"class Large:\n    limit = 3\n\n{methods}",
    }
    change = changed_line(files["a.py"], "    return Large()", "a.py")
    definition = gather([change], files).excerpts[0]
    assert texts(definition)[:2] == ["class Large:", "    limit = 3"]
    assert "    def method5(self):" in texts(definition)
    assert len(definition.lines) < 20


def test_new_file_is_shown_with_the_most_alike_beside_it() -> None:
    files = {
        "views/order_view.py": "class OrderView:\n    pass\n",
        "views/zebra.py": "z = 1\n",
        "views/cart_view.py": "class CartView:\n    pass\n",
    }
    new = a_new_file("views/cart_view.py", files["views/cart_view.py"])
    (beside,) = gather([new], files).excerpts
    assert (beside.path, beside.why.reason) == (
        "views/order_view.py",
        "stands beside views/cart_view.py, which is new",
    )


def test_excerpts_serve_the_hunk_they_explain() -> None:
    files = {
        "a.py": "def f():\n    return one()\n" + "\n" * 50 + "def g():\n    return two()\n",
        "b.py": "def one():\n    pass\n\n\ndef two():\n    pass\n",
    }
    patch = "@@ -2,0 +2,1 @@\n+    return one()\n@@ -53,0 +54,1 @@\n+    return two()"
    change = a_file("a.py", patch)
    context = gather([change], files)
    assert change.hunks is not None
    first = FileChange("a.py", FileStatus.MODIFIED, 1, 0, change.hunks[:1])
    names = {e.why.reason.split("`")[1] for e in context.serving([first])}
    assert "one" in names
    assert "two" not in names


def test_heads_around_a_hunk_name_its_class_function_and_imports() -> None:
    text = "import os\nimport re\n\n\nclass A:\n" + "    x = 1\n" * 9 + "    def f(self):\n"
    text += "        y = 2\n" * 80 + "        return re.sub(y)\n"
    lines = text.split("\n")
    at = lines.index("        return re.sub(y)") + 1
    change = a_file("a.py", f"@@ -{at - 1},0 +{at},1 @@\n+{lines[at - 1]}")
    (around,) = heads(outline("a.py", text), lines, change.hunks or ())
    assert [lines[n - 1] for n in sorted(around)] == ["import re", "class A:", "    def f(self):"]
    (more,) = bodies(outline("a.py", text), lines, change.hunks or ())
    assert around < more


def test_bounds_are_kept() -> None:
    files = {f"m{n}.py": f"def name{n}():\n    return name{n + 1}()\n" for n in range(200)}
    index = Index(files, Bounds(files=10, characters=10_000, parsed=130, seconds=5))
    index.search([f"name{n}" for n in range(200)], ["m0.py"])
    assert len({p for n in range(200) for p in index.mentions(f"name{n}")}) == 10
    assert sum(bool(index.outline(path).symbols) for path in files) == 4


def test_time_that_is_up_ends_the_search() -> None:
    clock = iter([0.0, *[100.0] * 10_000])
    files = {"a.py": "def f():\n    g()\n", "b.py": "def g():\n    pass\n"}
    change = changed_line(files["a.py"], "    g()", "a.py")
    assert gather([change], files, Bounds(seconds=6), lambda: next(clock)).excerpts == ()


HOSTILE = {
    "one endless line": "x = '" + "a" * 1_000_000 + "'\n",
    "deep brackets": "(" * 100_000 + "\n",
    "deep blocks": "".join(" " * n + "if x:\n" for n in range(1_500)),
    "deep functions": "".join("  " * n + f"def name{n}():\n" for n in range(900)),
    "many functions": "".join(f"def name{n}(): name{n + 1}()\n" for n in range(9_000)),
    "quotes": "'\"" * 100_000 + "\n",
    "escapes": "\\" * 200_000 + "\n",
    "blanks": " " * 400_000 + "x\n",
    "tabs": "\t" * 400_000 + "\n",
    "surrogates": "\ud800def f():\n\udfff\n" * 1_000,
    "nothing but imports": "import a.b.c, d\n" * 20_000,
    "angle brackets": "x" + "<" * 50_000 + "(" + ">" * 50_000 + "\n",
    "words and dots": "a." * 150_000 + "\n",
    "form feeds": "\x0c\x0b\x85\u2028" * 20_000 + "\n",
}


@pytest.mark.parametrize("suffix", ["py", "ts", "go", "java", "cpp", "rb", "sh", "ex"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_takes_bounded_time(kind: str, suffix: str) -> None:
    path = f"hostile.{suffix}"
    text = HOSTILE[kind][: LARGEST_TEXT - 1]
    lines = text.split("\n")
    change = a_file(path, f"@@ -0,0 +1,1 @@\n+{lines[0]}")
    files = {path: text, f"other.{suffix}": text}
    started = time.process_time()
    gather([change], files)
    assert time.process_time() - started < 8


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(LANGUAGES)), st.text(max_size=400))
def test_any_text_is_outlined(suffix: str, text: str) -> None:
    for symbol in outline(f"a.{suffix}", text).symbols:
        assert 1 <= symbol.first <= symbol.head <= symbol.last <= text.count("\n") + 1


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet="def classfn(){}:;\n\t .=<>\"'#/*", max_size=300))
def test_any_code_is_looked_around_for(text: str) -> None:
    for suffix in ("py", "js", "rs", "php"):
        path = f"a.{suffix}"
        gather([a_new_file(path, text + "\n")], {path: text, f"b.{suffix}": text})
