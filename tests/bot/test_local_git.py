"""Ranges, working trees and diffs of real repositories, as the review sees them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.local_git import LocalChange, open_local
from bot.adapters.local_git.diff import NotADiff, parse_diff
from bot.adapters.local_git.files import MAX_TEXT_BYTES
from core.errors import UserError
from core.models import FileChange, FileStatus, LineKind
from tests.bot.repositories import Sandbox


@pytest.fixture
def repository(tmp_path: Path) -> Sandbox:
    return Sandbox(tmp_path / "shop")


async def opened(repository: Sandbox, target: str, folder: Path | None = None) -> LocalChange:
    return await open_local(target, folder=folder or repository.root)


async def piped(diff: bytes) -> LocalChange:
    return await open_local("-", folder=Path("/"), piped=diff)


def files_of(change: LocalChange) -> dict[str, FileChange]:
    return {file.path: file for file in change.change_set.files}


def added_lines(file: FileChange) -> list[str]:
    lines = [line for hunk in file.hunks or () for line in hunk.lines]
    return [line.text for line in lines if line.kind is LineKind.ADDED]


async def test_range_brings_what_its_commits_changed(repository: Sandbox) -> None:
    repository.write("a.py", "one\ntwo\n")
    base = repository.commit("Begin")
    repository.write("a.py", "one\n2\n")
    repository.commit("Count in digits")
    repository.write("b.py", "new\n")
    head = repository.commit("Add b")

    change = await opened(repository, "HEAD~2..HEAD")

    pull = await change.pull_request()
    assert (base, head) == (pull.base, pull.head)
    assert str(pull.ref) == "local/shop#0"
    assert pull.title == "Add b (and 1 more commit)"
    assert pull.body == "- Add b\n- Count in digits"
    assert pull.author == "Ada Author"
    assert (pull.changed_files, pull.additions, pull.deletions) == (2, 2, 1)
    assert added_lines(files_of(change)["a.py"]) == ["2"]
    assert await change.text("a.py", base) == b"one\ntwo\n"
    assert await change.text("a.py", head) == b"one\n2\n"
    assert await change.text("b.py", base) is None


async def test_single_revision_means_its_own_commit(repository: Sandbox) -> None:
    repository.write("a.py", "one\n")
    repository.commit("Begin")
    repository.write("b.py", "two\n")
    repository.commit("Add b")

    change = await opened(repository, "main")

    assert list(files_of(change)) == ["b.py"]
    assert change.pull.title == "Add b"
    assert change.pull.body == ""


async def test_first_commit_is_all_added(repository: Sandbox) -> None:
    repository.write("a.py", "one\n")
    repository.commit("Begin")

    change = await opened(repository, "HEAD")

    assert added_lines(files_of(change)["a.py"]) == ["one"]
    assert await change.text("a.py", change.pull.base) is None


@pytest.mark.parametrize("dots", ["..", "..."])
async def test_range_leaves_out_what_only_the_other_side_did(
    repository: Sandbox, dots: str
) -> None:
    repository.write("a.py", "one\n")
    repository.commit("Begin")
    repository.git("checkout", "--quiet", "-b", "topic")
    repository.write("topic.py", "t\n")
    repository.commit("On topic")
    repository.git("checkout", "--quiet", "main")
    repository.write("main.py", "m\n")
    repository.commit("On main")

    change = await opened(repository, f"main{dots}topic")

    assert list(files_of(change)) == ["topic.py"]


async def test_open_ends_of_a_range_mean_head(repository: Sandbox) -> None:
    repository.write("a.py", "one\n")
    first = repository.commit("Begin")
    repository.write("b.py", "two\n")
    repository.commit("Add b")

    assert list(files_of(await opened(repository, f"{first}.."))) == ["b.py"]


async def test_unrelated_ends_are_refused_in_words(repository: Sandbox) -> None:
    repository.commit("Begin")
    repository.git("checkout", "--quiet", "--orphan", "island")
    repository.commit("Alone")

    with pytest.raises(UserError, match="no common history"):
        await opened(repository, "main...island")


async def test_shallow_clone_is_not_taken_for_a_first_commit(
    repository: Sandbox, tmp_path: Path
) -> None:
    repository.write("a.py", "one\n")
    repository.commit("Begin")
    repository.write("a.py", "two\n")
    repository.commit("Change")
    shallow = Sandbox(tmp_path / "shallow")
    shallow.git("fetch", "--quiet", "--depth=1", repository.root.as_uri(), "main")
    shallow.git("checkout", "--quiet", "FETCH_HEAD")

    with pytest.raises(UserError, match="shallow"):
        await opened(shallow, "HEAD")


async def test_bare_repository_has_ranges(repository: Sandbox, tmp_path: Path) -> None:
    repository.write("a.py", "one\n")
    repository.commit("Begin")
    bare = tmp_path / "shop.git"
    repository.git("clone", "--quiet", "--bare", str(repository.root), str(bare))

    change = await opened(repository, "main", folder=bare)

    assert str(change.pull.ref) == "local/shop#0"
    assert list(files_of(change)) == ["a.py"]


@pytest.mark.parametrize(
    "name",
    [
        "plain.py",
        "with space.py",
        "tab\there.py",
        "line\nbreak.py",
        'quote".py',
        "back\\slash.py",
        "grüße/日本.py",
        "a => b.py",
        "diff --git a b.py",
        "--output=x.py",
        ":(top)magic.py",
        "b/b/b.py",
    ],
)
async def test_any_name_keeps_its_file(repository: Sandbox, name: str) -> None:
    repository.commit("Begin")
    repository.write(name, "content\n")
    repository.commit("Add it")

    change = await opened(repository, "HEAD")

    assert list(files_of(change)) == [name]
    assert added_lines(files_of(change)[name]) == ["content"]
    assert await change.text(name, change.pull.head) == b"content\n"


async def test_name_that_is_no_utf8_is_shown_and_still_read(repository: Sandbox) -> None:
    repository.commit("Begin")
    repository.write(b"caf\xe9.py", "content\n")
    repository.commit("Add it")

    change = await opened(repository, "HEAD")

    assert list(files_of(change)) == ["caf\ufffd.py"]
    assert await change.text("caf\ufffd.py", change.pull.head) == b"content\n"


async def test_rename_knows_both_paths(repository: Sandbox) -> None:
    repository.write("old name.py", "\n".join(f"line {n}" for n in range(20)))
    repository.commit("Begin")
    repository.git("mv", "old name.py", "new name.py")
    repository.write("new name.py", "\n".join(f"line {n}" for n in range(19)) + "\nlast")
    repository.commit("Move")

    change = await opened(repository, "HEAD")

    file = files_of(change)["new name.py"]
    assert file.status is FileStatus.RENAMED
    assert file.previous_path == "old name.py"
    assert added_lines(file) == ["last"]
    assert await change.text("old name.py", change.pull.base) is not None


async def test_pure_rename_has_no_hunks_and_both_names(repository: Sandbox) -> None:
    repository.write("a/x.py", "same\n" * 9)
    repository.commit("Begin")
    repository.git("mv", "a/x.py", "longer.py")
    repository.commit("Move")

    file = files_of(await opened(repository, "HEAD"))["longer.py"]

    assert (file.status, file.previous_path, file.hunks) == (FileStatus.RENAMED, "a/x.py", ())


async def test_binary_file_is_named_as_such(repository: Sandbox) -> None:
    repository.commit("Begin")
    repository.write("logo.png", b"\x89PNG\0\0\1\2")
    repository.commit("Add a logo")

    file = files_of(await opened(repository, "HEAD"))["logo.png"]

    assert (file.binary, file.hunks, file.status) == (True, None, FileStatus.ADDED)


async def test_mode_change_and_empty_file_have_no_lines(repository: Sandbox) -> None:
    script = repository.write("run.sh", "echo\n")
    repository.commit("Begin")
    script.chmod(0o755)
    repository.write("empty.py", "")
    repository.commit("Make it run")

    files = files_of(await opened(repository, "HEAD"))

    assert (files["run.sh"].status, files["run.sh"].hunks) == (FileStatus.CHANGED, ())
    assert (files["empty.py"].status, files["empty.py"].hunks) == (FileStatus.ADDED, ())


async def test_submodule_is_marked(repository: Sandbox) -> None:
    commit = repository.commit("Begin")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},lib")
    repository.git("commit", "--quiet", "-m", "Add lib")

    assert files_of(await opened(repository, "HEAD"))["lib"].submodule


async def test_file_that_became_a_link_is_one_file(repository: Sandbox) -> None:
    path = repository.write("a.py", "one\n")
    repository.commit("Begin")
    path.unlink()
    path.symlink_to("b.py")
    repository.commit("Link")

    change = await opened(repository, "HEAD")

    (file,) = change.change_set.files
    assert (file.status, file.additions, file.deletions) == (FileStatus.MODIFIED, 1, 1)


async def test_line_ends_and_odd_bytes_stay_in_their_lines(repository: Sandbox) -> None:
    repository.commit("Begin")
    repository.write(
        "a.txt", b"dos\r\nlatin \xe9\nform\x0cfeed\nsep\xe2\x80\xa8arator\nlone\rcr\nend"
    )
    repository.commit("Add it")

    file = files_of(await opened(repository, "HEAD"))["a.txt"]

    expected = ["dos", "latin \ufffd", "form\x0cfeed", "sep\u2028arator", "lone\rcr", "end"]
    assert added_lines(file) == expected


async def test_code_that_looks_like_a_diff_does_not_open_files(repository: Sandbox) -> None:
    repository.write("a.sql", "-- a/secret\n++ b/secret\nkeep\n")
    repository.commit("Begin")
    repository.write("a.sql", "++ b/x\n@@ -1 +1 @@\ndiff --git a/y b/y\nkeep\n")
    repository.commit("Change")

    change = await opened(repository, "HEAD")

    assert list(files_of(change)) == ["a.sql"]
    assert files_of(change)["a.sql"].deletions == 2


async def test_working_tree_brings_what_is_not_committed(repository: Sandbox) -> None:
    repository.write("tracked.py", "one\n")
    repository.write(".gitignore", "*.log\n")
    base = repository.commit("Begin")
    repository.write("tracked.py", "two\n")
    repository.write("staged.py", "s\n")
    repository.git("add", "staged.py")
    repository.write("new.py", "n\n")
    repository.write("noise.log", "x\n")

    change = await opened(repository, ".")

    assert set(files_of(change)) == {"tracked.py", "staged.py", "new.py"}
    assert change.pull.base == base
    assert change.pull.title == "Uncommitted changes"
    assert await change.text("tracked.py", change.pull.head) == b"two\n"
    assert await change.text("tracked.py", base) == b"one\n"
    assert added_lines(files_of(change)["new.py"]) == ["n"]


async def test_head_of_a_working_tree_names_its_content(repository: Sandbox) -> None:
    repository.commit("Begin")
    repository.write("a.py", "one\n")
    first = (await opened(repository, ".")).pull.head
    again = (await opened(repository, ".")).pull.head
    repository.write("a.py", "two\n")

    assert first == again
    assert first != (await opened(repository, ".")).pull.head


async def test_working_tree_before_the_first_commit(repository: Sandbox) -> None:
    repository.write("a.py", "one\n")
    repository.git("add", "a.py")

    assert list(files_of(await opened(repository, "."))) == ["a.py"]


async def test_dot_in_a_folder_means_what_changed_below_it(repository: Sandbox) -> None:
    repository.write("src/a.py", "one\n")
    repository.write("b.py", "one\n")
    repository.commit("Begin")
    repository.write("src/a.py", "two\n")
    repository.write("b.py", "two\n")

    change = await opened(repository, ".", folder=repository.root / "src")

    assert list(files_of(change)) == ["src/a.py"]


async def test_file_and_folder_are_read_whole(repository: Sandbox) -> None:
    repository.write("src/a.py", "one\ntwo\n")
    repository.write("src/deep/b.py", "three\n")
    repository.write("other.py", "x\n")
    repository.commit("Begin")

    folder = await opened(repository, "src")
    file = await opened(repository, "src/a.py")

    assert set(files_of(folder)) == {"src/a.py", "src/deep/b.py"}
    assert list(files_of(file)) == ["src/a.py"]
    assert files_of(file)["src/a.py"].status is FileStatus.ADDED
    assert added_lines(files_of(file)["src/a.py"]) == ["one", "two"]


async def test_ignored_file_is_read_when_it_is_named(repository: Sandbox) -> None:
    repository.write(".gitignore", "*.log\n")
    repository.commit("Begin")
    repository.write("run.log", "x\n")

    assert list(files_of(await opened(repository, "run.log"))) == ["run.log"]


async def test_folder_outside_of_any_repository(tmp_path: Path) -> None:
    (tmp_path / "loose/.hidden").mkdir(parents=True)
    (tmp_path / "loose/a.py").write_text("one\n")
    (tmp_path / "loose/.hidden/b.py").write_text("two\n")
    (tmp_path / "secret").write_text("s")
    (tmp_path / "loose/link").symlink_to(tmp_path / "secret")

    change = await open_local("loose", folder=tmp_path)

    assert list(files_of(change)) == ["a.py"]
    assert await change.text("a.py", change.pull.head) == b"one\n"
    assert await change.text("../secret", change.pull.head) is None
    assert await change.text("link", change.pull.head) is None


async def test_too_large_a_file_is_listed_and_not_read(repository: Sandbox) -> None:
    repository.commit("Begin")
    repository.write("big.txt", b"x" * (MAX_TEXT_BYTES + 1))

    change = await opened(repository, ".")

    assert files_of(change)["big.txt"].hunks is None
    assert await change.text("big.txt", change.pull.head) is None


@pytest.mark.parametrize(
    "target", ["--output=/tmp/x", "-c", "--upload-pack=x", "no-such-thing", "a..b", "", "x\0y"]
)
async def test_what_names_nothing_is_refused_in_words(repository: Sandbox, target: str) -> None:
    repository.commit("Begin")

    with pytest.raises(UserError, match="Nothing here is called"):
        await opened(repository, target)


async def test_a_range_outside_of_a_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Nothing here is called"):
        await open_local("HEAD~1..HEAD", folder=tmp_path)


async def test_no_program_that_the_repository_names_is_started(repository: Sandbox) -> None:
    repository.write("a.py", "one\n")
    repository.write(".gitattributes", "*.py diff=evil filter=evil\n")
    repository.commit("Begin")
    witness = repository.root.parent / "witness"
    program = repository.write(".git/evil", f"#!/bin/sh\ntouch {witness}\ncat\n")
    program.chmod(0o755)
    for hook in ("post-index-change", "pre-commit"):
        repository.write(f".git/hooks/{hook}", program.read_bytes()).chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.clean",
        "filter.evil.process",
        "gpg.program",
    ):
        repository.git("config", key, str(program))
    repository.git("config", "filter.evil.required", "true")
    repository.git("config", "log.showSignature", "true")
    repository.write("a.py", "two\n")

    uncommitted = await opened(repository, ".")
    await opened(repository, "HEAD")

    assert added_lines(files_of(uncommitted)["a.py"]) == ["two"]
    assert not witness.exists()


async def test_settings_of_the_person_do_not_change_what_is_read(repository: Sandbox) -> None:
    repository.write("a.py", "".join(f"{n}\n" for n in range(30)) + "\n\n")
    repository.commit("Begin")
    repository.write("a.py", "".join(f"{n}\n" for n in range(29)) + "x\n\n\n")
    repository.commit("Change")
    plain = files_of(await opened(repository, "HEAD"))
    for key, value in {
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "diff.context": "0",
        "diff.suppressBlankEmpty": "true",
        "diff.relative": "true",
        "color.ui": "always",
        "diff.renames": "false",
    }.items():
        repository.git("config", key, value)

    assert files_of(await opened(repository, "HEAD")) == plain


async def test_content_of_a_foreign_working_tree_is_not_read(
    repository: Sandbox, tmp_path: Path
) -> None:
    repository.write("a.py", "one\n")
    repository.commit("Begin")
    (tmp_path / "private").mkdir()
    (tmp_path / "private/key.txt").write_text("k\n")
    repository.git("config", "core.worktree", str(tmp_path / "private"))

    change = await opened(repository, "../shop")

    assert "key.txt" not in files_of(change)


async def test_environment_of_the_caller_does_not_lead_git_away(
    repository: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write("a.py", "one\n")
    repository.commit("Begin")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))

    assert list(files_of(await opened(repository, "HEAD"))) == ["a.py"]


async def test_piped_git_diff_is_read_as_it_is(repository: Sandbox) -> None:
    repository.write("old.py", "x\n" * 9)
    repository.write("gone.py", "g\n")
    repository.commit("Begin")
    repository.git("mv", "old.py", "new.py")
    repository.write("gone.py", "").unlink()
    repository.write("added.py", "a")
    repository.commit("Change")
    diff = repository.git("diff", "-M", "HEAD~1", "HEAD").encode() + b"\n"

    change = await piped(diff)

    statuses = {file.path: file.status for file in change.change_set.files}
    assert statuses == {
        "added.py": FileStatus.ADDED,
        "gone.py": FileStatus.REMOVED,
        "new.py": FileStatus.RENAMED,
    }
    assert added_lines(files_of(change)["added.py"]) == ["a"]


async def test_piped_diff_finds_its_files_where_they_lie_as_it_says(repository: Sandbox) -> None:
    repository.write("src/a.py", "one\ntwo\nthree\n")
    repository.write("src/b.py", "one\n")
    repository.commit("Begin")
    repository.write("src/a.py", "one\n2\nthree\n")
    repository.write("src/b.py", "two\n")
    diff = repository.git("diff").encode() + b"\n"
    repository.write("src/b.py", "changed again\n")

    change = await open_local("-", folder=repository.root / "src", piped=diff)

    assert await change.text("src/a.py", change.pull.head) == b"one\n2\nthree\n"
    assert await change.text("src/b.py", change.pull.head) is None
    assert await change.text("src/a.py", change.pull.base) is None


async def test_piped_plain_diff_has_names_without_times() -> None:
    diff = b"--- old/a.py\t2026-01-01\n+++ new/a.py\t2026-01-02\n@@ -1 +1 @@\n-one\n+two\n"

    change = await piped(diff)

    assert added_lines(files_of(change)["new/a.py"]) == ["two"]


async def test_piped_mail_keeps_its_patch_and_drops_its_words() -> None:
    diff = (
        b"From abc\nSubject: [PATCH] index your rename from scratch\n\nindex me\n---\n a | 2 +-\n\n"
        b"diff --git a/a b/a\nindex 1..2 100644\n--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n-one\n+two\n\n"
        b"-- \n2.39.5\n\n"
    )

    (file,) = (await piped(diff)).change_set.files

    assert (file.path, file.additions, file.deletions) == ("a", 1, 1)


async def test_piped_diff_with_dos_line_ends_is_read() -> None:
    diff = b"--- a/a\r\n+++ b/a\r\n@@ -1,2 +1,2 @@\r\n\r\n-one\r\n+two\r\n"

    (file,) = (await piped(diff)).change_set.files

    assert (file.path, added_lines(file)) == ("a", ["two"])


async def test_piped_merge_is_listed_without_hunks() -> None:
    diff = b"diff --cc a.py\nindex 1,2..3\n--- a/a.py\n+++ b/a.py\n@@@ -1,1 -1,1 +1,1 @@@\n++x\n"

    (file,) = (await piped(diff)).change_set.files

    assert (file.path, file.hunks) == ("a.py", None)


@pytest.mark.parametrize(
    "text",
    [
        b"hello\n",
        b"--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n-one\n+two\n",
        b"--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n-one\nnonsense\n",
        b"--- a/a\n+++ b/a\n@@ -1,999999999 +1 @@\n-one\n",
    ],
)
async def test_piped_nonsense_is_refused_in_words(text: bytes) -> None:
    with pytest.raises(UserError, match="not a unified diff"):
        await piped(text)


async def test_empty_pipe_is_an_empty_change() -> None:
    assert (await piped(b"")).change_set.files == ()


TOKENS = st.sampled_from(
    [
        b"diff --git a/x b/x\n",
        b'diff --git "a/\\303" b/x\n',
        b"diff --cc x\n",
        b"--- a/x\n",
        b"+++ b/x\n",
        b"--- /dev/null\n",
        b"+++ /dev/null\n",
        b"@@ -1 +1 @@\n",
        b"@@ -0,0 +1,2 @@ f()\n",
        b"-old\n",
        b"+new\n",
        b" same\n",
        b"\n",
        b"\\ No newline at end of file\n",
        b"rename from x\n",
        b"new file mode 100644\n",
        b"Binary files a/x and b/x differ\n",
    ]
)


@given(st.lists(st.one_of(TOKENS, st.binary(max_size=12)), max_size=20).map(b"".join))
def test_any_bytes_parse_or_are_refused(diff: bytes) -> None:
    try:
        files = parse_diff(diff)
    except NotADiff:
        return
    for file in files:
        assert file.change.path == file.name.decode(errors="replace")
        assert file.change.additions == len(added_lines(file.change))
