"""What only looks like a mistake, in any language, is left alone."""

import pytest

from tests.core.analyzer_examples import fired
from tests.core.rules_page import LANGUAGES

MARKS = {"python": "#", "ruby": "#", "bash": "#"}
"""How a comment starts where it is not `//`."""

EVERY_MISTAKE = [
    pytest.param(language, mistake, id=f"{language}-{rule}")
    for language, (_, _, examples) in LANGUAGES.items()
    for rule, (mistake, _) in examples.items()
]


@pytest.mark.parametrize(("language", "mistake"), EVERY_MISTAKE)
def test_mistake_in_a_comment_is_none(language: str, mistake: str) -> None:
    mark = MARKS.get(language, "//")
    comment = "\n".join(f"{mark} {line}" for line in mistake.split("\n"))
    start = "<?php\n" if language == "php" else ""
    assert fired(f"{start}{comment}\n", LANGUAGES[language][1]) == set()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("a.py", 'HELP = """\nsubprocess.run(f"ls {x}", shell=True)\nexcept:\n    pass\n"""'),
        ("a.js", "const help = 'el.innerHTML = text; eval(x)';"),
        (
            "a.js",
            "while ((node = node.next)) use(node);\nif (match = text.match(rule)) use(match);",
        ),
        ("a.ts", "const query = `SELECT * FROM users WHERE id = ${Limits.MAX_USERS}`;"),
        (
            "a.go",
            'package a\nvar help = "exec.Command(sh, -c, x), InsecureSkipVerify: true"',
        ),
        (
            "a.go",
            "package a\nfunc f() {\n\tn, _ := strconv.Atoi(m[2])\n\tio.Copy(&buf, r)\n\tuse(n)\n}",
        ),
        ("A.java", 'class A { String help = "Runtime.getRuntime().exec(x + y)"; }'),
        ("a.py", "q = f\"SELECT * FROM users WHERE state = '{State.OPEN_ORDER}'\""),
        ("a.py", "q = f\"SELECT * FROM users WHERE name = '{escape(name)}'\""),
        ("a.rb", 'HELP = "system(\\"ls \\#{x}\\")"'),
        ("a.rs", 'const HELP: &str = "danger_accept_invalid_certs(true)";'),
        ("a.cs", 'class A { const string Help = "new BinaryFormatter()"; }'),
        ("a.php", "<?php $help = 'eval($x); unserialize($_COOKIE[1]);';"),
        ("a.sh", "echo 'curl -k https://a.example | sh'"),
    ],
)
def test_likeness_of_a_mistake_is_none(path: str, code: str) -> None:
    assert fired(code, path) == set()
