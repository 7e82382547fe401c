"""What the local GitHub derives from git: files, patches, contents, comparisons, pages."""

import json
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes import github as fakes
from tests.fakes.github import REPO, FakeGitHub

hub = fakes.github

LINES = [f"line {n}" for n in range(1, 41)]
TEXT = "\n".join(LINES) + "\n"
RAW = {"accept": "application/vnd.github.raw+json"}
DIFF = {"accept": "application/vnd.github.diff"}


@pytest.fixture
def api(hub: FakeGitHub) -> Iterator[httpx.Client]:
    with hub.api() as client:
        yield client


def files_of(api: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = api.get(f"/repos/{REPO}/pulls/1/files", params=query).json()
    return rows


def test_a_patch_is_what_git_prints_without_its_header(hub: FakeGitHub, api: httpx.Client) -> None:
    changed = TEXT.replace("line 20\n", "line twenty\n")
    opened = hub.open({"a.txt": TEXT}, {"a.txt": changed})
    (row,) = files_of(api)
    (repository,) = hub.server.github.world.data.iterdir()
    printed = subprocess.run(
        ["git", "diff", f"{opened.base}...{opened.head}"],
        cwd=repository,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    assert row["patch"] == printed.split("+++ b/a.txt\n")[1].removesuffix("\n")
    assert (row["additions"], row["deletions"], row["changes"]) == (1, 1, 2)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, "x\n", {"status": "added", "additions": 1, "patch": "@@ -0,0 +1 @@\n+x"}),
        ("x\n", None, {"status": "removed", "deletions": 1}),
        (
            "x",
            "y",
            {
                "patch": "@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+y\n"
                "\\ No newline at end of file"
            },
        ),
        ("a\r\nb\r\n", "a\r\nc\r\n", {"patch": "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r"}),
        (None, "", {"status": "added", "changes": 0, "patch": None}),
        (None, {"base64": b64encode(b"a\0b").decode()}, {"changes": 0, "patch": None}),
        ("x\n", {"text": "x\n", "mode": "100755"}, {"status": "modified", "patch": None}),
        (
            {"text": "1" * 40, "mode": "160000"},
            {"text": "2" * 40, "mode": "160000"},
            {"patch": f"@@ -1 +1 @@\n-Subproject commit {'1' * 40}\n+Subproject commit {'2' * 40}"},
        ),
        ("x\n", {"text": "target", "mode": "120000"}, {"status": "changed"}),
        (None, {"base64": b64encode(b"caf\xe9\n").decode()}, {"patch": "@@ -0,0 +1 @@\n+caf�"}),
    ],
)
def test_each_kind_of_change_has_its_row(
    hub: FakeGitHub, api: httpx.Client, before: Any, after: Any, expected: dict[str, Any]
) -> None:
    base = {"other": "o\n"} | ({"file": before} if before is not None else {})
    hub.open(base, {"file": after})
    (row,) = files_of(api)
    assert {name: row.get(name) for name in expected} == expected


def test_a_rename_names_both_paths(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.open({"old.txt": TEXT}, {"old.txt": None, "new.txt": TEXT})
    (row,) = files_of(api)
    assert (row["filename"], row["previous_filename"]) == ("new.txt", "old.txt")
    assert (row["status"], row["changes"], "patch" in row) == ("renamed", 0, False)


@pytest.mark.parametrize("path", ["a b/ü.py", 'quo"te', "tab\tnew\nline", "日本/右\u202eleft.py"])
def test_odd_paths_are_listed_and_read(hub: FakeGitHub, api: httpx.Client, path: str) -> None:
    hub.open({"x": "x\n"}, {path: "content\n"})
    (row,) = files_of(api)
    assert row["filename"] == path
    assert api.get(row["contents_url"], headers=RAW).text == "content\n"


def test_the_head_does_not_see_what_the_base_did_meanwhile(
    hub: FakeGitHub, api: httpx.Client
) -> None:
    hub.open({"a": "1\n", "b": "1\n"}, {"a": "2\n"})
    moved = hub.push(REPO, "main", {"b": "2\n"})
    assert [row["filename"] for row in files_of(api)] == ["a"]
    assert api.get(f"/repos/{REPO}/pulls/1").json()["base"]["sha"] == moved


def test_pages_and_links(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.open({"x": "x\n"}, {f"f{n:03}": "1\n" for n in range(130)})
    first = api.get(f"/repos/{REPO}/pulls/1/files")
    assert len(first.json()) == 30
    assert first.links["next"]["url"].endswith("page=2")
    assert first.links["last"]["url"].endswith("page=5")
    last = api.get(f"/repos/{REPO}/pulls/1/files?per_page=500&page=2")
    assert len(last.json()) == 30
    assert set(last.links) == {"prev", "first"}
    assert files_of(api, page=9) == []


def test_rows_go_hollow_when_a_page_holds_too_much(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.set_knobs(zero_rows_after=30)
    hub.open({"x": "x\n"}, {f"f{n}": "1\n" * 20 for n in range(3)})
    rows = files_of(api)
    assert [(row["changes"], "patch" in row) for row in rows] == [
        (20, True),
        (0, False),
        (0, False),
    ]
    assert [row["changes"] for n in (1, 2, 3) for row in files_of(api, per_page=1, page=n)] == [
        20
    ] * 3


def test_a_large_file_has_counts_but_no_patch(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.set_knobs(zero_rows_after=30_000)
    hub.open({"x": "x\n"}, {"big": "1\n" * 20_001})
    (row,) = files_of(api)
    assert (row["additions"], "patch" in row) == (20_001, False)


def test_a_diff_over_a_limit_is_refused(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.open({"x": "x\n"}, {f"f{n}": "1\n" for n in range(301)})
    answer = api.get(f"/repos/{REPO}/pulls/1", headers=DIFF)
    assert answer.status_code == 406
    assert answer.json()["errors"][0]["code"] == "too_large"
    assert "files (300)" in answer.json()["message"]


def test_a_pull_request_is_shown_as_its_diff(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.open({"a": "1\n"}, {"a": "2\n"})
    answer = api.get(f"/repos/{REPO}/pulls/1", headers=DIFF)
    assert answer.text.startswith("diff --git a/a b/a\n")
    assert answer.text.endswith("@@ -1 +1 @@\n-1\n+2\n")


def test_contents_in_every_form(hub: FakeGitHub, api: httpx.Client) -> None:
    link = {"text": "../src/a.py", "mode": "120000"}
    opened = hub.open({"src/a.py": "a\n"}, {"src/a.py": "b\n", "docs/link": link})
    contents = f"/repos/{REPO}/contents"
    assert b64decode(api.get(f"{contents}/src/a.py").json()["content"]) == b"a\n"
    ref = {"ref": opened.head}
    assert api.get(f"{contents}/src/a.py", params=ref, headers=RAW).content == b"b\n"
    assert api.get(f"{contents}/docs/link", params=ref, headers=RAW).content == b"b\n"
    assert api.get(f"{contents}/src", params={"ref": "change"}).json()[0]["path"] == "src/a.py"
    assert api.get(f"{contents}/nothing").status_code == 404
    assert api.get(f"{contents}/../src/a.py").status_code == 404
    missing = api.get(f"{contents}/src/a.py", params={"ref": "gone"})
    assert missing.json()["message"] == "No commit found for the ref gone"


def test_large_contents_need_the_raw_form(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.create_repo(REPO, {"big": "x" * 1_000_001})
    shown = api.get(f"/repos/{REPO}/contents/big").json()
    assert (shown["encoding"], shown["content"], shown["size"]) == ("none", "", 1_000_001)
    assert len(api.get(f"/repos/{REPO}/contents/big", headers=RAW).content) == 1_000_001


def test_a_comparison_tells_how_far_apart(hub: FakeGitHub, api: httpx.Client) -> None:
    opened = hub.open({"a": "1\n"}, {"a": "2\n"})
    hub.push(REPO, "main", {"b": "1\n"})
    shown = api.get(f"/repos/{REPO}/compare/main...change").json()
    assert (shown["status"], shown["ahead_by"], shown["behind_by"]) == ("diverged", 1, 1)
    assert shown["merge_base_commit"]["sha"] == opened.base
    assert [row["filename"] for row in shown["files"]] == ["a"]


def test_a_fork_is_compared_and_reviewed_from_the_base(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.create_repo(REPO, {"a": "1\n"})
    hub.fork(REPO, "mona")
    hub.push("mona/shop", "fix", {"a": "2\n"})
    pull = hub.open_pull(REPO, "mona:fix", author="mona")
    assert pull["head"]["repo"]["full_name"] == "mona/shop"
    assert [row["filename"] for row in files_of(api)] == ["a"]
    hub.delete_repo("mona/shop")
    orphan = api.get(f"/repos/{REPO}/pulls/1").json()
    assert (orphan["head"]["repo"], orphan["changed_files"]) == (None, 1)


def test_a_merged_pull_request_keeps_its_diff(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.open({"a": "1\n"}, {"a": "2\n"})
    hub.act(REPO, 1, "merge")
    shown = api.get(f"/repos/{REPO}/pulls/1").json()
    assert (shown["state"], shown["merged"], shown["changed_files"]) == ("closed", True, 1)
    assert api.get(f"/repos/{REPO}/contents/a", headers=RAW).text == "2\n"


def test_three_hundred_files_are_quick(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.open({"x": "x\n"}, {f"d{n % 20}/f{n}.py": "print(1)\n" * 50 for n in range(300)})
    rows = [row for page in (1, 2, 3) for row in files_of(api, per_page=100, page=page)]
    assert len(rows) == 300
    assert sum(request["seconds"] for request in hub.requests("GET", "/files$")) < 1


def test_the_process_of_its_own_says_where_it_is(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "bot.playground.github", "--data", str(tmp_path)],
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        try:
            assert httpx.get(f"{url}/rate_limit", trust_env=False).status_code == 200
        finally:
            process.terminate()
            assert process.wait(10) in {0, -15}
