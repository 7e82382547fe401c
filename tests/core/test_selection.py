"""What is read comes first by risk; what is not is listed with its reason."""

import random
import time

import pytest

from core.attributes import Attributes
from core.models import ChangeSet, FileChange, FileStatus, OmissionReason, Scope
from core.repo_config import ReviewRules
from core.selection import MAX_FILE_CHARACTERS, ranked_by_risk, select, suffix
from tests.fakes.core import a_file, a_new_file

PATCH = "@@ -1 +1 @@\n-old\n+new"


def selected(*files: FileChange, rules: ReviewRules | None = None, unlisted: int = 0) -> Scope:
    changes = ChangeSet(files=files, unlisted=unlisted)
    return select(changes, rules or ReviewRules(), Attributes())


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (a_file("lib", None, submodule=True), OmissionReason.SUBMODULE),
        (a_file("logo.png", None, binary=True), OmissionReason.BINARY),
        (a_file("a/vendor/x.go", PATCH), OmissionReason.IGNORED),
        (a_file("third_party/x.go", PATCH), OmissionReason.VENDORED),
        (a_file("x.pb.go", PATCH), OmissionReason.GENERATED),
        (a_file("uv.lock", PATCH), OmissionReason.LOCKFILE),
        (
            a_file("b.py", None, status=FileStatus.RENAMED, previous_path="a.py"),
            OmissionReason.NO_CONTENT_CHANGE,
        ),
        (a_file("run.sh", None, status=FileStatus.CHANGED), OmissionReason.NO_CONTENT_CHANGE),
        (
            a_file("a.py", None, status=FileStatus.ADDED, blob="e69de29" + "b" * 33),
            OmissionReason.NO_PATCH,
        ),
        (
            a_file(
                "__init__.py",
                None,
                status=FileStatus.ADDED,
                blob="e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
            ),
            OmissionReason.NO_CONTENT_CHANGE,
        ),
        (a_file("a.py", None, additions=9), OmissionReason.NO_PATCH),
        (a_file("a.py", None), OmissionReason.NO_PATCH),
        (a_file("a.py", None, additions=5_000), OmissionReason.TOO_LARGE),
        (a_new_file("a.py", "x = 1\n" * 1_001), OmissionReason.TOO_LARGE),
        (a_new_file("a.py", "x" * (MAX_FILE_CHARACTERS + 1)), OmissionReason.TOO_LARGE),
    ],
)
def test_a_file_that_is_not_read_says_why(file: FileChange, reason: OmissionReason):
    scope = selected(file)
    assert scope.files == ()
    assert [(omission.path, omission.reason) for omission in scope.omitted] == [(file.path, reason)]


def test_include_and_ignore_bound_the_review():
    rules = ReviewRules(include=("src/**",), ignore=("src/old/**",))
    files = [a_file(path, PATCH) for path in ("src/a.py", "src/old/a.py", "docs/a.py")]
    scope = selected(*files, rules=rules)
    assert [file.path for file in scope.files] == ["src/a.py"]
    assert [(o.path, o.detail) for o in scope.omitted] == [
        ("src/old/a.py", "`src/old/**`"),
        ("docs/a.py", "not in `include`"),
    ]


def test_risk_decides_what_is_cut_and_the_rest_is_listed():
    files = [
        a_file("README.md", PATCH),
        a_file("aaa/plain.py", PATCH),
        a_file("zzz/auth/login.py", PATCH),
        a_file("tests/test_auth.py", PATCH),
    ]
    scope = selected(*files, rules=ReviewRules(max_files=2))
    assert [file.path for file in scope.files] == ["zzz/auth/login.py", "aaa/plain.py"]
    assert [(o.path, o.reason) for o in scope.omitted] == [
        ("tests/test_auth.py", OmissionReason.TOO_MANY_FILES),
        ("README.md", OmissionReason.TOO_MANY_FILES),
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (a_file("db/migrations/0002.sql", PATCH), a_file("ui/colours.py", PATCH)),
        (a_file(".github/workflows/ci.yml", PATCH), a_file("data/words.yml", PATCH)),
        (a_file("a.py", "@@ -1 +1 @@\n-x\n+eval(request.body)"), a_file("a2.py", PATCH)),
        (a_new_file("b.py", "x = 1\n" * 200), a_file("b2.py", PATCH)),
        (a_file("z.go", PATCH), a_file("a.txt", PATCH)),
        (
            a_file("z/cart.ts", PATCH),
            a_file("a/cart.test.ts", "@@ -1 +1 @@\n-x\n+token = exec(password)"),
        ),
        (a_file("spec/cart_spec.rb", PATCH), a_file("docs/guide.md", PATCH)),
        (a_file("z.py", PATCH), a_file("a.py", PATCH, status=FileStatus.REMOVED)),
    ],
)
def test_what_costs_more_when_wrong_is_read_first(first: FileChange, second: FileChange):
    assert ranked_by_risk([second, first]) == (first, second)


def test_the_order_does_not_depend_on_the_listing_or_the_alphabet():
    files = [a_file(f"src/{letter}.py", PATCH) for letter in "abcdefghij"]
    shuffled = list(files)
    random.Random(1).shuffle(shuffled)  # noqa: S311 repeatable, not secret
    ranked = ranked_by_risk(files)
    assert ranked == ranked_by_risk(shuffled)
    assert list(ranked) != files


def test_files_that_github_does_not_list_lower_the_coverage():
    scope = selected(a_file("a.py", PATCH), unlisted=1_200)
    assert scope.omitted[-1].reason is OmissionReason.UNLISTED
    assert scope.omitted[-1].path == "1,200 more files"
    assert not scope.omitted[-1].reason.not_reviewable


def test_three_thousand_files_take_less_than_a_second():
    body = "".join(f"-old {n} token\n+new {n} select from x\n" for n in range(20)).rstrip("\n")
    files = [
        a_file(f"src/pkg{n % 40}/mod{n}.py", f"@@ -1,20 +1,20 @@\n{body}") for n in range(3_000)
    ]
    started = time.process_time()
    scope = selected(*files)
    assert time.process_time() - started < 1.0
    assert len(scope.files) == 50
    assert len(scope.omitted) == 2_950


@pytest.mark.parametrize(
    ("path", "expected"),
    [("a/b.PY", ".py"), (".gitignore", ""), ("Makefile", ""), ("a.b/c", ""), ("x.test.ts", ".ts")],
)
def test_suffix_of_a_path(path: str, expected: str):
    assert suffix(path) == expected
