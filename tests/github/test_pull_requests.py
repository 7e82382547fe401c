"""One pull request through the API: its facts, its changes, its texts, our own comments."""

import base64
import json
from typing import Any

import httpx
import pytest

from core.errors import PullRequestGone, TransientError
from core.models import FileChange, FindingState, PullRequest, PullRequestRef, Side
from github.identity import Identity
from github.markers import MarkerKind, Markers, finding_id
from github.pull_answer import read_pull_request
from github.pull_requests import RAW, GitHubPullRequest
from tests.github.payloads import BASE, HEAD, pull_request_answer
from tests.github.test_file_listing import hollow, row
from tests.github.wire import API, Wire, json_answer, routes

REF = PullRequestRef(owner="acme", repo="shop.api", number=7)
REPO = "/repos/acme/shop.api"
PULL, FILES, COMMENTS = (f"GET {REPO}/pulls/7{rest}" for rest in ("", "/files", "/comments"))
COMPARE = f"GET {REPO}/compare/{BASE}...{HEAD}"
MERGE_BASE = "cd" * 20
MARKERS = Markers(["a-key-of-this-test"])
PATCH = "@@ -1 +1,2 @@\n a\n+b"


def host(answers: dict[str, Any]) -> tuple[GitHubPullRequest, Wire]:
    wire = Wire(routes(answers))
    return GitHubPullRequest(wire.client(), REF, MARKERS, Identity("1234", "argus")), wire


async def facts(**more: Any) -> PullRequest:
    return await host({PULL: pull_request_answer(**more)})[0].pull_request()


async def test_the_facts_of_a_pull_request():
    pull = await facts(draft=True, body="Why")
    assert (pull.ref, pull.repo_id, pull.head, pull.base) == (REF, 4242, HEAD, BASE)
    assert (pull.base_branch, pull.head_branch, pull.author) == ("main", "totals", "octocat")
    assert (pull.draft, pull.open, pull.private, pull.fork) == (True, True, True, False)
    assert (pull.labels, pull.body, pull.changed_files) == (("api",), "Why", 1)


async def test_a_closed_pull_request_is_a_fact_and_no_error():
    pull = await facts(state="closed", merged=True)
    assert (pull.open, pull.merged) == (False, True)


@pytest.mark.parametrize("head_repo", [None, {"id": 77, "name": "shop.api"}])
async def test_a_fork_may_be_gone(head_repo: Any):
    assert (await facts(head={"ref": "totals", "sha": HEAD, "repo": head_repo})).fork


async def test_the_account_may_be_gone_and_the_body_empty():
    pull = await facts(user=None, body=None)
    assert (pull.author, pull.author_is_bot, pull.body) == ("ghost", False, "")


async def test_a_bots_pull_request_is_known():
    assert (await facts(user={"login": "dependabot[bot]", "type": "Bot"})).author_is_bot


@pytest.mark.parametrize(
    ("more", "commented"),
    [({"review_comments": 0}, False), ({"review_comments": 2}, True), ({}, True)],
)
async def test_only_a_count_of_zero_says_that_no_comment_stands_on_it(
    more: dict[str, int], commented: bool
):
    answer = {k: v for k, v in pull_request_answer().items() if k != "review_comments"}
    subject, _ = host({PULL: answer | more})
    assert (await subject.pull_request()).commented is commented


async def test_a_renamed_repository_answers_under_its_live_name():
    moved = httpx.Response(301, headers={"location": f"{API}/repositories/4242/pulls/7"})
    answer = pull_request_answer()
    answer["base"]["repo"] |= {"name": "store", "owner": {"login": "acme-new"}}
    subject, _ = host({PULL: moved, "GET /repositories/4242/pulls/7": answer})
    assert str((await subject.pull_request()).ref) == "acme-new/store#7"


@pytest.mark.parametrize("status", [403, 404, 410, 451])
async def test_what_is_out_of_reach_is_gone(status: int):
    subject, _ = host({PULL: json_answer({"message": "no"}, status)})
    with pytest.raises(PullRequestGone, match=r"acme/shop\.api#7"):
        await subject.pull_request()


@pytest.mark.parametrize("answer", [{}, [], "x", pull_request_answer(head=None)])
async def test_an_answer_of_another_shape_is_githubs_trouble(answer: Any):
    with pytest.raises(TransientError):
        await host({PULL: json_answer(answer)})[0].pull_request()


async def changed(
    rows: list[dict[str, Any]], contents: dict[tuple[str, str], bytes] | None = None, **more: Any
) -> tuple[list[FileChange], Wire]:
    """Return the changes of a pull request with these rows and these contents by path, commit."""

    def content(request: httpx.Request) -> httpx.Response:
        assert request.headers["accept"] == "application/vnd.github.raw+json"
        path = request.url.path.partition("/contents/")[2]
        found = (contents or {}).get((path, request.url.params["ref"]))
        return json_answer({}, 404) if found is None else httpx.Response(200, content=found)

    files = {f"GET {REPO}/contents/{r['filename']}": content for r in rows}
    files |= {f"GET {REPO}/contents/{r.get('previous_filename')}": content for r in rows}
    compare = {COMPARE: {"merge_base_commit": {"sha": MERGE_BASE}}}
    subject, wire = host({FILES: rows, **compare, **files, **more})
    pull = read_pull_request(pull_request_answer(changed_files=len(rows)))
    return list((await subject.changes(pull)).files), wire


async def test_files_with_patches_need_the_list_alone():
    files, wire = await changed([row("a.py"), row("b.py")])
    assert [f.path for f in files] == ["a.py", "b.py"]
    assert len(wire.requests) == 1


async def test_a_missing_patch_is_rebuilt_from_both_sides_of_the_merge_base():
    bare = {k: v for k, v in row("a.py").items() if k != "patch"}
    sides = {("a.py", MERGE_BASE): b"one\ntwo\n", ("a.py", HEAD): b"one\ntwo\nthree\n"}
    (file,), _ = await changed([bare], sides)
    assert file.hunks is not None
    assert [line.text for line in file.hunks[0].lines] == ["one", "two", "three"]
    assert file.hunks[0].lines[-1].new == 3


async def test_the_old_side_of_a_renamed_file_is_under_its_old_name():
    bare = {k: v for k, v in row("b.py", status="renamed").items() if k != "patch"}
    bare["previous_filename"] = "a.py"
    sides = {("a.py", MERGE_BASE): b"one\n", ("b.py", HEAD): b"one\ntwo\n"}
    (file,), _ = await changed([bare], sides)
    assert file.hunks is not None
    assert len(file.hunks[0].lines) == 2


async def test_an_added_file_without_a_patch_needs_no_merge_base():
    bare = {k: v for k, v in row("a.py", status="added").items() if k != "patch"}
    (file,), wire = await changed([bare], {("a.py", HEAD): b"x\n"})
    assert file.hunks is not None
    assert not any("compare" in sent for sent in wire.sent)


async def test_a_text_that_git_attributes_call_binary_is_read_all_the_same():
    sides = {("a.py", MERGE_BASE): b"one\n", ("a.py", HEAD): b"two\n"}
    (file,), _ = await changed([hollow("a.py")], sides)
    assert (file.binary, file.additions, file.deletions) == (False, 1, 1)
    assert file.hunks is not None


async def test_a_binary_file_is_told_by_its_content():
    sides = {("data", MERGE_BASE): b"\0one", ("data", HEAD): b"\0two"}
    (file,), _ = await changed([hollow("data")], sides)
    assert (file.binary, file.hunks) == (True, None)


@pytest.mark.parametrize("side", [MERGE_BASE, HEAD])
async def test_a_side_that_cannot_be_read_leaves_the_file_unread(side: str):
    sides = {("a.py", MERGE_BASE): b"one\n", ("a.py", HEAD): b"two\n"}
    sides[("a.py", side)] = b"x" * (1024 * 1024 + 1)
    (file,), _ = await changed([hollow("a.py")], sides)
    assert (file.binary, file.hunks) == (False, None)


async def test_an_unknown_merge_base_leaves_the_file_unread():
    rows = [hollow("a.py")]
    (file,), _ = await changed(rows, {("a.py", HEAD): b"two\n"}, **{COMPARE: None})
    assert file.hunks is None


async def test_rebuilding_is_bounded_and_starts_with_the_largest_change():
    rows = [{k: v for k, v in row(f"f{n}.py", n + 1).items() if k != "patch"} for n in range(60)]
    sides = {(f"f{n}.py", ref): ref.encode() for n in range(60) for ref in (MERGE_BASE, HEAD)}
    files, wire = await changed(rows, sides)
    assert [f.path for f in files if f.hunks is None] == [f"f{n}.py" for n in range(10)]
    assert sum("/contents/" in sent for sent in wire.sent) == 100


async def test_what_github_does_not_list_is_counted():
    subject, _ = host({FILES: [row("a.py")]})
    pull = read_pull_request(pull_request_answer(changed_files=3_001))
    assert (await subject.changes(pull)).unlisted == 3_000


@pytest.mark.parametrize("status", [403, 404])
async def test_access_that_ends_in_mid_run_is_told_from_githubs_trouble(status: int):
    refusal = json_answer({"message": "no"}, status)
    subject, _ = host({FILES: refusal, COMMENTS: refusal})
    with pytest.raises(PullRequestGone):
        await subject.changes(read_pull_request(pull_request_answer()))
    with pytest.raises(PullRequestGone):
        await subject.standing_comments()


ODD_PATHS = [
    "a b/c d.py",
    "100%/x%20y.py",
    "größe/ключ.py",
    "a#b?c=d&e.py",
    ".github/workflows/ci.yml",
    "q\"uo'te.py",
    "back\\slash.py",
    "+plus+;semi.py",
    "emoji/😀.py",
    "tab\tnew\nline.py",
    "…/..hidden",
    "x" * 4_000,
]


@pytest.mark.parametrize("path", ODD_PATHS)
async def test_a_path_of_any_kind_reaches_github_as_it_is(path: str):
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.path.partition("/contents/")[2])
        return httpx.Response(200, content=b"text")

    subject = GitHubPullRequest(Wire(answer).client(), REF, None, None)
    assert await subject.text(path, HEAD) == b"text"
    assert seen == [path]


def described(**more: Any) -> dict[str, Any]:
    content = base64.encodebytes("größe = 1\n".encode() * 20).decode()
    return {"type": "file", "encoding": "base64", "content": content} | more


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (json_answer(described()), "größe = 1\n".encode() * 20),
        (json_answer(described(content="")), b""),
        (json_answer(described(content="x")), None),
        (json_answer([{"type": "file", "path": "a.py/b"}]), None),
        (json_answer({"name": "shop"}), b'{"name":"shop"}'),
        (httpx.Response(200, json=None, headers={"content-type": "application/json"}), b""),
        (
            httpx.Response(200, content=b"{", headers={"content-type": "application/json"}),
            b"{",
        ),
        (
            httpx.Response(200, json=described(), headers={"content-type": RAW}),
            json.dumps(described(), ensure_ascii=False, separators=(",", ":")).encode(),
        ),
    ],
)
async def test_a_file_that_comes_as_an_object_is_read_all_the_same(
    answer: httpx.Response, text: bytes | None
):
    subject, _ = host({f"GET {REPO}/contents/a.py": answer})
    assert await subject.text("a.py", HEAD) == text


async def test_a_pull_request_without_an_address_is_read():
    assert (await facts(html_url=None)).url == ""


@pytest.mark.parametrize("path", ["", "../x", "a/../../b", "/etc/passwd", "a//b", "./a", "a\0b"])
async def test_a_path_that_git_cannot_hold_is_not_asked_for(path: str):
    subject, wire = host({})
    assert await subject.text(path, HEAD) is None
    assert wire.sent == []


@pytest.mark.parametrize(
    "answer",
    [
        None,
        json_answer({"message": "too large", "errors": [{"code": "too_large"}]}, 403),
        json_answer({}, 414),
        httpx.Response(200, content=b"x" * (1024 * 1024 + 1)),
    ],
)
async def test_a_text_that_is_absent_or_too_large_is_none(answer: httpx.Response | None):
    subject, _ = host({f"GET {REPO}/contents/a.py": answer})
    assert await subject.text("a.py", HEAD) is None


def comment(body: str | None, **more: Any) -> dict[str, Any]:
    return {
        "body": body,
        "user": {"login": "argus[bot]", "type": "Bot"},
        "performed_via_github_app": {"id": 1234},
        "path": "a.py",
        "line": 3,
        "side": "RIGHT",
        "html_url": "https://github.test/c/1",
        "original_commit_id": HEAD,
        **more,
    }


def marked(text: str = "**Claim**") -> str:
    print_ = base64.b16encode(b"shape").decode().lower()
    return f"{text}\n{MARKERS.make(MarkerKind.FINDING, finding_id('f1', print_))}"


async def standing(*rows: dict[str, Any]):
    return await host({COMMENTS: list(rows)})[0].standing_comments()


async def test_our_own_comments_are_found_with_their_place():
    (found,) = await standing(comment(marked(), side="LEFT"))
    assert (found.finding_id, found.fingerprint) == ("f1", "7368617065")
    assert (found.path, found.line, found.side, found.commit) == ("a.py", 3, Side.LEFT, HEAD)


async def test_a_comment_tells_what_became_of_its_finding():
    (found,) = await standing(comment(marked("_Dismissed_ by `mona`: by design\n\n**Claim**")))
    assert found.state is FindingState.DISMISSED
    assert found.body.startswith("**Claim**")


async def test_an_outdated_comment_has_no_line():
    (found,) = await standing(comment(marked(), line=None, side=None))
    assert (found.line, found.side) == (None, Side.RIGHT)


@pytest.mark.parametrize(
    "row",
    [
        comment("a human's remark", user={"login": "octocat", "type": "User"}),
        comment(marked(), user={"login": "octocat"}, performed_via_github_app=None),
        comment(marked(), performed_via_github_app={"id": 5}),
        comment(marked(), user=None, performed_via_github_app=None),
        comment("**Claim** <!-- argus:v1:finding:f1.00:00000000000000000000000000000000 -->"),
        comment(f"x {MARKERS.make(MarkerKind.SUMMARY, '1.2.3.4')}"),
        comment(None),
    ],
)
async def test_what_is_not_provably_ours_does_not_count(row: dict[str, Any]):
    assert await standing(row) == ()


async def test_without_markers_nothing_is_ours_and_nothing_is_asked():
    wire = Wire(routes({}))
    assert await GitHubPullRequest(wire.client(), REF, None, None).standing_comments() == ()
    assert wire.sent == []


async def test_what_others_begin_to_say_on_lines_is_told_apart_from_ours():
    person = {"user": {"login": "mona"}, "performed_via_github_app": None}
    rows = [
        comment(marked()),
        comment("Divides by zero.", start_line=2, **person),
        comment("Yes.", in_reply_to_id=1, **person),
        comment("Old.", **{**person, "line": None}),
    ]
    subject, wire = host({COMMENTS: rows})
    (found,) = await subject.remarks()
    assert (found.path, found.first_line, found.line) == ("a.py", 2, 3)
    assert (found.text, found.url) == ("Divides by zero.", "https://github.test/c/1")
    assert len(await subject.standing_comments()) == 1
    assert len(wire.sent) == 1
