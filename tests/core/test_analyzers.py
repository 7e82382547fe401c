"""All checks together: added lines only, nothing in the file silences them, nothing is executed."""

import asyncio
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analyzers import Analyzers, SourceFile, languages, ruff, ruff_rules, syntax
from core.analyzers.parsing import parse
from core.analyzers.rules.rule import Rule
from core.models import Severity
from tests.core.analyzer_examples import fired

EVERY_RULE = [
    pytest.param(rule, id=f"{language}-{rule.id}")
    for language, rules in syntax.RULES.items()
    for rule in rules
]


def added(path: str, text: str, *numbers: int) -> SourceFile:
    """Return a file of which these lines are added, or all of them."""
    return SourceFile(path, text, frozenset(numbers or range(1, text.count("\n") + 2)))


async def sources(*files: SourceFile) -> list[tuple[int, str]]:
    return [(found.line, found.source) for found in await Analyzers().run(files)]


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_rule_says_its_claim_briefly(rule: Rule) -> None:
    assert len(rule.title.split()) <= 14
    assert 10 <= len(rule.body.split()) <= 60


@pytest.mark.parametrize("language", syntax.RULES)
def test_ids_are_unique_within_a_language(language: str) -> None:
    ids = [rule.id for rule in syntax.RULES[language]]
    assert sorted(set(ids)) == sorted(ids)
    assert len(ids) >= 6


async def test_lines_that_were_there_before_are_not_spoken_about() -> None:
    text = "a = b = input()\nx = eval(a)\ny = eval(b)\n"
    assert await sources(added("a.py", text, 3)) == [(3, "static:python/eval-of-value")]


async def test_nothing_an_author_writes_silences_a_check() -> None:
    python = "assert (1, 'y')  # noqa  # nosec  # type: ignore\nx = 1\n# ruff: noqa\n"
    script = "/* eslint-disable */\nel.innerHTML = text; // eslint-disable-line NOSONAR\n"
    go = (
        "package a\nfunc f() {\n"
        "\tc := &tls.Config{InsecureSkipVerify: true} //nolint:gosec // #nosec\n}\n"
    )
    assert await sources(added("a.py", python, 1)) == [(1, "static:python/assert-on-tuple")]
    assert await sources(added("a.js", script)) == [(2, "static:javascript/html-from-value")]
    assert await sources(added("a.go", go)) == [(3, "static:go/tls-not-verified")]


async def test_same_mistake_is_said_once_though_two_tools_see_it() -> None:
    text = "import yaml\n\n\ndef load(raw):\n    return yaml.load(raw)\n"
    assert await sources(added("a.py", text)) == [(5, "static:python/yaml-load")]


async def test_ruff_adds_what_our_rules_do_not_see() -> None:
    text = "def total(prices):\n    return sum(price)\n"
    assert await sources(added("a.py", text)) == [(2, "static:ruff/F821")]


async def test_findings_come_in_the_order_of_files_and_lines() -> None:
    first = added("b.py", "import os\neval(x)  # noqa\nassert (a, 'b')\n", 2, 3)
    second = added("a.js", "eval(x);")
    found = await Analyzers().run([first, second])
    assert [(f.path, f.line) for f in found] == sorted(
        [(f.path, f.line) for f in found], key=lambda place: (place[0] != "b.py", place[1])
    )
    assert {f.path for f in found} == {"b.py", "a.js"}


async def test_finding_quotes_its_line_verbatim() -> None:
    (found,) = await Analyzers().run([added("a.js", "if (a) {\n\tel.innerHTML = text;\n}\n")])
    assert found.quote == "\tel.innerHTML = text;"
    assert found.severity is Severity.IMPORTANT


async def test_slip_that_breaks_the_file_is_the_one_thing_said() -> None:
    assert await sources(added("a.py", "def f(:\n    pass\n")) == [
        (1, "static:ruff/invalid-syntax")
    ]


async def test_file_of_another_dialect_is_left_alone() -> None:
    template = "\n".join("{% if a %} print b {% endif %}" for _ in range(5))
    assert await sources(added("a.py", template)) == []


async def test_ruff_sees_no_configuration_and_no_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ruff.toml").write_text('extend = "/nowhere"\nlint.select = []\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUFF_CONFIG", str(tmp_path / "ruff.toml"))
    assert await sources(added("a.py", "print(undefined_name)\n")) == [(1, "static:ruff/F821")]


async def test_ruff_that_never_ends_is_ended(tmp_path: Path) -> None:
    slow = tmp_path / "ruff"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    started = time.monotonic()
    assert await ruff.check(added("a.py", "x = 1\n"), slow, seconds=0.5) == ()
    assert time.monotonic() - started < 5


async def test_name_in_a_quoted_annotation_is_no_undefined_name() -> None:
    assert await sources(added("a.py", 'def f(x: "Elsewhere") -> None: ...\n')) == []


async def test_large_and_strange_files_cost_little() -> None:
    strange = [
        added("a.js", "x" * 5_000_000, 1),
        added("a.go", "func f() {" * 20_000, 1),
        added("b.java", "((((" * 20_000, 1),
        added("c.py", "\x00\ufeff\u202e\ud800 eval(x)\n", 1),
        added("d.tsx", "", 1),
    ]
    started = time.process_time()
    await Analyzers().run(strange)
    assert time.process_time() - started < 4


async def test_loop_stays_free_while_files_are_checked() -> None:
    """Gaps are counted in CPU time of this process, which the load of others does not lengthen."""
    big = [
        added(f"{name}.py", "def f(a):\n    return [x for x in a if x]\n" * 3_000)
        for name in "abcd"
    ]
    gaps: list[float] = []

    async def beat() -> None:
        while True:
            before = time.process_time()
            await asyncio.sleep(0.001)
            gaps.append(time.process_time() - before)

    task = asyncio.create_task(beat())
    started = time.process_time()
    await Analyzers().run(big)
    whole = time.process_time() - started
    task.cancel()
    assert max(gaps) < whole / 2


@pytest.mark.parametrize("name", ["a.js", "a.py", "a.java", "a.go"])
def test_sum_of_thousands_of_terms_is_no_matter(name: str) -> None:
    query = 'q = "SELECT a FROM t WHERE b = \'" + b' + ' + "c"' * 2_000
    assert "sql-from-values" in fired(f"package a\nfunc f() {{\n{query}\n}}", name)


HOSTILE = {
    "open brackets": "({[" * 15_000,
    "open quotes": "'\"`" * 15_001,
    "open substitutions": '"#{' * 10_000 + "$(" * 10_000,
    "open documents": "<<<A\n<<A\n/*\n<?php\n" * 3_000,
    "a long sum": "x = 'SELECT a FROM b WHERE c = ' + c" + " + c . d" * 4_000,
    "a long chain": "a" + ".b(c)" * 8_000,
    "one long line": "eval(a) ; " * 6_000,
    "odd characters": "\ud800\u202e\ufeff\x00\ufffd\r\x0c\u2028" * 8_000,
    "conditions": "if (x) " * 8_000,
    "mistakes": 'exec("a $b"); rm -rf $X/*; m.lock().unwrap(); f = File.open(p)\n' * 3_000,
}


@pytest.mark.parametrize(
    "suffix", [".rb", ".rs", ".cs", ".php", ".sh", ".py", ".tsx", ".go", ".java"]
)
def test_hostile_text_costs_little(suffix: str) -> None:
    for text in HOSTILE.values():
        started = time.process_time()
        syntax.check(added(f"a{suffix}", text))
        assert time.process_time() - started < 5 * syntax.SECONDS_PER_FILE


def test_text_that_is_hard_to_parse_is_not_parsed_whole() -> None:
    ticks = iter(range(1_000))
    assert parse("x = 1\n" * 10_000, "ruby", lambda: next(ticks)) is None
    assert parse("x = 1\n" * 10_000, "ruby") is not None
    assert parse(HOSTILE["open documents"], "go") is None


def test_rules_stop_when_their_time_is_over() -> None:
    ticks = iter(range(1_000))
    text = "el.innerHTML = text;\n" * 50
    found = syntax.check(added("a.js", text), lambda: next(ticks) * syntax.SECONDS_PER_FILE / 9)
    assert 0 < len(found) < 50


@pytest.mark.parametrize(
    ("name", "start", "language"),
    [
        ("bin/deploy", "#!/usr/bin/env bash\n", "bash"),
        ("bin/deploy", "#!/bin/sh -e\n", "bash"),
        ("bin/tool", "#!/usr/bin/python3.11\n", "python"),
        ("bin/tool", "#!/usr/bin/env -S ruby -w\n", "ruby"),
        ("bin/tool", "#!/usr/bin/env fish\n", None),
        ("bin/tool.sh", "#!/usr/bin/env php\n", "php"),
        ("bin/tool.sh", "set -e\n", "bash"),
        ("Rakefile", "task :x\n", "ruby"),
        ("LICENSE", "text\n", None),
        ("notes.txt", "#!/bin/sh\n", None),
    ],
)
def test_language_is_told_by_name_or_interpreter(
    name: str, start: str, language: str | None
) -> None:
    assert languages.language_of(added(name, start)) == language


@given(st.sampled_from(sorted(languages.SUFFIXES)), st.text(max_size=200))
def test_any_text_is_taken(suffix: str, text: str) -> None:
    for found in syntax.check(added(f"a{suffix}", text)):
        assert 1 <= found.line <= text.count("\n") + 1


def test_every_selected_code_of_ruff_has_its_words() -> None:
    for code in ruff_rules.SELECTED.split(","):
        rule = ruff_rules.rule_for(f"{code}999" if code in {"PLE", "YTT"} else code)
        assert rule is not None
        assert rule.why
    assert ruff_rules.rule_for("E501") is None
